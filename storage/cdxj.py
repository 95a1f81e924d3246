"""The CDXJ index of WARC files: records in, one line for each that can be replayed out, sorted.

The lines are those of cdxj-indexer, byte for byte, so whatever reads its indexes reads ours.
"""

from __future__ import annotations

import hashlib
import json
import re
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from storage.errors import TargetRefused
from storage.packed import Packed
from storage.surt import surt
from storage.warc import BLANK, header

_STATUS = re.compile(rb"HTTP/\S+[ \t]+(\d+)")
_DIGITS = re.compile(r"\D")
_SEPARATORS = re.compile(r"[;\s]")
_REPLAYED = ("response", "revisit")


def lines(file: str, records: Iterable[Packed], *, digests: bool = False) -> Iterator[bytes]:
    """Yield the line of each record of a file that can be replayed, in their order.

    With `digests` a line also tells the SHA-256 of its record as it is packed. A metadata record has no line:
    it is about an address, and a reader would take it for what the address gave. Nor has a 304: pywb would
    answer with it, which shows nothing, where the page it vouches for can be shown.
    """
    for record in records:
        head = record.block.partition(BLANK)[0]
        status = _STATUS.match(head)
        if record.kind in _REPLAYED and (status is None or status[1] != b"304"):
            yield _line(file, record, head, status and status[1].decode(), digests=digests)


def _line(file: str, record: Packed, head: bytes, status: str | None, *, digests: bool) -> bytes:
    stamp = _DIGITS.sub("", record.headers.get("warc-date", ""))[:14]
    told = {
        "url": record.url,
        "mime": "warc/revisit" if record.kind == "revisit" else _media_type(head),
        "status": status,
        "digest": record.headers.get("warc-payload-digest"),
        "length": str(len(record.raw)),
        "offset": str(record.offset),
        "filename": file,
        "recordDigest": "sha256:" + hashlib.sha256(record.raw).hexdigest() if digests else None,
    }
    fields = json.dumps({name: value for name, value in told.items() if value})
    return f"{surt(record.url)} {stamp} {fields}\n".encode()


def _media_type(head: bytes) -> str | None:
    told = header(head, "content-type")
    return _SEPARATORS.split(told, maxsplit=1)[0] if told else None


class Sorted:
    """Lines in the order of their bytes, in constant memory: they wait where temporary files lie.

    A context manager, filled by `add` and then iterated. Raises TargetRefused where there is no room.
    """

    def __init__(self) -> None:
        self._heap = sqlite3.connect("", isolation_level=None)

    def __enter__(self) -> Sorted:
        for statement in ("PRAGMA journal_mode = OFF", "CREATE TABLE line (bytes BLOB)", "BEGIN"):
            self._heap.execute(statement)
        return self

    def __exit__(self, *rest: object) -> None:
        self._heap.close()

    def add(self, unsorted: Iterable[bytes]) -> None:
        """Take in lines."""
        with _room():
            self._heap.executemany("INSERT INTO line VALUES (?)", ((each,) for each in unsorted))

    def __iter__(self) -> Iterator[bytes]:
        with _room():
            yield from (row[0] for row in self._heap.execute("SELECT bytes FROM line ORDER BY bytes"))


@contextmanager
def _room() -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        raise TargetRefused(
            f"the index cannot be sorted ({error}): make room where temporary files lie"
        ) from error
