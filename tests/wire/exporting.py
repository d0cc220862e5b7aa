"""Shared by the tests of `cinta export`: a recorded database, and comparisons with its views."""
import csv
import gzip
import io
import json
import os
import shutil
import sqlite3
import subprocess
import tempfile

import wire

TABLES = ("snapshots", "trades", "bars", "events", "coverage")
VIEW_OF = {"bars": "bars_1m", "events": "feed_log"}
KEY = {"snapshots": "seq", "trades": "seq", "bars": "ts_minute", "events": "ts", "coverage": "ts_from"}
JSON_COLUMNS = ("bids", "offers")


def unpack(data, name):
    if name.endswith(".gz"):
        return gzip.decompress(data)
    if name.endswith(".zst"):
        return subprocess.run(["zstd", "-dcq"], input=data, capture_output=True, check=True).stdout
    return data


def files_of(folder):
    return {os.path.relpath(os.path.join(where, name), folder): os.path.join(where, name)
            for where, _, names in os.walk(folder) for name in names}


def read_file(path):
    with open(path, "rb") as file:
        return file.read()


def csv_rows(text):
    return list(csv.DictReader(io.StringIO(text.decode(), newline="")))


def folder_rows(folder, table):
    """The rows of all files of a table, in the order of their names."""
    rows = []
    for name, path in sorted(files_of(folder).items()):
        if name.startswith(table) and not name.endswith(".tmp"):
            rows += csv_rows(unpack(read_file(path), name))
    return rows


class ExportTest(wire.WireTest):
    @classmethod
    def setUpClass(cls):
        cls.kept = tempfile.mkdtemp(prefix="cinta-export-")
        cls.addClassCleanup(shutil.rmtree, cls.kept, ignore_errors=True)

    def start_recording(self):
        """Starts a service and waits until it has recorded rows in every table."""
        self.start_sim("--rate", "300")
        self.configure()
        self.start_run()
        self.until_rows("select count(*) from snapshots", at_least=200)
        self.until_rows("select count(*) from trades", at_least=60)
        self.until_rows("select count(*) from coverage", at_least=12)

    def record(self):
        """The same with the service stopped: recorded once, and copied for each test."""
        kept = os.path.join(self.kept, "cinta.db")
        if not os.path.exists(kept):
            self.start_recording()
            self.stop_run()
            shutil.copy(self.db_path, kept)
            return
        shutil.copy(kept, self.db_path)
        self.configure(url="http://127.0.0.1:1/")

    def export(self, *options, expect=0, conf=False):
        source = ("-c", self.conf_path) if conf else ("--db", self.db_path)
        done = self.cinta("export", *source, *options)
        self.assertEqual(done.returncode, expect, done.stderr)
        return done

    def view(self, table):
        """The columns of the view, and its rows [{column: value}] in the order of an export."""
        connection = sqlite3.connect(f"file:{self.db_path}?mode=ro", uri=True, timeout=10)
        try:
            name = VIEW_OF.get(table, table)
            columns = [c[0] for c in connection.execute(f"select * from {name} limit 0").description]
            ids = dict(connection.execute("select symbol, id from instrument"))
            rows = [dict(zip(columns, row)) for row in connection.execute(f"select * from {name}")]
        finally:
            connection.close()
        if table != "events":
            rows.sort(key=lambda r: (ids[r["symbol"]], r[KEY[table]], r.get("seq", 0)))
        return columns, rows

    def assert_value(self, text, value, what):
        """A field of a CSV has exactly the view's value: the same double, the same text."""
        column = what[-1]
        if value is None:
            self.assertEqual(text, "", what)
        elif column in JSON_COLUMNS:
            self.assertEqual(json.loads(text), json.loads(value), what)
        elif isinstance(value, float):
            self.assertEqual(float(text), value, what)
            self.assertRegex(text, r"[.e]", what)
        else:
            self.assertEqual(text, str(value), what)

    def assert_rows(self, rows, table):
        columns, wanted = self.view(table)
        self.assertEqual(len(rows), len(wanted), table)
        self.assertGreater(len(rows), 0, table)
        if table == "events":  # the order of the view is not defined
            order = lambda r: (int(r["ts"]), r["kind"], r["symbol"] or "", r["detail"])
            rows, wanted = sorted(rows, key=order), sorted(wanted, key=order)
        for got, want in zip(rows, wanted):
            self.assertEqual(list(got), columns)
            for column in columns:
                self.assert_value(got[column], want[column], (table, want, column))
