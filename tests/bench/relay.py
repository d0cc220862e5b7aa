"""The local API as a relay of market data, compared with one written the usual way in Node (relay_node.js), and with the
least that any relay must do: one recv() of what the broker has sent, and one send() of it to each client (relay_bare.c).

They receive the same tape at the same rate and deliver it to the same clients. Latency is the time from the moment at
which the broker gives a frame to its socket to the moment at which a client receives the relay's frame. No instrument
changes twice within 200 ms, so that nothing is conflated and each change is one frame for each client. cinta also records
what it delivers; the Node relay does not.

The last part measures the recording with and without clients: CPU, and when the last row can be read.
"""
import array
import json
import os
import statistics
import subprocess
import tempfile
import time

import service
from paced_tape import FIRST
from service import cpu_s
from stream import PRODUCTS_PER_MESSAGE, Tape, cinta
from table import CINTA, LESS, LIMIT, MORE, NODE, Row, Target, in_turns, row

HERE = os.path.dirname(os.path.abspath(__file__))
ENTRIES = ["BI", "OF", "LA", "OP", "CL", "SE", "HI", "LO", "TV", "OI", "EV", "NV", "IV", "ACP"]
CHANGE_EVERY_S = 0.2  # of each instrument: twice the shortest interval between two frames of one


def write_messages(path, products, case):
    """The subscriptions of the clients, in the form that bench_relay and bench_relay_bare read."""
    with open(path, "w", encoding="utf-8") as file:
        for client in range(case.clients) if case.spread else [-1]:
            wanted = products[client::case.clients] if case.spread else products
            for n in range(0, len(wanted), PRODUCTS_PER_MESSAGE):
                message = {"type": "smd", "level": 1, "depth": 5, "entries": ENTRIES,
                           "products": wanted[n:n + PRODUCTS_PER_MESSAGE]}
                file.write(f"{client} {json.dumps(message)}\n")


class Case:
    def __init__(self, rate, clients, seconds, spread=False):
        """`spread`: the instruments are divided among the clients; otherwise each client has all of them."""
        self.rate, self.clients, self.seconds, self.spread = rate, clients, seconds, spread
        self.instruments, self.frames = max(1, int(rate * CHANGE_EVERY_S)), int(rate * seconds)
        self.copies = 1 if spread else clients  # of each frame

    def __str__(self):
        return f"{self.rate:,} frames/s, {self.clients} client{'s' * (self.clients != 1)}"


# -- relays

class Cinta:
    def __init__(self, options, folder, tape):
        self.recorder = cinta(options, folder, tape, listen="127.0.0.1:0")
        self.recorder.start(folder)
        self.child = self.recorder.child
        self.connection = self.recorder.connect(tape.snapshots)
        self.port = int(self.status(options)["local_api"].rsplit(":", 1)[1].strip("/"))

    def status(self, options):
        argv = [options.cinta, "status", "-c", self.recorder.argv[-1], "--json"]
        return json.loads(subprocess.run(argv, capture_output=True, check=False).stdout)

    def rows(self):
        return self.recorder.newest(self.connection)


class Node:
    def __init__(self, options, folder, tape):
        ready = os.path.join(folder, "node.port")
        self.child = subprocess.Popen(["node", os.path.join(HERE, "relay_node.js"), options.node_modules, tape.url, ready])
        self.port = port_of(ready)


class Bare:
    """The least that any relay must do (relay_bare.c)."""

    def __init__(self, options, folder, tape):
        ready, messages = os.path.join(folder, "bare.port"), os.path.join(folder, "bare.messages")
        write_messages(messages, tape.products(), Case(1, 1, 1))
        self.child = subprocess.Popen([os.path.join(options.build, "bench_relay_bare"),
                                       tape.url.rsplit(":", 1)[1].strip("/"), str(tape.instruments), messages, ready])
        self.port = port_of(ready)


def port_of(ready):
    service.wait_for(lambda: os.path.exists(ready), "the relay listens")
    with open(ready, encoding="utf-8") as file:
        return int(file.read())


# -- clients


class Clients:
    """All clients, in one process of their own."""

    def __init__(self, options, folder, relay, products, case):
        self.out, messages = os.path.join(folder, "arrivals"), os.path.join(folder, "messages")
        write_messages(messages, products, case)
        self.child = subprocess.Popen([os.path.join(options.build, "bench_relay"), str(relay.port), str(case.clients),
                                       str(len(products) * case.copies), messages, self.out],
                                      stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        if self.child.stdout.readline() != "ready\n":
            raise SystemExit("the clients do not get the snapshots")

    def arrivals(self):
        """Waits until nothing more arrives; returns pairs (number of the frame, time) of the tape's frames."""
        self.child.communicate()
        if self.child.returncode:
            raise SystemExit("the clients failed")
        found = array.array("q")
        with open(self.out, "rb") as file:
            found.frombytes(file.read())
        return [(number - FIRST, at) for number, at in zip(found[::2], found[1::2]) if number >= FIRST]


# -- turns

def end(child):
    child.kill()
    child.wait()


def play(tape, case):
    tape.start()
    service.wait_for(lambda: "last_s" in tape.stats(), "the tape is sent", case.seconds * 20 + 60)


def deliver(options, make, tape, case):
    """One turn of the comparison, with a new relay."""
    with tempfile.TemporaryDirectory(dir=options.dir) as folder:
        relay = make(options, folder, tape)
        try:
            clients = Clients(options, folder, relay, tape.products(), case)
            time.sleep(CHANGE_EVERY_S)  # the frame after a snapshot must not be conflated with it
            cpu = cpu_s(relay.child.pid)
            play(tape, case)
            arrivals = clients.arrivals()
            cpu, sent = cpu_s(relay.child.pid) - cpu, tape.get("tape/sent")
        finally:
            end(relay.child)
    if not arrivals:
        raise SystemExit(f"{make.__name__} delivered nothing")
    delays = statistics.quantiles([(at - sent[n]) / 1e6 for n, at in arrivals], n=100, method="inclusive")
    return {"p50": delays[49], "p99": delays[98], "us": cpu / len(arrivals) * 1e6,
            "share": len(arrivals) / (case.frames * case.copies) * 100}


def thread_cpu_s(pid, name):
    """CPU time of the threads of this name."""
    total = 0
    for task in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{task}/comm", encoding="utf-8") as comm, \
             open(f"/proc/{pid}/task/{task}/schedstat", encoding="utf-8") as times:
            if comm.read().strip() == name:
                total += int(times.read().split()[0]) / 1e9
    return total


def record(options, clients, tape, case):
    """One turn of the recording, with or without clients."""
    with tempfile.TemporaryDirectory(dir=options.dir) as folder:
        relay = Cinta(options, folder, tape)
        pid = relay.child.pid
        try:
            there = Clients(options, folder, relay, tape.products(), case) if clients else None
            before, cpu, writer = relay.rows(), cpu_s(pid), thread_cpu_s(pid, "cinta-writer")
            play(tape, case)
            service.wait_for(lambda: relay.rows() >= before + case.frames, "all rows can be read")
            done_s = time.monotonic()
            cpu, writer = cpu_s(pid) - cpu, thread_cpu_s(pid, "cinta-writer") - writer
            if there:
                there.arrivals()
        finally:
            end(relay.child)
    return {"late": (done_s - tape.stats()["last_s"]) * 1000, "us": cpu / case.frames * 1e6,
            "writer": writer / case.frames * 1e6}


# -- rows

LIMIT_NAME = "one recv() of what the broker has sent, and one send() of it to each client, unread"


def compare(options, case):
    makers = {CINTA: Cinta, LIMIT: Bare}
    if options.node_ws:
        makers[NODE] = Node
    with tempfile.TemporaryDirectory(dir=options.dir) as folder:
        tape = Tape(folder, case.instruments, case.frames, case.rate)
        try:
            results = in_turns(options.turns, {name: lambda make=make: deliver(options, make, tape, case)
                                               for name, make in makers.items()})
        finally:
            tape.end()
    third = (Target(3, NODE),)
    return [row("relay", f"{case}: latency, median", "ms", LESS, results, "p50", limit=LIMIT_NAME),
            row("relay", f"{case}: latency, p99", "ms", LESS, results, "p99", limit=LIMIT_NAME, targets=third),
            row("relay", f"{case}: CPU per delivered frame", "µs", LESS, results, "us", limit=LIMIT_NAME, targets=third),
            row("relay", f"{case}: frames delivered", "%", MORE, results, "share")]


def compare_recording(options, case):
    with tempfile.TemporaryDirectory(dir=options.dir) as folder:
        tape = Tape(folder, case.instruments, case.frames, case.rate)
        try:
            found = in_turns(options.turns, {"alone": lambda: record(options, False, tape, case),
                                             "clients": lambda: record(options, True, tape, case)})
        finally:
            tape.end()
    title = f"recording {case.rate:,} frames/s"
    words = {"alone": "no clients", "clients": f"{case.clients} clients that share the instruments"}
    figure = lambda who, words_, unit, key: Row(
        title, f"{words[who]}: {words_}", unit, LESS, {CINTA: [turn[key] for turn in found[who]]})
    return [figure(who, *what) for who in words for what in (
        ("CPU per row", "µs", "us"), ("CPU of the writing thread", "µs", "writer"), ("last row readable after", "ms", "late"))]


def run(options):
    slow, fast, fan, clients, seconds = {"full": (1000, 20000, 200, 200, 2), "quick": (1000, 20000, 200, 200, 1),
                                         "smoke": (50, 200, 20, 20, 0.3)}[options.size]
    cases = [Case(slow, 1, seconds), Case(fast, 1, seconds), Case(fan, clients, seconds)]
    rows = [found for case in cases[-1:] * (options.size == "smoke") or cases for found in compare(options, case)]
    return rows + compare_recording(options, Case(fast, clients, seconds, spread=True))
