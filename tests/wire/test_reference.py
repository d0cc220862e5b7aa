"""Reference data: read from the broker once a day, stored, kept over outages, and given to clients of the local API."""
import glob
import json
import os
import unittest
import urllib.request

import futures
import wire

SERVE = 'listen = "127.0.0.1:0"'
REFUSED = r'''fault { path = "%s"  kind = "body"  body = "{\"status\":\"ERROR\",\"description\":\"Invalid URL\"}" }'''
RECORDED = ("DLR/*", "MERV - XMEV - AL30*", "MERV - XMEV - GGAL*", "MERV - XMEV - PESOS*")


class ReferenceTest(wire.WireTest):
    def broker(self, path):
        """The broker's own answer."""
        login = urllib.request.Request(self.url + "auth/getToken", method="POST", data=b"",
                                       headers={"X-Username": "alice", "X-Password": self.sim_password})
        with urllib.request.urlopen(login, timeout=wire.PATIENCE_S) as answer:
            token = answer.headers["X-Auth-Token"]
        request = urllib.request.Request(self.url + path, headers={"X-Auth-Token": token})
        with urllib.request.urlopen(request, timeout=wire.PATIENCE_S) as answer:
            return json.load(answer)

    def local(self, path):
        api = self.until(lambda: self.status().get("local_api"), "the local API listens")
        with urllib.request.urlopen(api + path, timeout=wire.PATIENCE_S) as answer:
            return json.load(answer)

    def start(self, instruments=300):
        self.start_sim("--instruments", str(instruments))
        self.configure(match=RECORDED, serve=SERVE)
        self.start_run()
        self.until_rows("select count(*) from instrument_list")

    def change(self, statement):
        """Changes the database while the service is stopped."""
        connection = wire.sqlite3.connect(self.db_path)
        connection.execute(statement)
        connection.commit()
        connection.close()

    def test_the_whole_list_is_stored(self):
        self.start()
        listed = {item["instrumentId"]["symbol"]: item for item in self.broker("rest/instruments/details")["instruments"]}
        names = {"low_limit_price": "lowLimitPrice", "high_limit_price": "highLimitPrice",
                 "price_tick": "minPriceIncrement", "size_step": "tickSize", "min_trade_volume": "minTradeVol",
                 "max_trade_volume": "maxTradeVol", "round_lot": "roundLot", "contract_multiplier": "contractMultiplier",
                 "price_factor": "priceConvertionFactor", "currency": "currency", "cfi_code": "cficode",
                 "description": "securityDescription", "strike": "strike", "underlying": "underlying",
                 "settlement_type": "settlType", "price_decimals": "instrumentPricePrecision"}
        rows = self.sql(f"select symbol, maturity_date, segment, {', '.join(names)} from instruments where listed")
        self.assertEqual(len(rows), 300)
        for symbol, maturity, segment, *values in rows:
            item = listed[symbol]
            self.assertEqual(values, [item[name] for name in names.values()], symbol)
            self.assertEqual(segment, item["segment"]["marketSegmentId"])
            self.assertEqual(maturity and maturity.replace("-", ""), item["maturityDate"])
        self.assertEqual(self.one("select count(*) from instruments where recorded"),
                         self.one("select count(*) from watch where ts_to is null"))
        self.until_rows("select count(*) from quotes")
        self.assertEqual(self.sql("select symbol from quotes except select symbol from instruments where recorded"), [])

    def test_the_local_api_answers_like_the_broker(self):
        self.start()
        theirs = {item["instrumentId"]["symbol"]: item for item in self.broker("rest/instruments/details")["instruments"]}
        ours = {item["instrumentId"]["symbol"]: item for item in self.local("rest/instruments/details")["instruments"]}
        self.assertGreater(len(ours), 15)
        self.assertEqual(ours, {symbol: theirs[symbol] for symbol in ours})
        detail = "rest/instruments/detail?marketId=ROFX&symbol=MERV%20-%20XMEV%20-%20GGAL%20-%2024hs"
        self.assertEqual(self.local(detail), self.broker(detail))
        self.assertGreater(len(self.local(detail)["instrument"]["tickPriceRanges"]), 1)
        for path in ("rest/instruments/byCFICode?CFICode=RPXXXX",
                     "rest/instruments/bySegment?MarketSegmentID=DDF&MarketID=ROFX", "rest/instruments/all"):
            with self.subTest(path):
                kept = [item for item in self.broker(path)["instruments"]
                        if item.get("symbol", item.get("instrumentId", {}).get("symbol")) in ours]
                by_text = lambda items: sorted(json.dumps(item, sort_keys=True) for item in items)
                self.assertEqual(by_text(self.local(path)["instruments"]), by_text(kept))
                self.assertTrue(kept)
        by_id = lambda answer: sorted(answer["segments"], key=lambda item: item["marketSegmentId"])
        self.assertEqual(by_id(self.local("rest/segment/all")), by_id(self.broker("rest/segment/all")))
        empty = "rest/instruments/bySegment?MarketSegmentID=TEST&MarketID=ROFX"
        self.assertEqual(self.local(empty), self.broker(empty))

    def test_once_a_day_also_over_restarts(self):
        self.start()
        self.assertEqual(self.stats()["details"], 1)
        self.stop_run()
        self.start_run()
        self.until_polled()
        self.assertEqual(self.local(f"rest/instruments/detail?marketId=ROFX&symbol={futures.SECOND}")["instrument"]
                         ["contractMultiplier"], 1000)
        self.assertEqual(self.stats()["details"], 1)
        self.stop_run()
        self.change("update instrument_list set ts_read = ts_read - 86400000000000")
        self.start_run()
        self.until(lambda: self.stats()["details"] == 2, "the list of yesterday is renewed")

    def test_changes_are_events(self):
        self.start()
        self.stop_run()
        self.change(f"update instrument set price_tick = 0.05 where symbol = '{futures.SECOND}'")
        self.change("update instrument set contract_multiplier = 10, high_limit_price = 7 "
                    f"where symbol = '{futures.THIRD}'")
        self.change("update instrument_list set ts_read = ts_read - 86400000000000")
        self.start_run().wait_line("event=instrument_changed", futures.THIRD, "high limit 7 -> ")
        self.until_rows("select count(*) from feed_log where kind = 'instrument_changed'", at_least=3)
        self.stop_run()
        told = dict(self.events("instrument_changed")[:2])
        self.assertEqual(told[futures.SECOND], "price tick 0.05 -> 0.5")
        self.assertEqual(told[futures.THIRD], "contract multiplier 10 -> 1000")
        self.assertEqual(self.one("select price_tick from instruments where symbol = ?", futures.SECOND), 0.5)

    def test_a_broker_that_is_down_leaves_what_is_known(self):
        self.start()
        self.stop_run()
        self.change("update instrument_list set ts_read = ts_read - 86400000000000")
        self.sim.end()
        self.start_run()
        answer = self.until(lambda: self.local("rest/instruments/details")["instruments"], "the local API has instruments")
        self.assertTrue(all(item["minPriceIncrement"] for item in answer))
        self.assertEqual(self.one("select count(*) from instruments where listed"), 300)

    def test_segments_are_stored(self):
        self.start()
        listed = {item["marketSegmentId"] for item in self.broker("rest/segment/all")["segments"]}
        self.assertEqual({name for name, in self.sql("select segment from segments where listed and market = 'ROFX'")}, listed)
        counts = dict(self.sql("select segment, instruments from segments"))
        self.assertEqual(counts["TEST"], 0)
        self.assertEqual(counts["MERV"], self.one("select count(*) from instruments where segment = 'MERV' and listed"))
        recorded = dict(self.sql("select segment, recorded from segments where recorded"))
        self.assertEqual(recorded, dict(self.sql("select segment, count(*) from instruments where recorded group by 1")))
        self.stop_run()
        self.change("update segment set listed = 0 where segment = 'TEST'")
        self.change("insert into segment values ('ROFX', 'GONE', 1, 1764000000000000000, 1)")
        self.change("update instrument_list set ts_read = ts_read - 86400000000000")
        self.start_run().wait_line("event=instrument_changed", "segments: 1 new (TEST), 1 no longer listed (GONE)")
        self.until_rows("select count(*) from segments where segment = 'TEST' and listed")
        self.assertEqual(self.one("select listed from segments where segment = 'GONE'"), 0)

    def test_rules_over_segments_are_checked(self):
        self.start()
        self.stop_run()
        with open(self.conf_path, encoding="utf-8") as file:
            text = file.read()
        with open(self.conf_path, "w", encoding="utf-8") as file:
            file.write(text.replace("instruments {", 'instruments { segments = {"DDFF", "TEST", "DD*"} '))
        checked = self.cinta("check", "-c", self.conf_path, "--quiet")
        self.assertEqual(checked.returncode, 0, checked.stderr)
        self.assertIn("instruments.segments: 'DDFF' matches nothing in the broker's list; did you mean 'DDF'", checked.stderr)
        self.assertIn("instruments.segments: 'TEST' matches a segment of the broker that lists no instruments", checked.stderr)
        self.assertNotIn("'DD*'", checked.stderr)
        os.unlink(glob.glob(self.path("state/instruments-*.json"))[0])
        shown = self.cinta("check", "-c", self.conf_path, "--instruments")
        self.assertEqual(shown.returncode, 0, shown.stderr)
        self.assertIn("(as of the reference data in the database)", shown.stderr)
        self.assertIn(futures.SECOND, shown.stdout)

    def test_lists_by_segment_where_details_are_refused(self):
        self.start_sim("--instruments", "300", faults=REFUSED % "rest/instruments/details")
        self.configure(match=("DLR/*",))
        self.start_run().wait_line("event=list_failed", "rest/instruments/details", "Invalid URL", "one by one")
        self.until_rows("select count(*) from instruments where segment = 'DDF' and cfi_code = 'FXXXSX'", at_least=13, timeout=60)
        self.assertEqual(self.one("select count(*) from instruments where segment = 'MERV' and symbol not like 'MERV - %'"), 0)
        self.assertEqual(self.sql("select * from instrument_list"), [])  # it is not the whole list

    def test_what_is_known_where_the_list_is_refused(self):
        self.start_sim("--instruments", "300", faults=REFUSED % "rest/instruments/all")
        self.configure(match=("DLR/*",), serve=SERVE)
        service = self.start_run()
        service.wait_line("event=list_failed", "rest/instruments/all", "Invalid URL")
        service.wait_line('msg="polling"', "instruments=13")  # from the reference data
        self.until_rows("select count(*) from instrument_list")
        self.stop_run()
        self.sim.end()
        self.start_run().wait_line('msg="polling"', "instruments=13")  # from the database, while the broker is down
        self.assertEqual(self.one("select count(*) from instruments where recorded"), 13)

    def test_an_answer_that_ends_early_changes_nothing(self):
        self.start_sim(faults='fault { kind = "garbage"  path = "rest/instruments/details" }')
        self.configure(match=RECORDED)
        self.start_run().wait_line("event=list_failed", "rest/instruments/details")
        self.until_polled()
        self.assertEqual(self.sql("select * from instrument_list"), [])
        self.assertEqual(self.sql("select count(*) from instruments where price_tick is not null"), [(0,)])
        # the list of symbols is known from the other request
        self.until_rows("select count(*) from instruments where listed and cfi_code is not null", at_least=12)


if __name__ == "__main__":
    wire.main()
