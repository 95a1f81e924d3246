"""What can be set: Config, Site, Seed, each rule and default stated once, in its field. Pure.

The JSON Schema, the table in the docs and the advice in the error messages are made from these models.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, ValidationInfo, field_validator

from scraper.checks import Catalog, Encoding, PresetName, Timezone, Url, nearest, preset_names
from scraper.errors import ConfigError
from scraper.politeness import PUBLIC_DELAY, Politeness, Settings
from scraper.rules import Rules
from storage.place import OWN


class Recheck(Settings):
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


class Seed(Settings):
    """A listing page to start from."""

    url: Url = Field(
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
    timezone: Timezone | None = Field(
        default=None,
        description="IANA time zone of the printed times; left out, that of the country the domain names.",
        examples=["Asia/Shanghai"],
    )
    encoding: Encoding | None = Field(
        default=None,
        description="Encoding of the pages (WHATWG), for a site that declares a wrong one.",
        examples=["gbk"],
    )
    preset: PresetName | None = Field(
        default=None,
        description="CMS of the site; left out, it is told from each page.",
        json_schema_extra=lambda schema: schema.update(enum=[*preset_names(), None]),
    )
    rules: Rules = Field(
        default=Rules(), description="Where this site differs from its preset, in the preset's own words."
    )
    assets: Literal["none", "content", "all"] = Field(
        default="content",
        description="Files kept with an article: none, its attachments, or also its images and those "
        "stylesheets and pictures of its page, and what these stylesheets name, that lie on the same site.",
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


_DIRECTORY = r"^[^~\x00-\x1f][^\x00-\x1f]*$"


class ArchivePlace(Settings):
    """Where everything is kept; a path, as which it can be opened."""

    path: str = Field(
        default="archive",
        pattern=_DIRECTORY,
        description="Directory everything is kept in, relative to the config file; `~` is not expanded.",
        examples=["archive"],
    )
    catalog: Catalog | None = Field(
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
