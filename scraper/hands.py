"""A process of its own: orders come in over a pipe, of a crew visits go out. Does I/O.

Started by `scraper.team.start` alone, with the descriptors of pipes as arguments. It ends with its pipe:
whoever holds the other end may be killed at any moment and leaves nobody behind. Signals are the business of
the process that gives the orders.
"""

from __future__ import annotations

import io
import logging
import logging.handlers
import os
import pickle
import signal
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import Enum
from multiprocessing.connection import Connection
from typing import Any

from scraper.config import Config, Site
from scraper.crew import Crew
from scraper.extract import Extraction
from scraper.frontier import Task
from scraper.manners import policies
from scraper.presets import PRESETS
from scraper.presets.preset import Preset
from scraper.rulebook import Lessons, Rulebook
from scraper.thrift import settle
from scraper.visit import Visit

log = logging.getLogger(__name__)

_OWN = {id(preset): name for name, preset in PRESETS.items()}
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
            while (order := unpacked(pipe.recv_bytes())) is not Word.HOME:
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


class Word(Enum):
    """What a crew is told in a word: to begin nothing more, to go home."""

    STOP = "stop"
    HOME = "home"


def packed(value: object) -> bytes:
    """Return a value as it goes over the pipe; a preset of ours goes by its name."""
    stream = io.BytesIO()
    pickler = pickle.Pickler(stream, protocol=pickle.HIGHEST_PROTOCOL)
    pickler.dispatch_table = {Preset: _preset}
    pickler.dump(value)
    return stream.getvalue()


def unpacked(data: bytes) -> Any:
    """Return the value of what `packed` made; only for what a process of ours sent."""
    return pickle.loads(data)


def _preset(preset: Preset) -> Any:
    name = _OWN.get(id(preset))
    return (_named, (name,)) if name else preset.__reduce_ex__(pickle.HIGHEST_PROTOCOL)


def _named(name: str) -> Preset:
    return PRESETS[name]


def bare(came: Visit) -> Visit:
    """Return a visit without what is of use only where it was made: counters, parsed pages, a second text."""
    return replace(
        came,
        listing=came.listing and replace(came.listing, counters=()),
        reading=came.reading and replace(came.reading, extraction=_NOTHING),
        page=came.page and replace(came.page),
    )


class Out:
    """The way out of a process, for what it brings and what it logs: one message at a time."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe, self._lock = pipe, threading.Lock()

    def put_nowait(self, value: object) -> None:
        """Send a value; a log record is for `heard` at the other end."""
        data = packed(value)
        with self._lock:
            self._pipe.send_bytes(data)


def heard(came: object) -> bool:
    """Log here what a process sent as logged there; tell whether it was that."""
    if isinstance(came, logging.LogRecord):
        logging.getLogger(came.name).handle(came)
        return True
    return False


def serve(pipe: Connection) -> None:
    """Carry out the orders that come first, whatever they are."""
    out = Out(pipe)
    logging.basicConfig(handlers=[logging.handlers.QueueHandler(out)])  # type: ignore[arg-type]
    unpacked(pipe.recv_bytes()).carry_out(pipe, out)


def _bring(crew: Crew, out: Out) -> None:
    """Send what the crew brings."""
    try:
        while True:
            if (came := crew.take(timeout=60.0)) is not None:
                out.put_nowait(bare(came))
    except OSError:
        os._exit(1)  # nobody is there to take it
    except Exception:
        log.exception("a bug of campusnews, please report it: a visit cannot be handed over")
        os._exit(1)


def main() -> None:
    """Serve the pipes whose descriptors are the arguments, each in a process of its own.

    The first process forks the others before it has any threads: what was imported is in memory once.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    level, mine, *others = map(int, sys.argv[1:])
    logging.getLogger(__package__).setLevel(level)
    settle()
    forked: list[int] = []
    while others:
        theirs = others.pop()
        if (pid := os.fork()) == 0:
            for unused in (
                mine,
                *others,
            ):  # whoever holds a copy would keep the other end from seeing it close
                os.close(unused)
            mine, others, forked = theirs, [], []
        else:
            os.close(theirs)
            forked.append(pid)
    with Connection(mine) as pipe:
        try:
            serve(pipe)
        except (EOFError, OSError):
            os._exit(1)
    for pid in forked:
        os.waitpid(pid, 0)
