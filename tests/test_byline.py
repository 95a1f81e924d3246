"""Who wrote, when, where: the lines around an article in the many ways pages print them."""

from __future__ import annotations

import pytest

from scraper.extract import extract
from storage.records import Article

URL = "https://news.example.edu/1.htm"
TEXT = "The walls of the old library are dry again, and the readers came back in the first week of the term."


def read(head: str, *, above: str = "", below: str = "", title: str = "The library opens again") -> Article:
    html = f"<title>{title}</title>{above}<h1>{title}</h1>{head}<div><p>{TEXT}</p><p>{TEXT}</p></div>{below}"
    article = extract(html.encode(), URL).article
    assert article is not None
    return article


@pytest.mark.parametrize(
    ("head", "author"),
    [
        ("<p>By Ada Marlow</p>", "Ada Marlow"),
        ("<p>March 5, 2024 · 3 min read · By Ada Marlow</p>", "Ada Marlow"),
        ("<p>Ada Marlow | Posted on March 5, 2024</p>", "Ada Marlow"),
        ("<p>By</p><p>Ada Marlow</p>", "Ada Marlow"),
        ("<dl><dt>작성자</dt><dd>홍보팀</dd><dt>조회수</dt><dd>128</dd></dl>", "홍보팀"),
        ("<table><tr><th>Author</th><td>Ada Marlow</td></tr></table>", "Ada Marlow"),
        ("<h4>林小鹤 2024-03-05 15:25:37</h4>", "林小鹤"),
        ("<h4>教务处 2024-03-05 15:25:37</h4>", None),
        ("<p>来源：学校办公室 供稿：林小鹤 2024-03-05</p>", "林小鹤"),
        ("<p>发布人：admin 2024-03-05</p>", "admin"),
        ("<p>Nov 18 2017 by Campus Alerts</p>", "Campus Alerts"),
        ("<p>By: Ada Marlow (a.marlow@example.edu)</p>", "Ada Marlow"),
        ("<meta name=author content=admin>", None),
    ],
)
def test_an_author_is_found_where_pages_print_one(head: str, author: str | None) -> None:
    assert read(head).author == author


@pytest.mark.parametrize(
    ("head", "day"),
    [
        ("<dl><dt>등록일</dt><dd>2024.03.11</dd><dt>수정일</dt><dd>2024.03.20</dd></dl>", "2024-03-11"),
        ("<p>January 20th, 2025 by JWS</p><p>Last updated: August 25, 2025</p>", "2025-01-20"),
        ("<p>Last updated: August 25, 2025</p>", "2025-08-25"),
        ("<p>更新时间：2024-03-05</p>", "2024-03-05"),
        ("<div><a>Life</a><span>MAY 22, 2024</span><span>Updated: JUNE 2, 2025</span></div>", "2024-05-22"),
        ("<p>Created: 17/05/2024 | Last updated: 17/05/2024</p>", "2024-05-17"),
    ],
)
def test_the_day_of_a_revision_serves_only_where_there_is_no_other(head: str, day: str) -> None:
    assert read(head).release_time == day


def test_a_labelled_date_in_the_page_goes_before_a_vague_one_in_its_head() -> None:
    below = "<p>Created: 17/05/2024 | Last updated: 17/05/2024</p>"
    assert read("", above="<meta name=DC.date content=2011-06-01>", below=below).release_time == "2024-05-17"


def test_a_labelled_day_keeps_the_clock_behind_its_dash() -> None:
    head = "<p>Post date: Monday, March 4, 2024 - 11:37am</p>"
    assert (read(head).release_time or "")[:16] == "2024-03-04T11:37"


def test_who_wrote_the_news_goes_before_who_issued_the_document() -> None:
    head = "<table><tr><td>发布机构：省教育厅</td></tr></table><p>发布日期：2024-03-05 来源：新闻办</p>"
    assert read(head).source == "新闻办"


def test_a_byline_at_the_top_of_the_body_is_no_text_of_it() -> None:
    byline = "<p>By: Ada Marlow (a.marlow@example.edu)</p><p>Tuesday, 5 March 2024</p>"
    body = f"<div class=article-body>{byline}<p>{TEXT}</p><p>{TEXT}</p></div>"
    html = f"<h1>The library opens again</h1>{body}"
    article = extract(html.encode(), URL).article
    assert article is not None
    assert (article.author, article.release_time, article.body) == (
        "Ada Marlow",
        "2024-03-05",
        f"{TEXT}\n\n{TEXT}",
    )


def test_the_dates_of_recent_posts_beside_an_article_are_not_its_own() -> None:
    recent = (
        "<ul><li><a href=/2/>Another story</a><time class='rpwe-time published'>March 29, 2025</time></ul>"
    )
    marks = "<link href=/wp-content/themes/a.css><script src=/wp-includes/a.js></script>"
    meta = "<div class=entry-meta><time class=published>March 5, 2024</time></div>"
    html = f"{marks}{recent}<article><h1 class=entry-title>The library opens again</h1>{meta}"
    html += f"<div class=entry-content><p>{TEXT}</p><p>{TEXT}</p></div></article>"
    article = extract(html.encode(), URL).article
    assert article is not None
    assert article.release_time == "2024-03-05"


def test_buttons_for_sharing_are_no_text_where_there_is_no_other() -> None:
    buttons = "".join(f"<li><a href=/{name}>{name}</a></li>" for name in ("Facebook", "Twitter", "Email"))
    marks = "<link href=/wp-content/themes/a.css><script src=/wp-includes/a.js></script>"
    html = (
        f"{marks}<h1 class=entry-title>The library opens again</h1><span class=entry-date>May 5, 2024</span>"
    )
    html += f"<div class=entry-content><img src=/a.jpg><div class=social-share><ul>{buttons}</ul></div></div>"
    article = extract(html.encode(), URL).article
    assert article is not None
    assert article.body == ""


def test_a_label_cell_and_the_cell_after_it_are_one_statement() -> None:
    article = read("<dl><dt>조회수</dt><dd>2,485</dd><dt>등록일</dt><dd>2024.03.11</dd></dl>")
    assert (article.views, article.release_time) == (2485, "2024-03-11")


@pytest.mark.parametrize(
    ("above", "section"),
    [
        (
            "<ul class=breadcrumb><li><a href=/>Home</a><li><a href=/research>Research</a><li>News</ul>",
            "Research",
        ),
        ("<ul class=breadcrumb><li><a href=/>Home</a><li>News</ul>", "News"),
        (
            "<p>You are here:</p><ul><li>Home<li>Campus Life<li>The library opens again<li>2019</ul>",
            "Campus Life",
        ),
        ("<div>当前位置： <a href=/>首页</a> &gt; <a href=/zhdt>智库动态</a> 正文</div>", "智库动态"),
        ("<div>当前位置：首页 &gt; 智库动态 &gt; 正文</div>", "智库动态"),
        (
            "<div class=bread><a href=/>首页</a><a href=/jy/list.htm>教育教学</a>"
            "<a href=/lib/list.htm>The library opens again</a></div>",
            "The library opens again",
        ),
        ("<h2>Search</h2>", None),
    ],
)
def test_a_section_is_the_last_step_of_the_path_that_names_a_place(above: str, section: str | None) -> None:
    assert read("<p>2024-03-05</p>", above=above).section == section


def test_the_keywords_of_vsb_name_the_column_where_no_path_is_printed() -> None:
    meta = '<meta name="keywords" content="图书馆,新闻与活动,library,opens">'
    html = f"{meta}<title>The library opens again-图书馆</title><h1>The library opens again</h1><p>{TEXT}</p>"
    article = extract(html.encode(), URL).article
    assert article is not None
    assert article.section == "新闻与活动"


def test_a_heading_right_above_the_byline_goes_before_the_name_of_the_column() -> None:
    html = (
        "<title>site</title><h1>智库动态</h1><form name='_newscontent_fromname'>"
        "<h3>图书馆新馆在南湖边奠基</h3>"
        f"<h6>发布时间 : 2024-11-20 19:43:20 出处 :https://jg.example.edu/info/1/2.htm</h6>"
        f"<div id='vsb_content'><div class='v_news_content'><p>{TEXT}</p></div></div></form>"
    )
    article = extract(html.encode(), URL).article
    assert article is not None
    assert (article.title, article.source) == (
        "图书馆新馆在南湖边奠基",
        "https://jg.example.edu/info/1/2.htm",
    )


def test_a_heading_that_only_ends_the_path_is_no_title() -> None:
    html = (
        "<title>Example Society</title><h3>新闻公告</h3><span><a href=/>首页</a> &gt; 新闻公告</span>"
        "<table><tr><td><strong>关于召开年会的文件</strong></td></tr>"
        "<tr><td>发布者：admin 发布时间：2024/3/5 14:59:00 点击：19</td></tr>"
        f"<tr><td><p>{TEXT}</p></td></tr></table>"
    )
    article = extract(html.encode(), URL).article
    assert article is not None
    assert (article.title, article.section) == ("关于召开年会的文件", "新闻公告")


def test_a_heading_above_a_bare_date_goes_before_the_name_of_the_site() -> None:
    html = (
        "<title>设备共享平台 | 例子大学</title><a href=/old>访问旧版</a>"
        f"<div><h6>学校举办论证报告撰写讲座</h6><div>2024-03-05 00:00:00 星期二</div>"
        f"<div class=article-content><p>{TEXT}</p><p>{TEXT}</p></div></div>"
    )
    article = extract(html.encode(), URL).article
    assert article is not None
    assert article.title == "学校举办论证报告撰写讲座"


def test_a_title_of_two_letters_is_no_less_a_title() -> None:
    html = (
        f"<title>公示</title><h2>师资队伍</h2><div><h1>公示</h1><div><p>{TEXT}</p><p>{TEXT}</p></div></div>"
    )
    article = extract(html.encode(), URL).article
    assert article is not None
    assert article.title == "公示"


def test_the_name_of_the_site_at_the_foot_is_no_title() -> None:
    html = (
        "<title>学术活动-读书中心</title><h2>“花园与图书”读书会</h2><p>发布时间: 2017-11-25</p>"
        f"<div id='vsb_content'><p>{TEXT}</p></div><p>读书中心</p>"
    )
    article = extract(html.encode(), URL).article
    assert article is not None
    assert article.title == "“花园与图书”读书会"


def test_an_apology_in_the_full_frame_of_a_site_is_no_article() -> None:
    frame = "".join(f"<li><a href='/{n}'>Part {n} of the long menu of the site</a></li>" for n in range(40))
    html = f"<title>Site</title><ul>{frame}</ul><h3>Sorry, we could not find that page</h3>"
    assert extract(html.encode(), URL).problem == "soft_error"
