"""What became of a catalogue made anew, as lines for a person. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from scraper.terminal import safe

if TYPE_CHECKING:
    from storage.rebuild import Gap, Rebuilt  # loads the catalogue's libraries


def gap_line(gap: Gap) -> str:
    """Return what a rebuilt catalogue lacks, as a line: file, byte, and what is wrong there."""
    where = gap.file if gap.offset is None else f"{gap.file} at byte {gap.offset:,}"
    return safe(f"{where}: {gap.problem}: {gap.detail}")


def rebuilt_lines(made: Rebuilt) -> Iterator[str]:
    """Yield what a catalogue was made from, what it holds, and what to do about what is missing."""
    rows = made.rows
    yield safe(
        f"{made.catalog}: {rows['articles']:,} articles in {rows['versions']:,} versions, "
        f"{rows['captures']:,} captures and {rows['runs']:,} runs, of {made.records:,} records in "
        f"{made.files:,} files"
    )
    if made.old:
        yield safe(f"the old catalogue is kept as {made.old}")
    if made.unread:
        yield (
            f"{made.unread:,} pages are from before records were kept in the WARC files: "
            "`campusnews reextract --new` reads those that are articles"
        )
    if made.more_gaps:
        yield f"{made.more_gaps:,} more gaps are not named"
    if made.lost:
        yield (
            f"{made.lost:,} gaps in what was told: put missing files back and rebuild with --force; else the "
            "next crawl fetches what is gone, and nothing becomes hidden by what is missing"
        )
