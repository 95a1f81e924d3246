"""A line in, whom it credits out, where crediting is all it does. Pure.

    credits("（作者：甲 编辑：乙 审核：丙）")      author 甲, editor 乙, reviewer 丙
    credits("作者在会上介绍了新温室。")           None: a sentence that holds such a word

A line is only believed when each piece of it is a role or a name: a person, or an office known by its ending.
"""

from __future__ import annotations

import re
from dataclasses import replace

from scraper.normalize.dates import find_times
from scraper.normalize.labels import Labelled, field_of, split_labels
from scraper.normalize.text import fold

_LONGEST, _VALUE, _NAMES = 240, 60, 14  # characters of a line and of a value, and words of a value
_CREDITED = frozenset({"author", "editor", "reviewer", "photographer", "source"})
_BESIDE = frozenset({"release_time", "views", "other"})  # what credit lines tell besides
# Labels that begin captions, contact blocks and lists as often as credits: alone they prove nothing.
_WEAK_LABELS = (
    "图 圖 文 글 图片 圖片 照片 视频 单位 單位 部门 发布 文字 bild bilder by credit credits edit from image"
    " images imagen origin par picture pictures por review story text texte testo texto video von words"
)
# … but these, before a person's first and last name.
_SIGNED = frozenset(["by", "par", "por", "story", "text", "texte", "testo", "texto", "von", "words"])
_WEAK = frozenset(_WEAK_LABELS.split())
_OPENING, _CLOSING = "（(【[〔「『 \t—–-*·", "）)】]〕」』 \t—–-。.*·;；,，"
_BRACKETS = ("（", "(", "【", "[", "〔")
_PREFIX = re.compile(r"^(?:本文|本稿|本期|本版|全文|以上)(?=\w)")

_ROLES = (
    "特约通讯员|学生通讯员|通讯员|通訊員|通信员|本报记者|本网记者|学生记者|见习记者|实习记者|校园记者"
    "|摄影记者|记者|記者|责任编辑|責任編輯|责编|编辑|編輯|审核|審核|校对|撰稿人|撰稿|供稿|摄影|攝影|供图"
    "|撰文|文字|文图|图文|文、图|文·图|文/图|图/文|文/摄|文|图|圖|摄"
)
_WHO = rf"(?!(?:{_ROLES})[\s/／|｜丨])[\u4e00-\u9fff·]{{2,16}}"
_PEOPLE = rf"{_WHO}(?:[\s、，,和与]{{1,3}}{_WHO}){{0,7}}?"
_GAP, _STOP = r"(?P<gap>\s?[/／|｜丨]\s?|\s{1,3})", r"(?=$|[\s，,;；|｜/])"
# 通讯员 某某 | 文/某某 图/某某, and the other way round: 某某 文/图 | 某某 摄
_UNLABELLED = (
    re.compile(
        rf"(?P<role>{_ROLES}){_GAP}(?P<who>{_PEOPLE})(?=$|[\s，,;；|｜/]+(?:{_ROLES})[\s/／|｜丨]|[;；|｜])"
    ),
    re.compile(rf"(?P<who>{_PEOPLE}){_GAP}(?P<role>{_ROLES}){_STOP}"),
)
_IN_BRACKETS = (  # 校团委供稿 | 通讯员某某: glued only where brackets hold it together
    re.compile(r"(?P<who>[\u4e00-\u9fff·]{2,14}?)(?P<gap>)(?P<role>供稿|供图|摄影|撰稿|摄)$"),
    re.compile(r"(?P<role>通讯员|通訊員)(?P<gap>)(?P<who>[\u4e00-\u9fff]{2,3})$"),
)
_NO_CREDIT = re.compile(
    r"[^\u4e00-\u9fff·\s、，,和与/／|｜丨;；•ADNadn]"
)  # the sign of no role, name or gap of these
_PLAIN = re.compile(r"通[讯訊信]员|通訊員|供[稿图]|摄|攝|[、·/]")  # roles that no heading is made of

_WORK = (
    r"(?:written|stor(?:y|ies)|words|text|article|report(?:ed|ing)|edited|translated|reviewed|compiled|contributed"
    r"|prepared|photo(?:s|graphs?|graphy)?|images?|pictures?|video)"
)
_WESTERN = re.compile(
    rf"(?P<role>{_WORK}(?:\s(?:and|&)\s{_WORK})?\s(?:by|courtesy of)|by)[:\s]\s?"
    r"(?P<who>(?-i:[A-ZÀ-Þ])[^:;|/•]{1,80}?)"
    rf"(?=\s?(?:$|[;|/•]|,?\s(?:and\s)?{_WORK}\s))",
    re.IGNORECASE,
)
_WORKS = {  # how a role begins -> its field; any other is of the author
    "photo": "photographer",
    "image": "photographer",
    "picture": "photographer",
    "video": "photographer",
    "edited": "editor",
    "reviewed": "reviewer",
    "translated": "other",
}
_BETWEEN = re.compile(r"[\s，,;；|｜/•]*(?:and\s)?", re.IGNORECASE)

_SENTENCE = re.compile(r"[。！？!?；;：:]|[a-zà-ÿ]{3}\.\s")
_ASIDE = re.compile(r"[（(][^）)]{0,40}[）)]|《[^》]{1,40}》|[“\"][^”\"]{1,40}[”\"]|第?\s?\d{1,3}\s?[版期]")
_FULL_STOP = re.compile(r"(?<=[a-zà-ÿ]{2})\.$")
_APART = re.compile(r"[\s、，,/／|｜&＆·丨和与及]+")
_SPEECH = re.compile(r"[您你我咱请這这那谢对是不]")
_LATIN_NAME = re.compile(
    r"(?:[A-ZÀ-Þ][\w.'’-]*|de|da|di|del|della|dos|la|le|van|von|der|den|bin|al|el|and|of|the|for|y|et|und|e|&|-)$"
)
_NO_NAME = re.compile(
    r"(?:the|this|that|we|you|he|she|it|they|i|a|an|in|on|at|as|if|when|to)\s|.*\d"
    r"|.*\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b|.*\b(?:january|february|march|april|june|july|august)\b"
    r"|.*\b(?:september|october|november|december)\b",
    re.IGNORECASE,
)
_PERSON = re.compile(
    r"[\u3400-\u9fff]{1,4}$|[\uac00-\ud7a3]{2,4}$|[\u3040-\u30ff\u3400-\u9fff]{1,8}ー?$(?<=[\u3040-\u30ff])"
)
_OFFICE = re.compile(
    r".{2,18}(?:[院部处處办会會社网網报報台团團组組室系馆館所委班刊局厅校号站级員员课課係]|中心|集团|公司|大学|大學|平台|基地|媒体"
    r"|新闻|新聞|日报|杂志|学生|同学|老师|教师|教授|记者|センター|[팀실과처부원회]|대학교)$"
)


def credits(text: str) -> tuple[Labelled, ...] | None:
    """Return what a credit line credits, in its order; None for any other line.

    The fields are those of `split_labels`; an empty value is an empty string there too.
    """
    line = fold(text)
    if not line or len(line) > _LONGEST:
        return None
    bracketed = line.startswith(_BRACKETS)
    line = _PREFIX.sub("", line.lstrip(_OPENING))
    if ":" in line or "：" in line:
        return _labelled(line)
    line = line.rstrip(_CLOSING)
    return _unlabelled(line, bracketed) or _western(line)


def _labelled(line: str) -> tuple[Labelled, ...] | None:
    """Read `作者：甲 编辑：乙`: labels and names, and no word besides."""
    items = tuple(split_labels(line))
    if not items or not line.startswith(items[0].label) or not all(item.colon for item in items):
        return _western(line.rstrip(_CLOSING))
    fields = {item.field for item in items}
    strong = any(item.field in _CREDITED and _is_strong(item) for item in items)
    if not fields <= _CREDITED | _BESIDE or not (strong or len(fields & _CREDITED) > 1):
        return None
    rest = line
    for item in items:
        rest = rest.replace(item.label, "", 1).replace(item.value, "", 1)
    named = any(item.value for item in items) or len(items) > 1
    if not named or re.search(r"\w", rest) or not all(_is_credit(item) for item in items):
        return None
    return tuple(replace(item, value=_FULL_STOP.sub("", item.value)) for item in items)


def _is_strong(item: Labelled) -> bool:
    """Tell whether a label alone makes a credit, or does with the full name behind it."""
    key = "".join(item.label.split()).lower()
    return key not in _WEAK or (key in _SIGNED and " " in item.value and _latin_names(item.value))


def _is_credit(item: Labelled) -> bool:
    if item.field not in _CREDITED:
        return len(item.value) <= _VALUE
    value = item.value
    for time in find_times(value):
        value = value.replace(time.raw, "")
    return _names(value.strip(_CLOSING))


def _names(value: str) -> bool:
    """Tell whether a value is a list of persons and offices."""
    bare = _ASIDE.sub(" ", value).strip(_CLOSING)
    if not bare:
        return True
    if len(bare) > _VALUE or _SENTENCE.search(bare) or _SPEECH.match(bare):
        return False
    if re.search("[A-Za-z]", bare):
        return _latin_names(bare)
    pieces = [piece for piece in _APART.split(bare) if piece]
    return len(pieces) <= _NAMES and all(_PERSON.match(piece) or _OFFICE.match(piece) for piece in pieces)


def _latin_names(value: str) -> bool:
    words = re.split(r"[\s,，、/]+", value)
    if len(words) > _NAMES or _NO_NAME.match(value) or not value[0].isupper():
        return False
    return all(_LATIN_NAME.match(word) or _PERSON.match(word) for word in words if word)


def _unlabelled(line: str, bracketed: bool) -> tuple[Labelled, ...] | None:
    """Read `通讯员 甲`, `文/甲 图/乙`, `甲 文/图`: roles without a colon, and names."""
    if _NO_CREDIT.search(line):
        return None
    found: list[Labelled] = []
    at = 0
    while at < len(line):
        forms = (*_UNLABELLED, *(_IN_BRACKETS if bracketed else ()))
        match = next(filter(None, (form.match(line, at) for form in forms)), None)
        if match is None or not _names(match["who"]):
            return None
        if not (bracketed or match["gap"].strip() or _PLAIN.search(match["role"])):
            return None  # 新闻 编辑 is a heading
        found.append(Labelled(field_of(match["role"]) or "author", match["role"], match["who"], False))
        at = _skip(line, match.end())
    return tuple(found) or None


def _western(line: str) -> tuple[Labelled, ...] | None:
    """Read `Written by Jane Doe / Photos by John Roe`, `By Jane Doe`."""
    found: list[Labelled] = []
    at = 0
    while at < len(line):
        match = _WESTERN.match(line, at)
        if match is None or not _latin_names(who := match["who"].strip(" ,.")):
            return None
        role = match["role"].lower()
        if role == "by" and (" " not in who or " by " in who):
            return None
        field = next((field for work, field in _WORKS.items() if role.startswith(work)), "author")
        found.append(Labelled(field, match["role"], who, ":" in line[match.end("role") : match.start("who")]))
        at = _skip(line, match.end())
    return tuple(found) or None


def _skip(line: str, at: int) -> int:
    match = _BETWEEN.match(line, at)
    return match.end() if match else at
