"""Parses the documentation pages: fenced blocks, the commands in them, and code spans in the text.

The language of a fence: sh for commands, `sh script` for a script file, cron, sql, python, js, conf for a part of the
configuration, faults for a fault file of the simulator, ini for a systemd unit, text for output.
"""
import os
import re
import shlex

import futures

SOURCE = os.environ["CINTA_SOURCE"]
LANGUAGES = ("sh", "cron", "sql", "python", "js", "conf", "faults", "ini", "text")
NEAR, FAR = "DLR/DIC26", "DLR/ENE27"  # the two futures in the pages; as_of_today replaces them
FENCE = re.compile(r"^```(\w*) ?(\w*)\n(.*?)^```\n(?:\n?^```text\n(.*?)^```)?", re.M | re.S)


def text_of(name):
    with open(os.path.join(SOURCE, name), encoding="utf-8") as file:
        return file.read()


def fences(page):
    """[(language, mark after the language, text, output fence that follows)], in the order of the page."""
    return FENCE.findall(page)


def blocks(page, language):
    """The fences of one language: [(mark, text, output)]."""
    return [found[1:] for found in fences(page) if found[0] == language]


def spans(page):
    """The code spans outside of fences, each joined to one line."""
    prose = FENCE.sub("", page)
    return [" ".join(span.split()) for span in re.findall(r"(?<!`)`([^`]+)`", prose)]


def without_comments(text):
    return re.sub(r"(^|[ \t]+)#.*$", "", text, flags=re.M)


def is_whole(text):
    try:
        shlex.split(text, comments=True)
    except ValueError:
        return False
    return not text.rstrip().endswith("\\")


def commands(text):
    """The commands of a fence, unchanged except for comments."""
    found, begun = [], ""
    for line in without_comments(text).splitlines():
        begun = f"{begun}\n{line}".lstrip("\n")
        if is_whole(begun):
            if begun.strip():
                found.append(begun.strip())
            begun = ""
    assert not begun, f"incomplete command: {begun}"
    return found


def by_maturity(symbols):
    found = [re.fullmatch(r"DLR/([A-Z]{3})(\d\d)", symbol) for symbol in symbols]
    return [m.group() for m in sorted(filter(None, found), key=lambda m: (m.group(2), futures.MONTHS.index(m.group(1))))]


def as_of_today(text, near, far):
    """The text with the two futures of the page replaced by two that are listed now."""
    names = {NEAR: near, FAR: far}
    return re.sub("|".join(names), lambda found: names[found.group()], text)
