"""A site put into the text of config.yaml: nothing else of it moves, and it means what it meant."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from scraper.config import load_config
from scraper.config_edit import block, with_site
from scraper.config_file import add_site, check_site
from scraper.errors import ConfigError

SHIPPED = (Path(__file__).parents[1] / "config.yaml").read_text("utf-8")
SITE: dict[str, Any] = {
    "name": "szu-en",
    "seeds": [
        {"url": "https://en.szu.example/life/list.htm", "section": "Campus: “Life” #1"},
        "https://en.szu.example/list.asp?id=1&p=%7E",
    ],
    "timezone": "Asia/Shanghai",
    "allow_private": True,
    "ports": [80, 443, 8701],
}
OLD = "name: old\n{}  seeds: [https://old.example/]"
TEXTS = {
    "nothing at all": "",
    "comments only": "# one\n# two",
    "no sites": "archive: a   # here\n\n# the end",
    "null": "archive: a\nsites:   # none yet\n\n#  - name: example\n",
    "tilde": "sites: ~ # none\ndelay: 1.5\n",
    "null written out": "sites: null\n",
    "empty brackets": "sites: [ ]   # none\narchive: a\n",
    "dashes at the margin": "sites:\n- name: old\n  seeds: [https://old.example/]\n\n# later\narchive: a\n",
    "dashes set in": "sites:\n    - name: old\n      seeds:\n      - https://old.example/ #1\nx: a\n",
    "comments of its own": (
        "sites:\n  - name: old\n    seeds: [https://old.example/]\n    #delay: 3.0\n#  - name: example\n"
    ),
    "an empty last value": "sites:\n  - name: old\n    seeds: [https://old.example/]\n    language:\n",
    "a site in braces": "sites:\n  - {name: old,\n     seeds: [https://old.example/]}\n",
    "no last line break": "sites:\n  - name: old\n    seeds: [https://old.example/]",
    "other line breaks": "# first\r\nsites:\r\n  - name: old\r\n    seeds: [http://a.example/]\r\n# last\r\n",
    "a mark in front": "\ufeffarchive: a\nsites:\n",
    "all set in": "  archive: a\n  sites:\n",
    "a document mark": "---\narchive: a\n",
    "the word elsewhere": "archive: 'sites:'\nsites:\n# sites: []\n",
    "quoted keys": "'archive': a\n\"sites\": []\n",
}


def meaning(text: str) -> dict[str, Any]:
    return yaml.safe_load(text) or {}


def is_kept(old: str, new: str) -> bool:
    """Every character of the old text stands in the new one, in its order."""
    signs = iter(new)
    return all(sign in signs for sign in old)


@pytest.mark.parametrize("name", TEXTS)
def test_the_site_comes_last_and_all_else_stays(name: str) -> None:
    old = TEXTS[name]
    new = with_site(old, SITE)
    before, after = meaning(old), meaning(new)
    assert after["sites"] == [*(before.get("sites") or []), SITE]
    assert {**after, "sites": None} == {**before, "sites": None}
    emptied = (
        old.replace("[ ]", "").replace("[]", "", name == "quoted keys").replace("~ ", "").replace(" null", "")
    )
    assert is_kept(emptied if before.get("sites") in (None, []) else old, new)
    assert new.count("\r\n") in (0, new.count("\n"))


def test_the_shipped_config_takes_a_site_and_loses_nothing(tmp_path: Path) -> None:
    new = with_site(SHIPPED, SITE, "news@example.edu")
    assert new.replace(block(SITE), "").replace('contact: "news@example.edu"\n', "") == SHIPPED
    path = tmp_path / "config.yaml"
    path.write_text(new, encoding="utf-8")
    config = load_config(path)
    assert (config.contact, [site.name for site in config.sites]) == ("news@example.edu", ["szu-en"])


def test_a_contact_goes_below_the_line_that_waits_for_it_else_to_the_top() -> None:
    assert with_site("#contact: x@example.edu\narchive: a\n", SITE, "b@example.edu").startswith(
        '#contact: x@example.edu\ncontact: "b@example.edu"\narchive: a\n'
    )
    assert with_site("# head\narchive: a\n", SITE, "b@example.edu").startswith(
        '# head\ncontact: "b@example.edu"\narchive: a\n'
    )


def test_no_file_yet_is_a_first_one_that_says_what_to_do() -> None:
    assert "#contact: news-archive@example.edu\n\nsites:\n  - name: szu-en\n" in with_site(None, SITE)


@pytest.mark.parametrize(
    "text",
    [
        "{archive: a}",
        "sites: [{name: old, seeds: [https://old.example/]}]\n",
        "sites: [\n  # none\n]\n",
        "archive: a\n...\n",
        "contact:\nsites:\n",
        "- a list\n",
        "sites: &all []\nothers: *all\n",
    ],
)
def test_what_cannot_be_added_to_safely_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="not written"):
        with_site(text, SITE, "b@example.edu")


words = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
comments = st.text("ab :#-[]{}'\"中", max_size=12).map("#{}".format)


@settings(deadline=None, max_examples=200)
@given(
    st.lists(
        st.sampled_from(["", "archive: a", "delay: 2.0", "assets: x"]) | comments, max_size=6, unique=True
    ),
    st.sampled_from(
        ["sites:", "sites: []", "sites: ~", "sites:\n{0}- {1}", "sites:\n{0}- {1}\n{0}- {1}", "# none"]
    ),
    st.integers(0, 5),
    st.lists(comments | st.just(""), max_size=3),
    st.sampled_from(["\n", "\r\n"]),
    st.booleans(),
)
def test_any_layout_of_a_config_is_added_to_or_refused(
    head: list[str], sites: str, indent: int, tail: list[str], ends: str, closed: bool
) -> None:
    margin = " " * indent
    listed = sites.format(margin, OLD.format(margin))
    old = "\n".join([*head, listed, *tail]).replace("\n", ends) + (ends if closed else "")
    new = with_site(old, SITE)
    assert meaning(new)["sites"] == [*(meaning(old).get("sites") or []), SITE]
    kept = [line for line in old.splitlines() if line.startswith("#")]
    assert [line for line in new.splitlines() if line.startswith("#")] == kept


@settings(deadline=None, max_examples=200)
@given(words, words)
def test_any_text_of_a_page_comes_back_as_it_was(section: str, path: str) -> None:
    site = {"name": "a", "seeds": [{"url": f"https://a.example/{path}", "section": section}]}
    assert yaml.safe_load(block(site)) == [site]


# ---- the file


def test_a_file_that_would_not_load_is_left_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("sites:\n", encoding="utf-8")
    for attempt in (add_site, check_site):
        with pytest.raises(ConfigError) as told:
            attempt(path, SITE | {"timezone": "Asia/Shangai"}, "a@example.edu")
        assert str(told.value).startswith(f"{path}:")
        assert "Asia/Shanghai" in str(told.value)
    assert path.read_text("utf-8") == "sites:\n"
    assert list(tmp_path.iterdir()) == [path]


def test_the_file_keeps_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("sites:\n", encoding="utf-8")
    path.chmod(0o640)
    add_site(path, SITE)
    assert path.stat().st_mode & 0o777 == 0o640
    assert [site.name for site in load_config(path).sites] == ["szu-en"]
