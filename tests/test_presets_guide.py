"""docs/presets.md does what it says: its example is read, its config loads, and it leaves nothing out."""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path
from typing import Any

import pytest

from scraper.config import load_config
from scraper.extract import read_article
from scraper.page import Page
from scraper.presets import PRESETS, detect
from scraper.presets.overrides import preset_for
from scraper.presets.preset import ArticleRules, ListingRules, Preset

GUIDE = (Path(__file__).parents[1] / "docs" / "presets.md").read_text("utf-8")
BLOCKS: dict[str, str] = dict(re.findall(r"(?ms)^```\w+ (\S+)\n(.*?)^```$", GUIDE))
PAGE = Page(json.loads(BLOCKS["meta.json"])["url"], BLOCKS["page.html"].encode())


@pytest.fixture
def lantern() -> Preset:
    """The preset of the guide, as its file makes it."""
    names: dict[str, Any] = {}
    exec(compile(BLOCKS["lantern.py"], "lantern.py", "exec"), names)
    preset = names["LANTERN"]
    assert isinstance(preset, Preset)
    return preset


def test_the_example_is_told_by_its_marks_and_by_no_other_preset(lantern: Preset) -> None:
    assert sum(mark in PAGE.text for mark in (*lantern.marks, *lantern.traces)) >= lantern.enough
    assert detect(PAGE).name == "generic"


def test_the_example_gives_what_the_guide_says(lantern: Preset) -> None:
    expected = json.loads(BLOCKS["expected.json"])
    extraction = read_article(PAGE, lantern)
    assert extraction.article is not None
    assert extraction.counter is not None
    record = extraction.article.to_json()
    got = record | {
        "counter": extraction.counter.url,
        "attachments": [file["url"] for file in record["attachments"]],
    }
    by_preset = expected.pop("by_preset")
    assert {name: got[name] for name in expected} == expected
    assert [name for name in by_preset if "preset" not in record["provenance"][name]] == []
    assert record["extractor"] == {"preset": "lantern", "revision": 1}


def test_the_examples_beacon_is_in_its_page_and_is_not_its_counter(lantern: Preset) -> None:
    extraction = read_article(PAGE, lantern)
    assert extraction.counter is not None
    (beacon,) = lantern.beacons
    assert re.search(beacon, PAGE.text)
    assert not re.search(beacon, extraction.counter.url)


def test_the_config_of_the_guide_loads_and_its_rules_are_laid_over(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(BLOCKS["config.yaml"], "utf-8")
    (site,) = load_config(tmp_path / "config.yaml").sites
    preset = preset_for(PAGE, site.preset, site.rules.stated())
    assert preset.article.title[0] == ".show-title"
    assert preset.listing.items == ("ul.list-gl", *PRESETS["vsb"].listing.items)
    assert re.fullmatch(r"vsb\+config-[0-9a-f]{6}", preset.name)


@pytest.mark.parametrize("form", [ArticleRules, ListingRules, Preset])
def test_the_guide_names_every_field_of_the_form(form: type[Any]) -> None:
    parts = {"article", "listing"}
    assert [
        field.name
        for field in dataclasses.fields(form)
        if f"`{field.name}`" not in GUIDE and field.name not in parts
    ] == []


def test_the_guide_has_a_row_for_every_preset() -> None:
    assert re.findall(r"(?m)^\| `(\w+)` \|", GUIDE.partition("## An hour")[0]) == sorted(
        PRESETS, key=lambda name: GUIDE.index(f"| `{name}` |")
    )
