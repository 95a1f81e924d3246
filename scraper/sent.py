"""Where a redirect led in place of the article: to the home page, to a sign-on. Pure."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, urlsplit

_HOME_PAGES = frozenset(
    ("", "/", "/index.htm", "/index.html", "/index.shtml", "/index.jsp", "/main.htm", "/index.php")
)
_SIGN_ON_HOST = re.compile(
    r"(?:cas|sso|authserver|auth|ids|idp|iam|uis|passport|login|signin|accounts?)\d?\."
)
_SIGN_ON_PATH = re.compile(
    r"/(?:cas|authserver|sso|idp|iam|uaa|oauth2?|saml2?|adfs|shibboleth(?:\.sso)?)/"
    r"|/(?:user|wp-)?(?:log-?in|sign-?in|log-?on)(?:\.[a-z]{2,5})?/?$",
    re.IGNORECASE,
)


def sent(asked: str, got: str, status: int = 200) -> str | None:
    """Return what the address that answered says of the one asked for: `login_wall`, `home_page`, or None.

    A home page that answers with an error tells nothing.
    """
    before, after = urlsplit(asked), urlsplit(got)
    if _signs_on(after) and not _signs_on(before):
        return "login_wall"
    home = after.path in _HOME_PAGES and before.path not in _HOME_PAGES
    return "home_page" if home and status < 400 else None


def _signs_on(address: SplitResult) -> bool:
    return bool(_SIGN_ON_HOST.match(address.hostname or "") or _SIGN_ON_PATH.search(address.path))
