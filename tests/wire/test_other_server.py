"""The WebSocket client against a server that is not part of cinta, with and without TLS."""
import os
import unittest

import wire

PYTHON = "/usr/bin/python3"  # the interpreter that has Debian's python3-websockets
STREAM = "enable = true  ping = 1  stale = 5"


class OtherServer(wire.WireTest):
    def start_other(self, *certificate):
        ready = self.path("other-ready")
        here = os.path.dirname(os.path.abspath(__file__))
        other = wire.Process([PYTHON, "-B", os.path.join(here, "other_server.py"), ready, *certificate])
        self.addCleanup(other.end)
        self.until(lambda: os.path.exists(ready) or other.child.poll() is not None, "the other server listens")
        self.assertIsNone(other.child.poll(), other.log())
        with open(ready, encoding="utf-8") as file:
            return int(file.read())

    def run_with(self, address, symbols, broker=""):
        self.start_sim()
        self.configure(symbols=symbols, match=[], stream=STREAM, broker=f'timeout = 5  stream_url = "{address}" {broker}')
        service = self.start_run()
        return service

    def until_streamed(self, symbol, rows=20):
        self.until_rows("select count(*) from snapshots where source = 'stream' and symbol = ?", symbol, at_least=rows)

    def test_plain(self):
        service = self.run_with(f"ws://127.0.0.1:{self.start_other()}/", ["ANY/1", "ANY/2"])
        service.wait_line("event=streaming")
        self.until_streamed("ANY/1")
        self.until_streamed("ANY/2")
        opened = self.one("select count(*) from feed_log where kind = 'stream_open'")
        # Several pings were sent in both directions: an unanswered one would have closed the connection.
        self.until_streamed("ANY/1", rows=100)
        self.assertEqual(opened, 1)
        self.stop_run()
        self.assertEqual(self.events("stream_closed"), [])
        self.assertGreater(self.one("select count(distinct ts_event) from snapshots where source = 'stream'"), 50)

    def test_tls_is_verified(self):
        ca_file = self.authority("ours")
        self.certificate("ours", "IP:127.0.0.1")
        port = self.start_other(self.path("broker.pem"), self.path("broker.key"))
        self.run_with(f"wss://127.0.0.1:{port}/", ["ANY/1"], broker=f'ca_file = "{ca_file}"')
        self.until_streamed("ANY/1")
        self.stop_run()

    def test_no_token_is_sent_to_an_invalid_certificate(self):
        ca_file = self.authority("ours")
        self.authority("theirs")
        self.certificate("theirs", "IP:127.0.0.1")
        port = self.start_other(self.path("broker.pem"), self.path("broker.key"))
        service = self.run_with(f"wss://127.0.0.1:{port}/", ["ANY/1"], broker=f'ca_file = "{ca_file}"')
        line = service.wait_line("event=stream_closed", "TLS")
        self.assertIn("certificate", line)
        self.stop_run()

    def test_a_refusal_is_reported_with_its_body(self):
        service = self.run_with(f"ws://127.0.0.1:{self.start_other()}/elsewhere", ["ANY/1"])
        line = service.wait_line("event=stream_refused", "401")
        self.assertIn("no token, no stream", line)
        self.stop_run()

    def test_close_codes(self):
        for code in (1000, 1001, 1011, 4000):
            with self.subTest(code):
                self.setUp()
                service = self.run_with(f"ws://127.0.0.1:{self.start_other()}/", [f"CLOSE/{code}"])
                service.wait_line("event=stream_closed", f"({code})")
                service.wait_line("event=streaming")
                self.stop_run()
                self.sim.end()


if __name__ == "__main__":
    wire.main()
