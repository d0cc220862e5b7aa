"""HUP reloads the configuration, USR1 logs the state, TERM and INT write pending data and exit."""
import os
import signal
import unittest

import wire


class Signals(wire.WireTest):
    def test_hup_applies_a_valid_configuration(self):
        self.start_sim()
        self.configure(symbols=["MERV - XMEV - AL30 - 24hs"], match=[])
        service = self.start_run()
        self.until_rows("select count(*) from quotes")
        self.configure(symbols=["MERV - XMEV - AL30 - 24hs", "MERV - XMEV - GD30 - 24hs"], match=[])
        service.kill(signal.SIGHUP)
        service.wait_line("config_reloaded")
        self.until_rows("select count(*) from quotes", at_least=2)
        self.stop_run()
        self.assertEqual(self.stats()["logins"], 1)

    def test_an_instrument_is_removed_and_added_again(self):
        one, other = "MERV - XMEV - AL30 - 24hs", "MERV - XMEV - GD30 - 24hs"
        recorded = lambda: dict(self.sql("select symbol, recorded from quotes"))
        self.start_sim()
        self.configure(symbols=[one, other], match=[])
        service = self.start_run()
        self.until(lambda: recorded() == {one: 1, other: 1}, "both are recorded")
        self.configure(symbols=[one], match=[])
        service.kill(signal.SIGHUP)
        self.until(lambda: recorded() == {one: 1, other: 0}, "the removed one is not recorded, and its row remains")
        self.until_polled()
        self.stop_run()
        self.assertEqual(recorded(), {one: 1, other: 0})  # also after the service stopped
        self.configure(symbols=[one, other], match=[])
        self.start_run()
        self.until(lambda: recorded() == {one: 1, other: 1}, "both again")
        self.until_polled()
        self.stop_run()
        (_, removed), (added, _) = self.sql("""select w.ts_from, w.ts_to from watch w join instrument i on i.id = w.instrument_id
                                          where i.symbol = ? order by w.ts_from""", other)
        self.assertEqual(self.sql("select * from gaps where symbol = ? and ts_to > ? and ts_from < ?", other, removed, added), [])
        self.assertGreater(self.one("select count(*) from session"), 0)

    def test_hup_refuses_an_invalid_configuration_and_keeps_the_previous_one(self):
        self.start_sim()
        self.configure()
        service = self.start_run()
        self.until_rows("select count(*) from quotes")
        self.configure(poll="intervall = 1")
        service.kill(signal.SIGHUP)
        line = service.wait_line("config_refused")
        self.assertIn("poll.interval", line)
        self.assertIn("cinta.conf:", line)
        self.until_polled()
        self.stop_run()
        self.assertEqual(len(self.events("config_refused")), 1)

    def test_hup_with_a_wrong_password_does_not_end_the_service(self):
        self.start_sim("--user", "bob")
        self.configure()
        with open(self.conf_path, encoding="utf-8") as file:
            text = file.read()
        self.write("cinta.conf", text.replace('"alice"', '"bob"'))
        service = self.start_run()
        self.until_rows("select count(*) from quotes", at_least=12)
        self.write("password", "mistyped\n")
        self.configure()  # alice does not exist at this broker
        service.kill(signal.SIGHUP)
        line = service.wait_line("login_refused")
        self.assertRegex(line, r"next login in \d{3} s")
        self.assertEqual(self.stats()["login_refused"], 1)
        self.stop_run()

    def test_hup_with_a_password_file_that_others_can_read_disturbs_nothing(self):
        self.start_sim()
        self.configure(stream="enable = true")
        service = self.start_run()
        service.wait_line("event=streaming")
        os.chmod(self.path("password"), 0o644)
        service.kill(signal.SIGHUP)
        service.wait_line("event=config_refused", "chmod 600")
        self.write("password", "s3cret-pass\r\n")  # the same password
        service.kill(signal.SIGHUP)
        service.wait_line("configuration reloaded: nothing changed", "event=config_reloaded")
        self.stop_run()
        self.assertEqual(len(self.events("stream_open")), 1)

    def test_hup_after_a_change_of_the_password(self):
        self.start_sim()
        self.configure(stream="enable = true")
        service = self.start_run()
        service.wait_line("event=streaming")
        self.write("password", "mistyped\n")
        service.kill(signal.SIGHUP)
        service.wait_line("configuration reloaded: password changed; connecting to the broker again")
        service.wait_line("event=streaming")  # the token is still valid
        self.stop_run()

    def test_usr1_logs_the_state(self):
        self.start_sim()
        self.configure()
        service = self.start_run()
        self.until_rows("select count(*) from quotes", at_least=12)
        service.kill(signal.SIGUSR1)
        service.wait_line("recent:", "polling")
        self.assertIn("token=held", service.wait_line("state: feed"))
        self.assertIn("instruments=12", service.wait_line("state: poller"))
        self.assertIn("backlog=", service.wait_line("state: store"))
        self.stop_run()

    def test_int_and_term_write_pending_data(self):
        self.start_sim("--rate", "500")
        for signum in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(signum):
                self.configure(store="commit_every = 60")  # rows are written only at the end
                service = self.start_run()
                self.until_polled(100)
                service.kill(signum)
                self.assertEqual(service.wait_exit(), 0, service.log())
                self.assertGreater(self.one("select count(*) from snapshots"), 12)
                self.assertEqual(self.one("select max(seq) from snapshots"), self.one("select count(*) from snapshots"))

    def test_term_while_the_broker_hangs(self):
        self.start_sim(faults='fault { path = "rest/marketdata/get" kind = "hang" }')
        self.configure(broker="timeout = 60")
        service = self.start_run()
        self.until(lambda: self.stats()["in_flight"] > 1, "requests hang")
        self.stop_run()
        self.assertEqual(self.events("poll_failed"), [], service.log())


if __name__ == "__main__":
    wire.main()
