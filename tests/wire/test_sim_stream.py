"""The simulated broker's WebSocket, tested with a client that shares no code with it."""
import json
import struct
import time
import unittest
import urllib.request

import futures
import wire
from ws_client import Client

DLR = futures.SECOND


def smd(*symbols, level=1, depth=5, entries=("BI", "OF", "LA")):
    return json.dumps({"type": "smd", "level": level, "depth": depth, "entries": list(entries),
                       "products": [{"symbol": s, "marketId": "ROFX"} for s in symbols]})


class SimStream(wire.WireTest):
    def token(self):
        request = urllib.request.Request(self.url + "auth/getToken", method="POST", data=b"",
                                         headers={"X-Username": "alice", "X-Password": "s3cret-pass"})
        with urllib.request.urlopen(request, timeout=wire.PATIENCE_S) as answer:
            return answer.headers["X-Auth-Token"], answer.headers["Set-Cookie"]

    def connect(self, *headers, path="/"):
        client = Client(self.url, path, headers)
        self.addCleanup(client.close)
        return client

    def authenticated(self):
        return self.connect("X-Auth-Token: " + self.token()[0])

    def test_authentication(self):
        self.start_sim()
        token, cookie = self.token()
        quoted = urllib.parse.quote(token, safe="")
        self.assertIsNone(cookie)
        self.assertEqual(self.connect("X-Auth-Token: " + token).status, 101)
        self.assertEqual(self.connect().status, 401)
        self.assertEqual(self.connect("X-Auth-Token: wrong").status, 401)
        self.assertEqual(self.connect(path="/?token=" + quoted).status, 401)
        self.assertEqual(self.connect("X-Auth-Token: " + token, path="/ws").status, 404)
        self.post("sim/expire")
        self.assertEqual(self.connect("X-Auth-Token: " + token).status, 401)
        stats = self.stats()
        self.assertEqual((stats["stream_opened"], stats["stream_refused"]), (1, 5))

    def test_tokens_in_cookie_and_query(self):
        self.start_sim("--stream-auth", "any")
        token, cookie = self.token()
        session = cookie.split(";")[0]
        self.assertTrue(session.startswith("JSESSIONID="))
        self.assertEqual(self.connect("Cookie: a=b; " + session).status, 101)
        self.assertEqual(self.connect("Cookie: XJSESSIONID=" + token).status, 401)
        for name in ("token", "session_id", "access_token"):
            quoted = urllib.parse.quote(token, safe="")
            self.assertEqual(self.connect(path=f"/ws?{name}={quoted}").status, 101)
        self.assertEqual(self.connect(path="/ws?session_id=wrong").status, 401)

    def test_snapshot_then_changes_at_the_level_s_pace(self):
        self.start_sim("--rate", "2000")
        client = self.authenticated()
        client.send(smd(DLR, level=2))
        times, stamps = [], []
        for _ in range(4):
            message = json.loads(client.text())
            times.append(time.monotonic())
            stamps.append(message["timestamp"])
            self.assertEqual((message["type"], message["instrumentId"]["symbol"]), ("Md", DLR))
            self.assertEqual(set(message["marketData"]) - {"BI", "OF", "LA"}, set())
        for earlier, later in zip(stamps, stamps[1:]):
            self.assertGreaterEqual(later - earlier, 495)  # half a second

    def test_one_unknown_product_refuses_the_whole_message(self):
        self.start_sim()
        client = self.authenticated()
        request = smd(DLR, "NO/SUCH")
        client.send(request)
        error = json.loads(client.text())
        self.assertEqual(error, {"status": "ERROR", "message": request, "description": "Product NO/SUCH:ROFX don't exist"})
        client.send(smd("I.RFX20", entries=["IV"]))  # nothing of the first message was subscribed
        self.assertEqual(json.loads(client.text())["instrumentId"]["symbol"], "I.RFX20")
        self.assertEqual(self.stats()["smd_products"], 1)

    def test_a_silent_client_is_closed_and_one_that_pings_is_not(self):
        self.start_sim("--stream-idle", "0.5")
        client = self.authenticated()
        for n in range(8):
            client.send(b"%d" % n, opcode=9)
            self.assertEqual(client.frame(), (0x8a, b"%d" % n))
            time.sleep(0.1)  # the test needs time to pass
        first, payload = client.frame()
        self.assertEqual((first, struct.unpack(">H", payload[:2])[0]), (0x88, 1001))

    def test_protocol_violations_are_closed_with_their_code(self):
        self.start_sim()
        for opcode, data, code in [(2, b"{}", 1003), (1, b'"\xc3\x28"', 1007)]:
            with self.subTest(code):
                client = self.authenticated()
                client.send(data, opcode=opcode)
                first, payload = client.frame()
                self.assertEqual((first, struct.unpack(">H", payload[:2])[0]), (0x88, code))

    def test_a_client_that_does_not_read_is_disconnected(self):
        # Once because its queue is full, once because it does not read the close frame.
        for count, kind in [(0, None), (3, "goodbye")]:
            with self.subTest(kind):
                self.setUp()
                self.start_sim("--rate", "2000", faults=f'fault {{ path = "stream/md" kind = "oversized" count = {count} }}')
                client = self.authenticated()
                client.send(smd(DLR, "I.RFX20"))
                self.until(lambda: self.stats()["faults"] >= 3, "frames for the client that does not read")
                if kind:
                    self.post("sim/stream?kind=" + kind)
                self.until(lambda: self.stats()["streams"] == 0, "the server disconnects it")
                self.sim.end()

    def test_a_fault_counts_messages_not_products(self):
        self.start_sim(faults='fault { path = "stream/smd" kind = "error" body = "not now" after = 2 count = 1 }')
        client = self.authenticated()
        for n in range(3):
            client.send(smd(DLR, "I.RFX20"))
            got = [json.loads(client.text()) for _ in range(1 if n == 2 else 2)]
            self.assertEqual([m.get("description") for m in got], ["not now"] if n == 2 else [None, None])

    def test_one_old_frame(self):
        self.start_sim("--rate", "2000",
                       faults='fault { path = "stream/md" kind = "old" after = 2 count = 1 }')
        client = self.authenticated()
        client.send(smd(DLR))
        stamps = [json.loads(client.text())["timestamp"] for _ in range(4)]
        self.assertEqual(stamps[3], stamps[1])
        self.assertGreater(stamps[2], stamps[1])

    def test_fault_kinds(self):
        rows = [
            ("masked", lambda c: c.frame() and c.masked), ("rsv", lambda c: c.frame()[0] == 0xc1),
            ("binary", lambda c: c.frame()[0] == 0x82), ("goodbye", lambda c: c.frame()[0] == 0x88),
            ("fragmented", lambda c: (c.frame()[0], c.frame()[0], c.frame()[0]) == (0x01, 0x89, 0x00)),
            ("oversized", lambda c: len(c.frame()[1]) == 5 * 1024 * 1024),
            ("utf8", lambda c: b"\xc3\x28" in c.frame()[1]), ("garbage", lambda c: c.text().endswith(",,")),
            ("duplicate", lambda c: c.text() == c.text()), ("unknown", lambda c: c.text() == '{"type":"hb"}'),
            ("drip", lambda c: json.loads(c.text())["type"] == "Md"),
        ]
        for kind, seen in rows:
            with self.subTest(kind):
                self.setUp()
                self.start_sim(faults=f'fault {{ path = "stream/md" kind = "{kind}" count = 1 }}')
                client = self.authenticated()
                client.send(smd(DLR))
                self.assertTrue(seen(client))
                self.sim.end()

    def test_faults_applied_to_all_streams(self):
        self.start_sim("--rate", "1000")
        client = self.authenticated()
        client.send(smd(DLR))
        client.text()
        with self.assertRaises(urllib.error.HTTPError) as refused:
            self.post("sim/stream?kind=nonsense")
        self.assertEqual(refused.exception.code, 400)
        for code in ("999", "5000", "", "1e400"):
            with self.assertRaises(urllib.error.HTTPError):
                self.post("sim/stream?kind=goodbye&code=" + code)
        self.post("sim/stream?kind=goodbye&code=4321")
        while True:
            first, payload = client.frame()
            if first == 0x88:
                break
        self.assertEqual(struct.unpack(">H", payload[:2])[0], 4321)


if __name__ == "__main__":
    wire.main()
