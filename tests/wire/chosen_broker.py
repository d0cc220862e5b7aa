"""A broker in a few lines whose answers a test chooses, for what `cinta sim` never does: a header Date that is wrong, a
WebSocket at another path, an invalid handshake, pings without pongs, a TLS certificate. Shares no code with cinta.
"""
import base64
import email.utils
import hashlib
import http.server
import json
import ssl
import struct
import threading
import time

import futures

TOKEN = "3q2+7wABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhs="
SYMBOL = futures.SECOND
JSON = {"Content-Type": "application/json"}
GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


def reply(status=200, body="", **headers):
    return status, {name.replace("_", "-"): value for name, value in headers.items()}, body


def envelope(**values):
    return 200, JSON, json.dumps({"status": "OK", **values})


def usual_answers(symbol=SYMBOL):
    return {
        "/auth/getToken": reply(X_Auth_Token=TOKEN),
        "/rest/segment/all": envelope(segments=[{"marketSegmentId": "DDF", "marketId": "ROFX"}]),
        "/rest/instruments/all": envelope(instruments=[{"instrumentId": {"marketId": "ROFX", "symbol": symbol},
                                                        "cficode": "FXXXSX"}]),
        "/rest/marketdata/get": envelope(marketData={"BI": [{"price": 1601.5, "size": 12}]}, depth=1, aggregated=True),
    }


class ChosenBroker:
    """`answers` replace the usual ones by path. `stream_path` is where the WebSocket is; `frames` is what an smd is
    answered with, or a function of its text; `pongs`: pings are answered; `accept`: replaces the header Sec-WebSocket-Accept; `ahead_s`: its clock,
    or `date`, its header Date; `certificate` (file, key): TLS."""

    def __init__(self, answers=None, symbol=SYMBOL, stream_path="/", frames=None, pongs=True, accept=None, ahead_s=0,
                 date=None, certificate=None, context=None):
        self.answers = {**usual_answers(symbol), **(answers or {})}
        self.stream_path, self.pongs, self.accept, self.ahead_s, self.date = stream_path, pongs, accept, ahead_s, date
        data = {"BI": [{"price": 1601.5, "size": 12}]}
        self.frames = frames if frames is not None else [json.dumps(
            {"type": "Md", "timestamp": int(time.time() * 1000),
             "instrumentId": {"marketId": "ROFX", "symbol": symbol}, "marketData": data})]
        self.seen = []
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.server.daemon_threads = True
        self.server.handle_error = lambda *_: None  # clients that refuse the certificate
        if certificate:
            context = context or ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True, do_handshake_on_connect=False)
        self.port = self.server.server_address[1]
        self.url = f"http{'s' if certificate else ''}://127.0.0.1:{self.port}/"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def end(self):
        self.server.shutdown()
        self.server.server_close()

    def _handler(self):
        broker = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            server_version, sys_version = "chosen", ""

            def log_message(self, *_):
                pass

            def date_time_string(self, timestamp=None):
                return broker.date or email.utils.formatdate(time.time() + broker.ahead_s, usegmt=True)

            def answer(self, status, headers, body):
                data = body.encode()
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(data)

            def do_GET(self):
                path = self.path.partition("?")[0]
                broker.seen.append(self.path)
                if self.headers.get("Upgrade"):
                    self.stream(path)
                else:
                    self.answer(*broker.answers.get(path, reply(404)))

            do_POST = do_HEAD = do_GET

            def stream(self, path):
                self.close_connection = True
                chosen = broker.answers.get("ws " + path)
                if chosen:
                    self.answer(*chosen)
                elif path != broker.stream_path:
                    self.answer(*reply(404))
                elif self.headers.get("X-Auth-Token") != TOKEN:
                    self.answer(*reply(401))
                else:
                    self.serve_stream()

            def serve_stream(self):
                digest = hashlib.sha1((self.headers["Sec-WebSocket-Key"] + GUID).encode()).digest()
                accept = broker.accept or base64.b64encode(digest).decode()
                self.wfile.write((f"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                                  f"Sec-WebSocket-Accept: {accept}\r\n\r\n").encode())
                while True:
                    opcode, payload = self.frame()
                    if opcode in (None, 8):
                        return
                    if opcode == 9 and broker.pongs:
                        self.send(10, payload)
                    frames = broker.frames(payload.decode()) if opcode == 1 and callable(broker.frames) else broker.frames
                    for text in frames if opcode == 1 else ():
                        self.send(1, text.encode())

            def frame(self):
                head = self.rfile.read(2)
                if len(head) < 2:
                    return None, b""
                length = head[1] & 0x7f
                if length == 126:
                    length = struct.unpack(">H", self.rfile.read(2))[0]
                mask = self.rfile.read(4)
                return head[0] & 15, bytes(b ^ mask[i % 4] for i, b in enumerate(self.rfile.read(length)))

            def send(self, opcode, payload):
                size = bytes([len(payload)]) if len(payload) < 126 else struct.pack(">BH", 126, len(payload))
                self.wfile.write(bytes([0x80 | opcode]) + size + payload)

        return Handler
