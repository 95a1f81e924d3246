"""The command: what it prints for people and for programs, how it exits, that an error is one line."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

from scraper import cli
from scraper.config import load_config
from scraper.crawl import crawl
from scraper.demo.campus import Campus
from storage import Archive
from storage.lock import Lock

pytestmark = pytest.mark.usefixtures("catalogue")

COMMAND = str(Path(sys.executable).with_name("campusnews"))
HEAVY = {"httpx", "lxml", "pydantic", "rich", "sqlalchemy"}


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli.main, [str(argument) for argument in arguments])


def printed(*arguments: object, code: int = 0) -> str:
    result = run(*arguments)
    assert result.exit_code == code, result.output
    return result.stdout


def lines(text: str) -> list[Any]:
    return [json.loads(line) for line in text.splitlines()]


def refused(*arguments: object, code: int = 2) -> str:
    """An error is one line for a person, never a traceback."""
    result = run(*arguments)
    assert result.exit_code == code, result.output
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    return result.stderr.strip().splitlines()[-1].lower()


@pytest.fixture(scope="module")
def kept(catalogue: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A config whose archive holds both editions of the campus, which stays open."""
    path = tmp_path_factory.mktemp("cli") / "config.yaml"
    with Campus() as campus:
        path.write_text(campus.config("archive"), encoding="utf-8")
        crawl(load_config(path))
        campus.edition = 2
        crawl(load_config(path))
        yield path


# ---- help


def commands() -> list[str]:
    return sorted(cli.main.commands)


@pytest.mark.parametrize("name", commands())
def test_every_command_and_every_option_of_it_says_what_it_does(name: str) -> None:
    text = printed(name, "--help")
    assert text.startswith("Usage: ")
    command = cli.main.commands[name]
    assert command.help
    assert all(each.help for each in command.params if isinstance(each, click.Option))


def test_help_lists_every_command_and_every_exit_code() -> None:
    text = printed("--help")
    assert all(f"\n  {name} " in text for name in commands())
    assert all(f"{code} " in text.split("Exit codes:")[1] for code in (0, 1, 2, 3, 4, 5, 130))
    assert printed("--version").strip().endswith(version("campusnews"))


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys\nfrom scraper.cli import main\n"
        "main(['--help'], standalone_mode=False)\n"
        f"print(*sorted({HEAVY!r} & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == ""


def test_the_installed_command_runs() -> None:
    done = subprocess.run([COMMAND, "--version"], capture_output=True, text=True, check=True)
    assert version("campusnews") in done.stdout


# ---- crawl, runs, status


def test_crawl_exits_with_one_when_a_site_failed(kept: Path) -> None:
    assert "done" in printed("crawl", "dfu", "-c", kept)
    found = json.loads(printed("crawl", "hcu", "-c", kept, "--json", code=1))  # a section is under repair
    assert (found["run"]["outcome"], found["sites"][0]["outcome"]) == ("incomplete", "failed")
    assert set(found) == {"run", "sites", "changes", "problems"}


def test_crawl_reports_what_cannot_work_in_one_line(
    kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "no site 'hcuu'" in refused("crawl", "hcuu", "-c", kept)
    assert "nothing.yaml" in refused("crawl", "-c", tmp_path / "nothing.yaml")
    monkeypatch.chdir(tmp_path)
    assert "no sites" in refused("crawl")


def test_a_held_archive_is_exit_code_3_with_the_holder(kept: Path) -> None:
    lock = Lock(Path(load_config(kept).archive) / "lock")
    try:
        assert "another run holds the archive (pid " in refused("crawl", "-c", kept, code=3)
    finally:
        lock.release()


def test_runs_and_status_print_for_people_and_for_programs(kept: Path) -> None:
    assert "outcome" in printed("runs", "-c", kept)
    listed = lines(printed("runs", "-c", kept, "--json"))
    assert [each["id"] for each in listed] == list(range(1, len(listed) + 1))
    result = run("status", "-c", kept)
    assert "last run" in result.stdout
    found = json.loads(run("status", "-c", kept, "--json").stdout)
    assert set(found) == {"run", "sites", "problems", "states", "robots", "lost"}
    assert result.exit_code == any(site["outcome"] == "failed" for site in found["sites"])


# ---- diff, export, verify


def test_diff_tells_the_changes_between_two_runs(kept: Path) -> None:
    text = printed("diff", 1, 2, "-c", kept)
    assert "changed" in text
    found = lines(printed("diff", 1, 2, "-c", kept, "--json"))
    assert {change["run"] for change in found} == {2}
    only = lines(printed("diff", 1, 2, "-c", kept, "--site", "dfu", "--json"))
    assert only == [change for change in found if change["site"] == "dfu"]
    assert "name the older one first" in refused("diff", 2, 1, "-c", kept)


def test_export_writes_the_same_records_to_a_pipe_and_to_a_file(kept: Path, tmp_path: Path) -> None:
    text = printed("export", "-c", kept)
    assert {record["site"] for record in lines(text)} == {"szqu", "hcu", "dfu"}
    target = tmp_path / "news.jsonl"
    result = run("export", "-c", kept, "-o", target)
    assert (result.exit_code, result.stdout) == (0, "")
    assert target.read_text(encoding="utf-8") == text
    assert "--force" in refused("export", "-c", kept, "-o", target)
    assert run("export", "-c", kept, "-o", target, "--force").exit_code == 0
    late = lines(printed("export", "-c", kept, "--since", "2026-11-01", "--site", "dfu"))
    assert late
    assert all(record["release_time"] >= "2026-11-01" and record["site"] == "dfu" for record in late)


def test_a_day_that_is_none_is_refused(kept: Path) -> None:
    for option in ("--since", "--until"):
        assert "yyyy-mm-dd" in refused("export", "-c", kept, option, "yesterday")


def test_verify_finds_nothing_in_a_sound_archive_and_exits_with_4_for_a_damaged_one(
    kept: Path, tmp_path: Path
) -> None:
    assert printed("verify", "-c", kept, "--json") == ""
    archive = Path(load_config(kept).archive)
    for path in archive.rglob("*"):
        if path.is_file():
            copy = tmp_path / path.relative_to(archive)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(path.read_bytes())
    warc = sorted(tmp_path.glob("warc/*"))[0]
    data = bytearray(warc.read_bytes())
    data[len(data) // 2] ^= 0xFF
    warc.write_bytes(data)
    assert warc.name in printed("verify", "-a", tmp_path, code=4)
    assert lines(printed("verify", "-a", tmp_path, "--json", code=4))


@pytest.mark.parametrize("name", ["diff", "export", "runs", "status", "verify"])
def test_a_reading_command_without_an_archive_says_so(name: str, tmp_path: Path) -> None:
    assert "no archive" in refused(name, "-a", tmp_path / "nowhere")
    assert not (tmp_path / "nowhere").exists()


# ---- extract, discover


def an_article(kept: Path) -> tuple[str, str, bytes]:
    with Archive.open(load_config(kept).archive) as archive:
        counted = (each for each in archive.articles(site="szqu") if each.views_source == "counter")
        article = next(each for each in counted if each.state == "live")  # one is gone by then
        assert article.capture is not None
        return article.url, article.title, archive.payload(article.capture)[1]


def test_extract_reads_a_saved_page_and_an_address(kept: Path, tmp_path: Path) -> None:
    url, title, body = an_article(kept)
    saved = tmp_path / "page.html"
    saved.write_bytes(body)
    assert title in printed("extract", saved)
    found = json.loads(printed("extract", saved, "--url", url, "--json"))
    assert set(found) == {"article", "problem", "counter"}
    assert (found["article"]["title"], found["article"]["url"]) == (title, url)
    assert found["counter"]["url"].startswith(url[:20])
    assert title in printed("extract", url, "-c", kept)


def test_extract_names_why_a_page_is_no_article(tmp_path: Path) -> None:
    saved = tmp_path / "page.html"
    saved.write_bytes(b"%PDF-1.4\n")
    assert "no article: pdf bytes" in printed("extract", saved, code=1)
    found = json.loads(printed("extract", saved, "--json", code=1))
    assert (found["article"], found["problem"]) == (None, "pdf_bytes")


def test_discover_reads_a_saved_list_and_an_address(kept: Path, small: Any, tmp_path: Path) -> None:
    small.listing("/list.htm", range(1, 6), next_path="/list2.htm")
    saved = tmp_path / "list.html"
    saved.write_text(small.pages["/list.htm"], encoding="utf-8")
    found = json.loads(printed("discover", saved, "--url", f"{small.base}/list.htm", "--json"))
    assert [item["url"] for item in found["items"]] == [f"{small.base}/news/{n}.html" for n in range(1, 6)]
    assert found["next"] == f"{small.base}/list2.htm"
    seed = load_config(kept).sites[0].seeds[0].url
    assert "next page: http" in printed("discover", seed, "-c", kept)
    saved.write_bytes(b"<html><body>nothing</body></html>")
    assert "no items found" in printed("discover", saved, code=1)


@pytest.mark.parametrize("name", ["extract", "discover"])
def test_a_page_that_cannot_be_had_is_one_line_that_says_what_to_do(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert "no such file: news.html" in refused(name, "news.html")
    assert "allow_private" in refused(name, "http://127.0.0.1/", code=1)


# ---- the other end goes away


def test_a_closed_pipe_is_quiet(kept: Path) -> None:
    for arguments in (["export"], ["runs"], ["diff", "1", "2"], ["diff", "1", "2", "--json"]):
        command = subprocess.Popen(
            [COMMAND, *arguments, "-c", str(kept)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        assert command.stdout is not None
        command.stdout.close()
        assert command.stderr is not None
        with command.stderr as told:
            assert told.read() == b"", arguments
        assert command.wait(30) == 0, arguments


# ---- the package


def test_the_public_names_are_sorted_complete_and_functions_even_after_their_modules_are_loaded() -> None:
    import scraper.crawl
    import scraper.discover
    import scraper.extract
    from scraper import crawl, discover, extract, load_config

    assert all(callable(each) for each in (crawl, discover, extract, load_config))
    assert scraper.extract is extract
    assert scraper.__all__ == sorted(scraper.__all__)
    assert {name: getattr(scraper, name).__name__ for name in scraper.__all__} == {
        n: n for n in scraper.__all__
    }
    assert set(scraper._HOMES) == set(scraper.__all__)
    with pytest.raises(AttributeError, match="no attribute 'scrape'"):
        getattr(scraper, "scrape")  # noqa: B009 - mypy knows there is none


def test_the_command_is_declared_for_installation() -> None:
    project = tomllib.loads((Path(cli.__file__).parents[2] / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["scripts"] == {"campusnews": "scraper.cli:main"}


def test_a_saved_page_of_a_site_in_the_config_is_read_with_the_site_s_settings(tmp_path: Path) -> None:
    page, config = tmp_path / "page.html", tmp_path / "config.yaml"
    text = "图书馆今天重新开放，读者们在开学的第一周就回来了，墙壁也干了。"
    page.write_bytes(f"<h1>图书馆重新开放</h1><b class=when>2024-03-05 08:30</b><p>{text}</p>".encode("gbk"))
    config.write_text(
        "contact: lib@example.edu\nsites:\n  - name: lib\n    seeds: [http://news.example.edu.cn/list.htm]\n"
        "    encoding: gbk\n    timezone: Asia/Urumqi\n    preset: generic\n"
        "    rules: {article: {release_time: [.when]}}\n",
        encoding="utf-8",
    )
    url = "http://news.example.edu.cn/2024/1.htm"
    record = json.loads(printed("extract", page, "--url", url, "-c", config, "--json"))["article"]
    assert (record["site"], record["body"]) == ("lib", text)
    assert record["release_time"] == "2024-03-05T08:30+06:00"
    assert record["provenance"]["release_time"] == "preset:.when"
    assert record["provenance"]["encoding"] == "config:gb18030"
