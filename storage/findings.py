"""What `verify` can find: one table of problems, what each means and what a person does about it. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Remedy = Literal["repair", "rebuild", "copy", "nothing"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One contradiction: the file, where in it, the record it concerns, what is wrong and what exactly.

    Without `damage` it only tells that a run was killed or is under way, or what `repair` knows to be lost.
    """

    file: str
    offset: int | None
    record: str | None
    problem: str
    detail: str
    damage: bool = True


@dataclass(frozen=True, slots=True)
class Problem:
    """A kind of finding: its name, what it means, and what mends it."""

    name: str
    means: str
    remedy: Remedy


REMEDIES: dict[Remedy, str] = {
    "repair": "`campusnews repair`: mends what it can prove, marks what is lost, so that it is fetched again",
    "rebuild": "`campusnews rebuild`: makes the catalogue anew from the WARC files",
    "copy": "put the file back from a copy, if there is one; else `campusnews repair` marks what is lost",
    "nothing": "nothing",
}

# The steps of a repair.
STEPS = {
    "rebuild": "a catalogue that cannot be read is made anew from the WARC files; the old one is kept",
    "remake": "a WARC file is made of its sound records: without what stands twice or between them, "
    "compressed one by one, in order; where its digest proves it, that is byte for byte the file once closed",
    "rename": "files get the names their digests tell, also each other's",
    "cut": "what is torn, or lies behind the end, is cut off and kept as `<file>.torn`",
    "accept": "the catalogue takes a file as it is now: captures follow their records, and those without "
    "one, or whose record says something else, are lost",
    "lose": "a file is not there: its captures are lost, until it comes back",
    "name": "a file that is closed loses its `.open`",
    "index": "an index of the catalogue that is not there is made of the rows",
    "reindex": "the indexes of the catalogue are made of the rows again",
    "renew": "versions rest on a payload that was lost and has been fetched again",
    "discard": "a file kept as `.before-repair` holds nothing that is not elsewhere, and goes",
    "leave": "the disk cannot read a file: nothing is done to it",
}
# What stands in a WARC file.
RECORDS = (
    Problem("torn", "a record ends before its end", "repair"),
    Problem("bad_gzip", "bytes of a record were changed: it cannot be inflated", "copy"),
    Problem("hole", "zeros where a record should begin, as after a power cut", "copy"),
    Problem("not_gzip", "something else where a record should begin", "copy"),
    Problem("bad_frame", "a frame of a compacted file was changed, or lacks its size or checksum", "copy"),
    Problem("not_zstd", "something else where a frame of a compacted file should begin", "copy"),
    Problem("not_compressed", "a record that is not compressed", "repair"),
    Problem("several_records", "several records in one gzip member: none can be addressed", "repair"),
    Problem("no_record", "a gzip member without a WARC header", "copy"),
    Problem("bad_header", "a line of a record's header is none", "copy"),
    Problem("repeated_header", "a field of a record's header stands twice, as when injected", "copy"),
    Problem("missing_header", "a field every record needs is not there", "copy"),
    Problem("content_length", "a record is longer or shorter than it says", "copy"),
    Problem("bad_date", "a time that does not exist", "copy"),
    Problem("block_digest", "a record is not what its own digest was taken of", "copy"),
    Problem(
        "payload_digest",
        "a payload is not what the digest, of its record or the catalogue, was taken of",
        "copy",
    ),
    Problem("duplicate_id", "a record stands in the file twice, or two have one id", "repair"),
    Problem("concurrent_to", "a request belongs to no record of the file", "copy"),
    Problem("refers_to", "a revisit refers to no capture that is known", "copy"),
    Problem("bad_dictionary", "the dictionary of a compacted file is damaged", "copy"),
    Problem("other_zlib", "a body kept unpacked, which zlib as installed here packs otherwise", "nothing"),
    Problem("gzip_header", "the head of a gzip member is not as we write it; the record is whole", "repair"),
    Problem("odd_member", "a gzip member is not as we compress its record; the record is whole", "repair"),
)
# A WARC file as a whole, held against the catalogue.
FILES = (
    Problem("leftover", "left by a rewriting that was killed; the next run takes it away", "nothing"),
    Problem(
        "uncommitted",
        "bytes of a run that was killed or is under way; the next run puts them aside",
        "nothing",
    ),
    Problem(
        "lost",
        "a record that was found damaged; repair has marked it, its address is fetched again",
        "nothing",
    ),
    Problem("missing_file", "the catalogue names a file that is not there", "copy"),
    Problem("unknown_file", "the catalogue does not name the file: is the catalogue older?", "rebuild"),
    Problem("short_file", "the file is shorter than what was committed", "copy"),
    Problem("long_file", "bytes after the end at which the file was closed", "repair"),
    Problem("file_digest", "the file is not the one that was closed", "copy"),
    Problem("record_count", "the file has more or fewer records than were committed", "copy"),
)
# Captures of the catalogue, held against the records they name.
CAPTURES = (
    Problem("missing_record", "no record begins where the capture says", "repair"),
    Problem("record_id", "the record has another id than the capture", "repair"),
    Problem("record_length", "the record has another length than the capture", "repair"),
    Problem("url", "the record has another address than the capture", "rebuild"),
    Problem("status", "the record has another HTTP status than the capture", "rebuild"),
    Problem("fetched_at", "the record has another time than the capture", "rebuild"),
    Problem(
        "uncaptured",
        "a response of which the catalogue has no capture, while rows of it are missing",
        "rebuild",
    ),
)
# The catalogue, held against itself.
CATALOG = (
    Problem("unreadable", "the file cannot be read; of a WARC file: is the disk failing?", "rebuild"),
    Problem("sqlite", "SQLite finds its file damaged", "rebuild"),
    Problem("schema", "a table or an index is not there", "rebuild"),
    Problem(
        "rows",
        "rows of a table are not as they were written: changed, deleted or added by another hand",
        "rebuild",
    ),
    Problem("foreign_key", "a row names one that is not there", "rebuild"),
    Problem("no_version", "the newest version of an article is not there", "rebuild"),
    Problem("newer_version", "an article has a newer version than it stands at", "rebuild"),
    Problem("history", "the newest point of an article's history is not how the article stands", "rebuild"),
    Problem("sequence", "the counter of the change stream is not at its newest event", "rebuild"),
    Problem("record_json", "a kept record cannot be read", "rebuild"),
    Problem("record_field", "a field of a kept record is not what its digest was taken of", "rebuild"),
    Problem("content_digest", "a kept record is not what its content digest was taken of", "rebuild"),
)
# What metadata records tell of versions and of the points of histories, held against the catalogue.
TOLD = (
    Problem(
        "forgotten", "a record tells of a version, or a point of a history, that is not there", "rebuild"
    ),
    Problem("told_otherwise", "a version, or a point of a history, is not as the record tells", "rebuild"),
    Problem(
        "untold", "no record of the run that made it tells of a version: another hand wrote it", "rebuild"
    ),
    Problem("nonsense", "a record tells what cannot be read", "copy"),
)
_ALL = (RECORDS, FILES, CAPTURES, CATALOG, TOLD)
PROBLEMS = {problem.name: problem for group in _ALL for problem in group}


def _remedy(finding: Finding) -> Remedy:
    """Return what mends a finding; a WARC file that cannot be read is no matter of the catalogue."""
    remedy = PROBLEMS[finding.problem].remedy
    return "copy" if finding.problem == "unreadable" and finding.file.startswith("warc/") else remedy


def remedies(findings: Iterable[Finding]) -> list[str]:
    """Return what to do about findings, each once, in the order in which to do it."""
    needed = {_remedy(finding) for finding in findings if finding.damage}
    return [text for name, text in REMEDIES.items() if name in needed and name != "nothing"]
