"""What the campus's servers are asked and what they answer, as values; routing and templates. Pure.

A CMS module is a table of routes: a pattern over the path and a function (site, request, match) -> Reply or
None, where None means that nothing stands at this address.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files as package_files
from string import Template

from scraper.demo import files
from scraper.demo.content import Article, Site

HTML = "text/html; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Request:
    """One request; `form` holds the parameters of the query and of a posted form."""

    method: str
    path: str
    form: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer; `visit` is the article whose views this request counts up: only a beacon sets it."""

    body: bytes
    media_type: str = HTML
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    visit: int | None = None


Handler = Callable[[Site, Request, re.Match[str]], Reply | None]
Routes = Sequence[tuple[str, Handler]]


def answer(routes: Routes, site: Site, request: Request) -> Reply:
    """Return the first route's answer that is one; the common routes come last, then 404."""
    for pattern, handler in (*routes, *_COMMON):
        match = re.fullmatch(pattern, request.path)
        if match and (reply := handler(site, request, match)):
            return reply
    return Reply(
        b"<html><head><title>404 Not Found</title></head><body><h1>Not Found</h1></body></html>", status=404
    )


def page(name: str, encoding: str = "utf-8", /, **values: object) -> bytes:
    """Return the template pages/{name}.html filled in; every placeholder must have its value."""
    return fragment(name, **values).encode(encoding)


def fragment(name: str, /, **values: object) -> str:
    """Return the filled template as text."""
    return _template(name).substitute(values)


@cache
def _template(name: str) -> Template:
    return Template(package_files(__package__).joinpath("pages", f"{name}.html").read_text("utf-8"))


def closed() -> Reply:
    """Return what a section under repair answers."""
    body = b"<html><head><title>503 Service Unavailable</title></head><body>Service Unavailable</body></html>"
    return Reply(body, status=503, headers=(("Retry-After", "1"),))


def window(articles: Sequence[Article], per_page: int, number: int) -> tuple[Sequence[Article], int]:
    """Return the articles of list page `number`, counted from 1, and how many pages there are."""
    first = (number - 1) * per_page
    total = -(-len(articles) // per_page)
    return articles[first : first + per_page] if number > 0 else (), total


def text(words: str, status: int = 200) -> Reply:
    """Return a plain answer."""
    return Reply(words.encode(), "text/plain; charset=utf-8", status)


def _robots(site: Site, request: Request, match: re.Match[str]) -> Reply:
    return text(site.robots)


def _attachment(site: Site, request: Request, match: re.Match[str]) -> Reply | None:
    held = (file for article in site.articles.values() for file in article.files if file.path == request.path)
    return next((Reply(*made) for file in held if (made := files.make(file.path, file.text))), None)


def _asset(site: Site, request: Request, match: re.Match[str]) -> Reply | None:
    made = files.make(request.path, request.path)
    return Reply(*made) if made else None


_COMMON: Routes = (
    (r"/robots\.txt", _robots),
    (r"/.+\.(?:docx|pdf)", _attachment),
    (r"/.+\.(?:css|gif|js|png)", _asset),
)
