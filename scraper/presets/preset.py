"""The form a CMS is described with. Pure data: a preset is one constant of this type in one small file.

All selectors are CSS. In each list of selectors the first that yields something wins.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class CounterRule:
    """How a CMS reports views: where the page names the counter, and what the request looks like.

    `pattern` is a regular expression over the page's source; its named groups fill `url` (relative to the
    page). `owns` must match the page's own article id group against its URL where several counters stand on
    one page; leave it empty to take the first.
    """

    pattern: str
    url: str
    method: str = "GET"
    answer: str = r"\s*(?:<span[^>]*>)?\s*(\d+)\s*(?:</span>)?\s*"
    zero_means_unknown: bool = False


@dataclass(frozen=True, slots=True)
class ArticleRules:
    """Where the fields of an article stand; what is left empty, or is not found there, the reader finds.

    `meta` is the line that holds several fields behind labels; the fields named singly go before it. `drop`
    is what stands inside the body without being of the article, `next_page` the link to the article's next
    page. `problems` are (selector, problem) pairs that make the page no article.
    """

    title: tuple[str, ...] = ()
    meta: tuple[str, ...] = ()
    release_time: tuple[str, ...] = ()
    views: tuple[str, ...] = ()
    author: tuple[str, ...] = ()
    source: tuple[str, ...] = ()
    editor: tuple[str, ...] = ()
    section: tuple[str, ...] = ()
    body: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    attachments: tuple[str, ...] = ()
    next_page: tuple[str, ...] = ()
    counters: tuple[CounterRule, ...] = ()
    problems: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class ListCounterRule:
    """How a CMS reports the views of all articles of a list in one request.

    `ids` is a regular expression over the page's source: its group holds one article number or several, and
    only numbers named so are asked for. `item` finds the number in the address of an item. `facts` are
    regular expressions whose named groups fill `url`, beside the numbers as `ids`; a parameter left empty is
    dropped. The answer is the counts in the order asked or, with `keys`, JSON objects of number and count.
    """

    ids: str
    item: str
    url: str
    facts: tuple[str, ...] = ()
    method: str = "GET"
    keys: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class ListingRules:
    """Where the items and the pages of a listing stand; what is left empty the reader finds.

    `items` is the element around the list, `pager` the one around the links to its other pages.
    """

    items: tuple[str, ...] = ()
    pager: tuple[str, ...] = ()
    counters: tuple[ListCounterRule, ...] = ()


@dataclass(frozen=True, slots=True)
class Preset:
    """One CMS: how to tell it, how to read it, what never to fetch.

    `marks` are pieces of its classes, its ids and the addresses in its head, letter for letter; `traces` are
    pieces of its scripts and links, only searched where the marks tell too little. The preset with the most
    different ones in a page wins, and it takes `enough` of them. `beacons` are regular expressions that match
    addresses which count a visit when fetched. `same_article` are (pattern, replacement) pairs over a SURT
    urlkey that give every address of one article the same key. `revision` goes up with every change of the
    rules.
    """

    name: str
    revision: int
    marks: tuple[str, ...] = ()
    traces: tuple[str, ...] = ()
    enough: int = 1
    article: ArticleRules = field(default_factory=ArticleRules)
    listing: ListingRules = field(default_factory=ListingRules)
    beacons: tuple[str, ...] = ()
    same_article: tuple[tuple[str, str], ...] = ()
