"""DuckDB reads an export as docs/export.md says: no price loses its fraction, whatever the first rows contain.

DuckDB is installed from the npm registry into the build folder; if that fails, the test is skipped.
"""
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "wire"))

import pages
import wire
from exporting import ExportTest

MODULES = os.path.join(os.path.abspath(os.environ["CINTA_BUILD"]), "duckdb")
PACKAGE = "@duckdb/node-api"
WHOLE = 22000  # DuckDB infers types from the first 20,480 rows
ASK = """
import { DuckDBInstance } from '@duckdb/node-api';
const connection = await (await DuckDBInstance.create(':memory:')).connect();
for (const question of process.argv.slice(2))
    console.log(JSON.stringify((await connection.runAndReadAll(question)).getRowsJson()));
"""


def install():
    """Installs DuckDB; returns the reason if that fails, else None."""
    if not shutil.which("npm") or not shutil.which("node"):
        return "npm is not installed"
    if os.path.isdir(os.path.join(MODULES, "node_modules", "@duckdb", "node-api")):
        return None
    os.makedirs(MODULES, exist_ok=True)
    done = subprocess.run(["npm", "install", "--loglevel=error", "--no-fund", "--no-audit", "--prefix", MODULES, PACKAGE],
                          capture_output=True, text=True, timeout=300, check=False)
    return None if done.returncode == 0 else f"npm cannot install {PACKAGE}: {(done.stderr or done.stdout).strip()[-200:]}"


class DuckDB(ExportTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        missing = install()
        if missing:
            raise unittest.SkipTest(missing)
        with open(os.path.join(MODULES, "ask.mjs"), "w", encoding="utf-8") as file:
            file.write(ASK)

    def query(self, *statements):
        """The rows of each query; DuckDB returns numbers as text."""
        done = subprocess.run(["node", os.path.join(MODULES, "ask.mjs"), *statements], cwd=self.dir, capture_output=True,
                              text=True, timeout=120, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def whole_prices_then_fractions(self):
        """More whole prices than DuckDB reads to infer types, then 61.24; one instrument, one day."""
        self.record()
        names = "instrument_id, ts_recv, source, changed, unit, bid_price, bid_size, last_price, last_size, seq"
        noon = 1795446000 * 10**9
        connection = sqlite3.connect(self.db_path)
        with connection:
            for table in ("snapshot_recent", "snapshot_history", "trade", "bar_1m"):
                connection.execute(f"delete from {table}")
            rows = ((1, noon + i * 10**9, 2, 5, 100, 6100 if i < WHOLE else 6124, 10.0, 6100 if i < WHOLE else 6124, 5.0, i + 1)
                    for i in range(WHOLE + 100))
            connection.executemany(f"insert into snapshot_recent ({names}) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
            connection.execute("update ledger set last_seq = ?", (WHOLE + 100,))
        connection.close()

    def assert_fractions(self, source, column="bid_price"):
        (types, answer) = self.query(f"select distinct typeof({column}) from {source}",
                                   f"select count(*) filter ({column} = 61.24), max({column}), sum({column}) from {source}")
        self.assertEqual(types, [["DOUBLE"]], source)
        count, largest, total = answer[0]
        self.assertEqual((int(count), float(largest)), (100, 61.24), source)
        self.assertAlmostEqual(float(total), WHOLE * 61 + 100 * 61.24, 3)

    def test_a_price_keeps_its_fraction(self):
        """Without options or types, as in a first try."""
        self.whole_prices_then_fractions()
        for name, reader in (("t.csv", "read_csv"), ("t.csv.gz", "read_csv"), ("t.csv.zst", "read_csv"), ("t.jsonl", "read_json")):
            self.export("-t", "snapshots", "--out", self.path(name))
            self.assert_fractions(f"{reader}('{self.path(name)}')")
        self.export("-t", "trades", "--out", self.path("trades.csv"))
        self.assert_fractions(f"'{self.path('trades.csv')}'", "price")

    def test_the_query_in_the_documentation(self):
        self.whole_prices_then_fractions()
        self.export("-t", "snapshots", "--out", self.path("OUT"), "--compress", "zstd")
        (query,) = [text for language, mark, text, _ in pages.fences(pages.text_of("docs/export.md"))
                    if (language, mark) == ("sql", "duckdb")]
        rows = self.query(re.sub(r"\s+", " ", query.replace("OUT/", self.path("OUT/"))))[0]
        self.assertEqual(sum(int(row[2]) for row in rows), WHOLE + 100)
        self.assertIn(61.24, [float(row[3]) for row in rows])

    def test_every_column_of_every_table(self):
        """Times are exact integers, columns with real numbers are DOUBLE, the others text or dates."""
        self.record()
        for table in ("snapshots", "trades", "bars", "events", "coverage"):
            path = self.path(table + ".csv")
            self.export("-t", table, "--out", path)
            columns, rows = self.view(table)
            described = {row[0]: row[1] for row in self.query(f"describe select * from read_csv('{path}', sample_size = -1)")[0]}
            self.assertEqual(list(described), columns)
            for column in columns:
                values = [row[column] for row in rows if row[column] is not None]
                wanted = {float: "DOUBLE", int: "BIGINT"}.get(type(values[0]) if values else None)
                if wanted:
                    self.assertEqual(described[column], wanted, (table, column))
            stamp = next(c for c in columns if c.startswith("ts"))
            total = self.query(f"select sum({stamp}::hugeint) from read_csv('{path}', sample_size = -1)")[0][0][0]
            self.assertEqual(int(total), sum(row[stamp] for row in rows))


if __name__ == "__main__":
    wire.main()
