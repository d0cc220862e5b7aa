"""Latency of the service's event loop with and without an export, while it receives thousands of changes per second.

The event loop answers status requests on its socket between its other work, so the time of an answer, requested every
few milliseconds, is the latency of the loop plus the cost of the answer. Both are measured in one run, one after the
other.
"""
import argparse
import os
import socket
import statistics
import subprocess
import tempfile
import time

import service

PAUSE_S = 0.005


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


def seqs(db):
    return int(subprocess.run(["sqlite3", db, "select last_seq from ledger"], capture_output=True, check=True).stdout)


def measure(options, folder, url, rate, seconds):
    conf, db = service.configure(folder, url, "poll { interval = 3600  rate = 1 }\nstream { batch = 1000 }")
    status = os.path.join(folder, "state", "status.sock")
    with open(os.path.join(folder, "log"), "wb") as log:
        recorder = subprocess.Popen([options.cinta, "run", "-c", conf], stderr=log)
    try:
        before = seqs(db)
        service.wait_for(lambda: seqs(db) > before + rate, "changes are recorded")
        until, began = time.monotonic() + seconds, seqs(db)
        alone = ask_while(status, lambda: time.monotonic() < until)
        per_s = (seqs(db) - began) / seconds
        argv = [options.cinta, "export", "--db", db, "--nice", "--quiet", "-t", "snapshots",
                "--out", os.path.join(folder, "out.csv.zst")]
        started = time.monotonic()
        export = subprocess.Popen(argv)
        beside = ask_while(status, lambda: export.poll() is None)
        took = time.monotonic() - started
    finally:
        recorder.terminate()
        recorder.wait()
    return alone, beside, per_s, took


def report(rows, alone, beside, rate, took):
    print(f"\nlag of the loop at {rate:.0f} changes/s, without and beside an export of {rows} snapshots "
          f"({took:.1f} s), ms")
    print(f"{'':<20}{'answers':>9}{'median':>9}{'p99':>9}{'longest':>9}")
    for name, answers in (("alone", alone), ("beside the export", beside)):
        tail = statistics.quantiles(answers, n=100, method="inclusive")[98]
        print(f"{name:<20}{len(answers):>9}{statistics.median(answers):>9.2f}{tail:>9.2f}{max(answers):>9.2f}")
    more = statistics.median(beside) - statistics.median(alone)
    print(f"the export adds {more:.2f} ms (target under 5: {'met' if more < 5 else 'MISSED'})")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--cinta", required=True)
    parser.add_argument("--fill", required=True)
    options = service.arguments(parser)
    instruments, rate, rows, seconds = {"full": (1000, 5000, 1000000, 10), "quick": (1000, 5000, 200000, 3),
                                        "smoke": (50, 200, 4000, 0.5)}[options.size]
    with tempfile.TemporaryDirectory(dir=options.dir) as folder:
        db, ready = os.path.join(folder, "cinta.db"), os.path.join(folder, "ready")
        subprocess.run([options.fill, db, "200", str(rows)], check=True)
        sim = subprocess.Popen([options.cinta, "sim", "--ready-file", ready, "--instruments", str(instruments),
                                "--rate", str(rate)], stderr=subprocess.DEVNULL)
        try:
            service.wait_for(lambda: os.path.exists(ready), "the simulator listens")
            with open(ready, encoding="utf-8") as file:
                report(rows, *measure(options, folder, file.read().strip(), rate, seconds))
        finally:
            sim.terminate()
            sim.wait()


if __name__ == "__main__":
    main()
