"""Runs the real binary against the simulated broker: processes, waiting for events, SQL queries.

Tests do not sleep for a fixed time: they wait for lines of the log, rows of the database or counters of the
simulator. Every wait has a deadline; when it expires, the failure includes the log.
"""
import datetime
import json
import os
import queue
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import threading
import time
import unittest
import urllib.parse
import urllib.request

CINTA = os.environ["CINTA"]
PATIENCE_S = 30  # long enough for sanitizers on a busy machine
ART_S = -3 * 3600  # Argentina has no summer time
MIDNIGHT_S = 60  # no test begins so shortly before midnight: what is recorded today would become yesterday's


def art(seconds=0):
    """The time in Argentina, in so many seconds."""
    return time.gmtime(time.time() + ART_S + seconds)


def closed_session():
    """A session of one minute that is not now: three days from now."""
    return f'hours = "00:00-00:01"  days = "{time.strftime("%a", art(3 * 86400))}"'


class Process:
    """A child process; its stderr is read line by line into a queue on which tests wait."""

    def __init__(self, argv, env=None, **kwargs):
        self.argv = argv
        self.lines = []
        self.queue = queue.Queue()
        self.child = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                      errors="replace", env={**os.environ, **(env or {})}, **kwargs)
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        for line in self.child.stderr:
            self.queue.put(line.rstrip("\n"))
        self.queue.put(None)

    def wait_line(self, *needles, timeout=PATIENCE_S):
        """The next stderr line that contains all the needles."""
        deadline = time.monotonic() + timeout
        while True:
            try:
                line = self.queue.get(timeout=max(0.001, deadline - time.monotonic()))
            except queue.Empty:
                raise AssertionError(f"no line with {needles} in {timeout} s:\n" + self.log()) from None
            if line is None:
                raise AssertionError(f"ended before a line with {needles}:\n" + self.log())
            self.lines.append(line)
            if all(n in line for n in needles):
                return line

    def drain(self):
        while True:
            try:
                line = self.queue.get_nowait()
            except queue.Empty:
                return
            if line is not None:
                self.lines.append(line)

    def log(self):
        self.drain()
        return "\n".join(self.lines)

    def wait_exit(self, timeout=60):
        status = self.child.wait(timeout)
        self.reader.join(timeout)
        self.stdout = self.child.stdout.read()
        self.child.stdout.close()
        self.child.stderr.close()
        self.drain()
        return status

    def kill(self, signum):
        self.child.send_signal(signum)

    def end(self):
        if self.child.poll() is None:
            self.child.kill()
            self.wait_exit()


class WireTest(unittest.TestCase):
    """A temporary folder, a simulator and a service, which are removed after the test."""

    def setUp(self):
        self.until(lambda: (time.time() + ART_S) % 86400 < 86400 - MIDNIGHT_S, "midnight in Argentina", 2 * MIDNIGHT_S)
        self.dir = tempfile.mkdtemp(prefix="cinta-wire-")
        self.addCleanup(shutil.rmtree, self.dir, ignore_errors=True)
        self.db_path = os.path.join(self.dir, "cinta.db")
        self.conf_path = os.path.join(self.dir, "cinta.conf")

    def path(self, name):
        return os.path.join(self.dir, name)

    def write(self, name, text, mode=0o600):
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(self.path(name), mode)
        return self.path(name)

    # -- the simulated broker

    def start_sim(self, *options, faults=None, listen="127.0.0.1:0"):
        ready = self.path("ready")
        if os.path.exists(ready):
            os.unlink(ready)
        self.sim_password = "s3cret-pass"
        argv = [CINTA, "sim", "--listen", listen, "--ready-file", ready, "--user", "alice",
                "--password", "s3cret-pass", "--instruments", "12", "--rate", "50", *options]
        if faults is not None:
            argv += ["--faults", self.write("faults.conf", faults)]
        sim = Process(argv)
        self.addCleanup(sim.end)
        self.until(lambda: os.path.exists(ready) or sim.child.poll() is not None, "the simulator listens")
        if sim.child.poll() is not None:
            sim.wait_exit()
            raise AssertionError("the simulator ended:\n" + sim.log())
        with open(ready, encoding="utf-8") as file:
            self.url, self.matriz_url = (file.read().split() + [None])[:2]
        self.sim = sim
        return sim

    def stats(self):
        with urllib.request.urlopen(self.url + "sim/stats", timeout=PATIENCE_S) as answer:
            return json.load(answer)

    def post(self, path):
        """A request that controls the simulator."""
        headers = {"X-Username": "alice", "X-Password": self.sim_password}
        request = urllib.request.Request(self.url + path, method="POST", data=b"", headers=headers)
        with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
            target = urllib.parse.urlparse(path)
            if target.path == "sim/user":
                self.sim_password = urllib.parse.parse_qs(target.query)["password"][0]
            return answer.status

    # -- the service

    def configure(self, symbols=(), match=("*",), poll="interval = 0.2  rate = 200  in_flight = 8",
                  broker="timeout = 5", store="commit_every = 0.05", url=None, stream="enable = false",
                  session="always = true", serve='listen = ""', sink=""):
        self.write("password", "s3cret-pass\n")
        quoted = lambda items: ", ".join('"%s"' % item for item in items)
        self.write("cinta.conf", f'''
broker {{
    url = "{url or self.url}"
    user = "alice"
    password_file = "{self.path("password")}"
    {broker}
}}
poll {{ {poll} }}
stream {{ {stream} }}
session {{ {session} }}
instruments {{ symbols = {{{quoted(symbols)}}}  match = {{{quoted(match)}}} }}
store {{ path = "{self.db_path}"  {store} }}
serve {{ {serve} }}
{"sink { " + sink + " }" if sink else ""}
state_dir = "{self.path("state")}"
''')
        return self.conf_path

    def start_run(self, *options, env=None):
        service = Process([CINTA, "run", "-c", self.conf_path, *options], env=env)
        self.addCleanup(service.end)
        self.service = service
        return service

    def status(self):
        done = self.cinta("status", "--json", "-c", self.conf_path)
        return json.loads(done.stdout) if done.returncode == 0 else {}

    def stop_run(self, service=None, expect=0):
        service = service or self.service
        service.kill(signal.SIGTERM)
        status = service.wait_exit()
        self.assertEqual(status, expect, service.log())
        return service

    def cinta(self, *arguments, env=None):
        return subprocess.run([CINTA, *arguments], capture_output=True, text=True, timeout=60,
                              env={**os.environ, **(env or {})}, check=False)

    # -- certificates

    def openssl(self, *arguments):
        subprocess.run(["openssl", *arguments], cwd=self.dir, capture_output=True, check=True, timeout=60)

    def authority(self, name):
        self.openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days",
                     "30", "-subj", f"/CN={name}", "-keyout", f"{name}.key", "-out", f"{name}.pem")
        return self.path(f"{name}.pem")

    def certificate(self, authority, names, days="30"):
        self.openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=broker",
                     "-keyout", "broker.key", "-out", "broker.csr")
        self.write("names.ext", f"subjectAltName={names}\n")
        self.openssl("x509", "-req", "-in", "broker.csr", "-CA", f"{authority}.pem", "-CAkey", f"{authority}.key",
                     "-CAcreateserial", "-days", days, "-extfile", "names.ext", "-out", "broker.pem")

    # -- the database

    def sql(self, statement, *parameters):
        connection = sqlite3.connect(f"file:{self.db_path}?mode=ro", uri=True, timeout=10)
        try:
            return connection.execute(statement, parameters).fetchall()
        finally:
            connection.close()

    def one(self, statement, *parameters):
        return self.sql(statement, *parameters)[0][0]

    def events(self, kind):
        return self.sql("select symbol, detail from feed_log where kind = ? order by ts", kind)

    def until(self, condition, what, timeout=PATIENCE_S):
        """Polls a condition that has no event to wait for."""
        deadline = time.monotonic() + timeout
        while True:
            try:
                value = condition()
            except sqlite3.OperationalError:  # the database does not exist yet
                value = None
            if value:
                return value
            if time.monotonic() > deadline:
                log = self.service.log() if hasattr(self, "service") else ""
                raise AssertionError(f"not within {timeout} s: {what}\n{log}")
            time.sleep(0.01)

    def until_rows(self, statement, *parameters, at_least=1, timeout=PATIENCE_S):
        return self.until(lambda: self.one(statement, *parameters) >= at_least, statement, timeout)

    def until_polled(self, more=50):
        """Waits until the broker has answered this many more polls."""
        goal = self.stats()["market_data"] + more
        self.until(lambda: self.stats()["market_data"] >= goal, f"{more} more polls")


def not_today():
    """Two days of the week in Argentina: that of the day after tomorrow, and the one after it."""
    now = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(hours=3)
    days = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
    return ",".join(days[(now.weekday() + ahead) % 7] for ahead in (2, 3))


def main():
    unittest.main(verbosity=2)
