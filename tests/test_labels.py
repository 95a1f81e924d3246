"""Labelled lines taken apart, and the language of a text."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scraper.extract.dateline import is_byline
from scraper.normalize.label_words import UPDATES
from scraper.normalize.labels import LABELS, field_of, is_update, split_labels
from scraper.normalize.text import fold, fold_keeping_gaps, language_of, squash


@pytest.mark.parametrize(
    ("line", "fields"),
    [
        (
            "发布者：甲发布时间：2026-03-26浏览次数：10",
            {"author": "甲", "release_time": "2026-03-26", "views": "10"},
        ),
        ("2021-12-24作者：浏览次数：", {"author": "", "views": ""}),
        ("日期：2024-06-17 人气：13369", {"release_time": "2024-06-17", "views": "13369"}),
        (
            "来源：校报 时间: 2019-10-09 阅读:23095",
            {"source": "校报", "release_time": "2019-10-09", "views": "23095"},
        ),
        ("Release Time:2023-09-23Views:12", {"release_time": "2023-09-23", "views": "12"}),
        ("Author:admin  Time:2015-12-16", {"author": "admin", "release_time": "2015-12-16"}),
        ("编辑：李木 | 摄影：张禾", {"editor": "李木", "photographer": "张禾"}),
        ("The views of readers differ", {}),
        ("作者：  来源：", {"author": "", "source": ""}),
        ("作 者：林木　来 源：校 报", {"author": "林木", "source": "校 报"}),
        ("作者∶林木﹕", {"author": "林木﹕"}),
        (
            "稿件来源：校报|撰稿：林木|审核：苏禾|点击：[12]次",
            {"source": "校报", "author": "林木", "reviewer": "苏禾", "views": "12]次"},
        ),
        ("发布日期：2023-09-23 10:30 阅读 128 次", {"release_time": "2023-09-23 10:30", "views": "128 次"}),
        ("来源：校报 版次：3 作者：林木", {"source": "校报", "other": "3", "author": "林木"}),
        ("来源：校报 联系：处办", {"source": "校报"}),
        ("作者：林木（经济学院）浏览：", {"author": "林木（经济学院）", "views": ""}),
        ("發佈日期：2023/09/23 點閱數：1,234", {"release_time": "2023/09/23", "views": "1,234"}),
        ("作者：林木 資料來源：校報", {"author": "林木", "source": "校報"}),
        ("ReleaseTime: 2023-09-23 ReadCount: 12", {"release_time": "2023-09-23", "views": "12"}),
        ("Date Posted: May 5, 2021 | By: Jane Doe", {"release_time": "May 5, 2021", "author": "Jane Doe"}),
        ("Publié le : 06/11/2019 Auteur : Jeanne", {"release_time": "06/11/2019", "author": "Jeanne"}),
        ("Veröffentlicht am 28.06.2019 Redaktion: Jana", {"release_time": "28.06.2019", "editor": "Jana"}),
        ("Fecha: 5 de mayo de 2021 Visitas: 12", {"release_time": "5 de mayo de 2021", "views": "12"}),
        ("Pubblicato il: 12/07/2021 Fonte: Ateneo", {"release_time": "12/07/2021", "source": "Ateneo"}),
        ("Publicado em 12/04/2021 Autoria: Joana", {"release_time": "12/04/2021", "author": "Joana"}),
        (
            "작성자 : 홍길동 작성일 2026.02.10 조회수 128",
            {"author": "홍길동", "release_time": "2026.02.10", "views": "128"},
        ),
        ("公開日：2026年2月10日 写真：林", {"release_time": "2026年2月10日", "photographer": "林"}),
        ("供稿：林木 轮值编辑：苏禾", {"author": "林木", "editor": "苏禾"}),
        ("供稿：经济学院 编辑：苏禾", {"source": "经济学院", "editor": "苏禾"}),
        ("本文：甲", {}),
        ("如图：温室", {}),
        ("Overviews: 3", {}),
        ("Visited 12 gardens", {}),
        ("10:30:00", {}),
        ("https://example.edu/2023", {}),
    ],
)
def test_a_labelled_line_is_taken_apart(line: str, fields: dict[str, str]) -> None:
    assert {item.field: item.value for item in split_labels(line)} == fields


def test_a_label_of_the_last_change_is_told_from_one_of_the_release() -> None:
    assert [is_update(label) for label in ("更新时间", "Last Updated", "发布时间", "Date")] == [
        True,
        True,
        False,
        False,
    ]
    assert {field_of(label) for label in UPDATES} == {"release_time"}


def test_no_label_stands_for_two_fields() -> None:
    labels = [(label.casefold(), field) for field, labels in LABELS.items() for label in labels]
    assert len({label for label, _ in labels}) == len({*labels})


@pytest.mark.parametrize(
    ("line", "taken", "is_one"),
    [
        ("发布时间：2024-03-05 浏览次数：31", None, True),
        ("发布时间：2024-03-05", {"2024-03-05"}, True),
        ("时间：2024年3月12日19:00", {"2024-03-05"}, False),
        ("时间：11月12日19:00 地点：综合楼大报告厅", None, False),
        ("发布时间：", None, False),
        ("浏览次数：很多", None, False),
        ("发布时间：2024-03-05" + "，" * 300, None, False),
    ],
)
def test_a_byline_says_when_released_or_how_often_read(
    line: str, taken: set[str] | None, is_one: bool
) -> None:
    assert is_byline(line, taken) is is_one


@pytest.mark.parametrize(
    ("text", "stated", "language"),
    [
        ("新温室启用，欢迎参观", None, "zh"),
        ("新温室启用，欢迎参观", "en", "zh"),
        ("新温室启用，欢迎参观", "zh_TW", "zh-TW"),
        ("新しい温室が開きました", "ja", "ja"),
        ("새 온실이 문을 열었습니다", None, "ko"),
        ("The opening of the garden is in May", "zh-CN", "en"),
        ("The opening of the garden is in May", None, "en"),
        ("The opening of the garden is in May", "en-GB", "en-GB"),
        ("L'ouverture du jardin est en mai", "fr", "fr"),
        ("Новая теплица открыта", "zh-CN", None),
        ("", "<nonsense>", None),
    ],
)
def test_letters_decide_the_language_before_the_template(
    text: str, stated: str | None, language: str | None
) -> None:
    assert language_of(text, stated) == language


def test_text_is_folded_for_reading_and_squashed_for_comparing() -> None:
    assert fold("\u3000A\u00a0 b\u200b\n") == "A b"
    assert fold_keeping_gaps("A\u00a0\u00a0b c") == "A\tb c"
    assert squash("Ａ-b 《c》") == "abc"


@settings(deadline=None)
@given(st.text("作者发布时间浏览：: 12|（）AuthorViewsDate\t，林木", max_size=60))
def test_labels_stand_in_the_line_in_order_and_values_between_them(line: str) -> None:
    at = 0
    for item in split_labels(line):
        at = line.index(item.label, at) + len(item.label)
        assert item.field in LABELS
        assert item.value in line[at:]


@settings(deadline=None)
@given(label=st.sampled_from(sorted({label for labels in LABELS.values() for label in labels})))
def test_every_label_of_the_table_is_found_before_its_colon(label: str) -> None:
    for line in (f"{label}：甲", f"{label}: 甲", f"2023-09-23 {label.upper()} :甲"):
        (item,) = split_labels(line)
        assert (item.field, item.value) == (field_of(label), "甲")


@pytest.mark.parametrize(
    "filler", ["作者：", "：", "1", " ", "作 者", "12 ", "Views", "V i e w s ", "（", "\t"]
)
def test_long_lines_take_no_more_than_linear_time(filler: str) -> None:
    for item in split_labels((filler * 50_000)[:50_000] + "浏览：12"):
        assert item.field in LABELS


@settings(deadline=None)
@given(st.text(max_size=80))
def test_folding_and_squashing_are_done_once_and_for_all(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert squash(squash(text)) == squash(text)
    assert squash(fold(text)) == squash(text)
    assert fold_keeping_gaps(text).replace("\t", " ").split() == fold(text).split()
    assert language_of(text, None) in (None, "zh", "ja", "ko", "en")
