"""What waits of a site: titles are remembered for a while, and one that pages share stays known as such."""

from __future__ import annotations

from dataclasses import replace

from scraper import extract
from scraper.desk import FEW, LATELY, Desk
from scraper.drift import Tally
from storage.records import Article

TEXT = "<p>The choir counted its members after a long winter, say the notes of the meeting.</p>" * 4


PAGE = f"<html><body><h1>The choir sang</h1><div>{TEXT}</div></body></html>".encode()
STORY = extract(PAGE, "https://www.campus.example/news/0.html").article
assert STORY is not None


def met(desk: Desk, number: int, title: str | None = None) -> Article:
    made = replace(STORY, id=str(number), title=title or f"Story {number}")
    desk.meet(made)
    return made


def test_an_article_met_twice_shares_its_title_with_nobody() -> None:
    desk = Desk()
    assert desk.alike(STORY) == 0
    met(desk, 0)
    met(desk, 0)
    assert desk.alike(met(desk, 0)) == 1


def test_a_title_of_many_pages_is_known_as_such_among_a_thousand_others() -> None:
    desk = Desk()
    for number in range(1000):
        met(desk, number, "The University" if number % 9 == 0 else None)
    assert desk.alike(replace(STORY, title="The University")) == FEW
    assert len(desk.titles) == LATELY


def test_the_middle_body_is_that_of_the_lengths_in_order() -> None:
    tally = Tally()
    for length in (500, 300, 900):
        tally.add(replace(STORY, body="x" * length))
    assert tally.coverage()["body"] == 500
    tally.add(replace(STORY, body="x" * 600))
    assert tally.coverage()["body"] == 550
