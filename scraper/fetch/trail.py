"""What is left behind on the way to a page: the exchanges, in order, and what was ruled on its hosts."""

from __future__ import annotations

from dataclasses import dataclass, field

from storage.records import Exchange, Ruling


@dataclass(frozen=True, slots=True)
class Trail:
    """Grows while a page is fetched, whether it is reached or not."""

    exchanges: list[Exchange] = field(default_factory=list)
    rulings: list[Ruling] = field(default_factory=list)
