"""A value that cannot be parsed: its entry is NULL, the others are recorded, and it is reported once."""
import json
import unittest

import futures
import wire

SYMBOL = futures.SECOND
BROKEN = {"OI": '"nan"', "LA": '{"price":1e999,"size":5}', "SE": '{"price":"x"}'}
TEXTS = ("marketData.OI is not finite", "marketData.LA.price is not finite", "marketData.SE.price is not a number")
VALUES = "bid_price, bid_size, offer_price, last_price, open_interest, settlement_price, trade_volume, bids"


def market_data(bid, broken=None, **entries):
    """A book with one level without a price, a volume of zero, and the broken entries."""
    entries = {"BI": f'[{{"price":"nan","size":3}},{{"price":{bid},"size":10}}]', "OF": "[]", "TV": "0", **entries,
               **(broken or {})}
    return "{" + ",".join(f'"{name}":{value}' for name, value in entries.items()) + "}"


def answer(data):
    return '{"status":"OK","marketData":' + data + "}"


def frame(data):
    return '{"type":"Md","instrumentId":{"marketId":"ROFX","symbol":"' + SYMBOL + '"},"marketData":' + data + "}"


def fault(path, body, count=0):
    text = body.replace("\\", "\\\\").replace('"', '\\"')
    return f'fault {{ path = "{path}" symbol = "{SYMBOL}" kind = "body" count = {count} body = "{text}" }}\n'


class Unreadable(wire.WireTest):
    def present(self):
        rows = self.sql(f"select source, {VALUES} from quotes where symbol = ?", SYMBOL)
        return rows[0] if rows else None

    def status(self):
        return json.loads(self.cinta("status", "--json", "-c", self.conf_path).stdout)

    def assert_reported_once(self):
        self.assertEqual([symbol for symbol, _ in self.events("unreadable")], [SYMBOL])
        detail = self.events("unreadable")[0][1]
        for text in (*TEXTS, "marketData.BI[0].price is not finite"):
            self.assertIn(text, detail)
        self.assertEqual(self.events("malformed"), [])
        self.assertEqual(self.one("select count(*) from quotes"), 12)

    def test_in_answers(self):
        self.start_sim(faults=fault("rest/marketdata/get", answer(market_data(61, BROKEN)), 3)
                       + fault("rest/marketdata/get", answer(market_data(62, BROKEN))))
        self.configure()
        service = self.start_run()
        service.wait_line("event=unreadable", SYMBOL)
        self.until(lambda: self.present() == ("rest", 62, 10, None, None, None, None, 0, "[[62,10]]"), "the second answer")
        self.assertEqual(self.status()["unreadable"], 8)  # four entries in each of two bodies
        self.stop_run()
        self.assert_reported_once()
        self.assertEqual(self.events("poll_failed"), [])

    def test_in_frames(self):
        """Also: a value of that entry from REST does not count as a divergence."""
        self.start_sim("--rate", "200", faults=fault("stream/md", frame(market_data(62, BROKEN)))
                       + fault("rest/marketdata/get", answer(market_data(62, OI="7", SE='{"price":5,"date":1795046400000}'))))
        self.configure(stream="enable = true  ping = 1  stale = 30", poll="interval = 0.2  rate = 100  in_flight = 8")
        service = self.start_run()
        service.wait_line("event=streaming")
        service.wait_line("event=unreadable", SYMBOL, "stream: ")
        self.until(lambda: self.present() == ("stream", 62, 10, None, None, None, None, 0, "[[62,10]]"), "the frame")
        self.until(lambda: self.status()["unreadable"] > 40, "many such frames")
        self.assert_reported_once()
        self.post("sim/market?rate=0")
        self.until(lambda: self.present() == ("rest", 62, 10, None, None, 7, 5, 0, "[[62,10]]"), "a probe's answer")
        agreed = self.status()["probes"]["agreed"]
        self.until(lambda: self.status()["probes"]["agreed"] > agreed + 24, "each instrument is probed twice more")
        self.stop_run()
        self.assertEqual(self.events("divergence"), [])
        self.assertEqual(self.events("stream_closed"), [])


if __name__ == "__main__":
    wire.main()
