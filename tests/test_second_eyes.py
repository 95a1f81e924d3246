"""What would go wrong over years of nightly runs."""

from __future__ import annotations

import sqlite3
import threading
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from scraper.config import Config
from scraper.crawl import backfill
from scraper.demo.reply import Reply
from scraper.errors import ConfigError
from scraper.settings import RECHECK
from tests.test_incremental import DAY, Site, downward

pytestmark = pytest.mark.usefixtures("catalogue")

HOUR = timedelta(hours=1)


@pytest.fixture
def site(small: Any, tmp_path: Path) -> Site:
    return Site(small, tmp_path / "archive")


def twins(site: Site, **second: Any) -> Config:
    """Return the site's config with a second site of the same host beside it."""
    (first,) = site.config.sites
    other = first.model_copy(update={"name": "other"} | second)
    return site.config.model_copy(update={"sites": (first, other)})


def test_a_link_that_leads_to_another_site_is_not_asked_for_every_night(site: Site) -> None:
    site.small.articles(range(1, 6))
    site.paged(downward(5))
    away = site.small.base.replace("127.0.0.1", "localhost")
    site.small.pages["/away.html"] = site.small.pages["/news/1.html"]
    site.small.pages["/news/1.html"] = Reply(b"", status=302, headers=(("Location", f"{away}/away.html"),))
    site.small.listing("/other.htm", [5])
    (seed,) = site.config.sites[0].seeds
    site.config = twins(site, seeds=(seed.model_copy(update={"url": f"{away}/other.htm"}),))
    site()
    assert site.run.counts["out_of_scope"] == 1
    assert site(HOUR)["/news/1.html"] == 0
    site.small.pages["/news/2.html"] = site.small.pages["/news/1.html"]
    site(60 * DAY)
    assert ("error", "/news/2.html") in site.changes()


def test_a_backfill_asks_once_for_what_fails(site: Site) -> None:
    site.small.articles(range(1, 13))
    site.paged(downward(12))
    site.small.pages["/news/7.html"] = Reply(b"<html>Sorry</html>", status=503)
    respond = site.small.server.respond

    def moving(request: Any, target: str) -> Any:
        if target == "/list.htm?page=3":
            site.small.articles([13])
            site.paged(downward(13))
        return respond(request, target)

    site.small.server.respond = moving
    backfill(site.config, "small", now=lambda: site.now)
    assert max(Counter(t for t in site.small.asked if t.startswith("/news/")).values()) == 1


def test_an_article_that_two_sites_list_is_known_to_both(site: Site) -> None:
    site.small.articles(range(1, 6))
    site.paged(downward(5))
    site.small.listing("/other.htm", downward(3))
    (seed,) = site.config.sites[0].seeds
    other = seed.model_copy(update={"url": f"{site.small.base}/other.htm"})
    site.config = twins(site, seeds=(other,))
    site()
    assert site(HOUR) == {"/list.htm": 1, "/other.htm": 1}


def test_a_seed_of_two_sites_is_refused(site: Site) -> None:
    site.small.articles(range(1, 6))
    site.paged(downward(5))
    site.config = twins(site)
    with pytest.raises(ConfigError, match="a seed of small too"):
        site()


def test_a_site_that_was_renamed_keeps_its_articles(site: Site) -> None:
    site.small.articles(range(1, 6))
    site.paged(downward(5))
    site()
    site.config = site.small.config(site.config.archive, name="renamed", recheck=RECHECK)
    site(HOUR)
    assert site(HOUR) == {"/list.htm": 1}
    assert {article.site for article in site.articles().values()} == {"renamed"}


@pytest.mark.parametrize("pinned", [0, 1])
def test_what_rolls_off_the_end_of_a_list_of_the_latest_is_not_hidden(site: Site, pinned: int) -> None:
    site.small.articles(range(1, 29))
    site.small.listing("/list.htm", [1] * pinned + downward(15, 6))
    site()
    site.small.listing("/list.htm", [1] * pinned + downward(23, 14))  # eight new ones
    site(HOUR)
    assert site.changes() == [("new", f"/news/{n}.html") for n in range(16, 24)] or {
        kind for kind, _ in site.changes()
    } == {"new"}
    page = site.small.pages["/list.htm"]
    site.small.pages["/list.htm"] = page.replace("number 15<", "number 15, mended<")
    site(HOUR)
    assert site.changes() == []


def test_what_stood_on_a_seed_that_was_removed_can_be_hidden(site: Site) -> None:
    site.small.articles(range(1, 6))
    site.paged(downward(5))
    site.small.pages["/old.htm"] = site.small.pages["/list.htm"]
    site.config = site.small.config(
        site.config.archive,
        recheck=RECHECK,
        seeds=[f"{site.small.base}/list.htm", f"{site.small.base}/old.htm"],
    )
    site()
    site.config = site.small.config(site.config.archive, recheck=RECHECK)
    site(HOUR)
    site.paged([5, 4, 2, 1])
    site(HOUR)
    assert site.changes() == [("hidden", "/news/3.html")]


def test_what_is_unlisted_and_forbidden_goes_by_age(site: Site) -> None:
    site.small.articles(range(1, 6))
    site.paged(downward(5))
    site()
    site.small.pages["/news/3.html"] = Reply(b"<html>Forbidden</html>", status=403)
    site.paged([5, 4, 2, 1])
    site(HOUR)
    assert site(HOUR) == {"/list.htm": 1}


@pytest.mark.sqlite
def test_what_an_interrupted_run_of_the_schema_before_left_is_asked_for(site: Site) -> None:
    site.small.articles(range(1, 21))
    site.paged(downward(20))
    stop = threading.Event()
    with pytest.raises(KeyboardInterrupt):
        site(stop=stop, watch=lambda at: stop.set() if at.url.endswith("page=4") else None)
    with sqlite3.connect(Path(site.config.archive) / "catalog.sqlite") as raw:
        raw.executescript(
            "DROP TABLE tallies; ALTER TABLE warcs DROP COLUMN flaws;"
            "DROP INDEX captures_lost; ALTER TABLE captures DROP COLUMN lost;"
            "DROP TABLE rulings; DROP INDEX frontier_run_id_state_host_place_site;"
            "ALTER TABLE frontier DROP COLUMN place; ALTER TABLE frontier DROP COLUMN turn;"
            "ALTER TABLE listed DROP COLUMN rank; ALTER TABLE versions DROP COLUMN compared;"
            "ALTER TABLE runs DROP COLUMN kind;"
            "UPDATE alembic_version SET version_num = '0003';"
        )
    raw.close()
    site(HOUR)
    assert len(site.articles()) == 20


def test_an_address_that_leads_to_another_article_now_goes_by_age(site: Site) -> None:
    site.small.articles(range(1, 6))
    site.paged(downward(5))
    site()
    site.small.pages["/new/3.html"] = site.small.pages["/news/3.html"]
    site.small.pages["/news/3.html"] = Reply(b"", status=301, headers=(("Location", "/new/3.html"),))
    row = "<li><a href='/new/3.html'>The third story at its new place</a><span>2026-11-03</span></li>"
    site.small.listing("/list.htm", [5, 4, 2, 1], more=row)
    site(HOUR)
    site(HOUR)
    assert site(HOUR) == {"/list.htm": 1}
    assert {"/new/3.html", "/news/3.html"} <= set(site.articles())


def test_what_two_runs_left_at_one_host_is_all_asked_for(site: Site) -> None:
    site.small.articles(range(1, 29))
    site.paged(downward(28), size=28)
    site.small.listing("/other.htm", [])
    pages = {n: f"/other/{n}.html" for n in range(1, 320)}
    rows = "".join(
        f"<li><a href='{u}'>Another story, number {n}</a><span>2026-10-01</span></li>"
        for n, u in pages.items()
    )
    site.small.listing("/other.htm", [], more=rows)
    site.small.listing("/list.htm", [], more=rows.replace("/other/", "/first/"))
    (seed,) = site.config.sites[0].seeds
    other = seed.model_copy(update={"url": f"{site.small.base}/other.htm"})
    (first,) = site.small.config(site.config.archive, max_requests=2).sites
    site.config = site.config.model_copy(update={"sites": (first,)})
    site.config = twins(site, seeds=(other,))
    site(sites=["small"])
    site(HOUR, sites=["other"])
    (first,) = site.small.config(site.config.archive).sites
    site.config = site.config.model_copy(update={"sites": (first,)})
    site.config = twins(site, seeds=(other,))
    asked = site(HOUR)
    assert sum(t.startswith(("/other/", "/first/")) for t in asked) > 630


def test_a_leftover_page_proves_nothing_of_the_pages_above_it(site: Site) -> None:
    site.small.articles(range(1, 29))
    site.paged(downward(20))
    site()
    site.paged(downward(28))
    stop = threading.Event()
    with pytest.raises(KeyboardInterrupt):
        site(HOUR, stop=stop, watch=lambda at: stop.set() if at.url.endswith("page=2") else None)
    site.paged(downward(20))
    site.small.listing("/other.htm", [20])
    (seed,) = site.config.sites[0].seeds
    site.config = twins(site, seeds=(seed.model_copy(update={"url": f"{site.small.base}/other.htm"}),))
    site(HOUR)
    hidden = {url for kind, url in site.changes() if kind == "hidden"}
    assert not hidden & {f"/news/{n}.html" for n in range(1, 21)}
