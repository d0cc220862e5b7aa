"""The sink against a real nats-server: how fast it makes up for an outage, and what it adds to the age of a change.

    CINTA=build/release/cinta python3 tests/bench/sink.py [--seconds N] [--rate R]
"""
import argparse
import os
import statistics
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "wire"))
import nats  # noqa: E402
import publishing  # noqa: E402


class Bench(publishing.SinkTest):
    seconds, rate = 10, 3000

    def runTest(self):
        self.server.start()
        port, self.server.port = self.server.port, 1  # nobody listens there: the changes wait in the database
        self.start_sim("--instruments", "200", "--rate", str(self.rate))
        self.configure_sink("rate = 1000000", store="commit_every = 0.05")
        self.start_run()
        self.until_recorded(self.rate * self.seconds)
        self.stop_run()
        self.server.port = port
        self.configure_sink("rate = 1000000", store="commit_every = 0.05")
        self.post("sim/market?rate=0")
        self.start_run()
        self.until(lambda: self.sink().get("published", 0) > 0, "the first message")
        first, began = self.sink()["published"], time.monotonic()
        self.until(lambda: self.sink().get("behind") == 0, "the backlog is published")
        took, messages = time.monotonic() - began, self.sink()["published"] - first
        print(f"backlog: {messages} messages in {took:.2f} s, {messages / took:.0f}/s")
        self.post(f"sim/market?rate={self.rate}")
        print("live: ms from the arrival of a change to its arrival at a subscriber: " + self.ages())
        self.stop_run()

    def ages(self):
        client = self.client()
        client._send(b"SUB md.*.*.* 77\r\n")
        ages, until = [], time.monotonic() + self.seconds
        while time.monotonic() < until:
            _, _, headers, _ = client._message()
            ages.append((time.time_ns() - int(headers["Cinta-Ts-Recv"])) / 1e6)
        ages = sorted(ages[len(ages) // 10:])  # without the first ones, which had waited
        return (f"{len(ages)} changes, median {statistics.median(ages):.1f}, 99 % {ages[len(ages) * 99 // 100]:.1f}, "
                f"longest {ages[-1]:.1f}; store.commit_every = 0.05 s is in it")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=int, default=Bench.seconds)
    parser.add_argument("--rate", type=int, default=Bench.rate)
    options = parser.parse_args()
    Bench.seconds, Bench.rate = options.seconds, options.rate
    result = Bench().run()
    for _, text in result.errors + result.failures:
        print(text)
    return 0 if result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main())
