"""One page in editing, and the places in it that an edit may touch. Pure.

Places are found by the lines and values that are known of the page, never by our extractor.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from lxml import html

from changing.pages import Base

Node = Any  # lxml's elements have no types
SILENT = ("script", "style", "noscript", "title", "textarea", "option")
ZH = re.compile("[\u4e00-\u9fff]")


@dataclass(frozen=True, slots=True)
class Made:
    """An edited page; `fields` are those a diff must name, each with its severity.

    `gone` and `came` are texts of the body or title that only one side has; `section` is a new section, which
    is no edit but must be in the record.
    """

    page: bytes
    fields: dict[str, str]
    moved_back: bool = False
    gone: str = ""
    came: str = ""
    moved: str = ""
    section: str | None = None
    files: dict[str, str] = field(default_factory=dict)  # sha256 of the files as fetched before, after


@dataclass(slots=True)
class Slot:
    """A text of the page that an edit may touch: in an element, or after one."""

    node: Node
    tail: bool

    @property
    def text(self) -> str:
        """What stands there."""
        return (self.node.tail if self.tail else self.node.text) or ""

    @text.setter
    def text(self, value: str) -> None:
        setattr(self.node, "tail" if self.tail else "text", value)

    @property
    def parent(self) -> Node:
        """The element the text is in."""
        return self.node.getparent() if self.tail else self.node


class Work:
    """One page in editing."""

    def __init__(self, base: Base, chance: random.Random) -> None:
        self.base, self.chance = base, chance
        self.encoding = "utf-8"
        self.tree = html.document_fromstring(base.text)
        self.zh = bool(ZH.search(base.title))
        known = {folded(line) for line in base.lines}
        self.known = "\n".join(known)
        own = [slot for slot in texts(self.tree) if self._is_own(slot)]
        said = Counter(folded(slot.text) for slot in own)
        # What stands in the page twice may stand in the text once.
        self.slots = [slot for slot in own if said[folded(slot.text)] == 1]
        self.blocks = [
            node
            for node in self.tree.iter("p", "div")
            if folded(node.text_content()) in known and not len(node.xpath(".//p|.//img|.//a|.//table"))
        ]

    def _is_own(self, slot: Slot) -> bool:
        said = folded(slot.text)
        return len(said) >= 8 and said in self.known and slot.parent.tag not in ("a", "h1", "h2", "h3")

    def page(self) -> bytes:
        """Return the page as it stands now; entities stand for what its encoding lacks."""
        source = html.tostring(self.tree, encoding="unicode", doctype="<!DOCTYPE html>")
        return source.encode("utf-8")

    def pick(self, slots: list[Any]) -> Any | None:
        """Return one of the places, None where there is none."""
        return self.chance.choice(slots) if slots else None

    def container(self) -> Node | None:
        """Return the element around all lines of the text."""
        if not self.slots:
            return None
        paths = [[slot.parent, *slot.parent.iterancestors()][::-1] for slot in self.slots]
        common = [level[0] for level in zip(*paths, strict=False) if all(node is level[0] for node in level)]
        return common[-1] if common else None


def folded(text: str) -> str:
    """Return the text without any white space."""
    return "".join(text.split())


def texts(tree: Node) -> Iterator[Slot]:
    """Yield every text of a page that people can read."""
    for node in tree.iter():
        if isinstance(node.tag, str) and node.tag not in SILENT and node.text:
            yield Slot(node, False)
        parent = node.getparent()
        if node.tail and parent is not None and parent.tag not in SILENT:
            yield Slot(node, True)


def cut(node: Node) -> None:
    """Take an element out; what stands after it stays."""
    before, parent, tail = node.getprevious(), node.getparent(), node.tail or ""
    if before is not None:
        before.tail = (before.tail or "") + tail
    else:
        parent.text = (parent.text or "") + tail
    parent.remove(node)


def source(work: Work) -> str:
    """Return the page as it stands now."""
    return str(html.tostring(work.tree, encoding="unicode", doctype="<!DOCTYPE html>"))
