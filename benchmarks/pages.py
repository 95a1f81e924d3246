"""Saved pages as values: from a folder, or made here from the sample campus. Reads files, never the network.

A folder is either one with a `manifest.jsonl` (an object per page: `file`, `url`, `kind`, and for accuracy
`cms` and `gold`), or any tree of `*.html`, `*.htm` and `*.html.gz`; an `expected.json` beside a page is its
gold.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from scraper.demo.campus import Campus
from scraper.page import saved_from

_SUFFIXES = (".html", ".htm", ".html.gz")
_EVERY = 3  # of the campus's articles, one in so many: they are alike
_MENU = 120  # links of the menus and side bars around a made page; real campus pages have 60 to 300


@dataclass(frozen=True, slots=True)
class Saved:
    """One saved page; `gold` holds what is known of it, under the manifest's names."""

    name: str
    url: str
    body: bytes
    kind: str = "article"
    cms: str = ""
    gold: dict[str, Any] = field(default_factory=dict)


def saved(folder: Path) -> list[Saved]:
    """Return the pages of a folder; raises SystemExit with advice where there are none."""
    if not folder.is_dir():
        raise SystemExit(f"{folder} is no folder: give one that holds saved pages (*.html)")
    manifest = folder / "manifest.jsonl"
    found = list(_listed(manifest) if manifest.exists() else _loose(folder))
    if not found:
        raise SystemExit(f"{folder} holds no {', '.join(_SUFFIXES)}: give a folder of saved pages")
    return found


def _listed(manifest: Path) -> Iterator[Saved]:
    for line in manifest.read_text("utf-8").splitlines():
        row = json.loads(line)
        url = row["url"] or f"http://{row.get('site', 'localhost')}/"
        body = _bytes(manifest.parent / row["file"])
        gold = row.get("gold") or {}
        name = row.get("id") or row["file"]
        yield Saved(name, url, body, row.get("kind", "article"), row.get("cms", ""), gold)


def _loose(folder: Path) -> Iterator[Saved]:
    for path in sorted(folder.rglob("*")):
        if not path.name.endswith(_SUFFIXES):
            continue
        body, gold = _bytes(path), _expected(path.with_name("expected.json"))
        name = path.relative_to(folder).as_posix()
        url = gold.get("url") or saved_from(body) or f"http://localhost/{name}"
        yield Saved(name, url, body, cms=str(gold.get("preset", "")), gold=gold)


def _expected(path: Path) -> dict[str, Any]:
    """Return a fixture's expectation under the manifest's names."""
    if not path.exists():
        return {}
    read = json.loads(path.read_text("utf-8"))
    renamed = {"published": read.get("release_time"), "body_text": read.get("body")}
    return read | {name: value for name, value in renamed.items() if value is not None}


def _bytes(path: Path) -> bytes:
    data = path.read_bytes()
    return gzip.decompress(data) if path.suffix == ".gz" else data


def made() -> list[Saved]:
    """Return articles of the sample campus, each in a frame of menus and scripts as real pages have one."""
    with Campus() as campus:
        return [
            Saved(gold.url, gold.url, _framed(_got(gold.url)), cms=gold.site)
            for gold in campus.manifest()[::_EVERY]
        ]


def _got(url: str) -> bytes:
    with urlopen(url) as answer:  # of the campus, on loopback
        return bytes(answer.read())


def _framed(body: bytes) -> bytes:
    """Put menus before and lists after the page's own markup, and the styles and scripts of a template."""
    menu = "".join(
        f'<li class="nav-item i{at}"><a href="/column{at}/list.htm" title="Column {at}">Column {at}</a></li>'
        for at in range(_MENU // 2)
    )
    notes = "".join(
        f'<li class="item i{at}"><span class="day">05-{at % 28 + 1:02}</span>'
        f'<a href="/note/{at}.htm" target="_blank">Note number {at} of the column beside</a></li>'
        for at in range(_MENU // 2)
    )
    style = "".join(f".box{at} .inner > li:hover {{ width: {at}px; color: #333 }}\n" for at in range(120))
    script = "".join(f"menus[{at}] = new Menu('#m{at}', {{ speed: {at} }});\n" for at in range(60))
    before = f'<style>{style}</style><div class="top"><ul class="menu">{menu}</ul></div>'
    after = f'<div class="side"><ul class="list">{notes}</ul></div><script>{script}</script>'
    start = body.find(b">", body.find(b"<body")) + 1
    end = body.rfind(b"</body>")
    return body[:start] + before.encode() + body[start:end] + after.encode() + body[end:]
