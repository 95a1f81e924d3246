"""Edits of what stands in a text: pictures, files and links. Pure."""

from __future__ import annotations

import re

from lxml import html

from changing.text import one_letter, said
from changing.work import Made, Node, Work, cut, folded

_PICTURE_FILE = re.compile(r"\.(?:jpe?g|png|gif)$", re.IGNORECASE)
DOCUMENT = re.compile(r"\.(?:pdf|docx?|xlsx?|rar|zip)(?:$|\?)", re.IGNORECASE)


def _pictures(work: Work) -> list[Node]:
    around = work.container()
    found = (
        []
        if around is None
        else [
            img
            for img in around.iter("img")
            if _PICTURE_FILE.search(img.get("src", "")) and "icon" not in img.get("src", "")
        ]
    )
    return found if work.base.images in (None, len(found)) else []


def image_swapped(work: Work) -> Made | None:
    """Another picture in the place of one."""
    image = work.pick(_pictures(work))
    if image is None:
        return None
    new = image.get("src").rpartition("/")[0] + "/2024new88.jpg"
    for name, value in image.attrib.items():  # where a script loads it from too
        if name == "src" or _PICTURE_FILE.search(value):
            image.set(name, new)
    return Made(work.page(), {"images": "minor"})


def image_added(work: Work) -> Made | None:
    """One picture more."""
    block = work.pick(work.blocks[:-1])
    if block is None:
        return None
    new = html.fragment_fromstring('<p><img src="/upload/added77.jpg" width="500" height="300"></p>')
    block.addnext(new)
    new.tail, block.tail = block.tail, "\n"
    return Made(work.page(), {"images": "minor"})


def image_removed(work: Work) -> Made | None:
    """One picture less."""
    image = work.pick(_pictures(work))
    if image is None:
        return None
    cut(image)
    return Made(work.page(), {"images": "minor"})


def caption(work: Work) -> Made | None:
    """The words below a picture."""
    slots = [slot for slot in work.slots if "摄）" in slot.text or "seen by" in slot.text]
    return said(work, lambda text: one_letter(text, work), "minor", slots)


def _files(work: Work) -> list[Node]:
    around = work.container()
    found = [] if around is None else [a for a in around.iter("a") if DOCUMENT.search(a.get("href", ""))]
    return found if work.base.files in (None, len(found)) else []


def file_swapped(work: Work) -> Made | None:
    """Another file under the same words."""
    link = work.pick(_files(work))
    if link is None:
        return None
    link.set("href", link.get("href").rpartition("/")[0] + "/final2024.pdf")
    return Made(work.page(), {"attachments": "substantive"})


def file_renamed(work: Work) -> Made | None:
    """The same file under other words; these are words of the body too where they stand in it."""
    link = work.pick([link for link in _files(work) if not len(link) and not link.get("sudyfile-attr")])
    if link is None:
        return None
    old = link.text or ""
    link.text = re.sub("报名表", "修订表", old) if work.zh else old.replace("Programme", "Amendments")
    if link.text == old:
        return None
    return Made(work.page(), {"attachments": "minor", "body": "minor"}, gone=old, came=link.text)


def file_removed(work: Work) -> Made | None:
    """A file less, with the paragraph that held it."""
    link = work.pick(
        [
            link
            for link in _files(work)
            if folded(link.getparent().text_content()) == folded(link.text_content())
        ]
    )
    if link is None:
        return None
    cut(link.getparent())
    return Made(work.page(), {"attachments": "substantive", "body": "?"})


def file_bytes(work: Work) -> Made | None:
    """Other bytes behind the same address: seen when files are fetched."""
    if not _files(work):
        return None
    return Made(work.page(), {"attachments": "substantive"}, files={"before": "a" * 64, "after": "b" * 64})


def _links(work: Work) -> list[Node]:
    return [a for a in work.tree.iter("a") if "/join" in a.get("href", "")]


def link_target(work: Work) -> Made | None:
    """A link leads to another page of the same place."""
    link = work.pick(_links(work))
    if link is None:
        return None
    link.set("href", link.get("href").replace("/join", "/closed"))
    return Made(work.page(), {"links": "minor"})


def link_hijacked(work: Work) -> Made | None:
    """A link leads to somebody else's place."""
    link = work.pick(_links(work))
    if link is None:
        return None
    link.set("href", "https://bonus.example.com/join")
    return Made(work.page(), {"links": "substantive"})


def link_removed(work: Work) -> Made | None:
    """The words stay, the link is gone."""
    link = work.pick(_links(work))
    if link is None:
        return None
    link.drop_tag()
    return Made(work.page(), {"links": "minor"})
