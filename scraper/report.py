"""Articles and changes in, what a person reads in a terminal out. Pure: rich values, no printing.

Print them with `console.print(…, soft_wrap=True)`: lines are wrapped here, addresses stay whole. Every word
that came from a page goes through `safe`, and none is ever read as markup.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.text import Text

from scraper.edits import edit_lines, named, size, stated
from scraper.terminal import safe
from scraper.wrapping import Hanging, Shaded, to_text, unbroken
from storage.records import Article, Attachment, Capture, Change, FieldChange
from storage.severity import SEVERITIES

if TYPE_CHECKING:
    from storage.compact import Rewritten
    from storage.findings import Finding
    from storage.mend import Act  # loads the catalogue's libraries

__all__ = [
    "act_line",
    "article_lines",
    "change_counts",
    "change_lines",
    "change_parts",
    "change_report",
    "finding_line",
    "rewritten_line",
    "rewritten_summary",
    "safe",
    "summary_line",
    "to_text",
]

BODY_LINES = 3  # of an article
CHANGE_LINES = 12  # of one changed field
_COLUMN = 15
_FAINT = "dim"

# Kind of change as it is told (`told_kind`): colour, and what it means to somebody who sees it first.
KINDS: dict[str, tuple[str, str]] = {
    "new": ("green", ""),
    "changed": ("yellow", ""),
    "reread": ("dim", "read by newer rules; the page itself did not change"),
    "hidden": ("cyan", "left the lists, its page still answers"),
    "missing": ("magenta", "not found at first look; the next run decides"),
    "withdrawn": ("red", "gone, confirmed by a later run; the archive keeps it"),
    "restored": ("green", "back again"),
    "blocked": ("magenta", "the site refused us; the record stays as it was"),
    "error": ("magenta", "could not be read; the record stays as it was"),
}
_LABELS = {"release_time": "released"}
_SEVERITY = {"cosmetic": _FAINT, "minor": "", "substantive": "bold"}


def article_lines(article: Article) -> Group:
    """Return an article as a person would read it: title, facts, first lines, files, address, evidence."""
    margin = Text("  ")
    body = Text(safe(article.body[: BODY_LINES * 400]))
    lines = [
        Hanging(Text(safe(article.title), "bold")),
        Hanging(dotted(_facts(article)), margin),
        Hanging(dotted(_people(article)), margin),
        Hanging(body, Text("  │ ", _FAINT), below="  │ ", lines=BODY_LINES),
        Hanging(dotted(_enclosed(article)), margin),
        Hanging(_evidence(article.capture), margin),
    ]
    return Group(*(line for line in lines if line.text), _address(article.url, 2))


def change_lines(change: Change) -> Shaded:
    """Return a change: kind, title, address, and for each field what moved.

    Deleted and inserted words are red and green where there is colour, else marked `[-old-]{+new+}`.
    """
    return Shaded(lambda color: _change(change, color))


def change_report(changes: Iterable[Change]) -> Group:
    """Return the changes one below the other, and how many of each kind at the end."""
    return Group(*change_parts(changes))


def change_parts(changes: Iterable[Change], between: str = "") -> Iterator[RenderableType]:
    """Yield the parts of that report as the changes come, none held; `between` names the two runs."""
    counts, edits = Counter[str](), Counter[str]()
    for change in changes:
        yield Group(change_lines(change), "")
        counts[told_kind(change)] += 1
        edits[change.severity or ""] += told_kind(change) == "changed"
    yield Text.assemble(summary_line(counts), safe(between), (_weighed(edits), _FAINT))


def told_kind(change: Change) -> str:
    """Return the kind of a change as it is told: what our rules read otherwise is no edit."""
    return "reread" if (change.kind, change.reason) == ("changed", "rules") else change.kind


def _weighed(edits: Mapping[str, int]) -> str:
    told = ", ".join(f"{edits[severity]:,} {severity}" for severity in SEVERITIES[::-1] if edits[severity])
    return f"   edits: {told}" if told else ""


def change_counts(changes: Iterable[Change]) -> dict[str, int]:
    """Return how many changes there are of each kind that occurs, in the order of `KINDS`."""
    counts: Counter[str] = Counter(map(told_kind, changes))
    return {kind: counts[kind] for kind in KINDS if counts[kind]}


def summary_line(counts: Mapping[str, int]) -> Text:
    """Return how many changes there were of each kind, in the order of `KINDS`."""
    parts = [Text(f"{counts[kind]:,} {kind}", KINDS[kind][0]) for kind in KINDS if counts.get(kind)]
    return dotted(parts) if parts else Text("nothing changed")


def finding_line(finding: Finding) -> str:
    """Return one fault of an archive as a line: file, byte, what is wrong, and the record it concerns."""
    place = finding.file if finding.offset is None else f"{finding.file} at byte {finding.offset:,}"
    record = f" (record {finding.record})" if finding.record else ""
    return safe(f"{place}: {finding.problem}: {finding.detail}{record}")


def act_line(act: Act) -> str:
    """Return one step of a repair as a line."""
    return safe(f"{act.file}: {act.action}: {act.detail}")


def rewritten_line(result: Rewritten) -> str:
    """Return what became of a WARC file that was to be rewritten, as a line."""
    if result.into is None:
        return safe(f"{result.file}: left as it is: {result.why}")
    share = f"{result.after / max(1, result.before):.2f}"
    verbatim = f", {result.verbatim:,} gzip members kept as they are" if result.verbatim else ""
    return safe(f"{result.into}: {size(result.after)} for {size(result.before)}, {share}{verbatim}")


def rewritten_summary(results: Sequence[Rewritten]) -> str:
    """Return what became of all of them."""
    done = [result for result in results if result.into]
    if not done:
        return "nothing rewritten"
    before, after = sum(result.before for result in done), sum(result.after for result in done)
    files = f"{len(done):,} file{'' if len(done) == 1 else 's'}"
    return f"{files} rewritten: {size(after)} for {size(before)}, {after / max(1, before):.2f}"


def _facts(article: Article) -> Iterator[Text]:
    if article.section:
        yield Text(safe(article.section))
    yield (
        Text(stated(article.release_time), "cyan")
        if article.release_time
        else Text("no release time", _FAINT)
    )
    if article.views is None:
        yield Text("views unknown", _FAINT)
    else:
        yield Text(
            f"{article.views:,} views" + (f" ({article.views_source})" if article.views_source else "")
        )


def _people(article: Article) -> Iterator[Text]:
    for name in ("author", "source", "editor"):
        if value := getattr(article, name):
            yield Text.assemble((f"{name} ", _FAINT), safe(value))


def _enclosed(article: Article) -> Iterator[Text]:
    if article.images:
        yield Text(_counted(len(article.images), "image"))
    if article.attachments:
        names = ", ".join(_titled(file) for file in article.attachments[:3])
        more = ", …" if len(article.attachments) > 3 else ""
        yield Text(f"{_counted(len(article.attachments), 'attachment')}: {names}{more}")


def _evidence(capture: Capture | None) -> Text:
    if capture is None:
        return Text()
    place = f"kept in {safe(capture.warc)} at byte {capture.offset:,}"
    return Text(f"{place} · {minute(capture.fetched_at)} UTC", _FAINT)


def _change(change: Change, color: bool) -> Group:
    kind = told_kind(change)
    style, _ = KINDS[kind]
    meaning = Hanging(_meaning(change), Text(" " * _COLUMN))
    return Group(
        Hanging(Text(safe(change.title), "bold"), Text(kind.ljust(_COLUMN), style)),
        _address(change.url, _COLUMN),
        *([meaning] if meaning.text else []),
        *(row for field in change.fields for row in _field_rows(field, change, color)),
    )


def _meaning(change: Change) -> Text:
    """Return one line on what the change is: an edit and its weight, or what became of the article."""
    if (kind := told_kind(change)) != "changed":
        return Text(KINDS[kind][1], _FAINT)
    versions = f", version {change.from_version} → {change.to_version}" if change.from_version else ""
    weight = change.severity or "minor"
    return Text.assemble((f"{weight} edit", _SEVERITY[weight]), (versions, _FAINT))


def _field_rows(field: FieldChange, change: Change, color: bool) -> Iterator[Hanging]:
    label = Text(("  " + _LABELS.get(field.field, field.field)).ljust(_COLUMN), _FAINT)
    for text in edit_lines(field, color=color, moved_back=change.release_time_moved_back):
        yield Hanging(text, label, lines=CHANGE_LINES)
        label = Text(" " * _COLUMN)


def _titled(file: Attachment) -> str:
    weight = f" ({size(file.size)})" if file.size is not None else ""
    return named({"name": file.name, "url": file.url}) + weight


def _address(url: str, indent: int) -> Text:
    return unbroken(Text.assemble(" " * indent, (safe(url), "blue")))


def dotted(parts: Iterable[Text]) -> Text:
    """Return the parts as one line."""
    return Text(" · ").join(parts)


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}" + ("" if count == 1 else "s")


def minute(moment: str) -> str:
    """Return a moment of the archive to the minute, in UTC as it is."""
    return safe(moment)[:16].replace("T", " ")
