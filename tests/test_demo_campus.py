"""The sample campus over real HTTP: what each CMS answers, what edition two changes, that beacons count."""

from __future__ import annotations

import gzip
import io
import json
import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPConnection
from urllib.parse import urlencode, urljoin, urlsplit

import pytest
import yaml

from scraper.demo.campus import Campus
from scraper.demo.content import SITES, load
from scraper.demo.gold import Gold

COUNTERS = re.compile(r"(?:Views:|阅读:|点击：|VisitCount\"[^>]*>)\d+")


@dataclass(frozen=True)
class Got:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode("gb18030" if b"charset=gb2312" in self.body else "utf-8")


@pytest.fixture
def campus() -> Iterator[Campus]:
    with Campus() as opened:
        yield opened


def get(url: str, method: str = "GET", body: str | None = None, **headers: str) -> Got:
    parts = urlsplit(url)
    connection = HTTPConnection(parts.hostname or "", parts.port, timeout=5)
    try:
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        connection.request(method, target, body, {k.replace("_", "-"): v for k, v in headers.items()})
        response = connection.getresponse()
        return Got(response.status, dict(response.headers), response.read())
    finally:
        connection.close()


def article(campus: Campus, title: str, edition: int | None = None) -> Gold:
    return next(gold for gold in campus.manifest(edition) if title in gold.title)


def change(campus: Campus, title: str) -> tuple[str, str]:
    found = next(each for each in campus.expected_changes() if title in each.title)
    return found.kind, found.url


def walk(campus: Campus, seed: str) -> list[str]:
    """Return the pages of one listing by following 下一页 / 下页 / Next."""
    pages, url = [], seed
    while url:
        pages.append(get(url).text)
        found = re.search(r'href="([^"]+)"[^>]*>(?:<span>)?(?:下一?页|Next)', pages[-1])
        url = urljoin(url, found[1]) if found and "void" not in found[1] else ""
    return pages


def items(page: str) -> list[str]:
    return re.findall(r'href="(/(?:\d{4}/\d{4}/c|info/|system/\d|_redirect)[^"]+)"', page)


# ---- the whole campus


def test_the_campus_has_at_least_sixty_articles_on_three_sites(campus: Campus) -> None:
    per_site = Counter(gold.site for gold in campus.manifest())
    assert set(per_site) == set(SITES)
    assert per_site.total() >= 60


@pytest.mark.parametrize("edition", [1, 2])
def test_every_section_has_several_list_pages_of_three_or_more_items(campus: Campus, edition: int) -> None:
    campus.edition = edition
    closed = {
        section.name for key in SITES for section in campus.site(key).sections.values() if section.closed
    }
    for site, section, seed in campus.seeds():
        if section not in closed:
            sizes = [len(set(items(page))) for page in walk(campus, seed)]
            assert len(sizes) > 1, (site, section)
            assert min(sizes) >= 3, (site, section, sizes)


@pytest.mark.parametrize("edition", [1, 2])
def test_the_lists_lead_to_exactly_the_articles_of_the_manifest(campus: Campus, edition: int) -> None:
    campus.edition = edition
    shown = {
        urljoin(seed, href)
        for _, _, seed in campus.seeds()
        for page in walk(campus, seed)
        for href in items(page)
        if "_redirect" not in href
    }
    golds = [gold for gold in campus.manifest() if gold.listed]
    assert {gold.url for gold in golds} <= shown
    assert shown <= {url for gold in golds for url in (gold.url, *gold.alternates)}


def test_every_article_shows_its_title_and_every_paragraph(campus: Campus) -> None:
    for gold in campus.manifest():
        got = get(gold.url)
        assert got.status == 200
        text = got.text.replace("&amp;", "&")
        assert gold.title in text
        assert gold.release_time[:4] in text
        assert all(paragraph in text for paragraph in gold.paragraphs), gold.title


def test_pictures_attachments_and_stylesheets_that_pages_name_can_be_fetched(campus: Campus) -> None:
    for key in SITES:
        gold = next(gold for gold in campus.manifest() if gold.site == key and gold.images)
        for address in re.findall(r'(?:src|href)="(/[^"?]+\.(?:png|gif|css|js))"', get(gold.url).text):
            assert get(urljoin(gold.url, address)).status == 200, address
    for gold in campus.manifest():
        assert all(get(url).status == 200 for url in gold.attachments)


def test_a_word_document_and_a_pdf_are_what_they_claim(campus: Campus) -> None:
    urls = [url for gold in campus.manifest() for url in gold.attachments]
    word = get(next(url for url in urls if url.endswith(".docx")))
    with zipfile.ZipFile(io.BytesIO(word.body)) as document:
        assert "期中教学检查" in document.read("word/document.xml").decode()
    pdf = get(next(url for url in urls if url.endswith(".pdf")))
    assert pdf.headers["Content-Type"] == "application/pdf"
    assert pdf.body.startswith(b"%PDF-1.4")
    table = int(pdf.body.rsplit(b"startxref\n", 1)[1].split()[0])
    assert pdf.body[table:].startswith(b"xref")


def test_robots_txt_keeps_beacons_out_and_counters_in(campus: Campus) -> None:
    rules = {key: get(f"{base}/robots.txt").text for key, base in campus.sites.items()}
    assert "Disallow: /_visitcount?\n" in rules["szqu"]
    assert "datainput.jsp" in rules["hcu"]
    assert ["Crawl-delay: 0" in rules[key] for key in SITES] == [True, False, False]


def test_one_connection_serves_many_requests(campus: Campus) -> None:
    connection = HTTPConnection(urlsplit(campus.sites["dfu"]).netloc, timeout=5)
    try:
        for _ in range(3):
            connection.request("GET", "/xyyw/index.shtml")
            opened = connection.sock
            assert connection.getresponse().read()
            assert connection.sock is opened is not None
    finally:
        connection.close()


def test_the_campus_keeps_what_was_asked_for(campus: Campus) -> None:
    get(campus.sites["szqu"] + "/tzgg/list2.htm?from=home")
    assert campus.requests == [("szqu", "GET", "/tzgg/list2.htm?from=home")]


def test_a_chosen_port_is_served_and_an_unknown_edition_refused() -> None:
    with Campus(2) as first:
        port = urlsplit(first.sites["hcu"]).port or 0
    with Campus(2, ports=(0, port, 0)) as second:
        assert second.sites["hcu"].endswith(f":{port}")
        with pytest.raises(ValueError, match="editions"):
            second.edition = 3


def test_the_config_names_every_seed_and_allows_loopback(campus: Campus) -> None:
    config = yaml.safe_load(campus.config("my archive"))
    assert config["archive"] == "my archive"
    assert [site["name"] for site in config["sites"]] == list(SITES)
    assert {url for site in config["sites"] for url in site["seeds"]} == {url for _, _, url in campus.seeds()}
    assert all(site["allow_private"] and site["delay"] == 0 for site in config["sites"])


# ---- WebPlus


def test_the_persons_own_sample_is_there_with_its_glued_line(campus: Campus) -> None:
    gold = article(campus, "SZQU held the 2023 International Work Conference")
    assert (gold.section, gold.release_time, gold.views) == ("Campus Life", "2023-09-23", 12)
    bare = re.sub(r"<[^>]+>", "", get(gold.url).text)
    assert "Release Time:2023-09-23Views:12\n" in bare


def test_webplus_pages_hold_a_placeholder_and_name_counter_and_beacon(campus: Campus) -> None:
    gold = article(campus, "期中教学检查")
    page = get(gold.url).text
    assert 'url="/_visitcountdisplay?siteId=37&type=3&articleId=30452">1</span>' in page
    assert '<img src="/_visitcount?siteId=37&type=3&articleId=30452" style="display:none"' in page


@pytest.mark.parametrize(("number", "answer"), [(30452, "386"), (30449, "<span>1204</span>"), (30412, "0")])
def test_the_webplus_counter_answers_a_number_bare_or_in_a_span(
    campus: Campus, number: int, answer: str
) -> None:
    query = f"siteId=37&type=3&articleId={number}"
    url = campus.sites["szqu"] + "/_visitcountdisplay"
    form = {"Content_Type": "application/x-www-form-urlencoded"}
    assert get(f"{url}?{query}").text == get(url, "POST", query, **form).text == answer


def test_a_zero_from_the_counter_leaves_the_printed_number(campus: Campus) -> None:
    gold = article(campus, "十个“没想到”")
    assert f">{gold.views}</span>" in get(gold.url).text


def test_wrong_counter_parameters_are_an_illegal_request(campus: Campus) -> None:
    for query in (
        "siteId=38&type=3&articleId=30452",
        "siteId=37&type=3&articleId=1",
        "siteId=37&type=9&articleId=30452",
    ):
        assert get(f"{campus.sites['szqu']}/_visitcountdisplay?{query}").text == "非法请求"


def test_one_posted_request_counts_many_webplus_articles(campus: Campus) -> None:
    body = urlencode({"articleIds": "30452,30449", "siteId": 37, "type": 3, "funType": 0})
    got = get(campus.sites["szqu"] + "/_visitcountdisplay", "POST", body)
    assert json.loads(got.body) == [{"articleId": 30452, "count": 386}, {"articleId": 30449, "count": 1204}]


def test_a_beacon_counts_a_visit_and_a_counter_does_not(campus: Campus) -> None:
    counter = f"{campus.sites['szqu']}/_visitcountdisplay?siteId=37&type=3&articleId=30452"
    assert [get(counter).text for _ in range(3)] == ["386"] * 3
    assert campus.beacons_hit == []
    beacon = f"{campus.sites['szqu']}/_visitcount?siteId=37&type=3&articleId=30452"
    get(beacon)
    assert campus.beacons_hit == [beacon]
    assert get(counter).text == "387"


def test_an_article_under_two_columns_reads_the_same_at_both(campus: Campus) -> None:
    gold = article(campus, "东馆十一月起")
    first, second = get(gold.url).text, get(gold.alternates[0]).text
    assert [page.split("<h1")[1] for page in (first, second)] == [first.split("<h1")[1]] * 2
    for key in ("tzgg", "xyxw"):
        assert any(gold.title in page for page in walk(campus, f"{campus.sites['szqu']}/{key}/list.htm"))


def test_link_articles_lead_to_a_file_and_to_another_site(campus: Campus) -> None:
    targets = {}
    for key in ("tzgg", "xyxw"):
        pages = walk(campus, f"{campus.sites['szqu']}/{key}/list.htm")
        link = next(href for page in pages for href in items(page) if "_redirect" in href)
        got = get(campus.sites["szqu"] + link)
        assert got.status == 302
        targets[key] = got.headers["Location"]
    assert targets["tzgg"].endswith("calendar-2026.pdf")
    assert targets["xyxw"].startswith(campus.sites["hcu"])
    assert [get(url).status for url in targets.values()] == [200, 200]


def test_a_pdf_only_article_has_a_player_and_no_text(campus: Campus) -> None:
    gold = article(campus, "公共空间预约办法")
    assert gold.paragraphs == ()
    player = re.search(r'class="wp_pdf_player" pdfsrc="([^"]+)"', get(gold.url).text)
    assert player
    assert get(urljoin(gold.url, player[1])).body.startswith(b"%PDF")


def test_webplus_answers_an_unknown_article_with_a_soft_error(campus: Campus) -> None:
    got = get(campus.sites["szqu"] + "/2026/1101/c1021a99999/page.htm")
    assert got.status == 200
    assert "<title>提示信息</title>" in got.text
    assert 'class="wp_error_msg"' in got.text


def test_the_last_webplus_list_page_has_no_next(campus: Campus) -> None:
    *_, last = walk(campus, campus.sites["szqu"] + "/tzgg/list.htm")
    assert 'class="next" href="javascript:void(0);"' in last
    assert '<em class="curr_page">3</em>/<em class="all_pages">3</em>' in last


# ---- VSB


def test_vsb_lists_are_numbered_from_the_back(campus: Campus) -> None:
    base = campus.sites["hcu"]
    first = get(f"{base}/xwzx.htm").text
    assert "共11条 1/3" in first
    assert '<span class="p_next p_fun"><a href="/xwzx/2.htm">下页</a></span>' in first
    assert "3/3" in get(f"{base}/xwzx/1.htm").text
    assert [get(f"{base}/xwzx/{number}.htm").status for number in (3, 4, 9)] == [404, 404, 404]


def test_vsb_serves_one_article_at_several_addresses(campus: Campus) -> None:
    gold = article(campus, "共享单车停放区")
    assert len(gold.alternates) == 2
    pages = [get(url).text for url in (gold.url, *gold.alternates)]
    forms = [page.split("_newscontent_fromname")[1].split("</form>")[0] for page in pages]
    assert pages[0] == pages[2]
    assert forms == [forms[0]] * 3


def test_dynclicks_answers_a_bare_integer_alone_and_in_a_batch(campus: Campus) -> None:
    base = campus.sites["hcu"] + "/system/resource/code/news/click"
    rest = "owner=1790010001&clicktype=wbnews"
    assert get(f"{base}/dynclicks.jsp?clickid=5118&{rest}").text == "902"
    assert get(f"{base}/dynclicksbatch.jsp?clickids=5118,5116&{rest}").text == "902,433"
    for wrong in ("clickid=5118&owner=1&clicktype=wbnews", f"clickid=1&{rest}", rest):
        assert get(f"{base}/dynclicks.jsp?{wrong}").text == "<html><head></head><body></body></html>"


def test_clicktimes_answers_json(campus: Campus) -> None:
    gold = article(campus, "失物招领日")
    assert 'getClickTimes(5103,1790010001,"wbnews","n")' in get(gold.url).text
    query = "wbnewsid=5103&owner=1790010001&type=wbnews&randomid=n"
    got = get(f"{campus.sites['hcu']}/system/resource/code/news/click/clicktimes.jsp?{query}")
    assert json.loads(got.body)["wbshowtimes"] == gold.views


def test_vsb_beacons_are_recorded(campus: Campus) -> None:
    click = "/system/resource/code/news/click"
    get(f"{campus.sites['hcu']}{click}/addclicktimes.jsp?wbnewsid=5103&owner=1790010001&type=wbnews")
    get(f"{campus.sites['hcu']}/system/resource/code/datainput.jsp?owner=1790010001&e=1")
    assert len(campus.beacons_hit) == 2
    assert article(campus, "失物招领日").views == 656


def test_vsb_gives_a_download_its_name(campus: Campus) -> None:
    got = get(article(campus, "用电安全自查").attachments[0])
    assert got.headers["Content-Disposition"].startswith("attachment; filename*=UTF-8''%E7%94%A8")


def test_vsb_prints_the_editors_line_at_the_end_of_the_body(campus: Campus) -> None:
    page = get(article(campus, "第二十三届运动会").url).text
    assert "作者：校报记者乙　来源：体育教研部　编辑：值班编辑</p>\n</div></div>" in page


def test_vsb_packs_pages_when_asked(campus: Campus) -> None:
    url = campus.sites["hcu"] + "/tzgg.htm"
    packed = get(url, Accept_Encoding="gzip")
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.body) == get(url).body


# ---- the GBK portal


def test_the_old_portal_says_gb2312_only_in_its_meta_and_has_no_doctype(campus: Campus) -> None:
    got = get(article(campus, "食堂”成为学生创业课").url)
    assert got.headers["Content-Type"] == "text/html"
    assert got.body.startswith(b"<html>")
    assert b"charset=gb2312" in got.body
    with pytest.raises(UnicodeDecodeError):
        got.body.decode("gbk")
    assert "㐂食堂" in got.body.decode("gb18030")


def test_the_old_portal_prints_its_views(campus: Campus) -> None:
    assert "来源： 渡口晚报 时间: 2026-10-30 阅读:233" in get(article(campus, "它的灯塔").url).text
    assert "<span>点击：1320</span>" in get(article(campus, "倒计时一周年").url).text


# ---- validators


def test_an_unchanged_page_answers_304_to_its_etag_except_on_the_old_portal(campus: Campus) -> None:
    url = campus.sites["szqu"] + "/tzgg/list.htm"
    etag = get(url).headers["ETag"]
    again = get(url, If_None_Match=etag)
    assert (again.status, again.body) == (304, b"")
    campus.edition = 2
    assert get(url, If_None_Match=etag).status == 200
    assert "ETag" not in get(campus.sites["dfu"] + "/xyyw/index.shtml").headers


# ---- edition two


def test_edition_two_makes_every_kind_of_change(campus: Campus) -> None:
    changes = campus.expected_changes()
    fields = Counter(each.fields for each in changes if each.kind == "changed")
    assert fields == {("title",): 1, ("release_time",): 1, ("attachments",): 1, ("body",): 2}
    kinds = Counter(each.kind for each in changes)
    assert kinds == {"new": 4, "changed": 5, "hidden": 1, "missing": 2, "error": 6}
    assert [each.release_time_moved_back for each in changes].count(True) == 1


def test_what_edition_two_does_not_name_stays_the_same_to_the_byte_but_for_views(campus: Campus) -> None:
    touched = {each.url for each in campus.expected_changes()}
    still = [gold for gold in campus.manifest() if gold.url not in touched]
    before = [get(gold.url).text for gold in still]
    campus.edition = 2
    after = [get(gold.url).text for gold in still]
    assert [COUNTERS.sub("", page) for page in before] == [COUNTERS.sub("", page) for page in after]
    plain = [old == new for gold, old, new in zip(still, before, after, strict=True) if gold.site == "hcu"]
    assert plain
    assert all(plain)


def test_views_grow_everywhere(campus: Campus) -> None:
    later = {gold.url: gold.views for gold in campus.manifest(2)}
    assert all(later[gold.url] > gold.views for gold in campus.manifest(1) if gold.url in later)


def test_edited_pages_show_the_new_words(campus: Campus) -> None:
    _, url = change(campus, "校园古树普查")
    assert "4211株" in get(url).text
    campus.edition = 2
    page = get(url).text
    assert "4218株" in page
    assert "西馆大厅" in page
    assert "一千二百零七篇" in get(change(campus, "小城来信")[1]).text
    assert "2026-10-22<em>" in get(change(campus, "班车发车时间")[1]).text


def test_an_attachment_is_replaced_under_the_same_name(campus: Campus) -> None:
    (url,) = article(campus, "公共体育课选项").attachments
    before = get(url).body
    campus.edition = 2
    assert article(campus, "公共体育课选项").attachments == (url,)
    assert get(url).body != before


def test_gone_articles_answer_404_or_a_soft_404_and_leave_their_lists(campus: Campus) -> None:
    urls = [change(campus, title)[1] for title in ("老物理楼", "旧唱片")]
    assert [get(url).status for url in urls] == [200, 200]
    campus.edition = 2
    withdrawn, soft = map(get, urls)
    assert withdrawn.status == 404
    assert (soft.status, "提示信息" in soft.text) == (200, True)


def test_one_article_left_its_list_but_lives(campus: Campus) -> None:
    kind, url = change(campus, "停电检修")
    campus.edition = 2
    assert kind == "hidden"
    assert get(url).status == 200
    pages = walk(campus, campus.sites["szqu"] + "/tzgg/list.htm")
    assert not any("停电检修" in page for page in pages)


def test_a_closed_section_answers_503_with_retry_after(campus: Campus) -> None:
    _, url = change(campus, "竹材弯曲")
    campus.edition = 2
    for address in (campus.sites["hcu"] + "/xsky.htm", campus.sites["hcu"] + "/xsky/1.htm", url):
        got = get(address)
        assert (got.status, got.headers["Retry-After"]) == (503, "1")


def test_the_bundled_data_is_whole() -> None:
    for key in SITES:
        for edition in (1, 2):
            site = load(key, edition)
            assert all(set(each.sections) <= set(site.sections) for each in site.articles.values())
            assert all(each.markup or each.files or each.link for each in site.articles.values())
