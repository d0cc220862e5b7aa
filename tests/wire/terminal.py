"""Runs a command at a terminal of a given size and reads its output."""
import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
import time

import wire

FRAME = "\033[?7l\033[H"  # `cinta quotes --watch` begins each frame with this
ESCAPE = re.compile(r"\033\[[?0-9;]*[A-Za-z]")


class Terminal:
    def __init__(self, test, columns, rows, *arguments):
        self.master, slave = pty.openpty()
        self.resize(columns, rows, slave)
        self.child = subprocess.Popen([wire.CINTA, *arguments], stdin=slave, stdout=slave, stderr=slave,
                                      start_new_session=True,
                                      preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        os.close(slave)
        self.text = ""
        test.addCleanup(self.end)

    def end(self):
        if self.child.poll() is None:
            self.child.kill()
            self.child.wait()
        if self.master >= 0:
            os.close(self.master)
            self.master = -1

    def resize(self, columns, rows, fd=None):
        """The kernel sends SIGWINCH to the program."""
        size = struct.pack("HHHH", rows, columns, 0, 0)
        fcntl.ioctl(self.master if fd is None else fd, termios.TIOCSWINSZ, size)

    def read(self, enough, timeout=wire.PATIENCE_S):
        """Reads until enough(text) is true or the program ends; returns the text."""
        deadline = time.monotonic() + timeout
        while not enough(self.text):
            ready, _, _ = select.select([self.master], [], [], max(0, deadline - time.monotonic()))
            assert ready, f"not in {timeout} s: {self.text!r}"
            try:
                got = os.read(self.master, 65536)
            except OSError:  # EIO: the other side was closed
                got = b""
            if not got:
                break
            self.text += got.decode().replace("\r\n", "\n")
        return self.text

    def frames(self, count):
        """Waits for `count` complete frames; returns the lines of each."""
        text = self.read(lambda text: text.count(FRAME) > count)
        return [ESCAPE.sub("", frame).rstrip("\n").split("\n") for frame in text.split(FRAME)[1:-1]]


def run(test, columns, *arguments):
    """The exit status and the lines of a command at a terminal of that width."""
    terminal = Terminal(test, columns, 50, *arguments)
    text = terminal.read(lambda _: False)
    return terminal.child.wait(60), text.splitlines()
