"""Classic ASP sites of the 2000s, most of them grown from PowerEasy (动易) and its many copies."""

from __future__ import annotations

from scraper.presets.preset import ArticleRules, Preset

ASP = Preset(
    name="asp",
    revision=1,
    marks=(
        "/UploadFiles/",
        "main_ArticleTitle",
    ),
    traces=(
        ".asp?id=",
        ".asp?ID=",
        ".asp?ArticleID=",
        ".asp?ClassID=",
        ".asp?page=",
        'index.asp"',
    ),
    enough=2,
    article=ArticleRules(
        title=(".main_ArticleTitle",),
        meta=(".Article_tdbgall", ".article_tdbgall"),
        body=("#fontzoom",),
        drop=("[class^='main_title']",),
    ),
    # The scripts that print the hits add one to them first.
    beacons=(r"/(?:get|show|article_?)?hits\.asp\?", r"/(?:get|show)?count\.asp\?"),
)
