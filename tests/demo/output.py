"""What the demo prints."""
import os
import sys


def show(text):
    """Nobody reads it any more, if the terminal or the pipe was closed: the same as an interrupt."""
    try:
        print(text, flush=True)
    except OSError:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")
        raise KeyboardInterrupt from None
