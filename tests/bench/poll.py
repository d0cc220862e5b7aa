"""CPU per poll of the whole pipeline compared with a minimal libcurl + libev loop: same run, same broker.

Both request the same URLs at the same rate over the same number of connections, in turns (A B A B ...), and each
result is the median of its turns: absolute times vary between runs, ratios within one run hardly do. The broker is
`cinta sim`, on the same machine.
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
import urllib.parse
import urllib.request

import service

ENTRIES = "BI,OF,LA,OP,CL,SE,HI,LO,TV,OI,EV,NV,IV,ACP"


def cpu_s(pid):
    """CPU time of another process, to the nanosecond (the clock id of clock_getcpuclockid)."""
    return time.clock_gettime((~pid << 3) | 2)


def memory_mib(pid, key):
    with open(f"/proc/{pid}/status", encoding="utf-8") as file:
        for line in file:
            if line.startswith(key):
                return int(line.split()[1]) / 1024
    raise KeyError(key)


class Broker:
    def __init__(self, cinta, folder, instruments, rate):
        ready = os.path.join(folder, "ready")
        if os.path.exists(ready):
            os.unlink(ready)
        self.child = subprocess.Popen([cinta, "sim", "--ready-file", ready, "--instruments", str(instruments),
                                       "--rate", str(rate), "--password", "bench"], stdout=subprocess.DEVNULL)
        while not os.path.exists(ready):
            if self.child.poll() is not None:
                raise SystemExit("the simulator did not start")
            time.sleep(0.01)
        with open(ready, encoding="utf-8") as file:
            self.url = file.read().strip()

    def ask(self, path, token=None, post=False, headers=None):
        headers = dict(headers or {})
        if token:
            headers["X-Auth-Token"] = token
        request = urllib.request.Request(self.url + path, headers=headers, data=b"" if post else None)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.read(), answer.headers

    def token(self):
        return self.ask("auth/getToken", post=True,
                        headers={"X-Username": "demo", "X-Password": "bench"})[1]["X-Auth-Token"]

    def symbols(self):
        body = json.loads(self.ask("rest/instruments/all", self.token())[0])
        return [item["instrumentId"]["symbol"] for item in body["instruments"]]

    def stats(self):
        return json.loads(self.ask("sim/stats")[0])

    def end(self):
        self.child.terminate()
        self.child.wait()


class Cinta:
    """The service itself, with its database in `folder`."""

    def __init__(self, binary, folder, broker, rate, in_flight):
        conf, self.db = service.configure(folder, broker.url, password="bench", sections=f'''
poll {{ interval = 1  rate = {rate}  in_flight = {in_flight} }}
stream {{ enable = false }}''')
        self.child = subprocess.Popen([binary, "run", "-c", conf], stderr=open(os.path.join(folder, "log"), "ab"))

    def rows(self):
        connection = sqlite3.connect(f"file:{self.db}?mode=ro", uri=True)
        try:
            return connection.execute("select count(*) from snapshots").fetchone()[0]
        finally:
            connection.close()

    def recorded(self):
        try:
            return self.rows() > 0
        except sqlite3.OperationalError:  # the database does not exist yet
            return False

    def end(self):
        self.child.terminate()
        self.child.wait()


class Bare:
    def __init__(self, binary, broker, urls, rate, in_flight):
        self.child = subprocess.Popen([binary, broker.token(), str(rate), str(in_flight)], stdin=subprocess.PIPE)
        self.child.stdin.write("\n".join(urls).encode())
        self.child.stdin.close()

    def end(self):
        self.child.kill()
        self.child.wait()


def warm_up(broker, warm_s):
    """Waits until token, list and connections exist and polling has begun."""
    before = broker.stats()["market_data"]
    service.wait_for(lambda: broker.stats()["market_data"] > before, "the first poll")
    time.sleep(warm_s)


def measure(broker, subject, seconds):
    before, cpu, began = broker.stats()["market_data"], cpu_s(subject.child.pid), time.monotonic()
    time.sleep(seconds)
    service.wait_for(lambda: broker.stats()["market_data"] > before, "a poll")
    polls = broker.stats()["market_data"] - before
    cpu = cpu_s(subject.child.pid) - cpu
    return {"polls_per_s": polls / (time.monotonic() - began), "us": cpu / polls * 1e6,
            "core": cpu / (time.monotonic() - began)}


def compare(options, title, instruments, rate, changes, in_flight, turns, warm_s, seconds):
    with tempfile.TemporaryDirectory(dir=options.dir) as folder:
        broker = Broker(options.cinta, folder, instruments, changes)
        try:
            urls = [broker.url + "rest/marketdata/get?" + urllib.parse.urlencode(
                {"marketId": "ROFX", "symbol": s, "entries": ENTRIES, "depth": 5},
                quote_via=urllib.parse.quote) for s in broker.symbols()]
            whole, bare, changed = [], [], []
            for _ in range(turns):
                subject = Bare(options.bare, broker, urls, rate, in_flight)
                try:
                    warm_up(broker, warm_s)
                    bare.append(measure(broker, subject, seconds))
                finally:
                    subject.end()
                subject = Cinta(options.cinta, folder, broker, rate, in_flight)
                try:
                    warm_up(broker, warm_s)
                    service.wait_for(subject.recorded, "the first row")
                    rows, polls = subject.rows(), broker.stats()["market_data"]
                    whole.append(measure(broker, subject, seconds))
                    changed.append((subject.rows() - rows) / (broker.stats()["market_data"] - polls))
                    rss = memory_mib(subject.child.pid, "VmRSS")
                    peak = memory_mib(subject.child.pid, "VmHWM")
                finally:
                    subject.end()
        finally:
            broker.end()
    mid = lambda list_, key: statistics.median(item[key] for item in list_)
    print(f"{title:<34} {mid(bare, 'polls_per_s'):>7.0f} {mid(whole, 'polls_per_s'):>7.0f} "
          f"{100 * statistics.median(changed):>8.1f} % {mid(bare, 'us'):>8.1f} {mid(whole, 'us'):>8.1f} "
          f"{mid(whole, 'us') / mid(bare, 'us'):>7.2f} {100 * mid(whole, 'core'):>7.0f} % {rss:>6.1f} {peak:>6.1f}",
          flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--cinta", required=True)
    parser.add_argument("--bare", required=True)
    options = service.arguments(parser)
    turns, warm_s, seconds = {"full": (5, 2, 10), "quick": (1, 1, 2), "smoke": (1, 0, 0.5)}[options.size]
    print("CPU per poll: a minimal libcurl + libev loop that discards bodies, and the whole of cinta\n")
    print(f"{'':<34} {'polls/s':>15} {'changed':>10} {'us of CPU / poll':>17} {'ratio':>7} {'core':>9} "
          f"{'RSS MiB':>13}")
    print(f"{'':<34} {'bare':>7} {'cinta':>7} {'':>10} {'bare':>8} {'cinta':>8} {'':>7} {'cinta':>9} {'':>6} {'peak':>6}")
    rows = [
        ("500 instruments, nothing changes", 500, 500, 0, 8),
        ("500 instruments, some change", 500, 500, 58, 8),
        ("2000 instruments, nothing changes", 2000, 2000, 0, 16),
        ("2000 instruments, some change", 2000, 2000, 230, 16),
        ("5000 instruments, some change", 5000, 5000, 580, 32),
    ]
    if options.size == "smoke":
        rows = [("50 instruments, some change", 50, 50, 10, 4)]
    for row in rows:
        compare(options, *row, turns, warm_s, seconds)


if __name__ == "__main__":
    sys.exit(main())
