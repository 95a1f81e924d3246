"""What docs/export.md and docs/warc.md tell people to type works, in order, in the directory of a demo."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from storage.export import FORMATS

ROOT = Path(__file__).parents[1]
GUIDE = (ROOT / "docs" / "export.md").read_text("utf-8")
EVIDENCE = (ROOT / "docs" / "warc.md").read_text("utf-8")
BIN = Path(sys.executable).parent
ENVIRONMENT = os.environ | {"PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}", "PYTHONIOENCODING": "utf-8"}


def test_the_examples_of_the_guide_work_one_after_the_other(tmp_path: Path) -> None:
    run([BIN / "campusnews", "demo"], tmp_path)
    examples = re.findall(r"^```(sh|python)\n(.*?)^```$", GUIDE + EVIDENCE, re.DOTALL | re.MULTILINE)
    assert len(examples) > 10
    for language, text in examples:
        if language == "python":
            assert run([sys.executable, "-W", "error", "-c", text], tmp_path)
        for line in text.splitlines() if language == "sh" else ():
            _, *arguments = shlex.split(line, comments=True)
            run([BIN / "campusnews", *arguments], tmp_path)


def run(command: list[str | Path], place: Path) -> str:
    done = subprocess.run(command, cwd=place, env=ENVIRONMENT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, (command, done.stderr)
    return done.stdout


@pytest.mark.parametrize("form", FORMATS)
def test_the_guide_names_every_format(form: str) -> None:
    assert re.search(rf"^\|[^|]*`{form}`", GUIDE, re.MULTILINE)
