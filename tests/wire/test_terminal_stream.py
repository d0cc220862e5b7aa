"""The stream of the browser terminal as a source: logins, sessions that end, faults, and the change between streams."""
import json
import signal
import unittest
import urllib.parse
import urllib.request

import wire

STREAM = "enable = true  batch = 5  ping = 1  stale = 3  dialects = "
POLL = "interval = 0.2  rate = 100  in_flight = 8"
# What the terminal sends of a quote; the sizes of trades are not among it.
ENTRIES = "BI,OF,LA,TV,HI,LO,OP"
VALUES = """bid_price, bid_size, offer_price, offer_size, last_price, open_price, high_price, low_price, bids, offers"""

# How the terminal refuses a session that has ended.
REFUSALS = ("redirect", "html", "401", "403")

# Faults of the login: the fault, the kind of the event, a part of its detail, whether the terminal counts a login
LOGIN = [
    ("CSRF", 'path = "matriz/auth/login" status = 403', "login_refused", "does not accept the login"),
    ("refused", 'path = "matriz/auth/login" kind = "refuse"', "login_refused", "refused the login"),
    ("maintenance", 'path = "matriz/auth/login" status = 503', "login_failed", "503"),
    ("profile is a page", 'path = "matriz/api/v2/profile" kind = "html"', "login_refused", "does not give its profile"),
    ("profile not found", 'path = "matriz/api/v2/profile" status = 404', "login_failed", "404"),
    ("reset", 'path = "matriz/api/v2/profile" kind = "reset"', "login_failed", ""),
]

# Answers to the handshake that mean the same.
HANDSHAKE = ['kind = "redirect"', 'kind = "html"', "status = 401", "status = 403"]

# Faults of the open socket. A mute one is found by its silence or by the probes.
OPEN = [
    ("reset", 'kind = "reset"'),
    ("closed", 'kind = "close"'),
    ("mute", 'kind = "mute"'),
    ("half open", 'kind = "half_open"'),
    ("masked", 'kind = "masked"'),
]


def without_repeats(levels):
    """Brokers sometimes repeat a level, and so does the simulator."""
    return [level for i, level in enumerate(levels) if i == 0 or level != levels[i - 1]]


class TerminalStream(wire.WireTest):
    def start(self, *options, dialects="{matriz}", faults=None, **configuration):
        self.start_sim("--rate", "200", "--matriz-listen", "127.0.0.1:0", *options, faults=faults)
        self.configure(broker=f'timeout = 2  matriz_url = "{self.matriz_url}"', stream=STREAM + dialects, poll=POLL,
                       **configuration)
        return self.start_run()

    def from_terminal(self, at_least=60):
        self.until_rows("select count(*) from snapshots where source = 'matriz'", at_least=at_least)

    def more_from_terminal(self, more=60):
        """That many changes after those that are recorded now."""
        self.from_terminal(1)
        self.from_terminal(self.one("select count(*) from snapshots where source = 'matriz'") + more)

    def truth(self):
        """By REST: the values of each instrument that the terminal sends too."""
        with urllib.request.urlopen(urllib.request.Request(
                self.url + "auth/getToken", method="POST", data=b"",
                headers={"X-Username": "alice", "X-Password": "s3cret-pass"}), timeout=wire.PATIENCE_S) as answer:
            token = {"X-Auth-Token": answer.headers["X-Auth-Token"]}
        ask = lambda path: json.load(urllib.request.urlopen(
            urllib.request.Request(self.url + path, headers=token), timeout=wire.PATIENCE_S))
        truth = {}
        for item in ask("rest/instruments/all")["instruments"]:
            symbol = item["instrumentId"]["symbol"]
            query = urllib.parse.urlencode({"marketId": "ROFX", "symbol": symbol, "entries": ENTRIES, "depth": 5})
            data = ask("rest/marketdata/get?" + query)["marketData"]
            side = lambda name: without_repeats([[level["price"], level["size"]] for level in data.get(name) or []])
            truth[symbol] = (side("BI"), side("OF"), (data.get("LA") or {}).get("price"), data.get("HI"),
                             data.get("LO"), data.get("OP"))
        return truth

    def recorded(self):
        rows = self.sql("select symbol, bids, offers, last_price, high_price, low_price, open_price from quotes")
        return {row[0]: (json.loads(row[1] or "[]"), json.loads(row[2] or "[]"), *row[3:]) for row in rows}

    def freeze(self):
        """Stops the market; then the database has its last values."""
        self.post("sim/market?rate=0")
        truth = self.truth()
        wrong = lambda: {symbol: (values, self.recorded().get(symbol)) for symbol, values in truth.items()
                         if self.recorded().get(symbol) != values}
        try:
            self.until(lambda: self.recorded() == truth, "the database has every last value")
        except AssertionError as error:
            raise AssertionError(f"{wrong()}\n{error}") from None

    def assert_each_change_once(self):
        twice = self.one(f"""
            select count(*) from (select json_array({VALUES}, last_size, ts_last, trade_volume, close_price,
              settlement_price, open_interest, effective_volume, nominal_volume, index_value) as now,
              lag(json_array({VALUES}, last_size, ts_last, trade_volume, close_price, settlement_price, open_interest,
              effective_volume, nominal_volume, index_value)) over (partition by symbol order by seq) as before
              from snapshots) where now = before""")
        self.assertEqual(twice, 0, "an unchanged state was stored")
        self.assertEqual(self.one("select count(*) from snapshots"), self.one("select max(seq) from snapshots"))

    def assert_no_secret(self):
        """Neither password nor cookies nor ids of a session, in the log, the database and the status."""
        texts = [self.service.log()] + [str(row) for row in self.sql("select * from feed_log")]
        texts.append(self.cinta("status", "--json", "-c", self.conf_path).stdout)
        for text in texts:
            self.assertNotIn("s3cret", text)
            self.assertNotIn("_mtz_web_key", text)
            self.assertNotRegex(text, r"(session_id|conn_id)=(?!\*\*\*)[^&\s]")

    # -- without faults

    def test_records_what_rest_has(self):
        service = self.start()
        service.wait_line("event=login", "at the terminal")
        service.wait_line("event=stream_open", "session_id=***")
        service.wait_line("event=streaming")
        self.from_terminal(200)
        self.freeze()
        self.assertEqual(self.status()["stream"]["dialect"], "matriz")
        self.assertGreaterEqual(self.one("select count(*) from quotes where source = 'matriz'"), 8)
        self.assert_no_secret()
        stats = self.stats()
        self.assertEqual((stats["matriz_logins"], stats["matriz_login_refused"], stats["stream_opened"]), (1, 0, 0))
        self.assertEqual(stats["matriz_unknown_topics"], 0)
        self.stop_run()
        self.assert_each_change_once()
        sources = {row[0] for row in self.sql("select distinct source from coverage")}
        self.assertIn("matriz", sources)
        self.assertGreater(self.one("select count(*) from trades where origin = 'matriz'"), 0)
        self.assertEqual(self.events("divergence"), [])

    def test_one_level_without_books(self):
        self.start("--instruments", "12", dialects="{matriz}  depth = 1")
        self.from_terminal(100)
        self.post("sim/market?rate=0")
        only_best = lambda values: {symbol: (bids[:1], offers[:1], *rest)
                                    for symbol, (bids, offers, *rest) in values.items()}
        truth = only_best(self.truth())
        self.until(lambda: only_best(self.recorded()) == truth, "the best levels")
        self.assertEqual(self.stats()["matriz_topics"], 12)
        self.stop_run()

    # -- logins and sessions

    def test_a_session_that_has_ended(self):
        for how in REFUSALS:
            with self.subTest(how):
                self.setUp()
                service = self.start("--matriz-refuse", how)
                self.from_terminal()
                self.post("sim/sessions")
                self.post("sim/stream?kind=reset&dialect=matriz")
                service.wait_line("event=stream_closed")
                # It ended soon after the login, so the next one is minutes away.
                service.wait_line("event=unauthorized", "session of the terminal ended soon after the login")
                self.until_rows("select count(*) from quotes where source = 'rest'", at_least=8)
                self.assertEqual(self.stats()["matriz_logins"], 1)
                self.assert_no_secret()
                self.stop_run()

    def test_handshakes_that_are_refused(self):
        for fault in HANDSHAKE:
            with self.subTest(fault):
                self.setUp()
                service = self.start(faults=f'fault {{ path = "matriz/ws" {fault} count = 0 }}\n')
                service.wait_line("event=unauthorized", "session of the terminal ended soon after the login")
                service.wait_line("event=stream_refused")
                self.until_rows("select count(*) from quotes where source = 'rest'", at_least=12)
                self.assertEqual(self.stats()["matriz_logins"], 1)
                self.assert_no_secret()
                self.stop_run()

    def test_logins_that_fail(self):
        for name, fault, kind, words in LOGIN:
            with self.subTest(name):
                self.setUp()
                service = self.start(faults=f"fault {{ {fault} count = 0 }}\n")
                service.wait_line(f"event={kind}", words)
                self.until_rows("select count(*) from quotes where source = 'rest'", at_least=12)
                self.assertEqual(self.stats()["matriz_opened"], 0)
                self.assert_no_secret()
                self.stop_run()

    def test_a_wrong_password_is_not_repeated(self):
        service = self.start()
        self.from_terminal()
        self.post("sim/user?password=another")
        self.post("sim/sessions")
        self.stop_run()
        self.start_run()
        self.until_rows("select count(*) from quotes", at_least=12)
        service = self.service
        service.wait_line("event=login_refused", "the terminal refused the login")
        self.assertEqual(self.stats()["matriz_login_refused"], 1)
        self.stop_run()

    # -- the socket

    def test_faults_of_the_socket(self):
        for name, fault in OPEN:
            with self.subTest(name):
                self.setUp()
                self.start(faults=f'fault {{ path = "matriz/md" {fault} after = 60 count = 1 }}\n')
                self.from_terminal()
                self.until_rows("select count(*) from feed_log where kind in ('stale', 'stream_closed')")
                self.until_rows("select count(*) from feed_log where kind = 'stream_open'", at_least=2)
                self.more_from_terminal(200)
                self.freeze()
                self.stop_run()
                self.assert_each_change_once()

    def test_kill_9(self):
        service = self.start()
        self.from_terminal(200)
        service.kill(signal.SIGKILL)
        service.wait_exit()
        self.start_run()
        self.more_from_terminal(200)
        self.freeze()
        self.stop_run()
        self.assert_each_change_once()
        self.assertEqual(self.stats()["matriz_logins"], 2)  # sessions are in memory only

    # -- two streams

    def test_from_the_api_to_the_terminal_and_back_after_a_restart(self):
        service = self.start("--stream-auth", "query", dialects="{primary, matriz}")  # the API refuses the handshake
        service.wait_line("event=stream_refused")
        service.wait_line("event=dialect_changed", "stream matriz is used instead of primary", timeout=90)
        self.more_from_terminal()
        self.assertEqual(self.status()["stream"]["dialect"], "matriz")
        shown = self.cinta("status", "-c", self.conf_path).stdout
        self.assertRegex(shown, r"matriz is in use: it is the first that delivers data; primary: ")
        service.kill(signal.SIGKILL)
        service.wait_exit()

        # It delivered last, so it is the first.
        service = self.start_run()
        service.wait_line("event=stream_open", self.matriz_url.replace("http", "ws"))
        self.more_from_terminal()
        self.assertEqual(self.status()["stream"]["dialect_why"], "it delivered data before the restart")
        self.stop_run()

        # A damaged note of it is none.
        self.write("state/stream", "cinta stream 1\n\x00\xff\n")
        service = self.start_run()
        service.wait_line("event=stream_refused")
        self.assertEqual(self.status()["stream"]["dialect"], "primary")
        self.stop_run()
        self.assert_each_change_once()


if __name__ == "__main__":
    wire.main()
