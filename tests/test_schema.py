"""The published schemas: they follow the dataclasses, close every object, and accept what we write."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from storage.diff import compare
from storage.records import FIELD_ORDER, Article, Attachment, Capture, Change, Extractor, Image
from storage.schema import change_schema, record_schema


def validator(schema: dict[str, Any]) -> Draft202012Validator:
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)


RECORD = validator(record_schema())
CHANGE = validator(change_schema())

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
MAYBE = st.none() | TEXT
NAME = st.text("abc-", min_size=1, max_size=8)
COUNT = st.integers(min_value=0, max_value=2**40)
ADDRESS = NAME.map("https://news.example.edu/{}".format)
DAY = st.dates().map(str)
INSTANT = st.datetimes().map(lambda moment: moment.isoformat(timespec="seconds") + "+00:00")
RELEASED = st.one_of(
    DAY,
    st.datetimes().map(lambda moment: moment.isoformat(timespec="minutes")),
    st.datetimes().map(lambda moment: moment.isoformat(timespec="minutes") + "+08:00"),
    INSTANT,
)
CAPTURES = st.builds(
    Capture,
    NAME,
    COUNT,
    COUNT.map(lambda size: size + 1),
    NAME,
    st.just("sha256:00ff"),
    st.integers(100, 599),
    INSTANT,
)
ARTICLES = st.builds(
    Article,
    id=NAME,
    url=ADDRESS,
    site=NAME,
    title=TEXT,
    extractor=st.builds(Extractor, NAME, COUNT),
    section=MAYBE,
    release_time=st.none() | RELEASED,
    release_time_raw=MAYBE,
    views=st.none() | COUNT,
    views_observed_at=st.none() | INSTANT,
    views_source=st.sampled_from(["static", "counter", None]),
    body=TEXT,
    body_html=TEXT,
    author=MAYBE,
    source=MAYBE,
    editor=MAYBE,
    language=MAYBE,
    images=st.lists(st.builds(Image, ADDRESS, MAYBE), max_size=2).map(tuple),
    attachments=st.lists(
        st.builds(Attachment, ADDRESS, MAYBE, MAYBE, st.none() | COUNT, st.sampled_from([None, "0f" * 32])),
        max_size=2,
    ).map(tuple),
    version=st.none() | st.integers(1, 9),
    state=st.sampled_from([None, "live", "hidden", "missing", "withdrawn", "restored"]),
    first_seen=st.none() | INSTANT,
    last_seen=st.none() | INSTANT,
    last_changed=st.none() | INSTANT,
    capture=st.none() | CAPTURES,
    provenance=st.dictionaries(NAME, NAME, max_size=3),
)
PLAIN = Article("a1", "https://news.example.edu/1", "example", "Title", Extractor("generic", 1))


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(ARTICLES)
def test_every_record_we_write_is_valid_and_reads_back(article: Article) -> None:
    record = json.loads(json.dumps(article.to_json()))
    RECORD.validate(record)
    assert Article.from_json(record) == article


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(ARTICLES, ARTICLES)
def test_every_change_we_write_is_valid(old: Article, new: Article) -> None:
    found = compare(old, new)
    change = Change(
        7, "changed", old.id, old.site, old.url, new.title, 2, "2023-09-23T08:00:00+00:00", 1, 2,
        "live", "live", "edit", "minor", False, found,
    )  # fmt: skip
    CHANGE.validate(json.loads(json.dumps(change.to_json())))


def test_the_schema_is_named_closed_and_complete() -> None:
    schema = record_schema()
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"] == "urn:campusnews:schema:record:1.0"
    assert tuple(schema["properties"]) == tuple(schema["required"]) == FIELD_ORDER
    for closed in (schema, *schema["$defs"].values()):
        assert closed["additionalProperties"] is False
        assert closed["required"] == list(closed["properties"])
        assert all(part["description"].endswith(".") for part in closed["properties"].values())


def test_the_change_schema_names_every_field_of_a_change() -> None:
    assert change_schema()["required"] == [part.name for part in fields(Change)]


def test_the_schema_is_the_same_each_time() -> None:
    assert json.dumps(record_schema()) == json.dumps(record_schema())


@pytest.mark.parametrize(
    "moment",
    [
        "2023-09-23",
        "2023-09-23T13:00",
        "2023-09-23T13:00:05",
        "2023-09-23T13:00+08:00",
        "2023-09-23T13:00:05-05:30",
        None,
    ],
)
def test_release_times_keep_the_precision_of_the_page(moment: str | None) -> None:
    assert RECORD.is_valid(replace(PLAIN, release_time=moment).to_json())


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("release_time", "2023-9-23"),
        ("release_time", "2023-09-23T13"),
        ("release_time", "2023-13-01"),
        ("release_time", "2023-09-23 13:00"),
        ("release_time", "２０２３-09-23"),
        ("views", -1),
        ("views", "12"),
        ("views", 1.5),
        ("views_source", "guess"),
        ("views_observed_at", "2023-09-23T13:00:00+08:00"),
        ("first_seen", "2023-09-23"),
        ("state", "gone"),
        ("title", None),
        ("content_digest", "sha256:xyz"),
        ("schema_version", "2.0"),
        ("images", [{"url": "https://news.example.edu/1.jpg"}]),
        ("attachments", [{"url": "", "name": None, "media_type": None, "size": None, "sha256": None}]),
        ("provenance", {"title": 1}),
        ("extractor", None),
        ("extra", 1),
    ],
)
def test_what_is_no_record_is_refused(field: str, value: object) -> None:
    assert not RECORD.is_valid(PLAIN.to_json() | {field: value})


@pytest.mark.parametrize("field", FIELD_ORDER)
def test_no_field_may_be_left_out(field: str) -> None:
    record = PLAIN.to_json()
    del record[field]
    assert not RECORD.is_valid(record)
