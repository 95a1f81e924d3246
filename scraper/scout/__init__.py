"""An address in, what is there out: the lists of a site, three of its articles, a proposal. Keeps nothing.

    arrive -> Lists.search -> second page? -> propose -> try_articles -> Survey

At most some twenty-five requests, each with the manners of the config; every one is named in the Survey.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from urllib.parse import urlsplit

from pydantic import ValidationError

from scraper.config import Config, Site
from scraper.discover import read_listing
from scraper.errors import AddressRefused, FetchError, SurveyFailed, UsageError
from scraper.fetch import Fetcher
from scraper.manners import by_hand, policies, user_agent
from scraper.page import Page
from scraper.politeness import Politeness
from scraper.scout.articles import Tried, try_articles
from scraper.scout.asker import Asker, Watch
from scraper.scout.lists import Lists
from scraper.settings import Seed
from scraper.survey import (
    ADVICE,
    Candidate,
    Proposal,
    Section,
    Unfit,
    candidates,
    feeds,
    forward,
    judge,
    name_of,
    propose,
    repeats,
)
from scraper.urls import BadURL, absolute, host_of, same_site, urlkey

__all__ = ["Survey", "Tried", "survey"]

_MOST_HOPS = 2  # pages that only lead elsewhere
_FEW_LINKS = 5  # a page with no more, and scripts, is made in the browser
_SHOWN = 20  # labels in an error message
_PORTS: tuple[int, ...] = Site.model_fields["ports"].default


@dataclass(frozen=True, slots=True)
class Survey:
    """What was found at an address, and every request made for it as (method, URL, status).

    `second` says what the second page of the first list that has one gave. `left` are links to likely lists
    that were not looked at, because the page is a list itself or there were too many.
    """

    url: str
    sections: tuple[Section, ...]
    unfit: tuple[Unfit, ...]
    left: tuple[Candidate, ...]
    second: str | None
    feeds: tuple[str, ...]
    tried: tuple[Tried, ...]
    proposal: Proposal
    asked: tuple[tuple[str, str, int], ...]

    @property
    def works(self) -> bool:
        """Whether a crawl would get something: at least one article could be read."""
        return any(each.article is not None for each in self.tried)


def survey(
    config: Config,
    url: str,
    *,
    name: str | None = None,
    only: Sequence[str] = (),
    allow_private: bool = False,
    watch: Watch = lambda _: None,
) -> Survey:
    """Look around at an address the config does not have yet; raises SurveyFailed, UsageError, FetchError.

    `only` limits the lists to those whose label or address holds one of these texts. `watch` is told each
    address before it is asked for.
    """
    _expect_new(config, url, name)
    site = _stranger(config, url, name or name_of(url, [known.name for known in config.sites]), allow_private)
    policy_of = by_hand(policies(config, (*config.sites, site), user_agent(config, [site])))
    with Fetcher(policy_of, now=lambda: datetime.now(UTC)) as fetcher:
        asker = Asker(fetcher, watch)
        lists = Lists(asker, only, {urlkey(seed.url) for known in config.sites for seed in known.seeds})
        home = _arrive(asker, url, allow_private=site.allow_private)
        lists.search(home)
        if not lists.sections:
            raise SurveyFailed("\n".join(_nothing(home, lists, only, len(asker.asked))))
        return _finished(asker, site, home, lists)


def _finished(asker: Asker, site: Site, home: Page, lists: Lists) -> Survey:
    ports = () if site.ports == _PORTS else site.ports
    proposal = propose(site.name, lists.sections, allow_private=site.allow_private, ports=ports)
    second = _second_page(asker, lists.sections)
    shape = {"timezone": proposal.timezone, "language": proposal.language, "assets": "none"}
    tried = tuple(try_articles(asker, site.model_copy(update=shape), lists.sections))
    if {each.article.extractor.preset for each in tried if each.article} != {proposal.preset}:
        proposal = replace(proposal, preset=None)  # articles and lists are not of one CMS
    return Survey(
        url=home.base_url,
        sections=tuple(lists.sections),
        unfit=tuple(lists.unfit),
        left=lists.left,
        second=second,
        feeds=feeds(home),
        tried=tried,
        proposal=proposal,
        asked=tuple(asker.asked),
    )


def _expect_new(config: Config, url: str, name: str | None) -> None:
    """Refuse an address that is in the config; its host may be, for a site that is given its own name."""
    try:
        key, host = urlkey(url), host_of(url)
    except BadURL as error:
        raise UsageError(f"{error}: write the address whole, like https://www.example.edu/") from None
    for site in config.sites:
        if any(urlkey(seed.url) == key for seed in site.seeds):
            raise UsageError(f"{url} is in the config already: it is a seed of the site {site.name!r}")
        if site.name == name:
            raise UsageError(f"the config has a site {name!r} already: give another --name")
        if name is None and any(host_of(seed.url) == host for seed in site.seeds):
            raise UsageError(
                f"{host} is in the config already, as the site {site.name!r}: write the list under its"
                " `seeds`, or make it a site of its own with --name"
            )


def _stranger(config: Config, url: str, name: str, allow_private: bool) -> Site:
    """Return a site for one address, asked as politely as what the config has of the same university."""
    port = urlsplit(absolute(url)).port
    known = next((site for site in config.sites for seed in site.seeds if same_site(seed.url, url)), None)
    manners = {field: getattr(known or config, field) for field in Politeness.model_fields}
    private = allow_private or (known is not None and known.allow_private)
    if config.contact is None and not private:
        raise UsageError("who is asking? add --contact you@example.edu: a campus must be able to reach you")
    try:
        return Site(
            name=name,
            seeds=(Seed(url=url),),
            allow_private=private,
            ports=_PORTS if port is None or port in _PORTS else (*_PORTS, port),
            **manners,
        )
    except ValidationError as error:
        field = error.errors(include_url=False)[0]["loc"][0]
        wrong = {"name": f"--name {name!r}: write lower-case letters, digits, hyphens"}
        raise UsageError(wrong.get(str(field), f"{url!r} is no address that can be a seed")) from None


def _arrive(asker: Asker, url: str, *, allow_private: bool) -> Page:
    """Return the page at the address, or the one it leads to; raises SurveyFailed for one not to be read."""
    try:
        page = asker.page(url)
    except AddressRefused as error:
        if allow_private:
            raise
        raise SurveyFailed(f"{error}; if the site is your own, add --allow-private") from None
    for _ in range(_MOST_HOPS):
        found = judge(page)
        leads = isinstance(found, Unfit) and found.problem in ("meta_refresh", "js_redirect")
        target = forward(page) if leads else None
        if target is None or not same_site(target, page.base_url):
            break
        page = asker.page(target)
    found = judge(page)
    if isinstance(found, Unfit) and found.problem != "no_list":
        advice = ADVICE.get(found.problem, "it is no page to read: look at it in a browser")
        raise SurveyFailed(f"{page.base_url}: {found.why}: {advice}")
    return page


def _second_page(asker: Asker, sections: Sequence[Section]) -> str | None:
    """Say what the second page of the first list that names one gives."""
    section = next((section for section in sections if section.listing.next), None)
    if section is None or section.listing.next is None:
        return None
    try:
        listing = read_listing(asker.page(section.listing.next))
    except FetchError as error:
        return f"not read: {error}"
    if not listing.items:
        return f"no items found on {section.listing.next}"
    again = ", the same as on the first" if repeats(listing, section.listing) else ""
    return f"{len(listing.items)} items{again}"


def _nothing(home: Page, lists: Lists, only: Sequence[str], asked: int) -> list[str]:
    """Return what was seen instead of a list, and what to do."""
    number, likely = sum(1 for _ in home.tree.iter("a")), candidates(home)
    lines = [f"{home.base_url}: no list of news found, with {number} links on the page"]
    if number <= _FEW_LINKS and not likely and home.tree.find(".//script") is not None:
        lines.append("what a browser shows is made by JavaScript, which campusnews does not run")
    lines += [f"looked at {each.label or each.url}: {each.why}" for each in lists.unfit]
    if only:
        named = ", ".join(link.label or link.url for link in likely[:_SHOWN])
        lines.append(
            f"--section asks for {', '.join(only)}; there are: {named or 'no links that look like lists'}"
        )
    lines.append(
        f"give the address of a list, the page that shows the newest articles ({asked} requests were made)"
    )
    return lines
