"""An invented campus paper in several designs: articles in, pages out. For tests of layouts and drift."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

WHO = ("The rowing club", "The library", "A seminar on soils", "The canteen", "The choir", "The observatory")
DID = ("opened its doors", "moved its stock", "tested a new boat", "counted its members", "changed its hours")
WHY = ("because the roof leaked", "after a long winter", "with help from the town", "as planned in spring")
SHARE = "Scan the code and follow the gazette on every screen you own"


@dataclass(frozen=True)
class Story:
    """One article of the paper."""

    number: int
    section: str = "Campus"
    paragraphs: tuple[str, ...] = field(default=())

    @property
    def title(self) -> str:
        return f"{WHO[self.number % 6]} {DID[self.number % 5]}, part {self.number}"

    @property
    def day(self) -> str:
        return f"2026-10-{self.number % 28 + 1:02}"

    @property
    def text(self) -> tuple[str, ...]:
        return self.paragraphs or tuple(_sentences(self.number, at) for at in range(4))


Design = Callable[[Story], str]


def stories(count: int, section: str = "Campus") -> list[Story]:
    return [Story(number, section) for number in range(1, count + 1)]


def shortened(story: Story) -> Story:
    return replace(story, paragraphs=("This report was withdrawn by its author and will be rewritten.",))


def _sentences(number: int, at: int) -> str:
    first = (
        f"{WHO[(number + at) % 6]} {DID[(number * 3 + at) % 5]} {WHY[(number + 2 * at) % 4]}, say the notes."
    )
    return f"{first} Item {number}.{at} of the minutes gives the cost as {number * 17 + at} crowns, not more."


def _page(title: str, main: str) -> str:
    menu = "".join(f"<li><a href='/{word}'>{word.title()}</a></li>" for word in ("home", "news", "people"))
    head = f"<html><head><title>{title} - The Gazette</title></head><body><ul class='menu'>{menu}</ul>"
    return f"{head}{main}<div class='foot'>The Gazette, printed on the hill since 1901</div></body></html>"


def _paragraphs(story: Story, tag: str = "p") -> str:
    return "".join(f"<{tag}>{text}</{tag}>" for text in story.text)


def plain(story: Story) -> str:
    """Class names that tell, the byline over the body, a bar to share at its end."""
    return _page(
        story.title,
        f"<div class='story'><div class='headline'>{story.title}</div>"
        f"<div class='byline'>Published: {story.day} Views: {story.number * 3}</div>"
        f"<div class='copy'>{_paragraphs(story)}<div class='followbar'>{SHARE}</div></div></div>"
        f"<div class='teasers'>{_teasers(story)}</div>",
    )


def plain_with_line(story: Story) -> str:
    """As `plain`, but the request to follow stands in a paragraph like any other."""
    return plain(story).replace(f"<div class='followbar'>{SHARE}</div>", f"<p>{SHARE}</p>")


def plain_undated(story: Story) -> str:
    """As `plain`, but no page says any more when it was published."""
    return plain(story).replace(f"Published: {story.day} ", "")


def redesigned(story: Story) -> str:
    """Every name changed, the byline under the body, teasers before it."""
    return _page(
        story.title,
        f"<section class='promo'>{_teasers(story)}</section><section class='sheet'>"
        f"<h2 class='sheet-name'>{story.title}</h2><section class='sheet-text'>{_paragraphs(story)}</section>"
        f"<section class='sheet-facts'>Published: {story.day} Views: {story.number * 3}</section></section>",
    )


def shell(story: Story) -> str:
    """A page that a script would fill."""
    return _page(
        "Welcome", "<div class='story'><div id='app'>One moment please, the paper is coming.</div></div>"
    )


def emptied(story: Story) -> str:
    """The places are there, and nothing but a word stands in them."""
    return _page(
        story.title,
        f"<div class='story'><div class='headline'>{story.title}</div>"
        f"<div class='byline'>Published: {story.day} Views: 1</div><div class='copy'>Loading</div></div>",
    )


def _teasers(story: Story) -> str:
    others = [Story(story.number * 7 + at + 40) for at in range(3)]
    return "".join(f"<li><a href='/s/{other.number}.html'>{other.title}</a></li>" for other in others)


def listing(told: Sequence[Story]) -> str:
    rows = "".join(f"<li><a href='/s/{s.number}.html'>{s.title}</a><span>{s.day}</span></li>" for s in told)
    return f"<html><body><ul class='news_list'>{rows}</ul></body></html>"


def publish(pages: dict[str, object], told: Sequence[Story], design: Design, at: str = "/list.htm") -> None:
    """Put the paper in this design on a small site."""
    pages[at] = listing(told)
    for story in told:
        pages[f"/s/{story.number}.html"] = design(story)
