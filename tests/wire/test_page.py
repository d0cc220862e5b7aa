"""The live page in headless Chromium, against the service and the simulator. Skipped without `chromium`."""
import json
import os
import shutil
import subprocess
import unittest
import urllib.error
import urllib.request

import browser
import wire

SYMBOL = "DLR/DIC26"
SOURCE = os.path.join(os.environ["CINTA_SOURCE"], "src", "serve", "page")
ROWS = "[...document.querySelectorAll('.line:not([hidden])')]"


class PageTest(wire.WireTest):
    def serve(self, *sim, token="", stream="enable = true  stale = 5", poll="interval = 0.2  rate = 200", faults=None):
        self.start_sim("--rate", "100", *sim, faults=faults)
        self.configure(serve=f'listen = "127.0.0.1:0" token = "{token}"', stream=stream, poll=poll)
        self.start_run()
        self.api = self.service.wait_line("local API", "address=").split("address=")[1].split()[0].strip('"')
        self.until_rows(f"select count(*) from quotes where symbol = '{SYMBOL}' and last_price is not null")


class Files(PageTest):
    """Without a browser."""

    def fetch(self, path, **headers):
        request = urllib.request.Request(self.api + path, headers={k.replace("_", "-"): v for k, v in headers.items()})
        try:
            with urllib.request.urlopen(request, timeout=wire.PATIENCE_S) as answer:
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.headers, error.read()

    def test_files(self):
        self.serve(token="a-token")
        for path, kind in (("", "text/html"), ("page/main.js", "text/javascript"), ("page/page.css", "text/css"),
                           ("page/dygraph.js", "text/javascript"), ("page/icon.svg", "image/svg+xml")):
            with self.subTest(path):
                status, headers, body = self.fetch(path)
                self.assertEqual((status, headers.get_content_type()), (200, kind))
                self.assertIn("default-src 'none'", headers["Content-Security-Policy"])
                self.assertTrue(body)
                status, again, body = self.fetch(path, If_None_Match=headers["ETag"])
                self.assertEqual((status, again["ETag"], body), (304, headers["ETag"], b""))
        for name in os.listdir(SOURCE):
            with self.subTest(name), open(os.path.join(SOURCE, name), "rb") as file:
                self.assertEqual(self.fetch("page/" + name)[2], file.read())
        self.assertEqual(self.fetch("page/none.js")[0], 404)
        # The page has no data; the data needs the token, and the page is for the hosts of the service only.
        self.assertEqual(self.fetch("chart?symbol=" + SYMBOL)[0], 401)
        self.assertEqual(self.fetch("", Host="evil.example")[0], 403)

    @unittest.skipUnless(shutil.which("node"), "node is not installed")
    def test_scripts_are_well_formed(self):
        for name in sorted(os.listdir(SOURCE)):
            if name.endswith(".js"):
                with self.subTest(name), open(os.path.join(SOURCE, name), encoding="utf-8") as file:
                    done = subprocess.run(["node", "--check", "--input-type=module"], stdin=file, capture_output=True,
                                          text=True, timeout=60, check=False)
                    self.assertEqual((done.returncode, done.stderr), (0, ""))


@unittest.skipUnless(browser.PROGRAM, "chromium is not installed")
class InBrowser(PageTest):
    def open(self, path="", language="en-US", **options):
        if not hasattr(self, "browser"):
            self.browser = browser.Browser(language)
            self.addCleanup(self.browser.close)
        return browser.Page(self.browser, self.api + path, **options)

    def loaded(self, page):
        page.until(f"{ROWS}.length >= 5")
        return page

    def symbols(self, page):
        return page.run(f"{ROWS}.map(row => row.dataset.symbol)")

    def test_table_and_instrument(self):
        self.serve()
        page = self.loaded(self.open())
        with self.subTest("the banner has the mode and its reason"):
            page.until("document.documentElement.dataset.mode === 'streaming'")
            self.assertEqual(page.text("#mode"), "Streaming")
            self.assertTrue(page.text("#reason"))
        with self.subTest("rows in the order of product and maturity, with source and age"):
            page.until(f"{ROWS}.length === {self.one('select count(*) from quotes')}")
            futures = [symbol for symbol in self.symbols(page) if symbol.startswith("DLR/")]
            self.assertLess(futures.index("DLR/DIC26"), futures.index("DLR/ENE27"))
            row = f"{ROWS}.find(row => row.dataset.symbol === '{SYMBOL}')"
            page.until(f"['rest', 'stream'].includes({row}.querySelector('.source').textContent)")
            page.until(f"/^[0-9.]+ s$/.test({row}.querySelector('.age').textContent)")
        with self.subTest("changes flash"):
            page.until("document.querySelector('.line:not([hidden]) [data-flash^=up], .line:not([hidden]) [data-flash^=down]')")
        with self.subTest("search, by the key / too"):
            page.press("/")
            self.assertEqual(page.run("document.activeElement.id"), "search")
            page.type("dlr dic")
            page.until(f"{ROWS}.length === 1")
            self.assertEqual(self.symbols(page), [SYMBOL])
            page.run("search.value = 'nothing'; search.dispatchEvent(new Event('input'))")
            page.until("!empty.hidden")
            page.run("search.value = 'dlr/d*'; search.dispatchEvent(new Event('input'))")
            page.until(f"{ROWS}.length === 1")
        with self.subTest("an instrument by keyboard: book, values, chart; Escape closes it"):
            page.run("search.value = 'DLR/'; search.dispatchEvent(new Event('input')); grid.focus()")
            page.press("Home")
            page.press("ArrowDown")
            chosen = page.run("document.querySelector('[aria-selected=true]').dataset.symbol")
            self.assertEqual(chosen, self.symbols(page)[1])
            page.press("Enter")
            page.until("!detail.hidden && document.querySelectorAll('#book tbody tr').length")
            self.assertEqual(page.text("#detail-title"), chosen)
            page.until("document.querySelectorAll('#facts dd').length > 5")
            page.press("Escape")
            page.until("detail.hidden && location.hash === ''")
        with self.subTest("columns"):
            page.click("#columns-button")
            page.click("[name=open_price]")
            page.until("document.querySelector('#head .open_price')")
            page.click("[name=bid_size]")
            page.until("!document.querySelector('#head .bid_size')")
            page.press("Escape")
        with self.subTest("choices are kept"):
            page.call("Page.reload")
            page.until("document.querySelector('#head .open_price') && !document.querySelector('#head .bid_size')")
        with self.subTest("theme"):
            self.assertEqual(page.run("getComputedStyle(document.documentElement).colorScheme"), "light")
            page.click("#theme")
            page.click("#theme")
            self.assertEqual(page.run("getComputedStyle(document.documentElement).colorScheme"), "dark")
        self.assert_sound(page)

    def assert_sound(self, page):
        """No error was reported, nothing was asked of another host, and everything has a name for screen readers."""
        self.assertEqual(page.problems(), [])
        self.assertEqual([url for url in page.requests() if not url.startswith((self.api, "data:", "about:"))], [])
        unnamed = ("[...document.querySelectorAll('button, input, [role=grid], #chart')].filter(e => !e.textContent.trim()"
                   " && !e.getAttribute('aria-label') && !e.closest('label') && e.checkVisibility()).map(e => e.outerHTML)")
        self.assertEqual(page.run(unnamed), [])

    def test_address_opens_the_instrument_with_its_chart(self):
        self.serve()
        self.until_rows(f"select count(*) from bars_1m where symbol = '{SYMBOL}'")
        page = self.open("?lang=en#" + SYMBOL.replace("/", "%2F"))
        page.until("document.querySelector('#chart canvas')")
        self.assertEqual(page.text("#detail-title"), SYMBOL)
        self.assertIn(SYMBOL, page.run("chart.getAttribute('aria-label')"))
        page.run("location.hash = 'DLR%2FENE27'")
        page.until("document.querySelector('#detail-title').textContent === 'DLR/ENE27'")
        page.run("history.back()")
        page.until(f"document.querySelector('#detail-title').textContent === '{SYMBOL}'")
        self.assert_sound(page)

    def test_gaps_have_their_reason(self):
        self.serve()
        page = self.open("?lang=en#" + SYMBOL.replace("/", "%2F"))
        page.until("document.querySelector('#chart canvas')")
        self.sim.end()
        page.until("document.documentElement.dataset.mode === 'outage'")
        self.assertIn("no connection", page.text("#reason"))
        reason = self.until(lambda: self.sql("select reason from gaps where symbol = ? and seconds > 1.5", SYMBOL), "a gap")[-1][0]
        page.click("#theme")  # reads the chart again
        page.until(f"document.querySelector('#gaps').textContent.includes('now: {reason.replace('_', ' ')}')")

    def test_stale_stream_and_a_lost_service(self):
        self.serve(stream="enable = true  batch = 5  ping = 1  stale = 3")
        page = self.loaded(self.open())
        page.until("document.documentElement.dataset.mode === 'streaming'")
        # Such a stream is replaced soon: notes the modes that the page has shown.
        page.run("""window.shown = new Set(); new MutationObserver(() => shown.add(mode.textContent))
                    .observe(mode, { childList: true, characterData: true, subtree: true })""")
        self.post("sim/stream?kind=mute")
        page.until("shown.has('Stale')")
        self.stop_run()
        page.until("document.documentElement.dataset.mode === 'offline'")
        self.assertEqual(page.text("#mode"), "Not connected")

    def test_spanish_and_phone(self):
        self.serve()
        page = self.loaded(self.open(language="es-AR", width=390, height=780, mobile=True))
        self.assertEqual(page.run("document.documentElement.lang"), "es")
        self.assertEqual(page.run("[...document.querySelectorAll('#head .cell')].map(e => e.textContent)"),
                         ["Símbolo", "Edad", "Compra", "Venta", "Último"])
        self.assertEqual(page.run("document.documentElement.scrollWidth <= innerWidth && grid.scrollWidth <= grid.clientWidth"), True)
        page.run(f"{ROWS}.find(row => row.dataset.symbol === '{SYMBOL}').click()")
        page.until("!detail.hidden && document.activeElement.id === 'close'")
        page.click("#close")
        page.until("detail.hidden")
        page.click("#language")
        page.until("document.documentElement.lang === 'en'")
        # All columns, in both languages: no heading is cut.
        for language in ("es", "en"):
            with self.subTest(language):
                page = self.loaded(self.open("?lang=" + language, width=1280))
                page.click("#columns-button")
                page.run("document.querySelectorAll('#column-list input:not(:checked)').forEach(box => box.click())")
                cut = "[...document.querySelectorAll('#head .cell')].filter(e => e.scrollWidth > e.clientWidth).map(e => e.textContent)"
                self.assertEqual(page.run(cut), [])

    def test_token_is_asked_for_once(self):
        self.serve(token="a-token/x=")
        page = self.open("?lang=en")
        page.until("document.querySelector('#token').open")
        for value, wrong in (("wrong", True), ("a-token/x=", False)):
            page.run(f"document.querySelector('#token-value').value = {json.dumps(value)}")
            page.click("#token [data-text=connect]")
            if wrong:
                page.until("document.querySelector('#token').open && document.querySelector('#token-error').textContent")
        self.loaded(page)
        page.call("Page.reload")
        self.loaded(page)
        self.assertFalse(page.run("document.querySelector('#token').open"))
        # In the address it works too, and is removed from it.
        page.run("localStorage.clear()")
        page.go(self.api + "?lang=en&token=a-token%2Fx%3D")
        self.loaded(page)
        self.assertEqual(page.run("location.search"), "?lang=en")

    def test_thousands_of_rows_are_a_few_elements(self):
        self.serve("--instruments", "5000")
        page = self.open("?lang=en", height=800)
        page.until("parseInt(document.querySelector('#count').textContent) > 4000")
        last = page.run("grid.getAttribute('aria-rowcount')")
        self.assertLess(page.run("document.querySelectorAll('.line').length"), 60)
        page.run("grid.focus()")
        page.press("End")
        page.until(f"{ROWS}.some(row => row.getAttribute('aria-rowindex') >= {last})")
        self.assertLess(page.run("document.querySelectorAll('.line').length"), 60)


if __name__ == "__main__":
    wire.main()
