"""nginx with TLS in front of the local API: etc/examples/nginx.conf, against the real binary.

An installed nginx is used. Otherwise Debian's package is unpacked into the build folder, without installing it,
because its service would start; if it cannot be downloaded, the test is skipped.
"""
import glob
import http.client
import json
import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "wire"))

import futures
import wire
import ws_client

FOLDER = os.path.join(os.path.abspath(os.environ["CINTA_BUILD"]), "nginx")
EXAMPLE = os.path.join(os.environ["CINTA_SOURCE"], "etc", "examples", "nginx.conf")
NAME = "quotes.example"
TOKEN = "let-me-in"
SMD = ('{"type":"smd","level":1,"depth":1,"entries":["LA"],"products":[{"symbol":"%s","marketId":"ROFX"}]}'
       % futures.SECOND)

# What Debian's /etc/nginx/nginx.conf has around it, without root's paths.
AROUND = """
daemon off;
master_process off;
pid {dir}/nginx.pid;
error_log stderr warn;
events {{ worker_connections 256; }}
http {{
    client_body_temp_path {dir}/body;
    proxy_temp_path {dir}/proxy;
    fastcgi_temp_path {dir}/fastcgi;
    uwsgi_temp_path {dir}/uwsgi;
    scgi_temp_path {dir}/scgi;
    include {dir}/cinta-nginx.conf;
}}
"""


def run(*argv, **options):
    return subprocess.run(argv, capture_output=True, text=True, timeout=300, check=False, **options)


def program():
    return shutil.which("nginx") or os.path.join(FOLDER, "usr/sbin/nginx")


def unpack():
    """Unpacks the package into FOLDER; returns the reason if that fails, else None."""
    if not shutil.which("apt-get") or not shutil.which("dpkg"):
        return "nginx is not installed, and this is not Debian"
    os.makedirs(FOLDER, exist_ok=True)
    done = run("apt-get", "download", "nginx", cwd=FOLDER)  # nginx-light is this program and its modules
    packages = glob.glob(os.path.join(FOLDER, "*.deb"))
    if done.returncode or not packages:
        return f"the package nginx cannot be downloaded: {done.stderr.strip()[-200:]}"
    done = run("dpkg", "-x", packages[0], FOLDER)
    os.unlink(packages[0])
    return f"the package nginx cannot be unpacked: {done.stderr.strip()[-200:]}" if done.returncode else None


class Nginx(wire.WireTest):
    @classmethod
    def setUpClass(cls):
        missing = None if os.path.exists(program()) else unpack()
        if missing:
            raise unittest.SkipTest(missing)
        done = run(program(), "-v")
        if done.returncode:
            raise unittest.SkipTest(f"nginx does not start here: {done.stderr.strip()[-200:]}")

    def setUp(self):
        super().setUp()
        self.start_sim()
        self.configure(serve=f'listen = "127.0.0.1:0"  token = "{TOKEN}"  hosts = {{"{NAME}"}}')
        line = self.start_run().wait_line("local API")
        self.until_rows("select count(*) from quotes where last_price is not null and symbol = ?", futures.SECOND)
        self.start_nginx(re.search(r"127\.0\.0\.1:\d+", line).group(0))

    def start_nginx(self, upstream):
        self.authority("ca")
        self.certificate("ca", f"DNS:{NAME}")
        self.tls = ssl.create_default_context(cafile=self.path("ca.pem"))
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port = probe.getsockname()[1]
        with open(EXAMPLE, encoding="utf-8") as file:
            text = file.read()
        for old, new in (("127.0.0.1:8787", upstream), ("listen 443 ssl;", f"listen 127.0.0.1:{self.port} ssl;"),
                         ("    listen [::]:443 ssl;\n", ""), ("/var/log/nginx/cinta.log", self.path("access.log")),
                         (f"/etc/letsencrypt/live/{NAME}/fullchain.pem", self.path("broker.pem")),
                         (f"/etc/letsencrypt/live/{NAME}/privkey.pem", self.path("broker.key"))):
            self.assertEqual(text.count(old), 1, old)
            text = text.replace(old, new)
        self.write("cinta-nginx.conf", text)
        arguments = [program(), "-p", self.dir, "-c", self.write("nginx.conf", AROUND.format(dir=self.dir))]
        tested = run(*arguments, "-t", "-e", "stderr")
        self.assertEqual(tested.returncode, 0, tested.stderr)
        self.assertNotIn("[warn]", tested.stderr)
        server = wire.Process([*arguments, "-e", "stderr"])
        self.addCleanup(server.end)
        self.until(self.listens, "nginx listens")

    def listens(self):
        try:
            self.connect().close()
            return True
        except ConnectionRefusedError:
            return False

    def connect(self):
        plain = socket.create_connection(("127.0.0.1", self.port), timeout=wire.PATIENCE_S)
        return self.tls.wrap_socket(plain, server_hostname=NAME)

    def request(self, path, method="GET", host=NAME, **headers):
        """The answer, whose body is still to be read."""
        connection = http.client.HTTPConnection(NAME)
        connection.sock = self.connect()
        self.addCleanup(connection.close)
        connection.request(method, path, headers={"Host": host, **{k.replace("_", "-"): v for k, v in headers.items()}})
        return connection.getresponse()

    def test_requests(self):
        rows = (
            ("/", {}, 200),  # the page, which needs no token
            ("/", {"Origin": f"https://{NAME}"}, 200),
            ("/status", {}, 401),
            ("/status", {"X_Auth_Token": TOKEN}, 200),
            ("/status?token=wrong", {}, 401),
            (f"/csv?token={TOKEN}&match=DLR/*", {}, 200),
            (f"/status?token={TOKEN}", {"host": "evil.example"}, 403),
            (f"/status?token={TOKEN}", {"Origin": "https://evil.example"}, 403),
        )
        for path, headers, status in rows:
            with self.subTest(path=path, headers=headers):
                self.assertEqual(self.request(path, **headers).status, status)
        answer = self.request("/auth/getToken", "POST", X_Username="any", X_Password=TOKEN)
        self.assertEqual(answer.headers["X-Auth-Token"], TOKEN)
        answer = self.request(f"/rest/marketdata/get?marketId=ROFX&symbol={futures.SECOND.replace('/', '%2F')}&entries=LA", X_Auth_Token=TOKEN)
        self.assertEqual(json.load(answer)["status"], "OK")
        with open(self.path("access.log"), encoding="utf-8") as file:
            log = file.read()
        self.assertIn('"GET /csv" 200', log)
        self.assertNotIn(TOKEN, log)

    def test_a_websocket(self):
        refused = ws_client.Client(f"wss://{NAME}", connection=self.connect())
        refused.close()
        self.assertEqual(refused.status, 401)
        client = ws_client.Client(f"wss://{NAME}", path=f"/ws?token={TOKEN}", headers=[f"Origin: https://{NAME}"],
                                  connection=self.connect())
        self.addCleanup(client.close)
        self.assertEqual(client.status, 101)
        client.send(SMD)
        for _ in range(3):  # the present quote, then changes
            self.assertEqual(json.loads(client.text())["instrumentId"]["symbol"], futures.SECOND)

    def test_events_arrive_at_once(self):
        self.post("sim/market?rate=0")  # nothing follows the first events that could push them out of a buffer
        answer = self.request(f"/events?token={TOKEN}&match={futures.SECOND}", Accept="text/event-stream")
        self.assertEqual((answer.status, answer.headers.get_content_type()), (200, "text/event-stream"))
        numbers = [self.next_seq(answer)]
        self.post("sim/market?rate=50")
        numbers += [self.next_seq(answer) for _ in range(3)]
        self.assertEqual(numbers, sorted(set(numbers)))

    def next_seq(self, answer):
        while True:
            line = answer.readline().decode()
            self.assertTrue(line, "the stream has ended")
            if line.startswith("data: ") and '"seq":' in line:
                return json.loads(line[len("data: "):])["seq"]


if __name__ == "__main__":
    wire.main()
