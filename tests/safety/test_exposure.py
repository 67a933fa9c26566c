"""Doses that a former run has counted."""

from datetime import timedelta

import pytest

from custom_components.zhian.safety.carbon_monoxide import Dose, begin
from custom_components.zhian.safety.decide import decide
from custom_components.zhian.safety.exposure import (
    FORGOTTEN_AFTER,
    doses_now,
    with_former_doses,
)
from custom_components.zhian.safety.household import Detector, Household
from custom_components.zhian.safety.signals import Reading, Started
from custom_components.zhian.safety.state import State
from custom_components.zhian.safety.vocabulary import Hazard, Level, Standard

from .homes import NOON as AT

HALL = Detector("hall", Hazard.CARBON_MONOXIDE, "hall")
KITCHEN = Detector("kitchen", Hazard.GAS, "kitchen")
HOME = Household("home", {HALL.id: HALL, KITCHEN.id: KITCHEN}, {})


def dose(minutes: float, *, ago: timedelta = timedelta(minutes=2)) -> Dose:
    """Return a dose of so many minutes at 60 ppm."""
    passed = timedelta(minutes=minutes)
    return Dose(AT - ago, None, (passed, passed, timedelta(), timedelta()), 3.0)


def after(former: dict[str, Dose], *readings: Reading) -> State:
    """Return the state after a start with former doses."""
    state = with_former_doses(State(HOME), former, AT)
    for signal in (Started(AT), *readings):
        state, _ = decide(state, signal)
    return state


def bad_air(at: timedelta) -> Reading:
    """Return a reading of 60 ppm."""
    return Reading(HALL.id, Level.NORMAL, AT + at, 60.0)


def test_counters_go_on_where_they_were() -> None:
    """59 minutes before, one after: that is the hour of the gate at 50 ppm."""
    begun = bad_air(timedelta())
    early = after({HALL.id: dose(59)}, begun, bad_air(timedelta(seconds=50)))
    assert early.open_incident(Hazard.CARBON_MONOXIDE) is None
    full = after({HALL.id: dose(59)}, begun, bad_air(timedelta(seconds=60)))
    assert full.open_incident(Hazard.CARBON_MONOXIDE) is not None


def test_nobody_knows_the_air_of_the_time_between() -> None:
    """It counts for nothing, neither way."""
    ago = timedelta(hours=3)
    state = after({HALL.id: dose(30, ago=ago)}, bad_air(timedelta()))
    assert state.doses[HALL.id].exposed[1] == timedelta(minutes=30)


def test_a_dose_of_a_clock_that_was_set_back_counts_from_now() -> None:
    """Otherwise the counter would stand still until the clock has caught up."""
    former = {HALL.id: dose(30, ago=-timedelta(hours=5))}
    state = after(former, bad_air(timedelta()), bad_air(timedelta(minutes=1)))
    assert state.doses[HALL.id].exposed[1] == timedelta(minutes=31)


@pytest.mark.parametrize(
    "former",
    [
        {HALL.id: dose(59, ago=FORGOTTEN_AFTER + timedelta(seconds=1))},
        {KITCHEN.id: dose(59)},
        {"gone": dose(59)},
        {HALL.id: begin(Standard.UL_2034, AT)},
    ],
    ids=["of yesterday", "not monoxide", "removed", "another standard"],
)
def test_a_dose_that_says_nothing_any_more_is_dropped(former: dict[str, Dose]) -> None:
    """Of yesterday, of another detector, by other gates."""
    assert with_former_doses(State(HOME), former, AT) == State(HOME)


def test_only_what_matters_is_worth_keeping() -> None:
    """Clean air is no dose; bad air is, up to this moment."""
    clean = after({}, Reading(HALL.id, Level.NORMAL, AT, 2.0))
    assert doses_now(clean, AT + timedelta(hours=1)) == {}
    bad = after({}, bad_air(timedelta()))
    kept = doses_now(bad, AT + timedelta(minutes=5))
    assert kept[HALL.id].exposed[1] == timedelta(minutes=5)
    assert kept[HALL.id].at == AT + timedelta(minutes=5)
