"""How a learned layout does beside the preset it replaces, and beside no preset at all, field by field.

    python benchmarks/learned_layout.py FOLDER… [--least 3] [--sites] [--json]

A FOLDER holds labelled pages (`manifest.jsonl`); its articles are grouped by host. Each page of a host with
at least `--least` of them is read four times: by its CMS's preset, by none, by the layout learned from all
pages of the host, as a crawl does it (labels teach nothing), and by the layout learned from all of them but
this one. For the last three the presets are off. Measures are those of `accuracy.py`; the other fields have
to be equal but for white space and case.
"""

from __future__ import annotations

import argparse
import json
import statistics
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import urlsplit

import pages
from accuracy import _CJK_OR_WORD, _squashed, overlap
from pages import Saved

from scraper.extract import read_article
from scraper.learned import FEWEST, Layout, Sample, learn, sample_of
from scraper.page import Page
from scraper.presets.generic import GENERIC
from storage.records import Article

WAYS = ("preset", "none", "learned", "left out")
LABELS = ("title", "published", "body_text", "views", "section", "author", "source", "editor")
NAMES = {"published": "release_time", "body_text": "body"}

Marks = dict[str, dict[str, list[float]]]  # field -> way -> marks


def marks(gold: dict[str, object], article: Article | None) -> Iterator[tuple[str, float]]:
    """Yield (field, mark between 0 and 1) for each field the page is labelled for."""
    for label in LABELS:
        if gold.get(label) is None:
            continue
        name, wanted = NAMES.get(label, label), str(gold[label])
        found = str(getattr(article, name) or "") if article else ""
        if name == "body":
            yield name, overlap(wanted.casefold(), found.casefold(), _CJK_OR_WORD).f1
        elif name == "release_time":
            yield name, float(found.replace("T", " ").startswith(wanted.replace("T", " ")))
        else:
            yield name, float(_squashed(wanted) == _squashed(found))
    if gold.get("images") is not None:
        yield "images", float(article is not None and len(article.images) == gold["images"])


def layout_of(samples: Sequence[Sample]) -> Layout | None:
    """Return what the samples teach, where there are enough."""
    return learn(samples, GENERIC, revision=1) if len(samples) >= FEWEST else None


def read_by(layout: Layout | None, page: Page) -> Article | None:
    """Read a page by a layout where it fits, else without any preset, as a crawl does."""
    if layout is not None and layout.missing(page) is None:
        article = read_article(page, layout.over(GENERIC)).article
        return layout.cleaned(article) if article is not None else None
    return read_article(page, GENERIC).article


def compare(found: Sequence[Saved]) -> tuple[Marks, Layout | None]:
    """Return the marks of one host's pages, and the layout they taught."""
    read = [Page(url=each.url, body=each.body) for each in found]
    samples = {at: sample for at, page in enumerate(read) if (sample := sample_of(page, GENERIC))}
    layout = layout_of(list(samples.values()))
    given: Marks = defaultdict(lambda: defaultdict(list))
    for at, (saved, page) in enumerate(zip(found, read, strict=True)):
        others = layout_of([sample for other, sample in samples.items() if other != at])
        articles = (
            read_article(page).article,
            read_article(page, GENERIC).article,
            read_by(layout, page),
            read_by(others, page),
        )
        for way, article in zip(WAYS, articles, strict=True):
            for name, mark in marks(saved.gold, article):
                given[name][way].append(mark)
    return given, layout


def by_host(folders: Sequence[Path], least: int) -> dict[str, list[Saved]]:
    """Return the labelled articles of each host that has enough of them."""
    hosts: dict[str, list[Saved]] = defaultdict(list)
    for each in (each for folder in folders for each in pages.saved(folder)):
        if each.kind == "article" and each.gold:
            hosts[urlsplit(each.url).netloc.split("?")[0]].append(each)
    return {host: found for host, found in hosts.items() if len(found) >= least}


def means(given: Marks) -> dict[str, dict[str, float]]:
    """Return field -> way -> mean, with the number of pages as `n`."""
    return {
        name: {way: round(statistics.fmean(own[way]), 4) for way in WAYS} | {"n": len(own[WAYS[0]])}
        for name, own in given.items()
    }


def table(fields: dict[str, dict[str, float]]) -> str:
    """Return the means for a person."""
    lines = [f"{'':<14}" + "".join(f"{way:>10}" for way in WAYS) + f"{'n':>6}"]
    for name, own in fields.items():
        lines.append(f"{name:<14}" + "".join(f"{own[way]:>10.3f}" for way in WAYS) + f"{own['n']:>6.0f}")
    return "\n".join(lines)


def main() -> None:
    """Compare the four ways and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", type=Path, nargs="+", help="folders of labelled pages")
    parser.add_argument("--least", type=int, default=FEWEST, help="pages a host must have")
    parser.add_argument("--sites", action="store_true", help="a table for each host, and what it taught")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    arguments = parser.parse_args()
    hosts = by_host(arguments.folders, arguments.least)
    if not hosts:
        raise SystemExit(f"no host has {arguments.least} labelled articles: give more pages, or --least 3")
    whole: Marks = defaultdict(lambda: defaultdict(list))
    sites: dict[str, dict[str, object]] = {}
    for host, found in hosts.items():
        given, layout = compare(found)
        sites[host] = {"fields": means(given), "layout": layout.to_json() if layout else None}
        for name, own in given.items():
            for way, each in own.items():
                whole[name][way] += each
        if arguments.sites and not arguments.json:
            places = {name: " | ".join(own) for name, own in layout.places.items()} if layout else "no layout"
            print(f"{host} ({len(found)} pages): {places}\n{table(means(given))}\n")
    if arguments.json:
        print(json.dumps({"fields": means(whole), "sites": sites}, ensure_ascii=False))
    else:
        taught = sum(site["layout"] is not None for site in sites.values())
        print(f"{len(hosts)} hosts, {taught} taught a layout\n{table(means(whole))}")


if __name__ == "__main__":
    main()
