"""Rules of a site laid over its preset: what is stated goes first, an empty list clears, the name tells."""

from __future__ import annotations

import pytest

from scraper.extract import read_article
from scraper.page import Page
from scraper.presets import PRESETS
from scraper.presets.overrides import overlaid, preset_for
from scraper.presets.preset import ArticleRules, CounterRule, ListingRules, Preset

OWN = Preset(
    name="own",
    revision=7,
    article=ArticleRules(title=(".a", ".b"), drop=(".x",), problems=((".gone", "gone"),)),
    listing=ListingRules(items=(".list",)),
    beacons=("/tick",),
)
PAGE = Page(
    "https://www.example.edu/news/12",
    b"""<html><head><link href="/system/resource/style.css" rel="stylesheet"></head><body>
<h1>Faculty of Arts</h1><div class="caption">Choir sings in the crypt</div>
<div class="when">Published: 2024-05-06</div>
<div id="vsb_content"><p>The choir sings in the crypt on Sunday, and the doors open an hour before.</p>
<p class="code">Scan this code and follow the choir, it says, wherever it goes to sing.</p>
<p>Seats are free, but there are only ninety, so come early or bring a cushion.</p></div>
<script>showHits(12)</script></body></html>""",
)


def test_nothing_stated_is_the_preset_itself() -> None:
    assert overlaid(OWN, {}) is OWN
    assert overlaid(OWN, {"article": {}, "listing": {}}) is OWN
    assert preset_for(PAGE) is PRESETS["vsb"]
    assert preset_for(PAGE, "generic") is PRESETS["generic"]


def test_what_is_stated_goes_before_the_presets_own_and_each_stands_once() -> None:
    preset = overlaid(OWN, {"article": {"title": (".b", ".c")}, "listing": {"items": ("ul",)}})
    assert preset.article.title == (".b", ".c", ".a")
    assert preset.listing.items == ("ul", ".list")
    assert (preset.article.drop, preset.beacons, preset.revision) == ((".x",), ("/tick",), 7)


def test_an_empty_list_takes_the_presets_own_away() -> None:
    assert overlaid(OWN, {"article": {"title": ()}}).article.title == ()


def test_counters_and_problems_become_what_the_form_holds() -> None:
    counter = {"pattern": r"hits\((?P<id>\d+)\)", "url": "/hits?id={id}"}
    problem = {"selector": ".login", "problem": "login_wall"}
    article = overlaid(OWN, {"article": {"counters": (counter,), "problems": (problem,)}}).article
    assert article.counters == (CounterRule(**counter),)
    assert article.problems == ((".login", "login_wall"), (".gone", "gone"))


def test_the_name_tells_of_the_rules_and_changes_with_them() -> None:
    one, same, other = (
        overlaid(OWN, {"article": {"title": title}}).name for title in ((".c",), (".c",), (".d",))
    )
    assert one == same != other
    assert one.startswith("own+config-")


def test_a_page_is_read_by_the_rules_of_its_site() -> None:
    stated = {
        "article": {
            "title": (".caption",),
            "drop": (".code",),
            "counters": ({"pattern": r"showHits\((?P<id>\d+)\)", "url": "/hits.jsp?id={id}"},),
        }
    }
    extraction = read_article(PAGE, preset_for(PAGE, None, stated))
    assert extraction.article is not None
    assert extraction.counter is not None
    article = extraction.article
    assert (article.title, article.provenance["title"]) == ("Choir sings in the crypt", "preset:.caption")
    assert "Scan this code" not in article.body
    assert article.extractor.preset.startswith("vsb+config-")
    assert article.extractor.revision == PRESETS["vsb"].revision
    assert extraction.counter.url == "https://www.example.edu/hits.jsp?id=12"


@pytest.mark.parametrize("name", PRESETS)
def test_rules_can_be_laid_over_every_preset(name: str) -> None:
    preset = overlaid(PRESETS[name], {"article": {"body": ("#text",)}, "listing": {"pager": (".more",)}})
    assert preset.article.body[0] == "#text"
    assert preset.listing.pager[0] == ".more"
