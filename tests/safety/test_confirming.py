"""Detectors that have to agree, and those that never do."""

import pytest

from custom_components.zhian.safety.household import Actuator, Detector
from custom_components.zhian.safety.vocabulary import (
    ActuatorRole,
    Hazard,
    Level,
    Message,
    Phase,
    Position,
    Presence,
)

from .homes import Home, valve

MAIN = Actuator("main", ActuatorRole.WATER_VALVE, "bath")

confirmable = pytest.mark.parametrize(
    "hazard", [Hazard.SMOKE, Hazard.WATER, Hazard.INTRUSION]
)


def asking(name: str, hazard: Hazard = Hazard.SMOKE, quorum: int = 2) -> Detector:
    return Detector(name, hazard, "hall", quorum=quorum, window=60.0)


def quiet(*parts: Detector | Actuator) -> Home:
    """Return a home whose detectors all work and see nothing."""
    home = Home(*parts)
    for detector in home.state.household.detectors:
        home.reads(detector, Level.NORMAL)
    return home.wait(120)


@confirmable
def test_one_detector_that_asks_for_another_warns_and_moves_nothing(
    hazard: Hazard,
) -> None:
    home = quiet(asking("one", hazard), asking("two", hazard), valve(), MAIN)
    home.reads("one", Level.ALARM)
    assert home.is_in(Phase.PRE_ALARM)
    assert home.incident.presence is Presence.YES
    assert home.drives == []
    assert home.tells == [Message.UNCONFIRMED]
    assert home.reports == []


@confirmable
def test_second_detector_makes_it_an_alarm_with_both(hazard: Hazard) -> None:
    home = quiet(asking("one", hazard), asking("two", hazard), valve(), MAIN)
    home.reads("one", Level.ALARM)
    home.later(10).reads("two", Level.ALARM)
    assert home.is_in(Phase.ALARM)
    assert home.incident.detectors == ("one", "two")
    assert Message.ALARM in home.tells
    assert bool(home.drives) is (hazard is not Hazard.INTRUSION)


def test_detector_that_asks_for_nobody_is_an_alarm_at_once() -> None:
    home = quiet(asking("one"), asking("two", quorum=1), valve())
    home.reads("two", Level.ALARM)
    assert home.is_in(Phase.ALARM)


def test_short_alarms_within_the_time_agree() -> None:
    home = quiet(asking("one"), asking("two"), valve())
    home.reads("one", Level.ALARM)
    home.later(3).reads("one", Level.NORMAL)
    home.later(40).reads("two", Level.ALARM)
    assert home.is_in(Phase.ALARM)


def test_short_alarms_too_far_apart_do_not() -> None:
    home = quiet(asking("one"), asking("two"), valve())
    home.reads("one", Level.ALARM)
    home.later(3).reads("one", Level.NORMAL)
    home.wait(61)
    home.reads("two", Level.ALARM)
    assert home.is_in(Phase.PRE_ALARM)


def test_detector_that_insists_is_believed() -> None:
    home = quiet(asking("one"), asking("two"), valve())
    home.reads("one", Level.ALARM)
    home.wait(59)
    assert home.is_in(Phase.PRE_ALARM)
    home.wait(1)
    assert home.is_in(Phase.ALARM)
    assert home.drives[0] == ("valve", Position.CLOSED)


@pytest.mark.parametrize("gone", [Level.LOST, Level.FAULT, Level.WARMING_UP])
def test_dead_detectors_are_not_waited_for(gone: Level) -> None:
    home = quiet(asking("one"), asking("two"), valve())
    home.reads("two", gone)
    home.reads("one", Level.ALARM)
    assert home.is_in(Phase.ALARM)


def test_detector_that_was_never_heard_is_not_waited_for() -> None:
    home = Home(asking("one"), asking("two"), valve())
    home.reads("one", Level.ALARM)
    assert home.is_in(Phase.ALARM)


def test_three_have_to_agree_where_three_are_asked_for() -> None:
    parts = [asking(name, quorum=3) for name in ("one", "two", "three", "four")]
    home = quiet(*parts, valve())
    home.reads("one", Level.ALARM)
    home.later(1).reads("two", Level.ALARM)
    assert home.is_in(Phase.PRE_ALARM)
    home.later(1).reads("three", Level.ALARM)
    assert home.is_in(Phase.ALARM)


def test_each_detector_asks_for_as_many_as_it_wants() -> None:
    """The first is content with two, though the second would ask for three."""
    home = quiet(asking("one"), asking("two", quorum=3), asking("three"), valve())
    home.reads("one", Level.ALARM)
    home.later(1).reads("two", Level.ALARM)
    assert home.is_in(Phase.ALARM)


def test_warning_that_nobody_confirms_is_over_by_itself() -> None:
    home = quiet(asking("one"), asking("two"), valve())
    home.reads("one", Level.ALARM)
    home.later(20).reads("one", Level.NORMAL)
    home.wait(120)
    assert home.state.incidents == {}
    assert home.told(Message.PRE_ALARM_OVER) == 1
    assert home.told(Message.ALARM) == 0


@pytest.mark.parametrize(
    "hazard", [Hazard.GAS, Hazard.CARBON_MONOXIDE, Hazard.SOS, Hazard.INACTIVITY]
)
def test_hazard_that_kills_never_waits_for_a_second_word(hazard: Hazard) -> None:
    home = quiet(asking("one", hazard), asking("two", hazard), valve())
    home.reads("one", Level.ALARM)
    assert home.is_in(Phase.ALARM)


def test_alarm_that_runs_is_joined_by_one_alone() -> None:
    home = quiet(asking("one", quorum=1), asking("two"), valve())
    home.reads("one", Level.ALARM)
    home.later(400).reads("two", Level.ALARM)
    assert home.incident.detectors == ("one", "two")
    assert home.is_in(Phase.ALARM)


def test_one_alone_after_the_all_clear_is_believed_when_it_insists() -> None:
    home = quiet(asking("one", quorum=1), asking("two"), valve())
    home.reads("one", Level.ALARM)
    home.later(30).reads("one", Level.NORMAL)
    home.wait(300)
    assert home.is_in(Phase.CLEARING)
    home.reads("two", Level.ALARM)
    assert home.is_in(Phase.CLEARING)
    home.wait(60)
    assert home.is_in(Phase.ALARM)


def test_clock_that_is_turned_back_makes_nobody_wait() -> None:
    home = quiet(asking("one"), asking("two"), valve())
    home.reads("one", Level.ALARM)
    home.later(-3600).tick()
    assert home.is_in(Phase.ALARM)


def test_restart_asks_again_and_believes_in_time() -> None:
    home = quiet(asking("one"), asking("two"), valve())
    home.reads("one", Level.ALARM)
    home.later(30).crash()
    home.reads("one", Level.ALARM)
    home.reads("two", Level.NORMAL)
    home.start()
    home.wait(60)
    assert home.is_in(Phase.ALARM)


def test_removed_detector_asks_no_more() -> None:
    home = quiet(asking("one"), asking("two"), valve())
    home.reads("one", Level.ALARM)
    home.crash(asking("two"), valve())
    home.start()
    home.wait(120)
    assert home.drives == []
