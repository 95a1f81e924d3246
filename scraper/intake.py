"""Articles that were read, on their way into the archive; held until what they teach is learned.

visit -> study: pages no layout fits wait until there are enough to learn one, and are read by it
      -> doubt: what reads worse than the record kept waits until the site shows whose doing that is
      -> put: baseline, look, version

The one writer's thread only. A task is done when its article is put: one that is held when the run is killed
is read again by whoever goes on with it, from what is kept of its answers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import partial

from scraper import drift
from scraper.aim import Aim
from scraper.baseline import baseline_of, with_details
from scraper.config import Site
from scraper.desk import ENOUGH, Desk, Held
from scraper.extract import article_id
from scraper.learned import FEWEST, Layout
from scraper.lessons import layout_of
from scraper.lost import UNREADABLE, Losses
from scraper.rulebook import Rulebook
from scraper.shelf import Shelf, with_views_of
from scraper.siterun import SiteRun
from scraper.visit import Visit, dated
from storage import Archive, records
from storage.ladder import Look
from storage.records import Article, Capture, Problem, Unread

COMMIT_EVERY = 1.0  # seconds between acknowledgements: what a kill can cost

_NEW = "a new article of a list that reads worse than it did: left for a later run"


class Intake:
    """The way of a run's articles into the archive."""

    def __init__(self, archive: Archive, book: Rulebook, now: Callable[[], datetime], aim: Aim) -> None:
        self._archive, self._book, self._now, self._aim = archive, book, now, aim
        self._shelf = Shelf(archive, book)
        self._desks: dict[str, Desk] = defaultdict(Desk)
        self._losses = Losses()

    def take(self, came: Visit, article: Article, capture: Capture, state: SiteRun) -> None:
        """Take in an article that was read; its task is done at once, or when it is released."""
        held, desk = _held(came, article, capture), self._desks[state.site.name]
        if self._is_alias(held, self._archive.article(article.id), state):
            return
        if held.unfit and held.task.kind == "article" and held.task.seed not in desk.learned:
            self._hold(held)
            desk.studies[held.task.seed].append(held)
            if len(desk.studies[held.task.seed]) >= ENOUGH:
                self._learn(held.task.seed, state, ENOUGH)
        else:
            self._weigh(held, state)

    def take_past(
        self, came: Visit, article: Article, capture: Capture, state: SiteRun, at: datetime
    ) -> None:
        """Put an article from a page captured at that time: nothing waits, nothing is learned from it."""
        self._put(replace(_held(came, article, capture), page=None, at=at), state)

    def _hold(self, held: Held) -> None:
        """Let whoever goes on with the run read the article from what is kept, in place of asking again."""
        self._archive.note(replace(held.task, answered=True).to_row())

    def _is_alias(self, held: Held, kept: Article | None, state: SiteRun) -> bool:
        """Tell whether the page is another address of a kept article, whose own is asked for too."""
        if kept is None or kept.url in (held.task.url, held.article.url):
            return False
        state.counts["alias"] += 1
        self._note_alias(held, state)
        self._archive.done(held.task.url)
        return True

    def settle(self, state: SiteRun) -> None:
        """Learn from what waits, be it little: nothing more will come of the site's lists."""
        for seed in list(self._desks[state.site.name].studies):
            self._learn(seed, state, FEWEST)

    def judge(self, state: SiteRun) -> None:
        """Decide on every article in doubt: what many of its list share is the site's drift, not an edit."""
        desk = self._desks[state.site.name]
        for seed, doubts in desk.doubts.items():
            cases = [
                desk.lost(held, state.known[seed]) if self._aim.judges else frozenset() for held in doubts
            ]
            known = [lost for held, lost in zip(doubts, cases, strict=True) if held.known]
            spread = drift.spread(known, state.known[seed])
            for held, lost in zip(doubts, cases, strict=True):
                drifted = lost & (spread | {"title"}) if held.known else spread
                whole = None if drifted else self._read_again(held, state.site)
                if whole is not None:
                    self._put(whole, state)
                    continue
                self._refuse(held, lost, state)
                for name in drifted:
                    told = f"{sum(name in each for each in known)} of {state.known[seed]} articles lost it"
                    state.drifted.setdefault(drift.name_of(name), told)
        desk.doubts.clear()

    def _learn(self, seed: str, state: SiteRun, enough: int) -> None:
        """Learn the layout of the pages that wait, and let them go on, read by it where there is one.

        Another list of the site may have taught a layout since that fits them: then they go on by that.
        """
        desk = self._desks[state.site.name]
        again = [
            self._read_again(held, state.site) or held
            for held in desk.studies.pop(seed)
            if held.page is not None
        ]
        waiting = [held for held in again if held.unfit]
        for held in again:
            if not held.unfit:
                self._weigh(held, state)
        if not waiting or len(waiting) < enough == ENOUGH:
            desk.studies[seed] += waiting
            return
        self._study(seed, waiting, state)
        for held in waiting:
            self._weigh(held, state)

    def _study(self, seed: str, waiting: list[Held], state: SiteRun) -> None:
        """Keep what the pages teach; where they teach nothing and once did, the site has drifted."""
        pages = [(held.page, held.preset) for held in waiting if held.page is not None]
        layout = layout_of(pages, state.site, self._book.newest(state.site.name) + 1)
        self._desks[state.site.name].learned[seed] = layout
        misfits = [held.misfit for held in waiting if held.misfit is not None]
        if layout is not None:
            self._keep(layout, seed, waiting, state)
        elif len(misfits) >= ENOUGH and self._aim.accept:
            base, revision = waiting[0].preset, self._book.newest(state.site.name) + 1
            self._keep(Layout(base.name, base.revision, revision), seed, waiting, state)
        elif len(misfits) >= ENOUGH and self._aim.judges:
            told = f"{len(misfits)} pages: {misfits[0]}, and no new layout"
            state.drifted.setdefault("layout_misfit", told)

    def _keep(self, layout: Layout, seed: str, taught_by: list[Held], state: SiteRun) -> None:
        site, at = state.site.name, self._now().isoformat(timespec="seconds")
        ids = tuple(held.article.id for held in taught_by)
        self._book.add(site, seed, layout)
        self._archive.keep_layout(records.Layout(site, layout.revision, seed, at, layout.to_json(), ids))
        state.counts["layouts"] += 1

    def _weigh(self, held: Held, state: SiteRun) -> None:
        """Put an article that reads as well as what is kept of it, hold one that does not."""
        desk = self._desks[state.site.name]
        seed = held.task.seed
        if held.unfit and held.page is not None and desk.learned.get(seed) is not None:
            held = self._read_again(held, state.site) or held
        article = held.article
        kept = self._archive.article(article.id)
        lost = drift.losses(kept, article) if kept is not None else frozenset()
        if held.task.kind == "article":
            state.tallies[seed].add(article)
        state.known[seed] += kept is not None
        desk.meet(article)
        if lost or (kept is None and self._is_open(article, seed, state)):
            self._hold(held)
            light = replace(article, body="", body_html="")  # its text is read again from the capture
            desk.doubts[seed].append(
                replace(held, article=light, page=None, lost=lost, known=kept is not None)
            )
        else:
            self._put(held, state)

    def _is_open(self, article: Article, seed: str, state: SiteRun) -> bool:
        """Tell whether a new article has to wait until its list has shown that it reads as it did.

        That is one unlike those before it, or with a title that others have too.
        """
        if not self._aim.judges or seed not in state.before:
            return False
        desk = self._desks[state.site.name]
        odd = drift.is_unusual(state.before[seed], article) or desk.alike(article) > 1
        return odd and not desk.is_sound(seed, state.known[seed])

    def _read_again(self, held: Held, site: Site) -> Held | None:
        """Return the article as the book reads it now, with the views and files it came with.

        Null where it is none any more, and where a page of it was let go and cannot be read back.
        """
        further = partial(self._shelf.part, site=site)
        try:
            page = held.page or self._shelf.page(held.article.url, held.capture, site)
            reading = self._book.read(page, site, held.task.seed, held.task.section, follow=further)
        except UNREADABLE as error:
            self._losses.tell(held.capture, error)
            return None
        article = reading.extraction.article
        if article is None:
            return None
        files = with_details(article.attachments, held.article.attachments)
        article = replace(dated(article, held.task), attachments=files)
        if held.article.views_source != "static" or article.views is None:
            article = with_views_of(article, held.article)
        article = replace(article, views_observed_at=held.article.views_observed_at)
        return replace(held, article=article, unfit=reading.unfit)

    def _refuse(self, held: Held, lost: frozenset[str], state: SiteRun) -> None:
        """Leave the record as it was, and say that the page reads worse than it."""
        now = self._now()
        told = f"reads worse: {', '.join(sorted(lost))}; its record stays as it was" if held.known else _NEW
        stamp = now.isoformat(timespec="seconds")
        self._archive.report_problem(Problem(state.site.name, held.task.url, "drift", told, stamp))
        if self._archive.look(held.article.id, "error", now=now, reason="drift") is None:
            passed = Unread(held.article.id, state.site.name, held.task.url, None, "error", "drift")
            self._archive.pass_over(passed, now=now)
        state.counts["drift"] += 1
        self._archive.done(held.task.url)

    def _put(self, held: Held, state: SiteRun) -> None:
        article = held.article
        kept = self._archive.article(article.id)
        baseline = None
        if held.at is None and self._is_alias(held, kept, state):  # both were new, and waited
            return
        if kept is not None:
            article = replace(article, attachments=with_details(article.attachments, kept.attachments))
            baseline = baseline_of(kept, article, self._kept_again(kept, article, held.task.seed, state.site))
        look = held.look
        if look == "unlisted" and not self._is_unlisted(article.id, state):
            look = "seen" if self._archive.is_listed(article.id) else "alive"
        moved = held.moved and (held.at is None or _is_as_safe(article.url, kept))
        made = self._archive.put(
            article, held.capture, now=held.at or self._now(), look=look, baseline=baseline, moved=moved
        )
        self._note_alias(held, state)
        self._note_led_on(held, state)
        state.counts["articles"] += 1
        state.counts[made.reason if made else "same"] += 1
        self._archive.done(held.task.url)

    def _note_alias(self, held: Held, state: SiteRun) -> None:
        """Keep that a listed address leads to an article under another id: it is no news next time."""
        listed = article_id(held.task.url)
        if held.task.kind == "article" and listed != held.article.id:
            day = held.task.release_time
            alias = Unread(listed, state.site.name, held.task.url, day, "alias", held.article.id)
            self._archive.pass_over(alias, now=self._now())

    def _note_led_on(self, held: Held, state: SiteRun) -> None:
        """Keep the look at a known article whose address leads to another article now: it was made."""
        own = held.task.article_id or article_id(held.task.url)
        if own == held.article.id or self._archive.article(own) is None:
            return
        look: Look = "seen" if held.task.kind == "article" else "alive"
        if self._is_unlisted(own, state):
            look = "unlisted"
        self._archive.look(own, look, now=self._now(), reason=look)

    def _is_unlisted(self, key: str, state: SiteRun) -> bool:
        """Absence proves something only on the lists that were walked whole, or as far down."""
        return self._archive.is_unlisted(key, state.site.name, state.walked())

    def _kept_again(self, kept: Article, article: Article, seed: str, site: Site) -> Article | None:
        """Extract the kept capture again where the rules moved, so that like is compared with like.

        They also move without a new revision, by what is newer in the program: what looks like an edit must
        be one to the rules of now.
        """
        same = (kept.extractor, kept.content_digest) == (article.extractor, article.content_digest)
        if kept.capture is None or same:
            return None
        follow = partial(self._shelf.part, site=site, earlier=True)
        try:
            return self._shelf.read(kept, kept.capture, site, seed, follow=follow).extraction.article
        except UNREADABLE as error:  # what is read now is compared with the record as it is
            self._losses.tell(kept.capture, error)
            return None


def _is_as_safe(url: str, kept: Article | None) -> bool:
    """Tell whether an address of the past may replace the kept one: never http an https."""
    return kept is None or url.startswith("https:") or not kept.url.startswith("https:")


def _held(came: Visit, article: Article, capture: Capture) -> Held:
    read = came.reading
    assert read is not None
    return Held(
        came.task,
        came.look or "seen",
        article,
        capture,
        came.page,
        read.preset,
        read.unfit,
        read.misfit,
        moved=came.moved,
    )
