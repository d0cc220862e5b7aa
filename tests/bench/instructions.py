#!/usr/bin/env python3
"""Checks that the instructions of a decoded message and of a stored row have not risen by more than RISE.

    instructions.py [--build DIR]              counts and compares with the baseline
    instructions.py [--build DIR] --update     writes the baseline of this compiler and machine
    instructions.py [--build DIR] --self-test  tests that a rise is found

It builds bench_count (count.c) in the release preset and runs it under valgrind, which counts exactly: unlike times,
the counts do not depend on what else runs. The baselines are in instructions/<compiler>-<version>-<machine>.json. Our
own code is compared always; the whole, with the libraries, only if these are the same packages as in the baseline.
Exit status 77: nothing was compared, because valgrind or the baseline is missing.
"""
import argparse
import json
import os
import pathlib
import platform
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
BASELINES = ROOT / "tests/bench/instructions"
RISE = 0.05
SKIPPED = 77
PACKAGES = ("libc6", "libcjson1", "libsqlite3-0", "libsqlite3-0t64")
JOBS = {  # job of bench_count: how many, and what one is
    "frame": (1000, "decoded frame of the Primary API"),
    "line": (1000, "decoded line of the browser terminal"),
    "row": (1024, "stored row"),
}


# -- counting

def add_up(text, program):
    """(instructions of the program's own code, all instructions) of a file in callgrind's format without compression."""
    own = total = 0
    ours = called = False
    for line in text.splitlines():
        if line.startswith("ob="):
            ours = os.path.basename(line[3:]) == program
        elif line.startswith("calls="):
            called = True  # the next line is the cost of what is called
        elif line and line[0] in "0123456789+-*":
            if not called:
                cost = int(line.split()[1])
                total, own = total + cost, own + cost * ours
            called = False
    return own, total


def count(build, job, times=1):
    """{"own": instructions each, "all": instructions each}."""
    how_many = JOBS[job][0]
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "out")
        last = os.path.join(folder, "cinta.db") if job == "row" else str(times)
        subprocess.run(["valgrind", "-q", "--tool=callgrind", "--callgrind-out-file=" + out, "--toggle-collect=counted",
                        "--compress-strings=no", "--compress-pos=no", build / "bench_count", job, str(how_many), last],
                       check=True)
        with open(out, encoding="utf-8") as file:
            own, total = add_up(file.read(), "bench_count")
    return {"own": round(own / how_many), "all": round(total / how_many)}


# -- the baseline

def compiler(build):
    """Such as gcc-12."""
    with open(build / "CMakeCache.txt", encoding="utf-8") as file:
        path = next(line.split("=", 1)[1].strip() for line in file if line.startswith("CMAKE_C_COMPILER:"))
    macros = subprocess.run([path, "-dM", "-E", "-"], input="", capture_output=True, text=True, check=True).stdout
    found = dict(line.split(" ", 2)[1:] for line in macros.splitlines() if line.count(" ") >= 2)
    return "clang-" + found["__clang_major__"] if "__clang_major__" in found else "gcc-" + found["__GNUC__"]


def packages():
    """The versions of the libraries, or "" where they are not Debian packages."""
    try:
        out = subprocess.run(["dpkg-query", "-W", "-f", "${db:Status-Status} ${Package} ${Version}\n", *PACKAGES],
                             capture_output=True, text=True, check=False).stdout
    except OSError:
        return ""
    return " ".join(line.split(" ", 1)[1].replace(" ", "=") for line in sorted(out.splitlines())
                    if line.startswith("installed "))


def compare(baseline, counts, same_libraries):
    """[(line of text, whether it has risen too much)]"""
    lines = []
    for job, (_, what) in JOBS.items():
        for part, words in (("own", "our code"), ("all", "with libraries")):
            before, now = baseline.get(job, {}).get(part), counts[job][part]
            if not before:
                lines.append((f"{what}, {words}: {now:,} instructions; the baseline has none", True))
                continue
            rise = now / before - 1
            checked = part == "own" or same_libraries
            note = "" if checked else "; not compared, the libraries are other versions"
            risen = checked and rise > RISE
            note += f": more than {RISE:.0%}" if risen else ""
            lines.append((f"{what}, {words}: {now:,} instructions, {before:,} before, {rise:+.1%}{note}", risen))
    return lines


def report(lines, path):
    for text, risen in lines:
        print(("RISEN  " if risen else "       ") + text)
    if any(risen for _, risen in lines):
        print(f"instructions: more than before. If that is intended, run {pathlib.Path(__file__).relative_to(ROOT)} --update"
              f" and commit {path.relative_to(ROOT)} with the reason")
        return 1
    return 0


def check(path, counts):
    if not path.exists():
        print(f"instructions: there is no {path.relative_to(ROOT)} for this compiler: "
              f"{pathlib.Path(__file__).relative_to(ROOT)} --update writes it")
        return SKIPPED
    with open(path, encoding="utf-8") as file:
        baseline = json.load(file)
    return report(compare(baseline, counts, baseline.get("libraries") == packages()), path)


def update(path, counts):
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps({"libraries": packages(), **counts}, indent=1) + "\n", encoding="utf-8")
    print(f"instructions: {path.relative_to(ROOT)} written")
    return 0


# -- self-test

SAMPLE = """ob=/x/bench_count
fn=counted
1 10
cob=/lib/libc.so.6
cfn=memcpy
calls=1 0
2 500
3 7
ob=/lib/libc.so.6
fn=memcpy
9 500
"""


def self_test(build):
    assert add_up(SAMPLE, "bench_count") == (17, 517)
    once = {job: count(build, job) for job in ("frame", "line")}
    twice = {job: count(build, job, times=2) for job in once}
    again = {job: count(build, job) for job in once}
    full = lambda counts: {**counts, "row": {"own": 100, "all": 100}}
    risen = lambda before, now, same=True: [bad for _, bad in compare(full(before), full(now), same)]
    assert once == again, "the counts of two runs differ"
    assert all(found["own"] > 500 and found["all"] >= found["own"] for found in once.values()), once
    assert risen(once, once) == [False] * 6
    assert risen(once, twice) == [True] * 4 + [False] * 2, "each message was decoded twice, and no rise was found"
    assert risen(once, twice, same=False) == [True, False] * 2 + [False] * 2
    assert risen({}, once)[:4] == [True] * 4
    slightly = {job: {part: round(value * 1.04) for part, value in found.items()} for job, found in once.items()}
    assert risen(once, slightly) == [False] * 6
    print("instructions: a rise is found")
    return 0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build/release")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--update", action="store_true")
    what.add_argument("--self-test", action="store_true")
    options = parser.parse_args()
    try:
        subprocess.run(["valgrind", "--version"], stdout=subprocess.DEVNULL, check=True)
    except (OSError, subprocess.CalledProcessError):
        print("instructions: valgrind is not installed: scripts/setup test installs it")
        return SKIPPED
    subprocess.run([ROOT / "scripts/build", "release", "bench_count"], check=True)
    if options.self_test:
        return self_test(options.build)
    counts = {job: count(options.build, job) for job in JOBS}
    path = BASELINES / f"{compiler(options.build)}-{platform.machine()}.json"
    return update(path, counts) if options.update else check(path, counts)


if __name__ == "__main__":
    sys.exit(main())
