"""A web page of somebody else with the plain WebSocket object, in headless Chromium. Skipped without `chromium`."""
import functools
import http.server
import json
import threading
import unittest

import browser
import futures
import wire

SYMBOL = futures.SECOND
SUBSCRIPTION = json.dumps({"type": "smd", "level": 1, "depth": 2, "entries": ["BI", "OF", "LA"],
                           "products": [{"symbol": SYMBOL, "marketId": "ROFX"}]})
PAGE = f"""<!doctype html><title>quotes</title><body><script>
let frames = [], closed = null, socket;
function connect(url) {{
    frames = [], closed = null;
    socket = new WebSocket(url);
    socket.onopen = () => socket.send({json.dumps(SUBSCRIPTION)});
    socket.onmessage = event => frames.push(JSON.parse(event.data));
    socket.onclose = event => closed = event.code;
}}
</script>"""


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@unittest.skipUnless(browser.PROGRAM, "chromium is not installed")
class BrowserSocketTest(wire.WireTest):
    def host_page(self):
        """Its URL: another origin than that of the local API."""
        self.write("page.html", PAGE)
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(QuietHandler, directory=self.dir))
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        for end in (server.server_close, thread.join, server.shutdown):
            self.addCleanup(end)
        return f"http://127.0.0.1:{server.server_address[1]}"

    def start(self, serve):
        self.start_sim("--rate", "100", faults='fault { path = "" kind = "status" status = 401 }\n')
        self.configure(serve='listen = "127.0.0.1:0" ' + serve, stream="enable = true")
        self.start_run()
        api = self.until(lambda: self.status().get("local_api"), "the local API listens")
        self.until_rows("select count(*) from quotes", at_least=12)
        return api.replace("http:", "ws:")

    def open(self, url):
        if not hasattr(self, "browser"):
            self.browser = browser.Browser()
            self.addCleanup(self.browser.close)
        page = browser.Page(self.browser, url)
        page.until("typeof connect === 'function'")
        return page

    def test_live_data_while_the_broker_refuses_all_websockets(self):
        site = self.host_page()
        api = self.start(f'token = "letmein-7/x=" origins = {{"{site}", "null"}}')
        for address in (site + "/page.html", "file://" + self.path("page.html")):
            page = self.open(address)
            for path in ("?session_id=letmein-7%2Fx%3D&conn_id=abc", "ws?session_id=letmein-7/x=&conn_id="):
                with self.subTest(address.partition(":")[0], path=path):
                    page.run(f"connect('{api}{path}')")
                    page.until("frames.length >= 5")
                    self.assertEqual(page.run("frames[0].instrumentId.symbol"), SYMBOL)
                    page.until("new Set(frames.map(f => JSON.stringify(f.marketData))).size >= 2")
                    page.run("socket.close()")
        page.run(f"connect('{api}?session_id=wrong&conn_id=abc')")
        page.until("closed")
        self.assertEqual(page.run("frames.length"), 0)
        self.assertEqual(self.stats()["stream_opened"], 0)

    def test_a_page_whose_origin_is_not_configured(self):
        page = self.open(self.host_page() + "/page.html")
        page.run(f"connect('{self.start('')}?session_id=any&conn_id=abc')")
        page.until("closed")
        self.assertEqual(page.run("frames.length"), 0)


if __name__ == "__main__":
    wire.main()
