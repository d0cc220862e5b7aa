"""`cinta export` compared with the views, row by row and value by value; and options that it refuses."""
import gzip
import hashlib
import json
import os
import sqlite3
import subprocess
import time

import wire
from exporting import JSON_COLUMNS, TABLES, ExportTest, csv_rows, files_of, folder_rows, read_file, unpack

UMASK = os.umask(0o22)
os.umask(UMASK)


class Export(ExportTest):
    # -- content of the files

    def test_every_table_equals_its_view(self):
        self.record()
        for table in TABLES:
            done = self.export("--table", table, "--out", "-", "--quiet")
            rows = csv_rows(done.stdout.encode())
            self.assert_rows(rows, table)

    def test_moving_rows_changes_no_file(self):
        self.record()
        before = self.export("-t", "snapshots,trades", "--out", self.path("a"), "--compress", "none")
        # The changes that the mover makes, in one transaction.
        connection = sqlite3.connect(self.db_path)
        columns = [r[1] for r in connection.execute("pragma table_info(snapshot_history)")]
        names = ", ".join(columns)
        connection.executescript(f"""
            begin;
            insert into trade (instrument_id, ts_event, seq, price, size, origin)
                select instrument_id, ts_event, seq, price, size, origin from trade_recent;
            insert into snapshot_history ({names}) select {names} from snapshot_recent where seq % 3 > 0;
            delete from snapshot_recent where seq % 3 > 0;
            commit;""")
        connection.close()
        after = self.export("-t", "snapshots,trades", "--out", self.path("b"), "--compress", "none")
        a, b = files_of(self.path("a")), files_of(self.path("b"))
        self.assertEqual(sorted(a), sorted(b))
        for name in a:
            self.assertEqual(read_file(a[name]), read_file(b[name]), name)
        self.assertIn("rows in 2 files", before.stderr)
        self.assertIn("rows in 2 files", after.stderr)

    def test_json_lines(self):
        self.record()
        for table in TABLES:
            lines = self.export("-t", table, "--format", "jsonl", "--out", "-", "-q").stdout.splitlines()
            columns, wanted = self.view(table)
            self.assertEqual(len(lines), len(wanted))
            if table == "events":
                continue
            for line, want in zip(lines, wanted):
                got = json.loads(line)
                self.assertEqual(list(got), columns)
                for column in JSON_COLUMNS:
                    if want.get(column) is not None:
                        want[column] = json.loads(want[column])
                self.assertEqual(got, want)

    def test_csv_is_exact(self):
        self.record()
        odd = 'comma, "quote"\r\nline; empty follows\x01ñ'
        connection = sqlite3.connect(self.db_path)
        connection.execute("insert into feed_event (ts, kind, symbol, detail) values (1795446000000000001, 'start', ?, ?)",
                           ('A "B", C', odd))
        connection.commit()
        connection.close()
        text = subprocess.run([wire.CINTA, "export", "--db", self.db_path, "-t", "events", "--out", "-", "-q"],
                              capture_output=True, check=True, timeout=60).stdout
        self.assertIn(('"A ""B"", C","comma, ""quote""\r\nline; empty follows\x01ñ",').encode(), text)
        self.assertTrue(text.startswith(b"time,ts,kind,symbol,detail,meaning,recorder\r\n"))
        self.assertTrue(text.endswith(b"\r\n"))
        rows = [r for r in csv_rows(text) if r["ts"] == "1795446000000000001"]
        self.assertEqual(rows[0]["detail"], odd)
        self.assertEqual(rows[0]["time"], "2026-11-23T15:00:00.000Z")

    def test_layout_manifest_and_compression(self):
        self.record()
        for how, suffix in (("none", ""), ("gzip", ".gz"), ("zstd", ".zst")):
            out = self.path("out-" + how)
            done = self.export("-t", "snapshots", "-t", "trades,bars", "--out", out, "--compress", how, "--json")
            result = json.loads(done.stdout)
            files = files_of(out)
            with open(files.pop("manifest.jsonl"), encoding="utf-8") as file:
                entries = {e["path"]: e for e in map(json.loads, file)}
            self.assertEqual(sorted(entries), sorted(files))
            self.assertEqual(sorted(e["path"] for e in result["written"]), sorted(files))
            for name, path in files.items():
                self.assertRegex(name, r"^(snapshots|trades|bars)/date=\d{4}-\d\d-\d\d/part-0\.csv" + suffix.replace(".", r"\.") + "$")
                data, entry = read_file(path), entries[name]
                rows = csv_rows(unpack(data, name))
                self.assertEqual(entry["sha256"], hashlib.sha256(data).hexdigest())
                self.assertEqual((entry["bytes"], entry["rows"]), (len(data), len(rows)))
                self.assertEqual(os.stat(path).st_mode & 0o777, 0o640 & ~UMASK)
                if "seq" in rows[0]:
                    seqs = [int(r["seq"]) for r in rows]
                    self.assertEqual((entry["first_seq"], entry["last_seq"]), (min(seqs), max(seqs)))
            self.assertEqual(result["rows"], sum(e["rows"] for e in entries.values()))
            for table in ("snapshots", "trades", "bars"):
                self.assert_rows(folder_rows(out, table), table)

    def test_the_same_data_gives_the_same_bytes(self):
        self.record()
        for how in ("gzip", "zstd"):
            for out in ("x", "y"):
                self.export("--out", self.path(how + out), "--compress", how, "-q")
            self.export("--out", self.path(how + "x"), "--compress", how, "-q")  # over the first one
            x, y = files_of(self.path(how + "x")), files_of(self.path(how + "y"))
            self.assertEqual(sorted(x), sorted(y))
            for name in x:
                self.assertEqual(read_file(x[name]), read_file(y[name]), name)

    def test_days_and_hours(self):
        self.record()
        # On both sides of midnight, to the nanosecond, and at 11:00.
        midnight = 1795446000000000000 - 12 * 3600 * 10**9  # 2026-11-23 in Argentina
        hour = 3600 * 10**9
        stamps = [midnight - 1, midnight, midnight + 11 * hour, midnight + 24 * hour - 1, midnight + 24 * hour]
        connection = sqlite3.connect(self.db_path)
        connection.execute("delete from feed_event")
        connection.executemany("insert into feed_event (ts, kind, detail) values (?, 'start', 'x')", [(t,) for t in stamps])
        connection.commit()
        connection.close()

        def exported(*options):
            done = self.export("-t", "events", "--out", "-", "-q", *options)
            return [stamps.index(int(r["ts"])) for r in csv_rows(done.stdout.encode())]

        self.assertEqual(exported(), [0, 1, 2, 3, 4])
        self.assertEqual(exported("--from", "2026-11-23", "--to", "2026-11-23"), [1, 2, 3])
        self.assertEqual(exported("--from=2026-11-23"), [1, 2, 3, 4])
        self.assertEqual(exported("--to", "2026-11-22"), [0])
        self.assertEqual(exported("--to", "2026-11-23T11:00"), [0, 1])
        self.assertEqual(exported("--from", "2026-11-23T14:00:00Z", "--to", "2026-11-23T14:00:00.001Z"), [2])
        self.assertEqual(exported("--from", "2026-11-23T11:00:00.000000001"), [3, 4])
        self.export("-t", "events", "--out", self.path("days"), "--compress", "none")
        self.assertEqual(sorted(files_of(self.path("days"))),
                         ["events/date=2026-11-22/part-0.csv", "events/date=2026-11-23/part-0.csv",
                          "events/date=2026-11-24/part-0.csv", "manifest.jsonl"])

    def test_patterns(self):
        self.record()
        symbols = [r[0] for r in self.sql("select symbol from instrument")]
        one = symbols[3]
        rows = csv_rows(self.export("-t", "snapshots", "--match", one.lower(), "--out", "-").stdout.encode())
        self.assertEqual({r["symbol"] for r in rows}, {one})
        self.assertEqual(len(rows), self.one("select count(*) from snapshots where symbol = ?", one))
        rows = csv_rows(self.export("-t", "trades", "-m", "DLR/*", "-m", "merv*", "--out", "-").stdout.encode())
        self.assertEqual(len(rows), self.one("select count(*) from trades where symbol like 'DLR/%' or symbol like 'MERV%'"))
        done = self.export("--match", "NO/SUCH*", "--out", self.path("none"))
        self.assertIn("0 rows: no symbol matches 'NO/SUCH*'", done.stderr)
        self.assertEqual(files_of(self.path("none")), {})
        done = self.export("--match", "DLR/*", "--match", "GGAL", "--table", "snapshots", "--out", "-")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("no symbol matches 'GGAL'; did you mean 'MERV - XMEV - GGAL - 24hs'", done.stderr)

    def test_relative_and_local_times(self):
        self.record()
        all_rows = self.one("select count(*) from snapshots")
        today = time.strftime("%d/%m/%Y", wire.art())
        for options, expected in ((("--from", "-1h"), all_rows), (("--from", "-1h", "--to", "now"), all_rows),
                                  (("--to", "-1h"), 0), (("--from", "yesterday 00:00"), all_rows),
                                  (("--from", "-2d", "--to", today), all_rows), (("--to", "yesterday 11:00"), 0)):
            with self.subTest(options):
                done = self.export("-t", "snapshots", "--out", "-", *options)
                self.assertEqual(len(csv_rows(done.stdout.encode())), expected)
        done = self.export("-t", "trades", "--match", "NO/SUCH*", "--out", self.path("none.csv"))
        self.assertEqual(csv_rows(read_file(self.path("none.csv"))), [])
        self.assertTrue(read_file(self.path("none.csv")).startswith(b"market,symbol,"))

    def test_files_by_name(self):
        self.record()
        self.export("-t", "trades", "--out", self.path("t.csv.gz"))
        self.assert_rows(csv_rows(gzip.decompress(read_file(self.path("t.csv.gz")))), "trades")
        self.export("-t", "bars", "--out", self.path("b.jsonl"))
        self.assertEqual(len(read_file(self.path("b.jsonl")).splitlines()), self.one("select count(*) from bars_1m"))
        self.export("-t", "trades", "-t", "bars", "--out", self.path("all/"), "--split", "none", "--compress", "none")
        self.assertEqual(sorted(files_of(self.path("all"))), ["bars.csv", "manifest.jsonl", "trades.csv"])
        self.assert_rows(folder_rows(self.path("all"), "trades"), "trades")
        self.export("-t", "trades", "--out", "/dev/null")
        self.assertFalse(os.path.isfile("/dev/null"))

    def test_defaults_from_the_configuration(self):
        self.record()
        with open(self.conf_path, "a", encoding="utf-8") as conf:
            conf.write(f'export {{ out = "{self.path("configured")}"  tables = {{bars, events}}  format = "jsonl"  compress = "gzip" }}\n')
        self.export(conf=True)
        self.assertEqual(os.listdir(self.path("configured")), ["once"])
        names = [n for n in files_of(self.path("configured/once")) if n != "manifest.jsonl"]
        self.assertEqual({n.split("/")[0] for n in names}, {"bars", "events"})
        self.assertTrue(all(n.endswith("/part-0.jsonl.gz") for n in names), names)

    # -- errors before anything is written

    def test_wrong_usage(self):
        self.record()
        self.write("plain", "x")
        for options, words in (
                (("--table", "quotes"), "'quotes' is not valid; allowed: snapshots, trades"),
                (("--table", "trades,"), "'' is not valid"),
                (("--from", "2026-02-30"), "--from '2026-02-30' is not a day or a time"),
                (("--to", "2026-11-23T25:00"), "--to '2026-11-23T25:00' is not a day"),
                (("--from", "2026-11-24", "--to", "2026-11-23"), "--from must be before --to"),
                (("--from", "2026-11-24T10:00", "--to", "2026-11-24T10:00"), "--to itself is not included"),
                (("--format", "parquet"), "parquet is not built yet"),
                (("--format", "xml"), "'xml' is not valid; allowed: csv, jsonl, excel"),
                (("--compress", "lz4"), "'lz4' is not valid; allowed: none, gzip, zstd"),
                (("--split", "week"), "'week' is not valid; allowed: day, none"),
                (("--out", "-"), "give one --table"),
                (("--out", "-", "-t", "bars", "--split", "day"), "--out must be a folder"),
                (("--since-last", "a/b"), "'a/b' is not valid: a name has 1 to 64 letters"),
                (("--since-last", "a", "--to", "today"), "remove --from and --to"),
                (("--out", self.path("plain/below")), "cannot create the folder"),
                (("--out", ""), "--out is empty"),
                (("--out", self.path("nowhere/t.csv"), "-t", "bars"), "does not exist: create it"),
                (("--nonsense",), "unknown option '--nonsense'"),
                (("DLR/*",), "unexpected argument"),
                (("--from", "yesterday", "11:00"), "a value with a space in it needs quotes, such as --from 'yesterday 11:00'"),
                (("--from", "11/26/2026"), "(the order is day, month, year with four digits); allowed: now, -1h, ")):
            with self.subTest(options):
                done = self.export("--out", self.path("out"), *options, expect=2)
                self.assertIn(words, done.stderr)
                self.assertFalse(os.path.exists(self.path("out")))

    def test_missing_and_old_databases(self):
        done = self.export("--out", self.path("out"), expect=1)
        self.assertIn("there is no database", done.stderr)
        connection = sqlite3.connect(self.db_path)
        connection.executescript("pragma application_id = 1128877652; create table t (x); pragma user_version = 3")
        connection.close()
        done = self.export("--out", self.path("out"), expect=1)
        self.assertIn("start `cinta run` on it first", done.stderr)
        self.assertFalse(os.path.exists(self.path("out")))


if __name__ == "__main__":
    wire.main()
