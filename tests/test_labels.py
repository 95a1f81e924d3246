"""Labelled lines taken apart, and the language of a text."""

from __future__ import annotations

import pytest

from scraper.extract.byline import is_byline
from scraper.normalize.labels import LABELS, split_labels
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
    ],
)
def test_a_labelled_line_is_taken_apart(line: str, fields: dict[str, str]) -> None:
    assert {item.field: item.value for item in split_labels(line)} == fields


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
