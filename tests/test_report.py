"""What a person reads in a terminal, as text; and that no page can speak to the terminal."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from rich.console import Console, RenderableType

from scraper.report import (
    KINDS,
    article_lines,
    change_counts,
    change_lines,
    change_report,
    safe,
    summary_line,
    to_text,
)
from scraper.run_report import site_lines
from storage.diff import compare, release_time_moved_back, severity_of
from storage.records import (
    Article,
    Attachment,
    Capture,
    Change,
    ChangeKind,
    Extractor,
    Image,
    SiteOutcome,
)

HALL = Image("https://news.example.edu/i/1.jpg", "the hall")
ARTICLE = Article(
    id="a1",
    url="https://news.example.edu/2023/0923/c1a2/page.htm",
    site="example",
    title="The new library opens its doors",
    extractor=Extractor("webplus", 1),
    section="Campus Life",
    release_time="2023-09-23",
    views=1234,
    views_source="counter",
    body="The library opens on 12 May.\n\nStudents may come and read from eight in the morning.",
    author="Office of Studies",
    source="News Centre",
    images=(HALL,),
    attachments=(Attachment("https://news.example.edu/f/1.docx", "报名表.docx", None, 24_100, "a1" * 32),),
    capture=Capture(
        "warc/1.warc.gz", 1234, 5678, "urn:uuid:0", "sha256:00", 200, "2023-10-01T08:00:09+00:00"
    ),
)


def change(new: Article, kind: ChangeKind = "changed") -> Change:
    found = compare(ARTICLE, new)
    return Change(
        7, kind, new.id, new.site, new.url, new.title, 2, "2023-10-02T08:00:00+00:00", 1, 2, "live", "live",
        "edit", severity_of(found), release_time_moved_back(found), found,
    )  # fmt: skip


def in_color(renderable: RenderableType) -> str:
    console = Console(file=io.StringIO(), force_terminal=True, color_system="standard", width=80, _environ={})
    with console.capture() as capture:
        console.print(renderable, soft_wrap=True)
    return capture.get()


def test_an_article_reads_like_a_note() -> None:
    assert to_text(article_lines(ARTICLE)) == (
        "The new library opens its doors\n"
        "  Campus Life · 2023-09-23 · 1,234 views (counter)\n"
        "  author Office of Studies · source News Centre\n"
        "  │ The library opens on 12 May. Students may come and read from eight in the\n"
        "  │ morning.\n"
        "  1 image · 1 attachment: 报名表.docx (24.1 kB)\n"
        "  kept in warc/1.warc.gz at byte 1,234 · 2023-10-01 08:00 UTC\n"
        "  https://news.example.edu/2023/0923/c1a2/page.htm\n"
    )


def test_what_an_article_does_not_have_takes_no_line() -> None:
    bare = Article("a1", "https://news.example.edu/1", "example", "Title", Extractor("generic", 1))
    assert to_text(article_lines(bare)) == (
        "Title\n  no release time · views unknown\n  https://news.example.edu/1\n"
    )


def test_a_long_body_is_cut_after_three_lines() -> None:
    shown = to_text(article_lines(replace(ARTICLE, body="学校召开会议。" * 100)))
    rows = [line for line in shown.splitlines() if "│" in line]
    assert len(rows) == 3
    assert rows[-1].endswith("…")


def test_a_change_shows_the_words_the_times_and_the_files() -> None:
    new = replace(
        ARTICLE,
        title="The old library opens its doors",
        release_time="2023-09-20",
        body=ARTICLE.body.replace("12", "15"),
        images=(),
        attachments=(replace(ARTICLE.attachments[0], size=26_400, sha256="b2" * 32),),
    )
    assert to_text(change_lines(change(new))) == (
        "changed        The old library opens its doors\n"
        "               https://news.example.edu/2023/0923/c1a2/page.htm\n"
        "               substantive edit, version 1 → 2\n"
        "  title        The [-new-]{+old+} library opens its doors\n"
        "  released     2023-09-23 → 2023-09-20  moved back\n"
        "  body         The library opens on [-12-]{+15+} May. ¶ Students may come…\n"
        "  images       removed the hall\n"
        "  attachments  报名表.docx replaced under the same name: size 24.1 kB → 26.4 kB,\n"
        "               sha256 a1a1a1a1a1a1 → b2b2b2b2b2b2\n"
    )


def test_chinese_words_that_changed_are_marked_to_the_character() -> None:
    before = replace(ARTICLE, body="会议于9月12日在图书馆召开。")
    found = compare(before, replace(before, body="会议于9月15日在体育馆召开。"))
    shown = to_text(change_lines(replace(change(ARTICLE), fields=found)))
    assert "会议于9月[-12-]{+15+}日在[-图书-]{+体育+}馆召开。" in shown


def test_where_there_is_colour_the_marks_become_styles() -> None:
    shown = in_color(change_lines(change(replace(ARTICLE, title="The old library opens its doors"))))
    assert "\x1b[9;31mnew\x1b[0m\x1b[32mold\x1b[0m" in shown
    assert "[-" not in shown


def test_a_cosmetic_change_is_called_so() -> None:
    shown = to_text(change_lines(change(replace(ARTICLE, body=ARTICLE.body.upper()))))
    assert "cosmetic edit" in shown
    assert "only capitals, spaces or paragraph breaks" in shown


def test_newer_rules_are_not_laid_at_the_universitys_door() -> None:
    edited = change(replace(ARTICLE, title="Other"))
    shown = to_text(change_report([edited, replace(edited, reason="rules")]))
    assert shown.count("read by newer rules") == 1
    assert shown.endswith("\n\n1 changed · 1 reread   edits: 1 substantive\n")


@pytest.mark.parametrize(
    ("new", "row"),
    [
        ({"attachments": ()}, "attachments  removed 报名表.docx"),
        ({"images": (HALL, Image("https://a.example/%E5%9B%BE.jpg?v=2"))}, "images       added 图.jpg"),
        ({"images": (replace(HALL, alt="a hall"),)}, "images       the hall changed: alt the hall → a hall"),
        ({"author": None}, "author       [-Office of Studies-]"),
        ({"release_time": None}, "released     not given any more, was 2023-09-23"),
    ],
)  # fmt: skip
def test_one_row_for_each_thing_that_moved(new: dict[str, object], row: str) -> None:
    assert f"\n  {row}\n" in to_text(change_lines(change(replace(ARTICLE, **new))))  # type: ignore[arg-type]


def test_another_order_is_told_in_words() -> None:
    two = (*ARTICLE.images, Image("https://news.example.edu/i/2.jpg"))
    found = compare(replace(ARTICLE, images=two), replace(ARTICLE, images=two[::-1]))
    assert "the same, in another order" in to_text(change_lines(replace(change(ARTICLE), fields=found)))


def test_a_rewritten_body_shows_its_ends_only() -> None:
    shown = to_text(change_lines(change(replace(ARTICLE, body="另一篇全新的文章" * 5000))))
    assert "more characters" in shown
    assert len(shown) < 2000


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_change_has_its_lines(kind: ChangeKind) -> None:
    assert to_text(change_lines(change(ARTICLE, kind))).startswith(kind)


HOSTILE = {
    "\x1b[31mred\x1b]0;owned\x07": "\\x1b[31mred\\x1b]0;owned\\x07",
    "one\r\ntwo\nthree": "one two three",
    "evil\u202egpj.exe": "evil\\u202egpj.exe",
    "\u2066aside\u2069": "\\u2066aside\\u2069",
    "a\x9b2Jb\x00c\x7f": "a\\x9b2Jb\\x00c\\x7f",
    "soft\u00adhyphen\u200b\ufeff": "softhyphen",
    "lone \ud800": "lone \\ud800",
    "[red]no markup[/red] :smile: [link=x]y[/link]": "[red]no markup[/red] :smile: [link=x]y[/link]",
    "line\u2028line\u0085line": "line line line",
}


@pytest.mark.parametrize(("hostile", "harmless"), HOSTILE.items())
def test_hostile_text_is_made_harmless_everywhere(hostile: str, harmless: str) -> None:
    assert safe(hostile) == harmless
    article = replace(
        ARTICLE, title=hostile, section=hostile, author=hostile, body=hostile, url=hostile,
        release_time=hostile,
        images=(Image(hostile, hostile),), attachments=(Attachment(hostile, hostile),),
    )  # fmt: skip
    problem = SiteOutcome(hostile, "failed", hostile, {hostile: 1})
    for renderable in (article_lines(article), change_lines(change(article)), site_lines(problem)):
        for shown in (to_text(renderable, 200), in_color(renderable)):
            assert harmless.split()[0][:8] in shown
            bare = shown.replace("\x1b[", "")  # of which only our own colours are left, and they end in m
            assert not set(bare) & set("\x00\x07\x1b\r\x7f\x9b\u202e\u2066\u2028\u0085\ud800")
    assert "\x1b" not in to_text(change_lines(change(article)))


def test_lines_fit_the_width_in_cells_and_break_between_chinese_characters() -> None:
    shown = to_text(article_lines(replace(ARTICLE, body="“学校”召开2023年工作会议，部署重点任务。" * 5)), 40)
    rows = [line.removeprefix("  │ ") for line in shown.splitlines() if "│" in line]
    assert all(not row.startswith(("，", "。", "”")) for row in rows)
    assert all(sum(2 if ord(character) > 0x2E7F else 1 for character in row) <= 36 for row in rows)


def test_an_address_is_never_broken() -> None:
    long = "https://news.example.edu/" + "a" * 200
    assert f"  {long}\n" in to_text(article_lines(replace(ARTICLE, url=long)), 40)


def test_a_word_wider_than_the_line_is_broken() -> None:
    shown = to_text(article_lines(replace(ARTICLE, title="x" * 100)), 40)
    assert shown.startswith("x" * 40 + "\n" + "x" * 40 + "\n" + "x" * 20 + "\n")


def test_the_summary_counts_each_kind() -> None:
    counts = change_counts([change(ARTICLE, kind) for kind in ("withdrawn", "new", "new")])
    assert counts == {"new": 2, "withdrawn": 1}
    assert to_text(summary_line(counts)) == "2 new · 1 withdrawn\n"
    assert to_text(summary_line({})) == "nothing changed\n"


def test_a_report_ends_in_the_summary() -> None:
    shown = to_text(change_report([change(ARTICLE, "new"), change(ARTICLE, "hidden")]))
    assert shown.endswith("\n\n1 new · 1 hidden\n")
    assert to_text(change_report([])) == "nothing changed\n"
