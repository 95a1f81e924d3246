"""Pages of a site nobody knows yet in, a proposal for config.yaml out. Pure; `scraper.scout` fetches.

home page -> candidates -> (each fetched) -> judge -> Section or Unfit -> propose -> Proposal
"""

from __future__ import annotations

from scraper.survey.candidates import LIKELY, Candidate, candidates, feeds, forward, from_sitemap, is_home
from scraper.survey.judge import Section, Unfit, judge, repeats
from scraper.survey.proposal import Proposal, name_of, propose
from scraper.survey.words import ADVICE

__all__ = [
    "ADVICE",
    "LIKELY",
    "Candidate",
    "Proposal",
    "Section",
    "Unfit",
    "candidates",
    "feeds",
    "forward",
    "from_sitemap",
    "is_home",
    "judge",
    "name_of",
    "propose",
    "repeats",
]
