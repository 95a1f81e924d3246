"""What the comparison of two versions finds, how grave it calls it, and that it ends in time."""

from __future__ import annotations

import random
import time
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.diff import compare, excerpt, is_edited, release_time_moved_back, segments, severity_of
from storage.records import Article, Attachment, Extractor, FieldChange, Image, Link, Segment
from storage.sameness import letters

FORM = Attachment("https://news.example.edu/f/1.docx", "报名表.docx", "application/msword", 24_100, "a" * 64)
PICTURE = Image("https://news.example.edu/i/1.jpg", "opening")
LINK = Link("https://www.example.edu/join", "online form")
OLD = Article(
    id="a1",
    url="https://news.example.edu/1.htm",
    site="example",
    title="Spring term begins in the new library",
    extractor=Extractor("webplus", 1),
    section="Campus",
    release_time="2023-09-23",
    views=12,
    views_source="static",
    body="The library opens at 8:00 on 12 May.\n\nEvery student of the university is welcome to read.",
    author="Office of Studies",
    images=(PICTURE,),
    attachments=(FORM,),
    links=(LINK,),
    provenance={"title": "h1"},
)


def changed(**values: object) -> tuple[FieldChange, ...]:
    return compare(OLD, replace(OLD, **values))  # type: ignore[arg-type]


def only(**values: object) -> FieldChange:
    (change,) = changed(**values)
    return change


def marked(old: str, new: str) -> str:
    marks = {
        "equal": "{}",
        "deleted": "[-{}-]",
        "inserted": "{{+{}+}}",
        "moved_from": "[<{}<]",
        "moved_to": "{{>{}>}}",
    }
    return "".join(marks[part.op].format(part.text) for part in segments(old, new))


def moved_back(before: str | None, after: str | None) -> bool:
    return release_time_moved_back(
        compare(replace(OLD, release_time=before), replace(OLD, release_time=after))
    )


def test_equal_versions_have_no_change() -> None:
    assert compare(OLD, OLD) == ()
    assert severity_of(()) is None


def test_views_section_and_provenance_are_never_a_change() -> None:
    assert changed(views=99, views_source="counter", section="Notices", provenance={"title": "og"}) == ()


def test_every_field_that_differs_is_told_once_in_a_fixed_order() -> None:
    changes = changed(
        editor="Desk",
        title="Other",
        author=None,
        body="x",
        release_time=None,
        images=(),
        attachments=(),
        links=(),
        source="S",
    )
    names = ["title", "release_time", "body", "images", "attachments", "links", "author", "source", "editor"]
    assert [change.field for change in changes] == names


@pytest.mark.parametrize(
    ("old", "new", "shown"),
    [
        ("9月12日在图书馆召开", "9月15日在体育馆召开", "9月[-12-]{+15+}日在[-图书-]{+体育+}馆召开"),
        ("The cat sat on the mat.", "The elephant sat on the carpet.",
         "The [-cat-]{+elephant+} sat on the [-mat-]{+carpet+}."),
        ("three hundred came", "four thousand came", "[-three hundred-]{+four thousand+} came"),
        ("1,200 seats", "1,250 seats", "[-1,200-]{+1,250+} seats"),
        ("on 2023-09-23 at 13:00", "on 2023-09-25 at 13:00", "on [-2023-09-23-]{+2023-09-25+} at 13:00"),
        ("参加 Open Day 的学生", "参加 Open Week 的学生", "参加 Open [-Day-]{+Week+} 的学生"),
        ("One.\n\nTwo.", "One.\n\nTwo.\n\nThree.", "One.\n\nTwo.{+\n\nThree.+}"),
        ("One.\n\nTwo.\n\nThree.", "One.\n\nThree.", "One.\n\n[-Two.\n\n-]Three."),
        ("", "new", "{+new+}"),
        ("same", "same", "same"),
    ],
)  # fmt: skip
def test_the_words_that_changed_are_marked(old: str, new: str, shown: str) -> None:
    assert marked(old, new) == shown


OPENING, HOURS, PRICES = (
    "The library opens again on Monday.",
    "Its hours are from nine to five.",
    "Copies cost two crowns a page now.",
)


def test_a_paragraph_that_moved_is_told_from_one_deleted_and_one_written() -> None:
    old, new = "\n\n".join((OPENING, HOURS, PRICES)), "\n\n".join((HOURS, PRICES, OPENING))
    ops = [(part.op, part.text.strip()) for part in segments(old, new) if part.text.strip()]
    assert ("moved_from", OPENING) in ops
    assert ("moved_to", OPENING) in ops
    assert not {op for op, _ in ops} & {"deleted", "inserted"}


def test_a_paragraph_that_moved_to_or_from_an_end_takes_its_break_along() -> None:
    old, new = f"{OPENING}\n\n{HOURS}\n\n{PRICES}", f"{HOURS}\n\n{PRICES}\n\n{OPENING}"
    for before, after in ((old, new), (new, old)):
        ops = {part.op for part in segments(before, after)}
        assert ops == {"equal", "moved_from", "moved_to"}


def test_an_edit_beside_a_move_is_still_told_by_word() -> None:
    old = "\n\n".join((OPENING, HOURS, PRICES))
    new = "\n\n".join((HOURS.replace("five", "six"), PRICES, OPENING))
    edits = [(part.op, part.text) for part in segments(old, new) if part.op in ("deleted", "inserted")]
    assert [edit for edit in edits if edit[1].strip()] == [("deleted", "five"), ("inserted", "six")]


def test_paragraphs_in_another_order_are_a_minor_edit_even_when_they_hold_dates() -> None:
    parts = ("It opens at 9:00 on 12 May again.", "It closes at 17:00 on 30 June.")
    (change,) = compare(replace(OLD, body="\n\n".join(parts)), replace(OLD, body="\n\n".join(parts[::-1])))
    assert change.severity == "minor"


@pytest.mark.parametrize(
    ("old", "new", "put_in"),
    [
        ("Some more.\n\nThe end.", "Some more.\n\nThis is new.\n\nThe end.", "This is new.\n\n"),
        ("A.\n\nThe cat sat.", "A.\n\nThe cat lay.\n\nThe cat sat.", "The cat lay.\n\n"),
        ("Much more.\n\nThe end.", "Some more.\n\nThis is new.\n\nThe end.", "This is new.\n\n"),
        ("The end.", "The end.\n\nThis is new.", "\n\nThis is new."),
    ],
)
def test_a_paragraph_put_in_or_taken_out_is_marked_from_its_start(old: str, new: str, put_in: str) -> None:
    assert [part.text for part in segments(old, new) if part.op == "inserted"][-1] == put_in
    assert [part.text for part in segments(new, old) if part.op == "deleted"][-1] == put_in


def test_one_letter_in_a_long_text_marks_one_word() -> None:
    words = [f"word{number % 97}" for number in range(4000)]
    edited = [*words[:2000], "changed", *words[2001:]]
    shown = [part for part in segments(" ".join(words), " ".join(edited)) if part.op != "equal"]
    assert shown == [Segment("deleted", words[2000]), Segment("inserted", "changed")]


NEW, GONE = ("inserted", "moved_to"), ("deleted", "moved_from")
LINES = st.lists(
    st.sampled_from((OPENING, HOURS, PRICES, "Short.", "中文段落在这里，足够长，可以认出来，不会弄错。")),
    max_size=8,
)
TEXTS = st.text(st.sampled_from("ab 1。.，\n中国大é\u2028"), max_size=60) | LINES.map("\n\n".join)


@given(TEXTS, TEXTS)
def test_the_stretches_give_both_texts_back_but_for_what_is_no_edit(old: str, new: str) -> None:
    shown = segments(old, new)
    assert "".join(part.text for part in shown if part.op not in GONE) == new
    assert letters("".join(part.text for part in shown if part.op not in NEW)) == letters(old)
    assert all(part.text for part in shown)


def test_an_edit_among_signs_of_another_width_is_marked_alone() -> None:
    old, new = "各位老师，同学们：请于9月1日前报名。", "各位老师,同学们:请于9月2日前报名。"
    assert marked(old, new) == "各位老师,同学们:请于9月[-1-]{+2+}日前报名。"


@pytest.mark.parametrize("alphabet", ["ab", "中国。", "a\n", ". !，", "a "])
def test_bodies_made_to_be_slow_are_compared_in_bounded_time(alphabet: str) -> None:
    dice = random.Random(1)
    old, new = ("".join(dice.choices(alphabet, k=100_000)) for _ in range(2))
    start = time.process_time()
    shown = segments(old, new)
    assert time.process_time() - start < 10
    assert "".join(part.text for part in shown if part.op not in GONE) == new


def few_words(paragraphs: int, length: int) -> str:
    dice = random.Random(1)
    words = (
        "the",
        "library",
        "opens",
        "on",
        "monday",
        "and",
        "every",
        "student",
        "may",
        "come",
        "to",
        "read",
    )
    return "\n\n".join(" ".join(dice.choices(words, k=length)) for _ in range(paragraphs))


def test_a_text_edited_all_over_is_compared_in_bounded_time() -> None:
    """Each of thousands of small edits is a search of its own."""
    old = few_words(1, 3000)
    start = time.process_time()
    segments(old, old.replace("monday", "tuesday").replace("come", "go"))
    assert time.process_time() - start < 10


def test_a_word_replaced_in_hundreds_of_paragraphs_is_marked_in_each() -> None:
    old = few_words(300, 30)
    shown = segments(old, old.replace("monday", "friday"))
    gone = [part.text for part in shown if part.op == "deleted"]
    assert sum(text.count("monday") for text in gone) == old.count("monday")
    assert max(map(len, gone)) < 40


def test_past_the_budget_a_rewritten_body_stands_as_one_stretch_between_its_common_ends() -> None:
    dice = random.Random(2)
    old, new = ("".join(dice.choices("abcdefgh ", k=90_000)) for _ in range(2))
    ops = [part.op for part in segments(f"Head. {old} tail", f"Head. {new} tail")]
    assert ops == ["equal", "deleted", "inserted", "equal"]


def test_an_excerpt_keeps_whole_words_beside_the_change() -> None:
    old = "It was said before that the doors open at nine and the talk begins soon after for all"
    shown = excerpt(segments(old, old.replace("nine", "ten")), 14)
    assert [part.text for part in shown] == ["…doors open at ", "nine", "ten", " and the talk …"]


@pytest.mark.parametrize(
    "values",
    [
        {"body": OLD.body.replace("\n\n", "\n\n\n").replace("is welcome", "is  welcome")},
        {"body": OLD.body.replace(".", "。").replace(":", "：")},
        {"body": OLD.body.replace("library", "lib\u200brary").replace(" ", "\u00a0") + "\ufeff"},
        {"body": "\u3000\u3000" + OLD.body.replace("\n\n", " \n\n\u3000\u3000")},
        {"title": OLD.title.replace("Spring", "Ｓｐｒｉｎｇ")},
        {"author": "Office  of Studies"},
        {"images": (replace(PICTURE, url="http://img2.example.edu/i/1.jpg?v=3"),)},
        {"images": (replace(PICTURE, url="https://news.example.edu/i/1-300x200.jpg"),)},
        {"attachments": (replace(FORM, url=FORM.url + ";jsessionid=0A1B", media_type="text/plain"),)},
        {"links": (replace(LINK, url="http://www.example.edu/join?utm_source=x", text="here"),)},
        {"links": None},
    ],
)  # fmt: skip
def test_what_a_cms_a_server_or_an_encoding_moves_is_no_edit(values: dict[str, object]) -> None:
    assert changed(**values) == ()
    assert not is_edited(OLD, replace(OLD, **values))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("values", "severity"),
    [
        ({"body": OLD.body.replace("is welcome", "IS WELCOME")}, "cosmetic"),
        ({"body": OLD.body.replace("welcome to", "welcometo")}, "cosmetic"),
        ({"body": OLD.body.replace("\n\n", " ")}, "cosmetic"),
        ({"title": OLD.title.upper()}, "cosmetic"),
        ({"title": OLD.title + "!"}, "minor"),
        ({"author": "office of studies"}, "cosmetic"),
        ({"author": "Office of Research"}, "minor"),
        ({"body": OLD.body.replace("is welcome", "is very welcome")}, "minor"),
        ({"body": OLD.body.replace("is welcome", "is not welcome")}, "substantive"),
        ({"body": OLD.body.replace("8:00", "9:00")}, "substantive"),
        ({"body": OLD.body.replace("12 May", "12 June")}, "substantive"),
        ({"body": OLD.body.replace("12 May", "1 2 May")}, "substantive"),
        ({"body": OLD.body + " The reading is cancelled."}, "substantive"),
        ({"body": "Something else was written here altogether, by another hand."}, "substantive"),
        ({"title": "Spring term begins in the old library"}, "substantive"),
        ({"release_time": "2023-09-24"}, "substantive"),
        ({"release_time": None}, "substantive"),
        ({"release_time": "2023-09-23T13:00+08:00"}, "minor"),
        ({"images": (replace(PICTURE, alt="Opening!"),)}, "cosmetic"),
        ({"images": (replace(PICTURE, url="https://cdn.example.net/x/1.jpg"),)}, "cosmetic"),
        ({"images": (Image("https://news.example.edu/i/2.jpg"),), "body": OLD.body * 3}, "minor"),
        ({"attachments": (replace(FORM, sha256="b" * 64),)}, "substantive"),
        ({"attachments": (replace(FORM, url="https://news.example.edu/f/2.docx"),)}, "minor"),
        ({"attachments": (replace(FORM, name="新报名表.docx"),)}, "minor"),
        ({"attachments": ()}, "substantive"),
        ({"links": (replace(LINK, url="https://www.example.edu/leave"),)}, "minor"),
        ({"links": (replace(LINK, url="https://bonus.example.com/join"),)}, "substantive"),
        ({"links": ()}, "minor"),
    ],
)  # fmt: skip
def test_severity(values: dict[str, object], severity: str) -> None:
    assert changed(**values)[-1].severity == severity
    assert is_edited(OLD, replace(OLD, **values))  # type: ignore[arg-type]


def test_other_pictures_are_substantive_where_they_are_all_the_article_says() -> None:
    poster = replace(OLD, body="See the poster.")
    (change,) = compare(poster, replace(poster, images=(Image("https://news.example.edu/i/2.jpg"),)))
    assert change.severity == "substantive"


@pytest.mark.parametrize(
    ("before", "after", "severity"),
    [
        ("学校将于五月三日举行典礼，欢迎师生参加", "学校将于五月四日举行典礼，欢迎师生参加", "substantive"),
        ("讲座定于周三在大礼堂举行，欢迎师生参加", "讲座定于周五在大礼堂举行，欢迎师生参加", "substantive"),
        ("讲座在大礼堂举行，欢迎各位师生参加", "讲座延期，在大礼堂举行，欢迎各位师生参加", "substantive"),
        ("讲座在大礼堂举行，欢迎各位师生参加", "讲座在小礼堂举行，欢迎各位师生参加", "minor"),
        ("外来人员可以参加，欢迎各位师生到场", "外来人员不可以参加，欢迎各位师生到场", "substantive"),
        ("学校不断改进服务，欢迎各位师生参加", "学校不停改进服务，欢迎各位师生参加", "substantive"),
        ("学校长久改进服务，欢迎各位师生参加", "学校不断改进服务，欢迎各位师生参加", "minor"),
        ("面积为10²平方米，欢迎各位师生参加", "面积为102平方米，欢迎各位师生参加", "substantive"),
    ],
)  # fmt: skip
def test_severity_of_chinese_bodies(before: str, after: str, severity: str) -> None:
    (change,) = compare(replace(OLD, body=before), replace(OLD, body=after))
    assert change.severity == severity


def test_the_gravest_field_gives_the_severity() -> None:
    assert severity_of(changed(author="X", title="Y")) == "substantive"
    assert severity_of(changed(author="X")) == "minor"


@pytest.mark.parametrize(
    ("before", "after", "back"),
    [
        ("2023-09-23", "2023-09-20", True),
        ("2023-09-23", "2023-09-24", False),
        ("2023-09-23T13:00", "2023-09-23", False),
        ("2023-09-23", "2023-09-23T00:00+08:00", False),
        ("2023-09-23T13:00", "2023-09-22", True),
        ("2023-09-23T13:00", "2023-09-23T12:59", True),
        ("2023-09-23T13:00:30", "2023-09-23T13:00", False),
        ("2023-09-23T13:00+08:00", "2023-09-23T06:00+00:00", False),
        ("2023-09-23T13:00+08:00", "2023-09-23T04:00+00:00", True),
        ("2023-09-23T13:00+08:00", "2023-09-23T12:00", True),
        (None, "2023-09-20", False),
        ("2023-09-23", None, False),
        ("spring", "2023-09-20", False),
        ("2023-09-23T13:00+08:00", "0001-01-01T00:00+08:00", False),
    ],
)
def test_release_times_are_compared_at_the_precision_both_state(
    before: str | None, after: str | None, back: bool
) -> None:
    assert moved_back(before, after) is back


def test_an_attachment_replaced_under_the_same_name_stands_beside_the_old_one() -> None:
    new = replace(FORM, url="https://news.example.edu/f/2.docx", size=26_400, sha256="b" * 64)
    extra = Attachment("https://news.example.edu/f/9.pdf", "map.pdf")
    change = only(attachments=(extra, new))
    assert [item and item["url"] for item in change.before] == [FORM.url, None]
    assert [item and item["url"] for item in change.after] == [new.url, extra.url]
    assert change.before[0]["name"] == change.after[0]["name"] == "报名表.docx"
    assert change.segments == ()


def test_what_was_not_fetched_yet_is_no_change_of_an_attachment() -> None:
    unknown = Attachment(FORM.url, FORM.name)
    assert compare(OLD, replace(OLD, attachments=(unknown,))) == ()
    assert compare(replace(OLD, attachments=(unknown,)), OLD) == ()


def test_items_that_did_not_move_are_left_out() -> None:
    other = Image("https://news.example.edu/i/2.jpg", "crowd")
    change = only(images=(PICTURE, other))
    assert (change.before, change.after) == ([None], [{"url": other.url, "alt": "crowd"}])


def test_another_order_alone_is_cosmetic_and_shows_both_lists() -> None:
    two = (PICTURE, Image("https://news.example.edu/i/2.jpg", "crowd"))
    (change,) = compare(replace(OLD, images=two), replace(OLD, images=two[::-1]))
    assert change.severity == "cosmetic"
    assert change.before == change.after[::-1]


def test_thousands_of_pictures_are_matched_in_bounded_time() -> None:
    old = tuple(Image(f"https://news.example.edu/{number}.jpg") for number in range(20_000))
    new = tuple(Image(f"https://news.example.edu/{number + 1}.jpg") for number in range(20_000))
    start = time.process_time()
    (change,) = compare(replace(OLD, images=old), replace(OLD, images=new))
    assert time.process_time() - start < 5
    assert len(change.before) == 2
