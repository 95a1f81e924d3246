"""A YAML file -> plain values that remember the line each was written on. Reads that one file.

Built on the parser's events: PyYAML's composer recurses in C, where deep nesting ends the process, and
aliases are how a small file becomes a huge one. So no tag makes an object here and no alias is followed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from scraper.errors import ConfigError

Loc = tuple[int | str, ...]
Problem = tuple[Loc, str]

REFUSED = object()
"""Stands for a value that is already among the problems."""

_MOST_BYTES = 10_000_000
_DEEPEST = 8  # sites, a site, its rules, article, counters, one, its url: none lies deeper than seven
_LOADER: type[yaml.SafeLoader | yaml.CSafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_YAML_1_1 = yaml.resolver.Resolver()
_STR = "tag:yaml.org,2002:str"
# What reads the same to a person, YAML 1.1, YAML 1.2 and JSON. Everything else has to be quoted.
_SWITCHES = {"true": True, "True": True, "false": False, "False": False}
_SHAPES: dict[type[yaml.Event], str] = {
    yaml.SequenceStartEvent: "a list",
    yaml.MappingStartEvent: "a mapping",
}
_NOTHING = ("", "~", "null")
_WHOLE = re.compile(r"-?(?:0|[1-9][0-9]{0,15})")
_DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]{0,15})\.[0-9]{1,16}")


@dataclass(frozen=True, slots=True)
class Document:
    """One file: mappings as dicts, lists as tuples, and each value's first event by its path.

    A scalar that YAML 1.1 does not read as it looks (`no`, `010`, `1:30`, `2026-11-01`) stays an event, which
    no strict type accepts.
    """

    path: Path
    data: dict[str, object]
    events: dict[Loc, yaml.Event]
    problems: list[Problem]

    def known(self, loc: Loc) -> Loc:
        """Return the longest part of `loc` that is written in the file."""
        while loc not in self.events:
            loc = loc[:-1]
        return loc

    def shown(self, loc: Loc) -> str:
        """Return the value at `loc` as the person wrote it, short and safe to print."""
        return _shown(self.events[self.known(loc)])

    def report(self, problems: Iterable[Problem]) -> list[str]:
        """Return a line for each problem, in the order of the file: `config.yaml:12: sites.0.delay: …`."""
        placed = [(_line_of(self.events[self.known(loc)]), loc, text) for loc, text in problems]
        return [_line(self.path, *problem) for problem in sorted(placed, key=lambda problem: problem[0])]


def read_yaml(path: Path) -> Document:
    """Read one mapping from a UTF-8 file; raises `ConfigError` where the file is no such thing."""
    text = _text(path)
    walk = _Walk(iter(yaml.parse(text, Loader=_LOADER)))
    try:
        data = walk.document()
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise _refusal(path, line, f"YAML: {error.problem}{_since(error)}") from None
    if not isinstance(data, dict):
        start = walk.starts[()]
        advice = f"{_shown(start)} where settings should be: write `key: value` lines"
        raise _refusal(path, _line_of(start), advice)
    return Document(path, data, walk.starts, walk.problems)


def quoted(text: str) -> str:
    """Return `text` short and with control and direction characters escaped: it goes to a terminal."""
    return repr(text if len(text) <= 60 else text[:57] + "…")


@dataclass(slots=True)
class _Walk:
    """Makes values of the events of one document."""

    events: Iterator[yaml.Event]
    starts: dict[Loc, yaml.Event] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def document(self) -> object:
        """Return the value of the only document in the stream, None if there is none."""
        data: object = None
        self.starts[()] = next(self.events)
        for event in self.events:
            if isinstance(event, yaml.NodeEvent):
                if data is not None:
                    raise _syntax(event, "a second document: keep one, without `---` between")
                data = self.value(event, ())
        return data

    def value(self, event: yaml.Event, loc: Loc) -> object:
        """Return the value that starts with `event`, having taken its last event off the stream."""
        self.starts[loc] = event
        if len(loc) > _DEEPEST:
            raise _syntax(event, "nested deeper than any setting")
        value: object
        if isinstance(event, yaml.ScalarEvent):
            value = _scalar(event)
        elif isinstance(event, yaml.SequenceStartEvent):
            value = self.items(loc)
        elif isinstance(event, yaml.MappingStartEvent):
            value = self.pairs(loc)
        else:
            return self.refuse(loc, "aliases (*name) are not followed: write the value out")
        if event.tag not in (None, "!", _STR):
            return self.refuse(loc, f"tag {quoted(event.tag)} is not read: write the plain value")
        return value

    def items(self, loc: Loc) -> tuple[object, ...]:
        """Return the list whose start was taken."""
        values: list[object] = []
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            values.append(self.value(event, (*loc, len(values))))
        return tuple(values)

    def pairs(self, loc: Loc) -> dict[str, object]:
        """Return the mapping whose start was taken; of a key written twice the later value stays."""
        values: dict[str, object] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                raise _syntax(event, "a key must be a word")
            key = (*loc, event.value)
            if event.value in values:
                self.problems.append(
                    (key, f"written twice, first on line {_line_of(self.starts[key])}: keep one")
                )
            values[event.value] = self.value(next(self.events), key)
        return values

    def refuse(self, loc: Loc, message: str) -> object:
        """Note a problem and return what stands for the value."""
        self.problems.append((loc, message))
        return REFUSED


def _scalar(event: yaml.ScalarEvent) -> object:
    text: str = event.value
    if not event.implicit[0]:  # quoted, a block, or tagged as text
        return text
    if text in _SWITCHES:
        return _SWITCHES[text]
    if text in _NOTHING:
        return None
    if _WHOLE.fullmatch(text):
        return int(text)
    if _DECIMAL.fullmatch(text):
        return float(text)
    tag = _YAML_1_1.resolve(yaml.ScalarNode, text, (True, False))  # type: ignore[no-untyped-call]
    return text if tag == _STR else event


def _shown(event: yaml.Event) -> str:
    if isinstance(event, yaml.ScalarEvent):
        text = quoted(event.value)
        return (text if isinstance(_scalar(event), str) else text[1:-1]) or "nothing"
    return _SHAPES.get(type(event), "an empty file")


def _line_of(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1


def _text(path: Path) -> str:
    data = _bytes(path)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        byte = f"0x{data[error.start]:02x}"
        raise _refusal(path, line, f"not UTF-8 (byte {byte}): save the file as UTF-8") from None
    if control := yaml.reader.Reader.NON_PRINTABLE.search(text):
        line = text.count("\n", 0, control.start()) + 1
        raise _refusal(path, line, f"control character {control.group()!r}: remove it")
    return text


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise _refusal(path, 0, f"cannot be read: {error.strerror}") from None
    if len(data) > _MOST_BYTES:
        raise _refusal(path, 0, f"larger than {_MOST_BYTES:,} bytes: split it into several files")
    return data


def _since(error: yaml.MarkedYAMLError) -> str:
    if error.context is None or error.context_mark is None:
        return ""
    return f" {error.context} from line {error.context_mark.line + 1}"


def _syntax(event: yaml.Event, problem: str) -> yaml.MarkedYAMLError:
    return yaml.MarkedYAMLError(problem=problem, problem_mark=event.start_mark)  # type: ignore[arg-type]


def _refusal(path: Path, line: int, message: str) -> ConfigError:
    return ConfigError([_line(path, line, (), message)])


def _line(path: Path, line: int, loc: Loc, message: str) -> str:
    """Return a problem in the form editors and people jump to; line 0 is the whole file."""
    keys = ".".join(quoted(str(key))[1:-1] for key in loc)
    where = [f"{path}:{line}" if line else str(path), keys, message]
    return ": ".join(filter(None, where))
