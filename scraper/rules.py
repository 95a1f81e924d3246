"""What a site may lay over its preset in config.yaml, in the words of the preset's form. Pure.

    rules:
      article: {title: "#headline", drop: [.share, .vote]}
      listing: {items: ".news-list"}

Every selector and pattern is checked when the file is loaded; `scraper.presets.overrides` lays them over.
"""

from __future__ import annotations

import re
from string import Formatter
from typing import Annotated, Any, Literal

from cssselect import HTMLTranslator, SelectorError
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
)

_LONGEST = 500  # characters of a selector or pattern that a person still reads


def _selector(value: str) -> str:
    try:
        HTMLTranslator().css_to_xpath(value)
    except SelectorError as error:
        raise ValueError(f"is no CSS selector: {error}") from None
    return value


def _pattern(value: str) -> str:
    try:
        re.compile(value)
    except re.error as error:
        raise ValueError(f"is no regular expression: {error}") from None
    return value


def _answer(value: str) -> str:
    if not re.compile(_pattern(value)).groups:
        raise ValueError(r"has no group: put the number in parentheses, like '(\d+)'")
    return value


def _problem(value: str) -> str:
    from scraper.extract.problem import LOOKS  # loads lxml, which a config without problems does not need

    if value not in LOOKS:
        raise ValueError(f"is no problem: write one of {', '.join(LOOKS)}")
    return value


def _listed(value: object) -> object:
    return (value,) if isinstance(value, str) else value


Css = Annotated[str, Field(min_length=1, max_length=_LONGEST), AfterValidator(_selector)]
Selectors = Annotated[tuple[Css, ...], BeforeValidator(_listed, json_schema_input_type=str | tuple[Css, ...])]


def _places(meaning: str) -> Any:
    return Field(default=(), max_length=50, description=meaning, examples=[["#headline"]])


class _Rules(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Counter(_Rules):
    """How to ask for the views of an article: what of the page's source fills which address."""

    pattern: Annotated[str, Field(min_length=1, max_length=_LONGEST), AfterValidator(_pattern)] = Field(
        description="Regular expression over the page's source; its named groups fill `url`.",
        examples=["showHits\\((?P<id>[0-9]+)\\)"],
    )
    url: str = Field(
        min_length=1,
        max_length=_LONGEST,
        description="Address that tells the views, relative to the page, with `{group}` where a group goes.",
        examples=["/hits.php?id={id}"],
    )
    method: Literal["GET", "POST"] = Field(default="GET", description="How the address is asked.")
    answer: Annotated[str, Field(min_length=1, max_length=_LONGEST), AfterValidator(_answer)] = Field(
        default=r"\s*(\d+)\s*",
        description="Regular expression from the start of the answer; its first group is the number.",
    )
    zero_means_unknown: bool = Field(default=False, description="Take a 0 for no answer.")

    @field_validator("url")
    @classmethod
    def _fillable(cls, url: str, info: ValidationInfo) -> str:
        if "pattern" in info.data:  # else it is told already
            _filled(url, set(re.compile(info.data["pattern"]).groupindex))
        _no_beacon(url)
        return url


def _filled(url: str, groups: set[str]) -> None:
    try:
        names = [name for _, name, _, _ in Formatter().parse(url) if name is not None]
    except ValueError:
        raise ValueError("has a brace without its other half: write `{group}`") from None
    for name in names:
        if name not in groups:
            known = ", ".join(sorted(groups)) or "none"
            raise ValueError(f"uses {{{name}}}, which `pattern` does not name (its groups: {known})")


def _no_beacon(url: str) -> None:
    from scraper.presets import BEACONS  # loads lxml, which a config without counters does not need

    if any(re.search(beacon, url, re.IGNORECASE) for beacon in BEACONS):
        raise ValueError("counts a visit when it is fetched: it is never asked")


class Problem(_Rules):
    """What in a page makes it no article."""

    selector: Css = Field(description="Where it stands.", examples=[".error-notice"])
    problem: Annotated[str, AfterValidator(_problem)] = Field(
        description="What it is then, such as `soft_error` or `login_wall`.", examples=["soft_error"]
    )


class Article(_Rules):
    """Where the fields of an article stand, tried before the preset's own places; `[]` takes those away."""

    title: Selectors = _places("The headline.")
    meta: Selectors = _places("The line that holds several fields behind labels.")
    release_time: Selectors = _places("The time of release.")
    views: Selectors = _places("How often it was read.")
    author: Selectors = _places("Who wrote it.")
    source: Selectors = _places("Where it comes from.")
    editor: Selectors = _places("Who edited it.")
    section: Selectors = _places("The section it stands in.")
    body: Selectors = _places("The element around the text.")
    drop: Selectors = _places("What stands in the body without being of the article.")
    attachments: Selectors = _places("The links to its files.")
    next_page: Selectors = _places("The link to its next page.")
    counters: tuple[Counter, ...] = Field(
        default=(), max_length=10, description="How the site tells the views of an article."
    )
    problems: tuple[Problem, ...] = Field(
        default=(), max_length=50, description="What makes a page no article."
    )


class Listing(_Rules):
    """Where the items and the pages of a listing stand, tried before the preset's own places."""

    items: Selectors = _places("The element around the list.")
    pager: Selectors = _places("The element around the links to its other pages.")


class Rules(_Rules):
    """What of the preset is otherwise on this site."""

    article: Article = Field(default=Article(), description="Where the fields of an article stand.")
    listing: Listing = Field(default=Listing(), description="Where the items of a listing stand.")

    def stated(self) -> dict[str, dict[str, Any]]:
        """Return only what the config states, as plain values: {'article': {'title': ('#headline',)}}."""
        return self.model_dump(exclude_unset=True)
