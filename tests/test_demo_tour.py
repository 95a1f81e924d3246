"""The demo does what it says, in a directory it may use, and leaves something to go on with."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from scraper.config import load_config
from scraper.demo import tour
from scraper.errors import UsageError
from storage import Archive
from storage.verify import verify

pytestmark = pytest.mark.usefixtures("catalogue")


def shown(directory: Path) -> str:
    console = Console(file=io.StringIO(), width=100, highlight=False)
    tour.tour(directory, lambda what: console.print(what, soft_wrap=True))
    text = console.file.getvalue()  # type: ignore[attr-defined]
    assert isinstance(text, str)
    return text


@pytest.fixture
def free_ports(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tour, "PORTS", (0, 0, 0))  # tests run side by side


@pytest.mark.usefixtures("free_ports")
def test_the_demo_crawls_two_days_tells_what_changed_and_can_be_repeated(tmp_path: Path) -> None:
    text = shown(tmp_path / "demo")
    for word in ("Day one", "Day two", "new", "changed", "hidden", "missing", " 0 to beacons"):
        assert word in text
    config = load_config(tmp_path / "demo" / "config.yaml")
    assert list(verify(config.archive)) == []
    with Archive.open(config.archive) as archive:
        assert len(archive.runs()) == 2
        kinds = {change.kind for change in archive.changes()}
    assert {"new", "changed", "hidden", "missing"} <= kinds
    assert "Day one" in shown(tmp_path / "demo")
    with Archive.open(config.archive) as archive:
        assert len(archive.runs()) == 2


@pytest.mark.usefixtures("free_ports")
def test_the_demo_touches_no_directory_that_is_not_its_own(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match="name another --directory"):
        shown(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]
