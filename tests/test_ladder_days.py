"""The ladder over random sequences of campus days, against a model of its own: in archives and in crawls."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import combinations, count, islice
from pathlib import Path
from typing import Literal, get_args

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from scraper.config import Config
from scraper.crawl import crawl
from scraper.demo.reply import Reply
from storage import Archive
from storage.ladder import Look
from storage.records import Article, Event, Exchange

from .campus_days import article
from .conftest import SmallSite

pytestmark = pytest.mark.usefixtures("catalogue")
DAY = timedelta(days=1)
LOOKS: tuple[Look, ...] = get_args(Look)
CERTAIN = ("live", "hidden", "missing", "withdrawn", "restored")
Cell = tuple[str, str]


@dataclass
class Model:
    """What is certain of one article, what is shown, and what was told of it: written from the docs alone."""

    certain: str | None = None
    since: int = 0
    shown: str | None = None
    told: list[tuple[int, str]] = field(default_factory=list)

    def look(self, look: str, run: int) -> Cell:
        cell = (self.certain or "none", look)
        before = self.certain, self.shown
        if look in ("blocked", "error"):
            self.shown = look
            if self.shown != before[1]:
                self.told.append((run, look))
            return cell
        self._settle(look, run)
        self.shown = self.certain
        if before[0] is None:
            self.told.append((run, "new"))
        if self.certain not in (before[0], "live"):
            self.told.append((run, str(self.certain)))
        return cell

    def _settle(self, look: str, run: int) -> None:
        now = self._next(look, confirmed=run > self.since)
        if now != self.certain:
            self.certain, self.since = now, run

    def _next(self, look: str, *, confirmed: bool) -> str:
        """Return what is certain after a look that could see; one of the same run confirms nothing."""
        if look == "gone":
            if self.certain == "withdrawn":
                return "withdrawn"
            return "withdrawn" if self.certain == "missing" and confirmed else "missing"
        if look == "unlisted" or (look == "alive" and self.certain == "hidden"):
            return "hidden"
        if self.certain in ("hidden", "missing", "withdrawn"):
            return "restored"
        return "restored" if self.certain == "restored" and not confirmed else "live"


# ---- in the archive itself

ARTICLES = 3
LOOKED = st.tuples(st.integers(1, ARTICLES), st.sampled_from(LOOKS), st.booleans())
NIGHTS = st.lists(st.lists(LOOKED, min_size=3, max_size=8), min_size=12, max_size=30)
READ = ("seen", "unlisted", "alive")


class Book:
    """An archive that stays open; each example has articles of its own in it, whose ids it is given."""

    def __init__(self, archive: Archive) -> None:
        self.archive, self.now = archive, datetime(2026, 9, 1, tzinfo=UTC)
        self.examples = self.last = 0

    def example(self) -> Callable[[int], str]:
        self.examples += 1
        return f"a{self.examples}-{{}}".format

    def run(self, looks: Iterable[tuple[str, Look, str]]) -> int:
        """Write a run that had these looks, (id, look, body), and return its number."""
        self.now += DAY
        run = self.archive.begin_run(self.now, ["campus"])
        for key, look, body in looks:
            if look not in READ:
                self.archive.look(key, look, now=self.now, reason=look)
                continue
            page = article(id=key, url=f"http://news.example.edu/{key}.htm", body=body)
            capture = self.archive.capture(exchange(page, self.now))
            self.archive.put(page, capture, now=self.now, look=look)
        self.archive.end_run(self.now, "done", {})
        self.last = run.id
        return run.id


def exchange(page: Article, now: datetime) -> Exchange:
    head = b"HTTP/1.1 200 OK\r\n\r\n"
    return Exchange(page.url, "GET", b"GET / HTTP/1.1\r\n\r\n", head, page.body.encode(), 200, now)


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    with Archive.open(tmp_path / "archive", write=True, create=True) as archive:
        yield Book(archive)


def test_every_sequence_of_looks_ends_where_the_model_does_and_is_told_so(book: Book) -> None:
    cells = set[Cell]()

    @settings(max_examples=5, phases=(Phase.generate,))
    @given(NIGHTS)
    def live_through(nights: list[list[tuple[int, Look, bool]]]) -> None:
        name, cursor = book.example(), book.archive.cursor()
        models = {name(n): Model() for n in range(1, ARTICLES + 1)}
        edits = dict.fromkeys(models, 0)
        first: list[tuple[int, Look, bool]] = [(n, "seen", False) for n in range(1, ARTICLES + 1)]
        for night in [first, *nights]:
            made, run = [], book.last + 1
            for number, look, edited in night:
                key = name(number)
                cells.add(models[key].look(look, run))
                edits[key] += edited and look in READ
                made.append((key, look, f"Body {edits[key]} of {key}."))
            assert book.run(made) == run
        agree(book.archive, cursor, models, edits)

    live_through()
    assert cells - {("none", "seen")} == {(standing, look) for standing in CERTAIN for look in LOOKS}


def agree(archive: Archive, cursor: int, models: dict[str, Model], edits: dict[str, int]) -> None:
    """Hold the archive's states, its changes and its stream after a cursor against the models."""
    shown = {key: (found.state, found.version) for key in models if (found := archive.article(key))}
    assert shown == {key: (model.shown, edits[key] + 1) for key, model in models.items()}
    told: dict[str, list[tuple[int, str]]] = {key: [] for key in models}
    for change in archive.changes(cursor=cursor):
        if change.kind != "changed":
            told[change.article_id].append((change.run, change.kind))
    assert told == {key: model.told for key, model in models.items()}
    copy = replayed(archive, cursor)
    assert {key: event.article.state for key, event in copy.items()} == {
        key: model.shown for key, model in models.items()
    }
    assert {key: event.tombstone for key, event in copy.items()} == {
        key: model.certain in ("hidden", "withdrawn") for key, model in models.items()
    }


def replayed(archive: Archive, cursor: int, step: int = 7) -> dict[str, Event]:
    """Return the last event of each article, for who reads the stream some events at a time."""
    copy: dict[str, Event] = {}
    while some := list(islice(archive.events(cursor), step)):
        copy |= {event.article.id: event for event in some}
        cursor = some[-1].cursor
    return copy


def test_what_two_runs_differ_in_is_what_the_model_says_of_both(book: Book) -> None:
    @settings(max_examples=6, phases=(Phase.generate,))
    @given(st.lists(st.sampled_from(LOOKS), min_size=3, max_size=9))
    def live_through(looks: list[Look]) -> None:
        key, model = book.example()(1), Model()
        history: list[tuple[int, str | None, str | None]] = []
        for look in ("seen", *looks):
            run = book.run([(key, look, f"Body of {key}.")])  # type: ignore[list-item]
            model.look(look, run)
            history.append((run, model.certain, model.shown))
        for early, late in combinations(history, 2):
            kinds = {each.kind for each in book.archive.changes(since_run=early[0], until_run=late[0])}
            assert kinds == expected_between(early[1:], late[1:])

    live_through()


def expected_between(before: tuple[str | None, str | None], after: tuple[str | None, str | None]) -> set[str]:
    kinds = set[str]()
    if after[0] != before[0] and not (after[0] == "live" and before[0] == "restored"):
        kinds.add("restored" if after[0] == "live" else str(after[0]))
    if after[1] in ("blocked", "error") and after[1] != before[1]:
        kinds.add(str(after[1]))
    return kinds


# ---- in crawls of a small site

Page = Literal["there", "gone", "blocked", "error"]
ANSWERS = {"gone": 404, "blocked": 403, "error": 503}
NUMBERS = range(1, 10)
SIZE = 5  # lines of a page of the list


@dataclass(frozen=True)
class Night:
    """What the campus shows: each article's page, which of them its list has, and how that is walked."""

    pages: dict[int, Page]
    listed: frozenset[int]
    edited: frozenset[int]
    whole: bool
    broken: bool  # the second page of the list


@st.composite
def campus_nights(draw: st.DrawFn) -> Night:
    pages = {
        n: draw(st.sampled_from(("there", "there", "there", "gone", "gone", "blocked", "error")))
        for n in NUMBERS
    }
    left = draw(st.frozensets(st.sampled_from((2, 3, 7, 8)), max_size=4))  # few, so that they stay away
    edited = draw(st.frozensets(st.sampled_from(NUMBERS), max_size=2))
    walks = st.sampled_from(((False, False), (False, False), (True, False), (True, True)))
    whole, broken = draw(walks)
    return Night(pages, frozenset(NUMBERS) - left, edited, whole, broken)


FIRST = Night(dict.fromkeys(NUMBERS, "there"), frozenset(NUMBERS), frozenset(), True, False)


@dataclass
class Campus:
    """The small site, what an archive should know of it, and what it does."""

    site: SmallSite
    config: Config
    models: dict[int, Model] = field(default_factory=lambda: {n: Model() for n in NUMBERS})
    edits: dict[int, int] = field(default_factory=lambda: dict.fromkeys(NUMBERS, 0))
    joined: bool = False  # whether the last walk of the list lost nothing
    now: datetime = datetime(2026, 12, 1, 1, 30, tzinfo=UTC)

    def live(self, night: Night, run: int) -> Iterator[Cell]:
        """Publish a night, crawl it, and yield what each article went through."""
        self._publish(night)
        walked, floor = self._walk(night)
        looks = {n: self._look(n, night, walked, floor) for n in NUMBERS}
        self.now += DAY
        crawl(self.config, now=lambda: self.now, whole=night.whole, accept=True)
        for n, look in looks.items():
            self.edits[n] += n in night.edited and look in READ
            yield self.models[n].look(look, run)

    def _publish(self, night: Night) -> None:
        for n in NUMBERS:
            words = f"<p>Edited {self.edits[n] + (n in night.edited)} times.</p>"
            self.site.articles(range(n, n + 1), words)
            if (page := night.pages[n]) != "there":
                self.site.pages[f"/news/{n}.html"] = Reply(b"<html>Sorry</html>", status=ANSWERS[page])
        first, second = self._lists(night)
        self.site.listing("/list.htm", first, "/list.htm?page=2" if second else None)  # type: ignore[arg-type]
        self.site.listing("/list.htm?page=2", second)  # type: ignore[arg-type]
        if night.broken:
            self.site.pages["/list.htm?page=2"] = Reply(b"<html>Bad gateway</html>", status=502)

    @staticmethod
    def _lists(night: Night) -> tuple[Sequence[int], Sequence[int]]:
        lines = sorted(night.listed, reverse=True)
        return lines[:SIZE], lines[SIZE:]

    def _walk(self, night: Night) -> tuple[set[int], int | None]:
        """Return the lines a walk meets, and the day below which absence proves nothing; null is nothing."""
        first, second = self._lists(night)
        known = not any(self.models[n].shown in (None, "hidden") for n in first)
        if not second or (known and self.joined and not night.whole):
            self.joined = True
            return set(first), first[-1]
        self.joined = not night.broken
        return (set(first), None) if night.broken else ({*first, *second}, second[-1])

    def _look(self, n: int, night: Night, walked: set[int], floor: int | None) -> str:
        if (page := night.pages[n]) != "there":
            return page
        if n in walked:
            return "seen"
        missed = floor is not None and n > floor and self.models[n].certain != "withdrawn"
        return "unlisted" if missed else "alive"


@pytest.mark.sqlite
def test_a_campus_over_weeks_is_what_the_model_of_the_ladder_says(small: SmallSite, tmp_path: Path) -> None:
    cells, places = set[Cell](), count()

    @settings(max_examples=6, phases=(Phase.generate,))
    @given(st.lists(campus_nights(), min_size=5, max_size=8))
    def live_through(nights: list[Night]) -> None:
        archive = tmp_path / str(next(places))
        campus = Campus(small, small.config(archive, give_up_after=1000))
        for run, night in enumerate([FIRST, *nights], 1):
            cells.update(campus.live(night, run))
        with Archive.open(archive) as opened:
            ids = {each.url.rpartition("/")[2]: each.id for each in opened.articles()}
            models = {ids[f"{n}.html"]: model for n, model in campus.models.items()}
            agree(opened, 0, models, {ids[f"{n}.html"]: edits for n, edits in campus.edits.items()})

    live_through()
    never = {
        ("withdrawn", "unlisted")
    }  # one that is withdrawn comes back first, and is missed on its lists then
    assert cells - {("none", "seen")} == {(standing, look) for standing in CERTAIN for look in LOOKS} - never
