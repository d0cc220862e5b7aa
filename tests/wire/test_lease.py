"""Two recorders with one lease, at a real nats-server: one asks the broker, the other takes over; what each has recorded is
in the stream once, whatever stops or is cut off meanwhile."""
import base64
import json
import os
import re
import signal
import socket
import sqlite3
import threading
import urllib.error
import urllib.request

import nats
from wire import CINTA, PATIENCE_S, Process, WireTest, main

DURATION_S = 3
BLOCK = 10**9


class Proxy:
    """A TCP proxy in front of a server, which can cut what goes through it: then nothing connects and nothing passes."""

    def __init__(self, port):
        self.port = port
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.lock = threading.Lock()
        self.open, self.is_cut, self.ended = set(), False, False
        self.thread = threading.Thread(target=self._accept, daemon=True)
        self.thread.start()

    @property
    def url(self):
        return f"nats://127.0.0.1:{self.listener.getsockname()[1]}"

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            with self.lock:
                if self.is_cut or self.ended:
                    client.close()
                    continue
                server = socket.create_connection(("127.0.0.1", self.port))
                self.open |= {client, server}
            for source, target in ((client, server), (server, client)):
                threading.Thread(target=self._copy, args=(source, target), daemon=True).start()

    def _copy(self, source, target):
        try:
            while data := source.recv(65536):
                target.sendall(data)
        except OSError:
            pass
        self._close([source, target])

    def _close(self, sockets):
        for one in sockets:
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def cut(self):
        with self.lock:
            self.is_cut = True
            self._close(self.open)

    def heal(self):
        with self.lock:
            self.is_cut = False

    def close(self):
        self.cut()
        self.ended = True
        self.listener.close()


class Recorder:
    """A recorder of the test: its own configuration, database and process."""

    def __init__(self, test, name, url):
        self.test, self.name, self.url = test, name, url
        self.folder = os.path.join(test.dir, name)
        os.makedirs(self.folder)
        self.db_path = os.path.join(self.folder, "cinta.db")
        self.conf_path = os.path.join(self.folder, "cinta.conf")
        self.configure()

    def configure(self, lease="", sink="", name="market", symbols='match = {"*"}', start="enable = true"):
        text = f'''
broker {{ url = "{self.test.url}"  user = "alice"  password_file = "{self.test.path("password")}"  timeout = 5 }}
poll {{ interval = 0.2  rate = 200  in_flight = 8 }}
stream {{ {start} }}
session {{ always = true }}
instruments {{ {symbols} }}
store {{ path = "{self.db_path}"  commit_every = 0.05 }}
serve {{ listen = "127.0.0.1:0" }}
sink {{ nats = "{self.url}"  {sink} }}
lease {{ name = "{name}"  duration = {DURATION_S}  {lease} }}
state_dir = "{self.folder}/state"
'''
        with open(self.conf_path, "w", encoding="utf-8") as file:
            file.write(text)

    def start(self):
        self.process = Process([CINTA, "run", "-c", self.conf_path])
        self.test.addCleanup(self.process.end)
        return self

    def wait(self, *needles):
        return self.process.wait_line(*needles)

    def kill(self):
        self.process.kill(signal.SIGKILL)
        self.process.wait_exit()

    def stop(self):
        self.process.kill(signal.SIGTERM)
        self.test.assertEqual(self.process.wait_exit(), 0, self.process.log())

    def status(self):
        done = self.test.cinta("status", "--json", "-c", self.conf_path)
        return json.loads(done.stdout) if done.returncode == 0 else {}

    def lease(self):
        return self.status().get("lease", {}).get("state")

    def get(self, path):
        """Status and body of an answer of the local API."""
        try:
            with urllib.request.urlopen(self.status()["local_api"] + path, timeout=PATIENCE_S) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def sql(self, statement, *parameters):
        connection = sqlite3.connect(f"file:{self.db_path}?mode=ro", uri=True, timeout=10)
        try:
            return connection.execute(statement, parameters).fetchall()
        finally:
            connection.close()

    def one(self, statement, *parameters):
        return self.sql(statement, *parameters)[0][0]

    def count(self):
        return self.one("select count(*) from snapshots")

    def until_recorded(self, more=30):
        goal = self.count() + more if os.path.exists(self.db_path) else more
        self.test.until(lambda: self.count() >= goal, f"{self.name} records {more} more changes")

    def rows(self, where="1"):
        return {row[0]: row[1:] for row in self.sql(
            f"select seq, symbol, ts_recv, source, changed from snapshots where {where} order by seq")}

    def events(self, kind):
        return [detail for detail, in self.sql("select detail from feed_log where kind = ? order by ts", kind)]


class LeaseTest(WireTest):
    def setUp(self):
        super().setUp()
        self.server = nats.Server(self.dir, config=self.config())
        self.addCleanup(self.server.kill)
        self.server.start()
        self.write("password", "s3cret-pass\n")
        self.start_sim("--rate", "300")

    def config(self):
        """Of the server."""
        return ""

    def recorder(self, name, url=None):
        return Recorder(self, name, url or self.server.url)

    def client(self):
        client = nats.Client(self.server)
        self.addCleanup(client.close)
        return client

    def begin(self, url=None):
        """A records, B stands by."""
        a, b = self.recorder("a", url), self.recorder("b")
        a.start().wait("event=lease_taken")
        self.until_publishing(a)
        b.start().wait("event=lease_standby")
        return a, b

    def until_publishing(self, recorder):
        """It has read the broker's list of instruments, before which it publishes nothing for half a minute."""
        self.until(lambda: recorder.status().get("sink", {}).get("published"), f"{recorder.name} publishes")

    def logins(self):
        return self.stats()["logins"]

    def quiet(self):
        """The broker has no further changes."""
        self.post("sim/market?rate=0")

    def until_published(self, recorder):
        """Everything that may be published is in the stream."""
        def done():
            sink = recorder.status().get("sink", {})
            return sink.get("state") == "publishing" and sink.get("behind") == 0
        self.until(done, f"{recorder.name} has published everything")

    def quotes(self):
        messages = self.client().messages("CINTA")
        self.assertEqual(len({m.headers["Nats-Msg-Id"] for m in messages}), len(messages))
        found = {}
        for m in (m for m in messages if m.json()["type"] == "Md"):
            seq = int(m.headers["Cinta-Seq"])
            self.assertNotIn(seq, found)
            found[seq] = (m.json()["instrumentId"]["symbol"], int(m.headers["Cinta-Ts-Recv"]), m.headers["Cinta-Source"],
                          m.headers["Cinta-Changed"])
        return found

    def recorded(self, recorders, but):
        rows = {}
        for recorder in recorders:
            for seq, row in recorder.rows().items():
                self.assertNotIn(seq, rows)
                rows[seq] = row
        return {seq: row for seq, row in rows.items() if seq not in but}

    def check_stream(self, *recorders, but=()):
        """Each change of the recorders is in the stream once, and their numbers differ; `but`: those that are not."""
        found = {}

        def whole():  # the broker's last frames may still be on their way
            found.update(self.quotes())
            return found == self.recorded(recorders, but)
        try:
            self.until(whole, "the stream has all that was recorded", timeout=10)
        except AssertionError:
            self.assertEqual(sorted(found.items()), sorted(self.recorded(recorders, but).items()))
            raise

    def check_secret(self, *recorders):
        """The token is in the lease and in the files of mode 0600 only."""
        value = self.client().api("STREAM.MSG.GET.KV_CINTA_LEASE", last_by_subj="$KV.CINTA_LEASE.market")
        token = json.loads(base64.b64decode(value["message"]["data"]))["token"]
        self.assertGreater(len(token), 8)
        for recorder in recorders:
            self.assertNotIn(token, recorder.process.log() + json.dumps(recorder.status()))
            with open(recorder.db_path, "rb") as database:
                self.assertNotIn(token.encode(), database.read())
        return token


class Takeover(LeaseTest):
    def test_killed_and_back(self):
        a, b = self.begin()
        self.check_standby(b)
        a.kill()
        b.wait("event=lease_taken", "with its token")
        b.wait("event=streaming")
        b.until_recorded()
        self.assertEqual(self.logins(), 1)
        self.assertGreater(b.one("select min(seq) from snapshots"), BLOCK)
        a.start().wait("event=lease_standby")
        self.until_published(a)
        before = a.count()
        b.until_recorded()
        self.assertEqual(a.count(), before)
        self.quiet()
        self.until_published(b)
        self.check_stream(a, b)
        self.check_secret(a, b)
        for recorder in (a, b):
            recorder.stop()
            verified = self.cinta("verify", "-c", recorder.conf_path)
            self.assertEqual(verified.returncode, 0, verified.stdout)

    def check_standby(self, b):
        """Nothing is asked for it, and everything says so."""
        status = b.status()
        self.assertEqual((status["mode"], status["lease"]["state"], status["lease"]["asks"]), ("standby", "standby", False))
        self.assertEqual((b.count(), self.logins(), self.stats()["streams"]), (0, 1, 1))
        text = self.cinta("status", "-c", b.conf_path)
        self.assertEqual(text.returncode, 0)
        self.assertIn("standby since", text.stdout)
        doctor = self.cinta("doctor", "-c", b.conf_path)
        self.assertIn(f"{socket.gethostname()} has the lease: a service here stands by", " ".join(doctor.stdout.split()))
        self.assertEqual((doctor.returncode, self.logins()), (0, 1), doctor.stdout)
        code, body = b.get("readyz")
        self.assertEqual(code, 503)
        self.assertIn(f"standby: {socket.gethostname()} has the lease", body)
        metrics = b.get("metrics")[1]
        self.assertIn('cinta_lease_state{state="standby"} 1\n', metrics)
        self.assertIn("cinta_ready 0\n", metrics)
        refresh = self.cinta("instruments", "--refresh", "-c", b.conf_path)
        self.assertEqual(refresh.returncode, 1)
        self.assertIn("does not ask the broker: standby:", refresh.stderr)
        b.process.kill(signal.SIGHUP)
        b.wait("event=config_reloaded")
        self.assertEqual((b.status()["mode"], b.count(), self.logins()), ("standby", 0, 1))

    def test_stopped(self):
        """The lease is given up: the other recorder does not wait until it expires."""
        a, b = self.begin()
        a.stop()
        b.wait("event=lease_taken")
        b.until_recorded()
        self.until_publishing(b)
        a.start().wait("event=lease_standby")
        b.stop()
        a.wait("event=lease_taken")
        a.until_recorded()
        self.quiet()
        b.start().wait("event=lease_standby")
        for recorder in (a, b):
            self.until_published(recorder)
        self.check_stream(a, b)
        self.assertEqual(self.logins(), 1)
        self.assertGreater(a.one("select max(seq) from snapshots"), 2 * BLOCK)

    def test_paused(self):
        """It notices that the lease has expired before it records anything, and stands by."""
        a, b = self.begin()
        a.process.kill(signal.SIGSTOP)
        b.wait("event=lease_taken")
        b.until_recorded()
        self.assertEqual(self.logins(), 1)
        a.process.kill(signal.SIGCONT)
        a.wait("event=lease_lost")
        self.end(a, b)

    def end(self, a, b):
        """B records, A stands by; both have published what is theirs."""
        self.until(lambda: a.status()["store"]["queue"] == 0, "everything is written")
        before = a.count()
        self.until_publishing(b)
        b.until_recorded()
        self.assertEqual((a.count(), a.lease(), b.lease()), (before, "standby", "active"))
        self.assertEqual((self.stats()["streams"], self.logins()), (1, 1))
        self.quiet()
        self.until_published(a)
        self.until_published(b)
        self.check_stream(a, b, but=self.withheld(a))

    def withheld(self, recorder):
        """The changes that it has recorded without the lease: the last ones, as many as the event says."""
        count = sum(int(re.match(r"(\d+) changes", detail)[1]) for detail in recorder.events("sink_withheld"))
        seqs = sorted(recorder.rows())
        return seqs[len(seqs) - count:]


class CutOff(LeaseTest):
    """The recorder with the lease cannot reach NATS."""

    def setUp(self):
        super().setUp()
        self.proxy = Proxy(self.server.port)
        self.addCleanup(self.proxy.close)

    end, withheld = Takeover.end, Takeover.withheld

    def split(self):
        """Both record."""
        a, b = self.begin(self.proxy.url)
        self.proxy.cut()
        a.wait("event=lease_isolated", "recording goes on")
        b.wait("event=lease_taken")
        a.until_recorded()
        b.until_recorded()
        self.assertEqual(self.logins(), 1)
        return a, b

    def test_split_brain(self):
        a, b = self.split()
        self.proxy.heal()
        a.wait("event=lease_lost")
        self.end(a, b)
        withheld = self.withheld(a)
        self.assertGreaterEqual(len(withheld), 30)
        self.assertEqual({reason for reason, in a.sql("select distinct reason from gaps where ts_from > ?", min(
            ts for ts, in a.sql("select ts from feed_log where kind = 'lease_isolated'")))}, {"lease_lost"})
        self.assertEqual(a.status()["lease"]["withheld"], len(withheld))
        self.check_union(a, b)

    def check_union(self, a, b):
        """All that was observed by one of the two is in the union, without a gap."""
        for recorder in (a, b):
            recorder.stop()
        union = self.path("c.db")
        merged = self.cinta("merge", a.db_path, b.db_path, "--out", union)
        self.assertEqual(merged.returncode, 0, merged.stderr)
        begin = a.one("select max(first) from (select min(ts_from) as first from coverage group by symbol)")
        end = b.one("select min(ts_recv) from (select max(ts_recv) as ts_recv from snapshots)")
        self.assertGreater(end, begin)
        self.db_path = union
        self.assertEqual(self.sql("select symbol, ts_from, ts_to, reason from gaps where ts_from > ? and ts_to < ?", begin,
                                  end), [])

    def test_killed_meanwhile(self):
        """What it had recorded without the lease is known after a kill, and not published."""
        a, b = self.split()
        a.kill()
        self.proxy.heal()
        a.start().wait("event=sink_withheld")
        a.wait("event=lease_standby")
        self.end(a, b)
        self.assertGreaterEqual(len(self.withheld(a)), 30)

    def test_nobody_took_it(self):
        """Everything is published afterwards, also what was recorded without the lease."""
        a = self.recorder("a", self.proxy.url).start()
        self.until_publishing(a)
        self.proxy.cut()
        a.wait("event=lease_isolated")
        a.until_recorded()
        a.kill()  # and goes on without the servers, because it had the lease
        a.start().wait("event=lease_isolated")
        a.until_recorded()
        self.proxy.heal()
        a.wait("event=lease_taken")
        a.until_recorded()
        self.quiet()
        self.until_published(a)
        self.check_stream(a)
        self.assertLess(a.one("select max(seq) from snapshots"), BLOCK)
        self.assertEqual((a.events("sink_withheld"), self.logins()), ([], 1))

    def test_isolated_stop(self):
        a = self.recorder("a", self.proxy.url)
        a.configure(lease='isolated = "stop"')
        a.start()
        self.until_publishing(a)
        self.proxy.cut()
        a.wait("event=lease_isolated", "the broker is not asked")
        self.until(lambda: self.stats()["streams"] == 0, "the stream is closed")
        self.until(lambda: a.status()["store"]["queue"] == 0, "everything is written")
        self.assertEqual(a.status()["mode"], "isolated")
        self.assertIn("isolated: the lease cannot be renewed", a.get("readyz")[1])
        before = a.count()
        self.proxy.heal()
        a.wait("event=lease_taken", "nobody else")
        self.assertEqual(a.count(), before)
        a.until_recorded()
        self.assertIn("lease_isolated", {reason for reason, in a.sql("select distinct reason from coverage")})
        self.quiet()
        self.until_published(a)
        self.check_stream(a)


class Servers(LeaseTest):
    def test_the_bucket_is_lost(self):
        """It is in the servers' memory: whoever has the lease writes it again."""
        a, b = self.begin()
        self.server.kill()
        a.until_recorded()
        self.server.start()
        self.until(lambda: self.client().stream("KV_CINTA_LEASE").get("state", {}).get("messages"), "the lease is back")
        a.until_recorded()
        self.assertEqual((a.lease(), b.lease()), ("active", "standby"))
        self.quiet()
        self.until_published(a)
        self.check_stream(a, b)
        self.assertEqual((b.count(), self.logins()), (0, 1))
        bucket = self.client().stream("KV_CINTA_LEASE")["config"]
        self.assertEqual((bucket["storage"], bucket["max_msgs_per_subject"]), ("memory", 1))

    def test_another_user_by_a_reload(self):
        """The token in the lease is of the user before: the new one logs in."""
        a, b = self.begin()
        with open(b.conf_path, encoding="utf-8") as file:
            text = file.read()
        with open(b.conf_path, "w", encoding="utf-8") as file:
            file.write(text.replace('user = "alice"', 'user = "bob"'))
        b.process.kill(signal.SIGHUP)
        self.assertIn("broker changed", b.wait("event=config_reloaded"))
        a.kill()
        self.assertNotIn("with its token", b.wait("event=lease_taken"))
        b.wait("event=login_refused")
        self.assertEqual(b.process.wait_exit(), 77, b.process.log())

    def test_a_reload(self):
        """Nothing changed: nothing happens; another duration keeps the lease; another name gives it up; without a name there is none."""
        a, b = self.begin()
        a.until_recorded()
        before = [a.events(kind) for kind in ("lease_taken", "stream_open", "sink_up")]
        a.process.kill(signal.SIGHUP)
        self.assertIn("nothing changed", a.wait("event=config_reloaded"))
        a.until_recorded()
        self.until(lambda: a.events("config_reloaded"), "the reload is recorded")
        self.assertEqual([a.events(kind) for kind in ("lease_taken", "stream_open", "sink_up")], before)
        a.configure(name="other")
        a.process.kill(signal.SIGHUP)
        a.wait("event=lease_taken")
        b.wait("event=lease_taken")
        a.configure(name="")
        a.process.kill(signal.SIGHUP)
        a.wait("event=config_reloaded")
        self.assertNotIn("lease", a.status())
        a.until_recorded()
        b.configure(lease='isolated = "stop"')
        b.process.kill(signal.SIGHUP)
        b.wait("event=lease_taken")
        b.until_recorded()


class Permissions(LeaseTest):
    """The users of docs/scale-out.md."""

    def config(self):
        with open(os.path.join(os.environ["CINTA_SOURCE"], "docs/scale-out.md"), encoding="utf-8") as file:
            return re.search(r"^authorization \{.*?^\}$", file.read(), re.M | re.S)[0]

    def reader(self):
        client = nats.Client(self.server, prefix="_INBOX_reader", user="reader", **{"pass": "..."})
        self.addCleanup(client.close)
        return client

    def subscribe(self, client, subject):
        client._send(f"SUB {subject} 99\r\n".encode())
        client._message()

    def test_a_reader_of_the_stream_has_no_token(self):
        a = self.recorder("a")
        a.configure(sink=f'user = "cinta"  password_file = "{self.write("nats-password", "...")}"')
        a.start().wait("event=lease_taken")
        self.until_publishing(a)
        self.assertGreater(len(self.reader().messages("CINTA")), 0)
        self.assertGreater(len(self.reader().messages("CINTA_LAST")), 0)
        own = {"stream_name": "KV_CINTA_LEASE", "config": {"deliver_subject": "_INBOX_reader.stolen"}}
        for what, arguments in (("STREAM.INFO.KV_CINTA_LEASE", {}),
                                ("STREAM.MSG.GET.KV_CINTA_LEASE", {"last_by_subj": "$KV.CINTA_LEASE.market"}),
                                ("DIRECT.GET.KV_CINTA_LEASE.$KV.CINTA_LEASE.market", {}),
                                ("CONSUMER.CREATE.KV_CINTA_LEASE", own),
                                ("CONSUMER.CREATE.KV_CINTA_LEASE.CINTA.$KV.CINTA_LEASE.market", own),
                                ("STREAM.CREATE.COPY", {"name": "COPY", "sources": [{"name": "KV_CINTA_LEASE"}]})):
            with self.subTest(what), self.assertRaisesRegex(ConnectionError, "Permissions"):
                self.reader().api(what, **arguments)
        for subject in ("$KV.CINTA_LEASE.>", "_INBOX.>", ">"):
            with self.subTest(subject), self.assertRaisesRegex(ConnectionError, "Permissions"):
                self.subscribe(self.reader(), subject)


if __name__ == "__main__":
    main()
