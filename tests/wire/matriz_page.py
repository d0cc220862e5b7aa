"""What the page of the browser terminal does, over plain sockets: cookies, login, handshake, topics.

Independent of cinta's own client: urllib for HTTP, ws_client for the socket.
"""
import http.client
import json
import urllib.parse

import ws_client


class Page:
    """A browser with one page of the terminal. It keeps cookies, the profile and the last answer."""

    def __init__(self, url):
        self.url = url
        self.host = urllib.parse.urlparse(url).netloc
        self.origin = "http://" + self.host
        self.cookies = {}
        self.profile = {}

    def ask(self, path, headers=None, body=None):
        """Returns the status; `answer`, `head` and `body` are of the answer. Redirects are not followed."""
        connection = http.client.HTTPConnection(self.host, timeout=30)
        sent = {"Cookie": self.cookie_header(), **(headers or {})}
        connection.request("GET" if body is None else "POST", "/" + path, body=body,
                           headers={name: value for name, value in sent.items() if value})
        answer = connection.getresponse()
        self.head, self.body = answer.headers, answer.read()
        connection.close()
        for line in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = line.partition(";")[0].partition("=")
            self.cookies[name] = value
        return answer.status

    def cookie_header(self):
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())

    def read_profile(self):
        status = self.ask("api/v2/profile?_ds=1795096978117-123456")
        self.profile = json.loads(self.body) if status == 200 else {}
        return self.profile

    def post_login(self, user="alice", password="s3cret-pass", csrf=None, origin=None):
        headers = {"X-CSRF-TOKEN": self.profile.get("csrfToken", "") if csrf is None else csrf,
                   "Origin": self.origin if origin is None else origin,
                   "Referer": self.origin + "/", "Content-Type": "application/json"}
        return self.ask("auth/login", headers, json.dumps({"username": user, "password": password}))

    def log_in(self):
        self.read_profile()
        assert self.post_login() == 200, self.body
        return self.read_profile()

    def query(self):
        return urllib.parse.urlencode({"session_id": self.profile.get("sessionId", ""),
                                       "conn_id": self.profile.get("connectionId", "")})

    def connect(self, query=None, origin=None, cookies=None, path="/ws"):
        """A ws_client.Client; its `status` is 101 if the handshake was accepted."""
        headers = []
        origin = self.origin if origin is None else origin
        cookies = self.cookie_header() if cookies is None else cookies
        if origin:
            headers.append("Origin: " + origin)
        if cookies:
            headers.append("Cookie: " + cookies)
        query = self.query() if query is None else query
        return ws_client.Client(self.url, f"{path}?{query}", headers)


def lines_of(text):
    """The lines in a message: one, or an array of them."""
    return json.loads(text) if text.startswith("[") else [text]


class Lines:
    """An open socket, of which the lines are read one by one; other messages are kept in `others`."""

    def __init__(self, client):
        self.client = client
        self.waiting = []
        self.others = []
        self.arrays = 0

    def subscribe(self, *ids, kind="md", **more):
        self.client.send(json.dumps({"_req": "S", "topicType": kind, "topics": [f"{kind}.{i}" for i in ids], **more}))

    def next(self):
        while not self.waiting:
            text = self.client.text()
            if text in ("ping", "pong", "[]") or text.startswith("X:"):
                self.others.append(text)
            else:
                self.arrays += text.startswith("[")
                self.waiting = lines_of(text)
        return self.waiting.pop(0)

    def until(self, wanted):
        """The first line for which wanted(line) is true."""
        while True:
            line = self.next()
            if wanted(line):
                return line

    def until_other(self, text):
        while text not in self.others:
            received = self.client.text()
            if received in ("ping", "pong", "[]") or received.startswith("X:"):
                self.others.append(received)
