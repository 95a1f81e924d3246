"""Hidden needs a complete walk of the list's range, not a look at page one: whole crawls of small lists."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from scraper.demo.reply import Reply
from tests.test_incremental import Site, downward

from .conftest import TITLE, SmallSite

pytestmark = pytest.mark.usefixtures("catalogue")
HOUR = timedelta(hours=1)


@pytest.fixture
def site(small: SmallSite, tmp_path: Path) -> Site:
    small.articles(range(1, 29))
    return Site(small, tmp_path / "archive")


def undated(site: Site, numbers: Sequence[int], path: str = "/list.htm", after: str | None = None) -> None:
    rows = "".join(f'<li><a href="/news/{n}.html">{TITLE} {n}</a></li>' for n in numbers)
    pager = f'<div class="page"><a href="{after}">下一页</a></div>' if after else ""
    site.small.pages[path] = f"<html><body><ul class='news_list'>{rows}</ul>{pager}</body></html>"


def undated_pages(site: Site, numbers: Sequence[int], size: int = 5) -> None:
    chunks = [numbers[at : at + size] for at in range(0, len(numbers), size)]
    for page, chunk in enumerate(chunks, 1):
        after = f"/list.htm?page={page + 1}" if page < len(chunks) else None
        undated(site, chunk, "/list.htm" if page == 1 else f"/list.htm?page={page}", after)


def hidden(site: Site, **options: Any) -> set[int]:
    """Crawl, and return the numbers of the articles that became hidden."""
    site(HOUR, **options)
    return {number_of(url) for kind, url in site.changes() if kind == "hidden"}


def number_of(url: str) -> int:
    return int(url.rpartition("/")[2].removesuffix(".html"))


# ---- undated lists


@pytest.mark.parametrize("whole", [False, True])
def test_an_undated_list_of_the_latest_hides_nothing_that_fell_off_its_end(site: Site, whole: bool) -> None:
    for newest in (10, 12, 20, 28):
        undated(site, downward(newest, newest - 9))
        assert hidden(site, whole=whole) == set()
    assert {article.state for article in site.articles().values()} == {"live"}


@pytest.mark.parametrize("whole", [False, True])
def test_what_left_an_undated_list_from_between_others_is_hidden(site: Site, whole: bool) -> None:
    undated(site, downward(10))
    site()
    undated(site, [12, 11, 10, 9, 8, 6, 5, 4, 3])  # 7 was taken off; 2 and 1 may have been pushed off
    assert hidden(site, whole=whole) == {7}
    assert site.articles()["/news/1.html"].state == "live"
    undated(site, [12, 11, 10, 9, 8, 7, 6, 5, 4, 3])
    site(HOUR)
    assert site.changes() == [("restored", "/news/7.html")]


def test_a_pinned_line_of_an_undated_list_that_is_let_go_is_not_hidden(site: Site) -> None:
    undated(site, [28, *downward(10, 2)])
    site()
    undated(site, [28, *downward(12, 4)])
    assert hidden(site) == set()
    undated(site, downward(13, 4))
    assert hidden(site) == set()


def test_an_undated_list_of_several_pages_is_judged_only_when_all_were_walked(site: Site) -> None:
    undated_pages(site, downward(20))
    site()
    undated_pages(site, [n for n in downward(20) if n not in (18, 8)])
    assert hidden(site) == set()  # page one alone is known: no walk to the end
    assert hidden(site, whole=True) == {18, 8}


def test_a_broken_page_of_an_undated_list_proves_nothing(site: Site) -> None:
    undated_pages(site, downward(20))
    site()
    undated_pages(site, [n for n in downward(20) if n != 18])
    site.small.pages["/list.htm?page=3"] = Reply(b"<html>Bad gateway</html>", status=502)
    assert hidden(site, whole=True) == set()


# ---- dated lists


@pytest.mark.parametrize("whole", [False, True])
def test_a_dated_list_of_several_pages_hides_as_far_as_it_was_walked(site: Site, whole: bool) -> None:
    site.paged(downward(20))
    site()
    site.paged([n for n in downward(20) if n not in (18, 3)])
    assert hidden(site, whole=whole) == ({18, 3} if whole else {18})


def test_a_page_that_moved_on_hides_nothing_that_moved_to_the_next(site: Site) -> None:
    site.paged(downward(15))
    site()
    site.paged(downward(18))
    assert hidden(site) == set()


def test_a_pinned_line_of_a_dated_list_that_goes_back_to_its_place_is_not_hidden(site: Site) -> None:
    site.paged([3, *downward(20, 4), 2, 1])
    site()
    site.paged(downward(20))
    assert hidden(site) == set()


def test_what_left_the_last_page_with_a_single_line_is_missed_and_nothing_older(site: Site) -> None:
    site.paged(downward(28, 8))  # 21 lines: the last page has one
    site()
    site.paged([n for n in downward(28, 8) if n != 9], size=4)
    assert hidden(site, whole=True) == {9}
    site.paged(downward(28, 12), size=4)  # the list lets the oldest go: that says nothing of them
    assert hidden(site, whole=True) == set()


def test_a_list_with_the_oldest_on_top_lets_nothing_go(site: Site) -> None:
    site.small.listing("/list.htm", range(1, 11))
    site()
    site.small.listing("/list.htm", [1, 2, 3, 4, 6, 7, 8, 9])
    assert hidden(site) == {5, 10}


def test_an_article_on_two_lists_is_hidden_only_when_it_left_both(site: Site) -> None:
    (seed,) = site.config.sites[0].seeds
    seeds = (seed, seed.model_copy(update={"url": f"{site.small.base}/other.htm"}))
    (one,) = site.config.sites
    site.config = site.config.model_copy(update={"sites": (one.model_copy(update={"seeds": seeds}),)})
    site.small.listing("/other.htm", downward(10))
    undated(site, downward(10))
    site()
    undated(site, [n for n in downward(10) if n != 7])
    assert hidden(site) == set()
    site.small.listing("/other.htm", [n for n in downward(10) if n != 7])
    assert hidden(site) == {7}
