"""What can be set: Config, Site, Seed, each rule and default stated once, in its field. Pure.

The JSON Schema, the table in the docs and the advice in the error messages are made from these models.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
)

from scraper.errors import ConfigError
from scraper.hours import FORM, window
from scraper.rules import Rules
from storage.place import OWN, flaw_of

PUBLIC_DELAY = 0.1
"""The shortest delay, in seconds, for a site that is not ours alone."""

# The encodings of the WHATWG standard that Python decodes, and gb2312, as most GBK pages call themselves.
ENCODINGS = (
    *("utf-8", "gbk", "gb2312", "gb18030", "big5", "euc-jp", "iso-2022-jp", "shift_jis", "euc-kr", "ibm866"),
    *(f"iso-8859-{part}" for part in (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 14, 15, 16)),
    *("koi8-r", "koi8-u", "macintosh", "windows-874", "utf-16be", "utf-16le"),
    *(f"windows-{page}" for page in range(1250, 1259)),
)


def nearest(word: str, known: Mapping[str, str], otherwise: str = "") -> str:
    """Return `, did you mean 'x'?`, x being what the closest spelling stands for, or else `otherwise`."""
    close = difflib.get_close_matches(word[:80].lower(), known, 1)
    return f", did you mean {known[close[0]]!r}?" if close else otherwise


def _url(value: str) -> str:
    wrong = ValueError("is not a URL: write it whole, like 'https://news.example.edu/list.htm'")
    try:
        parts = urlsplit(value)
        whole = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        raise wrong from None
    if not whole or not value.isprintable() or set(value) & set(' \\<>"'):
        raise wrong
    if "@" in parts.netloc:
        raise ValueError("holds a user name: write the URL without it")
    return value


def _proxy(value: str) -> str:
    parts = urlsplit(_url(value))
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        raise ValueError("is no proxy: write it like 'http://proxy.example.edu:3128'")
    return value


def _window(value: str) -> str:
    window(value)
    return value


def _timezone(value: str) -> str:
    if value not in _timezones():
        raise ValueError("is no IANA time zone" + _nearest_timezone(value))
    return value


def _encoding(value: str) -> str:
    known = dict(zip(ENCODINGS, ENCODINGS, strict=True))
    if value.lower() not in known:
        raise ValueError("is no encoding of the web" + nearest(value, known, ": write one like 'gbk'"))
    return value.lower()


def _preset(value: str) -> str:
    known = {name: name for name in _presets()}
    if value not in known:
        raise ValueError("is no preset" + nearest(value, known, f": write one of {', '.join(known)}"))
    return value


@cache
def _timezones() -> frozenset[str]:
    return frozenset(available_timezones())


@lru_cache(maxsize=64)
def _nearest_timezone(value: str) -> str:
    # Not CST6CDT for CST, nor Etc/GMT+8, which lies west of Greenwich, for GMT+8.
    regions = {zone.lower(): zone for zone in _timezones() if "/" in zone and not zone.startswith("Etc/")}
    return nearest(value, regions, ": write one like 'Asia/Shanghai'")


def _presets() -> tuple[str, ...]:
    from scraper.presets import PRESETS  # loads lxml, which a config without presets does not need

    return tuple(PRESETS)


class _Settings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Politeness(_Settings):
    """How gently hosts are asked; at the top level for every site, in a site for that site."""

    delay: float = Field(
        default=1.0,
        ge=PUBLIC_DELAY,
        le=3600,
        description="Seconds between two requests to one host; a slow host and its robots.txt can raise it.",
    )
    deadline: float = Field(
        default=60.0,
        ge=1,
        le=3600,
        description="Seconds a whole response may take, from the first byte sent.",
    )
    retries: int = Field(
        default=3, ge=0, le=10, description="How often a request is tried again after a passing failure."
    )
    max_bytes: int = Field(
        default=20 * 2**20,
        ge=1024,
        le=2**30,
        description="Largest response taken, in bytes, packed or unpacked.",
    )
    max_wait: float = Field(
        default=60.0,
        ge=0,
        le=86400,
        description="Longest wait, in seconds, that Retry-After, Crawl-delay or a slow host can ask for.",
    )
    give_up_after: int = Field(
        default=5,
        ge=1,
        le=1000,
        description="Failures in a row after which a host is left alone for the rest of the run; four busy "
        "answers (429, 502, 503, 504) count as one.",
    )
    max_requests: int | None = Field(
        default=None,
        ge=1,
        le=10**7,
        description="Requests of a run to one site; what is left over is left for the next run.",
    )
    windows: tuple[
        Annotated[str, AfterValidator(_window), Field(json_schema_extra={"pattern": FORM})], ...
    ] = Field(
        default=(),
        max_length=50,
        description="Hours in which a site may be asked, on the clock of its time zone: "
        "`01:00-06:00`, `Mon-Fri 22:00-06:00`; left out, always.",
        examples=[["Mon-Fri 22:00-06:00", "Sat,Sun 00:00-24:00"]],
    )
    proxy: Annotated[str, AfterValidator(_proxy)] | None = Field(
        default=None,
        max_length=2048,
        description="Proxy to go through, http or https, without a password. It resolves the names, so the "
        "guard against private addresses sees only hosts written as numbers.",
        examples=["http://proxy.example.edu:3128"],
    )


class Recheck(_Settings):
    """How often articles of an age are looked at again."""

    within: int | None = Field(
        default=None, ge=1, le=36500, description="Age in days up to which this holds; left out, any age."
    )
    every: int = Field(ge=0, le=36500, description="Days between two looks; 0 is every run.")


RECHECK = (
    Recheck(within=7, every=0),
    Recheck(within=30, every=1),
    Recheck(within=365, every=7),
    Recheck(every=30),
)


class Seed(_Settings):
    """A listing page to start from."""

    url: Annotated[str, AfterValidator(_url)] = Field(
        max_length=2048,
        description="Address of the listing's first page, http or https.",
        examples=["https://news.example.edu/list.htm"],
        json_schema_extra={"pattern": "^https?://"},
    )
    section: str | None = Field(
        default=None, min_length=1, description="Name of the section; left out, the pages tell it."
    )


def _seed(value: object) -> object:
    return {"url": value} if isinstance(value, str) else value


class Site(Politeness):
    """One university site, complete: what it leaves out is filled in from the top level."""

    name: str = Field(
        pattern=r"^[a-z0-9][a-z0-9-]{0,62}$",
        description="Unique short name: lower-case letters, digits, hyphens.",
        examples=["szu-en"],
    )
    seeds: tuple[Annotated[Seed, BeforeValidator(_seed, json_schema_input_type=str | Seed)], ...] = Field(
        min_length=1,
        description="Listing pages to start from, each a URL or a mapping of `url` and `section`.",
        examples=[["https://news.example.edu/list.htm"]],
    )
    language: str | None = Field(
        default=None,
        pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$",
        description="Language of the articles (BCP 47); left out, each page tells its own.",
        examples=["zh-CN"],
    )
    timezone: Annotated[str, AfterValidator(_timezone)] | None = Field(
        default=None,
        description="IANA time zone of the printed times; left out, that of the country the domain names.",
        examples=["Asia/Shanghai"],
    )
    encoding: Annotated[str, AfterValidator(_encoding)] | None = Field(
        default=None,
        description="Encoding of the pages (WHATWG), for a site that declares a wrong one.",
        examples=["gbk"],
    )
    preset: Annotated[str, AfterValidator(_preset)] | None = Field(
        default=None,
        description="CMS of the site; left out, it is told from each page.",
        json_schema_extra=lambda schema: schema.update(enum=[*_presets(), None]),
    )
    rules: Rules = Field(
        default=Rules(), description="Where this site differs from its preset, in the preset's own words."
    )
    assets: Literal["none", "content", "all"] = Field(
        default="content",
        description="Files kept with an article: none, its attachments, or also its images and those "
        "stylesheets and pictures of its page that lie on the same site.",
    )
    max_asset_bytes: int = Field(
        default=20 * 2**20,
        ge=1,
        le=2**30,
        description="Largest attachment or picture that is kept, within `max_bytes`; of a larger one the "
        "record has address and name, and the problems of the run tell it.",
    )
    max_article_asset_bytes: int = Field(
        default=100 * 2**20,
        ge=1,
        le=2**40,
        description="What the files of one article may weigh together; the rest is not asked for.",
    )
    recheck: tuple[Recheck, ...] = Field(
        default=RECHECK,
        max_length=20,
        description="How often known articles are looked at again, by the days since release or last edit: "
        "the first that holds the age decides; older ones than any holds are left alone.",
    )
    max_pages: int = Field(
        default=100, ge=1, le=100_000, description="Listing pages followed from each seed."
    )
    allow_private: bool = Field(
        default=False,
        description="Allow loopback and private addresses: only for a site of your own network.",
    )
    ports: tuple[Annotated[int, Field(ge=1, le=65535)], ...] = Field(
        default=(80, 443), min_length=1, description="Ports that may be connected to."
    )
    legacy_tls: bool = Field(
        default=False,
        description="Take TLS 1.0 and weak ciphers and keys, for a server that has nothing better; "
        "certificates are still checked.",
    )
    delay: float = Field(
        default=1.0,
        ge=0,
        le=3600,
        description=f"As at the top level; below {PUBLIC_DELAY} only with `allow_private: true`.",
    )


def _catalog(value: str) -> str:
    if flaw := flaw_of(value):
        raise ValueError(flaw)
    return value


_DIRECTORY = r"^[^~\x00-\x1f][^\x00-\x1f]*$"


class ArchivePlace(_Settings):
    """Where everything is kept; a path, as which it can be opened."""

    path: str = Field(
        default="archive",
        pattern=_DIRECTORY,
        description="Directory everything is kept in, relative to the config file; `~` is not expanded.",
        examples=["archive"],
    )
    catalog: Annotated[str, AfterValidator(_catalog)] | None = Field(
        default=None,
        repr=False,
        max_length=2048,
        description="URL of a PostgreSQL that has the catalogue, in place of `catalog.sqlite` there; "
        "the password may stand in PGPASSWORD or ~/.pgpass. Left out, CAMPUSNEWS_CATALOG, unless this says "
        "`sqlite`.",
        examples=["postgresql+psycopg://campusnews@db.example.edu/campusnews"],
        json_schema_extra={"writeOnly": True},
    )

    def at(self, path: str | os.PathLike[str]) -> Self:
        """Return the same with another directory."""
        return self.model_copy(update={"path": os.fspath(path)})

    def at_home(self) -> Self:
        """Return the same with the catalogue in the directory, whatever the environment names."""
        return self.model_copy(update={"catalog": OWN})

    def __fspath__(self) -> str:
        return self.path

    def __str__(self) -> str:
        return self.path


def _archive(value: object) -> object:
    return {"path": value} if isinstance(value, str) else value


def _sites(value: object) -> object:
    return () if value is None else value  # `sites:` with every site still a comment


class Config(Politeness):
    """The whole configuration; without a file, the defaults and no site."""

    archive: Annotated[
        ArchivePlace,
        BeforeValidator(
            _archive, json_schema_input_type=Annotated[str, Field(pattern=_DIRECTORY)] | ArchivePlace
        ),
    ] = Field(
        default="archive",
        validate_default=True,
        description="Directory everything is kept in, or a mapping of `path` and `catalog`.",
        examples=["archive"],
    )
    contact: str | None = Field(
        default=None,
        max_length=200,
        pattern=r"^(https?://[!-'*-~]+|[!-'*-?A-~]+@[!-'*-?A-~]+\.[!-'*-?A-~]+)$",
        description="Mail address or URL under which sites can reach you; goes into the User-Agent.",
        examples=["news-archive@example.edu"],
    )
    processes: int = Field(
        default=1,
        ge=0,
        le=64,
        description="Processes that fetch and read pages; 0 for as many as the machine has cores.",
    )
    sites: Annotated[
        tuple[Site, ...], BeforeValidator(_sites, json_schema_input_type=tuple[Site, ...] | None)
    ] = Field(default=(), description="The sites to crawl.")

    @field_validator("sites")
    @classmethod
    def _complete(cls, sites: tuple[Site, ...], info: ValidationInfo) -> tuple[Site, ...]:
        common = {name: info.data[name] for name in Politeness.model_fields if name in info.data}
        return tuple(site.model_copy(update=_without(common, site.model_fields_set)) for site in sites)

    @property
    def process_count(self) -> int:
        """The number of processes that fetch and read."""
        return self.processes or _cores()

    def require_sites(self, names: Sequence[str] = ()) -> tuple[Site, ...]:
        """Return the named sites, or all; raises `ConfigError` for an unknown name and for no site at all."""
        known = {site.name: site for site in self.sites}
        if not known:
            raise ConfigError(["no sites: write one under `sites:` in config.yaml, or try `campusnews demo`"])
        spelled = {name: name for name in known}
        unknown = [
            f"no site {name!r} in the config{nearest(name, spelled)}" for name in names if name not in known
        ]
        if unknown:
            raise ConfigError(unknown)
        return tuple(known[name] for name in dict.fromkeys(names or known))


def _cores() -> int:
    """Return the number of cores this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _without(settings: dict[str, object], names: set[str]) -> dict[str, object]:
    return {name: value for name, value in settings.items() if name not in names}
