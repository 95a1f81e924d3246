"""Texts that break what handles texts, by what they break: each is what a title was, or could be."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from itertools import product

_QUOTES = (
    '"', "'", "''", '""', "\\", "\\\\", "`", "´", "“quoted”", "«devis»", "「引用」", "'\"", "\"'\"'",
    '\\"', "';",
)  # fmt: skip
_FORMULAS = (
    "=1+1", "+1", "-1", "@SUM(A1)", "＝1+1", "＋1", "－1", "＠x", "=cmd|' /C calc'!A0", "-", "=", "+",
    "@",
)  # fmt: skip
_FORMULAS += ('=HYPERLINK("http://example.invalid","x")', '=IMPORTXML(A1,"//a")', "-2+3+cmd|x", "@@", '=""')
_BEFORE = ("", " ", "  ", "\t", "\r", "\n", "\u3000", "\xa0", "\ufeff", "\u200b", "'", "''", '"')
_ROWS = (
    "a,b", "a;b", "a\tb", "a|b", 'a"b', 'a""b', '"a","b"', "a\r\nb", "a\nb", "a\rb", "\r\n", "\n", ",",
    ",,", '"\n"',
)  # fmt: skip
_LINES = ("\u2028", "\u2029", "\x85", "\x0b", "\x0c", "\x1c", "\x1d", "\x1e")
_MARKUP = (
    "]]>", "<![CDATA[", "<![CDATA[x]]>", "]]]]><![CDATA[>", "&", "&amp;", "&amp;amp;", "&#0;", "&#x1F;",
    "&nbsp;", "<", ">", "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "</title>",
    "</entry>", "</feed>", "<!--", "-->", "--",
    "<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/hostname'>]>", "<?xml version='1.0'?>", "<?php 1 ?>",
    "<svg/onload=1>", "javascript:alert(1)", "data:text/html,x", "</script>", "<b>bold", "<a href='x'>",
    "\" onmouseover=\"x", "<style>*{}</style>",
)  # fmt: skip
_CODE = (
    "'; DROP TABLE articles; --", "\" OR 1=1 --", "1; ATTACH 'x' AS y", "$(id)", "`id`", "${HOME}",
    "%(x)s", "%s", "%n", "{0}", "{{7*7}}", "{% x %}", "#{1}", "| cat", "; ls", "&& ls", "> /tmp/x",
    "$'\\x41'", "\\u0041", "\\x00", "%00", "\\n", "../../etc/hosts", "..\\..\\x", "/dev/null", "C:\\CON",
    "NUL", "file://x", "//example.invalid", "~", "*", "?", "-rf", "--force", "-o", "#", "# heading",
    "---", "...", "- item", "key: value", "&anchor *alias", "!!python/object", "[x](y)", "| a | b |",
    "```", "***", "> quote", "<https://example.invalid>", "\\", "\\\n", "{", "[", "]", "}", "{}", "[]",
    "//", "/*",
)  # fmt: skip
_LOOKALIKES = (
    "null", "NULL", "None", "nil", "NaN", "nan", "Infinity", "-Infinity", "inf", "undefined", "true",
    "True", "TRUE", "false", "False", "yes", "no", "on", "off", "0", "00", "007", "1.0", "1.", ".1",
    "1e5", "1E309", "1_000", "1,000", "0x1F", "0b1", "0o7", "99999999999999999999", "-0", "1/2", "1-1",
    "MAR1", "2026-02-30", "2026-11-25", "12:30", "1:1", "N/A", "#N/A", "#REF!", "#DIV/0!", "٣", "３", "½",
    "Ⅷ", "①", "1e", "e1", "TRUE ", " null", "__proto__", "constructor",
)  # fmt: skip
_SCRIPTS = (
    "关于调整班车发车时间的通知", "學校新聞", "田中さん、部活だより", "사회과학원", "𠜎𠜱𠝹𠱓", "㐀㐂",
    "تجربة العنوان", "כותרת", "ข่าวมหาวิทยาลัย", "समाचार", "Новости", "Ünïcödé", "e\u0301e\u0300", "ﬁﬂ",
    "İıſ", "Straße STRASSE", "ᚠᚢᚦ", "𝔘𝔫𝔦", "🎓", "👩🏽‍🎓", "🇨🇳🇪🇺", "👨‍👩‍👧‍👦", "🏴󠁧󠁢󠁥󠁮󠁧󠁿",
    "\u202eright to left", "\u2066aside\u2069", "a\u0300" * 40, "\u0e49" * 30, "﷽", "Z\u0334\u0321",
    "\u1160", "\u2800", "\u3164", "\U000e0041", "\U0010ffff", "\ufffe", "\uffff", "\ufdd0", "\ufffd",
    "\ue000", "\U000f0000", "\u00ad", "\u034f", "\u180e",
)  # fmt: skip


def texts() -> list[str]:
    """Return every text once, in an order that stays."""
    return list(dict.fromkeys(_all()))


def _all() -> Iterator[str]:
    yield from ("", " ", "   ", "x" * 70_000, "长" * 30_000, "a" * 255, "\U0001f393" * 300)
    for group in (_QUOTES, _ROWS, _MARKUP, _CODE, _LOOKALIKES, _SCRIPTS):
        yield from group
        yield from (f"新闻{text}news" for text in group if len(text) < 40)
    yield from map("".join, product(_BEFORE, _FORMULAS))
    for line in _LINES:
        yield from (line, f"one{line}two", f"{line}=1")
    controls = [chr(point) for point in (*range(0x20), *range(0x7F, 0xA0))]
    signs = [chr(p) for p in range(0xA0, 0x3000) if unicodedata.category(chr(p)) in ("Cf", "Zs", "Zl", "Zp")]
    for sign in (*controls, *signs):
        yield from (sign, f"a{sign}b")
