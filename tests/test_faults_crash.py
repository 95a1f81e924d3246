"""What disks, kernels and people do to a run: FAULTS.md's section `storage: crash & environment`.

Whole commands against a small site. The kernel's faults are real where this machine lets us make them (a disk
of its own, `strace`); elsewhere these tests are left out and say so. Kills and power cuts of the write path
are in test_archive, damaged files in test_warc and test_verify, a hundred kills in benchmarks/kill9.py.
"""

from __future__ import annotations

import json
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from scraper.crawl import Progress, crawl
from scraper.demo.reply import Reply
from storage import Archive
from storage.errors import ArchiveNotFound
from storage.files import cut
from storage.findings import Finding
from storage.verify import verify

from .conftest import SmallSite
from .fault_server import FaultServer, reply, then_hang

pytestmark = pytest.mark.usefixtures("catalogue")

ROOT = Path(__file__).parents[1]
COMMAND = [sys.executable, "-c", "from scraper.cli import main; main()"]
SOON = 8.0  # seconds in which a run stops: a second or two, and some for a busy machine


def command(*arguments: str, before: Sequence[str] = (), **more: Any) -> subprocess.CompletedProcess[str]:
    whole = [*before, *COMMAND, *arguments]
    return subprocess.run(whole, capture_output=True, text=True, cwd=ROOT, timeout=120, check=False, **more)


def written(directory: Path, seeds: Sequence[str], archive: Path | None = None, **settings: Any) -> Path:
    """Write a config of one site and return its path."""
    ports = [int(seeds[0].split(":")[2].partition("/")[0])]
    site = {"name": "small", "seeds": list(seeds), "ports": ports, "allow_private": True, "delay": 0}
    site |= {"recheck": [{"every": 0}]} | settings
    path = directory / "config.yaml"
    path.write_text(yaml.safe_dump({"archive": str(archive or directory / "archive"), "sites": [site]}))
    return path


def urls(archive: Path) -> list[str]:
    with Archive.open(archive) as opened:
        return sorted(article.url.rpartition("/")[2] for article in opened.articles())


def damage(archive: Path) -> list[Finding]:
    try:
        return [finding for finding in verify(archive) if finding.damage]
    except ArchiveNotFound:  # nothing was committed yet
        return []


# ---- asked to stop, whatever the run is doing

LIST = b"<html><body><ul class='news_list'>%s</ul></body></html>" % b"".join(
    b"<li><a href='/news/%d.html'>A story of some length, number %d</a><span>2026-11-03</span></li>" % (n, n)
    for n in range(1, 9)
)
STORY = b"<html><body><h1>A story of some length</h1>" + b"<p>A paragraph, long enough to be text.</p>" * 9
HANGS = then_hang(b"")
BUSY = reply(503, b"", "Retry-After: 600")
WAITS: dict[str, tuple[dict[str, Any], str, dict[str, Any]]] = {
    "a host that hangs": ({"/news/3.html": HANGS}, "/news/3.html", {}),
    "a host that hangs within an answer": (
        {"/news/3.html": then_hang(reply(200, b"half", length=9_000))},
        "/news/3.html",
        {},
    ),
    "a long Retry-After": ({"/news/3.html": BUSY}, "/news/3.html", {"max_wait": 600}),
    "a long Crawl-delay": (
        {"/robots.txt": reply(200, b"User-agent: *\nCrawl-delay: 300\n")},
        "/robots.txt",
        {"max_wait": 600},
    ),
    "trying again": ({"/news/3.html": reply(502)}, "/news/3.html", {"retries": 10, "max_wait": 600}),
    "a robots.txt that hangs": ({"/robots.txt": HANGS}, "/robots.txt", {}),
    "several processes": ({"/news/3.html": HANGS}, "/news/3.html", {"processes": 2}),
}


@pytest.mark.parametrize(
    ("name", "what"),
    [(name, (signal.SIGINT, signal.SIGTERM)[at % 2]) for at, name in enumerate(WAITS)],
)
def test_a_run_stops_within_seconds_and_keeps_its_state(
    name: str, what: signal.Signals, tmp_path: Path
) -> None:
    answers, at, settings = WAITS[name]
    pages = {"/list.htm": reply(200, LIST)} | {f"/news/{n}.html": reply(200, STORY) for n in range(1, 9)}
    site = {key: value for key, value in settings.items() if key != "processes"}
    with FaultServer(pages | answers) as server:
        path = written(tmp_path, [server.url("/list.htm")], **site)
        path.write_text(path.read_text() + f"processes: {settings.get('processes', 1)}\n")
        run = subprocess.Popen(
            [*COMMAND, "crawl", "-c", str(path)], stderr=subprocess.PIPE, text=True, cwd=ROOT
        )
        while at not in server.asked:
            time.sleep(0.01)
        run.send_signal(what)
        asked = time.monotonic()
        told = run.communicate(timeout=30)[1]
        assert time.monotonic() - asked < SOON
        assert run.returncode == 130, told
        assert "Traceback" not in told
        with Archive.open(tmp_path / "archive") as archive:
            assert [each.outcome for each in archive.runs()] == ["interrupted"]
        assert damage(tmp_path / "archive") == []
        server.answers.update(pages | {"/robots.txt": reply(404)})
        before = len(server.asked)
        assert command("crawl", "-c", str(path)).returncode == 0
        assert len(urls(tmp_path / "archive")) == 8
        if at == "/news/3.html":
            assert "/list.htm" not in server.asked[before:], "what was acknowledged is not asked for again"


# ---- killed and gone on with


@pytest.fixture
def stories(small: SmallSite) -> SmallSite:
    small.articles(range(1, 25))
    small.listing("/list.htm", range(1, 9), next_path="/list2.htm")
    small.listing("/list2.htm", range(9, 17), next_path="/list3.htm")
    small.listing("/list3.htm", range(17, 25))
    return small


def stopped(site: SmallSite, archive: Path, after: int) -> None:
    """Crawl until so many pages were taken, and stop there."""
    stop = threading.Event()
    count = iter(range(1, 10**6))
    with pytest.raises(KeyboardInterrupt):
        crawl(site.config(archive), stop=stop, watch=lambda _: stop.set() if next(count) >= after else None)


def test_an_article_that_left_its_list_is_found_also_when_the_run_was_broken_off(
    stories: SmallSite, tmp_path: Path
) -> None:
    crawl(stories.config(tmp_path / "archive"))
    stories.listing("/list2.htm", range(9, 16), next_path="/list3.htm")
    stopped(stories, tmp_path / "archive", after=2)
    run = crawl(stories.config(tmp_path / "archive"))
    with Archive.open(tmp_path / "archive") as archive:
        assert [each.id for each in archive.runs()] == [1, run.id]
        states = {article.url.rpartition("/")[2]: article.state for article in archive.articles()}
    assert states.pop("16.html") == "hidden"
    assert set(states.values()) == {"live"}


def test_a_list_that_was_cut_before_the_break_proves_nothing_after_it(
    stories: SmallSite, tmp_path: Path
) -> None:
    crawl(stories.config(tmp_path / "archive"))
    stories.pages["/list2.htm"] = Reply(b"", status=500)
    stopped(stories, tmp_path / "archive", after=6)
    crawl(stories.config(tmp_path / "archive"))
    with Archive.open(tmp_path / "archive") as archive:
        assert {article.state for article in archive.articles()} == {"live"}


def test_no_answer_that_is_kept_is_asked_for_twice(stories: SmallSite, tmp_path: Path) -> None:
    """Pages a layout is learned from wait together: they are answered, acknowledged and not yet read."""
    for after in (2, 4, 8):
        place = tmp_path / f"archive-{after}"
        stopped(stories, place, after)
        with Archive.open(place) as archive:
            kept = {path for path in stories.asked if archive.kept(stories.base + path) is not None}
        stories.asked.clear()
        run = crawl(stories.config(place))
        assert not kept & set(stories.asked), after
        assert len(kept) >= after
        assert run.counts["articles"] == len(urls(place)) == 24
    with Archive.open(place) as archive:
        assert all(len(list(archive.versions(article.id))) == 1 for article in archive.articles())
    assert list(verify(place)) == []


def test_a_second_run_asks_for_nothing_and_leaves_with_the_holder_and_exit_code_3(
    stories: SmallSite, tmp_path: Path
) -> None:
    path = written(tmp_path, [f"{stories.base}/list.htm"])
    with Archive.open(tmp_path / "archive", write=True, create=True):
        said = command("crawl", "-c", str(path))
    assert said.returncode == 3
    assert re.search(rf"pid {os.getpid()} on \S+", said.stderr)
    assert stories.asked == []


# ---- the disk


def endless(site: SmallSite, count: int) -> None:
    """Articles that fill a small disk: each has an attachment that does not compress."""
    site.articles(range(1, count + 1), more="<a href='paper.pdf'>The paper</a>")
    for n in range(1, count + 1):
        page = site.pages[f"/news/{n}.html"]
        assert isinstance(page, str)
        site.pages[f"/news/{n}.html"] = page.replace("paper.pdf", f"/files/{n}.pdf")
        site.pages[f"/files/{n}.pdf"] = Reply(b"%PDF-1.4" + os.urandom(150_000), "application/pdf")
    site.listing("/list.htm", range(1, count + 1))


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Callable[..., Path]]:
    """Mount a small disk of its own, and again with other options."""
    place = tmp_path / "disk"
    place.mkdir()

    def mount(options: str, *, again: bool = False) -> Path:
        kind = ["-o", f"remount,{options}"] if again else ["-t", "tmpfs", "-o", options, "tmpfs"]
        made = subprocess.run(["mount", *kind, str(place)], capture_output=True, text=True, check=False)
        if made.returncode:
            pytest.skip(f"no disk can be mounted here: {made.stderr.strip()}")
        return place

    if shutil.which("mount") is None or os.geteuid() != 0:
        pytest.skip("only root can mount a disk")
    yield mount
    subprocess.run(["umount", "-l", str(place)], check=False)


def test_a_full_disk_ends_a_run_with_exit_code_5_and_the_next_goes_on(
    small: SmallSite, disk: Callable[..., Path], tmp_path: Path
) -> None:
    endless(small, 20)
    archive = disk("size=2m") / "archive"
    path = written(tmp_path, [f"{small.base}/list.htm"], archive)
    said = command("crawl", "-c", str(path))
    assert (said.returncode, "Traceback" in said.stderr) == (5, False), said.stderr
    assert "free some" in said.stderr
    assert damage(archive) == []
    again = command("crawl", "-c", str(path))
    assert (again.returncode, "Traceback" in again.stderr) == (5, False), again.stderr
    disk("size=40m", again=True)
    asked = len(small.asked)
    ended = command("crawl", "-c", str(path))
    assert ended.returncode == 0, ended.stderr
    assert len(urls(archive)) == 20
    assert len(small.asked) - asked <= 2 * 20 + 1
    assert list(verify(archive)) == []


def test_a_torn_tail_that_cannot_be_kept_aside_is_not_cut(disk: Callable[..., Path]) -> None:
    place = disk("size=400k")
    torn = place / "a.warc.gz.open"
    torn.write_bytes(os.urandom(250_000))
    for _ in range(2):
        with pytest.raises(OSError, match="No space left"):
            cut(torn, 10_000)
        assert [path.name for path in place.iterdir()] == [torn.name]
        assert torn.stat().st_size == 250_000
    disk("size=2m", again=True)
    assert cut(torn, 10_000) == 240_000
    assert torn.stat().st_size == 10_000


def test_a_limit_on_the_size_of_files_is_a_full_disk(small: SmallSite, tmp_path: Path) -> None:
    endless(small, 20)
    path = written(tmp_path, [f"{small.base}/list.htm"])
    limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1_500_000, 1_500_000))  # noqa: E731
    said = command("crawl", "-c", str(path), preexec_fn=limit)
    assert (said.returncode, "Traceback" in said.stderr) == (5, False), said.stderr
    assert damage(tmp_path / "archive") == []
    assert command("crawl", "-c", str(path)).returncode == 0
    assert len(urls(tmp_path / "archive")) == 20
    assert list(verify(tmp_path / "archive")) == []


def test_a_read_only_archive_is_read_and_not_crawled_into(
    stories: SmallSite, disk: Callable[..., Path], tmp_path: Path
) -> None:
    archive = disk("size=40m") / "archive"
    path = written(tmp_path, [f"{stories.base}/list.htm"], archive)
    assert command("crawl", "-c", str(path)).returncode == 0
    disk("ro", again=True)
    for name in ("status", "runs", "diff", "verify", "export"):
        read = command(name, "-c", str(path))
        assert (read.returncode, "Traceback" in read.stderr) == (0, False), (name, read.stderr)
    stories.asked.clear()
    said = command("crawl", "-c", str(path))
    assert (said.returncode, "Traceback" in said.stderr) == (2, False), said.stderr
    assert "read-only" in said.stderr.lower()
    assert stories.asked == [], "known before the first request"


@pytest.mark.parametrize("how", ["deleted", "replaced"])
def test_an_archive_that_goes_away_under_a_run_ends_it_and_is_not_made_again(
    how: str, catalogue: str, stories: SmallSite, tmp_path: Path
) -> None:
    place = tmp_path / "archive"
    crawl(stories.config(place))
    shutil.copytree(place, tmp_path / "other")
    stories.articles(range(1, 25), more="<p>Everything changed.</p>")

    def take_away(progress: Progress) -> None:
        if progress.url.endswith("/7.html") and not (tmp_path / "gone").exists():
            place.rename(tmp_path / "gone")
            if how == "replaced":
                shutil.copytree(tmp_path / "other", place)

    with pytest.raises(ArchiveNotFound, match="nothing was recreated"):
        crawl(stories.config(place), watch=take_away)
    assert place.exists() == (how == "replaced")
    if how == "replaced" and catalogue == "sqlite":  # elsewhere the copy has the catalogue of what is gone
        assert list(verify(place)) == []
        with Archive.open(place) as archive:
            assert [each.id for each in archive.runs()] == [1]
    assert damage(tmp_path / "gone") == []


# ---- the clock


def test_a_clock_set_back_two_days_reverses_nothing(stories: SmallSite, tmp_path: Path) -> None:
    noon = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
    moments = (noon, noon + timedelta(days=1), noon - timedelta(days=1))
    for number, moment in enumerate(moments):
        stories.articles(range(1, 25), more=f"<p>Edition {number} of it.</p>")
        crawl(stories.config(tmp_path / "archive"), now=lambda at=moment: at)
    with Archive.open(tmp_path / "archive") as archive:
        article = next(archive.articles())
        assert [version.number for version in archive.versions(article.id)] == [1, 2, 3]
        assert "Edition 2 of it." in article.body
        assert [run.id for run in archive.runs()] == [1, 2, 3]
        assert all("Edition 2" in str(change.to_json()) for change in archive.changes())
    assert list(verify(tmp_path / "archive")) == []


def test_a_clock_set_back_within_a_run_gives_no_negative_time(stories: SmallSite, tmp_path: Path) -> None:
    began = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
    ticks = iter(range(10**6))
    config = stories.config(tmp_path / "archive")
    crawl(config, now=lambda: began if next(ticks) < 20 else began - timedelta(days=2))
    path = written(tmp_path, [f"{stories.base}/list.htm"])
    for name in ("runs", "status"):
        said = command(name, "-c", str(path))
        assert said.returncode == 0
        assert not re.search(r"-\d+:|-\d+ (?:days|seconds)|\d:-\d", said.stdout), said.stdout
    assert crawl(config).outcome == "done"


# ---- the kernel's faults, made by strace


@pytest.fixture(scope="module")
def strace() -> str:
    program = shutil.which("strace")
    if program is None:
        pytest.skip("strace is not installed")
    tried = subprocess.run([program, "-e", "trace=none", "true"], capture_output=True, text=True, check=False)
    if tried.returncode:
        pytest.skip(f"no process may be traced here: {tried.stderr.strip()[:100]}")
    return program


def test_a_disk_that_cannot_be_read_at_one_place_costs_what_lies_there(
    strace: str, stories: SmallSite, tmp_path: Path
) -> None:
    for _ in range(2):
        crawl(stories.config(tmp_path / "archive"))
        stories.articles(range(1, 25), more="<p>Everything changed.</p>")
    path = written(tmp_path, [f"{stories.base}/list.htm"])
    bad, good = sorted((tmp_path / "archive" / "warc").glob("*.warc.gz"))
    fault = [strace, "-f", "-qq", "-o", "/dev/null", "-P", str(bad), "-e", "inject=read,pread64:error=EIO"]
    said = command("verify", "-c", str(path), before=fault)
    assert (said.returncode, "Traceback" in said.stderr) == (4, False), said.stderr
    assert bad.name in said.stdout
    assert "Input/output error" in said.stdout
    assert good.name not in said.stdout
    assert command("export", "-c", str(path), before=fault).stdout.count("\n") == 24
    assert command("verify", "-c", str(path)).returncode == 0, "nothing was harmed"


def test_a_sector_that_cannot_be_read_costs_the_record_in_it(
    strace: str, stories: SmallSite, tmp_path: Path
) -> None:
    path = written(tmp_path, [f"{stories.base}/list.htm"])
    assert command("crawl", "-c", str(path)).returncode == 0
    (bad,) = (tmp_path / "archive" / "warc").glob("*.warc.gz")
    fault = [strace, "-f", "-qq", "-o", "/dev/null", "-P", str(bad)]
    fault += ["-e", "inject=read,pread64:error=EIO:when=20"]
    said = command("verify", "-c", str(path), "--json", before=fault)
    assert (said.returncode, "Traceback" in said.stderr) == (4, False), said.stderr
    found = [json.loads(line) for line in said.stdout.splitlines()]
    assert {finding["problem"] for finding in found} <= {"unreadable", "missing_record", "record_count"}
    assert all(finding["offset"] is not None for finding in found if finding["problem"] == "unreadable")
    assert sum(finding["problem"] == "missing_record" for finding in found) <= 1, "the rest is served"
    assert command("verify", "-c", str(path)).returncode == 0, "nothing was harmed"


@pytest.mark.parametrize("when", [3, 6, 9])
def test_an_fsync_that_fails_ends_the_run_and_is_never_taken_for_success(
    when: int, strace: str, stories: SmallSite, tmp_path: Path
) -> None:
    """Linux reports a lost write once: whoever asks again is told that all is well."""
    path = written(tmp_path, [f"{stories.base}/list.htm"])
    fault = ["-e", f"inject=fsync,fdatasync:error=EIO:when={when}"]
    said = command("crawl", "-c", str(path), before=[strace, "-f", "-qq", "-o", "/dev/null", *fault])
    assert said.returncode not in (0, 130), said.stderr
    assert "Traceback" not in said.stderr, said.stderr
    assert "error: " in said.stderr
    assert damage(tmp_path / "archive") == []
    ended = command("crawl", "-c", str(path))
    assert ended.returncode == 0, ended.stderr
    assert len(urls(tmp_path / "archive")) == 24
    assert list(verify(tmp_path / "archive")) == []


def test_what_a_commit_names_is_on_the_disk_before_it(
    strace: str, stories: SmallSite, tmp_path: Path
) -> None:
    """In the kernel's own order: no byte of a WARC lies unsynced when the commit is synced, or sent."""
    path, log = written(tmp_path, [f"{stories.base}/list.htm"]), tmp_path / "calls"
    calls = "trace=write,pwrite64,fsync,fdatasync,sendto"
    ended = command("crawl", "-c", str(path), before=[strace, "-f", "-y", "-qq", "-o", str(log), "-e", calls])
    assert ended.returncode == 0, ended.stderr
    unsynced, commits, synced = False, 0, 0
    for line in log.read_text(errors="replace").splitlines():
        call = re.search(r"\b(write|pwrite64|fsync|fdatasync|sendto)\(\d+<([^>]*)>", line)
        if call is None:
            continue
        wrote = "write" in call[1]
        if ".warc.gz" in call[2]:
            unsynced = wrote
            synced += not wrote
        elif (call[2].endswith("-wal") and not wrote) or (call[1] == "sendto" and "COMMIT" in line):
            commits += 1
            assert not unsynced, line
    assert commits >= 2
    assert synced >= 1
