"""The same task, written as users would in Python: websocket-client, json, sqlite3, a transaction per batch.

    stream_python.py URL DB
"""
import json
import sqlite3
import sys
import time
import urllib.request

import websocket

COLUMNS = """seq, instrument_id, changed, source, ts_recv, ts_event, bid_price, bid_size, offer_price, offer_size,
             last_price, last_size, ts_last, open_price, high_price, low_price, close_price, close_day,
             settlement_price, settlement_day, open_interest, trade_volume, nominal_volume, effective_volume,
             index_value, auction_price, bids, offers""".replace("\n", " ").split(",")
MARKS = ", ".join("?" * len(COLUMNS))

url, path = sys.argv[1:3]
db = sqlite3.connect(path)
db.execute("pragma journal_mode = WAL")
db.execute("pragma synchronous = NORMAL")
db.execute("create table instrument (id integer primary key, symbol text unique)")
db.execute("create table snapshot (seq integer primary key, " + ", ".join(COLUMNS[1:]) + ")")
db.execute("create table quote (" + ", ".join(c + " integer primary key" if "instrument_id" in c else c for c in COLUMNS) + ")")
ids, last, rows = {}, {}, []
seq = 0
flushed = time.monotonic()


def flush():
    global rows, flushed
    db.executemany(f"insert into snapshot values ({MARKS})", rows)
    newest = {row[1]: row for row in rows}
    db.executemany(f"insert or replace into quote values ({MARKS})", newest.values())
    db.commit()
    rows = []
    flushed = time.monotonic()


def day(cell):
    return cell["date"] // 86400000 if cell and cell.get("date") else None


def levels(side):
    return json.dumps([[level["price"], level["size"]] for level in side]) if side and len(side) > 1 else None


def on_message(text):
    global seq
    message = json.loads(text)
    if message.get("type") != "Md":
        return
    symbol, m = message["instrumentId"]["symbol"], message["marketData"]
    if last.get(symbol) == m:
        return
    last[symbol] = m
    if symbol not in ids:
        ids[symbol] = db.execute("insert into instrument (symbol) values (?)", (symbol,)).lastrowid
    bid, offer = (m.get("BI") or [{}])[0], (m.get("OF") or [{}])[0]
    la, cl, se, oi = (m.get(key) or {} for key in ("LA", "CL", "SE", "OI"))
    seq += 1
    rows.append((seq, ids[symbol], 0, 2, time.time_ns(), message["timestamp"] * 1000000, bid.get("price"), bid.get("size"),
                 offer.get("price"), offer.get("size"), la.get("price"), la.get("size"), la["date"] * 1000000,
                 m.get("OP"), m.get("HI"), m.get("LO"), cl.get("price"), day(cl), se.get("price"), day(se),
                 oi.get("size"), m.get("TV"), m.get("NV"), m.get("EV"), m.get("IV"), m.get("ACP"), levels(m.get("BI")),
                 levels(m.get("OF"))))
    if len(rows) >= 1000:
        flush()


def ask(path, **options):
    return urllib.request.urlopen(urllib.request.Request(url + path, **options), timeout=30)


login = ask("auth/getToken", method="POST", data=b"", headers={"X-Username": "demo", "X-Password": "demo"})
token = {"X-Auth-Token": login.headers["X-Auth-Token"]}
products = [item["instrumentId"] for item in json.load(ask("rest/instruments/all", headers=token))["instruments"]]
socket = websocket.create_connection(url.replace("http", "ws"), header=token)
socket.send(json.dumps({"type": "smd", "level": 1, "depth": 5, "products": products,
                        "entries": "BI OF LA OP CL SE HI LO TV OI EV NV IV ACP".split()}))
socket.settimeout(0.25)
while True:
    try:
        on_message(socket.recv())
    except websocket.WebSocketTimeoutException:
        pass
    if rows and time.monotonic() - flushed > 0.25:
        flush()
