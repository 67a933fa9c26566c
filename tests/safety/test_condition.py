"""What each lack costs, and when a life ends."""

from datetime import date, timedelta

import pytest

from custom_components.zhian.safety.condition import (
    ACTUATOR_COST,
    DETECTOR_COST,
    Condition,
    end_of_life,
    examine,
    score,
)
from custom_components.zhian.safety.vocabulary import Lack, Level

from .homes import Home, gas, valve

TODAY = date(2026, 11, 22)
NEW = Condition(ends_on=date(2031, 1, 1))


def home(*levels: Level) -> Home:
    """Return a home with a valve and detectors at these levels."""
    found = Home(*(gas(f"g{n}") for n in range(len(levels))), valve())
    for n, level in enumerate(levels):
        found.reads(f"g{n}", level)
    return found


def lacks(under_test: Home, **conditions: Condition) -> list[tuple[str, Lack]]:
    new = dict.fromkeys([*under_test.state.household.detectors, "valve"], NEW)
    found = examine(under_test.state, new | conditions, TODAY)
    return [(finding.subject, finding.lack) for finding in found]


def points(under_test: Home, **conditions: Condition) -> int | None:
    new = dict.fromkeys([*under_test.state.household.detectors, "valve"], NEW)
    return score(under_test.state, examine(under_test.state, new | conditions, TODAY))


def test_a_home_in_order_has_all_points() -> None:
    assert lacks(home(Level.NORMAL)) == []
    assert points(home(Level.NORMAL)) == 100


@pytest.mark.parametrize(
    ("level", "lack"),
    [
        (Level.LOST, Lack.LOST),
        (Level.FAULT, Lack.FAULT),
        (Level.WARMING_UP, Lack.WARMING_UP),
    ],
)
def test_a_detector_that_protects_nobody_costs_its_whole_share(
    level: Level, lack: Lack
) -> None:
    assert lacks(home(Level.NORMAL, level)) == [("g1", lack)]
    assert points(home(Level.NORMAL, level)) == 50
    assert points(home(level, level)) == 0


def test_a_detector_never_heard_is_lost() -> None:
    assert lacks(Home(gas()), gas=NEW) == [("gas", Lack.LOST)]


@pytest.mark.parametrize(
    ("condition", "lack", "left"),
    [
        (Condition(is_tampered=True, ends_on=NEW.ends_on), Lack.TAMPERED, 75),
        (Condition(dead_members=("x",), ends_on=NEW.ends_on), Lack.MEMBER_LOST, 75),
        (Condition(is_battery_low=True, ends_on=NEW.ends_on), Lack.BATTERY_LOW, 90),
        (Condition(ends_on=TODAY + timedelta(days=60)), Lack.LIFE_ENDING, 95),
        (Condition(ends_on=TODAY), Lack.LIFE_OVER, 50),
        (Condition(), Lack.NO_INSTALL_DATE, 100),
    ],
)
def test_each_lack_of_a_detector_has_its_price(
    condition: Condition, lack: Lack, left: int
) -> None:
    under_test = home(Level.NORMAL, Level.NORMAL)
    assert lacks(under_test, g0=condition) == [("g0", lack)]
    assert points(under_test, g0=condition) == left


@pytest.mark.parametrize(
    ("condition", "lack", "left"),
    [
        (Condition(is_unreachable=True, ends_on=NEW.ends_on), Lack.UNREACHABLE, 80),
        (
            Condition(has_failed_exercise=True, ends_on=NEW.ends_on),
            Lack.EXERCISE_FAILED,
            80,
        ),
        (Condition(ends_on=TODAY), Lack.LIFE_OVER, 80),
        (Condition(is_battery_low=True, ends_on=NEW.ends_on), Lack.BATTERY_LOW, 95),
    ],
)
def test_each_lack_of_an_actuator_has_its_price(
    condition: Condition, lack: Lack, left: int
) -> None:
    assert lacks(home(Level.NORMAL), valve=condition) == [("valve", lack)]
    assert points(home(Level.NORMAL), valve=condition) == left


def test_only_the_worst_lack_of_a_part_counts() -> None:
    worn = Condition(is_tampered=True, is_battery_low=True, ends_on=TODAY)
    assert points(home(Level.LOST, Level.NORMAL), g0=worn) == 50


def test_the_warning_comes_sixty_days_before_the_end() -> None:
    ends = Condition(ends_on=TODAY + timedelta(days=61))
    assert lacks(home(Level.NORMAL), g0=ends) == []


def test_what_does_not_wear_out_needs_no_date() -> None:
    assert lacks(home(Level.NORMAL), g0=Condition(has_life=False)) == []


def test_a_home_without_detectors_has_no_score() -> None:
    assert points(Home(valve())) is None


def test_no_score_is_below_zero() -> None:
    broken = Condition(is_unreachable=True)
    assert points(home(Level.LOST), valve=broken) == 0


def test_a_leap_day_ends_on_the_day_before() -> None:
    assert end_of_life(date(2024, 2, 29), 5) == date(2029, 2, 28)
    assert end_of_life(date(2024, 2, 29), 4) == date(2028, 2, 29)


def test_every_lack_has_a_price() -> None:
    assert {*DETECTOR_COST, *ACTUATOR_COST} == set(Lack)
