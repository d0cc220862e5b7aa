"""CPU per poll of the whole pipeline, compared with a minimal libcurl + libev loop that discards the answers (bare.c), and
with pollers in Node and Python that record as well.

All request the same URLs of the same simulated broker, at the same rate and over the same number of connections.
"""
import os
import sqlite3
import subprocess
import tempfile
import time
import urllib.parse

import service
from service import Broker, cpu_s
from table import CINTA, LESS, LIMIT, NODE, PYTHON, Target, in_turns, row

HERE = os.path.dirname(os.path.abspath(__file__))
ENTRIES = "BI,OF,LA,OP,CL,SE,HI,LO,TV,OI,EV,NV,IV,ACP"
TIMES = {"full": (1, 3), "quick": (0.5, 1), "smoke": (0, 0.3)}  # seconds before and of the measurement
CASES = [  # instruments = polls per second, changes per second, requests in flight, with the other programs
    ("500 instruments, nothing changes", 500, 0, 8, False),
    ("500 instruments, some change", 500, 58, 8, True),
    ("2,000 instruments, nothing changes", 2000, 0, 16, False),
    ("2,000 instruments, some change", 2000, 230, 16, False),
    ("5,000 instruments, some change", 5000, 580, 32, False),
]
SMOKE_CASES = [("50 instruments, some change", 50, 10, 4, True)]


def start_cinta(options, folder, broker, rate, in_flight):
    conf, db = service.configure(folder, broker.url, f'''
poll {{ interval = 1  rate = {rate}  in_flight = {in_flight} }}
stream {{ enable = false }}''')
    with open(os.path.join(folder, "log"), "wb") as log:
        return subprocess.Popen([options.cinta, "run", "-c", conf], stderr=log), db


def start_bare(options, folder, broker, rate, in_flight):
    urls = [broker.url + "rest/marketdata/get?" + urllib.parse.urlencode(
        {"marketId": "ROFX", "symbol": s, "entries": ENTRIES, "depth": 5}, safe=",", quote_via=urllib.parse.quote)
            for s in broker.symbols()]
    path = os.path.join(folder, "urls")
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join(urls))
    with open(path, encoding="utf-8") as file:
        return subprocess.Popen([os.path.join(options.build, "bench_bare"), broker.token(), str(rate), str(in_flight)],
                                stdin=file), None


def start_node(options, folder, broker, rate, in_flight):
    db = os.path.join(folder, "node.db")
    return subprocess.Popen(["node", os.path.join(HERE, "poll_node.js"), options.node_modules, broker.url, db, str(rate),
                             str(in_flight)]), db


def start_python(options, folder, broker, rate, in_flight):
    db = os.path.join(folder, "python.db")
    return subprocess.Popen([options.python, "-B", os.path.join(HERE, "poll_python.py"), broker.url, db, str(rate),
                             str(in_flight)]), db


def recorded(db):
    """Whether the program has committed a row."""
    for sql in ("select last_seq from ledger", "select max(seq) from snapshot"):
        try:
            connection = sqlite3.connect(f"file:{db}?mode=ro", uri=True)
            try:
                if connection.execute(sql).fetchone()[0]:
                    return True
            finally:
                connection.close()
        except (sqlite3.OperationalError, TypeError):
            pass
    return False


def measure(options, start, broker, case):
    _, rate, _, in_flight, _ = case
    warm_s, seconds = TIMES[options.size]
    polled = lambda: broker.stats()["market_data"]
    with tempfile.TemporaryDirectory(dir=options.dir) as folder:
        before = polled()
        child, db = start(options, folder, broker, rate, in_flight)
        try:
            service.wait_for(lambda: polled() > before, "the first poll")
            if db:
                service.wait_for(lambda: recorded(db), "the first row")
            time.sleep(warm_s)
            before, cpu = polled(), cpu_s(child.pid)
            time.sleep(seconds)
            service.wait_for(lambda: polled() > before, "a poll")
            polls = polled() - before
            return {"us": (cpu_s(child.pid) - cpu) / polls * 1e6}
        finally:
            service.end(child)


def compare(options, case):
    title, instruments, changes, _, with_peers = case
    starts = {CINTA: start_cinta, LIMIT: start_bare}
    if with_peers and options.node:
        starts[NODE] = start_node
    if with_peers and options.python:
        starts[PYTHON] = start_python
    with tempfile.TemporaryDirectory(dir=options.dir) as folder:
        broker = Broker(options, folder, instruments, changes)
        try:
            subjects = {name: lambda start=start: measure(options, start, broker, case) for name, start in starts.items()}
            results = in_turns(options.turns, subjects)
        finally:
            broker.end()
    return row("polling", f"CPU per poll: {title}", "µs", LESS, results, "us",
               limit="a minimal libcurl + libev loop that discards the answers", targets=(Target(1 / 1.15, LIMIT),))


def run(options):
    return [compare(options, case) for case in (SMOKE_CASES if options.size == "smoke" else CASES)]
