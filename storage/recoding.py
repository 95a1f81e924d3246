"""A response whose body its server packed with gzip, as a record with the body unpacked, and back. Pure.

A packed body is as good as noise to a compressor that knows the site's other pages; unpacked, most of it is
what they all share. It is unpacked only where zlib, told the level, makes exactly the server's bytes again.
The record is then still one for every tool: as archives do, what was changed stands beside its original under
`X-Archive-Orig-`, and a field of its own tells how to pack it again. The original record is made of it again,
byte for byte; where another zlib makes other bytes, the page itself is there all the same.
"""

from __future__ import annotations

import hashlib
import re
import zlib
from dataclasses import dataclass

_BLANK = b"\r\n\r\n"
_OLD = b"X-Archive-Orig-"
_RECIPE = b"Campusnews-Recoded: "
_HEAD = 10  # bytes of a gzip header without options, RFC 1952 §2.3
_LEAST, _MOST = 512, 1 << 22  # bytes of a body for which it is tried, and of what is in it
_SET_ASIDE = (b"WARC-Block-Digest", b"WARC-Payload-Digest", b"Content-Length")
_OF_HTTP = (b"Content-Encoding", b"Content-Length")
_RESPONSE = re.compile(rb"(?m)^WARC-Type: response\r?$")
_CODED = re.compile(rb"(?im)^content-encoding:[ \t]*(?:x-)?gzip[ \t]*\r?$")
_TOLD = re.compile(rb"(?m)^Campusnews-Recoded: gzip level=(\d) memory=(\d) head=([0-9a-f]{20})\r?$")
_STANDS_FOR = re.compile(rb"(?m)^X-Archive-Orig-WARC-Payload-Digest: ([a-z0-9]+:\S+)\r?$")
_PATIENCE = 64  # bodies in a row that no row of the table makes, after which the others are left alone
# zlib's level and memory, the likeliest first: the default, then what nginx is told most.
_WAYS = ((6, 8), (1, 8), (4, 8), (5, 8), (9, 8), (2, 8), (3, 8), (7, 8), (8, 8), (6, 9), (1, 9))


@dataclass(frozen=True, slots=True)
class Way:
    """How a body was packed: zlib's level and memory, and the header that stands before."""

    level: int
    memory: int
    head: bytes

    def pack(self, plain: bytes) -> bytes:
        """Return the body as a gzip member."""
        packer = zlib.compressobj(self.level, zlib.DEFLATED, -15, self.memory)
        size = (len(plain) & 0xFFFFFFFF).to_bytes(4, "little")
        data = packer.compress(plain) + packer.flush()
        return self.head + data + zlib.crc32(plain).to_bytes(4, "little") + size


class Unpacker:
    """Makes records with unpacked bodies; it tries first how the last one had been packed."""

    def __init__(self) -> None:
        self._ways = list(_WAYS)
        self._misses = 0

    def unpacked(self, record: bytes) -> bytes | None:
        """Return the record with its body unpacked; null where the original could not be made of it again."""
        about, _, rest = record.partition(_BLANK)
        http, _, body = rest.removesuffix(_BLANK).partition(_BLANK)
        if not _RESPONSE.search(about) or not _CODED.search(http) or self._misses >= _PATIENCE:
            return None
        plain = _plain(body)
        way = self._way(plain, body) if plain is not None else None
        if plain is None or way is None:
            return None
        made = _made(about, http, plain, way)
        return made if packed(made) == record else None

    def _way(self, plain: bytes, body: bytes) -> Way | None:
        for at, (level, memory) in enumerate(self._ways):
            way = Way(level, memory, body[:_HEAD])
            if way.pack(plain) == body:
                self._ways.insert(0, self._ways.pop(at))
                self._misses = 0
                return way
        self._misses += 1
        return None


def is_unpacked(record: bytes) -> bool:
    """Tell whether a record is one that `Unpacker` made."""
    return _TOLD.search(record, 0, max(0, record.find(_BLANK)) + 1) is not None


def packed(record: bytes) -> bytes | None:
    """Return the original of a record with an unpacked body; null where this zlib makes other bytes."""
    about, _, rest = record.partition(_BLANK)
    http, _, plain = rest.removesuffix(_BLANK).partition(_BLANK)
    told = _TOLD.search(about)
    if told is None:
        return None
    body = Way(int(told[1]), int(told[2]), bytes.fromhex(told[3].decode())).pack(plain)
    original = _original(about, (*_SET_ASIDE, _RECIPE[:-2]))
    whole = original + _BLANK + _original(http, ()) + _BLANK + body + _BLANK
    return whole if _claimed(original, body) else None


def original_digest(record: bytes) -> str | None:
    """Return the digest of the payload a record with an unpacked body stands for, if it is sound itself."""
    about, _, rest = record.partition(_BLANK)
    if not _TOLD.search(about) or not _claimed(about, rest.removesuffix(_BLANK).partition(_BLANK)[2]):
        return None
    found = _STANDS_FOR.search(about)
    return found[1].decode() if found else None


def _plain(body: bytes) -> bytes | None:
    """Return what is in a gzip member without options that is all of the body."""
    if not body.startswith(b"\x1f\x8b\x08\x00") or len(body) < _LEAST:
        return None
    inflater = zlib.decompressobj(wbits=31)
    try:
        plain = inflater.decompress(body, _MOST)
    except zlib.error:
        return None
    return plain if inflater.eof and not inflater.unused_data else None


def _made(about: bytes, http: bytes, plain: bytes, way: Way) -> bytes:
    block = _aside(http, _OF_HTTP) + _BLANK + plain
    told = b"gzip level=%d memory=%d head=%s" % (way.level, way.memory, way.head.hex().encode())
    added = (
        _RECIPE + told,
        b"WARC-Block-Digest: sha256:" + hashlib.sha256(block).hexdigest().encode(),
        b"WARC-Payload-Digest: sha256:" + hashlib.sha256(plain).hexdigest().encode(),
        b"Content-Length: %d" % len(block),
    )
    return b"\r\n".join((_aside(about, _SET_ASIDE), *added)) + _BLANK + block + _BLANK


def _aside(head: bytes, names: tuple[bytes, ...]) -> bytes:
    """Return a head in which the fields of those names are set aside."""
    return b"\r\n".join(_OLD + line if _named(line, names) else line for line in head.split(b"\r\n"))


def _original(head: bytes, added: tuple[bytes, ...]) -> bytes:
    """Return a head without the fields that were added, the others under their own names again."""
    kept = (line for line in head.split(b"\r\n") if not _named(line, added))
    return b"\r\n".join(line.removeprefix(_OLD) for line in kept)


def _named(line: bytes, names: tuple[bytes, ...]) -> bool:
    name = line.partition(b":")[0].lower()
    return any(name == each.lower() for each in names)


def _claimed(head: bytes, body: bytes) -> bool:
    """Tell whether the payload's digest in a head is that of the body; only ours, in SHA-256, are known."""
    digest = b"sha256:" + hashlib.sha256(body).hexdigest().encode()
    return b"\r\nWARC-Payload-Digest: " + digest + b"\r\n" in head + b"\r\n"
