"""Quotes per second of the two dialects' decoders alone, on one core, in turns.

Each result is the median of its turns. The lines of the browser terminal must reach LINES_PER_S, full messages of the
Primary API FRAMES_PER_S.
"""
import argparse
import statistics
import subprocess
import sys

import service

LINES_PER_S = 1.5e6
FRAMES_PER_S = 1e6
NAMES = {"lines": "terminal, a line per message", "lists": "terminal, 50 lines per message",
         "frames": "Primary API, one level, 420 bytes", "full_frames": "Primary API, five levels, 640 bytes",
         "answers": "the same as answers to requests"}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--helper", required=True)
    options = service.arguments(parser)
    quotes, rounds = {"full": (500000, 7), "quick": (200000, 3), "smoke": (5000, 1)}[options.size]
    out = subprocess.run([options.helper, str(quotes), str(rounds)], check=True, capture_output=True, text=True).stdout
    us = {name: [] for name in NAMES}
    for line in out.splitlines():
        name, value = line.split()
        if name.endswith("_thread_us"):
            us[name.removesuffix("_thread_us")].append(float(value))
    print(f"\nDecoding of {quotes} quotes with all entries\n")
    print(f"{'':<32} {'quotes/s':>10} {'us of CPU':>10}")
    pace = {name: 1e6 / statistics.median(values) for name, values in us.items()}
    for name, per_s in pace.items():
        print(f"{NAMES[name]:<32} {per_s:>10,.0f} {1e6 / per_s:>10.3f}")
    if options.size != "smoke" and pace["full_frames"] < FRAMES_PER_S:
        sys.exit(f"full frames: fewer than {FRAMES_PER_S:,.0f} frames per second")
    if options.size != "smoke" and min(pace["lines"], pace["lists"]) < LINES_PER_S:
        sys.exit(f"lines: fewer than {LINES_PER_S:,.0f} lines per second")


if __name__ == "__main__":
    main()
