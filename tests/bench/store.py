"""The store alone: ingest compared with a bare append, queries while it writes, bytes compared with the frames.

All results are from one run, in turns (A B A B ...), each the median of its turns: absolute times vary between runs,
ratios within one run hardly do. The rows have five levels per side and all entries.
"""
import argparse
import os
import sqlite3
import statistics
import subprocess
import tempfile

import service


class Helper:
    """One job of bench_store; its results as {name: value}."""

    def __init__(self, options, *words):
        self.child = subprocess.Popen([options.helper, *map(str, words)], stdout=subprocess.PIPE, text=True)

    def figures(self):
        out = self.child.communicate()[0]
        if self.child.returncode:
            raise SystemExit(f"{' '.join(self.child.args)}: status {self.child.returncode}")
        return {name: float(value) for name, value in map(str.split, out.splitlines())}


def run(options, *words):
    return Helper(options, *words).figures()


def target(value, limit, at_least=False):
    good = value >= limit if at_least else value <= limit
    return f"target {'at least' if at_least else 'at most'} {limit:g}: {'met' if good else 'MISSED'}"


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


# -- ingest

def ingest(options, rows, turns):
    results = {"plain": [], "append": [], "store": []}
    for _ in range(turns):
        for job, figures in results.items():
            with tempfile.TemporaryDirectory(dir=options.dir) as folder:
                figures.append(run(options, job, os.path.join(folder, "cinta.db"), rows))
    mid = lambda job, key: statistics.median(r[f"{job}_{key}"] for r in results[job])
    print(f"\ningest: {rows} changes of 500 instruments in transactions of 4096, median of {turns}")
    print(f"{'':<26}{'rows/s':>9}{'us CPU each':>13}")
    for job, title in (("plain", "bare append, unpacked"), ("append", "bare append, packed"),
                       ("store", "store, to the last commit")):
        print(f"{title:<26}{mid(job, 'per_s'):>9.0f}{mid(job, 'us'):>13.2f}")
    ratio = mid("store", "per_s") / mid("plain", "per_s")
    print(f"store to bare append: {ratio:.2f} ({target(ratio, 0.7, at_least=True)}); "
          f"to a packed bare append: {mid('store', 'per_s') / mid('append', 'per_s'):.2f}")
    return mid("append", "per_s")


def moves_and_bytes(options, rows, append_per_s):
    with tempfile.TemporaryDirectory(dir=options.dir) as folder:
        db, bare = os.path.join(folder, "cinta.db"), os.path.join(folder, "bare.db")
        moved = run(options, "move", db, rows)
        run(options, "append", bare, rows)
        print(f"{'store, then all moved':<26}{moved['move_per_s']:>9.0f}{moved['move_us']:>13.2f}")
        print(f"store with its moves to bare append: {moved['move_per_s'] / append_per_s:.2f}")
        report_locks(moved)
        report_bytes(db, bare, rows, moved["frame_bytes"])


def report_bytes(db, bare, rows, frame):
    recent = bytes_of(bare, "snapshot_recent")
    kept = bytes_of(db, "snapshot_history", "trade", "bar_1m")
    print(f"\nbytes a change: its Md frame (depth 5, all entries) has {frame:.0f}")
    if not recent:
        print("not measured: this SQLite has no dbstat")
        return
    in_history = rows_of(db, "snapshot_history")
    for title, size in (("not moved yet", recent["snapshot_recent"] / rows),
                        ("in history", kept["snapshot_history"] / in_history),
                        ("with its trade and bar", sum(kept.values()) / in_history)):
        print(f"{title:<24}{size:>6.0f}  {size / frame:.2f} of the frame ({target(size / frame, 0.25)})")


# -- queries while it writes

QUESTIONS = (("hour", "an hour, all columns"), ("hour_prices", "an hour, four columns in order"),
             ("hour_mean", "an hour, count and mean"), ("quotes", "select * from quotes"))


def questions(options, rate, rows, days, seconds):
    with tempfile.TemporaryDirectory(dir=options.dir) as folder:
        db = os.path.join(folder, "cinta.db")
        run(options, "history", db, rows, days)
        run(options, "pace", db, rate, 1)  # creates the quotes that are queried
        idle = run(options, "read", db, days, seconds / 4)
        writer = Helper(options, "pace", db, rate, seconds + 2)
        busy = run(options, "read", db, days, seconds)
        paced = writer.figures()
    print(f"\nqueries, ms: {rows} changes of 500 instruments over {days} session(s), while {rate} per second are written")
    print(f"{'':<32}{'rows':>6}{'idle':>8}{'p99':>8}{'busy':>8}{'p99':>8}")
    for name, title in QUESTIONS:
        print(f"{title:<32}{busy[name + '_rows']:>6.0f}"
              + "".join(f"{f[f'{name}_{key}_ms']:>8.2f}" for f in (idle, busy) for key in ("median", "p99"))
              + f"  busy p99 {target(busy[f'{name}_p99_ms'], 10)}")
    print(f"written at the same time: {paced['paced_per_s']:.0f} rows/s for {paced['paced_us']:.1f} us CPU each, "
          f"{paced['backlog_most_rows']:.0f} waiting at most, {paced['recent_rows']:.0f} not moved at the end")
    report_locks(paced)


def report_locks(figures):
    for name, title in (("lock_batch", "batches"), ("lock_move", "the mover")):
        if figures.get(name + "_count"):
            print(f"write lock held by {title}, ms: median {figures[name + '_median_ms']:.1f}, "
                  f"p99 {figures[name + '_p99_ms']:.1f}, longest {figures[name + '_max_ms']:.1f}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--helper", required=True, help="bench_store")
    options = service.arguments(parser)
    ingest_rows, turns, moved_rows, *asking = {
        "full": (1000000, 5, 500000, 10000, 10000000, 5, 60),
        "quick": (200000, 2, 40000, 10000, 1000000, 1, 3),
        "smoke": (2000, 1, 9000, 500, 5000, 1, 0.5)}[options.size]
    append_per_s = ingest(options, ingest_rows, turns)
    moves_and_bytes(options, moved_rows, append_per_s)
    questions(options, *asking)  # rows per second written, rows, days, seconds


if __name__ == "__main__":
    main()
