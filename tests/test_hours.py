from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from scraper.hours import Hours, window

MONDAY = 7  # of September 2026


def moment(day: int, clock: str) -> datetime:
    """Return a time of a day in September 2026, counted from Monday as 0."""
    return datetime.fromisoformat(f"2026-09-{MONDAY + day:02}T{clock}:00+00:00")


@pytest.mark.parametrize(
    ("text", "day", "clock", "is_open"),
    [
        ("01:00-06:00", 0, "00:59", False),
        ("01:00-06:00", 0, "01:00", True),
        ("01:00-06:00", 0, "05:59", True),
        ("01:00-06:00", 0, "06:00", False),
        ("22:00-06:00", 2, "23:30", True),
        ("22:00-06:00", 2, "05:30", True),
        ("22:00-06:00", 2, "12:00", False),
        ("Mon-Fri 22:00-06:00", 4, "23:00", True),
        ("Mon-Fri 22:00-06:00", 5, "03:00", True),  # Friday's window
        ("Mon-Fri 22:00-06:00", 5, "23:00", False),
        ("Mon-Fri 22:00-06:00", 0, "03:00", False),  # would be Sunday's
        ("Sat,Sun 00:00-24:00", 6, "23:59", True),
        ("Sat,Sun 00:00-24:00", 4, "12:00", False),
        ("Fri-Mon 10:00-11:00", 6, "10:30", True),
        ("Fri-Mon 10:00-11:00", 2, "10:30", False),
        ("Mon,Wed-Thu 10:00-11:00", 3, "10:30", True),
        ("Mon,Wed-Thu 10:00-11:00", 1, "10:30", False),
    ],
)
def test_a_window_holds_the_hours_of_its_days(text: str, day: int, clock: str, is_open: bool) -> None:
    assert Hours((window(text),)).is_open(moment(day, clock)) is is_open


def test_windows_are_on_the_clock_of_the_sites_zone() -> None:
    hours = Hours((window("01:00-06:00"),), "Asia/Shanghai")
    assert hours.is_open(datetime(2026, 9, 7, 18, tzinfo=UTC))
    assert not hours.is_open(datetime(2026, 9, 7, 2, tzinfo=UTC))


def test_it_is_told_when_a_site_opens_and_closes() -> None:
    hours = Hours((window("Mon-Fri 22:00-06:00"), window("05:00-08:00")))
    assert hours.turns(moment(2, "12:00")) == moment(2, "22:00")
    assert hours.turns(moment(2, "23:00")) == moment(3, "08:00")  # the windows overlap
    assert hours.turns(moment(5, "12:00")) == moment(6, "05:00")
    assert Hours((window("00:00-24:00"),)).turns(moment(0, "00:00")) is None
    assert Hours(()).is_open(moment(0, "00:00"))


def test_a_window_keeps_its_place_on_the_clock_when_summer_time_begins() -> None:
    hours = Hours((window("01:00-06:00"),), "Europe/Berlin")
    opens = hours.turns(datetime(2026, 3, 29, 12, tzinfo=UTC))
    assert opens == datetime(2026, 3, 30, 1, tzinfo=ZoneInfo("Europe/Berlin"))


@pytest.mark.parametrize(
    "text",
    ["", "1:00-6:00", "01:00", "24:00-06:00", "25:00-26:00", "Mo 01:00-02:00", "Mon-Wed-Fri 01:00-02:00",
     "01:00-01:00", "01:00–06:00", "Mon  01:00-02:00", "01:00-06:00 "],
)  # fmt: skip
def test_what_is_no_window_is_refused_with_how_to_write_one(text: str) -> None:
    with pytest.raises(ValueError, match=r"window|same time"):
        window(text)
