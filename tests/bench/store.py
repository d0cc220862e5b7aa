"""The store alone: ingest compared with a bare append, moves to history, bytes, and queries while it writes (store.c).

The rows have five levels per side and all entries.
"""
import os
import sqlite3
import subprocess
import tempfile

import service
from table import CINTA, LESS, LIMIT, MORE, Row, Target, in_turns, row

# rows of the ingest, rows moved, trades merged; rows per second, rows, days and seconds of the queries
SIZES = {"full": (300000, 100000, 100000, 10000, 10000000, 5, 5),
         "quick": (120000, 20000, 100000, 10000, 1000000, 1, 2), "smoke": (2000, 9000, 500, 500, 5000, 1, 0.3)}

MOVES_BEGIN = 9000  # fewer rows are moved only when the store is idle for some seconds


def in_folder(options, measure):
    with tempfile.TemporaryDirectory(dir=options.dir) as folder:
        return measure(os.path.join(folder, "cinta.db"))


def bytes_of(db, *tables):
    """Sizes of the pages of these tables, as {name: bytes}; {} when this SQLite has no dbstat."""
    connection = sqlite3.connect(f"file:{db}?mode=ro", uri=True)
    try:
        return dict(connection.execute("select name, sum(pgsize) from dbstat where name in (%s) group by name"
                                       % ", ".join("?" * len(tables)), tables))
    except sqlite3.OperationalError:
        return {}
    finally:
        connection.close()


def rows_of(db, table):
    connection = sqlite3.connect(f"file:{db}?mode=ro", uri=True)
    try:
        return connection.execute(f"select count(*) from {table}").fetchone()[0]
    finally:
        connection.close()


# -- writing

def store_and_move(options, rows):
    """Writes through the store until all rows are moved; also the bytes per change."""
    def measure(db):
        found = service.tool(options, "bench_store", "move", db, rows)
        kept = bytes_of(db, "snapshot_history", "trade", "bar_1m")
        if kept:
            found["share"] = sum(kept.values()) / rows_of(db, "snapshot_history") / found["frame_bytes"]
        return found
    return in_folder(options, measure)


def writing(options, rows, moved):
    def job(name):
        found = in_folder(options, lambda db: service.tool(options, "bench_store", name, db, rows))
        return {"per_s": found[name + "_per_s"], "us": found[name + "_us"]}
    results = in_turns(options.turns, {CINTA: lambda: job("store"), LIMIT: lambda: job("append")})
    only = in_turns(options.turns, {
        "moves": lambda: in_folder(options, lambda db: service.tool(options, "bench_fill", db, 500, moved)),
        "whole": lambda: store_and_move(options, max(rows, MOVES_BEGIN))})
    one = lambda key, found="whole": {CINTA: [turn[key] for turn in only[found] if key in turn]}
    limit = "the same packed rows in one prepared INSERT"
    rows_ = [row("store alone", "rows to their commit", "rows/s", MORE, results, "per_s", limit=limit,
                 targets=(Target(0.7, LIMIT),)),
             row("store alone", "CPU per row", "µs", LESS, results, "us", limit=limit),
             Row("store alone", "rows until all are moved to history", "rows/s", MORE, one("move_per_s"),
                 targets=(Target(60000),)),
             Row("store alone", "CPU per moved row, with trades and bars", "µs", LESS, one("moved_us", "moves"),
                 targets=(Target(10),)),
             Row("store alone", "write lock held by a batch, longest", "ms", LESS, one("lock_batch_max_ms"),
                 targets=(Target(50),)),
             Row("store alone", "write lock held by a move, longest", "ms", LESS, one("lock_move_max_ms"),
                 targets=(Target(50),)),
             Row("store alone", "write lock held by a restart of the -wal, longest", "ms", LESS,
                 one("lock_restart_max_ms"), targets=(Target(50),)),
             Row("store alone", "bytes per change of its frame, with trade and bar", "×", LESS, one("share"),
                 targets=(Target(0.25),))]
    return [found for found in rows_ if found.median(CINTA) is not None]


# -- the broker's lists of trades

def merging(options, trades):
    def figures(recorded, words):
        turns = in_turns(options.turns, {CINTA: lambda: in_folder(
            options, lambda db: service.tool(options, "bench_merge", recorded, db, trades))})
        words = f"a list of {trades:,} trades merged, {words}"
        one = lambda key: {CINTA: [turn[key] for turn in turns[CINTA]]}
        return [Row("trade tape", words, "ms", LESS, one("merge_ms"), targets=(Target(500),)),
                Row("trade tape", f"{words}: write lock held, longest", "ms", LESS, one("merge_lock_max_ms"),
                    targets=(Target(50),))]
    return (figures("none", "none recorded") + figures("stream", "half recorded")
            + figures("terminal", "half recorded from the terminal"))


# -- queries while it writes

QUESTIONS = (("hour", "an hour of an instrument, all columns", (Target(8),), (Target(15),)),
             ("hour_prices", "an hour, four columns in order", (), ()),
             ("hour_mean", "an hour, count and mean", (), ()),
             ("quotes", "present quotes of all instruments", (), ()))


def asked(options, db, rate, days, seconds):
    """One turn: the queries alone, and while rows arrive."""
    idle = service.tool(options, "bench_store", "read", db, days, seconds / 2)
    writer = subprocess.Popen([os.path.join(options.build, "bench_store"), "pace", db, str(rate), str(seconds + 1)],
                              stdout=subprocess.DEVNULL)
    busy = service.tool(options, "bench_store", "read", db, days, seconds)
    if writer.wait():
        raise SystemExit("bench_store pace failed")
    return {"idle": idle, "busy": busy}


def queries(options, rate, rows, days, seconds):
    with tempfile.TemporaryDirectory(dir=options.dir) as folder:
        db = os.path.join(folder, "cinta.db")
        service.tool(options, "bench_store", "history", db, rows, days)
        service.tool(options, "bench_store", "pace", db, rate, 1)  # creates the quotes that are queried
        turns = [asked(options, db, rate, days, seconds) for _ in range(options.turns)]
    title = f"queries, {rows:,} rows"
    busy_words = f"while {rate:,} rows/s arrive"

    def figure(when, name, words, key, targets):
        values = {CINTA: [turn[when][f"{name}_{key}_ms"] for turn in turns]}
        limit = ""
        if name == "hour":
            values[LIMIT] = [turn[when][f"hour_bare_{key}_ms"] for turn in turns]
            limit = "the packed rows of that hour read by their key, without the view"
        return Row(title, words, "ms", LESS, values, limit=limit, targets=targets)
    found = []
    for name, words, median_targets, p99_targets in QUESTIONS:
        found += [figure("idle", name, f"{words}: median", "median", ()),
                  figure("busy", name, f"{words}, {busy_words}: median", "median", median_targets),
                  figure("busy", name, f"{words}, {busy_words}: p99", "p99", p99_targets)]
    return found


def run(options):
    rows, moved, trades, *asking = SIZES[options.size]
    return writing(options, rows, moved) + merging(options, trades) + queries(options, *asking)
