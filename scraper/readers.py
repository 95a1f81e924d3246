"""Who reads kept records again: this process, or several. Batches in, answers out, in their order."""

from __future__ import annotations

import subprocess
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, suppress
from itertools import cycle
from multiprocessing.connection import Connection
from typing import Self

from scraper.crew import PATIENCE
from scraper.errors import WorkersLost
from scraper.hands import Word, heard, packed, unpacked
from scraper.rereading import ReadingOrders, Rereader
from scraper.rereads import Reread
from scraper.team import start
from storage import Archive

Batch = tuple[str, list[str]]
"""The name of a site and ids of its articles, those that follow each other."""

_EACH = 2  # batches a process has at a time: one to read and one to go on with


class Readers:
    """A context manager; at its end processes go home, whatever is left to do."""

    def __init__(self, orders: ReadingOrders) -> None:
        self._orders = orders
        self._count = orders.config.process_count
        self._pipes: list[Connection] = []
        self._opened = ExitStack()

    def __enter__(self) -> Self:
        if self._count > 1:
            first, self._pipes = start(self._count)
            self._opened.callback(self._end, first)
            for pipe in self._pipes:
                self._tell(pipe, self._orders)
        return self

    def __exit__(self, *_: object) -> None:
        self._opened.close()

    def read(self, batches: Iterable[Batch]) -> Iterator[tuple[Batch, list[Reread]]]:
        """Yield each batch with what came of it; raises WorkersLost when a process ends by itself."""
        if not self._pipes:
            with Archive.open(self._orders.config.archive) as archive:
                rereader = Rereader(archive, self._orders)
                for batch in batches:
                    yield batch, rereader.read(*batch)
            return
        given: deque[tuple[Connection, Batch]] = deque()
        for pipe, batch in zip(cycle(self._pipes), batches, strict=False):
            self._tell(pipe, batch)
            given.append((pipe, batch))
            if len(given) >= _EACH * len(self._pipes):
                yield self._answer(*given.popleft())
        while given:
            yield self._answer(*given.popleft())

    def _answer(self, pipe: Connection, batch: Batch) -> tuple[Batch, list[Reread]]:
        try:
            while heard(came := unpacked(pipe.recv_bytes())):
                pass
        except (EOFError, OSError) as error:
            raise _lost() from error
        return batch, came

    def _tell(self, pipe: Connection, order: object) -> None:
        try:
            pipe.send_bytes(packed(order))
        except OSError as error:
            raise _lost() from error

    def _end(self, first: subprocess.Popen[bytes]) -> None:
        """Send everybody home; who has still something to say finds nobody, and ends."""
        for pipe in self._pipes:
            with suppress(OSError):  # it may have ended before
                pipe.send_bytes(packed(Word.HOME))
            pipe.close()
        try:
            first.wait(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            first.kill()
            first.wait()


def _lost() -> WorkersLost:
    return WorkersLost(
        "a process that reads was killed or crashed (out of memory?): what was read is kept, "
        "`campusnews reextract` goes on with it"
    )
