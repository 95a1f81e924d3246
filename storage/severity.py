"""How much the change of one field matters: a table of rules, the first that holds wins. Pure.

docs/diff.md is made from the table, so every rule says in words what it holds for, and has an example.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from storage.records import Segment, Severity
from storage.sameness import domain_of, file_of, letters, name_of, plain
from storage.segments import tokens

FEW = 12  # changed words (characters in CJK) up to which an edit of the body is minor
LITTLE = 40  # words (characters in CJK) of a body up to which its pictures are what the article says
SEVERITIES: tuple[Severity, ...] = ("cosmetic", "minor", "substantive")  # least first


class Edit(NamedTuple):
    """One field that differs: its sides, the stretches of a text, and the longer of both bodies."""

    before: Any
    after: Any
    shown: Sequence[Segment] = ()
    body: str = ""


class Rule(NamedTuple):
    """What an edit has to be for the rule to hold, and the severity it has then; in words for people."""

    holds: Callable[[Edit], bool]
    severity: Severity
    means: str


_NOT_WORD = re.compile(r"[\W_]+")
_STATED = re.compile(r"\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d)?)?")  # what of an ISO time the page stated
# What changes a notice however few the words are: numbers, days, that it is off or put off, or not so.
# May is no month here but a verb: when it becomes June, June tells. Of 不 and 无 the common words that deny
# nothing are left out.
_FACTS = (
    r"\d+(?:[.,:/-]\d+)*"
    r"|[〇零一二两三四五六七八九十百千万亿]+(?=[年月日号时点元人名届期室楼层周])"
    r"|(?:星期|周)[一二三四五六日天]"
    r"|\b(?:mon|tues|wednes|thurs|fri|satur|sun)day"
    r"|\b(?:january|february|march|april|june|july|august|september|october|november|december)\b"
    r"|取消|延期|推迟|提前|改期|作废|\b(?:cancel|postpone|reschedule|withdraw)\w*"
    r"|(?<!从)不(?![断仅但同少久论管妨禁愧懈])|没有|尚?未(?!来)|无(?:需|须|法|效|权|关|人)|禁止|严禁|[切请]勿"
    r"|\b(?:not|no|never|nobody|none|without|cannot|neither|nor)\b|n't\b"
)


def judge(name: str, edit: Edit) -> Severity:
    """Return the severity of one field that differs, by the first rule of the field that holds."""
    return next(rule.severity for rule in RULES[name] if rule.holds(edit))


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


def _always(_edit: Edit) -> bool:
    return True


def _same_letters(edit: Edit) -> bool:
    return letters(edit.before or "") == letters(edit.after or "")


def _only_signs(edit: Edit) -> bool:
    return _NOT_WORD.sub("", letters(edit.before or "")) == _NOT_WORD.sub("", letters(edit.after or ""))


def _agree(edit: Edit) -> bool:
    """Both name the same moment, one of them more precisely."""
    moments = at_one_precision(edit.before, edit.after)
    return moments is not None and moments[0] == moments[1]


def _only_moved(edit: Edit) -> bool:
    """Nothing but the order of paragraphs differs."""
    return all(part.op in ("equal", "moved_from", "moved_to") or part.text.isspace() for part in edit.shown)


def _facts_moved(edit: Edit) -> bool:
    return _facts(edit.shown, "deleted") != _facts(edit.shown, "inserted")


def _facts(shown: Iterable[Segment], side: str) -> list[str]:
    """Return the facts of one side in order; paragraphs that only moved have theirs on both."""
    text = "".join(part.text for part in shown if part.op in ("equal", side))
    return re.findall(_FACTS, plain(text).casefold())  # compiled where it is needed: that takes 15 ms


def _few_words(edit: Edit) -> bool:
    said = {
        op: _words(part.text for part in edit.shown if part.op == op)
        for op in ("equal", "deleted", "inserted")
    }
    return max(said["deleted"], said["inserted"]) <= min(FEW, said["equal"])


def _words(texts: Iterable[str]) -> int:
    return sum(1 for text in texts for token in tokens(text) if not token.isspace())


def _same_pictures(edit: Edit) -> bool:
    """The same files: in another order, at another place, with another alternative text."""
    return sorted(map(_file_name, edit.before)) == sorted(map(_file_name, edit.after))


def _file_name(item: dict[str, Any] | None) -> str:
    return name_of(item["url"]) if item else ""


def _are_the_article(edit: Edit) -> bool:
    return _words([edit.body]) <= LITTLE


def _only_reordered(edit: Edit) -> bool:
    return sorted(map(_what_file, edit.before)) == sorted(map(_what_file, edit.after))


def _what_file(item: dict[str, Any] | None) -> str:
    if item is None:
        return ""
    return repr((file_of(item["url"]), letters(item["name"] or ""), item["sha256"]))


def _same_bytes(edit: Edit) -> bool:
    """Every file is known to be the one it was: only its address or name moved."""
    return all(
        old and new and old["sha256"] and old["sha256"] == new["sha256"]
        for old, new in zip(edit.before, edit.after, strict=True)
    )


def _renamed_or_moved(edit: Edit) -> bool:
    """Every file has its address, or its name on the server, and no other bytes as far as is known."""
    return all(
        old is not None
        and new is not None
        and (old["sha256"] == new["sha256"] or None in (old["sha256"], new["sha256"]))
        and (file_of(old["url"]) == file_of(new["url"]) or _file_name(old) == _file_name(new))
        for old, new in zip(edit.before, edit.after, strict=True)
    )


def _leads_off_site(edit: Edit) -> bool:
    """A link whose words stayed leads to another domain than before."""
    return any(
        old is not None and new is not None and domain_of(old["url"]) != domain_of(new["url"])
        for old, new in zip(edit.before, edit.after, strict=True)
    )


_LOOKS = "the same letters and digits: capitals, or spaces between words"
_PEOPLE = (Rule(_same_letters, "cosmetic", _LOOKS), Rule(_always, "minor", "anything else"))
RULES: dict[str, tuple[Rule, ...]] = {
    "title": (
        Rule(_same_letters, "cosmetic", _LOOKS),
        Rule(_only_signs, "minor", "other punctuation"),
        Rule(_always, "substantive", "anything else: a title is all that most people read"),
    ),
    "release_time": (
        Rule(_agree, "minor", "the same moment, told more or less precisely"),
        Rule(_always, "substantive", "another moment, or none; an earlier one is flagged as moved back"),
    ),
    "body": (
        Rule(_same_letters, "cosmetic", f"{_LOOKS}, or where paragraphs begin"),
        Rule(_only_moved, "minor", "the same paragraphs in another order"),
        Rule(
            _facts_moved,
            "substantive",
            "a number, a date, a day of the week, that something is cancelled or put off, or a negation",
        ),
        Rule(_few_words, "minor", f"at most {FEW} words (characters of Chinese), and no more than stayed"),
        Rule(_always, "substantive", "more than that: sentences, paragraphs, a text cut short"),
    ),
    "images": (
        Rule(_same_pictures, "cosmetic", "the same files in another order, folder or with another `alt`"),
        Rule(_are_the_article, "substantive", f"other pictures where the text has at most {LITTLE} words"),
        Rule(_always, "minor", "a picture added, removed or replaced"),
    ),
    "attachments": (
        Rule(_only_reordered, "cosmetic", "the same files in another order, or the look of a name"),
        Rule(_same_bytes, "minor", "the same bytes under another address or name"),
        Rule(_renamed_or_moved, "minor", "another name, or another folder; no other bytes are known of"),
        Rule(_always, "substantive", "a file added, removed, or replaced (also behind its address)"),
    ),
    "links": (
        Rule(_leads_off_site, "substantive", "the same words lead to another domain"),
        Rule(_always, "minor", "a link added, removed, or leading elsewhere in its domain"),
    ),
    "author": _PEOPLE,
    "source": _PEOPLE,
    "editor": _PEOPLE,
}
