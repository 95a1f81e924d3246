"""A site into config.yaml: written beside it, loaded as a check, and only then put in its place."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import ValidationError

from scraper.config import Config, load_config
from scraper.config_edit import Setting, with_site
from scraper.errors import ConfigError, UsageError


def config_or_none(path: Path) -> Config:
    """Load a config that may not be there yet, or hold nothing but comments: the defaults then."""
    text = _text(path)
    return Config() if text is None or not _says_anything(text) else load_config(path)


def with_contact(config: Config, contact: str | None) -> Config:
    """Return the config with a contact it does not have yet; raises UsageError for one that is none."""
    if contact is None:
        return config
    if config.contact is not None:
        raise UsageError(f"the config has a contact already, {config.contact}: leave --contact out")
    try:
        return config.model_copy(update={"contact": Config(contact=contact).contact})
    except ValidationError:
        raise UsageError(f"{contact!r} is no contact: write a mail address or a URL") from None


def add_site(path: Path, site: Setting, contact: str | None = None) -> None:
    """Add a site to the file, or make the file; raises ConfigError and leaves everything as it was."""
    target = path.resolve()  # what a link points to is replaced, not the link
    beside = target.with_name(f".{target.name}.{os.getpid()}")
    with _checked(path, beside, site, contact):
        if target.exists():
            shutil.copymode(target, beside)
        beside.replace(target)


def check_site(path: Path, site: Setting, contact: str | None = None) -> None:
    """Raise the ConfigError that `add_site` would; writes nothing anywhere near the file."""
    with (
        tempfile.TemporaryDirectory() as elsewhere,
        _checked(path, Path(elsewhere) / path.name, site, contact),
    ):
        pass


@contextmanager
def _checked(path: Path, copy: Path, site: Setting, contact: str | None) -> Iterator[None]:
    """Write the new text into `copy`, which the config's own rules have passed while the body runs."""
    text = with_site(_text(path), site, contact)
    try:
        with copy.open("xb") as file:
            file.write(text.encode())
            file.flush()
            os.fsync(file.fileno())
        load_config(copy)
        yield
    except ConfigError as error:
        raise ConfigError([problem.replace(str(copy), str(path)) for problem in error.problems]) from None
    except OSError as error:
        raise ConfigError([f"{path}: cannot be written: {error.strerror}"]) from None
    finally:
        copy.unlink(missing_ok=True)


def _text(path: Path) -> str | None:
    try:
        return path.read_bytes().decode() if path.exists() else None
    except (OSError, UnicodeDecodeError):
        load_config(path)  # says what is wrong with the file, and where
        raise


def _says_anything(text: str) -> bool:
    lines = (line.strip() for line in text.removeprefix("\ufeff").splitlines())
    return any(line and not line.startswith("#") for line in lines)
