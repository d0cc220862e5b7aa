"""Section alert: the program gets each fault and its end, once; the scripts of the documentation send them."""
import http.server
import json
import os
import re
import signal
import socketserver
import threading
import unittest
import urllib.parse

import pages
import wire

MEMBERS = ["state", "kind", "symbol", "text", "meaning", "detail", "time", "lasted", "events", "host", "test"]
STREAM = "enable = true  ping = 1  stale = 3"


class WebServer(http.server.ThreadingHTTPServer):
    """Keeps (path, headers, body) of each POST, and answers them with `status`."""

    def __init__(self):
        self.posts, self.status = [], 200
        super().__init__(("127.0.0.1", 0), WebHandler)


class WebHandler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.posts.append((self.path, self.headers, body))
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, *_):
        pass


class MailServer(socketserver.ThreadingTCPServer):
    """Just enough of SMTP to keep (sender, receiver, message)."""

    daemon_threads = True

    def __init__(self):
        self.mails = []
        super().__init__(("127.0.0.1", 0), MailHandler)


class MailHandler(socketserver.StreamRequestHandler):
    def handle(self):
        said = {}
        self.wfile.write(b"220 test\r\n")
        for line in self.rfile:
            word = line[:4].upper()
            said[word] = line.decode().strip()
            if word == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                message = b"".join(iter(self.rfile.readline, b".\r\n")).decode()
                self.server.mails.append((said[b"MAIL"], said[b"RCPT"], message))
            self.wfile.write(b"221 bye\r\n" if word == b"QUIT" else b"250 ok\r\n")
            if word == b"QUIT":
                return


class Alerts(wire.WireTest):
    def program(self, text, name="tell"):
        return self.write(name, f"#!/bin/sh\n{text}\n", mode=0o755)

    def keeper(self):
        """A program that appends what it gets to a file."""
        return self.program(f'printf "%s\\n" "$1" >>{self.path("texts")}\ncat >>{self.path("objects")}')

    def alert(self, command, rest="after = 0.2", **configuration):
        self.configure(**configuration)
        with open(self.conf_path, "a", encoding="utf-8") as file:
            file.write(f'alert {{ command = "{command}"  {rest} }}\n')

    def got(self):
        try:
            with open(self.path("objects"), encoding="utf-8") as file:
                return [json.loads(line) for line in file if line.endswith("\n")]
        except FileNotFoundError:
            return []

    def until_got(self, count):
        self.until(lambda: len(self.got()) >= count, f"{count} alerts")
        return self.got()

    # -- what is sent

    def test_a_mute_stream_and_its_end_are_sent_once(self):
        self.start_sim("--rate", "200", faults='fault { path = "stream/md" kind = "mute" after = 40 count = 1 }')
        self.alert(self.keeper(), stream=f"{STREAM}  batch = 5", broker="timeout = 1", poll="interval = 0.2  rate = 100")
        service = self.start_run()
        for event in ("streaming", "stale", "stream"):  # the last: recovered, or on another connection
            service.wait_line(f"event={event}")
        begin, end = self.until_got(2)
        self.stop_run()
        self.assertEqual([(o["kind"], o["state"]) for o in self.got()], [("stale", "begin"), ("stale", "end")])
        self.assertEqual(list(begin), MEMBERS)
        self.assertEqual(begin["detail"], self.events("stale")[0][1])
        self.assertEqual(begin["time"], end["time"])
        self.assertEqual(begin["time"], self.one("select time from feed_log where kind = 'stale' order by ts")[:23] + "Z")
        self.assertGreaterEqual(begin["lasted"], 0.2)
        self.assertGreater(end["lasted"], begin["lasted"])
        self.assertEqual((begin["host"], begin["test"], begin["symbol"]), (os.uname().nodename, False, None))
        with open(self.path("texts"), encoding="utf-8") as file:
            self.assertEqual(file.read().splitlines(), [begin["text"], end["text"]])
        self.assertRegex(begin["text"], r"^cinta on \S+: stale for 0 s, since .* ART\. The stream is connected but mute.* Detail: ")
        self.assertEqual(self.events("alert_failed"), [])

    def test_a_fault_that_returns_is_sent_once(self):
        self.start_sim("--rate", "200")
        self.alert(self.keeper(), "kinds = {stream_closed}  after = 0", stream=STREAM)
        service = self.start_run()
        for _ in range(3):
            service.wait_line("event=streaming")
            self.post("sim/stream?kind=reset")
            service.wait_line("event=stream_closed")
        service.wait_line("event=streaming")
        self.until_got(2)
        self.stop_run()
        self.assertEqual([o["state"] for o in self.got()], ["begin", "end"])
        self.assertEqual(len(self.events("stream_closed")), 3)

    def test_a_refused_login_is_sent_while_the_service_records(self):
        self.start_sim()
        self.alert(self.keeper())
        service = self.start_run()
        self.until_rows("select count(*) from quotes")
        self.post("sim/user?password=other-pass")
        self.post("sim/expire")
        service.wait_line("event=login_refused")
        alert, = self.until_got(1)
        self.assertEqual((alert["state"], alert["kind"]), ("begin", "login_refused"))
        self.stop_run()
        with open(self.path("objects"), encoding="utf-8") as file:
            self.assertNotIn("s3cret", file.read())

    def test_a_login_refused_at_the_start_is_sent_before_the_service_ends(self):
        self.start_sim()
        self.alert(self.keeper(), "after = 3600")
        self.write("password", "wrong-pass\n")
        self.assertEqual(self.start_run().wait_exit(), 77)
        self.assertEqual([(o["kind"], o["state"]) for o in self.got()], [("login_refused", "begin")])

    def test_a_stop_is_sent(self):
        self.start_sim()
        self.alert(self.keeper(), "kinds = {stopped}")
        self.start_run()
        self.until_rows("select count(*) from quotes")
        self.stop_run()
        self.assertEqual([(o["kind"], o["state"]) for o in self.got()], [("stopped", "once")])

    # -- programs with faults

    def test_a_program_that_hangs_is_ended_and_the_service_records(self):
        self.start_sim()
        hangs = self.program(f"echo $$ >{self.path('pid')}\necho waiting >&2\nsleep 600")
        self.alert(hangs, "limit = 1  after = 0  kinds = {login_refused, unauthorized}")
        service = self.start_run()
        self.until_rows("select count(*) from quotes")
        self.post("sim/user?password=other-pass")
        self.post("sim/expire")
        self.until(lambda: os.path.exists(self.path("pid")), "the program runs")
        self.write("password", "other-pass\n")
        service.kill(signal.SIGHUP)
        service.wait_line("event=config_reloaded")
        self.until_polled()
        line = service.wait_line("event=alert_failed")
        self.assertRegex(line, r"did not end within 1 s and was ended: waiting; next try in 1 min")
        with open(self.path("pid"), encoding="utf-8") as file:
            self.assertRaises(ProcessLookupError, os.kill, int(file.read()), 0)
        self.stop_run()

    def test_a_reload_during_a_run(self):
        """The run goes on and its failure names its program; the alert is tried again with the new one."""
        self.start_sim()
        self.alert(self.program(f"touch {self.path('runs')}\nwhile ! [ -e {self.path('end')} ]; do sleep 0.05; done\nexit 4", "old"),
                   "after = 0  kinds = {login_refused}")
        service = self.start_run()
        self.until_rows("select count(*) from quotes")
        self.post("sim/user?password=other-pass")
        self.post("sim/expire")
        self.until(lambda: os.path.exists(self.path("runs")), "the program runs")
        self.alert(self.keeper(), "after = 0  kinds = {login_refused}")
        service.kill(signal.SIGHUP)
        service.wait_line("event=config_reloaded")
        self.write("end", "")
        self.assertRegex(service.wait_line("event=alert_failed"), r"/old, for login_refused: status 4; next try in 1 min")
        service.kill(signal.SIGHUP)  # tries at once
        self.assertEqual(self.until_got(1)[0]["kind"], "login_refused")
        self.stop_run()

    def test_two_faults_at_once_are_sent_one_after_the_other(self):
        self.start_sim()
        both = self.program(f'echo begin >>{self.path("order")}\nsleep 0.3\necho end >>{self.path("order")}\ncat >>{self.path("objects")}')
        self.alert(both, "after = 0  kinds = {login_refused, config_refused}")
        service = self.start_run()
        self.until_rows("select count(*) from quotes")
        good = pages.text_of(self.conf_path)
        self.write("cinta.conf", good + "nonsense")
        service.kill(signal.SIGHUP)
        self.post("sim/user?password=other-pass")
        self.post("sim/expire")
        self.assertEqual({alert["kind"] for alert in self.until_got(2)}, {"login_refused", "config_refused"})
        with open(self.path("order"), encoding="utf-8") as file:
            self.assertEqual(file.read().split()[:4], ["begin", "end"] * 2)
        self.stop_run()

    def test_what_ends_before_its_time_is_not_sent(self):
        self.start_sim()
        self.alert(self.keeper(), "after = 3600  kinds = {config_refused, stopped}")
        service = self.start_run()
        self.until_rows("select count(*) from quotes")
        good = pages.text_of(self.conf_path)
        self.write("cinta.conf", good + "nonsense")
        service.kill(signal.SIGHUP)
        service.wait_line("event=config_refused")
        self.write("cinta.conf", good)
        service.kill(signal.SIGHUP)
        service.wait_line("event=config_reloaded")
        self.stop_run()
        self.assertEqual([alert["kind"] for alert in self.got()], ["stopped"])

    def test_a_program_that_fails_or_cannot_be_started(self):
        for script, words in (("#!/bin/sh\ncat\necho the network is down >&2\nexit 3\n", "status 3: the network is down; next try in 1 min"),
                              ("#!/bin/sh\nkill -9 $$\n", "ended by signal 9; next try in 1 min"),
                              ("no interpreter\n", "a script must begin with #!"),
                              ("#!/nowhere/sh\n", "the interpreter named in its first line does not exist")):
            with self.subTest(words):
                self.setUp()
                self.start_sim()
                self.alert(self.write("tell", script, mode=0o755), "after = 0  kinds = {login_refused}")
                service = self.start_run()
                self.until_rows("select count(*) from quotes")
                self.post("sim/user?password=other-pass")
                self.post("sim/expire")
                self.assertIn(words, service.wait_line("event=alert_failed"))
                self.stop_run()

    def test_a_program_that_cannot_be_executed_is_reported_at_once(self):
        self.start_sim()
        self.alert(self.write("tell", "#!/bin/sh\n", mode=0o644))
        done = self.cinta("check", "-c", self.conf_path)
        self.assertEqual(done.returncode, 78)
        self.assertRegex(done.stderr, r"alert\.command: user '\S+' cannot execute '.*/tell': chmod a\+rx ")
        service = self.start_run()
        self.assertIn("alert.command: ", service.wait_line("event=alert_failed"))
        self.until_rows("select count(*) from quotes")
        self.stop_run()

    def test_a_reload_changes_the_program_and_leaves_the_feed(self):
        self.start_sim("--rate", "200")
        self.alert("", stream=STREAM)
        service = self.start_run()
        service.wait_line("event=streaming")
        self.alert(self.keeper(), "kinds = {config_refused}  after = 0", stream=STREAM)
        service.kill(signal.SIGHUP)
        self.assertIn("alert changed; the feed continues", service.wait_line("event=config_reloaded"))
        good = pages.text_of(self.conf_path)
        self.write("cinta.conf", good + "nonsense")
        service.kill(signal.SIGHUP)
        self.until_got(1)
        self.write("cinta.conf", good)
        service.kill(signal.SIGHUP)
        self.assertEqual([o["state"] for o in self.until_got(2)], ["begin", "end"])
        self.stop_run()
        self.assertEqual(self.stats()["stream_opened"], 1)

    # -- cinta alert --test

    def test_alert_test(self):
        self.url = "http://127.0.0.1:1/"
        self.alert(self.program('echo "argument: $1"\ncat\necho and this >&2\nexit $(cat $(dirname $0)/status)'),
                   "kinds = {broker_down}  after = 45")
        self.write("status", "0\n")
        done = self.cinta("alert", "--test", "-c", self.conf_path)
        self.assertEqual((done.returncode, done.stderr), (0, "and this\n"))
        shown, output = done.stdout.split("its output:\n")
        given = json.loads(shown.split("its standard input:\n")[1])
        self.assertEqual((given["kind"], given["state"], given["lasted"], given["test"]), ("broker_down", "begin", 45, True))
        argument, read, end, _ = output.split("\n")
        self.assertEqual(argument, f"argument: {given['text']}")
        self.assertTrue(given["text"].startswith("Test, nothing has happened: cinta on "))
        self.assertEqual(json.loads(read), given)
        self.assertEqual(end, "exit status 0: sent")
        self.write("status", "3\n")
        done = self.cinta("alert", "--test", "-c", self.conf_path)
        self.assertEqual(done.returncode, 1)
        self.assertIn("exit status 3: the service would report alert_failed", done.stdout)

    def test_alert_test_without_a_usable_program(self):
        self.url = "http://127.0.0.1:1/"
        for command, rest, status, words in (
                ("", "", 78, "alert.command is empty"), ("/nowhere/tell", "", 78, "'/nowhere/tell': No such file"),
                ("/bin/echo hello", "", 78, "without arguments: write a script"),
                (self.program("exec sleep 600"), "limit = 1", 1, "did not end within alert.limit, 1 s"),
                (self.program("kill -9 $$", "killed"), "", 1, "ended by signal 9"),
                (self.write("raw", "no interpreter\n", mode=0o755), "", 1, "a script must begin with #!")):
            with self.subTest(words):
                self.alert(command, rest)
                done = self.cinta("alert", "--test", "-c", self.conf_path)
                self.assertEqual(done.returncode, status, done.stderr)
                self.assertIn(words, done.stderr)
        done = self.cinta("alert", "-c", self.conf_path)
        self.assertEqual(done.returncode, 2)
        self.assertIn("give --test", done.stderr)

    def test_alert_test_can_be_interrupted(self):
        self.url = "http://127.0.0.1:1/"
        self.alert(self.program("echo $$\nsleep 600"), "limit = 600")
        test = wire.Process([wire.CINTA, "alert", "--test", "-c", self.conf_path])
        self.addCleanup(test.end)
        lines = iter(test.child.stdout.readline, "")
        pid = next(int(line) for line in lines if line.strip().isdigit())
        test.kill(signal.SIGINT)
        self.assertEqual(test.wait_exit(), 1)
        self.assertIn("interrupted", test.log())
        self.assertRaises(ProcessLookupError, os.kill, pid, 0)

    def test_kinds_are_checked(self):
        self.url = "http://127.0.0.1:1/"
        self.alert("", "kinds = {stale, divergense}")
        done = self.cinta("check", "-c", self.conf_path)
        self.assertEqual(done.returncode, 78)
        self.assertRegex(done.stderr, r"cinta\.conf:\d+: alert\.kinds: 'divergense' is no kind of event; did you mean divergence\?")

    # -- the scripts of the documentation

    def served(self, server):
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        return server, server.server_address[1]

    def example(self, name, settings):
        """The script with its own file of settings."""
        text = pages.text_of(f"etc/examples/alert-{name}")
        file = re.search(r"-K (\S+)", text)[1]
        self.assertIn(f"{file}, mode 0640", text)
        return self.write("tell", text.replace(file, self.write(name, settings)), mode=0o755)

    def send(self):
        done = self.cinta("alert", "--test", "-c", self.conf_path)
        given = json.loads(done.stdout.split("its standard input:\n")[1].split("\n")[0])
        return done, given

    def test_the_page_shows_the_scripts(self):
        shown = [text for mark, text, _ in pages.blocks(pages.text_of("docs/alerts.md"), "sh") if mark == "script"]
        self.assertEqual(shown, [pages.text_of(f"etc/examples/alert-{name}") for name in ("telegram", "ntfy", "mail")])

    def test_telegram(self):
        self.url = "http://127.0.0.1:1/"
        server, port = self.served(WebServer())
        self.alert(self.example("telegram", f'url  = "http://127.0.0.1:{port}/bot12:AB/sendMessage"\ndata = "chat_id=77"\n'))
        done, given = self.send()
        self.assertEqual(done.returncode, 0, done.stderr)
        (path, _, body), = server.posts
        self.assertEqual(path, "/bot12:AB/sendMessage")
        self.assertEqual(urllib.parse.parse_qs(body, strict_parsing=True), {"chat_id": ["77"], "text": [given["text"]]})
        server.status = 401
        done, _ = self.send()
        self.assertEqual(done.returncode, 1)
        self.assertIn("401", done.stderr)

    def test_ntfy(self):
        self.url = "http://127.0.0.1:1/"
        server, port = self.served(WebServer())
        self.alert(self.example("ntfy", f'url = "http://127.0.0.1:{port}/secret-topic"\n'))
        done, given = self.send()
        self.assertEqual(done.returncode, 0, done.stderr)
        (path, headers, body), = server.posts
        self.assertEqual((path, headers["Title"], body), ("/secret-topic", "cinta", given["text"]))
        server.status = 429
        self.assertEqual(self.send()[0].returncode, 1)

    def test_mail(self):
        self.url = "http://127.0.0.1:1/"
        server, port = self.served(MailServer())
        self.alert(self.example("mail", f'url = "smtp://127.0.0.1:{port}"\nmail-from = "a@b.test"\nmail-rcpt = "c@d.test"\n'))
        done, given = self.send()
        self.assertEqual(done.returncode, 0, done.stderr)
        (sender, receiver, message), = server.mails
        self.assertIn("a@b.test", sender)
        self.assertIn("c@d.test", receiver)
        head, text, object_, _ = re.split("\r\n\r\n|\r\n$", message)
        self.assertEqual((head, text, json.loads(object_)), ("Subject: cinta: alert", given["text"], given))
        server.shutdown()
        server.server_close()
        self.assertEqual(self.send()[0].returncode, 1)

    def test_the_service_sends_with_a_script(self):
        server, port = self.served(WebServer())
        self.start_sim()
        self.alert(self.example("ntfy", f'url = "http://127.0.0.1:{port}/topic"\n'))
        self.start_run()
        self.until_rows("select count(*) from quotes")
        self.post("sim/user?password=other-pass")
        self.post("sim/expire")
        self.until(lambda: server.posts, "the alert")
        self.assertIn("login_refused", server.posts[0][2])
        self.stop_run()
        self.assertEqual(len(server.posts), 1)


if __name__ == "__main__":
    wire.main()
