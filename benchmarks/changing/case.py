"""The cases of the change benchmark: a page in two states, and what was done between them. Pure."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from changing import edits, noise
from changing.pages import Base
from changing.work import Made, Work

KINDS = (*edits.EDITS, *(f"{one}+{two}" for one, two in edits.PAIRS), *noise.NOISE)


@dataclass(frozen=True, slots=True)
class Case:
    """One page in two states; `made` says what was done between them, of noise that nothing was."""

    kind: str
    base: Base
    made: Made

    @property
    def is_noise(self) -> bool:
        """Whether nobody edited anything."""
        return not self.made.fields and self.made.section is None


def cases(bases: Iterable[Base], seed: int, only: str | None) -> Iterator[list[Case]]:
    """Yield the cases kind by kind, one for each page that gives the occasion."""
    pages = list(bases)
    for kind in KINDS:
        if only is None or kind == only:
            found = (_case(kind, base, random.Random(f"{seed} {kind} {base.name}")) for base in pages)
            yield [case for case in found if case is not None]


def _case(kind: str, base: Base, chance: random.Random) -> Case | None:
    if kind in noise.NOISE:
        looks = noise.served(kind, base, chance)
        return Case(kind, replace(base, body=looks[0]), Made(looks[1], {})) if looks else None
    first, _, second = kind.partition("+")
    done = edits.both(first, second, base, chance) if second else edits.EDITS[kind](Work(base, chance))
    if done is None:
        return None
    # An edit is held against the page as the same program writes it unedited, so that nothing else differs.
    return Case(kind, replace(base, body=Work(base, chance).page()), done)
