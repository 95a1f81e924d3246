"""Edits of words: the title, and words, figures and sentences of the body. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable

from changing.work import Made, Slot, Work, folded

_NUMBER = re.compile(r"(?<![\d,.:])[1-9]\d{0,2}(?![\d,.:])")


def _in_title(work: Work, change: Callable[[str], str | None]) -> tuple[str, str] | None:
    old = work.base.title
    if any(old in line for line in work.base.lines):  # then it is words of the text too
        return None
    new = change(old)
    if new is None or new == old:
        return None
    found = 0
    for node in work.tree.iter():
        if not isinstance(node.tag, str):
            continue
        for name, value in node.attrib.items():
            if old in value and node.tag == "meta":
                node.set(name, value.replace(old, new))
        for side in ("text", "tail"):
            value = getattr(node, side)
            if (
                value
                and old in " ".join(value.split())
                and (node.tag != "script" or "ld+json" in node.get("type", ""))
            ):
                setattr(node, side, " ".join(value.split()).replace(old, new))
                found += side == "tail" or node.tag not in ("title", "script")
    return (old, new) if found else None


def title_words(work: Work) -> Made | None:
    """Another end of the headline."""
    new = "后勤处公布新学期食堂安排" if work.zh else "Canteen publishes its plan for autumn"
    return _titled(
        work, lambda old: old[: len(old) // 2].rstrip() + ("，" if work.zh else ": ") + new, "substantive"
    )


def title_letter(work: Work) -> Made | None:
    """One letter or character of the headline."""
    return _titled(work, lambda old: one_letter(old, work), "substantive")


def title_capitals(work: Work) -> Made | None:
    """The same headline in capitals."""
    return None if work.zh else _titled(work, str.upper, "cosmetic")


def _titled(work: Work, change: Callable[[str], str | None], severity: str) -> Made | None:
    both = _in_title(work, change)
    return Made(work.page(), {"title": severity}, gone=both[0], came=both[1]) if both else None


def said(
    work: Work, change: Callable[[str], str | None], severity: str, slots: list[Slot] | None = None
) -> Made | None:
    """Change one text of the body."""
    places = [
        slot
        for slot in (work.slots if slots is None else slots)
        if change(slot.text) not in (None, slot.text)
    ]
    slot = work.pick(places)
    if slot is None:
        return None
    old = slot.text
    slot.text = change(old) or ""
    return Made(work.page(), {"body": severity}, gone=old, came=slot.text)


def sentence(work: Work) -> str:
    return (
        "学校新闻中心的记者将继续关注此事并及时向大家报道后续的有关情况。"
        if work.zh
        else " The newspaper of the town will follow the matter and tell its readers what comes of it."
    )


def one_letter(text: str, work: Work) -> str | None:
    """Change one character of Chinese, or swap two letters in the middle of a longer word."""
    if work.zh:
        at = [m.start() for m in re.finditer(r"[\u4e00-\u9fff]", text) if m[0] not in _TELLING]
        return (
            text[: (n := work.chance.choice(at))] + ("蓝" if text[n] != "蓝" else "绿") + text[n + 1 :]
            if at
            else None
        )
    words = [
        m for m in re.finditer(r"\b[a-z]{5,}\b", text) if m[0][2] != m[0][3] and not _MONTH.fullmatch(m[0])
    ]
    if not words:
        return None
    word = work.chance.choice(words)
    at = word.start() + 2
    return text[:at] + text[at + 1] + text[at] + text[at + 2 :]


_TELLING = set(
    "〇零一二两三四五六七八九十百千万亿年月日号时点元人名届期室楼层周星不未无没禁严勿取消延期推迟提前改作废"
)
_MONTH = re.compile(
    "january|february|march|april|june|july|august|september|october|november|december|without|never|nobody"
)


def letter(work: Work) -> Made | None:
    """A slip of the pen mended: one character of Chinese, two letters swapped."""
    return said(
        work,
        lambda text: one_letter(text, work),
        "minor",
        [slot for slot in work.slots if len(slot.text) > 24],
    )


def word(work: Work) -> Made | None:
    """One word for another."""
    words = (
        [("同学", "学员"), ("活动", "交流"), ("学校", "学院")]
        if work.zh
        else [
            ("students", "pupils"),
            ("friends", "families"),
            ("teachers", "tutors"),
            ("helpers", "sponsors"),
            ("the", "this"),
        ]
    )

    def change(text: str) -> str | None:
        return next((text.replace(old, new, 1) for old, new in words if old in text), None)

    return said(work, change, "minor", [slot for slot in work.slots if len(slot.text) > 24])


def number(work: Work) -> Made | None:
    """One figure."""
    return said(
        work,
        lambda text: (
            _NUMBER.sub(lambda m: str(int(m[0]) + 1), text, count=1) if _NUMBER.search(text) else None
        ),
        "substantive",
    )


def money(work: Work) -> Made | None:
    """A sum of money."""
    figure = re.compile(r"\d,\d{3}|\d+(?=\s?(?:万|亿|元|thousand|million))")
    return said(
        work, lambda text: figure.sub("7,777", text, count=1) if figure.search(text) else None, "substantive"
    )


def day_of_event(work: Work) -> Made | None:
    """The day something takes place."""
    day = re.compile(
        r"(?<=月)\d{1,2}(?=日)|\b\d{1,2}(?= (?:January|February|March|April|June|July|August|"
        r"September|October|November|December))"
    )
    return said(
        work,
        lambda text: day.sub(lambda m: str(int(m[0]) % 27 + 2), text, count=1) if day.search(text) else None,
        "substantive",
    )


def name(work: Work) -> Made | None:
    """A person's name."""
    names = re.compile(
        r"[赵钱孙李周吴郑王冯陈](?:明远|思齐|文博|晓岚|子涵|雨桐|嘉树|若水|一诺|清扬)|"
        r"(?:Ada|Bram|Cleo|Dirk|Edda|Finn) [A-Z][a-z]+"
    )
    new = "沈听澜" if work.zh else "Greta Lindqvist"
    return said(
        work,
        lambda text: names.sub(new, text, count=1) if names.search(text) else None,
        "minor",
        [slot for slot in work.slots if len(slot.text) > 24],
    )


def negation(work: Work) -> Made | None:
    """It is not so."""
    old = re.compile("将|可以|会|应当") if work.zh else re.compile(r"\b(?:will|was|were|is|has|have)\b")
    new = (lambda m: "不" + m[0]) if work.zh else (lambda m: m[0] + " not")
    return said(work, lambda text: old.sub(new, text, count=1) if old.search(text) else None, "substantive")


def called_off(work: Work) -> Made | None:
    """It is put off or cancelled."""
    end = "，活动延期" if work.zh else ", and is postponed"
    return said(work, lambda text: _before_stop(text, end), "substantive")


def _before_stop(text: str, addition: str) -> str | None:
    bare = text.rstrip()
    return bare[:-1] + addition + bare[-1] if bare and bare[-1] in "。." else None


def sentence_added(work: Work) -> Made | None:
    """One more sentence at the end of a paragraph."""
    return said(
        work,
        lambda text: text.rstrip() + sentence(work) if text.rstrip()[-1:] in tuple("。.") else None,
        "substantive",
    )


def sentence_removed(work: Work) -> Made | None:
    """The first of several sentences is gone."""
    first = re.compile(
        r"^(\s*)([^。！？]{14,}。)(?=.)" if work.zh else r"^(\s*)((?:[^.!?\s]+\s+){12,}[^.!?\s]+\.)\s+(?=\w)"
    )
    return said(work, lambda text: first.sub(r"\1", text) if first.search(text) else None, "substantive")


def list_item(work: Work) -> Made | None:
    """A word in an item of a list."""
    return said(
        work,
        lambda text: one_letter(text, work),
        "minor",
        [
            slot
            for slot in work.slots
            if any(up.tag == "li" for up in (slot.parent, *slot.parent.iterancestors()))
        ],
    )


def table_cell(work: Work) -> Made | None:
    """A figure in a cell of a table."""
    cells = [
        Slot(node, False)
        for node in work.tree.iter("td")
        if node.text and folded(node.text) in work.known and re.fullmatch(r"\s*[\d,]+\s*", node.text)
    ]
    return said(work, lambda text: "9,998" if "9,998" not in text else None, "substantive", cells)
