"""The rival of `crawl.py`: a Scrapy spider that does less. Fetches, takes fields by CSS, writes JSON lines.

    python benchmarks/spider.py HOSTS.json OUT.jsonl

It is told the selectors of every host; it keeps no evidence, compares nothing and remembers no run.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from campus import SHAPES

# As fast as it goes: no pause, eight connections for each host, nothing told and nothing kept on the way.
SETTINGS = {
    "AUTOTHROTTLE_ENABLED": False,
    "CONCURRENT_REQUESTS": 64,
    "CONCURRENT_REQUESTS_PER_DOMAIN": 8,
    "COOKIES_ENABLED": False,
    "DOWNLOAD_DELAY": 0,
    "LOG_ENABLED": False,
    "ROBOTSTXT_OBEY": True,
    "TELNETCONSOLE_ENABLED": False,
    "USER_AGENT": "spider (+https://campus.invalid/)",
}


def main(told: Path, out: Path) -> None:
    """Crawl the hosts of the file and print what it took."""
    import scrapy
    from scrapy.crawler import CrawlerProcess

    selectors: dict[str, dict[str, str]] = {}
    seeds: list[str] = []
    for host in json.loads(told.read_text("utf-8")):
        selectors[urlsplit(host["seeds"][0]).netloc] = SHAPES[host["shape"]]["selectors"]
        seeds += host["seeds"]

    class Spider(scrapy.Spider):
        """Lists to articles to items."""

        name = "campus"
        start_urls = seeds

        def parse(self, response: Any) -> Iterator[Any]:
            """Follow what a list shows, then its next page."""
            places = selectors[urlsplit(response.url).netloc]
            yield from response.follow_all(css=places["links"], callback=self.article)
            yield from response.follow_all(css=places["following"])

        def article(self, response: Any) -> Iterator[dict[str, Any]]:
            """Take the fields of an article."""
            places = selectors[urlsplit(response.url).netloc]
            yield {
                "url": response.url,
                "title": response.css(f"{places['title']}::text").get(),
                "day": response.css(f"{places['day']}::text").get(),
                "body": "\n".join(response.css(f"{places['body']} *::text").getall()),
                "images": response.css(f"{places['body']} img::attr(src)").getall(),
            }

    feeds = {str(out): {"format": "jsonlines", "encoding": "utf-8"}}
    process = CrawlerProcess(SETTINGS | {"FEEDS": feeds})
    crawler = process.create_crawler(Spider)
    process.crawl(crawler)
    process.start()
    counted = crawler.stats.get_stats()
    print(
        json.dumps({name: counted.get(name, 0) for name in ("response_received_count", "item_scraped_count")})
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
