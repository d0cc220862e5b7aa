"""The local API of the running service: what each client of the Primary API sends, and who is refused."""
import json
import os
import select
import socket
import stat
import struct
import urllib.parse

import futures
import wire
import ws_client

FUTURE = futures.SECOND
ESCAPED = FUTURE.replace("/", "%2F")
BOND = "MERV - XMEV - AL30 - 24hs"
ENTRIES = "BI,OF,LA,OP,CL,SE,HI,LO,TV,OI,EV,NV,IV,ACP,TC"
SERVE = 'listen = "127.0.0.1:0"'
RESTART = b"\x03\xf4"  # 1012


class Answer:
    def __init__(self, data):
        head, _, self.body = data.partition(b"\r\n\r\n")
        lines = head.decode().split("\r\n")
        self.status = int(lines[0].split()[1])
        self.headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines[1:])}

    def json(self):
        return json.loads(self.body)


class LocalApiTest(wire.WireTest):
    def start(self, serve=SERVE, faults=None, stream="enable = false", symbols=(), match=("*",)):
        self.start_sim(faults=faults)
        self.configure(serve=serve, stream=stream, symbols=symbols, match=match)
        self.start_run()
        self.api = self.until(lambda: self.status().get("local_api"), "the local API listens")
        self.until_rows("select count(*) from quotes", at_least=1 if symbols else 12)

    def connect(self):
        if self.api.startswith("unix:"):
            client = socket.socket(socket.AF_UNIX)
            client.settimeout(wire.PATIENCE_S)
            client.connect(self.api[5:])
            return client
        address = urllib.parse.urlparse(self.api)
        return socket.create_connection((address.hostname, address.port), timeout=wire.PATIENCE_S)

    def host(self):
        return urllib.parse.urlparse(self.api).netloc or "localhost"

    def exchange(self, client, line, *headers, host=None):
        """Sends a request; reads its answer, as long as its Content-Length says."""
        lines = [line + " HTTP/1.1", "Host: " + (host or self.host()), *headers, "", ""]
        client.sendall("\r\n".join(lines).encode())
        data = b""
        while b"\r\n\r\n" not in data:
            more = client.recv(65536)
            if not more:
                raise ConnectionError("closed")
            data += more
        answer = Answer(data)
        while len(answer.body) < int(answer.headers.get("content-length", 0)):
            answer.body += client.recv(65536)
        return answer

    def ask(self, line, *headers, host=None):
        with self.connect() as client:
            return self.exchange(client, line, *headers, host=host)

    def stream(self, path="/", headers=()):
        client = ws_client.Client(self.api, path, headers)
        self.addCleanup(client.close)
        return client

    def smd(self, client, symbols, entries=("BI", "OF", "LA"), **more):
        products = [{"symbol": symbol, "marketId": "ROFX"} for symbol in symbols]
        client.send(json.dumps({"type": "smd", "level": 1, "depth": 2, "entries": list(entries), "products": products,
                                **more}))


class RestTest(LocalApiTest):
    def test_a_body_after_another_request_ends_the_connection(self):
        self.start()
        first = f"GET /healthz HTTP/1.1\r\nHost: {self.host()}\r\n\r\n"
        for length in ("3", "3x", "+3", "-3"):
            for method in ("GET", "POST"):
                with self.subTest(f"{method} {length}"), self.connect() as client:
                    client.sendall(f"{first}{method} /status HTTP/1.1\r\nHost: {self.host()}\r\nContent-Length: {length}\r\n\r\n"
                                   f"abc{first}".encode())
                    data = b""
                    while more := client.recv(65536):
                        data += more
                    self.assertEqual(data.count(b"HTTP/1.1 "), 2, data)
                    self.assertIn(b"connection: close", data)
        self.assertEqual(self.ask("GET /healthz").status, 200)

    def test_requests_of_each_client(self):
        self.start()
        future, bond = ESCAPED, BOND.replace(" ", "+")
        get = "GET /rest/marketdata/get?marketId=ROFX&symbol="
        trades, day = "GET /rest/data/getTrades?marketId=ROFX&symbol=", self.one("select date('now', '-3 hours')")
        requests = ["User-Agent: python-requests/2.28.1", "Accept-Encoding: gzip, deflate", "Accept: */*",
                    "Connection: keep-alive", "X-Auth-Token: local"]
        rows = [
            # name, request line, headers, member of the answer
            ("pyRofex", f"{get}{bond}&entries={ENTRIES}&depth=5", ["X-Auth-Token: local"], "marketData"),
            ("pyRofex, %20 and raw commas", f"{get}{BOND.replace(' ', '%20')}&entries={ENTRIES}&depth=2", requests,
             "marketData"),
            ("pyRofex, a raw slash", f"GET /rest/instruments/detail?symbol={FUTURE}&marketId=ROFX", requests,
             "instrument"),
            ("pyRofex, trades", f"{trades}{FUTURE}&dateFrom={day}&dateTo={day}", requests, "trades"),
            ("jsRofex", f"{get}{future}&entries=BI&depth=10", ["x-auth-token: local"], "marketData"),
            ("jsRofex, trades", f"{trades}{FUTURE}&date={day}", ["x-auth-token: local"], "trades"),
            ("Primary.Net, trades", f"GET //rest/data/getTrades?marketId=ROFX&symbol=MERV+-+XMEV+-+AL30+-+24hs"
             f"&dateFrom={day}&dateTo={day}", [], "trades"),
            ("rofex-go, trades", f"{trades}MERV+-+XMEV+-+AL30+-+24hs&dateFrom={day}&dateTo={day}", [], "trades"),
            ("Primary.Net", f"GET //rest/marketdata/get?marketId=ROFX&symbol={FUTURE.replace('/', '%2f')}&entries=LA", [], "marketData"),
            ("rofex-go: raw blanks", f"{get}{BOND}&entries=BI,LA&depth=2", [], "marketData"),
            ("raw blanks in the last parameter", f"GET /rest/marketdata/get?marketId=ROFX&entries=LA&symbol={BOND}", [],
             "marketData"),
            ("rRofex: no depth", f"{get}{future}&entries=BI,OF,TC", [], "marketData"),
            ("market MERV", f"GET /rest/marketdata/get?marketId=MERV&symbol={bond}&entries=LA", [], "marketData"),
            ("an absolute target", f"GET {self.api}rest/segment/all", [], "segments"),
            ("cookies of 12 kB", "GET /rest/segment/all", ["Cookie: a=" + "x" * 12000], "segments"),
            ("all", "GET /rest/instruments/all", [], "instruments"),
            ("details", "GET /rest/instruments/details", [], "instruments"),
            ("detail", f"GET /rest/instruments/detail?symbol={future}&marketId=ROFX", [], "instrument"),
            ("by CFI code", "GET /rest/instruments/byCFICode?CFICode=FXXXSX", [], "instruments"),
            ("by segment", "GET /rest/instruments/bySegment?MarketSegmentID=MERV&MarketID=ROFX", [], "instruments"),
            ("a segment of the broker that has nothing here",
             "GET /rest/instruments/bySegment?MarketSegmentID=DUAL&MarketID=ROFX", [], "instruments"),
            ("accounts", "GET /rest/accounts", [], "accounts"),
        ]
        for name, line, headers, member in rows:
            with self.subTest(name):
                answer = self.ask(line, *headers)
                self.assertEqual((answer.status, answer.json()["status"]), (200, "OK"), answer.body)
                self.assertIn(member, answer.json())

    def test_raw_blanks_reach_the_right_instrument(self):
        self.start()
        with self.connect() as client:  # also as the second request of a connection
            self.exchange(client, "GET /rest/segment/all")
            answer = self.exchange(client, f"GET /rest/instruments/detail?marketId=ROFX&symbol={BOND}")
        self.assertEqual(answer.json()["instrument"]["instrumentId"]["symbol"], BOND)

    def test_values_are_what_every_client_can_read(self):
        self.start()
        index = self.one("select symbol from quotes where symbol like 'I.%'")
        answer = self.ask(f"GET /rest/marketdata/get?marketId=ROFX&symbol={index}&entries={ENTRIES}").json()
        data = answer["marketData"]
        self.assertEqual(set(data), set(ENTRIES.split(",")))
        self.assertIsInstance(data["IV"], (int, float))
        self.assertEqual((data["BI"], data["LA"], data["TC"]), ([], None, None))
        for symbol in (FUTURE, BOND):
            quoted = urllib.parse.quote(symbol, safe="")
            data = self.ask(f"GET /rest/marketdata/get?marketId=ROFX&symbol={quoted}&entries={ENTRIES}&depth=5").json()
            data = data["marketData"]
            for entry in ("LA", "CL", "SE"):
                if data[entry] is not None:
                    self.assertIsNotNone(data[entry]["price"], entry)
                    self.assertIsNotNone(data[entry].get("date", 0), entry)  # Primary.Net cannot read null
            self.assertNotIsInstance(data["ACP"], dict)
            price = self.one("select last_price from quotes where symbol = ?", symbol)
            self.assertIsInstance(price, (int, float))

    def test_errors_have_the_forms_of_the_broker(self):
        self.start()
        rows = [
            ("GET /rest/marketdata/get?marketId=ROFX&symbol=NO%2FSUCH&entries=BI", "Security NO/SUCH:ROFX doesn't exist"),
            (f"GET /rest/marketdata/get?symbol={ESCAPED}&entries=BI", "Parameter 'marketId' not found"),
            ("GET /rest/instruments/bySegment?MarketSegmentID=NOPE&MarketID=ROFX", "Segment NOPE:ROFX doesn't exist"),
            ("GET /rest/nothing", "Invalid URL"),
            (f"GET /rest/order/newSingleOrder?symbol={ESCAPED}&side=buy", "Invalid URL"),
        ]
        for line, words in rows:
            with self.subTest(line):
                answer = self.ask(line)
                self.assertEqual(answer.status, 200)
                self.assertEqual((answer.json()["status"], answer.json()["description"]), ("ERROR", words))
        for path in ("/nothing", "/sim/stats", "/sim/expire"):
            self.assertEqual(self.ask("GET " + path).status, 404, path)

    def test_only_recorded_instruments_are_offered(self):
        self.start(symbols=[FUTURE], match=[])
        names = [i["instrumentId"]["symbol"] for i in self.ask("GET /rest/instruments/all").json()["instruments"]]
        self.assertEqual(names, [FUTURE])
        self.configure(serve=SERVE, symbols=[BOND], match=[])
        self.service.kill(wire.signal.SIGHUP)
        self.service.wait_line("event=config_reloaded")
        line = f"GET /rest/marketdata/get?marketId=ROFX&symbol={ESCAPED}&entries=BI"
        self.until(lambda: self.ask(line).json()["status"] == "ERROR", "the old one is unknown")
        self.until(lambda: [i["instrumentId"]["symbol"] for i in
                            self.ask("GET /rest/instruments/all").json()["instruments"]] == [BOND], "the new one is listed")


class AccessTest(LocalApiTest):
    def test_without_a_token_any_password_is_accepted(self):
        self.start()
        answer = self.ask("POST /auth/getToken", "X-Username: any", "X-Password: thing", "Content-Length: 0")
        self.assertEqual((answer.status, answer.headers["content-length"]), (200, "0"))
        self.assertTrue(answer.headers["x-auth-token"])
        self.assertNotIn("set-cookie", answer.headers)
        self.assertEqual(self.ask("GET /rest/segment/all").status, 200)  # the token is not needed

    def test_with_a_token(self):
        self.start(serve=SERVE + ' token = "letmein-7/x="')
        login = lambda password: self.ask("POST /auth/getToken", "X-Username: a", "X-Password: " + password)
        self.assertEqual(login("wrong").status, 401)
        self.assertNotIn("set-cookie", login("wrong").headers)
        token = login("letmein-7/x=").headers["x-auth-token"]
        path = "GET /rest/segment/all"
        rows = [
            ([], "", 401), ([f"X-Auth-Token: {token}"], "", 200), ([f"x-auth-token: {token}"], "", 200),
            (["X-Auth-Token: letmein-7/x"], "", 401), (["X-Auth-Token: letmein-7/x=="], "", 401),
            *(([], f"?{name}=letmein-7%2Fx%3D", 200) for name in ("token", "session_id", "access_token", "X-Auth-Token")),
            ([], "?token=wrong", 401), ([], "?other=letmein-7/x=", 401), ([], "?token=", 401),
        ]
        for headers, query, status in rows:
            with self.subTest(headers=headers, query=query):
                self.assertEqual(self.ask(path + query, *headers).status, status)
                self.assertEqual(self.stream("/ws" + query, headers).status, 101 if status == 200 else 401)
        self.assertEqual(self.ask("GET /status").status, 401)
        self.stop_run()
        self.assertNotIn("letmein", self.service.log())

    def test_the_older_login_gives_a_cookie(self):
        self.start(serve=SERVE + ' token = "letmein=7x"')
        login = lambda password: self.ask(f"POST /j_spring_security_check?j_username=fes2019&j_password={password}",
                                          "content-type: application/x-www-form-urlencoded", "content-length: 0")
        refused, accepted = login("wrong"), login("letmein=7x")
        self.assertEqual((refused.status, accepted.status), (302, 302))
        self.assertNotIn("set-cookie", refused.headers)
        cookie = "Cookie: " + accepted.headers["set-cookie"].partition(";")[0]  # as the example of jsRofex does
        self.assertEqual(self.ask("GET /rest/segment/all", cookie).status, 200)
        self.assertEqual(self.ask("GET /rest/segment/all", cookie + "x").status, 401)
        client = self.stream("/", [cookie])
        self.assertEqual(client.status, 101)
        client.send(json.dumps({"type": "smd", "level": 1, "entries": ["BI", "OF", "LA", "IV", "NV", "OI"],
                                "products": [{"symbol": FUTURE, "marketId": "ROFX"}], "depth": 10}))
        self.assertEqual(set(json.loads(client.text())["marketData"]), {"BI", "OF", "LA", "IV", "NV", "OI"})
        self.stop_run()
        self.assertNotIn("letmein", self.service.log())

    def test_host_and_origin(self):
        self.start(serve=SERVE + ' hosts = {"quotes.example"} origins = {"https://app.example"}')
        port = self.host().rpartition(":")[2]
        here = "http://" + self.host()
        rows = [
            # host, origin, allowed, of another origin that may read the answer
            (None, None, True), ("localhost:" + port, None, True), ("[::1]:" + port, None, True),
            ("quotes.example", None, True), ("quotes.example:80", None, True), ("evil.example", None, False),
            ("127.0.0.1.evil.example", None, False), ("", None, False), (None, here, True),
            (None, "https://app.example", True), (None, "https://app.example.evil.example", False),
            (None, "http://evil.example", False), (None, "null", False), (None, "http://localhost:" + port, False),
        ]
        for host, origin, allowed in rows:
            with self.subTest(host=host, origin=origin):
                headers = [f"Origin: {origin}"] if origin else []
                with self.connect() as client:
                    lines = ["GET /rest/segment/all HTTP/1.1", "Host: " + (self.host() if host is None else host), *headers]
                    client.sendall("\r\n".join([*lines, "", ""]).encode())
                    answer = Answer(client.recv(65536))
                self.assertEqual(answer.status, 200 if allowed else 403)
                self.assertEqual(answer.headers.get("access-control-allow-origin"), origin if allowed else None)
                if origin and allowed:
                    self.assertEqual(answer.headers["access-control-expose-headers"], "X-Auth-Token")
                if host is None:
                    self.assertEqual(self.stream("/", headers).status, 101 if allowed else 403)

    def test_pages_may_read_every_kind_of_answer(self):
        self.start(serve=SERVE + ' token = "letmein" origins = {"https://app.example"}')
        day = self.one("select date('now')")
        for path, status in (("rest/segment/all", 401), ("nothing", 404), ("rest/segment/all?token=letmein", 200),
                             (f"rest/data/getTrades?token=letmein&marketId=ROFX&symbol={ESCAPED}&date={day}", 200)):
            with self.subTest(path):
                answer = self.ask("GET /" + path, "Origin: https://app.example")
                self.assertEqual(answer.status, status)
                self.assertEqual(answer.headers.get("access-control-allow-origin"), "https://app.example")
        with self.connect() as client:  # the next request of the connection is not shared
            self.exchange(client, "GET /rest/segment/all", "Origin: https://app.example")
            self.assertNotIn("access-control-allow-origin", self.exchange(client, "GET /rest/segment/all").headers)

    def test_preflight(self):
        self.start(serve=SERVE + ' token = "letmein" origins = {"https://app.example"}')
        asked = ["Access-Control-Request-Method: POST", "Access-Control-Request-Headers: x-username,x-password"]
        answer = self.ask("OPTIONS /auth/getToken", "Origin: https://app.example", *asked)
        self.assertEqual(answer.status, 204)
        self.assertEqual(answer.headers["access-control-allow-origin"], "https://app.example")
        self.assertIn("X-Password", answer.headers["access-control-allow-headers"])
        self.assertIn("POST", answer.headers["access-control-allow-methods"])
        refused = self.ask("OPTIONS /auth/getToken", "Origin: https://evil.example", *asked)
        self.assertEqual(refused.status, 403)
        self.assertNotIn("access-control-allow-origin", refused.headers)

    def test_an_address_of_other_machines_needs_a_token(self):
        self.start_sim()
        self.configure(serve='listen = "0.0.0.0:0"')
        for command in ("check", "run"):
            done = self.cinta(command, "-c", self.conf_path)
            self.assertEqual(done.returncode, 78, done.stderr)
            self.assertRegex(done.stderr, r"cinta\.conf:\d+: serve\.listen: other machines can connect to '0\.0\.0\.0:0'")
        self.configure(serve='listen = "0.0.0.0:0" token = "letmein"')
        self.assertEqual(self.cinta("check", "-c", self.conf_path).returncode, 0)

    def test_a_unix_socket(self):
        path = self.path("api.sock")
        self.start(serve=f'listen = "unix:{path}"')
        self.assertEqual(self.api, "unix:" + path)
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o660)
        self.assertEqual(self.ask("GET /rest/segment/all", host="any.name").status, 200)
        self.assertEqual(self.ask("GET /rest/segment/all", "Origin: http://evil.example").status, 403)
        self.stop_run()
        self.assertFalse(os.path.exists(path))

    def test_a_removed_unix_socket_is_created_again(self):
        path = self.path("api.sock")
        self.start(serve=f'listen = "unix:{path}"')
        with self.connect() as early:
            self.assertEqual(self.exchange(early, "GET /healthz").status, 200)
            os.unlink(path)
            self.service.wait_line("event=api_recovered", f"the socket of the local API was removed; it was created again: unix:{path}")
            self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o660)
            self.assertEqual(self.ask("GET /healthz").status, 200)
            self.assertEqual(self.exchange(early, "GET /healthz").status, 200)  # is still connected
        os.unlink(path)
        with open(path, "w", encoding="utf-8"):
            self.service.wait_line("event=api_failed", "the path is not a socket: remove or rename that file")
        os.unlink(path)
        self.until(lambda: os.path.exists(path), "the socket is created again")
        self.assertEqual(self.ask("GET /healthz").status, 200)
        self.stop_run()
        self.assertEqual([row[0] for row in self.sql("select kind from feed_log where kind like 'api_%' order by ts")],
                         ["api_recovered", "api_failed", "api_recovered"])

    def test_half_requests_block_nobody_and_end(self):
        self.start()
        halves = []
        for i in range(600):
            client = self.connect()
            self.addCleanup(client.close)
            if i % 2:
                client.sendall(b"GET /rest/segment/all HTTP/1.1\r\nHost: 127")
            halves.append(client)
        self.assertEqual(self.ask("GET /rest/segment/all").status, 200)
        body = self.connect()
        self.addCleanup(body.close)
        body.sendall(f"POST /auth/getToken HTTP/1.1\r\nHost: {self.host()}\r\nContent-Length: 5\r\n\r\nab".encode())
        kept = self.connect()
        self.addCleanup(kept.close)
        self.assertEqual(self.exchange(kept, "GET /rest/segment/all").status, 200)
        kept.sendall(b"GET /rest")
        for client in (*halves, body, kept):  # all are ended by the service
            while client.recv(4096):
                pass

    def test_what_is_not_a_request(self):
        self.start()
        rows = [
            (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400), (b"hello\r\n\r\n", 400), (b"\r\n\r\n", 400),
            (b"GET /" + b"x" * 9000 + b" HTTP/1.1\r\n\r\n", 431),
            (b"GET / HTTP/1.1\r\nA: " + b"x" * 25000 + b"\r\n\r\n", 431),
            (b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 150 + b"\r\n", 431),
            (b"GET / HTTP/1.1\r\nA: \x01\r\n\r\n", 400),
            (b"POST http://127.0.0.1/auth/getToken HTTP/1.1\r\nContent-Length: 1\r\n\r\na", 400),
        ]
        for data, status in rows:
            with self.subTest(data[:40]), self.connect() as client:
                client.sendall(data)
                self.assertEqual(Answer(client.recv(4096)).status, status)
        with self.connect() as client:
            client.sendall(f"POST /auth/getToken HTTP/1.1\r\nHost: {self.host()}\r\nContent-Length: 9999999\r\n\r\n".encode())
            self.assertEqual(client.recv(4096), b"")
        self.assertEqual(self.ask("GET /rest/segment/all").status, 200)


class StreamTest(LocalApiTest):
    def test_a_snapshot_and_changes_while_the_broker_refuses_all_websockets(self):
        self.start(stream="enable = true", faults='fault { path = "" kind = "status" status = 401 }\n')
        for path in ("/", "/ws", "/ws?session_id=abc&conn_id=def"):
            client = self.stream(path)
            self.assertEqual(client.status, 101)
            self.smd(client, [FUTURE, BOND], ENTRIES.split(","))
            first = [json.loads(client.text()), json.loads(client.text())]
            self.assertEqual({f["instrumentId"]["symbol"] for f in first}, {FUTURE, BOND})
            for frame in first:
                self.assertEqual(frame["type"], "Md")
                self.assertEqual(set(frame["marketData"]), set(ENTRIES.split(",")))
                self.assertNotIn("cinta", frame)
            last = max(f["timestamp"] for f in first)
            for _ in range(5):
                frame = json.loads(client.text())
                self.assertGreaterEqual(frame["timestamp"], last)
                last = frame["timestamp"]
        self.assertEqual(self.stats()["stream_opened"], 0)

    def test_messages_of_each_client(self):
        self.start()
        entries = json.dumps(ENTRIES.split(","), separators=(",", ":"))
        one = '"products":[{"symbol":"%s","marketId":"ROFX"}]' % FUTURE
        other = '"products":[{"marketId":"ROFX","symbol":"%s"}]' % FUTURE
        deflate = "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits"
        rows = [
            # name, headers, messages
            ("pyRofex", ["X-Auth-Token:local", "Origin: " + self.api.rstrip("/")],
             ['{"type":"os","account":{"id":"acc"},"snapshotOnlyActive":true}',
              '{"type":"smd","level":1,"depth":5,"entries":%s,%s}' % (entries, one)]),
            ("jsRofex", [deflate, "Cookie: cinta_token=local"],
             ['{"type":"smd","level":1,"entries":["BI","OF","LA","IV","NV","OI"],%s,"depth":10}' % one]),
            ("Primary.Net", ["X-Auth-Token: local"],
             [b"", '{"type":"smd","level":1,"depth":1,"entries":["BI","OF"],%s}' % other, b""]),
            ("rofex-go", ["X-Auth-Token: local", deflate],
             ['{"type":"os", "account": {"id":"40"}}',
              '{"type":"smd","level":1,"depth":2,"entries":["BI","OF","IV","ACP"],%s}' % other]),
            ("rRofex", [], ['{"type":"smd","level":1,"entries":["BI","TC"],%s}' % one]),
        ]
        for name, headers, messages in rows:
            with self.subTest(name):
                client = self.stream("/", headers)
                self.assertEqual(client.status, 101)
                for message in messages:  # bytes: a pong that nobody asked for
                    client.send(message, 10 if isinstance(message, bytes) else 1)
                asked = next(json.loads(m)["entries"] for m in messages if m and '"smd"' in m)
                for _ in range(3):
                    self.assertEqual(set(json.loads(client.text())["marketData"]), set(asked))
                client.send('{"type":"co", "clientId":"1", "proprietary":"p"}')
                while "status" not in (frame := json.loads(client.text())):
                    pass
                self.assertEqual(frame["description"], "Orders are not accepted here")

    def test_extras(self):
        self.start(stream="enable = true")
        client = self.stream()
        self.smd(client, [FUTURE], cinta=True)
        news, frame = json.loads(client.text()), json.loads(client.text())
        self.assertEqual((news["type"], news["event"]), ("cinta", "feed"))
        self.assertIn("mode", news)
        self.assertIn(frame["cinta"]["source"], ("rest", "stream"))
        self.assertGreater(frame["cinta"]["seq"], 0)
        self.assertLess(frame["cinta"]["ageMs"], 60000)
        other = self.stream()  # it did not ask
        self.smd(other, [FUTURE])
        self.post("sim/stream?kind=close")
        modes = []
        while "polling" not in modes and "connecting" not in modes:
            message = json.loads(client.text())
            if message["type"] == "cinta":
                modes.append(message["mode"])
        for _ in range(5):
            self.assertEqual(json.loads(other.text())["type"], "Md")

    def test_errors_are_complete_and_void_the_whole_message(self):
        self.start()
        client = self.stream()
        self.smd(client, [FUTURE, "NO/SUCH"])
        error = json.loads(client.text())
        self.assertEqual((error["status"], error["description"]), ("ERROR", "Product NO/SUCH:ROFX don't exist"))
        self.assertEqual(json.loads(error["message"])["type"], "smd")
        self.smd(client, [f"NO/SUCH{n:05}" for n in range(1500)])
        first, payload = client.frame()
        self.assertLess(len(payload), 32768)
        self.assertEqual(set(json.loads(payload)), {"status", "message", "description"})
        client.send(json.dumps({"type": "os", "account": {"id": "x"}, "snapshotOnlyActive": True}))
        client.send(json.dumps({"type": "no", "product": {"symbol": FUTURE, "marketId": "ROFX"}}))
        self.assertEqual(json.loads(client.text())["description"], "Orders are not accepted here")
        self.smd(client, [BOND])  # the socket goes on, and nothing of the first message was subscribed
        for _ in range(3):
            self.assertEqual(json.loads(client.text())["instrumentId"]["symbol"], BOND)

    def test_a_stop_and_a_reload_close_with_1012(self):
        self.start()
        for end in ("reload", "stop"):
            client = self.stream()
            self.smd(client, [FUTURE])
            client.text()
            if end == "reload":
                self.configure(serve=SERVE + ' hosts = {"quotes.example"}')
                self.service.kill(wire.signal.SIGHUP)
            else:
                self.stop_run()
            while True:
                first, payload = client.frame()
                if first == 0x88:
                    break
            self.assertEqual(payload[:2], RESTART)
            if end == "reload":
                self.service.wait_line("event=config_reloaded")
                self.api = self.until(lambda: self.status().get("local_api"), "it listens again")


class LimitsTest(LocalApiTest):
    def api_state(self, key):
        return self.status().get("api", {}).get(key)

    def test_clients_that_vanish(self):
        """Without a close frame, by RST, with frames waiting for them."""
        self.start()
        for _ in range(2):
            clients = [ws_client.Client(self.api, "/", ()) for _ in range(200)]
            for client in clients:
                self.smd(client, [FUTURE, BOND])
            self.until(lambda: self.api_state("websockets") == 200, "all are connected")
            for client in clients:
                client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                client.close()
            self.until(lambda: self.api_state("websockets") == 0 and self.api_state("products") == 0, "all are gone")
        self.assertEqual(self.ask("GET /healthz").status, 200)
        self.until_polled(5)

    def test_few_descriptors(self):
        """With 64 descriptors the local API leaves three quarters of them to the recording."""
        self.start_sim()
        self.configure(serve=SERVE)
        self.service = wire.Process(["prlimit", "--nofile=64:64", wire.CINTA, "run", "-c", self.conf_path])
        self.addCleanup(self.service.end)
        self.api = self.until(lambda: self.status().get("local_api"), "the local API listens")
        clients = [self.connect() for _ in range(100)]
        for client in clients:
            self.addCleanup(client.close)
        refused = Answer(clients[-1].recv(4096))
        self.assertEqual((refused.status, refused.body), (503, b"Too many connections.\n"))
        self.assertEqual(self.api_state("connections"), 16)
        self.until_polled(20)  # recording continues
        for client in clients:
            client.close()
        self.until(lambda: self.api_state("connections") == 0, "there is room again")
        metrics = dict(line.rsplit(" ", 1) for line in self.ask("GET /metrics").body.decode().splitlines())
        self.assertEqual(metrics["cinta_api_refused_total"], "84")


class ServiceTest(LocalApiTest):
    def taken(self):
        taken = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(taken.close)
        return taken, taken.getsockname()[1]

    def test_a_port_in_use_at_the_start(self):
        _, port = self.taken()
        self.start_sim()
        self.configure(serve=f'listen = "127.0.0.1:{port}"')
        done = self.cinta("run", "-c", self.conf_path)
        self.assertEqual(done.returncode, 1)
        self.assertIn(f"serve.listen: cannot listen on 127.0.0.1:{port}: the port is in use", done.stderr)

    def test_a_port_in_use_at_a_reload(self):
        self.start()
        taken, port = self.taken()
        self.configure(serve=f'listen = "127.0.0.1:{port}"')
        self.service.kill(wire.signal.SIGHUP)
        self.service.wait_line("event=api_failed", "the port is in use")
        self.assertIsNone(self.status()["local_api"])
        self.until_polled(5)  # recording continues
        taken.close()
        self.service.wait_line("event=api_recovered")
        self.assertEqual(self.status()["local_api"], f"http://127.0.0.1:{port}/")

    def test_a_reload_of_other_sections_keeps_the_clients(self):
        self.start()
        client = self.stream()
        self.smd(client, [FUTURE])
        client.text()
        self.configure(serve=SERVE, store="commit_every = 0.05  keep_days = 9")
        self.service.kill(wire.signal.SIGHUP)
        self.service.wait_line("event=config_reloaded", "the feed continues")
        for _ in range(3):
            self.assertEqual(json.loads(client.text())["type"], "Md")
        shown = self.status()
        self.assertEqual(shown["local_api"], self.api)
        self.assertEqual((shown["api"]["websockets"], shown["api"]["products"]), (1, 1))
        self.assertIn(self.api, self.cinta("status", "-c", self.conf_path).stdout)

    def test_none_is_configured(self):
        self.start_sim()
        self.configure()
        self.start_run()
        self.until_rows("select count(*) from quotes")
        self.assertIsNone(self.status()["local_api"])

    def test_a_client_that_reads_nothing_delays_nobody(self):
        self.start()
        slow, quick = self.stream(), self.stream()
        self.smd(slow, [FUTURE, BOND], ENTRIES.split(","))
        self.smd(quick, [FUTURE])
        for _ in range(20):
            self.assertEqual(json.loads(quick.text())["type"], "Md")
        ready, _, _ = select.select([slow.socket], [], [], wire.PATIENCE_S)
        self.assertTrue(ready)


if __name__ == "__main__":
    wire.main()
