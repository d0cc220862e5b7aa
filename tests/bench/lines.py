"""Messages per second of the decoders alone, on one core: the same quotes with all entries in each form (lines.c)."""
import os
import subprocess

from table import CINTA, MORE, Row, Target

SIZES = {"full": 300000, "quick": 100000, "smoke": 2000}
NAMES = {"lines": ("terminal, a line per message", 1.5e6), "lists": ("terminal, 50 lines per message", 1.5e6),
         "frames": ("Primary API, one level, 420 bytes", None),
         "full_frames": ("Primary API, five levels, 640 bytes", 1e6),
         "answers": ("the same as answers to requests", None)}


def run(options):
    """The rounds are the turns: the helper measures one form after the other in each."""
    out = subprocess.run([os.path.join(options.build, "bench_lines"), str(SIZES[options.size]), str(options.turns)],
                         check=True, capture_output=True, text=True).stdout
    found = {}
    for name, value in map(str.split, out.splitlines()):
        if name.endswith("_thread_us"):
            found.setdefault(name.removesuffix("_thread_us"), []).append(1e6 / float(value))
    return [Row("decoding", NAMES[name][0], "quotes/s", MORE, {CINTA: values},
                targets=(Target(NAMES[name][1]),) if NAMES[name][1] else ()) for name, values in found.items()]
