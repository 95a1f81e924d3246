"""What tests of old captures share: pages of an invented university, and WARC files of other tools."""

from __future__ import annotations

import base64
import gzip
import hashlib
import uuid
from collections.abc import Callable, Iterable
from pathlib import Path

from scraper.config import Config

HOST = "http://news.example.edu"
SEED = f"{HOST}/list.htm"


def config_for(archive: Path, *seeds: str, **settings: object) -> Config:
    site = {"name": "past", "delay": 0, "retries": 0, "seeds": tuple(seeds or [SEED])} | settings
    return Config.model_validate(
        {"archive": str(archive), "contact": "mailto:a@example.edu", "sites": (site,)}
    )


def article(number: int, text: str = "as it was first told", *, day: str | None = "2015-03-04") -> bytes:
    dated = f"<p class='date'>{day}</p>" if day else ""
    told = f"<p>Paragraph one of story {number}, {text}, long enough to be a body.</p><p>The second.</p>" * 3
    return (
        f"<html><head><title>A story of some length, number {number}</title></head><body>"
        f"<h1>A story of some length, number {number}</h1>{dated}"
        f"<div class='article'>{told}</div></body></html>"
    ).encode()


def listing(numbers: Iterable[int], *, day: str = "2015-03-{:02}") -> bytes:
    rows = "".join(
        f'<li><a href="/news/{n}.html">A story of some length, number {n}</a>'
        f"<span>{day.format(n)}</span></li>"
        for n in numbers
    )
    return f"<html><body><ul class='news_list'>{rows}</ul></body></html>".encode()


def address(number: int) -> str:
    return f"{HOST}/news/{number}.html"


def chunked(body: bytes) -> bytes:
    pieces = [body[at : at + 100] for at in range(0, len(body), 100)]
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


class Warc:
    """A WARC file as another tool writes it; each method appends a record and returns its id."""

    def __init__(self, path: Path, *, packed: bool = True) -> None:
        self.path, self._packed = path, packed

    def response(
        self,
        url: str,
        body: bytes,
        at: str,
        *headers: tuple[str, str],
        status: str = "200 OK",
        media: str = "text/html; charset=utf-8",
        fields: dict[str, str] | None = None,
    ) -> str:
        lines = [f"HTTP/1.1 {status}", f"Content-Type: {media}", *map(": ".join, headers)]
        told = {"WARC-Payload-Digest": self.digest_of(body)} | (fields or {})
        return self._write("response", url, at, told, _block(lines, body))

    def revisit(self, url: str, at: str, fields: dict[str, str], status: str = "200 OK") -> str:
        return self._write(
            "revisit", url, at, fields, _block([f"HTTP/1.1 {status}", "Content-Type: text/html"])
        )

    def request(self, url: str, at: str, beside: str) -> str:
        lines = ["GET / HTTP/1.1", "User-Agent: Another/1.0"]
        return self._write("request", url, at, {"WARC-Concurrent-To": beside}, _block(lines))

    @staticmethod
    def digest_of(body: bytes) -> str:
        return "sha1:" + base64.b32encode(hashlib.sha1(body, usedforsecurity=False).digest()).decode()

    def _write(self, kind: str, url: str, at: str, more: dict[str, str], block: bytes) -> str:
        identity = uuid.uuid4().urn
        http = f"application/http; msgtype={'request' if kind == 'request' else 'response'}"
        fields = {"WARC-Type": kind, "WARC-Record-ID": f"<{identity}>", "WARC-Date": at}
        fields |= {"WARC-Target-URI": url, "Content-Type": http} | more | {"Content-Length": str(len(block))}
        head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        record = b"WARC/1.0\r\n" + head.encode() + b"\r\n" + block + b"\r\n\r\n"
        with self.path.open("ab") as file:
            file.write(gzip.compress(record, mtime=0) if self._packed else record)
        return f"<{identity}>"


def _block(lines: list[str], body: bytes = b"") -> bytes:
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def packed(body: bytes) -> bytes:
    return gzip.compress(body, mtime=0)


CODINGS: dict[str, tuple[Callable[[bytes], bytes], tuple[tuple[str, str], ...]]] = {
    "plain": (lambda body: body, ()),
    "chunks": (chunked, (("Transfer-Encoding", "chunked"),)),
    "chunks-taken-off": (lambda body: body, (("Transfer-Encoding", "chunked"),)),
    "gzip": (packed, (("Content-Encoding", "gzip"),)),
    "gzip-taken-off": (lambda body: body, (("Content-Encoding", "gzip"),)),
    "gzip-in-chunks": (
        lambda body: chunked(packed(body)),
        (("Content-Encoding", "gzip"), ("Transfer-Encoding", "chunked")),
    ),
}
