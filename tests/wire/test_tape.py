"""The trade tape is completed from the broker's lists: after outages of the stream, of the broker and of the service
each simulated trade is recorded exactly once. The simulator's own list is the truth."""
import collections
import json
import signal
import sqlite3
import time
import urllib.parse
import urllib.request

import futures
from wire import CINTA, PATIENCE_S, Process, WireTest, main

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

    def restart_broker(self, *options):
        """The process is killed and started again at the same address. Returns its trades of before."""
        truth = {symbol: self.truth(symbol) for symbol in (FUTURE, BOND)}
        self.sim.kill(signal.SIGKILL)
        self.sim.wait_exit()
        self.start_sim(*options, listen=urllib.parse.urlparse(self.url).netloc)
        return truth

    def test_every_trade_once_after_outages(self):
        options = ("--rate", "400", "--trades", self.path("trades"))
        self.start_sim(*options)
        self.configure(symbols=(FUTURE, BOND), match=(), poll=POLL, stream="enable = true  stale = 2")
        self.start_run()
        self.service.wait_line("event=streaming")
        for _ in range(3):  # outages of the stream, in which trades go on
            self.post("sim/stream?kind=reset")
            self.traded(100)
            self.service.wait_line("event=streaming")
        before = self.restart_broker(*options)
        self.service.wait_line("event=login")  # it knows no token any more
        self.service.wait_line("event=streaming")
        self.traded(100)
        for symbol in (FUTURE, BOND):
            self.assertEqual(before[symbol] - self.truth(symbol), collections.Counter(), "kept by the broker")
        self.service.kill(signal.SIGKILL)
        self.service.wait_exit()
        self.traded(400)
        self.start_run()
        self.service.wait_line("event=streaming")
        self.traded(100)
        self.post("sim/market?state=closed")
        self.expect_whole((FUTURE, BOND))
        self.service.wait_line("event=tape_completed", "trades added from")
        self.stop_run()
        self.assertEqual(self.sql("select distinct percent, missing from tape_quality"), [(100, 0)])
        self.assertEqual(self.one("select count(*) from tape_quality"), 2)
        self.assertEqual(self.cinta("verify", "-c", self.conf_path).returncode, 0)
        self.assertGreater(self.one("select count(*) from trades where origin = 'history'"), 0)

    def test_trades_of_the_terminal_get_their_size(self):
        self.start_sim("--rate", "400", "--matriz-listen", "127.0.0.1:0")
        self.configure(symbols=(FUTURE, BOND), match=(), poll=POLL, stream="enable = true  dialects = {matriz}",
                       broker=f'timeout = 5  matriz_url = "{self.matriz_url}"')
        self.start_run()
        self.service.wait_line("event=streaming")
        self.until_rows("select count(*) from trades where origin = 'matriz'", at_least=20)
        self.post("sim/market?state=closed")
        self.service.wait_line("event=tape_completed", "recorded without size or time got them")
        self.expect_whole((FUTURE, BOND))
        self.stop_run()
        self.assertEqual(self.one("select count(*) from trades where size is null"), 0)
        self.assertGreater(self.one("select count(*) from trades where origin = 'matriz'"), 10)
        self.assertEqual(self.sql("select distinct percent, missing from tape_quality"), [(100, 0)])
        self.assertEqual(self.one("select count(*) from tape_quality"), 2)
        self.assertEqual(self.cinta("verify", "-c", self.conf_path).returncode, 0)

    def test_a_refused_list_is_not_requested_again(self):
        fault = f'fault {{ path = "rest/data/getTrades" symbol = "{FUTURE}" kind = "error" body = "Access Denied" }}'
        self.start_sim("--rate", "400", faults=fault)
        self.configure(symbols=(FUTURE, BOND), match=(), poll=POLL)
        self.start_run()
        line = self.service.wait_line("event=tape_failed", FUTURE)
        self.assertIn("Access Denied", line)
        self.assertIn("it is not requested again today", line)
        self.until_rows("select count(*) from tape_day where ts_merged > 0")  # the other one is
        self.stop_run()
        self.assertEqual(len(self.events("tape_failed")), 1)

    def test_an_account_without_lists(self):
        fault = 'fault { path = "rest/data/getTrades" kind = "error" body = "Access Denied" }'
        self.start_sim("--rate", "400", faults=fault)
        self.configure(match=("*",), poll=POLL)
        self.start_run()
        self.service.wait_line("event=tape_failed", "gives no lists of trades to this account")
        self.until_polled(200)
        self.stop_run()
        self.assertEqual(len(self.events("tape_failed")), 5)
        self.assertEqual(self.stats()["trades"], 5)

    def record_without_lists(self):
        """A database in which most trades of today are missing."""
        self.start_sim("--rate", "2000")
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

    def test_backfill_without_a_service(self):
        self.record_without_lists()
        self.configure(symbols=(FUTURE, BOND), match=(), poll=POLL)
        logins = self.stats()["logins"]
        done = self.backfill(BOND)
        self.assertEqual(self.stats()["logins"], logins)  # with the token of the service
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("1 of 1 lists", done.stdout)
        self.expect_whole((BOND,))
        done = self.backfill("--json")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        answer = json.loads(done.stdout)
        self.assertEqual((answer["wanted"], answer["merged"], answer["failed"]), (2, 2, []))
        self.assertGreater(answer["trades_from_lists"], 0)
        self.expect_whole((FUTURE, BOND))
        self.assertEqual(self.cinta("verify", "-c", self.conf_path).returncode, 0)

    def test_backfill_does_not_repeat_a_complete_day(self):
        self.record_without_lists()
        for listed, said in ((1, "1 of 1 lists"), (0, "1 instruments were complete before")):
            requests = self.stats()["trades"]
            done = self.cinta("backfill", "-c", self.conf_path, "--date", "2026-11-20", BOND)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.assertIn(said, done.stdout)
            self.assertEqual(self.stats()["trades"] - requests, listed)

    def test_backfill_leaves_what_another_run_asked_for(self):
        self.record_without_lists()
        self.configure(symbols=(FUTURE, BOND), match=(), poll=POLL.replace("trades_every = 0.2", "trades_every = 20"))
        first = Process([CINTA, "backfill", "-c", self.conf_path, "--date", self.day()])
        self.addCleanup(first.end)
        self.until_rows("select count(*) from tape_day where ts_merged > 0")
        first.kill(signal.SIGINT)
        first.wait_exit()
        self.assertEqual(self.one("select count(*) from tape_day"), 1)
        other = self.one("select symbol from instrument where id not in (select instrument_id from tape_day)"
                         " and symbol in (?, ?)", FUTURE, BOND)
        self.configure(symbols=(FUTURE, BOND), match=(), poll=POLL)
        done = self.backfill(other)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.expect_whole((other,))

    def test_backfill_with_a_service(self):
        self.record_without_lists()
        self.configure(symbols=(FUTURE, BOND), match=(), poll=POLL)
        self.start_run()
        self.service.wait_line("event=started")
        done = self.backfill()
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("the running service requests the lists, one in 0.2 s", done.stdout)
        self.assertIn("2 of 2 lists", done.stdout)
        self.expect_whole((FUTURE, BOND))
        self.stop_run()

    def test_backfill_that_cannot_be_done(self):
        fault = f'fault {{ path = "rest/data/getTrades" symbol = "{FUTURE}" kind = "error" body = "Access Denied" }}'
        self.record_without_lists()
        self.sim.end()
        self.start_sim("--rate", "400", faults=fault)
        self.configure(symbols=(FUTURE, BOND), match=(), poll=POLL)
        done = self.backfill()
        self.assertEqual(done.returncode, 1)
        self.assertIn(f'{FUTURE}: rest/data/getTrades: the broker answered "Access Denied"', done.stderr)
        self.assertIn("1 of 2 lists are missing", done.stderr)
        done = self.backfill("nothing like this")
        self.assertEqual(done.returncode, 1)
        self.assertIn("no symbol matches 'nothing like this'", done.stderr)
        self.configure(symbols=(FUTURE, BOND), match=(), poll="trades_every = 0")
        self.start_run()
        self.service.wait_line("event=started")
        done = self.backfill()
        self.assertEqual(done.returncode, 78)
        self.assertIn("poll.trades_every is 0, so the running service requests no lists", done.stderr)
        self.stop_run()


if __name__ == "__main__":
    main()
