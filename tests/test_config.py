"""config.yaml: what loads, what each mistake is answered with, and that every derived text agrees."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest
import yaml
from pydantic import ValidationError

import scraper.yaml_lines
from scraper.checks import ENCODINGS
from scraper.config import Config, Seed, Site, config_schema, load_config, settings_table
from scraper.encodings import decode
from scraper.errors import ConfigError
from scraper.settings import ArchivePlace, Recheck
from storage.place import Place

SHIPPED = Path(__file__).parents[1] / "config.yaml"
PUBLIC = "contact: archive@example.edu\nsites:\n"
SITE = PUBLIC + "  - name: a\n    seeds: [https://a.example/list.htm]\n"

Load = Callable[[str | bytes], Config]
Complain = Callable[[str | bytes], list[str]]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    def loaded(text: str | bytes) -> Config:
        path = tmp_path / "config.yaml"
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return load_config(path)

    return loaded


@pytest.fixture
def complain(load: Load, tmp_path: Path) -> Complain:
    """Load a wrong config; return its problems without the directory."""

    def complaints(text: str | bytes) -> list[str]:
        with pytest.raises(ConfigError) as caught:
            load(text)
        return [problem.replace(f"{tmp_path}/", "") for problem in caught.value.problems]

    return complaints


def uncommented() -> str:
    """Return the shipped config with every commented setting in use; `# ` begins a line for reading."""
    return re.sub(r"(?m)^#(?! \S|$)", "", SHIPPED.read_text("utf-8"))


def test_without_a_file_there_are_defaults_and_no_site() -> None:
    config = load_config()
    assert (config.archive.path, config.contact, config.sites) == ("archive", None, ())
    assert (config.delay, config.deadline, config.retries) == (1.0, 60.0, 3)
    assert (config.max_bytes, config.max_wait) == (20 * 2**20, 60.0)


def test_a_site_needs_no_more_than_a_name_and_a_seed(load: Load) -> None:
    (site,) = load(SITE).sites
    assert site.seeds == (Seed(url="https://a.example/list.htm"),)
    assert (site.language, site.timezone, site.encoding, site.preset) == (None, None, None, None)
    assert (site.assets, site.max_pages, site.allow_private, site.ports) == ("content", 100, False, (80, 443))


def test_a_seed_can_name_its_section(load: Load) -> None:
    (site,) = load(
        SITE.replace("[https://a.example/list.htm]", "[{url: http://a.example/, section: 校园}]")
    ).sites
    assert site.seeds == (Seed(url="http://a.example/", section="校园"),)


def test_a_site_takes_from_the_top_level_what_it_leaves_out(load: Load) -> None:
    (site,) = load("delay: 5\nretries: 0\n" + SITE + "    delay: 2\n").sites
    assert (site.delay, site.retries, site.deadline) == (2, 0, 60.0)


def test_the_archive_lies_beside_the_config(load: Load, tmp_path: Path) -> None:
    assert load("archive: kept\n").archive.path == str(tmp_path / "kept")
    assert load("archive: /srv/kept\n").archive.path == "/srv/kept"


def test_the_catalogue_of_an_archive_can_be_a_postgresql_whose_password_is_shown_nowhere(
    load: Load, tmp_path: Path
) -> None:
    url = "postgresql+psycopg://news:geheim@db.example.edu:5433/news?schema=news_2"
    config = load(f"archive: {{path: kept, catalog: '{url}'}}\n")
    assert (config.archive.path, config.archive.catalog) == (str(tmp_path / "kept"), url)
    assert load(f"archive:\n  catalog: '{url}'\n").archive.path == str(tmp_path / "archive")
    assert "geheim" not in repr(config) + str(config.archive) + repr(Place.of(config.archive))


@pytest.mark.parametrize(
    ("catalog", "told"),
    [
        ("mysql://news:geheim@db.example.edu/news", "is no address of a PostgreSQL: write it like"),
        ("postgresql://news:geh/eim@db.example.edu/news", "in a password as %40 %2F %3F %23"),
        ("postgresql://news:geheim@db.example.edu:99999/news", "has a port that is no number"),
        ("postgresql://news:geheim@db.example.edu/news?schema=a-b", "names a schema that is no word"),
        ("geheim" * 400, "is no address of a PostgreSQL"),
    ],
)
def test_an_address_of_a_catalogue_that_cannot_be_one_is_told_without_repeating_it(
    load: Load, catalog: str, told: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        load(f"archive:\n  catalog: '{catalog}'\n")
    assert told in str(caught.value)
    assert "archive.catalog" in str(caught.value)
    assert "geheim" not in str(caught.value)
    assert "eim@" not in str(caught.value)


def test_a_config_is_frozen(load: Load) -> None:
    with pytest.raises(ValidationError, match="frozen"):
        load(SITE).delay = 0.0


def test_a_private_site_needs_neither_delay_nor_contact(load: Load) -> None:
    text = "sites: [{name: own, seeds: ['http://127.0.0.1/'], allow_private: true, delay: 0}]"
    assert load(text).sites[0].delay == 0


def test_bom_and_crlf_change_nothing(load: Load) -> None:
    assert load(b"\xef\xbb\xbf" + SITE.replace("\n", "\r\n").encode()) == load(SITE)


def test_quoted_text_stays_text(load: Load) -> None:
    assert load(SITE.replace("name: a", "name: '010'")).sites[0].name == "010"


def test_an_encoding_label_is_known_in_any_case_and_to_the_decoder(load: Load) -> None:
    assert load(SITE + "    encoding: GBK\n").sites[0].encoding == "gbk"
    assert [name for name in ENCODINGS if decode(b"", None, name).rule != "config"] == []


MISTAKES = [
    # what stands in the site, and what is said about it: line 5 is the first after name and seeds
    ("listing_ulr: x", "sites.0.listing_ulr: unknown key 'listing_ulr', did you mean 'seeds'?"),
    ("timeout: 3", "sites.0.timeout: unknown key 'timeout', did you mean 'deadline'?"),
    ("Delay: 3", "sites.0.Delay: unknown key 'Delay', did you mean 'delay'?"),
    ("delay: abc", "sites.0.delay: 'abc' is not a number from 0 to 3600"),
    ("delay: -5", "sites.0.delay: -5 is not a number from 0 to 3600"),
    ("delay: .nan", "sites.0.delay: .nan is not a number from 0 to 3600"),
    ("delay: .inf", "sites.0.delay: .inf is not a number from 0 to 3600"),
    ("delay: 1e99", "sites.0.delay: '1e99' is not a number from 0 to 3600"),
    ("delay: 1.0e+99", "sites.0.delay: 1.0e+99 is not a number from 0 to 3600"),
    ("delay: 1:30", "sites.0.delay: 1:30 is not a number from 0 to 3600"),
    ("delay: '5'", "sites.0.delay: '5' is not a number from 0 to 3600"),
    ("delay: true", "sites.0.delay: true is not a number from 0 to 3600"),
    ("delay:", "sites.0.delay: nothing is not a number from 0 to 3600"),
    ("delay: 0", "sites.0.delay: 0 is below 0.1: only a site with `allow_private: true` may be"),
    ("deadline: 0", "sites.0.deadline: 0 is not a number from 1 to 3600"),
    ("retries: 1.5", "sites.0.retries: 1.5 is not a whole number from 0 to 10"),
    ("retries: 010", "sites.0.retries: 010 is not a whole number from 0 to 10"),
    (
        "max_bytes: " + "9" * 30,
        f"sites.0.max_bytes: {'9' * 30} is not a whole number from 1024 to 1073741824",
    ),
    ("max_pages: [1]", "sites.0.max_pages: a list is not a whole number from 1 to 100000"),
    ("allow_private: yes", "sites.0.allow_private: yes is not true or false"),
    ("language: no", "sites.0.language: no is not text to YAML: put it in quotes"),
    ("language: 2026-11-01", "sites.0.language: 2026-11-01 is not text to YAML: put it in quotes"),
    ("language: {a: b}", "sites.0.language: a mapping is not text"),
    (
        "timezone: Asia/Shangai",
        "sites.0.timezone: 'Asia/Shangai' is no IANA time zone, did you mean 'Asia/Shanghai'?",
    ),
    ("timezone: GMT+8", "sites.0.timezone: 'GMT+8' is no IANA time zone: write one like 'Asia/Shanghai'"),
    ("timezone: ../UTC", "sites.0.timezone: '../UTC' is no IANA time zone: write one like 'Asia/Shanghai'"),
    ("encoding: gbk2312", "sites.0.encoding: 'gbk2312' is no encoding of the web, did you mean 'gb2312'?"),
    ("encoding: rot13", "sites.0.encoding: 'rot13' is no encoding of the web: write one like 'gbk'"),
    ("preset: vbs", "sites.0.preset: 'vbs' is no preset, did you mean 'vsb'?"),
    (
        "rules: {article: {titel: h1}}",
        "sites.0.rules.article.titel: unknown key 'titel', did you mean 'title'?",
    ),
    (
        "rules: {listings: {items: ul}}",
        "sites.0.rules.listings: unknown key 'listings', did you mean 'listing'?",
    ),
    ("rules: [h1]", "sites.0.rules: a list is not a mapping"),
    ("rules: {article: {title: 'div['}}", "sites.0.rules.article.title: 'div[' is no CSS selector: Expected"),
    (
        "rules: {article: {body: [.a, 'b::text']}}",
        "sites.0.rules.article.body.1: 'b::text' is no CSS selector: Pseudo-elements are not supported",
    ),
    ("rules: {listing: {items: 3}}", "sites.0.rules.listing.items: 3 is not text or a list"),
    (
        "rules: {article: {problems: [{selector: .e, problem: soft}]}}",
        "sites.0.rules.article.problems.0.problem: 'soft' is no problem: write one of captcha, ",
    ),
    ("assets: images", "sites.0.assets: 'images' is not one of none, content, all"),
    ("ports: [443, 0]", "sites.0.ports.1: 0 is not a whole number from 1 to 65535"),
    ("ports: []", "sites.0.ports: empty: Ports that may be connected to. Write at least one"),
    ('"\\e[2J": 1', "sites.0.\\x1b[2J: unknown key '\\x1b[2J'"),
]


@pytest.mark.parametrize(("line", "told"), MISTAKES, ids=[line[:30] for line, _ in MISTAKES])
def test_a_mistake_is_told_with_line_key_value_and_what_to_write(
    complain: Complain, line: str, told: str
) -> None:
    (problem,) = complain(f"{SITE}    {line}\n")
    assert problem.startswith(f"config.yaml:5: {told}")


@pytest.mark.parametrize(
    ("counter", "told"),
    [
        (
            r"{pattern: 'h\((?P<id>\d+', url: '/x?{id}'}",
            r"pattern: 'h\\((?P<id>\\d+' is no regular expression",
        ),
        ("{pattern: 'h(?P<id>1)', url: '/x?{aid}'}", "url: '/x?{aid}' uses {aid}, which `pattern` does not"),
        ("{pattern: 'h(?P<id>1)', url: '/x?{id'}", "url: '/x?{id' has a brace without its other half"),
        ("{pattern: 'h', url: '/x'}", ""),
        ("{pattern: 'h', url: '/x', answer: '\\d+'}", r"answer: '\\d+' has no group: put the number in"),
        ("{pattern: 'h', url: '/x', method: PUT}", "method: 'PUT' is not one of GET, POST"),
        ("{pattern: 'h'}", "url: missing: Address that tells the views"),
        ("{pattern: 'h', url: '/plus/count.php?aid=1'}", "url: '/plus/count.php?aid=1' counts a visit"),
        ("{patern: 'h', pattern: 'h', url: '/x'}", "patern: unknown key 'patern', did you mean 'pattern'?"),
    ],
)
def test_a_counter_that_cannot_be_asked_is_told(
    complain: Complain, load: Load, counter: str, told: str
) -> None:
    text = f"{SITE}    rules:\n      article:\n        counters:\n          - {counter}\n"
    if not told:
        assert load(text).sites[0].rules.article.counters[0].method == "GET"
        return
    (problem,) = complain(text)
    assert problem.startswith(f"config.yaml:8: sites.0.rules.article.counters.0.{told}")


def test_one_selector_may_stand_without_brackets(load: Load) -> None:
    (site,) = load(SITE + "    rules: {article: {title: h1, drop: [.a, .b]}}\n").sites
    assert site.rules.stated() == {"article": {"title": ("h1",), "drop": (".a", ".b")}}


def test_the_words_of_the_rules_are_those_of_the_presets_form(load: Load) -> None:
    from scraper.presets.preset import ArticleRules, CounterRule, ListingRules
    from scraper.rules import Article, Counter, Listing

    assert list(Article.model_fields) == list(ArticleRules.__dataclass_fields__)
    assert set(Listing.model_fields) <= set(ListingRules.__dataclass_fields__)
    assert set(Counter.model_fields) <= set(CounterRule.__dataclass_fields__)


@pytest.mark.parametrize(
    ("seed", "told"),
    [
        ("foo", "sites.0.seeds.1: 'foo' is not a URL: write it whole, like"),
        ("{url: foo}", "sites.0.seeds.1.url: 'foo' is not a URL"),
        ("ftp://a.example/", "sites.0.seeds.1: 'ftp://a.example/' is not a URL"),
        ("'http://[::1'", "sites.0.seeds.1: 'http://[::1' is not a URL"),
        ("http://a.example:99999/", "sites.0.seeds.1: 'http://a.example:99999/' is not a URL"),
        ("'http://a.example/ b'", "sites.0.seeds.1: 'http://a.example/ b' is not a URL"),
        ('"http://a.example/\\r\\nX: y"', "sites.0.seeds.1: 'http://a.example/\\r\\nX: y' is not a URL"),
        (
            "'http://a.example\\@b.example/'",
            "sites.0.seeds.1: 'http://a.example\\\\@b.example/' is not a URL",
        ),
        ("http://u:p@a.example/", "sites.0.seeds.1: 'http://u:p@a.example/' holds a user name"),
        (
            "http://a.example:8080/",
            "sites.0.seeds.1: port 8080 is not among `ports`: write `ports: [80, 443, 8080]`",
        ),
        ("3", "sites.0.seeds.1: 3 is not text or a mapping"),
        ("{section: x}", "sites.0.seeds.1.url: missing: Address of the listing's first page"),
        (
            "{url: http://a.example/, sektion: x}",
            "sites.0.seeds.1.sektion: unknown key 'sektion', did you mean 'section'?",
        ),
    ],
)
def test_a_seed_that_cannot_be_fetched_is_told(complain: Complain, seed: str, told: str) -> None:
    (problem,) = complain(SITE.replace("list.htm]", f"list.htm, {seed}]"))
    assert problem.startswith(f"config.yaml:4: {told}")


def test_all_mistakes_are_told_at_once_in_the_order_of_the_file(complain: Complain) -> None:
    problems = complain(
        "delay: 0\n"
        "delay: abc\n"
        "archvie: x\n"
        "sites:\n"
        "  - name: a\n"
        "    seeds: [foo, http://a.example:81/]\n"
        "    delay: 0\n"
        "  - name: a\n"
        "  - &more foo\n"
        "  - *more\n"
        "  - {name: SZU, seeds: []}\n"
    )
    assert [re.sub(r"config.yaml:(\d+: [\w.]+).*", r"\1", problem) for problem in problems] == [
        "1: contact",  # missing: told of the whole file
        "2: delay",  # written twice
        "2: delay",  # not a number
        "3: archvie",
        "6: sites.0.seeds.1",
        "6: sites.0.seeds.0",
        "7: sites.0.delay",
        "8: sites.1.name",
        "8: sites.1.seeds",
        "9: sites.2",
        "10: sites.3",
        "11: sites.4.name",
        "11: sites.4.seeds",
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "1: an empty file where settings should be: write `key: value` lines"),
        ("# only a comment\n", "1: an empty file where settings should be"),
        ("\n- a\n", "2: a list where settings should be"),
        ("delay: 1\ndelay: 2\n", "2: delay: written twice, first on line 1: keep one"),
        ("contact: foo\n", "1: contact: 'foo' is not like 'news-archive@example.edu'"),
        ("contact: 'a@b.example\\r\\nX: y'\n", "1: contact: "),
        (SITE.replace("contact: archive@example.edu", ""), "2: contact: missing: Mail address or URL"),
        (
            SITE + "  - name: a\n    seeds: [http://b.example/]",
            "5: sites.1.name: 'a' is the name of sites.0 already",
        ),
        (PUBLIC + "  -\n", "3: sites.0: nothing is not a mapping"),
        ("sites: a\n", "1: sites: 'a' is not a list"),
        ("archive: config.yaml\n", "1: archive: 'config.yaml' is a file: name a directory"),
        ("archive: ~/kept\n", "1: archive: '~/kept' is not like 'archive'"),
        (f"archive: {SHIPPED.parent / 'scraper' / 'kept'}\n", "1: archive: "),
        (f"archive: {'a' * 300}\n", "1: archive: cannot be a directory: "),
        ("sites:\n\t- a\n", "2: YAML: found character that cannot start any token"),
        (
            "delay: 1\ncontact: 'a\n",
            "3: YAML: found unexpected end of stream while scanning a quoted scalar from line 2",
        ),
        ("delay: 1\n---\ndelay: 2\n", "3: YAML: a second document"),
        ("? [a]\n: 1\n", "1: YAML: a key must be a word"),
        ("delay: 1\nname: \x07\n", "2: control character '\\x07': remove it"),
        ("delay: 1\n# 大学新闻网\n".encode("gbk"), "2: not UTF-8 (byte 0xb4): save the file as UTF-8"),
        ("delay: 1\n".encode("utf-16"), "1: not UTF-8 (byte 0xff): save the file as UTF-8"),
        (
            "delay: !!python/object/apply:os.abort []\n",
            "1: delay: tag 'tag:yaml.org,2002:python/object/apply:os.abort'",
        ),
        (
            "delay: !!float '1'\n",
            "1: delay: tag 'tag:yaml.org,2002:float' is not read: write the plain value",
        ),
        ("sites: &a [*a, *a]\n", "1: sites.0: aliases (*name) are not followed: write the value out"),
    ],
)
def test_a_file_that_is_no_config_is_told_with_its_line(
    complain: Complain, text: str | bytes, told: str
) -> None:
    assert complain(text)[0].startswith(f"config.yaml:{told}")


def test_an_alias_bomb_is_refused_before_it_grows(complain: Complain) -> None:
    levels = "".join(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]\n" for n in range(1, 30))
    assert any("aliases" in problem for problem in complain("l0: &l0 [a]\n" + levels))


@pytest.mark.parametrize("nest", ["[", "{a: ", "- ", "? "])
def test_deep_nesting_is_refused_and_does_not_end_the_process(complain: Complain, nest: str) -> None:
    (problem,) = complain(nest * 200_000)
    assert problem.startswith("config.yaml:1: YAML: ")


def test_a_huge_file_is_refused_unread(complain: Complain) -> None:
    assert complain(b"#" * 10_000_001) == [
        "config.yaml: larger than 10,000,000 bytes: split it into several files"
    ]


def test_a_missing_file_and_a_directory_are_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="No such file"):
        load_config(tmp_path / "config.yaml")
    with pytest.raises(ConfigError, match="Is a directory"):
        load_config(tmp_path)


def test_libyaml_and_the_pure_parser_read_alike(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    fast = load(uncommented())
    monkeypatch.setattr(scraper.yaml_lines, "_LOADER", yaml.SafeLoader)
    assert load(uncommented()) == fast


def test_ten_thousand_sites_load_within_five_seconds(load: Load) -> None:
    site = (
        "  - {{name: s{0}, seeds: [http://s{0}.example/], timezone: Asia/Shanghai, preset: vsb, delay: 2}}\n"
    )
    started = time.process_time()
    config = load(PUBLIC + "".join(site.format(number) for number in range(10_000)))
    assert time.process_time() - started < 5
    assert len(config.require_sites()) == 10_000


def test_ten_thousand_mistakes_are_told_within_five_seconds(complain: Complain) -> None:
    site = "  - {{name: s{0}, seeds: ['https://s{0}.example/'], timezone: Asia/Shangai, dleay: 2}}\n"
    started = time.process_time()
    assert len(complain(PUBLIC + "".join(site.format(number) for number in range(5_000)))) == 10_000
    assert time.process_time() - started < 5


def test_sites_are_chosen_by_name_and_each_once(load: Load) -> None:
    config = load(SITE + "  - name: b\n    seeds: [http://b.example/]\n")
    assert [site.name for site in config.require_sites()] == ["a", "b"]
    assert [site.name for site in config.require_sites(["b", "a", "b"])] == ["b", "a"]


def test_every_unknown_site_is_told_with_the_nearest_name(load: Load) -> None:
    config = load(SITE.replace("name: a", "name: szu-en"))
    with pytest.raises(ConfigError) as caught:
        config.require_sites(["szu-en", "szu-eng", "x"])
    assert caught.value.problems == [
        "no site 'szu-eng' in the config, did you mean 'szu-en'?",
        "no site 'x' in the config",
    ]


def test_a_crawl_of_no_site_is_an_error_that_says_what_to_do() -> None:
    with pytest.raises(
        ConfigError, match=r"write one under `sites:` in config\.yaml, or try `campusnews demo`"
    ):
        load_config().require_sites()


def test_the_shipped_config_loads_and_has_no_site_yet() -> None:
    assert load_config(SHIPPED).sites == ()
    assert len(SHIPPED.read_text("utf-8").splitlines()) <= 60


def test_the_examples_in_the_shipped_config_load_when_uncommented(load: Load) -> None:
    config = load(uncommented())
    assert [site.name for site in config.require_sites()] == ["szu-en", "north-news", "old-campus"]
    assert config.contact


def test_the_shipped_config_shows_the_defaults(load: Load) -> None:
    shown = load(uncommented()).model_dump(exclude={"archive", "contact", "sites"})
    assert shown == load_config().model_dump(exclude={"archive", "contact", "sites"})


@pytest.mark.parametrize("text", [SHIPPED.read_text("utf-8"), uncommented()], ids=["shipped", "uncommented"])
def test_the_schema_accepts_the_shipped_config(text: str) -> None:
    schema = config_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(yaml.safe_load(text))


@pytest.mark.parametrize(
    "line", ["dleay: 1", "delay: -1", "delay: '1'", "assets: x", "ports: []", "preset: vbs"]
)
def test_the_schema_refuses_what_the_loader_refuses(line: str) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(config_schema()).validate(yaml.safe_load(f"{SITE}    {line}\n"))


def test_the_schema_has_a_name_and_describes_every_setting() -> None:
    schema = config_schema()
    assert schema["$id"] == "urn:campusnews:schema:config:1"
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    fields = [
        field
        for model in (Config, ArchivePlace, Site, Seed, Recheck)
        for field in model.model_fields.values()
    ]
    assert all(field.description for field in fields)


def test_the_table_has_a_row_for_each_of_the_few_settings() -> None:
    rows = [line.split(" | ") for line in settings_table().splitlines()[2:]]
    names = {name for model in (Config, ArchivePlace, Site, Seed, Recheck) for name in model.model_fields}
    assert sorted(row[0] for row in rows) == sorted(f"| `{name}`" for name in names)
    assert len(rows) <= 38
    assert ["| `delay`", "top, site", "a number from 0.1 to 3600", "`1.0`"] in [row[:4] for row in rows]


def test_loading_a_config_imports_neither_the_network_nor_the_parsers() -> None:
    check = "import sys, scraper.config; sys.exit(bool({'httpx', 'lxml', 'sqlalchemy'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0
