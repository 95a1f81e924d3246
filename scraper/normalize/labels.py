"""The labels that stand before a field's value, and how to take a labelled line apart. Pure.

`split_labels("发布者：甲发布时间：2026-03-26浏览次数：10")` yields author, release_time and views.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

# field -> labels as printed; a colon follows, or for dates and counts the number itself.
LABELS: dict[str, tuple[str, ...]] = {
    "release_time": (
        "发布时间", "发布日期", "发表时间", "发表日期", "发稿时间", "发文时间", "发文日期", "更新时间",
        "更新日期", "录入时间", "添加时间", "编辑日期", "编辑时间", "上传时间", "创建时间", "信息时间",
        "公布时间", "公布日期", "发布于", "时间", "日期", "發布時間", "發布日期", "發佈日期", "時間",
        "日期", "Release Time", "Release Date", "Released on", "Released", "Publish Time", "Publish Date",
        "Published on", "Published at", "Published", "Publication date", "Post Date", "Posted on",
        "Posted", "Date Posted", "Update Time", "Update Date", "Updated", "Last updated",
        "Date published", "First published", "Pub Date", "PubDate", "Press release issued", "Issued",
        "Issue Date",
        "Add Time", "Created", "Date", "Time", "Publié le", "Date de publication", "Mis en ligne le",
        "Veröffentlicht am", "Datum", "Erstellt am", "작성일", "등록일", "게시일", "公開日", "掲載日",
        "更新日", "投稿日",
    ),
    "views": (
        "浏览次数", "浏览量", "浏览数", "浏览", "点击次数", "点击数", "点击量", "点击率", "点击",
        "阅读次数", "阅读数", "阅读量", "阅读", "访问次数", "访问量", "访问数", "查看次数", "查看",
        "人气", "瀏覽次數", "瀏覽數", "點閱次數", "點擊數", "閱讀數", "瀏覽人次", "浏览人次",
        "Page views", "Pageviews", "Views", "View count", "View", "Viewed", "Hits", "Hit", "Clicks",
        "Click", "Reads", "Read", "Visits", "Visit", "Visitors", "Browse", "Browsing times",
        "Times of browsing", "조회수", "조회", "閲覧数", "アクセス数",
    ),
    "author": (
        "作者", "发布者", "发布人", "文章作者", "撰稿", "撰稿人", "撰文", "文/图", "文图", "文", "记者",
        "通讯员", "信息发布员", "信息员", "发布", "添加人", "上传者", "Author", "Authors", "Written by",
        "Text by", "Words by", "Words", "Writer", "Publisher", "Published by", "Posted by", "By",
        "Auteur", "Autor", "Von", "작성자", "글쓴이", "投稿者",
    ),
    "source": (
        "信息来源", "文章来源", "稿件来源", "新闻来源", "来源", "來源", "供稿单位", "供稿", "发布单位",
        "发布部门", "发布机构", "来稿单位", "单位", "部门", "出处", "稿源", "转载自", "Source", "Sources",
        "Article source", "Origin", "From", "Quelle", "출처",
    ),
    "editor": (
        "责任编辑", "网络编辑", "本网编辑", "编辑", "编 辑", "編輯", "責任編輯", "录入员", "录入者",
        "录入", "责编", "编辑者", "编审", "Editor", "Edited by", "Editors", "Editor in charge", "Edit",
    ),
    # Known, so that they end another field's value; not fields of the record.
    "photographer": (
        "摄影", "摄影者", "图片", "图", "供图", "配图", "Photo by", "Photographer", "Photo", "Photos",
    ),
    "reviewer": (
        "审核人", "审核", "审稿", "审签", "终审", "初审", "复审", "校对", "审核者", "签发", "Reviewer",
        "Reviewed by",
    ),
    "other": (
        "字号", "字体", "字体大小", "打印", "分享到", "分享", "关键词", "关键字", "标签", "栏目",
        "所属栏目", "类别", "分类", "上一篇", "下一篇", "上一条", "下一条", "Font size", "Font", "Share",
        "Tags", "Category", "Keywords",
    ),
}  # fmt: skip

_FIELD_OF = {label.casefold().replace(" ", ""): field for field, labels in LABELS.items() for label in labels}


def _alternation() -> str:
    labels = sorted({label for group in LABELS.values() for label in group}, key=len, reverse=True)
    return "|".join(re.escape(label).replace(r"\ ", r"\s{0,3}") for label in labels)


# A Latin label may not be the tail of a longer word; a colon follows, or for counts the number itself.
_LABEL = re.compile(rf"(?<![A-Za-z])({_alternation()})\s{{0,3}}(?:[:：]|(?=[\[【(（]?\s?\d))", re.IGNORECASE)
_END = re.compile(r"[\t|｜丨]|(?:\s[/·•—–-]\s)")
_BRACKETS = "[]【】()（）〔〕 \t\n|｜/·•—–-,，;；"


@dataclass(frozen=True, slots=True)
class Labelled:
    """A labelled value: the field, the label as printed, the value up to the next label or separator."""

    field: str
    label: str
    value: str
    colon: bool = True


def field_of(label: str) -> str | None:
    """Return the field that a label alone, without its colon, speaks of, or None where it is no label."""
    return _FIELD_OF.get(re.sub(r"\s", "", label).casefold())


def split_labels(line: str) -> Iterator[Labelled]:
    """Yield every labelled value of a line, in order; an empty value is yielded as an empty string."""
    hits = list(_LABEL.finditer(line))
    stops = [hit.start() for hit in hits[1:]] + [len(line)]
    for hit, stop in zip(hits, stops, strict=False):
        field = _FIELD_OF[re.sub(r"\s", "", hit[1]).casefold()]
        colon = hit[0].endswith((":", "："))
        if colon or field in ("views", "release_time"):
            value = line[hit.end() : stop].strip()
            yield Labelled(field, hit[1], _END.split(value, maxsplit=1)[0].strip(_BRACKETS), colon)
