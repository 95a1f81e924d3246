"""A crew in a process of its own (`scraper.processes`): orders come in by a pipe, visits go out."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from multiprocessing.connection import Connection

from scraper.config import Config, Site
from scraper.crew import Crew
from scraper.extract import Extraction
from scraper.frontier import Task
from scraper.manners import policies
from scraper.processes import Out, Word, receive
from scraper.rulebook import Lessons, Rulebook
from scraper.visit import Visit
from storage.errors import CampusnewsError

log = logging.getLogger(__name__)

_NOTHING = Extraction(None, None, None, "")


@dataclass(frozen=True, slots=True)
class Orders:
    """What a crew is told before anything else."""

    config: Config
    sites: Sequence[Site]
    agent: str

    def carry_out(self, pipe: Connection, out: Out) -> None:
        """Work until told to go home; without anybody left to work for, end at once."""
        book = Rulebook()
        sites = {site.name: site for site in self.sites}
        policy_of = policies(self.config, self.sites, self.agent)
        with Crew(sites, policy_of, lambda: datetime.now(UTC), book, self.config.archive) as crew:
            threading.Thread(target=_bring, args=(crew, out), daemon=True).start()
            while (order := receive(pipe)) is not Word.HOME:
                if isinstance(order, Lesson):
                    book.learn(order.site, order.taught)
                elif order is Word.STOP:
                    crew.stop()
                else:
                    tasks: Sequence[Task] = order
                    crew.give(tasks)


@dataclass(frozen=True, slots=True)
class Lesson:
    """What a site has taught by now."""

    site: str
    taught: Lessons


def bare(came: Visit) -> Visit:
    """Return a visit without what is of use only where it was made: counters, parsed pages, a second text."""
    return replace(
        came,
        listing=came.listing and replace(came.listing, counters=()),
        reading=came.reading and replace(came.reading, extraction=_NOTHING),
        page=came.page and replace(came.page),
    )


def _bring(crew: Crew, out: Out) -> None:
    """Send what the crew brings."""
    try:
        while True:
            if (came := crew.take(timeout=60.0)) is not None:
                out.put_nowait(bare(came))
    except CampusnewsError as error:
        out.put_nowait(error)
    except OSError:
        os._exit(1)  # nobody is there to take it
    except Exception:
        log.exception("a bug of campusnews, please report it: a visit cannot be handed over")
        os._exit(1)
