"""The sink against a real nats-server: how fast a backlog is published, the CPU that a message takes, and the time from the
arrival of a change to its arrival at a consumer; compared with a program that only publishes the same messages.
"""
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time

import service
from service import Broker
from table import CINTA, LESS, LIMIT, MORE, row

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "wire"))
import nats  # noqa: E402

SIZES = {"full": (200000, 3000, 10), "quick": (50000, 3000, 3), "smoke": (500, 100, 1)}
COMMIT_S = 0.05


def sink_status(folder):
    """The service answers each connection to this socket with its status."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(os.path.join(folder, "state", "status.sock"))
        with connection.makefile("rb") as file:
            return json.load(file).get("sink", {})


def published(folder):
    try:
        return sink_status(folder).get("published", 0)
    except (FileNotFoundError, ConnectionRefusedError):
        return 0


def backlog(folder, pid):
    """What is left after the first messages, until the stream has acknowledged all."""
    service.wait_for(lambda: published(folder) > 0, "the first message")
    began, before, cpu = time.monotonic(), published(folder), service.cpu_s(pid)
    service.wait_for(lambda: sink_status(folder)["behind"] == 0, "the backlog is published")
    count = published(folder) - before
    return {"per_s": count / (time.monotonic() - began), "us": (service.cpu_s(pid) - cpu) / count * 1e6}


def ages(server, seconds):
    """At a consumer of the stream: ms since the change arrived at the service."""
    client = nats.Client(server)
    client.deliver("CINTA", "DELIVERED", deliver_policy="new", filter_subject="md.*.*.*")
    found, until = [], time.monotonic() + seconds
    while time.monotonic() < until:
        headers = client.next()[2]
        found.append((time.time_ns() - int(headers["Cinta-Ts-Recv"])) / 1e6)
    client.close()
    return {"median": statistics.median(found), "p99": statistics.quantiles(found, n=100, method="inclusive")[98]}


def record(options, folder, broker, server):
    rows, rate, seconds = SIZES[options.size]
    service.tool(options, "bench_fill", os.path.join(folder, "cinta.db"), 200, rows)
    conf, _ = service.configure(folder, broker.url, f'sink {{ nats = "{server.url}"  rate = 1000000  from = "beginning" }}',
                                store=f"commit_every = {COMMIT_S}")
    # Without the broker's list the sink would wait for it.
    subprocess.run([options.cinta, "instruments", "--refresh", "-c", conf], stdout=subprocess.DEVNULL, check=True)
    with open(os.path.join(folder, "log"), "wb") as log:
        recorder = subprocess.Popen([options.cinta, "run", "-c", conf], stderr=log)
    try:
        found = backlog(folder, recorder.pid)
        broker.ask(f"sim/market?rate={rate}", post=True, headers={"X-Username": "demo", "X-Password": "demo"})
        return {**found, **ages(server, seconds)}
    finally:
        service.end(recorder)


def turn(options):
    _, rate, seconds = SIZES[options.size]
    with tempfile.TemporaryDirectory(dir=options.dir) as folder:
        server = nats.Server(folder).start()
        try:
            broker = Broker(options, folder, 200, 0)
            try:
                ours = record(options, folder, broker, server)
            finally:
                broker.end()
            bare = service.tool(options, "bench_publish", server.port, "CINTA", rate, seconds)
        finally:
            server.kill()
    return {CINTA: ours, LIMIT: {"per_s": bare["backlog_per_s"], "us": bare["backlog_us"], "median": bare["age_median_ms"],
                                 "p99": bare["age_p99_ms"]}}


def run(options):
    if not nats.SERVER or not os.path.exists(os.path.join(options.build, "bench_publish")):
        print("sink: not measured: it needs nats-server and libnats-dev (scripts/setup bench)", file=sys.stderr)
        return []
    turns = [turn(options) for _ in range(options.turns)]
    results = {name: [found[name] for found in turns] for name in (CINTA, LIMIT)}
    limit = "the same messages, ids and expectations published by libnats' asynchronous calls, from memory"
    live = f"{SIZES[options.size][1]:,} changes/s, store.commit_every = {COMMIT_S} s: arrival to consumer"
    return [row("sink", "backlog published and acknowledged", "messages/s", MORE, results, "per_s", limit=limit),
            row("sink", "CPU per message", "µs", LESS, results, "us", limit=limit),
            row("sink", f"{live}, median", "ms", LESS, results, "median", limit=limit),
            row("sink", f"{live}, p99", "ms", LESS, results, "p99", limit=limit)]
