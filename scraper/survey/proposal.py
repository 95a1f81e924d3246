"""What was found of a site in, the setting for config.yaml out. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from scraper.normalize.dates import zone_of
from scraper.presets import PRESETS
from scraper.presets.generic import GENERIC
from scraper.survey.judge import Section
from scraper.survey.words import ZONES
from scraper.urls import same_site

_NOT_NAME = re.compile(r"[^a-z0-9]+")
_LONGEST_NAME = 40


@dataclass(frozen=True, slots=True)
class Proposal:
    """One site as config.yaml would have it. `seeds` are (address, section) pairs.

    `timezone_from` says what told the zone: `country`, `language` or nothing. `ports` is empty where the
    usual ones do.
    """

    name: str
    seeds: tuple[tuple[str, str | None], ...]
    language: str | None = None
    timezone: str | None = None
    timezone_from: str | None = None
    preset: str | None = None
    allow_private: bool = False
    ports: tuple[int, ...] = ()

    def setting(self) -> dict[str, Any]:
        """Return what stands in config.yaml, in its order; what is the default is left out."""
        seeds = [{"url": url, "section": section} if section else url for url, section in self.seeds]
        given: dict[str, Any] = {"name": self.name, "seeds": seeds}
        given |= {"language": self.language} if self.language else {}
        given |= {"timezone": self.timezone} if self.timezone else {}
        given |= {"preset": self.preset} if self.preset else {}
        given |= {"allow_private": True} if self.allow_private else {}
        return given | ({"ports": list(self.ports)} if self.ports else {})


def propose(
    name: str, sections: Sequence[Section], *, allow_private: bool = False, ports: tuple[int, ...] = ()
) -> Proposal:
    """Return the setting for a site with these lists; at least one.

    Language and CMS are set only where all lists agree: else each page tells its own. So it does for a feed,
    and for a list of no known CMS.
    """
    host = urlsplit(sections[0].url).hostname or ""
    language = _agreed([section.language for section in sections])
    preset = _agreed([section.listing.preset for section in sections])
    by_country, by_language = (
        zone_of(host),
        ZONES.get((language or _first_language(sections)).partition("-")[0]),
    )
    return Proposal(
        name=name,
        seeds=tuple((section.url, section.name) for section in sections),
        language=language,
        timezone=by_country or by_language,
        timezone_from="country" if by_country else "language" if by_language else None,
        preset=preset if preset in PRESETS and preset != GENERIC.name else None,
        allow_private=allow_private,
        ports=ports,
    )


def name_of(url: str, taken: Collection[str] = ()) -> str:
    """Return a short name nobody has: `szu-en` for `en.szu.example`, the host's numbers for an address."""
    parts = urlsplit(url)
    words = (
        _NOT_NAME.sub("-", "-".join(_words(parts.hostname or "site"))).strip("-")[:_LONGEST_NAME].strip("-")
    )
    name = f"{words or 'site'}-{parts.port}" if parts.port not in (None, 80, 443) else words or "site"
    numbered = (f"{name}-{number}" for number in range(2, len(taken) + 3))
    return name if name not in taken else next(each for each in numbered if each not in taken)


def _words(host: str) -> list[str]:
    """Return the telling words of a host: the university's, then what its host adds; `www` adds nothing."""
    labels = host.split(".")
    if ":" in host or labels[-1].isdigit():
        return labels
    tails = range(len(labels) - 1, -1, -1)
    own = next((at for at in tails if same_site(f"http://{host}/", f"http://{'.'.join(labels[at:])}/")), 0)
    return [labels[own], *(label for label in labels[:own] if label != "www")]


def _agreed(values: Sequence[str | None]) -> str | None:
    return values[0] if len(set(values)) == 1 else None


def _first_language(sections: Sequence[Section]) -> str:
    return next((section.language for section in sections if section.language), "")
