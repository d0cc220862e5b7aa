"""Descriptors: what the service opens is its own, whatever it was started with."""
import os
import subprocess
import unittest

import wire


class Descriptors(wire.WireTest):
    def descriptors(self, pid):
        """Number, target and whether it is closed on exec, of each descriptor."""
        found = []
        for number in os.listdir(f"/proc/{pid}/fd"):
            try:
                target = os.readlink(f"/proc/{pid}/fd/{number}")
                with open(f"/proc/{pid}/fdinfo/{number}", encoding="utf-8") as file:
                    flags = next(int(line.split()[1], 8) for line in file if line.startswith("flags"))
            except FileNotFoundError:  # closed meanwhile
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
        for process, least in ((service, 2), (self.sim, 3)):  # REST and stream; the listener, too
            found = self.descriptors(process.child.pid)
            connections = [d for d in found if d[1] in tcp]
            self.assertGreaterEqual(len(connections), least, found)
            for number, target, cloexec in found:
                if target in tcp or self.dir in target or "eventpoll" in target or "eventfd" in target:
                    self.assertTrue(cloexec, (process.argv[1], number, target))
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
