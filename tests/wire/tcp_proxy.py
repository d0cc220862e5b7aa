"""A network that a test can cut."""
import contextlib
import socket
import threading

TO_SERVER, TO_CLIENT = "to the server", "to the client"


class TcpProxy:
    """Passes connections on to 127.0.0.1:port. What arrives while it is cut is delivered when it is healed, as TCP does
    after an outage of the network, unless refuse() closes the connections first. Close it at the end."""

    def __init__(self, port):
        self.target = ("127.0.0.1", port)
        self.passable = {TO_SERVER: threading.Event(), TO_CLIENT: threading.Event()}
        self.refuses = False
        self.lock = threading.Lock()  # of the members below
        self.sockets, self.threads = [], []
        self.heal()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self._start(self._accept)

    @property
    def url(self):
        return f"nats://127.0.0.1:{self.port}"

    def heal(self):
        self.refuses = False
        for event in self.passable.values():
            event.set()

    def cut(self, *directions):
        """Nothing passes any more; neither end gets an error."""
        for direction in directions or self.passable:
            self.passable[direction].clear()

    def refuse(self):
        """Closes all connections, and from now on each new one."""
        with self.lock:
            self.refuses = True
            for each in self.sockets:
                with contextlib.suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.refuse()
        for event in self.passable.values():
            event.set()
        for thread in self.threads:
            thread.join()
        for each in [self.listener, *self.sockets]:
            each.close()

    def _start(self, function, *arguments):
        thread = threading.Thread(target=function, args=arguments)
        self.threads.append(thread)
        thread.start()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                self._connect(self.listener.accept()[0])

    def _connect(self, client):
        server = socket.socket()
        with self.lock:
            self.sockets += [client, server]
            refuses = self.refuses or server.connect_ex(self.target) != 0
        if refuses:
            client.close()
            return
        self._start(self._forward, client, server, self.passable[TO_SERVER])
        self._start(self._forward, server, client, self.passable[TO_CLIENT])

    def _forward(self, source, sink, passable):
        data = True
        with contextlib.suppress(OSError):
            while data:
                data = source.recv(65536)
                passable.wait()
                sink.sendall(data)
        for each in (source, sink):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
