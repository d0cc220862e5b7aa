"""The local API as a relay of market data, compared with one written the usual way in Node, and with the least that any
relay must do: one recv() of what the broker has sent, and one send() of it to each client (relay_bare.c).

They receive the same tape at the same rate, in turns (bare cinta node bare ...), and deliver it to the same clients;
each result is the median of its turns. Latency is the time from the moment at which the broker gives a frame to its
socket to the moment at which a client receives the relay's frame. No instrument changes twice within 200 ms, so that
nothing is conflated and each change is one frame for each client. cinta also records what it delivers; the Node relay
does not.

The second part measures the recording with and without clients: rows, when the last one can be read, and CPU.
"""
import argparse
import array
import json
import os
import sqlite3
import statistics
import subprocess
import tempfile
import time
import urllib.request

import service
from paced_tape import FIRST
from poll import cpu_s
from stream import start_tape

HERE = os.path.dirname(os.path.abspath(__file__))
ENTRIES = ["BI", "OF", "LA", "OP", "CL", "SE", "HI", "LO", "TV", "OI", "EV", "NV", "IV", "ACP"]
PRODUCTS_PER_MESSAGE = 500
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
    name = "cinta"

    def __init__(self, options, folder, url, instruments):
        conf, self.db = service.configure(folder, url, "poll { interval = 3600  rate = 1 }\n"
                                          "stream { batch = 1000  ping = 300 }", listen="127.0.0.1:0")
        self.child = subprocess.Popen([options.cinta, "run", "-c", conf], stdout=subprocess.DEVNULL,
                                      stderr=open(os.path.join(folder, "cinta.log"), "wb"))
        self.status = [options.cinta, "status", "-c", conf, "--json"]
        service.wait_for(lambda: os.path.exists(self.db), "cinta opens its database")
        service.wait_for(lambda: self.rows() >= instruments, "cinta has the snapshots")
        self.port = int(json.loads(subprocess.run(self.status, capture_output=True, check=False).stdout)
                        ["local_api"].rsplit(":", 1)[1].strip("/"))

    def rows(self):
        try:
            with sqlite3.connect(f"file:{self.db}?mode=ro", uri=True, timeout=10) as connection:
                return connection.execute("select last_seq from ledger").fetchone()[0]
        except (sqlite3.OperationalError, TypeError):
            return 0


class Node:
    name = "node"

    def __init__(self, options, folder, url, _instruments):
        ready = os.path.join(folder, "node.port")
        self.child = subprocess.Popen(["node", os.path.join(HERE, "relay_node.js"), options.node_modules, url, ready])
        service.wait_for(lambda: os.path.exists(ready), "the Node relay listens")
        with open(ready, encoding="utf-8") as file:
            self.port = int(file.read())


class Bare:
    """The least that any relay must do (relay_bare.c)."""
    name = "bare"

    def __init__(self, options, folder, url, instruments):
        ready, messages = os.path.join(folder, "bare.port"), os.path.join(folder, "bare.messages")
        write_messages(messages, products_of(url), Case(1, 1, 1))
        self.child = subprocess.Popen([options.bare, url.rsplit(":", 1)[1].strip("/"), str(instruments), messages, ready])
        service.wait_for(lambda: os.path.exists(ready), "the bare relay listens")
        with open(ready, encoding="utf-8") as file:
            self.port = int(file.read())


# -- clients


class Clients:
    """All clients, in one process of their own."""

    def __init__(self, options, folder, relay, products, case):
        self.out, messages = os.path.join(folder, "arrivals"), os.path.join(folder, "messages")
        write_messages(messages, products, case)
        self.child = subprocess.Popen([options.helper, str(relay.port), str(case.clients),
                                       str(len(products) * case.copies), messages, self.out],
                                      stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        if self.child.stdout.readline() != "ready\n":
            raise SystemExit(f"{relay.name}: the clients do not get the snapshots")

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

def control(url, path):
    with urllib.request.urlopen(url + path, timeout=60) as answer:
        return json.load(answer)


def end(child):
    child.kill()
    child.wait()


def play(url, case):
    control(url, "tape/start")
    service.wait_for(lambda: "last_s" in control(url, "tape/stats"), "the tape is sent", case.seconds * 20 + 60)


def products_of(url):
    return [item["instrumentId"] for item in control(url, "rest/instruments/all")["instruments"]]


def with_relay(options, make, case, measure):
    """Returns measure(url, relay, folder) of a new tape and relay."""
    with tempfile.TemporaryDirectory(dir=options.dir) as folder:
        tape, url = start_tape(folder, case.instruments, case.frames, case.rate)
        try:
            relay = make(options, folder, url, case.instruments)
            try:
                return measure(url, relay, folder)
            finally:
                end(relay.child)
        finally:
            end(tape)


def deliver(options, make, case):
    """One turn of the comparison."""
    def measure(url, relay, folder):
        clients = Clients(options, folder, relay, products_of(url), case)
        cpu = cpu_s(relay.child.pid)
        play(url, case)
        arrivals = clients.arrivals()
        cpu, sent = cpu_s(relay.child.pid) - cpu, control(url, "tape/sent")
        if not arrivals:
            raise SystemExit(f"{relay.name} delivered nothing")
        delays = statistics.quantiles([(at - sent[n]) / 1e6 for n, at in arrivals], n=100, method="inclusive")
        return {"p50": delays[49], "p99": delays[98], "us": cpu / len(arrivals) * 1e6,
                "share": len(arrivals) / (case.frames * case.copies) * 100}
    return with_relay(options, make, case, measure)


def thread_cpu_s(pid, name):
    """CPU time of the threads of this name."""
    total = 0
    for task in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{task}/comm", encoding="utf-8") as comm, \
             open(f"/proc/{pid}/task/{task}/schedstat", encoding="utf-8") as times:
            if comm.read().strip() == name:
                total += int(times.read().split()[0]) / 1e9
    return total


def record(options, clients, case):
    """One turn of the recording, with or without clients."""
    def measure(url, relay, folder):
        there = Clients(options, folder, relay, products_of(url), case) if clients else None
        pid, before = relay.child.pid, relay.rows()
        cpu, writer = cpu_s(pid), thread_cpu_s(pid, "cinta-writer")
        play(url, case)
        service.wait_for(lambda: relay.rows() >= before + case.frames, "all rows can be read")
        done_s = time.monotonic()
        cpu, writer = cpu_s(pid) - cpu, thread_cpu_s(pid, "cinta-writer") - writer
        delivered = len(there.arrivals()) if there else 0
        return {"rows": relay.rows() - before, "late": (done_s - control(url, "tape/stats")["last_s"]) * 1000,
                "us": cpu / case.frames * 1e6, "writer": writer / case.frames * 1e6, "delivered": delivered}
    return with_relay(options, Cinta, case, measure)


# -- reports

def median(turns, key):
    return statistics.median(turn[key] for turn in turns)


def print_ratios(results):
    """`added`: above the bare relay, which has the costs of the kernel and of this measurement."""
    value = lambda name, key: median(results[name], key)
    added = lambda name, key: value(name, key) - value("bare", key)
    print(f"node to cinta: latency {value('node', 'p50') / value('cinta', 'p50'):.1f}, CPU "
          f"{value('node', 'us') / value('cinta', 'us'):.1f}; added to the bare relay: latency "
          f"{added('node', 'p50'):.3f} ms to {added('cinta', 'p50'):.3f} ms, CPU "
          f"{added('node', 'us'):.1f} us to {added('cinta', 'us'):.1f} us")


def compare(options, makers, case, turns):
    results = {make.name: [] for make in makers}
    for _ in range(turns):
        for make in makers:
            results[make.name].append(deliver(options, make, case))
    print(f"\nrelay: {case}, {case.seconds} s, median of {turns}")
    print(f"{'':<8}{'p50 ms':>10}{'p99 ms':>10}{'us CPU each':>13}{'delivered %':>13}")
    for name, found in results.items():
        print(f"{name:<8}{median(found, 'p50'):>10.3f}{median(found, 'p99'):>10.3f}{median(found, 'us'):>13.2f}"
              f"{median(found, 'share'):>13.1f}")
    if "node" in results:
        print_ratios(results)


def compare_recording(options, case, turns):
    names = ("no clients", f"{case.clients} clients")
    results = {name: [] for name in names}
    for _ in range(turns):
        for name in names:
            results[name].append(record(options, name != names[0], case))
    print(f"\nrecording: {case.rate:,} frames/s of {case.instruments:,} instruments, which the clients share; "
          f"{case.seconds} s, median of {turns}")
    print(f"{'':<14}{'rows':>10}{'last row ms':>13}{'us CPU/row':>12}{'us writer/row':>15}{'delivered':>11}")
    for name, found in results.items():
        print(f"{name:<14}{median(found, 'rows'):>10.0f}{median(found, 'late'):>13.0f}{median(found, 'us'):>12.2f}"
              f"{median(found, 'writer'):>15.2f}{median(found, 'delivered'):>11.0f}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--cinta", required=True)
    parser.add_argument("--helper", required=True)
    parser.add_argument("--bare", required=True)
    parser.add_argument("--node-modules", default="")
    options = service.arguments(parser)
    slow, fast, fan, clients, seconds, turns = {"full": (1000, 20000, 200, 200, 5, 3),
                                                "quick": (1000, 20000, 200, 200, 1, 1),
                                                "smoke": (50, 200, 20, 20, 0.5, 1)}[options.size]
    makers = [Bare, Cinta, Node] if options.node_modules else [Bare, Cinta]
    for case in (Case(slow, 1, seconds), Case(fast, 1, seconds), Case(fan, clients, seconds)):
        compare(options, makers, case, turns)
    compare_recording(options, Case(fast, clients, seconds, spread=True), turns)


if __name__ == "__main__":
    main()
