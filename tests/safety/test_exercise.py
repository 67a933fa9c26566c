"""Valves are moved so that they stay able to move; no machine opens one for gas."""

from datetime import timedelta
from typing import Any

import pytest

from custom_components.zhian.safety.exercise import RESUMED_WITHIN
from custom_components.zhian.safety.household import Actuator
from custom_components.zhian.safety.orders import Drive, Exercised
from custom_components.zhian.safety.signals import (
    ExerciseInterrupted,
    ExerciseRequested,
)
from custom_components.zhian.safety.vocabulary import (
    ActuatorRole,
    Hazard,
    Level,
    Message,
    Position,
    Reason,
    Witness,
)

from .homes import Home, detector, gas, siren, valve

MAIN = "main"


def water(**more: Any) -> Actuator:
    """Return a water valve."""
    return Actuator(MAIN, ActuatorRole.WATER_VALVE, "cellar", travel_time=2.0, **more)


def house(*parts: Any) -> Home:
    """Return a home in which the valves stand open."""
    home = Home(*(parts or (detector("leak", Hazard.WATER), water())))
    for name, actuator in home.state.household.actuators.items():
        if actuator.role is not ActuatorRole.SIREN:
            home.says(name, Position.OPEN)
    home.later(60)
    return home


def ask(home: Home, name: str = MAIN) -> None:
    home.send(ExerciseRequested(name, home.now, "Li", local=True))


def interrupted(home: Home, name: str = MAIN, since: float = 30) -> None:
    """Let a restart find an exercise that began so many seconds ago."""
    home.send(ExerciseInterrupted(name, home.now - timedelta(seconds=since), home.now))


def driven(home: Home, since: int = 0) -> list[Position]:
    return [o.target for o in home.all_orders[since:] if isinstance(o, Drive)]


def outcomes(home: Home) -> list[Reason | None]:
    return [o.reason for o in home.all_orders if isinstance(o, Exercised)]


def test_a_water_valve_is_closed_and_once_proved_opened_again() -> None:
    home = house()
    ask(home)
    assert home.drives == [(MAIN, Position.CLOSED)]
    home.later(1).says(MAIN, Position.MOVING)
    assert home.drives == []
    home.later(1).says(MAIN, Position.CLOSED)
    assert home.drives == [(MAIN, Position.OPEN)]
    assert outcomes(home) == []
    home.later(1).says(MAIN, Position.OPEN)
    assert outcomes(home) == [None]
    home.wait(86_400)
    assert home.told(Message.EXERCISE_FAILED) == 0
    assert home.state.exercises == {}


def test_a_gas_valve_is_closed_and_never_opened() -> None:
    home = house(gas(), valve())
    ask(home, "valve")
    assert home.drives == [("valve", Position.CLOSED)]
    home.later(1).says("valve", Position.CLOSED)
    assert home.drives == []
    assert outcomes(home) == [None]
    home.wait(86_400)
    assert home.drives == []


def test_a_gas_valve_that_does_not_close_is_told_and_not_opened() -> None:
    home = house(gas(), valve())
    ask(home, "valve")
    home.wait(60)
    assert outcomes(home) == [Reason.UNCONFIRMED]
    assert home.told(Message.EXERCISE_FAILED) == 1
    assert driven(home) == [Position.CLOSED] * 3


@pytest.mark.parametrize(("by", "local"), [(None, True), ("Li", False), (None, False)])
def test_only_a_person_on_site_begins_with_a_gas_valve(
    by: str | None, local: bool
) -> None:
    """Nobody else could open it again."""
    home = house(gas(), valve())
    home.send(ExerciseRequested("valve", home.now, by, local))
    assert home.refusals == [Reason.NOT_ON_SITE]
    assert home.drives == []


def test_a_schedule_begins_with_a_water_valve() -> None:
    home = house()
    home.send(ExerciseRequested(MAIN, home.now))
    assert home.drives == [(MAIN, Position.CLOSED)]


def test_a_water_valve_that_does_not_close_gives_the_water_back_and_is_told() -> None:
    home = house()
    ask(home)
    home.wait(11.9)
    assert home.told(Message.EXERCISE_FAILED) == 0
    home.wait(0.1)
    assert home.drives == [(MAIN, Position.OPEN)]
    home.later(1).says(MAIN, Position.OPEN)
    assert outcomes(home) == [Reason.UNCONFIRMED]
    assert home.told(Message.EXERCISE_FAILED) == 1


def test_a_water_valve_that_does_not_open_again_is_told() -> None:
    home = house()
    ask(home)
    home.later(1).says(MAIN, Position.CLOSED)
    home.wait(60)
    assert outcomes(home) == [Reason.UNCONFIRMED]
    assert home.told(Message.EXERCISE_FAILED) == 1


@pytest.mark.parametrize(
    ("witness", "at_once", "later"),
    [(Witness.REPORT, 1, 1), (Witness.LATE_REPORT, 0, 1)],
)
def test_an_echo_proves_nothing(witness: Witness, at_once: int, later: int) -> None:
    home = house(water(witness=witness))
    ask(home)
    home.later(0.1).says(MAIN, Position.CLOSED)
    assert len(home.drives) == at_once
    if not at_once:
        home.later(1).says(MAIN, Position.CLOSED)
        assert len(home.drives) == later


@pytest.mark.parametrize("position", [Position.CLOSED, Position.UNKNOWN])
def test_what_does_not_stand_open_is_not_exercised(position: Position) -> None:
    home = house()
    home.says(MAIN, position)
    ask(home)
    assert home.refusals == [Reason.NOT_OPEN]


def test_a_valve_in_motion_is_not_begun_again() -> None:
    home = house()
    ask(home)
    ask(home)
    assert home.drives == []
    assert home.refusals == []


@pytest.mark.parametrize("name", ["siren", "nothing"])
def test_only_valves_are_exercised(name: str) -> None:
    home = house(siren(), water())
    ask(home, name)
    assert home.refusals == [Reason.NO_SUCH_ACTUATOR]


@pytest.mark.parametrize("kind", ["alarm", "drill"])
def test_no_exercise_in_an_incident(kind: str) -> None:
    home = house(gas(), water())
    _ = home.alarm() if kind == "alarm" else home.drill()
    ask(home)
    assert home.refusals == [Reason.INCIDENT_OPEN]


def test_a_leak_during_an_exercise_leaves_the_water_off() -> None:
    home = house()
    ask(home)
    home.alarm("leak")
    home.later(1).says(MAIN, Position.CLOSED)
    assert (MAIN, Position.OPEN) not in home.drives
    assert outcomes(home) == [Reason.INCIDENT_OPEN]
    assert home.told(Message.EXERCISE_CUT) == 1
    assert home.told(Message.EXERCISE_FAILED) == 0
    home.wait(3600)
    opened = [o for o in home.all_orders if getattr(o, "target", None) is Position.OPEN]
    assert opened == []


def test_a_gas_alarm_during_an_exercise_moves_nothing_that_sparks() -> None:
    home = house(gas(), water())
    ask(home)
    home.alarm()
    before = len(home.all_orders)
    home.wait(60)
    drives = [o for o in home.all_orders[before:] if hasattr(o, "target")]
    assert drives == []
    assert outcomes(home) == [Reason.INCIDENT_OPEN]


def test_an_exercise_does_not_disturb_the_detectors() -> None:
    home = house()
    ask(home)
    assert home.state.incidents == {}
    home.reads("leak", Level.NORMAL)
    assert home.state.exercises


def test_a_leak_while_the_water_comes_back_is_not_fought_over() -> None:
    home = house()
    ask(home)
    home.later(1).says(MAIN, Position.CLOSED)
    assert home.drives == [(MAIN, Position.OPEN)]
    before = len(home.all_orders)
    home.alarm("leak")
    home.wait(60)
    assert Position.OPEN not in driven(home, before)
    assert outcomes(home) == [Reason.INCIDENT_OPEN]


def test_a_clock_that_is_turned_back_does_not_keep_the_water_off() -> None:
    home = house()
    ask(home)
    home.now -= timedelta(hours=1)
    home.tick()
    assert home.drives == [(MAIN, Position.CLOSED)]
    home.later(1).says(MAIN, Position.CLOSED)
    assert home.drives == [(MAIN, Position.OPEN)]


# --- a restart in the middle of it ---------------------------------------------------


def test_a_restart_gives_the_water_back_and_is_told() -> None:
    home = house().crash()
    home.says(MAIN, Position.CLOSED)
    home.start()
    interrupted(home)
    assert home.drives == [(MAIN, Position.OPEN)]
    home.later(1).says(MAIN, Position.OPEN)
    assert outcomes(home) == [Reason.INTERRUPTED]
    assert home.told(Message.EXERCISE_CUT) == 1
    assert home.state.exercises == {}


def test_water_that_does_not_come_back_after_a_restart_is_told_as_a_failure() -> None:
    home = house().crash()
    home.start()
    interrupted(home)
    home.wait(60)
    assert driven(home) == [Position.OPEN] * 3
    assert outcomes(home) == [Reason.UNCONFIRMED]
    assert home.told(Message.EXERCISE_FAILED) == 1


def test_a_restart_closes_a_gas_valve_and_is_told() -> None:
    """Wherever it stood: closed is what is safe, and nobody is left to wonder."""
    home = house(gas(), valve()).crash()
    home.says("valve", Position.OPEN)
    home.start()
    interrupted(home, "valve")
    assert home.drives == [("valve", Position.CLOSED)]
    home.later(1).says("valve", Position.CLOSED)
    assert outcomes(home) == [Reason.INTERRUPTED]
    assert home.told(Message.EXERCISE_CUT) == 1
    home.wait(86_400)
    assert driven(home) == [Position.CLOSED]


@pytest.mark.parametrize("role", ["water", "gas"])
@pytest.mark.parametrize("since", [RESUMED_WITHIN.total_seconds() + 1, -1])
def test_what_a_person_may_have_moved_since_is_told_and_left_alone(
    role: str, since: float
) -> None:
    """Also when nobody knows how long ago it was."""
    home = house(gas(), water(), valve()).crash()
    home.start()
    interrupted(home, MAIN if role == "water" else "valve", since)
    home.wait(3600)
    assert driven(home) == []
    assert outcomes(home) == [Reason.INTERRUPTED]
    assert home.told(Message.EXERCISE_CUT) == 1


@pytest.mark.parametrize("name", [MAIN, "valve"])
def test_an_incident_that_a_restart_finds_comes_first(name: str) -> None:
    home = house(gas(), water(), valve())
    home.alarm()
    home.crash()
    home.reads("gas", Level.ALARM)
    home.start()
    interrupted(home, name)
    assert home.drives == []
    assert outcomes(home) == [Reason.INCIDENT_OPEN]


def test_a_valve_that_is_gone_or_on_its_way_is_not_begun_again() -> None:
    home = house()
    interrupted(home, "nothing")
    assert outcomes(home) == [Reason.REMOVED]
    assert home.tells == []
    ask(home)
    interrupted(home)
    assert home.drives == []


# --- a valve that repeats its command before it obeys --------------------------------


def test_a_valve_that_is_asked_is_exercised_by_its_answers() -> None:
    home = house(
        detector("leak", Hazard.WATER),
        water(witness=Witness.READ_BACK),
    )
    ask(home)
    for target in (Position.CLOSED, Position.OPEN):
        assert home.drives == [(MAIN, target)]
        asked = len(home.asked)
        home.later(0.1).says(MAIN, target)
        home.later(1).replies(MAIN, target)  # it may still be on its way
        assert home.drives == []
        home.wait(0.8)
        assert len(home.asked) == asked
        home.wait(0.2)
        assert len(home.asked) == asked + 1
        home.replies(MAIN, target)
    assert outcomes(home) == [None]
    home.wait(86_400)
    assert home.told(Message.EXERCISE_FAILED) == 0


def test_a_valve_that_answers_that_it_did_not_move_has_failed() -> None:
    home = house(gas(), valve(witness=Witness.READ_BACK))
    ask(home, "valve")
    for _ in range(3):
        home.later(0.1).says("valve", Position.CLOSED)
        home.wait(5)
        home.replies("valve", Position.OPEN)
        home.wait(2)
    assert home.asked == ["valve"] * 3
    assert outcomes(home) == [Reason.UNCONFIRMED]
    assert home.told(Message.EXERCISE_FAILED) == 1
