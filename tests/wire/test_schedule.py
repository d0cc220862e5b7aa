"""The daily export that the service starts."""
import json
import os
import sqlite3
import sys
import time
import unittest

import wire

NS_A_DAY = 86400 * 10**9
AT = time.strftime("%H:%M", wire.art(12 * 3600))  # not during the tests


class Schedule(wire.WireTest):
    def record(self):
        self.start_sim("--rate", "200")
        self.configure()
        self.start_run()
        self.until_rows("select count(*) from snapshots", at_least=50)
        self.stop_run()

    def exported_days_ago(self, days):
        """Records an export_done event with the stamp of that day."""
        user = sqlite3.connect(self.db_path)
        with user:
            user.execute("insert into feed_event (ts, kind, detail) values (?, 'export_done', 'a test event')",
                         (time.time_ns() - days * NS_A_DAY,))
        user.close()

    def configure_export(self, out):
        self.configure()
        with open(self.conf_path, "a", encoding="utf-8") as file:
            file.write(f'export {{ at = "{AT}"  out = "{out}"  compress = "none" }}\n')

    def status(self):
        return json.loads(self.cinta("status", "-c", self.conf_path, "--json").stdout)["export"]

    def exported_seqs(self, out):
        seqs = []
        for folder, _, names in os.walk(os.path.join(out, "snapshots")):
            for name in names:
                with open(os.path.join(folder, name), encoding="utf-8") as file:
                    header = file.readline().rstrip("\r\n").split(",")
                    seqs += [int(line.split(",")[header.index("seq")]) for line in file]
        return sorted(seqs)

    def test_missed_days_are_exported_once(self):
        self.record()
        self.exported_days_ago(5)
        out = self.path("export")
        self.configure_export(out)
        service = self.start_run()
        service.wait_line("event=export_done")
        first = self.exported_seqs(out)
        self.assertGreaterEqual(len(first), 50)
        self.assertEqual(first, list(range(1, len(first) + 1)))
        self.until(lambda: len(self.events("export_done")) == 2, "export_done is in the database")
        self.assertIn("rows", self.events("export_done")[1][1])
        status = self.status()
        self.assertFalse(status["running"])
        self.assertEqual(status["failures"], 0)
        self.assertGreater(status["next"], time.strftime("%Y-%m-%dT%H:%M", time.gmtime()))
        self.assertRegex(self.cinta("status", "-c", self.conf_path).stdout, rf"export +next \w{{3}} \d{{4}}-\d\d-\d\d {AT} ART")
        self.stop_run()

        service = self.start_run()  # today's export is done
        self.until_polled()
        self.stop_run()
        self.assertNotIn("export_done", service.log())

    def test_an_ignored_sigchld_is_not_inherited(self):
        self.record()
        self.exported_days_ago(2)
        self.configure_export(self.path("export"))
        ignored = "import os, signal, sys; signal.signal(signal.SIGCHLD, signal.SIG_IGN); os.execv(sys.argv[1], sys.argv[1:])"
        service = wire.Process([sys.executable, "-c", ignored, wire.CINTA, "run", "-c", self.conf_path])
        self.addCleanup(service.end)
        self.service = service
        service.wait_line("event=export_done")
        self.until(lambda: not self.status()["running"], "the end of the export is noticed")
        self.stop_run()

    def test_a_failure_gives_the_reason_and_is_retried(self):
        self.record()
        self.exported_days_ago(2)
        self.configure_export(self.write("in-the-way", "a file") + "/below")
        service = self.start_run()
        line = service.wait_line("event=export_failed")
        self.assertIn("in-the-way", line)
        self.assertIn("next try in 10 min", line)
        self.assertEqual(self.status()["failures"], 1)
        self.until_polled(20)  # recording goes on
        out = self.path("export")
        self.configure_export(out)
        service.kill(1)  # SIGHUP: reload the corrected configuration
        service.wait_line("event=export_done")
        self.assertEqual(self.status()["failures"], 0)
        self.stop_run()
        self.assertTrue(self.exported_seqs(out))

    def test_no_export_without_export_at(self):
        self.record()
        self.exported_days_ago(2)
        self.configure()
        service = self.start_run()
        self.until_polled()
        self.assertEqual(self.status(), {"next": None, "running": False, "failures": 0})
        self.stop_run()
        self.assertNotIn("export", service.log())


if __name__ == "__main__":
    wire.main()
