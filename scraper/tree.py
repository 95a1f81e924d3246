"""A page's source as UTF-8 in, its element tree out; what libxml2 would drop or choke on is put right. Pure.

parse(b"<p>one</html><p>two").root            one tree with both paragraphs
parse(b"<p>one<!-- two").unclosed             "comment or tag": the page ends inside of one
"""

from __future__ import annotations

import re
from typing import NamedTuple

from lxml import etree

from scraper.index import Element

# lxml drops all text past 255 nested elements unless told that the tree may be huge.
_PARSER = etree.HTMLParser(
    encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True, collect_ids=False
)
# Elements whose content is not shown, or not as text: a page that ends inside of one hides what follows.
_HIDING_TAGS = (
    "button canvas iframe map math noembed noframes noscript object plaintext script select style svg"
    " template textarea title xmp"
)
_HIDING = frozenset(_HIDING_TAGS.split())
_SIGN = "end-of-page"  # an element put behind the page: where the parser puts it, the page ended

# libxml2 drops all that follows the first `</html>`; browsers go on, and pages have whole pages in them.
_ENDS = (b"</html", b"</HTML", b"</Html")
_END = re.compile(rb"</(?:html|body)\s{0,9}>", re.IGNORECASE)
_LAST = re.compile(rb"</html\s{0,9}>\s*+\Z", re.IGNORECASE)
# Character references to what is no character: the text of a page has none of these either.
_NO_CHARACTER = re.compile(
    rb"&#(?:0*+(?:(?<=0)|[1-8]|1[124-9]|2\d|3[01]|127)(?!\d)"
    rb"|[xX]0*+(?:(?<=0)|[1-8bBcCeEfF]|1[0-9a-fA-F]|7[fF]|[fF]{3}[eEfF])(?![0-9a-fA-F]));?"
)
# libxml2 takes the square of the time for the attributes of one tag. A tag is only found by reading it to its
# end, so a look is taken every few thousand bytes: does what follows read on and on as attributes, be the
# place between two of them or in a quoted value? Only a page of which that is true is read tag by tag.
_SUSPECT, _STRIDE, _SIGHT, _MOST = 100_000, 8_000, 100_000, 5_000  # bytes three times, attributes
_SPACE = rb"[ \t\r\n\f/]++"
_ATTRIBUTE = (
    rb"[^ \t\r\n\f/>][^ \t\r\n\f/>=]*+"
    rb"(?:[ \t\r\n\f]*+=[ \t\r\n\f]*+(?:\"[^\"]*+\"?+|'[^']*+'?+|[^ \t\r\n\f>]*+))?+"
)
_LASTING = re.compile(rb"(?:%b|%b){600}" % (_SPACE, _ATTRIBUTE))
_TAG = re.compile(
    rb"<!--(?s:.*?)(?:-->|\Z)|<([a-zA-Z][^ \t\r\n\f/>]*+)((?:%b|%b)*+)>?" % (_SPACE, _ATTRIBUTE)
)
_EACH = re.compile(_ATTRIBUTE)


class Parsed(NamedTuple):
    """The root, an empty `<html>` where there is nothing; and what the page ends inside of, if anything."""

    root: Element
    unclosed: str | None


def parse(source: bytes) -> Parsed:
    """Parse the source of a page; no text of it is dropped but what `unclosed` names."""
    source = _tame(source)
    root = etree.fromstring(source + f"<{_SIGN}>".encode(), _PARSER)
    last = None if root is None else _last(root)
    if last is not None and last.tag == _SIGN and (parent := last.getparent()) is not None:
        hiding = next((str(up.tag) for up in last.iterancestors() if up.tag in _HIDING), None)
        parent.remove(last)
        return Parsed(root, hiding)
    root = etree.fromstring(source, _PARSER)
    if root is None:  # nothing but a comment that never ends
        root = etree.fromstring(b"<html></html>", _PARSER)
    last = _last(root)
    return Parsed(root, str(last.tag) if last.tag in _HIDING else "comment or tag")


def _last(root: Element) -> Element:
    """Return the last element in document order."""
    while len(root):
        root = root[-1]
    return root


def _tame(source: bytes) -> bytes:
    """Return the source without what hides or harms: early ends, references to nothing, endless tags."""
    found = [at for end in _ENDS if (at := source.find(end)) >= 0]
    if found:
        first = min(found)
        source = source[:first] if _LAST.match(source, first) else _END.sub(b"", source)
    if b"&#" in source:
        source = _NO_CHARACTER.sub(b"", source)
    return _TAG.sub(_bare, source) if len(source) >= _SUSPECT and _is_suspect(source) else source


def _is_suspect(source: bytes) -> bool:
    """Tell whether a page may have a tag of thousands of attributes; it has none where the answer is no."""
    behind = {b'"': 0, b"'": 0}  # where a value ends that is open at the place looked at
    for place in range(0, len(source), _STRIDE):
        for quote, end in behind.items():
            if 0 < end <= place or not place:
                behind[quote] = source.find(quote, place) + 1
        if any(_LASTING.match(source, at, at + _SIGHT) for at in (place, *filter(None, behind.values()))):
            return True
    return False


def _bare(tag: re.Match[bytes]) -> bytes:
    """Return a tag of thousands of attributes without them; every other as it stands."""
    if tag.end() - tag.start() < 2 * _MOST or not tag[1]:
        return tag[0]
    return b"<%b>" % tag[1] if sum(1 for _ in _EACH.finditer(tag[2])) > _MOST else tag[0]
