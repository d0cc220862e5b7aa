"""Checks docs/database.md with a database that the real binary recorded: every query, table, column and event kind."""
import importlib.util
import json
import os
import re
import sqlite3
import subprocess
import sys
import time
import unittest

import pages
import wire

BY_KEY = re.compile(r"SEARCH \w+ USING PRIMARY KEY \(instrument_id=\? AND ts_recv[<>]\?")

PAGE = pages.text_of("docs/database.md")


def rows_of_tables(heading):
    """{name: {words in backticks of the first cells}} of the sections ### `name` below this ## heading."""
    section = re.search(rf"^## {heading}\n(.*?)(?=^## |\Z)", PAGE, re.M | re.S).group(1)
    names = re.split(r"^### `(\w+)`\n", section, flags=re.M)
    return {name: {word for cell in re.findall(r"^\| (`[^|]*)\|", text, re.M) for word in re.findall(r"`(\w+)`", cell)}
            for name, text in zip(names[1::2], names[2::2])}


class DatabaseDocs(wire.WireTest):
    def setUp(self):
        super().setUp()
        if (time.time() - 3 * 3600) % 86400 > 86400 - 180:
            self.skipTest("it is almost midnight in Argentina: data recorded as today's may become yesterday's")

    def record(self):
        self.start_sim("--instruments", "240", "--rate", "300")
        self.configure(match=("DLR/*", "MERV - XMEV - AL30*", "MERV - XMEV - GD30*", "MERV - XMEV - PESOS*"),
                       stream="enable = true")
        self.start_run()
        self.until_rows("select count(*) from snapshots", at_least=200)
        self.until_rows("select count(*) from instrument_list")
        quoted = (symbol for symbol, in self.sql("select symbol from quotes where bid_price > 0"))
        self.near, self.far = pages.by_maturity(quoted)[:2]

    def record_all(self):
        """Records, stops, records again and moves rows to history; the service still writes."""
        self.record()
        self.stop_run()
        self.start_run()  # the time in between is a gap
        self.until_rows("select count(*) from feed_log where kind = 'streaming'", at_least=2)
        self.move_to_history()
        for symbol in (self.near, self.far):
            self.until_rows("select count(*) from snapshot_recent r join instrument i on i.id = r.instrument_id "
                            "where i.symbol = ?", symbol, at_least=2)
            self.until_rows("select count(*) from trades where symbol = ?", symbol)

    def move_to_history(self):
        """Stops the changes until the writer has moved all rows, and starts them again."""
        self.post("sim/market?rate=0")
        self.until(lambda: self.one("select count(*) from snapshot_history") > 0
                   and self.one("select count(*) from snapshot_recent") == 0, "all is moved")
        self.post("sim/market?rate=300")

    def here(self, text):
        return pages.as_of_today(text, self.near, self.far)

    def check_query(self, connection, mark, text, shown):
        cursor = connection.execute(text)
        rows = cursor.fetchall()
        columns = [column[0] for column in cursor.description]
        if mark == "none":
            self.assertEqual(rows, [])
            return
        self.assertTrue(rows, "no rows")
        self.assertEqual(shown.split("\n")[0].split(), columns, "the output below it has other columns")
        if mark == "fast":
            plan = "\n".join(row[3] for row in connection.execute("explain query plan " + text))
            self.assertRegex(plan, BY_KEY)

    def test_every_query_returns_rows(self):
        self.record_all()
        queries = pages.blocks(PAGE, "sql")
        self.assertGreaterEqual(len(queries), 30)
        self.assertGreaterEqual(sum(mark == "fast" for mark, _, _ in queries), 10)
        self.assertEqual({mark for mark, _, _ in queries}, {"", "fast", "none", "dbstat"})
        connection = sqlite3.connect(f"file:{self.db_path}?mode=ro", uri=True, timeout=10)
        self.addCleanup(connection.close)
        options = {option for option, in connection.execute("pragma compile_options")}
        for mark, text, shown in queries:
            with self.subTest(text):
                if mark != "dbstat" or "ENABLE_DBSTAT_VTAB" in options:
                    self.check_query(connection, mark, self.here(text), shown)

    def answer(self, title):
        """[{column: value}] of the query below this heading."""
        text = re.search(rf"^### \d+\. {title}\n.*?^```sql[ \w]*\n(.*?)^```", PAGE, re.M | re.S).group(1)
        connection = sqlite3.connect(f"file:{self.db_path}?mode=ro", uri=True)
        connection.row_factory = sqlite3.Row
        try:
            return [dict(row) for row in connection.execute(self.here(text))]
        finally:
            connection.close()

    def test_sums_are_right(self):
        self.record()
        self.until_rows("select count(*) from trades where symbol = ?", self.near, at_least=3)
        self.stop_run()
        depth = self.answer("Depth")
        for side in ("bid", "offer"):
            size = money = 0.0
            for level in (row for row in depth if row["side"] == side):
                size, money = size + level["size"], money + level["price"] * level["size"]
                self.assertEqual(level["size_to_here"], size)
                self.assertAlmostEqual(level["mean_price"], money / size, places=3)
        sizes = {side: sum(row["size"] for row in depth if row["side"] == side) for side in ("bid", "offer")}
        balance = (sizes["bid"] - sizes["offer"]) / (sizes["bid"] + sizes["offer"])
        row = next(row for row in self.answer("Order-book imbalance") if row["symbol"] == self.near)
        self.assertAlmostEqual(row["imbalance"], balance, places=3)
        trades = self.sql("select price, size from trades where symbol = ?", self.near)
        row, = self.answer("VWAP of today")
        self.assertAlmostEqual(row["vwap"], sum(p * s for p, s in trades) / sum(s for _, s in trades), places=3)

    def test_commands_and_programs_run(self):
        self.record()
        pandas = importlib.util.find_spec("pandas")
        programs = [block for block in pages.blocks(PAGE, "python") if pandas or "pandas" not in block[1]]
        found = pages.blocks(PAGE, "sh") + programs
        self.assertGreaterEqual(len(found), 4)
        path = os.pathsep.join((os.path.dirname(wire.CINTA), os.environ["PATH"]))
        for _, text, _ in found:
            with self.subTest(text):
                argv = [sys.executable, "-c"] if "import" in text else ["sh", "-e", "-c"]
                done = subprocess.run([*argv, self.here(text)], cwd=self.dir, env={**os.environ, "PATH": path},
                                      capture_output=True, text=True, timeout=60, check=False)
                self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        self.assertGreater(os.path.getsize(self.path("copy.db")), 0)
        with open(self.path("quotes.csv"), encoding="utf-8") as file:
            self.assertRegex(file.read(), re.escape(self.near))

    def test_page_and_database_have_the_same_names(self):
        self.record()
        for heading, kind in (("Views", "view"), ("Tables", "table")):
            actual = {name: {column for column, in self.sql("select name from pragma_table_xinfo(?)", name)}
                     for name, in self.sql("select name from sqlite_master where type = ? and name not like 'sqlite%'", kind)}
            documented = rows_of_tables(heading)
            self.assertEqual(set(documented), set(actual), heading)
            for name, columns in actual.items():
                self.assertEqual(documented[name], columns, name)
        for index, in self.sql("select name from sqlite_master where type = 'index' and sql is not null"):
            self.assertIn(f"`{index}`", PAGE)

    def test_every_kind_of_event_is_explained(self):
        self.record()
        section = re.search(r"^## Kinds of events\n(.*?)^## ", PAGE, re.M | re.S).group(1)
        documented = dict(re.findall(r"^\| `(\w+)` \| (.*?) \|$", section, re.M))
        self.assertEqual(documented, dict(self.sql("select kind, meaning from event_kind")))

    def test_the_figures_of_the_file(self):
        self.record()
        for value in (self.one("select user_version from pragma_user_version"),
                      self.one("select application_id from pragma_application_id")):
            self.assertRegex(PAGE, rf"\b{value}\b")
        versions = re.findall(r"^\| (\d+) \| ", PAGE, re.M)
        self.assertEqual(len(versions), self.one("select user_version from pragma_user_version"))
        done = self.cinta("verify", "--db", self.db_path, "--json")
        self.assertEqual(done.returncode, 0, done.stdout)
        json.loads(done.stdout)


if __name__ == "__main__":
    wire.main()
