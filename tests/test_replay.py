"""What was archived is shown again: in ReplayWeb.page from a WACZ, in pywb from WARC files and our index.

The campus is closed when its pages are replayed, so whatever is seen comes from the archive. Needed are
Debian's Chromium (or `CAMPUSNEWS_CHROMIUM`), pywb (`pip install pywb`; `CAMPUSNEWS_PYWB` names its `wayback`)
and the files of the npm package `replaywebpage` (`npm pack replaywebpage`, unpacked; AGPL, no part of
campusnews; `CAMPUSNEWS_REPLAYWEBPAGE` names the directory with `ui.js` and `sw.js`). What is missing is
skipped.
`CAMPUSNEWS_PICTURES` names a directory for screenshots.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from scraper.assets import shown
from scraper.config import load_config
from scraper.crawl import crawl
from storage import Archive
from storage.choice import Choice
from storage.export import export_archive
from storage.records import Article

from .conftest import StagedCampus, write_config
from .replaying import Browser, browsing, replaying, served, until

GUIDE = Path(__file__).parents[1] / "docs" / "warc.md"
PAPER, HEADING = "rgb(250, 248, 240)", "rgb(21, 66, 107)"  # of the campus's stylesheet
# The replayed document: in a frame of a frame, in shadow trees, or the page itself.
FIND = """(() => {
  const find = (root) => {
    for (const element of root.querySelectorAll("*")) {
      if (element.tagName === "IFRAME" && element.contentDocument) {
        const inner = element.contentDocument;
        if (inner.location.href.includes("mp_/http")) return inner;
        const found = find(inner);
        if (found) return found;
      }
      const found = element.shadowRoot && find(element.shadowRoot);
      if (found) return found;
    }
    return null;
  };
  const page = document.location.href.includes("mp_/http") ? document : find(document);
  if (!page || page.readyState !== "complete") return null;
  const view = page.defaultView, style = (name) => view.getComputedStyle(page.querySelector(name));
  return {
    title: page.title,
    text: page.body.innerText,
    pictures: Object.fromEntries([...page.images].map((one) => [one.src.split("/").pop(), one.naturalWidth])),
    background: style("body").backgroundColor,
    heading: style("h1").color,
    fetched: Object.fromEntries(
      view.performance.getEntriesByType("resource").map(
        (one) => [one.name.split("/").pop(), one.responseStatus])
    ),
  };
})()"""


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    """The archive of the sample campus after two days, with all files; the campus is gone."""
    place = tmp_path_factory.mktemp("replay")
    with StagedCampus() as campus:
        path = write_config(place, campus, "archive", assets="all")
        crawl(load_config(path))
        campus.edition = 2
        crawl(load_config(path))
    with Archive.open(place / "archive") as opened:
        yield opened


@pytest.fixture
def pictured(archive: Archive) -> Article:
    """The article that is looked at: it has a picture, and was edited between the days or not."""
    return next(each for each in archive.articles(site="szqu") if each.images)


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with browsing(tmp_path_factory.mktemp("profile")) as opened:
        yield opened


def stamp(article: Article) -> str:
    assert article.capture is not None
    return "".join(filter(str.isdigit, article.capture.fetched_at))[:14]


def expect_to_see(browser: Browser, article: Article, name: str) -> None:
    """The page shows the article's text and picture, dressed in its stylesheet and what that names."""
    seen: dict[str, Any] = until(lambda: browser.ask(FIND), "the page was not replayed")
    if place := os.environ.get("CAMPUSNEWS_PICTURES"):
        browser.picture(Path(place, f"{name}.png"))
    assert article.title in seen["text"]
    assert all(paragraph in seen["text"] for paragraph in article.body.split("\n\n"))
    assert seen["pictures"][article.images[0].url.rpartition("/")[2]] == 64
    assert seen["pictures"]["logo.png"] == 64
    assert (seen["background"], seen["heading"]) == (PAPER, HEADING)
    assert (seen["fetched"]["style.css"], seen["fetched"]["paper.png"]) == (200, 200)


# ---- ReplayWeb.page


def replaywebpage() -> Path:
    named = os.environ.get("CAMPUSNEWS_REPLAYWEBPAGE")
    if not named or not all(Path(named, file).is_file() for file in ("ui.js", "sw.js")):
        pytest.skip("CAMPUSNEWS_REPLAYWEBPAGE names no unpacked npm package `replaywebpage`")
    return Path(named)


@pytest.mark.parametrize("kind", ["all", "a-choice", "as-large-as-zip64"])
def test_a_page_of_a_wacz_is_shown_in_replaywebpage_with_its_text_pictures_and_styles(
    archive: Archive,
    pictured: Article,
    browser: Browser,
    tmp_path: Path,
    kind: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    choice = Choice(site="szqu") if kind == "a-choice" else Choice()
    if kind == "as-large-as-zip64":
        monkeypatch.setattr("zipfile.ZIP64_LIMIT", 1000)
    app = replaywebpage()
    start = tmp_path / "start.html"
    start.write_text('<!doctype html><script src="/ui.js"></script><replay-app-main></replay-app-main>')
    export_archive(archive, "wacz", tmp_path / "news.wacz", choice=choice, shown=shown)
    with served({"/": start, "/news.wacz": tmp_path / "news.wacz"}, app) as (base, asked):
        where = f"view=pages&url={quote(pictured.url, safe='')}&ts={stamp(pictured)}"
        browser.open(f"{base}/?source=/news.wacz#{where}")
        expect_to_see(browser, pictured, f"replaywebpage-{kind}")
        assert asked.count("/news.wacz") > 5, "it is read in ranges"


def test_the_articles_of_a_wacz_stand_in_the_list_of_replaywebpage_and_their_texts_are_searched(
    archive: Archive, browser: Browser, tmp_path: Path
) -> None:
    app = replaywebpage()
    start = tmp_path / "start.html"
    start.write_text('<!doctype html><script src="/ui.js"></script><replay-app-main></replay-app-main>')
    count = export_archive(archive, "wacz", tmp_path / "news.wacz")
    every = """(() => {
      const texts = (root) => [...root.querySelectorAll("*")].flatMap((one) =>
        [...(one.shadowRoot ? texts(one.shadowRoot) : []), one.localName === "wr-page-entry"
          ? one.shadowRoot.textContent : ""]).filter((text) => text);
      return texts(document);
    })()"""
    with served({"/": start, "/news.wacz": tmp_path / "news.wacz"}, app) as (base, _):
        browser.open(f"{base}/?source=/news.wacz#view=pages")
        until(lambda: len(browser.ask(every) or ()) == count, "not every page was listed")
        # Its search knows Latin letters only, so it is asked for words of an English body.
        english = next(each for each in archive.articles() if each.language == "en" and each.body)
        words = quote(max(english.body.split(), key=lambda word: (word.isalpha(), len(word))))
        browser.open("about:blank")
        browser.open(f"{base}/?source=/news.wacz#view=pages&query={words}")
        found = until(lambda: browser.ask(every), f"nothing was found of {words}")
        assert len(found) < count
        assert any(english.title in told for told in found)


# ---- pywb


@pytest.fixture
def pywb(archive: Archive, tmp_path: Path) -> Iterator[str]:
    """A pywb that serves the archive's files by our index, as docs/warc.md says."""
    export_archive(archive, "cdxj", tmp_path / "index.cdxj")
    told = re.search(r"^```yaml\n(.*?)^```$", GUIDE.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    assert told is not None
    (tmp_path / "config.yaml").write_text(told[1].replace("./campusnews-demo/archive", str(archive.path)))
    with replaying(tmp_path, "/news/cdx?url=http://127.0.0.1/") as base:
        yield f"{base}/news"


def test_a_page_is_shown_in_pywb_with_its_text_pictures_and_styles(
    pywb: str, pictured: Article, browser: Browser
) -> None:
    browser.open(f"{pywb}/{stamp(pictured)}mp_/{pictured.url}")
    expect_to_see(browser, pictured, "pywb")


def test_pywb_gives_every_capture_back_byte_for_byte(pywb: str, tmp_path: Path) -> None:
    kept: dict[tuple[str, str], set[str]] = {}  # an address may have been asked twice in a second
    for line in (tmp_path / "index.cdxj").read_text().splitlines():
        _, moment, fields = line.split(" ", 2)
        told = json.loads(fields)
        if told["status"] == "200":
            kept.setdefault((moment, told["url"]), set()).add(told["digest"])
    assert len(kept) > 150
    wrong = []
    for (moment, url), digests in kept.items():
        asked = urllib.request.Request(f"{pywb}/{moment}id_/{url}")
        asked.add_header("Accept-Encoding", "gzip")  # or pywb takes the coding off
        with urllib.request.urlopen(asked, timeout=30) as reply:
            if f"sha256:{hashlib.sha256(reply.read()).hexdigest()}" not in digests:
                wrong.append((moment, url))
    assert wrong == []
