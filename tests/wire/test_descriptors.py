"""Descriptors: what the service opens is closed on exec, and it works without free or standard descriptors."""
import os
import resource
import socket
import subprocess
import time
import unittest

import wire


class Descriptors(wire.WireTest):
    def descriptors(self, pid):
        """Number, target and close-on-exec flag of each descriptor."""
        found = []
        for number in os.listdir(f"/proc/{pid}/fd"):
            try:
                target = os.readlink(f"/proc/{pid}/fd/{number}")
                with open(f"/proc/{pid}/fdinfo/{number}", encoding="utf-8") as file:
                    flags = next(int(line.split()[1], 8) for line in file if line.startswith("flags"))
            except FileNotFoundError:  # closed since os.listdir()
                continue
            found.append((int(number), target, bool(flags & os.O_CLOEXEC)))
        return found

    def tcp_sockets(self):
        with open("/proc/net/tcp", encoding="utf-8") as file:
            return {"socket:[%s]" % line.split()[9] for line in file.readlines()[1:]}

    def test_connections_files_and_the_loop_are_closed_on_exec(self):
        self.start_sim()
        self.configure(stream="enable = true  ping = 1")
        service = self.start_run()
        service.wait_line("event=streaming")
        self.until_rows("select count(*) from quotes", at_least=12)
        tcp = self.tcp_sockets()
        for process, least in ((service, 2), (self.sim, 3)):  # REST and stream; in the simulator also the listener
            found = self.descriptors(process.child.pid)
            connections = [d for d in found if d[1] in tcp]
            self.assertGreaterEqual(len(connections), least, found)
            for number, target, cloexec in found:
                if target in tcp or self.dir in target or "eventpoll" in target or "eventfd" in target:
                    self.assertTrue(cloexec, (process.argv[1], number, target))
        self.stop_run()

    def wanted_s(self, pid):
        """Seconds that its main thread was running or runnable, so that a spinning loop shows on a loaded machine too."""
        with open(f"/proc/{pid}/schedstat", encoding="utf-8") as file:
            return sum(int(field) for field in file.read().split()[:2]) / 1e9

    def crowd(self, connect, count=200):
        """Connects `count` clients that send nothing."""
        clients = []
        self.addCleanup(lambda: [client.close() for client in clients])
        for _ in range(count):
            try:
                clients.append(connect())
            except OSError:  # the queue is full
                break
        return clients

    def assert_idle(self, pid):
        began, wanted = time.monotonic(), self.wanted_s(pid)
        self.until(lambda: time.monotonic() - began > 2, "two seconds pass")
        self.assertLess(self.wanted_s(pid) - wanted, 1)

    def test_the_simulator_without_descriptors_left(self):
        ready = self.path("ready")
        sim = wire.Process(["prlimit", "--nofile=64:64", wire.CINTA, "sim", "--listen", "127.0.0.1:0", "--rate", "1",
                            "--ready-file", ready])
        self.addCleanup(sim.end)
        self.until(lambda: os.path.exists(ready), "the simulator listens")
        with open(ready, encoding="utf-8") as file:
            self.url = file.read().strip()
        address = ("127.0.0.1", int(self.url.rstrip("/").rsplit(":", 1)[1]))
        clients = self.crowd(lambda: socket.create_connection(address, timeout=0.5))
        self.assertGreater(len(clients), 64)
        self.assert_idle(sim.child.pid)
        for client in clients:
            client.close()
        self.assertIn("connections", self.until(self.stats_or_none, "it answers again"))

    def stats_or_none(self):
        try:
            return self.stats()
        except OSError:
            return None

    def test_status_without_descriptors_left(self):
        self.start_sim()
        self.configure()
        service = self.start_run()
        self.until_rows("select count(*) from quotes", at_least=12)
        pid = service.child.pid
        limit = resource.prlimit(pid, resource.RLIMIT_NOFILE)
        numbers = {number for number, _, _ in self.descriptors(pid)}
        first_free = next(number for number in range(1000) if number not in numbers)
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (first_free, limit[1]))

        def ask():
            client = socket.socket(socket.AF_UNIX)
            client.settimeout(0.5)
            client.connect(self.path("state/status.sock"))
            return client
        for client in self.crowd(ask, 20):
            client.close()
        self.assert_idle(pid)
        resource.prlimit(pid, resource.RLIMIT_NOFILE, limit)
        self.until(lambda: self.cinta("status", "-c", self.conf_path).returncode == 0, "it answers again")
        self.stop_run()

    def test_started_without_standard_descriptors(self):
        self.start_sim()
        self.configure()
        child = subprocess.Popen(["/bin/sh", "-c", 'exec "$0" "$@" 0<&- 1>&- 2>&-', wire.CINTA, "run", "-c", self.conf_path])
        self.addCleanup(child.wait)
        self.addCleanup(child.kill)
        self.until_rows("select count(*) from quotes", at_least=12)
        targets = {number: target for number, target, _ in self.descriptors(child.pid)}
        self.assertEqual([targets[n] for n in range(3)], ["/dev/null"] * 3)
        child.terminate()
        self.assertEqual(child.wait(wire.PATIENCE_S), 0)
        self.assertEqual(self.cinta("verify", "--db", self.db_path).returncode, 0)


if __name__ == "__main__":
    wire.main()
