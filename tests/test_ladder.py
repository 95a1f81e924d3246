"""The ladder of states over sequences of looks."""

from __future__ import annotations

import pytest

from storage.ladder import Look, step
from storage.records import State


def walk(looks: str) -> list[str]:
    """Return the states shown after each look, one look a run."""
    standing: State | None = None
    shown: list[str] = []
    for look in looks.split():
        standing, state = step(standing, look)  # type: ignore[arg-type]
        shown.append(state)
    return shown


@pytest.mark.parametrize(
    ("looks", "states"),
    [
        ("seen seen", "live live"),
        ("seen gone gone gone", "live missing withdrawn withdrawn"),
        ("seen gone seen seen", "live missing restored live"),
        ("seen gone gone seen seen", "live missing withdrawn restored live"),
        ("seen unlisted unlisted seen seen", "live hidden hidden restored live"),
        ("seen unlisted gone gone", "live hidden missing withdrawn"),
        ("seen gone unlisted", "live missing hidden"),
        ("seen gone gone unlisted seen", "live missing withdrawn hidden restored"),
        ("seen gone seen gone gone", "live missing restored missing withdrawn"),
        ("seen gone seen unlisted", "live missing restored hidden"),
    ],
)
def test_each_look_moves_the_state_by_one_step(looks: str, states: str) -> None:
    assert walk(looks) == states.split()


@pytest.mark.parametrize(
    ("looks", "states"),
    [
        ("seen error seen", "live error live"),
        ("seen blocked blocked seen", "live blocked blocked live"),
        ("seen gone error gone", "live missing error withdrawn"),
        ("seen gone error seen", "live missing error restored"),
        ("seen gone gone blocked seen", "live missing withdrawn blocked restored"),
        ("seen unlisted error unlisted", "live hidden error hidden"),
        ("seen error gone", "live error missing"),
    ],
)
def test_a_failed_look_is_shown_but_never_remembered(looks: str, states: str) -> None:
    assert walk(looks) == states.split()


@pytest.mark.parametrize("look", ["blocked", "error"])
@pytest.mark.parametrize("standing", ["live", "hidden", "missing", "withdrawn", "restored"])
def test_a_failed_look_leaves_every_standing(standing: State, look: Look) -> None:
    assert step(standing, look) == (standing, look)


def test_a_second_look_in_the_same_run_confirms_nothing() -> None:
    assert step("missing", "gone", later=False) == ("missing", "missing")
    assert step("restored", "seen", later=False) == ("restored", "restored")


def test_a_second_look_in_the_same_run_still_sees_what_is_new() -> None:
    assert step("live", "gone", later=False) == ("missing", "missing")
    assert step("missing", "seen", later=False) == ("restored", "restored")
