"""An article that goes on over several pages: where its next part is, and the parts put together. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from scraper.extract.document import text_of
from scraper.index import Element, Index
from scraper.normalize.text import fold
from storage.records import Article

MOST = 20  # parts of one article that are followed
_LONGEST = 40  # characters of a link to the next part, its white space included
_NEXT = frozenset(
    ("下一页", "下页", "后一页", "下一頁", "next", "next page", "suivant", "page suivante", "weiter",
     "siguiente", "次へ", "次のページ", "다음", "다음 페이지", ">", ">>", "›", "»")
)  # fmt: skip
_EDGE = " 　[]【】()（）<>«»‹›:："
_PARAMETERS = ("page", "p", "pageno", "pagenum", "pageindex")


def next_part(
    index: Index, around: Element, selectors: tuple[str, ...], first: str, number: int
) -> str | None:
    """Return the address of an article's part after the `number`-th, or None.

    `around` holds the article, `first` is the address of its first part. A link counts only if it leads where
    a CMS puts the next part: an article's neighbour is called "next" too.
    """
    links = [element for element, _ in index.first(selectors)]
    links += [link for link in around.iter("a") if _is_called_next(link, number + 1)]
    if not links:
        return None
    try:
        expected = {_bare(url) for url in _addresses(first, number + 1)}
    except ValueError:  # the page has no address
        return None
    urls = (_absolute(first, link.get("href") or "") for link in links)
    return next((url for url in urls if url and _bare(url) in expected), None)


def _is_called_next(link: Element, number: int) -> bool:
    text = link.text if len(link) == 0 else text_of(link)
    if text is None or len(text) > _LONGEST:
        return False
    text = fold(text).casefold()
    return text in _NEXT or text.strip(_EDGE) in _NEXT or text.strip(_EDGE) == str(number)


def joined(parts: Sequence[Article]) -> Article:
    """Return the first part with the text, pictures and files of those that follow it."""
    if len(parts) == 1:
        return parts[0]
    images = {image.url: image for part in reversed(parts) for image in reversed(part.images)}
    files = {file.url: file for part in reversed(parts) for file in reversed(part.attachments)}
    rule = parts[0].provenance.get("body", "")
    return replace(
        parts[0],
        body="\n\n".join(part.body for part in parts if part.body),
        body_html="\n".join(part.body_html for part in parts if part.body_html),
        images=tuple(reversed(images.values())),
        attachments=tuple(reversed(files.values())),
        links=tuple(link for part in parts for link in part.links or ()),
        provenance=parts[0].provenance | {"body": f"{rule}, {len(parts)} parts"},
    )


def _addresses(first: str, number: int) -> Iterator[str]:
    """Yield where CMSs put the `number`-th part of the article at an address; TRS counts from 0."""
    parts = urlsplit(first)
    folder, _, name = parts.path.rpartition("/")
    stem, dot, ending = name.rpartition(".") if "." in name else (name, "", "")
    if stem.endswith(("-1", "_1")):
        yield urlunsplit(parts._replace(path=f"{folder}/{stem[:-1]}{number}{dot}{ending}"))
    for suffix in (f"_{number}", f"-{number}", f"{number}", f"_{number - 1}"):
        yield urlunsplit(parts._replace(path=f"{folder}/{stem}{suffix}{dot}{ending}"))
    bare = parts.path.rstrip("/")
    for tail in (f"/{number}", f"/page/{number}", f"/p{number}"):
        yield urlunsplit(parts._replace(path=bare + tail))
    query = [
        pair for pair in parse_qsl(parts.query, keep_blank_values=True) if pair[0].lower() not in _PARAMETERS
    ]
    for name in _PARAMETERS:
        yield urlunsplit(parts._replace(query=urlencode([*query, (name, str(number))])))


def _bare(url: str) -> str:
    """Return an address without what differs between two links to one page."""
    parts = urlsplit(url)
    query = urlencode(sorted((name.lower(), value) for name, value in parse_qsl(parts.query)))
    return f"{parts.netloc.removeprefix('www.')}{parts.path.rstrip('/')}?{query}"


def _absolute(base: str, href: str) -> str | None:
    try:
        url = urljoin(base, href.strip())
        return url if urlsplit(url).scheme in ("http", "https") else None
    except ValueError:
        return None
