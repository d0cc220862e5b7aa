"""What is recorded is published to a real nats-server: each change once, in order, whatever stops meanwhile."""
import json
import os
import shutil
import signal
import socket
import sqlite3
import urllib.request

from publishing import SinkTest
from wire import PATIENCE_S, main


class Published(SinkTest):
    def test_all_that_is_recorded(self):
        self.server.start()
        self.begin(listed=False, serve='listen = "127.0.0.1:0"')
        self.service.wait_line("event=sink_up")
        self.until_recorded(200)
        messages = self.check_stream()
        self.check_subjects(messages)
        self.check_shown()
        self.stop_run()
        self.check_last_values()

    def check_subjects(self, messages):
        quote = next(m for m in messages if m.json()["type"] == "Md" and "GGAL" in m.data.decode())
        segment = self.one("select segment from instruments where symbol = ?", quote.json()["instrumentId"]["symbol"])
        self.assertEqual(quote.subject, "md.ROFX.%s.%s" % (
            segment, quote.json()["instrumentId"]["symbol"].replace(" ", "%20")))
        kinds = {m.json()["kind"]: m.subject for m in messages if m.json()["type"] == "Event"}
        self.assertEqual(kinds["streaming"], "md.event.streaming")
        stored = self.sql("select ts, kind, detail from feed_log order by ts")
        for message in (m.json() for m in messages if m.json()["type"] == "Event"):
            self.assertIn((message["kind"], message["detail"]), {(kind, detail) for _, kind, detail in stored})

    def check_last_values(self):
        """The second stream has the last message of each subject, under the number of the first."""
        client = self.client()
        last = {m.subject: (m.seq, m.data) for m in client.messages("CINTA")}
        newest = max(seq for seq, _ in last.values())
        self.until(lambda: client.stream("CINTA_LAST")["state"]["last_seq"] == newest, "the mirror is complete")
        self.assertEqual({m.subject: (m.seq, m.data) for m in client.messages("CINTA_LAST")}, last)

    def check_shown(self):
        status = self.status()
        self.assertEqual(status["sink"]["state"], "publishing")
        self.assertEqual(status["sink"]["server"], self.server.url)
        text = self.cinta("status", "-c", self.conf_path).stdout
        self.assertIn(f"stream CINTA at {self.server.url}", " ".join(text.split()))
        with urllib.request.urlopen(status["local_api"] + "metrics", timeout=PATIENCE_S) as answer:
            metrics = answer.read().decode()
        self.assertIn("cinta_sink_up 1\n", metrics)
        self.assertRegex(metrics, r"cinta_sink_seq [1-9]")

    def test_a_stream_as_configured(self):
        self.server.start()
        self.begin('subject = "x.y"  stream = "OTHER"  max_age = 2  max_size = 7  duplicates = 30')
        self.service.wait_line("event=sink_up")
        config = self.client().stream("OTHER")["config"]
        self.assertEqual(config["subjects"], ["x.y.>"])
        self.assertEqual(config["max_age"], 2 * 86400 * 10**9)
        self.assertEqual(config["max_bytes"], 7000000)
        self.assertEqual(config["duplicate_window"], 30 * 10**9)
        self.assertEqual((config["storage"], config["discard"], config["num_replicas"]), ("file", "old", 1))
        self.assertEqual(self.client().stream("OTHER_LAST")["config"]["max_msgs_per_subject"], 1)
        self.stop_run()

    def test_a_stream_that_exists_is_not_changed(self):
        self.server.start()
        made = self.client().api("STREAM.CREATE.CINTA", name="CINTA", subjects=["md.>"], storage="file", max_msgs=100000)
        self.assertNotIn("error", made)
        self.begin("max_size = 7")
        self.assertIn("max_bytes is 0 instead of 7000000, max_msgs is 100000 instead of 0",
                      self.service.wait_line("event=sink_up"))
        self.assertEqual(self.client().stream("CINTA")["config"]["max_bytes"], -1)
        self.stop_run()

    def test_a_mirror_that_does_not_follow_is_made_again(self):
        self.server.start()
        made = self.client().api("STREAM.CREATE.CINTA_LAST", name="CINTA_LAST", storage="file", max_msgs_per_subject=1,
                                 mirror={"name": "CINTA", "external": {"api": "$JS.nowhere.API"}})
        self.assertNotIn("error", made)
        self.begin()
        self.service.wait_line("event=sink_up")
        self.until_recorded(100)
        self.post("sim/market?rate=0")
        self.service.wait_line("the stream with the last values did not follow", timeout=2 * PATIENCE_S)
        self.until_published()
        self.stop_run()
        self.check_last_values()

    def test_a_stream_for_something_else_is_not_used(self):
        self.server.start()
        self.client().api("STREAM.CREATE.CINTA", name="CINTA", subjects=["orders.>"], storage="file")
        self.begin()
        self.assertIn("the stream CINTA exists and is not for the subjects md.>",
                      self.service.wait_line("event=sink_down"))
        self.stop_run()


class Reference(SinkTest):
    def instruments(self):
        return [m for m in self.messages() if m.json()["type"] == "Instrument"]

    def until_there(self, count):
        self.until(lambda: len(self.instruments()) >= count, f"{count} messages of instruments")

    def test_each_instrument_once_and_again_after_a_change(self):
        self.server.start()
        self.begin()
        self.service.wait_line("event=sink_up")
        listed = self.one("select count(*) from instrument where listed = 1")
        self.assertGreater(listed, 10)
        self.until_there(listed)
        self.check_terms(self.instruments())
        self.read_list()
        self.stop_run()
        symbol, tick = self.sql("select symbol, price_tick from instruments where segment = 'DDF' limit 1")[0]
        with sqlite3.connect(self.db_path) as database:
            database.execute("update instrument set price_tick = 77 where symbol = ?", [symbol])
        database.close()
        self.start_run()
        self.service.wait_line("event=sink_up")
        self.read_list()
        self.until_there(listed + 1)
        self.read_list()
        self.until_recorded(50)
        messages = self.check_stream()
        found = [m for m in messages if m.json()["type"] == "Instrument"]
        self.assertEqual(len(found), listed + 1)
        self.assertEqual(len({m.subject for m in found}), listed)
        self.assertEqual(found[-1].subject, "md.instrument.ROFX.DDF." + symbol)
        self.assertEqual(found[-1].json()["instrument"]["minPriceIncrement"], tick)
        self.stop_run()

    def check_terms(self, messages):
        """In the order of the revisions, with the values of the database."""
        got = [(int(m.headers["Nats-Msg-Id"].split(":i")[1]), m.json()["instrument"]["instrumentId"]["symbol"],
                m.json()["instrument"]["minPriceIncrement"], m.json()["instrument"]["maturityDate"],
                m.headers["Cinta-Listed"]) for m in messages]
        self.assertEqual(got, self.sql("select revision, symbol, price_tick, replace(maturity_date, '-', ''),"
                                       " cast(listed as text) from instrument where revision is not null order by 1"))

    def test_a_stream_that_is_made_again_gets_all(self):
        self.server.start()
        self.begin()
        self.service.wait_line("event=sink_up")
        listed = self.one("select count(*) from instrument where listed = 1")
        self.until_there(listed)
        self.stop_run()
        self.client().api("STREAM.DELETE.CINTA_LAST")
        self.client().api("STREAM.DELETE.CINTA")
        self.start_run()
        self.assertIn("the stream is a new one", self.service.wait_line("event=sink_up"))
        self.until_there(listed)
        self.check_terms(self.instruments())
        self.stop_run()


class Restarts(SinkTest):
    def test_servers_and_services_are_killed(self):
        """Longer than the window of de-duplication, which plays no part then."""
        self.server.start()
        self.begin("duplicates = 1")
        self.service.wait_line("event=sink_up")
        self.until_recorded(100)
        self.server.kill()
        self.service.wait_line("event=sink_down")
        self.until_recorded(200)
        self.until(lambda: self.sink()["behind"] >= 200, "the status shows how many changes wait")
        self.server.start()
        self.service.wait_line("event=sink_up")
        self.until_published()
        self.assertEqual(len(self.events("sink_down")), 1)
        for _ in range(3):
            self.until_recorded(30)
            self.service.kill(signal.SIGKILL)
            self.service.wait_exit()
            self.start_run()
            self.service.wait_line("event=sink_up")
        self.until_recorded(30)
        self.check_stream()
        self.stop_run()

    def test_no_server_at_the_first_start_and_no_state_later(self):
        """What is recorded meanwhile is published later; without its state file, the stream says where to go on."""
        self.server.start()
        self.server.kill()
        self.begin()
        self.service.wait_line("event=sink_down")
        self.until_recorded(100)
        self.stop_run()
        self.server.start()
        self.start_run()
        self.service.wait_line("event=sink_up")
        self.until_recorded(30)
        self.check_stream()
        self.stop_run()
        shutil.rmtree(self.path("state"))
        self.start_run()
        self.until_recorded(30)
        self.check_stream()
        self.stop_run()

    def test_changes_that_were_moved_to_history(self):
        self.server.start()
        self.begin()
        self.service.wait_line("event=sink_up")
        self.server.kill()
        self.service.wait_line("event=sink_down")
        self.until_recorded(100)
        self.post("sim/market?rate=0")
        self.until(lambda: self.one("select count(*) from snapshot_recent") == 0, "ten seconds without a change")
        self.assertGreater(self.one("select count(*) from snapshot_history"), 0)
        self.post("sim/market?rate=300")
        self.until_recorded(50)
        self.server.start()
        self.service.wait_line("event=sink_up")
        self.check_stream()
        self.stop_run()


class Others(SinkTest):
    def test_another_program_publishes_too(self):
        self.server.start()
        self.begin()
        self.service.wait_line("event=sink_up")
        client = self.client()
        for _ in range(5):
            self.until_recorded(20)
            self.assertIn("seq", client.publish("md.foreign", b'{"type":"Foreign"}'))
            self.until_recorded(20)
        self.check_stream()
        self.assertEqual((len(self.events("sink_down")), len(self.events("sink_up"))), (0, 1))
        self.stop_run()

    def test_a_restored_database(self):
        """Its numbers are assigned again to other changes, which are not dropped as repeats."""
        self.server.start()
        self.begin()
        self.until_recorded(50)
        copy = self.path("copy.db")
        self.assertEqual(self.cinta("backup", copy, "-c", self.conf_path).returncode, 0)
        self.until_recorded(50)
        self.until_published()
        self.stop_run()
        old = self.client().messages("CINTA")[-1].seq
        for suffix in ("", "-wal", "-shm"):
            os.unlink(self.db_path + suffix)
        os.rename(copy, self.db_path)
        first = self.one("select max(seq) from snapshots") + 1
        self.start_run()
        self.service.wait_line("event=sink_renamed")
        self.until_recorded(50)
        self.until_published()
        new = [m for m in self.client().messages("CINTA", start=old + 1) if m.json()["type"] == "Md"]
        got = [int(m.headers["Cinta-Seq"]) for m in new]
        self.assertEqual(got, list(range(first, first + len(got))))
        self.assertGreaterEqual(len(got), 50)
        self.stop_run()


    def test_changes_that_retention_deleted(self):
        """As when NATS is away for longer than store.keep_days."""
        self.server.start()
        self.begin()
        self.until_recorded(50)
        self.until_published()
        self.server.kill()
        self.service.wait_line("event=sink_down")
        published = self.sink()["seq"]
        self.until_recorded(100)
        self.stop_run()
        last = published + 50
        with sqlite3.connect(self.db_path) as database:
            database.execute("update ledger set ts_trimmed = (select max(ts_recv) + 1 from snapshots where seq <= ?)", [last])
            for table in ("snapshot_recent", "snapshot_history"):
                database.execute(f"delete from {table} where seq > ? and seq <= ?", [published, last])
        database.close()
        self.server.start()
        self.start_run()
        self.assertIn("50 changes were deleted", self.service.wait_line("event=sink_lost"))
        self.until_published()
        self.assertEqual(self.sink()["lost"], 50)
        self.stop_run()


class Refused(SinkTest):
    def test_a_wrong_password(self):
        self.server.config = 'authorization { user: "cinta", password: "right-password" }'
        self.server.start()
        self.write("nats-password", "wrong-password\n")
        self.begin(f'user = "cinta"  password_file = "{self.path("nats-password")}"')
        line = self.service.wait_line("event=sink_down")
        self.assertIn("Authorization Violation", line)
        self.assertNotIn("wrong-password", line)
        self.until_recorded(50)
        self.write("nats-password", "right-password\n")
        self.service.wait_line("event=sink_up")
        self.server.login = {"user": "cinta", "pass": "right-password"}
        self.check_stream()
        self.stop_run()

    def client(self, **login):
        return super().client(**{**getattr(self.server, "login", {}), **login})

    def test_tls_and_a_token(self):
        """First without the authority that signed the server's certificate, then with it."""
        self.authority("authority")
        self.authority("other")
        self.certificate("authority", "IP:127.0.0.1")
        self.server.config = (f'tls {{ cert_file: "{self.path("broker.pem")}", key_file: "{self.path("broker.key")}" }}\n'
                              'authorization { token: "a-token-of-nats" }')
        self.server.start()
        url = self.server.url.replace("nats://", "tls://")
        keys = f'token_file = "{self.write("token", "a-token-of-nats")}"  ca_file = '
        self.start_sim("--rate", "300")
        self.configure_sink(keys + f'"{self.path("other.pem")}"', url=url)
        self.start_run()
        line = self.service.wait_line("event=sink_down")
        self.assertIn("unable to get local issuer certificate", line)
        self.configure_sink(keys + f'"{self.path("authority.pem")}"', url=url)
        self.service.kill(signal.SIGHUP)
        self.service.wait_line("event=sink_up")
        self.until_recorded(10)
        self.until_published()
        self.assertNotIn("a-token-of-nats", self.service.log() + json.dumps(self.status()))
        self.stop_run()

    def test_a_full_server(self):
        self.server.jetstream = "max_file_store: 200000"
        self.server.start()
        self.begin()
        self.service.wait_line("event=sink_up")
        line = self.service.wait_line("event=sink_down")
        self.assertIn("resource", line)
        self.assertIn("raise max_file_store", line)
        self.until_recorded(50)
        self.server.kill()
        self.server.jetstream = ""
        self.server.start()
        self.service.wait_line("event=sink_up")
        self.check_stream()
        self.stop_run()

    def test_a_server_that_never_answers(self):
        """The thread that waits for it is left alone by a reload and by the end of the service."""
        with socket.create_server(("127.0.0.1", 0)) as silent:
            self.start_sim()
            self.configure_sink(url=f"nats://127.0.0.1:{silent.getsockname()[1]}")
            self.start_run()
            silent.accept()[0].close()  # the first connection ends; the next ones wait
            self.service.wait_line("event=sink_down")
            self.configure()
            self.service.kill(signal.SIGHUP)
            self.service.wait_line("event=config_reloaded")
            self.assertNotIn("sink", self.status())
            self.configure_sink(url=f"nats://127.0.0.1:{silent.getsockname()[1]}")
            self.service.kill(signal.SIGHUP)
            self.service.wait_line("event=config_reloaded")
            with silent.accept()[0]:
                self.stop_run()

    def test_a_server_without_jetstream(self):
        self.server.jetstream = None
        self.server.start()
        self.begin()
        self.assertIn("JetStream", self.service.wait_line("event=sink_down"))
        self.stop_run()


class Library(SinkTest):
    def test_it_is_loaded_for_a_sink_only(self):
        def maps():
            with open(f"/proc/{self.service.child.pid}/maps", encoding="utf-8") as file:
                return file.read()
        self.start_sim()
        self.configure()
        self.start_run()
        self.until_rows("select count(*) from snapshots")
        self.assertNotIn("libnats", maps())
        self.server.start()
        self.configure_sink()
        self.service.kill(signal.SIGHUP)
        self.service.wait_line("event=sink_up")
        self.assertIn("libnats", maps())
        self.configure()
        self.service.kill(signal.SIGHUP)
        self.service.wait_line("event=config_reloaded")
        self.until(lambda: "sink" not in self.status(), "the sink has ended")
        self.stop_run()


if __name__ == "__main__":
    main()
