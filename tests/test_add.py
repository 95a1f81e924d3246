"""`campusnews add`, over real HTTP: what it finds, what it writes, what it says when it cannot."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result

from scraper import cli
from scraper.config import Config, load_config
from scraper.crawl import crawl
from scraper.demo.campus import Campus
from scraper.demo.reply import Reply
from storage import Archive

QUICK = "# Kept, every byte.\ndelay: 0.1   # quick\nretries: 0\nsites:   # none yet\n\n# the end\n"
CHALLENGE = "<html><head><script>$_ts=window['$_ts'];</script></head><body></body></html>"
LOGIN = "<html><body><form>统一身份认证<input name='p' type='password'></form></body></html>"
INTRANET = "<html><body><p>该内容仅限校内访问。</p></body></html>"
SCRIPTED = "<html><body><div id='app'></div><script src='/app.js'></script></body></html>"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "config.yaml"
    file.write_text(QUICK, encoding="utf-8")
    return file


def add(*arguments: object) -> Result:
    return CliRunner().invoke(cli.main, ["add", *(str(argument) for argument in arguments)])


def added(*arguments: object) -> dict[str, Any]:
    result = add(*arguments, "--allow-private", "--json")
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def refused(*arguments: object, code: int) -> str:
    result = add(*arguments)
    assert result.exit_code == code, result.output
    assert "Traceback" not in result.output
    return result.stderr


def at_once(config: Config) -> Config:
    """The config, its sites asked without a pause: they are all on this machine."""
    sites = tuple(site.model_copy(update={"delay": 0.0}) for site in config.sites)
    return config.model_copy(update={"sites": sites})


# ---- what is found


@pytest.mark.parametrize(("key", "preset"), [("szqu", "webplus"), ("hcu", "vsb"), ("dfu", "generic")])
def test_a_home_page_gives_a_site_that_a_crawl_takes_up(
    campus: Campus, path: Path, key: str, preset: str
) -> None:
    found = added(f"{campus.sites[key]}/", "-c", path, "--name", key)
    lists = {(name, url) for site, name, url in campus.seeds() if site == key}
    assert {(each["section"], each["url"]) for each in found["sections"]} == lists
    assert {each["preset"] for each in found["sections"]} == {preset}
    assert found["site"].get("preset") == (None if preset == "generic" else preset)
    assert found["site"]["timezone"] == "Asia/Shanghai"
    gold = {each.url: each for each in campus.manifest() if each.site == key}
    assert len(found["articles"]) == 3
    for tried in found["articles"]:
        article = tried["article"]
        assert (article["title"], article["views"]) == (
            gold[article["url"]].title,
            gold[article["url"]].views,
        )
        assert article["provenance"]["title"]
    config = at_once(load_config(path))
    assert [site.name for site in config.sites] == [key]
    run = crawl(config)
    assert run.outcome == "done"
    with Archive.open(config.archive) as archive:
        assert {article.url for article in archive.articles()} >= {each["url"] for each in found["articles"]}


def test_a_list_is_taken_alone_and_the_others_are_named(campus: Campus, path: Path) -> None:
    base = campus.sites["hcu"]
    found = added(f"{base}/tzgg.htm", "-c", path)
    assert found["site"]["seeds"] == [{"url": f"{base}/tzgg.htm", "section": "通知公告"}]
    assert found["site"]["language"] == "zh"
    assert found["second_page"] == "3 items"
    assert {each["label"] for each in found["not_looked_at"]} == {"新闻中心", "学术科研"}


def test_section_limits_the_lists_to_those_named(campus: Campus, path: Path) -> None:
    found = added(f"{campus.sites['szqu']}/", "-c", path, "--section", "讲座", "--section", "campuslife")
    assert [each["section"] for each in found["sections"]] == ["讲座预告", "Campus Life"]
    assert "language" not in found["site"]  # one list is Chinese, the other English


def test_every_request_is_told_and_no_beacon_is_among_them(campus: Campus, path: Path) -> None:
    found = added(f"{campus.sites['szqu']}/", "-c", path)
    told = [(each["method"], each["url"].partition(campus.sites["szqu"])[2]) for each in found["requests"]]
    assert told == [(method, target) for _, method, target in campus.requests]
    assert len(told) <= 25
    assert campus.beacons_hit == []


def test_a_page_that_only_leads_to_the_home_page_is_followed(small: Any, path: Path) -> None:
    news_site(small)
    small.pages["/"] = '<html><head><meta http-equiv="refresh" content="0; url=/home.htm"></head></html>'
    found = added(f"{small.base}/", "-c", path)
    assert found["url"] == f"{small.base}/home.htm"
    assert [each["section"] for each in found["sections"]] == ["校园新闻"]


def test_a_list_behind_a_more_is_called_as_its_heading(small: Any, path: Path) -> None:
    news_site(small)
    small.pages["/home.htm"] = (
        "<html><body><div class='box'><div class='head'><h3>学院要闻</h3></div>"
        "<a href='/list.htm'>更多&gt;&gt;</a></div></body></html>"
    )
    assert [each["section"] for each in added(f"{small.base}/home.htm", "-c", path)["sections"]] == [
        "学院要闻"
    ]


def test_a_list_below_a_page_without_one_is_found_too(small: Any, path: Path) -> None:
    news_site(small)
    small.pages["/home.htm"] = (
        "<html><body><div class='nav'><a href='/center.htm'>新闻中心</a></div></body></html>"
    )
    small.pages["/center.htm"] = (
        "<html><body><div class='nav'><a href='/list.htm'>要闻</a></div></body></html>"
    )
    found = added(f"{small.base}/home.htm", "-c", path)
    assert [each["section"] for each in found["sections"]] == ["要闻"]
    assert [each["label"] for each in found["not_taken"]] == ["新闻中心"]


def test_a_sitemap_helps_where_no_link_leads_to_a_list(small: Any, path: Path) -> None:
    news_site(small)
    small.pages["/news/index.htm"] = small.pages["/list.htm"]
    small.pages["/home.htm"] = (
        "<html><body><p>Welcome to the university, a place of learning.</p></body></html>"
    )
    small.pages["/sitemap.xml"] = Reply(
        f"<urlset><url><loc>{small.base}/news/index.htm</loc></url></urlset>".encode(), "application/xml"
    )
    found = added(f"{small.base}/home.htm", "-c", path)
    assert [each["url"] for each in found["sections"]] == [f"{small.base}/news/index.htm"]


# ---- what is written


def test_everything_in_the_config_stays_byte_for_byte(campus: Campus, path: Path) -> None:
    found = added(f"{campus.sites['dfu']}/", "-c", path, "--name", "dfu")
    text = path.read_text(encoding="utf-8")
    assert found["written"] == str(path)
    assert text.replace(found["yaml"], "") == QUICK
    assert load_config(path).delay == 0.1


def test_a_dry_run_prints_the_lines_and_writes_nothing(campus: Campus, path: Path) -> None:
    before = sorted(path.parent.iterdir())
    result = add(f"{campus.sites['dfu']}/", "-c", path, "--name", "dfu", "--allow-private", "--dry-run")
    assert result.exit_code == 0
    block = result.stdout[result.stdout.index("  - name: dfu") :].partition("\n\n")[0]
    assert yaml.safe_load(block)[0]["name"] == "dfu"
    assert "not written" in result.stdout
    assert path.read_text(encoding="utf-8") == QUICK
    assert sorted(path.parent.iterdir()) == before


def test_a_config_that_is_not_there_is_made(
    small: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    news_site(small)
    monkeypatch.chdir(tmp_path)
    result = add(f"{small.base}/list.htm", "--allow-private")
    assert result.exit_code == 0, result.output
    text = (tmp_path / "config.yaml").read_text(encoding="utf-8")
    assert "#contact: " in text
    assert "archive: archive" in text
    assert load_config("config.yaml").sites[0].allow_private is True


def test_a_link_to_a_config_stays_a_link(small: Any, path: Path) -> None:
    news_site(small)
    link = path.with_name("linked.yaml")
    link.symlink_to(path)
    added(f"{small.base}/list.htm", "-c", link)
    assert link.is_symlink()
    assert len(load_config(path).sites) == 1


def test_people_see_the_articles_the_rules_and_the_requests(campus: Campus, path: Path) -> None:
    result = add(f"{campus.sites['hcu']}/", "-c", path, "--name", "hcu", "--allow-private")
    shown = result.stdout
    assert re.search(r"CMS +vsb \(3 of 3 lists\)", shown)
    assert "3 of 3 articles that were tried could be read" in shown
    assert "rules: title " in shown
    assert re.search(r"\d+ requests were made", shown)
    assert f"written to {path}; next: campusnews crawl hcu -c {path}" in shown
    assert "asking http://" in result.stderr


def test_what_a_page_calls_itself_can_do_nothing_to_a_terminal_or_the_file(small: Any, path: Path) -> None:
    news_site(small)
    small.pages["/home.htm"] = (
        "<html><body><div class='nav'><a href='/list.htm'>新闻\x9b\u202e\": [}</a></div></body></html>"
    )
    result = add(f"{small.base}/home.htm", "-c", path, "--allow-private", "--name", "x")
    assert result.exit_code == 0, result.output
    assert not set(result.output) & {"\x9b", "\u202e"}
    assert load_config(path).sites[0].seeds[0].section is not None


# ---- what cannot be


@pytest.mark.parametrize(
    ("body", "named"),
    [
        (CHALLENGE, "js challenge"),
        (LOGIN, "login wall"),
        (INTRANET, "inside the campus network"),
        (SCRIPTED, "made by JavaScript"),
    ],
)
def test_a_page_that_is_no_way_in_is_named(small: Any, path: Path, body: str, named: str) -> None:
    small.pages["/"] = body
    assert named in refused(f"{small.base}/", "-c", path, "--allow-private", code=1)
    assert path.read_text(encoding="utf-8") == QUICK


def test_where_there_is_no_list_it_is_said_what_was_seen_and_what_to_do(small: Any, path: Path) -> None:
    small.pages["/"] = (
        "<html><body><div class='nav'><a href='/news.htm'>新闻</a></div><p>欢迎。</p></body></html>"
    )
    told = refused(f"{small.base}/", "-c", path, "--allow-private", code=1)
    assert "looked at 新闻: not found (status 404)" in told
    assert "give the address of a list" in told


def test_a_section_nobody_has_is_answered_with_those_there_are(campus: Campus, path: Path) -> None:
    told = refused(f"{campus.sites['hcu']}/", "-c", path, "--allow-private", "--section", "校报", code=1)
    assert "there are: 新闻中心, 通知公告, 学术科研" in told
    assert len(campus.requests) == 2  # robots.txt and the page


def test_lists_whose_articles_cannot_be_read_are_shown_and_not_written(small: Any, path: Path) -> None:
    small.listing("/list.htm", range(1, 6))
    result = add(f"{small.base}/list.htm", "-c", path, "--allow-private")
    assert result.exit_code == 1
    assert "not found (status 404)" in result.stdout
    assert "nothing was written" in result.stderr
    assert path.read_text(encoding="utf-8") == QUICK


def test_robots_txt_is_obeyed(small: Any, path: Path) -> None:
    news_site(small)
    small.pages["/robots.txt"] = Reply(b"User-agent: *\nDisallow: /\n", "text/plain")
    assert "robots.txt of the host forbids it" in refused(
        f"{small.base}/list.htm", "-c", path, "--allow-private", code=1
    )
    assert small.asked == ["/robots.txt"]


def test_a_site_that_is_there_already_is_not_asked_again(campus: Campus, path: Path) -> None:
    base = campus.sites["dfu"]
    added(f"{base}/", "-c", path, "--name", "dfu")
    asked, text = len(campus.requests), path.read_bytes()
    assert "is a seed of the site 'dfu'" in refused(f"{base}/xyyw/index.shtml", "-c", path, code=2)
    assert "as the site 'dfu'" in refused(f"{base}/", "-c", path, code=2)
    assert "has a site 'dfu' already" in refused(f"{base}/", "-c", path, "--name", "dfu", code=2)
    assert (len(campus.requests), path.read_bytes()) == (asked, text)


def test_one_host_can_hold_two_sites_of_different_names(campus: Campus, path: Path) -> None:
    base = campus.sites["dfu"]
    added(f"{base}/xyyw/index.shtml", "-c", path, "--name", "one")
    found = added(f"{base}/", "-c", path, "--name", "two")
    assert [each["section"] for each in found["sections"]] == ["媒体渡帆"]  # the other is taken
    assert [site.name for site in load_config(path).sites] == ["one", "two"]


def test_nobody_is_asked_without_a_contact_or_a_reason(small: Any, path: Path) -> None:
    news_site(small)
    url = f"{small.base}/list.htm"
    assert "--contact you@example.edu" in refused(url, "-c", path, code=2)
    assert "--allow-private" in refused(url, "-c", path, "--contact", "a@example.edu", code=1)
    assert "is no contact" in refused(url, "-c", path, "--contact", "nobody", code=2)
    assert "lower-case letters" in refused(url, "-c", path, "--allow-private", "--name", "A b", code=2)
    assert "write the address whole" in refused("http://", "-c", path, code=2)
    assert small.asked == []


def test_a_contact_is_written_where_there_was_none(small: Any, path: Path) -> None:
    news_site(small)
    added(f"{small.base}/list.htm", "-c", path, "--contact", "news@example.edu")
    assert load_config(path).contact == "news@example.edu"
    assert "has a contact already" in refused(
        f"{small.base}/x", "-c", path, "--contact", "b@example.edu", code=2
    )


def test_a_config_with_mistakes_is_refused_with_its_lines(small: Any, path: Path) -> None:
    path.write_text("delay: fast\nsites:\n", encoding="utf-8")
    assert f"{path}:1: delay" in refused(f"{small.base}/", "-c", path, "--allow-private", code=2)


def test_a_config_in_brackets_is_left_alone_and_the_lines_are_printed(small: Any, path: Path) -> None:
    news_site(small)
    path.write_text("{retries: 0, sites: []}\n", encoding="utf-8")
    result = add(f"{small.base}/list.htm", "-c", path, "--allow-private", "--name", "x")
    assert result.exit_code == 2
    assert '  - name: "x"' in result.stdout
    assert "not written" in result.stderr
    assert path.read_text(encoding="utf-8") == "{retries: 0, sites: []}\n"


def news_site(small: Any) -> None:
    """A site with one list of five articles, and a home page that leads to it."""
    small.listing("/list.htm", range(1, 6))
    small.articles(range(1, 6))
    small.pages["/home.htm"] = (
        "<html><body><div class='nav'><a href='/list.htm'>校园新闻</a></div></body></html>"
    )
