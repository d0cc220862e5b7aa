"""The broker's list of instruments: symbols and patterns without a match are reported, and a list that lost many
instruments is not applied at once."""
import glob
import json
import os
import time
import unittest
import urllib.parse
import urllib.request

import futures
import wire


class InstrumentList(wire.WireTest):
    def copy(self):
        (path,) = glob.glob(os.path.join(self.dir, "state", "instruments-*.json"))
        return path

    def make_yesterday(self):
        """Gives the copy on disk an older date, so that the next start requests the list again."""
        before = time.time() - 2 * 86400
        os.utime(self.copy(), (before, before))

    def port(self):
        return urllib.parse.urlsplit(self.url).port

    def test_a_cut_list_drops_nothing_and_is_not_stored(self):
        self.start_sim("--instruments", "20")
        self.configure()
        service = self.start_run()
        service.wait_line("msg=\"polling\"", "instruments=20")
        self.stop_run()
        with open(self.copy(), encoding="utf-8") as file:
            whole = file.read()
        self.make_yesterday()
        listen = f"127.0.0.1:{self.port()}"
        self.sim.end()
        self.start_sim("--instruments", "12", listen=listen)
        service = self.start_run()
        line = service.wait_line("event=list_cut")
        self.assertIn("lacks 8 of the 20 recorded ones", line)
        self.assertIn("read again within the hour", line)
        status = self.cinta("status", "-c", self.conf_path, "--json").stdout
        self.assertIn('"instruments":20', status.replace(" ", ""))
        self.stop_run()
        self.assertEqual(self.events("instruments_changed"), [])
        with open(self.copy(), encoding="utf-8") as file:
            self.assertEqual(file.read(), whole)

    def test_a_tenth_of_the_instruments_may_disappear(self):
        self.start_sim("--instruments", "20")
        self.configure()
        self.start_run().wait_line("msg=\"polling\"", "instruments=20")
        self.stop_run()
        self.make_yesterday()
        listen = f"127.0.0.1:{self.port()}"
        self.sim.end()
        self.start_sim("--instruments", "18", listen=listen)
        service = self.start_run()
        service.wait_line("event=instruments_changed", "2 removed")
        self.stop_run()
        self.assertEqual(self.events("list_cut"), [])

    def test_thousands_of_instruments(self):
        self.start_sim("--instruments", "2500")
        self.configure(serve='listen = "127.0.0.1:0"')
        self.start_run().wait_line('msg="polling"', "instruments=2500")
        self.until_rows("select count(*) from watch where ts_to is null", at_least=2500)
        self.assertEqual(self.one("select count(distinct instrument_id) from watch"), 2500)
        path = self.status()["local_api"] + "rest/instruments/details"
        with urllib.request.urlopen(path, timeout=wire.PATIENCE_S) as answer:
            answer.read(10)  # and the client leaves
        with urllib.request.urlopen(path, timeout=wire.PATIENCE_S) as answer:
            listed = [item["instrumentId"]["symbol"] for item in json.load(answer)["instruments"]]
        self.assertEqual(sorted(listed), sorted(symbol for symbol, in self.sql("select symbol from instruments where recorded")))
        request = urllib.request.Request(path, method="POST", data=b"")
        with urllib.request.urlopen(request, timeout=wire.PATIENCE_S) as answer:
            self.assertEqual(json.load(answer)["description"], "Invalid URL")

    def test_symbols_and_patterns_without_a_match_are_reported(self):
        self.start_sim()
        lower = futures.SECOND.lower()
        self.configure(symbols=[lower], match=["DLR/*", "QQQQ*"])
        service = self.start_run()
        service.wait_line("event=no_match", f"instruments.symbols: '{lower}' is not in the broker's list",
                          f"did you mean '{futures.SECOND}'")
        service.wait_line("event=no_match", "instruments.match: 'QQQQ*' matches nothing in the broker's list")
        service.wait_line('msg="polling"')
        self.stop_run()
        checked = self.cinta("check", "-c", self.conf_path, "--quiet")
        self.assertEqual(checked.returncode, 0, checked.stderr)
        self.assertIn(f"warning: instruments.symbols: '{lower}' is not in the broker's list; did you mean '{futures.SECOND}'",
                      checked.stderr)
        self.assertIn("(as of 20", checked.stderr)


if __name__ == "__main__":
    wire.main()
