"""A PostgreSQL of the tests' own: started from the binaries a machine has, gone when they are through."""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

NAMED = "CAMPUSNEWS_POSTGRES"
NO_SERVER = f"no PostgreSQL: install Debian's `postgresql` and psycopg, or name a server in {NAMED}"
_OWNER = "postgres"  # who a server runs as that root starts: it refuses to be root
# Nothing has to survive the machine; what is tested of crashes is the death of its clients.
_SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "shared_buffers": "32MB",
    "autovacuum": "off",
    "max_connections": "60",
}
_GUARDED = "local all guarded scram-sha-256\nlocal all all trust\n"


class NoServer(Exception):
    """Nothing on this machine can be a PostgreSQL."""


def binaries() -> Path | None:
    """Return where the server's programs lie: Debian keeps them off the PATH."""
    found = shutil.which("initdb")
    near = [Path(found).resolve().parent] if found else []
    places = near + sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((place for place in places if (place / "postgres").exists()), None)


class Database:
    """A database of the tests; `url` is what an archive is opened with."""

    def __init__(self, name: str, url: str, connection: Any) -> None:
        self.name, self.url, self._connection = name, url, connection

    @classmethod
    @contextmanager
    def made(cls, server_url: str, name: str) -> Iterator[Database]:
        """Give a new database of that name, and drop it."""
        import psycopg

        def connect(database: str) -> psycopg.Connection[Any]:
            url = server_url.format(database).replace("+psycopg", "")
            return psycopg.connect(url, autocommit=True)

        with connect("postgres") as owner:
            owner.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
            try:
                with connect(name) as connection:
                    yield cls(name, server_url.format(name), connection)
            finally:
                owner.execute(f'DROP DATABASE "{name}" WITH (FORCE)')

    def cut_off(self) -> None:
        """End every other connection to it."""
        self.ask(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )

    def empty(self) -> None:
        """Drop every archive in it, and whoever is still connected."""
        self.cut_off()
        for (schema,) in self.ask(
            "SELECT quote_ident(nspname) FROM pg_namespace WHERE nspname ~ '^campusnews'"
        ):
            self._connection.execute(f"DROP SCHEMA {schema} CASCADE")

    def ask(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        cursor = self._connection.execute(query, values or None)
        return cursor.fetchall() if cursor.description else []


@contextmanager
def server() -> Iterator[str]:
    """Give the URL of a server, with {} in the place of a database; raises NoServer."""
    try:
        import psycopg  # noqa: F401
    except ModuleNotFoundError:
        raise NoServer from None
    if named := os.environ.get(NAMED):
        address, _, options = named.partition("?")
        yield address.rstrip("/") + "/{}" + (options and f"?{options}")
        return
    place = binaries()
    if place is None:
        raise NoServer
    directory = Path(tempfile.mkdtemp(prefix="campusnews-pg-"))
    if os.getuid() == 0:
        shutil.chown(directory, _OWNER, _OWNER)
    try:
        with _running(place, directory):
            yield f"postgresql+psycopg://campusnews@/{{}}?host={directory}"
    finally:
        shutil.rmtree(directory, ignore_errors=True)


@contextmanager
def _running(place: Path, directory: Path) -> Iterator[None]:
    data = directory / "data"
    # Its own order is no order of bytes, as on most machines: what is sorted must not follow it.
    make = [place / "initdb", "-D", data, "-U", "campusnews", "-A", "trust", "-E", "UTF8", "--no-sync"]
    subprocess.run([*make, *_order(place)], check=True, capture_output=True, cwd="/", **_as_owner())
    (data / "pg_hba.conf").write_text(_GUARDED)
    settings = [f"-c{name}={value}" for name, value in _SETTINGS.items()]
    log = (directory / "log").open("wb")
    process = subprocess.Popen(
        [place / "postgres", "-D", data, "-k", directory, *settings],
        cwd="/",
        stderr=log,
        preexec_fn=_end_with_parent,
        **_as_owner(),
    )
    try:
        _wait_for(process, directory)
        yield
    finally:
        process.terminate()
        process.wait(30)
        log.close()


def _order(place: Path) -> list[str]:
    """Return how to have texts sorted as people do, where the server can without its system."""
    told = subprocess.run([place / "initdb", "--help"], check=True, capture_output=True, text=True).stdout
    icu = ["--locale-provider=icu", "--icu-locale=en-US"] if "--locale-provider" in told else []
    return ["--locale=C.UTF-8", *icu]


def _end_with_parent() -> None:
    """Have the kernel stop the server when the tests are killed; elsewhere than on Linux it stays."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGINT)  # PR_SET_PDEATHSIG


def _as_owner() -> dict[str, Any]:
    return {"user": _OWNER, "group": _OWNER, "extra_groups": []} if os.getuid() == 0 else {}


def _wait_for(process: subprocess.Popen[bytes], directory: Path) -> None:
    import psycopg

    deadline = time.monotonic() + 60
    while True:
        try:
            psycopg.connect(host=str(directory), user="campusnews", dbname="postgres").close()
        except psycopg.OperationalError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise
            time.sleep(0.02)
        else:
            return
