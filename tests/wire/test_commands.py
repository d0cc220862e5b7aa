"""The command line: help, usage errors, check and quotes."""
import csv
import io
import json
import unittest

import wire


class Commands(wire.WireTest):
    def test_help_and_version(self):
        self.assertRegex(self.cinta("--version").stdout, r"^cinta \d+\.\d+\.\d+\n$")
        overview = self.cinta("help")
        self.assertEqual(overview.returncode, 0)
        for name in ("run", "check", "quotes", "sim"):
            self.assertIn(f"\n  {name} ", overview.stdout)
            told = self.cinta("help", name)
            self.assertEqual(told.returncode, 0)
            self.assertTrue(told.stdout.startswith(f"usage: cinta {name} "), told.stdout)
            self.assertEqual(self.cinta(name, "--help").stdout, told.stdout)

    def test_wrong_usage_is_2(self):
        for arguments in ((), ("dance",), ("help", "dance"), ("run", "--dance"), ("run", "-c"), ("run", "x"),
                          ("check", "--dance"), ("quotes", "--dance"), ("sim", "--rate", "fast"),
                          ("sim", "--instruments=0"), ("sim", "--listen", "nowhere")):
            with self.subTest(arguments):
                done = self.cinta(*arguments)
                self.assertEqual(done.returncode, 2, done.stderr)
                self.assertTrue(done.stderr)

    def test_bad_configuration_is_78(self):
        for command in ("run", "check"):
            missing = self.cinta(command, "-c", self.path("none.conf"))
            self.assertEqual(missing.returncode, 78)
            self.assertIn("none.conf", missing.stderr)
            self.url = "https://api.example.test/"
            self.configure(poll="rate = 1\n intervall = 2")
            bad = self.cinta(command, "-c", self.conf_path)
            self.assertEqual(bad.returncode, 78)
            self.assertRegex(bad.stderr, r"cinta\.conf:\d+: .*poll\.interval")

    def test_check_prints_values_and_origins(self):
        self.url = "https://api.example.test/"
        self.configure(symbols=["DLR/DIC26"])
        done = self.cinta("check", "-c", self.conf_path)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stdout, r"poll\.rate\s*=\s*200\b.*line \d+")
        self.assertRegex(done.stdout, r"poll\.depth\s*=\s*5\b.*default")
        self.assertIn("no effect yet", done.stdout)
        self.assertNotIn("s3cret", done.stdout)
        self.assertEqual(self.cinta("check", env={"CINTA_CONF": self.conf_path}).stdout, done.stdout)

    def test_quotes(self):
        self.start_sim("--rate", "0", "--instruments", "12")
        self.configure()
        self.start_run()
        self.until_rows("select count(*) from quotes", at_least=12)
        for when in ("while the service runs", "after it"):
            with self.subTest(when):
                table = self.cinta("quotes", "-c", self.conf_path)
                self.assertEqual(table.returncode, 0, table.stderr)
                self.assertEqual(table.stdout.count("MERV - XMEV - AL30 - 24hs"), 1)
                rows = json.loads(self.cinta("quotes", "-c", self.conf_path, "--json").stdout)
                self.assertEqual(len(rows), 12)
                columns = [r[1] for r in self.sql("pragma table_info(quotes)")]
                self.assertEqual(sorted(rows[0]), sorted(columns))
                lines = list(csv.DictReader(io.StringIO(self.cinta("quotes", "-c", self.conf_path, "--csv").stdout)))
                self.assertEqual([line["symbol"] for line in lines], [row["symbol"] for row in rows])
                only = json.loads(self.cinta("quotes", "-c", self.conf_path, "--json", "dlr/*").stdout)
                self.assertTrue(only and all(row["symbol"].startswith("DLR/") for row in only))
                none = self.cinta("quotes", "-c", self.conf_path, "NOTHING*")
                self.assertEqual(none.returncode, 1)
                self.assertIn("NOTHING*", none.stderr)
            if when == "while the service runs":
                self.stop_run()

    def test_quotes_without_a_database(self):
        self.url = "https://api.example.test/"
        self.configure()
        done = self.cinta("quotes", "-c", self.conf_path)
        self.assertEqual(done.returncode, 1)
        self.assertIn(self.db_path, done.stderr)


if __name__ == "__main__":
    wire.main()
