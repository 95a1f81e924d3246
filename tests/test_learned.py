"""What pages of one site teach: places, containers, boilerplate, and a layout that reads like a preset."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence

import pytest

from scraper.demo.campus import Campus
from scraper.demo.reply import Request
from scraper.extract import read_article
from scraper.learned import Layout, Sample, learn, sample_of
from scraper.learned.boilerplate import digest, without, without_blocks
from scraper.learned.selectors import is_telling
from scraper.page import Page
from scraper.presets.generic import GENERIC
from storage.records import Article
from tests.gazette import SHARE, Design, Story, plain, plain_with_line, redesigned, stories


def page_of(html: str, number: int = 1) -> Page:
    return Page(f"http://gazette.example/s/{number}.html", html.encode())


def samples(design: Design, told: Sequence[Story]) -> list[Sample]:
    read = (sample_of(page_of(design(story), story.number), GENERIC) for story in told)
    return [sample for sample in read if sample is not None]


def layout_of(design: Design, count: int = 5) -> Layout:
    layout = learn(samples(design, stories(count)), GENERIC, revision=1)
    assert layout is not None
    return layout


def read_by(layout: Layout, html: str) -> Article:
    article = read_article(page_of(html), layout.over(GENERIC)).article
    assert article is not None
    return layout.cleaned(article)


def test_the_places_are_named_by_the_words_that_tell() -> None:
    places = layout_of(plain).places
    assert places["title"] == ("div.headline",)
    assert places["meta"] == ("div.byline",)
    assert places["body"] == ("div.copy",)


@pytest.mark.parametrize("design", [plain, plain_with_line, redesigned])
def test_a_page_never_seen_is_read_whole_by_the_layout(design: Design) -> None:
    story = Story(23)
    article = read_by(layout_of(design), design(story))
    assert article.title == story.title
    assert article.release_time == story.day
    assert article.views == story.number * 3
    assert article.body == "\n\n".join(story.text)


def test_the_record_names_the_layout_and_the_place_of_each_field() -> None:
    article = read_by(layout_of(plain), plain(Story(23)))
    assert (article.extractor.preset, article.extractor.revision) == ("learned:generic", 1)
    assert article.provenance["body"] == "preset:div.copy"


def test_a_body_of_one_word_is_found_where_all_others_stand() -> None:
    story = Story(23, paragraphs=("Cancelled.",))
    assert read_by(layout_of(plain), plain(story)).body == "Cancelled."


def test_a_block_that_repeats_in_every_body_is_dropped_by_its_name() -> None:
    layout = layout_of(plain)
    assert layout.drop == ("div.followbar",)
    assert layout.lines == frozenset()


def test_a_line_that_only_its_words_tell_is_known_by_them() -> None:
    layout = layout_of(plain_with_line)
    assert layout.lines == {digest(SHARE)}
    article = read_by(layout, plain_with_line(Story(23)))
    assert SHARE not in article.body
    assert SHARE not in article.body_html
    assert Story(23).text[3] in article.body_html


def test_what_offices_write_in_every_notice_is_theirs() -> None:
    formula = ("To all departments and offices:", "Yours faithfully, the registry of the college")
    told = [Story(number, paragraphs=(formula[0], *Story(number).text, formula[1])) for number in range(1, 6)]
    layout = learn(samples(plain, told), GENERIC, revision=1)
    assert layout is not None
    assert layout.lines == frozenset()


def test_a_paragraph_named_by_its_place_is_never_dropped_by_its_name() -> None:
    def greeting(story: Story) -> str:
        return plain(story).replace(
            "<div class='copy'>", "<div class='copy'><p class='opening'>Good morning</p>"
        )

    layout = layout_of(greeting)
    assert "p.opening" not in layout.drop
    other = greeting(Story(23)).replace("Good morning", "The mill burned down last night.")
    assert read_by(layout, other).body.startswith("The mill burned down")


def test_a_body_of_nothing_but_boilerplate_stays() -> None:
    known = frozenset((digest(SHARE),))
    assert without(SHARE, known) == SHARE
    assert without_blocks(f"<p>{SHARE}</p>", known) == f"<p>{SHARE}</p>"


def test_two_pages_teach_nothing() -> None:
    assert learn(samples(plain, stories(2)), GENERIC, revision=1) is None


@pytest.mark.parametrize(
    "filling", ["<div class='a'>More and more.", "<p class='b'>More.</p>"], ids=["deep", "long"]
)
def test_a_page_larger_than_any_article_teaches_nothing(filling: str) -> None:
    page = plain(Story(1)).replace("<div class='foot'>", filling * 12_000 + "<div class='foot'>")
    assert sample_of(page_of(page), GENERIC) is None


def test_pages_without_a_common_place_teach_nothing() -> None:
    designs = [plain, redesigned, lambda story: f"<html><body><h3>{story.title}</h3></body></html>"]
    mixed = [samples(design, [Story(number)])[0] for number, design in enumerate(designs, 1)]
    assert learn(mixed, GENERIC, revision=1) is None


def test_a_layout_misses_its_places_in_another_design() -> None:
    layout = layout_of(plain)
    assert layout.missing(page_of(plain(Story(23)))) is None
    assert layout.missing(page_of(redesigned(Story(23)))) == "title"


def test_a_layout_is_json_and_comes_back_as_it_was() -> None:
    layout = layout_of(plain_with_line)
    assert Layout.from_json(json.loads(json.dumps(layout.to_json())), 1) == layout


def test_a_layout_is_of_the_rules_it_was_learned_over_and_no_others() -> None:
    layout = layout_of(plain)
    assert layout.is_of(GENERIC)
    assert not Layout.from_json(layout.to_json() | {"base_revision": 0}, 1).is_of(GENERIC)


@pytest.mark.parametrize("name", ["news-title", "zoom", "vsb_content", "article_meta", "h1"])
def test_names_that_tell(name: str) -> None:
    assert is_telling(name)


@pytest.mark.parametrize(
    "name", ["active", "col-md-9", "clearfix", "css-1x2y3z", "a7f3k9q2", "post-20261103", ""]
)
def test_names_that_do_not_last(name: str) -> None:
    assert not is_telling(name)


@pytest.mark.parametrize("site", ["szqu", "hcu", "dfu"])
def test_with_the_preset_off_a_learned_layout_reads_the_sample_campus_as_the_preset_does(site: str) -> None:
    with Campus() as campus:
        sections: dict[str | None, list[Page]] = defaultdict(list)
        for gold in campus.manifest():
            if gold.site == site and gold.listed:
                sections[gold.section].append(_page(campus, site, gold.url))
    differing = []
    for pages in (pages for pages in sections.values() if len(pages) >= 3):
        read = [sample for page in pages if (sample := sample_of(page, GENERIC)) is not None]
        layout = learn(read, GENERIC, revision=1)
        assert layout is not None
        for page in pages:
            preset, learned = read_article(page).article, read_article(page, layout.over(GENERIC)).article
            assert preset is not None
            assert learned is not None
            for name in ("title", "release_time", "section", "body", "images", "author", "source", "editor"):
                one, other = getattr(preset, name), getattr(layout.cleaned(learned), name)
                differing += [(page.url, name, one, other)] if one != other else []
    assert differing == []


def _page(campus: Campus, site: str, url: str) -> Page:
    path = url.removeprefix(campus.sites[site])
    reply = campus._respond(site, Request("GET", path), path)
    return Page(url, reply.body, content_type=reply.media_type)
