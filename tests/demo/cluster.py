"""scripts/demo --cluster: three nats-servers, two recorders and a replica on this machine. The server that leads the
stream is killed, then the recorder that has the lease; then all rows of the recorders and of the replica are compared
with all messages of the stream.

    cluster.py --cinta FILE [--seconds N] [--dir D]

Exit status: 0 nothing was lost; 1 something was, or the demo failed; 2 wrong usage; 130 interrupted.
"""
import argparse
import contextlib
import os
import shutil
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "wire"))
import nats  # noqa: E402
from output import show  # noqa: E402
from processes import Failed, Interrupts  # noqa: E402
from steps import Demo  # noqa: E402


def parse(argv):
    parser = argparse.ArgumentParser(prog="demo")
    parser.add_argument("--cinta", required=True)
    parser.add_argument("--seconds", type=int, default=0)
    parser.add_argument("--dir")
    options = parser.parse_args(argv)
    options.seconds = options.seconds or 12
    return options


def make_folder(path):
    """The folder of the files, and whether they stay."""
    if not path:
        return tempfile.mkdtemp(prefix="cinta-demo-"), False
    os.makedirs(path, exist_ok=True)
    if os.listdir(path):
        raise Failed(f"{path} is not empty: name a folder that does not exist, or an empty one")
    return os.path.abspath(path), True


def show_failure(failure, demo):
    for name, path in demo.logs():
        with open(path, encoding="utf-8", errors="replace") as file:
            for line in file.read().splitlines()[-5:]:
                print(f"{name}: {line}", file=sys.stderr)
    print(f"demo: {failure}", file=sys.stderr)


def perform(folder, options, interrupts):
    """The exit status."""
    demo = Demo(folder, options, interrupts)
    try:
        holds = demo.run()
        interrupts.ignore()
        for child in demo.end():
            raise Failed(f"{child.name} ended with status {child.process.returncode}")
        return 0 if holds else 1
    except KeyboardInterrupt:
        with contextlib.suppress(KeyboardInterrupt):
            show("\ninterrupted: nothing was compared")
        return 130
    except Exception as failure:  # also of the servers and of the operating system
        show_failure(failure, demo)
        return 1
    finally:
        interrupts.ignore()
        demo.end()


def main(argv):
    options = parse(argv)
    if not nats.SERVER:
        sys.exit("demo: nats-server is not installed: apt-get install nats-server")
    interrupts = Interrupts()
    try:
        folder, keep = make_folder(options.dir)
    except (Failed, OSError) as failure:
        sys.exit(f"demo: {failure}")
    status = perform(folder, options, interrupts)
    if keep or status == 1:
        print(f"files:          {folder}")
    else:
        shutil.rmtree(folder)
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
