"""Crawls of a paper that changes its design: layouts learned and learned again, drift seen, records kept."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from scraper.cli import main
from scraper.config import load_config
from scraper.crawl import crawl
from scraper.demo.reply import Reply, Request
from storage import Archive
from storage.records import Article, Change, Run, SiteOutcome
from storage.verify import verify
from tests.conftest import StagedCampus, write_config
from tests.gazette import (
    SHARE,
    Design,
    Story,
    emptied,
    plain,
    plain_undated,
    plain_with_line,
    publish,
    redesigned,
    shell,
    shortened,
    stories,
)

pytestmark = pytest.mark.usefixtures("catalogue")

COUNT = 12


class Paper:
    """A gazette that is published in one design after the other, and crawled each time."""

    def __init__(self, small: Any, archive: Path) -> None:
        self.small, self.archive = small, archive
        self.stories = stories(COUNT)

    def crawl(self, design: Design | None = None, told: Sequence[Story] | None = None, **options: Any) -> Run:
        if design is not None:
            publish(self.small.pages, told or self.stories, design)
        return crawl(self.small.config(self.archive), **options)

    def articles(self) -> dict[int, Article]:
        with Archive.open(self.archive) as archive:
            return {int(each.url.rpartition("/")[2].split(".")[0]): each for each in archive.articles()}

    def texts(self) -> dict[int, tuple[str, str | None, str]]:
        return {number: (a.title, a.release_time, a.body) for number, a in self.articles().items()}

    def changes(self) -> list[Change]:
        with Archive.open(self.archive) as archive:
            return list(archive.changes())

    def outcome(self) -> SiteOutcome:
        with Archive.open(self.archive) as archive:
            return archive.sites(archive.runs()[-1].id)[0]

    def reasons(self) -> Counter[str]:
        with Archive.open(self.archive) as archive:
            return Counter(problem.reason for problem in archive.problems(archive.runs()[-1].id))


@pytest.fixture
def paper(small: Any, tmp_path: Path) -> Paper:
    return Paper(small, tmp_path / "archive")


def as_written(told: Sequence[Story]) -> dict[int, tuple[str, str | None, str]]:
    return {story.number: (story.title, story.day, "\n\n".join(story.text)) for story in told}


# ---- learned and used


def test_the_first_crawl_learns_the_layout_and_reads_every_article_by_it(paper: Paper) -> None:
    run = paper.crawl(plain)
    assert (run.outcome, run.counts["layouts"], run.counts["articles"]) == ("done", 1, COUNT)
    rules = {(a.extractor.preset, a.extractor.revision) for a in paper.articles().values()}
    assert rules == {("learned:generic", 1)}
    assert paper.texts() == as_written(paper.stories)


def test_the_layout_is_kept_with_what_taught_it(paper: Paper) -> None:
    paper.crawl(plain)
    with Archive.open(paper.archive) as archive:
        [layout] = archive.layouts("small")
        assert (layout.revision, layout.seed) == (1, f"{paper.small.base}/list.htm")
        assert {archive.article(key) is not None for key in layout.samples} == {True}
        assert layout.rules["places"]["body"] == ["div.copy"]


def test_a_second_crawl_uses_the_layout_and_learns_nothing(paper: Paper) -> None:
    paper.crawl(plain)
    run = paper.crawl()
    assert (run.outcome, run.counts.get("layouts", 0), run.counts["same"]) == ("done", 0, COUNT)
    assert paper.changes() == []
    assert list(verify(paper.archive)) == []


def test_three_articles_are_enough_once_the_list_has_no_more(paper: Paper) -> None:
    paper.crawl(plain, stories(3))
    assert {a.extractor.preset for a in paper.articles().values()} == {"learned:generic"}


def test_two_articles_are_read_without_a_layout(paper: Paper) -> None:
    assert paper.crawl(plain, stories(2)).counts["articles"] == 2
    assert {a.extractor.preset for a in paper.articles().values()} == {"generic"}


@pytest.mark.parametrize("design", [plain, plain_with_line])
def test_a_line_repeated_in_every_body_is_in_none_of_the_records(paper: Paper, design: Design) -> None:
    paper.crawl(design)
    assert [a.url for a in paper.articles().values() if SHARE in a.body] == []


def test_articles_that_wait_for_a_layout_are_asked_for_again_after_a_kill(paper: Paper) -> None:
    publish(paper.small.pages, paper.stories, plain)
    stop = threading.Event()
    slow = paper.small.config(paper.archive, delay=0.2)  # what was read when it stops is still taken in
    with pytest.raises(KeyboardInterrupt):
        crawl(slow, stop=stop, watch=lambda at: stop.set() if at.done == 4 else None)
    with Archive.open(paper.archive) as archive:
        assert list(archive.articles()) == []  # three were read, and wait
    assert paper.crawl().outcome == "done"
    assert paper.texts() == as_written(paper.stories)


def test_two_addresses_of_one_new_article_are_one_article(paper: Paper) -> None:
    """`/info/11/7.htm` and `/info/12/7.htm` are one article of VSB; both wait for the layout."""
    pictured = plain(Story(1)).replace(
        "<div class='followbar'>", "<img src='i/a.jpg'><div class='followbar'>"
    )
    paper.small.pages |= {"/info/11/7.htm": pictured, "/info/12/7.htm": pictured}
    publish(paper.small.pages, paper.stories[1:], plain)
    links = "".join(
        f"<li><a href='/info/{c}/7.htm'>The library tells</a><span>2026-10-02</span></li>" for c in (11, 12)
    )
    paper.small.pages["/list.htm"] = str(paper.small.pages["/list.htm"]).replace("<li>", links + "<li>", 1)
    paper.crawl()
    assert len([target for target in paper.small.asked if target.endswith("/7.htm")]) == 1
    with Archive.open(paper.archive) as archive:
        assert {len(list(archive.versions(article.id))) for article in archive.articles()} == {1}


def in_two_parts(paper: Paper, story: Story) -> None:
    """Publish a story with its last two paragraphs on a second page."""
    first, second = replace(story, paragraphs=story.text[:2]), replace(story, paragraphs=story.text[2:])
    link = f"<p class='pages'><a href='/s/{story.number}_2.html'>Next page</a></p></div><div class='teasers'>"
    page = plain(first).replace("</div><div class='teasers'>", link)
    paper.small.pages |= {f"/s/{story.number}.html": page, f"/s/{story.number}_2.html": plain(second)}


def test_an_article_in_two_parts_is_one_record_run_after_run(paper: Paper) -> None:
    publish(paper.small.pages, paper.stories, plain)
    in_two_parts(paper, paper.stories[0])
    for _ in range(2):
        assert paper.crawl().outcome == "done"
        assert paper.texts() == as_written(paper.stories)
    assert paper.changes() == []


def test_an_article_is_not_taken_without_one_of_its_parts(paper: Paper) -> None:
    publish(paper.small.pages, paper.stories, plain)
    in_two_parts(paper, paper.stories[0])
    paper.crawl()
    paper.small.pages["/s/1_2.html"] = Reply(b"<html><body>Sorry</body></html>", status=503)
    paper.crawl()
    assert paper.texts() == as_written(paper.stories)
    assert [change.kind for change in paper.changes()] == ["error"]


# ---- redesigned


def test_a_redesign_is_learned_again_and_makes_no_edit(paper: Paper) -> None:
    paper.crawl(plain)
    run = paper.crawl(redesigned)
    assert (run.outcome, run.counts["layouts"]) == ("done", 1)
    assert {a.extractor.revision for a in paper.articles().values()} == {2}
    assert paper.changes() == []
    assert paper.texts() == as_written(paper.stories)


def test_an_edit_made_with_a_redesign_is_still_an_edit(paper: Paper) -> None:
    paper.crawl(plain)
    edited = replace(
        paper.stories[3], paragraphs=(*paper.stories[3].text[:3], "The last word is another now.")
    )
    paper.crawl(redesigned, [*paper.stories[:3], edited, *paper.stories[4:]])
    [change] = paper.changes()
    assert (change.kind, change.reason, change.title) == ("changed", "edit", edited.title)
    assert [each.field for each in change.fields] == ["body"]


def test_what_a_new_layout_alone_reads_otherwise_is_no_edit(paper: Paper) -> None:
    paper.crawl(plain_with_line, stories(2))  # too few to learn that the line repeats
    assert all(SHARE in a.body for a in paper.articles().values())
    paper.crawl(plain_with_line)
    known = [change for change in paper.changes() if change.kind == "changed"]
    assert {change.reason for change in known} == {"rules"}
    assert paper.texts() == as_written(paper.stories)


# ---- drifted


def drifted(paper: Paper, design: Design, *names: str, told: Sequence[Story] | None = None) -> None:
    """Crawl a broken design and expect the drift, and every record as it was."""
    paper.crawl(plain)
    before = paper.texts()
    run = paper.crawl(design, told)
    outcome = paper.outcome()
    assert (run.outcome, outcome.outcome) == ("incomplete", "drifted")
    assert set(names) <= set(outcome.drifts)
    assert paper.texts() == before
    assert {a.version for a in paper.articles().values()} == {1}
    assert [change for change in paper.changes() if change.kind == "changed"] == []


def test_a_shell_without_the_articles_overwrites_nothing(paper: Paper) -> None:
    drifted(paper, shell, "bodies_shrank", "field_lost:title")
    assert paper.reasons() == {"drift": COUNT}


def test_bodies_that_shrink_everywhere_overwrite_nothing(paper: Paper) -> None:
    drifted(paper, emptied, "bodies_shrank")


def test_a_release_time_lost_everywhere_overwrites_nothing(paper: Paper) -> None:
    drifted(paper, plain_undated, "field_lost:release_time")


def test_pages_that_only_lead_elsewhere_are_a_drift(paper: Paper) -> None:
    moved = "<html><body><script>location.href='/app#news'</script></body></html>"
    drifted(paper, lambda story: moved, "unreadable:js_redirect")


def test_an_empty_list_is_a_drift_and_hides_nothing(paper: Paper) -> None:
    paper.crawl(plain)
    paper.small.pages["/list.htm"] = "<html><body><h1>News</h1><div id='app'></div></body></html>"
    assert paper.crawl().outcome == "incomplete"
    assert (paper.outcome().outcome, paper.outcome().drifts) == ("drifted", ("empty_listing",))
    assert {a.state for a in paper.articles().values()} == {"live"}


def test_a_list_that_lost_most_of_its_items_hides_nothing(paper: Paper) -> None:
    paper.crawl(plain)
    publish(paper.small.pages, paper.stories[:4], plain)
    paper.crawl()
    assert paper.outcome().drifts == ("listing_shrank",)
    assert {a.state for a in paper.articles().values()} == {"live"}


def test_a_list_of_entirely_other_pages_hides_nothing(paper: Paper) -> None:
    paper.crawl(plain)
    others = [Story(number) for number in range(101, 101 + COUNT)]
    publish(paper.small.pages, others, plain)
    paper.crawl()
    assert paper.outcome().drifts == ("listing_replaced",)
    assert {a.state for a in paper.articles().values()} == {"live"}


def test_a_site_that_reads_well_again_is_no_longer_drifted(paper: Paper) -> None:
    paper.crawl(plain)
    paper.crawl(emptied)
    assert {a.state for a in paper.articles().values()} == {"error"}
    run = paper.crawl(plain)
    assert (run.outcome, paper.outcome().outcome, paper.outcome().drifts) == ("done", "done", ())
    assert {a.state for a in paper.articles().values()} == {"live"}
    assert {a.version for a in paper.articles().values()} == {1}


def test_a_drift_lasts_as_long_as_the_pages_read_worse(paper: Paper) -> None:
    paper.crawl(plain)
    for _ in range(3):
        assert paper.crawl(plain_undated).outcome == "incomplete"
        assert paper.outcome().drifts == ("field_lost:release_time",)


def test_a_drift_that_was_looked_at_and_found_right_can_be_accepted(paper: Paper) -> None:
    paper.crawl(plain)
    paper.crawl(emptied)
    assert paper.crawl(accept=True).outcome == "done"
    assert len({a.body for a in paper.articles().values()}) == 1
    assert paper.crawl().outcome == "done"


def test_new_articles_of_a_broken_design_are_not_archived(paper: Paper) -> None:
    paper.crawl(plain)
    paper.crawl(shell, stories(COUNT + 3))
    assert set(paper.articles()) == set(range(1, COUNT + 1))


# ---- honest edits


def test_one_article_that_is_shortened_is_an_edit(paper: Paper) -> None:
    paper.crawl(plain)
    told = [*paper.stories[:5], shortened(paper.stories[5]), *paper.stories[6:]]
    assert paper.crawl(plain, told).outcome == "done"
    [change] = paper.changes()
    assert (change.kind, change.reason, change.severity) == ("changed", "edit", "substantive")
    assert paper.texts() == as_written(told)


def test_one_article_that_lost_its_date_is_an_edit(paper: Paper) -> None:
    paper.crawl(plain)
    paper.small.pages["/s/6.html"] = plain_undated(paper.stories[5])
    paper.small.pages["/list.htm"] = str(paper.small.pages["/list.htm"]).replace(paper.stories[5].day, "")
    assert paper.crawl().outcome == "done"
    assert [[each.field for each in change.fields] for change in paper.changes()] == [["release_time"]]


def test_titles_that_change_are_edits_where_each_is_its_own(paper: Paper) -> None:
    paper.crawl(plain)
    for story in paper.stories[:8]:
        page = str(paper.small.pages[f"/s/{story.number}.html"])
        paper.small.pages[f"/s/{story.number}.html"] = page.replace(story.title, f"Corrected: {story.title}")
    assert paper.crawl().outcome == "done"
    assert Counter(change.reason for change in paper.changes()) == {"edit": 8}


def test_the_one_article_of_a_list_may_be_shortened(paper: Paper) -> None:
    paper.crawl(plain, stories(1))
    short = shortened(Story(1))
    assert paper.crawl(plain, [short]).outcome == "done"
    assert paper.articles()[1].body.startswith(short.text[0])
    assert [change.reason for change in paper.changes()] == ["edit"]


# ---- told to people


def configured(paper: Paper, tmp_path: Path) -> str:
    path = tmp_path / "config.yaml"
    port = paper.small.base.rpartition(":")[2]
    path.write_text(
        f"archive: {paper.archive}\nsites:\n  - name: small\n    allow_private: true\n    delay: 0\n"
        f"    recheck: [{{every: 0}}]\n    ports: [{port}]\n    seeds: [{paper.small.base}/list.htm]\n",
        encoding="utf-8",
    )
    return str(path)


def test_a_drift_shows_in_the_report_the_status_and_the_exit_code(paper: Paper, tmp_path: Path) -> None:
    paper.crawl(plain)
    publish(paper.small.pages, paper.stories, emptied)
    command = CliRunner()
    ran = command.invoke(main, ["crawl", "-c", configured(paper, tmp_path)])
    assert ran.exit_code == 1
    assert "bodies_shrank" in ran.output
    status = command.invoke(main, ["status", "-a", str(paper.archive)])
    assert status.exit_code == 1
    assert "drifted: " in status.output
    assert "bodies_shrank" in status.output
    as_json = command.invoke(main, ["status", "-a", str(paper.archive), "--json"])
    assert as_json.exit_code == 1
    assert '"bodies_shrank"' in as_json.output
    accepted = command.invoke(main, ["crawl", "-c", configured(paper, tmp_path), "--accept-drift"])
    assert accepted.exit_code == 0
    assert command.invoke(main, ["status", "-a", str(paper.archive)]).exit_code == 0


# ---- a CMS whose templates are made anew

RENAMED = {
    b"wp_articlecontent": b"zhengwen",
    b"arti_title": b"biaoti",
    b"arti_metas": b"xinxi",
    b"arti_publisher": b"fabu",
    b"arti_update": b"shijian",
    b"arti_views": b"liulan",
    b"v_news_content": b"zhengwen",
    b"vsb_content": b"wenzhang",
    b'id="txt"': b'class="zhengwen"',
}


class Restyled(StagedCampus):
    """The sample campus; once `anew`, no template calls a field by the name it had."""

    anew = False

    def _respond(self, key: str, request: Request, target: str) -> Reply:
        reply = super()._respond(key, request, target)
        if self.anew and "html" in reply.media_type:
            for old, new in RENAMED.items():
                reply = replace(reply, body=reply.body.replace(old, new))
        return reply


def test_a_campus_whose_templates_are_made_anew_is_read_on_and_nothing_is_an_edit(tmp_path: Path) -> None:
    with Restyled() as campus:
        config = load_config(write_config(tmp_path, campus, "archive"))
        crawl(config)
        with Archive.open(config.archive) as archive:
            before = {article.id: article for article in archive.articles()}
        campus.anew = True
        assert crawl(config).outcome == "done"
        with Archive.open(config.archive) as archive:
            after = {article.id: article for article in archive.articles()}
            assert [change for change in archive.changes() if change.reason != "rules"] == []
    assert {article.views for article in after.values()} == {article.views for article in before.values()}
    for key, article in after.items():
        was = before[key]
        assert (article.title, article.release_time, article.body) == (was.title, was.release_time, was.body)
    presets = Counter(article.extractor.preset for article in after.values() if article.site == "szqu")
    assert presets.most_common(1)[0][0] == "learned:webplus"
