"""JSON in, the records of its list as a listing out: JSON Feed, WordPress REST, what scripts load. Pure.

Which keys mean what is a table; the list is the first array, from the outside in, whose records have a title
and an address.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit, urlunsplit

from scraper.discover.dating import Conventions
from scraper.discover.links import is_beacon, resolve
from scraper.discover.listing import Item, Listing
from scraper.discover.markup import plain
from scraper.page import Page

# Keys in lower case without `_` and `-`, the most telling first.
_TITLE = ("title", "headline", "subject", "newstitle", "articletitle", "wbtitle", "name")
_URL = (
    "url",
    "externalurl",
    "link",
    "href",
    "linkurl",
    "visiturl",
    "articleurl",
    "newsurl",
    "pageurl",
    "permalink",
)
_DATE = (
    "datepublished", "date", "publishtime", "publishdate", "pubdate", "releasetime", "releasedate",
    "published", "publishedat", "showdate", "wbdate", "time", "createtime", "createdat", "created",
)  # fmt: skip
_CHANGED = ("datemodified", "modified", "updatetime", "updatedat", "updated")
_VIEWS = ("views", "viewcount", "visitcount", "clicks", "hits", "readcount", "clicknum", "pv")
_NEXT = ("nexturl", "nextpageurl", "nextlink", "next")
_ITEMS_IN_ALL = ("total", "totalitems", "totalcount", "totalelements", "recordcount", "totalnum", "allcount")
_PAGES_IN_ALL = ("totalpages", "totalpage", "pagecount", "allpages", "pages")

_MOST, _NODES, _DIGITS = 50_000, 20_000, 18
_EPOCH = range(631_152_000, 4_102_444_800)  # seconds: 1990 to 2100
_PER_PAGE = 10  # what WordPress sends unless asked for another number

Record = Mapping[str, object]


def read_json(page: Page) -> Listing | None:
    """Return the list of a JSON document; None where it is no JSON, a `problem` where it is of no use."""
    try:
        root = json.loads(page.text.strip(), parse_int=_int)
    except RecursionError:
        return Listing(preset="json", problem="too_deep")
    except ValueError:
        return None
    kind, holder, records = _find(root)
    how = Conventions.of_host(page)
    items = tuple(item for record in records if (item := _item(record, page.base_url, how)))
    following = _next(page.base_url, holder, kind, len(records)) if items else None
    return Listing(
        items=items,
        next=following if following != page.base_url else None,
        total_pages=_count(holder, _PAGES_IN_ALL),
        total_items=_count(holder, _ITEMS_IN_ALL),
        preset=kind,
        problem=None if items or records or root == [] else "no_list",
        provenance={"items": kind} if items else {},
    )


def _find(root: object) -> tuple[str, Record, Sequence[Record]]:
    """Return the kind of document, the object that holds its list, and the list."""
    queue: deque[tuple[object, Record]] = deque([(root, {})])
    for _ in range(_NODES):
        if not queue:
            break
        node, holder = queue.popleft()
        if isinstance(node, dict):
            own = _lowered(node)
            queue.extend(
                (value, own | {"": holder}) for value in node.values() if isinstance(value, dict | list)
            )
        elif isinstance(node, list):
            records = [_lowered(each) for each in islice(node, _MOST) if isinstance(each, dict)]
            if any(_has(record, _TITLE) and _has(record, _URL) for record in records[:20]):
                return _kind(holder, records), holder, records
            queue.extend((each, holder) for each in islice(node, 100) if isinstance(each, dict | list))
    return "json", {}, ()


def _kind(holder: Record, records: Sequence[Record]) -> str:
    if "jsonfeed.org" in str(holder.get("version", "")):
        return "json_feed"
    title = next((record["title"] for record in records if "title" in record), None)
    return "wp_json" if isinstance(title, dict) and "rendered" in title else "json"


def _item(record: Record, base: str, how: Conventions) -> Item | None:
    texts = (value for key in _URL if isinstance(value := record.get(key), str) and value.strip())
    url = next((url for text in texts if (url := resolve(base, text.strip())) and not is_beacon(url)), None)
    if url is None:
        return None
    titles = (_string(record.get(key)) for key in _TITLE)
    views = next((value for key in _VIEWS if isinstance(value := record.get(key), int)), None)
    changed = _time(record, _CHANGED, how)
    title = plain(next(filter(None, titles), ""))
    return Item(url, title, _time(record, _DATE, how), views, modified=changed)


def _time(record: Record, keys: Iterable[str], how: Conventions) -> str | None:
    for key in keys:
        value = record.get(key)
        if isinstance(value, int) and (seconds := value if value in _EPOCH else value // 1000) in _EPOCH:
            return datetime.fromtimestamp(seconds, UTC).isoformat()
        found = next(how.times(value), None) if isinstance(value, str) else None
        if found:
            return _zoned(found.value, record.get(key + "gmt"))
    return None


def _zoned(local: str, universal: object) -> str:
    """Return a local time with the offset that the same moment in UTC proves (WordPress gives both)."""
    if not isinstance(universal, str):
        return local
    try:
        here = datetime.fromisoformat(local).replace(tzinfo=UTC)
        there = datetime.fromisoformat(universal).replace(tzinfo=UTC)
    except ValueError:
        return local
    minutes = round((here - there).total_seconds() / 60)
    if abs(minutes) > 14 * 60:
        return local
    sign = "-" if minutes < 0 else "+"
    return f"{local[:19]}{sign}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"


def _next(url: str, holder: Record, kind: str, count: int) -> str | None:
    """Return the next page as the document links it; of WordPress the next number while pages are full."""
    stated = next((value for key in _NEXT if isinstance(value := holder.get(key), str) and value), None)
    if stated:
        return resolve(url, stated)
    parts = urlsplit(url)
    asked = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    full = _number(asked.get("per_page")) or _PER_PAGE
    if kind != "wp_json" or count < full:
        return None
    pairs = [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if pair[0] != "page"]
    pairs.append(("page", str((_number(asked.get("page")) or 1) + 1)))
    return urlunsplit(parts._replace(query=urlencode(pairs)))


def _count(holder: Record, keys: Iterable[str]) -> int | None:
    """Return the first count that is given, in the object that holds the list or in one around it."""
    around: object = holder
    while isinstance(around, Mapping) and around:
        for key in keys:
            if (number := _number(around.get(key))) is not None:
                return number
        around = around.get("")
    return None


def _number(value: object) -> int | None:
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _string(value: object) -> str:
    inner = value.get("rendered") if isinstance(value, dict) else value
    return inner if isinstance(inner, str) else ""


def _has(record: Record, keys: Iterable[str]) -> bool:
    return any(key in record for key in keys)


def _lowered(record: Mapping[str, object]) -> dict[str, object]:
    return {key.casefold().replace("_", "").replace("-", ""): value for key, value in record.items()}


def _int(digits: str) -> int | float:
    """Return a number, as a float where it has more digits than a count: Python refuses 4,300 of them."""
    return int(digits) if len(digits) <= _DIGITS else float(digits[:300])
