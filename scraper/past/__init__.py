"""What others kept of a site: WARC files (`warc`) and services of the Wayback kind (`wayback`).

Both give mementos (`memento`), oldest first; `sieve` tells articles from other pages and `reading` reads
them. The order of the steps is `scraper.crawl`'s.
"""
