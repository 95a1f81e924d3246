"""Where the time of reading goes: the stack looked at again and again, each look counted for a stage.

Looking from outside costs nothing inside the package, and unlike a tracing profiler it does not make small
Python functions look slow beside libxml2. It needs `signal.setitimer`, which Windows lacks.
"""

from __future__ import annotations

import signal
import time
from collections import Counter
from collections.abc import Callable
from types import FrameType

from pages import Saved

_EVERY = 0.0005  # seconds of CPU; most systems round it up to their tick of 1 to 10 ms
# (start of a module's name, function or "" for all) -> stage; the first that fits. Other modules of
# `scraper.extract` are stages of their own name; libraries, `normalize` and the rest count for their caller.
_STAGES = (
    ("scraper.page", "tree", "parse"),
    ("scraper.page", "", "decode"),
    ("scraper.encodings", "", "decode"),
    ("scraper.presets", "", "detect"),
    ("scraper.extract.problem", "", "refuse"),
)
_OURS = "scraper.extract."


class Sampler:
    """Counts, while it is entered, in which stage and in which function the program is."""

    def __init__(self) -> None:
        self.stages: Counter[str] = Counter()
        self.functions: Counter[str] = Counter()

    def __enter__(self) -> Sampler:
        self._before = signal.signal(signal.SIGPROF, self._look)
        signal.setitimer(signal.ITIMER_PROF, _EVERY, _EVERY)
        return self

    def __exit__(self, *error: object) -> None:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, self._before)

    def _look(self, number: int, frame: FrameType | None) -> None:
        self.functions[_function(frame)] += 1
        self.stages[_stage(frame)] += 1


def _stage(frame: FrameType | None) -> str:
    while frame is not None:
        module, function = str(frame.f_globals.get("__name__")), frame.f_code.co_name
        for start, name, stage in _STAGES:
            if module.startswith(start) and name in ("", function):
                return stage
        if module.startswith(_OURS):
            return module.removeprefix(_OURS)
        frame = frame.f_back
    return "putting together"


def _function(frame: FrameType | None) -> str:
    """Return the innermost function of ours."""
    while frame is not None:
        if str(frame.f_globals.get("__name__")).startswith(("scraper", "storage")):
            return f"{frame.f_globals['__name__']}.{frame.f_code.co_qualname}"
        frame = frame.f_back
    return "elsewhere"


def report(label: str, todo: list[Saved], read: Callable[[Saved], object], rounds: int) -> str:
    """Return the share of each stage and of the busiest functions, over some rounds of reading the pages."""
    if not todo:
        return f"{label}: no pages"
    for page in todo:
        read(page)
    sampler, started = Sampler(), time.process_time()
    with sampler:
        for _ in range(rounds):
            for page in todo:
                read(page)
    each = 1000 * (time.process_time() - started) / rounds / len(todo)
    lines = [f"{label}: {len(todo)} pages, {each:.2f} ms each, {sampler.stages.total()} looks"]
    for counts, most in ((sampler.stages, 20), (sampler.functions, 25)):
        for name, count in counts.most_common(most):
            share = count / counts.total()
            lines.append(f"  {share:6.1%}  {share * each:7.3f} ms  {name}")
        lines.append("")
    return "\n".join(lines)
