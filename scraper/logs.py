"""Log records in, one line each out, plain or as JSON: no text of a page or address can end or begin one."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any

from scraper.terminal import safe

OURS = ("scraper", "storage")
"""The loggers whose INFO `--verbose` shows; libraries are heard from WARNING on."""

FACTS = ("site", "url", "reason", "run", "progress")
"""What a record may carry beside its message, by `extra`."""


class PlainLines(logging.Formatter):
    """Time in UTC, level, logger and message; a traceback follows in it, lines apart by `\\n`."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as one line."""
        parts = [record.getMessage(), self.formatException(record.exc_info) if record.exc_info else ""]
        told = " | ".join(part for part in parts if part).replace("\r", "\\r").replace("\n", "\\n")
        return f"{moment(record)} {record.levelname} {record.name} {safe(told)}"


class JsonLines(logging.Formatter):
    """One JSON object of `time`, `level`, `logger`, `message`, and of `FACTS` and `exception` what is known.

    It is ASCII: what some readers take for the end of a line (U+0085, U+2028) comes escaped as well.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as one line."""
        found: dict[str, Any] = {
            "time": moment(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        found |= {name: record.__dict__[name] for name in FACTS if record.__dict__.get(name) is not None}
        if record.exc_info:
            found["exception"] = self.formatException(record.exc_info)
        return json.dumps(found, default=str)


FORMATS = {"plain": PlainLines, "json": JsonLines}


class _Stderr(logging.StreamHandler[Any]):
    """Writes to what is standard error at that moment: a bar drawn there moves out of the way."""

    def emit(self, record: logging.LogRecord) -> None:
        self.stream = sys.stderr
        super().emit(record)


def start(form: str, *, verbose: bool) -> logging.Handler:
    """Log to standard error from now on, in a form of `FORMATS`; return the handler, for `stop`."""
    handler = _Stderr()
    handler.setFormatter(FORMATS[form]())
    logging.getLogger().addHandler(handler)
    for name in OURS:
        logging.getLogger(name).setLevel(logging.INFO if verbose else logging.WARNING)
    return handler


def stop(handler: logging.Handler) -> None:
    """Take back what `start` did."""
    logging.getLogger().removeHandler(handler)
    for name in OURS:
        logging.getLogger(name).setLevel(logging.NOTSET)


def moment(record: logging.LogRecord) -> str:
    """Return when the record was made: ISO 8601, UTC, to the millisecond."""
    made = datetime.fromtimestamp(record.created, UTC)
    return made.isoformat(timespec="milliseconds").replace("+00:00", "Z")
