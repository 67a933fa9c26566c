"""What is not seen must not pass for safe."""

from datetime import timedelta

import pytest

from custom_components.zhian.safety.household import Detector
from custom_components.zhian.safety.supervision import protection
from custom_components.zhian.safety.vocabulary import Hazard, Level, Message

from .homes import NOON, Home, gas


@pytest.mark.parametrize("level", [Level.LOST, Level.FAULT, Level.WARMING_UP])
def test_detector_without_protection_is_told_once_after_its_grace(level: Level) -> None:
    home = Home(gas())
    home.reads("gas", level)
    home.wait(599)
    assert home.told(Message.PROTECTION_LOST) == 0
    home.wait(1)
    assert home.tells == [Message.PROTECTION_LOST]
    home.wait(86_400)
    assert home.told(Message.PROTECTION_LOST) == 1


def test_change_of_reason_does_not_start_the_grace_again() -> None:
    home = Home(gas())
    home.reads("gas", Level.LOST)
    home.wait(400)
    home.reads("gas", Level.WARMING_UP)
    home.wait(200)
    assert home.told(Message.PROTECTION_LOST) == 1


def test_protection_that_is_back_is_told_if_its_loss_was() -> None:
    home = Home(gas())
    home.reads("gas", Level.LOST)
    home.wait(60)
    home.reads("gas", Level.NORMAL)
    assert home.tells == []
    home.reads("gas", Level.LOST)
    home.wait(600)
    home.reads("gas", Level.NORMAL)
    assert home.tells == [Message.PROTECTION_BACK]
    home.reads("gas", Level.LOST)
    home.wait(600)
    assert home.told(Message.PROTECTION_LOST) == 2


def test_alarm_of_a_lost_detector_says_that_it_is_back() -> None:
    home = Home(gas())
    home.reads("gas", Level.LOST)
    home.wait(600)
    home.reads("gas", Level.ALARM)
    assert home.tells == [Message.PROTECTION_BACK, Message.ALARM]


def test_removed_detector_is_not_missed() -> None:
    home = Home(gas())
    home.reads("gas", Level.LOST)
    home.state = type(home.state)(Home().state.household, home.state.readings)
    home.wait(3600)
    assert home.told(Message.PROTECTION_LOST) == 0


def test_first_reading_counts_as_clear_after_the_warm_up() -> None:
    home = Home(gas())
    home.reads("gas", Level.NORMAL)
    sensed = home.state.readings["gas"]
    assert not sensed.is_known_clear(NOON + timedelta(seconds=59))
    assert sensed.is_known_clear(NOON + timedelta(seconds=60))


def test_repeated_normal_keeps_since_when_it_is_clear() -> None:
    home = Home(gas())
    home.reads("gas", Level.NORMAL)
    home.later(500).reads("gas", Level.NORMAL)
    assert home.state.readings["gas"].clear_since == NOON + timedelta(seconds=60)


@pytest.mark.parametrize("before", [Level.WARMING_UP, Level.ALARM, Level.PRE_ALARM])
def test_detector_that_worked_is_clear_at_once(before: Level) -> None:
    home = Home(gas())
    home.reads("gas", before)
    home.later(5).reads("gas", Level.NORMAL)
    assert home.state.readings["gas"].clear_since == home.now


def test_clock_that_runs_back_does_not_hide_a_loss() -> None:
    home = Home(gas())
    home.reads("gas", Level.LOST)
    home.later(-3600).reads("gas", Level.LOST)
    home.wait(600)
    assert home.told(Message.PROTECTION_LOST) == 1


def test_clock_that_runs_back_delays_clear_by_a_warm_up_only() -> None:
    home = Home(gas())
    home.reads("gas", Level.NORMAL)
    home.later(-3600).reads("gas", Level.NORMAL)
    assert home.state.readings["gas"].clear_since == home.now + timedelta(seconds=60)


def test_protection_counts_what_works() -> None:
    home = Home(gas("a"), gas("b"), Detector("smoke", Hazard.SMOKE), gas("d"))
    home.reads("a", Level.NORMAL)
    home.reads("b", Level.LOST)
    home.reads("smoke", Level.ALARM)
    found = protection(home.state)
    assert [d.id for d in found.working] == ["a", "smoke"]
    assert [d.id for d in found.lacking] == ["b", "d"]
    assert found.score == 50
    assert protection(Home().state).score is None
