"""Configs that people write by mistake: each case of FAULTS.md's section `config`, told before any request.

What every single mistake is answered with stands in test_config.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import scraper
from scraper.cli import main
from scraper.crawl import crawl
from scraper.errors import ConfigError
from storage import Archive
from storage.errors import ArchiveError

from .conftest import SmallSite

SITE = "sites:\n  - name: small\n    allow_private: true\n    seeds: [http://127.0.0.1:9/list.htm]\n    "
REFUSED = {
    "unknown key": (SITE + "listing_ulr: x", "did you mean 'seeds'?"),
    "wrong type: text": (SITE + "deadline: abc", "'abc' is not a number from 1 to 3600"),
    "wrong type: below": (SITE + "deadline: -5", "-5 is not a number from 1 to 3600"),
    "wrong type: zero": (SITE + "deadline: 0", "0 is not a number from 1 to 3600"),
    "wrong type: NaN": (SITE + "deadline: .nan", ".nan is not a number"),
    "wrong type: huge": (SITE + "deadline: 1.0e+99", "1.0e+99 is not a number"),
    "invalid CSS selector": (SITE + "rules: {article: {title: 'div['}}", "is no CSS selector"),
    "invalid regex": (
        SITE + "rules: {article: {counters: [{pattern: '(', url: /hits}]}}",
        "rules.article.counters.0.pattern",
    ),
    "YAML bomb": ("a: &a [*a,*a]", "config.yaml"),
    "YAML bomb in layers": ("a: &a [x,x]\nb: &b [*a,*a]\nc: &c [*b,*b]\nd: [*c,*c]", "config.yaml"),
    "python object": ("a: !!python/object/apply:os.system [id]", "config.yaml"),
    "GBK bytes": ("# 新闻\n".encode("gbk") + SITE.encode(), "UTF-8"),
    "empty": ("", "an empty file where settings should be"),
    "zero sites": ("sites: []", "no sites"),
    "only comments": ("# nothing yet\n", "an empty file where settings should be"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_config_that_cannot_be_meant_is_refused_by_the_command(name: str, tmp_path: Path) -> None:
    text, told = REFUSED[name]
    path = tmp_path / "config.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    said = CliRunner().invoke(main, ["crawl", "-c", str(path)])
    assert said.exit_code == 2, said.output
    assert told in said.stderr
    assert all(line.startswith("error: ") for line in said.stderr.splitlines())
    assert not (tmp_path / "archive").exists()


def test_bom_and_crlf_change_nothing(small: SmallSite, tmp_path: Path) -> None:
    small.articles(range(1, 3))
    small.listing("/list.htm", range(1, 3))
    port = small.base.rpartition(":")[2]
    text = SITE.replace(":9/", f":{port}/") + f"ports: [{port}]\n    delay: 0\n"
    (tmp_path / "config.yaml").write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    assert CliRunner().invoke(main, ["crawl", "-c", str(tmp_path / "config.yaml")]).exit_code == 0


@pytest.mark.parametrize("what", ["file", "inside", "locked", "dangling"])
def test_an_archive_that_cannot_be_written_is_told_before_the_first_request(
    what: str, small: SmallSite, tmp_path: Path
) -> None:
    place = tmp_path / "archive"
    if what == "file":
        place.write_text("a file")
    elif what == "inside":
        place = Path(scraper.__file__).parent / "archive"
    elif what == "dangling":
        place = tmp_path / "config.yaml" / "archive"
        place.parent.write_text("a file where a directory should be")
    elif os.geteuid() == 0:
        place = Path("/proc/archive")  # nobody may make a directory there
    else:
        place.mkdir(stat.S_IRUSR)
    small.listing("/list.htm", range(1, 3))
    with pytest.raises((ConfigError, ArchiveError)) as told:
        crawl(small.config(place))
    assert told.value.exit_code == 2
    assert str(place.name) in str(told.value)
    assert small.asked == []
    assert not (place.is_dir() and any(place.iterdir()))


@pytest.mark.parametrize(
    ("rules", "name"),
    [
        ({"article": {"title": ("#no-such-headline",)}}, "rule_idle:article.title"),
        ({"article": {"body": (".gone", ".gone-too")}}, "rule_idle:article.body"),
        ({"listing": {"items": ("ul.renamed",)}}, "rule_idle:listing.items"),
        ({"article": {"title": ("#no-such-headline", "h1")}}, None),
        ({"article": {"drop": (".only-sometimes",), "attachments": (".files a",)}}, None),
        ({"listing": {"items": ("ul.news_list",)}, "article": {"body": ("div.article",)}}, None),
    ],
)
def test_a_rule_that_matches_nothing_on_any_page_degrades_the_run(
    rules: dict[str, Any], name: str | None, small: SmallSite, tmp_path: Path
) -> None:
    small.articles(range(1, 9))
    small.listing("/list.htm", range(1, 9))
    run = crawl(small.config(tmp_path / "archive", rules=rules))
    with Archive.open(tmp_path / "archive") as archive:
        (outcome,) = archive.sites(run.id)
    assert outcome.drifts == ((name,) if name else ())
    assert run.outcome == ("incomplete" if name else "done")
    if name:
        assert "mend it in `rules`" in str(outcome.problem)
