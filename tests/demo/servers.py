"""The nats-servers of the demo: a cluster, and what each server has, by its monitoring port."""
import json
import os
import urllib.request

import nats
from processes import PATIENCE_S, until


class Servers:
    def __init__(self, folder, stream, interrupts):
        self.stream, self.interrupts = stream, interrupts
        self.cluster = nats.Cluster(folder)
        self.all = self.cluster.servers
        for server in self.all:
            server.config += '\nhttp: "127.0.0.1:-1"'

    def start(self):
        """All that do not run, and waits until they are a cluster."""
        for server in self.all:
            with self.interrupts.deferred():
                if not server.running():
                    server.start()
        self.cluster.start()

    def close(self):
        self.cluster.close()

    @property
    def url(self):
        return self.cluster.url

    def logs(self):
        return [(f"nats-server {server.name}", server.log_path) for server in self.all if server.child]

    def detail(self, server, name=None):
        """A stream (None: that of the recorders) as this server knows it: leader and state of its own copy. None: it has
        none."""
        with open(os.path.join(server.folder, f"nats-server_{server.child.pid}.ports"), encoding="utf-8") as file:
            address = json.load(file)["monitoring"][0]
        with urllib.request.urlopen(address + "/jsz?streams=true", timeout=PATIENCE_S) as answer:
            accounts = json.load(answer).get("account_details") or []
        streams = [stream for account in accounts for stream in account.get("stream_detail") or []]
        return next((stream for stream in streams if stream["name"] == (name or self.stream)), None)

    def last_seq(self, server):
        """Of the newest message in its copy."""
        detail = self.detail(server)
        return detail["state"]["last_seq"] if detail else 0

    def leader(self, not_this=None, stream=None):
        """Waits for a leader that the others know too."""
        running = [server for server in self.all if server.running()]
        def found():
            names = {((self.detail(server, stream) or {}).get("cluster") or {}).get("leader") for server in running}
            leader = next((server for server in running if names == {server.name}), None)
            return leader if leader is not not_this else None
        return until(found, f"a leader of the stream {stream or self.stream}")

    def move_leader(self, stream, away_from):
        """Another server leads that stream from now on."""
        if self.leader(stream=stream) is away_from:
            self.cluster.ask(lambda client: client.api(f"STREAM.LEADER.STEPDOWN.{stream}").get("success"),
                             f"the leader of {stream} gives its place up")
            self.leader(not_this=away_from, stream=stream)

    def copies(self):
        """The number of messages in each server's copy."""
        return [self.detail(server)["state"]["messages"] for server in self.all]

    def messages(self):
        def read(client):
            return client.messages(self.stream)
        return self.cluster.ask(read, f"the messages of the stream {self.stream}")
