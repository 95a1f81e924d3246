"""The commands that hand data on: export and changes, as a consumer's scripts call them."""

from __future__ import annotations

import json
import os
import pty
import random
import shlex
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from scraper import cli
from storage.export import FORMATS

from .campus_days import Days, article

pytestmark = pytest.mark.usefixtures("catalogue")

COMMAND = str(Path(sys.executable).with_name("campusnews"))


@pytest.fixture
def days(tmp_path: Path) -> Days:
    days = Days(tmp_path / "archive")
    days.run(*(article(number) for number in range(1, 5)), article(9, site="other"))
    days.run(article(1, body="Edited."), ("a2", "gone"))
    return days


def run(command: str, days: Days, *arguments: object) -> Result:
    return CliRunner().invoke(cli.main, [command, "-a", str(days.path), *map(str, arguments)])


def printed(command: str, days: Days, *arguments: object) -> str:
    result = run(command, days, *arguments)
    assert result.exit_code == 0, result.output
    return result.stdout


def refused(command: str, days: Days, *arguments: object) -> str:
    result = run(command, days, *arguments)
    assert result.exit_code == 2, result.output
    assert "Traceback" not in result.stderr
    return result.stderr.strip().splitlines()[-1]


def told(command: str, days: Days, *arguments: object) -> list[dict[str, Any]]:
    return [json.loads(line) for line in printed(command, days, *arguments).splitlines()]


# Exports


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_is_written_to_a_file_and_the_count_is_told(
    days: Days, form: str, tmp_path: Path
) -> None:
    result = run("export", days, "--format", form, "-o", tmp_path / "out")
    assert result.exit_code == 0, result.output
    assert result.stdout == ""
    counted = ("5 articles written to", "6 entries written to", "6 captures written to", "6 pages written")
    assert result.stderr.startswith(counted)
    assert (tmp_path / "out").stat().st_size > 0


def test_without_a_format_it_is_json_lines(days: Days) -> None:
    assert [record["id"] for record in told("export", days)] == ["a1", "a2", "a3", "a4", "a9"]


def test_an_export_is_of_a_site_or_of_what_moved_since_a_run(days: Days) -> None:
    assert [record["id"] for record in told("export", days, "--site", "other")] == ["a9"]
    assert [record["id"] for record in told("export", days, "--since-run", 1)] == ["a1", "a2"]
    assert told("export", days, "--since-run", 2) == []
    assert "no run 7" in refused("export", days, "--since-run", 7)


def test_other_tables_can_be_exported_row_by_row(days: Days) -> None:
    assert [row["kind"] for row in told("export", days, "--table", "changes")][-2:] == ["changed", "missing"]
    assert len(printed("export", days, "--table", "versions", "--format", "csv").splitlines()) == 7


def test_a_dataset_is_a_directory_of_several_formats(days: Days, tmp_path: Path) -> None:
    place = tmp_path / "news"
    result = run("export", days, "--dataset", place, "--format", "jsonl", "--format", "parquet")
    assert result.stderr == f"5 articles written to {place}\n"
    assert (place / "datapackage.json").exists()
    assert (place / "articles/site=other/year=2026/articles.parquet").exists()
    assert "--force" in refused("export", days, "--dataset", place)
    assert run("export", days, "--dataset", place, "--force").exit_code == 0
    assert (place / "articles.csv").exists()


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--dataset", "x", "-o", "y"], "leave out"),
        (["--dataset", "x", "--table", "views"], "leave out"),
        (["--format", "csv", "--format", "jsonl"], "--dataset"),
        (["--format", "atom", "--table", "views"], "rows"),
        (["--format", "csv", "--limit", "3"], "feeds"),
        (["--format", "xlsx"], "invalid value"),
    ],
)
def test_options_that_do_not_go_together_are_refused(days: Days, options: list[str], says: str) -> None:
    assert says in refused("export", days, *options).lower()


@pytest.mark.parametrize("form", ["parquet", "sqlite"])
def test_what_a_terminal_cannot_show_is_not_written_to_one(days: Days, form: str) -> None:
    ours, theirs = pty.openpty()
    command = [COMMAND, "export", "-a", days.path, "--format", form]
    done = subprocess.run(command, stdout=theirs, stderr=subprocess.PIPE, check=False)
    os.close(theirs)
    os.close(ours)
    assert done.returncode == 2
    assert b"--output" in done.stderr


@pytest.mark.parametrize("command", ["changes", *(f"export --format {form}" for form in FORMATS)])
def test_a_reader_that_has_seen_enough_ends_it_quietly(days: Days, command: str) -> None:
    days.run(*(article(number, body="Long. " * 20_000) for number in range(20, 26)))
    with subprocess.Popen(
        [COMMAND, *command.split(), "-a", days.path], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.read(1)
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait() == 0


@pytest.mark.parametrize("form", [form for form in FORMATS if form != "cdxj"])  # which is small
def test_where_there_is_no_room_an_export_ends_with_advice_and_leaves_nothing(
    days: Days, form: str, tmp_path: Path
) -> None:
    noise = random.Random(1)  # so that packing does not make room
    days.run(*(article(n, body=noise.randbytes(30_000).hex()) for n in range(20, 26)))
    place = tmp_path / "news"
    place.mkdir()
    command = shlex.join(
        [COMMAND, "export", "-a", str(days.path), "--format", form, "-o", str(place / "out")]
    )
    done = subprocess.run(
        ["bash", "-c", f"ulimit -f 64; {command}"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2, done.stderr
    assert "make room or name another place" in done.stderr
    assert "Traceback" not in done.stderr
    assert list(place.iterdir()) == []


@pytest.mark.parametrize("command", ["changes", *(f"export --format {form}" for form in FORMATS)])
def test_where_standard_output_has_no_room_it_ends_with_advice(days: Days, command: str) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [COMMAND, *command.split(), "-a", days.path], stdout=full, stderr=subprocess.PIPE, check=False
        )
    assert done.returncode == 2
    assert done.stderr.startswith(b"error: standard output cannot be written: No space left on device; ")
    assert len(done.stderr.splitlines()) == 1


# The change stream


def test_a_fresh_consumer_gets_everything_and_is_told_where_to_go_on(days: Days) -> None:
    *events, last = told("changes", days)
    assert [(event["article"]["id"], event["kinds"]) for event in events] == [
        *((name, ["new"]) for name in ("a1", "a2", "a3", "a4", "a9")),
        ("a1", ["changed"]),
        ("a2", ["missing"]),
    ]
    assert last == {"next_cursor": 7, "more": False}
    assert told("changes", days, "--after", 7) == [last]


def test_who_reads_in_parts_is_told_when_there_is_more(days: Days) -> None:
    after, read = 0, []
    while True:
        *events, last = told("changes", days, "--after", after, "--limit", 3)
        read += [event["cursor"] for event in events]
        after = last["next_cursor"]
        if not last["more"]:
            break
    assert read == [1, 2, 3, 4, 5, 6, 7]


def test_who_reads_one_site_does_not_read_the_others_again(days: Days) -> None:
    assert told("changes", days, "--site", "other")[-1] == {"next_cursor": 7, "more": False}
    assert told("changes", days, "--site", "other", "--after", 5) == [{"next_cursor": 7, "more": False}]


def test_a_wrong_cursor_is_refused_with_advice(days: Days) -> None:
    assert "begin again from 0" in refused("changes", days, "--after", 8)


def test_who_follows_is_told_while_runs_go_on(days: Days) -> None:
    command = [COMMAND, "changes", "-a", str(days.path), "--follow", "--every", "0.05", "--after", "7"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert json.loads(process.stdout.readline()) == {"next_cursor": 7, "more": False}
        days.run(article(5))
        assert json.loads(process.stdout.readline())["article"]["id"] == "a5"
        assert json.loads(process.stdout.readline()) == {"next_cursor": 8, "more": False}
        days.run(article(5, views=11))  # moves no more than views: nothing to tell
        days.run(("a5", "gone"))
        assert json.loads(process.stdout.readline())["kinds"] == ["missing"]
        process.send_signal(signal.SIGINT)
        assert process.wait() == 130


def test_the_help_of_both_fits_and_names_the_formats() -> None:
    for command in ("export", "changes"):
        text = CliRunner().invoke(cli.main, [command, "--help"]).stdout
        assert all(len(line) <= 100 for line in text.splitlines())
    assert all(form in CliRunner().invoke(cli.main, ["export", "--help"]).stdout for form in FORMATS)


# Moments


def test_diff_takes_days_as_well_as_runs(days: Days) -> None:
    by_run = told("diff", days, 1, 2, "--json")
    assert {change["kind"] for change in by_run} == {"changed", "missing"}
    assert told("diff", days, "2026-09-02", "2026-09-30", "--json") == by_run
    assert told("diff", days, 1, "2026-09-03", "--json") == by_run
    assert told("diff", days, "2026-09-03", "2026-09-30", "--json") == []
    assert len(told("diff", days, "2026-08-01", "2026-09-02", "--json")) == 5
    told_to_people = run("diff", days, "2026-09-02", "2026-09-30")
    assert told_to_people.stderr == "What changed from run 1 to run 2\n"
    assert "1 changed · 1 missing from run 1 to run 2" in told_to_people.stdout


def test_diff_of_a_site_is_of_the_last_run_that_asked_it(days: Days) -> None:
    days.run(article(title="Corrected again"))
    days.run(sites=["elsewhere"])
    assert "1 changed at campus from run 2 to run 3" in printed("diff", days, "--site", "campus")
    assert printed("diff", days) == "nothing changed from run 3 to run 4\n"


@pytest.mark.parametrize(
    ("arguments", "advice"),
    [
        (("2", "1"), "2 is not before 1: name the older one first"),
        (("2", "2"), "name the older one first"),
        (("2026-09-03", "2026-09-02"), "name the older one first"),
        (("2026-09-30", "1"), "name the older one first"),
        (("yesterday",), "'yesterday' is no run and no day: write its number, or YYYY-MM-DD"),
        (("7",), "no run 7: the archive has runs 1 to 2"),
        (("--site", "othr"), "no site othr in the archive: did you mean other?"),
    ],
)
def test_a_comparison_that_makes_no_sense_is_refused_with_advice(
    days: Days, arguments: tuple[str, ...], advice: str
) -> None:
    assert advice in refused("diff", days, *arguments)


def but_for_its_capture(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if not name.startswith("capture")}


def test_an_export_as_of_a_moment_is_that_of_a_copy_taken_then(days: Days) -> None:
    copy = Days(days.path.with_name("copy"))
    copy.run(*(article(number) for number in range(1, 5)), article(9, site="other"))
    for table in ("articles", "versions", "views", "changes", "runs"):
        then = told("export", days, "--table", table, "--as-of", 1)
        assert list(map(but_for_its_capture, then)) == list(
            map(but_for_its_capture, told("export", copy, "--table", table))
        )
    assert told("export", days, "--as-of", "2026-09-02") == told("export", days, "--as-of", "1")
    assert told("export", days, "--as-of", "2026-09-01") == []
    assert "no run 7" in refused("export", days, "--as-of", 7)


def test_a_dataset_as_of_a_moment_says_so_and_where_to_go_on(days: Days, tmp_path: Path) -> None:
    run("export", days, "--dataset", tmp_path / "set", "--as-of", "2026-09-02")
    package = json.loads((tmp_path / "set" / "datapackage.json").read_text("utf-8"))
    assert (package["campusnews:last_run"], package["campusnews:cursor"]) == (1, 5)
    assert "stood at the end of 2026-09-02, UTC" in (tmp_path / "set" / "README.md").read_text("utf-8")
    after = told("changes", days, "--after", package["campusnews:cursor"])
    assert [event["article"]["id"] for event in after[:-1]] == ["a1", "a2"]
