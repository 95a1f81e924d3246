"""When an article that could not be read is looked at again: what passes soon, what lasts as its age asks."""

from __future__ import annotations

from pathlib import Path

import pytest

from scraper import states
from scraper.demo.reply import Reply
from storage import Archive
from tests.test_incremental import DAY, Site, downward

from .conftest import SmallSite

pytestmark = pytest.mark.usefixtures("catalogue")
OLD = "/news/1.html"  # seven weeks old: looked at once in a month


@pytest.fixture
def site(small: SmallSite, tmp_path: Path) -> Site:
    small.articles(range(1, 6))
    small.listing("/list.htm", downward(5))
    site = Site(small, tmp_path / "archive")
    site()
    return site


def mended(site: Site) -> None:
    """Let the list print another title, so that the article is asked for."""
    page = site.small.pages["/list.htm"]
    assert isinstance(page, str)
    site.small.pages["/list.htm"] = page.replace("number 1<", "number 1, mended<")


def asked(site: Site, nights: int) -> list[int]:
    """Return how often the article is asked for in each of the next nights."""
    return [site()[OLD] for _ in range(nights)]


def answer(site: Site, reply: Reply) -> None:
    site.small.pages[OLD] = reply
    mended(site)


def test_an_error_that_passes_is_looked_at_every_night_until_it_has(site: Site) -> None:
    page = site.small.pages[OLD]
    answer(site, Reply(b"<html>Sorry</html>", status=503))
    assert asked(site, 4) == [1, 1, 1, 1]
    assert site.articles()[OLD].state == "error"
    site.small.pages[OLD] = page
    assert asked(site, 3) == [1, 0, 0]
    assert site.articles()[OLD].state == "live"


def test_an_error_that_lasts_is_looked_at_as_the_age_of_the_article_asks(site: Site) -> None:
    answer(site, Reply(b"%PDF-1.4\n%%EOF\n", "application/pdf"))
    assert asked(site, 4) == [1, 0, 0, 0]
    assert site.articles()[OLD].state == "error"
    site.now += 30 * DAY
    assert asked(site, 2) == [1, 0]


def test_one_that_is_blocked_is_looked_at_as_its_age_asks(site: Site) -> None:
    answer(site, Reply(b"<html>Forbidden</html>", status=403))
    assert asked(site, 4) == [1, 0, 0, 0]
    assert site.articles()[OLD].state == "blocked"


def test_one_that_is_missing_is_confirmed_by_the_next_night_and_then_goes_by_age(site: Site) -> None:
    answer(site, Reply(b"<html>gone</html>", status=404))
    assert asked(site, 4) == [1, 1, 0, 0]
    assert site.articles()[OLD].state == "withdrawn"


def test_an_error_keeps_no_later_capture_of_others_from_being_taken(site: Site) -> None:
    """A look that failed tells nothing: the article is known up to when it was read last."""
    read = site.now
    answer(site, Reply(b"<html>Sorry</html>", status=503))
    site()
    with Archive.open(site.config.archive) as archive:
        assert archive.looked_at(site.articles()[OLD].id) == read.isoformat(timespec="seconds")


def test_what_lasts_is_an_error() -> None:
    told = {name: states.STATES[name].look for name in states.LASTING - {"out_of_scope"}}
    assert set(told.values()) == {"error"}
