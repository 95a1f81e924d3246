"""Three HTTP/1.1 servers on loopback: a function from Request to Reply, spoken over sockets.

The only module of the campus that does network I/O; it listens on 127.0.0.1 and nowhere else.
"""

from __future__ import annotations

import gzip
import hashlib
import sys
from collections.abc import Callable, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import TracebackType
from urllib.parse import parse_qsl, urlsplit

from scraper.demo.reply import Reply, Request

HOST = "127.0.0.1"
Respond = Callable[[Request, str], Reply]


class Server(ThreadingHTTPServer):
    """Serves one site in a thread; `serves` names what it offers beyond plain answers: `etag`, `gzip`."""

    def __init__(self, port: int, respond: Respond, serves: Sequence[str]) -> None:
        super().__init__((HOST, port), _Connection)
        self.respond = respond
        self.serves = serves
        self.base = f"http://{HOST}:{self.server_port}"
        self._thread = Thread(target=self.serve_forever, args=(0.01,), name=self.base, daemon=True)

    def __enter__(self) -> Server:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.shutdown()
        self._thread.join()
        self.server_close()

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing when a visitor hangs up early; anything else is told."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class _Connection(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"
    # One write per answer: small separate writes wait for each other's acknowledgement.
    wbufsize = -1
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        target = urlsplit(self.path)
        posted = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode("utf-8", "replace")
        form = dict(parse_qsl(target.query)) | dict(parse_qsl(posted))
        self._send(self.server.respond(Request(self.command, target.path, form), self.path))

    do_HEAD = do_POST = do_GET

    def _send(self, reply: Reply) -> None:
        status, body, headers = self._coded(reply)
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        if status != 304:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _coded(self, reply: Reply) -> tuple[int, bytes, list[tuple[str, str]]]:
        """Apply what this server offers: a validator, compression."""
        headers = [("Content-Type", reply.media_type), *reply.headers]
        body = reply.body
        if "etag" in self.server.serves and reply.status == 200:
            etag = f'W/"{hashlib.sha256(body).hexdigest()[:16]}"'
            headers.append(("ETag", etag))
            if self.headers.get("If-None-Match") == etag:
                return 304, b"", headers
        packs = "gzip" in self.server.serves and reply.media_type.startswith("text/")
        if packs and "gzip" in self.headers.get("Accept-Encoding", ""):
            body = gzip.compress(body, mtime=0)
            headers += [("Content-Encoding", "gzip"), ("Vary", "Accept-Encoding")]
        return reply.status, body, headers

    def version_string(self) -> str:
        """Return the Server header."""
        return "campus"

    def log_message(self, format: str, *args: object) -> None:
        """Stay quiet: the campus keeps its own list of requests."""
