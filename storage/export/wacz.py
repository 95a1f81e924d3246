"""WACZ 1.1.1: WARC records, their index and a list of pages in one zip that a browser replays from.

The same archive gives the same bytes each time. Nothing is held but the page or the record that is passing.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from gzip import GzipFile
from itertools import chain, islice
from tempfile import TemporaryFile
from typing import Any, BinaryIO, Protocol
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from storage.cdxj import Sorted, lines
from storage.errors import ArchiveDamaged
from storage.export.signs import json_line, whole
from storage.packed import Packed
from storage.records import Article
from storage.warc import SOFTWARE

VERSION = "1.1.1"
BLOCK = 300  # lines of the index that are packed, and fetched, together
_INDEX = "index.cdx.gz"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*\.warc\.gz")
# Unknown to every reader, and so passed over. ReplayWeb.page looks for ZIP64 sizes in the head of a file only
# when its line in the directory has an extra field too.
_EXTRA = b"\xca\xfe\x00\x00"
_TIME = (1980, 1, 1, 0, 0, 0)  # the first time that a zip can hold


def write_wacz(
    files: Iterable[tuple[str, Iterable[Packed]]],
    out: BinaryIO,
    *,
    pages: Iterable[tuple[Article, str]],
    about: dict[str, Any],
) -> int:
    """Write the package and return how many pages are listed in it.

    `pages` are articles, each with the address its page was captured at; `about` is what datapackage.json
    tells beside the files, null left out. Raises ArchiveDamaged.
    """
    with _seekable(out) as place, ZipFile(place, "w") as zipped, Sorted() as index:
        package = _Package(zipped)
        for file, records in files:
            _archive(package, file.rpartition("/")[2], records, index)
        _index(package, index)
        count = _pages(package, pages)
        package.close(about)
    return count


@contextmanager
def _seekable(out: BinaryIO) -> Iterator[BinaryIO]:
    """Give a file to write to at any place: not all readers take the form that a zip has in a pipe."""
    if out.seekable() and not isinstance(out, GzipFile):
        yield out
        return
    with TemporaryFile(prefix="campusnews-") as held:
        yield held
        held.seek(0)
        shutil.copyfileobj(held, out, 1 << 20)


class _Sink(Protocol):
    def write(self, data: bytes, /) -> object: ...


class _Package:
    """The zip while it is written: every file's bytes are counted and hashed."""

    def __init__(self, zipped: ZipFile) -> None:
        self._zip = zipped
        self._resources: list[dict[str, Any]] = []

    @contextmanager
    def file(self, path: str, *, packed: bool = False) -> Iterator[_Sink]:
        """Add a file, written piece by piece; one that is `packed` already is stored as it is."""
        with self._entry(path, ZIP_STORED if packed else ZIP_DEFLATED) as sink:
            counted = _Counted(sink)
            yield counted
        name = path.rpartition("/")[2].lower()
        digest = f"sha256:{counted.digest.hexdigest()}"
        self._resources.append({"name": name, "path": path, "hash": digest, "bytes": counted.size})

    def close(self, about: dict[str, Any]) -> None:
        """Add what describes the files, and what vouches for the description."""
        facts = {"profile": "data-package", "wacz_version": VERSION, "software": SOFTWARE}
        facts |= {name: value for name, value in about.items() if value is not None}
        described = _json(facts | {"resources": self._resources})
        digest = f"sha256:{hashlib.sha256(described).hexdigest()}"
        vouching = _json({"path": "datapackage.json", "hash": digest})
        for path, content in (("datapackage.json", described), ("datapackage-digest.json", vouching)):
            with self._entry(path, ZIP_DEFLATED) as sink:
                sink.write(content)

    @contextmanager
    def _entry(self, path: str, method: int) -> Iterator[_Sink]:
        info = ZipInfo(path, _TIME)
        info.compress_type, info.create_system, info.external_attr = method, 3, 0o644 << 16
        info.extra = _EXTRA
        with self._zip.open(info, "w", force_zip64=True) as sink:  # how large it gets is not yet known
            yield sink


class _Counted:
    """A sink that knows how much went into it."""

    def __init__(self, sink: _Sink) -> None:
        self.size, self.digest = 0, hashlib.sha256()
        self._sink = sink

    def write(self, data: bytes) -> None:
        self._sink.write(data)
        self.digest.update(data)
        self.size += len(data)


def _archive(package: _Package, name: str, records: Iterable[Packed], index: Sorted) -> None:
    """Add the records of a WARC file, unless there are none, and note in the index where they lie now."""
    if not _NAME.fullmatch(name):
        raise ArchiveDamaged(f"{name!r} is no name of a WARC file: run `campusnews verify`")
    rest = iter(records)
    for first in rest:
        with package.file(f"archive/{name}", packed=True) as sink:
            index.add(lines(name, _stored(chain([first], rest), sink), digests=True))


def _stored(records: Iterable[Packed], sink: _Sink) -> Iterator[Packed]:
    """Write the records one after the other and pass them on with their new places."""
    offset = 0
    for record in records:
        sink.write(record.raw)
        yield Packed(offset, record.raw, record.headers, record.block)
        offset += len(record.raw)


def _index(package: _Package, index: Sorted) -> None:
    """Add the index in blocks, and the index of the blocks."""
    blocks = [b'!meta 0 {"format": "cdxj-gzip-1.0", "filename": "%s"}\n' % _INDEX.encode()]
    offset = 0
    with package.file(f"indexes/{_INDEX}", packed=True) as sink:
        rest = iter(index)
        while some := list(islice(rest, BLOCK)):
            block = zlib.compress(b"".join(some), wbits=31)
            sink.write(block)
            digest = f"sha256:{hashlib.sha256(block).hexdigest()}"
            place = json.dumps({"offset": offset, "length": len(block), "digest": digest}).encode()
            blocks.append(some[0].partition(b" {")[0] + b" " + place + b"\n")
            offset += len(block)
    with package.file("indexes/index.idx") as sink:
        sink.write(b"".join(blocks))


def _pages(package: _Package, pages: Iterable[tuple[Article, str]]) -> int:
    """Add the list of pages: only of this one file does ReplayWeb.page search the texts."""
    count = 0
    with package.file("pages/pages.jsonl") as sink:
        begins = {"format": "json-pages-1.0", "id": "pages", "title": "Articles", "hasText": True}
        sink.write(json_line(begins))
        for article, url in pages:
            sink.write(json_line(_page(article, url)))
            count += 1
    return count


def _page(article: Article, url: str) -> dict[str, Any]:
    """Return the line of a page; whoever replays it finds it by address and time."""
    assert article.capture is not None
    ts = article.capture.fetched_at.replace("+00:00", "Z")
    told = {"id": f"{article.id}-{article.version}", "url": url, "ts": ts}
    return told | {"title": whole(article.title), "text": whole(article.body)}


def _json(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode(errors="backslashreplace")
