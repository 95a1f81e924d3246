"""Bytes to text: labels of the web, labels that lie, and bytes that speak for themselves."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from scraper.encodings import decode, encoding_of
from scraper.encodings.tables import CODECS, LABELS, MULTI_BYTE

HANS = "温室在秋天重新开放，来自三个学院的学生一起整理了苗床，并为附近的小学准备了一次关于种子的课程。"
HANT = "溫室在秋天重新開放，來自三個學院的學生一起整理了苗床，並為附近的小學準備了一次關於種子的課程。"
HANGUL = (
    "온실이 가을에 다시 문을 열었다. 세 단과대학의 학생들이 함께 모종을 가꾸고 초등학교 수업을 준비하였다."
)
KANA = "温室が秋に再び開き、三つの学部の学生が苗床を整え、近くの小学校のために種の授業を準備しました。"
FRENCH = (
    "La serre a rouvert à l’automne : les étudiants de trois facultés ont préparé les semis « ensemble »."
)
GERMAN = "Das Gewächshaus öffnet im Herbst; Studierende dreier Fakultäten hegten Beete – für Schüler – vor."
SPANISH = "El jardín abrió en otoño: ¿quién preparó las semillas? Tres facultades, según la crónica del día."
RUSSIAN = "Теплица открылась осенью, и студенты трёх факультетов вместе готовили грядки для школьников."

TEXTS = [
    ("gb18030", HANS),
    ("big5", HANT),
    ("euc-kr", HANGUL),
    ("shift_jis", KANA),
    ("euc-jp", KANA),
    ("windows-1252", FRENCH),
    ("windows-1252", GERMAN),
    ("windows-1252", SPANISH),
    ("utf-8", HANS),
]
LIES = (
    None,
    "utf-8",
    "iso-8859-1",
    "gb2312",
    "big5",
    "euc-kr",
    "shift_jis",
    "x-unheard-of",
    "utf-16",
    "hz-gb-2312",
)


def page(text: str, encoding: str, meta: str = "") -> bytes:
    return f"<html><head>{meta}<title>{text[:12]}</title></head><body><p>{text}</p></body></html>".encode(
        CODECS[encoding]
    )


def header(label: str | None) -> str | None:
    return f"text/html; charset={label}" if label else None


@pytest.mark.parametrize(("encoding", "text"), TEXTS)
@pytest.mark.parametrize("lie", LIES)
def test_letters_decide_where_the_label_lies_or_is_missing(encoding: str, text: str, lie: str | None) -> None:
    for body, content_type in (
        (page(text, encoding), header(lie)),
        (page(text, encoding, f'<meta charset="{lie or ""}">'), None),
    ):
        found = decode(body, content_type)
        assert text in found.text
        assert (found.encoding, found.replaced) == (encoding, 0)
        if lie != "utf-16":  # in a meta it means utf-8
            assert (found.rule == "bytes") == (not lie or encoding_of(lie) != encoding)


@pytest.mark.parametrize(("encoding", "text"), TEXTS)
def test_a_few_words_are_enough(encoding: str, text: str) -> None:
    words = text.split()[0][:4] if encoding in ("gb18030", "big5") else text[:40]
    assert decode(page(words, encoding)).encoding == encoding
    assert decode(page(words, encoding), header("utf-8")).encoding == encoding


@pytest.mark.parametrize(
    ("encoding", "text", "label"),
    [
        ("windows-1251", RUSSIAN, "cp1251"),
        ("koi8-r", RUSSIAN, "koi8-r"),
        ("iso-8859-2", "Nový skleník otevřeli studenti tří fakult", "latin2"),
        ("iso-8859-7", "Το θερμοκήπιο άνοιξε το φθινόπωρο", "greek"),
        ("windows-874", "เรือนกระจกเปิดอีกครั้งในฤดูใบไม้ร่วง", "tis-620"),
        ("iso-2022-jp", KANA, "csISO2022JP"),
        ("windows-1254", "Sera sonbaharda yeniden açıldı, öğrenciler çalıştı", "iso-8859-9"),
    ],
)
def test_a_label_of_any_other_script_is_believed(encoding: str, text: str, label: str) -> None:
    found = decode(page(text, encoding), header(label))
    assert text in found.text
    assert (found.encoding, found.rule, found.overruled) == (encoding, "header", ())


def test_an_alphabet_without_any_label_is_left_to_the_detector_of_all_encodings() -> None:
    assert RUSSIAN in decode(page(RUSSIAN, "windows-1251")).text


@pytest.mark.parametrize(
    ("label", "encoding"),
    [
        ("GB2312", "gb18030"),
        (" gbk\n", "gb18030"),
        ("x-sjis", "shift_jis"),
        ("ks_c_5601-1987", "euc-kr"),
        ("latin1", "windows-1252"),
        ("ASCII", "windows-1252"),
        ("big5-hkscs", "big5"),
        ("unicode", "utf-16le"),
        ("utf-7", None),
        ("iso-2022-kr", None),
        ("hz-gb-2312", None),
        ("rot13", None),
        ("unicode_escape", None),
        ("", None),
    ],
)
def test_labels_are_those_of_browsers(label: str, encoding: str | None) -> None:
    assert encoding_of(label) == encoding


def test_every_label_of_the_table_names_a_codec_of_python() -> None:
    assert {LABELS[label] for label in LABELS} == set(CODECS)
    assert [codec for codec in CODECS.values() if not codecs.lookup(codec).name] == []
    assert set(CODECS) > MULTI_BYTE


@pytest.mark.parametrize(
    ("body", "content_type", "encoding", "rule", "overruled"),
    [
        (b"", None, "utf-8", "bytes", ()),
        (b"plain", header("gbk"), "gb18030", "header", ()),
        (b"plain", header("utf-16"), "utf-8", "bytes", ("header: utf-16",)),
        (b"<meta charset=utf-16le>" + HANS.encode(), None, "utf-8", "meta", ()),
        (HANS.encode("utf-16"), header("gbk"), "utf-16le", "bom", ()),
        (b"\xfe\xff" + HANS.encode("utf-16-be"), None, "utf-16be", "bom", ()),
        (f"<p>{HANS}</p>".encode("utf-16-le"), None, "utf-16le", "bytes", ()),
        (codecs.BOM_UTF8 + HANS.encode(), header("big5"), "utf-8", "bom", ()),
        (HANS.encode(), header("gb2312"), "utf-8", "bytes", ("header: gb2312",)),
        ("café".encode(), header("latin1"), "utf-8", "bytes", ("header: latin1",)),
        (HANS.encode("gbk"), header("utf-8"), "gb18030", "bytes", ("header: utf-8",)),
        (
            b"<meta charset='gbk'>" + HANS.encode("gbk"),
            header("utf-8"),
            "gb18030",
            "meta",
            ("header: utf-8",),
        ),
        (
            b"<!-- <meta charset='big5'> --><meta charset=gbk>" + HANS.encode("gbk"),
            None,
            "gb18030",
            "meta",
            (),
        ),
        (
            b"<?xml version='1.0' encoding='GB2312'?>" + HANS.encode("gbk"),
            None,
            "gb18030",
            "meta",
            (),
        ),
        (
            b'<META HTTP-EQUIV=Content-Type CONTENT="text/html; charset=gb2312">' + HANS.encode("gbk"),
            None,
            "gb18030",
            "meta",
            (),
        ),
        (
            b"<meta name=description content='charset=big5'>" + HANS.encode("gbk"),
            None,
            "gb18030",
            "bytes",
            (),
        ),
        (
            b"<style>" + b" " * 5000 + b"</style><meta charset=koi8-r>" + RUSSIAN.encode("koi8-r"),
            None,
            "koi8-r",
            "late meta",
            (),
        ),
        (
            b"<meta charset=iso-2022-kr>" + HANGUL.encode("cp949"),
            None,
            "euc-kr",
            "bytes",
            ("meta: iso-2022-kr",),
        ),
        (HANS.encode("gbk"), "text/html; charset=;;\"'", "gb18030", "bytes", ()),
    ],
)
def test_the_decision_and_what_it_overruled_are_told(
    body: bytes, content_type: str | None, encoding: str, rule: str, overruled: tuple[str, ...]
) -> None:
    found = decode(body, content_type)
    assert (found.encoding, found.rule, found.overruled) == (encoding, rule, overruled)
    assert found.replaced == 0
    assert "\ufeff" not in found.text


def test_bad_bytes_spoil_only_themselves_and_are_counted() -> None:
    torn = HANS.encode() * 3 + "绿".encode()[:2]
    mixed = HANS.encode() * 20 + b"<p>" + "旧稿".encode("gbk") + b"</p>" + HANS.encode() + "\ufffd".encode()
    assert decode(torn, header("utf-8")).replaced == 1
    found = decode(mixed)
    assert (found.encoding, found.rule) == ("utf-8", "bytes")
    assert found.text.count(HANS) == 21
    assert found.replaced == found.text.count("\ufffd") - 1 > 0
    assert decode(page(HANS, "gb18030")[:-15] + b"\xff", header("gbk")).replaced == 1


def test_browsers_read_signs_that_python_does_not() -> None:
    assert decode(b"\x80 12 " + HANS.encode("gbk"), header("gbk")).text.startswith("€ 12 ")
    assert decode(b"\xad\xa1" + KANA.encode("euc_jp"), header("euc-jp")).text.startswith("①温室")


def test_the_config_goes_before_everything() -> None:
    found = decode(codecs.BOM_UTF8 + HANS.encode(), header("gbk"), "big5")
    assert (found.encoding, found.rule) == ("big5", "config")
    assert decode(HANS.encode(), None, "no-such").rule == "bytes"


def test_control_characters_are_left_out_in_every_encoding() -> None:
    for body in (b"a\x00\x1b[2Jb\x7f\r\n", "é\x00\uffff\ufffe".encode(), "a\x0bé".encode("latin-1")):
        assert not set(decode(body).text) & set("\x00\x0b\x1b\x7f\ufffe\uffff")


labels = st.sampled_from(sorted(LABELS)) | st.text(max_size=20)


@settings(deadline=None)
@given(body=st.binary(max_size=400), label=labels, meta=labels, declared=st.none() | labels)
@example(b"\x1b$B\x7f", "iso-2022-jp", "", None)
def test_no_bytes_and_no_label_raise(body: bytes, label: str, meta: str, declared: str | None) -> None:
    source = f"<meta charset='{meta}'>".encode(errors="replace") + body
    for whole in (source, body):
        found = decode(whole, f"text/html; charset={label}", declared)
        assert found.encoding in CODECS
        assert 0 <= found.replaced <= found.text.count("\ufffd")
        found.text.encode()


@settings(deadline=None)
@given(
    text=st.lists(
        st.sampled_from("的一是在不了有和人这中大为上个国我以要他时来用们"),
        min_size=5,
        max_size=60,
        unique=True,
    ),
    lie=st.sampled_from(LIES),
)
def test_common_chinese_is_read_back_whatever_the_label_says(text: list[str], lie: str | None) -> None:
    source = f"<p>{''.join(text)}</p>"
    for encoding in ("gb18030", "utf-8"):
        assert decode(source.encode(encoding), header(lie)).text == source


@pytest.mark.parametrize("filler", ["<!--", "<meta ", "<meta charset=", "\x1b$B", "\ufffd", "a=", "<?xml "])
def test_a_head_of_traps_takes_no_more_than_linear_time(filler: str) -> None:
    body = filler.encode() * 200_000
    assert decode(body + b"\xff").replaced >= 0
