"""Common functions of the benchmarks: configuration, waiting for conditions, other processes, the simulated broker."""
import json
import os
import subprocess
import time
import urllib.request

PATIENCE_S = 60


def configure(folder, url, sections, password="demo", listen="", broker="", store=""):
    """Writes a configuration that records all instruments of the broker at `url`; returns (path, database).
    session.always is true, because outside the session each instrument is polled only once a minute."""
    password_file, conf, db = (os.path.join(folder, name) for name in ("password", "cinta.conf", "cinta.db"))
    with open(os.open(password_file, os.O_CREAT | os.O_WRONLY, 0o600), "w", encoding="utf-8") as file:
        file.write(password + "\n")
    with open(conf, "w", encoding="utf-8") as file:
        file.write(f'''
broker {{ url = "{url}"  user = "demo"  password_file = "{password_file}"  {broker} }}
session {{ always = true }}
instruments {{ match = {{"*"}} }}
store {{ path = "{db}"  {store} }}
serve {{ listen = "{listen}" }}
state_dir = "{folder}/state"
{sections}
''')
    return conf, db


def wait_for(condition, what, seconds=PATIENCE_S):
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise SystemExit(f"not within {seconds} s: {what}")
        time.sleep(0.01)


def cpu_s(pid):
    """CPU time of another process, to the nanosecond (the clock id of clock_getcpuclockid)."""
    return time.clock_gettime((~pid << 3) | 2)


def memory_mib(pid, key):
    with open(f"/proc/{pid}/status", encoding="utf-8") as file:
        for line in file:
            if line.startswith(key):
                return int(line.split()[1]) / 1024
    raise KeyError(key)


def end(child):
    child.terminate()
    child.wait()


def tool(options, name, *words):
    """Runs a helper of the build folder; returns what it reports, as {name: value}."""
    argv = [os.path.join(options.build, name), *map(str, words)]
    out = subprocess.run(argv, stdout=subprocess.PIPE, text=True, check=False)
    if out.returncode:
        raise SystemExit(f"{' '.join(argv)}: status {out.returncode}")
    return {name: float(value) for name, value in map(str.split, out.stdout.splitlines())}


class Broker:
    """`cinta sim`."""

    def __init__(self, options, folder, instruments, rate):
        ready = os.path.join(folder, "sim.ready")
        if os.path.exists(ready):
            os.unlink(ready)
        self.child = subprocess.Popen([options.cinta, "sim", "--ready-file", ready, "--instruments", str(instruments),
                                       "--rate", str(rate)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for(lambda: os.path.exists(ready) or self.child.poll() is not None, "the simulator listens")
        if not os.path.exists(ready):
            raise SystemExit("the simulator did not start")
        with open(ready, encoding="utf-8") as file:
            self.url = file.readline().strip()

    def ask(self, path, token=None, post=False, headers=None):
        headers = dict(headers or {})
        if token:
            headers["X-Auth-Token"] = token
        request = urllib.request.Request(self.url + path, headers=headers, data=b"" if post else None)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.read(), answer.headers

    def token(self):
        return self.ask("auth/getToken", post=True,
                        headers={"X-Username": "demo", "X-Password": "demo"})[1]["X-Auth-Token"]

    def symbols(self):
        body = json.loads(self.ask("rest/instruments/all", self.token())[0])
        return [item["instrumentId"]["symbol"] for item in body["instruments"]]

    def stats(self):
        return json.loads(self.ask("sim/stats")[0])

    def end(self):
        end(self.child)
