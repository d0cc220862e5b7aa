"""Faults of a broker: each is reported once with its reason, and the other instruments are not affected."""
import json
import signal
import unittest

import wire

SICK = "MERV - XMEV - AL30 - 24hs"


def poll_fault(kind, rest="", symbol=SICK, after=3, count=1):
    return (f'fault {{ path = "rest/marketdata/get" symbol = "{symbol}" kind = "{kind}" '
            f'after = {after} count = {count} {rest} }}')


# name, fault, kind of the event, text in its detail
ONE_INSTRUMENT = [
    ("broken JSON", poll_fault("garbage"), "malformed", "not JSON at byte"),
    ("wrong shape", poll_fault("shape"), "malformed", "marketData"),
    ("body too large", poll_fault("huge"), "poll_failed", ""),
    ("cut short", poll_fault("truncated", count=2), "poll_failed", ""),
    ("connection reset", poll_fault("reset", count=4), "poll_failed", ""),
    ("closed without an answer", poll_fault("close", count=4), "poll_failed", ""),
    ("no answer", poll_fault("hang"), "poll_failed", "1"),
    ("status 500", poll_fault("status", "status = 500"), "server", "500"),
    ("status 400", poll_fault("status", "status = 400"), "bad_request", "400"),
    ("status 404", poll_fault("status", "status = 404"), "bad_path", "404"),
    ("unknown error", poll_fault("error", 'body = "Algo raro"'), "other", "Algo raro"),
]

# dropped for the day, reported once: name, kind of fault, its options, kind of the event
DROPPED = [
    ("unknown symbol", "error", f'''body = "Security {SICK}:ROFX doesn't exist"''', "unknown_symbol"),
    ("no access", "error", 'body = "Access Denied"', "access"),
    ("status 403", "status", "status = 403", "access"),
]

# not an answer of the broker's API: name, kind of fault, its options, text in the event's detail
PAGES = [
    ("403 with a page", "page", "status = 403", 'title \\"Just a moment...\\", instead of JSON (403)'),
    ("redirect elsewhere", "redirect", 'status = 301 location = "https://www.broker.test/"',
     'a redirect to \\"https://www.broker.test/\\" instead of JSON (301)'),
    ("empty body", "empty", "", "an empty body instead of JSON (200)"),
    ("403, empty", "blank", "status = 403", "an empty body instead of JSON (403)"),
    ("a gateway's JSON", "status", r'''status = 403 body = "{\"message\":\"Forbidden\"}"''',
     'JSON without the broker'),
]
DENIED = r'''"{\"status\":\"ERROR\",\"description\":\"Access Denied\"}"'''

# all answers that mean that the token is not valid
DEAD_TOKEN = [
    ("login page", poll_fault("html")),
    ("redirect to login", poll_fault("redirect")),
    ("tokens expire", poll_fault("expire")),
]


class Faults(wire.WireTest):
    def run_with(self, faults, **configuration):
        self.start_sim(faults=faults)
        self.configure(broker="timeout = 1", **configuration)
        return self.start_run()

    def last_good(self):
        return self.one("select count(*) from quotes where symbol = ? and bid_price > 0", SICK)

    def test_one_instrument_fails_and_recovers(self):
        for name, faults, kind, words in ONE_INSTRUMENT:
            with self.subTest(name):
                self.setUp()
                # in_flight = 2, because libcurl retries a request once for each reused connection that broke.
                service = self.run_with(faults, poll="interval = 0.2  rate = 200  in_flight = 2")
                line = service.wait_line(f"event={kind}", SICK)
                self.assertIn(words, line)
                self.assertIn("rest/marketdata/get", line)
                self.until(self.last_good, "the last quote is kept")
                service.wait_line("poll_recovered", SICK)
                self.until_polled()
                self.stop_run()
                events = self.events(kind)
                self.assertEqual([e[0] for e in events], [SICK])
                self.assertIn(words, events[0][1])
                self.assertEqual(self.one("select count(*) from quotes"), 12)
                self.sim.end()

    def test_an_unknown_symbol_is_reported_once_and_dropped(self):
        for name, fault, rest, kind in DROPPED:
            with self.subTest(name):
                self.setUp()
                service = self.run_with(poll_fault(fault, rest, after=0, count=0))
                service.wait_line(f"event={kind}", SICK, "not polled again today")
                self.until_polled(100)
                self.stop_run()
                self.assertEqual(len(self.events(kind)), 1)
                self.assertEqual(self.stats()["faults"], 1)  # it was not requested again
                self.assertEqual(self.one("select count(*) from quotes"), 11)
                self.sim.end()

    def test_an_unknown_configured_symbol_is_reported_once_although_the_list_comes_later(self):
        self.start_sim()
        self.configure(symbols=["NOPE/XXX"])
        self.start_run()
        self.until_rows("select count(*) from quotes", at_least=12)
        self.until_polled()
        self.stop_run()
        self.assertEqual([symbol for symbol, _ in self.events("unknown_symbol")], ["NOPE/XXX"])

    def test_a_retry_after_of_a_day_is_limited_and_a_reload_ends_it(self):
        fault = poll_fault("status", "status = 429 retry_after = 86400", symbol="*", after=20)
        service = self.run_with(fault)
        service.wait_line("event=rate_limited", "no requests for 900")
        polls = self.stats()["market_data"]
        service.kill(signal.SIGUSR1)
        self.assertRegex(service.wait_line("state: poller"), r"hold_s=(900|899)")
        self.assertLessEqual(self.stats()["market_data"] - polls, 8)  # requests that were in flight
        status = self.cinta("status", "-c", self.conf_path).stdout
        self.assertRegex(status, r"NO REQUESTS for another 1[45] min.*the broker asked for fewer.*a reload ends the wait")
        service.kill(signal.SIGHUP)
        service.wait_line("config_reloaded")
        self.until_polled()
        self.stop_run()

    # -- pages instead of answers: no instrument is dropped, and one request is sent at a time

    def test_pages_hold_the_feed_and_drop_nothing(self):
        for name, fault, rest, words in PAGES:
            with self.subTest(name):
                self.setUp()
                service = self.run_with(poll_fault(fault, rest, symbol="*", after=40, count=2))
                line = service.wait_line("event=page", "trying one request at a time")
                self.assertIn(words, line)
                self.assertNotIn("symbol=", line)
                service.wait_line("event=broker_up")
                self.until_polled(200)
                self.stop_run()
                self.assertEqual(len(self.events("page")), 1)
                self.assertEqual(len(self.events("broker_up")), 1)
                self.assertEqual(self.stats()["logins"], 1)
                self.assertEqual(self.one("select count(*) from quotes"), 12)
                self.assertEqual(self.events("unknown_symbol") + self.events("access") + self.events("malformed"), [])
                self.sim.end()

    def test_persistent_login_pages_cause_one_login(self):
        for kind in ("html", "redirect"):
            with self.subTest(kind):
                self.setUp()
                service = self.run_with(poll_fault(kind, symbol="*", after=40, count=4))
                service.wait_line("event=unauthorized", "the token may be invalid")
                service.wait_line("event=page")  # the new token gets the page too
                service.wait_line("event=broker_up")
                self.until_polled()
                self.stop_run()
                stats = self.stats()
                self.assertEqual((stats["logins"], stats["login_refused"]), (2, 0))
                self.assertEqual(len(self.events("page")), 1)
                self.sim.end()

    def test_a_page_for_one_instrument_holds_only_that_instrument(self):
        service = self.run_with(poll_fault("page", "status = 403", count=0))
        service.wait_line("event=page", "trying one request at a time")
        service.wait_line("event=broker_up")
        line = service.wait_line("event=page", SICK)
        self.assertIn('title \\"Just a moment...\\"', line)
        self.until_polled(200)
        self.stop_run()
        self.assertEqual(len(self.events("page")), 2)
        self.assertLess(self.stats()["faults"], 8)

    def test_a_mass_refusal_drops_no_instrument(self):
        service = self.run_with(poll_fault("status", f"status = 403 body = {DENIED}", symbol="*", after=40, count=4))
        line = service.wait_line("event=mass_refusal")
        self.assertIn("Access Denied", line)
        service.wait_line("event=broker_up")
        self.until_polled(200)
        self.until(lambda: json.loads(self.cinta("status", "-c", self.conf_path, "--json").stdout)["unobserved"]
                   ["instruments"] == 0, "all are observed again")
        self.stop_run()
        self.assertLessEqual(len(self.events("access")), 4)
        self.assertEqual(self.one("select count(*) from quotes"), 12)

    def test_status_counts_the_dropped_as_unobserved(self):
        service = self.run_with(poll_fault("error", f'body = "Security {SICK}:ROFX doesn\'t exist"', after=0, count=0))
        service.wait_line("event=unknown_symbol")
        done = self.cinta("status", "-c", self.conf_path, "--json")
        status = json.loads(done.stdout)
        self.assertEqual((status["unobserved"]["instruments"], status["unobserved"]["dropped"]), (1, 1), done.stdout)
        self.assertEqual(status["polling"]["polled"], 11)
        shown = self.cinta("status", "-c", self.conf_path).stdout
        self.assertRegex(shown, r"unobserved +1 instruments")
        self.assertIn("1 dropped for today", shown)
        self.stop_run()

    def test_status_reports_pages(self):
        service = self.run_with(poll_fault("page", 'status = 403 title = "Sitio en mantenimiento"', symbol="*", count=0))
        service.wait_line("event=page")
        done = self.cinta("status", "-c", self.conf_path)
        self.assertRegex(done.stdout, r'PAGES INSTEAD OF ANSWERS for .*"Sitio en mantenimiento".*next try in \d+ s')
        polling = json.loads(self.cinta("status", "-c", self.conf_path, "--json").stdout)["polling"]
        self.assertEqual(polling["outage"], "pages")
        self.assertIn("Sitio en mantenimiento", polling["outage_why"])
        self.stop_run()

    def test_invalid_tokens(self):
        for name, faults in DEAD_TOKEN:
            with self.subTest(name):
                self.setUp()
                service = self.run_with(faults)
                service.wait_line("unauthorized")
                service.wait_line("event=login")
                self.until_polled()
                self.stop_run()
                self.assertEqual(self.stats()["logins"], 2 if "expire" in name else 1 + 1)
                self.assertEqual(self.one("select count(*) from quotes"), 12)
                self.sim.end()

    def test_one_401_keeps_the_token(self):
        self.run_with(poll_fault("status", "status = 401"))
        self.until_polled(100)
        self.stop_run()
        self.assertEqual(self.stats()["faults"], 1)
        self.assertEqual(self.stats()["logins"], 1)
        self.assertEqual(self.events("unauthorized"), [])
        self.assertEqual(self.one("select count(*) from quotes"), 12)

    def test_no_data_is_requested_slowly(self):
        service = self.run_with(poll_fault("error", f'body = "No hay Market Data para {SICK} : ROFX"', after=0, count=0))
        service.wait_line("event=no_data", SICK)
        self.until_polled(100)
        self.stop_run()
        self.assertEqual(self.stats()["faults"], 1)
        self.assertEqual(self.one("select count(*) from quotes"), 11)

    def test_harmless_deviations(self):
        for kind, rest in (("type", ""), ("slow", "delay = 0.3")):
            with self.subTest(kind):
                self.setUp()
                service = self.run_with(poll_fault(kind, rest, symbol="*", after=0, count=20))
                self.until_rows("select count(*) from quotes", at_least=12)
                self.until_polled()
                self.stop_run()
                self.assertEqual(self.events("poll_failed") + self.events("malformed"), [], service.log())
                self.sim.end()

    def test_429_with_retry_after(self):
        fault = poll_fault("status", "status = 429 retry_after = 1", symbol="*", after=20)
        service = self.run_with(fault)
        line = service.wait_line("event=rate_limited")
        self.assertRegex(line, r"no requests for (1\.0|0\.9) s, then at most 100 requests")
        self.until_polled()
        self.stop_run()
        self.assertEqual(len(self.events("rate_limited")), 1)

    def test_429_and_503_without_retry_after_halve_the_rate(self):
        for status in (429, 503):
            with self.subTest(status):
                self.setUp()
                service = self.run_with(poll_fault("status", f"status = {status}", symbol="*", after=20))
                service.wait_line("event=rate_limited", "at most 100 requests")
                self.until_polled()
                self.stop_run()
                self.sim.end()

    def test_the_broker_ends_and_starts_again(self):
        service = self.run_with(None)
        self.until_rows("select count(*) from quotes", at_least=12)
        address = self.url.removeprefix("http://").rstrip("/")
        self.sim.kill(9)
        self.sim.wait_exit()
        line = service.wait_line("event=broker_down")
        self.assertIn("trying one request at a time", line)
        service.kill(signal.SIGHUP)  # the outage continues with the new configuration
        service.wait_line("config_reloaded")
        self.start_sim(listen=address)
        line = service.wait_line("event=broker_up")
        self.assertRegex(line, r"after \d\d?\.\d s")
        self.until_polled()
        self.stop_run()
        self.assertEqual(len(self.events("broker_down")), 1)
        self.assertEqual(len(self.events("broker_up")), 1)
        self.assertEqual(self.stats()["logins"], 1)  # the new broker did not know the old token

    def test_many_faults_at_once(self):
        kinds = ["garbage", "shape", "huge", "truncated", "reset", "close", "type"]
        faults = "\n".join(f'fault {{ path = "rest/marketdata/get" kind = "{kind}" probability = 0.02 }}'
                           for kind in kinds)
        faults += 'fault { path = "rest/marketdata/get" kind = "empty" after = 100 count = 2 }'
        self.run_with(faults)
        self.until(lambda: self.stats()["faults"] >= 60, "60 faults")
        self.until_rows("select count(*) from quotes", at_least=12)
        self.stop_run()
        seqs = [r[0] for r in self.sql("select seq from snapshots order by seq")]
        self.assertEqual(seqs, list(range(1, len(seqs) + 1)))
        self.assertEqual(self.sql("select * from quotes where bid_price <= 0 or bid_price > 1e12"), [])


if __name__ == "__main__":
    wire.main()
