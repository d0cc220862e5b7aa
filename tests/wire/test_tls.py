"""TLS verification: the password is not sent to a server with an invalid certificate, and the log has the reason."""
import os
import select
import socket
import ssl
import threading
import unittest

import wire


class TlsFront:
    """A TLS proxy on its own port for a plain server; one thread per connection."""

    def __init__(self, certificate, key, plain_port):
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificate, key)
        self.plain_port = plain_port
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        try:
            with self.context.wrap_socket(client, server_side=True) as outside, \
                    socket.create_connection(("127.0.0.1", self.plain_port)) as inside:
                self._forward(outside, inside)
        except (OSError, ssl.SSLError):
            client.close()

    def _forward(self, outside, inside):
        while True:
            ready = [outside] if outside.pending() else select.select([outside, inside], [], [])[0]
            for source, sink in ((outside, inside), (inside, outside)):
                if source in ready:
                    data = source.recv(65536)
                    if not data:
                        return
                    sink.sendall(data)

    def end(self):
        self.listener.close()


class Tls(wire.WireTest):
    def start_front(self):
        plain_port = int(self.url.rstrip("/").rsplit(":", 1)[1])
        front = TlsFront(self.path("broker.pem"), self.path("broker.key"), plain_port)
        self.addCleanup(front.end)
        return f"https://127.0.0.1:{front.port}/"

    def test_a_port_without_tls_is_reported(self):
        self.start_sim()
        plain = self.url.replace("http://", "https://")
        self.configure(url=plain)
        service = self.start_run()
        line = service.wait_line("event=login_failed")
        self.assertIn("the server does not speak TLS on this port: correct the port, or write http://", line)
        self.stop_run()
        self.configure(stream='enable = true', broker=f'timeout = 5  stream_url = "{plain.replace("https", "wss")}"')
        service = self.start_run()
        line = service.wait_line("event=stream_closed")
        self.assertIn("the server does not speak TLS on this port", line)
        self.stop_run()
        made = self.cinta("init", "--url", plain, "--user", "u", "--password-file", self.path("password"), "--yes",
                          self.path("made"))
        self.assertIn("the server does not speak TLS on this port", made.stderr)

    def test_a_known_authority_is_accepted(self):
        self.start_sim()
        ca_file = self.authority("ours")
        self.certificate("ours", "IP:127.0.0.1")
        self.configure(url=self.start_front(), broker=f'ca_file = "{ca_file}"', stream="enable = true")
        self.start_run().wait_line("event=stream_open", "wss://")
        self.until_rows("select count(*) from quotes where source = 'stream'", at_least=6)
        self.stop_run()

    def expect_refusal(self, words, **configuration):
        self.configure(url=self.start_front(), **configuration)
        service = self.start_run()
        line = service.wait_line("event=login_failed", "TLS")
        self.assertIn(words, line)
        self.stop_run()
        self.assertEqual((self.stats()["logins"], self.stats()["login_refused"]), (0, 0))

    def test_an_unknown_authority_is_refused(self):
        self.start_sim()
        self.authority("theirs")
        self.certificate("theirs", "IP:127.0.0.1")
        self.expect_refusal("certificate")

    def test_another_authority_is_refused(self):
        self.start_sim()
        ca_file = self.authority("ours")
        self.authority("theirs")
        self.certificate("theirs", "IP:127.0.0.1")
        self.expect_refusal("certificate", broker=f'ca_file = "{ca_file}"')

    def test_another_host_is_refused(self):
        self.start_sim()
        ca_file = self.authority("ours")
        self.certificate("ours", "DNS:other.example")
        self.expect_refusal("127.0.0.1", broker=f'ca_file = "{ca_file}"')

    def test_an_expired_certificate_is_refused(self):
        self.start_sim()
        ca_file = self.authority("ours")
        self.certificate("ours", "IP:127.0.0.1", days="0")
        self.expect_refusal("expired", broker=f'ca_file = "{ca_file}"')

    def test_a_missing_ca_file_is_reported_at_the_start(self):
        self.start_sim()
        missing = self.path("none.pem")
        self.configure(broker=f'ca_file = "{missing}"')
        service = self.start_run()
        self.assertEqual(service.wait_exit(), 78, service.log())
        self.assertIn(missing, service.log())
        self.assertFalse(os.path.exists(missing))


if __name__ == "__main__":
    wire.main()
