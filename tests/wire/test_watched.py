"""What a client of the local API looks at is polled more often than the rest, if the rate is too low for all."""
import json
import threading
import unittest
import urllib.parse

import odd_broker
import wire
import ws_client

SYMBOLS = [f"X/{number:02}" for number in range(60)]


class CountingBroker(odd_broker.Handler):
    """Counts the requests for market data of each symbol; no value ever changes."""
    symbols = dict.fromkeys(SYMBOLS, {"LA": {"price": 5, "size": 1, "date": 1}})
    counts = dict.fromkeys(SYMBOLS, 0)
    lock = threading.Lock()

    def do_GET(self):
        target = urllib.parse.urlparse(self.path)
        if target.path.endswith("/rest/marketdata/get"):
            with self.lock:
                self.counts[urllib.parse.parse_qs(target.query)["symbol"][0]] += 1
        super().do_GET()


class WatchedTest(wire.WireTest):
    def test_a_subscribed_instrument_comes_first(self):
        url = odd_broker.start(self, CountingBroker)
        self.configure(symbols=SYMBOLS, match=(), url=url, serve='listen = "127.0.0.1:0"', poll="interval = 0.05  rate = 60")
        self.start_run()
        counts = CountingBroker.counts
        self.until(lambda: min(counts.values()) >= 2, "each was polled twice")
        api = self.until(lambda: self.status().get("local_api"), "the local API listens")
        client = ws_client.Client(api, "/")
        self.addCleanup(client.close)
        client.send(json.dumps({"type": "smd", "level": 1, "depth": 1, "entries": ["LA"],
                                "products": [{"symbol": SYMBOLS[30], "marketId": "ROFX"}]}))
        self.assertIn('"Md"', client.text())
        before = dict(counts)
        self.until(lambda: counts[SYMBOLS[30]] - before[SYMBOLS[30]] >= 40, "it is polled often")
        others = [counts[symbol] - before[symbol] for symbol in SYMBOLS if symbol != SYMBOLS[30]]
        self.assertLess(max(others), 20)
        self.assertGreaterEqual(min(others), 1)


if __name__ == "__main__":
    unittest.main()
