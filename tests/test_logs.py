"""One event is one line of the log, whatever its words hold."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper import logs

log = logging.getLogger("scraper.trial")
HOSTILE = [
    "done\r\n2026-11-25T06:00:00.000Z ERROR scraper.crawl forged",
    "a\nb",
    "\x1b]0;owned\x07\x1b[2J",
    "right \u202e tfel",
    "next\x85line\u2028and\u2029more",
    "nul \x00 and lone \ud800",
]


def record(message: str, *args: object, failed: bool = False, **extra: object) -> logging.LogRecord:
    try:
        if failed:
            raise ValueError(message)
    except ValueError:
        return log.makeRecord(log.name, logging.ERROR, "", 0, message, args, sys.exc_info(), extra=extra)
    return log.makeRecord(log.name, logging.ERROR, "", 0, message, args, None, extra=extra)


@pytest.mark.parametrize("form", sorted(logs.FORMATS))
@pytest.mark.parametrize("text", HOSTILE)
def test_an_event_is_one_line_and_cannot_forge_another(form: str, text: str) -> None:
    line = logs.FORMATS[form]().format(record("%s: not read", text, url=text, failed=True))
    assert len(line.splitlines()) == 1
    assert line.isprintable()
    assert line.encode()


@given(st.text())
def test_json_lines_give_every_text_back(text: str) -> None:
    line = logs.JsonLines().format(record("%s", text, site="lib", url=text))
    assert len(line.splitlines()) == 1
    found = json.loads(line)
    assert (found["message"], found.get("url", ""), found["site"]) == (text, text, "lib")


def test_a_json_line_has_time_level_logger_and_what_is_known() -> None:
    found = json.loads(logs.JsonLines().format(record("a page", site="lib", reason=None)))
    assert list(found) == ["time", "level", "logger", "message", "site"]
    assert (found["level"], found["logger"]) == ("error", "scraper.trial")
    assert datetime.fromisoformat(found["time"]).utcoffset() is not None


def test_a_traceback_is_kept_in_the_line_of_its_event() -> None:
    plain = logs.PlainLines().format(record("broken", failed=True))
    assert "broken | Traceback (most recent call last):\\n" in plain
    assert plain.endswith("ValueError: broken")
    found = json.loads(logs.JsonLines().format(record("broken", failed=True)))
    assert found["exception"].splitlines()[-1] == "ValueError: broken"


@pytest.fixture
def started() -> Iterator[logging.Handler]:
    handler = logs.start("json", verbose=False)
    yield handler
    logs.stop(handler)


def test_only_warnings_are_logged_unless_more_is_asked_for(
    started: logging.Handler, capsys: pytest.CaptureFixture[str]
) -> None:
    log.info("hardly worth telling")
    log.warning("worth telling")
    told = capsys.readouterr().err.splitlines()
    assert [json.loads(line)["message"] for line in told] == ["worth telling"]
    again = logs.start("plain", verbose=True)
    log.info("told now")
    logging.getLogger("alembic").info("never told: a library's own")
    logs.stop(again)
    assert [line.split()[1] for line in capsys.readouterr().err.splitlines() if "{" not in line] == ["INFO"]
