"""What a long run asks of the system: as many open files as a thousand hosts need."""

from __future__ import annotations

import subprocess
import sys

import pytest

_ASKS = """
import resource
from scraper.thrift import settle
_, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (100, hard))
settle()
print(resource.getrlimit(resource.RLIMIT_NOFILE)[0], hard)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limit")
def test_a_process_that_may_have_few_files_asks_for_more_and_never_for_all_there_are() -> None:
    told = subprocess.run([sys.executable, "-c", _ASKS], capture_output=True, text=True, check=True).stdout
    soft, hard = map(int, told.split())
    assert soft == (min(hard, 10_000) if hard > 0 else 10_000)  # -1 is no limit
