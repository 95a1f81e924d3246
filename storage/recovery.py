"""After a killed run: the WARC files on disk are brought back to what the catalogue acknowledged. Does I/O.

Nothing is destroyed: what was never acknowledged is kept beside its file as `.torn`.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from sqlalchemy import Connection, Row, select

from storage.catalog import warcs
from storage.digests import sha256_of
from storage.errors import ArchiveDamaged
from storage.files import OPEN, PART, TORN, cut, finalise, is_warc, locate, put_aside, sync_directory, twin

log = logging.getLogger(__name__)


def recover(root: Path, connection: Connection) -> None:
    """Cut torn tails, close the files of dead runs and put aside what no commit ever named."""
    for row in connection.execute(select(warcs).where(~warcs.c.closed)).all():
        _close(root, connection, row)
    connection.commit()
    _miss_newest(root, connection)
    known = set(connection.scalars(select(warcs.c.file)))
    connection.commit()
    _tidy(root, connection)
    for path in sorted((root / "warc").glob("*" + OPEN)):
        if f"warc/{path.name.removesuffix(OPEN)}" in known:
            finalise(path)
        else:
            log.warning("%s: holds nothing that was acknowledged: put aside", path)
            put_aside(path)


def _miss_newest(root: Path, connection: Connection) -> None:
    """Warn where the newest file is not there: lost, or another directory goes on with the catalogue."""
    there = select(warcs.c.file).where(warcs.c.flaws.is_(None))  # a repair knows of the others
    query = there.order_by(warcs.c.run_id.desc(), warcs.c.file.desc()).limit(1)
    newest = connection.scalar(query)
    if newest is not None and not locate(root, newest).exists():
        log.warning(
            "%s: %s, the newest file its catalogue names, is not here: put it back, or use the directory "
            "this one is a copy of",
            root,
            newest,
        )


def leftovers(root: Path, known: Collection[str]) -> Iterator[Path]:
    """Yield what a killed rewriting of a file left beside the one the catalogue knows."""
    for path in sorted((root / "warc").glob("*.warc.*")):
        name = f"warc/{path.name.removesuffix(PART)}"
        if not is_warc(name) or name.endswith(OPEN):
            continue
        if path.name.endswith(PART) or (name not in known and twin(name) in known):
            yield path


def _tidy(root: Path, connection: Connection) -> None:
    """Take away what a killed rewriting left, where the file that the catalogue knows is whole."""
    known = {row.file: row.sha256 for row in connection.execute(select(warcs.c.file, warcs.c.sha256))}
    connection.commit()
    for path in list(leftovers(root, known)):
        if path.name.endswith(PART) or _is_whole(root, twin(f"warc/{path.name}"), known):
            path.unlink()
            sync_directory(root / "warc")
        else:
            log.warning("%s: the file it was rewritten to or from is damaged: both are kept", path)


def _is_whole(root: Path, name: str, known: Mapping[str, str | None]) -> bool:
    return (root / name).exists() and sha256_of(root / name) == known[name]


def _close(root: Path, connection: Connection, row: Row[tuple[object, ...]]) -> None:
    path = locate(root, row.file)
    size = path.stat().st_size if path.exists() else 0
    if size < row.length:
        raise ArchiveDamaged(
            f"{path}: {row.length} bytes were committed, {size} are there: "
            "run `campusnews verify` and keep every file"
        )
    if torn := cut(path, row.length):
        log.warning("%s: %d bytes of a killed run cut off and kept as %s", path, torn, TORN)
    digest = sha256_of(path)
    connection.execute(warcs.update().where(warcs.c.file == row.file).values(closed=True, sha256=digest))
