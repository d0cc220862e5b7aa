"""The situations of docs/simulator.md in which a client gets no data: the simulator shows each of them."""
import email.utils
import json
import re
import time
import unittest
import urllib.error
import urllib.parse
import urllib.request

import futures
import pages
import wire
import ws_client

SMD = '{"type":"smd","level":1,"depth":1,"entries":["BI","OF","LA"],"products":[{"symbol":"%s","marketId":"ROFX"}]}'
LOGIN = "auth/getToken"


class Keep(urllib.request.HTTPRedirectHandler):
    """Redirects are answers like others."""

    def redirect_request(self, *_):
        return None


class Situations(wire.WireTest):
    def ask(self, path, token=None, login=False):
        """Sets `status`, `head` and `body`."""
        headers = {"X-Auth-Token": token} if token else {}
        if login:
            headers = {"X-Username": "alice", "X-Password": self.sim_password}
        request = urllib.request.Request(self.url + path, method="POST" if login else "GET",
                                         data=b"" if login else None, headers=headers)
        try:
            answer = urllib.request.build_opener(Keep).open(request, timeout=wire.PATIENCE_S)
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            self.status, self.head, self.body = answer.status, answer.headers, answer.read().decode()
        return self.status

    def log_in(self):
        self.assertEqual(self.ask(LOGIN, login=True), 200)
        self.token = self.head["X-Auth-Token"]
        return self.token

    def connect(self, path="/", token=None):
        return ws_client.Client(self.url, path, [f"X-Auth-Token: {token}"] if token else [])

    def stream(self, *options, faults=None):
        """An open stream of a simulator with these options."""
        self.start_sim(*options, faults=faults)
        client = self.connect(token=self.log_in())
        self.assertEqual(client.status, 101)
        return client

    def market_data(self, symbol=futures.SECOND):
        self.ask("rest/marketdata/get?" + urllib.parse.urlencode(
            {"marketId": "ROFX", "symbol": symbol, "entries": "BI,OF,LA,IV", "depth": 1}), self.token)
        return json.loads(self.body)

    def only_pongs(self, client):
        """A ping is answered, and nothing has come before the pong."""
        client.send(b"here", opcode=9)
        self.assertEqual(client.frame(), (0x8a, b"here"))

    # -- every fault that the page names

    def test_the_faults_of_the_page_are_valid(self):
        section = pages.text_of("docs/simulator.md").partition("## Why does a client not work?")[2]
        faults = re.findall(r"`(fault \{.*?\})`", section)
        self.assertGreater(len(faults), 20)
        self.start_sim(faults="\n".join(faults))
        for option, value in re.findall(r"`(?:sim )?(--[\w-]+) ([\w,.:]+)`", section):
            done = self.cinta("sim", "--matriz-listen", "127.0.0.1:0", option, value, "--faults", self.path("none"))
            self.assertIn("cannot read the fault file", done.stderr, (option, value))

    # -- logins

    def test_logins(self):
        page = "text/html"
        rows = (
            ("refused", 'kind = "refuse"', 401, "application/json", "Unauthorized"),
            ("older answer", 'status = 404 body = "{\\"error\\":\\"invalid_grant\\"}"', 404, "application/json", "invalid_grant"),
            ("no token", 'kind = "no_token"', 200, "text/plain", ""),
            ("page", 'kind = "html"', 200, page, "j_spring_security_check"),
            ("redirect", 'kind = "redirect"', 302, page, ""),
            ("too many", "status = 429 retry_after = 30", 429, "application/json", "ERROR"),
        )
        for name, fault, status, kind, words in rows:
            with self.subTest(name):
                self.start_sim(faults=f'fault {{ path = "{LOGIN}" {fault} }}')
                self.assertEqual(self.ask(LOGIN, login=True), status)
                self.assertTrue(self.head["Content-Type"].startswith(kind))
                self.assertIn(words, self.body)
                self.assertIsNone(self.head["X-Auth-Token"])
                self.assertEqual(self.head["Retry-After"], "30" if status == 429 else None)
                self.assertEqual(self.head["Location"], "/login?error" if status == 302 else None)
                self.sim.end()

    # -- tokens

    def test_a_dead_token(self):
        for name in ("removed by another program", "expired", "after its lifetime"):
            with self.subTest(name):
                self.start_sim(*(["--token-ttl", "0.3"] if "lifetime" in name else []))
                token = self.log_in()
                if "removed" in name:
                    self.assertEqual(self.ask("auth/removeToken", token), 200)
                elif name == "expired":
                    self.post("sim/expire")
                self.until(lambda: self.ask("rest/segment/all", token) == 401, "the token is dead")
                self.assertEqual(json.loads(self.body), {"status": "ERROR", "message": "Unauthorized"})
                self.assertEqual(self.connect(token=token).status, 401)
                self.sim.end()
        self.start_sim(faults='fault { path = "rest/*" kind = "html" }')
        self.assertEqual(self.ask("rest/segment/all", self.log_in()), 200)
        self.assertIn("<form", self.body)

    # -- handshakes

    def test_handshakes(self):
        self.start_sim()
        quoted = urllib.parse.quote(self.log_in(), safe="")
        for path, token, status in (("/", self.token, 101), ("/", None, 401), (f"/?token={quoted}", None, 401),
                                    (f"/?session_id={quoted}", None, 401), ("/ws", self.token, 404),
                                    (f"/ws?session_id={quoted}&conn_id=", None, 404)):
            self.assertEqual(self.connect(path, token).status, status, path)
        self.sim.end()
        for how, status in (("query", 101), ("any", 101), ("cookie", 401)):
            self.start_sim("--stream-auth", how)
            quoted = urllib.parse.quote(self.log_in(), safe="")
            self.assertEqual(self.connect(f"/?token={quoted}").status, status, how)
            self.sim.end()
        for fault, status in (('kind = "html"', 200), ("status = 503", 503), ('kind = "redirect"', 302), ('kind = "close"', 0)):
            self.start_sim(faults=f'fault {{ path = "" {fault} }}')
            self.assertEqual(self.connect(token=self.log_in()).status, status, fault)
            self.sim.end()

    # -- connected, no data

    def test_permission(self):
        client = self.stream(faults='''
            fault { path = "rest/marketdata/get" kind = "error" body = "Access Denied." }
            fault { path = "stream/smd" kind = "error" body = "Access Denied." }
            fault { path = "rest/instruments/bySegment" kind = "error" body = "Segment MERV:ROFX doesn't exist" }
        ''')
        self.assertEqual(self.market_data()["description"], "Access Denied.")
        client.send(SMD % futures.SECOND)
        self.assertEqual(json.loads(client.text())["description"], "Access Denied.")
        self.ask("rest/instruments/bySegment?MarketSegmentID=MERV&MarketID=ROFX", self.token)
        self.assertEqual(json.loads(self.body)["status"], "ERROR")

    def test_a_symbol_that_is_not_listed(self):
        client = self.stream()
        client.send(SMD % (futures.SECOND + '","marketId":"ROFX"},{"symbol":"DLR/DIC99'))
        error = json.loads(client.text())
        self.assertEqual((error["status"], error["description"]), ("ERROR", "Product DLR/DIC99:ROFX don't exist"))
        self.assertEqual(self.stats()["smd_products"], 0)

    def test_silence(self):
        for kind in ("hang", "mute"):
            with self.subTest(kind):
                client = self.stream("--rate", "500", faults=f'fault {{ path = "stream/smd" kind = "{kind}" }}')
                client.send(SMD % futures.SECOND)
                self.until(lambda: self.stats()["changes"] > 200, "the market changes")
                self.only_pongs(client)
                self.sim.end()

    def test_no_pongs(self):
        client = self.stream("--rate", "500", faults='fault { path = "stream/smd" kind = "deaf" }')
        client.send(SMD % futures.SECOND)
        client.send(b"", opcode=9)
        self.until(lambda: self.stats()["changes"] > 200, "the market changes")
        client.socket.setblocking(False)
        with self.assertRaises(BlockingIOError):
            client.socket.recv(1)

    def test_a_client_without_pings(self):
        client = self.stream("--rate", "0", "--stream-idle", "0.5")
        self.assertEqual(client.frame()[1][:2], (1001).to_bytes(2, "big"))

    def test_a_closed_market(self):
        client = self.stream("--rate", "500", "--market", "closed")
        data = self.market_data()["marketData"]
        self.assertFalse(data["BI"] or data["OF"])
        self.assertGreater(data["LA"]["price"], 0)
        client.send(SMD % futures.SECOND)
        frame = json.loads(client.text())
        self.assertEqual(frame["marketData"]["LA"], data["LA"])
        self.only_pongs(client)
        self.assertEqual(self.stats()["changes"], 0)

    def test_an_index_has_no_book(self):
        self.stream()
        data = self.market_data("I.RFX20")["marketData"]
        self.assertFalse(data.get("BI") or data.get("OF") or data.get("LA"))
        self.assertGreater(data["IV"]["price"], 0)

    # -- the clock

    def test_the_clock(self):
        for skew in (0, 3600, -7200):
            self.start_sim(f"--clock-skew={skew}", "--matriz-listen", "127.0.0.1:0")
            self.ask("rest/segment/all")  # refused
            dates = [self.head["Date"]]
            with urllib.request.urlopen(self.matriz_url + "api/v2/profile", timeout=wire.PATIENCE_S) as answer:
                dates.append(answer.headers["Date"])
            dates.append(re.search("date: (.*)", self.connect().head.decode())[1].strip())
            for date in dates:
                told = email.utils.parsedate_to_datetime(date).timestamp()
                self.assertLess(abs(told - time.time() - skew), wire.PATIENCE_S)
            self.sim.end()


if __name__ == "__main__":
    wire.main()
