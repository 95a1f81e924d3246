"""JSON Schema 2020-12 of record, change and event, walked from the dataclasses of `storage.records`. Pure.

Types, nullability and choices come from the dataclasses; the tables below add what types cannot say. A field
without a description is a `KeyError`: nothing is published unexplained.
"""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from types import NoneType
from typing import Any, Literal, get_args, get_origin, get_type_hints

from storage.records import FIELD_ORDER, SCHEMA_VERSION, Article, Attachment, Change, Event, Image, Link

DIALECT = "https://json-schema.org/draft/2020-12/schema"
Schema = dict[str, Any]

# Written without \d, which outside ECMAScript also means the digits of other scripts.
_DAY = "[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
_MINUTE = "([01][0-9]|2[0-3]):[0-5][0-9]"
_STATED = f"^{_DAY}(T{_MINUTE}(:[0-5][0-9])?(Z|[+-][0-2][0-9]:[0-5][0-9])?)?$"
_INSTANT: Schema = {"format": "date-time", "pattern": f"^{_DAY}T{_MINUTE}:[0-5][0-9]\\+00:00$"}
_URL: Schema = {"format": "iri", "minLength": 1}
_COUNT: Schema = {"minimum": 0}
_FROM_ONE: Schema = {"minimum": 1}
_ITEMS = (Image, Attachment, Link)
_ITEM: Schema = {"anyOf": [*({"$ref": f"#/$defs/{kind.__name__}"} for kind in _ITEMS), {"type": "null"}]}
_SIDE: Schema = {"anyOf": [{"type": ["string", "null"]}, {"type": "array", "items": _ITEM}]}

# Type and field: what it means, and what its type alone does not say of it.
_FIELDS: dict[str, tuple[str, Schema]] = {
    "Article.schema_version": ("Version of this schema; only additions within one major version.", {}),
    "Article.id": ("Stable name of the article, derived from its address.", {"minLength": 1}),
    "Article.url": ("Canonical address of the article.", _URL),
    "Article.site": ("Name of the site it was found on.", {"minLength": 1}),
    "Article.section": ("Column it is filed under, as the page shows it.", {}),
    "Article.title": ("Title as shown, white space folded.", {}),
    "Article.release_time": (
        "When it was released, ISO 8601 with exactly the precision and offset the page states.",
        {"pattern": _STATED},
    ),
    "Article.release_time_raw": ("The text the release time was read from.", {}),
    "Article.views": ("Views the page or its counter reported; null when unknown.", _COUNT),
    "Article.views_observed_at": ("When the views were read (UTC).", _INSTANT),
    "Article.views_source": ("Where the views were read: printed in the page, or from its counter.", {}),
    "Article.body": ("Text of the article, paragraphs separated by one blank line.", {}),
    "Article.body_html": ("Body as sanitised HTML.", {}),
    "Article.author": ("Author as shown.", {}),
    "Article.source": ("Office or medium the article is credited to, as shown.", {}),
    "Article.editor": ("Editor as shown.", {}),
    "Article.language": ("Language of the article, a BCP 47 tag.", {}),
    "Article.images": ("Pictures in the body, in reading order.", {}),
    "Article.attachments": ("Files the article offers, in reading order.", {}),
    "Article.content_digest": (
        "Digest over title, release_time, body, images and attachments; never over views.",
        {"pattern": "^sha256:[0-9a-f]{64}$"},
    ),
    "Article.version": ("Number of this version of the article; null until archived.", _FROM_ONE),
    "Article.state": ("What the last look found; null until archived.", {}),
    "Article.first_seen": ("When the article was first seen (UTC).", _INSTANT),
    "Article.last_seen": ("When the article was last seen (UTC).", _INSTANT),
    "Article.last_changed": ("When its content last changed (UTC).", _INSTANT),
    "Article.capture": ("The kept response this version was read from; null until archived.", {}),
    "Article.extractor": ("The rules that read the page.", {}),
    "Article.provenance": ("For each field that was found, the rule that filled it.", {}),
    "Article.links": (
        "Links in the body, in reading order, without files; null in records from before links were read.",
        {},
    ),
    "Image.url": ("Address of the picture.", _URL),
    "Image.alt": ("Its alternative text.", {}),
    "Attachment.url": ("Address of the file.", _URL),
    "Attachment.name": ("Name it is offered under.", {}),
    "Attachment.media_type": ("Media type it was served as; null until fetched.", {}),
    "Attachment.size": ("Size in bytes; null until fetched.", _COUNT),
    "Attachment.sha256": ("SHA-256 of its bytes in hex; null until fetched.", {"pattern": "^[0-9a-f]{64}$"}),
    "Link.url": ("Where it leads.", _URL),
    "Link.text": ("Its words.", {}),
    "Capture.warc": ("WARC file, relative to the archive.", {"minLength": 1}),
    "Capture.offset": ("Where the record starts in it, in bytes.", _COUNT),
    "Capture.length": ("How long the (compressed) record is, in bytes.", _FROM_ONE),
    "Capture.record_id": ("WARC-Record-ID.", {"minLength": 1}),
    "Capture.payload_digest": ("WARC-Payload-Digest.", {"pattern": "^[a-z0-9]+:[A-Za-z0-9]+$"}),
    "Capture.status": ("HTTP status of the response.", {"minimum": 100, "maximum": 999}),
    "Capture.fetched_at": ("When it was fetched (UTC).", _INSTANT),
    "Extractor.preset": ("Name of the preset.", {"minLength": 1}),
    "Extractor.revision": ("Revision of its rules.", _COUNT),
    "Change.cursor": ("Id of the newest sighting it rests on; read on after it.", _COUNT),
    "Change.kind": ("What happened to the article.", {}),
    "Change.article_id": ("The article's id.", {"minLength": 1}),
    "Change.site": ("The article's site.", {"minLength": 1}),
    "Change.url": ("The article's address.", _URL),
    "Change.title": ("The article's title after the change.", {}),
    "Change.run": ("The run that found it.", _COUNT),
    "Change.observed_at": ("When it was found (UTC).", _INSTANT),
    "Change.from_version": ("Version before; null for a new article.", _FROM_ONE),
    "Change.to_version": ("Version after.", _FROM_ONE),
    "Change.from_state": ("State before.", {}),
    "Change.to_state": ("State after.", {}),
    "Change.reason": ("Why there is another version: the university's edit, or our new rules.", {}),
    "Change.severity": ("The gravest severity among the fields.", {}),
    "Change.release_time_moved_back": ("Whether the release time became earlier.", {}),
    "Change.fields": ("The fields that differ.", {}),
    "Event.cursor": ("Place in the archive's history; read on after it.", _FROM_ONE),
    "Event.kinds": (
        "What happened; `settled`: a state only went on; `refreshed`: details beside the content moved.",
        {"minItems": 1},
    ),
    "Event.tombstone": ("Whether the article is withdrawn or hidden.", {}),
    "Event.run": ("The run that found it.", _FROM_ONE),
    "Event.observed_at": ("When it was found (UTC).", _INSTANT),
    "Event.from_version": ("Version before; null for a new article.", _FROM_ONE),
    "Event.from_state": ("State before.", {}),
    "Event.reason": ("What was seen, or why there is another version.", {}),
    "Event.severity": ("The gravest severity among the fields.", {}),
    "Event.release_time_moved_back": ("Whether the release time became earlier.", {}),
    "Event.fields": ("The fields that differ.", {}),
    "Event.article": ("The record as it stood then.", {}),
    "FieldChange.field": ("Name of the field.", {"minLength": 1}),
    "FieldChange.before": ("Its value before; of lists only the items that differ, beside `after`.", _SIDE),
    "FieldChange.after": ("Its value after; null in a list stands for an item added or removed.", _SIDE),
    "FieldChange.severity": ("How much it matters.", {}),
    "FieldChange.segments": (
        "The stretches kept, deleted, inserted and moved; empty for lists and times.",
        {},
    ),
    "Segment.op": ("Whether the stretch stands in both texts, only before, or only after.", {}),
    "Segment.text": ("The stretch.", {"minLength": 1}),
}
_SCALARS: dict[object, str] = {str: "string", int: "integer", bool: "boolean"}


def record_schema() -> Schema:
    """Return the schema of `Article.to_json`."""
    derived: Schema = {
        "schema_version": {"type": "string", "const": SCHEMA_VERSION},
        "content_digest": {"type": "string"},
    }
    return _document("record", "A news article as of one capture", Article, FIELD_ORDER, derived)


def change_schema() -> Schema:
    """Return the schema of `Change.to_json`."""
    order = tuple(part.name for part in fields(Change))
    schema = _document("change", "What happened to one article between two runs", Change, order, {})
    schema["$defs"] |= {kind.__name__: _object(kind, schema["$defs"]) for kind in _ITEMS}
    return schema


def event_schema() -> Schema:
    """Return the schema of `Event.to_json`; its record is that of `record_schema`."""
    order = tuple(part.name for part in fields(Event))
    article: Schema = {"article": {"$ref": record_schema()["$id"]}}
    schema = _document("event", "A line of the change stream", Event, order, article)
    unused = {"Article", "Capture", "Extractor"}
    own = {name: part for name, part in schema["$defs"].items() if name not in unused}
    own |= {kind.__name__: _object(kind, own) for kind in _ITEMS}
    return schema | {"$defs": own}


def _document(name: str, title: str, kind: type, order: tuple[str, ...], derived: Schema) -> Schema:
    defs: Schema = {}
    head = {"$schema": DIALECT, "$id": f"urn:campusnews:schema:{name}:{SCHEMA_VERSION}", "title": title}
    return head | _object(kind, defs, order, derived) | {"$defs": defs}


def _object(kind: type, defs: Schema, order: tuple[str, ...] = (), derived: Schema | None = None) -> Schema:
    """Return the closed schema of one dataclass; nested dataclasses go to `defs`."""
    types = {name: _type(hint, defs) for name, hint in get_type_hints(kind).items()} | (derived or {})
    names = order or tuple(types)
    properties = {name: _explained(f"{kind.__name__}.{name}", types[name]) for name in names}
    return {
        "type": "object",
        "properties": properties,
        "required": list(names),
        "additionalProperties": False,
    }


def _explained(name: str, schema: Schema) -> Schema:
    description, constraints = _FIELDS[name]
    return {"description": description, **schema, **constraints}


def _type(hint: Any, defs: Schema) -> Schema:
    """Return the schema of one type hint."""
    arguments = get_args(hint)
    if NoneType in arguments:
        return _nullable(_type(next(part for part in arguments if part is not NoneType), defs))
    if is_dataclass(hint) and isinstance(hint, type):
        if hint.__name__ not in defs:
            defs[hint.__name__] = _object(hint, defs)
        return {"$ref": f"#/$defs/{hint.__name__}"}
    if get_origin(hint) is Literal:
        return {"type": "string", "enum": list(arguments)}
    if get_origin(hint) is tuple:
        return {"type": "array", "items": _type(arguments[0], defs)}
    if get_origin(hint) is dict:
        return {"type": "object", "additionalProperties": _type(arguments[1], defs)}
    return {} if hint is Any else {"type": _SCALARS[hint]}


def _nullable(schema: Schema) -> Schema:
    if "$ref" in schema:
        return {"anyOf": [schema, {"type": "null"}]}
    return (
        schema
        | {"type": [schema["type"], "null"]}
        | ({"enum": [*schema["enum"], None]} if "enum" in schema else {})
    )
