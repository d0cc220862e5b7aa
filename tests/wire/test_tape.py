"""The trade tape is completed from the broker's lists: after outages of the stream, of the broker and of the service
each simulated trade is recorded exactly once. The simulator's own list is the truth."""
import collections
import signal
import urllib.parse

from taping import BOND, FUTURE, POLL, TapeTest
from wire import main


class Tape(TapeTest):
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

    def test_a_clock_that_is_a_day_ahead(self):
        self.record_without_lists("--clock-skew", "-86400")
        self.configure(symbols=(FUTURE, BOND), match=(), poll=POLL)
        self.assertEqual(self.backfill().returncode, 0)
        newest = max(second for symbol in (FUTURE, BOND) for second, _, _ in self.truth(symbol))
        # What the list cannot have yet would be taken for listed, and never be recorded.
        self.assertLessEqual(self.one("select max(ts_complete) from tape_day"), (newest + 1) * 10**9)


if __name__ == "__main__":
    main()
