"""The key under which replay tools look an address up: a SURT as the Internet Archive makes it. Pure.

    surt("https://www.szqu.edu.cn/2023/A.htm?b=2&a=1")  "cn,edu,szqu)/2023/a.htm?a=1&b=2"

pywb and cdxj-indexer make the same keys, which is all that counts here; the crawl's own urlkey
(`scraper.urls`) tells pages apart that these throw together.
"""

from __future__ import annotations

import re
import socket
from functools import lru_cache
from urllib.parse import quote_from_bytes, unquote_to_bytes

_PARTS = re.compile(r"(?:([a-z][a-z0-9+.-]*):)?(?://([^/?#]*))?([^?#]*)(?:\?([^#]*))?", re.IGNORECASE)
_PLACE = re.compile(r"(?:[^@]*@)?(\[[^\]]*\]|[^:]*)(?::([0-9]*))?")
_DEFAULT_PORTS = {"http": "80", "https": "443"}
_BREAKS = re.compile(r"[\t\r\n]")
_MANY_SCHEMES = re.compile(r"(https?://)+")
_WWW = re.compile(rb"^www[0-9]*\.")
_NUMERIC = re.compile(rb"[0-9]+(?:\.[0-9]+){0,3}")
_SAFE = "!\"$&'()*+,-./:;<=>?@[\\]^_`{|}~"
# A session in the path of an .aspx page, and the parameters that name one, by the form of their values.
_FOLDER = re.compile(rb"/(?:\((?:[a-z]\([0-9a-z]{24}\))+\)|\([0-9a-z]{24}\))(?=/[^?]+\.aspx)", re.IGNORECASE)
_SESSION = re.compile(
    rb"(?:(?:jsessionid|phpsessid|sid)=[0-9a-z]{32}|aspsessionid[a-z]{8}=[a-z]{24}"
    rb"|cfid=[^&]+&cftoken=[^&]+)(?:&|$)",
    re.IGNORECASE,
)


def surt(url: str) -> str:
    """Return the key of an address, in ASCII and without white space; one without a host keeps its scheme."""
    text = _MANY_SCHEMES.sub(r"\1", _BREAKS.sub("", url.strip()), count=1)
    found = _PARTS.match(text)
    assert found is not None  # every part may be empty
    scheme, place, path = (found[1] or "http").lower(), found[2], found[3].encode()
    if not place:
        return f"{scheme}:{_escaped(_plain(path)).lower().decode()}"
    query = _query((found[4] or "").encode())
    key = _host(place, scheme) + b")" + _path(path) + (b"?" + query if query else b"")
    return key.decode()


@lru_cache(maxsize=4096)  # one site has thousands of addresses
def _host(place: str, scheme: str) -> bytes:
    """Return the host without `www.`, its labels in reverse order, with a port that is not the default."""
    found = _PLACE.match(place)
    assert found is not None
    port = b"" if found[2] in (None, "", _DEFAULT_PORTS.get(scheme)) else f":{int(found[2])}".encode()
    name = _ascii(_plain(found[1].strip("[]").encode())).replace(b"..", b".").strip(b".")
    if _NUMERIC.fullmatch(name):
        return b",".join(reversed(_dotted(name).split(b"."))) + port
    name = _WWW.sub(b"", _escaped(name).lower())
    return b",".join(reversed(name.split(b"."))) + port


def _ascii(name: bytes) -> bytes:
    try:
        return name if name.isascii() else name.decode("utf-8", "ignore").encode("idna")
    except UnicodeError:  # no host name: it is kept as its bytes
        return name


def _dotted(name: bytes) -> bytes:
    """Return a numeric host as four numbers, where it is one."""
    if name.isdigit():
        return socket.inet_ntoa((int(name) & 0xFFFFFFFF).to_bytes(4, "big")).encode()
    try:
        return socket.inet_ntoa(socket.inet_aton(name.decode())).encode()
    except OSError:
        return name


def _path(path: bytes) -> bytes:
    kept: list[bytes] = []
    steps = _plain(path).split(b"/")[1:]
    for step in steps:
        if step == b".." and kept:
            kept.pop()
        elif step != b".":
            kept.append(step)
    told = b"/" + b"/".join([step for step in kept[:-1] if step] + kept[-1:])
    told = _FOLDER.sub(b"", _escaped(told).lower(), count=1)
    return told.removesuffix(b"/") or b"/"


def _query(query: bytes) -> bytes:
    told = _SESSION.sub(b"", _escaped(_plain(query))).lower()
    pairs = sorted(told.split(b"&"), key=lambda pair: pair.split(b"=", 1))
    return b"&".join(pairs)


def _plain(text: bytes) -> bytes:
    """Return text without escapes, whatever of them are escaped themselves."""
    while (plain := unquote_to_bytes(text)) != text:
        text = plain
    return text


def _escaped(text: bytes) -> bytes:
    return quote_from_bytes(text, safe=_SAFE).encode()
