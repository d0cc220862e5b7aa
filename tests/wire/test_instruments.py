"""cinta instruments: what it finds, its formats, and --refresh with and without a running service."""
import csv
import io
import json
import unittest

import futures
import wire

SHARE = "MERV - XMEV - GGAL - 24hs"
FUTURE, MATURITY = futures.SECOND, futures.maturities(2)[1]
MONTH = futures.month_text(MATURITY)


class InstrumentsTest(wire.WireTest):
    def start(self, instruments=250):
        self.start_sim("--instruments", str(instruments))
        self.configure(match=("DLR/*",))

    def instruments(self, *arguments, expect=0):
        done = self.cinta("instruments", "-c", self.conf_path, *arguments)
        self.assertEqual(done.returncode, expect, done.stderr)
        return done

    def symbols(self, *arguments):
        return [row["symbol"] for row in json.loads(self.instruments("--json", *arguments).stdout)]

    def test_refresh_without_a_service(self):
        self.start()
        self.assertIn("there is no database", self.instruments(expect=1).stderr)
        shown = self.instruments("--refresh", "GGAL*").stdout
        self.assertIn(SHARE, shown)
        self.assertIn(f"GGAL/{MONTH}", shown)
        self.assertEqual(self.one("select count(*) from instruments where listed"), 250)
        self.assertEqual([kind for kind, in self.sql("select kind from feed_log")], ["login"])
        self.instruments("--refresh")  # with the token of the first time
        stats = self.stats()
        self.assertEqual((stats["logins"], stats["details"]), (1, 2))
        self.start_run().wait_line('msg="polling"')  # which has nothing to ask for today
        self.until_polled()
        stats = self.stats()
        self.assertEqual((stats["logins"], stats["details"]), (1, 2))

    def test_refresh_by_the_service(self):
        self.start()
        self.start_run()
        self.until_rows("select count(*) from instrument_list")
        before = self.one("select ts_read from instrument_list")
        self.assertEqual(len(self.symbols("--refresh", "DLR/*")), 13)
        self.assertGreater(self.one("select ts_read from instrument_list"), before)
        stats = self.stats()
        self.assertEqual((stats["logins"], stats["details"]), (1, 2))
        reference = self.status()["reference"]
        self.assertEqual((reference["instruments"], reference["attempts"], reference["failed"]), (250, 2, None))
        self.assertIn("250 instruments listed", self.cinta("status", "-c", self.conf_path).stdout)

    def test_refresh_that_fails(self):
        self.start_sim(faults='fault { kind = "status"  status = 500  path = "rest/instruments/details" }')
        self.configure()
        done = self.instruments("--refresh", expect=69)
        self.assertIn("cinta instruments: --refresh: ", done.stderr)
        self.assertIn("500", done.stderr)
        self.start_run()
        self.until_rows("select count(*) from quotes")
        done = self.instruments("--refresh", expect=69)
        self.assertIn("500", done.stderr)
        self.stop_run()
        self.post("sim/user?password=another")
        wire.os.unlink(self.path("state/token"))
        done = self.instruments("--refresh", expect=77)
        self.assertNotIn("s3cret-pass", done.stderr)

    def test_filters_and_order(self):
        self.start()
        self.instruments("--refresh")
        self.assertEqual(self.symbols("DLR/*")[0][:4], "DLR/")
        dollars = {row["symbol"]: row["maturity_date"] for row in json.loads(self.instruments("--json", "DLR/*").stdout)}
        self.assertEqual(list(dollars.items()), [(f"DLR/{futures.month_text(day)}", str(day)) for day in futures.maturities(13)])
        for arguments, statement in (
                (("--segment", "ddf"), "segment = 'DDF'"),
                (("--cfi", "F*"), "cfi_code like 'F%'"),
                (("--product", "AL30"), "symbol like '% - AL30 - %'"),
                (("--maturity", MONTH), f"maturity_date like '{MATURITY:%Y-%m}-%'"),
                (("--maturity", f"{MATURITY.year}"), f"maturity_date like '{MATURITY.year}%'"),
                (("--currency", "usd"), "currency = 'USD'"),
                (("--currency", "USD", "--cfi", "FXXXSX", "SOJ*"), "symbol like 'SOJ.ROS/%' and cfi_code = 'FXXXSX'"),
                (("ggal*",), "symbol like '% - GGAL - %' or symbol like 'GGAL/%'")):
            with self.subTest(arguments):
                wanted = {symbol for symbol, in self.sql(f"select symbol from instruments where {statement}")}
                self.assertTrue(wanted)
                self.assertEqual(set(self.symbols(*arguments)), wanted)
        done = self.instruments("--segment", "DDFF", expect=1)
        self.assertIn("no instrument matches these options; the view segments has the broker's segments", done.stderr)
        done = self.instruments("NOTHING*", "DLR/*", expect=1)
        self.assertIn("no instrument matches 'NOTHING*'", done.stderr)
        self.assertIn(FUTURE, done.stdout)

    def test_formats_have_all_columns(self):
        self.start()
        self.instruments("--refresh")
        columns = [name for name, in self.sql("select name from pragma_table_info('instruments')")]
        row, = csv.DictReader(io.StringIO(self.instruments("--csv", FUTURE).stdout))
        self.assertEqual(list(row), columns)
        self.assertEqual((row["price_tick"], row["contract_multiplier"], row["type"]), ("0.5", "1000", "future"))
        share, = json.loads(self.instruments("--json", SHARE).stdout)
        self.assertEqual(list(share), columns)
        self.assertEqual(share["tick_ranges"][0], [0, 50, 0.05])
        self.assertIsNone(share["strike"])
        table = self.instruments(FUTURE).stdout.splitlines()
        self.assertEqual(len(table), 2)
        self.assertEqual(table[0].split()[:4], ["symbol", "type", "currency", "maturity"])

    def test_a_database_of_an_older_version(self):
        connection = wire.sqlite3.connect(self.db_path)
        with open(wire.os.path.join(wire.os.environ["CINTA_SOURCE"], "tests/unit/store/write/schema/version_1.sql"),
                  encoding="utf-8") as file:
            connection.executescript(file.read())
        connection.close()
        done = self.cinta("instruments", "--db", self.db_path)
        self.assertEqual(done.returncode, 1)
        self.assertIn("an older version of cinta wrote it; 'cinta run' upgrades it", done.stderr)

    def test_what_is_no_longer_listed_is_hidden(self):
        self.start()
        self.instruments("--refresh")
        connection = wire.sqlite3.connect(self.db_path)
        connection.execute("update instrument set listed = 0 where symbol = ?", (FUTURE,))
        connection.commit()
        connection.close()
        done = self.instruments("DLR/*")
        self.assertNotIn(FUTURE + " ", done.stdout)
        self.assertIn("1 more not listed any more: --all shows them", done.stderr)
        self.assertIn(FUTURE, self.symbols("--all", "DLR/*"))
        self.assertNotIn(FUTURE, self.symbols("DLR/*"))


if __name__ == "__main__":
    wire.main()
