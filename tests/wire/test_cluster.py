"""What is recorded is published to a cluster of three real nats-servers: each change once, in order, although servers
are killed, most of them are away, or the network is cut."""
import shutil
import tempfile

import nats
from publishing import SinkTest
from tcp_proxy import TO_CLIENT, TcpProxy
from wire import main

RATE = "1000"  # changes per second


class ClusterTest(SinkTest):
    """One cluster for all tests; each has a stream of its own."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="cinta-cluster-")
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        cls.cluster = nats.Cluster(cls.folder)
        cls.addClassCleanup(cls.cluster.close)

    def setUp(self):
        super().setUp()
        self.server = self.cluster.start()
        self.stream = self._testMethodName.upper()

    def begin(self, url=None):
        self.start_sim("--instruments", "200", "--rate", RATE)
        self.configure_sink(f'replicas = 3  rate = 100000  stream = "{self.stream}"  subject = "{self.stream}"', url=url)
        self.read_list()
        self.start_run()
        self.wait_event("sink_up")
        self.until_stored(500)

    def until(self, condition, what, timeout=nats.ELECTION_S):
        return super().until(condition, what, timeout)

    def wait_event(self, kind):
        return self.service.wait_line(f"event={kind}", timeout=nats.ELECTION_S)

    def stored(self):
        return self.cluster.state(self.stream)["state"]["messages"]

    def until_stored(self, more):
        """Waits until the stream has got this many more messages."""
        goal = self.stored() + more
        self.until(lambda: self.stored() >= goal, f"{more} more messages in the stream")

    def messages(self):
        return self.cluster.ask(lambda client: client.messages(self.stream), "the messages of the stream")

    def doctor(self):
        done = self.cinta("doctor", "-c", self.conf_path)
        return " ".join(done.stdout.split())

    def end(self):
        """The broker has no further changes; all that there were are in the stream once."""
        self.post("sim/market?rate=0")
        self.check_stream()
        self.stop_run()


class Servers(ClusterTest):
    def test_one_that_is_not_the_leader(self):
        self.begin()
        _, others = self.cluster.leader(self.stream)
        others[0].kill()
        self.until_stored(1000)
        self.until(lambda: f"not up to date: {others[0].name}" in self.doctor(), "doctor names the server")
        others[0].start()
        self.until_stored(1000)
        self.end()

    def test_the_leader(self):
        """In the middle of publishing; a new one is elected, and the old one comes back."""
        self.begin()
        leader, _ = self.cluster.leader(self.stream)
        leader.kill()
        self.until(lambda: self.cluster.leader(self.stream)[0] is not leader, "another leader")
        self.until_stored(1000)
        leader.start()
        self.until_stored(1000)
        self.end()

    def test_most_of_them(self):
        """The third alone accepts nothing, and has no leader when they come back."""
        self.begin()
        leader, others = self.cluster.leader(self.stream)
        for server in (leader, others[0]):
            server.kill()
        self.wait_event("sink_down")
        self.until_recorded(1000)
        for server in (leader, others[0]):
            server.start()
        self.wait_event("sink_up")
        self.until_stored(1000)
        self.end()


class Network(ClusterTest):
    def setUp(self):
        super().setUp()
        self.proxies = [TcpProxy(server.port) for server in self.cluster.servers]
        for proxy in self.proxies:
            self.addCleanup(proxy.close)
        self.begin(",".join(proxy.url for proxy in self.proxies))

    def each(self, do):
        for proxy in self.proxies:
            do(proxy)

    def test_cuts(self):
        """First nothing passes, until the connection is given up; what it held arrives late, while another connection is
        made. Then the stream stores messages without the service knowing it, until all connections are closed."""
        self.each(TcpProxy.cut)
        self.until(lambda: self.sink()["failures"] > 0, "the connection is given up")
        self.until_recorded(1000)
        self.each(TcpProxy.heal)
        self.until_stored(1000)
        self.each(lambda proxy: proxy.cut(TO_CLIENT))
        self.until_stored(200)
        self.each(TcpProxy.refuse)
        self.wait_event("sink_down")
        self.until_recorded(1000)
        self.each(TcpProxy.heal)
        self.wait_event("sink_up")
        self.until_stored(1000)
        self.end()
        last = self.cluster.last_seq(self.stream)
        self.until(lambda: self.cluster.last_seq(self.stream + "_LAST") == last, "the last values are complete")


if __name__ == "__main__":
    main()
