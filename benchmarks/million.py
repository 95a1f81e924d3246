"""An archive of a million articles and a few runs after them, made once and kept in the temporary directory.

Run 1, in which everything is new, is put into the tables as the archive would have written it, without its
WARC; the runs after it go through the archive: `edits` articles edited in six ways, some new, some gone, some
of which only the views moved. `tests/test_benchmarks.py` holds both ways of making run 1 equal.
"""

from __future__ import annotations

import hashlib
import random
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from html import escape
from itertools import islice
from pathlib import Path

from storage import Archive, comparison
from storage.catalog import articles, captures, sightings, versions
from storage.database import HEAD
from storage.ledger import field_digests, kept
from storage.records import Article, Exchange, Extractor, canonical_json
from storage.sqlite import connect
from storage.warc import payload_digest, stamp

START = datetime(2026, 1, 1, 3, tzinfo=UTC)
SITES = 50
WORDS = (
    *("学校", "学院", "教师", "学生", "研究", "会议", "图书馆", "实验室", "活动", "报告", "讲座", "比赛"),
    *("通知", "工作", "发展", "建设", "举行", "参加", "完成", "介绍", "表示", "认为", "获得", "成立"),
    *("访问", "合作", "创新", "国际", "今年", "昨天", "我们", "他们", "和", "的", "在", "了"),
    *("将", "对", "与", "等", "2026年", "三百二十", "campus", "research"),
)
AT_ONCE = 2000


@dataclass(frozen=True, slots=True)
class Size:
    """How many articles, runs, changes of a run (a twentieth new, a twentieth gone), and views that move."""

    articles: int = 1_000_000
    runs: int = 8
    changes: int = 10_000
    views: int = 20_000


def archive(size: Size) -> Path:
    """Return where an archive of that size lies, made unless it is there."""
    place = place_of(size)
    if not place.exists():
        part = place.with_suffix(".part")
        shutil.rmtree(part, ignore_errors=True)
        fill(part, size)
        go_on(part, size)
        part.replace(place)
    return place


def place_of(size: Size) -> Path:
    """Return where it lies: another place for another schema, other rules of comparing, other articles."""
    sample = [article(number, edition) for number in range(6) for edition in (1, 2)]
    made_of = repr((size, HEAD, comparison.REVISION, sample))
    return Path(tempfile.gettempdir(), f"campusnews-{hashlib.sha256(made_of.encode()).hexdigest()[:12]}")


def fill(path: Path, size: Size) -> None:
    """Make the archive with its first run, in bulk."""
    with Archive.open(path, write=True, create=True) as made:
        run = made.begin_run(START, [f"site{number}" for number in range(SITES)]).id
        made.commit()
    catalog = connect(path / "catalog.sqlite", write=True)
    numbers = iter(range(size.articles))
    while some := [article(number) for number in islice(numbers, AT_ONCE)]:
        made_of = zip(*(_rows(each, run) for each in some), strict=True)
        for table, rows in zip((captures, articles, versions, sightings), made_of, strict=True):
            catalog.execute(table.insert(), list(rows))
        catalog.commit()
    catalog.close()
    _end(path, START)


def write(path: Path, size: Size) -> None:
    """Make the archive with its first run, as a crawl does."""
    with Archive.open(path, write=True, create=True) as made:
        made.begin_run(START, [f"site{number}" for number in range(SITES)])
        for number in range(size.articles):
            see(made, article(number), START)
        made.end_run(START, "done", {})


def go_on(path: Path, size: Size) -> None:
    """Write the runs after the first, a day each."""
    for run in range(2, size.runs + 1):
        now = START + timedelta(days=run - 1)
        with Archive.open(path, write=True) as made:
            made.begin_run(now, [f"site{number}" for number in range(SITES)])
            for number, what in looks(size, run):
                if what == "gone":
                    made.look(f"a{number:07}", "gone", now=now, reason="http_404")
                else:
                    edition = run if what == "edited" else 1
                    see(made, replace(article(number, edition), views=number % 977 + run), now)
            made.end_run(now, "done", {})


def looks(size: Size, run: int) -> Iterator[tuple[int, str]]:
    """Yield which articles a run looks at, and what it finds."""
    few = size.changes // 20
    pick = random.Random(run)
    known = size.articles // (size.runs + 1) * run  # no article is edited twice: each run has its own stretch
    own = range(known - size.articles // (size.runs + 1), known)
    chosen = pick.sample(own, size.changes - few + size.views)
    kinds = ["gone"] * few + ["edited"] * (size.changes - 2 * few) + ["viewed"] * size.views
    yield from sorted(zip(chosen, kinds, strict=True))
    first = size.articles + (run - 2) * few
    yield from ((number, "new") for number in range(first, first + few))


def see(archive: Archive, article: Article, now: datetime) -> None:
    """Write a look at an article."""
    archive.put(article, archive.capture(_exchange(article, now)), now=now)


def article(number: int, edition: int = 1) -> Article:
    """Return an invented article of some 900 characters; later editions are edited in one of six ways."""
    paragraphs = [_paragraphs()[(number * 7 + 613 * at) % 4096] for at in range(5 + number % 3)]
    title = f"{_paragraphs()[number % 4096][:14]}（{number}）"
    if edition > 1:
        title, paragraphs = _edited(title, paragraphs, number)
    return Article(
        id=f"a{number:07}",
        url=f"http://site{number % SITES}.example.edu/info/{number}.htm",
        site=f"site{number % SITES}",
        title=title,
        extractor=Extractor("webplus", 3),
        section="新闻",
        release_time=f"{2006 + number % 20}-03-{number % 28 + 1:02}",
        views=number % 977,
        views_source="counter",
        body="\n\n".join(paragraphs),
        body_html="".join(f"<p>{escape(part)}</p>" for part in paragraphs),
        source="宣传部",
        provenance={"title": "webplus.title", "body": "webplus.body", "views": "counter"},
    )


def _edited(title: str, paragraphs: list[str], number: int) -> tuple[str, list[str]]:
    kind = number % 6
    first, *rest = paragraphs
    if kind == 0:
        return title + "（更新）", paragraphs
    if kind == 1:
        return title, [*paragraphs, "以上通知自即日起施行。"]
    if kind == 2:
        return title, rest
    if kind == 3:
        return title, [first[:40] + "（图书馆一楼）" + first[40:], *rest]
    if kind == 4:
        return title, [first.replace("学生", "同学", 1) + "共12人。", *rest[:-1], rest[-1][10:]]
    return title, [*rest, first]


@cache
def _paragraphs() -> list[str]:
    pick = random.Random(0)
    sentences = ["".join(pick.choices(WORDS, k=14)) + "，" for _ in range(4096 * 6)]
    return ["".join(sentences[at : at + 6])[:-1] + "。" for at in range(0, len(sentences), 6)]


def _exchange(article: Article, now: datetime) -> Exchange:
    request = f"GET {article.url} HTTP/1.1\r\n\r\n".encode()
    body = article.body_html.encode()
    return Exchange(article.url, "GET", request, b"HTTP/1.1 200 OK\r\n\r\n", body, 200, now)


def _rows(article: Article, run: int) -> tuple[dict[str, object], ...]:
    """Return what the archive writes of a new article: rows of captures, articles, versions and sightings."""
    now, record, number = stamp(START), kept(article), int(article.id[1:])
    live = {"standing": "live", "state": "live", "version": 1}
    live |= {"views": article.views, "views_source": article.views_source}
    seen = dict.fromkeys(("first_seen", "last_seen", "last_changed", "looked_at", "views_observed_at"), now)
    return (
        {
            "id": number + 1, "run_id": run, "last_run": run, "url": article.url, "status": 200,
            "media_type": None, "fetched_at": now, "warc": "warc/bulk.warc.gz", "offset": number, "length": 1,
            "record_id": f"<urn:uuid:{number:032}>", "etag": None, "last_modified": None,
            "payload_digest": payload_digest(article.body_html.encode()),
        },
        live | seen | {
            "id": article.id, "site": article.site, "url": article.url, "section": article.section,
            "release_time": article.release_time, "standing_run": run, "last_run": run,
        },
        {
            "article_id": article.id, "number": 1, "run_id": run, "created_at": now, "reason": "new",
            "content_digest": record["content_digest"], "field_digests": field_digests(record),
            "extractor": "webplus/3", "record": canonical_json(record).decode(), "capture_id": number + 1,
        },
        live | {"article_id": article.id, "run_id": run, "observed_at": now, "reason": "new", "moved": True},
    )  # fmt: skip


def _end(path: Path, now: datetime) -> None:
    with Archive.open(path, write=True) as made:
        made.begin_run(now, [f"site{number}" for number in range(SITES)])
        made.end_run(now, "done", {})
