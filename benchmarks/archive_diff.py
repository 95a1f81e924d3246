"""What it costs to ask an archive of a million articles: a diff of runs with 10,000 changes, and the rest.

Each command is a process of its own, as people and their scripts start it, its output thrown away. Seconds
are wall time; CPU seconds say the same on a busy machine. The first turn warms the cache; the best counts.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import million
import process

# The command with its output thrown away, and then the most memory it had resident, in kB.
RUN = """
import atexit, os, sys
told = os.dup(1)
os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
peak = lambda: os.write(told, open("/proc/self/status").read().partition("VmHWM:")[2].split()[0].encode())
atexit.register(peak)
from scraper.cli import main
main(sys.argv[1:])
"""


def measure(_articles: int) -> dict[str, float]:
    """Return seconds, CPU seconds and peak memory of each command."""
    size = million.Size()
    archive = million.archive(size)
    last = size.runs
    commands = {
        "diff_1m": ["diff", str(last - 1), str(last), "--json"],
        "diff_1m_default": ["diff", "--json"],
        "diff_1m_people": ["diff"],
        "diff_1m_days": ["diff", "2026-01-07", "2026-01-08", "--json"],
        "changes_1m": ["changes", "--after", str(_cursor(archive))],
        "changes_1m_nothing_new": ["changes", "--after", str(_cursor(archive, last))],
        "status_1m": ["status"],
        "runs_1m": ["runs"],
        "export_1m_since_run": ["export", "--since-run", str(last - 1)],
    }
    found: dict[str, float] = {"diff_1m_articles": size.articles, "diff_1m_changes": size.changes}
    for name, command in commands.items():
        found |= cost(name, [*command, "-a", str(archive)])
    return found


def cost(name: str, command: list[str], turns: int = 3) -> dict[str, float]:
    """Return what a command costs at its best, by names that begin so."""
    cores = sorted(os.sched_getaffinity(0))
    costs = [process.run([sys.executable, "-c", RUN, *command], cores) for _ in range(turns)]
    best = min(costs, key=lambda each: each.wall)
    memory = max(int(each.out) for each in costs) / 1000
    cpu = min(each.cpu for each in costs)
    return {f"{name}_seconds": round(best.wall, 3), f"{name}_cpu": round(cpu, 3), f"{name}_mb": round(memory)}


def _cursor(archive: Path, run: int | None = None) -> int:
    with million.Archive.open(archive) as opened:
        return opened.cursor(as_of=opened.compared()[0] if run is None else run)
