"""The table of the benchmark: rows with the figures of cinta, of what users run today, and of the limit; and targets.

A row has a list of figures for each subject, one of each turn; the table shows their medians.
"""
import dataclasses
import statistics

CINTA, NODE, PYTHON, SQLITE3, LIMIT = "cinta", "Node", "Python", "sqlite3", "limit"
PEERS = (NODE, PYTHON, SQLITE3)
MORE, LESS = "more", "less"


@dataclasses.dataclass
class Target:
    """At least `factor` times as good as `than`, another subject; or, without one, the value that must be reached."""
    factor: float
    than: str = ""


@dataclasses.dataclass
class Row:
    job: str
    figure: str
    unit: str
    better: str  # MORE or LESS
    values: dict  # subject: its figures, one of each turn
    limit: str = ""  # what the limit is
    targets: tuple = ()

    def median(self, subject):
        found = self.values.get(subject)
        return statistics.median(found) if found else None

    def times_as_good(self, subject):
        """How many times as good cinta is; None if either was not measured."""
        ours, other = self.median(CINTA), self.median(subject)
        if not ours or not other:
            return None
        return ours / other if self.better == MORE else other / ours

    def judge(self, target):
        """(the target in words, whether it is met: None if it cannot be said)."""
        ours = self.median(CINTA)
        if not target.than:
            sign = "≥" if self.better == MORE else "≤"
            met = None if ours is None else ours >= target.factor if self.better == MORE else ours <= target.factor
            return f"{sign} {number(target.factor)} {self.unit}", met
        times = self.times_as_good(target.than)
        words = f"{number(target.factor)} × {target.than}"
        if target.factor < 1 and self.better == LESS:
            words = f"≤ {number(1 / target.factor)} × {target.than}"
        elif target.than == LIMIT:
            words = f"≥ {words}"
        return words, None if times is None else times >= target.factor

    def json(self):
        spread = {name: {"median": self.median(name), "least": min(found), "most": max(found), "turns": len(found)}
                  for name, found in self.values.items() if found}
        return {"job": self.job, "figure": self.figure, "unit": self.unit, "better": self.better, "values": spread,
                "limit": self.limit, "targets": [dict(zip(("target", "met"), self.judge(t))) for t in self.targets]}


def row(job, figure, unit, better, results, key, **more):
    """A row of the figures `key` of results, {subject: [{key: figure, ...} of each turn]}."""
    values = {name: [turn[key] for turn in turns if turn.get(key) is not None] for name, turns in results.items()}
    return Row(job, figure, unit, better, {name: found for name, found in values.items() if found}, **more)


def in_turns(turns, subjects):
    """Runs {name: function} in turns (A B C A B C ...); returns {name: [what the function returned]}."""
    results = {name: [] for name in subjects}
    for _ in range(turns):
        for name, run in subjects.items():
            results[name].append(run())
    return results


# -- text

def number(value):
    """Three significant digits, no exponent: 1234567 -> "1,230,000"."""
    if value is None:
        return ""
    if value == 0:
        return "0"
    digits = 2
    size = abs(value)
    while size >= 10:
        size, digits = size / 10, digits - 1
    while size < 1:
        size, digits = size * 10, digits + 1
    text = f"{round(value, digits):,.{max(digits, 0)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def outcome(row_):
    words = {True: "met", False: "NOT MET", None: "not measured"}
    return "; ".join(f"{text}: {words[met]}" for text, met in map(row_.judge, row_.targets))


HEADER = ("job", "figure", "unit", CINTA, NODE, PYTHON, SQLITE3, LIMIT, "times as good as the limit", "target")


def cells(row_):
    figures = [number(row_.median(name)) for name in (CINTA, *PEERS, LIMIT)]
    return [row_.job, row_.figure, row_.unit, *figures, number(row_.times_as_good(LIMIT)), outcome(row_)]


def as_text(rows):
    lines = [list(HEADER[:8]) + ["of limit", HEADER[9]]] + [cells(row_) for row_ in rows]
    widths = [max(len(line[n]) for line in lines) for n in range(len(HEADER))]
    left = (0, 1, 2, len(HEADER) - 1)
    out = []
    for line in lines:
        out.append("  ".join(text.ljust(width) if n in left else text.rjust(width)
                             for n, (text, width) in enumerate(zip(line, widths))).rstrip())
    return "\n".join(out)


def as_markdown(rows):
    head = list(HEADER)
    head[8] = "of limit"
    out = ["| " + " | ".join(head) + " |", "|" + "---|" * 3 + "--:|" * 6 + "---|"]
    job = None
    for row_ in rows:
        line = cells(row_)
        line[-1] = line[-1].replace("NOT MET", "**not met**")
        line[0], job = ("" if row_.job == job else row_.job), row_.job
        out.append("| " + " | ".join(line) + " |")
    return "\n".join(out)


def limits(rows):
    """What the limit of each job is, as lines of a list; several rows may share one."""
    named = {}
    for row_ in rows:
        if row_.limit:
            named.setdefault(row_.limit, [])
            if row_.job not in named[row_.limit]:
                named[row_.limit].append(row_.job)
    return "\n".join(f"* {', '.join(jobs)}: {limit}." for limit, jobs in named.items())
