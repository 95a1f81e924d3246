"""Visual SiteBuilder, VSB (博达): a quarter of all Chinese university sites."""

from __future__ import annotations

from scraper.presets.preset import ArticleRules, CounterRule, ListCounterRule, ListingRules, Preset

_FORM = "form[name='_newscontent_fromname']"  # around title, byline and body; one heading comes first in it
_CLICKS = "/system/resource/code/news/click/"
_BATCH = r"_showDynClickBatch\(\s{0,9}\[[^\]]{0,9000}\]\s{0,9},\s{0,9}\[([\d,\s]{1,4000})\]"

VSB = Preset(
    name="vsb",
    revision=2,
    marks=(
        "/system/resource/",
        "_sitegray",
        ".vsb.css",
        "vsb_content",
        "v_news_content",
        "_newscontent_fromname",
        "winstyle",
    ),
    traces=("_jsq_(",),
    article=ArticleRules(
        title=(
            "[class*='titlestyle']",
            f"{_FORM} .title:not(:has(*))",
            f"{_FORM} h1, {_FORM} h2, {_FORM} h3",
        ),
        meta=("[class*='timestyle']",),
        body=("#vsb_content .v_news_content", "[id^='vsb_content']", "#vsb_newscontent", ".v_news_content"),
        drop=("#div_vote_id", "[id^='nattach']", "script"),
        attachments=("a[href*='DownloadAttachUrl']", "a[href*='/__local/'][href$='pdf']"),
        counters=(
            CounterRule(
                pattern=r"_showDynClicks\(\s*['\"](?P<type>\w+)['\"]\s*,\s*(?P<owner>\d+)\s*,\s*(?P<id>\d+)",
                url=_CLICKS + "dynclicks.jsp?clickid={id}&owner={owner}&clicktype={type}",
            ),
            CounterRule(
                pattern=r"getClickTimes\(\s*['\"]?(?P<id>\d+)['\"]?\s*,\s*['\"]?(?P<owner>\d+)['\"]?\s*,"
                r"\s*['\"](?P<type>wbnews)['\"]",
                url=_CLICKS + "clicktimes.jsp?wbnewsid={id}&owner={owner}&type={type}&randomid=",
                answer=r'.*"wbshowtimes"\s*:\s*"?(\d+)',
            ),
        ),
    ),
    listing=ListingRules(
        pager=(".pb_sys_common", "tr:has(> [id^='fanye'])"),
        counters=(
            ListCounterRule(
                ids=_BATCH,
                item=r"/info/\d+/(\d+)\.htm|[?&]wbnewsid=(\d+)",
                facts=(
                    _BATCH + r"\s{0,9},\s{0,9}['\"](?P<type>\w+)['\"]\s{0,9},\s{0,9}['\"]?(?P<owner>\d+)",
                ),
                url=_CLICKS + "dynclicksbatch.jsp?clickids={ids}&owner={owner}&clicktype={type}",
            ),
        ),
    ),
    beacons=(r"/datainput\.jsp", r"/addclicktimes\.jsp"),
    # One article stands under several trees, and as content.jsp.
    same_article=(
        (r"\)/(?:.*/)?info/\d+/(\d+)\.htm", r")/info/*/\1"),
        (r"\)/(?:.*/)?content\.jsp\?(?:.*&)?wbnewsid=(\d+).*", r")/info/*/\1"),
    ),
)
