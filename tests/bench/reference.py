"""How the service takes in the reference data of all listed instruments (rest/instruments/details): the longest stall of its
event loop, when the list is in the database, and its memory afterwards.

Each turn is a new service that records a few of the instruments, or all of them; its stalls are those since its start, and
the list is requested once more. A stall is a time, so that other programs on the machine make it longer.
"""
import json
import os
import sqlite3
import subprocess
import tempfile
import time

import service
from service import Broker
from table import CINTA, LESS, Row, Target

SIZES = {"full": 10000, "quick": 10000, "smoke": 500}
RECORDED = {"few recorded": '"DLR/*"', "all recorded": '"*"'}


def read_s(db):
    """When the broker sent the list that is stored completely; 0: there is none."""
    if not os.path.exists(db):
        return 0
    connection = sqlite3.connect(f"file:{db}?mode=ro", uri=True, timeout=10)
    try:
        found = connection.execute("select ts_read from instrument_list").fetchone()
        return found[0] / 1e9 if found else 0
    except sqlite3.OperationalError:  # the tables do not exist yet
        return 0
    finally:
        connection.close()


def stored_after_ms(db, before=0):
    service.wait_for(lambda: read_s(db) > before, "the list is stored")
    return (time.time() - read_s(db)) * 1000


def record_only(conf, match):
    with open(conf, encoding="utf-8") as file:
        text = file.read()
    with open(conf, "w", encoding="utf-8") as file:
        file.write(text.replace('match = {"*"}', f"match = {{{match}}}"))


def status(options, conf):
    done = subprocess.run([options.cinta, "status", "--json", "-c", conf], capture_output=True, check=True)
    return json.loads(done.stdout)


def turn(options, broker, match):
    with tempfile.TemporaryDirectory(dir=options.dir) as folder:
        conf, db = service.configure(folder, broker.url, "stream { enable = false }")
        record_only(conf, match)
        with open(os.path.join(folder, "log"), "wb") as log:
            recorder = subprocess.Popen([options.cinta, "run", "-c", conf], stderr=log)
        try:
            first_ms = stored_after_ms(db)
            before = read_s(db)
            refresh = subprocess.Popen([options.cinta, "instruments", "--refresh", "-c", conf, "DLR/*"], stdout=subprocess.DEVNULL,
                                       stderr=subprocess.DEVNULL)
            again_ms = stored_after_ms(db, before)
            refresh.wait()
            return {"stall": status(options, conf)["loop"]["longest_stall_s"] * 1000, "stored": max(first_ms, again_ms),
                    "memory": service.memory_mib(recorder.pid, "VmRSS")}
        finally:
            service.end(recorder)


def run(options):
    count, rows = SIZES[options.size], []
    with tempfile.TemporaryDirectory(dir=options.dir) as folder:
        broker = Broker(options, folder, count, 1)
        try:
            found = {name: [turn(options, broker, match) for _ in range(options.turns)] for name, match in RECORDED.items()}
        finally:
            broker.end()
    for name, turns in found.items():
        of = lambda key: {CINTA: [turn[key] for turn in turns]}
        words = f"{count:,} listed, {name}"
        rows += [Row("reference data", f"longest stall of the event loop, {words}", "ms", LESS, of("stall"), targets=(Target(5),)),
                 Row("reference data", f"list in the database, {words}", "ms", LESS, of("stored"), targets=(Target(1000),)),
                 Row("reference data", f"memory afterwards, {words}", "MiB", LESS, of("memory"), targets=(Target(64),))]
    return rows
