"""What an archive says of a case, held against what was done: tallies by kind and severity. Pure."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from changing.case import Case
from changing.peers import PEERS
from changing.work import Made
from storage.records import Article, Change, FieldChange, Segment

_TOKEN = re.compile(r"[\u3400-\u9fff]|[^\W_\u3400-\u9fff]+")


@dataclass(slots=True)
class Tally:
    """What was wanted, found and found wrongly."""

    wanted: int = 0
    found: int = 0
    false: int = 0

    @property
    def precision(self) -> float:
        """The share of what was told that is so."""
        return self.found / (self.found + self.false) if self.found + self.false else 1.0

    @property
    def recall(self) -> float:
        """The share of what is so that was told."""
        return self.found / self.wanted if self.wanted else 1.0


@dataclass(slots=True)
class Score:
    """The figures of one run of the benchmark."""

    all: Tally = field(default_factory=Tally)
    kinds: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    severities: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    noise: dict[str, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0]))
    peers: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    misses: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)


def judge(case: Case, change: Change | None, article: Article | None, score: Score) -> None:
    """Count what the archive says of a case; `article` is null where one of its pages could not be read."""
    told = {each.field: each for each in change.fields} if change else {}
    if case.is_noise:
        counts = score.noise[case.kind]
        counts[0] += 1
        counts[1] += bool(told) or article is None
        if article is None:
            score.misses.append(f"{case.kind} {case.base.name}: no article is read")
        elif told:
            score.misses.append(f"{case.kind} {case.base.name}: {_told(told.values())}")
        return
    wrong = list[str]()
    for name, severity in case.made.fields.items():
        fault = _fault(name, severity, told.get(name), change, case)
        tallies = (score.all, score.kinds[case.kind], score.severities[severity.replace("?", "any")])
        for tally in tallies:
            tally.wanted += 1
            tally.found += fault is None
            tally.false += fault is not None and name in told
        wrong += [fault] if fault else []
    for name in told.keys() - case.made.fields.keys():
        for tally in (score.all, score.kinds[case.kind], score.severities[told[name].severity]):
            tally.false += 1
        wrong.append(f"false {name}")
    if case.made.section is not None:
        score.kinds[case.kind].wanted += 1
        section = article and article.section
        score.kinds[case.kind].found += section == case.made.section
        if section != case.made.section:
            wrong.append(f"section is {section}")
    if wrong:
        score.misses.append(f"{case.kind} {case.base.name}: {'; '.join(wrong)} | {_told(told.values())}")


def _fault(
    name: str, severity: str, told: FieldChange | None, change: Change | None, case: Case
) -> str | None:
    """Return what is wrong with what was told of a field, None where nothing is."""
    if told is None or change is None:
        return f"{name} not told"
    if severity not in ("?", told.severity):
        return f"{name} is {told.severity}, not {severity}"
    if name == "release_time" and change.release_time_moved_back != case.made.moved_back:
        return "moved back is told wrongly"
    if name in ("title", "body") and not _marks(told.segments, case.made):
        return f"{name}: other words are marked"
    return None


def _marks(segments: Iterable[Segment], done: Made) -> bool:
    """Tell whether the words only one side has are marked, and little else is."""
    said: dict[str, str] = defaultdict(str)
    for part in segments:
        said[part.op] += part.text + " "
    old, new = Counter(_TOKEN.findall(done.gone)), Counter(_TOKEN.findall(done.came))
    gone, came = Counter(_TOKEN.findall(said["deleted"])), Counter(_TOKEN.findall(said["inserted"]))
    if (old - new) - gone or (new - old) - came:
        return False
    moved = said["moved_from"] + said["moved_to"] + said["deleted"] + said["inserted"]
    if done.moved and "".join(done.moved.split()) not in "".join(moved.split()):
        return False
    much = gone.total() + came.total()
    return not (done.gone or done.came) or much <= 2 * ((old - new) + (new - old)).total() + 8


def _told(told: Iterable[FieldChange]) -> str:
    return (
        ", ".join(
            f"{each.field} {each.severity} {str(each.before)[:60]!r} -> {str(each.after)[:60]!r}"
            for each in told
        )
        or "nothing"
    )


def ask_peers(case: Case, score: Score) -> None:
    """Count for each peer whether it sees a difference."""
    for name, read in PEERS.items():
        try:
            moved = read(case.base.body, case.base.url) != read(case.made.page, case.base.url)
        except Exception as error:  # noqa: BLE001  # a rival's crash is its answer
            score.peers[name][type(error).__name__] += 1
            continue
        score.peers[name]["noise" if case.is_noise else "edits"] += 1
        score.peers[name]["false" if case.is_noise else "seen"] += moved
