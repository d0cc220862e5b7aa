"""Checks that a room includes only lower rooms, and that headers include no third-party header.

    check_floors.py ROOT          checks the tree
    check_floors.py --self-test   tests the check itself
"""
import pathlib
import re
import sys
import tempfile

# The rooms from the bottom to the top: each with the rooms above which it stands directly. It may include these, the
# ones below them, and itself.
ROOMS = {
    "base": [],
    "files": ["base"],
    "market": ["base"],
    "primary": ["market"],
    "matriz": ["market"],
    "net": ["base"],
    "nats": ["files"],
    "config": ["primary", "matriz", "files"],
    "store": ["market", "files"],
    "store/read": ["store"],
    "store/write": ["store/read"],
    "sink": ["nats", "config", "store/read"],
    "lease": ["sink"],
    "record": ["primary", "net", "store/write"],
    "replica": ["sink", "record"],
    "broker": ["record", "config"],
    "feed": ["broker"],
    "serve": ["primary", "net"],
    "export": ["store/write"],
    "merge": ["store/write"],
    "api": ["broker", "serve", "export"],
    "service": ["feed", "api", "lease", "replica"],
    "setup": ["broker"],
    "doctor": ["broker", "matriz", "lease", "replica"],
    "sim": ["serve", "config", "matriz"],
    "cli": ["service", "setup", "doctor", "sim", "export", "merge"],
}


def reachable(room):
    """The rooms that a room may include."""
    return {room}.union(*(reachable(below) for below in ROOMS[room]))


THIRD_PARTY = {"ev.h", "sqlite3.h", "libwebsockets.h", "confuse.h", "cJSON.h", "cjson/cJSON.h", "nats/nats.h",
               "zlib.h", "zstd.h"}
# Pure rooms do no I/O, read no clock and do not log.
IMPURE = {"base/log.h", "sys/socket.h", "pthread.h", "unistd.h", "fcntl.h", "time.h", "stdio_ext.h"}
PURE = {"market", "primary", "matriz"}

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.M)


def problems(root):
    root = pathlib.Path(root)
    found = []
    for path in sorted([*root.glob("src/**/*.[ch]"), *root.glob("include/**/*.h")]):
        place = path.relative_to(root)
        room = "/".join(place.parts[1:-1])
        if room not in ROOMS:
            found.append(f"{place}: unknown room {room}")
            continue
        for quote, name in INCLUDE.findall(path.read_text(encoding="utf-8")):
            target = name.rpartition("/")[0]
            if quote == '"' and target not in reachable(room):
                found.append(f"{place}: {room} may not include {name}")
            if place.parts[0] == "include" and (name in THIRD_PARTY or name.startswith("curl/")):
                found.append(f"{place}: a header may not include {name}")
            if room in PURE and name in IMPURE:
                found.append(f"{place}: {room} is pure and may not include {name}")
    return found


def self_test():
    cases = {
        "src/base/a.c": ('#include "base/a.h"\n#include <string.h>\n', 0),
        "src/base/b.c": ('#include "market/quote.h"\n', 1),
        "src/market/c.c": ('#include "base/log.h"\n', 1),
        "src/market/d.c": ('#include "primary/decode.h"\n', 1),
        "src/matriz/l.c": ('#include "primary/decode.h"\n#include <unistd.h>\n', 2),
        "src/net/e.c": ('#include <curl/curl.h>\n', 0),
        "include/net/f.h": ('#include <curl/curl.h>\n', 1),
        "include/store/g.h": ('  #  include <sqlite3.h>\n', 1),
        "src/service/h.c": ('#include "sim/broker.h"\n', 1),
        "src/store/read/j.c": ('#include "store/schema.h"\n', 0),
        "src/store/k.c": ('#include "store/read/reader.h"\n', 1),
        "src/odd/i.c": ("", 1),
    }
    for name, (text, expected) in cases.items():
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, name)
            path.parent.mkdir(parents=True)
            path.write_text(text, encoding="utf-8")
            found = problems(folder)
            assert len(found) == expected, (name, found)


def main():
    if sys.argv[1:] == ["--self-test"]:
        self_test()
        return 0
    found = problems(sys.argv[1])
    print("\n".join(found) or "all includes are allowed")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
