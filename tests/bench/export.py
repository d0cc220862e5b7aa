"""Rows per second of `cinta export`, compared with `sqlite3 -csv` and Python's sqlite3 and csv over the same view, as users
do, and with `cat` of the same file: same database, same disk."""
import os
import resource
import subprocess
import sys
import tempfile
import time

import service
from table import CINTA, LESS, LIMIT, MORE, PYTHON, SQLITE3, Row, Target, in_turns, row

ROWS = {"full": 300000, "quick": 40000, "smoke": 1000}
PYTHON_EXPORT = """
import csv, sqlite3, sys
rows = sqlite3.connect(sys.argv[1]).execute("select * from snapshots")
out = csv.writer(sys.stdout)
out.writerow(column[0] for column in rows.description)
out.writerows(rows)
"""


def children_cpu_s():
    """CPU time of the programs that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def timed(argv, out, rows):
    began, before = time.monotonic(), children_cpu_s()
    with open(out, "wb") as file:
        subprocess.run(argv, stdout=file, check=True)
    return {"per_s": rows / (time.monotonic() - began), "us": (children_cpu_s() - before) / rows * 1e6}


def run(options):
    rows = ROWS[options.size]
    with tempfile.TemporaryDirectory(dir=options.dir) as folder:
        db, out, copy = (os.path.join(folder, name) for name in ("cinta.db", "out", "copy"))
        service.tool(options, "bench_fill", db, 200, rows)
        export = [options.cinta, "export", "--db", db, "--table", "snapshots", "--quiet", "--out", "-"]
        subjects = {
            CINTA: export,
            SQLITE3: ["sqlite3", "-header", "-csv", db, "select * from snapshots"],
            PYTHON: [options.python or sys.executable, "-c", PYTHON_EXPORT, db],
            LIMIT: ["cat", out],
        }
        forms = {"jsonl": [*export, "--format", "jsonl"], "csv, zstd": [*export, "--compress", "zstd"],
                 "csv, gzip": [*export, "--compress", "gzip"]}
        subprocess.run(export, stdout=open(out, "wb"), check=True)
        results = in_turns(options.turns, {name: lambda argv=argv: timed(argv, copy, rows)
                                           for name, argv in {**subjects, **forms}.items()})
    limit = "`cat` of the exported file"
    compared = {name: results[name] for name in subjects}
    return [row("export", "snapshots as csv", "rows/s", MORE, compared, "per_s", limit=limit,
                targets=(Target(4, SQLITE3),)),
            row("export", "CPU per row", "µs", LESS, compared, "us", limit=limit),
            *(Row("export", f"snapshots as {name}", "rows/s", MORE, {CINTA: [t["per_s"] for t in results[name]]})
              for name in forms)]
