"""How well edits are told from noise: generated edits and noise of every kind on pages of many CMSs.

    python benchmarks/changes.py [--pages DIR] [--only KIND] [--seed N] [--misses] [--json]

Each case is one page in two states, and goes the whole way twice: bytes, `read_article`, a capture in a
real archive, `Archive.put`, then `Archive.changes` between the two runs. What comes out is held against
what was done: the fields named, their severity, the flag of a release time moved back, and that the words
marked are the edited ones. A field counts as found only when all of that holds; any other field, or one of
another severity, is a false one.

Beside it, on the same pages: the text of the whole page (what a monitor of pages compares), and trafilatura's
text where it is installed. They are only asked whether anything changed.

The exit code is 1 below the goals: precision and recall 0.99 over all edits, and no false edit on noise. A
page that gives no article counts as a missed edit, or as a false one on noise.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from pathlib import Path

from changing import pages
from changing.case import KINDS, cases
from changing.looks import Looks
from changing.pages import Base
from changing.peers import PEERS
from changing.scoring import Score, Tally, ask_peers, judge

from storage import Archive

GOAL = 0.99  # of precision and recall
EVERY = 3  # of the campus's articles, one in so many: they are alike


def measure(bases: Iterable[Base], seed: int, only: str | None) -> Score:
    """Make every case, and score what the archive says of it."""
    score = Score()
    with tempfile.TemporaryDirectory() as folder, Archive.open(folder, write=True, create=True) as archive:
        looks = Looks(archive)
        for group in cases(bases, seed, only):
            before, lost = looks.run((c.base, c.base.body, c.made.files.get("before")) for c in group)
            after, lost_too = looks.run((c.base, c.made.page, c.made.files.get("after")) for c in group)
            changed = {
                change.url: change
                for change in archive.changes(since_run=before, until_run=after)
                if change.kind == "changed"
            }
            unread = {*lost, *lost_too}
            score.unread += unread
            for case in group:
                article = None if case.base.name in unread else archive.find(case.base.url)
                judge(case, changed.get(article.url) if article else None, article, score)
                ask_peers(case, score)
    return score


def report(score: Score, *, misses: bool) -> Iterator[str]:
    """Yield the lines of the table people read."""
    yield f"{'edit':28}{'cases':>7}{'precision':>11}{'recall':>8}"
    for kind, tally in score.kinds.items():
        yield f"{kind:28}{tally.wanted:>7}{tally.precision:>11.3f}{tally.recall:>8.3f}"
    yield ""
    yield from (
        f"{name:28}{tally.wanted:>7}{tally.precision:>11.3f}{tally.recall:>8.3f}"
        for name, tally in score.severities.items()
    )
    yield f"{'all':28}{score.all.wanted:>7}{score.all.precision:>11.3f}{score.all.recall:>8.3f}"
    yield ""
    yield f"{'noise':28}{'cases':>7}{'false edits':>13}"
    yield from (f"{kind:28}{count:>7}{false:>13}" for kind, (count, false) in score.noise.items())
    yield ""
    yield f"{'tool':28}{'edits seen':>12}{'false edits on noise':>22}"
    cases_, false = (sum(counts[at] for counts in score.noise.values()) for at in (0, 1))
    yield f"{'campusnews':28}{score.all.recall:>12.3f}{false:>14} of {cases_}"
    for name, counts in score.peers.items():
        seen = counts["seen"] / max(1, counts["edits"])
        yield f"{name:28}{seen:>12.3f}{counts['false']:>14} of {counts['noise']}"
    if score.unread:
        yield f"no article: {', '.join(sorted(set(score.unread)))}"
    if misses:
        yield from ("", *score.misses)


def shortfalls(score: Score) -> list[str]:
    """Return in words what is below the goals."""
    shares = {"precision": score.all.precision, "recall": score.all.recall}
    told = [f"{name} {share:.4f} is below {GOAL}" for name, share in shares.items() if share < GOAL]
    return told + [
        f"{kind}: {false} of {count} pages with noise have a false edit"
        for kind, (count, false) in score.noise.items()
        if false
    ]


def as_json(score: Score) -> dict[str, object]:
    """Return the figures as one object."""

    def figures(tally: Tally) -> dict[str, float]:
        return {
            "cases": tally.wanted,
            "precision": round(tally.precision, 4),
            "recall": round(tally.recall, 4),
        }

    return {
        "kinds": {kind: figures(tally) for kind, tally in score.kinds.items()},
        "severities": {name: figures(tally) for name, tally in score.severities.items()},
        "noise": {kind: {"cases": counts[0], "false": counts[1]} for kind, counts in score.noise.items()},
        "peers": {name: dict(counts) for name, counts in score.peers.items()},
        "unread": sorted(set(score.unread)),
        "edits": score.all.wanted,
        "noise_cases": sum(counts[0] for counts in score.noise.values()),
        "precision": round(score.all.precision, 4),
        "recall": round(score.all.recall, 4),
        "false_edits_on_noise": sum(counts[1] for counts in score.noise.values()),
    }


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--pages", type=Path, help="a folder of labelled pages to edit in place of the made ones"
    )
    parser.add_argument("--only", help="one kind of edit or noise")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--misses", action="store_true", help="tell every case that went wrong")
    parser.add_argument("--no-peers", action="store_true", help="ask no other tool")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    if args.only not in (None, *KINDS):
        near = get_close_matches(args.only, KINDS, n=1)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(KINDS)}"
        parser.error(f"no kind {args.only}: {hint}")
    if args.no_peers:
        PEERS.clear()
    bases = (
        pages.saved(args.pages) if args.pages else [*list(pages.campus())[::EVERY], *pages.made(args.seed)]
    )
    score = measure(bases, args.seed, args.only)
    if not score.kinds and not score.noise:
        parser.error(f"no page gives an occasion for {args.only}" if args.only else "there are no pages")
    if args.json:
        print(json.dumps(as_json(score)))
    else:
        print("\n".join(report(score, misses=args.misses)))
    if short := shortfalls(score):
        sys.exit("\n".join(short))


if __name__ == "__main__":
    main()
