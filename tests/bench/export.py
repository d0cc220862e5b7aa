"""Rows per second of `cinta export` compared with `sqlite3 -csv`: same database, same snapshots, in turns.

Each result is the median of its turns; both write to a file on the same disk. sqlite3 reads the view, as users do.
"""
import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time

import service


def run(argv, out):
    began = time.monotonic()
    with open(out, "wb") as file:
        before = os.times()
        subprocess.run(argv, stdout=file, check=True)
        after = os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return time.monotonic() - began, cpu


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--cinta", required=True)
    parser.add_argument("--fill", required=True)
    options = service.arguments(parser)
    rows, turns = {"full": (1000000, 5), "quick": (80000, 1), "smoke": (2000, 1)}[options.size]
    with tempfile.TemporaryDirectory(dir=options.dir) as folder:
        db, out = os.path.join(folder, "cinta.db"), os.path.join(folder, "out")
        subprocess.run([options.fill, db, "200", str(rows)], check=True)
        export = [options.cinta, "export", "--db", db, "--table", "snapshots", "--quiet", "--out", "-"]
        subjects = {
            "sqlite3 -csv, the view": ["sqlite3", "-header", "-csv", db, "select * from snapshots"],
            "cinta export": export,
            "cinta export, jsonl": [*export, "--format", "jsonl"],
            "cinta export, zstd": [*export, "--compress", "zstd"],
            "cinta export, gzip": [*export, "--compress", "gzip"],
        }
        took = {name: [] for name in subjects}
        for _ in range(turns):
            for name, argv in subjects.items():
                took[name].append(run(argv, out))
    print(f"\nExport of {rows} snapshots of 200 instruments, five levels\n")
    print(f"{'':<26} {'rows/s':>10} {'us of CPU / row':>16} {'ratio':>7}")
    wall = {name: statistics.median(t[0] for t in times) for name, times in took.items()}
    for name, times in took.items():
        cpu = statistics.median(t[1] for t in times)
        print(f"{name:<26} {rows / wall[name]:>10.0f} {cpu / rows * 1e6:>16.2f} "
              f"{wall['sqlite3 -csv, the view'] / wall[name]:>7.2f}")
    if options.size != "smoke" and wall["sqlite3 -csv, the view"] < 2 * wall["cinta export"]:
        sys.exit("export: less than twice as fast as sqlite3")


if __name__ == "__main__":
    main()
