"""Changed copies."""

import dataclasses

import pytest

from custom_components.zhian.safety.replacing import replace
from custom_components.zhian.safety.vocabulary import Outcome, Position

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
    with pytest.raises(KeyError):
        replace(home.alarm(), nonsense=1)
