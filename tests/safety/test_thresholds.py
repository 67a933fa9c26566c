"""From a number to a level."""

import math

from hypothesis import given, strategies as st
import pytest

from custom_components.zhian.safety.thresholds import (
    HIGHEST_ALARM,
    LEL_VOLUME_PERCENT,
    LOWEST_ALARM,
    Thresholds,
    ppm_to_lel,
)
from custom_components.zhian.safety.vocabulary import Gas, Level

LIMITS = Thresholds()


@pytest.mark.parametrize(
    ("value", "before", "level"),
    [
        (4.99, Level.NORMAL, Level.NORMAL),
        (5.0, Level.NORMAL, Level.PRE_ALARM),
        (9.99, Level.NORMAL, Level.PRE_ALARM),
        (10.0, Level.NORMAL, Level.ALARM),
        (8.0, Level.ALARM, Level.ALARM),
        (7.99, Level.ALARM, Level.PRE_ALARM),
        (3.0, Level.ALARM, Level.PRE_ALARM),
        (2.99, Level.ALARM, Level.NORMAL),
        (3.0, Level.PRE_ALARM, Level.PRE_ALARM),
        (2.99, Level.PRE_ALARM, Level.NORMAL),
        (8.0, Level.PRE_ALARM, Level.PRE_ALARM),
        (9.0, Level.LOST, Level.PRE_ALARM),
        (math.inf, Level.NORMAL, Level.ALARM),
        (math.nan, Level.NORMAL, Level.FAULT),
        (math.nan, Level.ALARM, Level.FAULT),
        (-math.inf, Level.NORMAL, Level.FAULT),
    ],
)
def test_level_follows_the_limits_with_hysteresis(
    value: float, before: Level, level: Level
) -> None:
    assert LIMITS.level(value, before) is level


def test_defaults_lie_inside_the_standard() -> None:
    assert LOWEST_ALARM < LIMITS.pre_alarm < LIMITS.alarm <= HIGHEST_ALARM


@given(st.floats(min_value=10.0), st.sampled_from(Level))
def test_alarm_value_is_an_alarm_whatever_was_before(
    value: float, before: Level
) -> None:
    assert LIMITS.level(value, before) is Level.ALARM


@pytest.mark.parametrize(
    ("gas", "ppm"),
    [
        (Gas.NATURAL_GAS, 4400),
        (Gas.PROPANE, 1700),
        (Gas.BUTANE, 1400),
        (Gas.HYDROGEN, 4000),
    ],
)
def test_ppm_of_a_chosen_gas_is_percent_of_its_limit(gas: Gas, ppm: float) -> None:
    assert ppm_to_lel(ppm, LEL_VOLUME_PERCENT[gas]) == pytest.approx(10.0)


def test_town_gas_has_no_limit_of_its_own() -> None:
    assert Gas.TOWN_GAS not in LEL_VOLUME_PERCENT
