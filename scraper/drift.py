"""How a site's pages read in one run, held against how they read before. Pure.

Coverage is what a run saw of a listing's articles. A drift is a way in which it fell: the pages answer as
they always did but no longer read as they did, so it is our reading that is in doubt and not the articles.
"""

from __future__ import annotations

from array import array
from bisect import insort
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from scraper.normalize.text import squash
from storage.records import Article, SiteOutcome

LEAST = 5  # articles or items from which on a share tells something
# What an answered page can be instead of an article without the article being gone.
UNREADABLE = frozenset(
    (
        "captcha",
        "empty",
        "intranet_only",
        "js_challenge",
        "js_redirect",
        "login_wall",
        "meta_refresh",
        "no_content",
    )
)
FIELDS = ("release_time", "views", "section")
_READ = frozenset(("articles", "body", *FIELDS))  # what coverage says of articles that were read
_USUAL = 0.9  # a field that so many of a list's articles show is expected of the next
_SHARE = 0.5  # of what was: a field shown by less, a list with fewer, has drifted
_SHRUNK = 0.35  # of what was: a shorter body has shrunk
_SHORT = 80  # characters: a body this short has nothing to shrink from
_SPREAD = 0.3  # of a listing's known articles: a loss that so many share is no single edit
_LOOKED_BACK = 20  # runs searched for one that went well

Coverage = Mapping[str, float]


@dataclass(slots=True)
class Tally:
    """The articles of one listing as they read in this run, and what its pages told.

    `items` is how many they listed, `total_items` how many the list claims to have, `unread` how many of the
    items gave no article; `day_first` what their dates prove of the order of day and month.
    """

    articles: int = 0
    shown: Counter[str] = field(default_factory=Counter)
    bodies: array[int] = field(default_factory=lambda: array("q"))  # their lengths in order
    items: int | None = None
    total_items: int | None = None
    unread: int | None = None
    day_first: bool | None = None

    def add(self, article: Article) -> None:
        """Count an article that was read."""
        self.articles += 1
        self.shown.update(name for name in FIELDS if is_shown(article, name))
        insort(self.bodies, len(article.body))

    def coverage(self) -> dict[str, float]:
        """Return the figures as they are kept: counts, shares, and the median length of a body."""
        names = ("items", "total_items", "unread", "day_first")
        told = {name: getattr(self, name) for name in names}
        found = {name: float(value) for name, value in told.items() if value is not None}
        if self.articles:
            found |= {"articles": self.articles, "body": _middle(self.bodies)}
            found |= {name: round(self.shown[name] / self.articles, 3) for name in FIELDS}
        return found


def _middle(ordered: Sequence[int]) -> float:
    """Return the median of numbers in order: asked for at every commit, so nothing is sorted here."""
    return (ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2


def is_shown(article: Article, name: str) -> bool:
    """Tell whether the article's own page shows the field, and it is not lent by the list or the config."""
    lent = article.provenance.get(name) in ("listing", "config")
    return getattr(article, name) is not None and not lent


def expected(outcomes: Iterable[SiteOutcome]) -> dict[str, Coverage]:
    """Return what is known of each listing from the newest runs that went well; `outcomes` newest first."""
    found: dict[str, dict[str, float]] = {}
    for _, outcome in zip(range(_LOOKED_BACK), outcomes, strict=False):
        if outcome.outcome == "done":
            for seed, coverage in outcome.coverage.items():
                known = found.setdefault(seed, {})
                few = coverage.get("articles", 0) < LEAST  # a look at so few says little of how a list reads
                told = {name: value for name, value in coverage.items() if not (few and name in _READ)}
                known |= {name: value for name, value in told.items() if name not in known}
    return dict(found)


def drifts(before: Coverage, now: Coverage) -> Iterator[tuple[str, str]]:
    """Yield (name, sentence) for each way in which a listing's coverage fell."""
    if min(before.get("articles", 0), now.get("articles", 0)) >= LEAST:
        for name in FIELDS:
            was, left = before.get(name, 0), now.get(name, 0)
            if was >= _SHARE and left < _SHARE * was:
                yield f"field_lost:{name}", f"{left:.0%} of the articles show {_word(name)}, {was:.0%} did"
        if before["body"] >= _SHORT and now["body"] < _SHRUNK * before["body"]:
            yield "bodies_shrank", f"bodies have {now['body']:.0f} characters, they had {before['body']:.0f}"
    if (was := before.get("items", 0)) and (items := now.get("items")) is not None:
        if not items:
            yield "empty_listing", f"the list is empty, it had {was:.0f} items"
        elif was >= LEAST and items < _SHARE * was:
            yield "listing_shrank", f"the list has {items:.0f} items, it had {was:.0f}"


def losses(kept: Article, article: Article) -> frozenset[str]:
    """Return the fields that read worse than the kept record; a changed title is one if others share it."""
    lost = {
        name for name in ("release_time", "section") if is_shown(kept, name) and not is_shown(article, name)
    }
    if squash(kept.title) != squash(article.title):
        lost.add("title")
    if len(kept.body) >= _SHORT and len(article.body) < _SHRUNK * len(kept.body):
        lost.add("body")
    return frozenset(lost)


def is_unusual(before: Coverage, article: Article) -> bool:
    """Tell whether a new article reads worse than those of its list did: a field short, or most of a body."""
    lacks = any(before.get(name, 0) >= _USUAL and not is_shown(article, name) for name in FIELDS)
    usual = before.get("body", 0)
    return lacks or (usual >= _SHORT and len(article.body) < _SHRUNK * usual)


def is_spread(lost: int, read: int) -> bool:
    """Tell whether a loss is the site's and not one article's: `lost` of `read` known articles share it."""
    return (lost >= 2 and lost > 0.5 * read) or (lost >= 3 and lost >= _SPREAD * read)


def spread(cases: Collection[frozenset[str]], read: int) -> frozenset[str]:
    """Return the fields whose loss is the site's; `cases` are the losses of single articles, of `read`."""
    count = Counter(name for case in cases for name in case)
    return frozenset(name for name in count if is_spread(count[name], read))


def name_of(lost: str) -> str:
    """Return the drift's name for a field that articles lost."""
    return "bodies_shrank" if lost == "body" else f"field_lost:{lost}"


def _word(name: str) -> str:
    return {"release_time": "a release time", "section": "a section"}.get(name, name)
