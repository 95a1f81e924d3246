"""`crawl` as cron and systemd run it: quiet when nothing is wrong, one line, exit codes, lock, metrics."""

from __future__ import annotations

import json
import os
import pty
import signal
import stat
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result

from scraper import cli
from scraper.cli import result
from scraper.config import load_config
from scraper.demo.reply import Reply
from storage import Archive
from storage.errors import ArchiveFull
from storage.lock import Lock

pytestmark = pytest.mark.usefixtures("catalogue")

COMMAND = str(Path(sys.executable).with_name("campusnews"))
ROOT = Path(__file__).parents[1]


@pytest.fixture
def site(small: Any, tmp_path: Path) -> Path:
    """A config of one small site that is well."""
    small.listing("/list.htm", range(1, 4))
    small.articles(range(1, 4))
    return write_config(tmp_path, small)


def write_config(directory: Path, small: Any, **settings: object) -> Path:
    values = {
        "name": "small",
        "allow_private": True,
        "delay": 0,
        "retries": 0,
        "ports": [int(small.base.rpartition(":")[2])],
        "seeds": [f"{small.base}/list.htm"],
    }
    path = directory / "config.yaml"
    path.write_text(yaml.safe_dump({"archive": "archive", "sites": [values | settings]}), "utf-8")
    return path


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli.main, [str(argument) for argument in arguments])


def break_list(small: Any) -> None:
    small.pages["/list.htm"] = Reply(b"under repair", status=503)


# ---- what is printed


def test_a_run_that_went_well_is_one_line_and_nothing_on_standard_error(site: Path) -> None:
    done = run("crawl", "-c", site)
    assert (done.exit_code, done.stderr) == (0, "")
    (line,) = done.stdout.splitlines()
    assert line.startswith("run 1 done at ")
    assert "1 site, 3 new, 0 changed, 0 withdrawn, " in line
    assert line.endswith(" 0 problems")


def test_quiet_prints_nothing_at_all_when_nothing_is_wrong_so_that_cron_sends_no_mail(site: Path) -> None:
    for form in ([], ["--json"]):
        done = run("crawl", "-c", site, "--quiet", *form)
        assert (done.exit_code, done.output) == (0, "")


def test_quiet_tells_what_is_wrong_and_why_so_that_the_mail_says_what_to_do(site: Path, small: Any) -> None:
    run("crawl", "-c", site, "-q")
    break_list(small)
    done = run("crawl", "-c", site, "-q")
    assert done.exit_code == 1
    assert len(done.stdout.splitlines()) == 1
    assert "; failed: small" in done.stdout
    (why,) = done.stderr.splitlines()
    assert why.startswith("small failed: ")
    assert "503" in why


def test_json_is_one_object_in_one_line_for_a_log_of_runs(site: Path) -> None:
    done = run("crawl", "-c", site, "--json")
    (line,) = done.stdout.splitlines()
    found = json.loads(line)
    assert (found["run"]["outcome"], found["changes"], found["problems"]) == ("done", {"new": 3}, {})


def test_on_a_terminal_each_site_is_told(site: Path) -> None:
    ours, theirs = pty.openpty()
    with os.fdopen(ours, "rb", buffering=0) as terminal:
        done = subprocess.run(
            [COMMAND, "crawl", "-c", str(site)], stdout=theirs, stderr=subprocess.DEVNULL, check=False
        )
        os.close(theirs)
        told = terminal.read(4000).decode()
    assert done.returncode == 0
    assert told.startswith(("\x1b[1msmall", "small"))
    assert "run 1" in told
    assert len(told.splitlines()) > 1


def test_a_whole_walk_goes_past_what_is_known(site: Path, small: Any) -> None:
    small.listing("/list.htm", range(11, 5, -1), next_path="/list2.htm")
    small.listing("/list2.htm", range(5, 0, -1))
    small.articles(range(1, 12))
    run("crawl", "-c", site)
    del small.asked[:]
    run("crawl", "-c", site)
    assert "/list2.htm" not in small.asked
    run("crawl", "-c", site, "--whole")
    assert "/list2.htm" in small.asked


# ---- the lock


def test_a_held_archive_is_waited_for_as_long_as_asked_and_then_crawled(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("crawl", "-c", site)
    monkeypatch.setattr(result, "TRY_EVERY", 0.01)
    lock = Lock(site.parent / "archive" / "lock")
    threading.Timer(0.3, lock.release).start()
    done = run("crawl", "-c", site, "--wait", "30")
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout.startswith("run 2 done")


def test_a_wait_ends_in_exit_code_3_with_the_holder(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run("crawl", "-c", site)
    monkeypatch.setattr(result, "TRY_EVERY", 0.01)
    lock = Lock(site.parent / "archive" / "lock")
    try:
        done = run("crawl", "-c", site, "--wait", "0.05", "--quiet")
    finally:
        lock.release()
    assert done.exit_code == 3
    assert f"pid {os.getpid()} " in done.stderr
    assert done.stdout == ""


def test_a_wait_can_be_ended_by_a_signal(site: Path) -> None:
    run("crawl", "-c", site)
    lock = Lock(site.parent / "archive" / "lock")
    try:
        waits = subprocess.Popen(
            [COMMAND, "-v", "crawl", "-c", str(site), "--wait", "60"], stderr=subprocess.PIPE, text=True
        )
        assert waits.stderr is not None
        with waits.stderr:
            assert "trying for another" in waits.stderr.readline()
            waits.send_signal(signal.SIGTERM)
            assert "interrupted" in waits.stderr.read()
        assert waits.wait(10) == 130
    finally:
        lock.release()


# ---- metrics


def metric(path: Path, name: str) -> str:
    return next(line.rpartition(" ")[2] for line in path.read_text().splitlines() if line.startswith(name))


def test_the_metrics_are_written_whole_and_readable_whatever_the_umask(site: Path, tmp_path: Path) -> None:
    file = tmp_path / "textfile" / "campusnews.prom"
    file.parent.mkdir()
    before = os.umask(0o077)
    try:
        done = run("crawl", "-c", site, "-q", "--metrics", file)
    finally:
        os.umask(before)
    assert (done.exit_code, done.output) == (0, "")
    assert stat.S_IMODE(file.stat().st_mode) == 0o644
    assert [each.name for each in file.parent.iterdir()] == ["campusnews.prom"]
    assert metric(file, 'campusnews_site_articles{site="small",state="live"}') == "3"
    assert metric(file, 'campusnews_run_outcome{outcome="done"}') == "1"


def test_the_metrics_are_written_of_a_run_that_failed_in_part(site: Path, small: Any, tmp_path: Path) -> None:
    file = tmp_path / "campusnews.prom"
    run("crawl", "-c", site, "--metrics", file)
    well = metric(file, 'campusnews_site_last_success_timestamp_seconds{site="small"}')
    break_list(small)
    assert run("crawl", "-c", site, "--metrics", file).exit_code == 1
    assert metric(file, 'campusnews_site_outcome{site="small",outcome="failed"}') == "1"
    assert metric(file, 'campusnews_site_last_success_timestamp_seconds{site="small"}') == well
    assert metric(file, 'campusnews_run_outcome{outcome="incomplete"}') == "1"


def test_the_metrics_are_written_of_a_run_that_was_stopped(site: Path, small: Any, tmp_path: Path) -> None:
    file, asked = tmp_path / "campusnews.prom", threading.Event()
    answer, small.server.respond = small.server.respond, None
    released = threading.Event()

    def respond(request: Any, target: str) -> Reply:
        if target.startswith("/news/"):
            asked.set()
            released.wait(20)
        return answer(request, target)  # type: ignore[no-any-return]

    small.server.respond = respond
    crawls = subprocess.Popen(
        [COMMAND, "crawl", "-c", str(site), "--metrics", str(file)], stderr=subprocess.PIPE, text=True
    )
    assert asked.wait(20)
    crawls.send_signal(signal.SIGTERM)
    _, told = crawls.communicate(timeout=20)
    released.set()
    assert (crawls.returncode, told.count("interrupted")) == (130, 1)
    assert metric(file, 'campusnews_run_outcome{outcome="interrupted"}') == "1"
    assert metric(file, 'campusnews_site_outcome{site="small",outcome="unfinished"}') == "1"


def test_the_metrics_are_written_of_a_run_that_found_no_space(
    site: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "campusnews.prom"
    run("crawl", "-c", site)
    with pytest.raises(ArchiveFull), result.scored(load_config(site), file):
        raise ArchiveFull("no space")
    assert metric(file, "campusnews_run_number") == "1"
    nowhere = tmp_path / "directory"

    def lose_the_place() -> None:
        nowhere.mkdir()  # the metrics find none either: the first fault is the one to tell
        raise ArchiveFull("no space")

    with pytest.raises(ArchiveFull), result.scored(load_config(site), nowhere):
        lose_the_place()
    assert [record.getMessage()[:11] for record in caplog.records] == ["no metrics:"]


def test_metrics_that_could_not_be_written_are_refused_before_the_first_request(
    site: Path, small: Any, tmp_path: Path
) -> None:
    done = run("crawl", "-c", site, "--metrics", tmp_path / "nowhere" / "campusnews.prom")
    assert done.exit_code == 2
    assert "nowhere is no directory" in done.stderr
    assert small.asked == []


def test_a_site_taken_out_of_the_config_is_told_of_no_more(site: Path, small: Any, tmp_path: Path) -> None:
    file = tmp_path / "campusnews.prom"
    break_list(small)
    run("crawl", "-c", site, "--metrics", file)
    small.listing("/list.htm", range(1, 4))
    write_config(tmp_path, small, name="renamed")
    assert run("crawl", "-c", site, "--metrics", file).exit_code == 0
    assert 'site="small"' not in file.read_text()
    assert run("status", "-c", site).exit_code == 0
    assert "small" in run("status", "-a", tmp_path / "archive").stdout


# ---- logs


def test_errors_are_events_where_the_log_is_for_programs(tmp_path: Path) -> None:
    done = run("--log-format", "json", "crawl", "-c", tmp_path / "nothing.yaml")
    assert (done.exit_code, done.stdout) == (2, "")
    (found,) = [json.loads(line) for line in done.stderr.splitlines()]
    assert found["level"] == "error"
    assert "nothing.yaml" in found["message"]


def test_with_verbose_every_line_is_an_event_of_the_run(site: Path, small: Any) -> None:
    del small.pages["/news/2.html"]
    done = run("--log-format", "json", "-v", "crawl", "-c", site)
    assert done.exit_code == 0
    events = [json.loads(line) for line in done.stderr.splitlines()]
    assert {event["logger"].split(".")[0] for event in events} - {"storage"} == {"scraper"}
    lost = next(event for event in events if event.get("reason") == "not_found")
    assert (lost["site"], lost["url"]) == ("small", f"{small.base}/news/2.html")
    assert [event["run"] for event in events if "run" in event] == [1, 1]
    assert next(event for event in events if event["message"].startswith("small: done"))["site"] == "small"


# ---- status


def test_the_status_of_a_site_is_that_of_its_own_newest_run(site: Path, small: Any, tmp_path: Path) -> None:
    run("crawl", "-c", site)
    break_list(small)
    assert run("crawl", "-c", site).exit_code == 1
    with Archive.open(tmp_path / "archive") as archive:
        (standing,) = archive.standings()
        first, second = archive.runs()
    assert (standing.run, standing.started_at) == (second.id, second.started_at)
    assert standing.well_at == first.started_at
    assert standing.reasons == {"server_error": 1}
    assert standing.states == {"live": 3}
    done = run("status", "-c", site)
    assert done.exit_code == 1
    assert f"3 live · 0 due · last well {first.started_at[:10]}" in done.stdout
    assert "1 server_error: " in done.stdout


@pytest.mark.parametrize("form", ["plain", "json"])
def test_an_error_that_quotes_hostile_words_stays_one_line(form: str) -> None:
    done = run("--log-format", form, "extract", "http://127.0.0.1/\x1b[2J\x07")
    assert done.exit_code == 1
    (line,) = done.stderr.splitlines()
    assert line.isprintable()
