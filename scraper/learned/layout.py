"""A learned layout: where a site's fields stand, in the form of a preset; kept as JSON. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from scraper.learned.boilerplate import without, without_blocks
from scraper.page import Page
from scraper.presets.preset import Preset
from storage.records import Article

FIELDS = ("title", "meta", "release_time", "views", "section", "body")  # as `ArticleRules` names their places
_ALWAYS = 0.9  # share of the samples from which on a field is missed where its place is empty
_TINY = 0.35  # of the samples' median: a shorter body asks for a second reading


@dataclass(frozen=True, slots=True)
class Layout:
    """Selectors by field, laid over a preset's rules; `base` and `base_revision` name that preset.

    `coverage` is the share of the samples in which a field's selectors found its place, `body` the median
    length of the samples' bodies. `lines` are digests of boilerplate that no selector of `drop` separates.
    """

    base: str
    base_revision: int
    revision: int
    places: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    drop: tuple[str, ...] = ()
    lines: frozenset[str] = frozenset()
    coverage: Mapping[str, float] = field(default_factory=dict)
    body: int = 0

    @property
    def name(self) -> str:
        """The name that stands in a record's extractor, with the revision: `learned:vsb`."""
        return f"learned:{self.base}"

    def is_of(self, preset: Preset) -> bool:
        """Tell whether the layout was learned over these rules, and not over older ones."""
        return (self.base, self.base_revision) == (preset.name, preset.revision)

    def over(self, preset: Preset) -> Preset:
        """Return the preset with the learned places before its own; counters and pager stay its own."""
        rules = preset.article
        learned = {name: (*self.places.get(name, ()), *getattr(rules, name)) for name in FIELDS}
        rules = replace(rules, **learned, drop=(*rules.drop, *self.drop))
        return replace(preset, name=self.name, revision=self.revision, article=rules)

    def missing(self, page: Page) -> str | None:
        """Return the first field whose place is not where it always was; null where the page fits.

        A page fits that has the body in its place and half of the rest: one article may have no byline.
        """
        due = [name for name in self.places if self.coverage.get(name, 0) >= _ALWAYS]
        gone = [name for name in due if not any(css in page.index for css in self.places[name])]
        return gone[0] if "body" in gone or 2 * len(gone) > len(due) else None

    def is_tiny(self, article: Article) -> bool:
        """Tell whether the body is so short, for this layout, that another reading should be asked."""
        return len(article.body) < _TINY * self.body

    def cleaned(self, article: Article) -> Article:
        """Return the article without the boilerplate lines that only their words tell."""
        own = without_blocks(article.body_html, self.lines)
        return replace(article, body=without(article.body, self.lines), body_html=own)

    def to_json(self) -> dict[str, Any]:
        """Return the layout as JSON values; the revision is kept beside them."""
        return {
            "base": self.base,
            "base_revision": self.base_revision,
            "places": {name: list(selectors) for name, selectors in self.places.items()},
            "drop": list(self.drop),
            "lines": sorted(self.lines),
            "coverage": dict(self.coverage),
            "body": self.body,
        }

    @classmethod
    def from_json(cls, rules: Mapping[str, Any], revision: int) -> Layout:
        """Read a layout that `to_json` wrote."""
        return cls(
            rules["base"],
            rules["base_revision"],
            revision,
            {name: tuple(selectors) for name, selectors in rules["places"].items()},
            tuple(rules["drop"]),
            frozenset(rules["lines"]),
            rules["coverage"],
            rules["body"],
        )
