"""What the commands share: options, finding config, archive and page, printing. Heavy parts come late."""

from __future__ import annotations

import gc
import json
import logging
import os
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from scraper.terminal import safe

if TYPE_CHECKING:
    from rich.console import RenderableType

    from scraper.config import Config
    from scraper.page import Page
    from scraper.presets.preset import Preset
    from storage import Archive

NOWHERE = "http://saved-page.invalid/"  # RFC 2606 §2: never an address of anybody
JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")
CONFIG = click.option(
    "-c",
    "--config",
    "config_path",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Config file.  [default: config.yaml here, if there is one]",
)
ARCHIVE = click.option(
    "-a",
    "--archive",
    "archive_path",
    type=click.Path(path_type=Path, file_okay=False),
    help="Archive directory.  [default: the config's]",
)


def day(_context: click.Context, _option: click.Parameter, value: str | None) -> date | None:
    """Read an option that names a day; raises BadParameter."""
    try:
        return date.fromisoformat(value) if value else None
    except ValueError:
        raise click.BadParameter(f"{value!r} is no day: write YYYY-MM-DD") from None


def moment(_context: click.Context, _option: click.Parameter, value: str | None) -> int | date | None:
    """Read an option that names a run or a day; raises BadParameter."""
    if value is None:
        return None
    try:
        return int(value) if value.isdecimal() else date.fromisoformat(value)
    except ValueError:
        raise click.BadParameter(f"{value!r} is no run and no day: write its number, or YYYY-MM-DD") from None


def config_of(config_path: Path | None, archive_path: Path | None = None) -> Config:
    """Load the config named, else ./config.yaml, else the defaults; the archive option goes before it."""
    from scraper.config import load_config

    here = Path("config.yaml")
    config = load_config(config_path or (here if here.exists() else None))
    return config.model_copy(update={"archive": config.archive.at(archive_path)}) if archive_path else config


def place(config_path: Path | None, archive_path: Path | None) -> os.PathLike[str]:
    """Return where the archive is; with its option alone, no config is read."""
    if archive_path is not None and config_path is None:
        return archive_path
    return config_of(config_path, archive_path).archive


def archive_of(config_path: Path | None, archive_path: Path | None) -> Archive:
    """Open the archive to read; raises ArchiveNotFound and ArchiveDamaged."""
    from storage import Archive

    archive = Archive.open(place(config_path, archive_path))
    gc.freeze()  # what was loaded stays: no look for cycles need go through it
    return archive


def page_of(source: str, url: str | None, config_path: Path | None) -> Page:
    """Read a saved page, or fetch an address with the config's politeness."""
    from scraper.page import Page, saved_from

    if not source.lower().startswith(("http://", "https://")):
        path = Path(source)
        if not path.is_file():
            raise click.UsageError(f"no such file: {source}; an address begins with http:// or https://")
        body = path.read_bytes()
        address = url or saved_from(body)
        if address is None:
            click.echo(f"links are relative to {NOWHERE}: name the page's own address with --url", err=True)
        return Page(url=address or NOWHERE, body=body)
    from scraper.manners import fetch_one

    return fetch_one(config_of(config_path), source)


@dataclass(frozen=True, slots=True)
class Known:
    """A page with what the config says of its site: its encoding, the rules it is read by, its facts."""

    page: Page
    preset: Preset
    site: str | None = None
    timezone: str | None = None
    language: str | None = None


def known_of(source: str, url: str | None, config_path: Path | None) -> Known:
    """Read a saved page, or fetch an address, and find its site in the config: a crawl would read it so."""
    from scraper.presets.overrides import preset_for
    from scraper.scope import Scope

    page = page_of(source, url, config_path)
    site = Scope(config_of(config_path)).site_of(page.base_url)
    if site is None:
        return Known(page, preset_for(page))
    page = replace(page, declared_encoding=site.encoding)
    preset = preset_for(page, site.preset, site.rules.stated())
    return Known(page, preset, site.name, site.timezone, site.language)


def show(*parts: RenderableType) -> None:
    """Print for a person, in colour on a terminal."""
    show_each(parts)


def show_each(parts: Iterable[RenderableType]) -> None:
    """Print parts for a person as they come."""
    from rich.console import Console

    console = Console(highlight=False)
    for part in parts:
        with console.capture() as text:  # rich would turn a closed pipe into exit code 1
            console.print(part, soft_wrap=True)
        click.echo(text.get(), nl=False, color=True)


def tell(line: str) -> None:
    """Tell a person on standard error what is wrong; as an event where the log is for programs."""
    root = click.get_current_context().find_root()
    if root.params.get("log_format") == "json":
        logging.getLogger("scraper.cli").error("%s", line)
    else:
        click.echo(safe(line), err=True)


def print_json(value: object) -> None:
    """Print one JSON value for a program."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


def print_lines(values: Iterable[object]) -> None:
    """Print JSON values, one a line."""
    from storage.export.signs import json_line
    from storage.target import target

    with target(None) as out:
        for value in values:
            out.write(json_line(value))
