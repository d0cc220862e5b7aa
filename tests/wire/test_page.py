"""The live page in headless Chromium, against the service and the simulator. Skipped without `chromium`."""
import json
import os
import re
import shutil
import subprocess
import unittest
import urllib.error
import urllib.request

import browser
import futures
import wire
from live_page import PageTest, ROWS, SYMBOL

SOURCE = os.path.join(os.environ["CINTA_SOURCE"], "src", "serve", "page")


def texts_of(path, pattern):
    with open(os.path.join(os.environ["CINTA_SOURCE"], path), encoding="utf-8") as file:
        return set(re.findall(pattern, file.read()))


class Files(PageTest):
    """Without a browser."""

    def test_contrast(self):
        """WCAG 2 AA: 4.5 for text, on all backgrounds that a row can have; the two dark themes are the same."""
        with open(os.path.join(SOURCE, "page.css"), encoding="utf-8") as file:
            blocks = [dict(re.findall(r"--([a-z-]+): ([^;]+);", block)) for block in re.findall(r"\{([^{}]*--page: [^{}]*)\}", file.read())]
        light, dark, dark_by_system = blocks
        self.assertEqual(dark, dark_by_system)

        def luminance(color):
            digits = color[1:] if len(color) == 7 else "".join(digit * 2 for digit in color[1:])
            parts = [int(digits[at:at + 2], 16) / 255 for at in (0, 2, 4)]
            linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
            return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

        def contrast(one, other):
            low, high = sorted((luminance(one), luminance(other)))
            return (high + 0.05) / (low + 0.05)

        for theme in (light, dark):
            pairs = [(text, back) for text in ("text", "soft", "up", "down", "bad") for back in ("panel", "hover", "chosen", "up-flash", "down-flash")]
            pairs += [("panel", back) for back in ("good", "warn", "bad")] + [("accent", "panel"), ("warn", "panel")]
            low = {pair: contrast(theme[pair[0]], theme[pair[1]]) for pair in pairs if contrast(theme[pair[0]], theme[pair[1]]) < 4.5}
            self.assertEqual(low, {})

    def test_reasons_are_translated(self):
        """Each text that the feed's state gives as a reason, and each kind of event that the page knows."""
        with open(os.path.join(SOURCE, "reasons.js"), encoding="utf-8") as file:
            reasons = file.read()
        texts = texts_of("src/market/feed_state.c", r'(?:enter|fall_back|hang_up|distrust)\(s,[^;]*?"([^"]+)"\)|why(?:\[\])? = "([^"]+)"')
        texts = {part for pair in texts for text in pair if text for part in text.split(": ")}
        self.assertGreater(len(texts), 10)
        self.assertEqual([text for text in sorted(texts) if f'"{text}":' not in reasons], [])
        kinds = texts_of("src/market/event_kind.c", r'= \{"([a-z_]+)",')
        known = [re.findall(r"(\w+): \"", part) for part in reasons.split("es: {")[:1] + [reasons.split("es: {")[1].split("};")[0]]]
        self.assertEqual(known[0], known[1])
        self.assertLessEqual(set(known[0]), kinds)

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
                           ("page/dygraph.js", "text/javascript"), ("page/icon.svg", "image/svg+xml"), ("favicon.ico", "image/svg+xml")):
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
    def test_table_and_instrument(self):
        self.serve()
        page = self.loaded(self.open())
        with self.subTest("the banner has the mode and its reason"):
            page.until("document.documentElement.dataset.mode === 'streaming'")
            self.assertEqual(page.text("#mode"), "Streaming")
            self.assertTrue(page.text("#reason"))
        with self.subTest("rows in the order of product and maturity, with source and age"):
            page.until(f"{ROWS}.length === {self.one('select count(*) from quotes')}")
            shown = [symbol for symbol in self.symbols(page) if symbol.startswith("DLR/")]
            self.assertLess(shown.index(SYMBOL), shown.index(futures.THIRD))
            row = f"{ROWS}.find(row => row.dataset.symbol === '{SYMBOL}')"
            page.until(f"['rest', 'stream'].includes({row}.querySelector('.source').textContent)")
            page.until(f"/^[0-9.]+ s$/.test({row}.querySelector('.age').textContent)")
        with self.subTest("changes flash"):
            page.until("document.querySelector('.line:not([hidden]) [data-flash^=up], .line:not([hidden]) [data-flash^=down]')")
        with self.subTest("the first stop of Tab goes to the rows"):
            page.press("Tab")
            self.assertEqual(page.run("document.activeElement.className"), "skip")
            page.press("Enter")
            self.assertEqual(page.run("[document.activeElement.id, location.hash, detail.hidden]"), ["grid", "", True])
        with self.subTest("search, by the key / too"):
            page.press("/")
            self.assertEqual(page.run("document.activeElement.id"), "search")
            page.type(f"dlr {futures.MONTH.lower()}")
            page.until(f"{ROWS}.length === 1")
            self.assertEqual(self.symbols(page), [SYMBOL])
            page.run("search.value = 'nothing'; search.dispatchEvent(new Event('input'))")
            page.until("!empty.hidden")
            page.run(f"search.value = 'dlr/{futures.MONTH.lower()}*'; search.dispatchEvent(new Event('input'))")
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
        with self.subTest("the row stays chosen, and the search has its own Escape"):
            self.assertEqual(page.run("document.querySelector('[aria-selected=true]').dataset.symbol"), chosen)
            self.assertEqual(page.run("document.activeElement.id"), "grid")
            page.press("Enter")
            page.until("!detail.hidden")
            page.until(f"document.title.startsWith('{chosen} ') && document.title.endsWith(' · cinta')")
            page.press("/")
            page.press("Escape")
            self.assertEqual(page.run("[search.value, detail.hidden]"), ["", False])
            page.press("Escape")
            self.assertEqual(page.run("document.activeElement.id"), "grid")
            page.press("Escape")
            page.until("detail.hidden")
            page.press("/", ctrl=True)
            self.assertEqual(page.run("document.activeElement.id"), "grid")
            self.assertEqual(page.run("grid.getAttribute('aria-activedescendant')"), page.run("document.querySelector('[aria-selected=true]').id"))
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

    def test_address_opens_the_instrument_with_its_chart(self):
        self.serve()
        self.until_rows(f"select count(*) from bars_1m where symbol = '{SYMBOL}'")
        page = self.open("?lang=en#" + SYMBOL.replace("/", "%2F"))
        page.until("document.querySelector('#chart canvas')")
        self.assertEqual(page.text("#detail-title"), SYMBOL)
        self.assertIn(SYMBOL, page.run("chart.getAttribute('aria-label')"))
        page.run(f"location.hash = '{futures.THIRD.replace('/', '%2F')}'")
        page.until(f"document.querySelector('#detail-title').textContent === '{futures.THIRD}'")
        page.run("history.back()")
        page.until(f"document.querySelector('#detail-title').textContent === '{SYMBOL}'")
        self.assert_sound(page)

    def test_prices_have_the_decimals_of_the_instrument(self):
        """By the broker's reference data; also where the prices seen so far have fewer."""
        whole = r'fault { path = "rest/marketdata/get" kind = "body" body = "{\"status\":\"OK\",\"depth\":1,\"marketData\":{%s}}" }'
        prices = r'\"BI\":[{\"price\":1598,\"size\":7}],\"OF\":[{\"price\":1598.125,\"size\":7}],\"LA\":{\"price\":1598,\"size\":1,\"date\":1}'
        self.serve(stream="enable = false", faults=whole % prices)
        page = self.loaded(self.open("?lang=en"))
        cell = lambda symbol, name: f"{ROWS}.find(row => row.dataset.symbol === {json.dumps(symbol)})?.querySelector('.{name}').textContent"
        for symbol, text in ((SYMBOL, "1,598.0"), ("MERV - XMEV - PESOS - 1D", "1,598.00"), ("MERV - XMEV - AL30 - 24hs", "1,598")):
            with self.subTest(symbol):
                page.until(f"{cell(symbol, 'bid_price')} === '{text}' && {cell(symbol, 'last_price')} === '{text}'")
                page.until(f"{cell(symbol, 'offer_price')} === '1,598.125'")
        page.run(f"location.hash = '{SYMBOL.replace('/', '%2F')}'")
        page.until("document.querySelector('#book tbody .bid:not(.size)')?.textContent === '1,598.0'")
        self.assertEqual(page.text("#book tbody .offer:not(.size)"), "1,598.125")
        page.until("[...document.querySelectorAll('#facts dd')].some(fact => fact.textContent === '1,598.0')")
        page.until(f"document.title === '{SYMBOL} 1,598.0 · cinta'")

    def test_gaps_have_their_reason(self):
        self.serve()
        page = self.open("?lang=en#" + SYMBOL.replace("/", "%2F"))
        page.until("document.querySelector('#chart canvas')")
        self.sim.end()
        page.until("document.documentElement.dataset.mode === 'outage'")
        self.assertIn("no connection", page.text("#reason"))
        reason = self.until(lambda: self.sql("select reason from gaps where symbol = ? and seconds > 1.5", SYMBOL), "a gap")[-1][0]
        page.click("#theme")  # reads the chart again
        text = page.run(f"import('./page/reasons.js').then(reasons => reasons.GAP_REASONS.en.{reason})")
        page.until(f"document.querySelector('#gaps').textContent.includes('now: {text}')")

    def test_spanish_and_phone(self):
        self.serve()
        page = self.loaded(self.open(language="es-AR", width=390, height=780, mobile=True))
        self.assertEqual(page.run("document.documentElement.lang"), "es")
        self.assertEqual(page.run("[...document.querySelectorAll('#head .cell')].map(e => e.textContent)"),
                         ["Símbolo", "Edad", "Compra", "Venta", "Último"])
        self.assertEqual(page.run("document.documentElement.scrollWidth <= innerWidth && grid.scrollWidth <= grid.clientWidth"), True)
        page.run(f"{ROWS}.find(row => row.dataset.symbol === '{SYMBOL}').click()")
        page.until("!detail.hidden && document.activeElement.id === 'close'")
        self.assertEqual(page.run("[document.querySelector('#list').inert, document.querySelector('header').inert]"), [True, True])  # it covers them
        page.click("#close")
        page.until("detail.hidden && !document.querySelector('#list').inert")
        page.click("#language")
        page.until("document.documentElement.lang === 'en'")
        page.click("#columns-button")
        page.click("[name=trade_volume]")
        self.assertEqual(page.run("[...document.querySelectorAll('#head .cell')].map(e => e.textContent)"),
                         ["Symbol", "Age", "Bid", "Offer", "Last", "Volume"])
        self.assertEqual(page.run("localStorage.getItem('cinta-columns')"), None)  # a wide screen has its own
        # All columns, in both languages: no heading is cut.
        for language in ("es", "en"):
            with self.subTest(language):
                page = self.loaded(self.open("?lang=" + language, width=1280))
                page.click("#columns-button")
                page.run("document.querySelectorAll('#column-list input:not(:checked)').forEach(box => box.click())")
                cut = "[...document.querySelectorAll('#head .cell')].filter(e => e.scrollWidth > e.clientWidth).map(e => e.textContent)"
                self.assertEqual(page.run(cut), [])

    def test_numbers_and_times(self):
        self.serve()
        page = self.loaded(self.open("?lang=en"))
        page.run("(async () => { const { makeFormat } = await import('./page/format.js'), { textsOf } = await import('./page/texts.js');"
                 " window.en = makeFormat('en', textsOf('en')); window.es = makeFormat('es', textsOf('es'));"
                 " window.row = (decimals) => ({ decimals, product: { decimals: 3 } }); })()")
        # The 31st of December of 2025 at 23:30 in Argentina, which is another day in UTC.
        late = 1767234600000
        for expression, text in (
            ("en.price(1598.5, 1)", "1,598.5"), ("es.price(1598.5, 1)", "1.598,5"), ("en.price(0, 2)", "0.00"), ("en.price(null, 2)", ""),
            ("en.size(0)", "0"), ("es.size(489303)", "489.303"), ("en.shortSize(12.5)", "12.5"), ("en.shortSize(958318.99)", "958,319"),
            ("en.shortSize(999999.6)", "1.00M"), ("es.shortSize(14660000)", "14,66 M"), ("en.percent(-0.0013)", "-0.13%"), ("en.percent(0)", "0.00%"),
            ("es.percent(0.0038)", "+0,38%"), ("en.priceOf(row(2), 27.5)", "27.50"), ("en.priceOf(row(1), 1598.125)", "1,598.125"),
            ("en.priceOf(row(0), 81025)", "81,025"), ("en.priceOf(row(8), 0.5)", "0.50000000"), ("en.priceOf(row(8), 3e-8)", "0.00000003"),
            ("en.priceOf(row(12), 1)", "1.000000000000"), ("en.priceOf(row(1), 0.1 + 0.2)", "0.30000000"), ("es.priceOf(row(2), 1234567.5)", "1.234.567,50"),
            ("en.priceOf(row(null), 7)", "7.000"), ("en.priceOf(row(null), 7.0625)", "7.0625"), ("en.priceOf(row(2), null)", ""), ("en.age(-5)", "0.0 s"), ("es.age(1234)", "1,2 s"), ("en.age(9960)", "10 s"), ("en.age(150000)", "3 min"),
            ("en.age(7200000)", "2 h"), ("en.age(3 * 86400000)", "3 d"), (f"en.moment({late})", "Dec 31"), (f"es.moment({late})", "31 dic"),
            (f"en.longMoment({late})", "Dec 31, 2025, 23:30:00"), ("en.moment(Date.now()) === en.time(Date.now())", True), ("en.moment(null)", "")):
            with self.subTest(expression):
                value = page.run(expression)
                self.assertEqual(value.replace("\u00a0", " ") if isinstance(value, str) else value, text)
        page.run("(async () => { const quotes = await import('./page/quotes.js'); window.filter = quotes.makeFilter;"
                 " window.decimals = (await import('./page/format.js')).decimalsOf; })()")
        for text, symbol, found in (("dlr dic", "DLR/DIC26", True), ("DLR/D*6", "DLR/DIC26", True), ("d*r/*c2", "DLR/DIC26", True), ("6*D", "DLR/DIC26", False),
                                    ("*", "A", True), (".", "A", False), ("[(", "A[(", True), ("  ", "A", True), ("a" + "*a" * 30 + "b", "a" * 60, False)):
            self.assertEqual(page.run(f"filter({json.dumps(text)})({json.dumps(symbol)})"), found, text)
        self.assertEqual(page.run("[1598, 1598.5, 0.00012345, 1e-7, 1e21, 1.00000001].map(decimals)"), [0, 1, 8, 8, 0, 4])

    def test_reduced_motion(self):
        self.serve()
        page = self.loaded(self.open("?lang=en"))
        page.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-reduced-motion", "value": "reduce"}])
        cell = "document.querySelector('.line:not([hidden]) [data-flash^=up]')"
        style = page.until(f"{cell} && [getComputedStyle({cell}).animationName, getComputedStyle({cell}).backgroundColor]")
        self.assertEqual(style[0], "none")
        self.assertNotIn(style[1], ("rgba(0, 0, 0, 0)", "rgb(255, 255, 255)"))

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
