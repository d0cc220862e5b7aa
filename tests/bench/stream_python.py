"""The ingest of a stream, written as users would in Python: websocket-client, json or split(), sqlite3.

    stream_python.py URL DB primary|matriz
"""
import datetime
import json
import sys

import websocket

from recorder_python import ENTRIES, Recorder, ask, login

url, path, dialect = sys.argv[1:4]
recorder = Recorder(path)
last = {}


def on_primary(text):
    message = json.loads(text)
    if message.get("type") == "Md":
        recorder.record(message["instrumentId"]["symbol"], message["marketData"], message["timestamp"])


# -- the browser terminal: "M:id|field|..." and "B:id!number!level!...", each a message or in a list

def number(text):
    return float(text) if text else None


def ms(text):
    time = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    return int((time if time.tzinfo else time.replace(tzinfo=datetime.timezone.utc)).timestamp()) * 1000


def dated(price, day):
    return {"price": float(price), "date": ms(day) if day else None} if price else None


def best(price, size, side):
    return [{"price": float(price), "size": number(size)}, *(side or [])[1:]] if price else []


def on_quote(f):
    name = f[0][2:]
    old = last.get(name, {})
    last[name] = {
        "BI": best(f[3], f[2], old.get("BI")), "OF": best(f[4], f[5], old.get("OF")),
        "LA": {"price": float(f[6]), "size": None, "date": ms(f[7])} if f[6] else None, "TV": number(f[8]),
        "EV": number(f[9]), "NV": number(f[10]), "LO": number(f[11]), "HI": number(f[12]), "OP": number(f[13]),
        "OI": {"size": number(f[14])}, "SE": dated(f[17], f[18]), "CL": dated(f[19], f[20])}
    recorder.record(name, last[name], None)


def on_book(f):
    name, bids, offers = f[0][2:], [], []
    for level in f[2:]:
        bid_size, bid, offer, offer_size = level.split("|")
        if bid:
            bids.append({"price": float(bid), "size": number(bid_size)})
        if offer:
            offers.append({"price": float(offer), "size": number(offer_size)})
    last[name] = {**last.get(name, {}), "BI": bids, "OF": offers}
    recorder.record(name, last[name], None)


def on_terminal(text):
    for line in json.loads(text) if text.startswith("[") else [text]:
        if line.startswith("M:"):
            on_quote(line.split("|"))
        elif line.startswith("B:"):
            on_book(line.split("!"))


def primary():
    token, products = login(url)
    socket = websocket.create_connection(url.replace("http", "ws"), header=token)
    socket.send(json.dumps({"type": "smd", "level": 1, "depth": 5, "products": products, "entries": ENTRIES}))
    return socket, on_primary


def matriz():
    profile, listed = json.load(ask(url + "api/v2/profile")), json.load(ask(url + "api/v2/ref-data"))
    socket = websocket.create_connection(f"{url.replace('http', 'ws')}ws?session_id={profile['sessionId']}"
                                         f"&conn_id={profile['connectionId']}")
    socket.send(json.dumps({"_req": "S", "topicType": "md", "topics": ["md." + item["id"] for item in listed["securities"]],
                            "replace": False}))
    return socket, on_terminal


stream, on_message = matriz() if dialect == "matriz" else primary()
stream.settimeout(0.25)
while True:
    try:
        on_message(stream.recv())
    except websocket.WebSocketTimeoutException:
        pass
    recorder.flush_if_due()
