"""The tape of tape.py as the stream of a browser terminal: the same changes, as lines of quotes and of books in turns.

    matriz_tape.py READY_FILE INSTRUMENTS FRAMES

The session is there from the start, so that the profile has its ids. Each line changes a value, so each is one row.
"""
import datetime
import json
import struct
import sys

from tape import LAST_PRICE, T0_MS, Market, Tape, run

PROFILE = {"csrfToken": "csrf", "sessionId": "s" * 64, "connectionId": "c" * 64}


def id_of(symbol):
    if symbol.startswith("MERV"):
        _, _, ticker, term = symbol.split(" - ")
        return f"bm_MERV_{ticker}_{term}"
    return "rx_DDF_" + symbol.replace("/", "_")


class MatrizMarket(Market):
    def frame(self, i, last=None, volume=None):
        return self.quote(i) + self.book(i)

    def text(self, text):
        text = text.encode()
        head = b"\x81" + (bytes([len(text)]) if len(text) < 126 else b"\x7e" + struct.pack(">H", len(text)))
        self.sent += 1
        return head + text

    def quote(self, i, last=None):
        r = self.random
        self.mid[i] += r.choice((-0.5, 0.5))
        self.volume[i] += 1 + r.randrange(50)
        mid, volume = self.mid[i], self.volume[i]
        when = datetime.datetime.fromtimestamp((T0_MS + self.sent // 20) // 1000, datetime.timezone.utc)
        return self.text(f"M:{id_of(self.symbols[i])}|{self.sent}|{1 + r.randrange(900)}|{mid - 0.5}|{mid + 0.5}|"
                         f"{1 + r.randrange(900)}|{last or mid}|{when:%Y-%m-%dT%H:%M:%SZ}|{volume}|{volume * 1600.25}|"
                         f"{volume * 1000}|{mid - 20}|{mid + 20}|1598.0|812345|||1597.0|2026-11-17|1597.5|2026-11-17")

    def book(self, i):
        r = self.random
        self.mid[i] += r.choice((-0.5, 0.5))
        mid = self.mid[i]
        levels = "!".join(f"{1 + r.randrange(900)}|{mid - 0.5 * (k + 1)}|{mid + 0.5 * (k + 1)}|{1 + r.randrange(900)}"
                          for k in range(5))
        return self.text(f"B:{id_of(self.symbols[i])}!{self.sent}!{levels}")


class MatrizTape(Tape):
    market = MatrizMarket

    def record(self, market, instruments, frames):
        rows = [(market.quote if n % 2 else market.book)(market.random.randrange(instruments)) for n in range(frames - 1)]
        self.frames = b"".join(rows) + market.quote(0, last=LAST_PRICE)

    def answer_other(self, connection, path):
        if path.startswith("/api/v2/profile"):
            self.answer(connection, json.dumps(PROFILE))
        elif path.startswith("/api/v2/ref-data"):
            self.answer(connection, json.dumps({"securities": [{"id": id_of(symbol)} for symbol in self.symbols]}))
        else:
            super().answer_other(connection, path)

    def subscribed(self, text):
        """The symbols of a message; each is sent when its quote is subscribed, with its book."""
        message = {} if text == b"ping" else json.loads(text)
        ids = {id_of(symbol): symbol for symbol in self.symbols} if message.get("topicType") == "md" else {}
        return [ids[topic[3:]] for topic in message.get("topics", []) if topic[3:] in ids]


if __name__ == "__main__":
    run(MatrizTape(int(sys.argv[2]), int(sys.argv[3])), sys.argv[1])
