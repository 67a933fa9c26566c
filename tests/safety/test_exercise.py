"""Valves are moved so that they stay able to move; no machine opens one for gas."""

from typing import Any

import pytest

from custom_components.zhian.safety.household import Actuator
from custom_components.zhian.safety.orders import Exercised
from custom_components.zhian.safety.signals import ExerciseRequested
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
    home.send(ExerciseRequested(name, home.now))


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
    driven = [o.target for o in home.all_orders if hasattr(o, "target")]
    assert driven == [Position.CLOSED] * 3


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
