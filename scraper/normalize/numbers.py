"""The text of a printed counter in, its number out. Pure."""

from __future__ import annotations

import re
from decimal import Decimal

from scraper.normalize.tables import COUNTED, FOLD, MAGNITUDES

_MOST = 2**63 - 1  # what an integer column of the catalogue and of Parquet holds
_LONGEST = 64  # characters a counter is printed with at most
_BRACKETS = str.maketrans("[](){}【】〔〕", " " * 10)
_MAGNITUDE = "|".join(MAGNITUDES)
_COUNT = re.compile(
    r"(?:(?:已有|共有|总共|累计|共|约|已)\s?)?"
    r"(?P<digits>[1-9]\d{0,2}(?P<mark>[,'’\s])\d{3}(?:(?P=mark)\d{3}){0,5}"  # 1,234
    rf"|[1-9]\d{{0,2}}(?:\.\d{{3}}){{1,6}}(?!\s?(?:{_MAGNITUDE}))"  # 1.234, not 1.234万
    r"|\d{1,19})"
    rf"(?:(?P<part>[.,]\d{{1,9}})?\s?(?P<magnitude>{_MAGNITUDE}))?\+?"
    rf"\s{{0,3}}(?:{'|'.join(COUNTED)})?\.?",
    re.IGNORECASE,
)


def parse_count(text: str) -> int | None:
    """Return the number a counter prints: `12`, `１２８`, `1,234`, `[ 128 ]`, `1.2万`, `1.5k`, `12次`.

    None for a text that says anything else as well, and for numbers past 64 bits. A count has no fraction, so
    `1.234` is a thousand and more, while `1.5` alone is no count.
    """
    text = text.strip()
    if len(text) > _LONGEST:
        return None
    if text.isdecimal():
        return count if (count := int(text)) <= _MOST else None
    match = _COUNT.fullmatch(text.translate(FOLD).translate(_BRACKETS).strip())
    if not match:
        return None
    whole = re.sub(r"\D", "", match["digits"]) + (match["part"] or "").replace(",", ".")
    count = int(Decimal(whole) * MAGNITUDES.get((match["magnitude"] or "").lower(), 1))
    return count if count <= _MOST else None
