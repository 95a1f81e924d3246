"""Lines that only credit people, and lines that only look like it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scraper.normalize.credits import credits


def told(text: str) -> dict[str, str] | None:
    found = credits(text)
    return None if found is None else {item.field: item.value for item in found}


CREDITS: dict[str, dict[str, str]] = {
    "（作者：林木 编辑：苏禾 审核：江雨）": {"author": "林木", "editor": "苏禾", "reviewer": "江雨"},
    "(作者：林木；编辑：苏禾)": {"author": "林木", "editor": "苏禾"},
    "【责任编辑：苏禾】": {"editor": "苏禾"},
    "[编辑：苏禾]": {"editor": "苏禾"},
    "责任编辑：苏禾": {"editor": "苏禾"},
    "编 辑：苏 禾": {"editor": "苏 禾"},
    "撰稿：林木 一审：苏禾 二审：江雨 三审：秦川": {"author": "林木", "reviewer": "秦川"},
    "文/图：林木 苏禾": {"author": "林木 苏禾"},
    "文：林木　图：苏禾": {"author": "林木", "photographer": "苏禾"},
    "供稿：马克思主义学院": {"source": "马克思主义学院"},
    "供稿单位：经济学院　供稿人：林木　审稿人：苏禾": {
        "source": "经济学院",
        "author": "林木",
        "reviewer": "苏禾",
    },
    "摄影：苏禾、江雨": {"photographer": "苏禾、江雨"},
    "来源：党委宣传部新闻中心": {"source": "党委宣传部新闻中心"},
    "来源：《温室日报》2023年9月23日第3版": {"source": "《温室日报》2023年9月23日第3版"},
    "（来源：校报，作者：林木，编辑：苏禾）": {"source": "校报", "author": "林木", "editor": "苏禾"},
    "作者：林木（经济学院2022级学生）": {"author": "林木（经济学院2022级学生）"},
    "作者：  来源：": {"author": "", "source": ""},
    "本文作者：林木": {"author": "林木"},
    "记者：林木 通讯员：苏禾": {"author": "苏禾"},
    "（通讯员 林木）": {"author": "林木"},
    "（记者 林木 通讯员 苏禾）": {"author": "苏禾"},
    "（通讯员林木）": {"author": "林木"},
    "（经济学院 供稿）": {"source": "经济学院"},
    "（校团委供稿）": {"source": "校团委"},
    "（林木 摄）": {"photographer": "林木"},
    "林木 文/图": {"author": "林木"},
    "文/林木 图/苏禾": {"author": "林木", "photographer": "苏禾"},
    "文｜林木 图｜苏禾": {"author": "林木", "photographer": "苏禾"},
    "撰稿 | 林木": {"author": "林木"},
    "編輯：蘇禾　攝影：林木": {"editor": "蘇禾", "photographer": "林木"},
    "Written by Jane Doe / Photos by John Roe": {"author": "Jane Doe", "photographer": "John Roe"},
    "Written by Jane Doe, Office of Communications": {"author": "Jane Doe, Office of Communications"},
    "Story by Jane Doe; photos by John Roe": {"author": "Jane Doe", "photographer": "John Roe"},
    "By Jane Doe": {"author": "Jane Doe"},
    "Photos courtesy of Jane van der Doe": {"photographer": "Jane van der Doe"},
    "Words: Jane Doe. Pictures: John Roe": {"author": "Jane Doe", "photographer": "John Roe"},
    "Author: Jane Doe": {"author": "Jane Doe"},
    "Words: Jane Doe": {"author": "Jane Doe"},
    "Photograph: Jane Doe": {"photographer": "Jane Doe"},
    "（供稿：新闻学院 助理编辑：苏禾）": {"source": "新闻学院", "editor": "苏禾"},
    "Editor: Jane Doe | Photo: John Roe": {"editor": "Jane Doe", "photographer": "John Roe"},
    "Texte : Jeanne Doe, Photos : Jean Roe": {"author": "Jeanne Doe", "photographer": "Jean Roe"},
    "Text: Jana Doe, Foto: Jan Roe": {"author": "Jana Doe", "photographer": "Jan Roe"},
    "글: 홍길동 사진: 임꺽정": {"author": "홍길동", "photographer": "임꺽정"},
    "文責：林木": {"author": "林木"},
}


@pytest.mark.parametrize(("line", "fields"), CREDITS.items())
def test_a_credit_line_is_told_by_what_it_credits(line: str, fields: dict[str, str]) -> None:
    assert told(line) == fields


@pytest.mark.parametrize(
    "line",
    [
        "",
        "作者在会上介绍了新温室。",
        "活动由校报编辑：林木主持。",
        "编辑：这是一个需要耐心的岗位，欢迎同学们加入。",
        "作者：您对新温室有什么期待",
        "记者：请谈谈新温室的由来？",
        "来源：学校对本次活动高度重视并作出部署",
        "主办单位：校团委",
        "单位：经济学院",
        "部门：人事处",
        "图：新温室内景",
        "时间：9月23日 地点：温室",
        "时间：2023年9月23日",
        "联系人：林木 电话：12345",
        "浏览次数：12",
        "新闻 编辑",
        "作者：",
        "摄影比赛 三等奖",
        "林木 苏禾",
        "（作者系经济学院教师）",
        "编辑部的故事",
        "文/理科学生均可报名",
        "By Monday all beds were planted",
        "By the end of May the greenhouse had opened",
        "By Friday",
        "Written by hand in 1920",
        "Source: the greenhouse keeps its own seeds",
        "Photos of the greenhouse are welcome",
        "Edited by nobody in particular, the text grew",
        "Author: see below for the full list of people who took part",
        "作者：" + "林木、" * 100,
    ],
)
def test_a_line_that_says_more_or_less_is_none(line: str) -> None:
    assert credits(line) is None


@settings(deadline=None)
@given(st.text("作者编辑文图：:/（） 林木苏禾通讯员摄by Pho\n，。", max_size=60))
def test_whatever_the_line_its_values_stand_in_it(line: str) -> None:
    squeezed = "".join(line.split())
    for item in credits(line) or ():
        assert "".join((item.label + item.value).split()) or item.label
        assert "".join(item.value.split()) in squeezed


@pytest.mark.parametrize("filler", ["作者：", "林木 ", "by ", "A", "文/", " ", "Photos by A", "（"])
def test_long_runs_take_no_time(filler: str) -> None:
    assert credits(filler * 50_000) is None
    credits((filler * 240)[:240])
