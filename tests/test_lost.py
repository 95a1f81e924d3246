"""Kept captures that cannot be read back: a crawl goes on as if nothing was kept, and says so once."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from scraper.config import Config
from scraper.crawl import crawl
from storage import Archive
from storage.compact import compact
from storage.records import Run
from storage.repair import repair
from storage.verify import verify

from .conftest import SmallSite

START = datetime(2026, 12, 1, 1, 30, tzinfo=UTC)
ROOT = Path(__file__).parents[1]
HOUR = timedelta(hours=1)  # within the day for which a robots.txt is remembered
# A crawl on a machine where what unpacks compacted files is not installed.
WITHOUT = """
import sys
sys.modules["zstandard"] = None
import scraper.processes as processes
from pathlib import Path
from scraper.config import load_config
from scraper.crawl import crawl
from storage.errors import MissingExtra

processes._START = "import sys; sys.modules['zstandard'] = None; " + processes._START
try:
    crawl(load_config(Path(sys.argv[1])))
except MissingExtra as error:
    print(error)
"""


class Hours:
    """A small site crawled every hour, and its archive."""

    def __init__(self, site: SmallSite, archive: Path) -> None:
        self.site, self.archive, self.now = site, archive, START
        self.settings: dict[str, Any] = {"preset": "vsb", "rules": {"article": {"body": (".article",)}}}

    def crawl(self, **how: Any) -> Run:
        self.now += HOUR
        self.site.asked.clear()
        return crawl(self.config(), now=lambda: self.now, **how)

    def config(self) -> Config:
        return self.site.config(self.archive, **self.settings)

    def edit(self, *numbers: int) -> None:
        for number in numbers:
            page = self.site.pages[f"/news/{number}.html"]
            assert isinstance(page, str)
            self.site.pages[f"/news/{number}.html"] = page.replace("The second", "The third and last")

    def lose(self, how: str) -> None:
        """Lose the first WARC file."""
        first = min((self.archive / "warc").iterdir())
        if how == "deleted":
            first.unlink()
        elif how == "zeroed":
            first.write_bytes(bytes(first.stat().st_size))
        else:
            first.unlink()
            first.mkdir()

    def reasons(self) -> dict[str, int]:
        """Return what the newest run reports of its pages, counted by name."""
        with Archive.open(self.archive) as archive:
            reasons = [problem.reason for problem in archive.problems(archive.runs()[-1].id)]
        return {reason: reasons.count(reason) for reason in reasons}


@pytest.fixture
def hours(small: SmallSite, tmp_path: Path) -> Hours:
    small.server.serves = ("etag",)
    small.pages["/robots.txt"] = "User-agent: *\nDisallow: /secret/\n"
    small.articles(range(1, 9))
    small.listing("/list.htm", range(1, 9))
    return Hours(small, tmp_path / "archive")


@pytest.mark.parametrize("how", ["deleted", "zeroed", "a directory"])
def test_pages_of_a_lost_file_are_asked_for_as_if_nothing_was_kept(
    hours: Hours, how: str, caplog: pytest.LogCaptureFixture
) -> None:
    hours.crawl()
    assert hours.crawl().counts["not_modified"] == 9
    assert "/robots.txt" not in hours.site.asked
    hours.lose(how)
    with caplog.at_level(logging.WARNING):
        run = hours.crawl()
    assert (run.outcome, run.counts["same"]) == ("done", 8)
    assert "not_modified" not in run.counts
    assert "/robots.txt" in hours.site.asked
    assert hours.reasons() == {}
    (told,) = losses(caplog)
    assert "campusnews verify" in told


def losses(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.name == "scraper.lost"]


@pytest.mark.parametrize("how", ["deleted", "zeroed", "a directory"])
def test_edits_of_pages_in_a_lost_file_are_held_against_their_records(
    hours: Hours, how: str, caplog: pytest.LogCaptureFixture
) -> None:
    hours.crawl()
    hours.edit(1, 2, 3)
    hours.lose(how)
    with caplog.at_level(logging.WARNING):
        run = hours.crawl()
    assert (run.outcome, run.counts["edit"], run.counts["same"]) == ("done", 3, 5)
    assert hours.reasons() == {}
    assert len(losses(caplog)) == 2, "once by who asks and once by who writes"


def test_what_is_asked_for_again_is_kept_whole_and_repair_puts_it_in_the_place_of_what_was_lost(
    hours: Hours,
) -> None:
    hours.crawl()
    hours.lose("deleted")
    hours.crawl()
    list(repair(hours.archive, now=hours.now))
    assert hours.crawl().counts["not_modified"] == 9
    assert [found.problem for found in verify(hours.archive) if found.damage] == []
    with Archive.open(hours.archive) as archive:
        for article in archive.articles():
            assert article.capture is not None
            assert archive.payload(article.capture)


def test_articles_in_doubt_whose_page_is_lost_wait_for_a_later_run(hours: Hours) -> None:
    """The same bytes again are a revisit of what is lost, so that nothing is there to be read once more."""
    hours.crawl()
    hours.lose("zeroed")
    hours.settings["rules"] = {"article": {"body": (".article",), "drop": (".article p",)}}
    run = hours.crawl()
    assert run.outcome == "incomplete"
    assert set(hours.reasons()) == {"drift"}


@pytest.mark.parametrize("processes", [1, 2])
def test_a_part_that_reading_what_is_kept_needs_ends_the_run_with_the_line_that_installs_it(
    hours: Hours, tmp_path: Path, processes: int
) -> None:
    """Nothing is wrong with any page: a run that went on would call all of them errors."""
    pytest.importorskip("zstandard")
    hours.crawl()
    with Archive.open(hours.archive, write=True) as archive:
        assert len(list(compact(archive))) == 1
    other = SmallSite()
    with other.server:
        path = tmp_path / "config.yaml"
        sites = [written("small", hours.site), written("other", other)]
        config = {"archive": str(hours.archive), "processes": processes, "sites": sites}
        path.write_text(json.dumps(config), encoding="utf-8")
        words = [sys.executable, "-c", WITHOUT, path]
        told = subprocess.run(words, check=False, capture_output=True, text=True, cwd=ROOT)
    assert "pip install 'campusnews[zstd]'" in told.stdout, told.stderr
    assert "a bug of campusnews" not in told.stderr
    assert hours.reasons() == {}
    hours.crawl()
    assert hours.reasons() == {}


def written(name: str, site: SmallSite) -> dict[str, Any]:
    """Return a site as a config file has it."""
    own = {"allow_private": True, "ports": [int(site.base.rpartition(":")[2])], "delay": 0, "retries": 0}
    return {"name": name, "seeds": [f"{site.base}/list.htm"]} | own
