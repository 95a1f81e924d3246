"""New rules over old captures: what reads otherwise is ours, told as such, and nobody is asked."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from scraper.change_page import change_page
from scraper.cli import main
from scraper.config import Config, load_config
from scraper.crawl import crawl
from scraper.past.own import take_unread
from scraper.presets import PRESETS
from scraper.reextract import Result, reextract
from scraper.reread_report import reread_json, reread_report
from scraper.rereads import Terms
from scraper.wrapping import to_text
from storage import Archive
from storage.choice import Choice
from storage.members import iter_records
from storage.rebuild import rebuild
from storage.records import Article, Change, Event, Extractor
from storage.verify import verify

from .conftest import SmallSite, StagedCampus

pytestmark = pytest.mark.usefixtures("catalogue")
ROOT = Path(__file__).parents[1]
START = datetime(2026, 12, 1, 1, 30, tzinfo=UTC)
DAY = timedelta(days=1)
WORDS = ("apples", "bridges", "cellars", "ditches", "elms")
PLEA = "<p class='plea'>Tell your friends of the {}, at home and elsewhere.</p>"
BODY = {"body": (".article",)}
DROP = {"article": BODY | {"drop": (".plea",)}}


class Nights:
    """A small site and the archive of it, a night later at each step."""

    def __init__(self, site: SmallSite, archive: Path) -> None:
        self.site, self.archive, self.now = site, archive, START
        self.settings: dict[str, Any] = {"preset": "vsb", "rules": {"article": BODY}}

    def config(self) -> Config:
        return self.site.config(self.archive, **self.settings)

    def crawl(self) -> Any:
        self.now += DAY
        return crawl(self.config(), now=lambda: self.now)

    def reextract(self, terms: Terms | None = None, **how: Any) -> Result:
        self.now += DAY
        asked = len(self.site.asked)
        result = reextract(self.config(), (), terms or Terms(), now=lambda: self.now, **how)
        assert len(self.site.asked) == asked, "nobody is asked"
        return result

    def articles(self) -> dict[str, Article]:
        with Archive.open(self.archive) as archive:
            return {each.url.rpartition("/")[2]: each for each in archive.articles()}

    def reasons(self, name: str) -> list[str]:
        with Archive.open(self.archive) as archive:
            return [version.reason for version in archive.versions(self.articles()[name].id)]

    def changes(self, since: int | None = None) -> list[Change]:
        with Archive.open(self.archive) as archive:
            return list(archive.changes(since_run=since))

    def events(self, after: int = 0, **how: Any) -> list[Event]:
        with Archive.open(self.archive) as archive:
            return list(archive.events(after, **how))

    def cursor(self) -> int:
        with Archive.open(self.archive) as archive:
            return archive.cursor()


@pytest.fixture
def nights(small: SmallSite, tmp_path: Path) -> Nights:
    for number, word in enumerate(WORDS, 1):
        small.articles(range(number, number + 1), PLEA.format(word))
    small.listing("/list.htm", range(1, 6))
    return Nights(small, tmp_path / "archive")


def counts(result: Result) -> dict[str, int]:
    (found,) = result.sites
    return {name: count for name, count in found.counts.items() if count}


def test_rules_that_did_not_move_read_every_record_the_same(nights: Nights) -> None:
    nights.crawl()
    before, cursor = nights.articles(), nights.cursor()
    assert counts(nights.reextract()) == {"read": 5, "same": 5}
    assert nights.articles() == before
    assert nights.cursor() == cursor
    assert list(verify(nights.archive)) == []


def test_what_new_rules_read_otherwise_is_a_version_by_rules_and_no_edit(nights: Nights) -> None:
    nights.crawl()
    before = nights.articles()
    nights.settings["rules"] = DROP
    assert counts(nights.reextract()) == {"read": 5, "rules": 5}
    after = nights.articles()
    assert all("friends" in article.body for article in before.values())
    assert all("friends" not in article.body for article in after.values())
    for name, article in after.items():
        assert nights.reasons(name) == ["new", "rules"]
        assert article.extractor.preset.startswith("vsb+config-")
        assert article.capture == before[name].capture
        stays = ("state", "first_seen", "last_seen", "last_changed", "views", "views_observed_at", "section")
        assert [getattr(article, field) for field in stays] == [
            getattr(before[name], field) for field in stays
        ]
    assert list(verify(nights.archive)) == []


def test_the_changes_and_events_of_new_rules_say_so_everywhere(nights: Nights) -> None:
    nights.crawl()
    cursor = nights.cursor()
    nights.settings["rules"] = DROP
    nights.reextract()
    changes = nights.changes(since=1)
    assert {(each.kind, each.reason, each.run) for each in changes} == {("changed", "rules", 2)}
    assert {(event.kinds, event.reason) for event in nights.events(cursor)} == {(("changed",), "rules")}
    page = "".join(change_page(changes, "What changed"))
    assert page.count("read by newer rules; the page did not change") == 5
    printed = run("diff", "1", "-a", str(nights.archive))
    assert "5 reread" in printed.stdout
    assert " edit" not in printed.stdout
    feed = run("export", "-a", str(nights.archive), "--format", "jsonfeed")
    assert all("Edited" not in item["title"] for item in json.loads(feed.stdout)["items"])


def test_a_diff_of_no_two_runs_is_of_the_last_that_asked_the_site_and_names_them(nights: Nights) -> None:
    nights.crawl()
    edit(nights.site, 3)
    nights.crawl()
    nights.settings["rules"] = DROP
    nights.reextract()
    assert [(each.run, each.reason) for each in nights.changes()] == [(2, "edit")]
    archive = str(nights.archive)
    assert "1 changed from run 1 to run 2" in run("diff", "-a", archive).stdout
    assert "5 reread from run 2 to run 3" in run("diff", "2", "-a", archive).stdout
    nights.crawl()
    assert run("diff", "-a", archive).stdout == "nothing changed from run 3 to run 4\n"


def run(*words: str, code: int = 0) -> Any:
    done = CliRunner().invoke(main, list(words), catch_exceptions=False)
    assert done.exit_code == code, done.output
    return done


def test_the_next_crawl_sees_nothing_changed(nights: Nights) -> None:
    nights.crawl()
    nights.settings["rules"] = DROP
    nights.reextract()
    cursor = nights.cursor()
    assert nights.crawl().counts["same"] == 5
    assert nights.cursor() == cursor


def test_a_real_edit_after_it_is_an_edit_and_told_apart_from_the_rules(nights: Nights) -> None:
    nights.crawl()
    nights.settings["rules"] = DROP
    nights.reextract()
    edit(nights.site, 3)
    nights.crawl()
    assert nights.reasons("3.html") == ["new", "rules", "edit"]
    mixed = [each for each in nights.changes(since=1) if each.url.endswith("/3.html")]
    assert [(each.reason, each.from_version, each.to_version) for each in mixed] == [
        ("rules", 1, 2),
        ("edit", 2, 3),
    ]
    (body,) = mixed[1].fields
    assert "friends" not in body.before
    assert nights.articles()["3.html"].last_changed == stamp(nights.now)


def edit(site: SmallSite, number: int | str) -> None:
    page = site.pages[f"/news/{number}.html"]
    assert isinstance(page, str)
    site.pages[f"/news/{number}.html"] = page.replace("The second", "The third and last")


def stamp(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")


def test_an_edit_met_together_with_new_rules_is_told_apart_in_the_crawl_itself(nights: Nights) -> None:
    nights.crawl()
    nights.settings["rules"] = DROP
    edit(nights.site, 3)
    nights.crawl()
    assert nights.reasons("3.html") == ["new", "rules", "edit"]
    assert nights.reasons("4.html") == ["new", "rules"]


def test_a_program_that_reads_otherwise_without_a_new_revision_makes_no_edit_either(
    nights: Nights, monkeypatch: pytest.MonkeyPatch
) -> None:
    nights.crawl()
    release(monkeypatch, "vsb", drop=(".plea",), revision=0)
    edit(nights.site, 3)
    nights.crawl()
    assert nights.reasons("3.html") == ["new", "rules", "edit"]
    assert nights.reasons("4.html") == ["new", "rules"]


def release(monkeypatch: pytest.MonkeyPatch, name: str, revision: int = 1, **rules: Any) -> None:
    """Put a preset of a later release in the place of the one there is."""
    preset = PRESETS[name]
    later = replace(preset, article=replace(preset.article, **rules), revision=preset.revision + revision)
    monkeypatch.setitem(PRESETS, name, later)


def test_a_preset_of_a_later_release_is_a_new_rule(nights: Nights, monkeypatch: pytest.MonkeyPatch) -> None:
    nights.crawl()
    was = PRESETS["vsb"].revision
    release(monkeypatch, "vsb", drop=(".plea",))
    assert counts(nights.reextract()) == {"read": 5, "rules": 5}
    assert {each.extractor.revision for each in nights.articles().values()} == {was + 1}
    assert counts(nights.reextract(Terms(older=True))) == {"current": 5}


def test_a_revision_that_reads_the_same_refreshes_the_records_and_makes_no_version(
    nights: Nights, monkeypatch: pytest.MonkeyPatch
) -> None:
    nights.crawl()
    cursor = nights.cursor()
    release(monkeypatch, "vsb")
    assert counts(nights.reextract()) == {"read": 5, "refreshed": 5}
    assert nights.reasons("1.html") == ["new"]
    assert {event.kinds for event in nights.events(cursor)} == {("refreshed",)}
    assert nights.changes(since=1) == []


def test_only_older_leaves_out_what_the_rules_of_now_read(
    nights: Nights, monkeypatch: pytest.MonkeyPatch
) -> None:
    nights.crawl()
    assert counts(nights.reextract(Terms(older=True))) == {"current": 5}
    release(monkeypatch, "vsb", drop=(".plea",))
    assert counts(nights.reextract(Terms(older=True))) == {"read": 5, "rules": 5}


def test_a_dry_run_tells_what_would_change_and_writes_nothing(nights: Nights) -> None:
    nights.crawl()
    nights.settings["rules"] = DROP
    before = catalog(nights)
    result = nights.reextract(dry=True)
    (found,) = result.sites
    assert result.run is None
    assert counts(result) == {"read": 5, "rules": 5}
    assert found.moved == {"body": 5, "body_html": 5, "extractor": 5}
    assert len(found.examples["body"]) == 3
    assert "friends" in found.examples["body"][0].before
    assert catalog(nights) == before


def catalog(nights: Nights) -> Any:
    with Archive.open(nights.archive) as archive:
        return archive.runs(), list(archive.histories()), archive.cursor(), archive.layouts("small")


def test_a_dry_run_reads_while_another_run_holds_the_archive(nights: Nights) -> None:
    nights.crawl()
    with Archive.open(nights.archive, write=True):
        assert counts(nights.reextract(dry=True)) == {"read": 5, "same": 5}


def test_a_page_that_the_rules_refuse_keeps_its_record_and_is_reported(nights: Nights) -> None:
    nights.site.pages["/news/2.html"] = plain(nights, 2).replace("<h1>", "<p class='gone'></p><h1>")
    nights.crawl()
    before = nights.articles()["2.html"]
    nights.settings["rules"] = {
        "article": BODY | {"problems": ({"selector": ".gone", "problem": "soft_error"},)}
    }
    result = nights.reextract()
    (found,) = result.sites
    assert found.stays == {"soft_error": 1}
    assert nights.articles()["2.html"] == before
    assert result.run is not None
    with Archive.open(nights.archive) as archive:
        (problem,) = archive.problems(result.run.id)
    assert (problem.url, problem.reason) == (before.url, "soft_error")
    assert "its record stays as it was" in problem.detail


def plain(nights: Nights, number: int) -> str:
    page = nights.site.pages[f"/news/{number}.html"]
    assert isinstance(page, str)
    return page


def test_rules_that_lose_what_records_have_are_held_back_until_accepted(nights: Nights) -> None:
    nights.crawl()
    before = nights.articles()
    nights.settings["rules"] = {"article": BODY | {"drop": (".article p",)}}
    result = nights.reextract()
    assert counts(result) == {"read": 5, "drift": 5}
    assert result.sites[0].drifts() == {"bodies_shrank": "5 of 5 records"}
    assert result.run is not None
    assert result.run.outcome == "incomplete"
    assert nights.articles() == before
    assert counts(nights.reextract(Terms(accept=True)))["rules"] == 5
    assert nights.articles()["1.html"].body != before["1.html"].body


def test_a_damaged_capture_is_named_and_costs_only_its_own_record(nights: Nights) -> None:
    nights.crawl()
    before = nights.articles()
    capture = before["2.html"].capture
    assert capture is not None
    with (nights.archive / "warc" / capture.warc.rpartition("/")[2]).open("r+b") as file:
        file.seek(capture.offset + 40)
        file.write(bytes(20))
    nights.settings["rules"] = DROP
    result = nights.reextract()
    assert counts(result) == {"read": 5, "rules": 4, "damaged": 1}
    assert nights.articles()["2.html"] == before["2.html"]
    with Archive.open(nights.archive) as archive:
        assert result.run is not None
        (problem,) = archive.problems(result.run.id)
        (site,) = archive.sites(result.run.id)
    assert f"offset {capture.offset}" in problem.detail
    assert (site.outcome, site.problem) == ("failed", "1 damaged capture: run `campusnews verify`")


@pytest.mark.parametrize("there", [False, True])
def test_a_warc_that_is_lost_or_cannot_be_read_is_damage_of_its_records_too(
    nights: Nights, there: bool
) -> None:
    nights.crawl()
    (first,) = (nights.archive / "warc").iterdir()
    edit(nights.site, 3)
    nights.crawl()
    first.unlink()
    if there:
        first.mkdir()
    assert counts(nights.reextract()) == {"read": 5, "same": 1, "damaged": 4}


def test_what_only_the_list_told_stays_told(nights: Nights) -> None:
    """A page without a day takes the list's; a list that names another day is noted; both stay so."""
    for number in (1, 2):
        page = plain(nights, number)
        other = "" if number == 1 else "2026-10-01"
        nights.site.pages[f"/news/{number}.html"] = page.replace(f"2026-11-0{number}", other)
    nights.crawl()
    before = nights.articles()
    assert before["1.html"].provenance["release_time"] == "listing"
    assert before["2.html"].provenance["release_time"].endswith("though listed as 2026-11-02")
    assert counts(nights.reextract()) == {"read": 5, "same": 5}


def test_a_day_that_lay_ahead_when_the_page_was_captured_is_none_today(nights: Nights) -> None:
    nights.now = datetime(2026, 11, 2, 1, 30, tzinfo=UTC)
    nights.crawl()
    before = nights.articles()
    assert before["5.html"].provenance["release_time"] == "listing"
    nights.now += 30 * DAY
    assert counts(nights.reextract()) == {"read": 5, "same": 5}


def test_a_section_that_the_config_names_anew_is_read_anew(nights: Nights) -> None:
    seed = f"{nights.site.base}/list.htm"
    nights.settings["seeds"] = [{"url": seed, "section": "News"}]
    nights.crawl()
    assert {each.section for each in nights.articles().values()} == {"News"}
    nights.settings["seeds"] = [{"url": seed, "section": "Campus news"}]
    assert counts(nights.reextract()) == {"read": 5, "refreshed": 5}
    with Archive.open(nights.archive) as archive:
        assert len(list(archive.articles(section="Campus news"))) == 5


def test_views_are_never_read_again(nights: Nights) -> None:
    for number in range(1, 6):
        page = plain(nights, number).replace("</p><div", f"</p><p>Views: {100 + number}</p><div")
        nights.site.pages[f"/news/{number}.html"] = page
    nights.crawl()
    for number in range(1, 6):
        nights.site.pages[f"/news/{number}.html"] = plain(nights, number).replace("Views: 10", "Views: 20")
    nights.crawl()
    assert nights.articles()["3.html"].views == 203
    cursor = nights.cursor()
    nights.settings["rules"] = DROP
    nights.reextract()
    assert nights.articles()["3.html"].views == 203
    assert {event.kinds for event in nights.events(cursor, views=True)} == {("changed",)}


def test_an_article_on_several_pages_is_read_whole(nights: Nights) -> None:
    in_two_pages(nights)
    nights.crawl()
    assert "page two" in nights.articles()["1.html"].body
    nights.settings["rules"] = DROP
    assert counts(nights.reextract())["rules"] == 5
    article = nights.articles()["1.html"]
    assert "page two" in article.body
    assert "friends" not in article.body


def in_two_pages(nights: Nights) -> None:
    on = "<a href='1_2.html'>下一页</a></div></body>"
    nights.site.pages["/news/1.html"] = plain(nights, 1).replace("</div></body>", on)
    second = plain(nights, 2).replace("number 2", "number 1").replace("story 2", "story one, page two")
    nights.site.pages["/news/1_2.html"] = second


@pytest.mark.parametrize("between", [True, False])
def test_an_edit_of_a_second_page_is_an_edit_also_under_new_rules(nights: Nights, between: bool) -> None:
    in_two_pages(nights)
    nights.crawl()
    nights.settings["rules"] = DROP
    if between:
        nights.reextract()
    edit(nights.site, "1_2")
    nights.crawl()
    assert nights.reasons("1.html") == ["new", "rules", "edit"]


def test_a_further_page_that_was_never_kept_leaves_the_record_as_it_was(nights: Nights) -> None:
    on = "<p class='further'><a href='/news/1_2.html'>Read on about story 1</a></p>"
    nights.site.pages["/news/1.html"] = plain(nights, 1).replace("</body>", f"{on}</body>")
    nights.crawl()
    before = nights.articles()["1.html"]
    nights.settings["rules"] = {"article": BODY | {"next_page": (".further a",)}}
    result = nights.reextract()
    assert result.sites[0].stays == {"no_part": 1}
    assert nights.articles()["1.html"] == before


def test_runs_that_ask_nobody_say_nothing_of_how_a_site_stands(nights: Nights) -> None:
    nights.crawl()
    with Archive.open(nights.archive) as archive:
        before = archive.standings()
    nights.settings["rules"] = {"article": BODY | {"drop": (".article p",)}}
    result = nights.reextract()  # drifted, but not the site
    with Archive.open(nights.archive) as archive:
        assert archive.standings() == before
        assert archive.last_visit() == archive.runs()[0]
        assert archive.runs()[-1] == result.run
    nights.settings["rules"] = {"article": BODY}
    assert nights.crawl().outcome == "done"


def test_a_look_after_it_confirms_what_the_crawl_before_it_saw(nights: Nights) -> None:
    nights.crawl()
    del nights.site.pages["/news/2.html"]
    nights.crawl()
    nights.settings["rules"] = DROP
    nights.reextract()
    assert nights.articles()["2.html"].state == "missing"
    nights.crawl()
    assert nights.articles()["2.html"].state == "withdrawn"
    assert nights.reasons("2.html") == ["new", "rules"]


def test_a_choice_of_what_moved_since_a_run_has_what_was_read_otherwise(nights: Nights) -> None:
    nights.crawl()
    nights.settings["rules"] = DROP
    nights.reextract()
    with Archive.open(nights.archive) as archive:
        assert len(list(archive.chosen(Choice(since_run=1)))) == 5


def test_days_choose_what_is_read(nights: Nights) -> None:
    nights.crawl()
    assert counts(nights.reextract(Terms(since="2026-11-02", until="2026-11-04"))) == {"read": 3, "same": 3}


def test_layouts_over_older_rules_are_learned_again_first_of_the_pages_that_taught_them(
    nights: Nights, monkeypatch: pytest.MonkeyPatch
) -> None:
    nights.settings = {"preset": "generic"}
    nights.crawl()
    before = nights.articles()
    assert {each.extractor for each in before.values()} == {Extractor("learned:generic", 1)}
    later = replace(PRESETS["generic"], revision=PRESETS["generic"].revision + 1)
    monkeypatch.setitem(PRESETS, "generic", later)
    assert counts(nights.reextract(dry=True)) == {"read": 5, "refreshed": 5, "layouts": 1}
    assert counts(nights.reextract()) == {"read": 5, "refreshed": 5, "layouts": 1}
    after = nights.articles()
    assert {each.extractor for each in after.values()} == {Extractor("learned:generic", 2)}
    assert [each.content_digest for each in after.values()] == [
        each.content_digest for each in before.values()
    ]
    cursor = nights.cursor()
    assert nights.crawl().counts["same"] == 5
    assert nights.cursor() == cursor
    assert counts(nights.reextract()) == {"read": 5, "same": 5}


def test_a_layout_learned_since_reads_what_was_read_without_it(nights: Nights) -> None:
    """Two articles teach nothing; the three that come later do, and then the first two are read by it."""
    nights.settings.clear()
    nights.site.listing("/list.htm", range(1, 3))
    nights.crawl()
    assert {each.extractor.preset for each in nights.articles().values()} == {"generic"}
    nights.settings["recheck"] = [{"every": 1000}]
    nights.site.listing("/list.htm", range(1, 6))
    nights.crawl()
    assert counts(nights.reextract()) == {"read": 5, "same": 3, "refreshed": 2}
    assert {each.extractor.preset for each in nights.articles().values()} == {"learned:generic"}


@pytest.mark.parametrize("processes", [1, 2])
def test_an_interrupted_run_is_gone_on_with_and_counts_every_record_once(
    nights: Nights, processes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scraper.reextract.AT_ONCE", 2)
    nights.crawl()
    nights.settings["rules"] = DROP
    stop = threading.Event()

    def stopping(seen: Any) -> None:
        if seen.done == 2:
            stop.set()

    config = nights.config().model_copy(update={"processes": processes})
    with pytest.raises(KeyboardInterrupt):
        reextract(config, now=lambda: nights.now, watch=stopping, stop=stop)
    with Archive.open(nights.archive) as archive:
        assert archive.runs()[-1].outcome == "interrupted"
    done = reextract(config, now=lambda: nights.now)
    assert counts(done) == {"read": 5, "rules": 5}
    assert done.run is not None
    assert (done.run.id, done.run.outcome) == (2, "done")
    assert nights.reasons("1.html") == ["new", "rules"]


def test_a_run_gone_on_with_decides_on_drift_by_all_it_has_read(
    nights: Nights, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of five records the four before the kill lost their text: the last one alone would prove nothing."""
    monkeypatch.setattr("scraper.reextract.AT_ONCE", 4)
    nights.crawl()
    nights.settings["rules"] = {"article": BODY | {"drop": (".article p",)}}
    (whole,) = nights.reextract(dry=True).sites
    stop = threading.Event()
    with pytest.raises(KeyboardInterrupt):
        reextract(nights.config(), now=lambda: nights.now, watch=lambda _: stop.set(), stop=stop)
    result = nights.reextract()
    (found,) = result.sites
    assert found.drifts() == whole.drifts() == {"bodies_shrank": "5 of 5 records"}
    assert (found.moved, found.stays, found.urls) == (whole.moved, whole.stays, whole.urls)
    assert result.run is not None
    assert result.run.outcome == "incomplete"
    reread_json(result.run, result.sites)
    assert "5 read · 5 held back" in to_text(reread_report(result.run, result.sites), 100)


def test_damage_and_drift_of_one_site_are_both_told(nights: Nights) -> None:
    nights.crawl()
    (first,) = (nights.archive / "warc").iterdir()
    for number in range(1, 5):
        edit(nights.site, number)
    nights.crawl()
    first.unlink()
    nights.settings["rules"] = {"article": BODY | {"drop": (".article p",)}}
    result = nights.reextract()
    assert counts(result) == {"read": 5, "drift": 4, "damaged": 1}
    assert result.run is not None
    with Archive.open(nights.archive) as archive:
        (site,) = archive.sites(result.run.id)
    assert (site.outcome, site.drifts) == ("failed", ("bodies_shrank",))
    assert site.problem == "1 damaged capture: run `campusnews verify`; bodies_shrank: 4 of 5 records"


def test_rules_that_moved_again_begin_an_interrupted_run_anew(
    nights: Nights, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scraper.reextract.AT_ONCE", 2)
    nights.crawl()
    nights.settings["rules"] = DROP
    stop = threading.Event()
    with pytest.raises(KeyboardInterrupt):
        reextract(nights.config(), now=lambda: nights.now, watch=lambda _: stop.set(), stop=stop)
    nights.settings["rules"] = {"article": BODY | {"drop": (".plea", ".other")}}
    assert counts(nights.reextract()) == {"read": 5, "rules": 3, "refreshed": 2}


def test_what_an_interrupted_crawl_left_is_asked_for_after_it(nights: Nights) -> None:
    stop = threading.Event()
    with pytest.raises(KeyboardInterrupt):
        crawl(nights.config(), now=lambda: nights.now, watch=lambda _: stop.set(), stop=stop)
    nights.reextract()
    nights.crawl()
    assert len(nights.articles()) == 5


def test_the_command_prints_fields_examples_and_words(nights: Nights, tmp_path: Path) -> None:
    nights.crawl()
    nights.settings["rules"] = DROP
    path = tmp_path / "config.yaml"
    path.write_text(yaml_of(nights), encoding="utf-8")
    shown = run("reextract", "-c", str(path), "--dry-run").stdout
    assert "5 read · 5 read otherwise" in shown
    assert "a dry run: nothing was written" in shown
    assert "[-" in shown
    assert "Tell your friends of the " in shown.replace("\n", " ").replace("  ", "")
    told = json.loads(run("reextract", "-c", str(path), "--json").stdout)
    assert told["run"]["kind"] == "reextract"
    assert told["sites"][0]["fields"]["body"]["records"] == 5
    assert "reextract" in run("runs", "-c", str(path)).stdout
    assert run("status", "-c", str(path)).stdout.endswith("last run 1 done at 2026-12-02 01:30 UTC\n")


def yaml_of(nights: Nights) -> str:
    site = {"name": "small", "seeds": [f"{nights.site.base}/list.htm"], "allow_private": True, "delay": 0}
    site |= {"ports": [int(nights.site.base.rpartition(":")[2])], "preset": "vsb"}
    site |= {"rules": {"article": {"body": [".article"], "drop": [".plea"]}}}
    return json.dumps({"archive": str(nights.archive), "sites": [site]})


@pytest.mark.parametrize(
    ("drop", "broken", "code"),
    [([".article p"], False, 1), ([".plea"], True, 4), ([".plea"], False, 0)],
)
def test_the_exit_code_tells_doubtful_rules_from_damage(
    nights: Nights, tmp_path: Path, drop: list[str], broken: bool, code: int
) -> None:
    nights.crawl()
    if broken:
        (first,) = (nights.archive / "warc").iterdir()
        edit(nights.site, 3)
        nights.crawl()
        first.unlink()
    config = json.loads(yaml_of(nights))
    config["sites"][0]["rules"]["article"]["drop"] = drop
    path = tmp_path / "config.yaml"
    path.write_text(json.dumps(config), encoding="utf-8")
    run("reextract", "-c", str(path), code=code)


def test_a_run_that_is_killed_is_gone_on_with(nights: Nights, tmp_path: Path) -> None:
    nights.crawl()
    path = tmp_path / "config.yaml"
    path.write_text(yaml_of(nights), encoding="utf-8")
    script = """
import os, signal, sys
from pathlib import Path
import scraper.reextract as module
from scraper.config import load_config

module.AT_ONCE, module.COMMIT_EVERY = 2, 0
config = load_config(Path(sys.argv[1]))
module.reextract(config, watch=lambda at: at.done == 5 and os.kill(os.getpid(), signal.SIGKILL))
"""
    killed = subprocess.run([sys.executable, "-c", script, path], check=False, cwd=ROOT)
    assert killed.returncode == -signal.SIGKILL
    with Archive.open(nights.archive) as archive:
        reasons = [version.reason for version in archive.histories()]
        assert archive.runs()[-1].outcome == "running"
    assert reasons.count("rules") == 4  # of the five that were read, those of the two words that were kept
    result = reextract(load_config(path), now=lambda: nights.now)
    assert counts(result) == {"read": 5, "rules": 5}
    assert result.run is not None
    assert result.run.id == 2
    assert {tuple(nights.reasons(name)) for name in nights.articles()} == {("new", "rules")}
    assert list(verify(nights.archive)) == []


def unread(nights: Nights) -> Any:
    nights.now += DAY
    asked = len(nights.site.asked)
    run = take_unread(nights.config(), "small", now=lambda: nights.now)
    assert len(nights.site.asked) == asked
    return run


def responses(nights: Nights) -> int:
    """Return how many records of the WARCs are not of the journal."""
    files = sorted((nights.archive / "warc").iterdir())
    kinds = [info.headers["warc-type"] for file in files for info in iter_records(file)]
    return sum(kind not in ("metadata", "warcinfo") for kind in kinds)


def test_pages_that_were_none_become_articles_dated_by_their_captures(nights: Nights) -> None:
    nights.settings["rules"] = {
        "article": BODY | {"problems": ({"selector": ".plea", "problem": "no_content"},)}
    }
    nights.crawl()
    edit(nights.site, 3)
    nights.crawl()
    assert nights.articles() == {}
    nights.settings["rules"] = {"article": BODY}
    kept = responses(nights)
    run = unread(nights)
    assert (run.kind, run.outcome) == ("reextract", "done")
    articles = nights.articles()
    assert len(articles) == 5
    assert articles["3.html"].first_seen == articles["1.html"].first_seen == stamp(START + DAY)
    assert nights.reasons("3.html") == ["new", "edit"]
    assert articles["3.html"].last_changed == stamp(START + 2 * DAY)
    assert articles["1.html"].capture is not None
    assert articles["1.html"].capture.fetched_at == stamp(START + DAY)
    assert responses(nights) == kept
    assert list(verify(nights.archive)) == []
    assert nights.crawl().counts["same"] == 5


def test_pages_of_known_articles_and_lists_become_none(nights: Nights) -> None:
    nights.crawl()
    for number in range(1, 6):  # other bytes, the same article
        nights.site.pages[f"/news/{number}.html"] = plain(nights, number).replace(
            "<html>", "<html lang='en'>"
        )
    nights.crawl()
    cursor = nights.cursor()
    assert unread(nights).counts.get("articles", 0) == 0
    assert nights.cursor() == cursor


def test_the_command_takes_unread_pages_too(nights: Nights, tmp_path: Path) -> None:
    nights.settings["rules"] = {
        "article": BODY | {"problems": ({"selector": ".plea", "problem": "no_content"},)}
    }
    nights.crawl()
    path = tmp_path / "config.yaml"
    path.write_text(yaml_of(nights), encoding="utf-8")
    assert "5 new" in run("reextract", "--new", "-c", str(path)).stdout
    run("reextract", "--new", "--dry-run", "-c", str(path), code=2)


@pytest.mark.parametrize("words", [["reextract", "--new"], ["reextract"], ["backfill", "small"]])
def test_days_with_none_between_them_are_refused(nights: Nights, tmp_path: Path, words: list[str]) -> None:
    nights.crawl()
    path = tmp_path / "config.yaml"
    path.write_text(yaml_of(nights), encoding="utf-8")
    said = run(*words, "--since", "2026-11-03", "--until", "2026-11-02", "-c", str(path), code=2)
    assert "nothing lies between" in said.stderr
    with Archive.open(nights.archive) as archive:
        assert len(archive.runs()) == 1


def test_an_archive_without_a_config_is_told_whose_rules_it_needs(
    nights: Nights, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nights.crawl()
    monkeypatch.chdir(tmp_path)
    said = run("reextract", "-a", str(nights.archive), code=2).stderr
    assert "name it with -c" in said
    assert "the archive's sites are small" in " ".join(said.split())


def test_processes_are_refused_where_one_reads_alone(nights: Nights, tmp_path: Path) -> None:
    nights.crawl()
    path = tmp_path / "config.yaml"
    path.write_text(yaml_of(nights), encoding="utf-8")
    assert "--processes" in run("reextract", "--new", "--processes", "2", "-c", str(path), code=2).stderr


@pytest.mark.sqlite
def test_a_campus_of_every_cms_reads_the_same_after_two_editions(
    campus: StagedCampus, config: Config
) -> None:
    crawl(config, now=lambda: START)
    campus.edition = 2
    crawl(config, now=lambda: START + DAY)
    for found in reextract(config, dry=True).sites:
        assert found.counts == {"read": found.counts["same"], "same": found.counts["same"]}
        assert found.counts["same"] > 10


@pytest.mark.sqlite
def test_a_catalogue_made_anew_after_it_has_the_same_records_and_history(nights: Nights) -> None:
    nights.crawl()
    nights.settings["rules"] = DROP
    nights.reextract()
    before = catalog(nights), nights.articles(), nights.changes(since=0)
    rebuild(nights.archive, force=True)
    assert (catalog(nights), nights.articles(), nights.changes(since=0)) == before
    assert nights.crawl().counts["same"] == 5
