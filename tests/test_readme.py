"""What the README tells people to type works, in its order."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from scraper.demo.campus import Campus

README = (Path(__file__).parents[1] / "README.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)


@pytest.fixture(scope="module")
def campus_kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory in which the demo was run."""
    place = tmp_path_factory.mktemp("readme")
    assert run("campusnews demo", place).returncode == 0
    return place


@pytest.fixture(scope="module")
def served() -> Iterator[str]:
    """What `campusnews demo --serve` opens, at a free port: the address of its first site."""
    with Campus() as campus:
        yield campus.sites["szqu"]


def run(command: str, place: Path) -> subprocess.CompletedProcess[str]:
    name, *arguments = shlex.split(command, comments=True)
    program = Path(sys.executable).with_name(name)
    environment = os.environ | {"PYTHONIOENCODING": "utf-8"}
    return subprocess.run(
        [program, *arguments], cwd=place, env=environment, capture_output=True, text=True, check=False
    )


def commands() -> list[str]:
    return [line for block in blocks("sh") for line in block.splitlines() if line.startswith("campusnews ")]


@pytest.mark.parametrize("command", commands())
def test_a_command_of_the_readme_works(command: str, campus_kept: Path, served: str) -> None:
    done = run(command.replace("http://127.0.0.1:8701", served), campus_kept)
    promised = 1 if "exit code 1" in command else 0
    assert (done.returncode, done.stderr if done.returncode != promised else "") == (promised, "")
    assert done.stdout or done.stderr


@pytest.mark.parametrize("example", blocks("python"))
def test_a_python_example_of_the_readme_works(example: str, campus_kept: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", example], cwd=campus_kept, capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    assert "2023-09-23" in done.stdout


def test_the_readme_names_every_command_and_no_other() -> None:
    from scraper.cli import main

    told = set(re.findall(r"campusnews (\w+)", README)) | {"demo"}
    assert told >= set(main.commands)
    assert told - set(main.commands) == set()


def test_the_first_screen_names_the_two_commands() -> None:
    assert {"make demo", "make test"} <= set(re.findall(r"make \w+", "\n".join(README.splitlines()[:25])))
