"""`cinta export --since-last`, beside a running service; kills, full disks, signals, locks."""
import contextlib
import fcntl
import gzip
import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import unittest

import wire
from exporting import KEY, TABLES, ExportTest, files_of, folder_rows, read_file

STRACE = ("strace", "-f", "-qq", "-o", "/dev/null")


def can_trace():
    try:
        return subprocess.run([*STRACE, "true"], capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False


class Series(ExportTest):
    def assert_once(self, out, table):
        """All parts together have each row of the view once."""
        _, wanted = self.view(table)
        key = lambda r: tuple(str(r[c] or "") for c in ("symbol", KEY[table], "seq", "detail") if c in r)
        got = sorted(map(key, folder_rows(out, table)))
        self.assertEqual(got, sorted(map(key, wanted)))

    def test_a_series_gives_each_row_once_while_the_service_writes(self):
        self.start_recording()
        out = self.path("series")
        for part in range(4):
            goal = self.one("select last_seq from ledger") + 150
            self.until_rows("select last_seq from ledger", at_least=goal)
            self.export("--since-last", "s", "-t", "snapshots,trades,events", "--out", out, "--compress", "none")
            self.assertTrue(any(f"/part-{part}." in n for n in files_of(out)), sorted(files_of(out)))
        self.stop_run()
        self.export("--since-last", "s", "-t", "snapshots,trades,events", "--out", out, "--compress", "none")
        for table in ("snapshots", "trades", "events"):
            self.assert_once(out, table)
        before = sorted(files_of(out))
        done = self.export("--since-last", "s", "-t", "snapshots,trades,events", "--out", out, "--compress", "none")
        self.assertIn("0 rows: nothing new", done.stderr)
        self.assertEqual(sorted(files_of(out)), before)

    def test_a_series_that_begins_with_an_empty_database(self):
        self.record()
        full = self.db_path + ".full"
        shutil.copy(self.db_path, full)
        with contextlib.closing(sqlite3.connect(self.db_path)) as connection, connection:
            for table in ("snapshot_recent", "snapshot_history", "trade", "bar_1m", "feed_event",
                          "coverage_closed", "coverage_open"):
                connection.execute(f"delete from {table}")
            connection.execute("update ledger set last_seq = 0, written = 0")
        tables = ("snapshots", "trades", "events")
        what = ("--since-last", "s", "-t", ",".join(TABLES), "--out", self.path("out"), "--compress", "none")
        for _ in range(3):
            self.assertIn("0 rows: nothing new", self.export(*what).stderr)
        with contextlib.closing(sqlite3.connect(self.db_path)) as connection, connection:
            connection.execute("attach ? as whole", (full,))
            for table in ("snapshot_recent", "snapshot_history", "trade", "feed_event"):
                connection.execute(f"insert into {table} select * from whole.{table}")
            connection.execute("update ledger set last_seq = (select last_seq from whole.ledger)")
        self.export(*what)
        for table in tables:
            self.assert_once(self.path("out"), table)
        self.assertIn("0 rows: nothing new", self.export(*what).stderr)

    def test_two_series_do_not_mix(self):
        self.record()
        out = self.path("one")
        self.export("--since-last", "a", "--out", out)
        for options, words in (((), "is the folder of a series of exports"),
                               (("--since-last", "b"), "of another series of exports")):
            done = self.export("--out", out, *options, expect=2)
            self.assertIn(words, done.stderr)
            self.assertIn("give another --out", done.stderr)
        self.export("--since-last", "b", "--out", self.path("two"), "-t", "trades")
        self.assert_once(self.path("two"), "trades")

    @unittest.skipUnless(can_trace(), "strace cannot be used here")
    def test_killed_and_run_again(self):
        """Killed at every system call: no duplicates, no missing rows, no partial file under a final name."""
        self.record()
        what = ("-t", "snapshots,trades", "--compress", "gzip", "-q")
        self.export("--out", self.path("whole"), *what)
        for call, least in (("write", 3), ("fsync", 6), ("rename", 2), ("pwrite64", 1)):  # pwrite64 writes the marks
            out = self.path(call)
            argv = [wire.CINTA, "export", "--db", self.db_path, "--since-last", call, "--out", out, *what]
            killed = next(step for step in range(60) if self.run_killed(call, step + 1, argv) == 0)
            self.assertGreaterEqual(killed, least, call)
            self.assert_the_same(self.path("whole"), out)
            for table in ("snapshots", "trades"):
                self.assert_once(out, table)

    def run_killed(self, call, step, argv):
        """The exit status of a run that is killed at call number `step` of `call`; files with a final name are complete."""
        status = subprocess.run([*STRACE, "-e", f"inject={call}:signal=KILL:when={step}", *argv], timeout=60,
                                env={**os.environ, "ASAN_OPTIONS": "detect_leaks=0"}, capture_output=True,
                                check=False).returncode
        for name, path in files_of(argv[argv.index("--out") + 1]).items():
            if name.endswith(".gz"):
                gzip.decompress(read_file(path))
        return status

    def assert_the_same(self, one, other):
        a, b = files_of(one), files_of(other)
        self.assertEqual(sorted(a), sorted(b))
        for name in a:
            if name != "manifest.jsonl":  # contains the name of the series
                self.assertEqual(read_file(a[name]), read_file(b[name]), name)

    def test_a_full_disk_leaves_nothing(self):
        self.record()
        out = self.path("full")
        argv = [wire.CINTA, "export", "--db", self.db_path, "--since-last", "f", "-t", "snapshots", "--compress", "none",
                "--out", out]
        limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (40000, resource.RLIM_INFINITY))
        done = subprocess.run(argv, capture_output=True, text=True, timeout=60, preexec_fn=limit, check=False)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn("File too large", done.stderr)
        self.assertEqual([n for n in files_of(out) if n != "manifest.jsonl"], [])
        self.export(*argv[4:])
        self.assert_once(out, "snapshots")

    def test_interrupted(self):
        self.record()
        out = self.path("interrupted")
        # The signal is blocked and sent before exec, so that it is pending at the first row.
        argv = [wire.CINTA, "export", "--db", self.db_path, "--out", out]
        block = lambda: signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
        child = subprocess.Popen(argv, stderr=subprocess.PIPE, text=True, preexec_fn=lambda: (block(), os.kill(os.getpid(), signal.SIGTERM)))
        words = child.communicate(timeout=60)[1]
        self.assertEqual(child.returncode, 1, words)
        self.assertIn("interrupted", words)
        self.assertEqual([n for n in files_of(out) if n != "manifest.jsonl"], [])

    def test_while_another_export_writes(self):
        self.record()
        out = self.path("busy")
        os.mkdir(out)
        folder = os.open(out, os.O_RDONLY)
        fcntl.flock(folder, fcntl.LOCK_EX)
        self.assertIn("another export is writing", self.export("--out", out, expect=1).stderr)
        os.close(folder)
        self.export("--out", out)

    def test_a_lock_on_the_database_is_waited_for(self):
        self.start_recording()
        user = sqlite3.connect(self.db_path, isolation_level=None, timeout=30)
        user.execute("begin immediate")
        child = subprocess.Popen([wire.CINTA, "export", "--db", self.db_path, "--since-last", "w", "-t", "trades", "--out",
                                  self.path("waited"), "--compress", "none"], stderr=subprocess.PIPE, text=True)
        self.until(lambda: "manifest.jsonl" in files_of(self.path("waited")), "the files exist")
        self.assertIsNone(child.poll())
        user.execute("rollback")
        user.close()
        words = child.communicate(timeout=60)[1]
        self.assertEqual(child.returncode, 0, words)
        self.assertEqual(self.one("select part from export_mark where name = 'w'"), 1)
        self.stop_run()


if __name__ == "__main__":
    wire.main()
