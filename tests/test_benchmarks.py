"""What the benchmarks measure, measured on pages small enough to know the answer."""

from __future__ import annotations

import gzip
import importlib
import json
import sqlite3
import sys
from collections import Counter
from contextlib import closing
from pathlib import Path
from types import ModuleType

import pytest

from scraper import discover, extract
from storage import Archive
from storage.records import Change, FieldChange

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
PAGE = b"<html><head><title>A</title></head><body><p>One, two.</p></body></html>"


@pytest.fixture
def benchmark(monkeypatch: pytest.MonkeyPatch):
    """Return a function that loads a benchmark's module as running its script would."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    before = set(sys.modules)

    def load(name: str) -> ModuleType:
        return importlib.import_module(name)

    yield load
    for name in set(sys.modules) - before:
        if (BENCHMARKS / name.split(".")[0]).exists() or (BENCHMARKS / f"{name}.py").exists():
            del sys.modules[name]


def test_a_folder_with_a_manifest_gives_its_pages_with_their_labels(benchmark, tmp_path: Path) -> None:
    (tmp_path / "a.html").write_bytes(PAGE)
    row = {
        "id": "a",
        "file": "a.html",
        "url": "http://a.example/1",
        "kind": "article",
        "gold": {"title": "A"},
    }
    (tmp_path / "manifest.jsonl").write_text(json.dumps(row), "utf-8")
    (page,) = benchmark("pages").saved(tmp_path)
    assert (page.name, page.url, page.body, page.gold["title"]) == ("a", "http://a.example/1", PAGE, "A")


def test_a_folder_without_a_manifest_gives_every_page_below_it_packed_ones_too(
    benchmark, tmp_path: Path
) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "a.html").write_bytes(PAGE)
    (tmp_path / "deep" / "b.html.gz").write_bytes(gzip.compress(PAGE))
    (tmp_path / "c.txt").write_bytes(b"no page")
    found = benchmark("pages").saved(tmp_path)
    assert [(page.name, page.body) for page in found] == [("a.html", PAGE), ("deep/b.html.gz", PAGE)]


def test_a_folder_without_pages_is_named_in_the_error(benchmark, tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="give a folder of saved pages"):
        benchmark("pages").saved(tmp_path)


def test_the_sample_campus_gives_pages_with_and_without_a_known_cms(benchmark) -> None:
    known, unknown = benchmark("extraction").articles(benchmark("pages").made())
    assert len(known) > len(unknown) > 0


def test_texts_agree_by_the_shingles_they_share(benchmark) -> None:
    accuracy = benchmark("accuracy")
    overlap = accuracy.overlap("one two three four five", "one two three four six", accuracy._WORD)
    assert (overlap.precision, overlap.recall, overlap.f1) == (0.5, 0.5, 0.5)


def test_chinese_characters_are_tokens_of_their_own(benchmark) -> None:
    accuracy = benchmark("accuracy")
    assert accuracy.overlap("春天来了，开会", "春天来了，散会", accuracy._CJK_OR_WORD).common == 1


def test_nothing_found_where_nothing_is_agrees_in_full(benchmark) -> None:
    accuracy = benchmark("accuracy")
    assert accuracy.overlap("", "", accuracy._WORD).f1 == 1.0
    assert accuracy.overlap("", "four words too many", accuracy._WORD).f1 == 0.0


def test_a_tool_that_is_not_installed_is_an_error_that_says_how_to_install_it(benchmark) -> None:
    with pytest.raises(SystemExit, match="pip install"):
        benchmark("rivals").need("no_such_rival")


def test_ratios_are_given_of_the_sums_and_page_by_page(benchmark) -> None:
    figures = benchmark("extraction").Ratio([2.0, 9.0], [1.0, 3.0]).figures()
    assert figures == {"pages": 2, "of_sums": 2.75, "median": 2.5, "least": 2.0, "most": 3.0}


def test_looks_are_counted_for_stages_of_reading(benchmark) -> None:
    pages = benchmark("pages").made()[:2]
    read = benchmark("rivals").ours
    report = benchmark("profiler").report("made", pages, read, 200)
    assert report.startswith("made: 2 pages")
    assert "parse" in report or "document" in report


def test_accuracy_groups_pages_by_their_cms_and_those_of_none(benchmark) -> None:
    accuracy = benchmark("accuracy")
    found = benchmark("pages").saved(accuracy.FIXTURES)
    groups = accuracy.compare(found, ["campusnews"], show=False)
    assert {"all", "no preset", "vsb", "webplus"} <= set(groups)
    assert set(groups["all"]["campusnews"]) == set(accuracy.FIELDS)


def test_a_generated_host_is_read_whole_whatever_its_shape(benchmark) -> None:
    campus = benchmark("campus")
    for host in campus.hosts(4):
        lists = [host.list_path(key) for key in campus.SECTIONS]
        for path, text in campus.pages(host, 3):
            body, url = text.encode(host.encoding), f"http://{host.address}{path}"
            assert 15_000 < len(body) < 40_000
            if path in lists:
                assert len(discover(body, url).items) == 3
            else:
                article = extract(body, url).article
                assert article is not None
                assert article.release_time is not None
                assert len(article.body) > 200
                assert "公告" not in article.body


@pytest.mark.skipif(sys.platform != "linux", reason="what a process costs is read from /proc")
def test_a_crawl_of_a_generated_campus_brings_every_page_and_its_cost(benchmark) -> None:
    crawl = benchmark("crawl")
    runs = crawl.measure(hosts=2, articles=3, rounds=1, contestants=["one"])
    found = crawl.figures(runs, "cpu")["one"]
    assert found["pages"] == 2 * 3 * (3 + 1)
    assert found["by_cpu"] > 0
    assert found["memory_mb"] > 10


def test_work_on_two_cores_is_done_when_both_and_the_busiest_process_are(benchmark) -> None:
    crawl, process = benchmark("crawl"), benchmark("process")
    even = crawl.Run(process.Cost(wall=9.0, cpu=8.0, busiest=3.0, memory=1.0, others=0.0, out=""), 80)
    uneven = crawl.Run(process.Cost(wall=9.0, cpu=8.0, busiest=5.0, memory=1.0, others=0.0, out=""), 80)
    assert (even.rate("cpu", 2), uneven.rate("cpu", 2)) == (20.0, 16.0)


def test_an_archive_filled_in_bulk_is_the_one_a_crawl_would_have_written(benchmark, tmp_path: Path) -> None:
    million = benchmark("million")
    size = million.Size(articles=30, runs=3, changes=20, views=4)
    places = [tmp_path / "bulk", tmp_path / "written"]
    for place, make in zip(places, (million.fill, million.write), strict=True):
        make(place, size)
    bulk, written = map(rows, places)
    assert len(bulk["versions"]) == 30
    assert bulk == written


EVIDENCE = {"warc", "offset", "length", "record_id"}  # where a capture lies: in bulk, nowhere


def rows(place: Path) -> dict[str, list[dict[str, object]]]:
    """Return all rows of a catalogue by table, but for what tells of WARC files."""
    with closing(sqlite3.connect(place / "catalog.sqlite")) as catalog:
        catalog.row_factory = sqlite3.Row
        tables = [name for (name,) in catalog.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        return {
            name: [
                {key: value for key, value in dict(row).items() if key not in EVIDENCE}
                for row in catalog.execute(f"SELECT * FROM {name}")
            ]
            for name in tables
            if name not in ("warcs", "tallies") and not name.startswith("sqlite_")
        }


def test_the_runs_of_a_made_archive_have_the_changes_they_are_made_of(benchmark, tmp_path: Path) -> None:
    million = benchmark("million")
    size = million.Size(articles=200, runs=3, changes=40, views=5)
    million.fill(tmp_path / "archive", size)
    million.go_on(tmp_path / "archive", size)
    with Archive.open(tmp_path / "archive") as archive:
        kinds = Counter(change.kind for change in archive.changes())
        assert kinds == {"changed": 36, "new": 2, "missing": 2}
        assert sum(seen.run == 3 for seen in archive.series()) == 5 + 36 + 2


@pytest.mark.skipif(sys.platform != "linux", reason="what a process costs is read from /proc")
def test_a_command_is_measured_as_the_process_it_is(benchmark, tmp_path: Path) -> None:
    million = benchmark("million")
    million.write(tmp_path / "archive", million.Size(articles=3))
    figures = benchmark("archive_diff").cost("runs", ["runs", "-a", str(tmp_path / "archive")], turns=1)
    assert figures["runs_cpu"] > 0
    assert 20 < figures["runs_mb"] < 200


def test_an_archive_grows_by_what_moved_and_not_by_runs(benchmark) -> None:
    figures = benchmark("archive_growth").measure(1)
    assert figures["growth_articles"] == 4 * 3 * 20
    assert figures["growth_unchanged_catalog_bytes_per_article"] < 200  # some pages of the file for the run
    assert 0 < figures["growth_unchanged_bytes"] < figures["growth_first_bytes"] / 10
    assert figures["growth_unchanged_bytes"] < figures["growth_views_bytes"] < figures["growth_first_bytes"]


def test_hosts_are_asked_on_time_where_workers_are_enough_in_invented_time(benchmark) -> None:
    simulated = benchmark("schedule").simulated
    late = simulated(50, delay=1.0, took=0.1, seconds=60.0, workers=10)
    assert late.tasks == 50 * 55  # one of each host every 1.1 seconds
    assert late.p99 < 0.5  # but for the first, for which fifty stand in line for ten
    assert simulated(50, delay=1.0, took=0.1, seconds=60.0, requests=2, workers=10).p50 > 1.0
    assert simulated(50, delay=1.0, took=0.1, seconds=60.0, requests=2, workers=50).most == 0.0


def test_a_moment_of_a_run_is_told_in_requests_and_seconds_after_them(benchmark, tmp_path: Path) -> None:
    kill9 = benchmark("kill9")
    run = kill9.Whole(1, None, tmp_path, kill9.Counter(), kill9.Counter(), [1.0, 2.0, 2.0, 4.0])
    assert run.moment(0.0) == (0, 0.0)
    assert run.moment(0.125) == (0, 0.5)
    assert run.moment(0.625) == (3, 0.5)
    assert run.moment(0.9) == (3, pytest.approx(1.6))


def test_a_run_that_is_killed_once_loses_and_doubles_nothing(benchmark) -> None:
    figures = benchmark("kill9").measured(1, seed=3)
    assert figures == {"n": 1, "lost": 0, "doubled": 0, "reasked": 0, "verify_failures": 0}


def test_lateness_counts_from_when_a_host_had_rested_and_after_the_lists(benchmark) -> None:
    hosts = benchmark("hosts")
    took = {address: hosts.wait_of(address) for address in hosts.addresses(2)}
    met = {}
    for address, seconds in took.items():
        at, met[address] = 0.0, []
        for path, late in (
            ("/robots.txt", 0.0),
            ("/news/page/1/", 5.0),
            ("/news/50/", 3.0),
            ("/news/51/", 0.25),
        ):
            at += late
            met[address].append((path, at, at + seconds))
            at += seconds + 1.0
    figures = hosts.figures(met, 1.0)
    assert figures["late_max"] == pytest.approx(0.25)  # not the 5 and 3 seconds of the burst
    assert figures["least_gap"] == pytest.approx(1.25)
    assert (figures["met"], figures["requests"]) == (2, 8)


def test_the_hosts_of_a_benchmark_are_read_as_a_site_is(benchmark) -> None:
    hosts = benchmark("hosts")
    listing = discover(body_of(hosts.answer("/news/page/1/", 2)), "http://127.0.1.1/news/page/1/")
    assert (len(listing.items), listing.next) == (hosts.PER_PAGE, "http://127.0.1.1/news/page/2/")
    article = extract(body_of(hosts.answer("/news/50/")), listing.items[0].url).article
    assert article is not None
    assert (article.title, article.extractor.preset) == (listing.items[0].title, "wordpress")
    assert article.release_time == listing.items[0].release_time


def body_of(answer: bytes) -> bytes:
    return answer.partition(b"\r\n\r\n")[2]


def test_every_piece_of_the_archive_benchmark_can_be_measured(benchmark) -> None:
    for name in benchmark("archive").PIECES.values():
        assert callable(benchmark(name).measure)


def test_the_archive_that_is_exported_for_measuring_has_edits_and_moved_views(
    benchmark, tmp_path: Path
) -> None:
    benchmark("archive_export")._fill(tmp_path / "archive", 20)
    with Archive.open(tmp_path / "archive") as archive:
        assert len(list(archive.articles())) == 20
        assert [change.kind for change in archive.changes(since_run=1)] == ["changed"] * 2


def change_score(benchmark, kinds: str, count: int = 3):
    bases = list(benchmark("changing.pages").made(1, each=1))[:count]
    scores = [benchmark("changes").measure(bases, 1, kind) for kind in kinds.split()]
    return scores if len(scores) > 1 else scores[0]


@pytest.mark.parametrize("kind", ["number", "link_hijacked", "released_earlier", "title_words+number"])
def test_an_edit_of_the_change_benchmark_is_found_as_it_was_made(benchmark, kind: str) -> None:
    score = change_score(benchmark, kind)
    assert score.all.wanted >= 3
    assert (score.all.precision, score.all.recall, score.misses) == (1.0, 1.0, [])


def test_noise_of_the_change_benchmark_is_no_edit_for_us_and_one_for_who_compares_whole_pages(
    benchmark,
) -> None:
    score = change_score(benchmark, "latest")
    assert score.noise["latest"] == [3, 0]
    assert score.peers["page text"]["false"] == 3


def test_an_edit_that_is_told_otherwise_than_it_was_made_counts_against_the_benchmark(benchmark) -> None:
    scoring, case = benchmark("changing.scoring"), benchmark("changing.case")
    base = next(benchmark("changing.pages").made(1))
    article = extract(base.body, base.url).article
    made = benchmark("changing.work").Made(base.body, {"title": "substantive"})
    fields = tuple(FieldChange(name, "a", "b", "minor") for name in ("title", "author"))
    change = Change(1, "changed", article.id, "s", article.url, "t", 1, "now", fields=fields)
    score = scoring.Score()
    scoring.judge(case.Case("title_words", base, made), change, article, score)
    assert (score.all.wanted, score.all.found, score.all.false) == (1, 0, 2)
    assert score.misses[0].startswith(
        f"title_words {base.name}: title is minor, not substantive; false author"
    )


def test_the_pages_of_the_change_benchmark_come_the_same_for_one_seed(benchmark) -> None:
    pages = benchmark("changing.pages")
    assert list(pages.made(3)) == list(pages.made(3)) != list(pages.made(4))
