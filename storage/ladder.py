"""The ladder of states: what an article stood at and how it looked now, to what it stands at and shows. Pure.

`standing` is the last certain state. `blocked` and `error` say nothing about the article, so they are shown
but never become its standing: missing, then error, then gone makes withdrawn.
"""

from __future__ import annotations

from typing import Literal

from storage.records import State

# seen: read, and listed   unlisted: read, but on none of its lists, all walked whole
# alive: read, but its lists could not be judged, so it is as hidden or live as it was
# gone: 404, 410, soft-404 or redirected home      blocked, error: no look at the article at all
Look = Literal["seen", "unlisted", "alive", "gone", "blocked", "error"]

_SEEN: dict[State | None, State] = {"hidden": "restored", "missing": "restored", "withdrawn": "restored"}
_GONE: dict[State | None, State] = {"missing": "withdrawn", "withdrawn": "withdrawn"}


def step(standing: State | None, look: Look, *, later: bool = True) -> tuple[State, State]:
    """Return (standing, state shown) after a look; a null `standing` is an article never seen before.

    `later` is false within the run that made `standing`: only a look of a later run confirms it, so missing
    does not yet become withdrawn, nor restored live. An unlisted article is hidden whatever it was before:
    a state says what is, and the pair of states in a change says that it came back.
    """
    if look in ("blocked", "error"):
        return standing or "live", look
    now = standing if not later and (standing, look) in _UNCONFIRMED else _next(standing, look)
    return now or "live", now or "live"


_UNCONFIRMED = {("missing", "gone"), ("restored", "seen"), ("restored", "alive")}


def _next(standing: State | None, look: Look) -> State:
    if look == "unlisted" or (look == "alive" and standing == "hidden"):
        return "hidden"
    return _SEEN.get(standing, "live") if look in ("seen", "alive") else _GONE.get(standing, "missing")
