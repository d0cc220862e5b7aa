"""Recording from an empty folder: rows equal the broker's data, without duplicates or losses."""
import json
import signal
import sqlite3
import subprocess
import time
import unittest
import urllib.parse
import urllib.request

import wire

FUTURE_OR_BOND = "MERV - XMEV - AL30 - 24hs"


class Record(wire.WireTest):
    def ask_broker(self, symbol, token):
        query = urllib.parse.urlencode({"marketId": "ROFX", "symbol": symbol, "depth": 5,
                                        "entries": "BI,OF,LA,OP,CL,SE,HI,LO,TV,OI,EV,NV,IV,ACP"})
        request = urllib.request.Request(self.url + "rest/marketdata/get?" + query,
                                         headers={"X-Auth-Token": token})
        with urllib.request.urlopen(request, timeout=wire.PATIENCE_S) as answer:
            return json.load(answer)["marketData"]

    def token(self):
        with open(self.path("state/token"), encoding="utf-8") as file:
            return file.read().splitlines()[4]

    def test_rows_equal_the_brokers_data(self):
        self.start_sim("--rate", "0", "--instruments", "40")
        self.configure()
        self.start_run()
        self.until_rows("select count(*) from quotes", at_least=40)
        self.stop_run()
        filled = 0
        for row in self.sql("select symbol, bid_price, bid_size, offer_price, last_price, ts_last, trade_volume,"
                            " nominal_volume, index_value, bids, offers, open_interest from quotes"):
            symbol, bid, bid_size, offer, last, ts_last, volume, nominal, index, bids, offers, interest = row
            data = self.ask_broker(symbol, self.token())
            best = (data.get("BI") or [{}])[0]
            self.assertEqual((bid, bid_size), (best.get("price"), best.get("size")), symbol)
            self.assertEqual(offer, (data.get("OF") or [{}])[0].get("price"), symbol)
            trade = data.get("LA") or {}
            self.assertEqual(last, trade.get("price"), symbol)
            self.assertEqual(ts_last, trade["date"] * 1000000 if trade else None, symbol)
            self.assertEqual(volume, data.get("TV"), symbol)
            self.assertEqual(nominal, data.get("NV"), symbol)
            self.assertEqual(interest, (data.get("OI") or {}).get("size"), symbol)
            value = data.get("IV")
            self.assertEqual(index, value.get("price") if isinstance(value, dict) else value, symbol)
            levels = json.loads(bids) if bids else []
            self.assertEqual([p for p, _ in levels], sorted((p for p, _ in levels), reverse=True), symbol)
            self.assertEqual(bid, levels[0][0] if levels else None)
            levels = json.loads(offers) if offers else []
            self.assertEqual([p for p, _ in levels], sorted(p for p, _ in levels), symbol)
            filled += bid is not None
        self.assertGreater(filled, 10)

    def test_unchanged_answers_add_no_rows_but_update_ts_seen(self):
        self.start_sim("--rate", "0")
        self.configure()
        self.start_run()
        self.until_rows("select count(*) from quotes", at_least=12)
        self.assertEqual(self.one("select count(*) from snapshots"), 12)
        before = self.one("select min(ts_seen) from quotes")
        self.until(lambda: self.one("select min(ts_seen) from quotes") > before, "ts_seen is updated")
        late_s = lambda: (time.time_ns() - self.one("select min(ts_seen) from quotes")) / 1e9
        self.until(lambda: late_s() < 5, "ts_seen is at most 5 s late")
        self.stop_run()
        self.assertEqual(self.one("select count(*) from snapshots"), 12)

    def test_a_restart_continues_without_duplicates(self):
        self.start_sim("--rate", "0")
        self.configure()
        for _ in range(3):
            self.start_run()
            self.until_polled()
            self.stop_run()
        self.assertEqual(self.one("select count(*) from snapshots"), 12)
        self.assertEqual(self.stats()["logins"], 1)  # the token was stored
        self.assertEqual(self.stats()["instruments"], 1)  # and so was the list of the day
        self.assertEqual(len(self.events("started")), 3)
        self.assertEqual(len(self.events("stopped")), 3)

    def test_seq_has_no_holes_and_times_are_utc_nanoseconds(self):
        self.start_sim("--rate", "300")
        self.configure()
        began = time.time_ns()
        self.start_run()
        self.until_rows("select count(*) from snapshots", at_least=200)
        self.stop_run()
        rows = self.sql("select seq, ts_recv, recv_time, changed from snapshots order by seq")
        self.assertEqual([r[0] for r in rows], list(range(1, len(rows) + 1)))
        self.assertEqual([r[1] for r in rows], sorted(r[1] for r in rows))
        for _, ts, text, changed in rows:
            self.assertTrue(began <= ts <= time.time_ns())
            self.assertRegex(text, r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
            self.assertTrue(changed)

    def test_kill_9_loses_at_most_the_last_batch(self):
        self.start_sim("--rate", "300")
        self.configure()
        self.start_run()
        self.until_rows("select count(*) from snapshots", at_least=100)
        written = self.one("select max(seq) from snapshots")
        self.service.kill(signal.SIGKILL)
        self.service.wait_exit()
        check = sqlite3.connect(self.db_path)
        self.assertEqual(check.execute("pragma integrity_check").fetchall(), [("ok",)])
        check.close()
        self.assertGreaterEqual(self.one("select max(seq) from snapshots"), written)
        self.start_run()
        last = self.one("select max(seq) from snapshots")
        self.until_rows("select max(seq) from snapshots", at_least=last + 50)
        self.stop_run()
        seqs = [r[0] for r in self.sql("select seq from snapshots order by seq")]
        self.assertEqual(seqs, list(range(1, len(seqs) + 1)))

    def test_coverage_of_a_stream_after_kill_9_ends_at_its_last_proof(self):
        self.start_sim("--rate", "300")
        self.configure(stream="enable = true")
        self.start_run()
        self.until_rows("select count(*) from coverage_present p join coverage_open o using (instrument_id) "
                        "where p.source = 2 and p.ts_to > o.ts_to")
        shown = dict(self.sql("select symbol, ts_to from coverage where reason is null and source = 'stream'"))
        self.service.kill(signal.SIGKILL)
        self.service.wait_exit()
        killed = time.time_ns()
        self.start_run()
        self.until_rows("select count(*) from feed_log where kind = 'started'", at_least=2)
        self.stop_run()
        ended = dict(self.sql("select symbol, max(ts_to) from coverage where reason = 'killed' group by symbol"))
        for symbol, ts_to in shown.items():
            self.assertTrue(ts_to <= ended[symbol] < killed, (symbol, ts_to, ended[symbol], killed))
        self.assertGreater(len(shown), 0)

    def test_sqlite3_shell_reads_it(self):
        self.start_sim()
        self.configure(symbols=[FUTURE_OR_BOND], match=[])
        self.start_run()
        self.until_rows("select count(*) from quotes")
        shell = subprocess.run(["sqlite3", self.db_path, "select symbol, source, bid_price, offer_price from quotes",
                                "select count(*) > 0 from book", "select kind from feed_log limit 1"],
                               capture_output=True, text=True, timeout=30, check=True)
        self.assertRegex(shell.stdout, r"MERV - XMEV - AL30 - 24hs\|rest\|[\d.]+\|[\d.]+\n1\nstarted\n")
        self.stop_run()

    def test_only_configured_instruments_are_requested(self):
        self.start_sim("--instruments", "60")
        self.configure(symbols=["MERV - XMEV - GD30 - 24hs"], match=["dlr/*"])
        self.start_run()
        self.service.wait_line('msg="polling"')
        self.until_polled()
        self.stop_run()
        symbols = {row[0] for row in self.sql("select symbol from quotes")}
        self.assertIn("MERV - XMEV - GD30 - 24hs", symbols)
        self.assertTrue(all(s.startswith(("DLR/", "MERV - XMEV - GD30")) for s in symbols), symbols)

    def test_rate_and_in_flight_are_kept(self):
        self.start_sim("--instruments", "40", faults='fault { path = "rest/marketdata/get" kind = "slow" delay = 0.2 }')
        self.configure(poll="interval = 0.1  rate = 100  in_flight = 3")
        self.start_run()
        self.until_polled(60)
        self.stop_run()
        self.assertLessEqual(self.stats()["max_in_flight"], 4)  # three polls, and this request of /sim/stats
        self.start_sim("--instruments", "40")
        self.configure(poll="interval = 0.1  rate = 20  in_flight = 8")
        self.start_run()
        self.until_polled(1)
        began, polls = time.monotonic(), self.stats()["market_data"]
        self.until_polled(40)
        rate = (self.stats()["market_data"] - polls) / (time.monotonic() - began)
        self.assertLessEqual(rate, 21)
        self.stop_run()


if __name__ == "__main__":
    wire.main()
