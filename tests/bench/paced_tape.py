"""The tape at a given rate, for measurements of latency.

    paced_tape.py READY_FILE INSTRUMENTS FRAMES RATE

The instruments change in turn, so that none changes twice within INSTRUMENTS / RATE seconds. The TV of each frame is
FIRST plus its number, by which a client recognizes it. GET /tape/sent returns the time at which each frame was given to
the socket (monotonic clock, nanoseconds).
"""
import itertools
import socket
import sys
import time

from tape import Tape, run

FIRST = 1_000_000_000  # greater than any TV of the snapshots
PAUSE_S = 0.0005  # frames that are due within it are sent together


class PacedTape(Tape):
    def __init__(self, instruments, frames, rate):
        super().__init__(instruments, frames)
        self.rate, self.sent = rate, []

    def record(self, market, instruments, frames):
        rows = [market.frame(n % instruments, volume=FIRST + n) for n in range(frames)]
        self.frames = b"".join(rows)
        self.offsets = [0, *itertools.accumulate(map(len, rows))]

    def control(self, path):
        return self.sent if path == "/tape/sent" else super().control(path)

    def play(self, connection):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        frames, count = memoryview(self.frames), len(self.offsets) - 1
        self.sent = []
        began = time.monotonic_ns()
        while len(self.sent) < count:
            done, now = len(self.sent), time.monotonic_ns()
            due = min(count, (now - began) * self.rate // 10**9 + 1)
            if due > done:
                connection.sendall(frames[self.offsets[done]:self.offsets[due]])
                self.sent += [now] * (due - done)
            else:
                time.sleep(max(PAUSE_S, (began + due * 10**9 // self.rate - now) / 1e9))


if __name__ == "__main__":
    run(PacedTape(*map(int, sys.argv[2:5])), sys.argv[1])
