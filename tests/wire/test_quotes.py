"""`cinta quotes`: rows, their order, columns by width, and the notes about quotes that are not shown."""
import csv
import io
import json
import re
import shutil
import signal
import sqlite3
import unittest

import pages
import terminal
import wire

TITLES = ["symbol", "src", "age", "bid size", "bid", "offer", "offer size", "last", "last size", "last (ART)", "volume"]


def titles_of(line):
    return re.split(r"  +", line.strip())


class Quotes(wire.WireTest):
    """With the database of a stopped service."""

    @classmethod
    def setUpClass(cls):
        cls.kept = cls("record")
        cls.kept.setUp()
        cls.addClassCleanup(cls.kept.doCleanups)
        cls.kept.record()

    def record(self):
        self.start_sim("--rate", "400", "--instruments", "100")
        self.configure(stream="enable = true")
        self.start_run()
        self.until_rows("select count(*) from quotes", at_least=100)
        self.until_rows("select count(*) from snapshots", at_least=1500)
        self.stop_run()

    def setUp(self):
        super().setUp()
        if hasattr(type(self), "kept") and self is not self.kept:
            shutil.copy(self.kept.db_path, self.db_path)
            self.url = self.kept.url
            self.configure()

    def quotes(self, *arguments):
        return self.cinta("quotes", "-c", self.conf_path, *arguments)

    def rows(self, *arguments):
        return json.loads(self.quotes("--json", *arguments).stdout)

    # -- which rows

    def test_sorted_by_product_and_maturity(self):
        symbols = [row["symbol"] for row in self.rows()]
        dollar = [s for s in symbols if s.startswith("DLR/")]
        self.assertEqual(dollar, pages.by_maturity(dollar))
        self.assertGreater(len(dollar), 10)
        days = [int(s.split(" - ")[-1][:-1]) for s in symbols if s.startswith("MERV - XMEV - PESOS - ")]
        self.assertEqual(days, sorted(days))
        self.assertGreater(max(days), 9)
        table = [line.split("  ")[0] for line in self.quotes().stdout.splitlines()[1:]]
        self.assertEqual(table, symbols)
        lines = csv.DictReader(io.StringIO(self.quotes("--csv").stdout))
        self.assertEqual([line["symbol"] for line in lines], symbols)

    def test_empty_instruments_can_be_hidden(self):
        values = ("bid_price", "offer_price", "last_price", "index_value", "close_price", "open_price")
        empty = {row["symbol"] for row in self.rows()
                 if not any(row[name] is not None for name in values) and not row["trade_volume"]}
        self.assertGreater(len(empty), 5)
        shown = {row["symbol"] for row in self.rows("--hide-empty")}
        self.assertEqual(shown, {row["symbol"] for row in self.rows()} - empty)
        one = sorted(empty)[0]
        done = self.quotes("--hide-empty", one)
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn(f"'{one}' is shown: 1 instrument is without any value and hidden by --hide-empty", done.stderr)

    def mark_as_recorded(self, condition):
        """Replaces the column `recorded` of the view; without a condition removes it, as in older versions."""
        db = sqlite3.connect(self.db_path)
        names = [row[1] for row in db.execute("pragma table_info(quotes)") if row[1] != "recorded"]
        made, = db.execute("select sql from sqlite_schema where name = 'quotes'").fetchone()
        db.execute(made.replace("VIEW quotes", "VIEW quotes_before", 1))
        db.execute("drop view quotes")
        column = f", {condition} as recorded" if condition else ""
        db.execute(f"create view quotes as select {', '.join(names)}{column} from quotes_before")
        db.commit()
        db.close()

    def test_only_what_is_recorded_now(self):
        self.mark_as_recorded("symbol not like 'WTI/%'")
        every = [row["symbol"] for row in self.rows("--all")]
        others = [symbol for symbol in every if symbol.startswith("WTI/")]
        self.assertGreater(len(others), 3)
        self.assertEqual([row["symbol"] for row in self.rows()], [s for s in every if s not in others])
        self.assertEqual({row["symbol"] for row in self.rows("--all") if row["recorded"] == 0}, set(others))
        self.assertEqual({row["recorded"] for row in self.rows()}, {1})
        self.assertEqual(next(csv.DictReader(io.StringIO(self.quotes("--csv", "--all", "wti/*").stdout)))["recorded"], "0")
        table = self.quotes("--all").stdout.splitlines()
        self.assertEqual(titles_of(table[0]), TITLES + ["recorded"])
        self.assertEqual({line.split()[-1] for line in table if line.startswith("WTI/")}, {"no"})
        self.assertEqual({line.split()[-1] for line in table if line.startswith("DLR/")}, {"yes"})
        self.assertNotIn("WTI/", self.quotes().stdout)
        done = self.quotes("wti/*", "DLR/*")
        self.assertEqual(done.returncode, 1)
        self.assertIn(f"no quote of 'wti/*' is shown: {len(others)} instruments are no longer recorded; --all shows them",
                      done.stderr)
        self.assertIn("DLR/", done.stdout)

    def test_an_older_database_without_the_column_recorded(self):
        self.mark_as_recorded(None)
        self.assertEqual(len(self.rows()), 100)
        self.assertNotIn("recorded", self.rows()[0])
        done = self.quotes("--all")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(len(done.stdout.splitlines()), 101)
        self.assertIn("'recorded' is not a column", self.quotes("--columns", "recorded").stderr)

    # -- patterns

    def test_a_pattern_without_a_match_is_named(self):
        for arguments, words in (
                (("GGAL",), "no symbol matches 'GGAL'; did you mean 'MERV - XMEV - GGAL - 24hs'"),
                (("DLR/*", "GGAL"), "no symbol matches 'GGAL'; did you mean"),
                (("dlr-dec*",), "no symbol matches 'dlr-dec*'"),
                (("DLR/*", "XYZZY"), "no symbol matches 'XYZZY': 'cinta quotes' lists the recorded symbols")):
            done = self.quotes(*arguments)
            self.assertEqual(done.returncode, 1)
            self.assertIn(words, done.stderr)
            self.assertEqual("DLR/" in done.stdout, "DLR/*" in arguments)
        good = self.quotes("dlr/*", "merv - xmev - ggal - 24HS")
        self.assertEqual((good.returncode, good.stderr), (0, ""))
        self.assertIn("did you mean", self.quotes("--json", "DLR/*", "GGAL").stderr)

    def test_nothing_recorded_yet(self):
        db = sqlite3.connect(self.db_path)
        db.execute("delete from quote")
        db.commit()
        db.close()
        for arguments in ((), ("DLR/*",)):
            done = self.quotes(*arguments)
            self.assertEqual((done.returncode, done.stdout), (1, ""))
            self.assertIn("no quotes recorded yet: see 'cinta status'", done.stderr)
        self.assertEqual(self.quotes("--json").stdout, "[]\n")

    def test_time_stamps_in_the_future(self):
        db = sqlite3.connect(self.db_path)
        db.execute("replace into quote_seen select instrument_id, ts_recv + 7200000000000 from quote")
        db.commit()
        db.close()
        done = self.quotes("DLR/*")
        self.assertEqual(done.returncode, 0)
        self.assertNotIn("!", done.stdout)
        self.assertRegex(done.stdout, r" \+(119m|120m|2h) ")
        self.assertRegex(done.stderr, r"time stamps up to (119m|120m|2h) ahead of this machine's clock, marked '\+'")

    # -- columns

    def test_columns_are_chosen(self):
        done = self.quotes("--columns", "symbol,high_price,age,bid,source", "DLR/*")
        self.assertEqual(titles_of(done.stdout.splitlines()[0]), ["symbol", "high_price", "age", "bid", "source"])
        self.assertEqual(list(self.rows("--columns", "seq,symbol")[0]), ["seq", "symbol"])
        self.assertEqual(self.quotes("--csv", "--columns=symbol,bid").stdout.splitlines()[0], "symbol,bid_price")
        every = [row[1] for row in self.sql("pragma table_info(quotes)")]
        done = self.quotes("--columns", ",".join(every), "DLR/*")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual([title.removesuffix(" (ART)") for title in titles_of(done.stdout.splitlines()[0])],
                         ["last" if name == "last_time" else "bid size" if name == "bid_size" else
                          "offer size" if name == "offer_size" else "last size" if name == "last_size" else name
                          for name in every])
        wrong = self.quotes("--columns", "symbol,price")
        self.assertEqual((wrong.returncode, wrong.stdout), (2, ""))
        self.assertIn("--columns: 'price' is not a column; allowed: ", wrong.stderr)
        for name in ("age", "volume", *every):
            self.assertIn(name, re.split(r"[ ,\n]+", wrong.stderr))

    def test_the_readmes_show_this_table(self):
        for name in ("README.md", "README.es.md"):
            sample = pages.blocks(pages.text_of(name), "text")[0][1].splitlines()
            self.assertEqual(titles_of(sample[0]), TITLES)
            self.assertEqual(re.findall(r" +", sample[0])[1], " " * 8)  # wide enough for any age
            self.assertEqual(len({len(line) for line in sample}), 1)

    # -- terminals

    def test_narrow_terminals_hide_whole_columns(self):
        piped = self.quotes().stdout.splitlines()
        self.assertEqual(titles_of(piped[0]), TITLES)
        cells = {line.split("  ")[0]: set(line.split()) for line in piped[1:]}
        ages = re.compile(r"(?<= )(! )?[\d.]+[smhd](?= )")
        for width, titles in ((60, ["symbol", "age", "bid", "offer", "last"]),
                              (80, ["symbol", "src", "age", "bid", "offer", "last", "last (ART)"]),
                              (100, None), (120, None), (200, TITLES)):
            with self.subTest(width):
                status, lines = terminal.run(self, width, "quotes", "-c", self.conf_path)
                self.assertEqual(status, 0)
                self.assertLessEqual(max(map(len, lines[:101])), width)
                shown = titles_of(lines[0])
                self.assertEqual(shown, titles or shown)
                self.assertEqual([title for title in TITLES if title in shown], shown)
                for line in lines[1:101]:
                    values = set(ages.sub("", line).split())
                    self.assertLessEqual(values, cells[line.split("  ")[0]], line)
                left_out = [title for title in TITLES if title not in shown]
                self.assertEqual(lines[101:], ["cinta quotes: too narrow for: " + ", ".join(left_out)] if left_out else [])

    def test_prices_of_an_instrument_have_the_same_decimals(self):
        for line in self.quotes("--columns", "symbol,bid_price,offer_price,last_price,high_price").stdout.splitlines()[1:]:
            prices = [price for price in line.split("  ")[1:] if price.strip() not in ("", "-")]
            self.assertLessEqual(len({len(price.strip().partition(".")[2]) for price in prices}), 1, line)

    def test_watch_at_a_terminal(self):
        screen = terminal.Terminal(self, 80, 12, "quotes", "-c", self.conf_path, "--watch", "DLR/*", "GGAL")
        frame = screen.frames(1)[0]
        self.assertEqual(len(frame), 11)
        self.assertLessEqual(max(map(len, frame)), 80)
        self.assertRegex("\n".join(frame), r"\n\.\.\. and \d+ more: give a PATTERN to see them\nno symbol matches 'GGAL'; ")
        self.assertIn("too narrow for: ", frame[-1])
        self.assertNotRegex(screen.text, r"[^\n\w]\033\[K\n")  # it would delete the character in the last column
        count = screen.text.count(terminal.FRAME)
        screen.resize(200, 12)
        wide = screen.frames(count + 1)[-1]
        self.assertEqual(titles_of(wide[0]), TITLES)
        again = screen.frames(count + 2)[-1]
        self.assertEqual(wide[0], again[0])  # the columns have not moved
        count = screen.text.count(terminal.FRAME)
        screen.resize(30, 7)
        small = screen.frames(count + 2)[-1]
        self.assertLessEqual(len(small), 6)
        self.assertGreaterEqual(sum(line.startswith("DLR/") for line in small), 3, small)  # not only notes
        screen.child.send_signal(signal.SIGTERM)
        screen.read(lambda _: False)
        self.assertEqual(screen.child.wait(60), 0)


class Recorded(wire.WireTest):
    def shown(self, *options):
        done = self.cinta("quotes", "-c", self.conf_path, "--json", *options)
        return {row["symbol"]: row["recorded"] for row in json.loads(done.stdout)}

    def test_instruments_removed_by_a_reload(self):
        kept, gone = "MERV - XMEV - AL30 - 24hs", "MERV - XMEV - GD30 - 24hs"
        self.start_sim()
        self.configure(symbols=[kept, gone], match=[])
        self.start_run()
        self.until_rows("select count(*) from quotes", at_least=2)
        self.assertEqual(self.shown(), {kept: 1, gone: 1})
        self.configure(symbols=[kept], match=[])
        self.service.kill(signal.SIGHUP)
        self.service.wait_line("event=config_reloaded")
        self.until(lambda: self.shown() == {kept: 1}, "only one is recorded")
        self.assertEqual(self.shown("--all"), {kept: 1, gone: 0})
        self.stop_run()
        self.assertEqual(self.shown(), {kept: 1})
        done = self.cinta("quotes", "-c", self.conf_path, gone)
        self.assertEqual(done.returncode, 1)
        self.assertIn(f"no quote of '{gone}' is shown: 1 instrument is no longer recorded; --all shows it", done.stderr)


if __name__ == "__main__":
    wire.main()
