"""Which rules read a page: the newest layout of its list that fits, then the site's others, then none."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scraper.config import Site
from scraper.learned import Layout, learn, sample_of
from scraper.page import Page
from scraper.presets.generic import GENERIC
from scraper.rulebook import Reading, Rulebook
from storage.records import Layout as KeptLayout
from tests.gazette import Design, Story, plain, redesigned, shortened, stories

LIST, OTHER = "http://gazette.example/list.htm", "http://gazette.example/other.htm"
SITE = Site.model_validate({"name": "gazette", "seeds": (LIST,)})


def page(design: Design, story: Story) -> Page:
    return Page(f"http://gazette.example/s/{story.number}.html", design(story).encode())


def taught(design: Design, revision: int) -> Layout:
    samples = [sample for story in stories(5) if (sample := sample_of(page(design, story), GENERIC))]
    layout = learn(samples, GENERIC, revision=revision)
    assert layout is not None
    return layout


def read(book: Rulebook, design: Design, seed: str = LIST) -> Reading:
    return book.read(page(design, Story(23)), SITE, seed)


def revision(reading: Reading) -> tuple[str, int]:
    assert reading.extraction.article is not None
    extractor = reading.extraction.article.extractor
    return extractor.preset, extractor.revision


@pytest.fixture
def book() -> Rulebook:
    book = Rulebook()
    book.add("gazette", LIST, taught(plain, 1))
    return book


def test_a_page_is_read_by_the_layout_of_its_list(book: Rulebook) -> None:
    assert revision(read(book, plain)) == ("learned:generic", 1)


def test_a_page_of_another_list_that_looks_the_same_is_read_by_it_too(book: Rulebook) -> None:
    assert revision(read(book, plain, OTHER)) == ("learned:generic", 1)


def test_of_two_that_fit_the_list_s_own_goes_first_then_the_newest(book: Rulebook) -> None:
    book.add("gazette", OTHER, taught(plain, 2))
    assert revision(read(book, plain)) == ("learned:generic", 1)
    assert revision(read(book, plain, "http://gazette.example/third.htm")) == ("learned:generic", 2)


def test_a_page_in_another_design_is_read_without_and_says_why(book: Rulebook) -> None:
    reading = read(book, redesigned)
    assert revision(reading) == ("generic", GENERIC.revision)
    assert (reading.unfit, reading.misfit) == (True, "no title in its place")


def test_a_site_may_have_several_designs_at_once(book: Rulebook) -> None:
    book.add("gazette", LIST, taught(redesigned, 2))
    assert revision(read(book, plain)) == ("learned:generic", 1)
    assert revision(read(book, redesigned)) == ("learned:generic", 2)


def test_a_site_the_book_does_not_know_is_read_without() -> None:
    reading = read(Rulebook(), plain)
    assert (revision(reading), reading.unfit, reading.misfit) == (("generic", GENERIC.revision), True, None)


def test_a_layout_over_older_rules_is_not_used() -> None:
    book = Rulebook()
    book.add("gazette", LIST, replace(taught(plain, 1), base_revision=GENERIC.revision - 1))
    assert revision(read(book, plain)) == ("generic", GENERIC.revision)
    assert book.newest("gazette") == 1


def test_a_layout_without_places_retires_those_of_its_list(book: Rulebook) -> None:
    book.add("gazette", LIST, Layout(GENERIC.name, GENERIC.revision, 2))
    assert revision(read(book, plain)) == ("generic", GENERIC.revision)
    assert book.newest("gazette") == 2


def test_a_short_body_is_believed_where_nothing_more_stands_elsewhere(book: Rulebook) -> None:
    short = shortened(Story(23))
    reading = book.read(page(plain, short), SITE, LIST)
    assert revision(reading) == ("learned:generic", 1)
    assert reading.extraction.article is not None
    assert reading.extraction.article.body == short.text[0]


def test_a_body_that_moved_out_of_its_place_is_not_read_there(book: Rulebook) -> None:
    story = Story(23)
    moved = plain(story).replace(
        "<div class='teasers'>", f"<div>{''.join(f'<p>{t}</p>' for t in story.text)}"
    )
    moved = moved.replace(
        "<div class='copy'>" + "".join(f"<p>{t}</p>" for t in story.text), "<div class='copy'>"
    )
    reading = book.read(Page("http://gazette.example/s/23.html", moved.encode()), SITE, LIST)
    assert reading.misfit == "most of the text stands elsewhere"
    assert reading.extraction.article is not None
    assert story.text[0] in reading.extraction.article.body


def test_the_book_takes_in_what_the_catalogue_kept(book: Rulebook) -> None:
    again = Rulebook()
    again.load([KeptLayout("gazette", 1, LIST, "2026-10-01T00:00:00+00:00", taught(plain, 1).to_json())])
    assert read(again, plain).extraction == read(book, plain).extraction
