"""An explanation in, what a person reads of it out. Pure: rich values, no printing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.text import Text

from scraper.explain import Explained, Explanation, Option
from scraper.survey import ADVICE
from scraper.terminal import safe
from scraper.wrapping import unbroken

SHOWN = 5
"""Options of one kind that are printed for a field; the JSON has all."""

_FAINT = "dim"
_WIDTH = 14
_VALUE = 72  # characters
_SIGNS = {
    "taken": ("✓ ", "green"),
    "after": ("· ", _FAINT),
    "refused": ("✗ ", "yellow"),
    "absent": ("– ", _FAINT),
}


def explanation_report(found: Explanation) -> Group:
    """Return how a page was read: its CMS, then every field with what was taken and what lost."""
    return Group(*_facts(found), *(line for field in found.fields for line in _field(field)))


def _facts(found: Explanation) -> Iterator[RenderableType]:
    yield unbroken(Text(safe(found.url), "bold"))
    marks = "; ".join(f"{name}: {', '.join(marks)}" for name, marks in found.marks.items())
    yield _row("read as", found.kind)
    yield _row("CMS", f"{found.preset}  ({marks or 'no marks of a known CMS'})")
    yield _row("encoding", found.encoding)
    if found.counter:
        yield _row("counter", found.counter)
    if found.problem:
        advice = ADVICE.get(found.problem, "")
        told = found.problem.replace("_", " ") + (f": {advice}" if advice else "")
        yield Text.assemble(("  problem".ljust(_WIDTH), _FAINT), (safe(told), "yellow"))


def _field(field: Explained) -> Iterator[RenderableType]:
    yield ""
    yield (
        Text(field.field, "bold")
        if field.taken
        else Text.assemble((field.field, "bold"), ("  nothing found", _FAINT))
    )
    printed: Counter[str] = Counter()
    for option in field.options:
        printed[option.verdict] += 1
        if printed[option.verdict] <= SHOWN:
            yield from _option(option)
    left = {verdict: count - SHOWN for verdict, count in printed.items() if count > SHOWN}
    if left:
        yield Text(
            "    and " + ", ".join(f"{count} more {verdict}" for verdict, count in left.items()), _FAINT
        )


def _option(option: Option) -> Iterator[RenderableType]:
    sign, style = _SIGNS[option.verdict]
    value = "" if option.value is None else safe(option.value)
    shown = value if len(value) <= _VALUE else value[:_VALUE] + "…"
    yield unbroken(
        Text.assemble("  ", (sign, style), shown or safe(option.rule), ("  " + safe(_said(option)), _FAINT))
    )
    if option.path:
        yield unbroken(Text(f"      {safe(option.path)}", _FAINT))
    if option.raw and option.raw != option.value and option.verdict != "absent":
        raw = safe(option.raw)
        yield unbroken(Text(f"      “{raw if len(raw) <= _VALUE else raw[:_VALUE] + '…'}”", _FAINT))


def _said(option: Option) -> str:
    if option.verdict == "taken":
        return f"by {option.rule}"
    if option.verdict == "refused" or option.value is None:
        return option.why
    return f"{option.rule}: {option.why}"


def _row(label: str, value: str) -> Text:
    return Text.assemble((f"  {label}".ljust(_WIDTH), _FAINT), safe(value))
