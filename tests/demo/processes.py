"""The child processes of the demo: the simulated broker and the services, each with a folder of its own."""
import contextlib
import json
import os
import signal
import sqlite3
import subprocess
import time
import urllib.request

PATIENCE_S = 60  # for whatever must happen; a busy machine is slow
INSTRUMENTS = 40
USER, PASSWORD = "demo", "demo-password"


class Failed(Exception):
    """The demo cannot go on; the words say why."""


def until(condition, what, why=None, patience=PATIENCE_S):
    """Waits until the condition has a value, and returns it. If it takes too long, `why()` replaces {} in `what`."""
    deadline = time.monotonic() + patience
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise Failed(f"not within {patience} s: {what.format(why() if why else '')}")
        time.sleep(0.05)


class Interrupts:
    """INT, TERM and HUP raise KeyboardInterrupt; while a process is being started only at the end of that, because it
    could not be ended otherwise."""

    def __init__(self):
        self.starting = self.pending = False
        self._handle(self._arrived)

    def _handle(self, handler):
        for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(signum, handler)

    def _arrived(self, *_):
        self.pending = True
        if not self.starting:
            raise KeyboardInterrupt

    @contextlib.contextmanager
    def deferred(self):
        self.starting = True
        try:
            yield
        finally:
            self.starting = False
        if self.pending:
            raise KeyboardInterrupt

    def ignore(self):
        self._handle(signal.SIG_IGN)


class Child:
    """A process whose messages go to a file."""

    def __init__(self, name, folder, interrupts):
        self.name, self.folder, self.interrupts = name, folder, interrupts
        self.log_path = os.path.join(folder, "log")
        self.process = None
        os.makedirs(folder)

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text):
        number = os.open(self.path(name), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with open(number, "w", encoding="utf-8") as file:
            file.write(text)
        return self.path(name)

    def begin(self, *argv):
        with self.interrupts.deferred(), open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def running(self):
        return self.process is not None and self.process.poll() is None

    def check(self):
        if not self.running():
            raise Failed(f"{self.name} has ended with status {self.process.returncode}")

    def kill(self):
        """As in a crash."""
        self.process.kill()
        self.process.wait()

    def end(self):
        """True: it was running, and has ended as it should."""
        if not self.running():
            return False
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(15) == 0
        except subprocess.TimeoutExpired:
            self.kill()
            return False


class Broker(Child):
    def start(self, cinta, rate):
        self.begin(cinta, "sim", "--ready-file", self.path("ready"), "--instruments", str(INSTRUMENTS),
                   "--rate", str(rate), "--user", USER, "--password", PASSWORD)
        until(self._ready, "the simulated broker listens")
        with open(self.path("ready"), encoding="utf-8") as file:
            self.url = file.read().split()[0]
        return self

    def _ready(self):
        self.check()
        return os.path.exists(self.path("ready"))

    def password_file(self):
        return self.write("password", PASSWORD + "\n")

    def stats(self):
        with urllib.request.urlopen(self.url + "sim/stats", timeout=PATIENCE_S) as answer:
            return json.load(answer)

    def stop_market(self):
        headers = {"X-Username": USER, "X-Password": PASSWORD}
        request = urllib.request.Request(self.url + "sim/market?rate=0", method="POST", data=b"", headers=headers)
        with urllib.request.urlopen(request, timeout=PATIENCE_S):
            pass


class Service(Child):
    """`cinta run` with a configuration: a recorder or a replica."""

    def __init__(self, name, folder, cinta, interrupts):
        super().__init__(name, folder, interrupts)
        self.cinta = cinta
        self.database = self.path("cinta.db")

    def configure(self, sections):
        self.conf = self.write("cinta.conf", f"""{sections}
store     {{ path = "{self.database}" }}
state_dir = "{self.path("state")}"
""")
        return self

    def start(self):
        self.begin(self.cinta, "run", "-c", self.conf)
        return self

    def status(self):
        self.check()
        done = subprocess.run([self.cinta, "status", "--json", "-c", self.conf], capture_output=True, text=True,
                              timeout=PATIENCE_S, check=False)
        return json.loads(done.stdout) if done.returncode == 0 else {}

    def sink(self):
        return self.status().get("sink") or {}

    def lease(self):
        return self.status().get("lease") or {}

    def behind(self):
        """Of a replica: the number of messages that it has not read."""
        return (self.status().get("replica") or {}).get("behind")

    def why_down(self):
        status = self.status()
        parts = [status.get(part) or {} for part in ("sink", "lease", "replica")]
        return "; ".join(part["why"] for part in parts if part.get("why")) or "no reason is known"

    def one(self, statement):
        """None: there is no database yet, or no such table."""
        self.check()
        try:
            connection = sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=10)
            try:
                return connection.execute(statement).fetchone()[0]
            finally:
                connection.close()
        except sqlite3.OperationalError:
            return None

    def changes(self):
        return self.one("select count(*) from snapshots") or 0

    def instruments(self):
        """How many of them have a quote."""
        return self.one("select count(*) from quotes where seq is not null") or 0

    def last_seq(self):
        return self.one("select max(seq) from snapshots") or 0


def recorder_sections(broker, servers, stream):
    return f"""broker {{
    url           = "{broker.url}"
    user          = "{USER}"
    password_file = "{broker.password_file()}"
}}
poll        {{ interval = 1  rate = 40 }}
session     {{ always = true }}
instruments {{ match = {{"*"}} }}
serve       {{ listen = "" }}
sink        {{ nats = "{servers.url}"  stream = "{stream}"  replicas = {len(servers.all)} }}
lease       {{ name = "demo" }}"""


def replica_sections(url, stream):
    return f"""source      {{ nats = "{url}"  stream = "{stream}" }}
serve       {{ listen = "" }}"""
