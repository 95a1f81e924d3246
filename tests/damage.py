"""Ways to damage an archive, and the proof that a damage is none: damaged WARC, damaged SQLite, both.

A damage is a function of an archive's directory and a source of randomness. What verify does not see has to
be slack: `contents` of the damaged archive, all rows and all records, is then what it was.
"""

from __future__ import annotations

import gzip
import hashlib
import re
import shutil
import sqlite3
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

CATALOG = "catalog.sqlite"
BLANK = b"\r\n\r\n"
NOBODY = b"<urn:uuid:00000000-0000-4000-8000-000000000000>"
Span = tuple[int, int]  # offset and length of a gzip member
Edit = Callable[[bytes, Random], bytes]  # of one record, or of a whole file


@dataclass(frozen=True, slots=True)
class Damage:
    """One way to damage an archive; `do` is given its directory, in which `old/` has an older state."""

    area: str
    name: str
    do: Callable[[Path, Random], None]


# ---- damaged WARC


def members(data: bytes) -> list[Span]:
    """Return where the gzip members of a sound file lie."""
    spans, at = [], 0
    while at < len(data):
        inflater = zlib.decompressobj(wbits=31)
        inflater.decompress(data[at:])
        length = len(data) - at - len(inflater.unused_data)
        spans.append((at, length))
        at += length
    return spans


def warcs(root: Path) -> list[Path]:
    """Return the WARC files of an archive."""
    return sorted(path for path in (root / "warc").iterdir() if path.name.endswith((".warc.gz", ".open")))


def in_file(edit: Edit) -> Callable[[Path, Random], None]:
    """Damage the bytes of one WARC file."""

    def do(root: Path, random: Random) -> None:
        path = random.choice(warcs(root))
        path.write_bytes(edit(path.read_bytes(), random))

    return do


def in_member(edit: Edit) -> Callable[[Path, Random], None]:
    """Damage the bytes of one gzip member."""

    def whole(data: bytes, random: Random) -> bytes:
        at, length = random.choice(members(data))
        return data[:at] + edit(data[at : at + length], random) + data[at + length :]

    return in_file(whole)


def in_record(edit: Edit, kind: bytes = b"response") -> Callable[[Path, Random], None]:
    """Edit one record and compress it soundly again."""

    def do(root: Path, random: Random) -> None:
        places = [(path, *span) for path in warcs(root) for span in members(path.read_bytes())]
        random.shuffle(places)
        for path, at, length in places:
            data = path.read_bytes()
            record = gzip.decompress(data[at : at + length])
            edited = edit(record, random) if b"WARC-Type: " + kind in record.partition(BLANK)[0] else record
            if edited != record:
                path.write_bytes(data[:at] + gzip.compress(edited, mtime=0) + data[at + length :])
                return
        raise AssertionError("no record takes this edit")

    return do


def field(name: bytes, value: bytes) -> Edit:
    """Write another value into a header field; `\\g<1>` in it is the old one."""
    pattern = re.compile(rb"(?m)^(?:" + name + rb"): ([^\r\n]*)")
    return lambda record, random: pattern.sub(name + b": " + value, record, count=1)


def line_gone(name: bytes) -> Edit:
    """Take a header field away."""
    return lambda record, random: re.sub(rb"(?m)^" + name + rb": [^\r\n]*\r\n", b"", record, count=1)


def at_random(change: Callable[[bytes, int, Random], bytes]) -> Edit:
    """Change a file at a random place."""
    return lambda data, random: change(data, random.randrange(len(data)), random)


def flipped(data: bytes, at: int, random: Random) -> bytes:
    return data[:at] + bytes([data[at] ^ (1 << random.randrange(8))]) + data[at + 1 :]


def deleted(data: bytes, at: int, random: Random) -> bytes:
    return data[:at] + data[at + random.choice((1, 2, 100, 5_000)) :]


def inserted(data: bytes, at: int, random: Random) -> bytes:
    return data[:at] + random.randbytes(random.choice((1, 2, 100, 5_000))) + data[at:]


def overwritten(data: bytes, at: int, random: Random) -> bytes:
    there = data[at : at + random.choice((1, 16, 512, 4_096))]
    return data[:at] + random.randbytes(len(there)) + data[at + len(there) :]


def zeroed(data: bytes, at: int, random: Random) -> bytes:
    at -= at % 512
    there = data[at : at + random.choice((512, 4_096, 16_384))]
    return data[:at] + bytes(len(there)) + data[at + len(there) :]


def torn(data: bytes, random: Random) -> bytes:
    _, length = members(data)[-1]
    return data[: -random.choice((1, length // 2, length - 1))]


def at_a_boundary(data: bytes, random: Random) -> bytes:
    return data[: random.choice(members(data))[0]]


def swapped(data: bytes, random: Random) -> bytes:
    spans = members(data)
    (a, m), (b, n) = sorted(random.sample(spans, 2))
    return data[:a] + data[b : b + n] + data[a + m : b] + data[a : a + m] + data[b + n :]


def doubled(data: bytes, random: Random) -> bytes:
    at, length = random.choice(members(data))
    return data[: at + length] + data[at : at + length] + data[at + length :]


def doubled_at_the_end(data: bytes, random: Random) -> bytes:
    at, length = random.choice(members(data))
    return data + data[at : at + length]


def one_member_less(data: bytes, random: Random) -> bytes:
    at, length = random.choice(members(data))
    return data[:at] + data[at + length :]


def cut_in_the_middle(data: bytes, random: Random) -> bytes:
    at, length = random.choice(members(data))
    return data[: at + length // 2] + data[at + length :]


def two_in_one(data: bytes, random: Random) -> bytes:
    spans = members(data)
    (at, length), (_, more) = random.choice(list(pairwise(spans)))
    end = at + length + more
    return data[:at] + gzip.compress(gzip.decompress(data[at:end]), mtime=0) + data[end:]


def foreign(root: Path, random: Random) -> None:
    """Put a record of another file over one of the same place."""
    one, other = random.sample(warcs(root), 2)
    data, from_there = one.read_bytes(), other.read_bytes()
    (at, length), (start, more) = random.choice(members(data)), random.choice(members(from_there))
    one.write_bytes(data[:at] + from_there[start : start + more] + data[at + length :])


def exchanged(root: Path, random: Random) -> None:
    one, other = random.sample(warcs(root), 2)
    one.rename(root / "there")
    other.rename(one)
    (root / "there").rename(other)


def replaced(root: Path, random: Random) -> None:
    one, other = random.sample(warcs(root), 2)
    shutil.copyfile(other, one)


def renamed(root: Path, random: Random) -> None:
    path = random.choice(warcs(root))
    path.rename(path.with_name(path.name.replace("-r", "-r9")))


def a_stranger(root: Path, random: Random) -> None:
    path = random.choice(warcs(root))
    shutil.copyfile(path, path.with_name("20200101000000-r77-1.warc.gz"))


def a_directory(root: Path, random: Random) -> None:
    path = random.choice(warcs(root))
    path.unlink()
    path.mkdir()


def gone(root: Path, random: Random) -> None:
    random.choice(warcs(root)).unlink()


WARC: dict[str, Callable[[Path, Random], None]] = {
    "01 empty file": in_file(lambda data, random: b""),
    "02 last record torn": in_file(torn),
    "03 cut in the middle of a record": in_file(cut_in_the_middle),
    "04 one bit flipped": in_file(at_random(flipped)),
    "05 a record of zeros": in_member(lambda member, random: bytes(len(member))),
    "06 a page of zeros": in_file(at_random(zeroed)),
    "07 garbage after the end": in_file(lambda data, random: data + random.randbytes(300)),
    "08 a record twice": in_file(doubled),
    "08 a record again at the end": in_file(doubled_at_the_end),
    "09 one gzip stream": in_file(lambda data, random: gzip.compress(gzip.decompress(data), mtime=0)),
    "09 two records in one member": in_file(two_in_one),
    "10 not compressed": in_file(lambda data, random: gzip.decompress(data)),
    "10 one record not compressed": in_member(lambda member, random: gzip.decompress(member)),
    "11 Content-Length too large": in_record(field(b"Content-Length", rb"1\g<1>")),
    "12 Content-Length too small": in_record(field(b"Content-Length", b"7")),
    "13 Content-Length negative": in_record(field(b"Content-Length", rb"-\g<1>")),
    "14 Content-Length no number": in_record(field(b"Content-Length", b"many")),
    "14 Content-Length missing": in_record(line_gone(b"Content-Length")),
    "15 record id missing": in_record(line_gone(b"WARC-Record-ID")),
    "15 type missing": in_record(line_gone(b"WARC-Type")),
    "15 address missing": in_record(line_gone(b"WARC-Target-URI")),
    "16 another version": in_record(lambda record, random: record.replace(b"WARC/1.1", b"WARC/7.1", 1)),
    "17 impossible date": in_record(field(b"WARC-Date", b"2026-99-01T00:00:00Z")),
    "18 date missing": in_record(line_gone(b"WARC-Date")),
    "18 another date": in_record(field(b"WARC-Date", b"2001-01-01T00:00:00Z")),
    "19 payload digest edited": in_record(field(b"WARC-Payload-Digest", b"sha256:" + b"0" * 64)),
    "20 block digest edited": in_record(field(b"WARC-Block-Digest", b"sha256:" + b"0" * 64)),
    "20 digests gone, body edited": in_record(
        lambda record, random: re.sub(rb"WARC-(Block|Payload)-Digest[^\n]*\n", b"", record).replace(
            b"<", b"(", 9
        )
    ),
    "21 a header line injected": in_record(
        field(b"WARC-Target-URI", b"http://x.example/\r\nWARC-Type: request")
    ),
    "22 line feeds alone": in_record(lambda record, random: record.replace(b"\r\n", b"\n")),
    "22 one line feed alone": in_record(lambda record, random: record.replace(b"\r\n", b"\n", 1)),
    "23 no blank line at the end": in_record(lambda record, random: record[:-4]),
    "23 half a blank line at the end": in_record(lambda record, random: record[:-2]),
    "23 no blank line after the header": in_record(lambda record, random: record.replace(BLANK, b"\r\n", 1)),
    "24 bytes that are no UTF-8": in_record(field(b"WARC-Target-URI", b"http://x.example/\xff\xfe")),
    "25 a header line of 70 kB": in_record(field(b"WARC-Type", b"response\r\nX-Long: " + b"a" * 70_000)),
    "25 a header of 3 MB": in_record(field(b"WARC-Type", b"response\r\nX-Long: " + b"a" * 3_000_000)),
    "another record id": in_record(field(b"WARC-Record-ID", NOBODY)),
    "another address": in_record(field(b"WARC-Target-URI", rb"\g<1>x")),
    "another IP address": in_record(field(b"WARC-IP-Address", b"192.0.2.1")),
    "request edited": in_record(field(b"User-Agent", b"somebody"), b"request"),
    "request of another": in_record(field(b"WARC-Concurrent-To", NOBODY), b"request"),
    "warcinfo edited": in_record(field(b"software", b"another"), b"warcinfo"),
    "revisit of another": in_record(field(b"WARC-Refers-To", NOBODY), b"revisit"),
    "a status edited": in_record(
        lambda record, random: record.replace(b"HTTP/1.1 200 OK", b"HTTP/1.1 500 OK", 1)
    ),
    "gzip flags": in_member(lambda member, random: member[:3] + b"\x01" + member[4:]),
    "gzip time": in_member(lambda member, random: member[:4] + b"\x01\x02\x03\x04" + member[8:]),
    "gzip system": in_member(lambda member, random: member[:9] + b"\x0b" + member[10:]),
    "gzip check sum": in_member(lambda member, random: member[:-8] + b"\0\0\0\0" + member[-4:]),
    "compressed otherwise": in_member(
        lambda member, random: gzip.compress(gzip.decompress(member), 9, mtime=0)
    ),
    "a tail of zeros": in_file(lambda data, random: data + bytes(4_096)),
    "zeros in place of the end": in_file(lambda data, random: data[:-2_000] + bytes(2_000)),
    "garbage before": in_file(lambda data, random: b"garbage" + data),
    "an empty member between": in_member(lambda member, random: member + gzip.compress(b"", mtime=0)),
    "cut between two records": in_file(at_a_boundary),
    "two records change places": in_file(swapped),
    "a record gone": in_file(one_member_less),
    "bytes deleted": in_file(at_random(deleted)),
    "bytes inserted": in_file(at_random(inserted)),
    "bytes overwritten": in_file(at_random(overwritten)),
    "a record of another file": foreign,
    "two files change names": exchanged,
    "a file replaced by another": replaced,
    "a file renamed": renamed,
    "a file nobody knows": a_stranger,
    "a directory for a file": a_directory,
    "a file gone": gone,
}
RANDOM_WARC = (
    "04 one bit flipped",
    "bytes deleted",
    "bytes inserted",
    "bytes overwritten",
    "cut between two records",
)


# ---- damaged SQLite


def in_catalog(edit: Edit, name: str = CATALOG) -> Callable[[Path, Random], None]:
    """Damage the bytes of the catalogue."""

    def do(root: Path, random: Random) -> None:
        path = root / name
        path.write_bytes(edit(path.read_bytes(), random))

    return do


def page_of_zeros(data: bytes, random: Random) -> bytes:
    at = random.randrange(len(data) // 4096) * 4096
    return data[:at] + bytes(4096) + data[at + 4096 :]


def pages_swapped(data: bytes, random: Random) -> bytes:
    one, other = (n * 4096 for n in sorted(random.sample(range(1, len(data) // 4096), 2)))
    pages = data[one : one + 4096], data[other : other + 4096]
    return data[:one] + pages[1] + data[one + 4096 : other] + pages[0] + data[other + 4096 :]


def in_trees(data: bytes, random: Random) -> bytes:
    """Overwrite the heads of b-tree pages."""
    for at in random.sample(range(4096, len(data), 4096), 5):
        data = data[:at] + b"\xff" * 16 + data[at + 16 :]
    return data


CATALOG_BYTES: dict[str, Callable[[Path, Random], None]] = {
    "01 empty": in_catalog(lambda data, random: b""),
    "02 header overwritten": in_catalog(lambda data, random: b"X" * 100 + data[100:]),
    "03 another application's name": in_catalog(lambda data, random: b"SQLite format 2\0" + data[16:]),
    "04 cut by 100 bytes": in_catalog(lambda data, random: data[:-100]),
    "04 cut by a page": in_catalog(lambda data, random: data[:-4096]),
    "05 cut anywhere": in_catalog(lambda data, random: data[: random.randrange(1, len(data))]),
    "06 text in its place": in_catalog(lambda data, random: b"some text " * 1000),
    "07 one bit flipped": in_catalog(at_random(flipped)),
    "07 bytes overwritten": in_catalog(at_random(overwritten)),
    "07 bytes deleted": in_catalog(at_random(deleted)),
    "07 bytes inserted": in_catalog(at_random(inserted)),
    "08 b-tree pages overwritten": in_catalog(in_trees),
    "08 a page of zeros": in_catalog(page_of_zeros),
    "08 two pages change places": in_catalog(pages_swapped),
    "09 page count": in_catalog(lambda data, random: data[:28] + (9).to_bytes(4, "big") + data[32:]),
    "10 page size": in_catalog(lambda data, random: data[:16] + (512).to_bytes(2, "big") + data[18:]),
    "11 another database": lambda root, random: another_database(root),
    "11 a directory": lambda root, random: ((root / CATALOG).unlink(), (root / CATALOG).mkdir())[1],
    "11 gone": lambda root, random: (root / CATALOG).unlink(),
}
RANDOM_CATALOG = tuple(name for name in CATALOG_BYTES if name.startswith(("05", "07", "08")))


def another_database(root: Path) -> None:
    (root / CATALOG).unlink()
    sql(root, "CREATE TABLE songs (title TEXT)")


def sql(root: Path, *statements: str) -> None:
    """Edit the catalogue as a person with `sqlite3` would."""
    with closing(sqlite3.connect(root / CATALOG)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


def columns(root: Path) -> list[tuple[str, str]]:
    """Return (table, column) of all that a catalogue keeps rows in."""
    with closing(sqlite3.connect(root / CATALOG)) as connection:
        names = [
            name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        ]
        filled = [
            name
            for name in names
            if not name.startswith("sqlite_") and connection.execute(f"SELECT 1 FROM {name}").fetchone()
        ]
        return [(name, row[1]) for name in filled for row in connection.execute(f"PRAGMA table_info({name})")]


def row_of(root: Path, table: str, random: Random) -> int:
    """Return the rowid of one row."""
    with closing(sqlite3.connect(root / CATALOG)) as connection:
        return int(random.choice(connection.execute(f"SELECT rowid FROM {table}").fetchall())[0])


def edited(root: Path, random: Random, table: str, column: str) -> None:
    """Give one field of one row another value of its kind."""
    row = row_of(root, table, random)
    with closing(sqlite3.connect(root / CATALOG)) as connection:
        (old,) = connection.execute(f"SELECT {column} FROM {table} WHERE rowid = ?", (row,)).fetchone()
        new = another(old, random)
        connection.execute(f"UPDATE OR REPLACE {table} SET {column} = ? WHERE rowid = ?", (new, row))
        connection.commit()


def another(old: Any, random: Random) -> Any:
    """Return a value like the old one, and another."""
    if isinstance(old, (int, float)):
        return old + random.choice((1, -1, 1_000))
    if not old:
        return "7"
    at = random.randrange(len(old))
    digit = old[at].isdigit()
    return (
        old[:at]
        + random.choice([c for c in ("0123456789" if digit else "abcdefgh") if c != old[at]])
        + old[at + 1 :]
    )


def emptied(root: Path, random: Random, table: str, column: str) -> None:
    """Take one field's value away, where the schema lets a person do so."""
    row = row_of(root, table, random)
    sql(root, f"UPDATE {table} SET {column} = NULL WHERE rowid = {row}")


def row_deleted(root: Path, random: Random, table: str) -> None:
    sql(root, f"DELETE FROM {table} WHERE rowid = {row_of(root, table, random)}")


def rows_deleted(root: Path, random: Random, table: str) -> None:
    sql(root, f"DELETE FROM {table} WHERE rowid % 3 = 0 OR rowid = {row_of(root, table, random)}")


def rows_exchanged(root: Path, random: Random, table: str, column: str) -> None:
    """Let two rows have each other's value of a field."""
    with closing(sqlite3.connect(root / CATALOG)) as connection:
        rows = connection.execute(f"SELECT rowid, {column} FROM {table}").fetchall()
        (one, a) = random.choice(rows)
        others = [row for row in rows if row[1] != a]
        (other, b) = random.choice(others)
        for row, value in ((one, b), (other, a)):
            connection.execute(f"UPDATE {table} SET {column} = ? WHERE rowid = ?", (value, row))
        connection.commit()


def without_index(root: Path, random: Random) -> None:
    """Let rows of an index be gone: it is hidden while rows are written."""
    with closing(sqlite3.connect(root / CATALOG)) as connection:
        indexes = connection.execute(
            "SELECT name, tbl_name, sql, rootpage FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
        ).fetchall()
        full = [
            each
            for each in indexes
            if connection.execute(f"SELECT count(*) FROM {each[1]}").fetchone()[0] > 1
        ]
        name, table, *_ = random.choice([each for each in full if "WHERE" not in each[2]])
        connection.execute("PRAGMA writable_schema=ON")
        connection.execute("UPDATE sqlite_master SET type = 'hidden' WHERE name = ?", (name,))
        connection.commit()
    with closing(sqlite3.connect(root / CATALOG)) as connection:
        connection.execute("PRAGMA writable_schema=ON")
        connection.execute(f"DELETE FROM {table} WHERE rowid = (SELECT max(rowid) FROM {table})")
        connection.execute("UPDATE sqlite_master SET type = 'index' WHERE name = ?", (name,))
        connection.commit()


def index_dropped(root: Path, random: Random) -> None:
    with closing(sqlite3.connect(root / CATALOG)) as connection:
        query = "SELECT name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
        names = [name for (name,) in connection.execute(query)]
    sql(root, f"DROP INDEX {random.choice(names)}")


def table_dropped(root: Path, random: Random) -> None:
    table, _ = random.choice(columns(root))
    sql(root, f"DROP TABLE {table}")


BY_HAND: dict[str, Callable[[Path, Random], None]] = {
    "capture points elsewhere": lambda root, random: sql(
        root, "UPDATE captures SET offset = offset + 1 WHERE id = 8"
    ),
    "capture in another file": lambda root, random: sql(
        root, "UPDATE captures SET warc = (SELECT max(file) FROM warcs) WHERE id = 8"
    ),
    "capture in no file": lambda root, random: sql(
        root, "UPDATE captures SET warc = 'warc/no.warc.gz' WHERE id = 8"
    ),
    "two captures change places": lambda root, random: rows_exchanged(root, random, "captures", "offset"),
    "two versions change captures": lambda root, random: rows_exchanged(
        root, random, "versions", "capture_id"
    ),
    "two versions change records": lambda root, random: rows_exchanged(root, random, "versions", "record"),
    "two articles change views": lambda root, random: rows_exchanged(root, random, "articles", "views"),
    "an edit with its digests": lambda root, random: with_digests(root, random),
    "rows of an index gone": without_index,
    "an index dropped": index_dropped,
    "a table dropped": table_dropped,
    "all sightings gone": lambda root, random: sql(root, "DELETE FROM sightings"),
    "all listings gone": lambda root, random: sql(root, "DELETE FROM listed"),
    "all problems gone": lambda root, random: sql(root, "DELETE FROM problems"),
}


def with_digests(root: Path, random: Random) -> None:
    """Rewrite a record together with every digest the catalogue has of it, as a forger would."""
    import json
    from dataclasses import replace

    from storage.ledger import field_digests, kept
    from storage.records import Article, canonical_json

    row = row_of(root, "versions", random)
    with closing(sqlite3.connect(root / CATALOG)) as connection:
        (text,) = connection.execute("SELECT record FROM versions WHERE rowid = ?", (row,)).fetchone()
        record = kept(replace(Article.from_json(json.loads(text)), body="Nothing of this was ever said."))
        values = (canonical_json(record).decode(), field_digests(record), record["content_digest"], row)
        connection.execute(
            "UPDATE versions SET record = ?, field_digests = ?, content_digest = ? WHERE rowid = ?", values
        )
        connection.commit()


# ---- what they say of each other


def older_catalog(root: Path, random: Random) -> None:
    shutil.copyfile(root / "old" / CATALOG, root / CATALOG)


def older_warcs(root: Path, random: Random) -> None:
    newer = {path.name for path in warcs(root)} - {path.name for path in (root / "old" / "warc").iterdir()}
    for name in newer:
        (root / "warc" / name).unlink()


def file_and_row_gone(root: Path, random: Random) -> None:
    path = random.choice(warcs(root))
    path.unlink()
    sql(root, f"DELETE FROM warcs WHERE file = 'warc/{path.name}'")


def file_and_row_shorter(root: Path, random: Random) -> None:
    """Take the last record away and tell the catalogue so, with the digest of what is left."""
    path = random.choice(warcs(root))
    data = path.read_bytes()
    at, _ = members(data)[-1]
    path.write_bytes(data[:at])
    digest = hashlib.sha256(data[:at]).hexdigest()
    values = f"length = {at}, records = records - 1, sha256 = '{digest}'"
    sql(root, f"UPDATE warcs SET {values} WHERE file = 'warc/{path.name}'")


def record_edited_file_digest_too(root: Path, random: Random) -> None:
    """Edit a payload with its digests in the file, and the file's digest and lengths in the catalogue."""
    path = random.choice(warcs(root))
    data = path.read_bytes()
    spans = [
        each
        for each in members(data)
        if b"WARC-Type: response" in gzip.decompress(data[each[0] : sum(each)])[:600]
    ]
    at, length = random.choice(spans)
    record = gzip.decompress(data[at : at + length])
    head, _, block = record.partition(BLANK)
    http, _, body = block.removesuffix(BLANK).partition(BLANK)
    body = body[:-1] + bytes([body[-1] ^ 1]) if body else b"x"
    block = http + BLANK + body
    for name, data_ in ((b"Payload", body), (b"Block", block)):
        digest = hashlib.sha256(data_).hexdigest().encode()
        head = re.sub(
            rb"WARC-" + name + rb"-Digest: [^\r\n]*", b"WARC-" + name + b"-Digest: sha256:" + digest, head
        )
    head = re.sub(rb"Content-Length: \d+", b"Content-Length: %d" % len(block), head)
    member = gzip.compress(head + BLANK + block + BLANK, mtime=0)
    data = data[:at] + member + data[at + length :]
    path.write_bytes(data)
    moved = len(member) - length
    file = f"warc/{path.name}"
    digest = hashlib.sha256(data).hexdigest()
    sql(
        root,
        f"UPDATE warcs SET length = {len(data)}, sha256 = '{digest}' WHERE file = '{file}'",
        f"UPDATE captures SET length = {len(member)} WHERE warc = '{file}' AND offset = {at}",
        f"UPDATE captures SET offset = offset + {moved} WHERE warc = '{file}' AND offset > {at}",
    )


BOTH: dict[str, Callable[[Path, Random], None]] = {
    "an older catalogue": older_catalog,
    "older WARC files": older_warcs,
    "a file and its row gone": file_and_row_gone,
    "a file and its row shorter": file_and_row_shorter,
    "a payload edited with all digests of the files": record_edited_file_digest_too,
}


def fixed(root: Path) -> Iterator[Damage]:
    """Yield every damage that has a name, of an archive with these tables."""
    yield from (Damage("warc", name, do) for name, do in WARC.items())
    yield from (Damage("sqlite", name, do) for name, do in CATALOG_BYTES.items())
    yield from (Damage("sqlite", name, do) for name, do in BY_HAND.items())
    yield from (Damage("both", name, do) for name, do in BOTH.items())
    for table, column in columns(root):
        if table != "alembic_version":
            yield Damage("sqlite", f"{table}.{column} edited", partial(edited, table=table, column=column))
    for table in dict.fromkeys(table for table, _ in columns(root)):
        yield Damage("sqlite", f"a row of {table} gone", partial(row_deleted, table=table))
        yield Damage("sqlite", f"rows of {table} gone", partial(rows_deleted, table=table))


def random_one(random: Random) -> Damage:
    """Return a damage at a random place of WARC or catalogue."""
    if random.random() < 0.5:
        name = random.choice(RANDOM_WARC)
        return Damage("warc", name, WARC[name])
    name = random.choice(RANDOM_CATALOG)
    return Damage("sqlite", name, CATALOG_BYTES[name])


# ---- the proof that nothing a reader can see differs


def contents(root: Path) -> dict[str, Any] | None:
    """Return all that an archive says, every row and every record; null if it cannot be read."""
    try:
        return _tables(root) | _records(root)
    except (OSError, sqlite3.Error, zlib.error, AssertionError):
        return None


def told(root: Path) -> dict[str, list[bytes]]:
    """Return digests of the records of each file, in order, wherever they lie."""
    return {name: [digest for _, digest in found] for name, found in _records(root).items()}


def _tables(root: Path) -> dict[str, Any]:
    found: dict[str, Any] = {}
    with closing(sqlite3.connect(f"file:{root / CATALOG}?mode=ro", uri=True)) as connection:
        connection.text_factory = bytes
        schema = connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_master").fetchall()
        found["schema"] = sorted(schema, key=repr)
        for kind, name, *_ in schema:
            if kind == b"table":
                rows = connection.execute(f"SELECT * FROM {name.decode()}").fetchall()
                found[name.decode()] = sorted(rows, key=repr)
        assert connection.execute("PRAGMA quick_check").fetchall() == [(b"ok",)]
    return found


def _records(root: Path) -> dict[str, Any]:
    found = {}
    for path in warcs(root):
        data = path.read_bytes()
        spans = members(data)
        found[path.name] = [
            (at, hashlib.sha256(gzip.decompress(data[at : at + n])).digest()) for at, n in spans
        ]
    return found
