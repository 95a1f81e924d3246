"""What the config makes of the policy of each host."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from scraper.config import Config
from scraper.manners import by_hand, policies
from scraper.policy import Policy
from scraper.settings import Site

from .test_hours import moment


def policy_of(host: str, top: dict[str, Any] | None = None, **site: Any) -> Policy:
    """Return the policy a config gives a host."""
    values = {"name": "campus", "seeds": ("https://news.campus.edu.cn/list.htm",)} | site
    config = Config.model_validate({"contact": "a@campus.edu.cn", "sites": (values,)} | (top or {}))
    return policies(config, config.sites, "campusnews/1")(host)


def test_windows_are_on_the_clock_of_the_country_the_domain_names() -> None:
    hours = policy_of("news.campus.edu.cn:443", windows=("01:00-06:00",)).hours
    assert hours is not None
    assert hours.zone == "Asia/Shanghai"
    assert hours.is_open(datetime(2026, 9, 7, 18, 30, tzinfo=UTC))


def test_windows_are_on_the_clock_of_the_site_where_it_states_one() -> None:
    hours = policy_of("news.campus.edu.cn:443", windows=("01:00-06:00",), timezone="Europe/Berlin").hours
    assert hours is not None
    assert hours.is_open(moment(0, "00:30"))


def test_what_the_top_level_says_holds_for_every_site_that_says_nothing() -> None:
    top = {"max_requests": 500, "proxy": "http://proxy.campus.edu.cn:3128", "windows": ("22:00-06:00",)}
    told = policy_of("news.campus.edu.cn:443", top, max_requests=20)
    assert (told.site, told.max_requests, told.proxy) == ("campus", 20, "http://proxy.campus.edu.cn:3128")
    assert told.hours is not None
    assert policy_of("news.campus.edu.cn:443").hours is None


def test_only_the_site_that_asks_for_it_speaks_old_tls() -> None:
    assert policy_of("news.campus.edu.cn:443", legacy_tls=True).legacy_tls
    assert not policy_of("elsewhere.edu.cn:443", legacy_tls=True).legacy_tls
    assert replace(policy_of("news.campus.edu.cn:443")).legacy_tls is False


def test_what_a_person_asks_for_waits_for_no_window() -> None:
    policy = policy_of("news.campus.edu.cn:443", windows=("01:00-06:00",), max_requests=1, legacy_tls=True)
    asked = by_hand(lambda _: policy)("news.campus.edu.cn:443")
    assert (asked.hours, asked.max_requests, asked.legacy_tls) == (None, None, True)


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("windows", ("1-6",), "like '01:00-06:00'"),
        ("windows", ("06:00-06:00",), "at the same time"),
        ("proxy", "socks5://proxy.edu:1080", "is not a URL"),
        ("proxy", "http://user:secret@proxy.edu:3128", "holds a user name"),
        ("proxy", "http://proxy.edu:3128/path", "is no proxy"),
        ("max_requests", 0, "greater than or equal to 1"),
        ("give_up_after", 0, "greater than or equal to 1"),
    ],
)
def test_a_setting_that_cannot_be_meant_is_refused(name: str, value: object, told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        Site.model_validate({"name": "s", "seeds": ("https://news.edu/list.htm",), name: value})
