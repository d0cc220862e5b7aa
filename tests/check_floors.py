"""Checks that a floor includes only lower floors, and that headers include no third-party header.

    check_floors.py ROOT          checks the tree
    check_floors.py --self-test   tests the check itself
"""
import pathlib
import re
import sys
import tempfile

# Each floor, and the floors that it may include.
FLOORS = {
    "base": {"base"},
    "market": {"base", "market"},
    "primary": {"base", "market", "primary"},
    "net": {"base", "net"},
    "store": {"base", "market", "store"},
    "serve": {"base", "market", "primary", "net", "store", "serve"},
    "export": {"base", "market", "store", "export"},
    "sim": {"base", "market", "primary", "net", "store", "serve", "sim"},
    "app": {"base", "market", "primary", "net", "store", "app"},
    "cli": {"base", "market", "primary", "net", "store", "serve", "export", "sim", "app",
            "cli"},
}
THIRD_PARTY = {"ev.h", "sqlite3.h", "libwebsockets.h", "confuse.h", "cJSON.h", "cjson/cJSON.h",
               "zlib.h", "zstd.h"}
# Pure floors do no I/O, read no clock and do not log.
IMPURE = {"base/log.h", "sys/socket.h", "pthread.h", "unistd.h", "fcntl.h", "time.h", "stdio_ext.h"}
PURE = {"market", "primary"}

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.M)


def problems(root):
    root = pathlib.Path(root)
    found = []
    for path in sorted([*root.glob("src/*/*.[ch]"), *root.glob("include/*/*.h")]):
        floor = path.parent.name
        place = path.relative_to(root)
        if floor not in FLOORS:
            found.append(f"{place}: unknown floor {floor}")
            continue
        for quote, name in INCLUDE.findall(path.read_text(encoding="utf-8")):
            target = name.split("/")[0]
            if quote == '"' and target not in FLOORS[floor]:
                found.append(f"{place}: {floor} may not include {name}")
            if path.parts[-3] == "include" and (name in THIRD_PARTY or name.startswith("curl/")):
                found.append(f"{place}: a header may not include {name}")
            if floor in PURE and name in IMPURE:
                found.append(f"{place}: {floor} is pure and may not include {name}")
    return found


def self_test():
    cases = {
        "src/base/a.c": ('#include "base/a.h"\n#include <string.h>\n', 0),
        "src/base/b.c": ('#include "market/quote.h"\n', 1),
        "src/market/c.c": ('#include "base/log.h"\n', 1),
        "src/market/d.c": ('#include "primary/decode.h"\n', 1),
        "src/net/e.c": ('#include <curl/curl.h>\n', 0),
        "include/net/f.h": ('#include <curl/curl.h>\n', 1),
        "include/store/g.h": ('  #  include <sqlite3.h>\n', 1),
        "src/app/h.c": ('#include "sim/broker.h"\n', 1),
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
