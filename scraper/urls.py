"""Addresses as values: absolute form, canonical form, urlkey, same site. Pure: str in, str out, no I/O.

    absolute("../a b.htm#top", "http://News.szqu.edu.cn:80/x/y/")  "http://news.szqu.edu.cn/x/a%20b.htm"
    canonical("http://szqu.edu.cn/a;jsessionid=1?utm_id=2&b=3")    "http://szqu.edu.cn/a?b=3"
    urlkey("https://www.szqu.edu.cn/2023/0923/c1a2/page.htm")      "cn,edu,szqu)/2023/0923/c1a2/page.htm"

`absolute` is what a browser would request; `canonical` also drops what only names the visit.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from functools import cache, lru_cache
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urljoin, urlsplit, urlunsplit

if TYPE_CHECKING:
    from tldextract import TLDExtract

DEFAULT_PORTS = {"http": 80, "https": 443}

# Query parameters that name the visit or the way here, never the page.
TRACKING_PREFIXES = ("aspsessionid", "utm_")
# Parameters that name a session where their value looks like one; a short `sid` may be a section.
SESSIONS = frozenset({"s", "sess", "session", "session_id", "sessionid", "sid", "zenid"})
TRACKING = frozenset(
    {
        "_ga",
        "_gl",
        "cfid",
        "cftoken",
        "fbclid",
        "gclid",
        "isappinstalled",
        "jsessionid",
        "mc_cid",
        "mc_eid",
        "msclkid",
        "nsukey",
        "phpsessid",
        "spm",
        "tdsourcetag",
        "wxshare_count",
        "yclid",
    }
)

_C0_AND_SPACE = "".join(map(chr, range(0x21)))
_LINE_BREAK = re.compile(r"[\t\r\n]")
_MANY_SLASHES = re.compile(r"^(https?:)?//+", re.IGNORECASE)
_WHOLE = re.compile(r"https?://", re.IGNORECASE)
_SLASHES = re.compile(r"//+")
_INDEX = re.compile(r"/(?:index|default)\.(?:s?html?|php|jsp|aspx?|psp)$", re.IGNORECASE)
_SESSION_PARAMETER = re.compile(r";(?:jsessionid|phpsessid|sid)=[^/;]*", re.IGNORECASE)
_SESSION_FOLDER = re.compile(r"/\([A-Z]\([0-9a-z]{24}\)\)(?=/)", re.IGNORECASE)  # ASP.NET without cookies
_SESSION = re.compile(r"(?=[a-z-]*\d)[0-9a-z-]{20,128}", re.IGNORECASE)
_HOST_NAME = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*")
_NO_HOST_NAME = re.compile(r"[\x00-,/:-@\[-^`{-\x7f]")
_NUMERIC_HOST = re.compile(r"(?:.*\.)?(?:[0-9]+|0x[0-9a-f]*)")
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})?")
_PATH_SAFE = "/!$&'()*+,;=:@-._~%"
_QUERY_SAFE = "/!$&()*+,;=:@-._~%?"
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")


class BadURL(ValueError):
    """The text is no address that could be fetched; `reason` is `scheme` or `address`."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


def absolute(url: str, base: str | None = None) -> str:
    """Return the address in the one form that is requested, relative to `base`; raises BadURL.

    WHATWG parsing of http and https (backslashes, stray white space, numeric hosts) with RFC 3986 escapes.
    """
    try:
        joined = _tidied(url)
        if base and not _WHOLE.match(joined):  # joining drops a lone `;`
            joined = urljoin(base, joined)
        parts = urlsplit(joined)
        if parts.scheme not in DEFAULT_PORTS:
            raise BadURL("scheme", f"only http and https are followed, not {url[:80]!r}")
        if "@" in parts.netloc:
            raise BadURL("address", f"an address with a user name is not followed: {url[:80]!r}")
        netloc = _netloc(parts.scheme, parts.hostname, parts.port)
        path, query = _undotted(_escaped(parts.path, _PATH_SAFE)), _escaped(parts.query, _QUERY_SAFE)
    except BadURL:
        raise
    except (ValueError, OSError) as error:
        raise BadURL("address", f"not an address: {url[:80]!r}") from error
    return urlunsplit((parts.scheme, netloc, path, query, ""))


def canonical(url: str, base: str | None = None) -> str:
    """Return `absolute` without session parameters and tracking parameters; raises BadURL."""
    parts = urlsplit(absolute(url, base))
    path = _SESSION_FOLDER.sub("", _SESSION_PARAMETER.sub("", parts.path))
    query = "&".join(pair for pair in parts.query.split("&") if pair and not _tracks(pair))
    return urlunsplit(parts._replace(path=path, query=query))


def urlkey(url: str) -> str:
    """Return the SURT key; raises BadURL.

    Without scheme and `www.`, host reversed, query sorted, and without what gives one page several addresses:
    doubled slashes, one at the end, the name of a directory's index.
    """
    return key_of(canonical(url))


def key_of(address: str) -> str:
    """Return the SURT key of an address that is canonical already."""
    parts = urlsplit(address)
    host, port = parts.hostname or "", f":{parts.port}" if parts.port else ""
    if not _is_address(host):
        host = ",".join(reversed(host.removeprefix("www.").split(".")))
    query = "&".join(sorted(parts.query.split("&")))
    return f"{host}{port}){_key_path(parts.path, query)}" + (f"?{query}" if query else "")


@lru_cache(maxsize=8192)  # an address is asked about several times on its way
def host_of(url: str) -> str:
    """Return `host:port` of an address; raises BadURL."""
    parts = urlsplit(absolute(url))
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    return f"{host}:{parts.port or DEFAULT_PORTS[parts.scheme]}"


def hostname(url: str) -> str:
    """Return the host name of an address, or nothing where it is none."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def same_site(a: str, b: str) -> bool:
    """Tell whether two addresses share a registrable domain, or else their host; raises BadURL."""
    return _site(urlsplit(absolute(a)).hostname or "") == _site(urlsplit(absolute(b)).hostname or "")


def _key_path(path: str, query: str) -> str:
    """Return the one form of a path; an index that is asked with a query is a page of its own."""
    path = _SLASHES.sub("/", path)
    return (path if query else _INDEX.sub("/", path)).rstrip("/") or "/"


@lru_cache(maxsize=4096)
def _site(host: str) -> str:
    return (not _is_address(host) and _suffixes()(host).top_domain_under_public_suffix) or host


@cache
def _suffixes() -> TLDExtract:
    from tldextract import TLDExtract  # 0.14 s to import, needed only once links are judged

    return TLDExtract(suffix_list_urls=(), cache_dir=None)


def _tidied(url: str) -> str:
    text = _LINE_BREAK.sub("", url.strip(_C0_AND_SPACE)).partition("#")[0]
    head, mark, query = text.partition("?")
    return _MANY_SLASHES.sub(r"\1//", head.replace("\\", "/")) + mark + query


def _netloc(scheme: str, host: str | None, port: int | None) -> str:
    name = _host(host or "")
    if port == 0:
        raise BadURL("address", f"port 0 cannot be asked: {name}")
    return name if port in (None, DEFAULT_PORTS[scheme]) else f"{name}:{port}"


@lru_cache(maxsize=4096)
def _host(host: str) -> str:
    """Return a host as ASCII: IDNA name, dotted IPv4 for every numeric spelling, IPv6 in brackets."""
    if ":" in host and "%" not in host:
        return f"[{ipaddress.IPv6Address(host).compressed}]"
    name = unquote(host, errors="strict").rstrip(".")
    if _NO_HOST_NAME.search(name):  # before IDNA, which takes long to say so
        raise BadURL("address", f"not a host name: {host[:80]!r}")
    name = (name if name.isascii() else name.encode("idna").decode()).lower()
    if _NUMERIC_HOST.fullmatch(name):
        return socket.inet_ntoa(socket.inet_aton(name))
    if not _HOST_NAME.fullmatch(name) or len(name) > 253:
        raise BadURL("address", f"not a host name: {host[:80]!r}")
    return name


def _is_address(host: str) -> bool:
    return ":" in host or host.replace(".", "").isdigit()


def _escaped(text: str, safe: str) -> str:
    """Return text with exactly the escapes it needs, in upper case; a lone `%` is escaped too."""
    return quote(_ESCAPE.sub(_escape, text) if "%" in text else text, safe=safe)


def _escape(match: re.Match[str]) -> str:
    if not match[1]:
        return "%25"
    character = chr(int(match[1], 16))
    return character if character in _UNRESERVED else match[0].upper()


def _undotted(path: str) -> str:
    if "/." not in path:
        return path or "/"
    kept: list[str] = []
    segments = path.split("/")[1:]
    for segment in segments:
        if segment == "..":
            kept[-1:] = []
        elif segment != ".":
            kept.append(segment)
    return "/" + "/".join(kept) + ("/" if kept and segments[-1] in (".", "..") else "")


def _tracks(pair: str) -> bool:
    name, _, value = pair.partition("=")
    name = name.lower()
    if name in SESSIONS:
        return _SESSION.fullmatch(value) is not None
    return name in TRACKING or name.startswith(TRACKING_PREFIXES)
