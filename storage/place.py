"""Where an archive is: its directory and, unless that holds it, the address of its catalogue. Does I/O.

An archive whose catalogue is elsewhere has a deed, `catalog.json`, that says where, without a secret.
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from storage.errors import ArchiveDamaged
from storage.files import sync_directory

DEED = "catalog.json"
DEFAULT = "CAMPUSNEWS_CATALOG"
SQLITE = "catalog.sqlite"
OWN = "sqlite"
_ADDRESS = re.compile(r"postgresql(\+psycopg)?://[^\s/?#]*(/[^\s/?#]*)?(\?[^\s#]*)?")
_SCHEMA = re.compile(r"[?&]schema=(?!\w{1,63}(?:&|$))")
_SECRET = re.compile(r"^([^:]*://[^:@/?#]*):.*@", re.DOTALL)  # to the last @, quoted or not
_PARAMETER = re.compile(r"(?<=[?&])(?:ssl)?password=[^&]*")


@dataclass(frozen=True, slots=True)
class Place:
    """An archive's directory; `catalog` is the URL of a PostgreSQL, null for an SQLite in there."""

    path: Path
    catalog: str | None = field(default=None, repr=False)  # may have a password in it

    @classmethod
    def of(cls, where: str | os.PathLike[str], catalog: str | None = None) -> Self:
        """Return the place of a directory, of a place, or of what has a `catalog` beside its path.

        Named nowhere, the catalogue is that of `CAMPUSNEWS_CATALOG`, but where the directory has its own;
        `sqlite` is the directory's own whatever stands there.
        """
        if isinstance(where, cls) and catalog is None:
            return where
        path = Path(where).absolute()
        catalog = catalog or getattr(where, "catalog", None)
        if catalog is None and not (path / SQLITE).exists():
            catalog = os.environ.get(DEFAULT) or None
        return cls(path, None if catalog == OWN else catalog)

    def __fspath__(self) -> str:
        return str(self.path)

    def __str__(self) -> str:
        return str(self.path)


@dataclass(frozen=True, slots=True)
class Deed:
    """Which catalogue an archive's is: an address to show people, the schema in that database, and an id.

    The catalogue has the same id, so that neither half is taken for that of another archive.
    """

    catalog: str
    schema: str
    id: str

    @classmethod
    def read(cls, root: Path) -> Deed | None:
        """Return the deed in a directory, null without one; raises ArchiveDamaged for what is none."""
        path = root / DEED
        if not path.exists():
            return None
        try:
            return cls(**json.loads(path.read_text("utf-8")))
        except (ValueError, TypeError) as error:
            raise ArchiveDamaged(f"{path}: is no deed of a catalogue ({error}): put it back") from None

    def write(self, root: Path) -> None:
        """Write the deed, whole or not at all, down to the disk."""
        beside = root / f".{DEED}"
        with beside.open("w", encoding="utf-8") as file:
            file.write(json.dumps(asdict(self), indent=1) + "\n")
            file.flush()
            os.fsync(file.fileno())
        beside.replace(root / DEED)
        sync_directory(root)


def masked(catalog: str) -> str:
    """Return the address of a catalogue without its password, fit to be shown."""
    return _PARAMETER.sub("password=***", _SECRET.sub(r"\1:***@", catalog))


def flaw_of(catalog: str) -> str | None:
    """Return why a text is no address of a catalogue, in words that do not repeat it; null for a good one."""
    if catalog == OWN:
        return None
    if not _ADDRESS.fullmatch(catalog) or not catalog.isprintable():
        return (
            "is no address of a PostgreSQL: write it like 'postgresql+psycopg://user@host/database', with "
            "signs such as @ / ? # in a password as %40 %2F %3F %23"
        )
    try:
        urlsplit(catalog).port  # noqa: B018 - it is read here
    except ValueError:
        return "has a port that is no number up to 65535"
    if _SCHEMA.search(catalog):
        return "names a schema that is no word of letters, digits and _"
    return None
