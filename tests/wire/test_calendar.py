"""Hours per segment, with the real binary: BYMA is closed today, the futures never."""
import json
import unittest
import urllib.request

import wire

MERV = 'MERV - XMEV - '


class CalendarTest(wire.WireTest):
    def serve(self, segments, stream="enable = false", **options):
        self.start_sim()
        self.configure(session='days = "Mon-Sun" hours = "00:00-24:00" holidays = {}', stream=stream, serve='listen = "127.0.0.1:0"',
                       poll="interval = 0.2  rate = 200  in_flight = 8  trades_every = 0", **options)
        with open(self.conf_path, encoding="utf-8") as file:
            text = file.read()
        self.write("cinta.conf", text + segments)
        self.start_run()

    def segments(self):
        """Those of which instruments are recorded, by name."""
        listed = self.status().get("session", {}).get("segments", [])
        return {segment["segment"]: segment for segment in listed if segment["instruments"]}

    def test_each_segment_has_its_hours(self):
        self.serve(f'segment "merv" {{ days = "{wire.not_today()}" hours = "11:00-17:00" pre_open = "10:30" }}\n')
        segments = self.until(lambda: len(self.segments()) == 2 and self.segments(), "the reference data have arrived")
        self.assertEqual((segments["merv"]["phase"], segments[""]["phase"]), ("closed", "open"))
        self.assertEqual(segments["merv"]["instruments"] + segments[""]["instruments"], 12)
        session = self.status()["session"]
        self.assertEqual((session["open"], session["phase"], session["changes"]), (True, "open", None))
        told = [detail for _, detail in self.events("session_closed")]
        self.assertRegex("\n".join(told) or self.service.log(), r"segment merv is closed until .* 10:30:00 ART")
        text = self.cinta("status", "-c", self.conf_path).stdout
        self.assertRegex(text, r"merv \(\d+ instruments\): closed until \w+ [-\d]+ 10:30 ART\n")
        self.assertRegex(text, r"other segments \(\d+ instruments\): open\n")

    def test_polls_follow_the_segment(self):
        self.serve(f'segment "MERV" {{ days = "{wire.not_today()}" }}\n')
        self.until(lambda: len(self.segments()) == 2, "the reference data have arrived")
        self.until_rows("select count(*) from quotes where recorded", at_least=12)
        mark = self.one("select max(ts_seen) from quotes")
        self.until(lambda: self.one("select min(ts_seen) from quotes where symbol not like 'MERV%'") > mark + 8 * 10**9,
                   "the open ones were confirmed for 8 s")
        late = {symbol for symbol, in self.sql("select symbol from quotes where ts_seen < ?", mark + 3 * 10**9)}
        self.assertEqual(late, {symbol for symbol, in self.sql("select symbol from quotes where symbol like 'MERV%'")})
        self.assertTrue(late)

    def test_events_have_the_phase_of_each_segment(self):
        self.serve(f'segment "MERV" {{ days = "{wire.not_today()}" }}\n')
        self.until(lambda: len(self.segments()) == 2, "the reference data have arrived")
        self.until_rows("select count(*) from quotes where recorded", at_least=12)
        api = self.status()["local_api"]
        phases, calendars = None, {}
        with urllib.request.urlopen(api + "events", timeout=60) as answer:
            kind = ""
            for line in answer:
                if line.startswith(b"event: "):
                    kind = line[7:].strip().decode()
                elif line.startswith(b"data: ") and kind == "feed":
                    phases = json.loads(line[6:])["segments"]
                elif line.startswith(b"data: ") and kind == "quote":
                    quote = json.loads(line[6:])
                    calendars[quote["symbol"]] = quote["calendar"]
                elif line.startswith(b"data: ") and kind == "complete":
                    break
        self.assertEqual(phases, [{"segment": "", "phase": "open"}, {"segment": "MERV", "phase": "closed"}])
        self.assertEqual(len(calendars), 12)
        for symbol, calendar in calendars.items():
            self.assertEqual(calendar, int(symbol.startswith(MERV)), symbol)
        with urllib.request.urlopen(api + "metrics", timeout=60) as answer:
            metrics = answer.read().decode()
        self.assertIn('cinta_segment_open{segment="MERV"} 0\n', metrics)
        self.assertIn('cinta_segment_open{segment=""} 1\n', metrics)
        self.assertIn("cinta_session_open 1\n", metrics)

    def test_gaps_follow_the_hours_of_the_segment(self):
        self.serve(f'segment "MERV" {{ days = "{wire.not_today()}" }}\n')
        self.until(lambda: len(self.segments()) == 2, "the reference data have arrived")
        self.until_rows("select count(*) from quotes where recorded", at_least=12)
        self.stop_run()
        self.assertEqual(self.sql("select segment, ts_open = ts_close from segment_session"), [("MERV", 1)])
        self.start_run()
        # The view has whole seconds of the present time, so a gap is not in it at once.
        gaps = self.until(lambda: {symbol for symbol, in self.sql("select distinct symbol from gaps")}, "the time between is a gap")
        self.assertFalse([symbol for symbol in gaps if symbol.startswith(MERV)])

    def test_wrong_names_are_reported(self):
        self.serve('segment "MREV" { hours = "11:00-17:00" }\n')
        words = 'segment "MREV": no instrument of the broker\'s list is of this segment, so its hours are not used; did you mean MERV?'
        self.assertEqual(self.until(lambda: self.events("no_match"), "it is reported"), [(None, words)])
        checked = self.cinta("check", "-c", self.conf_path)
        self.assertEqual(checked.returncode, 0)
        self.assertIn(f"cinta check: warning: {words}\n", checked.stderr)

    def test_a_reload_changes_the_hours(self):
        self.serve(f'segment "MERV" {{ days = "{wire.not_today()}" }}\n')
        self.until(lambda: self.segments().get("MERV", {}).get("phase") == "closed", "BYMA is closed")
        with open(self.conf_path, encoding="utf-8") as file:
            text = file.read()
        self.write("cinta.conf", text.replace('segment "MERV" {', 'segment "MERV" { hours = "17:00-11:00" '))
        self.service.kill(1)
        self.until(lambda: self.events("config_refused"), "it is refused")
        self.assertEqual(self.segments()["MERV"]["phase"], "closed")
        self.write("cinta.conf", text[:text.index("segment ")])
        self.service.kill(1)
        self.until(lambda: list(self.segments()) == [""], "all follow section session")
        self.until(lambda: self.one("select count(*) from segment_session") == 0, "the rows of today are gone")


if __name__ == "__main__":
    unittest.main()
