"""Instruments that are recorded because clients of the local API want them (serve.on_demand)."""
import concurrent.futures
import json
import signal
import urllib.parse

import futures
import wire
from test_local_api import BOND, FUTURE, LocalApiTest

OTHER = futures.THIRD
REFUSED = "NO/SUCH"
NO_LIST = 'fault { path = "rest/instruments/details" kind = "status" status = 404 }\n'


class OnDemandTest(LocalApiTest):
    def begin(self, allowed=3, **more):
        """The broker has no list that says what exists, unless `faults` is None."""
        self.start(serve=f'listen = "127.0.0.1:0"  on_demand = {allowed}', symbols=[FUTURE],
                   **{"match": [], "stream": "enable = true", "faults": NO_LIST, **more})

    def get(self, symbol, market="ROFX"):
        quoted = urllib.parse.quote(symbol, safe="")
        return self.ask(f"GET /rest/marketdata/get?marketId={market}&symbol={quoted}&entries=BI,OF,LA").json()

    def unknown(self, symbol):
        return f"Security {symbol}:ROFX doesn't exist"

    def frames(self, client, count):
        """The next frame of each of so many products."""
        found = {}
        while len(found) < count:
            frame = json.loads(client.text())
            self.assertEqual(frame.get("type"), "Md", frame)
            found.setdefault(frame["instrumentId"]["symbol"], frame["marketData"])
        return found

    def on_demand(self):
        return self.status()["on_demand"]

    def offered(self):
        return {i["instrumentId"]["symbol"] for i in self.ask("GET /rest/instruments/all").json()["instruments"]}

    def reload(self):
        self.service.kill(signal.SIGHUP)
        self.service.wait_line("event=config_reloaded")


class StreamTest(OnDemandTest):
    def test_a_subscription_records_it_on_the_same_connection(self):
        self.begin()
        self.until_rows("select count(*) from quotes where source = 'stream'")
        before = self.stats()
        client = self.stream()
        self.smd(client, [BOND, FUTURE])
        found = self.frames(client, 2)
        self.assertIsNotNone(found[BOND]["LA"])
        self.service.wait_line("event=demand_taken", BOND)
        self.until_rows("select count(*) from quotes where source = 'stream' and symbol = ?", BOND)
        self.until(lambda: self.stats()["smd_products"] > before["smd_products"], "it is subscribed")
        after = self.stats()
        self.assertEqual(after["stream_opened"], 1)
        self.assertEqual(after["logins"], before["logins"])
        self.assertEqual(after["smd_products"], before["smd_products"] + 1)  # FUTURE is not subscribed again
        self.assertEqual(self.offered(), {FUTURE, BOND})
        status = self.on_demand()
        self.assertEqual((status["allowed"], status["recorded"], status["symbols"]), (3, 1, [BOND]))
        self.until(lambda: [symbol for symbol, _ in self.events("demand_taken")] == [BOND], "it is reported")
        self.assertIn("cinta_on_demand_instruments 1\n", self.ask("GET /metrics").body.decode())
        text = self.cinta("status", "-c", self.conf_path).stdout
        self.assertIn(f"on demand  1 of 3 instruments: {BOND}; refused so far: 0 unknown, 0 too many", text)
        self.frames(client, 2)  # both go on
        self.assertEqual(self.sql("select count(*) from gaps where symbol = ? and reason = 'stream_closed'", FUTURE), [(0,)])

    def test_one_that_the_broker_refuses(self):
        self.begin()
        client = self.stream()
        self.smd(client, [REFUSED, FUTURE, BOND])
        symbols, error = set(), None
        while error is None or len(symbols) < 2:  # the others of the message are subscribed
            frame = json.loads(client.text())
            if "status" in frame:
                error = frame
            else:
                symbols.add(frame["instrumentId"]["symbol"])
        self.assertEqual(symbols, {FUTURE, BOND})
        self.assertEqual(error["description"], f"Product {REFUSED}:ROFX don't exist")
        self.assertEqual(json.loads(error["message"]),
                         {"type": "smd", "level": 1, "depth": 2, "entries": ["BI", "OF", "LA"],
                          "products": [{"symbol": REFUSED, "marketId": "ROFX"}]})
        self.until(lambda: self.stats()["smd_products"] == 2, "the stream is asked for the others only")
        for _ in range(3):  # remembered for the day: refused at once, none of the message is subscribed
            self.smd(client, [REFUSED, OTHER])
        errors = []
        while len(errors) < 3:
            frame = json.loads(client.text())
            if "status" in frame:
                errors.append(frame["description"])
        self.assertEqual(errors, [f"Product {REFUSED}:ROFX don't exist"] * 3)
        self.assertEqual(self.get(REFUSED)["description"], self.unknown(REFUSED))
        self.assertEqual(self.offered(), {FUTURE, BOND})
        self.assertEqual(self.on_demand()["refused_unknown"], 5)
        self.until_rows("select count(*) from feed_log where kind = 'demand_taken'")
        self.assertEqual(len(self.events("unknown_symbol")), 1)
        self.assertNotIn(REFUSED, {symbol for symbol, in self.sql("select symbol from gaps")})

    def test_the_bound(self):
        self.begin(allowed=1)
        first, second = self.stream(), self.stream()
        self.smd(first, [BOND])
        self.frames(first, 1)
        self.smd(second, [FUTURE, OTHER])
        error = json.loads(second.text())
        self.assertEqual(error["description"], f"Product {OTHER}:ROFX don't exist")
        self.smd(second, [BOND, FUTURE])  # it is taken up already
        self.frames(second, 2)
        self.assertEqual(self.get(OTHER)["description"], self.unknown(OTHER))
        self.service.wait_line("event=demand_full")
        self.assertEqual(self.on_demand()["refused_full"], 2)
        self.assertIn('cinta_on_demand_refusals_total{reason="full"} 2\n', self.ask("GET /metrics").body.decode())
        first.close()
        second.close()
        # Nobody wants the first any more: its place is given away before the minute is over.
        self.until(lambda: self.get(OTHER)["status"] == "OK", "a place is free")
        self.assertEqual(self.on_demand()["symbols"], [OTHER])
        self.until(lambda: [symbol for symbol, _ in self.events("demand_dropped")] == [BOND], "it is reported")
        self.assertEqual(len(self.events("demand_full")), 1)
        self.assertEqual(self.offered(), {FUTURE, OTHER})
        self.assertEqual(self.sql("select symbol from watch join instrument on id = instrument_id where ts_to > 0"), [(BOND,)])
        self.assertEqual(self.one("select count(*) from gaps where symbol = ? and ts_to > (select max(ts) from feed_log "
                                  "where kind = 'demand_dropped')", BOND), 0)

    def test_many_clients_of_one_product(self):
        self.begin(allowed=1)
        clients = [self.stream() for _ in range(200)]
        for client in clients:
            self.smd(client, [BOND])
        for client in clients:
            self.frames(client, 1)
        for client in clients[1:]:
            client.close()
        self.assertEqual(self.on_demand()["recorded"], 1)
        self.until(lambda: self.stats()["smd_products"] == 2, "it is subscribed once")
        self.until(lambda: len(self.events("demand_taken")) == 1, "it is reported once")

    def test_many_clients_of_one_unknown_product(self):
        self.begin(allowed=1)
        clients = [self.stream() for _ in range(50)]
        for client in clients:
            self.smd(client, [REFUSED])
        for client in clients:
            self.assertEqual(json.loads(client.text())["description"], f"Product {REFUSED}:ROFX don't exist")
        self.until(lambda: len(self.events("unknown_symbol")) == 1, "it was asked for once")

    def test_a_client_that_invents_names(self):
        self.begin(allowed=100)
        client = self.stream()
        polls = self.stats()["market_data"]
        self.smd(client, [f"INVENTED/{n}" for n in range(2000)])  # more than allowed: one error
        self.assertIn("don't exist", json.loads(client.text())["description"])
        self.assertEqual(self.on_demand()["waiting"], 0)
        self.smd(client, [f"INVENTED/{n}" for n in range(60)])
        errors = {json.loads(client.text())["description"] for _ in range(60)}
        self.assertEqual(errors, {f"Product INVENTED/{n}:ROFX don't exist" for n in range(60)})
        self.assertLess(self.stats()["market_data"], polls + 120)
        self.assertEqual(self.events("mass_refusal") + self.events("stream_denied"), [])
        self.smd(client, [BOND])
        self.frames(client, 1)

    def test_a_reload_keeps_what_clients_want(self):
        self.begin()
        client = self.stream()
        self.smd(client, [BOND, OTHER])
        self.frames(client, 2)
        self.configure(serve='listen = "127.0.0.1:0"  on_demand = 3', symbols=[FUTURE, OTHER], match=[],
                       stream="enable = true", poll="interval = 0.3  rate = 200")
        self.reload()
        self.frames(client, 2)  # what clients want is still recorded
        self.until(lambda: self.on_demand()["symbols"] == [BOND], "the other one is configured")
        self.assertEqual(self.offered(), {FUTURE, BOND, OTHER})
        client.close()
        again = self.stream()  # a client that connects again
        self.smd(again, [BOND])
        self.frames(again, 1)
        self.assertEqual(self.events("demand_dropped"), [])

    def test_a_reload_takes_it_from_the_configuration(self):
        self.begin()
        client = self.stream()
        self.smd(client, [FUTURE])
        self.frames(client, 1)
        self.assertEqual(self.on_demand()["recorded"], 0)
        self.configure(serve='listen = "127.0.0.1:0"  on_demand = 3', symbols=[OTHER], match=[], stream="enable = true")
        self.reload()
        self.until(lambda: self.on_demand()["symbols"] == [FUTURE], "a client wants it")
        self.frames(client, 1)
        self.until(lambda: self.offered() == {FUTURE, OTHER}, "both are recorded")

    def test_nothing_is_taken_up_after_a_restart(self):
        self.begin()
        client = self.stream()
        self.smd(client, [BOND])
        self.frames(client, 1)
        self.until_rows("select count(*) from quotes where symbol = ?", BOND)
        self.service.kill(signal.SIGKILL)
        self.service.wait_exit()
        self.start_run()
        self.api = self.until(lambda: self.status().get("local_api"), "the local API listens")
        self.until(lambda: self.offered() == {FUTURE}, "only what is configured")
        self.assertEqual(self.on_demand()["recorded"], 0)
        client = self.stream()
        self.smd(client, [BOND])
        self.frames(client, 1)


class RestTest(OnDemandTest):
    def test_a_request_waits_for_the_first_data(self):
        self.begin(stream="enable = false")
        answer = self.get(BOND)
        self.assertEqual(answer["status"], "OK")
        self.assertIsNotNone(answer["marketData"]["LA"])
        self.assertEqual(self.get(BOND, "MERV")["status"], "OK")
        self.assertEqual(self.get(REFUSED)["description"], self.unknown(REFUSED))
        self.until_rows("select count(*) from quotes where symbol = ? and source = 'rest'", BOND)
        self.assertEqual(self.offered(), {FUTURE, BOND})
        self.assertEqual(self.ask("GET /chart?symbol=" + urllib.parse.quote(BOND)).status, 200)
        with concurrent.futures.ThreadPoolExecutor(20) as pool:
            answers = list(pool.map(self.get, [OTHER] * 20))
        self.assertEqual({a["status"] for a in answers}, {"OK"})

    def test_a_broker_that_does_not_answer(self):
        self.begin(stream="enable = false")
        self.sim.end()
        self.service.wait_line("event=broker_down")
        self.assertEqual(self.get(BOND)["description"], f"No market data of {BOND}:ROFX yet: ask again later")
        self.assertEqual(self.on_demand()["waiting"], 1)
        self.assertEqual(self.offered(), {FUTURE})

    def test_names_that_no_broker_has(self):
        self.begin()
        polls = self.stats()["requests"]
        for symbol in ("", "A" * 129, "A\x01B", "A\nB", "\x7f"):
            with self.subTest(symbol):
                self.assertEqual(self.get(symbol)["status"], "ERROR")
                client = self.stream()
                self.smd(client, [symbol])
                self.assertEqual(json.loads(client.text())["status"], "ERROR")
        self.assertEqual(self.get(BOND, "BYMA")["description"], f"Security {BOND}:BYMA doesn't exist")
        self.assertEqual(self.on_demand()["waiting"], 0)
        for symbol in ("Ñandú/2027", "%s%n", "'; drop table quote; --", "\U0001f4b8"):
            with self.subTest(symbol):
                self.assertEqual(self.get(symbol)["description"], self.unknown(symbol))
        self.assertLess(self.stats()["requests"], polls + 200)
        self.assertEqual(self.get(BOND)["status"], "OK")

    def test_off_by_default(self):
        self.begin(allowed=0)
        client = self.stream()
        self.smd(client, [BOND])
        self.assertEqual(json.loads(client.text())["description"], f"Product {BOND}:ROFX don't exist")
        self.assertEqual(self.get(BOND)["description"], self.unknown(BOND))
        status = self.on_demand()
        self.assertEqual((status["refused_full"], status["refused_unknown"], self.events("demand_full")), (0, 0, []))
        self.configure(serve='listen = "127.0.0.1:0"  on_demand = 1', symbols=[FUTURE], match=[], stream="enable = true")
        self.reload()
        self.assertEqual(self.get(BOND)["status"], "OK")
        self.smd(client, [BOND])  # the reload has not disconnected it
        self.frames(client, 1)


class ListTest(OnDemandTest):
    def test_the_brokers_list_decides(self):
        self.begin(allowed=100, faults=None)
        self.until_rows("select count(*) from instruments where listed and symbol = ?", BOND)
        polls = self.stats()["market_data"]
        client = self.stream()
        self.smd(client, [BOND, REFUSED])  # none of the message is taken up
        self.assertEqual(json.loads(client.text())["description"], f"Product {REFUSED}:ROFX don't exist")
        self.assertEqual(self.get(REFUSED)["description"], self.unknown(REFUSED))
        status = self.on_demand()
        self.assertEqual((status["recorded"], status["waiting"], status["refused_unknown"]), (0, 0, 2))
        self.assertEqual(self.events("unknown_symbol"), [])
        self.smd(client, [BOND])
        self.frames(client, 1)
        self.assertLess(self.stats()["market_data"], polls + 100)
        detail = self.ask("GET /rest/instruments/detail?marketId=ROFX&symbol=" + urllib.parse.quote(BOND)).json()
        self.assertIsNotNone(detail["instrument"]["cficode"])


if __name__ == "__main__":
    wire.main()
