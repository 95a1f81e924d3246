"""config.yaml -> a complete, frozen Config, or one error that names every mistake. Reads that file."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from scraper.checks import nearest
from scraper.config_schema import config_schema, inner_names, kind, setting, settings_table
from scraper.errors import ConfigError
from scraper.politeness import PUBLIC_DELAY
from scraper.settings import Config, Seed, Site
from scraper.yaml_lines import REFUSED, Document, Loc, Problem, quoted, read_yaml

__all__ = ["Config", "Seed", "Site", "config_schema", "load_config", "settings_table"]

_CODE = tuple(Path(__file__).resolve().parents[1] / package for package in ("scraper", "storage"))
_PORTS = {"http": 80, "https": 443}
# What people write who know another tool -> the setting that does it here.
_OTHER_WORDS = {
    "attachments": "assets",
    "charset": "encoding",
    "cms": "preset",
    "content": "body",
    "crawl_delay": "delay",
    "date": "release_time",
    "depth": "max_pages",
    "email": "contact",
    "hits": "views",
    "hours": "windows",
    "http_proxy": "proxy",
    "images": "assets",
    "interval": "delay",
    "lang": "language",
    "link": "url",
    "limit": "max_requests",
    "list": "items",
    "listing_url": "seeds",
    "next": "next_page",
    "output": "archive",
    "overrides": "rules",
    "pagination": "pager",
    "remove": "drop",
    "selectors": "rules",
    "start_urls": "seeds",
    "timeout": "deadline",
    "tz": "timezone",
    "urls": "seeds",
    "user_agent": "contact",
}


def load_config(path: str | Path | None = None) -> Config:
    """Return the settings in a file, or without one the defaults; raises `ConfigError` with every mistake.

    `archive` comes back as seen from the working directory, ready to be opened.
    """
    if path is None:
        return Config()
    document = read_yaml(Path(path))
    problems = [*document.problems, *_across(document)]
    try:
        config = Config.model_validate(document.data)
    except ValidationError as error:
        problems += _told(error, document)
        raise ConfigError(document.report(problems)) from None
    if problems:
        raise ConfigError(document.report(problems))
    return config.model_copy(update={"archive": config.archive.at(document.path.parent / config.archive)})


def _told(error: ValidationError, document: Document) -> Iterator[Problem]:
    """Yield what the models complain of, in words that say what to write instead."""
    for mistake in error.errors(include_url=False):
        loc, value = mistake["loc"], mistake["input"]
        if value is REFUSED or (
            mistake["type"] == "too_short" and value
        ):  # itself or its items are told already
            continue
        if plain := _PLAIN.get(mistake["type"]):
            yield loc, plain(loc)
        else:
            known = document.known(loc)
            secret = setting(known).get("writeOnly")  # a password may stand in it
            yield known, f"{'what stands here' if secret else document.shown(loc)} {_wrong(mistake)}"


def _wrong(mistake: ErrorDetails) -> str:
    if mistake["type"] == "value_error":
        return str(mistake["ctx"]["error"])
    if mistake["type"] == "string_type" and not isinstance(mistake["input"], (dict, tuple, type(None))):
        return "is not text to YAML: put it in quotes"
    node = setting(mistake["loc"])
    if mistake["type"] == "string_pattern_mismatch":
        return f"is not like {node['examples'][0]!r}: {node['description']}"
    return f"is not {kind(node)}"


def _missing(loc: Loc) -> str:
    node = setting(loc)
    return f"missing: {node['description']} Write it like `{loc[-1]}: {json.dumps(node['examples'][0])}`"


def _unknown(loc: Loc) -> str:
    names = inner_names(loc[:-1])
    known = {name: name for name in names} | {
        word: name for word, name in _OTHER_WORDS.items() if name in names
    }
    key = str(loc[-1])
    return f"unknown key {quoted(key)}{nearest(key, known, ': known here are ' + ', '.join(names))}"


def _empty(loc: Loc) -> str:
    return f"empty: {setting(loc)['description']} Write at least one"


# The mistakes that are told without the value.
_PLAIN: dict[str, Callable[[Loc], str]] = {
    "extra_forbidden": _unknown,
    "missing": _missing,
    "too_short": _empty,
}


def _across(document: Document) -> Iterator[Problem]:
    """Yield the mistakes no single setting shows; from the raw values, so that all are told at once."""
    sites: dict[Loc, dict[str, Any]] = {
        ("sites", index): site
        for index, site in enumerate(_items(document.data.get("sites")))
        if isinstance(site, dict)
    }
    if document.data.get("contact") is None and not all(_is_private(site) for site in sites.values()):
        yield ("contact",), _missing(("contact",))
    yield from _misplaced_archive(document)
    yield from _repeated_names(sites)
    for loc, site in sites.items():
        yield from _hasty_delay(loc, site)
        yield from _closed_ports(loc, site)


def _misplaced_archive(document: Document) -> Iterator[Problem]:
    archive: Any = document.data.get("archive")
    loc: Loc = ("archive",)
    if isinstance(archive, dict):
        archive, loc = archive.get("path"), ("archive", "path")
    if not isinstance(archive, str):
        return
    try:
        place = (document.path.parent / archive).resolve()
        is_file = place.exists() and not place.is_dir()
    except (OSError, RuntimeError, ValueError) as error:
        yield loc, f"cannot be a directory: {error}"
        return
    if is_file:
        yield loc, f"{archive!r} is a file: name a directory"
    if any(place.is_relative_to(package) for package in _CODE):
        yield loc, f"{archive!r} lies inside the program: name another directory"


def _repeated_names(sites: dict[Loc, dict[str, Any]]) -> Iterator[Problem]:
    first: dict[str, Loc] = {}
    for loc, site in sites.items():
        name = site.get("name")
        if isinstance(name, str) and first.setdefault(name, loc) != loc:
            yield (*loc, "name"), f"{name!r} is the name of sites.{first[name][1]} already: choose another"


def _hasty_delay(loc: Loc, site: dict[str, Any]) -> Iterator[Problem]:
    delay = site.get("delay")
    if isinstance(delay, bool) or not isinstance(delay, (int, float)):
        return
    if 0 <= delay < PUBLIC_DELAY and not _is_private(site):
        yield (
            (*loc, "delay"),
            f"{delay} is below {PUBLIC_DELAY}: only a site with `allow_private: true` may be",
        )


def _closed_ports(loc: Loc, site: dict[str, Any]) -> Iterator[Problem]:
    ports = _items(site.get("ports", Site.model_fields["ports"].default))
    for index, seed in enumerate(_items(site.get("seeds"))):
        port = _port(seed.get("url") if isinstance(seed, dict) else seed)
        if ports and port is not None and port not in ports:
            yield (
                (*loc, "seeds", index),
                f"port {port} is not among `ports`: write `ports: [80, 443, {port}]`",
            )


def _port(url: object) -> int | None:
    try:
        parts = urlsplit(url if isinstance(url, str) else "")
        return parts.port or _PORTS.get(parts.scheme)
    except ValueError:
        return None


def _is_private(site: dict[str, Any]) -> bool:
    return site.get("allow_private") is True


def _items(value: object) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else ()
