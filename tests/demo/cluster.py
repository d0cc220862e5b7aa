"""scripts/demo --cluster: three nats-servers and a recorder on this machine. The server that leads the stream is killed;
then all rows of the recorder are compared with all messages of the stream.

    cluster.py --cinta FILE [--seconds N] [--dir D]

Exit status: 0 nothing was lost; 1 something was, or the demo failed; 2 wrong usage; 130 interrupted.
"""
import argparse
import contextlib
import os
import shutil
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "wire"))
import nats  # noqa: E402
import proof  # noqa: E402
from processes import Broker, Failed, Interrupts, Service, recorder_sections, until  # noqa: E402
from servers import Servers  # noqa: E402

STREAM = "CINTA"
RATE = 100  # changes of the simulated market per second
QUIET_S = 1.5  # without a change, after the market was stopped
SETTLE_S = 60


class Demo:
    def __init__(self, folder, options, interrupts):
        self.folder, self.interrupts, self.cinta, self.seconds = folder, interrupts, options.cinta, options.seconds
        self.began = time.monotonic()
        self.children = []  # they are ended in the reverse order
        self.servers = None

    def say(self, words):
        show(f"{time.monotonic() - self.began:6.1f} s  {words}")

    def run(self):
        self.start()
        self.record()
        self.kill_leader()
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
        self.a = self.recorder("A")
        until(lambda: self.a.sink().get("state") == "publishing", "recorder A publishes: {}", self.a.why_down)
        self.say(f"recorder A started; server {self.servers.leader().name} is the leader of its stream {STREAM}")

    def recorder(self, name):
        service = Service(f"recorder {name}", os.path.join(self.folder, name), self.cinta, self.interrupts)
        self.children.append(service)
        service.configure(recorder_sections(self.broker, service) + f"""
sink        {{ nats = "{self.servers.url}"  stream = "{STREAM}"  replicas = {len(self.servers.all)} }}""")
        return service.start()

    # -- steps

    def record(self):
        """Half of the time."""
        before, until_s = self.a.last_seq(), time.monotonic() + self.seconds / 2
        while time.monotonic() < until_s:
            self.a.check()
            time.sleep(0.1)
        self.say(f"recorder A recorded {self.a.last_seq() - before} changes in {self.seconds / 2:g} s")

    def kill_leader(self):
        leader = self.servers.leader()
        leader.kill()
        killed, published = time.monotonic(), self.a.sink().get("seq", 0)
        self.say(f"server {leader.name}, the leader of the stream, killed (kill -9)")
        new = self.servers.leader(not_this=leader)
        self.say(f"server {new.name} is the new leader, after {time.monotonic() - killed:.1f} s")
        goal = self.a.last_seq()
        until(lambda: self.a.sink().get("seq", 0) >= goal, "recorder A publishes again: {}", self.a.why_down)
        self.say(f"recorder A published the {goal - published} changes that had waited in its database")
        self.restart(leader)

    def restart(self, server):
        newest = self.servers.last_seq(self.servers.leader())
        self.servers.start()
        until(lambda: self.servers.last_seq(server) >= newest, f"server {server.name} has the whole stream")
        self.say(f"server {server.name} started again; its copy of the stream is complete")

    def settle(self):
        self.broker.stop_market()
        seen, since, deadline = None, time.monotonic(), time.monotonic() + SETTLE_S
        while time.monotonic() - since < QUIET_S:
            now = (self.a.last_seq(), self.a.sink().get("seq"), *self.servers.copies())
            if now != seen or now[0] != now[1]:
                seen, since = now, time.monotonic()
            if time.monotonic() > deadline:
                raise Failed(f"not within {SETTLE_S} s: all changes are published; recorded, published, messages in "
                             f"the copies: {seen}")
            time.sleep(0.1)
        self.say("market stopped; all changes are published")

    def prove(self):
        messages = self.servers.messages()
        quotes, trades = proof.of_type(messages, "Md"), proof.of_type(messages, "Trade")
        checks = [
            proof.equal_rows("changes recorded that are in the stream exactly once", proof.changes_of(self.a.database),
                             [proof.change_of(message) for message in quotes]),
            proof.equal_rows("trades recorded that are in the stream exactly once", proof.trades_of(self.a.database),
                             [proof.trade_of(message) for message in trades]),
            proof.in_order("changes in the stream in their order, by instrument", quotes),
            *(proof.exactly(f"messages in the copy of server {server.name}", copy, len(messages))
              for server, copy in zip(self.servers.all, self.servers.copies())),
            proof.exactly("logins made", self.broker.stats()["logins"], 1),
        ]
        show("\n" + "\n".join(proof.table(checks)))
        return all(check.holds for check in checks)


# -- the program

def show(text):
    """Nobody reads it any more, if the terminal or the pipe was closed: the same as an interrupt."""
    try:
        print(text, flush=True)
    except OSError:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")
        raise KeyboardInterrupt from None


def parse(argv):
    parser = argparse.ArgumentParser(prog="demo")
    parser.add_argument("--cinta", required=True)
    parser.add_argument("--seconds", type=int, default=0)
    parser.add_argument("--dir")
    options = parser.parse_args(argv)
    options.seconds = options.seconds or 10
    return options


def make_folder(path):
    """The folder of the files, and whether they stay."""
    if not path:
        return tempfile.mkdtemp(prefix="cinta-demo-"), False
    os.makedirs(path, exist_ok=True)
    if os.listdir(path):
        raise Failed(f"{path} is not empty: name a folder that does not exist, or an empty one")
    return os.path.abspath(path), True


def show_failure(failure, demo):
    for name, path in demo.logs():
        with open(path, encoding="utf-8", errors="replace") as file:
            for line in file.read().splitlines()[-5:]:
                print(f"{name}: {line}", file=sys.stderr)
    print(f"demo: {failure}", file=sys.stderr)


def perform(folder, options, interrupts):
    """The exit status."""
    demo = Demo(folder, options, interrupts)
    try:
        holds = demo.run()
        interrupts.ignore()
        for child in demo.end():
            raise Failed(f"{child.name} ended with status {child.process.returncode}")
        return 0 if holds else 1
    except KeyboardInterrupt:
        with contextlib.suppress(KeyboardInterrupt):
            show("\ninterrupted: nothing was compared")
        return 130
    except Exception as failure:  # also of the servers and of the operating system
        show_failure(failure, demo)
        return 1
    finally:
        interrupts.ignore()
        demo.end()


def main(argv):
    options = parse(argv)
    if not nats.SERVER:
        sys.exit("demo: nats-server is not installed: apt-get install nats-server")
    interrupts = Interrupts()
    try:
        folder, keep = make_folder(options.dir)
    except (Failed, OSError) as failure:
        sys.exit(f"demo: {failure}")
    status = perform(folder, options, interrupts)
    if keep or status == 1:
        print(f"files:          {folder}")
    else:
        shutil.rmtree(folder)
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
