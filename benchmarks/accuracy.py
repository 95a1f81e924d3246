"""What reading a page gets right: campusnews beside trafilatura, newspaper4k, GNE and readability.

    python benchmarks/accuracy.py [FOLDER…] [--general DIR] [--tools A,B] [--pages] [--json]

A FOLDER holds labelled pages (`manifest.jsonl`); without one the repository's own fixtures are read. Title:
equal but for white space and case. Release time: the same day. Body: F1 over 4-shingles of tokens (CJK
characters, other words). DIR is a copy of scrapinghub's article-extraction-benchmark (`ground-truth.json`,
`html/`), whose own measure is used for it: precision and recall averaged over the pages, then F1.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import statistics
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pages
import rivals
from pages import Saved
from rivals import Answer

from scraper.page import Page
from scraper.presets import detect

FIXTURES = Path(__file__).parents[1] / "tests" / "pages" / "articles"
FIELDS = ("title", "release day", "body")
_CJK_OR_WORD = re.compile(r"[\u3400-\u9fff]|[^\W_\u3400-\u9fff]+")
_WORD = re.compile(r"\w+")
_LENGTH = 4  # tokens in a shingle

Marks = dict[str, list[float]]


@dataclass(frozen=True, slots=True)
class Overlap:
    """How two bags of shingles agree; empty against empty is full agreement."""

    common: int
    found: int
    wanted: int

    @property
    def precision(self) -> float:
        """The share of what was found that was wanted."""
        return self.common / self.found if self.found else float(not self.wanted)

    @property
    def recall(self) -> float:
        """The share of what was wanted that was found."""
        return self.common / self.wanted if self.wanted else float(not self.found)

    @property
    def f1(self) -> float:
        """The harmonic mean of the two."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


def overlap(wanted: str, found: str, token: re.Pattern[str]) -> Overlap:
    """Compare two texts shingle by shingle."""
    want, have = _shingles(token.findall(wanted)), _shingles(token.findall(found))
    return Overlap((want & have).total(), have.total(), want.total())


def _shingles(tokens: list[str]) -> Counter[tuple[str, ...]]:
    if not tokens:
        return Counter()
    last = max(1, len(tokens) - _LENGTH + 1)  # a text shorter than a shingle is one
    return Counter(tuple(tokens[at : at + _LENGTH]) for at in range(last))


def marks(page: Saved, answer: Answer) -> Iterator[tuple[str, float]]:
    """Yield (field, mark between 0 and 1) for each field the page is labelled for."""
    gold = page.gold
    if gold.get("title") is not None:
        yield "title", float(_squashed(gold["title"]) == _squashed(answer.get("title", "")))
    if "published" in gold and (not answer or "published" in answer):  # not every tool looks for it
        day = str(gold["published"] or "")[:10]
        yield "release day", float(bool(answer) and day == answer.get("published", "")[:10])
    if gold.get("body_text") is not None:
        wanted, found = gold["body_text"].casefold(), answer.get("body", "").casefold()
        yield "body", overlap(wanted, found, _CJK_OR_WORD).f1 if answer else 0.0


def _squashed(text: str) -> str:
    return re.sub(r"\s+", "", text).casefold()


def answer_of(tool: str, page: Saved) -> Answer:
    """Return a tool's answer; one that fails on a page has found nothing there, and says so."""
    try:
        return rivals.TOOLS[tool](page)
    except Exception as error:  # noqa: BLE001 - whatever a rival raises is its answer to this page
        print(f"{tool} failed on {page.name}: {type(error).__name__}: {error}", file=sys.stderr)
        return {}


def compare(found: list[Saved], tools: list[str], show: bool) -> dict[str, dict[str, Marks]]:
    """Return group -> tool -> field -> marks; the groups are the CMSs, `no preset` and `all`."""
    groups: dict[str, dict[str, Marks]] = defaultdict(lambda: defaultdict(lambda: defaultdict(list)))
    for page in found:
        if page.kind != "article" or not page.gold:
            continue
        own = ["all", page.cms or "unlabelled"]
        if detect(Page(url=page.url, body=page.body)).name == "generic":
            own.append("no preset")
        for tool in tools:
            for field, mark in marks(page, answer_of(tool, page)):
                for group in own:
                    groups[group][tool][field].append(mark)
                if show and mark < 0.9:
                    print(f"{page.name:<28}{tool:<13}{field:<12}{mark:.2f}")
    return groups


def general(folder: Path, tools: list[str], show: bool) -> dict[str, dict[str, float]]:
    """Return tool -> F1, precision, recall over the benchmark's pages."""
    truth = json.loads((folder / "ground-truth.json").read_text("utf-8"))
    found: dict[str, list[Overlap]] = defaultdict(list)
    for name, gold in truth.items():
        body = gzip.decompress((folder / "html" / f"{name}.html.gz").read_bytes())
        page = Saved(name, gold.get("url", ""), body)
        for tool in tools:
            text = answer_of(tool, page).get("body", "")
            one = overlap(gold.get("articleBody", ""), text, _WORD)
            found[tool].append(one)
            if show and one.f1 < 0.9:
                print(f"{name[:12]:<14}{tool:<13}{one.precision:.2f} {one.recall:.2f}  {page.url:.70}")
    return {tool: _averaged(each) for tool, each in found.items()}


def _averaged(each: list[Overlap]) -> dict[str, float]:
    """Average as the benchmark does: pages without a prediction have no precision, only recall 0."""
    precision = statistics.fmean(one.precision for one in each if one.found)
    recall = statistics.fmean(one.recall for one in each if one.wanted)
    f1 = 2 * precision * recall / (precision + recall)
    return {"f1": round(f1, 4), "precision": round(precision, 4), "recall": round(recall, 4)}


def _means(groups: dict[str, dict[str, Marks]]) -> dict[str, dict[str, dict[str, dict[str, float]]]]:
    return {
        group: {
            tool: {
                field: {"mean": round(statistics.fmean(each), 4), "n": len(each)}
                for field, each in own.items()
            }
            for tool, own in groups[group].items()
        }
        for group in sorted(groups, key=lambda name: (name != "all", name != "no preset", name))
    }


def table(means: dict[str, dict[str, dict[str, dict[str, float]]]]) -> str:
    """Return the means for a person: a block per group, a line per tool."""
    lines = [f"{'':<16}{'':<14}" + "".join(f"{field:>13}" for field in FIELDS)]
    for group, own in means.items():
        for at, (tool, fields) in enumerate(own.items()):
            cells = (f"{fields[f]['mean']:>13.3f}" if f in fields else f"{'':>13}" for f in FIELDS)
            count = max(int(value["n"]) for value in fields.values())
            label = "" if at else f"{group} ({count})"
            lines.append(f"{label:<16}{tool:<14}" + "".join(cells))
    return "\n".join(lines)


def main() -> None:
    """Compare the tools and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", type=Path, nargs="*", help="folders of labelled pages")
    parser.add_argument("--general", type=Path, metavar="DIR", help="a copy of article-extraction-benchmark")
    parser.add_argument("--tools", type=lambda names: names.split(","), default=list(rivals.TOOLS))
    parser.add_argument("--pages", action="store_true", help="name each page and field marked below 0.9")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    arguments = parser.parse_args()
    rivals.check(arguments.tools)
    folders = arguments.folders or ([] if arguments.general else [FIXTURES])
    found = [page for folder in folders for page in pages.saved(folder)]
    figures: dict[str, object] = {}
    if found:
        figures["pages"] = means = _means(compare(found, arguments.tools, arguments.pages))
        if not arguments.json:
            print(table(means))
    if arguments.general:
        figures["general"] = scores = general(arguments.general, arguments.tools, arguments.pages)
        if not arguments.json:
            for tool, score in scores.items():
                print(
                    f"{'general news':<16}{tool:<14}" + "".join(f"{k:>12} {v:.3f}" for k, v in score.items())
                )
    if arguments.json:
        print(json.dumps(figures))


if __name__ == "__main__":
    main()
