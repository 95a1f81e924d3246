"""Edits of what is known of an article: its release time, its people, its column. Pure."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from changing.work import Made, Slot, Work, texts

_FORMS = (
    "%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日", "%Y年{m}月{d}日", "%Y-{m}-{d}",
    "%B %d, %Y", "%B {d}, %Y", "%d %B %Y", "{d} %B %Y", "%b %d, %Y",
)  # fmt: skip


def _redated(work: Work, days: int) -> bool:
    if work.base.day is None:
        return False
    old = datetime.fromisoformat(work.base.day[:10])
    new = old + timedelta(days=days)

    def form(moment: datetime, pattern: str) -> str:
        return moment.strftime(pattern).replace("{m}", str(moment.month)).replace("{d}", str(moment.day))

    swaps = {form(old, pattern): form(new, pattern) for pattern in _FORMS}
    own = {(id(slot.node), slot.tail) for slot in work.slots}
    shown = 0
    for node in work.tree.iter():
        if not isinstance(node.tag, str):
            continue
        for attribute in ("content", "datetime"):
            if node.tag in ("meta", "time") and node.get(attribute):
                node.set(attribute, _swap(node.get(attribute), swaps))
        for tail in (False, True):
            slot = Slot(node, tail)
            if (
                slot.text
                and (id(node), tail) not in own
                and (tail or node.tag not in ("script", "style") or "ld+json" in node.get("type", ""))
            ):
                new_text = _swap(slot.text, swaps)
                shown += new_text != slot.text and (tail or node.tag != "script")
                slot.text = new_text
    return bool(shown)


def _swap(text: str, swaps: dict[str, str]) -> str:
    for old, new in swaps.items():
        text = re.sub(rf"(?<!\d){re.escape(old)}(?!\d)", new, text)
    return text


def released_later(work: Work) -> Made | None:
    """The release time moves on."""
    return Made(work.page(), {"release_time": "substantive"}) if _redated(work, 3) else None


def released_earlier(work: Work) -> Made | None:
    """The release time moves back."""
    return Made(work.page(), {"release_time": "substantive"}, moved_back=True) if _redated(work, -9) else None


def released_coarser(work: Work) -> Made | None:
    """The page shows the day only."""
    day = work.base.day
    if day is None or len(day) < 16:
        return None
    clock = re.compile(rf"(?<=\d|日)\s+{day[11:16]}(?::\d\d)?")
    own = {(id(slot.node), slot.tail) for slot in work.slots}
    slots = [
        slot for slot in texts(work.tree) if (id(slot.node), slot.tail) not in own and clock.search(slot.text)
    ]
    if not slots or work.tree.xpath("//meta[@name='PubDate' or @property='article:published_time']|//time"):
        return None
    for slot in slots:
        slot.text = clock.sub("", slot.text)
    return Made(work.page(), {"release_time": "minor"})


def _credited(work: Work, who: str, new: str) -> Made | None:
    old = getattr(work.base, who)
    slots = [
        slot
        for slot in texts(work.tree)
        if (old and old in slot.text and slot.parent.tag != "a") or (old and slot.text.strip() == old)
    ]
    own = {(id(slot.node), slot.tail) for slot in work.slots}
    slots = [slot for slot in slots if (id(slot.node), slot.tail) not in own and len(slot.text) < 120]
    around = work.container()
    inside = set() if around is None else set(around.iter())
    if any(slot.parent in inside for slot in slots):  # then it is a word of the text too
        return None
    others = {getattr(work.base, each) for each in ("author", "source", "editor") if each != who}
    if not slots or old in others or old in work.base.title or any(old in line for line in work.base.lines):
        return None
    for slot in slots:
        slot.text = slot.text.replace(old, new)
    return Made(work.page(), {who: "minor"})


def author(work: Work) -> Made | None:
    """Another author."""
    return _credited(work, "author", "顾南乔" if work.zh else "Ines Alder")


def source(work: Work) -> Made | None:
    """Another office the article is credited to."""
    return _credited(work, "source", "招生办公室" if work.zh else "Admissions")


def editor(work: Work) -> Made | None:
    """Another editor."""
    return _credited(work, "editor", "顾南乔" if work.zh else "Ines Alder")


def section(work: Work) -> Made | None:
    """The column has another name: no edit of the article, but its record follows."""
    old = work.base.section
    slots = [slot for slot in texts(work.tree) if old and slot.text.strip() == old]
    if not old or not slots or work.tree.xpath("//meta[@name='ColumnName']"):
        return None
    new = "校园动态" if work.zh else "University news"
    for slot in slots:
        slot.text = slot.text.replace(old, new)
    return Made(work.page(), {}, section=new)
