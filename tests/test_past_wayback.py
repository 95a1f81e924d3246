"""Old captures from services of the Wayback kind: a small one that can misbehave, and a real pywb."""

from __future__ import annotations

import json
import re
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from scraper.config import Config
from scraper.crawl import backfill
from scraper.demo.reply import HTML, Reply, Request
from scraper.demo.server import Server
from scraper.errors import SourceRefused, UsageError
from scraper.past import cdx
from storage import Archive
from storage.records import Article, Run, Version
from storage.verify import verify
from tests.past import HOST, SEED, Warc, address, article, config_for, listing
from tests.replaying import replaying, wayback

pytestmark = pytest.mark.usefixtures("catalogue")

NOW = datetime(2026, 12, 20, 1, 30, tzinfo=UTC)
Y2015, Y2016, Y2017 = "20150304050607", "20160102030405", "20170102030405"
COLUMNS = ["urlkey", "timestamp", "original", "mimetype", "statuscode", "digest", "length"]


@dataclass
class Service:
    """A service with these captures; `form` is whose it is like, `page` how many rows it gives at once."""

    form: str = "pywb"
    page: int = 1000
    captures: list[tuple[str, str, bytes, str]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    staged: dict[str, Reply] = field(default_factory=dict)
    most: int = 10**9  # rows of an answer, without a word of the rest

    def __post_init__(self) -> None:
        self.server = Server(0, self._respond, ())

    @property
    def base(self) -> str:
        return self.server.base + ("/coll" if self.form == "pywb" else "")

    def keep(self, stamp: str, url: str, body: bytes, media: str = "text/html") -> None:
        self.captures.append((url, stamp, body, media))

    def replayed(self) -> list[str]:
        return [match[1] for target in self.asked if (match := re.search(r"/(\d{14}id_/.*)", target))]

    def _respond(self, _: Request, target: str) -> Reply:
        self.asked.append(target)
        for part, reply in self.staged.items():
            if part in target:
                return reply
        parts = urlsplit(target)
        if parts.path == {"pywb": "/coll/cdx", "wayback": "/cdx/search/cdx"}[self.form]:
            return self._cdx({name: values[0] for name, values in parse_qs(parts.query).items()})
        prefix = {"pywb": "/coll/", "wayback": "/web/"}[self.form]
        if match := re.fullmatch(re.escape(prefix) + r"(\d{14})id_/(.*)", target):
            near = [each for each in self.captures if each[0] == match[2]]
            if near:
                _, stamp, body, _ = min(near, key=lambda each: abs(int(each[1]) - int(match[1])))
                at = datetime.strptime(stamp, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
                return Reply(body, HTML, headers=(("Memento-Datetime", format_datetime(at, usegmt=True)),))
        return Reply(b"<html>Not Found</html>", HTML, status=404)

    def _cdx(self, query: dict[str, str]) -> Reply:
        found = [
            [url, stamp, url, media, "200", str(hash(body)), str(len(body))]
            for url, stamp, body, media in sorted(self.captures)
            if url.partition("://")[2].startswith(query["url"]) and query["from"] <= stamp <= query["to"]
        ]
        if self.form == "pywb":
            found = found[: min(self.most, int(query["limit"]))]
            names = ["urlkey", "timestamp", "url", "mime", "status", "digest", "length"]
            lines = [json.dumps(dict(zip(names, row, strict=True))) for row in found]
            return Reply("\n".join(lines).encode(), "text/x-ndjson")
        start = int(query.get("resumeKey", "0"))
        rows: list[list[str]] = [COLUMNS, *found[start : start + self.page]] if found else []
        if start + self.page < len(found):
            rows += [[], [str(start + self.page)]]
        return Reply(json.dumps(rows).encode(), "application/json")


@pytest.fixture(params=["pywb", "wayback"])
def service(request: pytest.FixtureRequest) -> Iterator[Service]:
    made = Service(request.param)
    with made.server:
        yield made


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return config_for(tmp_path / "archive", allow_private=True)


def fill(config: Config, service: Service, **options: Any) -> Run:
    service.asked.clear()
    return backfill(config, "past", wayback=service.base, now=lambda: NOW, **options)


def articles(config: Config) -> dict[str, Article]:
    with Archive.open(config.archive) as archive:
        return {each.url: each for each in archive.articles()}


def versions(config: Config, number: int) -> list[Version]:
    with Archive.open(config.archive) as archive:
        found = archive.find(address(number))
        return list(archive.versions(found.id)) if found else []


def test_mementos_become_versions_of_the_original_address(config: Config, service: Service) -> None:
    service.keep(Y2016, SEED, listing([2]))
    service.keep(Y2015, address(1), article(1))
    service.keep(Y2016, address(1), article(1, "as it was corrected"))
    service.keep(Y2017, address(1), article(1))
    service.keep(Y2015, address(2), article(2, day=None))
    service.keep(Y2015, f"{HOST}/a.png", b"\x89PNG", "image/png")
    service.keep(Y2015, "http://www.elsewhere.example/1.html", article(1))
    run = fill(config, service)
    assert set(articles(config)) == {address(1), address(2)}
    assert [version.created_at[:4] for version in versions(config, 1)] == ["2015", "2016", "2017"]
    assert articles(config)[address(2)].release_time == "2015-03-02", "the day its list prints"
    capture = versions(config, 1)[0].article.capture
    assert capture is not None
    assert capture.fetched_at == NOW.isoformat(timespec="seconds"), "the evidence is what the service gave"
    assert (run.kind, run.outcome, run.counts["articles"], run.counts["edit"]) == ("backfill", "done", 4, 2)
    assert run.counts["requests"] == len(service.asked)
    assert len(service.replayed()) == len(set(service.replayed())) == 5
    assert not list(verify(config.archive))


def test_a_second_time_nothing_is_replayed(config: Config, service: Service) -> None:
    service.keep(Y2015, address(1), article(1))
    service.keep(Y2016, address(1), article(1))
    fill(config, service)
    assert len(service.replayed()) == 1, "the same digest again is the same page"
    run = fill(config, service)
    assert service.replayed() == []
    assert run.counts["older"] == 1


def test_a_long_answer_is_asked_for_in_pieces(config: Config, service: Service) -> None:
    service.page = 3
    for number in range(1, 11):
        service.keep(f"2016{number:02}02030405", address(number), article(number))
    if service.form == "pywb":  # which gives all there is: then less time is asked for at once
        small = config.sites[0].model_copy(update={"max_bytes": 1000})
        config = config.model_copy(update={"sites": (small,)})
    fill(config, service)
    assert len(articles(config)) == 10
    assert sum("cdx" in target for target in service.asked) >= 4


def test_an_answer_that_is_cut_without_a_word_is_asked_for_in_pieces(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cdx, "AT_ONCE", 4)
    service = Service("pywb", most=4)
    for number in range(1, 12):
        at = datetime(2016, 1, 2, 3, 4, tzinfo=UTC) + timedelta(seconds=20 * number)
        service.keep(cdx.stamp_of(at), address(number), article(number))
    with service.server:
        run = fill(config, service)
    assert len(articles(config)) == 11
    assert run.outcome == "done"


def test_more_captures_in_a_second_than_a_service_lists_are_told_of(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cdx, "AT_ONCE", 4)
    service = Service("pywb", most=4)
    for number in range(1, 8):
        service.keep(Y2016, address(number), article(number))
    with service.server:
        run = fill(config, service)
    with Archive.open(config.archive) as archive:
        (outcome,) = archive.sites(run.id)
    assert "lists no more than 4 captures of 2016-01-02 03:04:0" in (outcome.problem or "")


def test_another_capture_than_the_one_asked_for_is_not_taken_for_it(config: Config, service: Service) -> None:
    service.keep(Y2015, address(1), article(1))
    service.keep(Y2017, address(2), article(2))
    headers = (("Memento-Datetime", "Sat, 02 Jan 2010 03:04:05 GMT"),)
    service.staged["/news/1.html"] = Reply(article(1, "of another day"), HTML, headers=headers)
    run = fill(config, service)
    assert set(articles(config)) == {address(2)}
    assert run.counts["unresolved"] == 1


def test_where_a_capture_is_from_is_told_by_its_header_else_by_its_address() -> None:
    at = datetime(2016, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert cdx.replayed_at("http://w/20100102030405id_/http://a/", format_datetime(at, usegmt=True)) == at
    assert cdx.replayed_at(f"http://w/{Y2016}id_/http://a/", None) == at
    assert cdx.replayed_at(f"http://w/{Y2016}id_/http://a/", "yesterday") is None
    assert cdx.replayed_at("http://w/", None) is None


def test_the_days_are_asked_for(config: Config, service: Service) -> None:
    for number, stamp in enumerate((Y2015, Y2016, Y2017), start=1):
        service.keep(stamp, address(number), article(number))
    fill(config, service, since="2016-01-01", until="2016-12-31")
    assert set(articles(config)) == {address(2)}
    assert len(service.replayed()) == 1


def test_the_robots_txt_of_the_service_is_obeyed(config: Config, service: Service) -> None:
    service.keep(Y2015, address(1), article(1))
    service.staged["/robots.txt"] = Reply(b"User-agent: *\nDisallow: /\n", "text/plain")
    with pytest.raises(SourceRefused, match=r"robots\.txt of the host forbids it"):
        fill(config, service)
    assert service.asked == ["/robots.txt"]


def test_a_memento_that_is_not_replayed_costs_only_itself(config: Config, service: Service) -> None:
    for number in (1, 2, 3):
        service.keep(Y2015, address(number), article(number))
    service.staged["/news/1.html"] = Reply(b"", HTML, status=404)
    service.staged["/news/2.html"] = Reply(b"", HTML, status=503)
    run = fill(config, service)
    assert set(articles(config)) == {address(3)}
    assert (run.counts["unresolved"], run.outcome) == (2, "done")
    service.staged.clear()
    fill(config, service)
    assert len(articles(config)) == 3


def test_a_service_that_keeps_failing_ends_the_run_and_the_next_goes_on(
    config: Config, service: Service
) -> None:
    for number in range(1, 41):
        service.keep(Y2016, address(number), article(number))
    service.staged["/news/"] = Reply(b"", HTML, status=503)
    run = fill(config, service)
    assert (run.outcome, len(articles(config))) == ("incomplete", 0)
    assert len(service.replayed()) < 40
    service.staged.clear()
    assert fill(config, service).outcome == "done"
    assert len(articles(config)) == 40


@pytest.mark.parametrize("answer", [b"<html>Welcome</html>", b"[1, 2]", b"[", b"\xff"])
def test_a_service_without_cdx_is_refused(config: Config, service: Service, answer: bytes) -> None:
    service.staged["/cdx"] = Reply(answer, HTML)
    with pytest.raises(SourceRefused, match="no CDX answer"):
        fill(config, service)
    assert not config_archive_has_runs(config)


def config_archive_has_runs(config: Config) -> bool:
    with Archive.open(config.archive) as archive:
        return bool(archive.runs())


def test_what_is_no_address_is_refused(config: Config) -> None:
    with pytest.raises(UsageError, match="--from-wayback nowhere"):
        backfill(config, "past", wayback="nowhere", now=lambda: NOW)


def test_a_private_service_is_asked_only_where_the_site_allows_it(tmp_path: Path, service: Service) -> None:
    with pytest.raises(SourceRefused, match="address"):
        fill(config_for(tmp_path / "archive"), service)
    assert service.asked == []


def test_a_stopped_import_goes_on_where_it_was(config: Config, service: Service) -> None:
    for number in range(1, 7):
        service.keep(f"2016010{number}000000", address(number), article(number))
    stop = threading.Event()
    with pytest.raises(KeyboardInterrupt):
        fill(config, service, stop=stop, watch=lambda at: stop.set() if at.url == address(3) else None)
    assert len(articles(config)) == 3
    fill(config, service)
    assert len(articles(config)) == 6
    assert len(service.replayed()) == 3


def test_rows_of_both_forms_say_the_same() -> None:
    lines = b'{"timestamp": "20150304050607", "url": "http://a/", "mime": "text/html", "status": "200"}\n'
    listed = json.dumps([COLUMNS, ["k", Y2015, "http://a/", "text/html", "200", "", "1"]]).encode()
    assert cdx.parse(lines) == cdx.parse(listed)
    assert cdx.parse(b"[]") == cdx.parse(b"") == cdx.Answer(())
    odd = [COLUMNS, ["k", "2015", "http://a/", "text/html", "200", "", "1"], ["k"], [], ["more"]]
    assert cdx.parse(json.dumps(odd).encode()) == cdx.Answer((), "more", 2)


@pytest.fixture
def pywb(tmp_path: Path) -> Iterator[tuple[str, Warc]]:
    """A real pywb on loopback with one WARC file, indexed when the service is first asked."""
    program = wayback()
    place = tmp_path / "pywb"
    place.mkdir()
    manager = str(Path(program).with_name("wb-manager"))
    subprocess.run([manager, "init", "coll"], cwd=place, check=True, capture_output=True)
    warc = Warc(tmp_path / "kept.warc.gz")
    first = warc.response(address(1), article(1), "2015-03-04T05:06:07Z")
    warc.response(address(1), article(1, "as it was corrected"), "2016-01-02T03:04:05Z")
    warc.revisit(
        address(1),
        "2017-01-02T03:04:05Z",
        {
            "WARC-Refers-To": first,
            "WARC-Payload-Digest": warc.digest_of(article(1)),
            "WARC-Refers-To-Target-URI": address(1),
            "WARC-Refers-To-Date": "2015-03-04T05:06:07Z",
            "WARC-Profile": "http://netpreserve.org/warc/1.0/revisit/identical-payload-digest",
        },
    )
    warc.response(SEED, listing([2]), "2016-01-02T03:04:05Z")
    warc.response(f"{HOST}/news/2.html?a=1&b=%E4%B8%AD", article(2), "2015-03-04T05:06:07Z")
    subprocess.run([manager, "add", "coll", str(warc.path)], cwd=place, check=True, capture_output=True)
    with replaying(place, f"/coll/cdx?url={SEED}") as base:
        yield f"{base}/coll", warc


def test_a_real_pywb_fills_an_archive_as_its_warc_does(
    config: Config, tmp_path: Path, pywb: tuple[str, Warc]
) -> None:
    base, warc = pywb
    run = backfill(config, "past", wayback=base, now=lambda: NOW)
    assert [version.created_at[:4] for version in versions(config, 1)] == ["2015", "2016", "2017"]
    direct = config_for(tmp_path / "direct")
    backfill(direct, "past", warcs=[warc.path], now=lambda: NOW)
    digests = [{url: each.content_digest for url, each in articles(one).items()} for one in (config, direct)]
    assert digests[0] == digests[1]
    assert len(digests[0]) == 2
    again = backfill(config, "past", wayback=base, now=lambda: NOW)
    assert (run.counts["articles"], again.counts["older"]) == (4, 4)
    assert not list(verify(config.archive))
