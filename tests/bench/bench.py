"""Measures cinta, what users run today and the limits, in one run and one table; scripts/bench builds and starts it.

    bench.py --build DIR [--node-modules DIR] [--python PROGRAM] [--quick | --smoke] [--turns N] [--json FILE]
             [--write-docs DIR] [JOB ...]

Each figure is the median of its turns; the subjects of a row run in turns (A B C A B C ...), because absolute times vary
between runs, and ratios within one run hardly do. A job without Node or Python is measured without them.

--write-docs writes the table into performance.md in DIR, between its markers, and the chart beside it.
"""
import argparse
import datetime
import json
import os
import platform
import signal
import subprocess
import sys
import time

import chart
import export
import growth
import lag
import lines
import poll
import reference
import relay
import sink
import store
import stream
import table

JOBS = {"poll": poll, "stream": stream, "lines": lines, "store": store, "relay": relay, "export": export, "lag": lag,
        "growth": growth, "reference": reference, "sink": sink}
TURNS = {"full": 5, "quick": 1, "smoke": 1}
BEGIN, END = "<!-- bench: table begins -->", "<!-- bench: table ends -->"


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("jobs", nargs="*", metavar="JOB", help=", ".join(JOBS))
    parser.add_argument("--build", required=True, help="folder of cinta and of the helpers")
    parser.add_argument("--node-modules", default="", help="folder with ws, better-sqlite3 and undici, or with ws only")
    parser.add_argument("--python", default="", help="a Python with requests and websocket-client")
    parser.add_argument("--dir", help="folder for the databases")
    parser.add_argument("--json", help="file for the result")
    parser.add_argument("--write-docs", metavar="DIR", help="folder of performance.md")
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--quick", action="store_const", dest="size", const="quick", default="full",
                      help="one short turn each")
    parser.add_argument("--turns", type=int, choices=range(1, 100), metavar="N", help="turns of each, instead of 5 or 1")
    size.add_argument("--smoke", action="store_const", dest="size", const="smoke", help="only to check that it works")
    options = parser.parse_args()
    unknown = [job for job in options.jobs if job not in JOBS]
    if unknown:
        parser.error(f"no such job: {', '.join(unknown)}; there are {', '.join(JOBS)}")
    if options.write_docs and options.jobs:
        parser.error("--write-docs needs all jobs: the table would lack the others")
    options.cinta, options.turns = os.path.join(options.build, "cinta"), options.turns or TURNS[options.size]
    has = lambda *packages: options.node_modules and all(
        os.path.isdir(os.path.join(options.node_modules, package)) for package in packages)
    options.node_ws, options.node = has("ws"), has("ws", "better-sqlite3", "undici")
    return options


def machine():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        model = next((line.split(":", 1)[1].strip() for line in file if line.startswith("model name")), platform.machine())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    with open("/etc/os-release", encoding="utf-8") as file:
        system = next((line.split("=", 1)[1].strip().strip('"') for line in file if line.startswith("PRETTY_NAME=")), "")
    return f"{model}, {len(os.sched_getaffinity(0))} cores, {memory:.0f} GiB, {system}, Linux {platform.release()}"


def version(*argv):
    try:
        return subprocess.run(argv, capture_output=True, text=True, check=True).stdout.strip().splitlines()[0]
    except (OSError, subprocess.CalledProcessError, IndexError):
        return ""


def measure(options):
    rows = []
    for name in options.jobs or JOBS:
        began = time.monotonic()
        found = JOBS[name].run(options)
        print(f"\n{name}: {time.monotonic() - began:.0f} s\n{table.as_text(found)}", flush=True)
        rows += found
    return rows


def result(options, rows):
    """The whole run, for --json and for the documentation."""
    return {
        "cinta": version(options.cinta, "--version"), "size": options.size, "turns": options.turns,
        "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC"), "machine": machine(),
        "programs": [words for words in (options.node and "Node " + version("node", "--version"),
                                         options.python and version(options.python, "--version"),
                                         "sqlite3 " + version("sqlite3", "--version").split(" ")[0]) if words],
        "rows": [row.json() for row in rows]}


# -- documentation

def section(run, rows):
    missing = [name for name in (table.NODE, table.PYTHON) if not any(row.median(name) for row in rows)]
    without = f" Measured without {' and '.join(missing)}." if missing else ""
    short = "" if run["size"] == "full" else "short "
    turns = f"one {short}turn" if run["turns"] == 1 else f"{run['turns']} {short}turns"
    chart_line = "![cinta compared with other programs and with the limit](performance.svg)\n\n"
    return (f"{run['cinta']}, {run['date']}: {run['machine']}; {', '.join(run['programs'])}. Medians of {turns}.{without}\n\n"
            f"{chart_line}{table.as_markdown(rows)}\n\n`of limit` is the share of the limit that cinta reaches. The limits:\n\n"
            f"{table.limits(rows)}")


def replace(document, text):
    """The document with `text` between its markers."""
    head, found, rest = document.partition(BEGIN)
    _, ended, tail = rest.partition(END)
    if not found or not ended:
        raise SystemExit(f"performance.md has no lines {BEGIN} and {END}: write them where the table belongs")
    return f"{head}{BEGIN}\n{text}\n{END}{tail}"


def write(path, text):
    with open(path + ".new", "w", encoding="utf-8") as file:
        file.write(text)
    os.rename(path + ".new", path)


def write_docs(folder, run, rows):
    path = os.path.join(folder, "performance.md")
    with open(path, encoding="utf-8") as file:
        document = replace(file.read(), section(run, rows))
    drawn = chart.draw(rows)
    if drawn:
        write(os.path.join(folder, "performance.svg"), drawn)
    write(path, document)


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what runs is ended, and the databases are removed
    options = arguments()
    rows = measure(options)
    run = result(options, rows)
    if options.json:
        write(options.json, json.dumps(run, indent=1, ensure_ascii=False) + "\n")
    if options.size != "smoke":
        print(f"\n{run['cinta']}, {run['machine']}; {', '.join(run['programs'])}\n{table.as_text(rows)}")
    if options.write_docs:
        write_docs(options.write_docs, run, rows)


if __name__ == "__main__":
    sys.exit(main())
