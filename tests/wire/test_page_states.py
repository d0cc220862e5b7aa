"""The live page when something is missing: the broker, the service, the token, the browser's memory, instruments."""
import json
import signal
import unittest
import urllib.parse

import browser
import odd_broker
import wire
from live_page import PageTest, ROWS, SYMBOL


@unittest.skipUnless(browser.PROGRAM, "chromium is not installed")
class States(PageTest):
    def restart(self):
        """The service, at the same address."""
        self.stop_run()
        self.change('listen = "127.0.0.1:0"', f'listen = "{urllib.parse.urlparse(self.api).netloc}"')
        self.start_run().wait_line("local API")

    def change(self, old, new):
        with open(self.conf_path, encoding="utf-8") as file:
            text = file.read()
        self.write("cinta.conf", text.replace(old, new))

    def before_scripts(self, page, script):
        """The page is opened again, with this script before its own."""
        page.call("Page.addScriptToEvaluateOnNewDocument", source=script)
        page.go(self.api + "?lang=en")
        return self.loaded(page)

    def test_stale_stream_and_a_lost_service(self):
        # No poll is answered, so that no comparison with REST ends the mute stream before its silence does.
        self.serve(stream="enable = true  batch = 5  ping = 1  stale = 3", poll="interval = 0.2  rate = 200  in_flight = 1",
                   broker="timeout = 100", faults='fault { path = "rest/marketdata/get" kind = "hang" }')
        page = self.loaded(self.open())
        page.until("document.documentElement.dataset.mode === 'streaming'")
        self.until(lambda: self.stats()["faults"], "a poll that is not answered")
        # Such a stream is replaced soon: notes the modes that the page has shown.
        page.run("""window.shown = new Set(); new MutationObserver(() => shown.add(mode.textContent))
                    .observe(mode, { childList: true, characterData: true, subtree: true })""")
        self.post("sim/stream?kind=mute")
        page.until("shown.has('Stale')")
        self.stop_run()
        page.until("document.documentElement.dataset.mode === 'offline'")
        self.assertEqual(page.text("#mode"), "Not connected")

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

    def test_the_token_cannot_be_dismissed(self):
        self.serve(token="a-token")
        page = self.open("?lang=en")
        page.until("document.querySelector('#token').open")
        self.assertEqual((page.text("#mode"), page.run("document.title")), ("Token required", "⚠ Token required · cinta"))
        page.run("window.dismissed = 0; document.querySelector('#token').addEventListener('close', () => dismissed++)")
        page.press("Escape")
        page.until("dismissed && document.querySelector('#token').open")

    def test_instruments_that_are_not_recorded_any_more(self):
        self.serve()
        page = self.loaded(self.open("?lang=en"))
        page.until(f"{ROWS}.length === {self.one('select count(*) from quotes')}")
        page.run(f"{ROWS}.find(row => row.dataset.symbol === 'I.RFX20').click()")
        page.until("!detail.hidden")
        self.change('match = {"*"}', 'match = {"DLR/*"}')
        self.service.kill(signal.SIGHUP)
        page.until(f"{ROWS}.every(row => row.dataset.symbol.startsWith('DLR/'))")
        self.assertEqual(page.text("#detail-note"), "Not recorded any more.")
        self.assertEqual(page.text("#detail-title"), "I.RFX20")
        self.change('match = {"DLR/*"}', 'match = {"*"}')
        self.service.kill(signal.SIGHUP)
        page.until(f"{ROWS}.some(row => row.dataset.symbol === 'I.RFX20') && !document.querySelector('#detail-note').textContent")
        futures = [symbol for symbol in self.symbols(page) if symbol.startswith("DLR/")]
        self.assertEqual(self.symbols(page)[:len(futures)], futures)  # in order again

    def test_a_restart_underneath(self):
        """Rows stay, and are replaced when the new service has sent its own; instruments that it does not record go."""
        self.serve("--instruments", "200")
        page = self.open("?lang=en")
        page.until("parseInt(document.querySelector('#count').textContent) > 150")
        page.run("grid.scrollTop = 1200; window.mark = 1")
        self.stop_run()
        page.until("document.documentElement.dataset.mode === 'offline'")
        self.assertEqual(page.text("#mode"), "Not connected")
        self.assertTrue(page.run("document.title").startswith("⚠ Not connected"))
        self.assertGreater(page.run(f"{ROWS}.length"), 5)
        self.assertLess(page.run("parseFloat(getComputedStyle(body).opacity)"), 1)
        self.change('match = {"*"}', 'match = {"DLR/*", "MERV*"}')
        self.change('listen = "127.0.0.1:0"', f'listen = "{urllib.parse.urlparse(self.api).netloc}"')
        self.start_run().wait_line("local API")
        page.until("document.documentElement.dataset.mode === 'streaming'")
        count = self.until(lambda: self.one("select count(*) from quotes where recorded"), "quotes of the new service")
        page.until(f"parseInt(document.querySelector('#count').textContent) === {count}")
        self.assertEqual(page.run("window.mark"), 1)  # the page was not loaded again
        self.assertEqual(page.run("parseFloat(getComputedStyle(body).opacity)"), 1)

    def test_a_restart_keeps_the_place(self):
        self.serve("--instruments", "200")
        page = self.open("?lang=en")
        page.until("parseInt(document.querySelector('#count').textContent) > 150")
        page.run("grid.scrollTop = 1200; window.modes = []; new MutationObserver(() => modes.push(document.documentElement.dataset.mode))"
                 ".observe(document.documentElement, { attributeFilter: ['data-mode'] })")
        self.restart()
        page.until("modes.includes('offline') && modes.at(-1) === 'streaming'")
        self.assertEqual(page.run("grid.scrollTop"), 1200)

    def test_a_connection_that_is_dead_without_an_end(self):
        """As after the machine slept: the clock is far ahead of the last sign of life."""
        self.serve()
        page = self.loaded(self.open("?lang=en"))
        connections = lambda: sum("/events" in url for url in page.requests())
        self.assertEqual(connections(), 1)
        self.service.kill(signal.SIGSTOP)  # its sockets stay open
        page.run("const now = Date.now; Date.now = () => now() + 120000")
        self.until(lambda: connections() >= 2, "a second connection")
        page.run("Date.now = now")
        self.service.kill(signal.SIGCONT)
        page.until("document.documentElement.dataset.mode === 'streaming'")

    def test_the_first_start_without_a_broker(self):
        self.start_sim()
        self.sim.end()
        self.configure(serve='listen = "127.0.0.1:0"')
        self.api = self.start_run().wait_line("local API", "address=").split("address=")[1].split()[0].strip('"')
        page = self.open("?lang=en#NONE%2FDIC26")
        page.until("document.querySelector('#reason').textContent.includes('the login failed: no connection')")
        page.until("!document.querySelector('#empty').hidden && document.querySelector('#empty').textContent === 'No instruments are recorded yet.'")
        page.until("document.querySelector('#detail-note').textContent === 'There is no quote of this instrument.'")
        page.click("#language")
        page.until("document.querySelector('#reason').textContent.includes('falló el login: sin conexión')")
        self.assertEqual(page.problems(), [])

    def test_a_browser_that_keeps_nothing(self):
        self.serve()
        page = self.before_scripts(self.open("healthz"), "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('denied'); } })")
        self.assertEqual(page.run("(() => { try { return localStorage; } catch { return 'denied'; } })()"), "denied")
        for scheme in ("light", "dark"):
            page.click("#theme")
            self.assertEqual(page.run("document.documentElement.dataset.theme"), scheme)
        page.click("#columns-button")
        page.click("[name=open_price]")
        page.press("Escape")
        page.click("#columns-button")
        self.assertEqual(page.run("document.querySelector('[name=open_price]').checked"), True)
        page.click("#language")
        self.assertTrue(page.run("document.querySelector('#head .open_price') !== null"))
        self.assert_sound(page)

    def test_a_browser_with_choices_of_another_version(self):
        self.serve()
        page = self.open("healthz")
        page.run("for (const name of ['columns', 'columns-phone', 'theme', 'language', 'token']) localStorage.setItem('cinta-' + name, name === 'theme' ? '\"red\"' : '7')")
        page.go(self.api)
        self.loaded(page)
        self.assertEqual(page.run("document.querySelectorAll('#head .cell').length"), 11)
        self.assertNotIn("undefined", page.text("#theme"))
        self.assert_sound(page)

    def test_old_quotes_are_no_fault_outside_of_the_session(self):
        self.start_sim()
        self.configure(serve='listen = "127.0.0.1:0"', stream="enable = false  stale = 5", session=wire.closed_session())
        self.api = self.start_run().wait_line("local API", "address=").split("address=")[1].split()[0].strip('"')
        page = self.loaded(self.open("?lang=en"))
        page.until("document.querySelector('#reason').textContent.includes('outside the session')")
        page.until(f"{ROWS}.some(row => parseFloat(row.querySelector('.age').textContent) > 6)")
        self.assertEqual(page.run("document.querySelectorAll('.line.old').length"), 0)

    def test_old_quotes_of_a_closed_segment_are_no_fault(self):
        self.start_sim()
        self.configure(serve='listen = "127.0.0.1:0"', stream="enable = false  stale = 5", session='hours = "00:00-24:00" days = "Mon-Sun" holidays = {}')
        with open(self.conf_path, encoding="utf-8") as file:
            text = file.read()
        self.write("cinta.conf", text + f'segment "MERV" {{ days = "{wire.not_today()}" }}\n')
        self.api = self.start_run().wait_line("local API", "address=").split("address=")[1].split()[0].strip('"')
        page = self.loaded(self.open("?lang=en"))
        old = f"{ROWS}.filter(row => parseFloat(row.querySelector('.age').textContent) > 6).map(row => row.dataset.symbol)"
        page.until(f"{old}.length > 0")
        self.assertTrue(all(symbol.startswith("MERV") for symbol in page.run(old)))
        self.assertEqual(page.run("document.querySelectorAll('.line.old').length"), 0)
        self.assertNotIn("outside the session", page.text("#reason"))

    def test_odd_symbols_and_values(self):
        self.configure(url=odd_broker.start(self), serve='listen = "127.0.0.1:0"')
        self.api = self.start_run().wait_line("local API", "address=").split("address=")[1].split()[0].strip('"')
        self.until_rows("select count(*) from quotes", at_least=len(odd_broker.SYMBOLS))
        page = self.open("?lang=en")
        page.until(f"{ROWS}.length === {len(odd_broker.SYMBOLS)}")
        self.assertEqual(set(self.symbols(page)), set(odd_broker.SYMBOLS))
        for symbol in odd_broker.SYMBOLS:
            with self.subTest(symbol):
                page.run(f"location.hash = encodeURIComponent({json.dumps(symbol)})")
                page.until(f"document.querySelector('#detail-title').textContent === {json.dumps(symbol)}")
                page.until("document.querySelector('#chart canvas') || document.querySelector('#chart-note').textContent === 'No trades today'")
                self.assertIn(symbol, page.run("document.title"))
                page.run(f"search.value = {json.dumps(symbol)}; search.dispatchEvent(new Event('input'))")
                page.until(f"{ROWS}.some(row => row.dataset.symbol === {json.dumps(symbol)})")
        page.run("search.value = ''; search.dispatchEvent(new Event('input'))")
        cell = lambda symbol, column: page.run(f"{ROWS}.find(row => row.dataset.symbol === {json.dumps(symbol)}).querySelector('.{column}').textContent")
        self.assertEqual(cell(odd_broker.MARKUP, "bid_price"), "0")
        self.assertEqual(cell(odd_broker.MARKUP, "offer_price"), "")
        self.assertEqual(cell(odd_broker.ROCKET, "bid_price"), "123,456,789,012.500")
        self.assertEqual(page.run("document.querySelectorAll('img, #body b, #detail b').length"), 0)
        self.assertEqual(page.run("typeof window.broken"), "undefined")
        self.assert_sound(page)


if __name__ == "__main__":
    wire.main()
