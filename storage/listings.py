"""What stands on the listings of a run's sites, and what absence from them proves. Writes the catalogue."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import ColumnElement, Connection, Select, false, func, or_, select, true

from storage.catalog import articles, listed, listings, unread
from storage.journal import Journal
from storage.records import Line, Proof
from storage.statement import RunRows

_TOLD = ("line", "released", "rank")


class Listings:
    """The listings as one run walks them."""

    def __init__(self, connection: Connection, journal: Journal) -> None:
        self._connection, self._journal = connection, journal
        self._run = journal.run
        self._rows = RunRows(connection, self._run)

    def listed(self, site: str, seed: str, lines: Mapping[str, Line]) -> int:
        """Write that these articles stand on a listing in this run; return how many did not yet."""
        listing = self._listing(site, seed)
        here = (listed.c.listing_id == listing) & listed.c.article_id.in_(list(lines))
        before = {row.article_id: row for row in self._connection.execute(select(listed).where(here))}
        rows = [
            {"article_id": key, "listing_id": listing, "line": line.digest, "released": line.released}
            | {"rank": line.rank}
            for key, line in lines.items()
        ]
        self._rows.put(listed, rows)
        for row in rows:
            was = before.get(row["article_id"])
            if was is None or any(getattr(was, name) != row[name] for name in _TOLD):
                key = listing, row["article_id"]
                self._journal.tell("listed", key, row | {"run_id": self._run})
        return sum(key not in before or before[key].run_id != self._run for key in lines)

    def items(self, site: str, seed: str, *, first_seen_before: str | None = None) -> int:
        """Return how many addresses stood on a listing in this run, or of how many the article is older."""
        query = select(func.count()).select_from(listed).where(listed.c.run_id == self._run)
        query = query.where(listed.c.listing_id == self._listing(site, seed))
        if first_seen_before is not None:
            query = query.join(articles, articles.c.id == listed.c.article_id)
            query = query.where(articles.c.first_seen < first_seen_before)
        return self._connection.scalar(query) or 0

    def unread(self, site: str, seed: str) -> int:
        """Return how many addresses stood on a listing in this run of which no article is kept."""
        mine = (listed.c.run_id == self._run) & (listed.c.listing_id == self._listing(site, seed))
        query = select(func.count()).select_from(
            listed.join(unread, unread.c.article_id == listed.c.article_id)
        )
        return self._connection.scalar(query.where(mine, unread.c.look != "alias")) or 0

    def adopt(self, site: str, article_ids: Iterable[str], strays: Iterable[str]) -> None:
        """Let articles of sites that are no more be those of a site; what those listed says nothing now."""
        ids, strays = list(article_ids), list(strays)
        self._connection.execute(articles.update().where(articles.c.id.in_(ids)).values(site=site))
        theirs = select(listings.c.id).where(listings.c.site.in_(strays))
        stood = listed.c.article_id.in_(ids) & listed.c.listing_id.in_(theirs)
        self._connection.execute(listed.delete().where(stood))
        self._journal.change("adopted", {"site": site, "article_ids": ids, "strays": strays})

    def keep_listings(self, site: str, seeds: Iterable[str]) -> None:
        """Forget what stood on listings of the site that are not walked any more: none leaves those."""
        seeds = list(seeds)
        left = select(listings.c.id).where(listings.c.site == site, listings.c.seed.not_in(seeds))
        gone = self._connection.execute(listed.delete().where(listed.c.listing_id.in_(left))).rowcount
        mine = listings.c.id.in_(left) & listings.c.whole
        torn = self._connection.execute(listings.update().where(mine).values(whole=False)).rowcount
        if gone or torn:
            self._journal.change("forgotten", {"site": site, "seeds": seeds})

    def is_listed(self, article_id: str) -> bool:
        """Tell whether the article stood on any listing in this run."""
        mine = (listed.c.article_id == article_id) & (listed.c.run_id == self._run)
        return self._connection.execute(select(listed.c.run_id).where(mine)).first() is not None

    def is_whole(self, site: str, seed: str) -> bool:
        """Tell whether everything on the listing was met before."""
        query = select(listings.c.whole).where(listings.c.id == self._listing(site, seed))
        return bool(self._connection.scalar(query))

    def set_whole(self, site: str, seed: str, whole: bool) -> None:
        """Write whether everything on the listing was met."""
        listing = self._listing(site, seed)
        moved = (listings.c.id == listing) & (listings.c.whole != whole)
        if self._connection.execute(listings.update().where(moved).values(whole=whole)).rowcount:
            row = {"id": listing, "site": site, "seed": seed, "whole": whole}
            self._journal.tell("listings", listing, row)

    def unlisted(self, site: str, walked: Mapping[str, Proof]) -> list[tuple[str, str]]:
        """Return (id, url) of the articles on none of their listings any more and not yet hidden.

        One that is blocked is left to its look by age: asking every night would not open it.
        """
        fresh = self._gone(site, walked).where(articles.c.standing != "hidden", articles.c.state != "blocked")
        return [(row.id, row.url) for row in self._connection.execute(fresh)]

    def is_unlisted(self, article_id: str, site: str, walked: Mapping[str, Proof]) -> bool:
        """Tell whether the article left every listing it stood on."""
        query = self._gone(site, walked).where(articles.c.id == article_id)
        return self._connection.execute(query).first() is not None

    def _gone(self, site: str, walked: Mapping[str, Proof]) -> Select[tuple[str, str]]:
        """Return the query for the articles whose absence is proved by how far each listing was walked."""
        proved = [
            (listed.c.listing_id == self._listing(site, seed)) & _above(floor)
            for seed, floor in walked.items()
        ]
        absent = or_(false(), *proved)
        stands = (listed.c.run_id == self._run) | ~func.coalesce(absent, false())
        mine = select(listed.c.article_id).where(listed.c.article_id == articles.c.id)
        missed = select(listed.c.article_id).where(absent, listed.c.run_id != self._run)
        return (
            select(articles.c.id, articles.c.url)
            .where(articles.c.site == site, articles.c.standing != "withdrawn")
            .where(articles.c.id.in_(missed), ~mine.where(stands).exists())
            .order_by(articles.c.id)
        )

    def _listing(self, site: str, seed: str) -> int:
        query = select(listings.c.id).where(listings.c.site == site, listings.c.seed == seed)
        found = self._connection.scalar(query)
        if found is None:
            values = {"site": site, "seed": seed}
            found = self._connection.scalar(listings.insert().returning(listings.c.id), values)
            self._journal.tell("listings", found, values | {"id": found, "whole": False})
        return int(found or 0)


def _above(floor: Proof) -> ColumnElement[bool]:
    """Return whether a line stood where its absence is proved."""
    if floor == "":
        return true()
    return listed.c.rank > floor if isinstance(floor, int) else listed.c.released > floor
