"""The local API for programs that do not speak the broker's dialect: /events, /csv, /healthz, /readyz, /status."""
import csv
import http.client
import io
import json
import re
import signal
import socket
import sqlite3
import urllib.error
import urllib.request

import futures
import wire

TOKEN = "a-token/with=signs"


class Events:
    """A client of /events: reads the stream of bytes and returns the events."""

    def __init__(self, port, path):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=wire.PATIENCE_S)
        self.socket.sendall(f"GET /{path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nLast-Event-ID: 7\r\n\r\n".encode())
        self.file = self.socket.makefile("rb")
        self.status = int(self.file.readline().split()[1])
        self.head = {}
        while (line := self.file.readline().strip()):
            name, _, value = line.decode().partition(":")
            self.head[name.lower()] = value.strip()

    def next(self):
        """The next event as (name, data)."""
        name = None
        while (line := self.file.readline()):
            if line.startswith(b"event: "):
                name = line[7:].strip().decode()
            elif line.startswith(b"data: "):
                return name, json.loads(line[6:])
        raise AssertionError("the stream has ended")

    def until(self, wanted, condition=lambda data: True):
        while True:
            name, data = self.next()
            if name == wanted and condition(data):
                return data

    def close(self):
        self.file.close()
        self.socket.close()


class Feeds(wire.WireTest):
    def serve(self, *sim, stream="enable = true", token="", session="always = true", **options):
        self.start_sim("--rate", "20", *sim, **options)
        self.configure(stream=stream, session=session)
        with open(self.conf_path, encoding="utf-8") as file:
            text = file.read()
        self.write("cinta.conf", text.replace('serve { listen = "" }', f'serve {{ listen = "127.0.0.1:0" token = "{token}" }}'))
        service = self.start_run()
        line = service.wait_line("local API")
        self.port = int(re.search(r"127\.0\.0\.1:(\d+)/", line).group(1))
        return service

    def dollars(self):
        """The dollar futures by maturity."""
        self.until_rows("select count(*) from instrument_list")
        return [symbol for symbol, in self.sql("select symbol from instruments where product = 'DLR' and recorded order by maturity_date")]

    def get(self, path, **headers):
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/{path}", headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=wire.PATIENCE_S) as answer:
                return answer.status, dict(answer.headers), answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, dict(error.headers), error.read().decode()

    def events(self, path):
        client = Events(self.port, path)
        self.addCleanup(client.close)
        return client

    def test_events(self):
        self.serve()
        self.until_rows("select count(*) from quotes", at_least=12)
        self.until_rows("select count(*) from quotes where source = 'stream' and symbol = ?", futures.SECOND)
        client = self.events("events?match=*&seen=1")
        self.assertEqual((client.status, client.head["content-type"]), (200, "text/event-stream"))
        self.assertNotIn("content-length", client.head)
        name, feed = client.next()
        self.assertEqual(name, "feed")
        self.assertLessEqual({"mode", "reason", "outage", "session", "staleMs"}, set(feed))
        self.assertEqual((feed["mode"], feed["session"], feed["staleMs"]), ("streaming", True, 90000))

        first = {}
        while len(first) < 12:
            name, data = client.next()
            if name == "quote" and data["symbol"] not in first:
                first[data["symbol"]] = data
        self.assertEqual([data["order"] for data in first.values()], list(range(12)))
        self.assertEqual([s for s in first if s.startswith("DLR/")], self.dollars())
        columns = [row[0] for row in self.sql("select name from pragma_table_info('quotes')")]
        quote = first[futures.SECOND]
        self.assertEqual(list(quote), ["order", "ageMs", "calendar", "decimals", *columns])
        self.assertEqual((quote["market"], quote["source"], quote["recorded"]), ("ROFX", "stream", 1))
        self.assertEqual([quote["bid_price"], quote["bid_size"]], quote["bids"][0])
        self.assertTrue(0 <= quote["ageMs"] < wire.PATIENCE_S * 1000)

        later = client.until("quote", lambda data: data["seq"] > first[data["symbol"]]["seq"])
        row = self.until(lambda: self.sql("select bid_price, last_price, ts_recv from snapshots where seq = ?", later["seq"]), "the change is stored")
        self.assertEqual(row[0], (later["bid_price"], later["last_price"], later["ts_recv"]))
        seen = client.until("seen", lambda data: len(data["symbols"]) > 0)
        self.assertLessEqual(set(seen["symbols"]), set(first))
        self.stop_run()  # it ends, without waiting for the client
        client.file.read()

    def test_decimals_are_those_of_the_reference_data(self):
        """A client learns of others when the broker's list is read again, also without a change of the quote."""
        self.serve()
        self.until_rows("select count(*) from quotes", at_least=12)
        client = self.events("events?match=*")
        quote = lambda symbol, decimals: client.until("quote", lambda data: (data["symbol"], data["decimals"]) == (symbol, decimals))
        for symbol, decimals in ((futures.SECOND, 1), ("I.RFX20", 2), ("MERV - XMEV - AL30 - 24hs", 0)):
            quote(symbol, decimals)
        self.stop_run()
        connection = sqlite3.connect(self.db_path)
        connection.execute("update instrument set price_decimals = 7 where symbol = ?", (futures.SECOND,))
        connection.execute("update instrument set price_decimals = null, price_tick = null where symbol = 'I.RFX20'")
        connection.commit()
        connection.close()
        self.post("sim/market?rate=0")
        self.start_run()
        self.port = int(re.search(r"127\.0\.0\.1:(\d+)/", self.service.wait_line("local API")).group(1))
        client = self.events("events?match=*")
        quote(futures.SECOND, 7)
        quote("I.RFX20", None)
        self.assertEqual(self.cinta("instruments", "-c", self.conf_path, "--refresh").returncode, 0)
        quote(futures.SECOND, 1)
        quote("I.RFX20", 2)
        self.assertEqual(client.until("complete")["instruments"], 12)

    def test_many_quotes_come_in_portions_to_all_clients(self):
        self.serve("--instruments", "700")
        self.until_rows("select count(*) from quotes", at_least=600)
        clients = [self.events("events?match=*") for _ in range(4)]
        symbols = [row["symbol"] for row in csv.DictReader(io.StringIO(self.get("csv")[2], newline=""))]
        self.assertGreaterEqual(len(symbols), 600)
        for client in clients:
            places = {}
            while not places.keys() >= set(symbols):
                name, data = client.next()
                if name == "quote":
                    places.setdefault(data["symbol"], data["order"])
            self.assertEqual(sorted(symbols, key=places.get), symbols)

    def test_events_of_a_match(self):
        self.serve()
        self.until_rows("select count(*) from quotes", at_least=12)
        client = self.events(f"events?match=dlr/{futures.MONTH.lower()}*&match=I.*")
        events = [client.next() for _ in range(8)]
        self.assertEqual(events[0][0], "feed")
        self.assertEqual({data["symbol"] for name, data in events if name == "quote"}, {futures.SECOND, "I.RFX20"})
        self.assertNotIn("seen", [name for name, _ in events])

    def test_complete_when_all_quotes_were_sent(self):
        self.serve()
        self.until_rows("select count(*) from quotes", at_least=12)
        for match, count in (("*", 12), (f"DLR/{futures.MONTH}*", 1), ("none", 0)):
            with self.subTest(match):
                client = self.events(f"events?match={match}")
                quotes = set()
                while (event := client.next())[0] != "complete":
                    quotes |= {event[1]["symbol"]} if event[0] == "quote" else set()
                self.assertEqual(event[1], {"instruments": len(quotes), "quotes": len(quotes)})
                self.assertEqual(len(quotes) > 0, match != "none")
        self.assertEqual(self.one("select count(*) from quotes"), 12)

    def test_other_instruments_after_a_reload(self):
        """The ones that are not recorded any more are gone, for whom they matched; the new ones arrive."""
        self.serve()
        self.until_rows("select count(*) from quotes", at_least=12)
        self.until_rows("select count(*) from instrument_list")  # it has the decimals, which make all quotes come again
        with open(self.conf_path, encoding="utf-8") as file:
            text = file.read()
        every, dollars = self.events("events?match=*"), self.events("events?match=DLR/*")
        self.assertEqual(every.until("complete")["quotes"], 12)
        dollars.until("complete")
        self.write("cinta.conf", text.replace('match = {"*"}', 'match = {"DLR/*"}'))
        self.service.kill(signal.SIGHUP)
        gone, later = set(), set()
        while (event := every.next())[0] != "complete":
            if event[0] == "gone":
                self.assertEqual(set(event[1]), {"market", "symbol"})
                gone.add((event[1]["market"], event[1]["symbol"]))
                later.discard(event[1]["symbol"])
            elif event[0] == "quote":
                later.add(event[1]["symbol"])
        self.assertTrue(gone)
        self.until(lambda: gone == set(self.sql("select market, symbol from quotes where not recorded")), "the same in the database")
        self.assertEqual(len(later), event[1]["quotes"])
        self.assertTrue(all(symbol.startswith("DLR/") for symbol in later))
        names = []
        while (name := dollars.next()[0]) != "complete":
            names.append(name)
        self.assertNotIn("gone", names)
        self.write("cinta.conf", text)
        self.service.kill(signal.SIGHUP)
        again = every.until("quote", lambda data: ("ROFX", data["symbol"]) in gone)
        self.assertEqual(again["recorded"], 1)

    def test_a_sign_of_life_when_nothing_is_confirmed(self):
        self.serve()
        self.until_rows("select count(*) from quotes", at_least=12)
        client = self.events("events?match=none&seen=1")
        self.assertEqual(client.until("seen"), {"symbols": []})

    def test_a_change_of_mode_is_an_event(self):
        self.serve()
        client = self.events("events?match=none")
        client.until("feed", lambda data: data["mode"] == "streaming")
        self.sim.end()
        feed = client.until("feed", lambda data: data["mode"] != "streaming")
        self.assertNotEqual(feed["reason"], "")
        feed = client.until("feed", lambda data: data["outage"])
        status, _, body = self.get("readyz")
        self.assertEqual((status, json.loads(body)["ready"]), (503, False))
        self.assertIn("no market data from the broker (unreachable)", json.loads(body)["reason"])
        self.assertEqual(self.get("healthz")[0], 200)

    def test_a_client_that_does_not_read_delays_nobody(self):
        self.serve()
        self.until_rows("select count(*) from quotes", at_least=12)
        deaf = [self.events("events?match=*") for _ in range(5)]
        client = self.events("events?match=*")
        before = client.until("quote")["seq"]
        client.until("quote", lambda data: data["seq"] > before + 40)
        self.assertEqual(len(deaf), 5)
        self.stop_run()

    def test_csv(self):
        self.serve()
        self.until_rows("select count(*) from quotes", at_least=12)
        columns = [row[0] for row in self.sql("select name from pragma_table_info('quotes')")]
        status, headers, body = self.get("csv?match=DLR/*")
        self.assertEqual((status, headers["content-type"]), (200, "text/csv; charset=utf-8"))
        rows = list(csv.DictReader(io.StringIO(body, newline="")))
        self.assertEqual(list(rows[0]), columns)
        self.assertEqual([row["symbol"] for row in rows], self.dollars())
        self.assertTrue(all(row["symbol"].startswith("DLR/") for row in rows))
        self.assertEqual(float(rows[0]["bid_price"]), json.loads(rows[0]["bids"])[0][0])
        self.assertTrue(body.endswith("\r\n"))

        status, _, body = self.get("csv?locale=es-AR")
        self.assertEqual((status, body[0]), (200, "\ufeff"))
        rows = list(csv.DictReader(io.StringIO(body[1:], newline=""), delimiter=";"))
        self.assertEqual((len(rows), list(rows[0])), (12, [c for c in columns if not c.startswith("ts_")]))
        self.assertRegex(rows[0]["recv_time"], r"^\d\d/\d\d/\d{4} \d\d:\d\d:\d\d$")
        self.assertTrue(all(re.fullmatch(r"[\d,]*", row["bid_price"]) for row in rows))
        self.assertEqual(self.get("csv?locale=fr-FR")[0], 400)
        self.assertEqual(self.get("csv?match=none")[2].count("\r\n"), 1)
        origin = f"http://127.0.0.1:{self.port}"
        self.assertEqual(self.get("csv", Origin=origin)[1]["access-control-allow-origin"], origin)

    def test_ready_before_and_outside_of_the_session(self):
        self.serve(session=wire.closed_session())
        status, headers, body = self.get("readyz")
        self.assertEqual(headers["content-type"].split(";")[0], "application/json")
        self.assertEqual(set(json.loads(body)), {"ready", "reason"})
        self.until(lambda: self.get("readyz")[0] == 200, "ready")
        self.assertEqual(json.loads(self.get("healthz")[2]), {"status": "ok"})
        self.assertTrue(json.loads(self.get("status")[2])["local_api"].endswith(f":{self.port}/"))

    def test_the_first_start_without_a_broker_says_why(self):
        self.start_sim()
        self.sim.end()
        self.configure(serve='listen = "127.0.0.1:0"')
        self.port = int(re.search(r"127\.0\.0\.1:(\d+)/", self.start_run().wait_line("local API")).group(1))
        client = self.events("events")
        feed = client.until("feed", lambda data: "the login failed: no connection" in data["reason"])
        self.assertEqual((feed["mode"], feed["session"]), ("starting", None))
        self.assertEqual(client.until("complete"), {"instruments": 0, "quotes": 0})
        status, _, body = self.get("readyz")
        self.assertEqual(status, 503)
        self.assertIn("the list of instruments is not known yet: the login failed: no connection", json.loads(body)["reason"])
        self.assertEqual(self.get("csv")[2].count("\r\n"), 1)

    def test_head(self):
        """Monitors ask with HEAD; the connection is kept, and what follows is the next answer."""
        self.serve()
        self.until_rows("select count(*) from quotes", at_least=12)
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=wire.PATIENCE_S)
        self.addCleanup(connection.close)
        for path, kind in (("healthz", "application/json"), ("readyz", "application/json"), ("csv", "text/csv"), ("", "text/html"),
                           (f"chart?symbol={futures.SECOND}", "application/json"), ("events", "text/event-stream"), ("healthz", "application/json")):
            with self.subTest(path):
                connection.request("HEAD", "/" + path)
                answer = connection.getresponse()
                self.assertEqual((answer.status, answer.headers.get_content_type(), answer.read()), (200, kind, b""))
        connection.request("GET", "/healthz")
        self.assertEqual(json.loads(connection.getresponse().read()), {"status": "ok"})
        connection.request("PUT", "/healthz")
        answer = connection.getresponse()
        self.assertEqual((answer.status, answer.headers["Allow"]), (405, "GET, HEAD, POST, OPTIONS"))

    def test_metrics(self):
        self.serve()
        self.until_rows("select count(*) from quotes", at_least=12)
        client = self.events("events?match=*")
        before = client.until("quote")["seq"]
        client.until("quote", lambda data: data["seq"] > before + 20)
        status, headers, body = self.get("metrics")
        self.assertEqual((status, headers["content-type"]), (200, "text/plain; version=0.0.4; charset=utf-8"))
        values = dict(line.rsplit(" ", 1) for line in body.splitlines() if not line.startswith("#"))
        self.assertTrue(all(name.startswith("cinta_") for name in values))
        self.assertEqual(values['cinta_feed_mode{mode="streaming"}'], "1")
        self.assertEqual(values['cinta_api_clients{kind="events"}'], "1")
        self.assertEqual(values["cinta_quote_age_seconds_count"], "12")
        self.assertEqual(values["cinta_store_commit_seconds_count"], values["cinta_store_commits_total"])
        for name in ("cinta_broker_to_commit_seconds_count", "cinta_broker_to_client_seconds_count", "cinta_api_events_total",
                     "cinta_store_changes_total", "cinta_store_database_bytes", 'cinta_events_total{kind="started"}'):
            self.assertGreater(float(values[name]), 0, name)

    def test_reconnects_are_counted_that_are_not_reported(self):
        self.serve(faults='fault { path = "" kind = "close" count = 3 }\nfault { path = "" kind = "status" status = 403 count = 1 }')
        self.service.wait_line("event=streaming")
        values = dict(line.rsplit(" ", 1) for line in self.get("metrics")[2].splitlines() if not line.startswith("#"))
        reasons = {reason: values[f'cinta_stream_reconnects_total{{reason="{reason}"}}'] for reason in ("closed", "refused", "stale")}
        self.assertEqual(reasons, {"closed": "3", "refused": "1", "stale": "0"})
        self.assertEqual(self.status()["stream"]["losses"], 4)
        self.assertEqual(values["cinta_broker_stamps_ahead_total"], "0")
        self.assertEqual(values["cinta_tape_lists_waiting"], "0")
        self.stop_run()
        self.assertEqual(self.one("select count(*) from feed_log where kind = 'stream_closed'"), 1)

    def test_access(self):
        self.serve(token=TOKEN)
        for path in ("events", "csv", "metrics", "healthz", "readyz", "status"):
            self.assertEqual(self.get(path)[0], 401, path)
            self.assertEqual(self.get(path, **{"Host": "evil.example"})[0], 403, path)
            self.assertEqual(self.get(path, **{"Origin": "http://evil.example"})[0], 403, path)
        for path in ("csv", "metrics", "healthz", "status"):
            self.assertEqual(self.get(path, **{"X-Auth-Token": TOKEN})[0], 200, path)
        client = self.events(f"events?token={TOKEN}")
        self.assertEqual((client.status, client.next()[0]), (200, "feed"))


if __name__ == "__main__":
    wire.main()
