"""The WARC 1.1 standard (ISO 28500:2017) as a checker: the files of a directory in, every breach of it out.

It reads with nothing of ours. Beyond the standard it asks for what we promise: a warcinfo first in each file,
with its name, one gzip member a record, digests everywhere, and HTTP heads that parse.
"""

from __future__ import annotations

import hashlib
import ipaddress
import re
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

CRLF, BLANK = b"\r\n", b"\r\n\r\n"
_FIELD = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+): ([^\x00-\x1f\x7f]*)")  # a token, one blank, TEXT
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:(?:[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})+")
_DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_MEDIA = re.compile(r"[\w.+-]+/[\w.+-]+(?:;\s*[\w.+-]+=[\w.+-]+)*")
_STATUS_LINE = re.compile(rb"HTTP/1\.[01] [1-5]\d\d(?: [^\x00-\x08\x0a-\x1f\x7f]*)?")
_REQUEST_LINE = re.compile(rb"(?:GET|POST|HEAD) [^\x00-\x20\x7f]+ HTTP/1\.1")
_HTTP_FIELD = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+:[ \t]*[^\x00-\x08\x0a-\x1f\x7f]*")
_PROFILES = {
    f"http://netpreserve.org/warc/1.1/revisit/{name}"
    for name in ("identical-payload-digest", "server-not-modified")
}
ALL = {"warcinfo", "response", "request", "revisit", "metadata", "resource", "conversion"}
CAPTURED = {"response", "request", "revisit", "resource"}
# Clause 5: of which types a field is, and of which it must be.
FIELDS: dict[str, tuple[set[str], set[str]]] = {
    "warc-type": (ALL, ALL),
    "warc-record-id": (ALL, ALL),
    "warc-date": (ALL, ALL),
    "content-length": (ALL, ALL),
    "content-type": (ALL, ALL),
    "warc-block-digest": (ALL, ALL),
    "warc-payload-digest": (CAPTURED, CAPTURED),
    "warc-concurrent-to": (CAPTURED | {"metadata"}, {"request"}),
    "warc-ip-address": (CAPTURED | {"metadata"}, set()),
    "warc-refers-to": ({"metadata", "revisit", "conversion"}, {"revisit"}),
    "warc-refers-to-target-uri": ({"revisit"}, {"revisit"}),
    "warc-refers-to-date": ({"revisit"}, {"revisit"}),
    "warc-target-uri": (ALL - {"warcinfo"}, CAPTURED | {"conversion"}),
    "warc-truncated": (ALL, set()),
    "warc-warcinfo-id": (ALL - {"warcinfo"}, set()),
    "warc-filename": ({"warcinfo"}, {"warcinfo"}),
    "warc-profile": ({"revisit"}, {"revisit"}),
    "warc-identified-payload-type": (CAPTURED, set()),
    # Extensions: where a copy came from, as pywb names it.
    "warc-source-uri": (CAPTURED, set()),
    "warc-creation-date": (CAPTURED, set()),
}
# The form of each value, clause 5.
FORMS: dict[str, re.Pattern[str]] = {
    "warc-record-id": re.compile(rf"<{_URI.pattern}>"),
    "warc-concurrent-to": re.compile(rf"<{_URI.pattern}>"),
    "warc-refers-to": re.compile(rf"<{_URI.pattern}>"),
    "warc-warcinfo-id": re.compile(rf"<{_URI.pattern}>"),
    "warc-target-uri": _URI,
    "warc-refers-to-target-uri": _URI,
    "warc-source-uri": _URI,
    "warc-profile": _URI,
    "warc-date": _DATE,
    "warc-refers-to-date": _DATE,
    "warc-creation-date": _DATE,
    "content-length": re.compile(r"\d+"),
    "content-type": _MEDIA,
    "warc-block-digest": _DIGEST,
    "warc-payload-digest": _DIGEST,
    "warc-truncated": re.compile(r"length|time|disconnect|unspecified"),
}
# Clause 6: what a block is.
BLOCKS = {
    "warcinfo": "application/warc-fields",
    "response": "application/http; msgtype=response",
    "revisit": "application/http; msgtype=response",
    "request": "application/http; msgtype=request",
}


@dataclass(frozen=True)
class Record:
    """One record: its file, where it begins there, the first field of each (lower case) name, its block."""

    file: str
    offset: int
    fields: dict[str, str]
    block: bytes

    @property
    def kind(self) -> str:
        return self.fields.get("warc-type", "")

    @property
    def payload(self) -> bytes:
        return self.block.partition(BLANK)[2]


def check(files: list[Path]) -> tuple[list[Record], list[str]]:
    """Return the records of the files, and each breach as a line that names file, offset and record."""
    records: list[Record] = []
    found: list[str] = []
    for path in files:
        of_file = []
        for offset, text in _members(path.read_bytes(), path.name, found):
            record, told = _parsed(path.name, offset, text)
            of_file.append(record)
            found += [f"{path.name} at {offset}: {each}" for each in told]
        found += [f"{path.name}: {each}" for each in _file(path.name, of_file)]
        records += of_file
    by_id = {record.fields.get("warc-record-id", ""): record for record in records}
    for record in records:
        told = [*_fields(record), *_block(record), *_relations(record, by_id)]
        found += [f"{record.file} at {record.offset} ({record.kind}): {each}" for each in told]
    again = Counter(record.fields.get("warc-record-id") for record in records)
    found += [f"{name} is the id of {count} records" for name, count in again.items() if count > 1]
    return records, found


def _members(data: bytes, file: str, found: list[str]) -> Iterator[tuple[int, bytes]]:
    """Yield (offset, text) of each gzip member, RFC 1952, with nothing between and nothing after them."""
    offset = 0
    while offset < len(data):
        inflater = zlib.decompressobj(wbits=31)
        try:
            text = inflater.decompress(data[offset:])
        except zlib.error as error:
            found.append(f"{file} at {offset}: no gzip member: {error}")
            return
        if not inflater.eof:
            found.append(f"{file} at {offset}: the gzip member is torn")
            return
        yield offset, text
        offset = len(data) - len(inflater.unused_data)


def _parsed(file: str, offset: int, text: bytes) -> tuple[Record, list[str]]:
    """Read `header CRLF block CRLF CRLF`, clause 4: exactly one record in a member."""
    head, _, rest = text.partition(BLANK)
    version, *lines = head.split(CRLF)
    told = [] if version == b"WARC/1.1" else [f"begins with {version!r}"]
    pairs: list[tuple[str, str]] = []
    for line in lines:
        match = _FIELD.fullmatch(line)
        if match is None:
            told.append(f"{line!r} is no field")
        else:
            pairs.append((match[1].decode().lower(), match[2].decode("utf-8")))
    told += [
        f"{name} stands {count} times"
        for name, count in Counter(name for name, _ in pairs).items()
        if count > 1 and name != "warc-concurrent-to"
    ]
    fields = dict(reversed(pairs))
    size = int(fields.get("content-length", "0"))
    if rest[size:] != BLANK:
        told.append(f"after {size} bytes of block comes {rest[size : size + 8]!r}")
    return Record(file, offset, fields, rest[:size]), told


def _file(name: str, records: list[Record]) -> Iterator[str]:
    kinds = [record.kind for record in records]
    if kinds[:1] != ["warcinfo"] or kinds.count("warcinfo") != 1:
        yield "does not begin with its one warcinfo"
    elif records[0].fields.get("warc-filename") != name:
        yield f"is called {records[0].fields.get('warc-filename')} in its warcinfo"


def _fields(record: Record) -> Iterator[str]:
    for name, (allowed, needed) in FIELDS.items():
        if name in record.fields and record.kind not in allowed:
            yield f"{name} shall not be used"
        if name not in record.fields and record.kind in needed:
            yield f"{name} is missing"
    for name, value in record.fields.items():
        if name not in FIELDS:
            yield f"{name} is no field of the standard"
        elif name in FORMS and not FORMS[name].fullmatch(value):
            yield f"{name}: {value!r} is not of its form"
        elif FORMS.get(name) is _DATE:
            datetime.fromisoformat(value)
    if "warc-ip-address" in record.fields:
        ipaddress.ip_address(record.fields["warc-ip-address"])
    if record.kind not in ALL:
        yield "a type of its own"


def _block(record: Record) -> Iterator[str]:
    told, wanted = record.fields.get("content-type", ""), BLOCKS.get(record.kind)
    if wanted and told.replace(" ", "") != wanted.replace(" ", ""):
        yield f"content-type is {told}"
    if record.fields.get("warc-block-digest") != _sha256(record.block):
        yield "warc-block-digest does not hold"
    if record.kind == "warcinfo":
        lines = record.block.removesuffix(CRLF).split(CRLF)
        yield from (f"{line!r} is no field" for line in lines if not _FIELD.fullmatch(line))
    if record.kind in ("response", "request", "revisit"):
        yield from _http(record)


def _http(record: Record) -> Iterator[str]:
    """Check an HTTP message: its head parses, and says how long the body is that follows it."""
    head, blank, body = record.block.partition(BLANK)
    first, *lines = head.split(CRLF)
    start = _REQUEST_LINE if record.kind == "request" else _STATUS_LINE
    if not blank or not start.fullmatch(first):
        yield f"the HTTP head begins with {first!r}, or has no end"
    yield from (f"{line!r} is no HTTP field" for line in lines if not _HTTP_FIELD.fullmatch(line))
    fields = {name.lower(): value.strip() for name, _, value in (line.partition(b":") for line in lines)}
    if b"transfer-encoding" in fields:
        yield "has a transfer coding, which is taken off the body"
    if record.kind == "request" and b"host" not in fields:
        yield "names no host"
    if record.kind == "revisit":
        if body:
            yield "has a payload, which is that of the record referred to"
    elif record.fields.get("warc-payload-digest") != _sha256(body):
        yield "warc-payload-digest does not hold"
    length = fields.get(b"content-length")
    whole = record.kind != "revisit" and "warc-truncated" not in record.fields
    if length is not None and whole and int(length) != len(body):
        yield f"{length.decode()} bytes announced, {len(body)} there"


def _relations(record: Record, by_id: dict[str, Record]) -> Iterator[str]:
    if named := record.fields.get("warc-concurrent-to"):
        other = by_id.get(named)
        if other is None or other.file != record.file or other.kind not in ("response", "revisit"):
            yield f"is concurrent to {named}, which is no answer of this file"
        else:
            for name in ("warc-target-uri", "warc-date", "warc-ip-address"):
                if record.fields.get(name) != other.fields.get(name):
                    yield f"{name} is not that of the answer it is concurrent to"
    if named := record.fields.get("warc-refers-to"):
        original = by_id.get(named)
        if original is None or original.kind not in ("response", "revisit"):
            yield f"refers to {named}, which is no answer"
        elif record.kind == "revisit":
            yield from _revisit(record, original)


def _revisit(record: Record, original: Record) -> Iterator[str]:
    """Check a revisit against the record it refers to, clause 6.7."""
    pairs = {
        "warc-refers-to-target-uri": "warc-target-uri",
        "warc-refers-to-date": "warc-date",
        "warc-payload-digest": "warc-payload-digest",
    }
    for ours, theirs in pairs.items():
        if record.fields.get(ours) != original.fields.get(theirs):
            yield f"{ours} is not the {theirs} of the record referred to"
    if original.kind != "response":
        yield "refers to no response"
    profile = record.fields.get("warc-profile", "")
    if profile not in _PROFILES:
        yield f"{profile} is no profile of the standard"
    unmodified = record.block.split(b" ")[1:2] == [b"304"]
    if unmodified != profile.endswith("server-not-modified"):
        yield f"{profile.rpartition('/')[2]}, but the head begins with {record.block[:12]!r}"
    cut = bool(original.payload) and not unmodified
    if (record.fields.get("warc-truncated") == "length") != cut:
        yield "a payload that is left out is named in warc-truncated, no other"


def _sha256(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"
