"""Whole crawls over loopback HTTP: every field right, every edit found, nothing else, whatever interrupts."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.request import ProxyHandler, build_opener

import pytest
from jsonschema import Draft202012Validator, FormatChecker
from sqlalchemy import func, select
from warcio.archiveiterator import ArchiveIterator
from warcio.checker import Checker

from scraper.config import Config, load_config
from scraper.crawl import Progress, crawl
from scraper.demo.campus import Campus
from scraper.demo.gold import Expected, Gold
from scraper.demo.reply import Reply
from scraper.errors import ConfigError
from scraper.extract import article_id, extract
from scraper.normalize.text import fold
from scraper.page import from_capture
from scraper.rulebook import Rulebook
from storage import Archive
from storage.catalog import metadata
from storage.errors import ArchiveLocked
from storage.records import Article, Change, Run
from storage.schema import change_schema, record_schema
from storage.verify import verify

pytestmark = pytest.mark.usefixtures("catalogue")

MARKED = {"captures", "sightings", "versions"}  # tables that may grow only with what moved
COMMAND = str(Path(sys.executable).with_name("campusnews"))
OUTSIDE = build_opener(ProxyHandler({}))


@dataclass
class Day:
    """The archive as one run left it."""

    run: Run
    articles: dict[str, Article]
    changes: list[Change]
    rows: dict[str, int]
    warc: Counter[str]


@dataclass
class Chronicle:
    """Six days: edition one, only views moved, nothing moved, edition two, the same, edition one again."""

    campus: Campus
    config: Config
    days: list[Day] = field(default_factory=list)
    visited: list[str] = field(default_factory=list)
    beacons_of_the_crawl: list[str] = field(default_factory=list)
    golds: tuple[Gold, ...] = ()

    def live_through(self) -> None:
        self.golds = tuple(gold for gold in self.campus.manifest(1) if gold.listed)
        self.next_day()
        self.be_read_by_people()
        for edition in (1, 1, 2, 2, 1):
            self.campus.edition = edition
            self.next_day(whole=edition == 1)

    def next_day(self, *, whole: bool = False) -> None:
        self.campus.beacons_hit.clear()
        run = crawl(self.config, whole=whole)
        self.beacons_of_the_crawl += self.campus.beacons_hit
        root = Path(self.config.archive)
        with Archive.open(root) as archive:
            articles = {article.id: article for article in archive.articles()}
            self.days.append(Day(run, articles, list(archive.changes()), rows(root), warc_kinds(root, run)))

    def be_read_by_people(self) -> None:
        """What a browser's script does: count a visit, on one article with a counter of each CMS."""
        counted = [article for article in self.days[0].articles.values() if article.views_source == "counter"]
        for site, path in (("szqu", "/_visitcount?siteId=1&type=3&articleId={}"), ("hcu", COUNT_VSB)):
            article = next(article for article in counted if article.site == site)
            self.visited.append(article.id)
            number = article.url.removesuffix("/page.htm").removesuffix(".htm").rpartition("/")[2]
            OUTSIDE.open(self.campus.sites[site] + path.format(number.rpartition("a")[2]), timeout=5).close()

    def by_url(self, day: int) -> dict[str, Article]:
        return {article.url: article for article in self.days[day].articles.values()}


COUNTERS = ("_visitcountdisplay", "dynclicks", "clicktimes")
COUNT_VSB = "/system/resource/code/datainput.jsp?owner=1&e=1&newsid={}"


def rows(root: Path) -> dict[str, int]:
    with Archive.open(root) as archive:
        return {
            name: archive._connection.scalar(select(func.count()).select_from(table)) or 0
            for name, table in metadata.tables.items()
        }


def warc_kinds(root: Path, run: Run) -> Counter[str]:
    found: Counter[str] = Counter()
    for path in root.glob(f"warc/*-r{run.id}-*.warc.gz"):
        with path.open("rb") as file:
            found.update(record.rec_type for record in ArchiveIterator(file))
    return found


@pytest.fixture(scope="module")
def chronicle(catalogue: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chronicle]:
    directory = tmp_path_factory.mktemp("chronicle")
    with Campus() as campus:
        path = directory / "config.yaml"
        path.write_text(campus.config("archive"), encoding="utf-8")
        told = Chronicle(campus, load_config(path))
        told.live_through()
        yield told


def zoneless(article_time: str | None, gold: str) -> str | None:
    """A release time as precise as the gold; the config names the zone, not every page does."""
    return article_time[: len(gold)] if article_time and "+" not in gold else article_time


@dataclass
class CheckArguments:
    inputs: list[str]
    verbose: bool = False


def running(article: Article, paragraphs: tuple[str, ...]) -> tuple[str, ...]:
    """The body's running text: captions, lists, tables and signatures stand between."""
    wanted = set(map(fold, paragraphs))
    return tuple(text for text in article.body.split("\n\n") if text in wanted)


# ---- one day


def test_exactly_the_articles_of_the_manifest_are_archived(chronicle: Chronicle) -> None:
    kept = chronicle.by_url(0)
    assert len(kept) == len(chronicle.golds)
    for gold in chronicle.golds:
        assert len({gold.url, *gold.alternates} & set(kept)) == 1, gold.title


def test_every_field_of_every_article_is_what_the_university_wrote(chronicle: Chronicle) -> None:
    kept = chronicle.days[0].articles
    wrong = []
    for gold in chronicle.golds:
        article = next(kept[key] for url in (gold.url, *gold.alternates) if (key := article_id(url)) in kept)
        got = {
            "site": article.site,
            "title": article.title,
            "release_time": zoneless(article.release_time, gold.release_time),
            "section": article.section,
            "views": article.views,
            "body": running(article, gold.paragraphs),
            "images": tuple(image.url.rpartition("/")[2] for image in article.images),
            "attachments": tuple(sorted(file.url for file in article.attachments)),
            "author": article.author,
            "source": article.source,
            "editor": article.editor,
        }
        want = {name: getattr(gold, name, None) for name in got} | {
            "body": tuple(map(fold, gold.paragraphs)),
            "section": gold.section if article.url == gold.url else article.section,
            "attachments": tuple(sorted(gold.attachments)),
        }
        wrong += [(gold.url, name, got[name], want[name]) for name in got if got[name] != want[name]]
    assert wrong == []


def test_attachments_are_kept_with_type_size_and_digest(chronicle: Chronicle) -> None:
    files = [file for article in chronicle.days[0].articles.values() for file in article.attachments]
    assert files
    assert all(file.sha256 and file.size and file.media_type for file in files)


def test_no_beacon_is_ever_hit(chronicle: Chronicle) -> None:
    assert chronicle.visited
    assert chronicle.beacons_of_the_crawl == []


def test_an_article_in_two_sections_keeps_address_and_section_together(chronicle: Chronicle) -> None:
    campus = chronicle.campus
    twice = {url for gold in chronicle.golds for url in (gold.url, *gold.alternates) if gold.alternates}
    first, last = chronicle.by_url(0), chronicle.by_url(2)
    assert twice & set(first)
    for url in twice & set(first):
        page = OUTSIDE.open(url, timeout=5)
        with page:
            shown = extract(page.read(), url).article
        assert shown is not None
        assert first[url].section == last[url].section == shown.section
    assert campus.edition == 1


# ---- the days after


def expected(changes: Iterable[Expected]) -> Counter[tuple[Any, ...]]:
    return Counter((c.kind, c.site, c.title, frozenset(c.fields), c.release_time_moved_back) for c in changes)


def found(changes: list[Change]) -> Counter[tuple[Any, ...]]:
    return Counter(
        (c.kind, c.site, c.title, frozenset(f.field for f in c.fields), c.release_time_moved_back)
        for c in changes
    )


def test_edition_two_gives_exactly_the_changes_it_makes(chronicle: Chronicle) -> None:
    assert found(chronicle.days[3].changes) == expected(chronicle.campus.expected_changes())


def test_views_that_moved_are_new_sightings_and_nothing_else(chronicle: Chronicle) -> None:
    before, after = chronicle.days[0], chronicle.days[1]
    assert after.changes == []
    assert after.rows["versions"] == before.rows["versions"]
    assert after.rows["sightings"] == before.rows["sightings"] + len(chronicle.visited)
    assert after.rows["captures"] == before.rows["captures"] + len(chronicle.visited)  # the counters' answers
    for key, article in after.articles.items():
        views = before.articles[key].views
        assert article.views == (views if key not in chronicle.visited else (views or 0) + 1)


def test_a_crawl_that_finds_all_as_it_was_adds_nothing_but_revisits(chronicle: Chronicle) -> None:
    before, after = chronicle.days[1], chronicle.days[2]
    assert after.changes == []
    assert {name: after.rows[name] for name in MARKED} == {name: before.rows[name] for name in MARKED}
    assert after.warc["response"] == 0
    assert after.warc["revisit"] == after.warc["request"] == after.run.counts["requests"]


def test_what_is_missing_twice_is_withdrawn(chronicle: Chronicle) -> None:
    missing = {change.article_id for change in chronicle.days[3].changes if change.kind == "missing"}
    assert missing
    assert {(c.kind, c.article_id) for c in chronicle.days[4].changes} == {
        ("withdrawn", key) for key in missing
    }


def test_going_back_to_edition_one_restores_what_was_gone(chronicle: Chronicle) -> None:
    gone = {c.article_id for c in chronicle.days[3].changes if c.kind in ("missing", "hidden")}
    back = {c.article_id for c in chronicle.days[5].changes if c.kind == "restored"}
    assert back == gone
    first, last = chronicle.days[0].articles, chronicle.days[5].articles
    assert {key: last[key].content_digest for key in first} == {
        key: first[key].content_digest for key in first
    }


def test_every_record_and_change_follows_the_published_schema(chronicle: Chronicle) -> None:
    records = Draft202012Validator(record_schema(), format_checker=FormatChecker())
    changes = Draft202012Validator(change_schema(), format_checker=FormatChecker())
    for day in chronicle.days:
        for article in day.articles.values():
            records.validate(article.to_json())
        for change in day.changes:
            changes.validate(json.loads(json.dumps(change.to_json())))


def test_the_archive_is_sound_and_its_warcs_pass_the_checker_of_warcio(chronicle: Chronicle) -> None:
    root = Path(chronicle.config.archive)
    assert list(verify(root)) == []
    files = sorted(str(path) for path in root.glob("warc/*"))
    assert all(name.endswith(".warc.gz") for name in files)
    checker = Checker(CheckArguments(files))
    checker.process_all()
    assert checker.exit_value == 0


def test_every_record_can_be_read_again_from_its_evidence(chronicle: Chronicle) -> None:
    sites = {site.name: site for site in chronicle.config.sites}
    book = Rulebook()
    with Archive.open(chronicle.config.archive) as archive:
        for name in sites:
            book.load(archive.layouts(name))
        for article in archive.articles():
            assert article.capture is not None
            page = from_capture(article.url, *archive.payload(article.capture))
            again = book.read(page, sites[article.site], "", article.section).extraction.article
            assert again is not None
            assert again.extractor == article.extractor
            files = {file.url: file for file in article.attachments}
            again = replace(again, attachments=tuple(files[file.url] for file in again.attachments))
            if article.provenance.get("release_time") == "listing":
                again = replace(again, release_time=article.release_time)
            assert again.content_digest == article.content_digest, article.url


# ---- interrupted


def settled(article: Article) -> Article:
    """The record without what differs by the moment it was kept, and by which of two sections came first."""
    moment = ("views_observed_at", "first_seen", "last_seen", "last_changed", "capture", "section")
    return replace(article, url="", **dict.fromkeys(moment))  # type: ignore[arg-type]


def records(config: Config) -> list[Article]:
    with Archive.open(config.archive) as archive:
        kept = [settled(article) for article in archive.articles()]
        assert all(len(list(archive.versions(article.id))) == 1 for article in kept)
    return kept


class Trap:
    """Sends a signal to the crawling process when the campus has had so many requests more."""

    def __init__(self, campus: Any, config_path: Path, wait: int, what: signal.Signals) -> None:
        self.ready = threading.Event()
        self.at, self.what = len(campus.requests) + wait, what
        campus.on_request = self.spring
        self.process = subprocess.Popen(
            [COMMAND, "crawl", "-c", str(config_path)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.ready.set()

    def spring(self, count: int) -> None:
        self.ready.wait(10)
        if count == self.at:
            self.process.send_signal(self.what)

    def result(self) -> tuple[int, str]:
        _, told = self.process.communicate(timeout=30)
        return self.process.returncode, told


@pytest.mark.parametrize("wait", [4, 40, 110])
def test_a_crawl_killed_at_any_moment_ends_with_the_records_of_one_that_was_not(
    wait: int, campus: Any, config_in: Any
) -> None:
    whole = load_config(config_in("whole"))
    crawl(whole)
    cut = config_in("cut")
    assert Trap(campus, cut, wait, signal.SIGKILL).result()[0] == -signal.SIGKILL
    campus.on_request = lambda count: None
    run = crawl(load_config(cut))
    assert (run.id, run.outcome) == (1, "done")
    assert records(load_config(cut)) == records(whole)
    assert list(verify(load_config(cut).archive)) == []


@pytest.mark.parametrize("what", [signal.SIGINT, signal.SIGTERM])
def test_a_crawl_asked_to_stop_keeps_its_state_and_goes_on_with_the_next_command(
    what: signal.Signals, campus: Any, config_in: Any
) -> None:
    whole = load_config(config_in("whole"))
    crawl(whole)
    cut = config_in("cut")
    code, told = Trap(campus, cut, 40, what).result()
    assert code == 130
    assert told.splitlines()[-1].startswith("interrupted: what was fetched is kept")
    with Archive.open(load_config(cut).archive) as archive:
        assert [run.outcome for run in archive.runs()] == ["interrupted"]
    campus.on_request = lambda count: None
    asked = len(campus.requests)
    run = crawl(load_config(cut))
    assert (run.id, run.outcome) == (1, "done")
    assert len(campus.requests) - asked < run.counts["requests"]
    assert records(load_config(cut)) == records(whole)


def test_a_second_crawl_is_told_who_holds_the_archive(config: Config, campus: Any) -> None:
    refused: list[str] = []

    def try_another(progress: Progress) -> None:
        if not refused:
            with pytest.raises(ArchiveLocked, match=r"pid \d+ on ") as caught:
                crawl(config)
            refused.append(str(caught.value))

    assert crawl(config, watch=try_another).outcome == "done"
    assert refused


# ---- lists that misbehave


def test_a_list_that_links_to_itself_ends(small: Any, tmp_path: Path) -> None:
    small.listing("/list.htm", range(1, 6), next_path="/list.htm")
    small.articles(range(1, 6))
    run = crawl(small.config(tmp_path / "archive"))
    assert (run.outcome, run.counts["listings"], run.counts["articles"]) == ("done", 1, 5)


def test_a_list_that_repeats_itself_forever_ends(small: Any, tmp_path: Path) -> None:
    small.articles(range(1, 6))
    small.listing("/list.htm", range(1, 6), next_path="/list.htm?page=2")
    for page in range(2, 60):
        small.listing(f"/list.htm?page={page}", range(1, 6), next_path=f"/list.htm?page={page + 1}")
    run = crawl(small.config(tmp_path / "archive"))
    assert (run.outcome, run.counts["listings"], run.counts["articles"]) == ("done", 2, 5)


def test_a_list_cut_off_by_max_pages_says_so_and_hides_nothing(small: Any, tmp_path: Path) -> None:
    small.articles(range(1, 16))
    for page in (1, 2, 3):
        path, after = (f"/list.htm{'' if n == 1 else f'?page={n}'}" for n in (page, page + 1))
        small.listing(path, range(page * 5 - 4, page * 5 + 1), next_path=after if page < 3 else None)
    assert crawl(small.config(tmp_path / "archive")).counts["articles"] == 15
    run = crawl(small.config(tmp_path / "archive", max_pages=1))
    assert run.outcome == "done"
    with Archive.open(tmp_path / "archive") as archive:
        assert list(archive.changes()) == []
        assert "max_pages" in (archive.sites(run.id)[0].problem or "")
        assert {article.state for article in archive.articles()} == {"live"}


def test_a_list_that_cannot_be_read_hides_nothing(small: Any, tmp_path: Path) -> None:
    small.listing("/list.htm", range(1, 6))
    small.articles(range(1, 6))
    crawl(small.config(tmp_path / "archive"))
    small.pages["/list.htm"] = Reply(b"<html><body>Bad Gateway</body></html>", status=502)
    assert crawl(small.config(tmp_path / "archive")).outcome == "incomplete"
    with Archive.open(tmp_path / "archive") as archive:
        assert list(archive.changes()) == []


def test_an_article_that_left_a_list_walked_whole_is_hidden_and_comes_back(
    small: Any, tmp_path: Path
) -> None:
    small.articles(range(1, 6))
    kinds = []
    for numbers in (range(1, 6), range(1, 5), range(1, 6)):
        small.listing("/list.htm", numbers)
        crawl(small.config(tmp_path / "archive"))
        with Archive.open(tmp_path / "archive") as archive:
            kinds.append([change.kind for change in archive.changes()])
    assert kinds == [["new"] * 5, ["hidden"], ["restored"]]


def test_a_link_to_another_site_is_not_followed(small: Any, campus: Any, tmp_path: Path) -> None:
    elsewhere = next(iter(campus.sites.values()))
    away = f'<li><a href="{elsewhere}/2026/away.htm">A story that stands elsewhere, number 9</a></li>'
    small.listing("/list.htm", range(1, 6), more=away)
    small.articles(range(1, 6))
    run = crawl(small.config(tmp_path / "archive"))
    assert (run.outcome, run.counts["articles"]) == ("done", 5)
    assert campus.requests == []


def test_a_pdf_in_a_list_is_reported(small: Any, tmp_path: Path) -> None:
    small.listing("/list.htm", range(1, 6))
    small.articles(range(1, 5))
    small.pages["/news/5.html"] = Reply(b"%PDF-1.4\n%%EOF\n", "application/pdf")
    run = crawl(small.config(tmp_path / "archive"))
    assert run.counts["articles"] == 4
    with Archive.open(tmp_path / "archive") as archive:
        assert [(each.reason, each.url) for each in archive.problems(run.id)] == [
            ("pdf_bytes", f"{small.base}/news/5.html")
        ]


# ---- what cannot be had


def kept_after_two(
    config: Config, between: Any
) -> tuple[dict[str, Article], dict[str, Article], list[Change]]:
    crawl(config)
    with Archive.open(config.archive) as archive:
        before = {article.url: article for article in archive.articles()}
    between()
    crawl(config)
    with Archive.open(config.archive) as archive:
        return before, {article.url: article for article in archive.articles()}, list(archive.changes())


def test_an_attachment_out_of_reach_is_no_edit(small: Any, tmp_path: Path) -> None:
    small.listing("/list.htm", range(1, 6))
    small.articles(range(1, 6), more='<p><a href="/files/plan.pdf">plan.pdf</a></p>')
    small.pages["/files/plan.pdf"] = Reply(b"%PDF-1.4\n%%EOF\n", "application/pdf")
    gone = Reply(b"no", "text/plain", status=503)
    before, after, changes = kept_after_two(
        small.config(tmp_path / "archive"), lambda: small.pages.update({"/files/plan.pdf": gone})
    )
    assert before[f"{small.base}/news/1.html"].attachments[0].sha256
    assert {url: each.attachments for url, each in after.items()} == {
        u: e.attachments for u, e in before.items()
    }
    assert changes == []


def test_a_counter_out_of_reach_leaves_the_views_as_last_seen(campus: Any, config: Config) -> None:
    def shut_the_counters() -> None:
        for key, _, target in list(campus.requests):
            if any(name in target for name in COUNTERS):
                campus.staged[campus.sites[key] + target] = Reply(b"no", "text/plain", status=500)

    before, after, changes = kept_after_two(config, shut_the_counters)
    assert {url: each.views for url, each in after.items()} == {
        url: each.views for url, each in before.items()
    }
    assert changes == []


def test_views_stay_unknown_where_the_counter_was_never_in_reach(campus: Any, config: Config) -> None:
    crawl(config)
    counters = {
        campus.sites[key] + target: Reply(b"no", "text/plain", status=500)
        for key, _, target in campus.requests
        if any(name in target for name in COUNTERS)
    }
    campus.staged = counters
    fresh = config.model_copy(update={"archive": config.archive.at(f"{config.archive}-2")})
    crawl(fresh)
    with Archive.open(config.archive) as archive, Archive.open(fresh.archive) as unlucky:
        counted = {article.id for article in archive.articles() if article.views_source == "counter"}
        views = {article.id: article.views for article in unlucky.articles()}
        assert counted
        assert {views[key] for key in counted} == {None}


@pytest.mark.parametrize(("status", "kind"), [(503, "error"), (403, "blocked"), (404, "missing")])
def test_an_article_out_of_reach_keeps_its_record(small: Any, tmp_path: Path, status: int, kind: str) -> None:
    small.listing("/list.htm", range(1, 6))
    small.articles(range(1, 6))
    shut = Reply(b"<html><body>Sorry</body></html>", status=status)
    before, after, changes = kept_after_two(
        small.config(tmp_path / "archive"), lambda: small.pages.update({"/news/3.html": shut})
    )
    assert [(change.kind, change.url) for change in changes] == [(kind, f"{small.base}/news/3.html")]
    assert {each.content_digest for each in after.values()} == {
        each.content_digest for each in before.values()
    }
    assert {each.version for each in after.values()} == {1}


# ---- before it starts


def test_a_public_site_is_not_asked_without_a_contact(tmp_path: Path) -> None:
    site = {"name": "public", "seeds": ("https://news.example.edu/list.htm",)}
    config = Config.model_validate({"archive": str(tmp_path / "archive"), "sites": (site,)})
    with pytest.raises(ConfigError, match="set `contact`"):
        crawl(config)
    assert not (tmp_path / "archive").exists()


def test_an_unknown_site_is_refused_with_the_nearest_name(config: Config) -> None:
    with pytest.raises(ConfigError, match=r"no site 'hcuu'.*'hcu'"):
        crawl(config, sites=["hcuu"])


def test_only_the_named_site_is_asked_and_progress_is_told(campus: Any, config: Config) -> None:
    told: list[Progress] = []
    run = crawl(config, sites=["dfu"], watch=told.append)
    assert {key for key, _, _ in campus.requests} == {"dfu"}
    assert told[-1].done == told[-1].known == len(told)
    assert run.counts["articles"] > 10


def test_every_time_of_the_archive_is_the_clock_that_was_handed_in(config: Config) -> None:
    moment = datetime.fromisoformat("2026-11-02T08:00:00+00:00")
    crawl(config, sites=["dfu"], now=lambda: moment)
    with Archive.open(config.archive) as archive:
        seen = {
            (article.first_seen, article.capture and article.capture.fetched_at)
            for article in archive.articles()
        }
    assert seen == {("2026-11-02T08:00:00+00:00",) * 2}


def states(place: Path) -> list[str]:
    with Archive.open(place) as archive:
        return [article.state or "" for article in archive.articles()]


def test_a_hidden_article_stays_hidden_while_its_list_cannot_be_judged(small: Any, tmp_path: Path) -> None:
    small.articles(range(1, 6))
    for numbers in (range(1, 6), range(1, 5)):
        small.listing("/list.htm", numbers)
        crawl(small.config(tmp_path / "archive"))
    assert sorted(states(tmp_path / "archive")) == ["hidden", *["live"] * 4]
    small.pages["/list.htm"] = Reply(b"<html><body>Bad Gateway</body></html>", status=502)
    crawl(small.config(tmp_path / "archive"))
    with Archive.open(tmp_path / "archive") as archive:
        assert list(archive.changes()) == []


def test_a_list_that_repeats_itself_hides_nothing_and_says_so(small: Any, tmp_path: Path) -> None:
    small.articles(range(1, 11))
    small.listing("/list.htm", range(1, 6), next_path="/list.htm?page=2")
    small.listing("/list.htm?page=2", range(6, 11))
    crawl(small.config(tmp_path / "archive"))
    small.listing("/list.htm?page=2", range(1, 6), next_path="/list.htm?page=3")
    run = crawl(small.config(tmp_path / "archive"))
    assert set(states(tmp_path / "archive")) == {"live"}
    with Archive.open(tmp_path / "archive") as archive:
        assert "repeated_listing" in {problem.reason for problem in archive.problems(run.id)}


@pytest.mark.parametrize("charset", ["hex", "base64", "rot13", "idna", "punycode", "undefined", "no-such"])
def test_a_hostile_charset_costs_no_run(small: Any, tmp_path: Path, charset: str) -> None:
    small.articles(range(1, 6))
    small.listing("/list.htm", range(1, 6))
    page = small.pages["/news/3.html"]
    small.pages["/news/3.html"] = Reply(page.encode(), f"text/html; charset={charset}")
    run = crawl(small.config(tmp_path / "archive"))
    assert (run.outcome, run.counts["articles"]) == ("done", 5)


def test_another_address_of_an_article_neither_edits_nor_removes_it(small: Any, tmp_path: Path) -> None:
    """`/info/11/7.htm` and `/info/12/7.htm` are one article of VSB; relative links set their pages apart."""
    small.articles(range(1, 6), more="<img src='img/a.jpg' width='300'>")
    for column in (11, 12):
        small.pages[f"/info/{column}/7.htm"] = small.pages["/news/5.html"]
    links = "".join(
        f"<li><a href='/info/{c}/7.htm'>Both columns have it</a><span>2026-11-07</span></li>"
        for c in (11, 12)
    )
    small.listing("/list.htm", range(1, 5), more=links)
    for _ in range(3):
        crawl(small.config(tmp_path / "archive"))
    small.pages["/info/12/7.htm"] = Reply(b"<html><body><h1>404 Not Found</h1></body></html>", status=404)
    crawl(small.config(tmp_path / "archive"))
    with Archive.open(tmp_path / "archive") as archive:
        assert [len(list(archive.versions(article.id))) for article in archive.articles()] == [1] * 5
        assert {article.state for article in archive.articles()} == {"live"}


def test_an_interrupted_run_remembers_what_failed_before(small: Any, tmp_path: Path) -> None:
    small.articles(range(1, 6))
    small.listing("/list.htm", range(1, 6))
    stop = threading.Event()
    seeds = [f"{small.base}/down.htm", f"{small.base}/list.htm"]
    config = small.config(tmp_path / "archive", seeds=seeds)
    slow = small.config(tmp_path / "archive", seeds=seeds, delay=0.2)  # something is left when it stops
    with pytest.raises(KeyboardInterrupt):
        crawl(slow, stop=stop, watch=lambda at: stop.set() if at.url.endswith("down.htm") else None)
    run = crawl(config)
    with Archive.open(tmp_path / "archive") as archive:
        assert (run.id, run.outcome, archive.sites(run.id)[0].outcome) == (1, "incomplete", "failed")
