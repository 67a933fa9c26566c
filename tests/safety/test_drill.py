"""A drill is like an alarm, and harms nobody."""

from datetime import timedelta
from typing import Any

import pytest

from custom_components.zhian.safety.drill import DrillResult, result_of
from custom_components.zhian.safety.household import Actuator
from custom_components.zhian.safety.orders import Tell
from custom_components.zhian.safety.plan import steps_for
from custom_components.zhian.safety.signals import DrillStarted, ExerciseRequested
from custom_components.zhian.safety.vocabulary import (
    ActuatorRole,
    Ending,
    Hazard,
    Level,
    Message,
    Outcome,
    Position,
    Reason,
)

from .homes import Home, detector, gas, siren, valve, window


def start(home: Home, **more: Any) -> None:
    until = home.now + timedelta(minutes=10)
    home.send(DrillStarted("Li", until, home.now, **more))


def result(home: Home) -> DrillResult:
    found = result_of(home.journal)
    assert found is not None
    return found


def test_a_drill_of_one_detector_is_about_its_hazard_and_place() -> None:
    home = Home(gas(), detector("leak", Hazard.WATER, "bath"), valve())
    start(home, detector="leak")
    assert home.incident.hazard is Hazard.WATER
    assert home.incident.detectors == ("leak",)
    assert home.incident.zones == {"bath"}
    tell = next(o for o in home.orders if isinstance(o, Tell))
    assert (tell.message, tell.subject) == (Message.ALARM, "leak")


def test_a_detector_that_is_not_there_is_not_drilled() -> None:
    home = Home(gas())
    start(home, detector="gone")
    assert home.refusals == [Reason.NO_SUCH_DETECTOR]
    assert home.state.incidents == {}


@pytest.mark.parametrize(
    ("hazards", "expected"),
    [
        ([], Hazard.GAS),
        ([Hazard.WATER, Hazard.GAS], Hazard.GAS),
        ([Hazard.WATER, Hazard.SOS], Hazard.SOS),
        ([Hazard.INACTIVITY], Hazard.INACTIVITY),
    ],
)
def test_a_drill_of_the_home_is_about_what_the_home_knows(
    hazards: list[Hazard], expected: Hazard
) -> None:
    home = Home(*(detector(hazard, hazard) for hazard in hazards))
    start(home)
    assert home.incident.hazard is expected


@pytest.mark.parametrize("hazard", Hazard)
def test_each_hazard_can_be_drilled(hazard: Hazard) -> None:
    """About itself, with its own plan, though the home knows something worse."""
    home = Home(gas(), detector("one", hazard), valve(), siren())
    start(home, hazard=hazard)
    assert home.incident.hazard is hazard
    assert home.incident.drill
    assert [step.id for step in home.incident.steps] == [
        step.id for step in steps_for(home.state.household, hazard)
    ]
    assert home.tells == [Message.ALARM]
    home.end_drill()
    assert home.state.incidents == {}
    assert result(home).hazard is hazard


@pytest.mark.parametrize(
    "hazard", [h for h in Hazard if h not in (Hazard.GAS, Hazard.SOS)]
)
def test_what_the_home_would_not_notice_is_not_drilled(hazard: Hazard) -> None:
    home = Home(gas())
    start(home, hazard=hazard)
    assert home.refusals == [Reason.NO_SUCH_HAZARD]
    assert home.state.incidents == {}


def test_a_call_for_help_is_drilled_without_a_button() -> None:
    home = Home(gas())
    start(home, hazard=Hazard.SOS)
    assert home.incident.hazard is Hazard.SOS


@pytest.mark.parametrize("moves", [True, False])
def test_a_drill_that_moves_waits_for_an_exercise(moves: bool) -> None:
    """Both would want something of one valve."""
    main = Actuator("main", ActuatorRole.WATER_VALVE)
    home = Home(detector("leak", Hazard.WATER), main)
    home.says("main", Position.OPEN)
    home.later(1).send(ExerciseRequested("main", home.now))
    start(home, moves=moves)
    assert home.refusals == ([Reason.EXERCISING] if moves else [])


def test_no_drill_outlasts_an_hour() -> None:
    home = Home(gas())
    home.drill(seconds=86_400)
    home.wait(3_599)
    assert home.state.drill is not None
    home.wait(1)
    assert home.state.drill is None


def test_a_clock_that_is_turned_back_ends_a_drill() -> None:
    """Or it would last for longer than anybody has asked for."""
    home = Home(gas())
    home.drill()
    home.now -= timedelta(hours=2)
    home.tick()
    assert home.state.drill is None


def test_a_drill_that_ended_while_nobody_ran_moves_nothing_at_the_start() -> None:
    home = Home(gas(), valve(), siren())
    start(home, moves=True)
    home.later(1).says("siren", Position.ON)
    home.later(3_600).crash().start()
    assert home.state.drill is None
    assert home.drives == [("siren", Position.OFF)]
    assert home.told(Message.CLOSED) == 1


def test_the_end_names_what_a_person_has_to_put_back() -> None:
    """Not the siren, which is turned off, nor what never moved."""
    home = Home(gas(), valve(), window(), siren(), siren("loud", safe=False))
    start(home, moves=True)
    home.later(1).says("valve", Position.CLOSED)
    home.end_drill()
    (tell,) = (o for o in home.orders if isinstance(o, Tell))
    assert (tell.message, tell.subjects) == (Message.CLOSED, ("valve", "window"))


def test_in_a_real_alarm_nobody_is_sent_back_to_a_valve() -> None:
    home = Home(gas(), valve())
    start(home, moves=True)
    home.later(1).says("valve", Position.CLOSED)
    home.alarm()
    (tell,) = (
        o for o in home.orders if isinstance(o, Tell) and o.message is Message.CLOSED
    )
    assert tell.subjects == ()


def test_without_a_wish_nothing_moves() -> None:
    home = Home(gas(), valve(), window(), siren())
    start(home)
    assert home.drives == []
    assert {step.reason for step in home.incident.steps} == {Reason.DRILL}


def test_on_wish_what_cannot_spark_is_moved_and_proved() -> None:
    home = Home(gas(), valve(), window(), siren(), siren("loud", safe=False))
    start(home, moves=True)
    assert home.drives == [
        ("valve", Position.CLOSED),
        ("window", Position.OPEN),
        ("siren", Position.ON),
    ]
    assert home.step("on:loud").reason is Reason.DRILL
    home.later(1).says("valve", Position.CLOSED)
    assert home.step("closed:valve").outcome is Outcome.CONFIRMED


def test_the_end_silences_what_the_drill_has_turned_on() -> None:
    home = Home(gas(), siren())
    start(home, moves=True)
    home.later(1).says("siren", Position.ON)
    home.end_drill()
    assert home.drives == [("siren", Position.OFF)]


def test_an_alarm_that_wants_the_siren_keeps_it() -> None:
    home = Home(gas(), detector("leak", Hazard.WATER), siren())
    start(home, moves=True)
    home.later(1).reads("gas", Level.ALARM)
    assert home.drives == [("siren", Position.ON)]


@pytest.mark.parametrize("level", [Level.ALARM])
def test_an_alarm_without_siren_silences_the_drill(level: Level) -> None:
    home = Home(gas(), detector("leak", Hazard.WATER), siren())
    start(home, moves=True)
    home.later(1).reads("leak", level)
    assert home.drives == [("siren", Position.OFF)]
    assert not home.incident.drill


def test_a_pre_alarm_ends_a_drill_and_its_noise() -> None:
    home = Home(gas(), siren())
    start(home, moves=True)
    home.later(1).reads("gas", Level.PRE_ALARM)
    assert home.drives == [("siren", Position.OFF)]
    assert not home.incident.drill


def test_in_a_gas_leak_not_even_noise_is_stopped_by_a_spark() -> None:
    home = Home(gas(), siren())
    start(home, moves=True)
    home.state = type(home.state)(
        Home(gas(), siren(safe=False)).state.household,
        incidents=home.state.incidents,
    )
    home.later(1).reads("gas", Level.ALARM)
    assert ("siren", Position.OFF) not in home.drives


def test_no_drill_opens_a_gas_valve() -> None:
    home = Home(gas(), valve())
    start(home, moves=True)
    home.later(1).says("valve", Position.CLOSED)
    home.end_drill()
    home.wait(86_400)
    opened = [o for o in home.all_orders if getattr(o, "target", 0) is Position.OPEN]
    assert opened == []


def test_a_valve_closed_in_a_drill_may_be_opened_by_a_person_in_it() -> None:
    home = Home(gas(), valve())
    home.reads("gas", Level.NORMAL)
    home.wait(600)
    start(home, moves=True)
    home.later(1).says("valve", Position.CLOSED)
    home.ask_to_open()
    assert home.drives == [("valve", Position.OPEN)]


def test_the_result_says_who_was_told_who_answered_and_what_moved() -> None:
    home = Home(gas(), valve())
    start(home, detector="gas", moves=True)
    home.later(2).delivered(Message.ALARM, "Li")
    home.delivered(Message.ALARM, "Wang", Reason.UNAVAILABLE)
    home.later(1).says("valve", Position.CLOSED)
    home.later(7).acknowledge()
    home.later(1).acknowledge()
    home.delivered(Message.ALARM, "Li")
    home.delivered(Message.ACKNOWLEDGED, "Zhao")
    home.later(49).end_drill()
    found = result(home)
    assert (found.hazard, found.detector, found.by) == (Hazard.GAS, "gas", "Li")
    assert found.moves
    assert (found.seconds, found.ending) == (60, Ending.DRILL_OVER)
    assert [(c.contact, c.seconds, c.reason) for c in found.contacts] == [
        ("Li", 2, None),
        ("Wang", None, Reason.UNAVAILABLE),
    ]
    assert (found.acknowledged_by, found.acknowledged_after) == ("Li", 10)
    (step,) = found.steps
    assert (step.actuator, step.target) == ("valve", Position.CLOSED)
    assert (step.outcome, step.seconds) == (Outcome.CONFIRMED, 3)


def test_a_contact_that_was_reached_in_the_end_was_reached() -> None:
    home = Home(gas())
    start(home)
    home.later(1).delivered(Message.ALARM, "Li", Reason.ERROR)
    home.later(4).delivered(Message.ALARM, "Li")
    home.end_drill()
    (reached,) = result(home).contacts
    assert (reached.seconds, reached.reason) == (5, None)


def test_a_drill_without_an_answer_says_so() -> None:
    home = Home(gas())
    start(home)
    home.later(5).reads("gas", Level.ALARM)
    drill = [e for e in home.journal if e.incident == home.journal[0].incident]
    found = result_of(drill)
    assert found is not None
    assert found.ending is Ending.REAL_ALARM
    assert found.acknowledged_after is None


def test_a_drill_that_goes_on_and_a_real_alarm_have_no_result() -> None:
    home = Home(gas())
    start(home)
    assert result_of(home.journal) is None
    real = Home(gas())
    real.alarm()
    real.reads("gas", Level.NORMAL)
    real.later(60).reset()
    assert result_of(real.journal) is None
    assert result_of([]) is None
