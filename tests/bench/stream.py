"""Ingest of a recorded stream at full speed to committed rows: the stream of the Primary API, and that of a browser
terminal, which has the same changes in lines.

All receive the same tape from the same server. Messages per second and CPU, of all threads, are measured from the first
byte of the tape until another connection can read seven eighths of its rows. The last eighth keeps all programs busy until
then: they leave an incomplete last batch for up to 250 ms, which in a short run would be most of the time. What has been
received of that eighth by then counts as cost, but not as messages. Afterwards all rows are waited for and checked.
The limits are the same bytes received and cut into frames (frames.c), and the same number of full rows in one prepared
INSERT (append.c); both do not wait.
"""
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.request

import service
from service import cpu_s, memory_mib
from table import CINTA, LESS, LIMIT, MORE, NODE, PYTHON, Row, Target, in_turns, row
from tape import LAST_PRICE

HERE = os.path.dirname(os.path.abspath(__file__))
SIZES = {"full": (500, 400000), "quick": (500, 240000), "smoke": (50, 1000)}  # instruments, messages
PYTHON_SHARE = 10  # Python gets a tape that is so much shorter: its rate does not depend on the length
PRODUCTS_PER_MESSAGE = 500


class Tape:
    """The server of one tape, for one client after the other."""

    def __init__(self, folder, instruments, frames, rate=None, script="tape.py"):
        ready = os.path.join(folder, "tape.ready")
        if os.path.exists(ready):
            os.unlink(ready)
        script, rest = ("paced_tape.py", [rate]) if rate else (script, [])
        self.child = subprocess.Popen([sys.executable, os.path.join(HERE, script), ready,
                                       *map(str, [instruments, frames, *rest])])
        self.instruments, self.frames, self.terminal = instruments, frames, script == "matriz_tape.py"
        self.snapshots = instruments * (2 if self.terminal else 1)  # a quote and a book
        service.wait_for(lambda: os.path.exists(ready) or self.child.poll() is not None, "the tape is ready", 600)
        with open(ready, encoding="utf-8") as file:
            self.url = file.read()

    def get(self, path):
        with urllib.request.urlopen(self.url + path, timeout=60) as answer:
            return json.load(answer)

    def start(self):
        self.get("tape/start")

    def stats(self):
        return self.get("tape/stats")

    def products(self):
        return [item["instrumentId"] for item in self.get("rest/instruments/all")["instruments"]]

    def end(self):
        self.child.kill()
        self.child.wait()


class Subject:
    """A program that records the stream, and its database."""

    def __init__(self, name, argv, table, db, newest):
        self.name, self.argv, self.table, self.db, self.newest_sql = name, argv, table, db, newest

    def start(self, folder):
        with open(os.path.join(folder, self.name + ".log"), "wb") as log:
            self.child = subprocess.Popen(self.argv, stdout=subprocess.DEVNULL, stderr=log)

    def newest(self, connection):
        return connection.execute(self.newest_sql).fetchone()[0] or 0

    def wait_for_rows(self, connection, least):
        """Waits until at least so many rows can be read; returns how many."""
        counts = []

        def there():
            counts[:] = [self.newest(connection)]
            return counts[0] >= least
        service.wait_for(there, f"{self.name} has recorded {least} rows", 900)
        return counts[0]

    def connect(self, rows):
        """Waits until so many rows can be read."""
        service.wait_for(lambda: os.path.exists(self.db), self.name + " opens its database")
        connection = sqlite3.connect(f"file:{self.db}?mode=ro", uri=True, timeout=10)

        def there():
            try:
                return self.newest(connection) >= rows
            except (sqlite3.OperationalError, TypeError):
                return False
        service.wait_for(there, f"{self.name} has recorded {rows} rows")
        return connection

    def end(self):
        service.end(self.child)


def cinta(options, folder, tape, listen=""):
    dialect, broker = ("  dialects = {matriz}", f'matriz_url = "{tape.url}"') if tape.terminal else ("", "")
    conf, db = service.configure(folder, tape.url, "poll { interval = 3600  rate = 1 }\n"
                                 f"stream {{ batch = 1000  ping = 300{dialect} }}", broker=broker, listen=listen)
    return Subject("cinta", [options.cinta, "run", "-c", conf], "snapshots", db, "select last_seq from ledger")


def peer(options, name, folder, url, dialect):
    db = os.path.join(folder, name + ".db")
    argv = {NODE: ["node", os.path.join(HERE, "stream_node.js"), options.node_modules, url, db, dialect],
            PYTHON: [options.python, "-B", os.path.join(HERE, "stream_python.py"), url, db, dialect]}[name]
    return Subject(name, argv, "snapshot", db, "select max(seq) from snapshot")


def make(options, name, folder, tape):
    return cinta(options, folder, tape) if name == CINTA else \
        peer(options, name, folder, tape.url, "matriz" if tape.terminal else "primary")


def ingest(options, name, tape):
    """One run of one program with a new database."""
    with tempfile.TemporaryDirectory(dir=options.dir) as folder:
        subject = make(options, name, folder, tape)
        subject.start(folder)
        try:
            connection = subject.connect(tape.snapshots)
            cpu = cpu_s(subject.child.pid)
            tape.start()
            rows = subject.wait_for_rows(connection, tape.snapshots + tape.frames * 7 // 8) - tape.snapshots
            done, cpu = time.monotonic(), cpu_s(subject.child.pid) - cpu
            subject.wait_for_rows(connection, tape.snapshots + tape.frames)
            check(subject, connection, tape.snapshots + tape.frames)
            peak = memory_mib(subject.child.pid, "VmHWM")
            connection.close()
        finally:
            subject.end()
    return {"per_s": rows / (done - tape.stats()["first_s"]), "us": cpu / rows * 1e6, "peak": peak}


def check(subject, connection, expected):
    rows = connection.execute(f"select count(*) from {subject.table}").fetchone()[0]
    last = connection.execute(f"select last_price from {subject.table} order by seq desc limit 1").fetchone()[0]
    if rows != expected or last != LAST_PRICE:
        raise SystemExit(f"{subject.name}: {rows} rows of {expected}, the last price {last}")


def subscriptions(tape):
    if tape.terminal:
        ids = [item["id"] for item in tape.get("api/v2/ref-data")["securities"]]
        return [{"_req": "S", "topicType": "md", "topics": ["md." + id_ for id_ in ids]}]
    products = tape.products()
    return [{"type": "smd", "products": products[n:n + PRODUCTS_PER_MESSAGE]}
            for n in range(0, len(products), PRODUCTS_PER_MESSAGE)]


def frames_alone(options, tape):
    with tempfile.TemporaryDirectory(dir=options.dir) as folder:
        messages = os.path.join(folder, "messages")
        with open(messages, "w", encoding="utf-8") as file:
            file.writelines(json.dumps(message) + "\n" for message in subscriptions(tape))
        child = subprocess.Popen([os.path.join(options.build, "bench_frames"), tape.url.rsplit(":", 1)[1].strip("/"),
                                  messages, str(tape.snapshots), str(tape.frames)], stdout=subprocess.PIPE, text=True)
        if child.stdout.readline() != "ready\n":
            raise SystemExit("the client of the limit does not get the snapshots")
        tape.start()
        found = {name: float(value) for name, value in map(str.split, child.communicate()[0].splitlines())}
        return {"per_s": tape.frames / (found["ended_s"] - tape.stats()["first_s"]), "us": found["us"]}


def append_alone(options, rows):
    with tempfile.TemporaryDirectory(dir=options.dir) as folder:
        found = service.tool(options, "bench_store", "plain", os.path.join(folder, "plain.db"), rows)
    return {"per_s": found["plain_per_s"], "us": found["plain_us"]}


def the_limit(options, tape):
    """The slower of the two, and the CPU of both."""
    frames, append = frames_alone(options, tape), append_alone(options, tape.frames)
    return {"per_s": min(frames["per_s"], append["per_s"]), "us": frames["us"] + append["us"],
            "frames": frames["per_s"]}


def compare(options, script, title, targets):
    instruments, frames = SIZES[options.size]
    terminal = script == "matriz_tape.py"
    with tempfile.TemporaryDirectory(dir=options.dir) as folder, tempfile.TemporaryDirectory(dir=options.dir) as other:
        tapes = {name: Tape(folder, instruments, frames, script=script) for name in [CINTA]}
        if options.python:
            tapes[PYTHON] = Tape(other, instruments, frames // PYTHON_SHARE, script=script)
        subjects = {CINTA: lambda: ingest(options, CINTA, tapes[CINTA])}
        if options.node:
            subjects[NODE] = lambda: ingest(options, NODE, tapes[CINTA])
        if options.python:
            subjects[PYTHON] = lambda: ingest(options, PYTHON, tapes[PYTHON])
        subjects[LIMIT] = lambda: the_limit(options, tapes[CINTA])
        try:
            results = in_turns(options.turns, subjects)
        finally:
            for tape in tapes.values():
                tape.end()
    limit = "the slower of two: the same bytes received and cut into frames, and the same number of rows in one " \
            "prepared INSERT; CPU of both"
    frames_row = Row(title, "frames cut, nothing read or stored", "messages/s", MORE,
                     {LIMIT: [turn["frames"] for turn in results[LIMIT]]})
    rows = [row(title, "messages to committed rows", "messages/s", MORE, results, "per_s", limit=limit,
                targets=targets),
            row(title, "CPU per message", "µs", LESS, results, "us", limit=limit,
                targets=() if terminal else (Target(8),)),
            row(title, "peak memory", "MiB", LESS, results, "peak")]
    return rows + [frames_row]


def run(options):
    return compare(options, "tape.py", "stream ingest", (Target(4, NODE), Target(40, PYTHON), Target(0.7, LIMIT))) + \
        compare(options, "matriz_tape.py", "terminal ingest", ())
