"""The page on which a person reads edits side by side: complete, harmless, and loading nothing."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from lxml import html

from scraper.change_page import change_page
from scraper.cli import main
from scraper.config import load_config
from scraper.crawl import crawl
from scraper.gist import gist
from storage.diff import compare, release_time_moved_back, severity_of
from storage.records import Article, Attachment, Change, Extractor

pytestmark = pytest.mark.usefixtures("catalogue")

OLD = Article(
    id="a1",
    url="https://news.example.edu/1.htm",
    site="example",
    title="The library opens",
    extractor=Extractor("webplus", 1),
    release_time="2026-09-23",
    body="The library opens at 8:00.\n\n"
    + "A sentence that stays as it was. " * 40
    + "\n\nIt closes at 20:00.",
)


def edit(old: Article = OLD, **values: object) -> Change:
    new = replace(old, **values)  # type: ignore[arg-type]
    fields = compare(old, new)
    return replace(
        change("changed", new.title),
        fields=fields,
        severity=severity_of(fields),
        release_time_moved_back=release_time_moved_back(fields),
    )


def change(kind: str, title: str = "A title", site: str = "example") -> Change:
    return Change(1, kind, "a1", site, OLD.url, title, 2, "2026-09-24T08:00:00+00:00", 1, 2)  # type: ignore[arg-type]


def page(*changes: Change) -> html.HtmlElement:
    return html.document_fromstring("".join(change_page(changes, "What changed")))


def cells(root: html.HtmlElement, side: str) -> list[str]:
    return [cell.text_content() for cell in root.cssselect(f'td[data-side="{side}"]')]


def test_an_edit_stands_side_by_side_with_its_words_marked() -> None:
    root = page(edit(body=OLD.body.replace("8:00", "9:00")))
    assert [mark.text for mark in root.cssselect("tbody del")] == ["8:00"]
    assert [mark.text for mark in root.cssselect("tbody > tr > td > ins")] == ["9:00"]
    assert cells(root, "before")[0].startswith("The library opens at 8:00.")


def test_a_long_text_is_cut_around_the_edit_and_can_be_opened_whole() -> None:
    root = page(edit(body=OLD.body.replace("8:00", "9:00")))
    assert len(cells(root, "before")[0]) < 400
    (whole,) = root.cssselect("details")
    assert "It closes at 20:00." in whole.text_content()


def test_what_newer_rules_read_otherwise_is_told_apart_from_edits_and_after_them() -> None:
    edited = replace(edit(title="The library opens again"), reason="edit")
    root = page(replace(edit(title="A menu"), reason="rules"), edited)
    first, last = root.cssselect("article")
    assert "substantive" in first.text_content()
    assert "substantive" not in last.text_content()
    assert last.cssselect(".gist")[0].text == "Read otherwise now: another title."
    assert [badge.text for badge in last.cssselect(".badge")] == [
        "read by newer rules; the page did not change"
    ]
    assert root.cssselect("header p")[0].text == "1 changed · 1 reread"


def test_times_and_files_are_told_in_words() -> None:
    plan = Attachment("https://news.example.edu/plan.pdf", "plan.pdf")
    root = page(edit(release_time="2026-09-20", attachments=(plan,)))
    assert cells(root, "before") == ["2026-09-23", "none"]
    assert cells(root, "after") == ["2026-09-20", "plan.pdf" + plan.url]
    assert root.cssselect(".gist")[0].text == (
        "The release time moved back, from 2026-09-23 to 2026-09-20; the file plan.pdf added."
    )


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (None, "2026-09-20", "A release time is given now, 2026-09-20"),
        ("2026-09-20", None, "The release time is gone, it was 2026-09-20"),
        ("2026-09-20", "2026-09-23", "The release time moved from 2026-09-20 to 2026-09-23"),
        ("2026-09-20", "2026-09-20T08:00", "The release time is told as 2026-09-20 08:00"),
    ],
)
def test_a_release_time_is_told_as_a_person_would(before: str | None, after: str | None, told: str) -> None:
    assert gist(edit(replace(OLD, release_time=before), release_time=after)) == told


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("Open from 8:00 to 1,200 people.", "Open from 9:30 to 1,500 people.", "2 words out, 2 in"),
        ("We don't open.", "We open.", "1 word out"),
        ("Doors open.", "Doors open at 8a.m. today.", "3 words in"),
        ("讲座于周五在图书馆举行。", "讲座于周五在大礼堂举行。", "3 characters out, 3 in"),
        ("讲座于5月12日在图书馆举行。", "讲座于5月15日在图书馆举行。", "2 characters out, 2 in"),
        ("본관에서 강연이 열린다.", "별관에서 강연이 열린다.", "1 word out, 1 in"),
        ("Is it open?", "Is it open!", "its signs"),
    ],
)
def test_a_text_is_told_by_its_words_and_chinese_by_its_characters(
    before: str, after: str, told: str
) -> None:
    assert gist(edit(replace(OLD, body=before), body=after)) == f"The text: {told}"


def test_what_the_legend_says_of_white_space_is_so() -> None:
    legend = page(edit(title="A")).cssselect("header p")[-1].text_content()
    assert "how wide or many spaces are, and the shapes of signs are no edit" in legend
    assert compare(OLD, replace(OLD, body=OLD.body.replace(" ", "\u3000 ").replace("0.", "0．"))) == ()
    assert "a space between two words and a paragraph break are cosmetic" in legend
    for old, new in (("A sentence", "Asentence"), ("was. A", "was.\n\nA")):
        assert edit(body=OLD.body.replace(old, new)).severity == "cosmetic"


def test_the_gravest_edits_come_first_and_every_site_has_its_part() -> None:
    changes = [
        change("new"),
        edit(title="The Library Opens"),
        edit(title="The library closes"),
        change("new", site="other"),
    ]
    root = page(*changes)
    badges = [each.text for each in root.cssselect("#site-0 .badge")]
    assert badges == ["substantive", "cosmetic"]
    assert [head.text for head in root.cssselect("h2")] == ["example", "other"]
    assert root.cssselect("header p")[0].text == "2 new · 2 changed"


@pytest.mark.parametrize(
    "word",
    ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "a\x1b[2Jb", "\u202egnp.exe", "]]>"],
)
def test_words_of_a_page_do_nothing(word: str) -> None:
    root = page(edit(title=word, body=word, author=word), change("new", word, site=word))
    assert not root.cssselect("script, img, iframe, object, embed, form")
    assert not re.search("[\x1b\u202e]", html.tostring(root, encoding="unicode"))


def test_nothing_is_loaded_and_only_web_addresses_are_linked() -> None:
    text = "".join(change_page([replace(change("new"), url="javascript:alert(1)"), change("new")], "T"))
    assert "javascript:" not in text
    assert not re.search(r"\ssrc=|url\(|@import|<link", text)
    assert "default-src 'none'" in text


def test_without_changes_it_says_so() -> None:
    assert page().cssselect("header p")[0].text == "nothing changed"


def test_the_command_writes_the_page_and_never_over_another(campus: Any, config_path: Path) -> None:
    runner = CliRunner()
    config = load_config(config_path)
    crawl(config, sites=["dfu"])
    campus.edition = 2
    crawl(config, sites=["dfu"])
    file = config_path.with_name("changes.html")
    arguments = ["diff", "-a", config.archive, "--html", str(file)]
    assert runner.invoke(main, arguments).exit_code == 0
    root = html.fromstring(file.read_bytes())
    assert len(root.cssselect("article")) == 2
    assert re.fullmatch(
        r"What changed from run 1 \(\S{10}\) to run 2 \(\S{10}\)", root.cssselect("h1")[0].text
    )
    again = runner.invoke(main, arguments)
    assert again.exit_code != 0
    assert "--force" in again.output
    assert runner.invoke(main, [*arguments, "--force"]).exit_code == 0


def test_paragraphs_that_belong_together_stand_level() -> None:
    body = OLD.body.replace("8:00", "9:00").replace("20:00", "21:00")
    root = page(edit(body=body))
    assert [mark.text for row in root.cssselect("tbody tr") for mark in row.cssselect("td > del")] == [
        "8:00",
        "20:00",
    ]
    assert len([row for row in root.cssselect("tbody tr") if row.cssselect("td > ins")]) == 2


def numbers(root: html.HtmlElement, side: str) -> list[str]:
    return [mark.get("data-n") for mark in root.cssselect(f'td[data-side="{side}"] [data-n]')]


MANY = "Talks on 3 May in the old hall. Bring a chair, and please be there by nine. All are welcome to come."
FEW = "Talks on 4 May in the new hall. Bring a chair, be there by nine. All students are welcome to come."


@pytest.mark.parametrize(("before", "after"), [(MANY, FEW), (FEW, MANY)])
def test_edits_of_one_paragraph_have_the_same_number_on_both_sides(before: str, after: str) -> None:
    root = page(edit(replace(OLD, body=before), body=after))
    assert len(root.cssselect("tbody tr")) == 1
    assert numbers(root, "before") == numbers(root, "after") == ["1", "2", "3", "4"]
    pairs = {"3": "4", "old": "new"} if before == MANY else {"4": "3", "new": "old"}
    for number, (gone, came) in enumerate(pairs.items(), 1):
        assert root.cssselect(f'del[data-n="{number}"]')[0].text == gone
        assert root.cssselect(f'ins[data-n="{number}"]')[0].text == came
    assert root.cssselect("td span[data-n]"), "where one side has nothing its place is numbered"


def test_paragraphs_that_moved_apart_are_known_by_their_numbers() -> None:
    one, two = "The first paragraph is long enough.", "The second is one that can be known again."
    rest = [f"A paragraph that stays, number {number}." for number in range(4)]
    root = page(
        edit(
            replace(OLD, body="\n\n".join([one, two, *rest])),
            body="\n\n".join([*rest[:2], two, *rest[2:], one]),
        )
    )
    gone = {mark.text.strip(): mark.get("data-n") for mark in root.cssselect("td > del.moved")}
    came = {mark.text.strip(): mark.get("data-n") for mark in root.cssselect("td > ins.moved")}
    assert gone == came
    assert set(gone) == {one, two}
    assert len(set(gone.values())) == 2


def test_a_lone_edit_has_no_number() -> None:
    assert not page(edit(title="The library closes")).cssselect("[data-n]")


def test_a_paragraph_put_in_stands_in_a_row_of_its_own_and_dots_of_the_page_cut_nothing() -> None:
    before = "It said… and then some more.\n\nThe end."
    after = "It said… and then much more.\n\nThis is new.\n\nThe end."
    root = page(edit(replace(OLD, body=before), body=after))
    assert cells(root, "before") == ["It said… and then some more.", ""]
    assert cells(root, "after") == ["It said… and then much more.", "This is new."]


def test_what_is_shown_can_be_chosen_by_severity_and_kind_without_a_script() -> None:
    rules = replace(edit(title="B"), reason="rules")
    root = page(edit(title="A"), edit(author="C"), rules, change("withdrawn"))
    boxes = [box.get("id") for box in root.cssselect('input[type="checkbox"]')]
    assert boxes == ["show-substantive", "show-minor", "show-reread", "show-withdrawn"]
    style = root.cssselect("style")[0].text
    for box in boxes:
        assert f"body:has(#{box}:not(:checked)) .{box.replace('show', 'is')}" in style
        assert root.cssselect(f"article.{box.replace('show', 'is')}")


def test_the_overview_has_a_column_for_each_box_and_new_rules_are_no_edit_in_it() -> None:
    rules = replace(edit(title="B"), reason="rules")
    root = page(rules, edit(title="A"), change("new", site="other"))
    rows = [[cell.text for cell in row.cssselect("td")] for row in root.cssselect(".overview tbody tr")]
    assert [head.text for head in root.cssselect(".overview thead th")] == [
        "site",
        "substantive edits",
        "new",
        "read by newer rules",
    ]
    assert rows == [["1", "·", "1"], ["·", "1", "·"]]


def test_a_paragraph_break_put_in_can_be_seen() -> None:
    root = page(edit(body=OLD.body.replace("was. A", "was.\n\nA", 1)))
    assert root.cssselect("td > ins")[0].text.startswith("¶")


@pytest.mark.parametrize("scheme", [0, 1, 2], ids=["light", "dark", "print"])
def test_every_colour_can_be_read_on_its_ground(scheme: int) -> None:
    style = page().cssselect("style")[0].text
    light, dark, paper = (
        dict(re.findall(r"--([\w-]+): (#\w+)", each))
        for each in re.findall(r":root \{([^}]*--ink[^}]*)\}", style)
    )
    colors = light | (light, dark, paper)[scheme]
    grounds = [(ink, ground) for ink in ("ink", "faint", "link") for ground in ("paper", "card")]
    grounds += [("warn", "card"), *((f"{mark}-ink", mark) for mark in ("del", "ins", "moved"))]
    for ink, ground in grounds:
        assert _contrast(colors[ink], colors[ground]) >= 4.5, (ink, ground)  # WCAG 2.2 AA


def _contrast(one: str, other: str) -> float:
    low, high = sorted(map(_luminance, (one, other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(color: str) -> float:
    digits = color[1:] if len(color) == 7 else "".join(each * 2 for each in color[1:])
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
