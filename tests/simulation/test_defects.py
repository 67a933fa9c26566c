"""Each invariant is seen to catch a kernel with a small defect."""

from collections import Counter
from datetime import timedelta

import pytest

from custom_components.zhian.safety import state as state_module

from . import (
    defects_of_alarms,
    defects_of_exceptions,
    defects_of_moving,
    defects_of_people,
    defects_of_records,
    defects_of_wishes,
)
from .defect import Defect
from .replaying import History, is_shortest, replay, shrink
from .run import live

HOMES = 400
SEED = 7_000_000_000

DEFECTS = (
    *defects_of_alarms.DEFECTS,
    *defects_of_moving.DEFECTS,
    *defects_of_records.DEFECTS,
    *defects_of_people.DEFECTS,
    *defects_of_exceptions.DEFECTS,
    *defects_of_wishes.DEFECTS,
)


def _first_violation(home: int = 0) -> tuple[str, History] | None:
    for seed in range(SEED + home, SEED + home + HOMES):
        broken = live(seed)[2]
        if broken is not None:
            return broken.invariant, broken.history
    return None


@pytest.mark.simulation
@pytest.mark.parametrize("defect", DEFECTS, ids=str)
def test_defect_is_caught_by_its_invariant(
    defect: Defect, monkeypatch: pytest.MonkeyPatch
) -> None:
    defect.breaks(monkeypatch)
    found = _first_violation(defect.home)
    assert found is not None, f"nobody noticed in {HOMES} homes"
    invariant, history = found
    assert invariant in defect.caught_by
    violation = replay(history)
    assert violation is not None
    assert violation.invariant == invariant, "a history breaks the same again"


def test_every_invariant_catches_at_least_two_defects() -> None:
    caught = Counter(defect.caught_by[0] for defect in DEFECTS)
    assert {invariant for invariant, count in caught.items() if count >= 2} == {
        f"I{n}" for n in range(18)
    }


@pytest.mark.simulation
def test_history_is_shrunk_to_what_matters(monkeypatch: pytest.MonkeyPatch) -> None:
    defects_of_moving._opens_when_clear(monkeypatch)
    found = _first_violation()
    assert found is not None
    invariant, history = found
    short = shrink(history, invariant)
    assert len(short.events) < len(history.events)
    assert len(short.events) <= 4
    assert is_shortest(short, invariant)
    assert len(short.household.detectors) == 1, "what plays no part is left out"
    assert len(short.household.actuators) == 1
    assert short.household.ladder.contacts == ()
    violation = replay(short)
    assert violation is not None
    assert violation.invariant == "I1"


def test_sound_kernel_breaks_nothing_in_the_same_homes() -> None:
    assert timedelta(seconds=60) == state_module.WARM_UP
    for seed in range(SEED, SEED + 20):
        assert live(seed)[2] is None
