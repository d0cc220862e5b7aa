"""`cinta doctor` in each situation that it must name: a table of faults, each with a broker, or a machine, that has it.

For each row: the class, the cause, the exit status, the last line for people, and that no output has the password or a
token. The rows run side by side, because some wait for a time-out of the doctor.
"""
import concurrent.futures
import datetime
import json
import os
import re
import shutil
import socket
import sqlite3
import ssl
import subprocess
import threading
import unittest

import chosen_broker
import futures
import nats
import pages
import terminal
import wire
from chosen_broker import ChosenBroker, reply
from test_tls import TlsFront

WORKERS = 8
STATUS = {"OK": 0, "SILENT": 1, "NETWORK": 69, "AUTH": 77, "PERMISSION": 77, "PATH": 78, "CONFIG": 78}
STREAM = "enable = true"
LOGIN_FORM = '<html><form method="post" action="/j_spring_security_check"></form></html>'


class Bed(wire.WireTest):
    """The folder, the brokers and the configuration of one row."""

    def setUp(self):
        super().setUp()
        os.mkdir(self.path("state"), 0o700)
        self.env = {}
        self.arguments = []

    def chosen(self, **how):
        broker = ChosenBroker(**how)
        self.addCleanup(broker.end)
        self.url = broker.url
        return broker

    def set(self, url=None, broker="timeout = 10", stream=STREAM, **configuration):
        """The usual configuration with a stream; `url` without a running broker is fine too."""
        self.url = url or self.url
        self.configure(url=self.url, broker=broker, stream=stream, **configuration)

    def sim(self, faults=None, *options, **configuration):
        self.start_sim(*options, faults=faults)
        self.set(**configuration)

    def closed_port(self):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            return listener.getsockname()[1]

    def preload(self):
        self.env.update(LD_PRELOAD=os.environ["SLOW_DNS"], SLOW_DNS_HOLD=self.path("hold"),
                        ASAN_OPTIONS=os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0")

    def front(self):
        """TLS in front of the simulator, with the certificate that was made."""
        plain_port = int(self.url.rstrip("/").rsplit(":", 1)[1])
        front = TlsFront(self.path("broker.pem"), self.path("broker.key"), plain_port)
        self.addCleanup(front.end)
        return f"https://127.0.0.1:{front.port}/"

    def dated_certificate(self, authority, begin, end, names="IP:127.0.0.1"):
        """`openssl x509` of Debian 12 cannot choose the dates; `openssl ca` can."""
        self.openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=broker",
                     "-keyout", "broker.key", "-out", "broker.csr")
        self.write("index.txt", "")
        self.write("serial", "01\n")
        self.write("ca.cnf", f"""[ca]
default_ca = ours
[ours]
dir = {self.dir}
database = $dir/index.txt
serial = $dir/serial
new_certs_dir = $dir
default_md = sha256
policy = any
x509_extensions = names
[any]
commonName = supplied
[names]
subjectAltName = {names}
""")
        self.openssl("ca", "-batch", "-config", "ca.cnf", "-cert", f"{authority}.pem", "-keyfile", f"{authority}.key",
                     "-startdate", begin, "-enddate", end, "-in", "broker.csr", "-out", "broker.pem", "-notext")

    def start_proxy(self, target_port):
        """A proxy whose every CONNECT leads to this port; 0: it wants a login."""
        listener = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(listener.close)

        def forward(client):
            with client:
                client.recv(65536)
                if not target_port:
                    client.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
                    return
                with socket.create_connection(("127.0.0.1", target_port)) as inside:
                    client.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
                    back = threading.Thread(target=copy, args=(inside, client), daemon=True)
                    back.start()
                    copy(client, inside)
                    back.join()

        def copy(source, sink):
            try:
                while data := source.recv(65536):
                    sink.sendall(data)
                sink.shutdown(socket.SHUT_WR)
            except OSError:
                pass

        def accept():
            while True:
                try:
                    client, _ = listener.accept()
                except OSError:
                    return
                threading.Thread(target=forward, args=(client,), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        self.env["https_proxy"] = "http://proxyuser:proxy-s3cret@127.0.0.1:%d" % listener.getsockname()[1]

    def secrets(self):
        """What no output may have; a token that the doctor got is in state_dir."""
        found = ["s3cret-pass", "proxy-s3cret", chosen_broker.TOKEN, chosen_broker.TOKEN.replace("+", "%2B").replace("=", "%3D")]
        if os.path.exists(self.path("state/token")):
            with open(self.path("state/token"), encoding="utf-8") as file:
                found.append(file.read().splitlines()[4])
        return found


# --- the situations: each prepares one ------------------------------------------------------------------------------

ROWS = []


def row(cause, kind, words, name=None, once=False):
    """Adds the function as a row. `words` are in the last line. `once`: run with --json only, because the fault is gone
    after the first run."""
    def add(prepare):
        ROWS.append((name or prepare.__name__, prepare, cause, kind, words, once))
        return prepare
    return add


def sim_row(name, cause, kind, words, faults, **configuration):
    row(cause, kind, words, name)(lambda bed: bed.sim(faults, **configuration))


def chosen_row(name, cause, kind, words, **how):
    def prepare(bed):
        bed.chosen(**how)
        bed.set()
    row(cause, kind, words, name)(prepare)


def config_row(name, cause, kind, words, **configuration):
    row(cause, kind, words, name)(lambda bed: bed.set(**configuration))


# all works

sim_row("all works", "ok", "OK", "All works: the broker accepts login, REST and WebSocket, and market data arrives.", None)
sim_row("the stream is switched off", "ok", "OK", "WebSocket was not tested: the stream is switched off by stream.enable",
        None, stream="enable = false")
chosen_row("another implementation of the API", "ok", "OK", "All works")


@row("ok", "OK", "the broker was not asked")
def offline(bed):
    bed.set("https://api.nowhere.xoms.com.ar/")
    bed.arguments = ["--offline"]


@row("ok", "OK", "the running service receives its stream")
def a_service_runs(bed):
    bed.sim()
    bed.start_run()
    bed.until(lambda: bed.status().get("mode") == "streaming", "the service streams")
    bed.after = lambda: bed.assertEqual((bed.stats()["stream_opened"], bed.stats()["logins"]), (1, 1))


@row("service_polls", "OK", "without a working stream")
def a_service_without_a_stream(bed):
    bed.sim(stream="enable = false")
    bed.start_run().wait_line("event=started")
    bed.until_polled(1)
    bed.set()


@row("nats", "OK", "nothing is published: cannot connect to nats://127.0.0.1:1")
def no_server_for_the_sink(bed):
    bed.sim(sink='nats = "nats://127.0.0.1:1"')


@row("lease", "OK", "a service here cannot take the lease: the value in the bucket is not a lease")
def a_lease_of_another_version(bed):
    server = nats.Server(bed.dir).start()
    bed.addCleanup(server.kill)
    client = nats.Client(server)
    client.api("STREAM.CREATE.KV_CINTA_LEASE", name="KV_CINTA_LEASE", subjects=["$KV.CINTA_LEASE.>"], storage="memory",
               max_msgs_per_subject=1, allow_direct=True)
    client.publish("$KV.CINTA_LEASE.market", b'{"format":99}')
    client.close()
    bed.sim(sink=f'nats = "{server.url}" }} lease {{ name = market')


@row("source", "NETWORK", "Nothing can be read: cannot connect to nats:")
def no_server_for_the_replica(bed):
    bed.write("cinta.conf", f"""state_dir = "{bed.path('state')}"
source {{ nats = "nats://127.0.0.1:1" }}
store {{ path = "{bed.path('replica.db')}" }}
""")


@row("odd_address", "OK", "has a path")
def an_api_behind_a_path(bed):
    broker = bed.chosen(answers={"/x" + path: answer for path, answer in chosen_broker.usual_answers().items()},
                     stream_path="/x/")
    bed.set(broker.url + "x/")


@row("odd_password", "OK", "in quotation marks")
def a_password_in_quotation_marks(bed):
    bed.sim(None, "--password", '"s3cret-pass"')
    bed.write("password", '"s3cret-pass"')


sim_row("unencrypted connections are permitted", "unencrypted", "OK", "remove it", None, broker="allow_insecure = true")


@row("token_renewed", "OK", "auth/removeToken", once=True)
def a_dead_token_in_the_cache(bed):
    bed.sim()
    bed.assertEqual(bed.cinta("doctor", "-c", bed.conf_path).returncode, 0)
    bed.post("sim/expire")


@row("ok", "OK", "All works")
def the_token_is_reused(bed):
    bed.sim()
    bed.assertEqual(bed.cinta("doctor", "-c", bed.conf_path).returncode, 0)
    bed.after = lambda: bed.assertEqual((bed.stats()["logins"], bed.stats()["instruments"]), (1, 1))


# configuration and files

@row("config_missing", "CONFIG", "cinta init")
def no_configuration(bed):
    bed.conf_path = bed.path("none.conf")


@row("config_invalid", "CONFIG", "url")
def a_misspelt_key(bed):
    bed.set("https://api.x.xoms.com.ar/", broker='urll = "x"')


@row("config_invalid", "CONFIG", "would send the password unencrypted")
def unencrypted(bed):
    bed.set("http://api.x.xoms.com.ar/")


config_row("the terminal's host", "terminal_address", "PATH", "https://api.x.xoms.com.ar/",
           url="https://matriz.x.xoms.com.ar/")
config_row("the terminal's guest host", "terminal_address", "PATH", "browser terminal (Matriz)",
           url="https://mtr.primary.ventures/")
config_row("a page", "page_address", "PATH", "web page", url="https://api.x.xoms.com.ar/marketdata.html")
config_row("one request", "endpoint_address", "PATH", "without a path", url="https://api.x.xoms.com.ar/auth/getToken")
config_row("the terminal as stream_url", "stream_terminal", "PATH", "remove broker.stream_url",
           url="https://api.x.xoms.com.ar/", broker='stream_url = "wss://matriz.x.xoms.com.ar/ws"')
sim_row("no ca_file", "ca_file", "CONFIG", "correct or remove broker.ca_file", None, broker='ca_file = "/none/ca.pem"')


@row("password_missing", "CONFIG", "password_file")
def no_password_file(bed):
    bed.sim()
    os.unlink(bed.path("password"))


@row("password_file", "CONFIG", "chmod 600")
def an_open_password_file(bed):
    bed.sim()
    os.chmod(bed.path("password"), 0o644)


@row("password_invalid", "CONFIG", "is empty")
def an_empty_password_file(bed):
    bed.sim()
    bed.write("password", "")


@row("folders", "CONFIG", "chmod go-w")
def others_may_write_in_state_dir(bed):
    bed.sim()
    os.chmod(bed.path("state"), 0o777)


@row("folders", "CONFIG", "mkdir -p")
def no_folder_for_state_dir(bed):
    bed.sim()
    with open(bed.conf_path, encoding="utf-8") as file:
        text = file.read().replace(bed.path("state"), bed.path("none/state"))
    bed.write("cinta.conf", text)


@row("folders", "CONFIG", "mkdir -p")
def no_folder_for_the_database(bed):
    bed.start_sim()
    bed.db_path = bed.path("none/cinta.db")
    bed.set()


def record(bed):
    """A database with quotes, by a service that ran."""
    bed.sim()
    bed.start_run()
    bed.until_rows("select count(*) from quotes", at_least=6)
    bed.stop_run()


@row("database_newer", "CONFIG", "newer")
def a_newer_database(bed):
    record(bed)
    with sqlite3.connect(bed.db_path) as db:
        db.execute("pragma user_version = 9999")
    db.close()


@row("database_foreign", "CONFIG", "not a database")
def a_file_that_is_no_database(bed):
    bed.sim()
    bed.write("cinta.db", "symbol;price\n" * 1000)


@row("database_foreign", "CONFIG", "another program")
def the_database_of_another_program(bed):
    bed.sim()
    with sqlite3.connect(bed.db_path) as db:
        db.execute("create table notes (text)")
    db.close()


@row("database_damaged", "CONFIG", "cinta verify")
def a_damaged_database(bed):
    record(bed)
    size = os.path.getsize(bed.db_path)
    with open(bed.db_path, "r+b") as file:
        file.seek(8192)
        file.write(b"\xff" * (size - 8192))


if os.geteuid() == 0 and shutil.which("mount"):
    @row("disk_full", "CONFIG", "free some space")
    def a_full_disk(bed):
        folder = bed.path("small")
        os.mkdir(folder)
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", folder], capture_output=True,
                          check=False).returncode:
            raise unittest.SkipTest("this machine does not allow mounts")
        bed.addCleanup(subprocess.run, ["umount", folder], check=True)
        bed.start_sim()
        bed.db_path = os.path.join(folder, "cinta.db")
        bed.set()


if os.geteuid() == 0:
    @row("ok", "OK", "All works")
    def as_root_for_the_user_of_the_service(bed):
        """The password is root's, as with systemd's credentials; what is saved belongs to the service."""
        nobody = 65534
        os.chmod(bed.dir, 0o711)
        bed.start_sim()
        os.mkdir(bed.path("data"), 0o750)
        bed.db_path = bed.path("data/cinta.db")
        bed.set()
        os.chmod(bed.conf_path, 0o644)
        for folder in ("data", "state"):
            os.chown(bed.path(folder), nobody, nobody)
        bed.after = lambda: bed.assertEqual(os.stat(bed.path("state/token")).st_uid, nobody)

    @row("folders", "CONFIG", "cannot write")
    def a_database_that_is_root_s(bed):
        as_root_for_the_user_of_the_service(bed)
        bed.write("data/cinta.db", "")
        bed.after = lambda: None


# the clock

@row("clock_wrong", "CONFIG", "behind the broker's")
def a_clock_that_the_simulator_shifts(bed):
    bed.sim(None, "--clock-skew", "10800")


@row("ok", "OK", "market data arrives")
def a_closed_market_that_answers(bed):
    bed.sim(None, "--market", "closed")


@row("index_without_iv", "SILENT", "add IV to poll.entries")
def an_index_with_empty_frames(bed):
    bed.sim(symbols=["I.RFX20"], match=[], poll="rate = 200  entries = {BI, OF, LA}")


chosen_row("a clock an hour behind", "clock_wrong", "CONFIG", "behind the broker's", ahead_s=3600)
chosen_row("a clock a day ahead", "clock_wrong", "CONFIG", "ahead of the broker's", ahead_s=-86400)
chosen_row("a clock half a minute behind", "clock_off", "OK", "NTP", ahead_s=30)


# name, TCP, TLS, proxy

@row("name_unknown", "NETWORK", "check the name of the broker")
def an_unknown_name(bed):
    bed.preload()
    bed.set("https://unknown.test/")


@row("dns_failed", "NETWORK", "resolv.conf")
def a_failing_dns(bed):
    bed.preload()
    bed.set("https://failing.test/")


@row("dns_timeout", "NETWORK", "does not answer")
def a_dns_that_hangs(bed):
    bed.write("hold", "")
    bed.preload()
    bed.set("https://slow.test/", broker="timeout = 1")


@row("tcp_refused", "NETWORK", "refuses connections")
def a_closed_port(bed):
    bed.set(f"https://127.0.0.1:{bed.closed_port()}/")


@row("tcp_timeout", "NETWORK", "firewall")
def a_port_that_does_not_answer(bed):
    """The queue of a listener that accepts nothing is full, so the kernel drops further connections."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=0)
    bed.addCleanup(listener.close)
    for _ in range(4):
        client = socket.socket()
        bed.addCleanup(client.close)
        client.setblocking(False)
        client.connect_ex(listener.getsockname())
    bed.set("https://127.0.0.1:%d/" % listener.getsockname()[1], broker="timeout = 1")


@row("proxy", "NETWORK", "https_proxy")
def a_proxy_that_is_down(bed):
    bed.env["https_proxy"] = f"http://127.0.0.1:{bed.closed_port()}"
    bed.set("https://api.x.xoms.com.ar/")


@row("proxy", "NETWORK", "407")
def a_proxy_that_wants_a_login(bed):
    bed.start_proxy(0)
    bed.set("https://api.x.xoms.com.ar/")


@row("ok", "OK", "All works")
def through_a_proxy(bed):
    ca_file = bed.authority("ours")
    bed.certificate("ours", "DNS:api.x.xoms.com.ar")
    bed.start_proxy(bed.chosen(certificate=(bed.path("broker.pem"), bed.path("broker.key"))).port)
    bed.set("https://api.x.xoms.com.ar/", broker=f'ca_file = "{ca_file}"')


@row("tls_self_signed", "NETWORK", "signed by itself")
def a_self_signed_certificate(bed):
    bed.start_sim()
    bed.authority("broker")
    bed.set(bed.front())


@row("tls_unknown_issuer", "NETWORK", "decrypts connections")
def interception(bed):
    bed.start_sim()
    bed.authority("theirs")
    bed.certificate("theirs", "IP:127.0.0.1")
    bed.set(bed.front())


@row("tls_unknown_issuer", "NETWORK", "broker.ca_file does not have this authority")
def another_authority(bed):
    bed.start_sim()
    ca_file = bed.authority("ours")
    bed.authority("theirs")
    bed.certificate("theirs", "IP:127.0.0.1")
    bed.set(bed.front(), broker=f'ca_file = "{ca_file}"')


@row("tls_wrong_name", "NETWORK", 'but for "DNS:other.example"')
def the_certificate_of_another_host(bed):
    bed.start_sim()
    ca_file = bed.authority("ours")
    bed.certificate("ours", "DNS:other.example")
    bed.set(bed.front(), broker=f'ca_file = "{ca_file}"')


def dated(bed, begin, end, **how):
    ca_file = bed.authority("ours")
    bed.dated_certificate("ours", begin, end)
    bed.chosen(certificate=(bed.path("broker.pem"), bed.path("broker.key")), **how)
    bed.set(broker=f'ca_file = "{ca_file}"')


@row("tls_expired", "NETWORK", "has expired, on 2021-06-01")
def an_expired_certificate(bed):
    dated(bed, "20200601120000Z", "20210601120000Z")


@row("tls_not_yet_valid", "NETWORK", "only from 2048-06-01")
def a_certificate_of_the_future(bed):
    dated(bed, "20480601120000Z", "20490601120000Z")


@row("tls_clock", "NETWORK", "set the clock")
def a_clock_years_ahead(bed):
    dated(bed, "20200601120000Z", "20210601120000Z", date="Tue, 01 Dec 2020 12:00:00 GMT")


@row("tls_not_spoken", "NETWORK", "does not speak TLS")
def http_on_the_tls_port(bed):
    bed.start_sim()
    bed.set(bed.url.replace("http:", "https:"))


@row("no_answer", "NETWORK", "does not answer the TLS handshake")
def a_port_that_ignores_tls(bed):
    listener = socket.create_server(("127.0.0.1", 0))
    bed.addCleanup(listener.close)
    bed.set("https://127.0.0.1:%d/" % listener.getsockname()[1], broker="timeout = 1")


@row("tls_old_protocol", "NETWORK", "still secure")
def old_tls(bed):
    ca_file = bed.authority("ours")
    bed.certificate("ours", "IP:127.0.0.1")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version, context.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    bed.chosen(certificate=(bed.path("broker.pem"), bed.path("broker.key")), context=context)
    bed.set(broker=f'ca_file = "{ca_file}"')


# login

LOGIN = 'fault { path = "auth/getToken" %s }'


@row("login_refused", "AUTH", "valid at one broker only")
def a_wrong_password(bed):
    bed.sim()
    bed.write("password", "another-s3cret\n")


def with_terminal(bed, profile, cause):
    """A broker that refuses the login; under the same names, its browser terminal."""
    ca_file = bed.authority("ours")
    bed.certificate("ours", "DNS:api.x.xoms.com.ar,DNS:matriz.x.xoms.com.ar")
    broker = bed.chosen(certificate=(bed.path("broker.pem"), bed.path("broker.key")),
                        answers={"/auth/getToken": reply(401), "/api/v2/profile": profile})
    bed.start_proxy(broker.port)
    bed.set("https://api.x.xoms.com.ar/", broker=f'ca_file = "{ca_file}"')
    bed.after = lambda: bed.assertEqual(
        [(step["name"], step["cause"]) for step in json.loads(bed.runs[0].stdout)["steps"]][-1], ("terminal", cause))


@row("login_refused", "AUTH", "valid at one broker only")
def the_terminal_answers(bed):
    with_terminal(bed, reply(200, '{"csrfToken":"c0ffee"}'), "terminal_answers")


@row("login_refused", "AUTH", "valid at one broker only")
def no_terminal_answers(bed):
    with_terminal(bed, reply(200, "<html>"), "ok")


@row("terminal_address", "PATH", "is a browser terminal (Matriz)")
def a_terminal_with_another_name(bed):
    bed.start_sim("--matriz-listen", "127.0.0.1:0")
    with open(bed.path("ready"), encoding="utf-8") as file:
        bed.set(file.read().split()[1])


sim_row("the older answer to a wrong password", "login_refused", "AUTH", "(404)",
        LOGIN % r'status = 404 body = "{\"error\":\"invalid_grant\"}"')
sim_row("every connection is closed", "connection_broken", "NETWORK", "proxy and firewall", 'fault { kind = "close" }')
sim_row("a login without a token", "no_token", "AUTH", "without a token", LOGIN % 'kind = "no_token"')
sim_row("the login page", "login_page", "AUTH", "login page", LOGIN % 'kind = "html"')
sim_row("a redirect to the login page", "login_page", "AUTH", "login page", LOGIN % 'kind = "redirect"')
sim_row("a redirect elsewhere", "redirected", "PATH", "portal.example",
        LOGIN % 'kind = "redirect" location = "http://portal.example/"')
sim_row("a web site", "web_page", "PATH", "Broker SA", LOGIN % 'kind = "page" status = 200 title = "Broker SA"')
sim_row("a bot protection", "blocked", "NETWORK", "Just a moment", LOGIN % 'kind = "page" status = 403')
sim_row("no API at this address", "not_the_api", "PATH", "auth/getToken", LOGIN % 'kind = "blank" status = 404')
sim_row("too many logins", "throttled", "NETWORK", "wait 30 s", LOGIN % "status = 429 retry_after = 30")
sim_row("login unavailable", "unavailable", "NETWORK", "503", LOGIN % "status = 503")
sim_row("login fails", "server_error", "NETWORK", "500", LOGIN % "status = 500")
sim_row("no answer to the login", "no_answer", "NETWORK", "did not answer", LOGIN % 'kind = "hang"', broker="timeout = 1")
sim_row("the login is reset", "connection_broken", "NETWORK", "proxy and firewall", LOGIN % 'kind = "reset"')


# REST

REST = 'fault { path = "rest/%s" %s }'
sim_row("the token is refused", "token_refused", "AUTH", "removeToken",
        REST % ("*", r'status = 401 body = "{\"status\":\"ERROR\",\"message\":\"Unauthorized\"}"'))
sim_row("the login page for segments", "token_refused", "AUTH", "removeToken", REST % ("segment/all", 'kind = "html"'))
sim_row("too many requests", "throttled", "NETWORK", "429", REST % ("segment/all", "status = 429"))
sim_row("REST unavailable", "unavailable", "NETWORK", "503", REST % ("segment/all", "status = 503 retry_after = 5"))
sim_row("not JSON", "malformed", "NETWORK", "proxy changes answers", REST % ("segment/all", 'kind = "garbage"'))
sim_row("no segments", "no_permission", "PERMISSION", "no market segment",
        REST % ("segment/all", r'kind = "body" body = "{\"status\":\"OK\",\"segments\":[]}"'))
sim_row("market data denied", "no_permission", "PERMISSION", "Access Denied",
        REST % ("marketdata/get", 'kind = "error" body = "Access Denied."'))
sim_row("listed, but unknown", "no_permission", "PERMISSION", "has no permission for market data of DLR/",
        REST % ("marketdata/get", '''kind = "error" body = "Product DLR:ROFX doesn't exist"'''))
sim_row("a shape that is not the API's", "malformed", "NETWORK", "not that of the API",
        REST % ("marketdata/get", 'kind = "shape"'))
sim_row("no data of the instruments", "no_quote", "OK", "has no data of",
        REST % ("marketdata/get", 'kind = "error" body = "No hay Market Data para DLR : ROFX"'))
sim_row("no list of instruments", "no_list", "OK", "list of instruments cannot be used",
        REST % ("instruments/all", "status = 500"))
sim_row("nothing of the configuration is listed", "nothing_listed", "CONFIG", "DLX/DIC26", None, symbols=["DLX/DIC26"],
        match=[])
sim_row("a misspelt symbol among others", "symbols_unknown", "OK", "DLX/DIC26", None, symbols=["DLX/DIC26"], match=["*"])


# WebSocket

WS = 'fault { path = "" %s }'
sim_row("the WebSocket refuses the token", "stream_refused", "AUTH", "REST accepts", WS % "status = 401")
sim_row("the WebSocket sends the login page", "stream_login_page", "AUTH", "login page", WS % 'kind = "html"')
sim_row("the WebSocket redirects to the login", "stream_login_page", "AUTH", "login page", WS % 'kind = "redirect"')
sim_row("the WebSocket redirects elsewhere", "stream_redirected", "PATH", "other.example",
        WS % 'kind = "redirect" location = "https://other.example/"')
sim_row("the WebSocket is a page", "stream_page", "PATH", "Hola", WS % 'kind = "page" status = 200 title = "Hola"')
sim_row("no WebSocket at this path", "stream_path", "PATH", "serve it at /", WS % 'kind = "blank" status = 404')
sim_row("the header Upgrade is lost", "upgrade_lost", "NETWORK", "header Upgrade", WS % 'kind = "body" body = "{}"')
sim_row("WebSockets unavailable", "unavailable", "NETWORK", "polls by REST", WS % "status = 503")
sim_row("too many WebSockets", "throttled", "NETWORK", "429", WS % "status = 429")
sim_row("the handshake is reset", "stream_lost", "NETWORK", "let them pass", WS % 'kind = "reset"')
chosen_row("an invalid handshake", "handshake_invalid", "NETWORK", "let it pass WebSockets unchanged", accept="x")
chosen_row("the WebSocket is at /ws", "stream_path", "PATH", "set broker.stream_url", stream_path="/ws")


@row("stream_path", "PATH", "remove broker.stream_url")
def a_wrong_path_in_stream_url(bed):
    bed.start_sim()
    bed.set(broker=f'stream_url = "{bed.url.replace("http", "ws")}ws"')


@row("stream_unreachable", "NETWORK", "broker.stream_url")
def a_wrong_host_in_stream_url(bed):
    bed.start_sim()
    bed.set(broker=f'stream_url = "ws://127.0.0.1:{bed.closed_port()}/"')


@row("stream_refused", "AUTH", "REST accepts")
def the_token_in_a_cookie(bed):
    bed.sim(None, "--stream-auth", "cookie")


@row("token_refused", "AUTH", "does not accept the token")
def tokens_that_expire_at_once(bed):
    bed.sim(None, "--token-ttl", "0.01")


@row("token_in_query", "PATH", "in the query")
def the_token_in_the_query(bed):
    bed.sim(None, "--stream-auth", "query")


# the stream

SMD = 'fault { path = "stream/smd" %s }'
sim_row("silent", "silent", "SILENT", "although REST has some", SMD % 'kind = "hang"')
sim_row("mute", "silent", "SILENT", "enable market data by WebSocket", SMD % 'kind = "mute"')
sim_row("deaf", "dead_stream", "SILENT", "not even a pong", SMD % 'kind = "deaf"')
sim_row("market data by WebSocket denied", "stream_denied", "PERMISSION", "Access Denied",
        SMD % 'kind = "error" body = "Access Denied"')
sim_row("listed, but unknown to the WebSocket", "stream_denied", "PERMISSION", "doesn't exist",
        SMD % '''kind = "error" body = "Product DLR:ROFX doesn't exist"''')


@row("ok", "OK", "market data arrives")
def one_of_two_symbols_is_refused(bed):
    listed = [{"instrumentId": {"marketId": "ROFX", "symbol": symbol}} for symbol in (chosen_broker.SYMBOL, futures.THIRD)]
    error = json.dumps({"status": "ERROR", "message": "", "description": f"Product {chosen_broker.SYMBOL}:ROFX doesn't exist"})
    data = json.dumps({"type": "Md", "instrumentId": {"marketId": "ROFX", "symbol": futures.THIRD},
                       "marketData": {"BI": [{"price": 1, "size": 1}]}})
    bed.chosen(answers={"/rest/instruments/all": chosen_broker.envelope(instruments=listed)},
               frames=lambda smd: [error if chosen_broker.SYMBOL in smd else data])
    bed.set()


sim_row("the subscription is refused", "subscription_refused", "SILENT", "poll.entries",
        SMD % 'kind = "error" body = "Parameter entries is wrong"')
sim_row("the session has ended", "stream_session_ended", "AUTH", "1008", SMD % 'kind = "goodbye" code = 1008')
sim_row("closed at once", "stream_lost", "NETWORK", "1000", SMD % 'kind = "goodbye" code = 1000')
sim_row("reset at once", "stream_lost", "NETWORK", "firewall", SMD % 'kind = "reset"')
sim_row("unreadable frames", "malformed", "NETWORK", "cannot be read", 'fault { path = "stream/md" kind = "garbage" }')
sim_row("an index without IV", "index_without_iv", "SILENT", "add IV to poll.entries", SMD % 'kind = "hang"',
        symbols=["I.RFX20"], match=[], poll="rate = 200  entries = {BI, OF, LA}")
chosen_row("no pongs", "no_pong", "NETWORK", "control frames", pongs=False)
chosen_row("frames of other types only", "silent", "SILENT", "no data of", frames=['{"type":"or"}'])
chosen_row("a page in a frame", "stream_page", "PATH", "web page arrives", frames=["<html>"])


# the browser terminal's stream

def terminal_row(name, cause, kind, words, faults=None, dialects="matriz", *options, session="always = true", path=""):
    def prepare(bed):
        bed.start_sim("--matriz-listen", "127.0.0.1:0", *options, faults=faults)
        with open(bed.path("ready"), encoding="utf-8") as file:
            base = file.read().split()[1]
        bed.set(bed.url.split()[0], broker=f'timeout = 10  matriz_url = "{base}{path}"', session=session,
                stream=f"enable = true  dialects = {{{dialects}}}")
        bed.after = lambda: bed.assertNotIn("c0ffee", bed.runs[0].stdout)
    row(cause, kind, words, name)(prepare)


TERMINAL = 'fault { path = "matriz/%s" %s }'
terminal_row("the terminal's stream", "ok", "OK", "arrives from the browser terminal (Matriz)")
terminal_row("both streams", "ok", "OK", "market data arrives.", None, "primary, matriz")
terminal_row("only the terminal's stream works", "stream_refused", "AUTH",
             "the stream of the browser terminal (Matriz) works", WS % "status = 401", "primary, matriz")
terminal_row("only the API's stream works", "terminal_login_refused", "OK", "which the API accepts",
             TERMINAL % ("auth/login", 'kind = "refuse"'), "primary, matriz")
terminal_row("the terminal refuses the login", "terminal_login_refused", "AUTH", "which the API accepts",
             TERMINAL % ("auth/login", 'kind = "refuse"'))
terminal_row("the terminal refuses the CSRF value", "terminal_login_denied", "AUTH", "Origin",
             TERMINAL % ("auth/login", "status = 403"))
terminal_row("the terminal asks to wait", "terminal_unavailable", "NETWORK", "429",
             TERMINAL % ("auth/login", "status = 429 retry_after = 30"))
terminal_row("the terminal fails", "terminal_unavailable", "NETWORK", "503",
             TERMINAL % ("api/v2/profile", "status = 503"))
terminal_row("no terminal there", "no_terminal", "PATH", "broker.matriz_url",
             TERMINAL % ("api/v2/profile", 'kind = "html"'))
terminal_row("no session after the login", "terminal_no_session", "AUTH", "with a browser",
             TERMINAL % ("api/v2/profile", r'kind = "body" body = "{\"csrfToken\":\"c0ffee\"}"') +
             "\n" + TERMINAL % ("auth/login", 'kind = "body" body = "{}"'))
terminal_row("the terminal refuses the WebSocket", "terminal_stream_refused", "AUTH", "ids, cookies and Origin",
             TERMINAL % ("ws", "status = 403"))
terminal_row("the terminal's WebSocket is reset", "terminal_stream_lost", "NETWORK", "let them pass",
             TERMINAL % ("ws", 'kind = "reset"'))
terminal_row("the terminal is silent", "terminal_silent", "SILENT", "no line of DLR/",
             TERMINAL % ("topics", 'kind = "mute"'))


@row("terminal_unavailable", "NETWORK", "cannot be reached")
def a_terminal_that_is_down(bed):
    bed.start_sim()
    bed.set(broker=f'matriz_url = "http://127.0.0.1:{bed.closed_port()}/"', stream="dialects = {matriz}")


@row("ok", "OK", "arrives from the browser terminal (Matriz)")
def a_public_terminal(bed):
    """By its name, through a proxy: no password is sent there."""
    bed.start_sim("--matriz-listen", "127.0.0.1:0", "--matriz-guest")
    with open(bed.path("ready"), encoding="utf-8") as file:
        api, terminal_url = file.read().split()
    ca_file = bed.authority("ours")
    bed.certificate("ours", "DNS:mtr.primary.ventures")
    front = TlsFront(bed.path("broker.pem"), bed.path("broker.key"), int(terminal_url.rstrip("/").rsplit(":", 1)[1]))
    bed.addCleanup(front.end)
    bed.start_proxy(front.port)
    bed.set(api, broker=f'matriz_url = "https://mtr.primary.ventures/"  ca_file = "{ca_file}"', stream="dialects = {matriz}",
            match=["DLR/*"])
    bed.url = api
    bed.after = lambda: bed.assertEqual(bed.stats()["matriz_logins"], 0)


@row("market_closed", "OK", "the market is closed")
def a_closed_market(bed):
    art = datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=-3)))
    days = ", ".join('"%s"' % (art + datetime.timedelta(days=n)).strftime("%Y-%m-%d") for n in (0, 1))
    bed.sim(SMD % 'kind = "hang"', session=f"holidays = {{{days}}}")


@row("sandbox_silent", "SILENT", "reMarkets")
def remarkets_without_data(bed):
    ca_file = bed.authority("ours")
    bed.certificate("ours", "DNS:api.remarkets.primary.com.ar")
    broker = bed.chosen(certificate=(bed.path("broker.pem"), bed.path("broker.key")), frames=[],
                     symbol="MERV - XMEV - X - CI")
    bed.start_proxy(broker.port)
    bed.set("https://api.remarkets.primary.com.ar/", broker=f'ca_file = "{ca_file}"')


# --- running them ---------------------------------------------------------------------------------------------------

def run_doctor(bed, *options):
    argv = [wire.CINTA, "doctor", "-c", bed.conf_path, *bed.arguments, *options]
    env = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    return subprocess.run(argv, capture_output=True, text=True, timeout=120, env={**env, **bed.env}, check=False)


def check(bed, given, expected):
    """The complaints about one run; the same for both forms of output."""
    cause, kind, words = expected
    found = []
    as_json = given.stdout.startswith("{")
    answer = json.loads(given.stdout) if as_json else None
    last = answer["sentence"] if as_json else given.stdout.rstrip("\n").rsplit("\n", 1)[-1]
    if as_json and (answer["cause"], answer["class"]) != (cause, kind):
        found.append(f"it is {answer['class']} {answer['cause']}")
    if given.returncode != STATUS[kind]:
        found.append(f"its status is {given.returncode}")
    if words not in last:
        found.append(f"its last line is: {last}")
    if given.stderr.replace("slow_dns: the look-up of slow.test hangs\n", ""):
        found.append("stderr: " + given.stderr)
    if not as_json and any(len(line) > 80 for line in given.stdout.splitlines()[:-1]):
        found.append("a line is wider than 80 columns")
    found += ["it looks like a token or an id: " + word for word in re.findall(r"[A-Za-z0-9+/%]{43,}", given.stdout)]
    found += ["a secret is shown: " + secret for secret in bed.secrets() if secret in given.stdout + given.stderr]
    return [f"{line}\n{given.stdout}" for line in found]


def run_row(name, prepare, *expected):
    once = expected[-1]
    bed = Bed("run")
    bed.after = lambda: None
    try:
        bed.setUp()
        prepare(bed)
        with concurrent.futures.ThreadPoolExecutor(2) as both:
            runs = list(both.map(lambda options: run_doctor(bed, *options), [["--json"]] if once else [["--json"], []]))
        bed.runs = runs
        bed.after()
        found = [complaint for given in runs for complaint in check(bed, given, expected[:-1])]
    except unittest.SkipTest as reason:
        return f"{name}: skipped: {reason}", []
    except Exception as error:  # a row must not end the others
        found = [f"{type(error).__name__}: {error}"]
    finally:
        bed.doCleanups()
    return None, [f"{name}: {line}" for line in found]


class Doctor(wire.WireTest):
    def test_the_manual_has_every_cause(self):
        found = re.findall(r'^    X\((\w+), +"(\w+)", +DOCTOR_(\w+)\)', pages.text_of("include/doctor/finding.h"), re.M)
        manual = pages.text_of("docs/doctor.md").partition("\n## A URL\n")[0]
        rows = re.findall(r"^\| (`[a-z_`, ]+`) \| ([A-Z]+) \|", manual, re.M)
        named = {(cause, kind) for causes, kind in rows for cause in re.findall(r"\w+", causes)}
        self.assertEqual(named, {(cause, kind) for _, cause, kind in found})
        self.assertGreater(len(named), 50)

    def test_most_causes_have_a_situation(self):
        """The others need another user, another route or a machine without memory: unit tests have them."""
        found = set(re.findall(r'^    X\(\w+, +"(\w+)"', pages.text_of("include/doctor/finding.h"), re.M))
        self.assertEqual(found - {entry[2] for entry in ROWS} - {
            "disk_full", "disk_low", "no_memory", "config_unreadable", "database_unreadable", "tcp_unreachable",
            "tls_failed", "service_streams", "form_accepted", "terminal_answers", "terminal_here",
            "token_ended"}, set())

    def test_situations(self):
        names = [entry[0] for entry in ROWS]
        self.assertEqual(len(names), len(set(names)))
        with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
            results = list(pool.map(lambda entry: run_row(*entry), ROWS))
        for skipped, _ in results:
            if skipped:
                print(skipped)
        found = [line for _, lines in results for line in lines]
        self.assertFalse(found, "\n\n".join(found))

    def test_a_terminal_has_colours_and_narrow_lines(self):
        self.start_sim()
        self.configure(stream=STREAM, poll="rate = 200")
        status, lines = terminal.run(self, 50, "doctor", "-c", self.conf_path)
        self.assertEqual(status, 0)
        self.assertTrue(lines[0].startswith("\033[32mok"), lines[0])
        self.assertFalse([line for line in lines[:-1] if len(terminal.ESCAPE.sub("", line)) > 50 and " " in line[24:]])
        self.assertNotIn("\033", self.cinta("doctor", "-c", self.conf_path).stdout)

    def test_ctrl_c_ends_it(self):
        self.start_sim(faults=LOGIN % 'kind = "hang"')
        self.configure(broker="timeout = 60", stream=STREAM)
        doctor = wire.Process([wire.CINTA, "doctor", "-c", self.conf_path])
        self.addCleanup(doctor.end)
        self.until(lambda: self.stats()["in_flight"] > 1, "the login hangs")
        doctor.kill(2)
        self.assertEqual(doctor.wait_exit(), -2)


if __name__ == "__main__":
    wire.main()
