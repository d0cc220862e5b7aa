"""Ingest of a recorded stream at full speed to committed rows, compared with the same task in Node and Python, and with
the stream of a browser terminal, which has the same changes in lines.

All receive the same tape from the same server, in turns (A B C A B C ...); each result is the median of its turns.
Messages per second are measured from the first byte of the tape to the last row that another connection can read; CPU
is that of all threads of the subject.
"""
import argparse
import json
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

import service
from poll import cpu_s, memory_mib
from tape import LAST_PRICE

MATRIZ_TAPE = "matriz_tape.py"
HERE = os.path.dirname(os.path.abspath(__file__))


class Subject:
    def __init__(self, name, argv, table, db, newest="select max(seq) from snapshot"):
        self.name, self.argv, self.table, self.db, self.newest_sql = name, argv, table, db, newest

    def start(self, folder):
        self.child = subprocess.Popen(self.argv, stdout=subprocess.DEVNULL,
                                      stderr=open(os.path.join(folder, self.name + ".log"), "wb"))

    def end(self):
        self.child.terminate()
        self.child.wait()

    def newest(self, connection):
        return connection.execute(self.newest_sql).fetchone()[0] or 0


def cinta(options, folder, url):
    conf, db = service.configure(folder, url, "poll { interval = 3600  rate = 1 }\nstream { batch = 1000  ping = 300 }")
    return Subject("cinta", [options.cinta, "run", "-c", conf], "snapshots", db, "select last_seq from ledger")


def matriz(options, folder, url):
    conf, db = service.configure(folder, url, "poll { interval = 3600  rate = 1 }\n"
                                 "stream { batch = 1000  ping = 300  dialects = {matriz} }",
                                 broker=f'matriz_url = "{url}"')
    return Subject("matriz", [options.cinta, "run", "-c", conf], "snapshots", db, "select last_seq from ledger")


def node(options, folder, url):
    db = os.path.join(folder, "node.db")
    return Subject("node", ["node", os.path.join(HERE, "stream_node.js"), options.node_modules, url, db], "snapshot", db)


def python(options, folder, url):
    db = os.path.join(folder, "python.db")
    return Subject("python", [options.python, os.path.join(HERE, "stream_python.py"), url, db], "snapshot", db)


def start_tape(folder, instruments, frames, rate=None, script="tape.py"):
    """With a rate, in frames per second, the tape waits for GET /tape/start."""
    ready = os.path.join(folder, "ready")
    script, rest = ("paced_tape.py", [rate]) if rate else (script, [])
    child = subprocess.Popen([sys.executable, os.path.join(HERE, script), ready,
                              *map(str, [instruments, frames, *rest])])
    while not os.path.exists(ready):
        if child.poll() is not None:
            raise SystemExit("the tape did not start")
        time.sleep(0.05)
    with open(ready, encoding="utf-8") as file:
        return child, file.read()


def stats(url):
    with urllib.request.urlopen(url + "tape/stats", timeout=30) as answer:
        return json.load(answer)


def connect(subject):
    service.wait_for(lambda: os.path.exists(subject.db), subject.name + " opens its database")
    connection = sqlite3.connect(f"file:{subject.db}?mode=ro", uri=True, timeout=10)
    def snapshots_there():
        try:
            return subject.newest(connection) >= subject.instruments
        except sqlite3.OperationalError:
            return False
    service.wait_for(snapshots_there, subject.name + " has the snapshots")
    return connection


def turn(options, make, instruments, frames, script="tape.py"):
    """One run of one subject with one tape and a new database."""
    with tempfile.TemporaryDirectory(dir=options.dir) as folder:
        tape, url = start_tape(folder, instruments, frames, script=script)
        if script == MATRIZ_TAPE:
            instruments *= 2  # the snapshots of each: a quote and a book
        try:
            subject = make(options, folder, url)
            subject.instruments = instruments
            subject.start(folder)
            try:
                connection = connect(subject)
                cpu, tape_cpu = cpu_s(subject.child.pid), cpu_s(tape.pid)
                service.wait_for(lambda: subject.newest(connection) >= instruments + frames,
                                 subject.name + " has all rows", 600)
                done = time.monotonic()
                cpu, tape_cpu = cpu_s(subject.child.pid) - cpu, cpu_s(tape.pid) - tape_cpu
                check(subject, connection, instruments + frames)
                rss = memory_mib(subject.child.pid, "VmHWM")
            finally:
                subject.end()
            seconds = done - stats(url)["first_s"]
        finally:
            tape.kill()
            tape.wait()
    return {"per_s": frames / seconds, "us": cpu / frames * 1e6, "rss": rss, "tape_us": tape_cpu / frames * 1e6}


def check(subject, connection, expected):
    rows = connection.execute(f"select count(*) from {subject.table}").fetchone()[0]
    last = connection.execute(f"select last_price from {subject.table} order by seq desc limit 1").fetchone()[0]
    if rows != expected or last != LAST_PRICE:
        raise SystemExit(f"{subject.name}: {rows} rows of {expected}, the last price {last}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--cinta", required=True)
    parser.add_argument("--node-modules", default="")
    parser.add_argument("--python", default="")
    options = service.arguments(parser)
    instruments, frames, turns = {"full": (500, 300000, 3), "quick": (500, 30000, 1),
                                  "smoke": (50, 2000, 1)}[options.size]
    makers = [cinta, matriz] + [node] * bool(options.node_modules) + [python] * bool(options.python)
    labels = [make.__name__ for make in makers]
    results = {label: [] for label in labels}
    for _ in range(turns):
        for label, make in zip(labels, makers):
            script = MATRIZ_TAPE if label == "matriz" else "tape.py"
            results[label].append(turn(options, make, instruments, frames, script))
    mid = lambda label, key: statistics.median(r[key] for r in results[label])
    print(f"\nstream ingest: {frames} messages of {instruments} instruments to committed rows, median of {turns}")
    print(f"{'':<8}{'messages/s':>12}{'us CPU each':>13}{'peak MiB':>10}{'tape us':>9}")
    for label in labels:
        print(f"{label:<8}{mid(label, 'per_s'):>12.0f}{mid(label, 'us'):>13.2f}{mid(label, 'rss'):>10.1f}"
              f"{mid(label, 'tape_us'):>9.2f}")
    print(f"matriz to cinta: {mid('matriz', 'per_s') / mid('cinta', 'per_s'):.2f} times the messages")
    for label in labels[2:]:
        print(f"cinta to {label}: {mid('cinta', 'per_s') / mid(label, 'per_s'):.1f} times the messages, "
              f"{mid(label, 'us') / mid('cinta', 'us'):.1f} times less CPU each")


if __name__ == "__main__":
    main()
