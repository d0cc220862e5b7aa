"""Messages to the service manager. A socket of the test acts as systemd's; a thread stopped in pwrite acts as a disk
that does not answer."""
import ctypes
import errno
import json
import os
import platform
import queue
import signal
import socket
import sqlite3
import threading
import time
import unittest

import wire

WATCHDOG_S = 0.9


class Manager:
    """The receiver of $NOTIFY_SOCKET; a thread reads each message at once, so that the service never blocks."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(path)
        self.queue = queue.Queue()
        self.received = []
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        while True:
            message = self.socket.recv(4096).decode()
            if message == "end":
                return
            self.queue.put(message)

    def close(self):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as end:
            end.sendto(b"end", self.socket.getsockname())
        self.socket.close()

    def next(self, timeout):
        self.received.append(self.queue.get(timeout=timeout))
        return self.received[-1]

    def wait(self, *needles):
        """Waits for a message in which, for each needle, a line begins with it."""
        deadline = time.monotonic() + wire.PATIENCE_S
        while True:
            try:
                message = self.next(max(0.001, deadline - time.monotonic()))
            except queue.Empty:
                raise AssertionError(f"no message with {needles}: {self.received}") from None
            if all(any(line.startswith(n) for line in message.split("\n")) for n in needles):
                return message

    def wait_silence(self, seconds):
        deadline = time.monotonic() + wire.PATIENCE_S
        while time.monotonic() < deadline:
            try:
                self.next(seconds)
            except queue.Empty:
                return
        raise AssertionError(f"no {seconds} s of silence: {self.received[-10:]}")


class StoppedInWrite:
    """Holds one thread of another process at the entry of its next pwrite64, as a disk that does not answer would."""
    SEIZE, SYSCALL, INTERRUPT, DETACH, TRACESYSGOOD = 0x4206, 24, 0x4207, 17, 1
    GET_SYSCALL_INFO, WALL = 0x420e, 0x40000000
    PWRITE64 = {"x86_64": 18, "aarch64": 68}.get(platform.machine())

    def __init__(self, tid):
        self.tid = tid
        self.libc = ctypes.CDLL(None, use_errno=True)
        self.libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
        self.libc.ptrace.restype = ctypes.c_long

    def _ptrace(self, request, address=None, data=None):
        if self.libc.ptrace(request, self.tid, address, data) < 0:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))

    def _at_entry_of_pwrite(self):
        info = (ctypes.c_uint8 * 88)()
        self._ptrace(self.GET_SYSCALL_INFO, len(info), ctypes.addressof(info))
        return info[0] == 1 and int.from_bytes(bytes(info[24:32]), "little") == self.PWRITE64

    def __enter__(self):
        self._ptrace(self.SEIZE, None, self.TRACESYSGOOD)
        self._ptrace(self.INTERRUPT)
        while True:
            _, status = os.waitpid(self.tid, self.WALL)
            assert os.WIFSTOPPED(status), status
            if os.WSTOPSIG(status) == signal.SIGTRAP | 0x80 and self._at_entry_of_pwrite():
                return self
            self._ptrace(self.SYSCALL)

    def __exit__(self, *_):
        self._ptrace(self.DETACH)


class Notify(wire.WireTest):
    def setUp(self):
        super().setUp()
        self.manager = Manager(self.path("notify"))
        self.addCleanup(self.manager.close)

    def start(self, watchdog_s=None, sim=(), **configuration):
        self.start_sim(*sim)
        self.configure(**configuration)
        env = {"NOTIFY_SOCKET": self.path("notify")}
        if watchdog_s:
            env["WATCHDOG_USEC"] = str(int(watchdog_s * 1e6))
        return self.start_run(env=env)

    def test_start_reload_and_stop(self):
        service = self.start(stream="enable = true")
        self.manager.wait("READY=1")
        self.manager.wait("STATUS=streaming: 12 instruments live")
        self.configure(stream="enable = true  batch = 10")
        service.kill(signal.SIGHUP)
        message = self.manager.wait("RELOADING=1", "MONOTONIC_USEC=")
        self.assertLessEqual(int(message.split("=")[-1]), time.monotonic_ns() // 1000)
        self.assertEqual(self.manager.next(wire.PATIENCE_S), "READY=1")
        self.manager.wait("STATUS=streaming: ")
        service.kill(signal.SIGTERM)
        self.manager.wait("STOPPING=1", "STATUS=stopping")
        self.assertEqual(service.wait_exit(), 0, service.log())
        self.assertNotIn("WATCHDOG=1", self.manager.received)  # WATCHDOG_USEC is not set

    def test_ready_when_the_database_is_open_and_status_with_counts(self):
        self.start()
        self.manager.wait("READY=1")
        self.assertEqual(self.one("select count(*) from feed_log where kind = 'killed'"), 0)  # succeeds, because the database is open
        self.manager.wait("STATUS=polling: 0 instruments live, 12 polled")
        self.stop_run()

    def test_a_refused_configuration_ends_the_reload_too(self):
        service = self.start()
        self.manager.wait("READY=1")
        self.write("cinta.conf", "nonsense")
        service.kill(signal.SIGHUP)
        self.manager.wait("RELOADING=1")
        self.manager.wait("READY=1")
        service.wait_line("the previous configuration stays in effect")
        while "the new configuration was refused" not in self.manager.wait("STATUS="):
            pass  # a line from before the reload
        self.configure()
        service.kill(signal.SIGHUP)
        service.wait_line("configuration reloaded")
        while "refused" in self.manager.wait("STATUS="):
            pass  # a successful reload removes it
        self.stop_run()

    def test_not_ready_when_it_cannot_start(self):
        service = self.start(broker="timeout = 5  ca_file = \"/nowhere\"")
        self.assertEqual(service.wait_exit(), 78)
        self.assertTrue(self.manager.queue.empty())

    def test_refused_credentials_are_in_the_last_status(self):
        self.start_sim("--user", "somebody-else")
        self.configure()
        service = self.start_run(env={"NOTIFY_SOCKET": self.path("notify")})
        self.manager.wait("STOPPING=1", "STATUS=the broker refused")
        self.assertEqual(service.wait_exit(), 77)

    def test_the_watchdog_is_served_while_another_program_holds_a_lock(self):
        service = self.start(WATCHDOG_S)
        self.until_rows("select count(*) from snapshots")
        user = sqlite3.connect(self.db_path, isolation_level=None, timeout=wire.PATIENCE_S)
        user.execute("begin immediate")
        service.wait_line("another program holds a write lock")
        for _ in range(7):  # more than two watchdog intervals
            self.manager.wait("WATCHDOG=1")
        user.execute("rollback")
        user.close()
        self.stop_run()

    def writer(self):
        tasks = f"/proc/{self.service.child.pid}/task"
        for tid in os.listdir(tasks):
            with open(f"{tasks}/{tid}/comm", encoding="utf-8") as file:
                if file.read().strip() == "cinta-writer":
                    return int(tid)
        raise AssertionError("no thread cinta-writer")

    @unittest.skipUnless(StoppedInWrite.PWRITE64, "the number of pwrite64 is not known for this architecture")
    def test_no_watchdog_message_while_the_writer_hangs(self):
        service = self.start(WATCHDOG_S)
        self.manager.wait("WATCHDOG=1")
        try:
            with StoppedInWrite(self.writer()):
                service.wait_line("writer is blocked in a system call")
                self.manager.wait_silence(WATCHDOG_S)
                status = json.loads(self.cinta("status", "-c", self.conf_path, "--json").stdout)
                self.assertTrue(status["running"])  # the event loop still answers
        except OSError as error:
            if error.errno == errno.EPERM:
                self.skipTest("this process may not trace its child")
            raise
        self.manager.wait("WATCHDOG=1")
        self.stop_run()


if __name__ == "__main__":
    wire.main()
