"""The counts of a run or site in words: what was done, and what was asked for and why. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from scraper.edits import size

# What a request can be for, as the counts name it, and as people name one and several: they add up to
# `requests`.
PURPOSES = {
    "for_robots": ("robots.txt", "robots.txt"),
    "for_listings": ("listing", "listings"),
    "for_articles": ("article", "articles"),
    "for_looks": ("look again", "looks again"),
    "for_counters": ("counter", "counters"),
    "for_files": ("file", "files"),
    "for_retries": ("retry", "retries"),
}
# What was done, as people say it of one and of several: to pages asked for, pages kept, records.
DEEDS = {
    "listings": ("listing", "listings"),
    "articles": ("article", "articles"),
    "new": ("new", "new"),
    "same": ("unchanged", "unchanged"),
    "edit": ("edited", "edited"),
    "rules": ("read by new rules", "read by new rules"),
    "gone": ("gone", "gone"),
    "blocked": ("blocked", "blocked"),
    "error": ("error", "errors"),
    "alias": ("second address", "second addresses"),
    "layouts": ("layout learned", "layouts learned"),
    "out_of_scope": ("link to another site", "links to other sites"),
    "trapped": ("endless address", "endless addresses"),
    "drift": ("held back", "held back"),
    "left_for_later": ("left for later", "left for later"),
    "read": ("read", "read"),
    "not_articles": ("no article", "no articles"),
    "older": ("older than what is known", "older than what is known"),
    "other_days": ("of another day", "of other days"),
    "unresolved": ("kept elsewhere", "kept elsewhere"),
    "unreadable": ("unreadable", "unreadable"),
    "unread": ("not given", "not given"),
    "refreshed": ("refreshed in details", "refreshed in details"),
    "refused": ("refused", "refused"),
    "damaged": ("damaged", "damaged"),
    "current": ("left out", "left out"),
}
TRAFFIC = {"requests", "bytes", "not_modified", *PURPOSES}


def deeds(counts: Mapping[str, int]) -> dict[str, int]:
    """Return the counts of what was done, without those of what was asked for, and without zeros."""
    return {name: count for name, count in counts.items() if count and name not in TRAFFIC}


def deed_words(counts: Mapping[str, int]) -> list[str]:
    """Return `deeds` as people say them, in parts."""
    return [_several(count, DEEDS.get(name, (name, name))) for name, count in deeds(counts).items()]


def traffic(counts: Mapping[str, int]) -> list[str]:
    """Return how much was asked for, in parts; nothing where nothing was."""
    requests, unmodified = counts.get("requests", 0), counts.get("not_modified", 0)
    if not requests:
        return []
    parts = [_several(requests, ("request", "requests")), size(counts.get("bytes", 0))]
    return parts + ([f"{unmodified:,} not modified"] if unmodified else [])


def purposes(counts: Mapping[str, int]) -> list[str]:
    """Return how many requests were for what, in parts."""
    return [_several(counts[name], words) for name, words in PURPOSES.items() if counts.get(name)]


def traffic_line(counts: Mapping[str, int]) -> str:
    """Return `traffic`, and what it was for, as one line, or ''."""
    return ": ".join(filter(None, (", ".join(traffic(counts)), ", ".join(purposes(counts)))))


def _several(count: int, words: tuple[str, str]) -> str:
    return f"{count:,} {words[count != 1]}"
