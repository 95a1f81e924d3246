"""What told two versions apart is kept with the later one, and is what comparing them again would find."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage import comparison
from storage.comparison import pack, unpack
from storage.diff import compare
from storage.records import Article, Attachment, Image

from .campus_days import Days, article
from .catalogue_sql import sql

pytestmark = pytest.mark.usefixtures("catalogue")

TEXT = st.lists(
    st.sampled_from(
        [
            "Lecture at 13:00.",
            "讲座改在周三举行。",
            "No entry",
            "一",
            "  ",
            "\n\n",
            "。",
            "a longer paragraph here\n\n",
        ]
    ),
    max_size=12,
).map("".join)
FILE = Attachment("http://news.example.edu/f.pdf", "f.pdf")
# One of each kind; what is found of them is what REVISION stands for.
PAIRS = (
    (article(body="The talk is on Monday at nine."), article(body="The talk is on Tuesday at nine.")),
    (article(body="图书馆开放到晚上十点。"), article(body="图书馆开放到晚上十一点，周末除外。")),
    (
        article(body="A first paragraph stands here.\n\nB."),
        article(body="B.\n\nA first paragraph stands here."),
    ),
    (article(body="More.\n\nThe end."), article(body="Some.\n\nThis is new.\n\nThe end.")),
    (article(title="Open"), article(title="open")),
    (article(release_time="2026-09-02"), article(release_time="2026-09-01T08:00")),
    (article(attachments=(FILE,)), article(attachments=())),
    (article(images=(Image("http://news.example.edu/1.jpg"),)), article(images=())),
    (article(author="A"), article(author=None, source="Office")),
)
FOUND = "29c865e50434"


@pytest.fixture
def days(tmp_path: Path) -> Days:
    return Days(tmp_path / "archive")


def again(old: Article, new: Article) -> object:
    return unpack(pack(compare(old, new)), new.to_json())


@given(TEXT, TEXT, TEXT, TEXT)
def test_what_was_packed_of_texts_comes_back(old: str, new: str, title: str, renamed: str) -> None:
    before, after = article(body=old, title=title), article(body=new, title=renamed)
    assert again(before, after) == compare(before, after)


@pytest.mark.parametrize("pair", PAIRS)
def test_what_was_packed_of_any_field_comes_back(pair: tuple[Article, Article]) -> None:
    assert compare(*pair)
    assert again(*pair) == compare(*pair)


def test_rules_that_find_something_else_have_another_revision() -> None:
    found = hashlib.sha256("\n".join(pack(compare(*pair)) for pair in PAIRS).encode()).hexdigest()
    assert found[:12] == FOUND, (
        "diff, segments or severity find something else now: raise comparison.REVISION, then change this"
    )


def test_a_diff_tells_the_same_from_what_was_kept_as_by_comparing_again(days: Days) -> None:
    for edition in (0, 1):
        days.run(
            *(replace(pair[edition], id=f"b{at}", url=f"{pair[0].url}?{at}") for at, pair in enumerate(PAIRS))
        )
    with days.open() as archive:
        kept, told = list(archive.changes()), list(archive.events())
    assert sql(days.path, "SELECT count(*) FROM versions WHERE compared IS NOT NULL") == [(len(kept),)]
    assert sum(len(change.fields) for change in kept) >= 5
    sql(days.path, "UPDATE versions SET compared = NULL")
    with days.open() as archive:
        assert (list(archive.changes()), list(archive.events())) == (kept, told)


def test_versions_apart_are_compared_whatever_was_kept_of_those_between(days: Days) -> None:
    for body in ("One.", "Two.", "One.", "Three."):
        days.run(article(body=body))
    with days.open() as archive:
        assert list(archive.changes(since_run=1, until_run=3)) == []
        (change,) = archive.changes(since_run=1, until_run=4)
    assert (change.fields[0].before, change.fields[0].after) == ("One.", "Three.")


def test_what_older_rules_found_is_not_told(days: Days, monkeypatch: pytest.MonkeyPatch) -> None:
    days.run(article())
    monkeypatch.setattr(comparison, "REVISION", 0)
    days.run(article(title="Corrected"))
    monkeypatch.undo()
    sql(
        days.path,
        """UPDATE versions SET compared = '[0,["body","cosmetic",[]]]' WHERE compared IS NOT NULL""",
    )
    with days.open() as archive:
        (change,) = archive.changes()
    assert [field.field for field in change.fields] == ["title"]


def test_details_that_move_later_take_what_was_kept_with_them(days: Days) -> None:
    days.run(article())
    days.run(article(title="Corrected"))
    days.run(article(title="Corrected", section="A"))
    assert sql(days.path, "SELECT count(*) FROM versions WHERE compared IS NOT NULL") == [(0,)]
    with days.open() as archive:
        (change,) = archive.changes(since_run=1, until_run=2)
    assert [field.field for field in change.fields] == ["title"]
