"""A broker that repeats every credential that it receives: none of them may be stored or shown."""
import http.server
import json
import os
import resource
import signal
import subprocess
import threading
import unittest
import urllib.parse

import wire

PASSWORD = 'p4ss "word\\canary&1'
TOKEN = 't0ken"canary\\+/q2w7ABEiMzRFVWZ3iJmqu8zd7v8B='
COOKIE = "c00kie-canary-0123456789"


def echoes(secret):
    """The encodings in which servers repeat a secret: plain, JSON, JSON in JSON, URL, HTML."""
    in_json = json.dumps(secret)[1:-1]
    return [secret, in_json, json.dumps(in_json)[1:-1], urllib.parse.quote(secret, safe=""),
            urllib.parse.quote(secret), secret.replace("&", "&amp;").replace('"', "&quot;"),
            "".join(f"\\u{ord(c):04x}" for c in secret)]


class Broker(http.server.ThreadingHTTPServer):
    """Answers as `kind` says; grants the token unless `kind` begins with login."""

    daemon_threads = True
    kind = ""
    answered = 0


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, body, content_type="application/json", **headers):
        body = body.encode()
        self.send_response(status)
        self.send_header("Set-Cookie", f"SERVERID={COOKIE}; Path=/")
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)
        self.server.answered += 1

    def echo(self, secret):
        kind = self.server.kind
        text = " ".join(echoes(secret)) + f" Set-Cookie: SERVERID={COOKIE}"
        error = json.dumps({"status": "ERROR", "description": text, "message": text})
        page = f"<html><title>{text}</title><body>{text}</body></html>"
        if kind.endswith("description"):
            self.answer(200, error)
        elif kind.endswith("status"):
            self.answer(401, error)
        elif kind.endswith("forbidden"):
            self.answer(403, error)
        elif kind.endswith("page"):
            self.answer(403, page, "text/html")
        elif kind.endswith("redirect"):
            self.answer(302, page, "text/html", Location="/login?token=" + urllib.parse.quote(secret, safe=""))
        elif kind.endswith("malformed"):
            self.answer(200, text)
        elif kind.endswith("server"):
            self.answer(500, text, "text/plain")
        else:
            self.answer(429, error, Retry_After="1")

    def do_POST(self):
        if self.server.kind.startswith("login"):
            self.echo(self.headers["X-Password"])
        else:
            self.answer(200, "", X_Auth_Token=TOKEN)

    def do_GET(self):
        self.echo(self.headers["X-Auth-Token"] or TOKEN)


KINDS = ("description", "status", "forbidden", "page", "redirect", "malformed", "server", "throttled")


class Secrets(wire.WireTest):
    def setUp(self):
        super().setUp()
        self.broker = Broker(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=self.broker.serve_forever, daemon=True)
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(self.broker.server_close)
        self.addCleanup(self.broker.shutdown)
        self.url = f"http://127.0.0.1:{self.broker.server_address[1]}/"
        self.configure(symbols=["AAA/1", "AAA/2"], match=["BBB/*"], stream="enable = true",
                       poll="interval = 0.05  rate = 50")
        self.write("password", PASSWORD + "\n")

    def expect_none(self, where, text):
        if isinstance(text, bytes):
            text = text.decode("latin-1")
        for secret in (PASSWORD, TOKEN, COOKIE):
            for form in echoes(secret):
                for part in (form, form[:len(form) // 2]):
                    self.assertNotIn(part, text, where)

    def expect_none_in_files(self):
        for folder, _, names in os.walk(self.dir):
            for name in names:
                path = os.path.join(folder, name)
                if name in ("password", "token", "cinta.sock") or not os.path.isfile(path):
                    continue
                with open(path, "rb") as file:
                    self.expect_none(path, file.read())

    def drive(self, kind):
        """Runs the service against a broker of this kind until the broker has answered several times."""
        self.broker.kind, self.broker.answered = kind, 0
        service = self.start_run()
        self.until(lambda: self.broker.answered >= (2 if kind.startswith("login") else 6)
                   or service.child.poll() is not None, f"the broker answered ({kind})")
        if service.child.poll() is None:
            status = self.cinta("status", "-c", self.conf_path, "--json")
            self.expect_none(f"status, {kind}", status.stdout + status.stderr)
            service.kill(signal.SIGUSR1)
            service.wait_line("state: store")
            service.kill(signal.SIGTERM)
        service.wait_exit()
        self.expect_none(f"log, {kind}", service.log())
        return service.log()

    def test_market_data(self):
        for kind in KINDS:
            with self.subTest(kind):
                log = self.drive(kind)
                self.assertIn("event=", log)
        self.assertIn("***", log + str(self.sql("select detail from feed_log")))
        self.expect_none_in_files()
        done = self.cinta("export", "-c", self.conf_path, "--table", "events", "--from", "2000-01-01", "--out", "-")
        self.assertIn("***", done.stdout)
        self.expect_none("export", done.stdout + done.stderr)

    def test_login(self):
        for kind in KINDS:
            with self.subTest(kind):
                self.drive("login " + kind)
                done = subprocess.run([wire.CINTA, "init", "--url", self.url, "--user", "alice", "--password-stdin",
                                       self.path("made")], input=PASSWORD + "\n", capture_output=True, text=True,
                                      timeout=60, check=False)
                self.assertNotEqual(done.returncode, 0)
                self.expect_none(f"init, {kind}", done.stdout + done.stderr)
        self.expect_none_in_files()

    def test_no_core_dump(self):
        self.broker.kind = "description"
        resource.setrlimit(resource.RLIMIT_CORE, (resource.getrlimit(resource.RLIMIT_CORE)[1],) * 2)
        service = self.start_run()
        self.until(lambda: self.broker.answered >= 3, "the broker answered")
        with open(f"/proc/{service.child.pid}/limits", encoding="utf-8") as file:
            limit = next(line for line in file if line.startswith("Max core file size"))
        self.assertEqual(limit.split()[4:6], ["0", "0"])
        service.kill(signal.SIGABRT)
        service.wait_exit()
        self.expect_none_in_files()


if __name__ == "__main__":
    wire.main()
