"""A web server on loopback that misbehaves on purpose: each path answers exactly the bytes it is given.

    with FaultServer({"/a": reply(200, b"hello"), "/b": [RESET, reply(200)], "/c": some_function}) as server:
        server.url("/a"), server.asked, server.connections

An answer is bytes, a function that talks on the socket, or a list of these: one for each time it is asked,
the last again and again. The connection stays open after bytes and closes after a function. robots.txt is
404 unless it is among the paths. `greeting` is sent to whoever connects, before anything is asked.
"""

from __future__ import annotations

import socket
import ssl
import struct
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Self

Talk = Callable[["FaultServer", socket.socket], None]
Answer = bytes | Talk | Sequence[bytes | Talk]


def reply(status: int = 200, body: bytes = b"", *headers: str, length: int | None = None) -> bytes:
    """Return a whole response; `length` lies about the length of the body."""
    lines = [
        f"HTTP/1.1 {status} Told",
        f"Content-Length: {len(body) if length is None else length}",
        *headers,
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def redirect(target: str, status: int = 302) -> bytes:
    return reply(status, b"", f"Location: {target}")


def then_close(data: bytes) -> Talk:
    """Send the bytes and end the connection."""
    return lambda _, sock: sock.sendall(data)


def then_hang(data: bytes) -> Talk:
    """Send the bytes and nothing more, until the server stops."""

    def talk(server: FaultServer, sock: socket.socket) -> None:
        sock.sendall(data)
        server.stopping.wait()

    return talk


def drip(start: bytes, again: bytes, pause: float = 0.01) -> Talk:
    """Send `start`, then `again` and again, with pauses, for ever."""

    def talk(server: FaultServer, sock: socket.socket) -> None:
        sock.sendall(start)
        while not server.stopping.wait(pause):
            sock.sendall(again)

    return talk


def flood(start: bytes, again: bytes) -> Talk:
    """Send `start`, then `again` without end."""
    return drip(start, again, pause=0)


def RESET(server: FaultServer, sock: socket.socket) -> None:
    """End the connection with RST."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def EMPTY(server: FaultServer, sock: socket.socket) -> None:
    """End the connection without a byte."""


class FaultServer:
    """One listening socket; `asked` holds the paths in order, `requests` the whole bytes."""

    def __init__(
        self, answers: Mapping[str, Answer], tls: ssl.SSLContext | None = None, greeting: bytes = b""
    ) -> None:
        self.answers = dict(answers)
        self.asked: list[str] = []
        self.requests: list[bytes] = []
        self.connections = 0
        self.in_flight = 0
        self.most_in_flight = 0
        self.stopping = threading.Event()
        self._tls = tls
        self._greeting = greeting
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._threads = [threading.Thread(target=self._accept)]

    def url(self, path: str = "/", host: str = "127.0.0.1") -> str:
        return f"{'https' if self._tls else 'http'}://{host}:{self.port}{path}"

    @property
    def pages_asked(self) -> list[str]:
        """The paths asked for, robots.txt aside."""
        return [path for path in self.asked if path != "/robots.txt"]

    def __enter__(self) -> Self:
        self._threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        socket.create_connection(("127.0.0.1", self.port)).close()  # wakes accept()
        self._threads[0].join()
        with self._lock:
            for sock in self._open:
                with suppress(OSError):  # it may just have gone
                    sock.shutdown(socket.SHUT_RDWR)
        for thread in self._threads[1:]:
            thread.join()
        self._listener.close()

    def _accept(self) -> None:
        while True:
            sock, _ = self._listener.accept()
            if self.stopping.is_set():
                sock.close()
                return
            self.connections += 1
            self._threads.append(threading.Thread(target=self._serve, args=(sock,)))
            self._threads[-1].start()

    def _serve(self, plain: socket.socket) -> None:
        with self._lock:
            self._open.add(plain)
        # That the client hangs up is what many of these tests are about.
        with plain, suppress(OSError), self._secured(plain) as sock:
            sock.sendall(self._greeting)
            while self._converse(sock):
                pass
        with self._lock:
            self._open.discard(plain)

    def _secured(self, plain: socket.socket) -> socket.socket:
        return self._tls.wrap_socket(plain.dup(), server_side=True) if self._tls else plain

    def _converse(self, sock: socket.socket) -> bool:
        """Answer one request; tell whether the connection goes on."""
        request = _read_request(sock)
        if not request:
            return False
        path = request.split(b" ")[1].decode()
        with self._lock:
            self.requests.append(request)
            self.asked.append(path)
            self.in_flight += 1
            self.most_in_flight = max(self.most_in_flight, self.in_flight)
            answer = self._answer(path)
        if isinstance(answer, bytes):
            with self._lock:  # before it is sent: the next request may come before this thread goes on
                self.in_flight -= 1
            sock.sendall(answer)
            return True
        try:
            answer(self, sock)
        finally:
            with self._lock:
                self.in_flight -= 1
        return False

    def _answer(self, path: str) -> bytes | Talk:
        answer = self.answers.get(path, reply(404, b"not here"))
        if isinstance(answer, bytes) or callable(answer):
            return answer
        return answer[min(self.asked.count(path), len(answer)) - 1]


def _read_request(sock: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        more = sock.recv(65536)
        if not more:
            return b""
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    length = next(
        (int(line[15:]) for line in head.split(b"\r\n") if line[:15].lower() == b"content-length:"), 0
    )
    while len(body) < length:
        body += sock.recv(65536)
    return head + b"\r\n\r\n" + body
