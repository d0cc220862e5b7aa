"""Two recorders with one lease, at a real nats-server: one asks the broker, the other takes over; what each has recorded is
in the stream once, whatever stops or is cut off meanwhile."""
import json
import os
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
        self.server = nats.Server(self.dir)
        self.addCleanup(self.server.kill)
        self.server.start()
        self.write("password", "s3cret-pass\n")
        self.start_sim("--rate", "300")

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

    def check_stream(self, *recorders, but=()):
        """Each change of the recorders is in the stream once, and their numbers differ; `but`: those that are not."""
        rows = {}
        for recorder in recorders:
            for seq, row in recorder.rows().items():
                self.assertNotIn(seq, rows)
                rows[seq] = row
        for seq in but:
            del rows[seq]
        found = self.quotes()
        self.assertEqual(sorted(found.items()), sorted(rows.items()))

    def check_secret(self, *recorders):
        """The token is in the lease and in the files of mode 0600 only."""
        value = self.client().api("STREAM.MSG.GET.KV_CINTA_LEASE", last_by_subj="$KV.CINTA_LEASE.market")
        import base64
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
        self.assertEqual(b.count(), 0)
        self.assertEqual(self.logins(), 1)
        text = self.cinta("status", "-c", b.conf_path)
        self.assertEqual(text.returncode, 0)
        self.assertIn(f"standby since", text.stdout)
        code, body = b.get("readyz")
        self.assertEqual(code, 503)
        self.assertIn(f"standby: {socket.gethostname()} has the lease", body)
        metrics = b.get("metrics")[1]
        self.assertIn('cinta_lease_state{state="standby"} 1\n', metrics)
        self.assertIn("cinta_ready 0\n", metrics)
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


if __name__ == "__main__":
    main()
