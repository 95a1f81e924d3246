"""Which articles another look is due at: bands of age go in, what is known and due comes out. Reads only.

The one place that says how old an article is and when it was looked at long enough ago, for what a listing
shows and for what it does not.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    bindparam,
    case,
    func,
    literal,
    null,
    or_,
    select,
)

from storage.catalog import articles, listed, listings, unread
from storage.records import Band, Known

Text = ColumnElement[Any]

_UNSURE = "missing"  # one that found nothing is confirmed by the next run


_LINE = (listed.c.line, listed.c.rank)
_AT_ONCE = 400  # ids in one query; SQLite once stopped at 999 parameters


def known(
    connection: Connection, site: str, seed: str, ids: Sequence[str], bands: Sequence[Band], now: str
) -> dict[str, Known]:
    """Return what is known of the ids listed at `seed`: articles, and addresses that gave none."""
    found: dict[str, Known] = {}
    values = {"site": site, "seed": seed} | _values(bands, now)
    for start in range(0, len(ids), _AT_ONCE):
        some = {"some": ids[start : start + _AT_ONCE]}
        for query in _asked_for(len(bands)):
            found |= {row.id: _known(row) for row in connection.execute(query, values | some)}
    return found


@cache
def _asked_for(bands: int) -> tuple[Select[Any], ...]:
    """Return the queries of `known`; building them takes longer than answering them. An article wins."""
    some: BindParameter[Any] = bindparam("some", expanding=True)
    return tuple(query.where(query.selected_columns[0].in_(some)) for query in (_unread(bands), _kept(bands)))


def due(site: str, bands: Sequence[Band], now: str, run: int) -> Select[Any]:
    """Return the query for (id, url) of the site's articles that are due and not yet looked at in `run`."""
    return (
        select(articles.c.id, articles.c.url)
        .where(articles.c.site == site, articles.c.last_run != run)
        .where(_article_is_due(len(bands)))
        .order_by(_age().desc(), articles.c.id)
        .params(_values(bands, now))
    )


def _kept(bands: int) -> Select[Any]:
    columns = (articles.c.id, articles.c.site, articles.c.url, articles.c.state)
    joined = articles.outerjoin(listed, _stands(articles.c.id))
    return select(*columns, *_LINE, _article_is_due(bands).label("due")).select_from(joined)


def _unread(bands: int) -> Select[Any]:
    columns = (unread.c.article_id.label("id"), unread.c.site, unread.c.url, null().label("state"))
    joined = unread.outerjoin(listed, _stands(unread.c.article_id))
    return select(*columns, *_LINE, _unread_is_due(bands).label("due")).select_from(joined)


def _stands(key: Text) -> ColumnElement[bool]:
    here = (listings.c.site == bindparam("site")) & (listings.c.seed == bindparam("seed"))
    listing = select(listings.c.id).where(here).scalar_subquery()
    return and_(listed.c.article_id == key, listed.c.listing_id == listing)


def _values(bands: Sequence[Band], now: str) -> dict[str, str]:
    """Return what the conditions below are filled in with."""
    since = {f"since_{at}": band.since for at, band in enumerate(bands)}
    return {"now": now} | since | {f"before_{at}": band.looked_before for at, band in enumerate(bands)}


def _known(row: Row[Any]) -> Known:
    return Known(row.id, row.site, row.url, row.state, bool(row.due), row.line, row.rank)


def _age() -> Text:
    """Return the day an article is dated to: its release or, when later, its last edit."""
    released = func.coalesce(articles.c.release_time, articles.c.first_seen)
    edited = case((articles.c.last_changed > articles.c.first_seen, articles.c.last_changed), else_=released)
    return func.substr(case((edited > released, edited), else_=released), 1, 10)


def _article_is_due(bands: int) -> ColumnElement[bool]:
    """Return whether a row of `articles` is due."""
    return (articles.c.state == _UNSURE) | _is_old(articles.c.looked_at, _age(), bands)


def _unread_is_due(bands: int) -> ColumnElement[bool]:
    """Return whether a row of `unread` is due; one without a day counts as new as its last look.

    An alias never is: the article behind it is looked at on its own account.
    """
    day = func.substr(func.coalesce(unread.c.released, unread.c.looked_at), 1, 10)
    old = _is_old(unread.c.looked_at, day, bands)
    return (unread.c.look == "error") | ((unread.c.look != "alias") & old)


def _is_old(looked_at: Text, day: Text, bands: int) -> ColumnElement[bool]:
    """Return whether the last look lies as far back as the band of that day asks.

    A look in the future was dated by a clock that was wrong: it counts as none. So does one that failed in
    passing, which has no time: it is made again by the next run, whatever the age.
    """
    whens: list[Any] = [(day >= bindparam(f"since_{at}"), bindparam(f"before_{at}")) for at in range(bands)]
    latest = case(*whens, else_=literal("")) if whens else literal("")
    return or_(looked_at <= latest, looked_at > bindparam("now"))
