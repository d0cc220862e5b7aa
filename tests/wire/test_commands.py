"""The command line: help, usage errors, check and quotes."""
import csv
import io
import json
import signal
import sqlite3
import subprocess
import os
import re
import unittest

import wire


class Commands(wire.WireTest):
    def test_help_and_version(self):
        self.assertRegex(self.cinta("--version").stdout, r"^cinta \d+\.\d+\.\d+\n$")
        overview = self.cinta("help")
        self.assertEqual(overview.returncode, 0)
        for name in ("run", "init", "check", "quotes", "status", "verify", "backup", "calendar", "sim"):
            self.assertIn(f"\n  {name} ", overview.stdout)
            help_text = self.cinta("help", name)
            self.assertEqual(help_text.returncode, 0)
            self.assertTrue(help_text.stdout.startswith(f"usage: cinta {name} "), help_text.stdout)
            self.assertEqual(self.cinta(name, "--help").stdout, help_text.stdout)

    def test_wrong_usage_is_2(self):
        for arguments in ((), ("dance",), ("help", "dance"), ("run", "--dance"), ("run", "-c"), ("run", "x"),
                          ("check", "--dance"), ("verify", "x"), ("calendar", "--year", "26"), ("backup",), ("backup", "a", "b"), ("quotes", "--dance"), ("sim", "--rate", "fast"),
                          ("sim", "--instruments=0"), ("sim", "--listen", "nowhere"), ("sim", "--listen", "::1:0"),
                          ("sim", "--password", ""), ("sim", "--user", "u" * 128)):
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
        self.assertNotIn("no effect yet", done.stdout)
        self.assertNotIn("s3cret", done.stdout)
        self.assertEqual(self.cinta("check", env={"CINTA_CONF": self.conf_path}).stdout, done.stdout)

    def test_check_names_values_that_are_not_built_yet(self):
        self.url = "https://api.example.test/"
        self.configure(symbols=["A"])
        with open(self.conf_path, "a", encoding="utf-8") as file:
            file.write('export { format = "parquet" }\n')
        done = self.cinta("check", "-c", self.conf_path)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("parquet is not built yet", done.stdout)

    def test_check_shows_the_address_of_the_terminal(self):
        self.url = "https://api.broker.xoms.com.ar/"
        self.configure(symbols=["A"], stream="dialects = {primary, matriz}")
        done = self.cinta("check", "-c", self.conf_path)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stdout, r'broker\.matriz_url\s*= "https://matriz\.broker\.xoms\.com\.ar/" .*derived from broker\.url')
        self.url = "https://api.example.test/"
        self.configure(symbols=["A"], stream="dialects = {primary, matriz}")
        done = self.cinta("check", "-c", self.conf_path)
        self.assertEqual(done.returncode, 78, done.stdout)
        self.assertRegex(done.stderr, r"cinta\.conf:\d+: stream\.dialects: matriz needs the address .*set broker\.matriz_url")

    def test_quotes(self):
        self.start_sim("--rate", "0", "--instruments", "12")
        self.configure()
        self.start_run()
        self.until_rows("select count(*) from quotes", at_least=12)
        for when in ("while the service runs", "after it ended"):
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

    def watch(self, *options):
        child = subprocess.Popen([wire.CINTA, "quotes", "-c", self.conf_path, "--watch", *options],
                                 stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(child.stderr.close)
        self.addCleanup(child.stdout.close)
        self.addCleanup(child.wait)
        self.addCleanup(child.kill)
        return child

    def test_watch_gives_each_change_once(self):
        self.start_sim("--rate", "50")
        self.configure()
        self.start_run()
        self.until_rows("select count(*) from quotes", at_least=12)
        child = self.watch("--json")
        seqs = [json.loads(child.stdout.readline())["seq"] for _ in range(40)]
        self.assertEqual(len(set(seqs)), 40)
        child.terminate()
        self.assertEqual(child.wait(30), 0)
        child = self.watch("--csv")
        self.assertTrue(child.stdout.readline().startswith("market,symbol,"))
        self.assertEqual(len({child.stdout.readline() for _ in range(20)}), 20)
        child.send_signal(signal.SIGINT)
        self.assertEqual(child.wait(30), 0)
        child = self.watch("DLR/*")
        lines = [child.stdout.readline() for _ in range(8)]
        self.assertTrue(lines[0].startswith("symbol"), lines)
        child.stdout.close()  # as `head` does
        self.assertEqual(child.wait(30), -signal.SIGPIPE)
        self.stop_run()

    def test_old_quotes_are_marked(self):
        self.start_sim("--rate", "0")
        self.configure()
        self.start_run()
        self.until_rows("select count(*) from quotes", at_least=12)
        self.stop_run()
        self.assertNotIn("!", self.cinta("quotes", "-c", self.conf_path).stdout)
        made = sqlite3.connect(self.db_path)
        made.execute("update quote_seen set ts_seen = ts_seen - 7200000000000")
        made.execute("update quote set ts_recv = ts_recv - 7200000000000")
        made.commit()
        made.close()
        self.assertRegex(self.cinta("quotes", "-c", self.conf_path).stdout, r" rest +! 2h ")

    def test_similar_options_are_suggested(self):
        for arguments, words in ((("export", "--formt=csv"), "did you mean '--format'?"),
                                 (("quotes", "--wach"), "did you mean '--watch'?"),
                                 (("run", "--conifg", "x"), "did you mean '--config'?")):
            done = self.cinta(*arguments)
            self.assertEqual(done.returncode, 2)
            self.assertIn(words, done.stderr)
        self.assertNotIn("did you mean", self.cinta("quotes", "--xyzzy").stderr)

    def test_similar_commands_are_suggested(self):
        self.assertIn("did you mean 'quotes'?", self.cinta("qoutes").stderr)
        self.assertIn("'cinta help' lists them", self.cinta("xyzzy-plugh").stderr)

    def test_quotes_without_a_database(self):
        self.url = "https://api.example.test/"
        self.configure()
        done = self.cinta("quotes", "-c", self.conf_path)
        self.assertEqual(done.returncode, 1)
        self.assertIn(self.db_path, done.stderr)

    def test_files_that_are_not_databases(self):
        other = sqlite3.connect(self.path("other.db"))
        other.execute("create table t (x)")
        other.close()
        self.write("text.db", "a,b\n" * 400)
        self.write("empty.db", "")
        for name, words in (("none.db", "there is no database '{}': check the path"),
                            ("text.db/none.db", "there is no database '{}': check the path"),
                            ("text.db", "'{}' is not a database: give the file that store.path names"),
                            ("other.db", "'{}' is the database of another program: give the file"),
                            ("empty.db", "nothing was ever recorded in '{}': start 'cinta run', or give"),
                            ("", "'{}' is a folder, not a database: give the file")):
            for command in (("quotes",), ("verify",), ("backup", self.path("copy.db")),
                            ("export", "--table", "events", "--out", "-")):
                with self.subTest((command[0], name)):
                    done = self.cinta(command[0], "--db", self.path(name), *command[1:])
                    self.assertEqual((done.returncode, done.stdout), (1, ""))
                    self.assertIn(words.format(self.path(name)), done.stderr)
                    self.assertFalse(os.path.exists(self.path("copy.db")))
        self.assertEqual(sorted(os.listdir(self.dir)), ["empty.db", "other.db", "text.db"])  # no file was created

    # -- status

    def test_status_of_a_running_service(self):
        self.start_sim()
        self.configure(stream="enable = true")
        self.start_run()
        self.until_rows("select count(*) from quotes where source = 'stream'", at_least=6)
        done = self.cinta("status", "-c", self.conf_path, "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        status = json.loads(done.stdout)
        self.assertEqual((status["running"], status["mode"], status["broker"]), (True, "streaming", self.url))
        self.assertEqual(status["token"]["state"], "held")
        self.assertGreater(status["stream"]["messages"], 0)
        self.assertGreaterEqual(status["stream"]["live"], 6)
        self.assertLess(abs(status["stream"]["clock_ahead_s"]), 5)
        self.assertEqual(status["polling"]["instruments"], 12)
        self.assertEqual(status["store"]["dropped"], 0)
        self.assertIn("streaming", [event["kind"] for event in status["events"]])
        self.assertNotIn("s3cret", done.stdout)
        text = self.cinta("status", "-c", self.conf_path)
        self.assertEqual(text.returncode, 0, text.stderr)
        for word in ("mode       streaming", "stream     12 instruments live", "polling    0 of 12", "database   "):
            self.assertIn(word, text.stdout)
        self.stop_run()
        self.assertFalse(os.path.exists(self.path("state/status.sock")))

    def test_status_with_an_error_in_the_configuration(self):
        self.start_sim()
        self.configure()
        self.start_run()
        self.until_rows("select count(*) from quotes", at_least=12)
        self.configure(poll="intervall = 1")
        text = self.cinta("status", "-c", self.conf_path)
        self.assertEqual(text.returncode, 0, text.stderr)
        self.assertIn("mode       polling", text.stdout)
        self.assertRegex(text.stderr, r"cinta\.conf:\d+: poll\.intervall.*a service runs with an earlier configuration")
        status = json.loads(self.cinta("status", "-c", self.conf_path, "--json").stdout)
        self.assertEqual((status["running"], status["mode"]), (True, "polling"))
        self.stop_run()
        for arguments in ((), ("--json",)):
            stopped = self.cinta("status", "-c", self.conf_path, *arguments)
            self.assertEqual((stopped.returncode, stopped.stdout), (78, ""))
            self.assertRegex(stopped.stderr, r"cinta\.conf:\d+: poll\.intervall.*no service answers at .*/state/status\.sock")

    def test_status_of_a_stopped_service(self):
        self.start_sim()
        self.configure()
        self.start_run()
        self.until_rows("select count(*) from quotes", at_least=12)
        self.service.kill(signal.SIGKILL)  # its socket stays behind
        self.service.wait_exit()
        done = self.cinta("status", "-c", self.conf_path)
        self.assertEqual(done.returncode, 1)
        self.assertIn("not running", done.stdout)
        self.assertIn(f"'cinta run -c {self.conf_path}'", done.stdout)
        self.assertRegex(done.stdout, rf"database: {self.db_path}\nquotes of 12 instruments; "
                                      r"the last one was confirmed (\S+ )?[\d:]{5,8} ART, [\d.]+ s ago\n")
        self.assertRegex(done.stdout, r"\ntime \(ART\) +event +what happened\n(.*\n)*.* login +logged in as alice\n")
        self.assertNotRegex(done.stdout, r"\dT\d\d:")  # no ISO, no UTC
        self.assertEqual(json.loads(self.cinta("status", "-c", self.conf_path, "--json").stdout), {"running": False})
        self.start_run()  # it replaces the old socket
        self.until(lambda: self.cinta("status", "-c", self.conf_path).returncode == 0, "it answers")
        self.stop_run()

    def test_status_without_a_database(self):
        self.url = "https://api.example.test/"
        self.configure()
        done = self.cinta("status", "-c", self.conf_path)
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stdout, rf"^not running: no service answers at .*\nstart it: .*\n\ndatabase: .*{self.db_path}")

    def test_status_after_the_clock_was_set_back(self):
        self.start_sim("--rate", "0")
        self.configure()
        self.start_run()
        self.until_rows("select count(*) from quotes", at_least=12)
        self.stop_run()
        made = sqlite3.connect(self.db_path)
        made.execute("replace into quote_seen select instrument_id, ts_recv + 7200000000000 from quote")
        made.commit()
        made.close()
        done = self.cinta("status", "-c", self.conf_path)
        self.assertRegex(done.stdout, r"confirmed .* ART, (2 h 0|1 h 59) min ahead of this machine's clock\n")

    def test_the_graph_of_the_feed(self):
        done = self.cinta("check", "--graph")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertTrue(done.stdout.startswith("digraph feed {"), done.stdout)
        edges = re.findall(r'"([a-z ]+)" -> "([a-z ]+)"', done.stdout)
        self.assertIn(("streaming", "stale"), edges)
        self.assertEqual({a for a, _ in edges}, {"no token", "polling", "connecting", "subscribing", "streaming", "stale"})

    def test_backup_and_verify_while_it_records(self):
        self.start_sim("--rate", "500")
        self.configure()
        self.start_run()
        self.until_rows("select count(*) from snapshots", at_least=200)
        copy = self.path("copy.db")
        done = self.cinta("backup", "-c", self.conf_path, copy)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertRegex(done.stdout, r"copy\.db: [0-9.]+ [kM]B\n$")
        self.assertEqual(os.stat(copy).st_mode & 0o777, 0o600)
        self.assertEqual([name for name in os.listdir(self.path("")) if name.startswith("copy.db")], ["copy.db"])
        again = self.cinta("backup", "-c", self.conf_path, copy)
        self.assertEqual(again.returncode, 1)
        self.assertIn("--force", again.stderr)
        self.assertEqual(self.cinta("backup", "-c", self.conf_path, "--force", copy).returncode, 0)
        for arguments in (("-c", self.conf_path), ("--db", copy)):
            done = self.cinta("verify", *arguments)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            self.assertNotIn("WRONG", done.stdout)
        self.assertIn('"symbol"', self.cinta("quotes", "--db", copy, "--json").stdout)
        self.stop_run()

        damaged = sqlite3.connect(copy)
        damaged.execute("update ledger set written = written + 3")
        damaged.commit()
        damaged.close()
        done = self.cinta("verify", "--db", copy)
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stdout, r"changes kept +WRONG  3 more or fewer")
        found = json.loads(self.cinta("verify", "--db", copy, "--json").stdout)
        self.assertFalse(found["ok"])
        self.assertEqual([c["check"] for c in found["checks"] if not c["ok"]], ["changes kept"])


if __name__ == "__main__":
    wire.main()
