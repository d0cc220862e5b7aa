"""Checks of event kinds, configuration keys, paths and cron lines that the documentation names.

Pure: each wrong_* function takes a page and the names that the program has, and returns a list of errors.
"""
import glob
import os
import re

import pages

EVENT_COLUMNS = ("`feed_log` kind", "reason")  # headings of table columns that name kinds of events
NAMED_EVENTS = re.compile(r"\b(?:[Ee]vents?|[Ee]ventos?) ((?:(?:, | and | or | y )?`\w+`)+)")
SOURCE_ENDINGS = ("md", "c", "h", "py")
ENVIRONMENT = {"http_proxy", "https_proxy", "all_proxy", "no_proxy"}  # environment variables
ROOMS = sorted({os.path.relpath(os.path.dirname(path), os.path.join(pages.SOURCE, "include"))
                for path in glob.glob(os.path.join(pages.SOURCE, "include", "**", "*.h"), recursive=True)})
SOURCE_PATH = re.compile(r"(?:scripts|docs|etc|tests|schema|src|include)/[\w./<>*-]+")
OUR_PATH = re.compile(r"(?<![\w.:/$~-])/(?:etc|var|usr|lib|run)/[\w./-]*cinta[\w./-]*")
CRON_FIELDS = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
CRON_LINE = re.compile(r"^((?:[\d*/,-]+\s+){5})(\S.*)$", re.M)
SAME_TIME = re.compile(r"(\d\d):(\d\d) UTC is (\d\d):(\d\d) in Argentina")


def cells(page):
    """(heading, cell) of each cell of each table."""
    for table in re.findall(r"^\|.*\|\n\|[-|: ]+\|\n(?:\|.*\|\n)+", page, re.M):
        heads, _, *rows = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in table.splitlines()]
        for row in rows:
            yield from zip((head.strip("| ") for head in heads), (cell.strip("| ") for cell in row))


def kinds_named(page):
    for head, cell in cells(page):
        if head in EVENT_COLUMNS:
            yield from re.findall(r"`(\w+)`", cell)
    for found in NAMED_EVENTS.findall(page):
        yield from re.findall(r"`(\w+)`", found)
    for one, several in re.findall(r"\bkind\s*(?:=\s*'(\w+)'|in\s*\(([^)]*)\))", page, re.I):
        yield from [one] if one else re.findall(r"'(\w+)'", several)


def wrong_kinds(page, kinds):
    return [f"no such kind of event: {kind}" for kind in kinds_named(page) if kind not in kinds]


def wrong_words(page, words):
    """Spans `like_this` are names; one that the program does not have was renamed or never existed."""
    named = {span for span in pages.spans(page) if re.fullmatch(r"[a-z]+(_[a-z0-9]+)+", span)}
    return [f"not in the program: {name}" for name in sorted(named - words - ENVIRONMENT)]


def wrong_keys(page, keys):
    """Spans `section.key` or `section.key = value`; any other name with a point is a file name."""
    sections, names = ({key.split(".")[n] for key in keys if "." in key} for n in (0, 1))
    complaints = []
    for span in pages.spans(page):
        found = re.match(r"([a-z_]+)\.([a-z_]+)(?= = |$)", span)
        like_a_key = found and (found[1] in sections or found[2] in names) and found[2] not in SOURCE_ENDINGS
        if like_a_key and found[0] not in keys:
            complaints.append(f"no such key: {found[0]}")
    for section in re.findall(r"\b(?:section|sección) `(\w+)`", page):
        if section not in sections:
            complaints.append(f"no such section: {section}")
    return complaints


def keys_of_manual(page):
    """section.key of each row of docs/configuration.md."""
    for title, text in re.findall(r"^## (.*)\n((?:(?!## ).*\n?)*)", page, re.M):
        for key in re.findall(r"^\| `(\w+)` \| (?!`\w+`, `)", text, re.M):
            if title != "the rest":
                yield f"{title}.{key}"
            elif "_" in key:  # the other table of that part lists sections
                yield key


def keys_of_man_page(page):
    """section.key of each entry of cinta.conf.5."""
    for title, text in re.findall(r"^\.SS (.*)\n((?:(?!\.S[SH] ).*\n?)*)", page, re.M):
        for key in re.findall(r"^\.TP\n\.B (\w+)$", text, re.M):
            yield key if title == "outside of all sections" else f"{title}.{key}"


def options_of_help(text):
    """{option: (letter, value)} of `cinta help COMMAND`; "" = none."""
    rows = re.findall(r"^ {2}(?:(-\w), | {4})(--[\w-]+)(?: (\S+))?(?: {2,}|$)", text, re.M)
    return {option: (letter, value) for letter, option, value in rows}


def options_of_man_page(page):
    """{command: {option: (letter, value)}} of the entries below .SS in cinta.1."""
    commands = {}
    for command, text in re.findall(r"^\.SS (\w+)\n((?:(?!\.S[SH] ).*\n)*)", page, re.M):
        commands[command] = {}
        for tag in re.findall(r"^\.TP\n\.BR? (.*)$", text, re.M):
            tag = re.sub(r"\\f[BIR]|\"", "", tag).replace("\\-", "-")
            for letter, option, value in re.findall(r"(?:(-\w) *, *)?(--[a-z][a-z-]*)(?: +([^\s,]+))?", tag):
                commands[command][option] = (letter, value)
    return commands


def wrong_options(command, help_text, page):
    """The man page has the same options, letters and values as the help; words to choose from have a name there."""
    has, told = options_of_help(help_text), options_of_man_page(page).get(command, {})
    complaints = [f"{command}: not in the man page: {option}" for option in has if option not in told]
    complaints += [f"{command}: no such option: {option}" for option in told if option not in has]
    for option in has.keys() & told.keys():
        (letter, value), (told_letter, told_value) = has[option], told[option]
        if letter != told_letter:
            complaints.append(f"{command}: {option} is also {letter or 'nothing'}, not {told_letter or 'nothing'}")
        if bool(value) != bool(told_value) or (value.isupper() and value != told_value):
            complaints.append(f"{command}: {option} takes {value or 'nothing'}, not {told_value or 'nothing'}")
    return complaints


def wrong_source_paths(page):
    """Folders, files and modules of the repository. <room>, x, NNN_name and NN-what-happens match any name."""
    complaints = []
    for span in pages.spans(page):
        path = span
        if span in ROOMS:
            continue
        if re.fullmatch(rf"(?:{'|'.join(ROOMS)})/\w+", span):
            path = f"[is][nr]c*/{span}.[ch]"
        elif not SOURCE_PATH.fullmatch(span):
            continue
        path = re.sub(r"<\w+>|NNN_name|\bNN-what-happens\b|\bx\b", "*", path)
        if not glob.glob(os.path.join(pages.SOURCE, path)):
            complaints.append(f"no such file here: {span}")
    return complaints


def wrong_paths(page, known):
    """Paths of an installed cinta; `known` are those of the program, its units and its package."""
    return [f"no such path: {path}" for path in OUR_PATH.findall(page) if path.rstrip("/.") not in known]


def is_field(text, low, high):
    for part in text.split(","):
        found = re.fullmatch(r"(?:\*|(\d+)(?:-(\d+))?)(?:/(\d+))?", part)
        if not found or any(number and not low <= int(number) <= high for number in found.groups()[:2]):
            return False
    return True


def cron_lines(page):
    """(line, text from the paragraph before it to the paragraph after it)."""
    for found in re.finditer(r"^```cron\n(.*?)^```\n", page, re.M | re.S):
        before, behind = page[:found.start()].rstrip().split("\n\n")[-1], page[found.end():].strip().split("\n\n")[0]
        for line in pages.without_comments(found[1]).strip().splitlines():
            yield line, f"{before}\n{behind}"
    for row in page.splitlines():
        for span in re.findall(r"`([^`]+)`", row):
            if CRON_LINE.match(span):
                yield span, row


def wrong_cron(page):
    return [f"{words}: {line}" for line, around in cron_lines(page) for words in wrong_cron_line(page, line, around)]


def wrong_cron_line(page, line, around):
    found = CRON_LINE.match(line)
    if not found:
        return ["not a line of cron"]
    complaints = []
    fields = found[1].split()
    if not all(is_field(field, *bounds) for field, bounds in zip(fields, CRON_FIELDS)):
        complaints.append("a field is out of its range")
    name = re.search(r"`/etc/cron\.d/([^`]*)`", around)
    if not name:
        complaints.append("the text does not name the file in /etc/cron.d")
    elif not re.fullmatch(r"[A-Za-z0-9_-]+", name[1]):
        complaints.append(f"cron ignores a file of this name: {name[1]}")
    if re.search(r"(?<!\\)%", line):
        complaints.append("an unescaped % ends the command in cron")
    return complaints + wrong_cron_command(page, line, found[2]) + wrong_cron_time(fields, around)


def wrong_cron_command(page, line, command):
    found = re.match(r"(root|cinta) +(/\S+)", command)
    if not found:
        return ["must have a user and the absolute path of the program"]
    prefix = "/usr/local" if line in page.partition("## Without systemd")[2] else "/usr"
    if found[2] != f"{prefix}/bin/cinta" and f"\n# {found[2]}: " not in page:  # or a script of the page
        return [f"neither {prefix}/bin/cinta nor a script of this page: {found[2]}"]
    return []


def wrong_cron_time(fields, around):
    """cron uses the machine's time zone, so the text must give a fixed time in UTC and in Argentine time."""
    if not fields[1].isdigit():
        return []
    told = SAME_TIME.search(" ".join(around.split()))
    if not told or "the machine's time zone" not in " ".join(around.split()):
        return ["the text does not give the time zone"]
    utc_h, utc_min, art_h, art_min = map(int, told.groups())
    if (utc_min, utc_h) != (int(fields[0]), int(fields[1])) or (art_h, art_min) != ((utc_h - 3) % 24, utc_min):
        return ["the text gives another time"]
    return []
