"""Who reads kept records again: this process, or several. Batches in, answers out, in their order."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from itertools import cycle
from multiprocessing.connection import Connection
from typing import Self

from scraper.errors import WorkersLost
from scraper.processes import processes, receive, send, send_home
from scraper.rereading import ReadingOrders, Rereader
from scraper.rereads import Reread
from storage import Archive

Batch = tuple[str, list[str]]
"""The name of a site and ids of its articles, those that follow each other."""

_EACH = 2  # batches a process has at a time: one to read and one to go on with


class Readers:
    """A context manager; at its end processes go home, whatever is left to do."""

    def __init__(self, orders: ReadingOrders) -> None:
        self._orders = orders
        self._count = orders.config.process_count
        self._pipes: Sequence[Connection] = ()
        self._opened = ExitStack()

    def __enter__(self) -> Self:
        if self._count > 1:
            self._pipes = self._opened.enter_context(processes(self._count, self._orders))
            self._opened.callback(self._close)
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
            while (came := receive(pipe)) is None:
                pass
        except (EOFError, OSError) as error:
            raise _lost() from error
        return batch, came

    def _tell(self, pipe: Connection, order: object) -> None:
        try:
            send(pipe, order)
        except OSError as error:
            raise _lost() from error

    def _close(self) -> None:
        """Listen to nobody any more: who has still something to say finds that out, and ends."""
        send_home(self._pipes)
        for pipe in self._pipes:
            pipe.close()


def _lost() -> WorkersLost:
    return WorkersLost(
        "a process that reads was killed or crashed (out of memory?): what was read is kept, "
        "`campusnews reextract` goes on with it"
    )
