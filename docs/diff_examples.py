"""Examples of docs/diff.md: one for each rule of severity, and for each thing that is no edit. Pure.

tests/test_diff_guide.py holds each of them against the rules, in order.
"""

from __future__ import annotations

from typing import Any

from storage.records import Attachment, Image, Link

_AT = "https://www.example.edu"
_LONG = "The library opens at 8:00 on 12 May. Every student is welcome to read, to borrow and to stay."
_ZH = "讲座于5月12日在大礼堂举行，欢迎各位师生参加。"


def _picture(path: str, alt: str | None = None) -> tuple[Image, ...]:
    return (Image(_AT + path, alt),)


def _file(path: str, name: str | None = "plan.pdf", sha256: str | None = None) -> tuple[Attachment, ...]:
    return (Attachment(_AT + path, name, None, None, sha256 and sha256 * 64),)


def _link(url: str) -> tuple[Link, ...]:
    return (Link(url, "online form"),)


# Field: for each of its rules, in the order of the table, a value before and after.
OF_RULES: dict[str, tuple[tuple[Any, Any], ...]] = {
    "title": (
        ("The library opens", "The Library Opens"),
        ("The library opens", "The library opens!"),
        ("The library opens", "The library closes"),
    ),
    "release_time": (
        ("2026-09-01", "2026-09-01T10:20+08:00"),
        ("2026-09-01", "2026-08-30"),
    ),
    "body": (
        (_LONG, _LONG.replace("Every", "\n\nEvery").replace("12 May. \n", "12 May.\n")),
        (
            "It opens on 12 May as planned.\n\nIt closes on 30 June for a week.",
            "It closes on 30 June for a week.\n\nIt opens on 12 May as planned.",
        ),
        (_ZH, _ZH.replace("12", "15")),
        (_ZH, _ZH.replace("大礼堂", "报告厅")),
        ("The old library opens again and everybody may come in.", "It stays shut for want of a roof."),
    ),
    "images": (
        (_picture("/i/hall.jpg", "hall"), _picture("/2026/hall.jpg", "the hall")),
        (_picture("/i/poster.jpg"), _picture("/i/poster-2.jpg")),
        (_picture("/i/hall.jpg"), _picture("/i/gate.jpg")),
    ),
    "attachments": (
        (_file("/f/plan.pdf"), _file("/f/plan.pdf", "Plan.pdf")),
        (_file("/f/1.pdf", sha256="a"), _file("/f/2.pdf", sha256="a")),
        (_file("/f/plan.pdf"), _file("/2026/plan.pdf")),
        (_file("/f/plan.pdf", sha256="a"), _file("/f/plan.pdf", sha256="b")),
    ),
    "links": (
        (_link("https://forms.example.edu/join"), _link("https://bonus.example.com/join")),
        (_link(_AT + "/join"), _link(_AT + "/closed")),
    ),
    "author": (("ada marsh", "Ada Marsh"), ("Ada Marsh", "Bram Holt")),
    "source": (("press office", "Press Office"), ("Press Office", "Registry")),
    "editor": (("ada marsh", "Ada Marsh"), ("Ada Marsh", "")),
}
# What is no edit: how it is called, the field, a value before and after.
OF_NONE: tuple[tuple[str, str, Any, Any], ...] = (
    ("white space, also wide and hard spaces", "body", "自 9 月起，开放。", "　　自9月起，\u00a0开放。"),
    ("widths of signs and letters", "body", "时间：8:00，地点：（北门）", "时间:8：00,地点:(北门)"),
    ("shapes of quotes, dashes, dots", "title", "“Open day” – part 2 …", '"Open day" - part 2 ...'),
    ("signs that cannot be seen", "title", "Open day", "Open\u200b day\ufeff"),
    ("how letters are composed", "title", "Café", "Cafe\u0301"),
    ("http or https, another host of the domain", "images", _picture("/i/1.jpg"), (Image("http://img.example.edu/i/1.jpg"),)),
    ("sessions and caches in addresses", "images", _picture("/i/1.jpg"), _picture("/i/1.jpg?v=20260901")),
    ("sessions in the path", "attachments", _file("/f/1.pdf"), _file("/f/1.pdf;jsessionid=0A1B")),
    ("the size a picture is shown in", "images", _picture("/i/1.jpg"), _picture("/i/1-300x200.jpg")),
    ("what tracks visitors", "links", _link(_AT + "/join"), _link(_AT + "/join?utm_source=news")),
    ("what was not known of a file before", "attachments", _file("/f/1.pdf"), _file("/f/1.pdf", sha256="a")),
)  # fmt: skip


def shown(value: Any) -> str:
    """Return a value as the page shows it."""
    if isinstance(value, tuple):
        return "<br>".join(map(_item, value))
    text = str(value).replace("|", "\\|").replace("\n\n", " ¶ ") or "(none)"
    for sign in "\u200b\ufeff\u00a0\u3000\u0301":
        text = text.replace(sign, f"[U+{ord(sign):04X}]")
    return text


def _item(item: Image | Attachment | Link) -> str:
    words = getattr(item, "name", None) or getattr(item, "alt", None) or getattr(item, "text", None)
    sha256 = getattr(item, "sha256", None)
    parts = (f"“{words}”" if words else "", f"`{item.url}`", f"sha256 {sha256[:4]}…" if sha256 else "")
    return " ".join(part for part in parts if part)
