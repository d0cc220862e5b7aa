"""Whether nothing was lost: the recorders' databases, the stream and the replica's database, compared row by row.

Pure, except for the two functions that read a database. A check says what it has compared and where that differs.
"""
import collections
import json
import sqlite3
import time

STATE = ("bids, offers, last_price, last_size, ts_last, open_price, high_price, low_price, close_price, close_date,"
         " settlement_price, settlement_date, open_interest, trade_volume, nominal_volume, effective_volume, index_value,"
         " auction_price")
CHANGES = f"select seq, market, symbol, ts_recv, source, changed, {STATE} from snapshots order by seq"
TRADES = "select market, symbol, ts_event, price, size from trades where seq > 0 or ts_event > ?"
EXAMPLES = 3

Change = collections.namedtuple("Change", "seq market symbol ts_recv source changed state")
Trade = collections.namedtuple("Trade", "market symbol ts_event price size")


class Check(collections.namedtuple("Check", "what equal of differs")):
    """`equal` of so many `of` are as they should be; `differs`: in words, what is not."""

    @property
    def holds(self):
        return not self.differs


# -- what a database has

def query(path, statement, *parameters):
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10)
    try:
        return connection.execute(statement, parameters).fetchall()
    finally:
        connection.close()


def changes_of(path):
    return [Change(*row[:6], (levels(row[6]), levels(row[7]), *row[8:10], milliseconds(row[10]), *row[11:]))
            for row in query(path, CHANGES)]


def trades_of(path, listed_after=0):
    """Those that changes show, and those that only the broker's lists have, if they are later than that."""
    return [Trade(*row) for row in query(path, TRADES, listed_after)]


def rows_of(path, view, without=()):
    """All columns, the ones that identify a row first."""
    first = ["seq", "market", "symbol"]
    names = [row[1] for row in query(path, f"pragma table_info({view})")]
    columns = first + [name for name in names if name not in first and name not in without]
    return query(path, f"select {', '.join(columns)} from {view} where seq is not null")


def snapshots_of(path):
    return rows_of(path, "snapshots")


def quotes_of(path):
    """Without what only a recorder knows: when a value was confirmed, and whether the instrument is recorded now."""
    return rows_of(path, "quotes", without=("seen_time", "ts_seen", "recorded"))


def newest(quotes):
    """The one with the highest number of each instrument."""
    return list({quote[1:3]: quote for quote in sorted(quotes, key=lambda quote: quote[0])}.values())


def union(rows_of, paths):
    return [row for path in paths for row in rows_of(path)]


def distinct(rows):
    return list(dict.fromkeys(rows))


def levels(text):
    return tuple(tuple(level) for level in json.loads(text or "[]"))


def milliseconds(ns):
    return ns // 1000000 if ns else None


# -- what a message has

def change_of(message):
    body = message.json()
    of, headers = body["instrumentId"], message.headers
    return Change(int(headers["Cinta-Seq"]), of["marketId"], of["symbol"], int(headers["Cinta-Ts-Recv"]),
                  headers["Cinta-Source"], headers["Cinta-Changed"], state_of(body["marketData"]))


def state_of(data):
    side = lambda name: tuple((level["price"], level["size"]) for level in data[name] or ())
    last = data["LA"] or {"price": None, "size": None, "date": None}
    of = lambda name, member: (data[name] or {}).get(member)
    return (side("BI"), side("OF"), last["price"], last["size"], last["date"], data["OP"], data["HI"], data["LO"],
            of("CL", "price"), day(of("CL", "date")), of("SE", "price"), day(of("SE", "date")), of("OI", "size"),
            data["TV"], data["NV"], data["EV"], of("IV", "price"), of("ACP", "price"))


def day(ms):
    return time.strftime("%Y-%m-%d", time.gmtime(ms / 1000)) if ms is not None else None


def trade_of(message):
    body = message.json()
    of, trade = body["instrumentId"], body["trade"]
    return Trade(of["marketId"], of["symbol"], int(message.headers["Cinta-Ts-Event"]), trade["price"], trade["size"])


def trades_published(messages):
    """Each once, although each of two recorders publishes a trade that both have seen; one that the same recorder has
    published again is there again."""
    counts = collections.Counter((message.headers["Cinta-Recorder"], trade_of(message)) for message in messages)
    repeats = [trade for (_, trade), count in counts.items() for _ in range(count - 1)]
    return list({trade for _, trade in counts}) + repeats


def of_type(messages, kind):
    return [message for message in messages if message.json()["type"] == kind]


# -- checks

def equal_rows(what, want, got, also=()):
    """Each of `want` is exactly once in `got`, which has nothing else, but may have each of `also` once."""
    wanted, found = collections.Counter(want), collections.Counter(got)
    allowed = wanted | collections.Counter(also)
    differs = [f"{sum(rows.values())} {how}: {examples(rows)}"
               for how, rows in (("missing", wanted - found), ("more than once, or not recorded", found - allowed)) if rows]
    if not want:
        differs = ["nothing was recorded"]
    return Check(what, sum((wanted & found).values()), len(want), differs)


def examples(rows):
    shown = [" ".join(f"{value}" for value in row[:3]) for row in sorted(rows, key=repr)[:EXAMPLES]]
    return "; ".join(shown) + ("; ..." if len(rows) > EXAMPLES else "")


def in_order(what, messages):
    """The changes of each instrument by each recorder have ascending numbers in the order of the stream."""
    newest, behind = {}, []
    for message in messages:
        of = (message.headers["Cinta-Recorder"], message.subject)
        seq = int(message.headers["Cinta-Seq"])
        if seq <= newest.get(of, 0):
            behind.append(f"{message.subject} {seq} after {newest[of]}")
        newest[of] = max(seq, newest.get(of, 0))
    differs = [f"{len(behind)} out of order: " + "; ".join(behind[:EXAMPLES])] if behind else []
    return Check(what, len(messages) - len(behind), len(messages), differs)


def exactly(what, got, want):
    return Check(what, got, want, [] if got == want else [f"{got} instead of {want}"])


# -- the table

def table(checks):
    """Lines of text."""
    width = max(len(check.what) for check in checks)
    for check in checks:
        yield f"  {check.what:{width}}  {check.equal:7} of {check.of:7}  {'yes' if check.holds else 'NO'}"
        for words in check.differs:
            yield f"      {words}"
