"""Which files `cinta export` replaces, and exports with and without a series in one folder."""
import gzip
import os
import subprocess

from exporting import TABLES, ExportTest, files_of, read_file
import wire


class Files(ExportTest):
    """--out FILE"""

    def test_other_files_are_not_replaced(self):
        self.record()
        for name, content in (("notes.csv", b"date;what\n1;2\n"), ("password.txt", b"secret\n"), ("t.jsonl", b'{"a":1}\n'),
                              ("t.csv.gz", gzip.compress(b"date,price\n")), ("t.csv", b"SQLite format 3\0")):
            with open(self.path(name), "wb") as file:
                file.write(content)
            done = self.export("-t", "bars", "--out", self.path(name), expect=2)
            self.assertIn("is not an export of cinta: give another name, or --force to replace it", done.stderr)
            self.assertEqual(read_file(self.path(name)), content)
            self.export("-t", "bars", "--out", self.path(name), "--force")
            self.assertNotEqual(read_file(self.path(name)), content)
            self.export("-t", "trades", "--out", self.path(name))  # it is an export now

    def test_other_files_in_a_folder(self):
        self.record()
        os.mkdir(self.path("out"))
        mine = self.write("out/trades.csv", "date,price\r\n")
        what = ("-t", "trades,bars", "--split", "none", "--compress", "none", "--out", self.path("out"))
        self.assertIn("is not an export of cinta", self.export(*what, expect=1).stderr)
        self.assertEqual(read_file(mine), b"date,price\r\n")
        self.export(*what, "--force")
        self.export(*what)
        self.assertTrue(read_file(mine).startswith(b"market,symbol,"))

    def test_an_export_is_replaced(self):
        self.record()
        for table in TABLES:
            for name in ("t.csv", "t.csv.gz", "t.jsonl.zst", "t.excel.csv"):
                self.export("-t", table, "--out", self.path(name))
                self.export("-t", table, "--out", self.path(name), "--match", "NO/SUCH")
                self.export("-t", table, "--out", self.path(name))
        self.assertEqual([n for n in files_of(self.dir) if n.endswith(".tmp")], [])

    def test_files_that_are_never_replaced(self):
        """The database with its -wal and -shm files, and the configuration: under every name, also with --force."""
        self.start_recording()
        os.symlink(self.db_path, self.path("link.csv"))
        os.link(self.db_path, self.path("hard.csv"))
        os.symlink(self.conf_path, self.path("conf.csv"))
        names = [self.db_path, self.db_path + "-wal", self.db_path + "-shm", os.path.relpath(self.db_path),
                 self.path("link.csv"), self.path("hard.csv"), self.conf_path, self.path("conf.csv"),
                 self.path("password"), self.path("state/token")]
        before = {name: os.stat(name).st_ino for name in names}
        password = read_file(self.path("password"))
        for name in names:
            for force in ((), ("--force",)):
                for conf in (True, False):
                    if not conf:
                        os.environ["CINTA_CONF"] = self.conf_path
                        self.addCleanup(os.environ.pop, "CINTA_CONF", None)
                    done = self.export("-t", "bars", "--format", "csv", "--out", name, *force, expect=2, conf=conf)
                    self.assertRegex(done.stderr, "is (the|a file of the) .*: give another", (name, force))
                    self.assertNotIn("--force", done.stderr)
        self.assertEqual({name: os.stat(name).st_ino for name in names}, before)
        self.assertEqual(read_file(self.path("password")), password)
        self.until_rows("select count(*) from snapshots", at_least=self.one("select count(*) from snapshots") + 20)
        self.stop_run()
        self.assertEqual(self.cinta("verify", "-c", self.conf_path).returncode, 0)

    def test_an_unknown_ending_is_refused(self):
        self.record()
        for name in ("t.xlsx", "t.json", "t.parquet", "t.csv.bz2", "t.txt"):
            done = self.export("-t", "bars", "--format", "csv", "--out", self.path(name), expect=2)
            self.assertIn(f"unknown format '{os.path.splitext(name)[1]}'", done.stderr)
            self.assertFalse(os.path.exists(self.path(name)))
        self.export("-t", "bars", "--out", self.path("of.cinta/"))
        self.assertTrue(os.path.isdir(self.path("of.cinta")))

    def test_nothing_is_written_through_a_link(self):
        """NAME.tmp may exist already, as a link to another file."""
        self.record()
        victim = self.write("victim", "precious")
        os.symlink(victim, self.path("t.csv.tmp"))
        self.export("-t", "bars", "--out", self.path("t.csv"))
        self.assertEqual(read_file(victim), b"precious")


class SideBySide(ExportTest):
    """Exports with and without a series, in the folder of the configuration."""

    def configured(self, at=""):
        self.record()
        with open(self.conf_path, "a", encoding="utf-8") as conf:
            conf.write(f'export {{ at = "{at}"  out = "{self.path("out")}"  compress = "none" }}\n')

    def rows_in(self, folder):
        text = subprocess.run(["cat", *(p for n, p in files_of(folder).items() if n.startswith("snapshots/"))],
                              capture_output=True, check=True).stdout
        return text.count(b"\r\n")

    def test_both_kinds_in_any_order(self):
        for order in (((), ("--since-last", "schedule"), ()), (("--since-last", "schedule"), (), ("--since-last", "schedule"))):
            with self.subTest(order):
                self.setUp()
                self.configured()
                for options in order:
                    self.export(*options, conf=True)
                self.assertEqual(set(os.listdir(self.path("out"))), {"snapshots", "trades", "manifest.jsonl", "once"})
                self.assertEqual(self.rows_in(self.path("out")), self.rows_in(self.path("out/once")))
                self.assertGreater(self.rows_in(self.path("out")), 200)

    def test_the_folder_of_the_schedule_is_reserved(self):
        """Files of an export without a series would make the first scheduled export fail."""
        self.configured(at="17:30")
        os.mkdir(self.path("out"))
        os.symlink(self.path("out"), self.path("link"))
        for name in ("out", "link", "out/"):
            done = self.export("--out", self.path(name), expect=2, conf=True)
            self.assertIn("is the folder of the scheduled export: remove --out", done.stderr)
        for options in ((), ("--out", self.path("link"))):
            done = self.export("--since-last", "other", *options, expect=2, conf=True)
            self.assertIn("is the folder of the scheduled export, the series 'schedule'", done.stderr)
        self.export("--since-last", "schedule", "--out", self.path("out"), conf=True)

    def test_the_configured_folder_may_have_any_name(self):
        self.record()
        with open(self.conf_path, "a", encoding="utf-8") as conf:
            conf.write(f'export {{ out = "{self.path("cinta.export")}" }}\n')
        self.export("--since-last", "schedule", conf=True)
        self.assertIn("manifest.jsonl", os.listdir(self.path("cinta.export")))
        done = self.export("--out", self.path("nowhere/x.csv"), "-t", "bars", expect=2)
        self.assertIn(f"the folder '{self.path('nowhere')}' does not exist: create it", done.stderr)


if __name__ == "__main__":
    wire.main()
