"""cinta merge: two recorders with gaps of their own become one database, in which each change is once."""
import collections
import json
import os
import signal
import sqlite3
import unittest

import wire

STATE = ("symbol, bid_price, bid_size, offer_price, offer_size, last_price, last_size, last_time, high_price, low_price, "
         "trade_volume, nominal_volume, effective_volume, open_interest, open_price, close_price, settlement_price, "
         "index_value, auction_price, bids, offers")


class Recorder(wire.WireTest):
    """A service of its own, with the same simulator."""

    def __init__(self, test, name):
        super().__init__()
        self.dir = test.path(name)
        os.mkdir(self.dir)
        self.db_path = self.path(f"{name}.db")
        self.conf_path = self.path("cinta.conf")
        self.url, self.test = test.url, test
        self.configure(stream="enable = true  ping = 1  stale = 60", poll="interval = 0.5  rate = 50")

    def addCleanup(self, *what, **how):
        self.test.addCleanup(*what, **how)

    def begin(self):
        self.start_run().wait_line("event=streaming")
        return self

    def more(self, rows):
        goal = self.one("select count(*) from snapshots") + rows
        self.until_rows("select count(*) from snapshots", at_least=goal)

class Merge(wire.WireTest):
    def rows(self, path, statement, *parameters):
        connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        try:
            return connection.execute(statement, parameters).fetchall()
        finally:
            connection.close()

    def merge(self, *arguments):
        return self.cinta("merge", *arguments)

    def record(self):
        """a: begins, is killed, begins again. b: begins, stops before a does. Both miss what the other one has."""
        self.start_sim("--rate", "300")
        a, b = Recorder(self, "a"), Recorder(self, "b")
        a.begin()
        a.more(300)
        b.begin()
        b.more(300)
        a.service.kill(signal.SIGKILL)
        a.service.wait_exit()
        b.more(300)
        a.begin()
        a.more(300)
        b.stop_run()
        a.more(300)
        a.stop_run()
        return a, b

    def test_two_recorders_become_one_database(self):
        a, b = self.record()
        out = self.path("all.db")
        done = self.merge(a.db_path, b.db_path, "--out", out, "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        report = json.loads(done.stdout)

        verified = self.cinta("verify", "--db", out)
        self.assertEqual(verified.returncode, 0, verified.stdout)
        # Frames are not the same for every client, so the rows are compared with those of the two recorders.
        rows = f"select ts_recv, {STATE} from snapshots where symbol = ? order by ts_recv, seq"
        for symbol, in self.rows(out, "select symbol from quotes"):
            merged = self.rows(out, rows, symbol)
            theirs = self.rows(a.db_path, rows, symbol), self.rows(b.db_path, rows, symbol)
            self.assertLessEqual(set(merged), set(theirs[0]) | set(theirs[1]), symbol)
            self.assertTrue(all(one[1:] != next[1:] for one, next in zip(merged, merged[1:])), symbol)
            self.assertEqual(merged[-1][1:], theirs[0][-1][1:], symbol)
            # No interruption is longer than in the database that was recorded at that time.
            first_b, last_b = theirs[1][0][0], theirs[1][-1][0]
            between = lambda list: [row for row in list if first_b < row[0] < last_b]
            self.assertGreaterEqual(len(between(merged)) * 1.1 + 3, len(between(theirs[1])), symbol)
        self.assertEqual(self.rows(out, "select seq from snapshots order by ts_recv, seq"),
                         [(seq,) for seq in range(1, report["changes"] + 1)])
        states = f"select {STATE} from quotes order by symbol"
        self.assertEqual(self.rows(out, states), self.rows(a.db_path, states))

        trades = "select symbol, event_time, price, size from trades"
        merged, *theirs = (collections.Counter(self.rows(path, trades)) for path in (out, a.db_path, b.db_path))
        self.assertEqual(merged, theirs[0] | theirs[1])
        self.assertTrue(merged - theirs[0] and merged - theirs[1])  # each had some that the other one lacks
        self.assertEqual(self.rows(out, "select round(sum(volume), 2), sum(trades) from bars_1m"),
                         self.rows(out, "select round(sum(size), 2), count(*) from trades"))

        # what one of them covered is covered, and the report says what each has missed
        covered = "select count(*) from coverage where symbol = ? and ts_from < ? and ts_to > ?"
        for symbol, begin, end in self.rows(out, "select symbol, ts_from, ts_to from gaps where reason != 'stopped'"):
            for recorder in (a, b):
                self.assertEqual(self.rows(recorder.db_path, covered, symbol, end, begin), [(0,)], (symbol, begin, end))
        union = "select sum(ts_to - ts_from) from coverage"
        for recorder in (a, b):
            self.assertGreater(self.rows(out, union), self.rows(recorder.db_path, union))
        self.assertEqual([share["database"] for share in report["from"]], [a.db_path, b.db_path])
        outages = {o["database"]: o for o in report["outages"]}
        self.assertEqual(set(outages), {a.db_path, b.db_path}, done.stdout)
        self.assertEqual(outages[a.db_path]["reason"], "killed")
        self.assertEqual(outages[a.db_path]["instruments"], report["instruments"])
        self.assertTrue(all(share["changes_taken"] < share["changes"] for share in report["from"]))
        kinds = [r[0] for r in self.rows(out, "select detail from feed_log where kind = 'killed'")]
        self.assertTrue(kinds and all(detail.startswith("a.db: ") for detail in kinds), kinds)
        self.assertIn("a.db, b.db", self.rows(out, "select detail from feed_log where kind = 'merged'")[0][0])

        # in the other order, and as a table
        done = self.merge(b.db_path, a.db_path, "--out", self.path("again.db"))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.rows(self.path("again.db"), f"select {STATE} from snapshots order by symbol, ts_recv, seq"),
                         self.rows(out, f"select {STATE} from snapshots order by symbol, ts_recv, seq"))
        self.assertIn("a.db missed, and another one has:", done.stdout)

        # the result is a database like any other
        done = self.cinta("export", "--db", out, "--out", self.path("export"), "--all")
        self.assertEqual(self.cinta("quotes", "--db", out).returncode, 0)

    def test_what_cannot_be_merged(self):
        self.start_sim("--rate", "100")
        a = Recorder(self, "a").begin()
        a.more(50)
        a.stop_run()
        self.write("text", "not a database")
        copy = self.path("copy.db")
        self.assertEqual(self.cinta("backup", "--db", a.db_path, copy).returncode, 0)
        for arguments, status, words in (
                ((a.db_path, "--out", copy), 2, "at least two"),
                ((a.db_path, copy), 2, "--out FILE"),
                ((a.db_path, copy, "--out", "-"), 2, "standard output"),
                ((a.db_path, a.db_path, "--out", self.path("c")), 1, "the same file"),
                ((a.db_path, copy, "--out", copy), 1, "is the database to be read"),
                ((a.db_path, copy, "--out", self.path("text")), 1, "already exists; --force"),
                ((a.db_path, self.path("text"), "--out", self.path("c")), 1, "not a database"),
                ((a.db_path, self.path("none.db"), "--out", self.path("c")), 1, "there is no database"),
                ((a.db_path, copy, "--out", self.dir, "--force"), 1, "is a folder")):
            done = self.merge(*arguments)
            self.assertEqual(done.returncode, status, (arguments, done.stderr))
            self.assertIn(words, done.stderr)
        self.assertEqual(sorted(os.listdir(self.dir)), ["a", "copy.db", "ready", "text"])
        done = self.merge(a.db_path, copy, "--out", self.path("text"), "--force", "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        report = json.loads(done.stdout)
        self.assertEqual((report["changes"], report["outages"]), (a.one("select count(*) from snapshots"), []))
        self.assertEqual(report["trades"], a.one("select count(*) from trades"))
        self.assertEqual(self.cinta("verify", "--db", self.path("text")).returncode, 0)


if __name__ == "__main__":
    wire.main()
