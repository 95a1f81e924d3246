"""docs/api.md: every example runs as it stands, and is typed; what it promises of reading holds."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

import storage
from storage import Archive, Choice
from storage.errors import ArchiveClosed, InvalidChoice

from .campus_days import Days, article

ROOT = Path(__file__).parents[1]
GUIDE = (ROOT / "docs" / "api.md").read_text("utf-8")
EXAMPLES = re.findall(r"^```python\n(.*?)^```$", GUIDE, re.DOTALL | re.MULTILINE)
NAMES = [re.findall(r"^## (.*)$", GUIDE[: GUIDE.index(example)], re.MULTILINE)[-1] for example in EXAMPLES]
ENVIRONMENT = os.environ | {"PYTHONIOENCODING": "utf-8"}


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("guide")
    code = "from scraper.cli import main; main(['demo'])"
    subprocess.run([sys.executable, "-c", code], cwd=place, env=ENVIRONMENT, capture_output=True, check=True)
    return place


@pytest.mark.parametrize("example", EXAMPLES, ids=NAMES)
def test_the_example_runs(
    example: str, demo: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    if "pyarrow" in example:
        pytest.importorskip("pyarrow", reason="the extra campusnews[parquet] is not installed")
    monkeypatch.chdir(demo)
    exec(compile(example, "docs/api.md", "exec"), {"__name__": "example"})
    assert capsys.readouterr().out or "assert" in example


@pytest.mark.skipif(find_spec("mypy") is None, reason="mypy is not installed")
def test_the_examples_are_typed(tmp_path: Path) -> None:
    for number, example in enumerate(EXAMPLES):
        (tmp_path / f"example{number}.py").write_text(example, "utf-8")
    command = [sys.executable, "-m", "mypy", "--strict", "--ignore-missing-imports", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_the_guide_names_everything_the_package_offers() -> None:
    assert storage.__all__ == sorted(storage.__all__)
    assert [
        name for name in storage.__all__ if f"`{name}`" not in GUIDE and f"`storage.{name}`" not in GUIDE
    ] == []
    assert {getattr(storage, name).__name__ for name in storage.__all__} == set(storage.__all__)


@pytest.fixture
def days(tmp_path: Path) -> Days:
    days = Days(tmp_path / "archive")
    days.run(*(article(number) for number in range(1, 4)))
    return days


def test_an_archive_says_what_it_is(days: Days) -> None:
    with days.open() as archive:
        assert repr(archive) == f"<Archive '{days.path}'>"
    assert repr(archive) == f"<Archive closed, '{days.path}'>"


def test_what_is_read_after_closing_is_refused_by_name(days: Days) -> None:
    def all_of(archive: Archive) -> list[Iterator[object]]:
        return [archive.articles(), archive.versions("a1"), archive.changes(), archive.events()]

    with days.open() as archive:
        begun, waiting = all_of(archive), all_of(archive)
        for iterator in begun:
            next(iterator)
    for iterator in (*begun, *waiting):
        with pytest.raises(ArchiveClosed, match="open it again"):
            next(iterator)
    with pytest.raises(ArchiveClosed):
        archive.runs()
    archive.close()


def test_two_readings_at_once_do_not_disturb_each_other(days: Days) -> None:
    with days.open() as archive:
        pairs = [(one.id, two.id) for one in archive.articles() for two in archive.articles()]
        assert pairs == [(f"a{one}", f"a{two}") for one in (1, 2, 3) for two in (1, 2, 3)]


@pytest.mark.parametrize(
    "wrong",
    [
        {"since": "yesterday"},
        {"until": "2026-13"},
        {"since": "2026-02-30"},
        {"since": 2026},
        {"since": ""},
        {"since": "2026-11-20", "until": "2026-11-01"},
        {"since": "2027", "until": "2026-11-01"},
    ],
)
def test_a_span_of_days_that_is_none_is_refused_when_it_is_given(days: Days, wrong: dict[str, str]) -> None:
    with days.open() as archive:
        with pytest.raises(InvalidChoice):
            archive.articles(**wrong)
    with pytest.raises(InvalidChoice) as refused:
        Choice(**wrong)
    assert isinstance(refused.value, ValueError)


@pytest.mark.parametrize(
    "span",
    [("2026", "2026"), ("2026-08", "2026-08-30"), ("2026-08-30", "2026-08"), (None, "2026-08-30T12:00")],
)
def test_a_span_may_be_as_coarse_as_one_likes(days: Days, span: tuple[str | None, str]) -> None:
    with days.open() as archive:
        assert len(list(archive.articles(since=span[0], until=span[1]))) == 3


WRITER = """
import sys
from tests.campus_days import Days, article
from pathlib import Path
days = Days(Path(sys.argv[1]))
print("ready", flush=True)
for turn in range(2, 6):
    sys.stdin.readline()
    days.run(*(article(number, body=f"Turn {turn}.") for number in range(1, 4)), article(10 + turn))
    print(turn, flush=True)
"""


def test_a_reader_sees_one_moment_while_another_process_writes(days: Days) -> None:
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, "-c", WRITER, str(days.path)], cwd=ROOT, **pipes) as writer:
        assert writer.stdin is not None
        assert writer.stdout is not None
        writer.stdout.readline()
        with days.open() as archive:
            begun = archive.articles()
            seen = [next(begun)]
            for turn in range(2, 6):
                writer.stdin.write("go\n")
                writer.stdin.flush()
                assert writer.stdout.readline() == f"{turn}\n"
                assert [each.body for each in archive.articles()] == [
                    f"Body of notice {n}." for n in (1, 2, 3)
                ]
                assert len(archive.runs()) == 1
            assert [each.id for each in (*seen, *begun)] == ["a1", "a2", "a3"]
            archive.refresh()
            assert [run.id for run in archive.runs()] == [1, 2, 3, 4, 5]
            assert len(list(archive.articles(text="turn 5"))) == 3
