"""Replicas: databases that are filled from a stream of a real nats-server are equal to the recorder's, row by row."""
import csv
import json
import os
import re
import signal
import sqlite3
import urllib.error
import urllib.parse
import urllib.request

import pages
from publishing import SinkTest
from test_lease import BLOCK, Recorder
from wire import PATIENCE_S, Process, CINTA, main

TERMS = ("market, symbol, product, segment, cfi_code, type, currency, maturity_date, strike, underlying, price_tick,"
         " tick_ranges, size_step, round_lot, contract_multiplier, price_factor, low_limit_price, high_limit_price,"
         " min_trade_volume, max_trade_volume, price_decimals, size_decimals, description, settlement_type, order_types,"
         " times_in_force, listed, recorded")
ROWS = {
    "snapshots": "select * from snapshots order by seq",
    "trades": "select * from trades order by symbol, ts_event, seq",
    # The volume is a sum of fractions, whose last digits depend on the order of adding.
    "bars_1m": "select market, symbol, minute, ts_minute, open, high, low, close, round(volume, 3), trades from bars_1m"
               " order by symbol, ts_minute",
    # ts_seen: what is confirmed without a change is not published.
    "quotes": "select market, symbol, source, recv_time, event_time, ts_recv, ts_event, seq, bid_price, bid_size,"
              " offer_price, offer_size, last_price, last_size, last_time, ts_last, open_price, high_price, low_price,"
              " close_price, settlement_price, open_interest, trade_volume, nominal_volume, effective_volume,"
              " index_value, auction_price, bids, offers, close_date, settlement_date, recorded from quotes order by symbol",
    "instruments": f"select {TERMS} from instruments where listed is not null order by market, symbol",
}


class Replica:
    """A service with a section source, its database and its configuration."""

    def __init__(self, test, name="replica", source="", url=None, rest="", serve='listen = ""'):
        self.test = test
        self.db_path = test.path(f"{name}.db")
        self.conf_path = test.write(f"{name}.conf", f'''
source {{ nats = "{url or test.server.url}"  {source} }}
store {{ path = "{self.db_path}"  commit_every = 0.05 }}
serve {{ {serve} }}
state_dir = "{test.path(name)}"
{rest}
''')

    def start(self):
        self.process = Process([CINTA, "run", "-c", self.conf_path])
        self.test.addCleanup(self.process.end)
        return self

    def kill(self):
        self.process.kill(signal.SIGKILL)
        self.process.wait_exit()

    def stop(self):
        self.process.kill(signal.SIGTERM)
        self.test.assertEqual(self.process.wait_exit(), 0, self.process.log())

    def status(self):
        done = self.test.cinta("status", "--json", "-c", self.conf_path)
        return json.loads(done.stdout)["replica"] if done.returncode == 0 else {}

    def sql(self, statement):
        connection = sqlite3.connect(f"file:{self.db_path}?mode=ro", uri=True, timeout=10)
        try:
            return connection.execute(statement).fetchall()
        finally:
            connection.close()

    def one(self, statement):
        return self.sql(statement)[0][0]

    def verify(self):
        done = self.test.cinta("verify", "-c", self.conf_path)
        self.test.assertEqual(done.returncode, 0, done.stdout + done.stderr)


class ReplicaTest(SinkTest):
    def begin(self, sink="", **others):
        others.setdefault("poll", "trades_every = 0")
        self.server.start()
        super().begin('from = "beginning"  ' + sink, **others)
        self.service.wait_line("event=sink_up")

    def replica(self, *args, **kwargs):
        return Replica(self, *args, **kwargs).start()

    def pause(self):
        """No more changes."""
        self.post("sim/market?rate=0")

    def same(self, replica, query):
        return self.sql(query) == replica.sql(query)

    def check_equal(self, replica):
        """All rows are equal as soon as the replica has read what was published last."""
        try:
            self.until(lambda: all(self.same(replica, query) for query in ROWS.values()), "the rows are equal")
        except AssertionError:
            for view, query in ROWS.items():
                self.assertEqual(replica.sql(query), self.sql(query), view)
            raise
        for view, query in ROWS.items():
            self.assertGreater(len(replica.sql(query)), 0, view)


class Filled(ReplicaTest):
    def test_equal_rows(self):
        """One is there from the start, another one joins later; both have all rows, also those of lists of trades."""
        self.begin(poll="interval = 0.2  rate = 200  in_flight = 8  trades_every = 1")
        early = self.replica("early")
        early.process.wait_line("event=replica_up")
        self.until_rows("select count(*) from trades where origin = 'history'")
        self.until_recorded(900)
        late = self.replica("late")
        self.until_recorded(300)
        self.pause()
        for replica in (early, late):
            self.check_equal(replica)
            self.check_events_of(replica)
            replica.verify()
            self.assertEqual(replica.sql("select * from coverage"), [])
            self.assertEqual(replica.sql("select * from gaps"), [])
            replica.stop()
        self.stop_run()

    def check_events_of(self, replica):
        """Those of the recorder and those of the replica can be told apart."""
        columns = "select time, ts, kind, symbol, detail, meaning from feed_log"
        theirs = lambda: replica.sql(columns + " where recorder is not null order by ts")
        self.until(lambda: theirs() == self.sql(columns + " order by ts"), "the events are equal")
        own = [kind for kind, in replica.sql("select kind from feed_log where recorder is null order by ts")]
        self.assertEqual(own, ["started", "replica_up"])
        name = self.sink()["recorder"]
        self.assertEqual(replica.sql("select distinct recorder from feed_log where recorder is not null"), [(name,)])


    def test_reference_data_of_a_replica_that_is_killed(self):
        """They are written with the place in the stream, and what the recorder publishes later replaces them."""
        self.begin()
        replica = self.replica()
        terms = ROWS["instruments"]
        self.until(lambda: self.same(replica, terms), "the reference data are equal")
        replica.kill()
        self.stop_run()
        with sqlite3.connect(self.db_path) as database:
            database.execute("update instrument set price_tick = 77 where symbol like 'DLR/%'")
        database.close()
        self.start_run()
        self.service.wait_line("event=sink_up")
        self.read_list()
        self.until(lambda: self.one("select count(*) from instruments where price_tick = 77") == 0, "the broker's terms")
        self.assertTrue(self.same(replica, terms))
        replica.start()
        seen = self.one("select max(ts_last_seen) from instruments")
        self.until(lambda: replica.one("select max(ts_last_seen) from instruments") == seen, "the later ones are there")
        self.pause()
        self.check_equal(replica)
        replica.stop()
        self.stop_run()

    def test_from_the_last_values(self):
        """The present state of all instruments, then each change; what was before is missing, and counted so."""
        self.begin()
        self.until_recorded(400)
        before = self.one("select max(seq) from snapshots")
        replica = self.replica(source='start = "last"')
        self.assertIn("from the last message of each subject on", replica.process.wait_line("event=replica_up"))
        self.until(lambda: replica.one("select count(*) from quotes") == self.one("select count(*) from quotes"),
                   "all instruments have a quote")
        after = self.one("select max(seq) from snapshots")
        self.until_recorded(200)
        self.pause()
        later = f"select * from snapshots where seq > {after} order by seq"
        self.until(lambda: all(self.same(replica, query) for query in (ROWS["quotes"], ROWS["instruments"], later)),
                   "the rows are equal")
        self.assertLess(replica.one(f"select count(*) from snapshots where seq <= {before}"), before)
        mine = set(self.sql("select * from snapshots"))
        self.assertLessEqual(set(replica.sql("select * from snapshots")), mine)
        replica.verify()
        replica.stop()
        self.stop_run()


class Faults(ReplicaTest):
    def test_killed_replicas_and_servers(self):
        """Nothing is lost and nothing is there twice."""
        self.begin()
        replica = self.replica()
        for _ in range(4):
            self.until_recorded(60)
            replica.kill()
            self.until_recorded(20)
            replica.start()
            replica.process.wait_line("event=replica_up")
        self.server.kill()
        replica.process.wait_line("event=replica_down")
        self.until_recorded(60)
        self.server.start()
        self.assertIn("reading stream CINTA", replica.process.wait_line("event=replica_up"))
        self.until_recorded(60)
        self.pause()
        self.check_equal(replica)
        replica.verify()
        replica.stop()
        self.stop_run()

    def test_messages_that_were_deleted(self):
        self.begin()
        replica = self.replica()
        self.until_recorded(100)
        self.until(lambda: replica.one("select coalesce(max(seq), 0) from snapshots") >= 100, "the first hundred changes")
        replica.stop()
        read = replica.one("select number from replica")
        self.until_recorded(200)
        self.pause()
        self.until_published()
        last = self.client().stream("CINTA")["state"]["last_seq"]
        self.assertGreater(last, read + 50)
        self.client().api("STREAM.PURGE.CINTA", seq=read + 51)
        replica.start()
        self.assertIn("50 messages were deleted", replica.process.wait_line("event=replica_gap"))
        self.until(lambda: replica.status().get("number", 0) >= last, "the rest is read")
        self.assertEqual(replica.status()["missing"], 50)
        self.until(lambda: self.same(replica, ROWS["quotes"]), "the quotes are equal")
        replica.verify()
        replica.stop()
        self.stop_run()

    def test_a_stream_that_is_made_again(self):
        """Its numbers begin again: it is read from its beginning."""
        self.begin()
        replica = self.replica()
        self.until_recorded(100)
        self.post("sim/market?rate=0")
        self.check_equal(replica)
        self.client().api("STREAM.DELETE.CINTA_LAST")
        self.client().api("STREAM.DELETE.CINTA")
        self.post("sim/market?rate=300")
        self.assertIn("the stream is a new one", self.service.wait_line("level=warn", "event=sink_up"))
        self.assertIn("not the one that was read before", replica.process.wait_line("level=warn", "event=replica_up"))
        self.until_recorded(100)
        self.pause()
        self.check_equal(replica)
        replica.verify()
        replica.stop()
        self.stop_run()

    def test_foreign_messages(self):
        self.begin()
        replica = self.replica()
        replica.process.wait_line("event=replica_up")
        client = self.client()
        self.until_recorded(50)
        for data in (b"no json", b'{"type":"Md"}', b'{"type":"Else"}'):
            self.assertIn("seq", client.publish("md.foreign", data))
        self.assertIn("subject md.foreign", replica.process.wait_line("event=replica_refused"))
        self.until_recorded(50)
        self.pause()
        self.check_equal(replica)
        self.assertEqual(replica.status()["unreadable"], 3)
        replica.stop()
        self.stop_run()


class TwoRecorders(ReplicaTest):
    def test_the_active_one_is_killed(self):
        """The replica has what both have published, under their own numbers."""
        self.server.start()
        self.start_sim("--rate", "300")
        self.write("password", "s3cret-pass\n")
        first, second = (Recorder(self, name, self.server.url) for name in "ab")
        first.start()
        first.process.wait_line("event=lease_taken")
        second.start()
        second.process.wait_line("event=lease_standby")
        replica = self.replica()
        changes = "select coalesce(max(seq), 0) from snapshots"
        self.until(lambda: replica.one(changes) >= 100, "changes of the first one")
        first.process.kill(signal.SIGKILL)
        first.process.wait_exit()
        second.process.wait_line("event=lease_taken")
        self.until(lambda: replica.one(changes) >= BLOCK + 100, "changes of the second one")
        self.post("sim/market?rate=0")
        self.db_path = second.db_path
        later = ROWS["quotes"].replace("from quotes", f"from quotes where seq > {BLOCK}")
        self.until(lambda: self.same(replica, later), "the quotes of the second one are equal")
        self.assertGreater(len(replica.sql(later)), 0)
        self.until(lambda: self.published() == replica.sql("select seq, symbol, ts_recv, changed from snapshots"
                                                           " order by seq"), "all that is published is there")
        self.assertEqual(replica.one("select count(*) from replica_recorder"), 2)
        replica.verify()
        replica.stop()
        self.stop_run(second.process)

    def published(self):
        quotes = [m for m in self.messages() if m.json()["type"] == "Md"]
        return sorted((int(m.headers["Cinta-Seq"]), m.json()["instrumentId"]["symbol"], int(m.headers["Cinta-Ts-Recv"]),
                       m.headers["Cinta-Changed"]) for m in quotes)


class Used(ReplicaTest):
    def get(self, path):
        try:
            with urllib.request.urlopen(self.api + path, timeout=PATIENCE_S) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def test_local_api_export_and_status(self):
        self.begin()
        replica = self.replica(serve='listen = "127.0.0.1:0"')
        self.until_recorded(200)
        self.pause()
        self.check_equal(replica)
        status = json.loads(self.cinta("status", "--json", "-c", replica.conf_path).stdout)
        self.api = status["local_api"]
        self.check_api(replica)
        self.check_status(replica, status)
        self.check_export(replica)
        done = self.cinta("doctor", "-c", replica.conf_path)
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertIn("the stream of NATS can be read", done.stdout)
        self.server.kill()
        replica.process.wait_line("event=replica_down")
        code, text = self.get("readyz")
        self.assertEqual(code, 503)
        self.assertIn("no messages from stream CINTA of NATS", text)
        self.assertIn("NOT READING", self.cinta("status", "-c", replica.conf_path).stdout)
        self.assertEqual(self.get("healthz")[0], 200)
        replica.stop()
        self.service.kill(signal.SIGTERM)

    def check_api(self, replica):
        symbol, price = replica.sql("select symbol, last_price from quotes where last_price is not null")[0]
        query = urllib.parse.urlencode({"marketId": "ROFX", "symbol": symbol, "entries": "LA"})
        code, text = self.get("rest/marketdata/get?" + query)
        self.assertEqual((code, json.loads(text)["marketData"]["LA"]["price"]), (200, price))
        self.check_terms(replica)
        self.assertEqual(self.get("readyz")[0], 200)
        metrics = self.get("metrics")[1]
        self.assertIn("cinta_replica_up 1\n", metrics)
        self.assertIn("cinta_replica_behind_messages 0\n", metrics)
        described = set(re.findall(r"`(cinta_replica_\w+)`", pages.text_of("docs/monitoring.md")))
        self.assertEqual(set(re.findall(r"^(cinta_replica_\w+) ", metrics, re.M)), described)

    def check_terms(self, replica):
        """Clients get the reference data of the recorder."""
        symbol, tick, maturity = self.sql("select symbol, price_tick, replace(maturity_date, '-', '') from instruments"
                                          " where maturity_date is not null and recorded = 1 order by symbol")[0]
        query = urllib.parse.urlencode({"marketId": "ROFX", "symbol": symbol})
        code, text = self.get("rest/instruments/detail?" + query)
        self.assertEqual(code, 200, text)
        detail = json.loads(text)["instrument"]
        self.assertEqual((detail["minPriceIncrement"], detail["maturityDate"]), (tick, maturity))
        listed = self.one("select count(*) from instruments where listed = 1 and recorded = 1")
        self.assertEqual(len(json.loads(self.get("rest/instruments/details")[1])["instruments"]), listed)
        shown = [self.cinta("instruments", "-c", conf, symbol) for conf in (self.conf_path, replica.conf_path)]
        self.assertEqual(shown[0].stdout, shown[1].stdout)
        self.assertIn(symbol, shown[1].stdout)
        self.assertEqual((shown[1].returncode, shown[1].stderr), (0, ""))

    def check_status(self, replica, status):
        self.assertEqual((status["mode"], status["replica"]["state"]), ("replica", "reading"))
        self.assertEqual((status["replica"]["server"], status["replica"]["behind"]), (self.server.url, 0))
        self.assertEqual(status["replica"]["recorder"], self.sink()["recorder"])
        text = " ".join(self.cinta("status", "-c", replica.conf_path).stdout.split())
        self.assertIn(f"replica, reads stream CINTA at {self.server.url}", text)
        self.assertIn("DLR/", self.cinta("quotes", "-c", replica.conf_path).stdout)
        for command in (("instruments", "--refresh"), ("backfill", "--date", "today"), ("check", "--instruments")):
            done = self.cinta(*command, "-c", replica.conf_path)
            self.assertEqual(done.returncode, 78, command)
            self.assertIn("a replica (source.nats) asks no broker", done.stderr)

    def check_export(self, replica):
        files = [self.path(name) for name in ("recorder.csv", "replica.csv")]
        for conf, file in ((self.conf_path, files[0]), (replica.conf_path, files[1])):
            done = self.cinta("export", "-c", conf, "--table", "trades", "--out", file)
            self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.csv(files[0]), self.csv(files[1]))

    def csv(self, path):
        """With the same decimals, in another order of instruments."""
        with open(path, encoding="utf-8", newline="") as file:
            return sorted(tuple(row.items()) for row in csv.DictReader(file))

    def test_a_reload(self):
        """Another source is read without a restart; a recorder does not become a replica, nor the reverse."""
        self.begin()
        replica = self.replica(source='stream = "NONE"')
        self.assertIn("there is no stream NONE", replica.process.wait_line("event=replica_down"))
        Replica(self)
        replica.process.kill(signal.SIGHUP)
        replica.process.wait_line("event=config_reloaded")
        replica.process.wait_line("event=replica_up")
        with open(self.conf_path, encoding="utf-8") as file:
            self.write("replica.conf", file.read().replace(self.db_path, replica.db_path))
        replica.process.kill(signal.SIGHUP)
        self.assertIn("by a restart only", replica.process.wait_line("event=config_refused"))
        replica.stop()
        self.stop_run()


class Refused(ReplicaTest):
    def test_a_wrong_password(self):
        self.server.config = 'authorization { user: "cinta", password: "right-password" }'
        self.server.start()
        self.write("nats-password", "wrong-password\n")
        replica = self.replica(source=f'user = "cinta"  password_file = "{self.path("nats-password")}"')
        line = replica.process.wait_line("event=replica_down")
        self.assertIn("Authorization Violation: correct source.user and source.password_file", line)
        self.assertNotIn("wrong-password", line)
        done = self.cinta("doctor", "-c", replica.conf_path)
        self.assertEqual(done.returncode, 69, done.stdout)
        self.assertIn("source.password_file", done.stdout)
        replica.stop()

    def test_a_database_of_a_recorder(self):
        self.begin()
        self.until_recorded(10)
        self.stop_run()
        replica = Replica(self)
        os.rename(self.db_path, replica.db_path)
        replica.start()
        self.assertEqual(replica.process.wait_exit(), 1)
        self.assertIn("set store.path to a file of its own", replica.process.log())

    def test_configurations(self):
        for text, words in (('sink { nats = "nats://127.0.0.1:1" }', "sink.nats: has no effect in a replica"),
                            ('broker { user = "alice" }', "broker.user: has no effect in a replica"),
                            ('segment "MERV" { hours = "11:00-17:00" }', "segment.MERV: has no effect in a replica")):
            replica = Replica(self, url="nats://127.0.0.1:4222", rest=text)
            done = self.cinta("check", "-c", replica.conf_path)
            self.assertEqual(done.returncode, 78)
            self.assertIn(words, done.stderr)
        replica = Replica(self, url="nats://127.0.0.1:4222")
        done = self.cinta("check", "-c", replica.conf_path)
        self.assertEqual(done.returncode, 0, done.stderr)


if __name__ == "__main__":
    main()
