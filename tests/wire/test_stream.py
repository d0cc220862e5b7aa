"""Faults of the stream: each is detected, reported, covered by polling, and the stream is opened again."""
import datetime
import json
import signal
import socket
import unicodedata
import unittest
import urllib.parse
import urllib.request

import futures
import wire

POLL = "interval = 0.2  rate = 100  in_flight = 8"
STREAM = "enable = true  batch = 5  ping = 1  stale = 3"
ENTRIES = "BI,OF,LA,OP,CL,SE,HI,LO,TV,OI,EV,NV,IV,ACP"
SYMBOL = futures.SECOND
VALUES = """bid_price, bid_size, offer_price, offer_size, last_price, last_size, ts_last, open_price,
            high_price, low_price, close_price, settlement_price, open_interest, trade_volume,
            nominal_volume, effective_volume, index_value, auction_price, bids, offers"""


def fault(path, kind, rest="", after=40, count=1):
    return f'fault {{ path = "{path}" kind = "{kind}" after = {after} count = {count} {rest} }}\n'


# faults of the open stream: name, fault, kind of the event, part of its detail, whether the connection is lost
OPEN = [
    ("reset", fault("stream/md", "reset"), "stream_closed", "", True),
    ("closed without a close frame", fault("stream/md", "close"), "stream_closed", "without a close frame", True),
    ("clean close", fault("stream/md", "goodbye"), "stream_closed", "(1000)", True),
    ("going away", fault("stream/md", "goodbye", "code = 1001"), "stream_closed", "(1001)", True),
    ("masked frame", fault("stream/md", "masked"), "stream_closed", "violates the WebSocket protocol", True),
    ("reserved bit", fault("stream/md", "rsv"), "stream_closed", "violates the WebSocket protocol", True),
    ("binary", fault("stream/md", "binary"), "stream_closed", "binary", True),
    ("not UTF-8", fault("stream/md", "utf8"), "stream_closed", "UTF-8", True),
    ("oversized", fault("stream/md", "oversized"), "stream_closed", "larger", True),
    ("silent, with pongs", fault("stream/md", "mute"), "stale", "silent", True),
    ("silent, without pongs", fault("stream/md", "deaf"), "stale", "silent", True),
    ("half open", fault("stream/md", "half_open"), "stale", "silent", True),
    ("broken JSON", fault("stream/md", "garbage"), "malformed", "not JSON at byte", False),
    ("wrong shape", fault("stream/md", "shape"), "malformed", "instrumentId.symbol", False),
    ("old frames", fault("stream/md", "old", count=0), "outdated", "dropped", False),
]

# faults without consequences: no event except perhaps this one, no lost connection, no lost value
HARMLESS = [
    ("fragments with pings between", fault("stream/md", "fragmented", count=0), ""),
    ("slow drip", fault("stream/md", "drip", count=3), "divergence"),  # while the frame arrives slowly, REST is newer
    ("duplicate frames", fault("stream/md", "duplicate", count=0), ""),
    ("unknown message types", fault("stream/md", "unknown", count=0), ""),
]

# faults of the handshake: name, fault, kind of the event, part of its detail
HANDSHAKE = [
    ("status 401", fault("", "refuse", after=0), "stream_refused", "401"),
    ("status 503", fault("", "status", "status = 503", after=0), "stream_closed", "503"),
    ("status 404", fault("", "status", "status = 404", after=0), "stream_refused", "404"),
    ("redirect to login", fault("", "redirect", after=0), "stream_refused", "/login"),
    ("login page", fault("", "html", after=0), "stream_refused", "instead of a WebSocket (200)"),
    ("bot protection page", fault("", "page", "status = 403", after=0), "stream_closed", "Just a moment..."),
    ("403, empty", fault("", "blank", "status = 403", after=0), "stream_closed", "an empty body instead of a WebSocket"),
    ("403 with a JSON error", fault("", "status", "status = 403", after=0), "stream_refused", "403"),
    ("reset", fault("", "reset", after=0), "stream_closed", ""),
    ("closed", fault("", "close", after=0), "stream_closed", ""),
]


class Streams(wire.WireTest):
    def run_with(self, faults=None, stream=STREAM, options=(), **configuration):
        self.start_sim("--rate", "200", *options, faults=faults)
        self.configure(broker="timeout = 1", stream=stream, poll=POLL, **configuration)
        return self.start_run()

    def freeze(self):
        """Stops the market and waits until the database has its last values."""
        self.post("sim/market?rate=0")
        truth = self.truth()
        self.until(lambda: self.recorded() == truth, "the database has every last value")

    def truth(self):
        head = urllib.request.urlopen(urllib.request.Request(
            self.url + "auth/getToken", method="POST", data=b"",
            headers={"X-Username": "alice", "X-Password": "s3cret-pass"}), timeout=wire.PATIENCE_S)
        token = {"X-Auth-Token": head.headers["X-Auth-Token"]}
        head.close()
        ask = lambda path: json.load(urllib.request.urlopen(
            urllib.request.Request(self.url + path, headers=token), timeout=wire.PATIENCE_S))
        truth = {}
        for item in ask("rest/instruments/all")["instruments"]:
            symbol = item["instrumentId"]["symbol"]
            query = urllib.parse.urlencode({"marketId": "ROFX", "symbol": symbol, "entries": ENTRIES, "depth": 1})
            truth[symbol] = self.main_values(ask("rest/marketdata/get?" + query)["marketData"])
        return truth

    @staticmethod
    def main_values(data):
        best = lambda side: ((data.get(side) or [{}])[0].get("price"), (data.get(side) or [{}])[0].get("size"))
        last = data.get("LA") or {}
        return (*best("BI"), *best("OF"), last.get("price"), last.get("size"), data.get("TV"))

    def recorded(self):
        rows = self.sql("""select symbol, bid_price, bid_size, offer_price, offer_size, last_price, last_size,
                           trade_volume from quotes""")
        return {row[0]: tuple(row[1:]) for row in rows}

    def assert_no_duplicates(self):
        twice = self.one(f"""
            select count(*) from (select symbol, seq, ({VALUES.split(',')[0]}) is not null,
              json_array({VALUES}) as now, lag(json_array({VALUES})) over (partition by symbol order by seq) as before
              from snapshots) where now = before""")
        self.assertEqual(twice, 0, "an unchanged state was stored")
        self.assertEqual(self.one("select count(*) from snapshots"), self.one("select max(seq) from snapshots"))

    def until_streaming(self):
        self.until(lambda: self.one("select count(*) from snapshots where source = 'stream'") > 60, "streaming")

    # -- without faults

    def test_streams_and_stops_polling(self):
        service = self.run_with()
        service.wait_line("event=stream_open", "subscribing 12 instruments")
        service.wait_line("event=streaming")
        self.until_streaming()
        before = self.stats()
        self.until(lambda: self.stats()["stream_frames"] > before["stream_frames"] + 200, "more frames")
        after = self.stats()
        # Only probes of quiet instruments: polling all 12 would be 60 requests a second.
        self.assertLess(after["market_data"] - before["market_data"],
                        20 * (after["uptime_ms"] - before["uptime_ms"]) / 1000 + 20)
        self.freeze()
        self.assertEqual(after["stream_opened"], 1)
        self.assertEqual(after["logins"], 1)
        event_times = self.one("select count(*) from snapshots where source = 'stream' and ts_event is null")
        self.assertEqual(event_times, 0)
        self.stop_run()
        self.assert_no_duplicates()

    def test_an_index_is_streamed(self):
        self.run_with()
        self.until(lambda: self.one("select count(*) from quotes where source = 'stream' and index_value > 0"),
                   "the index")
        self.stop_run()

    # -- faults

    def test_faults_of_the_open_stream(self):
        for name, faults, kind, words, lost in OPEN:
            with self.subTest(name):
                self.setUp()
                service = self.run_with(faults)
                service.wait_line("event=streaming")
                line = service.wait_line(f"event={kind}")
                self.assertIn(words, line)
                if lost:
                    service.wait_line("event=filled_in", "by polling")
                    opened = self.until(lambda: self.stats()["stream_opened"] > 1 or kind == "stale",
                                        "it connects again")
                    self.assertTrue(opened)
                self.freeze()
                self.stop_run()
                self.assert_no_duplicates()
                told = self.events(kind)
                self.assertTrue(any(words in detail for _, detail in told), told)
                if lost:
                    self.assertIn("unobserved for", self.events("filled_in")[0][1])
                self.assertEqual(self.one("select count(*) from feed_log where kind = 'broker_down'"), 0)
                self.sim.end()

    def test_a_dead_connection_is_detected_by_missing_pongs(self):
        """A missing pong is detected long before the stream counts as stale."""
        service = self.run_with(fault("stream/md", "half_open"), stream="enable = true  ping = 1  stale = 600")
        service.wait_line("event=stream_closed", "no pong within 10 s")
        service.wait_line("event=filled_in", "by polling")
        service.wait_line("event=streaming")
        self.freeze()
        self.stop_run()
        self.assert_no_duplicates()

    def test_faults_without_consequences(self):
        for name, faults, perhaps in HARMLESS:
            with self.subTest(name):
                self.setUp()
                self.run_with(faults)
                self.until_streaming()
                self.until(lambda: self.stats()["faults"] >= 3, "the fault is applied")
                self.freeze()
                self.assertEqual(self.stats()["stream_opened"], 1)
                self.stop_run()
                self.assert_no_duplicates()
                kinds = {row[0] for row in self.sql("select kind from feed_log")}
                self.assertEqual(kinds - {"started", "stopped", "login", "stream_open", "streaming", "filled_in", perhaps}, set())
                self.sim.end()

    def test_faults_of_the_handshake(self):
        for name, faults, kind, words in HANDSHAKE:
            with self.subTest(name):
                self.setUp()
                service = self.run_with(faults)
                line = service.wait_line(f"event={kind}")
                self.assertIn(words, line)
                self.assertIn("polling", line)
                service.wait_line("event=streaming")
                self.freeze()
                self.stop_run()
                self.assert_no_duplicates()
                # At most one new token to check a doubt.
                self.assertLessEqual(self.stats()["logins"], 4)
                self.sim.end()

    def test_control_characters_do_not_reach_the_terminal(self):
        """C0 and C1 control characters, also as raw bytes, and direction marks, in a handshake's answer and in an error."""
        acting = 'a\u009b2Jb\u202ec\u2066d\u0085e\u200ff'
        file = self.write("acting.conf", fault("", "body", f'body = "{acting} RAW"', after=0, count=3) +
                          fault("rest/marketdata/get", "error", f'body = "Algo {acting}"', after=2, count=3))
        with open(file, "rb") as plain:
            raw = plain.read().replace(b"RAW", b"\x9b2J\x85")
        with open(file, "wb") as plain:
            plain.write(raw)
        self.start_sim("--faults", file)
        self.configure(poll=POLL, stream=STREAM)
        service = self.start_run("--log", "debug")
        service.wait_line("event=stream_closed", "a 2Jb c d e f")
        service.wait_line("event=other", "Algo a 2Jb c d e f")
        shown = self.cinta("status", "-c", self.conf_path)
        told = [self.cinta("status", "-c", self.conf_path, "--json").stdout, shown.stdout]
        self.stop_run()
        told += [service.log(), *(detail for _, detail in self.sql("select kind, detail from feed_log"))]
        for text in told:
            bad = {c for c in text if unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp") and c != "\n"}
            self.assertEqual(bad, set(), text)
            self.assertNotIn("\ufffd", text)

    def test_a_refused_stream_is_retried_rarely(self):
        service = self.run_with(fault("", "refuse", after=0, count=0))
        service.wait_line("event=stream_refused", "401")
        self.until_polled(200)
        self.assertLessEqual(self.stats()["stream_refused"], 6)
        self.assertLessEqual(self.stats()["logins"], 2)
        self.stop_run()
        self.assertEqual(len(self.events("stream_refused")), 1)  # reported once
        self.assertEqual(self.one("select count(*) from snapshots where source = 'stream'"), 0)

    # -- one unknown product refuses the whole message

    def test_an_unknown_symbol_does_not_affect_the_others(self):
        self.start_sim("--rate", "200")
        self.configure(symbols=["NO/SUCH", SYMBOL, "NOR/THIS"], match=["MERV*"], stream=STREAM, poll=POLL)
        service = self.start_run()
        service.wait_line("event=unknown_symbol", "NO/SUCH", "stream")
        service.wait_line("event=unknown_symbol", "NOR/THIS", "stream")
        self.until(lambda: self.one("select count(*) from quotes where source = 'stream' and symbol = ?", SYMBOL),
                   "the others are streamed")
        self.stop_run()

    def test_an_error_without_a_symbol(self):
        service = self.run_with(fault("stream/smd", "error", 'body = "Algo raro" symbol = "*AL30*"', after=0, count=0))
        service.wait_line("event=other", "AL30", "Algo raro")
        self.until_streaming()
        self.freeze()
        self.assertEqual(self.one("select count(*) from quotes where symbol like '%AL30%' and source = 'stream'"), 0)
        self.stop_run()

    def test_no_permission_is_reported(self):
        service = self.run_with(fault("stream/smd", "error", 'body = "Access Denied"', after=0, count=0))
        service.wait_line("event=stream_denied", "permission")
        asked = self.stats()["smd"]
        self.until_polled(50)
        self.assertEqual(self.stats()["smd"], asked)
        self.stop_run()

    def test_batches_without_an_answer_are_split(self):
        self.run_with(fault("stream/smd", "hang", after=0, count=1))
        self.until(lambda: self.stats()["smd"] > 3, "subscribed again")
        self.until(lambda: self.one("select count(*) from quotes where source = 'stream'") >= 6, "streamed")
        self.stop_run()

    # -- probes

    def test_probes_detect_an_instrument_without_frames(self):
        """The others are streamed; only REST has new values of this one."""
        service = self.run_with(fault("stream/md", "hang", f'symbol = "{SYMBOL}"', after=20, count=0),
                                stream="enable = true  batch = 5  ping = 1  stale = 60")
        line = service.wait_line("event=divergence", SYMBOL)
        self.assertIn("REST has newer values", line)
        self.until(lambda: self.one("select count(*) from snapshots where symbol = ? and source = 'rest'", SYMBOL),
                   "the values of REST are taken")
        self.freeze()
        self.stop_run()
        self.assert_no_duplicates()

    def test_a_quiet_market_is_not_stale(self):
        service = self.run_with(stream="enable = true  batch = 5  ping = 1  stale = 1")
        self.until_streaming()
        self.freeze()
        agreed = self.stats()["market_data"]
        self.until(lambda: self.stats()["market_data"] > agreed + 30, "it is probed")
        self.post("sim/market?rate=100")
        seen = self.one("select max(seq) from snapshots")
        self.until(lambda: self.one("select max(seq) from snapshots") > seen + 20, "the stream continues")
        self.stop_run()
        self.assertEqual(self.events("stale"), [], service.log())
        self.assertEqual(self.events("divergence"), [])

    def test_probes_of_another_depth_do_not_cut_the_book(self):
        self.start_sim("--rate", "200")
        self.configure(broker="timeout = 1", stream=STREAM + " depth = 5", poll=POLL + " depth = 1")
        self.start_run()
        self.until_streaming()
        self.freeze()
        asked = self.stats()["market_data"]
        rows = self.one("select count(*) from snapshots")
        self.until(lambda: self.stats()["market_data"] > asked + 24, "all are probed")
        self.stop_run()
        self.assertEqual(self.one("select count(*) from snapshots"), rows)
        self.assertEqual(self.events("divergence"), [])
        self.assertGreater(self.one("select max(level) from book"), 2)

    def test_the_token_expires_while_streaming(self):
        self.run_with()
        self.until_streaming()
        self.post("sim/expire")
        self.post("sim/stream?kind=reset")
        self.service.wait_line("event=stream_closed")
        self.service.wait_line("event=login")
        self.service.wait_line("event=streaming")
        self.assertEqual(self.stats()["logins"], 2)
        self.freeze()
        self.stop_run()

    def test_a_server_that_never_answers_times_out(self):
        silent = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(silent.close)
        self.start_sim()
        address = "ws://127.0.0.1:%d/" % silent.getsockname()[1]
        self.configure(broker=f'timeout = 1  stream_url = "{address}"', stream=STREAM, poll=POLL)
        service = self.start_run()
        service.wait_line("event=stream_closed", "the handshake timed out without an answer")
        self.until_rows("select count(*) from quotes", at_least=12)
        self.stop_run()

    def test_hup_and_term_while_streaming(self):
        service = self.run_with()
        self.until_streaming()
        service.kill(signal.SIGHUP)
        service.wait_line("configuration reloaded: nothing changed")
        self.configure(broker="timeout = 1", stream=STREAM, poll=POLL, store="commit_every = 0.05  keep_days = 7")
        service.kill(signal.SIGHUP)
        service.wait_line("configuration reloaded: store changed; the feed continues")
        self.assertEqual(len(self.events("stream_open")), 1)
        self.configure(broker="timeout = 1", stream=STREAM.replace("batch = 5", "batch = 3"), poll=POLL,
                       store="commit_every = 0.05  keep_days = 7")
        service.kill(signal.SIGHUP)
        service.wait_line("configuration reloaded: stream changed; connecting to the broker again")
        service.wait_line("event=streaming")
        self.freeze()
        self.stop_run()
        self.assert_no_duplicates()

    # -- the session

    def test_a_closed_market_is_polled_slowly_and_is_not_stale(self):
        today = datetime.date.today()
        closed = ", ".join(f'"{today + datetime.timedelta(days=days)}"' for days in (-1, 0, 1))
        service = self.run_with(stream="enable = false", session=f"days = Mon-Sun  holidays = {{{closed}}}")
        service.wait_line("event=session_closed", "once a minute")
        self.until_rows("select count(*) from quotes", at_least=12)
        self.until(lambda: self.stats()["uptime_ms"] > 4000, "seconds have passed")
        self.assertLessEqual(self.stats()["market_data"], 12)
        self.stop_run()


if __name__ == "__main__":
    wire.main()
