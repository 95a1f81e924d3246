"""The sample campus, open on free ports, and what a crawl of it leaves in a directory of its own."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import pytest
from hypothesis import settings

from scraper.config import Config, load_config
from scraper.demo.campus import Campus
from scraper.demo.reply import HTML, Reply, Request
from scraper.demo.server import Server
from storage.place import DEFAULT
from tests.postgres_server import NO_SERVER, Database, NoServer, server

# The same examples in every run: new ones are for who works on the code, not for who installs it.
settings.register_profile("steady", derandomize=True, deadline=None)
settings.load_profile("steady")

os.environ.pop(DEFAULT, None)  # a test says itself where its catalogue is
CATALOGUES = ["sqlite", "postgres"]
TITLE = "A story of some length, number"


class StagedCampus(Campus):
    """The campus with a hand on its answers: `staged` goes before them, `on_request` is told the count."""

    def __init__(self) -> None:
        super().__init__()
        self.staged: dict[str, Reply] = {}
        self.on_request: Callable[[int], None] = lambda count: None

    def _respond(self, key: str, request: Request, target: str) -> Reply:
        reply = super()._respond(key, request, target)
        self.on_request(len(self.requests))
        return self.staged.get(self.sites[key] + target, reply)


class SmallSite:
    """A site of a few plain pages on loopback: `pages` maps a path and query to HTML or a whole Reply."""

    def __init__(self) -> None:
        self.pages: dict[str, str | Reply] = {}
        self.asked: list[str] = []
        self.before: Callable[[], object] = lambda: None  # what is to happen before an answer goes out
        self.server = Server(0, self._respond, ())

    @property
    def base(self) -> str:
        return self.server.base

    def listing(self, path: str, numbers: range, next_path: str | None = None, more: str = "") -> None:
        rows = "".join(
            f'<li><a href="/news/{n}.html">{TITLE} {n}</a><span>2026-11-{n:02}</span></li>' for n in numbers
        )
        pager = f'<div class="page"><a href="{next_path}">下一页</a></div>' if next_path else ""
        self.pages[path] = f"<html><body><ul class='news_list'>{rows}{more}</ul>{pager}</body></html>"

    def articles(self, numbers: range, more: str = "") -> None:
        for n in numbers:
            text = (
                f"<p>Paragraph one of story {n}, long enough to be a body of text.</p><p>The second, {n}.</p>"
                * 3
            )
            self.pages[f"/news/{n}.html"] = (
                f"<html><head><title>{TITLE} {n}</title></head><body><h1>{TITLE} {n}</h1>"
                f"<p class='date'>2026-11-{n:02}</p><div class='article'>{text}{more}</div></body></html>"
            )

    def config(self, archive: Path, **settings: object) -> Config:
        values = {
            "name": "small",
            "allow_private": True,
            "delay": 0,
            "retries": 0,
            "recheck": [{"every": 0}],
            "seeds": [f"{self.base}/list.htm"],
        }
        values |= {"ports": [int(self.base.rpartition(":")[2])]} | settings
        return Config.model_validate({"archive": str(archive), "sites": (_frozen(values),)})

    def _respond(self, request: Request, target: str) -> Reply:
        self.asked.append(target)
        self.before()
        page = self.pages.get(target)
        if page is None:
            return Reply(b"<html><body><h1>404 Not Found</h1></body></html>", status=404)
        return page if isinstance(page, Reply) else Reply(page.encode(), HTML)


def _frozen(values: dict[str, object]) -> dict[str, object]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run what uses `catalogue` over SQLite and over PostgreSQL, unless it is marked as of one alone."""
    if "catalogue" in metafunc.fixturenames:
        alone = [kind for kind in CATALOGUES if metafunc.definition.get_closest_marker(kind)]
        metafunc.parametrize("catalogue", alone or CATALOGUES, indirect=True, scope="module")


@pytest.fixture(scope="module")
def catalogue(request: pytest.FixtureRequest) -> Iterator[str]:
    """Say where archives that name no catalogue have it; what makes one for a module asks for this."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv(DEFAULT, raising=False)
        if request.param == "sqlite":
            yield "sqlite"
            return
        database: Database = request.getfixturevalue("database")
        patch.setenv(DEFAULT, database.url)
        yield "postgres"
        database.empty()


@pytest.fixture(scope="session")
def database() -> Iterator[Database]:
    """Give a database in a PostgreSQL of this process, or skip."""
    with ExitStack() as stack:
        try:
            url = stack.enter_context(server())
        except NoServer:
            pytest.skip(NO_SERVER)
        yield stack.enter_context(Database.made(url, f"campusnews_test_{os.getpid()}"))


@pytest.fixture
def campus() -> Iterator[StagedCampus]:
    opened = StagedCampus()
    with opened:
        yield opened


@pytest.fixture
def small() -> Iterator[SmallSite]:
    site = SmallSite()
    with site.server:
        yield site


@pytest.fixture
def config_in(tmp_path: Path, campus: StagedCampus) -> Callable[[str], Path]:
    """Give the path of a config that crawls the campus into an archive of this name."""
    return partial(write_config, tmp_path, campus)


@pytest.fixture
def config_path(config_in: Callable[[str], Path]) -> Path:
    return config_in("archive")


@pytest.fixture
def config(config_path: Path) -> Config:
    return load_config(config_path)


def write_config(directory: Path, campus: Campus, archive: str) -> Path:
    path = directory / f"{archive}.yaml"
    path.write_text(campus.config(archive), encoding="utf-8")
    return path
