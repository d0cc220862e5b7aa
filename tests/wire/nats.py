"""Real nats-servers of a test, alone or as a cluster, and a client of them: the protocol's few lines, and the requests
of JetStream."""
import contextlib
import json
import os
import shutil
import socket
import subprocess
import time
import unittest

SERVER = shutil.which("nats-server") or shutil.which("nats-server", path="/usr/sbin:/sbin")
PATIENCE_S = 30
ELECTION_S = 90  # a group of nats-server 2.9 elects a leader in ten seconds, on a busy machine after several attempts


class Server:
    """nats-server with JetStream (None: without) in a folder. The port is the server's choice (-1), and a restart keeps
    it."""

    def __init__(self, folder, name="nats", config="", jetstream="", port=-1):
        if not SERVER:
            raise unittest.SkipTest("nats-server is not installed: scripts/setup test")
        self.name = name
        self.folder = os.path.join(folder, name)
        os.makedirs(self.folder)
        self.config, self.jetstream = config, jetstream
        self.port = port
        self.child = None

    def _configure(self):
        path = os.path.join(self.folder, "server.conf")
        with open(path, "w", encoding="utf-8") as file:
            file.write(f'listen: "127.0.0.1:{self.port}"\nports_file_dir: "{self.folder}"\n{self.config}\n')
            if self.jetstream is not None:
                file.write(f'jetstream {{ store_dir: "{self.folder}/js"\n{self.jetstream} }}\n')
        return path

    def start(self):
        path = self._configure()
        self.log_path = os.path.join(self.folder, "server.log")
        with open(self.log_path, "ab") as log:
            self.child = subprocess.Popen([SERVER, "-c", path], stdout=log, stderr=log)
        ports = os.path.join(self.folder, f"nats-server_{self.child.pid}.ports")
        deadline = time.monotonic() + PATIENCE_S
        while True:
            try:
                with open(ports, encoding="utf-8") as file:
                    address = json.load(file)["nats"][0]
                break
            except (FileNotFoundError, json.JSONDecodeError):
                if self.child.poll() is not None or time.monotonic() > deadline:
                    raise AssertionError("nats-server does not start:\n" + self.log()) from None
                time.sleep(0.01)  # no event tells of the file
        self.port = int(address.rsplit(":", 1)[1])
        return self

    @property
    def url(self):
        return f"nats://127.0.0.1:{self.port}"

    def log(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as file:
            return file.read()

    def running(self):
        return self.child is not None and self.child.poll() is None

    def kill(self):
        """As after a crash or a power failure of the process."""
        if self.running():
            self.child.kill()
        if self.child:
            self.child.wait()


def reserve_port():
    """A socket whose port nobody else gets while it is open; a server that sets SO_REUSEADDR can listen there."""
    held = socket.socket()
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    held.bind(("127.0.0.1", 0))
    return held


class Cluster:
    """Several servers with JetStream which know each other, on ports that stay the same. Close it at the end."""

    def __init__(self, folder, count=3):
        self.held = [reserve_port() for _ in range(2 * count)]
        ports = [held.getsockname()[1] for held in self.held]
        clients, between = ports[:count], ports[count:]
        routes = ", ".join(f'"nats://127.0.0.1:{port}"' for port in between)
        self.servers = []
        for i in range(count):
            config = (f'server_name: "n{i + 1}"\n'
                      f'cluster {{ name: "test", listen: "127.0.0.1:{between[i]}", routes: [{routes}] }}')
            self.servers.append(Server(folder, f"n{i + 1}", config, port=clients[i]))

    def start(self):
        """Starts those that do not run, and waits until JetStream works with all of them."""
        for server in self.servers:
            if not server.running():
                server.start()
        self.ask(self._whole, "a leader that sees all servers")
        return self

    def _whole(self, client):
        """A stream with a copy on each server can be created only when the leader knows them all."""
        probe = client.api("STREAM.CREATE.PROBE", name="PROBE", subjects=["probe"], storage="memory",
                           num_replicas=len(self.servers))
        if "error" in probe:
            return False
        return client.api("STREAM.DELETE.PROBE").get("success")

    def close(self):
        for server in self.servers:
            server.kill()
        for held in self.held:
            held.close()

    @property
    def url(self):
        return ",".join(server.url for server in self.servers)

    def running(self):
        return [server for server in self.servers if server.running()]

    def ask(self, question, what, patience=ELECTION_S):
        """Calls question(client) with a client of each running server in turn, until it answers with something. There is
        no answer while a leader is being elected."""
        deadline = time.monotonic() + patience
        while True:
            for server in self.running():
                try:
                    with contextlib.closing(Client(server, patience=2)) as client:
                        answer = question(client)
                except OSError:
                    answer = None
                if answer:
                    return answer
            if time.monotonic() > deadline:
                raise AssertionError(f"not within {patience} s: {what}\n" + self.log())
            time.sleep(0.05)

    def log(self):
        return "\n".join(f"{server.folder}:\n{server.log()}" for server in self.servers)

    def state(self, stream):
        """Its STREAM.INFO, as soon as it has a leader."""
        def info(client):
            answer = client.stream(stream)
            return answer if answer.get("cluster", {}).get("leader") else None
        return self.ask(info, f"a leader of {stream}")

    def last_seq(self, stream):
        return self.state(stream)["state"]["last_seq"]

    def leader(self, stream):
        """The server that leads the stream, and the others."""
        name = self.state(stream)["cluster"]["leader"]
        leads = lambda server: server.name == name
        return next(s for s in self.servers if leads(s)), [s for s in self.servers if not leads(s)]


class Message:
    def __init__(self, subject, headers, data, seq):
        self.subject, self.headers, self.data, self.seq = subject, headers, data, seq
        self.parsed = None

    def json(self):
        if self.parsed is None:
            self.parsed = json.loads(self.data)
        return self.parsed


def parse_headers(raw):
    lines = raw.decode().split("\r\n")
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines[1:] if line)}


class Client:
    def __init__(self, server, patience=PATIENCE_S, prefix="_INBOX", **login):
        """`prefix`: of the subjects of all answers."""
        self.socket = socket.create_connection(("127.0.0.1", server.port), timeout=patience)
        self.file = self.socket.makefile("rb")
        self.prefix, self.inbox = prefix, f"{prefix}.{os.getpid()}.{id(self)}"
        self.count = 0
        self.arrived = []  # messages of subscriptions
        assert self.file.readline().startswith(b"INFO ")
        options = {"verbose": False, "pedantic": False, "headers": True, "no_responders": True, **login}
        self._send(f"CONNECT {json.dumps(options)}\r\nSUB {self.inbox}.* 1\r\nPING\r\n".encode())
        while True:
            line = self.file.readline()
            if line.startswith(b"-ERR") or not line:
                raise ConnectionRefusedError(line)
            if line == b"PONG\r\n":
                return

    def close(self):
        self.file.close()
        self.socket.close()

    def _send(self, data):
        self.socket.sendall(data)

    def _message(self):
        """The next message: subject, reply, headers, data."""
        while True:
            words = self.file.readline().split()
            if not words:
                raise ConnectionError("closed by the server")
            if words[0] == b"PING":
                self._send(b"PONG\r\n")
            elif words[0] == b"-ERR":
                raise ConnectionError(words)
            elif words[0] in (b"MSG", b"HMSG"):
                break
        headers_bytes = int(words[-2]) if words[0] == b"HMSG" else 0
        total = int(words[-1])
        body = self.file.read(total + 2)[:total]
        extra = 4 if words[0] == b"HMSG" else 3
        reply = words[3].decode() if len(words) == extra + 2 else None
        return words[1].decode(), reply, parse_headers(body[:headers_bytes]) if headers_bytes else {}, body[headers_bytes:]

    def request(self, subject, payload=b""):
        self.count += 1
        reply = f"{self.inbox}.{self.count}"
        self._send(f"PUB {subject} {reply} {len(payload)}\r\n".encode() + payload + b"\r\n")
        while True:
            message = self._message()
            if message[0] == reply:
                return json.loads(message[3]) if message[3] else {}
            self.arrived.append(message)

    def api(self, what, **arguments):
        return self.request("$JS.API." + what, json.dumps(arguments).encode() if arguments else b"")

    def publish(self, subject, data):
        return self.request(subject, data)

    def stream(self, name):
        return self.api(f"STREAM.INFO.{name}")

    def deliver(self, stream, subject, **config):
        """A consumer of the stream whose messages come to this client, with next(); returns the server's answer."""
        self.count += 1
        sid = self.count + 1
        self._send(f"SUB {subject} {sid}\r\n".encode())
        made = self.api(f"CONSUMER.CREATE.{stream}", stream_name=stream, config={
            "deliver_subject": subject, "ack_policy": "none", "replay_policy": "instant", "mem_storage": True, **config})
        assert "error" not in made, made
        return {**made, "sid": sid}

    def next(self):
        """The next message: subject, reply, headers, data."""
        return self.arrived.pop(0) if self.arrived else self._message()

    def messages(self, stream, subject=">", start=1):
        """All messages of the stream from that number on, with their numbers in the stream."""
        state = self.stream(stream).get("state")
        if not state or state["messages"] == 0:
            return []
        self.count += 1
        deliver = f"{self.prefix}.deliver.{os.getpid()}.{id(self)}.{self.count}"
        made = self.deliver(stream, deliver, deliver_policy="by_start_sequence", opt_start_seq=start,
                            filter_subject=subject, max_deliver=1)
        left = made["num_pending"] + made["delivered"]["consumer_seq"]
        found = {}  # by number: the server delivers some again if its copy was not up to date
        while len(found) < left:
            got, reply, headers, data = self.arrived.pop(0) if self.arrived else self._message()
            number = int(reply.split(".")[-4])
            found.setdefault(number, Message(got, headers, data, number))
        self.arrived = []
        self._send(f"UNSUB {made['sid']}\r\n".encode())
        self.api(f"CONSUMER.DELETE.{stream}.{made['name']}")
        return list(found.values())
