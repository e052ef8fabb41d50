"""A proxy in front of a server, which a test can cut, or stop right behind a commit."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import make_url

CHUNK = 65536
LONGEST_MARK = 200


class TcpProxy:
    """Passes on what comes to ``port``; ``cut`` ends all connections and lets none in."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._links: set[_Link] = set()
        self._lock = threading.Lock()
        self._mark: bytes | None = None
        self._is_cut = False
        self.held = threading.Event()
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """The server is away: no word of it, no new connection."""
        with self._lock:
            self._is_cut = True
            links = list(self._links)
        for link in links:
            link.end()

    def mend(self) -> None:
        self._is_cut = False

    def hold_commit_of(self, mark: bytes) -> None:
        """Let the next transaction that has sent ``mark`` commit, and nobody hear of it.

        ``held`` is set once the COMMIT is on its way to the server.
        """
        self.held.clear()
        self._mark = mark

    def let_go(self) -> None:
        self._mark = None

    def close(self) -> None:
        self.cut()
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            if self._is_cut:
                _reset(client)
                continue
            try:
                server = socket.create_connection(self._target, timeout=5)
            except OSError:
                _reset(client)
                continue
            server.settimeout(None)
            link = _Link(self, client, server)
            with self._lock:
                self._links.add(link)
            link.start()

    def is_marked(self, sent: bytes) -> bool:
        return self._mark is not None and self._mark in sent

    def forget(self, link: _Link) -> None:
        with self._lock:
            self._links.discard(link)


class _Link:
    """One connection through the proxy."""

    def __init__(self, proxy: TcpProxy, client: socket.socket, server: socket.socket) -> None:
        self._proxy = proxy
        self._client = client
        self._server = server
        self._withheld = threading.Event()

    def start(self) -> None:
        threading.Thread(target=self._to_server, daemon=True).start()
        threading.Thread(target=self._to_client, daemon=True).start()

    def end(self) -> None:
        _reset(self._client)
        _reset(self._server)
        self._proxy.forget(self)

    def _to_server(self) -> None:
        tail, marked = b"", False
        with contextlib.suppress(OSError):
            while chunk := self._client.recv(CHUNK):
                sent = tail + chunk
                tail = sent[-LONGEST_MARK:]
                marked = marked or self._proxy.is_marked(sent)
                if marked and b"COMMIT" in chunk:
                    self._withheld.set()
                    self._server.sendall(chunk)
                    self._proxy.let_go()
                    self._proxy.held.set()
                    continue
                self._server.sendall(chunk)
        self.end()

    def _to_client(self) -> None:
        with contextlib.suppress(OSError):
            while chunk := self._server.recv(CHUNK):
                if not self._withheld.is_set():
                    self._client.sendall(chunk)
        self.end()


def _reset(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()


@contextmanager
def in_front_of(url: str) -> Iterator[tuple[TcpProxy, str]]:
    """A proxy in front of a database, and the URL that leads through it."""
    parsed = make_url(url)
    proxy = TcpProxy(parsed.host or "127.0.0.1", parsed.port or 5432)
    through = parsed.set(host="127.0.0.1", port=proxy.port).update_query_dict(
        {"sslmode": "disable"}
    )
    try:
        yield proxy, through.render_as_string(hide_password=False)
    finally:
        proxy.close()
