"""The trades that the simulator made, which its own list says, and those on the tape."""
import collections
import json
import sqlite3
import time
import urllib.parse
import urllib.request

import futures
from wire import PATIENCE_S, WireTest

FUTURE = futures.SECOND
BOND = "MERV - XMEV - AL30 - 24hs"
POLL = "interval = 0.2  rate = 200  in_flight = 8  trades_every = 0.2"


class TapeTest(WireTest):
    def token(self):
        headers = {"X-Username": "alice", "X-Password": self.sim_password}
        request = urllib.request.Request(self.url + "auth/getToken", method="POST", data=b"", headers=headers)
        with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
            return answer.headers["X-Auth-Token"]

    def day(self):
        return sqlite3.connect(":memory:").execute("select date('now', '-3 hours')").fetchone()[0]

    def truth(self, symbol):
        """Every trade that the simulator made today, as (whole second, price, size)."""
        query = urllib.parse.urlencode({"marketId": "ROFX", "symbol": symbol, "date": self.day(), "external": "true"})
        request = urllib.request.Request(f"{self.url}rest/data/getTrades?{query}",
                                         headers={"X-Auth-Token": self.token()})
        with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
            trades = json.load(answer)["trades"]
        return collections.Counter((t["servertime"] // 1000, t["price"], t["size"]) for t in trades)

    def tape(self, symbol):
        rows = self.sql("select ts_event / 1000000000, price, size from trades where symbol = ?", symbol)
        return collections.Counter(rows)

    def expect_whole(self, symbols):
        """Waits until the tape of each symbol is the truth, exactly once each."""
        truth = {symbol: self.truth(symbol) for symbol in symbols}
        self.until(lambda: all(self.tape(s) == truth[s] for s in symbols), "the tape is complete")
        for symbol in symbols:
            self.assertGreater(sum(truth[symbol].values()), 10, symbol)

    def traded(self, more):
        """Waits until the simulator has made this many more changes, which it does when it is asked for something."""
        goal = self.stats()["changes"] + more
        self.until(lambda: self.truth(FUTURE) and self.stats()["changes"] >= goal, f"{more} more changes")

    def record_without_lists(self, *options):
        """A database in which most trades of today are missing."""
        self.start_sim("--rate", "2000", *options)
        self.configure(symbols=(FUTURE, BOND), match=(), poll=POLL.replace("0.2 ", "0.5 ").replace("every = 0.2", "every = 0"))
        self.start_run()
        self.until_rows("select count(*) from trades", at_least=4)
        self.stop_run()
        self.traded(1000)
        self.post("sim/market?state=closed")
        self.assertEqual(self.one("select count(*) from tape_day"), 0)
        last = max(second for symbol in (FUTURE, BOND) for second, _, _ in self.truth(symbol))
        self.until(lambda: time.time() > last + 2, "a list has all trades")  # it may lack those of the last moment

    def backfill(self, *arguments):
        return self.cinta("backfill", "-c", self.conf_path, "--date", self.day(), *arguments)
