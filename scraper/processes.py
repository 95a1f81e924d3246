"""Processes of our own: one started, the others forked from it, each at the other end of a pipe. Starts them.

Each is told an errand first, and then what the errand understands; what comes back is the errand's, or a log
record. It ends with its pipe: whoever holds the other end may be killed at any moment, nobody is left behind.
Signals are the business of the process that gives the errands.
"""

from __future__ import annotations

import io
import logging
import logging.handlers
import os
import pickle
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from enum import Enum
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Protocol

from scraper.presets import PRESETS
from scraper.presets.preset import Preset
from scraper.thrift import settle
from storage.errors import CampusnewsError

PATIENCE = 3.0  # seconds for all to go home; a crew that waits for a slow host gives up after two

_START = "import {module}; from scraper.processes import main; main()"
_OWN = {id(preset): name for name, preset in PRESETS.items()}

log = logging.getLogger(__name__)


class Errand(Protocol):
    """What a process is told before anything else: its module is imported before the processes are forked."""

    def carry_out(self, pipe: Connection, out: Out) -> None:
        """Take orders from the pipe until told to go home; raises EOFError when nobody gives any."""


class Word(Enum):
    """What a process is told in a word: to begin nothing more, to go home."""

    STOP = "stop"
    HOME = "home"


@contextmanager
def processes(count: int, errand: Errand) -> Iterator[Sequence[Connection]]:
    """Send so many processes on an errand and give our ends of their pipes; in the end they are sent home.

    One whose pipe was closed by then has ended, or does so by itself.
    """
    first, pipes = _started(count, type(errand).__module__)
    try:
        for pipe in pipes:
            with suppress(OSError):  # it ended: whoever listens to it finds that out
                send(pipe, errand)
        yield pipes
    finally:
        send_home(pipes)
        try:
            first.wait(timeout=PATIENCE)  # it waits for the others
        except subprocess.TimeoutExpired:
            first.kill()
            first.wait()
        for pipe in pipes:
            pipe.close()  # which ends who is still there


def send_home(pipes: Sequence[Connection]) -> None:
    """Tell those who are there to go home."""
    for pipe in pipes:
        if not pipe.closed:
            with suppress(OSError):
                send(pipe, Word.HOME)


def send(pipe: Connection, value: object) -> None:
    """Send a value; raises OSError when nobody is at the other end."""
    pipe.send_bytes(packed(value))


def receive(pipe: Connection) -> Any:
    """Return the next value, or None where it was a log record, which is logged here as it was there.

    Raises EOFError or OSError when nobody is at the other end, and a CampusnewsError that was met there.
    """
    came = unpacked(pipe.recv_bytes())
    if isinstance(came, CampusnewsError):
        raise came
    if isinstance(came, logging.LogRecord):
        logging.getLogger(came.name).handle(came)
        return None
    return came


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


def _started(count: int, module: str) -> tuple[subprocess.Popen[bytes], list[Connection]]:
    """Start so many processes; return the first, and our ends of their pipes. They see the same modules."""
    ours, theirs = zip(*(Pipe() for _ in range(count)), strict=True)
    descriptors = [pipe.fileno() for pipe in theirs]
    path = os.pathsep.join(entry or str(Path.cwd()) for entry in sys.path)
    level = str(log.getEffectiveLevel())
    first = subprocess.Popen(
        [sys.executable, "-P", "-c", _START.format(module=module), level, *map(str, descriptors)],
        pass_fds=descriptors,
        env=os.environ | {"PYTHONPATH": path},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    for pipe in theirs:
        pipe.close()
    return first, list(ours)


class Out:
    """The way out of a process, for what it brings and what it logs: one message at a time."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe, self._lock = pipe, threading.Lock()

    def put_nowait(self, value: object) -> None:
        """Send a value; a log record is for `receive` at the other end."""
        data = packed(value)
        with self._lock:
            self._pipe.send_bytes(data)


def main() -> None:
    """Serve the pipes whose descriptors are the arguments, each in a process of its own.

    The first process forks the others before it has any threads: what was imported is in memory once.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    level, mine, *others = map(int, sys.argv[1:])
    logging.getLogger(__package__).setLevel(level)
    settle()
    mine, forked = _forked(mine, others)
    with Connection(mine) as pipe:
        try:
            _serve(pipe)
        except (EOFError, OSError):
            os._exit(1)
    for pid in forked:
        os.waitpid(pid, 0)


def _forked(mine: int, others: list[int]) -> tuple[int, list[int]]:
    """Fork a process for each of the others; return one's own descriptor, and whom one forked."""
    forked: list[int] = []
    while others:
        theirs = others.pop()
        if (pid := os.fork()) == 0:
            for unused in (mine, *others):  # a copy would keep the other end from seeing it close
                os.close(unused)
            return theirs, []
        os.close(theirs)
        forked.append(pid)
    return mine, forked


def _serve(pipe: Connection) -> None:
    """Carry out the errand that comes first, whatever it is."""
    out = Out(pipe)
    logging.basicConfig(handlers=[logging.handlers.QueueHandler(out)])  # type: ignore[arg-type]
    errand: Errand = receive(pipe)
    try:
        errand.carry_out(pipe, out)
    except CampusnewsError as error:
        out.put_nowait(error)
