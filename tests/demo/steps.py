"""What the demo does, step by step."""
import os
import time

import proof
from output import show
from processes import INSTRUMENTS, Broker, Failed, Service, recorder_sections, replica_sections, until
from servers import Servers

RATE = 100  # changes of the simulated market per second
QUIET_S = 1.5  # without a change, after the market was stopped
SETTLE_S = 60
COMPARISONS, COMPARE_S = 5, 2
STREAM = "CINTA"
LEASE_BUCKET = "KV_CINTA_LEASE"  # the stream of the lease


class Demo:
    def __init__(self, folder, options, interrupts):
        self.folder, self.interrupts, self.cinta, self.seconds = folder, interrupts, options.cinta, options.seconds
        self.began = time.monotonic()
        self.children = []  # they are ended in the reverse order
        self.servers = None

    def say(self, words):
        show(f"{time.monotonic() - self.began:6.1f} s  {words}")

    def run(self):
        """True: nothing was lost."""
        self.start()
        self.record()
        self.kill_leader()
        self.record()
        self.kill_recorder()
        self.record()
        self.settle()
        return self.prove()

    def end(self):
        """The children that did not end as they should."""
        failed = [child for child in reversed(self.children) if not child.end()]
        if self.servers:
            self.servers.close()
        return failed

    def logs(self):
        """Names and files."""
        return [(child.name, child.log_path) for child in self.children] + (self.servers.logs() if self.servers else [])

    # -- processes

    def start(self):
        self.servers = Servers(self.folder, STREAM, self.interrupts)
        self.servers.start()
        self.say(f"nats-servers {', '.join(server.name for server in self.servers.all)} started as a cluster")
        self.broker = Broker("simulated broker", os.path.join(self.folder, "broker"), self.interrupts)
        self.children.append(self.broker)
        self.broker.start(self.cinta, RATE)
        self.a = self.start_recorder("A", lambda a: a.sink().get("state") == "publishing")
        self.say(f"recorder A started: it has the lease; server {self.servers.leader().name} is the leader of its stream "
                 f"{STREAM}")
        self.b = self.start_recorder("B", lambda b: b.lease().get("state") == "standby")
        self.say("recorder B started: it stands by")
        self.replica = self.service("replica", replica_sections(self.servers.url, STREAM)).start()
        until(lambda: self.replica.last_seq() > 0, "the replica has changes: {}", self.replica.why_down)
        self.say("replica started: it reads the stream")

    def start_recorder(self, name, ready):
        recorder = self.service(f"recorder {name}", recorder_sections(self.broker, self.servers, STREAM)).start()
        until(lambda: ready(recorder), f"recorder {name} has started: {{}}", recorder.why_down)
        return recorder

    def service(self, name, sections):
        service = Service(name, os.path.join(self.folder, name.replace(" ", "-")), self.cinta, self.interrupts)
        self.children.append(service)
        return service.configure(sections)

    @property
    def recorders(self):
        return [self.a, self.b]

    def active(self):
        """The recorder that asks the broker, and the other one."""
        def found():
            asking = [recorder for recorder in self.recorders if recorder.lease().get("asks")]
            return asking[0] if len(asking) == 1 else None
        active = until(found, "one recorder has the lease")
        return active, next(recorder for recorder in self.recorders if recorder is not active)

    # -- steps

    def record(self):
        """A third of the time."""
        count = lambda: sum(recorder.changes() for recorder in self.recorders)
        before, until_s = count(), time.monotonic() + self.seconds / 3
        while time.monotonic() < until_s:
            for child in self.children:
                child.check()
            time.sleep(0.1)
        self.say(f"{count() - before} changes recorded in {self.seconds / 3:.3g} s")

    def kill_leader(self):
        leader, (recorder, _) = self.servers.leader(), self.active()
        self.servers.move_leader(LEASE_BUCKET, away_from=leader)  # an election may take longer than the lease lasts
        leader.kill()
        killed, published = time.monotonic(), recorder.sink().get("seq", 0)
        self.say(f"server {leader.name}, the leader of the stream, killed (kill -9)")
        new = self.servers.leader(not_this=leader)
        self.say(f"server {new.name} is the new leader, after {time.monotonic() - killed:.1f} s")
        goal = recorder.last_seq()
        until(lambda: recorder.sink().get("seq", 0) >= goal, f"{recorder.name} publishes again: {{}}", recorder.why_down)
        self.say(f"{recorder.name} published the {goal - published} changes that had waited in its database")
        self.restart(leader)

    def restart(self, server):
        newest = self.servers.last_seq(self.servers.leader())
        self.servers.start()
        until(lambda: self.servers.last_seq(server) >= newest, f"server {server.name} has the whole stream")
        self.say(f"server {server.name} started again; its copy of the stream is complete")

    def kill_recorder(self):
        recorder, other = self.active()
        logins, changes = self.broker.stats()["logins"], other.changes()
        recorder.kill()
        killed = time.monotonic()
        self.unseen_from = max(change.ts_recv for change in proof.changes_of(recorder.database))
        self.say(f"{recorder.name}, which has the lease, killed (kill -9)")
        until(lambda: other.changes() > changes, f"{other.name} takes over: {{}}", other.why_down)
        more = self.broker.stats()["logins"] - logins
        self.say(f"{other.name} took over, {time.monotonic() - killed:.1f} s after that, with {more} logins")
        goal = other.last_seq()
        until(lambda: other.sink().get("seq", 0) >= goal, f"{other.name} publishes: {{}}", other.why_down)
        self.say(f"{other.name} publishes, {time.monotonic() - killed:.1f} s after that")
        waiting = self.unpublished(recorder)
        recorder.start()
        until(lambda: recorder.lease().get("state") == "standby", f"{recorder.name} stands by: {{}}", recorder.why_down)
        goal = recorder.last_seq()
        until(lambda: recorder.sink().get("seq", 0) >= goal, f"{recorder.name} has published its rest: {{}}",
              recorder.why_down)
        self.say(f"{recorder.name} started again: it stands by; of what it had recorded, {waiting} changes were left to publish")

    def unpublished(self, recorder):
        """How many changes of a recorder are not in the stream."""
        quotes = proof.of_type(self.servers.messages(), "Md")
        return len(set(proof.changes_of(recorder.database)) - {proof.change_of(message) for message in quotes})

    def settle(self):
        recorder, _ = self.active()
        until(lambda: recorder.instruments() >= INSTRUMENTS, f"{recorder.name} has recorded each instrument")
        self.broker.stop_market()
        seen, since, deadline = None, time.monotonic(), time.monotonic() + SETTLE_S
        while time.monotonic() - since < QUIET_S:
            recorded = [recorder.last_seq() for recorder in self.recorders]
            now = (recorded, [recorder.sink().get("seq") for recorder in self.recorders], self.replica.last_seq(),
                   self.replica.behind(), self.servers.copies())
            if now != seen or now[0] != now[1] or now[2] != max(recorded) or now[3] != 0:
                seen, since = now, time.monotonic()
            if time.monotonic() > deadline:
                raise Failed(f"not within {SETTLE_S} s: all changes are published and read; recorded, published, in the "
                             f"replica, messages that it has not read, messages in the copies: {seen}")
            time.sleep(0.1)
        self.say("market stopped; all changes are published, and the replica has read them")

    def prove(self):
        """Compares again if something differs, because events and the broker's lists of trades may come at any time."""
        for _ in range(COMPARISONS):
            messages, checks = self.compare()
            holds = all(check.holds for check in checks)
            if holds:
                break
            time.sleep(COMPARE_S)
        recorded = ", ".join(f"{recorder.changes()} by {recorder.name}" for recorder in self.recorders)
        show(f"\nChanges recorded: {recorded}. Messages in the stream: {len(messages)}. Compared row by row:")
        show("\n".join(proof.table(checks)))
        return holds

    def compare(self):
        copies, messages = self.servers.copies(), self.servers.messages()
        quotes, trades = proof.of_type(messages, "Md"), proof.of_type(messages, "Trade")
        databases = [recorder.database for recorder in self.recorders]
        shown = lambda path: proof.trades_of(path, listed_after=self.unseen_from)
        return messages, [
            proof.equal_rows("changes recorded that are in the stream exactly once",
                             proof.union(proof.changes_of, databases), [proof.change_of(message) for message in quotes]),
            proof.equal_rows("trades recorded that are in the stream", proof.distinct(proof.union(shown, databases)),
                             proof.trades_published(trades), also=proof.distinct(proof.union(proof.trades_of, databases))),
            proof.in_order("changes in the stream in their order, by recorder and instrument", quotes),
            proof.equal_rows("changes recorded that are in the replica, in all columns",
                             proof.union(proof.snapshots_of, databases), proof.snapshots_of(self.replica.database)),
            proof.equal_rows("trades of the stream that are in the replica",
                             proof.distinct(proof.trade_of(message) for message in trades),
                             proof.trades_of(self.replica.database)),
            proof.equal_rows("quotes of the replica that are the newest of the recorders",
                             proof.newest(proof.union(proof.quotes_of, databases)),
                             proof.quotes_of(self.replica.database)),
            *(proof.exactly(f"messages in the copy of server {server.name}", copy, len(messages))
              for server, copy in zip(self.servers.all, copies)),
            proof.exactly("logins made at the broker", self.broker.stats()["logins"], 1),
        ]
