from __future__ import annotations

import re

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.urls import BadURL, absolute, canonical, host_of, same_site, urlkey

LIST = "http://news.szqu.example.edu.cn/1/list.htm"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("HTTP://News.Example.EDU", "http://news.example.edu/"),
        ("http://a.edu:80/", "http://a.edu/"),
        ("https://a.edu:443/", "https://a.edu/"),
        ("http://a.edu:443/", "http://a.edu:443/"),
        ("http://a.edu./", "http://a.edu/"),
        ("http://a.edu/x#top", "http://a.edu/x"),
        ("  http://a.edu/x\n", "http://a.edu/x"),
        ("http://a.edu/x\n/y", "http://a.edu/x/y"),
        ("http:\\\\a.edu\\x\\y?p=\\", "http://a.edu/x/y?p=%5C"),
        ("http:///a.edu/x", "http://a.edu/x"),
        ("http://a.edu/1/./2/../3", "http://a.edu/1/3"),
        ("http://a.edu/1/%2E%2e/3", "http://a.edu/3"),
        ("http://a.edu/../..", "http://a.edu/"),
        ("http://a.edu/1/..", "http://a.edu/"),
        ("http://a.edu/1/2/..", "http://a.edu/1/"),
        ("http://a.edu/%7euser/%e4%b8%ad", "http://a.edu/~user/%E4%B8%AD"),
        ("http://a.edu/中 文?q=新闻", "http://a.edu/%E4%B8%AD%20%E6%96%87?q=%E6%96%B0%E9%97%BB"),
        ("http://a.edu/100%", "http://a.edu/100%25"),
        ("http://a.edu//x//y", "http://a.edu//x//y"),
        ("http://北京大学.中国/", "http://xn--1lq90ic7fzpc.xn--fiqs8s/"),
        ("http://ａ。ｅｄｕ/", "http://a.edu/"),
        ("http://2130706433/", "http://127.0.0.1/"),
        ("http://0x7f.1/", "http://127.0.0.1/"),
        ("http://017700000001/", "http://127.0.0.1/"),
        ("http://%31%32%37.1/", "http://127.0.0.1/"),
        ("http://[0:0:0:0:0:0:0:1]:8080/", "http://[::1]:8080/"),
    ],
)
def test_every_spelling_of_an_address_has_one_absolute_form(given: str, expected: str) -> None:
    assert absolute(given) == expected
    assert absolute(expected) == expected


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("../2/page.htm", "http://news.szqu.example.edu.cn/2/page.htm"),
        ("//www.example.edu/x", "http://www.example.edu/x"),
        ("\\\\www.example.edu\\x", "http://www.example.edu/x"),
        ("/x", "http://news.szqu.example.edu.cn/x"),
        ("?p=2", "http://news.szqu.example.edu.cn/1/list.htm?p=2"),
        ("", LIST),
        ("#next", LIST),
        ("https://b.edu/", "https://b.edu/"),
    ],
)
def test_links_are_resolved_against_their_page(link: str, expected: str) -> None:
    assert absolute(link, LIST) == expected


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("ftp://a.edu/", "scheme"),
        ("javascript:void(0);", "scheme"),
        ("mailto:office@a.edu", "scheme"),
        ("file:///etc/passwd", "scheme"),
        ("page.htm", "scheme"),
        ("http://", "address"),
        ("http://news.edu.cn@127.0.0.1/", "address"),
        ("http://a.edu:99999/", "address"),
        ("http://a.edu:0/", "address"),
        ("http://a.edu:x/", "address"),
        ("http://a b/", "address"),
        ("http://a..edu/", "address"),
        ("http://1.2.3.256/", "address"),
        ("http://[::1/", "address"),
        ("http://[fe80::1%25eth0]/", "address"),
        ("http://a\0b.edu/", "address"),
        ("http://\ud800/", "address"),
    ],
)
def test_what_cannot_be_fetched_is_refused_with_a_reason(text: str, reason: str) -> None:
    with pytest.raises(BadURL) as caught:
        absolute(text)
    assert caught.value.reason == reason


@given(st.text(max_size=60))
def test_any_text_gives_a_stable_ascii_address_or_bad_url(text: str) -> None:
    try:
        url = canonical(text, LIST)
    except BadURL:
        return
    assert url.isascii()
    assert canonical(url) == url
    assert urlkey(url) == urlkey(text if re.match(r"\s*https?://", text) else url)


PATHS = st.lists(
    st.text(alphabet="abz09.-_~%/;=&?+ \\中", max_size=6)
    | st.sampled_from(["index.htm", "..", ".", "default.aspx"]),
    max_size=5,
).map("/".join)


@given(PATHS, st.sampled_from(["", "?b=2&a=1", "?utm_source=x", "?a=1&utm_id=9&b=2", "?"]))
def test_an_address_keeps_its_key_however_it_is_written(path: str, query: str) -> None:
    plain = f"http://news.szqu.example.edu.cn/{path}"
    try:
        key = urlkey(plain + query)
    except BadURL:
        return
    written = canonical(plain + query)
    assert urlkey(written) == key
    assert urlkey(written.replace("http://", "https://www.", 1)) == key
    assert urlkey(written + "#top") == key
    assert absolute(written, LIST) == written
    assert "//" not in key.partition("?")[0]


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=40))
def test_httpx_sends_the_address_as_it_is(text: str) -> None:
    try:
        url = absolute("/" + text, LIST)
    except BadURL:
        return
    sent = httpx.URL(url)
    assert url == f"{sent.scheme}://{sent.netloc.decode()}{sent.raw_path.decode()}"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("http://a.edu/x;jsessionid=0A1B", "http://a.edu/x"),
        ("http://a.edu/x.jsp;JSESSIONID=0A1B?id=1", "http://a.edu/x.jsp?id=1"),
        ("http://a.edu/x?utm_source=w&id=1&spm=a.b", "http://a.edu/x?id=1"),
        ("http://a.edu/x?PHPSESSID=1", "http://a.edu/x"),
        ("http://a.edu/x?b=2&a=1", "http://a.edu/x?b=2&a=1"),
        ("http://a.edu/x?", "http://a.edu/x"),
    ],
)
def test_the_canonical_form_drops_what_names_only_the_visit(given: str, expected: str) -> None:
    assert canonical(given) == expected


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("https://www.szqu.edu.cn/2023/0923/c1a2/page.htm", "cn,edu,szqu)/2023/0923/c1a2/page.htm"),
        ("http://szqu.edu.cn:80/2023/0923/c1a2/page.htm#x", "cn,edu,szqu)/2023/0923/c1a2/page.htm"),
        ("http://a.edu/x?b=2&a=1&utm_id=3", "edu,a)/x?a=1&b=2"),
        ("http://a.edu:8080/", "edu,a:8080)/"),
        ("http://127.0.0.1:8080/X", "127.0.0.1:8080)/X"),
        ("http://[::1]/", "::1)/"),
        ("http://www.com/", "com)/"),
        ("https://a.edu/news/", "edu,a)/news"),
        ("http://www.a.edu/news/index.html", "edu,a)/news"),
        ("http://a.edu//news//1.htm", "edu,a)/news/1.htm"),
        ("http://a.edu/index.php", "edu,a)/"),
        ("http://a.edu/index.php?id=7", "edu,a)/index.php?id=7"),
        ("http://a.edu/news/index_2.html", "edu,a)/news/index_2.html"),
    ],
)
def test_the_urlkey_is_the_same_for_every_address_of_a_page(url: str, key: str) -> None:
    assert urlkey(url) == key


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        ("http://news.tsinghua.edu.cn/", "https://www.tsinghua.edu.cn:8443/", True),
        ("http://news.tsinghua.edu.cn/", "http://news.pku.edu.cn/", False),
        ("http://a.ac.uk/", "http://b.ac.uk/", False),
        ("http://127.0.0.1:1/", "http://127.0.0.1:2/", True),
        ("http://127.0.0.1/", "http://127.0.0.2/", False),
        ("http://localhost/", "http://localhost:81/", True),
        ("http://localhost/", "http://campus/", False),
    ],
)
def test_one_site_is_one_registrable_domain_or_one_host(a: str, b: str, same: bool) -> None:
    assert same_site(a, b) is same


def test_the_host_of_an_address_names_its_port() -> None:
    assert host_of("https://A.edu/x") == "a.edu:443"
    assert host_of("http://[::1]/") == "[::1]:80"
    assert host_of("http://a.edu:8080") == "a.edu:8080"
