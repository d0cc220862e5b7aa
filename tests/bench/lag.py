"""Latency of the service's event loop with and without an export, while it receives thousands of changes per second.

The event loop answers status requests on its socket between its other work, so the time of an answer, requested every
few milliseconds, is the latency of the loop plus the cost of the answer.
"""
import os
import socket
import sqlite3
import statistics
import subprocess
import tempfile
import time

import service
from service import Broker
from table import CINTA, LESS, Row, Target

PAUSE_S = 0.005
SIZES = {"full": (1000, 5000, 200000, 3), "quick": (1000, 5000, 40000, 1), "smoke": (50, 200, 1000, 0.2)}


def answer_ms(path):
    began = time.perf_counter()
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(path)
        while connection.recv(65536):
            pass
    return (time.perf_counter() - began) * 1000


def ask_while(path, condition):
    answers = []
    while condition() or len(answers) < 2:
        answers.append(answer_ms(path))
        time.sleep(PAUSE_S)
    return answers


def seq(db):
    connection = sqlite3.connect(f"file:{db}?mode=ro", uri=True, timeout=10)
    try:
        return connection.execute("select last_seq from ledger").fetchone()[0]
    finally:
        connection.close()


def turn(status, export, seconds):
    until = time.monotonic() + seconds
    alone = ask_while(status, lambda: time.monotonic() < until)
    running = subprocess.Popen(export)
    return {"alone": alone, "beside": ask_while(status, lambda: running.poll() is None)}


def run(options):
    instruments, rate, rows, seconds = SIZES[options.size]
    with tempfile.TemporaryDirectory(dir=options.dir) as folder:
        service.tool(options, "bench_fill", os.path.join(folder, "cinta.db"), 200, rows)
        broker = Broker(options, folder, instruments, rate)
        conf, db = service.configure(folder, broker.url, "poll { interval = 3600  rate = 1 }\nstream { batch = 1000 }")
        with open(os.path.join(folder, "log"), "wb") as log:
            recorder = subprocess.Popen([options.cinta, "run", "-c", conf], stderr=log)
        try:
            before = seq(db)
            service.wait_for(lambda: seq(db) > before + rate / 10, "changes are recorded")
            export = [options.cinta, "export", "--db", db, "--nice", "--quiet", "-t", "snapshots",
                      "--out", os.path.join(folder, "out.csv.zst")]
            turns = [turn(os.path.join(folder, "state", "status.sock"), [*export, "--force"], seconds)
                     for _ in range(options.turns)]
        finally:
            service.end(recorder)
            broker.end()
    p99 = lambda answers: statistics.quantiles(answers, n=100, method="inclusive")[98]
    more = [statistics.median(t["beside"]) - statistics.median(t["alone"]) for t in turns]
    figure = lambda words, values, **rest: Row("event loop", words, "ms", LESS, {CINTA: values}, **rest)
    return [figure("status answered, p99", [p99(t["alone"]) for t in turns]),
            figure("the same beside an export, p99", [p99(t["beside"]) for t in turns]),
            figure("added by the export, median", more, targets=(Target(5),))]
