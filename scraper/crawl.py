"""Runs over sites: a crawl of what is new and due, a backfill of what lies before or of what others kept."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

from scraper.aim import Aim, narrowed
from scraper.config import Config, Site
from scraper.course import Course
from scraper.errors import ConfigError
from scraper.manners import user_agent
from scraper.pace import Progress
from scraper.past.importing import Import
from scraper.past.memento import Source
from scraper.past.service import service_fetcher
from scraper.past.warc import WarcFiles
from scraper.past.wayback import Wayback
from scraper.urls import absolute
from storage import Archive
from storage.records import Run


def crawl(
    config: Config,
    *,
    sites: Sequence[str] = (),
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    watch: Callable[[Progress], None] = lambda _: None,
    stop: threading.Event | None = None,
    accept: bool = False,
    whole: bool = False,
) -> Run:
    """Crawl the sites of these names, or all, into the config's archive, and return the finished run.

    Goes on with a run that was killed or interrupted over the same sites. Setting `stop`, from a signal
    handler or another thread, ends the run within seconds, its state saved, with KeyboardInterrupt. `accept`
    takes the sites as they read now, where else what reads worse than before would be held back; `whole`
    walks every listing to its end, not only down to what is known. Raises
    ConfigError where nothing can be crawled and ArchiveError where the archive cannot be written; a failing
    site only marks the run.
    """
    chosen = config.require_sites(sites)
    _expect_distinct(chosen)
    return _over(config, chosen, Aim(accept=accept, whole=whole), now, watch, stop)


def backfill(
    config: Config,
    site: str,
    *,
    since: str | None = None,
    until: str | None = None,
    section: str | None = None,
    max_pages: int | None = None,
    warcs: Sequence[Path] = (),
    wayback: str | None = None,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    watch: Callable[[Progress], None] = lambda _: None,
    stop: threading.Event | None = None,
) -> Run:
    """Walk a site's lists back to a day, or to their end, take every article that is not kept yet.

    `since` and `until` are days (ISO 8601, inclusive) as the lists print them. Goes on with a backfill of the
    site that was killed or interrupted; otherwise as `crawl`. With `warcs` nothing is asked of the network:
    what these files hold of the site is taken as if it had been crawled then, and the days are those of its
    captures. So with `wayback`, the address of a service that keeps old captures; nothing else is asked then.
    Raises SourceRefused for a file or a service that is none, InvalidChoice for days with none between them.
    """
    narrow, chosen = narrowed(config, site, section, max_pages)
    aim = Aim("backfill", since=since, until=until)
    if not warcs and wayback is None:
        return _over(narrow, [chosen], aim, now, watch, stop)
    stop = stop or threading.Event()
    with ExitStack() as opened:
        archive = opened.enter_context(Archive.open(config.archive, write=True, create=True))
        source: Source
        if wayback is None:
            source = opened.enter_context(WarcFiles(warcs, now))
        else:
            fetcher = opened.enter_context(service_fetcher(config, chosen, wayback, now, stop))
            source = opened.enter_context(Wayback(wayback, chosen, fetcher, *aim.span(now())))
        return Import(config, chosen, archive, source, now, watch, stop, aim).run()


def _expect_distinct(sites: Sequence[Site]) -> None:
    """Refuse a seed that two sites have: a run walks it once, and the other site would never end."""
    owners: dict[str, str] = {}
    for site in sites:
        for seed in site.seeds:
            owner = owners.setdefault(absolute(seed.url), site.name)
            if owner != site.name:
                raise ConfigError([f"{site.name}: {seed.url} is a seed of {owner} too: leave it to one"])


def _over(
    config: Config,
    sites: Sequence[Site],
    aim: Aim,
    now: Callable[[], datetime],
    watch: Callable[[Progress], None],
    stop: threading.Event | None,
) -> Run:
    if Path(config.archive).resolve().is_relative_to(Path(__file__).parent):
        raise ConfigError([f"archive: {config.archive} lies inside the program: name a directory of its own"])
    agent = user_agent(config, sites)
    with Archive.open(config.archive, write=True, create=True) as archive:
        return Course(config, sites, agent, archive, now, watch, stop or threading.Event(), aim).run()
