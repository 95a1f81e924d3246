"""How much the change of one field matters: a table of rules, the first that holds wins. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from storage.records import Segment, Severity
from storage.segments import tokens

FEW = 12  # changed words (characters in CJK) up to which an edit of the body is minor
SEVERITIES: tuple[Severity, ...] = ("cosmetic", "minor", "substantive")  # least first

_Shown = Sequence[Segment]
_Rule = tuple[Callable[[Any, Any, _Shown], bool], Severity]

# Full-width forms are the same signs in another width, quotes and dashes the same in another shape. NFKC
# would go too far: to it 10² is 102.
_FORMS = str.maketrans(
    {
        **{chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)},
        **dict.fromkeys("“”„«»「」『』〝〞", '"'),
        **dict.fromkeys("‘’‚`´", "'"),
        **dict.fromkeys("‐‑‒–—−", "-"),
        **dict.fromkeys("•・", "·"),
        **dict.fromkeys("。｡", "."),
        "、": ",",
        "…": "...",
    }
)
_BLANK = re.compile("[\\s\u00ad\u200b-\u200f\u2060\ufeff]+")
_BLANK_OF_NO_WEIGHT = re.compile(r"(?<!\d) | (?!\d)")  # 1 5 is not 15

_STATED = re.compile(r"\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d)?)?")  # what of an ISO time the page stated
# What changes a notice however few the words are: numbers, days, and that it is off or put off.
# May is no month here but a verb: when it becomes June, June tells.
_FACTS = re.compile(
    r"\d+(?:[.,:/-]\d+)*"
    r"|[〇零一二两三四五六七八九十百千万亿]+(?=[年月日号时点元人名届期室楼层周])"
    r"|(?:星期|周)[一二三四五六日天]"
    r"|\b(?:mon|tues|wednes|thurs|fri|satur|sun)day"
    r"|\b(?:january|february|march|april|june|july|august|september|october|november|december)\b"
    r"|取消|延期|推迟|提前|改期|作废|\b(?:cancel|postpone|reschedule|withdraw)\w*",
)


def judge(name: str, before: object, after: object, shown: _Shown = ()) -> Severity:
    """Return the severity of one field that differs, by the first rule of the field that holds."""
    return next(severity for holds, severity in RULES[name] if holds(before, after, shown))


def at_one_precision(before: str | None, after: str | None) -> tuple[datetime, datetime] | None:
    """Return two release times cut to the coarser precision of both; None when either cannot be read.

    Days and wall clocks are compared as the pages print them; instants only when both state their offset.
    """
    stated = [found[0] for text in (before, after) if text and (found := _STATED.match(text))]
    if before is None or after is None or len(stated) < 2:
        return None
    width = min(map(len, stated))
    try:
        moments = [datetime.fromisoformat(before), datetime.fromisoformat(after)]
        if width > len("2023-09-23") and all(moment.tzinfo for moment in moments):
            moments = [moment.astimezone(UTC) for moment in moments]
    except (ValueError, OverflowError):
        return None
    old, new = (datetime.fromisoformat(moment.isoformat()[:width]) for moment in moments)
    return old, new


def fold(text: str) -> str:
    """Return the text without what only typographers see: white space, widths, shapes of quotes, dashes."""
    return _BLANK_OF_NO_WEIGHT.sub("", _BLANK.sub(" ", _plain(text)).strip())


def _plain(text: str) -> str:
    return unicodedata.normalize("NFC", text).translate(_FORMS)


def _always(_before: object, _after: object, _shown: _Shown) -> bool:
    return True


def _looks_the_same(before: str | None, after: str | None, _shown: _Shown) -> bool:
    return fold(before or "") == fold(after or "")


def _items_look_the_same(before: Sequence[Any], after: Sequence[Any], _shown: _Shown) -> bool:
    """Only the order, the scheme, or the look of a name or alternative text differs."""
    return sorted(map(_folded_item, before)) == sorted(map(_folded_item, after))


def _folded_item(item: dict[str, Any] | None) -> str:
    values = {name: fold(value) if isinstance(value, str) else value for name, value in (item or {}).items()}
    return repr(values | {"url": re.sub("^https?:", "", values.get("url", ""))})


def _same_bytes(before: Sequence[Any], after: Sequence[Any], _shown: _Shown) -> bool:
    """Every file is known to be the one it was: only its address or name moved."""
    return all(
        old and new and old["sha256"] and old["sha256"] == new["sha256"]
        for old, new in zip(before, after, strict=True)
    )


def _agree(before: str | None, after: str | None, _shown: _Shown) -> bool:
    """Both name the same moment, one of them more precisely."""
    moments = at_one_precision(before, after)
    return moments is not None and moments[0] == moments[1]


def _facts_moved(before: str, after: str, _shown: _Shown) -> bool:
    return _facts(before) != _facts(after)


def _facts(text: str) -> list[str]:
    return _FACTS.findall(_plain(text).casefold())


def _few_words(_before: str, _after: str, shown: _Shown) -> bool:
    words = {
        op: _words(part.text for part in shown if part.op == op) for op in ("equal", "deleted", "inserted")
    }
    changed = max(words["deleted"], words["inserted"])
    return changed <= min(FEW, words["equal"])


def _only_moved(_before: str, _after: str, shown: _Shown) -> bool:
    """Nothing but the order of paragraphs differs."""
    return all(part.op in ("equal", "moved_from", "moved_to") or part.text.isspace() for part in shown)


def _words(texts: Iterable[str]) -> int:
    return sum(1 for text in texts for token in tokens(text) if not token.isspace())


_TEXT: tuple[_Rule, ...] = ((_looks_the_same, "cosmetic"), (_always, "minor"))
RULES: dict[str, tuple[_Rule, ...]] = {
    "title": ((_looks_the_same, "cosmetic"), (_always, "substantive")),
    "release_time": ((_agree, "minor"), (_always, "substantive")),
    "body": (
        (_looks_the_same, "cosmetic"),
        (_only_moved, "minor"),
        (_facts_moved, "substantive"),
        (_few_words, "minor"),
        (_always, "substantive"),
    ),
    "images": ((_items_look_the_same, "cosmetic"), (_always, "minor")),
    "attachments": (
        (_items_look_the_same, "cosmetic"),
        (_same_bytes, "minor"),
        (_always, "substantive"),
    ),
    "author": _TEXT,
    "source": _TEXT,
    "editor": _TEXT,
}
