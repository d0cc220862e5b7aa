"""The service with its live page, and the page in headless Chromium, for the tests of it."""
import browser
import futures
import wire

SYMBOL = futures.SECOND
ROWS = "[...document.querySelectorAll('.line:not([hidden])')]"


class PageTest(wire.WireTest):
    def serve(self, *sim, token="", stream="enable = true  stale = 5", poll="interval = 0.2  rate = 200",
              broker="timeout = 5", faults=None):
        self.start_sim("--rate", "100", *sim, faults=faults)
        self.configure(serve=f'listen = "127.0.0.1:0" token = "{token}"', stream=stream, poll=poll, broker=broker)
        self.start_run()
        self.api = self.service.wait_line("local API", "address=").split("address=")[1].split()[0].strip('"')
        self.until_rows(f"select count(*) from quotes where symbol = '{SYMBOL}' and last_price is not null")

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

    def assert_sound(self, page):
        """No error was reported, nothing was asked of another host, and everything has a name for screen readers."""
        self.assertEqual(page.problems(), [])
        self.assertEqual([url for url in page.requests() if not url.startswith((self.api, "data:", "about:"))], [])
        unnamed = ("[...document.querySelectorAll('button, input, [role=grid], #chart')].filter(e => !e.textContent.trim()"
                   " && !e.getAttribute('aria-label') && !e.closest('label') && e.checkVisibility()).map(e => e.outerHTML)")
        self.assertEqual(page.run(unnamed), [])
