"""What an archive costs its users: to export it, to ask it what changed, and on the disk.

    python benchmarks/archive.py [--only diff] [--articles 20000] [--json]

Each piece of `PIECES` is a module with `measure(articles) -> figures`, which makes what it needs and tells
one flat object; the last line of `--json` is all of them in one. `export_records_per_s` is of JSON Lines,
the lossless form, from the catalogue to a file, by CPU time. `diff_1m_seconds` and `diff_1m_mb` are of the
command as a whole process, over an archive of a million articles: ten gigabytes in the temporary directory
and, the first time, ten minutes. `bytes_per_page` is what a crawled page takes, WARC and catalogue together.
"""

from __future__ import annotations

import argparse
import json
from importlib import import_module

PIECES = {
    "export": "archive_export",
    "diff": "archive_diff",
    "growth": "archive_growth",
    "compact": "archive_compact",
}


def main() -> None:
    """Print the figures of each piece."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", choices=PIECES, action="append")
    parser.add_argument("--articles", type=int, default=20_000)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    found: dict[str, float] = {}
    for name in arguments.only or PIECES:
        figures = import_module(PIECES[name]).measure(arguments.articles)
        found |= figures
        if not arguments.json:
            print(name)
            print("\n".join(f"  {key:<32}{value:>14,.6g}" for key, value in figures.items()))
    if arguments.json:
        print(json.dumps(found))


if __name__ == "__main__":
    main()
