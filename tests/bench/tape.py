"""A broker that sends recorded frames (the tape) at full speed: the REST requests that a client needs to start, and a
WebSocket.

    tape.py READY_FILE INSTRUMENTS FRAMES

A client receives a snapshot of each instrument to which it subscribes, then, when it has subscribed to all and GET
/tape/start was requested, the tape, as fast as it reads. Clients come one after the other.
Every frame changes a value, so each is one row. The frames are created in advance: during the run the server only
calls sendall(). GET /tape/stats returns the times of the first and the last byte for the last client.
"""
import base64
import datetime
import hashlib
import json
import os
import random
import socket
import struct
import sys
import threading
import time

GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
LAST_PRICE = 123456.5  # of the last frame: a client that has it has received all frames
T0_MS = 1795096991482


def symbols(count):
    year = datetime.date.today().year % 100 + 1  # instruments that have matured are not recorded
    futures = [f"DLR/{m}{y}" for y in range(year, year + 4) for m in ("ENE", "FEB", "MAR", "ABR", "MAY", "JUN", "JUL", "AGO",
                                                             "SEP", "OCT", "NOV", "DIC")]
    bonds = [f"MERV - XMEV - X{n:03d} - 24hs" for n in range(count)]
    return (futures + bonds)[:count]


class Market:
    def __init__(self, count):
        self.random = random.Random(7)
        self.symbols = symbols(count)
        self.mid = [1000.0 + 10 * i for i in range(count)]
        self.volume = [1000] * count
        self.sent = 0

    def frame(self, i, last=None, volume=None):
        r = self.random
        self.mid[i] += r.choice((-0.5, 0.5))
        self.volume[i] = volume or self.volume[i] + 1 + r.randrange(50)
        self.sent += 1
        mid, stamp = self.mid[i], T0_MS + self.sent // 20
        side = lambda step: [{"price": mid + step * (k + 1), "size": 1 + r.randrange(900)} for k in range(5)]
        data = {"BI": side(-0.5), "OF": side(0.5),
                "LA": {"price": last or mid, "size": 1 + r.randrange(50), "date": stamp - 7},
                "OP": 1598.0, "CL": {"price": 1597.5, "size": None, "date": 1794960000000},
                "SE": {"price": 1597.0, "size": None, "date": 1794960000000}, "HI": mid + 20, "LO": mid - 20,
                "TV": self.volume[i], "OI": {"price": None, "size": 812345, "date": 1794960000000},
                "EV": self.volume[i] * 1600.25, "NV": self.volume[i] * 1000}
        text = json.dumps({"type": "Md", "timestamp": stamp, "instrumentId": {"marketId": "ROFX", "symbol": self.symbols[i]},
                           "marketData": data}, separators=(",", ":")).encode()
        head = b"\x81" + (bytes([len(text)]) if len(text) < 126 else b"\x7e" + struct.pack(">H", len(text)))
        return head + text


class Tape:
    market = Market

    def __init__(self, instruments, frames):
        market = self.market(instruments)
        self.symbols = market.symbols
        self.snapshots = {symbol: market.frame(i) for i, symbol in enumerate(self.symbols)}
        self.record(market, instruments, frames)
        self.stats, self.started = {}, threading.Event()

    def record(self, market, instruments, frames):
        rows = [market.frame(market.random.randrange(instruments)) for _ in range(frames - 1)]
        self.frames = b"".join(rows) + market.frame(0, last=LAST_PRICE)

    # -- HTTP

    def answer(self, connection, body, extra=""):
        body = body.encode()
        connection.sendall(f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
                           f"{extra}\r\n".encode() + body)

    def serve(self, connection):
        buffered = b""
        with connection:
            while True:
                while b"\r\n\r\n" not in buffered:
                    data = connection.recv(65536)
                    if not data:
                        return
                    buffered += data
                head, buffered = buffered.split(b"\r\n\r\n", 1)
                lines = head.decode().split("\r\n")
                headers = {k.lower(): v.strip() for k, v in (line.split(":", 1) for line in lines[1:])}
                path = lines[0].split()[1]
                if headers.get("upgrade", "").lower() == "websocket":
                    self.stream(connection, headers, buffered)
                    return
                if path.startswith("/auth/getToken"):
                    self.answer(connection, "", "X-Auth-Token: 3q2+7wABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhs=\r\n")
                elif path.startswith("/rest/instruments/all"):
                    self.answer(connection, json.dumps({"status": "OK", "instruments": [
                        {"instrumentId": {"marketId": "ROFX", "symbol": s}, "cficode": "FXXXSX"} for s in self.symbols]}))
                elif path.startswith("/tape/"):
                    self.answer(connection, json.dumps(self.control(path)))
                else:
                    self.answer_other(connection, path)

    def answer_other(self, connection, _path):
        self.answer(connection, '{"status":"ERROR","description":"No hay Market Data para el : ROFX"}')

    def control(self, path):
        if path == "/tape/start":
            self.started.set()
        return self.stats

    # -- WebSocket

    def subscribed(self, text):
        """The symbols of a message."""
        return [product["symbol"] for product in json.loads(text)["products"]]

    def play(self, connection):
        connection.sendall(self.frames)

    def stream(self, connection, headers, buffered):
        accept = base64.b64encode(hashlib.sha1((headers["sec-websocket-key"] + GUID).encode()).digest()).decode()
        connection.sendall(("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                            f"Sec-WebSocket-Accept: {accept}\r\n\r\n").encode())
        wanted = set(self.symbols)
        reader, self.stats = Frames(connection, buffered), {}
        self.started.clear()
        while wanted:
            opcode, text = reader.next()
            if opcode == 1:
                products = self.subscribed(text)
                wanted -= set(products)
                connection.sendall(b"".join(self.snapshots[symbol] for symbol in products))
        stats = self.stats
        self.started.wait()
        threading.Thread(target=self.answer_pings, args=(connection, reader, stats), daemon=True).start()
        stats["first_s"] = time.monotonic()
        try:
            self.play(connection)
        except OSError:
            return  # the client has ended
        stats["last_s"] = time.monotonic()
        while connection.fileno() >= 0 and not reader.ended:
            time.sleep(0.05)

    def answer_pings(self, connection, reader, stats):
        while True:
            try:
                opcode, text = reader.next()
                if opcode == 9 and "last_s" in stats:  # not while the tape is sent
                    connection.sendall(b"\x8a" + bytes([len(text)]) + text)
            except OSError:
                reader.ended = True
                return


class Frames:
    """Reads a client's masked frames."""

    def __init__(self, connection, buffered):
        self.connection, self.buffered, self.ended = connection, buffered, False

    def take(self, count):
        while len(self.buffered) < count:
            data = self.connection.recv(65536)
            if not data:
                raise OSError("closed")
            self.buffered += data
        taken, self.buffered = self.buffered[:count], self.buffered[count:]
        return taken

    def next(self):
        first, second = self.take(2)
        length = second & 0x7f
        if length == 126:
            length = struct.unpack(">H", self.take(2))[0]
        elif length == 127:
            length = struct.unpack(">Q", self.take(8))[0]
        mask, data = self.take(4), self.take(length)
        key = (mask * (length // 4 + 1))[:length]
        return first & 0x0f, (int.from_bytes(data, "big") ^ int.from_bytes(key, "big")).to_bytes(length, "big")


def run(tape, ready):
    """Serves the tape at a free port, whose URL it writes to the file `ready`, until it is killed."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    with open(ready + ".new", "w", encoding="utf-8") as file:
        file.write("http://127.0.0.1:%d/" % listener.getsockname()[1])
    os.rename(ready + ".new", ready)
    while True:
        threading.Thread(target=tape.serve, args=(listener.accept()[0],), daemon=True).start()


if __name__ == "__main__":
    run(Tape(int(sys.argv[2]), int(sys.argv[3])), sys.argv[1])
