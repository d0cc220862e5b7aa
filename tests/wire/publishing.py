"""A service with a sink to a real nats-server, and whether all that is recorded is in the stream exactly once."""
import json
import os

import nats
from wire import WireTest

BODY_COLUMNS = "bids, offers, last_price, last_size, ts_last, open_price, trade_volume, open_interest, close_price"


def row_of(body):
    """BODY_COLUMNS of a message."""
    data = body["marketData"]
    levels = lambda side: [[level["price"], level["size"]] for level in side or []]
    last = data["LA"] or {"price": None, "size": None, "date": None}
    return (levels(data["BI"]), levels(data["OF"]), last["price"], last["size"], last["date"], data["OP"], data["TV"],
            data["OI"]["size"] if data["OI"] else None, data["CL"]["price"] if data["CL"] else None)


class SinkTest(WireTest):
    stream = "CINTA"

    def setUp(self):
        super().setUp()
        self.server = nats.Server(self.dir)
        self.addCleanup(self.server.kill)

    def begin(self, sink="", listed=True, **others):
        """A simulated broker and a service with a sink, which publishes at once if the database has the broker's list of
        instruments."""
        self.start_sim("--rate", "300")
        self.configure_sink(sink, **others)
        if listed:
            self.read_list()
        self.start_run()

    def read_list(self):
        done = self.cinta("instruments", "--refresh", "-c", self.conf_path)
        self.assertEqual(done.returncode, 0, done.stderr)

    def configure_sink(self, sink="", url=None, **others):
        self.configure(sink=f'nats = "{url or self.server.url}"  {sink}', stream="enable = true", **others)

    def client(self, **login):
        client = nats.Client(self.server, **login)
        self.addCleanup(client.close)
        return client

    def messages(self):
        return self.client().messages(self.stream)

    def sink(self):
        return self.status().get("sink", {})

    def until_recorded(self, more=100):
        seq = "select coalesce(max(seq), 0) from snapshots"
        goal = more + (self.one(seq) if os.path.exists(self.db_path) else 0)
        self.until(lambda: self.one(seq) >= goal, f"{more} more changes")

    def until_published(self):
        """Waits until the stream has all that is recorded now."""
        goal = self.one("select max(seq) from snapshots")
        self.until(lambda: self.sink().get("seq", 0) >= goal, f"the changes up to {goal} are published")

    def check_stream(self):
        """Each change up to the last in the stream is there exactly once, in order, with its trade after it; and each
        event."""
        self.until_published()
        messages = [m for m in self.messages() if m.subject != "md.foreign"]
        of_type = lambda name: [m for m in messages if m.json()["type"] == name]
        self.assertEqual(len({m.headers["Nats-Msg-Id"] for m in messages}), len(messages))
        self.check_quotes(of_type("Md"))
        self.check_trades(of_type("Trade"), int(of_type("Md")[-1].headers["Cinta-Seq"]))
        self.check_events(of_type("Event"))
        return messages

    def check_quotes(self, quotes):
        got = [(int(m.headers["Cinta-Seq"]), m.json()["instrumentId"]["marketId"], m.json()["instrumentId"]["symbol"],
                int(m.headers["Cinta-Ts-Recv"]), m.headers["Cinta-Source"], m.headers["Cinta-Changed"],
                *row_of(m.json())) for m in quotes]
        rows = self.sql(f"select seq, market, symbol, ts_recv, source, changed, {BODY_COLUMNS} from snapshots"
                        " where seq <= ? order by seq", got[-1][0])
        levels = lambda text: json.loads(text or "[]")
        milliseconds = lambda ns: ns // 1000000 if ns else None
        self.assertEqual(got, [(*row[:6], levels(row[6]), levels(row[7]), *row[8:10], milliseconds(row[10]), *row[11:])
                               for row in rows])

    def check_trades(self, trades, last):
        got = sorted((m.json()["instrumentId"]["symbol"], int(m.headers["Cinta-Ts-Event"]), m.json()["trade"]["price"],
                      m.json()["trade"]["size"]) for m in trades
                     if int(m.headers.get("Cinta-Seq", last)) < last)
        rows = sorted(self.sql("select symbol, ts_event, price, size from trades where seq > 0 and seq < ?", last))
        self.assertEqual(got, rows)

    def check_events(self, events):
        """Those of each recorder in order, without a gap from its first to its last one."""
        ids = lambda m: m.headers["Nats-Msg-Id"].partition("~")[0].split(":e")
        self.assertGreater(len(events), 0)
        for recorder in {ids(m)[0] for m in events}:
            got = [(int(ids(m)[1]), int(m.headers["Cinta-Ts-Event"]), m.json()["kind"], m.json()["detail"])
                   for m in events if ids(m)[0] == recorder]
            self.assertEqual(got, self.sql("select id, ts, kind, detail from feed_event where id between ? and ?"
                                           " order by id", got[0][0], got[-1][0]))
