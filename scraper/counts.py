"""The counts of a run or site in words: what was done, and what was asked for and why. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from scraper.edits import size

# What a request can be for, as the counts name it, and as people do: they add up to `requests`.
PURPOSES = {
    "for_robots": "robots",
    "for_listings": "listings",
    "for_articles": "articles",
    "for_looks": "looks again",
    "for_counters": "counters",
    "for_files": "files",
    "for_retries": "retries",
}
_TRAFFIC = {"requests", "bytes", "not_modified", *PURPOSES}


def deeds(counts: Mapping[str, int]) -> dict[str, int]:
    """Return the counts of what was done, without those of what was asked for, and without zeros."""
    return {name: count for name, count in counts.items() if count and name not in _TRAFFIC}


def traffic(counts: Mapping[str, int]) -> list[str]:
    """Return how much was asked for, in parts; nothing where nothing was."""
    requests, unmodified = counts.get("requests", 0), counts.get("not_modified", 0)
    if not requests:
        return []
    parts = [f"{requests:,} request{'' if requests == 1 else 's'}", size(counts.get("bytes", 0))]
    return parts + ([f"{unmodified:,} not modified"] if unmodified else [])


def purposes(counts: Mapping[str, int]) -> list[str]:
    """Return how many requests were for what, in parts."""
    return [f"{counts[name]:,} {word}" for name, word in PURPOSES.items() if counts.get(name)]


def traffic_line(counts: Mapping[str, int]) -> str:
    """Return `traffic`, and what it was for, as one line, or ''."""
    return ": ".join(filter(None, (", ".join(traffic(counts)), ", ".join(purposes(counts)))))
