"""What is not seen must not pass for safe."""

from datetime import timedelta

import pytest

from custom_components.zhian.safety.decide import go_on
from custom_components.zhian.safety.household import Detector
from custom_components.zhian.safety.orders import Tell
from custom_components.zhian.safety.signals import Reading
from custom_components.zhian.safety.supervision import protection
from custom_components.zhian.safety.vocabulary import (
    Hazard,
    Level,
    Message,
    Phase,
    Reason,
)

from .homes import NOON, Home, gas, valve


@pytest.mark.parametrize(
    ("level", "grace"),
    [(Level.LOST, 1800), (Level.FAULT, 60), (Level.WARMING_UP, 600)],
)
def test_detector_without_protection_is_told_once_after_its_grace(
    level: Level, grace: int
) -> None:
    """A device's own word that it is broken needs less patience than silence."""
    home = Home(Detector("gas", Hazard.GAS, "kitchen", lost_after=1800))
    home.reads("gas", level)
    home.wait(grace - 1)
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


def many(*names: str, lost_after: float = 21_600) -> Home:
    """Return a home of detectors that are heard."""
    home = Home(*(Detector(n, Hazard.GAS, "kitchen", lost_after) for n in names))
    for name in names:
        home.reads(name, Level.NORMAL)
    return home


def lose(home: Home, *names: str, apart: float = 5) -> None:
    for name in names:
        home.later(apart).reads(name, Level.LOST)


def only_tell(home: Home, message: Message) -> Tell:
    (found,) = (
        o for o in home.all_orders if isinstance(o, Tell) and o.message is message
    )
    return found


def test_many_lost_at_once_are_one_message_and_sooner() -> None:
    home = many("a", "b", "c", "d", "e", "f", "g")
    lose(home, "a", "b", "c")
    home.wait(270)
    assert home.told(Message.MANY_LOST) == 0
    home.wait(86_400)
    assert only_tell(home, Message.MANY_LOST).subjects == ("a", "b", "c")
    assert home.told(Message.PROTECTION_LOST) == 0


def test_two_of_three_are_more_than_half() -> None:
    home = many("a", "b", "c")
    lose(home, "a", "b")
    home.wait(300)
    assert only_tell(home, Message.MANY_LOST).subjects == ("a", "b")


@pytest.mark.parametrize(
    ("names", "lost", "apart"),
    [("ab", "a", 5), ("abcd", "ab", 5), ("abcdefg", "abc", 40)],
)
def test_few_or_far_apart_are_told_one_by_one(
    names: str, lost: str, apart: float
) -> None:
    home = many(*names, lost_after=1000)
    lose(home, *lost, apart=apart)
    home.wait(2000)
    assert home.told(Message.MANY_LOST) == 0
    assert home.told(Message.PROTECTION_LOST) == len(lost)


def test_what_joins_before_it_is_told_is_in_the_same_message() -> None:
    home = many("a", "b", "c", "d", "e")
    lose(home, "a", "b", "c", "d")
    home.wait(300)
    assert only_tell(home, Message.MANY_LOST).subjects == ("a", "b", "c", "d")


def test_what_is_lost_after_the_message_has_its_own() -> None:
    home = many("a", "b", "c", "d", lost_after=1000)
    lose(home, "a", "b", "c")
    home.wait(400)
    lose(home, "d")
    home.wait(1000)
    assert home.told(Message.MANY_LOST) == 1
    assert home.told(Message.PROTECTION_LOST) == 1


def test_a_hub_that_restarts_is_no_message() -> None:
    home = many("a", "b", "c")
    lose(home, "a", "b", "c")
    for name in "abc":
        home.later(20).reads(name, Level.NORMAL)
    home.wait(86_400)
    assert home.told(Message.MANY_LOST) == home.told(Message.MANY_BACK) == 0
    assert home.told(Message.PROTECTION_LOST) == 0


def test_one_that_stays_away_after_a_restart_of_the_hub_is_told_for_itself() -> None:
    home = many("a", "b", "c", lost_after=1000)
    lose(home, "a", "b", "c")
    home.later(20).reads("a", Level.NORMAL)
    home.later(20).reads("b", Level.NORMAL)
    home.wait(1000)
    assert home.told(Message.MANY_LOST) == 0
    assert home.told(Message.PROTECTION_LOST) == 1


def test_all_back_is_one_message() -> None:
    home = many("a", "b", "c")
    lose(home, "a", "b", "c")
    home.wait(300)
    for name in "abc":
        home.later(5).reads(name, Level.NORMAL)
    assert only_tell(home, Message.MANY_BACK).subjects == ()
    home.wait(86_400)
    assert home.told(Message.PROTECTION_BACK) == 0
    assert home.state.outage is None


def test_those_that_do_not_come_back_with_the_rest_are_named() -> None:
    home = many("a", "b", "c")
    lose(home, "a", "b", "c")
    home.wait(300)
    home.reads("a", Level.NORMAL)
    home.reads("b", Level.NORMAL)
    home.wait(300)
    assert only_tell(home, Message.MANY_BACK).subjects == ("c",)
    home.wait(86_400)
    assert home.told(Message.PROTECTION_LOST) == 0, "people know it"
    home.reads("c", Level.NORMAL)
    assert home.tells == [Message.PROTECTION_BACK]


def test_what_people_knew_before_a_restart_is_not_told_again() -> None:
    home = Home(gas())
    home.state = go_on(home.state.household, [], frozenset({"gas"}))
    home.reads("gas", Level.LOST)
    home.wait(86_400)
    assert home.told(Message.PROTECTION_LOST) == 0
    home.reads("gas", Level.NORMAL)
    assert home.tells == [Message.PROTECTION_BACK]


def test_an_outage_that_people_know_outlives_a_restart() -> None:
    home = Home(gas("a"), gas("b"), gas("c"))
    home.state = go_on(home.state.household, [], frozenset("abc"))
    for name in "abc":
        home.reads(name, Level.LOST)
    home.wait(86_400)
    assert home.told(Message.MANY_LOST) == 0
    for name in "abc":
        home.reads(name, Level.NORMAL)
    assert home.told(Message.MANY_BACK) == 1
    assert home.told(Message.PROTECTION_BACK) == 0


def test_silence_counts_from_the_last_word() -> None:
    home = many("gas", lost_after=1000)
    since = home.now
    home.later(5000)
    home.send(Reading("gas", Level.LOST, home.now, silent_since=since))
    home.wait(0)
    assert home.told(Message.PROTECTION_LOST) == 1


def test_a_detector_in_doubt_protects_but_its_silence_proves_nothing() -> None:
    home = many("gas")
    home.wait(600)
    home.send(Reading("gas", Level.NORMAL, home.now, is_doubtful=True))
    sensed = home.state.readings["gas"]
    assert sensed.level.is_protecting
    assert sensed.clear_since is None
    home.wait(86_400)
    assert home.told(Message.PROTECTION_LOST) == 0
    home.reads("gas", Level.NORMAL)
    assert home.state.readings["gas"].clear_since == home.now + timedelta(seconds=60)
    assert home.alarm().phase is Phase.ALARM


def test_a_valve_is_not_opened_on_the_word_of_a_detector_in_doubt() -> None:
    home = Home(gas(), valve())
    home.reads("gas", Level.NORMAL)
    home.wait(600)
    home.send(Reading("gas", Level.NORMAL, home.now, is_doubtful=True))
    home.wait(600)
    home.ask_to_open()
    assert home.refusals == [Reason.DETECTOR_UNKNOWN]
