"""Pages per second of a whole crawl beside Scrapy doing less, over one generated campus, in turns.

    python benchmarks/crawl.py [--hosts N] [--articles N] [--rounds N] [--json]

campusnews does its whole job by its own command: fetch, discover, extract, WARC, catalogue, fsync. The spider
(`spider.py`) fetches the same pages, takes fields by CSS and writes JSON lines. Delays are zero for both.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import campus
import process
import server

_QUIET = 0.05  # of the machine's CPU: with less than this taken by others, wall time says what a crawl takes
_CLI = "from scraper.cli import main; main()"


@dataclass(frozen=True, slots=True)
class Run:
    """One contestant's one crawl."""

    cost: process.Cost
    pages: int

    def rate(self, basis: str, cores: int) -> float:
        """Return pages per second: by the clock, or as many as the CPU time allows on so many cores.

        By CPU time the work is done when the cores have done all of it and the busiest process its own.
        """
        took = self.cost.wall if basis == "wall" else max(self.cost.cpu / cores, self.cost.busiest)
        return self.pages / took


def ours(place: Path, facts: dict[str, Any], processes: int, cores: list[int]) -> Run:
    """Crawl into an empty archive by the command of the package."""
    config = place / "config.yaml"
    config.write_text(_config(place / "archive", facts, processes), "utf-8")
    command = [sys.executable, "-c", _CLI, "crawl", "--config", str(config), "--json"]
    cost = process.run(command, cores, apart=facts["server"])
    counts = json.loads(cost.out)["run"]["counts"]
    _expect(counts["articles"], facts["articles"], "campusnews")
    return Run(cost, counts["requests"] - len(facts["hosts"]))


def scrapy(place: Path, facts: dict[str, Any], cores: list[int]) -> Run:
    """Crawl into JSON lines by the spider."""
    told = place / "hosts.json"
    told.write_text(json.dumps(facts["hosts"]), "utf-8")
    command = [
        sys.executable,
        str(Path(__file__).with_name("spider.py")),
        str(told),
        str(place / "out.jsonl"),
    ]
    cost = process.run(command, cores, apart=facts["server"])
    counts = json.loads(cost.out)
    _expect(counts["item_scraped_count"], facts["articles"], "the spider")
    return Run(cost, counts["response_received_count"] - len(facts["hosts"]))


def _expect(got: int, wanted: int, who: str) -> None:
    if got != wanted:
        raise SystemExit(f"{who} took {got} articles of {wanted}: no comparison")


def _config(archive: Path, facts: dict[str, Any], processes: int) -> str:
    """Return a config.yaml with a site for every host."""
    common = {"timezone": "Asia/Shanghai", "allow_private": True, "delay": 0, "ports": [facts["port"]]}
    sites = [{"name": host["name"], "seeds": host["seeds"]} | common for host in facts["hosts"]]
    whole: dict[str, Any] = {"archive": str(archive), "sites": sites}
    return json.dumps(whole | ({"processes": processes} if processes > 1 else {}))  # JSON is YAML


def measure(hosts: int, articles: int, rounds: int, contestants: list[str]) -> dict[str, list[Run]]:
    """Serve the campus and let the contestants take turns, each round in another order."""
    cores = sorted(os.sched_getaffinity(0))
    with tempfile.TemporaryDirectory() as folder:
        root, port = Path(folder), server.free_port()
        made = campus.hosts(hosts)
        for host in made:
            campus.write(root, host, articles)
        told = [asdict(host) | {"name": host.name, "seeds": host.seeds(port)} for host in made]
        facts = {"hosts": told, "port": port, "articles": hosts * articles * len(campus.SECTIONS)}
        with server.serving(root, told, port) as running:
            facts["server"] = process.children(running.pid)
            for pid in facts["server"]:
                os.sched_setaffinity(pid, cores[-1:])
            crawls: dict[str, Callable[[Path], Run]] = {
                "scrapy": partial(scrapy, facts=facts, cores=cores[:1]),
                "one": partial(ours, facts=facts, processes=1, cores=cores[:1]),
                "two": partial(ours, facts=facts, processes=2, cores=cores[:2]),
            }
            runs: dict[str, list[Run]] = {name: [] for name in contestants}
            for at in range(rounds):
                for name in contestants[at % len(contestants) :] + contestants[: at % len(contestants)]:
                    if name == "two":  # both cores do both
                        _pin(facts["server"], cores[:2])
                    with tempfile.TemporaryDirectory(dir=root) as place:
                        runs[name].append(crawls[name](Path(place)))
                    _pin(facts["server"], cores[-1:])
    return runs


def _pin(processes: list[int], cores: list[int]) -> None:
    for pid in processes:
        os.sched_setaffinity(pid, cores)


def figures(runs: dict[str, list[Run]], basis: str) -> dict[str, dict[str, float]]:
    """Return the median of each contestant's runs, and both bases beside each other."""
    cores = {"two": 2}
    return {
        name: {
            "pages": each[0].pages,
            "pages_per_second": statistics.median(run.rate(basis, cores.get(name, 1)) for run in each),
            "by_wall": statistics.median(run.rate("wall", 1) for run in each),
            "by_cpu": statistics.median(run.rate("cpu", cores.get(name, 1)) for run in each),
            "cpu_ms_per_page": statistics.median(1000 * run.cost.cpu / run.pages for run in each),
            "memory_mb": statistics.median(run.cost.memory for run in each),
        }
        for name, each in runs.items()
    }


def others_took(runs: dict[str, list[Run]]) -> float:
    """Return the share of the machine that went to others while the contestants ran."""
    costs = [run.cost for each in runs.values() for run in each]
    return sum(cost.others for cost in costs) / sum(cost.wall for cost in costs) / (os.cpu_count() or 1)


def ratios(found: dict[str, dict[str, float]]) -> dict[str, float]:
    """Return what the goals are stated in; those of contestants that did not run are left out."""
    pairs = {
        "one_core_vs_scrapy": ("one", "pages_per_second"),
        "two_cores_vs_scrapy": ("two", "pages_per_second"),
        "memory_vs_scrapy": ("one", "memory_mb"),
        "memory_of_two_processes_vs_scrapy": ("two", "memory_mb"),
    }
    return {
        name: round(found[who][what] / found["scrapy"][what], 3)
        for name, (who, what) in pairs.items()
        if who in found and "scrapy" in found
    }


def main() -> None:
    """Print a table, and with --json one object at the end."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--hosts", type=int, default=16)
    parser.add_argument("--articles", type=int, default=100, help="for each of the three lists of a host")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", help="contestants, comma between: scrapy, one, two")
    parser.add_argument("--basis", choices=("auto", "wall", "cpu"), default="auto")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    contestants = arguments.only.split(",") if arguments.only else ["scrapy", "one", "two"]
    if "scrapy" in contestants and find_spec("scrapy") is None:
        raise SystemExit('Scrapy is not installed: pip install -e ".[benchmark]", or --only one,two')
    if "two" in contestants and len(os.sched_getaffinity(0)) < 2:
        contestants.remove("two")
    runs = measure(arguments.hosts, arguments.articles, arguments.rounds, contestants)
    share = others_took(runs)
    basis = ("wall" if share < _QUIET else "cpu") if arguments.basis == "auto" else arguments.basis
    found = figures(runs, basis)
    served = server.nginx() or "our own server"
    print(f"served by {served}; others took {share:.0%} of the machine: basis {basis}")
    for name, values in found.items():
        print(f"{name:<8}" + "  ".join(f"{key} {value:.1f}" for key, value in values.items()))
    if arguments.json:
        rounded = {
            name: {key: round(value, 2) for key, value in each.items()} for name, each in found.items()
        }
        told = {
            "basis": basis,
            "others_took": round(share, 3),
            "server": "nginx" if server.nginx() else "own",
        }
        print(json.dumps(ratios(found) | told | rounded))
    else:
        print("\n".join(f"{name:<36}{value:>8.2f}" for name, value in ratios(found).items()))


if __name__ == "__main__":
    main()
