"""How start, memory and CPU grow with the number of instruments: start to the first quote, a quiet market, and a busy one.

Start and quiet market: `cinta sim` without changes. Busy market: the tape at a fixed rate.
"""
import os
import socket
import tempfile
import threading
import time

import service
from service import Broker, cpu_s, memory_mib
from stream import Subject, Tape, make, peer
from table import CINTA, LESS, NODE, PYTHON, Row, Target, in_turns, row

BUSY_PER_S = 2000
# numbers of instruments; seconds until cinta has read the reference data, for which it waits 5 s after the start, and
# until it has looked for missing trades, for which it waits 10 s; seconds of the quiet measurement, and of the busy one,
# in which the timers up to the coverage's, 4 s, run as often as at any other time
SIZES = {"full": ((100, 1000, 10000), 7, 11, 2, 4), "quick": ((100, 10000), 6, 11, 1, 4), "smoke": ((20,), 0, 0, 0.2, 0.2)}
SETTLED_CORE, SLICE_S, SETTLE_MAX_S = 0.005, 0.5, 20
MANY = 10000


class FirstQuote(threading.Thread):
    """Waits for the first quote at the local API; `at` is its time."""

    def __init__(self, path):
        super().__init__(daemon=True)
        self.path, self.at, self.until = path, None, time.monotonic() + service.PATIENCE_S

    def attempt(self):
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(service.PATIENCE_S)
            connection.connect(self.path)
            connection.sendall(b"GET /events HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n")
            received = b""
            while b"event: quote" not in received:
                data = connection.recv(65536)
                if not data:
                    return
                received = received[-20:] + data
            self.at = time.monotonic()

    def run(self):
        while self.at is None and time.monotonic() < self.until:
            try:
                self.attempt()
            except OSError:
                time.sleep(0.001)  # it does not listen yet

    def ms_after(self, began):
        self.join()
        if self.at is None:
            raise SystemExit(f"no quote at the local API within {service.PATIENCE_S} s")
        return (self.at - began) * 1000


def recorder(options, name, folder, broker):
    if name != CINTA:
        return peer(options, name, folder, broker.url, "primary")
    conf, db = service.configure(folder, broker.url, "", listen=f"unix:{folder}/api.sock")
    return Subject(CINTA, [options.cinta, "run", "-c", conf], "snapshots", db, "select last_seq from ledger")


def start(subject, folder):
    """Starts it; ms to the first quote at the local API (cinta only), and to the first row that can be read."""
    began, served = time.monotonic(), FirstQuote(os.path.join(folder, "api.sock"))
    subject.start(folder)
    if subject.name == CINTA:
        served.start()
    subject.connect(1).close()
    found = {"stored": (time.monotonic() - began) * 1000}
    if subject.name == CINTA:
        found["served"] = served.ms_after(began)
    return found


def restart(subject, folder):
    """The same with the saved token, list and database."""
    subject.end()
    began, served = time.monotonic(), FirstQuote(os.path.join(folder, "api.sock"))
    subject.start(folder)
    served.start()
    return served.ms_after(began)


def core_used(pid, seconds):
    cpu, began = cpu_s(pid), time.monotonic()
    time.sleep(seconds)
    return (cpu_s(pid) - cpu) / (time.monotonic() - began)


def settle(options, pid, at_least_s=0):
    """Waits until what a start brings is over, such as the first rows of all instruments."""
    began = time.monotonic()
    if options.size == "smoke":
        return
    time.sleep(at_least_s)
    while core_used(pid, SLICE_S) > SETTLED_CORE and time.monotonic() - began < SETTLE_MAX_S:
        pass


def quiet(options, name, broker):
    _, read_s, _, seconds, _ = SIZES[options.size]
    with tempfile.TemporaryDirectory(dir=options.dir) as folder:
        subject = recorder(options, name, folder, broker)
        found = start(subject, folder)
        try:
            settle(options, subject.child.pid, read_s if name == CINTA else 0)
            found["core"] = core_used(subject.child.pid, seconds) * 100
            found["memory"] = memory_mib(subject.child.pid, "VmRSS")
            if name == CINTA:
                found["restarted"] = restart(subject, folder)
        finally:
            subject.end()
    return found


def busy(options, name, tape):
    with tempfile.TemporaryDirectory(dir=options.dir) as folder:
        subject = make(options, name, folder, tape)
        subject.start(folder)
        try:
            connection = subject.connect(tape.snapshots)
            settle(options, subject.child.pid, SIZES[options.size][2] if name == CINTA else 0)
            cpu = cpu_s(subject.child.pid)
            tape.start()
            service.wait_for(lambda: subject.newest(connection) >= tape.snapshots + tape.frames, name + " has all rows", 300)
            found = {"us": (cpu_s(subject.child.pid) - cpu) / tape.frames * 1e6,
                     "memory": memory_mib(subject.child.pid, "VmRSS")}
            connection.close()
        finally:
            subject.end()
    return found


def subjects(options, run_one, server):
    names = [CINTA] + [NODE] * bool(options.node) + [PYTHON] * bool(options.python)
    return {name: lambda name=name: run_one(options, name, server) for name in names}


def measure(options, count):
    seconds = SIZES[options.size][4]
    with tempfile.TemporaryDirectory(dir=options.dir) as folder:
        broker = Broker(options, folder, count, 0)
        try:
            still = in_turns(options.turns, subjects(options, quiet, broker))
        finally:
            broker.end()
        tape = Tape(folder, count, int(BUSY_PER_S * seconds), BUSY_PER_S)
        try:
            return still, in_turns(options.turns, subjects(options, busy, tape))
        finally:
            tape.end()


def flatness(costs):
    """CPU per message with the most instruments compared with the fewest."""
    counts = sorted(costs)
    pairs = zip(costs[counts[-1]], costs[counts[0]])
    return Row("busy market", f"CPU per message: {counts[-1]:,} compared with {counts[0]:,} instruments", "×", LESS,
               {CINTA: [many / few for many, few in pairs]}, targets=(Target(1.2),))


def run(options):
    starts, calm, active, costs = [], [], [], {}
    for count in SIZES[options.size][0]:
        still, moving = measure(options, count)
        words = f"{count:,} instruments"
        most = lambda limit: (Target(limit),) if count == MANY else ()
        starts += [row("start", f"first quote at the local API, {words}", "ms", LESS, still, "served", targets=(Target(300),)),
                   row("start", f"the same after a restart, {words}", "ms", LESS, still, "restarted", targets=(Target(300),)),
                   row("start", f"first row readable in the database, {words}", "ms", LESS, still, "stored")]
        calm += [row("quiet market", f"CPU, {words}", "% of a core", LESS, still, "core", targets=most(1)),
                 row("quiet market", f"memory, {words}", "MiB", LESS, still, "memory", targets=most(64))]
        active += [row("busy market", f"CPU per message, {words}", "µs", LESS, moving, "us"),
                   row("busy market", f"memory, {words}", "MiB", LESS, moving, "memory")]
        costs[count] = [turn["us"] for turn in moving[CINTA]]
    return starts + calm + active + ([flatness(costs)] if len(costs) > 1 else [])
