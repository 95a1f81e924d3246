"""Invented words for the change benchmark: titles, sentences, names, in Chinese and English. Pure."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime

SECTION = {"zh": "学校要闻", "en": "Campus life"}
JOIN = {"zh": "网上报名入口", "en": "online form"}
SIGN_UP = {"zh": "有意参加的同学请使用", "en": "Those who want to take part fill in the"}
FILE = {"zh": "附件{}：报名表.doc", "en": "Programme {}.pdf"}
FRAME = {
    "zh": {
        "site": "青川大学新闻网", "suffix": " - 青川大学新闻网", "here": "当前位置：", "home": "首页",
        "menu": ("学校首页", "新闻中心", "通知公告", "院系设置", "人才培养", "科学研究", "招生就业"),
        "latest_title": "最新新闻",
        "latest": ("学校召开期中教学检查会", "图书馆延长开放时间", "青年教师讲课比赛落幕", "校运会开幕"),
        "copyright": "版权所有 © 2024 青川大学", "address": "地址：青川市河滨路 18 号 邮编：400100",
        "neighbours": ("上一篇：", "下一篇："),
    },
    "en": {
        "site": "Riverside University", "suffix": " | Riverside University", "here": "You are here: ",
        "home": "Home",
        "menu": ("About", "Study", "Research", "News", "Events", "Library", "Alumni", "Contact"),
        "latest_title": "Latest news",
        "latest": ("Ferry stop moves to the north gate", "Choir sings in the old hall", "Two chairs",
                   "Garden opens to visitors"),
        "copyright": "© 2024 Riverside University", "address": "18 Riverside Road, Midford",
        "neighbours": ("Previous:", "Next:"),
    },
}  # fmt: skip
_SURNAMES = "赵钱孙李周吴郑王冯陈"
_GIVEN = ("明远", "思齐", "文博", "晓岚", "子涵", "雨桐", "嘉树", "若水", "一诺", "清扬")
_FIRST, _LAST = (
    ("Ada", "Bram", "Cleo", "Dirk", "Edda", "Finn"),
    ("Marsh", "Holt", "Wren", "Brook", "Field", "Stone"),
)
_OFFICES = {
    "zh": ("宣传部", "教务处", "科研处", "后勤处", "学生工作部", "校团委"),
    "en": ("Press Office", "Registry", "Estates Office", "Student Union", "Research Office"),
}
_TITLES = {
    "zh": ("{}举办第{}届读书月活动", "{}组织师生开展第{}次消防演练", "{}召开{}年度工作总结会议"),
    "en": (
        "{} opens {} new reading rooms",
        "{} welcomes {} guests to the open day",
        "{} plants {} trees by the river",
    ),
}
_SENTENCES = {
    "zh": (
        "{day}上午，{office}在{place}组织了一场面向全体师生的交流活动，现场气氛热烈。",
        "来自各学院的{n}名同学参加了活动，并就学习和生活中的问题与老师们交换了意见。",
        "{name}老师介绍了近年来的工作情况，希望大家继续努力，把这项工作做得更好。",
        "据了解，学校今年在这一项目上投入{money}万元，用于改善教室和实验室的条件。",
        "同学们纷纷表示收获很大，以后还会继续参加这样的活动，也会把所学告诉身边的人。",
        "活动结束以后，参加人员一起参观了{place}，并在门前合影留念。",
        "{office}负责人说，下一步将认真听取意见，逐步完善有关制度，方便师生办事。",
        "本次活动由{office}主办，得到了有关部门的大力支持，校内媒体作了报道。",
        "按照安排，相关材料应当在{day}以前送到{place}，逾期的申请将转到下一批。",
    ),
    "en": (
        "On {day} the {office} invited staff and students to the {place}, and the hall was full.",
        "Some {n} students from all faculties came and spoke with their teachers about work and study.",
        "{name}, who leads the project, thanked the helpers and described what has been done so far.",
        "This year the university spends {money} thousand crowns on it, most of that on rooms and benches.",
        "Visitors said that they had learned a lot and that they would come again with their friends.",
        "After the talk everybody walked over to the {place}, where tea and cake were served.",
        "The {office} will collect the answers and publish them on its pages as soon as they are ready.",
        "The event was prepared by the {office} with the help of many volunteers from the town.",
        "Papers have to reach the {place} before {day}; later ones are kept for the next round.",
    ),
}  # fmt: skip
_PLACES = {
    "zh": ("图书馆报告厅", "大学生活动中心", "实验楼一层", "体育馆南侧"),
    "en": ("old library", "north hall", "boat house", "glass house", "reading room"),
}
_CAPTIONS = {"zh": "活动现场（{}摄）", "en": "The hall before the talk, seen by {}"}


class Writer:
    """Writes invented text with the chances it is given."""

    def __init__(self, chance: random.Random, language: str) -> None:
        self._chance, self._language = chance, language
        self._bag: list[str] = []

    def title(self) -> str:
        """Return a headline."""
        return self._one(_TITLES).format(self.office(), self._chance.randint(3, 60))

    def paragraph(self) -> str:
        """Return two or three sentences."""
        between = "" if self._language == "zh" else " "
        return between.join(self.sentence() for _ in range(self._chance.randint(2, 3)))

    def sentence(self) -> str:
        """Return a sentence, none twice before all were."""
        if not self._bag:
            self._bag = list(_SENTENCES[self._language])
            self._chance.shuffle(self._bag)
        return self._bag.pop().format(
            day=self.day(), office=self.office(), place=self._one(_PLACES), name=self.name(),
            n=self._chance.randint(20, 400), money=self.amount(),
        )  # fmt: skip

    def name(self) -> str:
        """Return the name of a person."""
        if self._language == "zh":
            return self._chance.choice(_SURNAMES) + self._chance.choice(_GIVEN)
        return f"{self._chance.choice(_FIRST)} {self._chance.choice(_LAST)}"

    def office(self) -> str:
        """Return the name of an office."""
        return self._one(_OFFICES)

    def amount(self) -> str:
        """Return a figure."""
        return f"{self._chance.randint(1, 9)},{self._chance.randint(100, 999)}"

    def caption(self) -> str:
        """Return what stands below a picture."""
        return self._one({key: (text,) for key, text in _CAPTIONS.items()}).format(self.name())

    def day(self) -> str:
        """Return a day as text has it."""
        month, day = self._chance.randint(1, 12), self._chance.randint(1, 28)
        if self._language == "zh":
            return f"{month}月{day}日"
        return datetime(2024, month, day).strftime("%d %B")

    def _one(self, of: dict[str, Sequence[str]]) -> str:
        return self._chance.choice(of[self._language])


def english(moment: str) -> str:
    """Return the day of an ISO time as English pages print it."""
    return datetime.fromisoformat(moment).strftime("%B %d, %Y")
