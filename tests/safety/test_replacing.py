"""Changed copies."""

import dataclasses
from datetime import UTC, datetime
from inspect import signature
from typing import get_args

import pytest

from custom_components.zhian.safety.entries import ENTRY_TYPES
from custom_components.zhian.safety.orders import Order
from custom_components.zhian.safety.replacing import replace
from custom_components.zhian.safety.signals import Reading, Signal
from custom_components.zhian.safety.vocabulary import Level, Outcome, Position

from .homes import Home, gas, valve


def test_copy_is_what_the_standard_library_makes() -> None:
    home = Home(gas(), valve())
    incident = home.alarm()
    changes: dict[str, object] = {"seq": 7, "zones": frozenset({"attic"})}
    assert replace(incident, **changes) == dataclasses.replace(incident, **changes)  # type: ignore[arg-type]
    assert replace(home.state, news=()) == dataclasses.replace(home.state, news=())
    assert incident.seq == 4


def test_copy_stays_frozen() -> None:
    home = Home(gas(), valve())
    home.alarm()
    step = replace(home.step("closed:valve"), outcome=Outcome.FAILED)
    assert step.target is Position.CLOSED
    with pytest.raises(dataclasses.FrozenInstanceError):
        step.outcome = Outcome.CONFIRMED  # type: ignore[misc]


def test_unknown_field_is_a_fault() -> None:
    home = Home(gas(), valve())
    with pytest.raises(AttributeError):
        replace(home.alarm(), nonsense=1)


KINDS = (*ENTRY_TYPES, *get_args(Signal.__value__), *get_args(Order.__value__))


@pytest.mark.parametrize("kind", KINDS)
def test_quick_initializer_takes_what_the_standard_one_takes(kind: type) -> None:
    standard = dataclasses.make_dataclass(
        kind.__name__,
        [
            (
                field.name,
                object,
                dataclasses.field(default=field.default, kw_only=field.kw_only),
            )
            for field in dataclasses.fields(kind)
        ],
    )
    made, wanted = (
        {
            parameter.name: (parameter.kind, parameter.default)
            for parameter in signature(each).parameters.values()
        }
        for each in (kind, standard)
    )
    assert made == wanted


def test_quick_initializer_fills_every_field() -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    reading = Reading("kitchen", Level.ALARM, at, silent_since=at)
    assert dataclasses.astuple(reading) == (
        "kitchen",
        Level.ALARM,
        at,
        None,
        at,
        False,
    )
    with pytest.raises(dataclasses.FrozenInstanceError):
        reading.level = Level.NORMAL  # type: ignore[misc]
    with pytest.raises(TypeError):
        Reading("kitchen", Level.ALARM)  # type: ignore[call-arg]
