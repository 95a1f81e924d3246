"""The commands `verify` and `repair`: what they say, what a kill leaves, what is fetched again."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from scraper.crawl import crawl
from storage import Archive
from storage.verify import verify

from . import damage
from .conftest import SmallSite
from .test_faults_crash import ROOT, command, written

# Repairs in a process of its own, which is killed at its N-th call of a function that changes files.
KILLED = """
import os, signal, sys
from datetime import UTC, datetime
from storage.repair import repair
left = int(sys.argv[2])

def at(event, arguments):
    global left
    made = event == "open" and arguments[1] in ("w", "x", "wb", "xb")
    if made or event in ("os.rename", "os.link", "os.remove", "os.truncate"):
        left -= 1
        if not left:
            os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(at)
list(repair(sys.argv[1], now=datetime.now(UTC)))
"""


@pytest.fixture
def stories(small: SmallSite) -> SmallSite:
    small.articles(range(1, 13))
    small.listing("/list.htm", range(1, 13))
    return small


def spoil(root: Path, url: str) -> None:
    """Flip a byte in the middle of the payload that is kept of an address."""
    with Archive.open(root) as archive:
        capture = archive.kept(url)
    assert capture is not None
    path = root / capture.warc
    data = bytearray(path.read_bytes())
    data[capture.offset + capture.length // 2] ^= 0xFF
    path.write_bytes(data)


def test_what_was_lost_is_fetched_again_by_the_next_crawl(stories: SmallSite, tmp_path: Path) -> None:
    path = written(tmp_path, [f"{stories.base}/list.htm"], recheck=[{"every": 365}])
    root = tmp_path / "archive"
    assert command("crawl", "-c", str(path)).returncode == 0
    spoil(root, f"{stories.base}/news/5.html")
    said = command("verify", "-c", str(path))
    assert (said.returncode, "Traceback" in said.stderr) == (4, False)
    assert "campusnews repair" in said.stderr
    planned = command("repair", "-c", str(path), "--dry-run")
    assert (planned.returncode, "nothing was changed" in planned.stderr) == (0, True)
    assert "/news/5.html" in planned.stdout
    mended = command("repair", "-c", str(path))
    assert (mended.returncode, "Traceback" in mended.stderr) == (0, False), mended.stderr
    assert "/news/5.html" in mended.stdout
    assert "lost" in command("status", "-c", str(path)).stdout
    stories.asked.clear()
    assert command("crawl", "-c", str(path)).returncode == 0
    assert [each for each in stories.asked if "/news/" in each] == ["/news/5.html"]
    with Archive.open(root) as archive:
        kept = archive.kept(f"{stories.base}/news/5.html")
        assert kept is not None
        assert b"story 5" in archive.payload(kept)[1]
    assert "rest on those" in command("repair", "-c", str(path)).stdout
    assert command("verify", "-c", str(path)).returncode == 0
    assert "lost" not in command("status", "-c", str(path)).stdout


def test_a_crawl_goes_on_where_one_kept_page_cannot_be_read(stories: SmallSite, tmp_path: Path) -> None:
    path = written(tmp_path, [f"{stories.base}/list.htm"])
    assert command("crawl", "-c", str(path)).returncode == 0
    spoil(tmp_path / "archive", f"{stories.base}/news/5.html")
    stories.articles(range(1, 13), more="<p>Something was added here since yesterday.</p>")
    said = command("crawl", "-c", str(path))
    assert (said.returncode, "Traceback" in said.stderr) == (0, False), said.stderr
    with Archive.open(tmp_path / "archive") as archive:
        assert all("since yesterday" in article.body for article in archive.articles())


@pytest.mark.parametrize("name", ["09 one gzip stream", "07 garbage after the end", "two files change names"])
def test_a_repair_killed_at_any_change_of_a_file_loses_nothing(
    name: str, stories: SmallSite, tmp_path: Path
) -> None:
    sound = tmp_path / "archive"
    for _ in range(2):
        crawl(stories.config(sound))
        stories.articles(range(1, 13), more="<p>Something was added here since yesterday.</p>")
    for count in range(1, 12):
        copy = tmp_path / "copy"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(sound, copy)
        damage.WARC[name](copy, damage.Random(1))
        arguments = [sys.executable, "-c", KILLED, str(copy), str(count)]
        first = subprocess.run(arguments, cwd=ROOT, timeout=60, check=False)
        assert subprocess.run([*arguments[:-1], "0"], cwd=ROOT, timeout=60, check=False).returncode == 0
        assert list(verify(copy)) == []
        # Not at the same bytes: once in some dozens of processes ISA-L packs records otherwise.
        assert damage.told(copy) == damage.told(sound)
        if first.returncode == 0:
            break
    assert count > 1, "it was killed at least once"


def test_two_repairs_at_once_are_one_too_many(stories: SmallSite, tmp_path: Path) -> None:
    crawl(stories.config(tmp_path / "archive"))
    path = written(tmp_path, [f"{stories.base}/list.htm"])
    with Archive.open(tmp_path / "archive", write=True):
        said = command("repair", "-c", str(path))
    assert said.returncode == 3
    assert "holds the archive" in said.stderr


def test_findings_and_steps_are_json_for_programs(stories: SmallSite, tmp_path: Path) -> None:
    path = written(tmp_path, [f"{stories.base}/list.htm"])
    assert command("crawl", "-c", str(path)).returncode == 0
    spoil(tmp_path / "archive", f"{stories.base}/news/5.html")
    found = [json.loads(line) for line in command("verify", "-c", str(path), "--json").stdout.splitlines()]
    assert {"file", "offset", "record", "problem", "detail", "damage"} == set(found[0])
    steps = command("repair", "-c", str(path), "--json", "--dry-run").stdout.splitlines()
    assert [json.loads(line)["action"] for line in steps] == ["accept"]
