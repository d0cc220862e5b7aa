"""The simulated browser terminal: strict logins and handshakes, lines and topics, and its faults."""
import json
import signal
import socket
import unittest
import urllib.error
import urllib.parse
import urllib.request

import futures
import matriz_page
import wire
import ws_client

FUTURE = "rx_DDF_" + futures.SECOND.replace("/", "_")
BOND, REPO = "bm_MERV_AL30_24hs", "bm_MERV_PESOS_1D"
REFUSALS = {"redirect": 302, "html": 200, "401": 401, "403": 403}


class SimMatriz(wire.WireTest):
    def start(self, *options, **more):
        self.start_sim("--matriz-listen", "127.0.0.1:0", *options, **more)
        self.page = matriz_page.Page(self.matriz_url)
        return self.page

    def open(self, **more):
        """A socket of a page that is logged in, after the three events at its beginning."""
        client = self.page.connect(**more)
        self.assertEqual(client.status, 101, client.head)
        self.events = [client.text() for _ in range(3)]
        return matriz_page.Lines(client)

    def start_logged_in(self, *options, **more):
        self.start(*options, **more)
        self.page.log_in()
        return self.open()

    # -- HTTP

    def test_the_login_of_a_page(self):
        page = self.start()
        self.assertEqual(page.ask(""), 200)
        self.assertIn("_mtz_web_key", page.cookies)
        self.assertEqual(page.cookies["_mtz_web_key"].count("."), 2)
        self.assertIn("SERVERID", page.cookies)
        self.assertEqual(set(page.read_profile()), {"csrfToken"})
        before = dict(page.cookies)
        self.assertEqual(page.post_login(csrf="x"), 403)
        self.assertEqual(page.post_login(origin="http://localhost"), 403)
        self.assertEqual(page.post_login(password="wrong"), 401)
        self.assertEqual(page.cookies, before)
        self.assertEqual(page.post_login(), 200)
        self.assertNotEqual(page.cookies["_mtz_web_key"], before["_mtz_web_key"])
        self.assertEqual(page.cookies["SERVERID"], before["SERVERID"])
        profile = page.read_profile()
        for name in ("sessionId", "connectionId"):
            self.assertEqual(len(profile[name]), 64)
            self.assertTrue({"+", "/", "="} <= set(profile[name]))
        self.assertTrue(profile["account"]["id"])
        stats = self.stats()
        self.assertEqual((stats["matriz_logins"], stats["matriz_login_refused"]), (1, 1))
        self.assertEqual(stats["logins"], 0)

    def test_the_list_of_instruments(self):
        page = self.start()
        self.assertEqual(page.ask("api/v2/ref-data"), 302)
        self.assertEqual(page.head["Location"], "/login")
        page.log_in()
        self.assertEqual(page.ask("api/v2/ref-data?_ds=1-2"), 200)
        securities = json.loads(page.body)["securities"]
        self.assertEqual(len(securities), 12)
        self.assertIn({"id": "bm_MERV_GGAL_24hs", "cfiCode": "ESXXXX", "daysToExpiration": None}, securities)

    # -- handshakes

    def refused(self, reason, status=302, **more):
        client = self.page.connect(**more)
        client.close()
        self.assertEqual(client.status, status, (reason, client.head))
        self.assertEqual(self.stats()["matriz_reason"], reason)

    def api_token(self):
        headers = {"X-Username": "alice", "X-Password": self.sim_password}
        request = urllib.request.Request(self.url + "auth/getToken", method="POST", data=b"", headers=headers)
        with urllib.request.urlopen(request, timeout=wire.PATIENCE_S) as answer:
            return answer.headers["X-Auth-Token"]

    def test_handshakes_that_must_be_refused(self):
        page = self.start()
        page.log_in()
        token = self.api_token()
        self.assertEqual(len(token), 44)
        good, ids = page.query(), page.profile
        quoted = urllib.parse.quote(token, safe="")
        self.open()
        # The origin of it all: the token of the API in the place of a session id, with any conn_id.
        for conn_id in ("", "8d3f6a1c", "1795096978117"):
            self.refused("session_id", query=f"session_id={quoted}&conn_id={conn_id}")
        self.refused("session_id", query="session_id=&conn_id=")
        self.refused("session_id", query="")
        self.refused("session_id", query=f"session_id={'A' * 64}&conn_id={'B' * 64}")
        raw = f"session_id={ids['sessionId']}&conn_id={ids['connectionId']}"
        self.refused("session_id", query=raw)
        self.refused("conn_id", query=good.rpartition("&")[0] + "&conn_id=1795096978117")
        self.refused("conn_id", query=good.rpartition("&")[0] + "&conn_id=" + ids["connectionId"])
        self.refused("cookie", cookies="")
        self.refused("cookie", cookies="_mtz_web_key=" + page.cookies["_mtz_web_key"])
        self.refused("origin", status=403, origin="http://localhost:3000")
        self.refused("path", status=404, path="/")
        self.open()  # still good

    def test_checks_can_be_switched_off(self):
        page = self.start("--matriz-check", "ids")
        page.log_in()
        self.assertEqual(page.connect(origin="", cookies="").status, 101)
        self.refused("session_id", query="session_id=&conn_id=")
        self.sim.end()
        page = self.start("--matriz-check", "none")
        self.assertEqual(page.post_login(csrf="", origin="http://elsewhere"), 200)
        self.assertEqual(page.connect(query="session_id=x&conn_id=y", origin="", cookies="").status, 101)
        self.sim.end()
        page = self.start("--matriz-check", "cookie,origin")
        page.log_in()
        self.assertEqual(page.connect(query="").status, 101)
        self.refused("cookie", cookies="", query="")

    def test_the_failing_url_on_the_host_of_the_api(self):
        self.start()
        token = self.api_token()
        quoted = urllib.parse.quote(token, safe="")
        for path in (f"/ws?session_id={quoted}&conn_id=", f"/ws?session_id={quoted}&conn_id=8d3f6a1c", "/ws"):
            self.assertEqual(ws_client.Client(self.url, path).status, 404, path)
            self.assertEqual(ws_client.Client(self.url, path, [f"X-Auth-Token: {token}"]).status, 404, path)
        for path in (f"/?session_id={quoted}&conn_id=", f"/?token={quoted}", "/"):
            self.assertEqual(ws_client.Client(self.url, path).status, 401, path)
        self.assertEqual(ws_client.Client(self.url, "/", [f"X-Auth-Token: {token}"]).status, 101)

    def test_a_session_ends(self):
        for how, status in REFUSALS.items():
            with self.subTest(how):
                page = self.start("--matriz-refuse", how)
                page.log_in()
                lines = self.open()
                self.assertEqual(self.post("sim/sessions"), 200)
                self.refused("session_id", status=status)
                lines.client.send("ping")  # the open socket stays
                lines.until_other("pong")
                self.assertEqual(page.ask("api/v2/ref-data"), status)
                page.log_in()  # the profile gives a new cookie and CSRF token
                self.open()
                self.sim.end()

    def test_a_session_has_a_lifetime(self):
        page = self.start("--matriz-session", "0.2")
        page.log_in()
        self.until(lambda: page.connect().status == 302, "the session has ended")
        self.assertEqual(set(page.read_profile()), {"csrfToken"})

    def test_a_guest(self):
        page = self.start("--matriz-guest", "--rate", "0")
        client = page.connect(query="session_id=&conn_id=", cookies="")
        self.assertEqual(client.status, 101)
        lines = matriz_page.Lines(client)
        lines.subscribe(BOND, FUTURE)
        self.assertTrue(lines.next().startswith("M:" + FUTURE))
        self.assertEqual(self.stats()["matriz_unknown_topics"], 1)
        self.refused("session_id", query="session_id=x&conn_id=")

    # -- lines

    def test_events_then_snapshots_then_changes(self):
        lines = self.start_logged_in("--rate", "0")
        self.assertEqual([event[:3] for event in self.events], ["X:{"] * 3)
        self.assertEqual([json.loads(event[2:])["t"] for event in self.events], ["clock", "fixstatus", "fixstatus"])
        lines.subscribe(FUTURE, BOND, replace=False)
        self.assertEqual([lines.next().split("|")[0] for _ in range(2)], ["M:" + FUTURE, "M:" + BOND])
        self.assertEqual(lines.arrays, 1)
        lines.subscribe(FUTURE, kind="book")
        self.assertTrue(lines.next().startswith(f"B:{FUTURE}!"))
        self.assertEqual(lines.arrays, 2)  # also of a single line
        self.post("sim/market?rate=200")
        kinds = {lines.next()[:2] for _ in range(50)}
        self.assertEqual(kinds, {"M:", "B:"})
        self.assertGreater(self.stats()["matriz_messages"], lines.arrays)  # there were single lines too

    def test_the_values_are_those_of_the_api(self):
        lines = self.start_logged_in("--rate", "0")
        headers = {"X-Auth-Token": self.api_token()}
        for symbol, name in ((futures.SECOND, FUTURE), ("MERV - XMEV - AL30 - 24hs", BOND),
                             ("MERV - XMEV - PESOS - 1D", REPO)):
            query = urllib.parse.urlencode({"marketId": "ROFX", "symbol": symbol, "depth": 5,
                                            "entries": "BI,OF,LA,OP,CL,SE,HI,LO,TV,OI,EV,NV"})
            request = urllib.request.Request(self.url + "rest/marketdata/get?" + query, headers=headers)
            with urllib.request.urlopen(request, timeout=wire.PATIENCE_S) as answer:
                data = json.load(answer)["marketData"]
            lines.subscribe(name)
            fields = lines.next().split("|")
            self.assertEqual(len(fields), 21)
            value = lambda n: float(fields[n]) if fields[n] else None
            of = lambda entry, key="price": (data.get(entry) or {}).get(key)
            byma = name.startswith("bm_")
            self.assertEqual((value(2), value(3)), (data["BI"][0]["size"], data["BI"][0]["price"]))
            self.assertEqual((value(4), value(5)), (data["OF"][0]["price"], data["OF"][0]["size"]))
            self.assertEqual(value(6), of("LA"))
            self.assertEqual([value(n) for n in (11, 12, 13)], [data[entry] for entry in ("LO", "HI", "OP")])
            self.assertEqual(value(8), data.get("TV"))
            self.assertEqual(value(14), of("OI", "size"))
            if byma:
                self.assertEqual((value(9), value(10)), (data.get("EV"), data.get("NV")))
                self.assertEqual((value(15), value(17), value(19)), (of("LA"), None, of("CL")))
            else:
                self.assertEqual((value(15), value(17)), (None, of("SE")))
                self.assertLess(fields[20], fields[18])
            lines.subscribe(name, kind="book")
            levels = [level.split("|") for level in lines.next().split("!")[2:-1]]
            self.assertEqual(levels.pop(), [""] * 4)
            for side, size, price in (("BI", 0, 1), ("OF", 3, 2)):
                shown = [(float(level[price]), float(level[size])) for level in levels if level[price]]
                self.assertEqual(shown, [(level["price"], level["size"]) for level in data[side]])

    def test_replace(self):
        lines = self.start_logged_in("--rate", "0")
        topics = lambda count: self.until(lambda: self.stats()["matriz_topics"] == count, f"{count} topics")
        name_of = lambda line: line.split("|")[0]
        lines.subscribe(FUTURE, replace=False)
        lines.subscribe(BOND, replace=False)
        lines.subscribe(FUTURE, kind="book", replace=False)
        topics(3)
        self.assertEqual([lines.next()[:2] for _ in range(3)], ["M:", "M:", "B:"])
        self.post("sim/market?rate=500")
        seen = {name_of(lines.next()).split("!")[0] for _ in range(40)}
        self.assertEqual(seen, {"M:" + FUTURE, "M:" + BOND, "B:" + FUTURE})
        lines.subscribe(REPO)  # replaces, as it does not say otherwise
        lines.until(lambda line: name_of(line) == "M:" + REPO)
        seen = {name_of(lines.next()).split("!")[0] for _ in range(40)}
        self.assertEqual(seen, {"M:" + REPO, "B:" + FUTURE})
        lines.client.send(json.dumps({"_req": "U", "topicType": "book", "topics": ["book." + FUTURE]}))
        lines.client.send("ping")
        lines.until_other("pong")
        lines.waiting = []
        self.assertEqual({name_of(lines.next()) for _ in range(40)}, {"M:" + REPO})

    def test_a_closed_market(self):
        lines = self.start_logged_in("--rate", "500", "--market", "closed")
        self.assertIn('"closed"', self.events[1])
        for name in (FUTURE, BOND):
            lines.subscribe(name, replace=False)
            fields = lines.next().split("|")
            self.assertEqual([fields[n] for n in (2, 3, 4, 5, 6, 7, 8, 11, 12, 13)], [""] * 10)
            self.assertTrue(fields[9] and fields[10] and fields[15] and fields[16])
        self.post("sim/market?state=open")
        self.assertTrue(lines.until(lambda line: line.startswith("M:" + FUTURE)).split("|")[3])
        with self.assertRaises(urllib.error.HTTPError):
            self.post("sim/market?state=ajar")

    # -- keeping alive

    def test_ping_pong_and_empty_arrays(self):
        lines = self.start_logged_in("--rate", "0", "--matriz-idle", "4")
        for _ in range(2):
            lines.others.clear()
            lines.until_other("[]")
            lines.until_other("ping")
            self.assertTrue([text for text in lines.others if '"t":"clock"' in text])
            lines.client.send("pong")
            lines.client.send("ping")
            lines.until_other("pong")
        stats = self.stats()
        self.assertEqual((stats["matriz_pings"], stats["matriz_pongs"]), (2, 2))

    def test_a_socket_without_pings_is_closed(self):
        lines = self.start_logged_in("--rate", "0", "--matriz-idle", "0.5")
        lines.subscribe(FUTURE)
        while True:
            first, payload = lines.client.frame()
            if first == 0x88:
                break
        self.assertEqual(payload[:2], b"\x03\xe8")
        self.assertEqual(self.stats()["matriz_pings"], 0)

    # -- faults

    def test_faults_of_requests(self):
        page = self.start(faults='''
            fault { path = "matriz/api/v2/profile" kind = "html" count = 1 }
            fault { path = "matriz/auth/login" status = 429 retry_after = 17 count = 1 }
            fault { path = "matriz/auth/login" status = 403 count = 1 }
            fault { path = "matriz/auth/login" kind = "refuse" count = 1 }
            fault { path = "matriz/api/v2/ref-data" kind = "slow" delay = 0.2 count = 1 }
            fault { path = "matriz/api/v2/ref-data" kind = "expire" count = 1 }
        ''')
        self.assertEqual(page.ask("api/v2/profile"), 200)
        self.assertIn(b"<form", page.body)
        page.read_profile()
        self.assertEqual(page.post_login(), 429)
        self.assertEqual(page.head["Retry-After"], "17")
        self.assertEqual(page.post_login(), 403)
        self.assertEqual(page.post_login(), 401)
        page.cookies.clear()
        page.log_in()
        self.assertEqual(page.ask("api/v2/ref-data"), 200)
        self.assertEqual(page.ask("api/v2/ref-data"), 302)  # the session was ended
        self.assertEqual(self.stats()["faults"], 6)

    def test_faults_of_handshakes(self):
        page = self.start(faults='''
            fault { path = "matriz/ws" status = 403 count = 1 }
            fault { path = "matriz/ws" kind = "redirect" location = "/login?x" count = 1 }
            fault { path = "matriz/ws" kind = "html" count = 1 }
            fault { path = "matriz/ws" kind = "close" count = 1 }
            fault { path = "matriz/ws" kind = "expire" count = 1 }
        ''')
        page.log_in()
        self.assertEqual([page.connect().status for _ in range(5)], [403, 302, 200, 0, 302])
        self.assertEqual(self.stats()["matriz_opened"], 0)

    def one_fault(self, kind, path="matriz/md", more=""):
        lines = self.start_logged_in("--rate", "0",
                                     faults=f'fault {{ path = "{path}" kind = "{kind}" count = 1 {more} }}')
        lines.subscribe(FUTURE, BOND)
        return lines

    def test_faults_of_lines(self):
        good = lambda text: all(len(line.split("|")) == 21 for line in matriz_page.lines_of(text))
        rows = {
            "short": lambda text: all(len(line.split("|")) == 4 for line in json.loads(text)),
            "nan": lambda text: json.loads(text)[0].split("|")[2:] == ["NaN"] * 19,
            "empty": lambda text: text == "[]",
            "truncated": lambda text: text.startswith('["M:') and not text.endswith("]"),
            "garbage": lambda text: text.startswith("[") and not text.endswith("]"),
            "unknown": lambda text: json.loads(text)[0].startswith("Z:"),
            "shape": lambda text: not isinstance(json.loads(text)[0], str),
            "oversized": lambda text: len(text) > 10 * 1024 * 1024,
            "duplicate": good,
        }
        for kind, expected in rows.items():
            with self.subTest(kind):
                lines = self.one_fault(kind)
                self.assertTrue(expected(lines.client.text()), kind)
                lines.subscribe(FUTURE, BOND)
                self.assertTrue(good(lines.client.text()))
                self.sim.end()
        lines = self.one_fault("utf8")
        payload = lines.client.frame()[1]
        with self.assertRaises(UnicodeDecodeError):
            payload.decode()

    def test_a_fault_of_one_symbol(self):
        lines = self.one_fault("body", more='symbol = "*AL30*" body = "M:mine|1"')
        self.assertEqual(lines.next(), "M:mine|1")
        lines.subscribe(FUTURE)
        self.assertTrue(lines.next().startswith("M:" + FUTURE))

    def test_stuck_until_reload(self):
        for path, kind in (("matriz/md", "mute"), ("matriz/topics", "mute"), ("matriz/topics", "hang")):
            with self.subTest(path=path, kind=kind):
                lines = self.one_fault(kind, path)
                self.until(lambda: self.stats()["faults"] == 1, "the fault was applied")
                self.post("sim/market?rate=1000")
                changes = self.stats()["changes"]
                self.until(lambda: self.stats()["changes"] > changes + 100, "the market changes")
                lines.client.socket.setblocking(False)
                with self.assertRaises(BlockingIOError):
                    lines.client.socket.recv(1)
                self.assertEqual(self.stats()["matriz_streams"], 1)
                self.sim.end()

    def test_faults_of_all_sockets(self):
        lines = self.start_logged_in("--rate", "0")
        primary = ws_client.Client(self.url, "/", [f"X-Auth-Token: {self.api_token()}"])
        self.post("sim/stream?kind=goodbye&code=4321&dialect=matriz")
        while True:
            first, payload = lines.client.frame()
            if first == 0x88:
                break
        self.assertEqual(payload[:2], (4321).to_bytes(2, "big"))
        self.assertEqual(self.stats()["streams"], 1)
        self.post("sim/stream?kind=close")
        self.assertEqual(primary.socket.recv(1), b"")
        with self.assertRaises(urllib.error.HTTPError):
            self.post("sim/stream?kind=close&dialect=fix")

    def test_closed_at_once(self):
        page = self.start(faults='''
            fault { path = "matriz/open" kind = "goodbye" code = 1008 count = 1 }
            fault { path = "matriz/open" kind = "close" count = 1 }
            fault { path = "stream/open" kind = "goodbye" code = 1008 count = 1 }
        ''')
        page.log_in()
        client = page.connect()
        self.assertEqual((client.status, client.frame()), (101, (0x88, b"\x03\xf0simulated")))
        client = page.connect()
        self.assertEqual((client.status, client.socket.recv(1)), (101, b""))
        self.open()
        primary = ws_client.Client(self.url, "/", [f"X-Auth-Token: {self.api_token()}"])
        self.assertEqual((primary.status, primary.frame()), (101, (0x88, b"\x03\xf0simulated")))

    def test_it_ends_with_open_sockets(self):
        lines = self.start_logged_in(faults='fault { path = "matriz/api/v2/ref-data" kind = "slow" delay = 600 }')
        lines.subscribe(FUTURE, BOND)
        lines.subscribe(FUTURE, kind="book")
        lines.until(lambda line: line.startswith("B:"))
        waiting = socket.create_connection((urllib.parse.urlparse(self.matriz_url).hostname,
                                            urllib.parse.urlparse(self.matriz_url).port))
        waiting.sendall(f"GET /api/v2/ref-data HTTP/1.1\r\nHost: x\r\nCookie: {self.page.cookie_header()}\r\n\r\n".encode())
        half = socket.create_connection(waiting.getpeername())
        half.sendall(b"POST /auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{")
        self.until(lambda: self.stats()["matriz_requests"] >= 4, "the request waits")
        self.sim.kill(signal.SIGTERM)
        self.assertEqual(self.sim.wait_exit(), 0, self.sim.log())
        waiting.close()
        half.close()

    def test_dropped_connections(self):
        lines = self.one_fault("reset")
        with self.assertRaises(ConnectionResetError):
            lines.client.text()
        self.sim.end()
        lines = self.one_fault("close")
        with self.assertRaises(ConnectionError):
            lines.client.text()

    # -- usage

    def test_wrong_options(self):
        for options, words in ((["--matriz-check", "ids,x"], "'ids,x' is not valid"), (["--matriz-check", ""], "not valid"),
                               (["--matriz-listen", "x"], "--matriz-listen: 'x' is not host:port"),
                               (["--matriz-refuse", "404"], "'404' is not valid"), (["--matriz-idle", "0"], "--matriz-idle"),
                               (["--matriz-guest"], "need --matriz-listen"),
                               (["--matriz-check", "ids"], "need --matriz-listen")):
            done = self.cinta("sim", *options)
            self.assertEqual(done.returncode, 2, done.stderr)
            self.assertIn(words, done.stderr)

    def test_a_port_in_use(self):
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()
            done = self.cinta("sim", "--matriz-listen", f"127.0.0.1:{other.getsockname()[1]}")
        self.assertEqual(done.returncode, 1, done.stderr)


if __name__ == "__main__":
    wire.main()
