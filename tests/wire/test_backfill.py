"""`cinta backfill` completes the trades of a day: with a service, without one, interrupted, several at once, and when
the broker cannot or will not answer."""
import json
import os
import pty
import signal
import sqlite3
import subprocess

from taping import BOND, FUTURE, POLL, TapeTest
from wire import CINTA, PATIENCE_S, Process, main


class Backfill(TapeTest):
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

    def test_backfill_that_is_interrupted_on_a_terminal(self):
        self.record_without_lists()
        self.configure(symbols=(FUTURE, BOND), match=(), poll=POLL.replace("trades_every = 0.2", "trades_every = 20"))
        past = ("backfill", "-c", self.conf_path, "--date", "2026-11-20", FUTURE, BOND)
        master, slave = pty.openpty()
        child = subprocess.Popen([CINTA, *past], stdout=slave, stderr=slave, start_new_session=True)
        os.close(slave)
        shown = b""
        while b"1 of 2 lists" not in shown:
            shown += os.read(master, 4096)
        os.killpg(child.pid, signal.SIGINT)  # Ctrl-C
        self.assertEqual(child.wait(PATIENCE_S), -signal.SIGINT)
        os.close(master)
        self.assertIn(b"\r[" + b"." * 30 + b"] 0 of 2 lists, 0 trades\x1b[K", shown)
        self.assertIn(b"\r[" + b"#" * 15 + b"." * 15 + b"] 1 of 2 lists", shown)
        self.configure(symbols=(FUTURE, BOND), match=(), poll=POLL)
        requests = self.stats()["trades"]
        done = self.cinta(*past)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("1 of 1 lists", done.stdout)
        self.assertIn("1 instruments were complete before", done.stdout)
        self.assertEqual(self.stats()["trades"] - requests, 1)

    def test_two_backfills_at_once(self):
        self.record_without_lists()
        self.configure(symbols=(FUTURE, BOND), match=(), poll=POLL.replace("trades_every = 0.2", "trades_every = 1"))
        command = [CINTA, "backfill", "-c", self.conf_path, "--date", self.day()]
        first = Process(command)
        self.addCleanup(first.end)
        self.until_rows("select count(*) from tape_day where ts_merged > 0")
        done = self.cinta(*command[1:])  # waits for the process of the first one, and goes on after it
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("2 of 2 lists", done.stdout)
        self.assertEqual(first.wait_exit(), 0, first.log())
        self.assertIn("2 of 2 lists", first.stdout)
        self.expect_whole((FUTURE, BOND))

    def test_backfill_of_a_broker_that_asks_for_fewer_requests(self):
        self.record_without_lists()
        before = self.sim
        fault = 'fault { path = "rest/data/getTrades" status = 429 retry_after = 1 count = 1 }'
        before.end()
        self.start_sim("--rate", "0", faults=fault)
        self.configure(symbols=(FUTURE, BOND), match=(), poll=POLL)
        done = self.backfill()
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("2 of 2 lists", done.stdout)
        self.assertEqual(self.stats()["trades"], 3)  # none while it was to wait
        limited = self.events("rate_limited")
        self.assertEqual(len(limited), 1)
        self.assertIn("rest/data/getTrades: the broker asks for fewer requests (429); no requests for", limited[0][1])

    def test_backfill_without_a_broker(self):
        self.record_without_lists()
        self.sim.end()
        self.configure(symbols=(FUTURE, BOND), match=(), poll=POLL, broker="timeout = 1")
        done = self.backfill(BOND)  # with a token
        self.assertEqual(done.returncode, 69, done.stderr)
        self.assertIn("the broker cannot be reached: rest/data/getTrades: no connection", done.stderr)
        for name in os.listdir(self.path("state")):
            if name.startswith("token"):
                os.unlink(os.path.join(self.path("state"), name))
        done = self.backfill("--json")
        self.assertEqual(done.returncode, 69, done.stderr)
        self.assertIn("the broker cannot be reached: the login failed", done.stderr)
        self.assertEqual(json.loads(done.stdout)["merged"], 0)

    def test_backfill_that_cannot_write(self):
        self.record_without_lists()
        self.configure(symbols=(FUTURE, BOND), match=(), poll=POLL.replace("trades_every = 0.2", "trades_every = 2"),
                       broker="timeout = 1")
        run = Process([CINTA, "backfill", "-c", self.conf_path, "--date", self.day()])
        self.addCleanup(run.end)
        self.until_rows("select count(*) from tape_day where ts_merged > 0")
        user = sqlite3.connect(self.db_path, isolation_level=None, timeout=10)
        user.execute("begin immediate")  # before the second list
        self.assertEqual(run.wait_exit(), 1, run.log())
        user.close()
        self.assertIn("cannot be written: the disk is full, or another program locks it", run.log())
        self.assertIn("1 of 2 lists", run.stdout)

    def test_backfill_of_a_day_without_trades(self):
        self.start_sim("--rate", "0")
        self.configure(symbols=(FUTURE,), match=(), session='days = "Mon-Fri"  hours = "10:00-17:00"')
        self.start_run()
        self.until_rows("select count(*) from quotes")
        self.stop_run()
        for date, status, said in (("2026-11-22", 2, "2026-11-22 is not a trading day"),
                                   ("2098-01-01", 2, "2098-01-01 is in the future"),
                                   ("22/11", 2, "'22/11' is not a day"), ("2026-11-20", 0, "")):
            done = self.cinta("backfill", "-c", self.conf_path, "--date", date, FUTURE)
            self.assertEqual(done.returncode, status, done.stderr)
            self.assertIn(said, done.stderr)

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
