"""Drives headless Chromium by its DevTools protocol, over the pipe that --remote-debugging-pipe uses: no port, no
package beside Debian's `chromium`. A Page evaluates JavaScript, waits for conditions, presses keys and takes pictures.
"""
import base64
import json
import os
import select
import shutil
import subprocess
import tempfile
import time

PROGRAM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
PATIENCE_S = 60  # a browser starts slowly on a busy machine


class Browser:
    def __init__(self, language="en-US"):
        self.folder = tempfile.mkdtemp(prefix="cinta-browser-")
        to_read, self.to = os.pipe()
        self.out, out_write = os.pipe()
        script = f'exec 3<&{to_read} 4>&{out_write}; exec "$0" "$@"'
        self.child = subprocess.Popen(
            ["bash", "-c", script, PROGRAM, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
             "--disable-dev-shm-usage", "--remote-debugging-pipe", f"--lang={language}", f"--accept-lang={language}",
             f"--user-data-dir={self.folder}", "about:blank"],
            pass_fds=(to_read, out_write), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env={**os.environ, "LANGUAGE": language.replace("-", "_"), "HOME": self.folder})
        os.close(to_read)
        os.close(out_write)
        self.number = 0
        self.buffer = b""
        self.events = []

    def _message(self, deadline):
        while b"\0" not in self.buffer:
            ready, _, _ = select.select([self.out], [], [], max(0, deadline - time.monotonic()))
            piece = os.read(self.out, 1 << 16) if ready else b""
            if not piece:
                raise AssertionError("the browser does not answer" if not ready else "the browser ended")
            self.buffer += piece
        text, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(text)

    def call(self, method, session=None, **params):
        self.number += 1
        request = {"id": self.number, "method": method, "params": params, **({"sessionId": session} if session else {})}
        os.write(self.to, json.dumps(request).encode() + b"\0")
        deadline = time.monotonic() + PATIENCE_S
        while True:
            message = self._message(deadline)
            if message.get("id") == self.number:
                if "error" in message:
                    raise AssertionError(f"{method}: {message['error']}")
                return message["result"]
            self.events.append(message)

    def close(self):
        try:
            self.call("Browser.close")
        except (AssertionError, OSError):
            self.child.kill()
        self.child.wait(PATIENCE_S)
        os.close(self.to)
        os.close(self.out)
        shutil.rmtree(self.folder, ignore_errors=True)


class Page:
    def __init__(self, browser, url, width=1280, height=800, dark=False, mobile=False):
        self.browser = browser
        target = browser.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = browser.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(domain + ".enable")
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, mobile=mobile,
                  deviceScaleFactor=2 if mobile else 1)
        self.call("Emulation.setEmulatedMedia",
                  features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])
        self.go(url)

    def call(self, method, **params):
        return self.browser.call(method, self.session, **params)

    def go(self, url):
        self.call("Page.navigate", url=url)

    def run(self, expression):
        result = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in result:
            raise AssertionError(f"{expression}: {result['exceptionDetails']}")
        return result["result"].get("value")

    def until(self, expression, patience=PATIENCE_S):
        """Waits until the expression is true, at the pace of the page's frames, and returns its value."""
        deadline = time.monotonic() + patience
        while True:
            value = self.run("(() => { try { const value = %s; return value instanceof Node || value; } catch { return null; } })()" %
                             expression)
            if value:
                return value
            if time.monotonic() > deadline:
                raise AssertionError(f"not within {patience} s: {expression}\n" + self.run("document.body.innerText"))
            time.sleep(0.05)

    def text(self, selector):
        return self.run(f"document.querySelector({json.dumps(selector)}).textContent")

    def click(self, selector):
        self.run(f"document.querySelector({json.dumps(selector)}).click()")

    def press(self, key, ctrl=False):
        codes = {"Enter": 13, "Escape": 27, "ArrowDown": 40, "ArrowUp": 38, "Home": 36, "End": 35, "PageDown": 34, "Tab": 9}
        code = codes.get(key, ord(key[0]))
        text = {} if ctrl else {"text": key} if len(key) == 1 else {"text": "\r"} if key == "Enter" else {}
        for kind in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=key, windowsVirtualKeyCode=code,
                      modifiers=2 if ctrl else 0, **(text if kind == "keyDown" else {}))

    def type(self, text):
        self.call("Input.insertText", text=text)

    def problems(self):
        """What the browser reported so far: exceptions, errors of the console, refused and failed requests."""
        self.run("0")  # so that what was sent before is here
        found = []
        for event in self.browser.events:
            params = event.get("params", {})
            if event["method"] == "Runtime.exceptionThrown":
                found.append(params["exceptionDetails"].get("exception", {}).get("description", str(params)))
            elif event["method"] == "Log.entryAdded" and params["entry"]["level"] == "error":
                found.append(f"{params['entry']['text']} {params['entry'].get('url', '')}")
            elif event["method"] == "Runtime.consoleAPICalled" and params["type"] in ("error", "assert"):
                found.append(str(params["args"]))
        return found

    def requests(self):
        """The URLs that the page has asked for."""
        self.run("0")
        return [event["params"]["request"]["url"] for event in self.browser.events
                if event["method"] == "Network.requestWillBeSent"]

    def picture(self, path):
        data = self.call("Page.captureScreenshot", format="png")["data"]
        with open(path, "wb") as file:
            file.write(base64.b64decode(data))
