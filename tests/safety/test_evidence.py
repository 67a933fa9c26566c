"""The gas itself says whether the right valve is closed."""

import pytest

from custom_components.zhian.safety.entries import Evidence
from custom_components.zhian.safety.vocabulary import Level, Message, Position

from .homes import Home, gas, valve

OPEN, CLOSED = Position.OPEN, Position.CLOSED


def shut(value: float | None = 20.0, *more: object) -> Home:
    """Return a home whose valve has closed at a level of gas."""
    home = Home(gas(), valve(), *more)  # type: ignore[arg-type]
    home.alarm(value=value)
    home.later(2).says("valve", CLOSED)
    return home


def evidence(home: Home) -> list[bool]:
    return [entry.falls for entry in home.journal if isinstance(entry, Evidence)]


def test_gas_that_goes_on_to_rise_is_told_and_reported() -> None:
    home = shut()
    home.later(61).reads("gas", Level.ALARM, 24.0)
    assert evidence(home) == [False]
    assert home.tells == [Message.STILL_RISING]
    assert home.reports == [home.incident.id]
    assert home.incident.gas_falls is False
    home.later(10).reads("gas", Level.ALARM, 30.0)
    assert home.told(Message.STILL_RISING) == 1, "once is enough"


def test_gas_that_falls_is_kept_as_evidence() -> None:
    home = shut()
    home.later(61).reads("gas", Level.ALARM, 16.0)
    assert evidence(home) == [True]
    assert home.tells == []
    assert home.incident.gas_falls is True


@pytest.mark.parametrize("value", [16.1, 20.0, 23.9])
def test_gas_that_wavers_says_nothing(value: float) -> None:
    home = shut()
    home.later(61).reads("gas", Level.ALARM, value)
    assert evidence(home) == []


def test_what_was_left_in_the_pipe_says_nothing() -> None:
    home = shut()
    home.later(30).reads("gas", Level.ALARM, 40.0)
    assert evidence(home) == []
    home.later(31).reads("gas", Level.ALARM, 40.5)
    assert evidence(home) == [False]


def test_little_gas_has_to_rise_by_more_than_a_detector_wavers() -> None:
    home = shut(5.0)
    home.later(61).reads("gas", Level.ALARM, 6.9)
    assert evidence(home) == []
    home.later(1).reads("gas", Level.ALARM, 7.0)
    assert evidence(home) == [False]


def test_valve_that_is_not_known_closed_gives_no_evidence() -> None:
    home = Home(gas(), valve())
    home.alarm(value=20.0)
    home.later(61).reads("gas", Level.ALARM, 60.0)
    assert evidence(home) == []


def test_every_valve_has_to_be_closed() -> None:
    home = shut(20.0, valve("second"))
    home.later(61).reads("gas", Level.ALARM, 60.0)
    assert evidence(home) == []


def test_detector_without_a_number_gives_no_evidence() -> None:
    home = shut(None)
    home.later(61).reads("gas", Level.ALARM)
    assert evidence(home) == []


def test_gas_that_turns_after_it_had_fallen_is_told() -> None:
    home = shut()
    home.later(61).reads("gas", Level.ALARM, 12.0)
    home.later(61).reads("gas", Level.ALARM, 26.0)
    assert evidence(home) == [True, False]
    assert home.tells == [Message.STILL_RISING]


def test_valve_that_closes_anew_begins_the_comparison_anew() -> None:
    home = shut()
    home.later(30).says("valve", OPEN)
    home.later(2).reads("gas", Level.ALARM, 30.0)
    home.later(2).says("valve", CLOSED)
    home.later(61).reads("gas", Level.ALARM, 31.0)
    assert evidence(home) == []


def test_home_without_a_valve_gives_no_evidence() -> None:
    home = Home(gas())
    home.alarm(value=20.0)
    home.later(61).reads("gas", Level.ALARM, 60.0)
    assert evidence(home) == []


def test_restart_compares_with_what_it_finds() -> None:
    home = shut()
    home.later(30).crash()
    home.reads("gas", Level.ALARM, 30.0)
    home.start()
    home.later(61).reads("gas", Level.ALARM, 32.0)
    assert evidence(home) == []
    home.later(1).reads("gas", Level.ALARM, 36.0)
    assert evidence(home) == [False]


def test_incident_that_is_over_leaves_no_comparison_behind() -> None:
    home = shut()
    home.later(1).reads("gas", Level.NORMAL, 0.0)
    home.wait(120)
    home.reset()
    home.alarm(value=20.0)
    home.later(2).says("valve", OPEN)
    home.later(2).says("valve", CLOSED)
    assert set(home.state.baselines) == {home.incident.id}
