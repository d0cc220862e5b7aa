"""The token: one login, stored, renewed when it expires; clear messages when there is none."""
import os
import signal
import time
import unittest

import wire

PASSWORD = "s3cret-pass"


class Login(wire.WireTest):
    def expect_exit(self, status, *words):
        service = self.start_run()
        self.assertEqual(service.wait_exit(), status, service.log())
        for word in words:
            self.assertIn(word, service.log())
        self.assertNotIn(PASSWORD, service.log())
        self.assertNotIn("wrong-pass", service.log())
        return service

    def test_wrong_password_ends_with_77(self):
        self.start_sim()
        self.configure()
        self.write("password", "wrong-pass\n")
        self.expect_exit(77, "not logged in", "password")
        self.assertEqual(self.stats()["login_refused"], 1)

    def test_each_kind_of_refusal_ends_with_77(self):
        for name, fault in (("401", 'kind = "refuse"'), ("401, empty", 'kind = "blank" status = 401'),
                            ("403 in the broker's JSON", 'kind = "status" status = 403'),
                            ("404 invalid_grant", r'''kind = "status" status = 404 body = "{\"error\":\"invalid_grant\"}"'''),
                            ("200 with an error in the broker's JSON", 'kind = "error" body = "Unauthorized"')):
            with self.subTest(name):
                self.start_sim(faults=f'fault {{ path = "auth/getToken" {fault} }}')
                self.configure()
                self.expect_exit(77, "not logged in", "the broker refused user or password")
                self.assertLessEqual(self.stats()["requests"], 2)  # one login, and this request of /sim/stats
                self.sim.end()

    def test_pages_at_the_start_do_not_count_as_refusal(self):
        for name, fault, words in (
                ("a page", 'kind = "page" status = 200', 'title \\"Just a moment...\\", instead of a token (200)'),
                ("403 with a page", 'kind = "page" status = 403', "instead of a token (403)"),
                ("404 with a page", 'kind = "page" status = 404', "instead of a token (404)"),
                ("403, empty", 'kind = "blank" status = 403', "403, without the broker's JSON"),
                ("404, empty", 'kind = "blank" status = 404', "no auth/getToken at this address (404)"),
                ("moved", 'kind = "redirect" status = 301 location = "https://www.broker.test/"', "a redirect to"),
                ("login page", 'kind = "html"', "a login page"),
                ("without a token", 'kind = "no_token"', "without a token")):
            with self.subTest(name):
                self.setUp()
                self.start_sim(faults=f'fault {{ path = "auth/getToken" count = 2 {fault} }}')
                self.configure()
                service = self.start_run()
                line = service.wait_line("event=login_failed", "next login in")
                self.assertIn(words, line)
                self.until_rows("select count(*) from quotes", at_least=12)
                self.stop_run()
                self.assertEqual(len(self.events("login_failed")), 1)
                self.assertEqual((self.stats()["logins"], self.stats()["faults"]), (3, 2))  # the failed ones are included
                self.sim.end()

    def test_an_unreachable_broker_at_the_start_is_retried(self):
        self.start_sim()
        self.configure(url="http://127.0.0.1:1/")
        service = self.start_run()
        service.wait_line("login_failed")
        self.configure()
        service.kill(signal.SIGHUP)
        service.wait_line("config_reloaded")
        self.until_rows("select count(*) from quotes")
        self.stop_run()

    def test_an_outage_is_reported_once(self):
        self.start_sim()
        self.configure(url="http://127.0.0.1:1/")
        service = self.start_run("--log", "debug")
        service.wait_line("event=login_failed")
        for _ in range(2):
            self.assertIn("level=debug", service.wait_line("login failed again"))
        self.configure()
        service.kill(signal.SIGHUP)
        service.wait_line("logged in as")
        self.until_rows("select count(*) from quotes")
        self.stop_run()
        self.assertEqual(len(self.events("login_failed")), 1)

    def test_5xx_at_login_is_retried(self):
        self.start_sim(faults='fault { path = "auth/getToken" kind = "status" status = 503 count = 1 }')
        self.configure()
        service = self.start_run()
        service.wait_line("login_failed", "503")
        self.until_rows("select count(*) from quotes")
        self.stop_run()

    def test_an_expired_token_is_renewed_once_and_the_request_repeated(self):
        self.start_sim()
        self.configure()
        service = self.start_run()
        self.until_rows("select count(*) from quotes", at_least=12)
        self.post("sim/expire")
        service.wait_line("unauthorized")
        service.wait_line("event=login")
        self.until_polled()
        self.stop_run()
        self.assertEqual(self.stats()["logins"], 2)
        self.assertEqual(len(self.events("unauthorized")), 1)
        self.assertEqual(self.events("poll_failed"), [])

    def test_short_lived_tokens(self):
        self.start_sim("--token-ttl", "1")
        self.configure()
        self.start_run()
        self.until(lambda: self.stats()["logins"] >= 4, "four logins")
        polls = self.stats()["market_data"]
        self.until(lambda: self.stats()["market_data"] > polls, "polling continues")
        self.stop_run()
        seqs = [r[0] for r in self.sql("select seq from snapshots order by seq")]
        self.assertEqual(seqs, list(range(1, len(seqs) + 1)))

    def test_a_refused_login_while_running_does_not_end_the_service(self):
        self.start_sim()
        self.configure()
        service = self.start_run()
        self.until_rows("select count(*) from quotes", at_least=12)
        self.post("sim/user?password=changed-by-the-broker")
        self.post("sim/expire")
        line = service.wait_line("login_refused")
        self.assertRegex(line, r"next login in \d{3} s")
        self.assertIsNone(service.child.poll())
        self.assertEqual(self.stats()["login_refused"], 1)
        self.assertEqual(self.one("select count(*) from quotes"), 12)
        self.stop_run()

    def test_new_tokens_that_are_always_rejected_cause_few_logins(self):
        self.start_sim(faults='fault { path = "rest/*" kind = "status" status = 401 }')
        self.configure()
        service = self.start_run()
        service.wait_line("a fresh token was not accepted")
        self.assertEqual(self.stats()["logins"], 2)
        self.stop_run()

    def test_token_file_is_private_and_for_one_broker(self):
        self.start_sim()
        self.configure()
        self.start_run()
        self.until_rows("select count(*) from quotes")
        self.stop_run()
        for name, mode in (("state/token", 0o600), ("cinta.db", 0o640)):  # the group may read data
            self.assertEqual(os.stat(self.path(name)).st_mode & 0o777, mode, name)
        self.sim.end()
        self.start_sim("--seed", "2")  # another broker: the token is not sent there
        self.configure()
        self.start_run()
        self.until_rows("select count(*) from quotes", at_least=12)
        self.until_polled()
        self.stop_run()
        self.assertEqual(self.stats()["logins"], 1)
        self.assertEqual(self.stats()["unauthorized"], 0)

    def test_password_is_not_in_memory_after_the_login(self):
        self.start_sim()
        self.configure()
        self.start_run(env={"CINTA_PASSWORD": ""})
        self.until_rows("select count(*) from quotes", at_least=12)
        self.assertEqual(count_in_memory(self.service.child.pid, PASSWORD.encode()), 0)
        self.stop_run()

    def test_the_password_is_removed_from_the_environment(self):
        self.start_sim()
        self.configure()
        with open(self.conf_path, encoding="utf-8") as file:
            lines = [line for line in file if "password_file" not in line]
        self.write("cinta.conf", "".join(lines))
        self.start_run(env={"CINTA_PASSWORD": PASSWORD})
        self.until_rows("select count(*) from quotes")
        with open(f"/proc/{self.service.child.pid}/environ", "rb") as file:
            self.assertNotIn(PASSWORD.encode(), file.read())
        self.stop_run()

    def test_password_file_that_others_can_read_is_refused(self):
        self.start_sim()
        self.configure()
        self.write("password", PASSWORD, mode=0o644)
        service = self.expect_exit(78, "chmod 600")
        self.assertIn(self.path("password"), service.log())
        self.assertEqual(self.stats()["logins"], 0)

    def test_secrets_are_in_no_log_and_no_table(self):
        self.start_sim()
        self.configure()
        self.start_run("--log", "debug")
        self.until_rows("select count(*) from quotes")
        with open(self.path("state/token"), encoding="utf-8") as file:
            token = file.read().splitlines()[4]
        self.post("sim/expire")
        self.service.wait_line("event=login")
        self.service.kill(signal.SIGUSR1)
        self.service.wait_line("state: store")
        self.stop_run()
        for secret in (token, PASSWORD):
            self.assertNotIn(secret, self.service.log())
            with open(self.db_path, "rb") as file:
                self.assertNotIn(secret.encode(), file.read())
        with open(f"/proc/{self.sim.child.pid}/cmdline", "rb") as file:
            self.assertIn(PASSWORD.encode(), file.read())  # proves that this search finds secrets


def count_in_memory(pid, needle):
    found = 0
    with open(f"/proc/{pid}/maps", encoding="utf-8") as maps, open(f"/proc/{pid}/mem", "rb", 0) as mem:
        for line in maps:
            span, mode = line.split()[:2]
            if "rw" not in mode or "[v" in line:
                continue
            begin, end = (int(x, 16) for x in span.split("-"))
            if end - begin > 1 << 30:  # shadow memory of the sanitizers
                continue
            try:
                mem.seek(begin)
                found += mem.read(end - begin).count(needle)
            except (OSError, ValueError, OverflowError):
                continue
    return found


if __name__ == "__main__":
    wire.main()
