"""Every way in which an address gives nothing: its name, what it tells of the article, what to do. Pure.

The names are those of the catalogue's problems, of the summary and of `status`; docs/states.md is made from
this table. None of them changes an article that is kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from scraper.traps import TRAPS

Told = Literal["gone", "blocked", "error"]


@dataclass(frozen=True, slots=True)
class State:
    """What a name says: of the article that stood there (null: nothing was asked of it), to the person."""

    look: Told | None
    means: str
    do: str


_RETRY = "nothing: the next run tries again"
_LOOK = "look at the page in a browser"

ANSWERED = {
    "not_found": State("gone", "404", "nothing: a second run in which it is gone makes it withdrawn"),
    "gone": State("gone", "410", "nothing: a second run in which it is gone makes it withdrawn"),
    "soft_error": State(
        "gone", "200, but the page says that it does not exist (a soft 404)", "nothing, or as for `gone`"
    ),
    "home_page": State("gone", "a redirect to the home page", "nothing, or as for `gone`"),
    "forbidden": State("blocked", "403 or 451", f"{_LOOK}; ask the site, or leave the section out"),
    "login_wall": State(
        "blocked", "401, a login form or a redirect to a sign-on", "leave the section out: it is for members"
    ),
    "intranet_only": State(
        "blocked", "a notice that only the campus network may read it", "crawl from there, or set `proxy`"
    ),
    "captcha": State("blocked", "a captcha", "raise `delay`; crawl from an address the site knows"),
    "js_challenge": State(
        "blocked",
        "412, or a page that only runs a script to prove a browser (RuiShu, Cloudflare, Jiasule)",
        "raise `delay`; ask the site to let the crawler's address in",
    ),
    "too_many_requests": State(
        "error", "429, also when tried again", "raise `delay`; the next run tries again"
    ),
    "server_error": State("error", "a status of 500 or above, also when tried again", _RETRY),
    "unexpected_status": State("error", "a status that no page has", _LOOK),
    "empty": State("error", "an empty page", _LOOK),
    "no_content": State("error", "a page without anything to read", f"{_LOOK}; name its `body` in `rules`"),
    "meta_refresh": State("error", "a page that only leads elsewhere, by a meta tag", _LOOK),
    "js_redirect": State("error", "a page that only leads elsewhere, by a script", _LOOK),
    "not_html": State("error", "a picture, an office file or an archive in place of a page", "nothing"),
    "pdf_bytes": State("error", "a PDF file in place of a page", "nothing: it is kept, not read"),
    "too_deep": State("error", "nested deeper than the parser keeps", _LOOK),
}
"""Answers that are no article."""
BESIDE = {
    "no_part": State("error", "a further page of the article is not there", _RETRY),
    "no_file": State("error", "an attachment is not there, or asks for a captcha or login", "nothing"),
}
"""What an article misses beside its page."""
BROKEN = {
    "dns": State("error", "the name does not resolve", "check the name; is the site's DNS down?"),
    "refused": State("error", "the connection was refused, or there is no way there", _RETRY),
    "reset": State("error", "the connection broke, also when tried again", _RETRY),
    "timeout": State("error", "no connection in `connect_timeout` seconds", _RETRY),
    "deadline": State("error", "no whole response in `deadline` seconds", "raise `deadline`"),
    "proxy": State("error", "the `proxy` cannot be reached or refused", "check `proxy`"),
    "tls_old": State(
        "error",
        "the server has no version, cipher or key of TLS that is safe today",
        "set `legacy_tls: true` for this site only, if it must be",
    ),
    "tls_expired": State("error", "the certificate has expired, or is not valid yet", "tell the site"),
    "tls_name": State("error", "the certificate is for another name", "check the address; tell the site"),
    "tls_untrusted": State(
        "error",
        "the certificate is signed by nobody who is trusted, or an intermediate one is missing",
        "tell the site, which must send the whole chain",
    ),
    "tls": State("error", "TLS failed in another way, such as plain HTTP on the port", "check the address"),
    "truncated": State("error", "the response ended before its end, also when tried again", _RETRY),
    "bad_encoding": State("error", "the content coding is damaged or unknown", _RETRY),
    "protocol": State("error", "the answer is not HTTP, or smuggles a second one", _LOOK),
    "too_large": State("error", "larger than `max_bytes`, or than a page can be", "raise `max_bytes`"),
    "headers_too_large": State("error", "more or longer headers than any page needs", _LOOK),
    "unasked_304": State("error", "304 Not Modified to a request without a condition", _RETRY),
    "redirect_loop": State("error", "redirects in a circle, as of a wall that wants a cookie", _LOOK),
    "too_many_redirects": State("error", "more redirects than `max_redirects`", _LOOK),
}
"""No usable answer."""
NOT_ASKED = {
    "robots": State("blocked", "robots.txt forbids it", "nothing, or ask the site to allow it"),
    "robots_unreachable": State(
        "error", "robots.txt could not be read (5xx, 429, network), which forbids all", _RETRY
    ),
    "address": State(
        "blocked", "no address, or not a public one", "set `allow_private` for a site of your own network"
    ),
    "port": State("blocked", "a port that is not among `ports`", "add it to `ports` of the site"),
    "scheme": State("blocked", "neither http nor https", "nothing"),
    "beacon": State("error", "asking would count as a visit", "nothing"),
    "host_left_alone": State(None, "the host failed `give_up_after` times in a row", f"is it down? {_RETRY}"),
    "outside_window": State(None, "outside the `windows` of the site", "nothing: a run inside them goes on"),
    "request_limit": State(
        None, "the `max_requests` of the site are spent", "nothing: the next run goes on; or raise it"
    ),
}
"""No request was made."""
LISTS = {
    "empty_listing": State(None, "a list without items", f"{_LOOK}; name its `items` in `rules`"),
    "html_instead_of_xml": State(None, "a feed or sitemap that is an HTML page", _LOOK),
    "malformed": State(None, "a feed or sitemap too broken to read", "tell the site; use its listing page"),
    "not_xml": State(None, "neither a feed, a sitemap nor a page", _LOOK),
    "no_list": State(None, "JSON without a list of articles in it", "use its listing page"),
    "repeated_listing": State(None, "a further page that lists nothing new: a pager in a circle", _LOOK),
    "max_pages": State(None, "the list goes on", "raise `max_pages` to see the rest"),
    "out_of_scope": State(None, "the next page lies on another site", "add a seed there"),
    **{name: State(None, means, _LOOK) for name, means in TRAPS.items()},
    "damaged": State(
        None,
        "a WARC of a backfill that breaks off or is no WARC further on",
        "get the file again; the rest is taken",
    ),
}
"""Listings that were answered."""
OURS = {
    "drift": State(
        "error",
        "it reads worse than it did, and so do others: held back",
        "look at the site; `crawl --accept-drift` takes it as it reads now",
    ),
    "internal_error": State("error", "a bug of campusnews", "report it with the page"),
}
"""Our own doubts and mistakes."""

STATES: dict[str, State] = {**ANSWERED, **BESIDE, **BROKEN, **NOT_ASKED, **LISTS, **OURS}
LASTING = frozenset(
    (
        *("empty", "no_content", "meta_refresh", "js_redirect", "not_html", "pdf_bytes", "too_deep"),
        *("too_large", "headers_too_large", "redirect_loop", "too_many_redirects", "beacon", "out_of_scope"),
    )
)
"""Errors that the next night will not mend: asked for again as the article's age says, as any other."""
LATER = frozenset({"host_left_alone", "outside_window", "request_limit"})
"""What was left for a later run without being asked for: no look at the article."""


def look_of(reason: str) -> Told | None:
    """Return what a problem tells of the article; a name that is not in the table is an error."""
    state = STATES.get(reason)
    return state.look if state else "error"
