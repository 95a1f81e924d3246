"""An article in, the same as Markdown (CommonMark with tables) out: title, facts, body, files. Pure.

What the page wrote stays text: no title, name or address of it can become a heading, a link or HTML.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import islice
from urllib.parse import quote

from bs4 import BeautifulSoup, Tag
from markdownify import MarkdownConverter

from scraper.terminal import inert, safe
from storage.records import Article

_MOST_ELEMENTS = 50_000  # of a body; past these bounds its text is given without markup
_MOST_CHILDREN = 2_000  # of one list or table head, where the library counts each from the first
_WIDEST = 50  # columns a cell may span
_MOST_AROUND = 20  # tables around a table
_GAP = re.compile(r"\s{100,}")  # the library takes the square of its length
_FACTS = ("release_time", "views", "section", "author", "source", "editor", "language")
_LABELS = {"release_time": "released"}
_NOT_IN_ADDRESS = re.compile(r"[\s<>()\\|\"`]")
_BARE_PIPE = re.compile(r"(?<!\\)\|")
_BLANK = re.compile(r"\s*\n\s*|\s{2,}")
_TICKS = re.compile("`+")
# Next to a letter such a sign keeps `**` from opening or closing, so it goes outside.
_SIGNS = "，。、；：！？）》」』】”’…（《「『【“‘:;,!?"
_SIGNED = re.compile(rf"([{_SIGNS}]*)(.*?)([{_SIGNS}]*)", re.DOTALL)

Convert = Callable[["_Converter", Tag, str, set[str]], str]


def to_markdown(article: Article) -> str:
    """Return the article as one Markdown document, ending in a line break."""
    facts = ((name, getattr(article, name)) for name in _FACTS)
    lines = [
        f"- {_LABELS.get(name, name)}: {_text(str(value))}" for name, value in facts if value is not None
    ]
    files = [f"- [{_text(file.name or 'file')}]({_address(file.url)})" for file in article.attachments]
    parts = [
        f"# {_text(article.title)}",
        "\n".join([*lines, f"- address: <{_address(article.url)}>"]),
        _body(article),
        "\n".join(["attachments:", "", *files]) if files else "",
    ]
    return "\n\n".join(filter(None, parts)) + "\n"


def _body(article: Article) -> str:
    soup = BeautifulSoup(_GAP.sub(" " * 99, inert(article.body_html)), "lxml")
    try:
        if _is_bounded(soup):
            _lay_out(soup)
            return str(_Converter().convert_soup(soup)).strip()
    except RecursionError:  # nested deeper than the library follows
        pass
    return "\n\n".join(_text(paragraph) for paragraph in article.body.split("\n\n"))


def _text(text: str) -> str:
    """Return one line of plain text, every sign of Markdown and HTML escaped."""
    return str(_PLAIN.escape(safe(text).strip(), set()))


def _address(url: str) -> str:
    """Return an address that ends where it should, whatever stands around it."""
    return _NOT_IN_ADDRESS.sub(lambda found: quote(found[0]), url)


def _is_bounded(soup: BeautifulSoup) -> bool:
    most = next(islice(soup.descendants, _MOST_ELEMENTS, None), None)
    return (
        most is None
        and all(len(each.contents) <= _MOST_CHILDREN for each in soup.find_all(["ol", "thead"]))
        and all(len(each.find_parents("table")) <= _MOST_AROUND for each in soup.find_all("table"))
    )


def _lay_out(soup: BeautifulSoup) -> None:
    """Turn tables that only lay out a page into blocks, and give every row of the others all its cells."""
    for table in soup.find_all("table"):
        rows = [row for row in table.find_all("tr") if row.find_parent("table") is table]
        if table.find("table") or all(len(_cells(row)) < 2 for row in rows):
            for part in table.find_all(["caption", "thead", "tbody", "tfoot", "tr", "td", "th"]):
                if part.find_parent("table") is table:
                    part.name = "div"
            table.name = "div"
        else:
            _fill(soup, rows)


def _fill(soup: BeautifulSoup, rows: list[Tag]) -> None:
    """Put an empty cell wherever one from a row above reaches down."""
    reaching: dict[int, int] = {}  # column -> rows it still covers
    for row in rows:
        column = 0
        for cell in [*_cells(row), None]:
            while reaching.get(column, 0) > 0:
                reaching[column] -= 1
                empty = soup.new_tag("td")
                row.append(empty) if cell is None else cell.insert_before(empty)
                column += 1
            if cell is None:
                break
            wide, deep = _span(cell, "colspan"), _span(cell, "rowspan")
            cell["colspan"] = str(wide)
            reaching |= dict.fromkeys(range(column, column + wide), deep - 1)
            column += wide


def _cells(row: Tag) -> list[Tag]:
    return list(row.find_all(["td", "th"], recursive=False))


def _span(cell: Tag, name: str) -> int:
    value = str(cell.get(name, ""))
    return max(1, min(int(value), _WIDEST)) if value.isdecimal() else 1


def _in_one_block(convert: Convert) -> Convert:
    """Return emphasis that keeps off several paragraphs, and off the signs at its ends."""

    def emphasised(self: _Converter, el: Tag, text: str, parent_tags: set[str]) -> str:
        if "\n\n" in text.strip():
            return text
        found = _SIGNED.fullmatch(text)
        before, inner, after = found.groups() if found else ("", text, "")
        return f"{before}{convert(self, el, inner, parent_tags)}{after}"

    return emphasised


class _Converter(MarkdownConverter):  # type: ignore[misc]
    """The library's converter, with what it takes for pages of strangers."""

    class Options:
        """How Markdown is written here."""

        bullets = "-"
        escape_misc = True
        heading_style = "atx"
        keep_inline_images_in = ("td", "th")
        newline_style = "backslash"
        table_infer_header = True

    def convert_a(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        """Write a link on one line; one without an address is its text."""
        inner, href = _BLANK.sub(" ", text).strip(), str(el.get("href", ""))
        if not inner or not href or "_noformat" in parent_tags:
            return text
        return f"[{inner}]({_address(href)})"

    def convert_img(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        """Write a picture, its description as plain text."""
        src = str(el.get("src", ""))
        return f"![{_text(str(el.get('alt', '')))}]({_address(src)})" if src else ""

    def convert_hN(self, n: int, el: Tag, text: str, parent_tags: set[str]) -> str:
        """Write a heading one level lower: the first level is the article's title."""
        return str(super().convert_hN(n + 1, el, text, parent_tags))

    def convert_pre(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        """Write preformatted text in a fence that it cannot close itself."""
        fence = "`" * max([3, *(len(run) + 1 for run in _TICKS.findall(text))])
        inner = text.strip("\n")
        return f"\n\n{fence}\n{inner}\n{fence}\n\n" if inner else ""

    def convert_td(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        """Write a cell on one line, none of its signs a border."""
        return str(super().convert_td(el, _BARE_PIPE.sub(r"\\|", _BLANK.sub(" ", text)), parent_tags))

    convert_th = convert_td
    convert_b = convert_strong = _in_one_block(MarkdownConverter.convert_b)
    convert_em = convert_i = _in_one_block(MarkdownConverter.convert_em)
    convert_del = convert_s = _in_one_block(MarkdownConverter.convert_del)


_PLAIN = _Converter()
