"""Recorded data by the local API: historic trades in the broker's dialect, and the day's chart."""
import json
import os
import threading
import urllib.error
import urllib.parse
import urllib.request

import futures
import wire

SYMBOL = futures.SECOND
DAY_SQL = "select strftime('%Y-%m-%d', 'now', '-3 hours')"


class ApiHistory(wire.WireTest):
    def setUp(self):
        super().setUp()
        self.start_sim("--rate", "200")
        self.configure(serve='listen = "127.0.0.1:0"')
        self.start_run()
        self.api = self.service.wait_line("local API", "address=").split("address=")[1].split()[0].strip('"')

    def get(self, path, method="GET", **query):
        url = self.api + path + ("?" + urllib.parse.urlencode(query) if query else "")
        request = urllib.request.Request(url, method=method, data=b"" if method == "POST" else None)
        try:
            with urllib.request.urlopen(request, timeout=wire.PATIENCE_S) as answer:
                return answer.status, json.load(answer), answer.headers
        except urllib.error.HTTPError as error:
            return error.code, json.load(error), error.headers

    def trades(self, symbol=SYMBOL, **query):
        return self.get("rest/data/getTrades", marketId="ROFX", symbol=symbol, **query)

    def test_trades_are_those_of_the_view(self):
        self.until_rows(f"select count(*) from trades where symbol = '{SYMBOL}'", at_least=3)
        day = self.one(DAY_SQL)
        self.stop_broker()
        rows = self.sql("select ts_event / 1000000, price, size from trades where symbol = ? order by ts_event, seq", SYMBOL)
        status, answer, _ = self.trades(date=day)
        self.assertEqual((status, answer["status"], answer["symbol"], answer["market"]), (200, "OK", SYMBOL, "ROFX"))
        self.assertEqual([(t["servertime"], t["price"], t["size"]) for t in answer["trades"]], rows)
        self.assertEqual(self.trades(dateFrom=day, dateTo=day)[1], answer)
        self.assertEqual(self.trades(date="2020-01-02")[1]["trades"], [])

    def stop_broker(self):
        """So that nothing more is recorded; the event is in the database after all changes received before it."""
        self.sim.end()
        self.until(lambda: self.events("broker_down"), "the outage is recorded")

    def test_chart_of_the_day(self):
        self.until_rows(f"select count(*) from bars_1m where symbol = '{SYMBOL}'")
        self.stop_broker()
        status, chart, _ = self.get("chart", symbol=SYMBOL)
        rows = self.sql("select ts_minute / 1000000, open, high, low, close, volume from bars_1m where symbol = ? "
                        "order by ts_minute", SYMBOL)
        opened, closed = self.sql("select ts_open / 1000000, ts_close / 1000000 from session order by date desc")[0]
        self.assertEqual((status, chart["symbol"]), (200, SYMBOL))
        self.assertEqual([tuple(bar) for bar in chart["bars"]], rows)
        self.assertEqual(chart["session"], {"open": opened, "close": closed})
        # Since the broker ended, nothing is observed: the last gap lasts until now.
        gaps = self.until(lambda: self.get("chart", symbol=SYMBOL)[1]["gaps"], "a gap is shown")
        self.assertIsNone(gaps[-1][1])
        self.assertGreater(gaps[-1][0], opened)

    def test_errors(self):
        self.until_rows("select count(*) from quotes")
        day = self.one(DAY_SQL)
        for what, query, words in (
                ("no date", {}, "Parameter 'date' not found"),
                ("bad date", {"date": "today"}, "Parameter 'date' not found"),
                ("unknown", {"date": day, "symbol": "NONE"}, "Security NONE:ROFX doesn't exist")):
            with self.subTest(what):
                status, answer, _ = self.trades(**query)
                self.assertEqual((status, answer["status"], answer["description"]), (200, "ERROR", words))
        self.assertEqual(self.get("rest/data/getTrades", "POST")[1]["description"], "Invalid URL")
        for symbol in ("NONE", "", SYMBOL.lower()):
            with self.subTest(symbol=symbol):
                status, answer, _ = self.get("chart", symbol=symbol)
                self.assertEqual((status, answer["status"]), (404, "ERROR"))
                self.assertIn("is not recorded", answer["description"])

    def test_a_damaged_database_is_an_error_and_the_service_goes_on(self):
        self.until_rows("select count(*) from quotes")
        # The name leads to a file that is no database; the service has the first one open.
        os.rename(self.db_path, self.path("old.db"))
        with open(self.db_path, "w", encoding="utf-8") as file:
            file.write("this is not a database\n" * 100)
        status, answer, headers = self.get("chart", symbol=SYMBOL)
        self.assertEqual(status, 503)
        self.assertIn(self.db_path, answer["description"])
        self.assertEqual(headers["Retry-After"], "5")
        self.assertEqual(self.get("rest/marketdata/get", marketId="ROFX", symbol=SYMBOL, entries="BI")[0], 200)

    def test_pages_of_allowed_origins_may_read(self):
        self.until_rows("select count(*) from quotes")
        origin = self.api.rstrip("/")
        request = urllib.request.Request(self.api + "chart?symbol=" + urllib.parse.quote(SYMBOL), headers={"Origin": origin})
        with urllib.request.urlopen(request, timeout=wire.PATIENCE_S) as answer:
            self.assertEqual(answer.headers.get_all("Access-Control-Allow-Origin"), [origin])
        request.add_header("Origin", "http://evil.example")
        with self.assertRaises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(request, timeout=wire.PATIENCE_S)
        self.assertEqual(refused.exception.code, 403)
        refused.exception.close()

    def test_many_at_once_are_answered_or_refused(self):
        """Each request ends, with the data or with 503; the service answers others meanwhile."""
        self.until_rows("select count(*) from quotes")
        day, results = self.one(DAY_SQL), []
        threads = [threading.Thread(target=lambda: results.append(self.trades(date=day)[0])) for _ in range(80)]
        for thread in threads:
            thread.start()
        self.assertEqual(self.get("status")[0], 200)
        for thread in threads:
            thread.join(wire.PATIENCE_S)
        self.assertEqual(len(results), 80)
        self.assertIn(200, results)
        self.assertLessEqual(set(results), {200, 503})


if __name__ == "__main__":
    wire.main()
