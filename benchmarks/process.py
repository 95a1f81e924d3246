"""What a command costs with all processes below it: wall time, CPU, the busiest process, peak memory."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

_TICK = 1 / os.sysconf("SC_CLK_TCK")
_LOOK_EVERY = 0.1  # seconds between two looks at the memory


@dataclass(frozen=True, slots=True)
class Cost:
    """Of a command and its descendants: seconds; `busiest` is the CPU of the process that took most.

    `memory` is the highest sum of PSS seen, in MB: pages that processes share count once. `others` is the CPU
    that everything else on the machine took meanwhile, but for the processes told to leave out.
    """

    wall: float
    cpu: float
    busiest: float
    memory: float
    others: float
    out: str


def run(command: Sequence[str], cores: Sequence[int], *, apart: Sequence[int] = ()) -> Cost:
    """Run the command on these cores; `apart` are processes that belong to it, such as its server."""
    seen: dict[int, float] = {}
    memory = 0.0
    ended = threading.Event()

    def look() -> None:
        nonlocal memory
        while not ended.wait(_LOOK_EVERY):
            tree = list(_tree(child.pid))
            memory = max(memory, sum(map(_pss, tree)))
            seen.update({pid: cpu for pid in tree if (cpu := _cpu(pid)) is not None})

    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    before = _busy() - _mine() - sum(_cpu(pid) or 0.0 for pid in apart)
    begun = time.perf_counter()
    child = subprocess.Popen(
        command, stdout=subprocess.PIPE, env=environment, preexec_fn=lambda: os.sched_setaffinity(0, cores)
    )
    looker = threading.Thread(target=look)
    looker.start()
    assert child.stdout is not None
    with child.stdout:
        out = child.stdout.read().decode()
    _, status, used = os.wait4(child.pid, 0)
    wall = time.perf_counter() - begun
    child.returncode = os.waitstatus_to_exitcode(status)
    ended.set()
    looker.join()
    if child.returncode:
        raise SystemExit(f"{' '.join(command)} ended with exit code {child.returncode}\n{out}")
    after = _busy() - _mine() - sum(_cpu(pid) or 0.0 for pid in apart)
    cpu = used.ru_utime + used.ru_stime
    others = max(0.0, after - before - cpu)
    return Cost(wall, cpu, min(cpu, max(seen.values(), default=cpu)), memory, others, out)


def children(pid: int) -> list[int]:
    """Return the process and all below it."""
    return list(_tree(pid))


def peak() -> float:
    """Return the most memory this process had resident, in MB; `getrusage` tells its parent's, if more."""
    [line] = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")]
    return int(line.split()[1]) / 1024


def _tree(pid: int) -> Iterator[int]:
    yield pid
    try:
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                yield from _tree(int(child))
    except OSError:
        return  # it has ended


def _pss(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def _cpu(pid: int) -> float | None:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return (int(fields[11]) + int(fields[12])) * _TICK


def _busy() -> float:
    """Return the CPU seconds all processes of the machine have taken."""
    user, nice, system = map(int, Path("/proc/stat").read_text().split(maxsplit=4)[1:4])
    return (user + nice + system) * _TICK


def _mine() -> float:
    used = os.times()
    return used.user + used.system
