"""The real binary with a DNS that hangs: only requests that need a look-up wait for it.

Also proxies: which environment variables are used, and that no proxy receives a password in plain text.
"""
import json
import os
import socket
import threading
import unittest

import wire

STREAM = "enable = true  batch = 5  ping = 1  stale = 30"


class Trap:
    """A proxy that records what it receives and closes the connection."""

    def __init__(self):
        self.seen = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = "http://proxy.test:%d" % self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            with client:
                self.seen.append(client.recv(65536).decode(errors="replace"))


class Names(wire.WireTest):
    def setUp(self):
        super().setUp()
        self.hold = self.path("hold")
        self.addCleanup(self.release)

    def release(self):
        if os.path.exists(self.hold):
            os.unlink(self.hold)

    def run_preloaded(self, **env):
        asan = os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0"
        return self.start_run("--log", "debug", env={"LD_PRELOAD": os.environ["SLOW_DNS"], "SLOW_DNS_HOLD": self.hold,
                                                     "ASAN_OPTIONS": asan, **env})

    def start(self, rest="127.0.0.1", stream="127.0.0.1", env=None):
        """Uses these host names for REST and stream, with a resolver that hangs while the hold file exists."""
        self.start_sim()
        rest, stream = (self.url.replace("127.0.0.1", host) for host in (rest, stream))
        self.configure(url=rest, stream=STREAM, broker=f'''timeout = 1 allow_insecure = true
            stream_url = "{stream.replace("http", "ws")}"''')
        return self.run_preloaded(**(env or {}))

    def status(self):
        done = self.cinta("status", "-c", self.conf_path, "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def until_streamed(self):
        self.until_rows("select count(*) from snapshots where source = 'stream'", at_least=100)

    def assert_no_stall_by_look_ups(self, status):
        """If the loop waited for a look-up, its longest stall would be a time-out or the duration of the hang."""
        self.assertLess(status["loop"]["longest_stall_s"], 0.9, status["loop"])

    def test_names_that_resolve(self):
        service = self.start("rest.test", "stream.test")
        self.until_streamed()
        status = self.status()
        self.assertGreaterEqual(status["loop"]["longest_stall_s"], status["loop"]["recent_stall_s"])
        shown = self.cinta("status", "-c", self.conf_path).stdout
        self.assertRegex(shown, r"loop +longest stall \d+ ms \(at [\d: -]+ ART\); \d+ ms in the last 5")
        self.stop_run(service)

    def test_all_look_ups_hang_at_the_start(self):
        self.write("hold", "")
        service = self.start("rest.test", "stream.test")
        service.wait_line("slow_dns: the look-up of rest.test hangs")
        service.wait_line("cannot resolve host 'rest.test': no answer from the DNS in 1 s")
        for _ in range(3):
            service.wait_line("login failed again", "cannot resolve host 'rest.test'")
        self.assertLessEqual(service.log().count("the look-up of rest.test hangs"), 3)  # three threads at most
        self.assert_no_stall_by_look_ups(self.status())
        self.release()
        self.until_streamed()
        self.stop_run(service)

    def test_rest_continues_while_the_stream_s_look_up_hangs(self):
        self.write("hold", "")
        service = self.start(stream="stream.test")
        service.wait_line("event=stream_closed", "cannot resolve host 'stream.test'")
        self.until_polled()
        self.assert_no_stall_by_look_ups(self.status())
        self.stop_run(service)  # while the look-up still hangs

    def test_term_does_not_wait_for_a_look_up(self):
        self.write("hold", "")
        service = self.start("rest.test", "stream.test")
        service.wait_line("slow_dns: the look-up of rest.test hangs")
        self.stop_run(service)
        self.assertTrue(os.path.exists(self.hold))

    # -- proxies

    def start_trap(self):
        trap = Trap()
        self.addCleanup(trap.listener.close)
        return trap

    def test_plain_http_uses_no_proxy(self):
        trap = self.start_trap()
        names = ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")
        service = self.start("rest.test", "stream.test", env={name: trap.url for name in names})
        self.until_streamed()
        self.stop_run(service)
        self.assertEqual(trap.seen, [])

    def try_tls(self, **env):
        self.url = "https://rest.test:1/"
        self.configure()
        service = self.run_preloaded(**env)
        line = service.wait_line("event=login_failed")
        self.stop_run(service)
        return line

    def test_tls_uses_the_proxy(self):
        trap = self.start_trap()
        self.try_tls(HTTPS_PROXY=trap.url)
        self.assertTrue(trap.seen)
        for seen in trap.seen:
            self.assertTrue(seen.startswith("CONNECT rest.test:1 HTTP/1.1"), seen)
            self.assertNotIn("s3cret-pass", seen)

    def test_exceptions(self):
        for exception in ({"NO_PROXY": "*"}, {"no_proxy": "*"}, {"no_proxy": "other.net,*"}, {"NO_PROXY": "*, other.net"},
                          {"no_proxy": "other.net", "NO_PROXY": "*"}, {"NO_PROXY": ".test"}, {"no_proxy": "rest.test:1"}):
            with self.subTest(exception):
                trap = self.start_trap()
                self.assertIn("no connection", self.try_tls(HTTPS_PROXY=trap.url, all_proxy=trap.url, **exception))
                self.assertEqual(trap.seen, [])

    def test_a_proxy_that_does_not_resolve_is_reported(self):
        self.assertIn("cannot resolve the environment's proxy 'none.invalid'",
                      self.try_tls(https_proxy="http://none.invalid:3128"))


if __name__ == "__main__":
    wire.main()
