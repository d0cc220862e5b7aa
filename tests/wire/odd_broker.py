"""A small broker by REST whose symbols and values are valid JSON, but nothing that a page expects: markup, quotes,
emoji, prices of zero, missing and huge values."""
import http.server
import json
import threading
import time
import urllib.parse

import futures

ROCKET = "🚀/" + futures.SECOND[4:]
MARKUP = '<img src=x onerror="window.broken=1"><b>bold</b>'
SYMBOLS = {
    MARKUP: {"LA": {"price": 0, "size": 0, "date": 1}, "BI": [{"price": 0, "size": 0}], "OF": None},
    "R&D \"quoted\" 'single'": {"LA": None, "BI": [], "OF": [{"price": 1e-7, "size": 1}]},
    ROCKET: {"LA": {"price": 1234567.125, "size": 3e12}, "BI": [{"price": 123456789012.5, "size": 9007199254740991}], "NV": 1.5e15},
    "ÑANDÚ 100% #1/2?x=%41": {"LA": {"price": -1.25, "size": None}, "SE": {"price": 0, "date": None}, "CL": {"price": 5}},
    "NOTHING": {},
}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    symbols = SYMBOLS

    def reply(self, body, **headers):
        data = json.dumps(body).encode()
        self.send_response(200)
        for name, value in {"Content-Type": "application/json", "Content-Length": str(len(data)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(data)

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.reply({}, X_Auth_Token="t" * 44)

    def do_GET(self):
        target = urllib.parse.urlparse(self.path)
        if target.path.endswith("/rest/instruments/all"):
            self.reply({"status": "OK", "instruments": [{"instrumentId": {"marketId": "ROFX", "symbol": symbol}, "cficode": "FXXXSX"}
                                                        for symbol in self.symbols]})
            return
        symbol = urllib.parse.parse_qs(target.query).get("symbol", [""])[0]
        data = json.loads(json.dumps(self.symbols.get(symbol, {})))
        if data.get("LA") and "date" not in data["LA"]:
            data["LA"]["date"] = int(time.time() * 1000)
        self.reply({"status": "OK", "marketData": data, "depth": 5, "aggregated": True})

    def log_message(self, *_):
        pass


def start(test, handler=Handler):
    """The URL of one that ends with the test."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    test.addCleanup(server.server_close)
    test.addCleanup(server.shutdown)
    return f"http://127.0.0.1:{server.server_address[1]}/"
