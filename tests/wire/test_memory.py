"""Answers that need much more memory when decompressed, parsed or kept: the service's memory stays limited."""
import gzip
import http.server
import json
import os
import threading
import unittest

import wire

MIB = 1024 * 1024
PEAK_MIB = 300  # the unit allows 512


class Broker(http.server.ThreadingHTTPServer):
    """Accepts any login; answers with `packed_list` to list requests, with a new price and `body` to market data."""

    daemon_threads = True

    def __init__(self, packed_list, body=b""):
        super().__init__(("127.0.0.1", 0), Handler)
        self.packed_list, self.body, self.polls = packed_list, body, 0
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, *_):
        pass  # a client that refuses an answer closes the connection

    def end(self):
        self.shutdown()
        self.server_close()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, body, **headers):
        self.send_response(200)
        for name, value in {"Content-Type": "application/json", "Content-Length": str(len(body)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        self.answer(b"", X_Auth_Token="t" * 44)

    def do_GET(self):
        if "instruments/all" in self.path:
            self.answer(self.server.packed_list, Content_Encoding="gzip")
            return
        self.server.polls += 1
        price = b'{"status":"OK","marketData":{"LA":{"price":%d,"size":1,"date":null}}}' % self.server.polls
        self.answer(price + self.server.body)


def packed(text):
    return gzip.compress(text, 9)


def instruments(count):
    return json.dumps({"status": "OK", "instruments": [
        {"instrumentId": {"marketId": "ROFX", "symbol": f"MERV - XMEV - S{i:06} - 24hs"}, "cficode": "ESXXXX"}
        for i in range(count)]}).encode()


# the decompressed list; part of the error message
LISTS = [
    ("64 MiB of spaces", lambda: packed(b'{"status":"OK","instruments":[' + b" " * (64 * MIB)), "larger than"),
    ("as many values as fit", lambda: packed(b"[" + b"0," * (8 * MIB - 2) + b"0]"), "more memory than the limit"),
    ("as many objects as fit", lambda: packed(b'{"status":"OK","instruments":[' + b"{}," * (5 * MIB) + b"{}]}"), "more memory than the limit"),
    ("as many keys as fit", lambda: packed(b'{"' + b'a":0,"' * (2 * MIB) + b'":0}'), "more memory than the limit"),
]


class Memory(wire.WireTest):
    def start_broker(self, *what):
        broker = Broker(*what)
        self.addCleanup(broker.end)
        self.url = "http://127.0.0.1:%d/" % broker.server_address[1]
        return broker

    def run_bounded(self):
        """Starts the service without the quarantine of the address sanitizer, which keeps freed memory."""
        options = os.environ.get("ASAN_OPTIONS", "") + ":quarantine_size_mb=1:malloc_context_size=1"
        return self.start_run(env={"ASAN_OPTIONS": options})

    def peak_mib(self):
        with open(f"/proc/{self.service.child.pid}/status", encoding="utf-8") as file:
            return next(int(line.split()[1]) // 1024 for line in file if line.startswith("VmHWM"))

    def test_lists_that_need_too_much_memory(self):
        for name, make, words in LISTS:
            with self.subTest(name):
                self.setUp()
                self.start_broker(make())
                self.configure()
                service = self.run_bounded()
                self.assertIn(words, service.wait_line("event=list_failed"))
                self.assertLess(self.peak_mib(), PEAK_MIB)
                self.stop_run()

    def test_the_largest_list_that_is_accepted(self):
        text = instruments(155000)
        self.assertLess(15 * MIB, len(text))
        self.assertLess(len(text), 16 * MIB)
        self.start_broker(packed(text))
        self.configure(match=("*S00000*",))
        service = self.run_bounded()
        self.assertIn("listed=155000", service.wait_line("instruments selected"))
        self.until_rows("select count(*) from quotes", at_least=10)
        self.assertLess(self.peak_mib(), PEAK_MIB)
        self.stop_run()

    def test_large_answers_are_not_kept(self):
        broker = self.start_broker(packed(instruments(600)), b" " * 100000)
        self.configure(poll="interval = 0.05  rate = 2000  in_flight = 4")
        self.run_bounded()
        self.until_rows("select count(*) from quotes", at_least=600)
        self.until(lambda: broker.polls > 1300, "each instrument is polled twice")
        self.assertLess(self.peak_mib(), 100)  # the answers are 60 MB
        self.stop_run()


if __name__ == "__main__":
    wire.main()
