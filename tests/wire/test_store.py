"""The database while it is locked, on a full disk, during long reads, when it is lost, and when it is not cinta's."""
import json
import os
import resource
import shutil
import sqlite3
import unittest

import wire


class Store(wire.WireTest):
    def test_a_lock_delays_without_loss(self):
        self.start_sim("--rate", "300")
        self.configure()
        service = self.start_run()
        self.until_rows("select count(*) from snapshots", at_least=20)
        user = sqlite3.connect(self.db_path, isolation_level=None, timeout=30)
        user.execute("begin immediate")
        service.wait_line("another program holds a write lock", "event=store_delayed")
        self.until_polled(100)  # polling continues
        self.until(lambda: self.listed("store_delayed", "holds a write lock"), "status lists it")
        user.execute("rollback")
        user.close()
        service.wait_line("writing again")
        self.until_polled()
        self.stop_run()
        seqs = [r[0] for r in self.sql("select seq from snapshots order by seq")]
        self.assertEqual(seqs, list(range(1, len(seqs) + 1)))
        for kind, words in (("store_delayed", "holds a write lock"), ("store_recovered", "writing again")):
            told = self.events(kind)
            self.assertEqual(len(told), 1, kind)
            self.assertIn(words, told[0][1])
            self.assertIn(told[0][1], service.log())  # the same text

    def listed(self, kind, words):
        """Is there such an event in `cinta status`?"""
        answer = self.cinta("status", "-c", self.conf_path, "--json")
        return answer.returncode == 0 and any(e["kind"] == kind and words in e["detail"]
                                              for e in json.loads(answer.stdout)["events"])

    def test_a_full_disk_is_survived(self):
        self.start_sim("--rate", "300")
        self.configure()
        service = self.start_run()
        self.until_rows("select count(*) from snapshots", at_least=20)
        pid = service.child.pid
        limits = resource.prlimit(pid, resource.RLIMIT_FSIZE)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (4096, limits[1]))
        service.wait_line("cannot be written")
        self.until_polled(100)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, limits)
        service.wait_line("writing again")
        self.until_polled()
        self.stop_run()
        seqs = [r[0] for r in self.sql("select seq from snapshots order by seq")]
        self.assertEqual(seqs, list(range(1, len(seqs) + 1)))  # the backlog was not full
        self.assertEqual(len(self.events("store_delayed")), 1)

    def test_a_long_read_is_reported_and_the_wal_limited(self):
        self.start_sim("--rate", "300")
        self.configure(store="commit_every = 0.05  wal_limit = 2")
        service = self.start_run()
        self.until_rows("select count(*) from snapshots", at_least=20)
        reader = sqlite3.connect(f"file:{self.db_path}?mode=ro", uri=True, isolation_level=None)
        reader.execute("begin")
        reader.execute("select count(*) from quotes").fetchall()
        line = service.wait_line("a long read keeps the -wal file from being reset")
        self.assertIn(f"process {os.getpid()} (python", line)
        service.wait_line("store.wal_limit (2 MB)")
        self.until_polled(100)
        self.assertLess(os.path.getsize(self.db_path + "-wal"), 8e6)
        self.assertTrue(json.loads(self.cinta("status", "-c", self.conf_path, "--json").stdout)["store"]["failing"])
        reader.close()
        service.wait_line("writing again")
        service.wait_line("-wal file can be reset again")
        self.until(lambda: self.listed("wal_freed", "can be reset again"), "status lists it")
        self.assertTrue(self.listed("wal_stuck", f"process {os.getpid()}"))
        self.assertTrue(self.listed("store_recovered", "writing again"))
        self.stop_run()
        seqs = [r[0] for r in self.sql("select seq from snapshots order by seq")]
        self.assertEqual(seqs, list(range(1, len(seqs) + 1)))
        self.assertIn(f"process {os.getpid()}", self.events("wal_stuck")[0][1])

    def lose_the_database(self, lose):
        """Records a thousand changes a second, loses the file, and checks that recording continues."""
        self.start_sim("--rate", "1000", "--instruments", "60")
        self.configure(stream="enable = true")
        service = self.start_run()
        self.until_rows("select count(*) from snapshots", at_least=1000)
        instruments = self.one("select count(*) from quotes")
        lose()
        service.wait_line("store_reopened", self.db_path)
        self.until_rows("select count(*) from snapshots where changed <> ''", at_least=500)
        self.until(lambda: self.listed("store_reopened", self.db_path), "status lists it")
        status = json.loads(self.cinta("status", "-c", self.conf_path, "--json").stdout)
        self.assertEqual(status["store"]["dropped"], 0)
        self.stop_run()
        verified = self.cinta("verify", "--db", self.db_path)
        self.assertEqual(verified.returncode, 0, verified.stdout)
        seqs = [r[0] for r in self.sql("select seq from snapshots order by seq")]
        self.assertEqual(seqs, list(range(seqs[0], seqs[0] + len(seqs))))  # none is missing
        self.assertGreaterEqual(self.one("select count(*) from quotes"), instruments)
        self.assertEqual(len(self.events("store_reopened")), 1)
        return seqs

    def test_a_deleted_database_is_created_again(self):
        seqs = self.lose_the_database(lambda: os.unlink(self.db_path))
        self.assertGreater(seqs[0], 1000)
        states = self.one("select count(*) from snapshots where changed = ''")
        self.assertGreater(states, 0)
        # Coverage begins with the new file and has no gap from there on.
        self.assertEqual(self.sql("select * from gaps where reason <> 'stopped'"), [])
        self.assertGreaterEqual(self.one("select min(ts_from) from coverage"),
                                self.one("select min(ts_from) from watch"))

    def test_a_moved_database_is_complete_and_recording_continues_in_a_new_one(self):
        moved = self.path("moved.db")
        seqs = self.lose_the_database(lambda: os.rename(self.db_path, moved))
        self.db_path = moved
        old = [r[0] for r in self.sql("select seq from snapshots order by seq")]
        self.assertEqual(old, list(range(1, seqs[0])))  # seq continues from the old file to the new one
        self.assertEqual(self.cinta("verify", "--db", moved).returncode, 0)

    def test_a_deleted_wal_loses_nothing(self):
        seqs = self.lose_the_database(lambda: os.unlink(self.db_path + "-wal"))
        self.assertEqual(seqs[0], 1)

    def test_another_program_that_closes_the_database_leaves_the_wal(self):
        self.start_sim("--rate", "300")
        self.configure()
        self.start_run()
        self.until_rows("select count(*) from snapshots", at_least=20)
        before = os.stat(self.db_path + "-wal").st_ino
        user = sqlite3.connect(self.db_path)  # may write: without the service's lock its close would remove the -wal
        user.execute("select count(*) from quotes").fetchall()
        user.close()
        self.assertEqual(os.stat(self.db_path + "-wal").st_ino, before)
        self.stop_run()
        self.assertEqual(self.events("store_reopened"), [])

    def test_a_folder_that_is_deleted_and_created_again(self):
        os.mkdir(self.path("data"), 0o700)
        self.db_path = self.path("data/cinta.db")
        self.start_sim("--rate", "300")
        self.configure()
        service = self.start_run()
        self.until_rows("select count(*) from snapshots", at_least=50)
        shutil.rmtree(self.path("data"))
        shutil.rmtree(self.path("state"))
        service.wait_line("cannot be opened again", "does not exist")
        self.until_polled(50)
        os.mkdir(self.path("data"), 0o700)
        os.mkdir(self.path("state"), 0o700)
        service.wait_line("store_reopened")
        service.wait_line("writing again")
        self.until_rows("select count(*) from snapshots where changed <> ''", at_least=50)
        ask = lambda: self.cinta("status", "-c", self.conf_path, "--json")
        self.until(lambda: ask().returncode == 0, "the status socket is made again")
        self.stop_run()
        self.assertEqual(self.cinta("verify", "--db", self.db_path).returncode, 0)
        self.assertEqual(len(self.events("store_delayed")), 1)

    def test_old_data_is_deleted(self):
        self.start_sim()
        self.configure()
        self.start_run()
        self.until_rows("select count(*) from quotes", at_least=8)
        self.stop_run()
        user = sqlite3.connect(self.db_path)
        with user:
            for table in ("snapshot_recent", "snapshot_history", "quote"):
                user.execute(f"update {table} set ts_recv = ts_recv - 30 * 86400 * 1000000000")
            user.execute("insert into feed_event (ts, kind, detail) values (1000, 'login', 'of 1970')")
        user.close()
        quotes = self.one("select count(*) from quotes")
        old = self.one("select count(*) from snapshots")
        self.configure(symbols=("I.RFX20",), match=(), store="keep_days = 7")
        service = self.start_run()
        line = service.wait_line("old data trimmed")
        self.assertIn(f" {old} changes, ", line)
        self.assertIn(" 1 events", line)
        self.assertLess(self.one("select count(*) from snapshots"), old)
        self.assertEqual(self.one("select count(*) from quotes"), quotes)
        status = self.until(lambda: json.loads(self.cinta("status", "-c", self.conf_path, "--json").stdout).get("store"),
                            "status answers")  # the store starts before the status socket does
        self.assertGreater(status["used_bytes"], 0)
        self.assertGreater(status["disk_free_bytes"], 0)
        self.assertIsNone(status["growth_bytes_per_day"])
        self.stop_run()
        self.assertEqual(self.cinta("verify", "--db", self.db_path).returncode, 0)

    def test_other_and_newer_databases_are_refused_unchanged(self):
        self.start_sim()
        for name, statements, words in (
                ("of another program", "create table t (x); pragma application_id = 7", "not a cinta database"),
                ("newer", "create table t (x); pragma application_id = 1128877652; pragma user_version = 9999", "newer")):
            with self.subTest(name):
                self.setUp()
                made = sqlite3.connect(self.db_path)
                made.executescript(statements)
                made.close()
                with open(self.db_path, "rb") as file:
                    before = file.read()
                self.configure()
                service = self.start_run()
                self.assertEqual(service.wait_exit(), 1, service.log())
                self.assertIn(words, service.log())
                with open(self.db_path, "rb") as file:
                    self.assertEqual(file.read(), before)

    def test_one_service_per_state_dir(self):
        self.start_sim()
        self.configure()
        first = self.start_run()
        self.until_rows("select count(*) from quotes")
        second = self.start_run()
        self.assertEqual(second.wait_exit(), 1)
        self.assertIn(f"process {first.child.pid}", second.log())
        self.stop_run(first)

    def test_missing_folder_is_named(self):
        self.start_sim()
        self.db_path = self.path("nowhere/cinta.db")
        self.configure()
        service = self.start_run()
        self.assertEqual(service.wait_exit(), 1)
        self.assertIn(self.db_path, service.log())


if __name__ == "__main__":
    wire.main()
