"""An explanation as plain values, and the path that leads a person to an element. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import Literal

from scraper.index import Element

Verdict = Literal["taken", "after", "refused", "absent"]

_MOST_STEPS = 24


@dataclass(frozen=True, slots=True)
class Option:
    """One value a field might have had: what it says, what that was read from, by which rule, and where.

    `verdict` is `taken`, `after` (a better rule went before), `refused` (never a candidate) or `absent` (a
    rule that matches nothing on this page); `why` says it in words. `path` is null where the page only
    states the value for machines.
    """

    value: str | None
    raw: str | None
    rule: str
    path: str | None
    verdict: Verdict
    why: str


@dataclass(frozen=True, slots=True)
class Explained:
    """One field: its options, the one that was taken first."""

    field: str
    options: tuple[Option, ...]

    @property
    def taken(self) -> Option | None:
        """The option the record has; None where the field stays empty."""
        return next((option for option in self.options if option.verdict == "taken"), None)


@dataclass(frozen=True, slots=True)
class Explanation:
    """One page: the CMS its marks are of, its encoding, why it is none of its kind.

    `marks` are the pieces of the source by which each CMS was found in it.
    """

    url: str
    kind: Literal["article", "listing"]
    preset: str
    marks: dict[str, tuple[str, ...]]
    encoding: str
    problem: str | None
    fields: tuple[Explained, ...]
    counter: str | None = None


def path_of(element: Element | None) -> str | None:
    """Return a CSS selector that leads to an element, from the nearest id above it."""
    if element is None or not isinstance(element.tag, str):
        return None
    steps: list[str] = []
    for each in islice((element, *element.iterancestors()), _MOST_STEPS):
        steps.append(_step(each))
        if "#" in steps[-1] or each.tag in ("body", "html"):
            break
    return " > ".join(reversed(steps))


def _step(element: Element) -> str:
    if not _is_word(str(element.tag)):  # `o:p`, as office programs write it
        return f"*:nth-child({sum(1 for each in element.itersiblings('*', preceding=True)) + 1})"
    named = (element.get("id") or "").split()
    if len(named) == 1 and _is_word(named[0]):
        return f"{element.tag}#{named[0]}"
    classes = [word for word in (element.get("class") or "").split() if _is_word(word)]
    step = f"{element.tag}.{classes[0]}" if classes else str(element.tag)
    before = sum(1 for each in element.itersiblings(element.tag, preceding=True))
    after = next(element.itersiblings(element.tag), None)
    return f"{step}:nth-of-type({before + 1})" if before or after is not None else step


def _is_word(name: str) -> bool:
    return name.replace("-", "").replace("_", "").isalnum() and not name[0].isdigit() and len(name) <= 60
