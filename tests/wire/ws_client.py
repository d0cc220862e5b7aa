"""A minimal WebSocket client that gives access to the frames a server sends."""
import base64
import os
import socket
import struct
import urllib.parse


class Client:
    """Connects, unless a connection is given, and does the handshake; `status` and `head` are those of the answer."""

    def __init__(self, url, path="/", headers=(), timeout=20, connection=None):
        address = urllib.parse.urlparse(url)
        self.socket = connection or socket.create_connection((address.hostname, address.port), timeout=timeout)
        key = base64.b64encode(os.urandom(16)).decode()
        lines = [f"GET {path} HTTP/1.1", f"Host: {address.netloc}", "Upgrade: websocket", "Connection: Upgrade",
                 f"Sec-WebSocket-Key: {key}", "Sec-WebSocket-Version: 13", *headers]
        self.socket.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        self.buffered = b""
        while b"\r\n\r\n" not in self.buffered:
            if not self._more():
                break
        self.head, _, self.buffered = self.buffered.partition(b"\r\n\r\n")
        self.status = int(self.head.split()[1]) if self.head else 0

    def _more(self):
        data = self.socket.recv(65536)
        self.buffered += data
        return data

    def _take(self, count):
        while len(self.buffered) < count:
            if not self._more():
                raise ConnectionError("closed")
        taken, self.buffered = self.buffered[:count], self.buffered[count:]
        return taken

    def frame(self):
        """(first byte, payload) of the next frame."""
        first, second = self._take(2)
        length = second & 0x7f
        if length == 126:
            length = struct.unpack(">H", self._take(2))[0]
        elif length == 127:
            length = struct.unpack(">Q", self._take(8))[0]
        self.masked = bool(second & 0x80)
        if self.masked:
            self._take(4)
        return first, self._take(length)

    def text(self):
        """The next text message; other frames are skipped."""
        while True:
            first, payload = self.frame()
            if first == 0x81:
                return payload.decode()

    def send(self, text, opcode=1):
        data = text if isinstance(text, bytes) else text.encode()
        head = bytes([0x80 | opcode])
        if len(data) < 126:
            head += bytes([0x80 | len(data)])
        elif len(data) < 65536:
            head += b"\xfe" + struct.pack(">H", len(data))
        else:
            head += b"\xff" + struct.pack(">Q", len(data))
        self.socket.sendall(head + b"\0\0\0\0" + data)

    def close(self):
        self.socket.close()
