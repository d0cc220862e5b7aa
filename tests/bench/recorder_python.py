"""What a recorder in Python keeps, as users would write it: sqlite3, a transaction per batch."""
import json
import sqlite3
import time
import urllib.request

COLUMNS = """seq, instrument_id, changed, source, ts_recv, ts_event, bid_price, bid_size, offer_price, offer_size,
             last_price, last_size, ts_last, open_price, high_price, low_price, close_price, close_day,
             settlement_price, settlement_day, open_interest, trade_volume, nominal_volume, effective_volume,
             index_value, auction_price, bids, offers""".replace("\n", " ").split(",")
MARKS = ", ".join("?" * len(COLUMNS))
ENTRIES = "BI OF LA OP CL SE HI LO TV OI EV NV IV ACP".split()


def day(cell):
    return cell["date"] // 86400000 if cell.get("date") else None


def levels(side):
    return json.dumps([[level["price"], level["size"]] for level in side]) if side and len(side) > 1 else None


class Recorder:
    def __init__(self, path):
        self.db = sqlite3.connect(path)
        self.db.execute("pragma journal_mode = WAL")
        self.db.execute("pragma synchronous = NORMAL")
        self.db.execute("create table instrument (id integer primary key, symbol text unique)")
        self.db.execute("create table snapshot (seq integer primary key, " + ", ".join(COLUMNS[1:]) + ")")
        self.db.execute("create table quote (" + ", ".join(c + " integer primary key" if "instrument_id" in c else c
                                                           for c in COLUMNS) + ")")
        self.ids, self.last, self.rows, self.seq = {}, {}, [], 0
        self.flushed = time.monotonic()

    def flush(self):
        self.db.executemany(f"insert into snapshot values ({MARKS})", self.rows)
        newest = {row[1]: row for row in self.rows}
        self.db.executemany(f"insert or replace into quote values ({MARKS})", newest.values())
        self.db.commit()
        self.rows = []
        self.flushed = time.monotonic()

    def flush_if_due(self):
        if self.rows and time.monotonic() - self.flushed > 0.25:
            self.flush()

    def record(self, symbol, m, ts_ms):
        """`m`: market data in the form of the Primary API."""
        if self.last.get(symbol) == m:
            return
        self.last[symbol] = m
        if symbol not in self.ids:
            self.ids[symbol] = self.db.execute("insert into instrument (symbol) values (?)", (symbol,)).lastrowid
        bid, offer = (m.get("BI") or [{}])[0], (m.get("OF") or [{}])[0]
        la, cl, se, oi, iv, acp = (m.get(key) or {} for key in ("LA", "CL", "SE", "OI", "IV", "ACP"))
        self.seq += 1
        self.rows.append((
            self.seq, self.ids[symbol], 0, 2, time.time_ns(), ts_ms and ts_ms * 1000000, bid.get("price"), bid.get("size"),
            offer.get("price"), offer.get("size"), la.get("price"), la.get("size"), la.get("date") and la["date"] * 1000000,
            m.get("OP"), m.get("HI"), m.get("LO"), cl.get("price"), day(cl), se.get("price"), day(se), oi.get("size"),
            m.get("TV"), m.get("NV"), m.get("EV"), iv.get("price"), acp.get("price"), levels(m.get("BI")),
            levels(m.get("OF"))))
        if len(self.rows) >= 1000:
            self.flush()


def ask(url, **options):
    return urllib.request.urlopen(urllib.request.Request(url, **options), timeout=30)


def login(url):
    """(headers with the token, the instruments)."""
    answer = ask(url + "auth/getToken", method="POST", data=b"", headers={"X-Username": "demo", "X-Password": "demo"})
    token = {"X-Auth-Token": answer.headers["X-Auth-Token"]}
    listed = json.load(ask(url + "rest/instruments/all", headers=token))["instruments"]
    return token, [item["instrumentId"] for item in listed]
