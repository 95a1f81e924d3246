"""The sample campus: three invented universities served on loopback, in two editions.

    with Campus(edition=1) as campus:
        ...crawl campus.sites...
        campus.edition = 2          # the next day

`articles/` holds the content, `pages/` the templates, one module per CMS renders them, `campus` serves them.
"""
