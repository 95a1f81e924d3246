"""What of a body element is the article's own: no counts of readers, no lists of others, its links."""

from __future__ import annotations

import pytest

from scraper import extract
from scraper.extract.tallies import is_tally, without_tally
from storage.records import Article, Link

TEXT = "讲座于5月12日在大礼堂举行，由图书馆主办，欢迎各位师生参加，无须报名。座位有限，先到先得，请提前入场。"


def read(inside: str, url: str = "https://news.example.edu/2026/0901/c1a1/page.htm") -> Article:
    page = (
        "<html><head><title>讲座通知</title><link href='/_upload/tpl/a.css'></head><body>"
        "<h1 class='arti_title'>讲座通知</h1><p class='arti_metas'>发布时间：2026-09-01</p>"
        f"<div class='wp_articlecontent'><p>{TEXT}</p>{inside}</div></body></html>"
    )
    article = extract(page.encode(), url).article
    assert article is not None
    return article


@pytest.mark.parametrize(
    "line",
    [
        "阅读次数：120", "点赞（5）", "已阅读 1.2万", "下载次数:3", "评论 12", "12次浏览", "阅读 3 点赞 4",
        "Views: 1,204", "12 likes", "3 comments", "Downloads: 9", "Like 7",
    ],
)  # fmt: skip
def test_a_line_that_only_counts_readers_is_no_text(line: str) -> None:
    assert is_tally(line)
    assert read(f"<p>{line}</p>").body == TEXT


@pytest.mark.parametrize(
    "line",
    [
        "共有120人阅读了这本书", "阅读是一生的事", "点击这里报名", "12 comments were made by students",
        "2026", "浏览器", "下载附件1", "第3次会议", "Like many others", "8:00",
    ],
)  # fmt: skip
def test_a_line_that_says_more_is_text(line: str) -> None:
    assert not is_tally(line)
    assert read(f"<p>{line}</p>").body == f"{TEXT}\n\n{line}"


@pytest.mark.parametrize("count", [" 已下载12次", "（下载次数：3）", " [Downloads: 9]", ""])
def test_how_often_a_file_was_fetched_is_no_word_of_its_name(count: str) -> None:
    article = read(f"<p>附件：<a href='/f/plan.doc'>plan.doc</a>{count}</p>")
    assert article.body == f"{TEXT}\n\n附件：plan.doc"
    assert without_tally("共下载") == "共下载"


def test_links_to_other_articles_below_a_cms_s_own_text_are_not_part_of_it() -> None:
    others = "<ul><li><a href='/1.htm'>学校召开工作会议</a></li><li><a href='/2.htm'>校运会开幕</a></li></ul>"
    assert read(f"<h3>相关新闻</h3>{others}").body == TEXT
    assert read(f"<h3>相关新闻</h3>{others}").links == ()


def test_links_an_editor_put_below_his_text_are_part_of_it() -> None:
    own = "<ul><li><a href='/1.htm'>报名入口</a></li><li><a href='/2.htm'>活动日程</a></li></ul>"
    article = read(f"<h3>报名办法</h3>{own}")
    assert article.body.endswith("报名办法\n\n报名入口\n\n活动日程")
    assert [link.text for link in article.links or ()] == ["报名入口", "活动日程"]


def test_links_are_those_of_the_text_without_files_pictures_and_the_page_itself() -> None:
    article = read(
        "<p>请到<a href='/join?a=1'><b>这里</b></a>报名，或<a href='mailto:a@example.edu'>写信</a>，"
        "见<a href='#top'>上文</a>和<a href='/f/plan.doc'>plan.doc</a>，"
        "<a href='/i/1.jpg'>大图</a>，<a href='/2026/0901/c1a1/page.htm?utm_source=x'>本页</a>。</p>"
        "<p>分享到：<a href='https://share.example.com/'>微博</a></p>"
    )
    assert article.links == (Link("https://news.example.edu/join?a=1", "这里"),)


def test_a_link_is_known_by_its_line_however_it_is_nested() -> None:
    article = read(
        "<div><a href='/one'><span><em>一</em></span></a>和<span><a href='/two'>二</a></span></div>"
        "<p>【打印本页】<a href='/print'>打印</a></p>"
    )
    assert [link.url.rpartition("/")[2] for link in article.links or ()] == ["one", "two"]
