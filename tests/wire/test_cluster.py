"""What is recorded is published to a cluster of three real nats-servers: each change once, in order, whichever server is
killed."""
import shutil
import tempfile

import nats
from publishing import SinkTest
from wire import main

RATE = "3000"  # changes per second


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
        self.start_run()
        self.service.wait_line("event=sink_up")
        self.until_stored(500)

    def stored(self):
        return self.cluster.state(self.stream)["state"]["messages"]

    def until_stored(self, more):
        """Waits until the stream has got this many more messages."""
        goal = self.stored() + more
        self.until(lambda: self.stored() >= goal, f"{more} more messages in the stream")

    def messages(self):
        return self.cluster.ask(lambda client: client.messages(self.stream), "the messages of the stream")

    def end(self):
        """The broker has no further changes; all that there were are in the stream once, on each server."""
        self.post("sim/market?rate=0")
        self.check_stream()
        self.stop_run()


class Servers(ClusterTest):
    def test_one_that_is_not_the_leader(self):
        self.begin()
        _, others = self.cluster.leader(self.stream)
        others[0].kill()
        self.until_stored(1000)
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


if __name__ == "__main__":
    main()
