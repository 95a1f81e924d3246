"""What docs/scheduling.md tells operators to use works: cron lines, units, alerts, the git repository."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from scraper.cli import main
from scraper.metrics import HELP, exposition
from storage.records import Run, SiteOutcome, Standing

DOCS = Path(__file__).parents[1] / "docs"
PAGE = (DOCS / "scheduling.md").read_text("utf-8")
UNITS = DOCS / "systemd"
COMMAND = Path(sys.executable).with_name("campusnews")
WIDEST = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))  # minute, hour, day, month, weekday: crontab(5)


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


def lines(language: str, comment: str = "#") -> list[str]:
    found = [line for block in blocks(language) for line in block.splitlines()]
    return [line for line in found if line.strip() and not line.startswith(comment)]


def jobs() -> list[tuple[list[str], str]]:
    """The five fields and the command of each cron line."""
    split = [line.split(maxsplit=5) for line in lines("crontab") if not re.match(r"\w+=", line)]
    return [(parts[:5], parts[5]) for parts in split]


@pytest.fixture
def place(tmp_path: Path, small: Any) -> Path:
    """A directory as the page has it: the config of a site that is well, the command, the script."""
    program = tmp_path / ".venv" / "bin" / "campusnews"
    program.parent.mkdir(parents=True)
    program.symlink_to(COMMAND)
    shutil.copy(DOCS / "git-scraping.sh", tmp_path)
    small.listing("/list.htm", range(3, 0, -1))
    small.articles(range(1, 4))
    site = {"name": "small", "allow_private": True, "ports": [small.server.server_port], "delay": 0}
    config = {"sites": [site | {"retries": 0, "seeds": [f"{small.base}/list.htm"]}]}
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    return tmp_path


def run(command: str, place: Path, path: str = "/usr/bin:/bin") -> subprocess.CompletedProcess[str]:
    """Run a command as cron does: by sh, with hardly any environment."""
    person = {
        f"GIT_{role}_{what}": "archive@example.edu"
        for role in ("AUTHOR", "COMMITTER")
        for what in ("NAME", "EMAIL")
    }
    environment = {"PATH": path, "HOME": str(place), **person}
    environment |= {name: os.environ[name] for name in ("PYTHONPATH",) if name in os.environ}
    return subprocess.run(
        ["sh", "-c", command], cwd=place, env=environment, capture_output=True, text=True, check=False
    )


def needs(*programs: str) -> None:
    for name in programs:
        if shutil.which(name) is None:
            pytest.skip(f"no {name} on this machine")


# ---- cron


@pytest.mark.parametrize(("fields", "command"), jobs())
def test_a_cron_line_has_five_fields_within_their_bounds_and_no_bare_percent_sign(
    fields: list[str], command: str
) -> None:
    for field, (least, most) in zip(fields, WIDEST, strict=True):
        assert field == "*" or least <= int(field) <= most
    assert not re.search(r"(?<!\\)%", command)


def test_no_cron_line_says_a_word_when_all_is_well(place: Path) -> None:
    needs("git", "jq")
    for command in (
        "git init --quiet --bare far.git",
        "git init --quiet news",
        "cd news && git remote add origin ../far.git && git config push.autoSetupRemote true",
    ):
        assert run(command, place).returncode == 0
    for _, command in jobs():
        done = run(command.replace("/srv/campusnews", str(place)), place)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", ""), command
    assert len((place / "runs.log").read_text().splitlines()) == 1
    pushed = run("git -C far.git log --oneline --all", place).stdout.splitlines()
    assert len(pushed) == 1


def test_a_quiet_cron_line_mails_the_line_of_the_run_and_the_reason_when_a_site_failed(
    place: Path, small: Any
) -> None:
    small.pages.clear()
    done = run(jobs()[0][1].replace("/srv/campusnews", str(place)), place)
    assert done.returncode == 1
    assert done.stdout.startswith("run 1 incomplete at ")
    assert "failed: " in done.stderr


# ---- the other commands


def test_the_commands_of_the_page_work_in_its_order(place: Path) -> None:
    needs("git", "jq")
    path = f"{place / '.venv' / 'bin'}:/usr/bin:/bin"
    for command in lines("sh"):
        done = run(command, place, path)
        assert done.returncode == 0, (command, done.stderr)
    record = (place / "news" / "news.jsonl").read_text("utf-8").splitlines()[0]
    assert {"title", "views", "last_seen"} & set(json.loads(record)) == {"title"}
    assert "3 insertions" in run("git -C news log --format=%s", place).stdout


def test_the_git_repository_has_a_commit_only_when_something_changed(place: Path) -> None:
    needs("git", "jq")
    path = f"{place / '.venv' / 'bin'}:/usr/bin:/bin"
    run("git init --quiet news", place)
    for _ in range(2):
        assert run("./git-scraping.sh news", place, path).returncode == 0
    assert len(run("git -C news log --oneline", place).stdout.splitlines()) == 1


def test_every_option_the_page_names_is_one_of_the_command() -> None:
    calls = [line for line in (*lines("sh"), *(command for _, command in jobs())) if "campusnews" in line]
    calls += re.findall(
        r"^ExecStart=(.*)$", "\n".join(unit.read_text() for unit in UNITS.glob("*.service")), re.M
    )
    known = {
        option
        for command in (main, *main.commands.values())
        for each in command.params
        for option in each.opts
    }
    for call in calls:
        used = set(re.findall(r"(?<=\s)--[a-z-]+", call.partition("#")[0]))
        assert used <= known | {"--quiet", "--push"}, call


def test_the_line_of_a_run_on_the_page_is_one_that_is_printed() -> None:
    from scraper.run_report import run_line

    counts = {"requests": 41, "bytes": 1_200_000, "not_modified": 12}
    ran = Run(212, "2026-11-25T02:11:00+00:00", "2026-11-25T02:14:12+00:00", "done", counts)
    sites = [SiteOutcome(name, "done") for name in "abc"]
    assert run_line(ran, sites, {"new": 4, "changed": 2}, {"not_found": 1}) in blocks("text")[0]


# ---- systemd


def test_the_units_are_right_where_systemd_can_tell(tmp_path: Path) -> None:
    needs("systemd-analyze")
    shutil.copytree(UNITS, tmp_path / "units")
    units = sorted((tmp_path / "units").glob("*.*"))
    for unit in units:
        if unit.suffix == ".service":
            unit.write_text(unit.read_text().replace("/opt/campusnews/bin/campusnews", str(COMMAND)))
    files = [str(unit) for unit in units if unit.is_file()]
    verified = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *files], capture_output=True, text=True, check=False
    )
    assert (verified.returncode, verified.stdout + verified.stderr) == (0, "")


def test_every_timer_has_its_service_and_what_services_share_is_read_by_each() -> None:
    timers, services = ({unit.stem for unit in UNITS.glob(f"*.{kind}")} for kind in ("timer", "service"))
    assert timers == services
    assert all(name.startswith("campusnews-") for name in services)
    shared = (UNITS / "campusnews-.service.d" / "campusnews.conf").read_text()
    for setting in ("Restart=no", "KillSignal=SIGTERM", "ProtectSystem=strict", "SuccessExitStatus=130"):
        assert f"\n{setting}\n" in shared
    told = set(re.findall(r"campusnews-(?:nightly|whole)\.(?:service|timer)", PAGE))
    assert told <= {unit.name for unit in UNITS.iterdir()}


# ---- Prometheus


def a_full_exposition() -> str:
    standing = Standing(
        1, "2026-11-25T02:00:00+00:00", SiteOutcome("lib", "drifted", "", {}, ("d",)), None, {"dns": 1}
    )
    return exposition(Run(1, "2026-11-25T02:00:00+00:00", "2026-11-25T02:01:00+00:00", "done"), [standing])


def test_the_page_lists_every_metric_with_its_labels_and_meaning() -> None:
    told = re.findall(r"^\| `campusnews_(\w+)` \| ([^|]*) \| (.*) \|$", PAGE, re.MULTILINE)
    assert [(name, meaning) for name, _, meaning in told] == list(HELP.items())
    text = a_full_exposition()
    for name, labels, _ in told:
        line = next(line for line in text.splitlines() if re.match(rf"campusnews_{name}\b", line))
        assert re.findall(r'(\w+)="', line) == re.findall(r"`(\w+)`", labels)


def test_the_alerts_rest_on_metrics_and_labels_there_are() -> None:
    rules = yaml.safe_load((DOCS / "prometheus-alerts.yml").read_text("utf-8"))["groups"][0]["rules"]
    text = a_full_exposition()
    for rule in rules:
        assert set(rule) <= {"alert", "expr", "for", "annotations"}
        assert rule["annotations"]["summary"]
        for name, chosen in re.findall(r"campusnews_(\w+)(?:\{(.*?)\})?", rule["expr"]):
            assert name in HELP
            for label, word in re.findall(r'(\w+)=~?"([^"]*)"', chosen):
                for value in word.split("|"):
                    assert re.search(rf'campusnews_{name}\{{.*{label}="{value}"', text), rule["alert"]
        for label in re.findall(r"\$labels\.(\w+)", str(rule["annotations"])):
            assert label == "site"
            assert "campusnews_site_" in rule["expr"]
    assert len({rule["alert"] for rule in rules}) == len(rules)
    assert rules[0]["expr"].count("(") == rules[0]["expr"].count(")")
