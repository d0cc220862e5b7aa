"""The chart of the benchmark, an SVG: each row of the table that has a peer or a limit, on a logarithmic axis of how many
times as good as cinta it is. cinta is the line at 1: what is left of it does worse. Shares are not drawn."""
import html
import math

import table

MARKS = {table.NODE: ("#2e7d32", "circle"), table.PYTHON: ("#1565c0", "square"),
         table.SQLITE3: ("#8e24aa", "diamond"), table.LIMIT: ("#c62828", "bar")}
LABELS, PLOT, LINE, TOP, MARGIN = 640, 460, 22, 58, 24
FONT = "font-family='sans-serif' font-size='12'"


def mark(subject, x, y):
    color, shape = MARKS[subject]
    if shape == "circle":
        return f"<circle cx='{x:.1f}' cy='{y}' r='5' fill='{color}'/>"
    if shape == "square":
        return f"<rect x='{x - 4.5:.1f}' y='{y - 4.5}' width='9' height='9' fill='{color}'/>"
    if shape == "diamond":
        return f"<path d='M{x:.1f} {y - 6}l6 6l-6 6l-6 -6z' fill='{color}'/>"
    return f"<rect x='{x - 2:.1f}' y='{y - 8}' width='4' height='16' fill='{color}'/>"


def text(x, y, words, anchor="start", fill="#222"):
    return f"<text x='{x:.1f}' y='{y}' text-anchor='{anchor}' fill='{fill}' {FONT}>{html.escape(words)}</text>"


def relative(row):
    """{subject: how many times as good as cinta}."""
    found = {name: row.times_as_good(name) for name in MARKS}
    return {name: 1 / times for name, times in found.items() if times}


def legend(x, y):
    out = ["<rect x='%d' y='%d' width='2' height='14' fill='#222'/>" % (x, y - 7), text(x + 8, y + 4, table.CINTA)]
    for n, subject in enumerate(MARKS):
        at = x + 80 * (n + 1)
        out += [mark(subject, at, y), text(at + 10, y + 4, subject)]
    return out


def draw(rows):
    """The SVG, or None if there is nothing to compare."""
    shown = [(row, relative(row)) for row in rows]
    shown = [(row, found) for row, found in shown if found and row.unit != "%"]
    if not shown:
        return None
    every = [math.log10(value) for _, found in shown for value in found.values()]
    low, high = min(-1, math.floor(min(every))), max(1, math.ceil(max(every)))
    width, bottom = LABELS + PLOT + 2 * MARGIN, TOP + LINE * len(shown)
    place = lambda log: MARGIN + LABELS + (log - low) / (high - low) * PLOT
    out = [f"<svg xmlns='http://www.w3.org/2000/svg' width='{width}' height='{bottom + 40}' "
           f"viewBox='0 0 {width} {bottom + 40}'>", "<title>cinta compared with other programs and with the limit</title>",
           "<rect width='100%' height='100%' fill='#fff'/>", *legend(MARGIN + LABELS, 20)]
    for power in range(low, high + 1):
        x, color = place(power), "#222" if power == 0 else "#ddd"
        out += [f"<path d='M{x:.1f} {TOP - 14}V{bottom}' stroke='{color}'/>",
                text(x, TOP - 18, f"{10.0 ** power:g}", "middle", "#666")]
    for n, (row, found) in enumerate(shown):
        y = TOP + LINE * n + 4
        out.append(text(MARGIN + LABELS - 12, y + 4, f"{row.job}: {row.figure}", "end"))
        out += [mark(subject, place(math.log10(value)), y) for subject, value in found.items()]
    out += [text(place(0), bottom + 22, "times as good as cinta; left of the line: worse", "middle", "#666"), "</svg>", ""]
    return "\n".join(out)
