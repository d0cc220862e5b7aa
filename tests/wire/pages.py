"""The pages for people, cut into what can be tried: fences, commands, and what is named in passing.

A fence says its language: sh for commands, `sh script` for a file of them, cron, sql, python, js, conf for a piece
of the configuration, faults for the simulator's, ini for systemd's, text for what is shown.
"""
import os
import re
import shlex

SOURCE = os.environ["CINTA_SOURCE"]
LANGUAGES = ("sh", "cron", "sql", "python", "js", "conf", "faults", "ini", "text")
NEAR, FAR = "DLR/DIC26", "DLR/ENE27"  # as the pages call the two futures, whatever year it is
MONTHS = ("ENE", "FEB", "MAR", "ABR", "MAY", "JUN", "JUL", "AGO", "SEP", "OCT", "NOV", "DIC")
FENCE = re.compile(r"^```(\w*) ?(\w*)\n(.*?)^```\n(?:\n?^```text\n(.*?)^```)?", re.M | re.S)


def text_of(name):
    with open(os.path.join(SOURCE, name), encoding="utf-8") as file:
        return file.read()


def fences(page):
    """[(language, what is said behind it, text, the table that follows)], in their order."""
    return FENCE.findall(page)


def blocks(page, language):
    """The fences of one language, without it."""
    return [found[1:] for found in fences(page) if found[0] == language]


def spans(page):
    """What stands between backticks outside of fences, on one line each."""
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
    """The commands of a fence, each as it stands there, without comments."""
    found, begun = [], ""
    for line in without_comments(text).splitlines():
        begun = f"{begun}\n{line}".lstrip("\n")
        if is_whole(begun):
            if begun.strip():
                found.append(begun.strip())
            begun = ""
    assert not begun, f"no end: {begun}"
    return found


def by_maturity(symbols):
    found = [re.fullmatch(r"DLR/([A-Z]{3})(\d\d)", symbol) for symbol in symbols]
    return [m.group() for m in sorted(filter(None, found), key=lambda m: (m.group(2), MONTHS.index(m.group(1))))]


def as_of_today(text, near, far):
    """With the two futures that are listed now in place of the page's."""
    names = {NEAR: near, FAR: far}
    return re.sub("|".join(names), lambda found: names[found.group()], text)
