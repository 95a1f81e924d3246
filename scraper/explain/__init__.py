"""A page in, how each part of it was read out: what was taken, by which rule, from where, before what. Pure.

explain_article(page)    per field: the candidates in order, those refused, rules that match nothing
explain_listing(page)    the list and the groups of links that lost to it, the way on, the totals
"""

from __future__ import annotations

from scraper.explain.article import explain_article
from scraper.explain.listing import explain_listing, is_listing
from scraper.explain.values import Explained, Explanation, Option

__all__ = ["Explained", "Explanation", "Option", "explain_article", "explain_listing", "is_listing"]
