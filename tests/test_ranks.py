"""How new undated lines are: told by when they came, and never by guessing."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from scraper.ranks import NOBODY_KNOWS, Ranks

FIRST = Ranks.of(1, 1).walk * 1_000_000


class List:
    """An undated list: what is kept of its lines, and what its walks prove."""

    def __init__(self) -> None:
        self.ranks: dict[str, int | None] = {}
        self.run = 0

    def walk(self, *pages: str, torn: bool = False) -> set[str]:
        """Walk a list of the lines named by single letters; return those whose absence is proved."""
        self.run += 1
        ranks = Ranks.of(self.run, 1)
        for page in pages:
            given = ranks.take([self.ranks.get(name) for name in page], torn=torn)
            self.ranks |= dict(zip(page, given, strict=True))
        floor, there = ranks.floor(), set("".join(pages))
        return {
            name
            for name, rank in self.ranks.items()
            if name not in there and floor is not None and rank is not None and rank > floor
        }


def test_what_is_pushed_off_the_end_of_a_list_of_the_latest_is_not_missed() -> None:
    latest = List()
    newest_first = "zyxwvutsrqponmlkjihgfedcba"
    for start in range(15, -1, -1):
        assert latest.walk(newest_first[start : start + 10]) == set()


def test_what_left_from_between_others_is_missed() -> None:
    latest = List()
    latest.walk("gfedcba")
    assert latest.walk("gfdcba") == {"e"}
    assert latest.walk("ihgdcb") == {"e", "f"}


def test_nobody_can_tell_the_last_line_taken_off_from_the_last_line_pushed_off() -> None:
    latest = List()
    latest.walk("gfedcba")
    assert latest.walk("gfedcb") == set()


def test_a_line_that_comes_back_up_from_beyond_the_end_is_the_oldest() -> None:
    latest = List()
    latest.walk("hgfedcb")
    assert latest.walk("hgfdcba") == {"e"}
    assert latest.walk("ihgfdcb") == {"e"}  # a, never seen before, was pushed off again


def test_a_pinned_line_proves_nothing_and_is_not_missed_when_it_goes() -> None:
    latest = List()
    latest.walk("Pgfedcba")
    for page in ("Phgfedcb", "Pihgfedc", "jihgfedc", "kjihgfed"):
        assert latest.walk(page) == set()
    assert latest.ranks["P"] == NOBODY_KNOWS


def test_an_old_line_that_is_pinned_proves_nothing_of_those_below() -> None:
    latest = List()
    latest.walk("gfedcba")
    for page in ("aihgfed", "akjihgf", "amlkjih", "nmlkjih"):
        assert latest.walk(page) == set()


def test_lines_below_a_page_that_was_pushed_on_whole_have_their_order() -> None:
    latest = List()
    latest.walk("lkjih", "gfedc", "ba")
    assert latest.walk("qponm", "lkjih", "gfdcb") == {"e"}


def test_a_torn_walk_ranks_nothing() -> None:
    latest = List()
    latest.walk("cba", torn=True)
    assert set(latest.ranks.values()) == {None}


def test_a_list_in_no_order_proves_nothing() -> None:
    latest = List()
    latest.walk("gfedcba")
    assert latest.walk("bdaefc") == set()


@given(st.lists(st.integers(0, 3), min_size=1, max_size=25), st.integers(1, 12), st.data())
def test_of_a_list_of_the_latest_nothing_is_missed_but_what_was_taken_off(
    news: list[int], size: int, data: st.DataObject
) -> None:
    """Lines come on top and are taken off anywhere, in any order of days; the end lets the oldest go."""
    latest, lines, taken = List(), list("abcdefghij"), set[str]()
    names = iter(chr(0x4E00 + at) for at in range(1000))
    for count in news:
        lines = [next(names) for _ in range(count)] + lines
        if len(lines) > 1 and data.draw(st.booleans()):
            taken.add(lines.pop(data.draw(st.integers(0, min(size, len(lines)) - 1))))
        assert latest.walk("".join(lines[:size])) <= taken


@given(st.lists(st.lists(st.none() | st.integers(0, 99), max_size=12), max_size=4), st.booleans())
def test_no_page_breaks_the_ranks(pages: list[list[int | None]], torn: bool) -> None:
    ranks = Ranks.of(3, 1)
    for page in pages:
        assert len(ranks.take(page, torn=torn)) == len(page)
