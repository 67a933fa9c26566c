"""The kernel's drives as Home Assistant's actions."""

from typing import Any

import pytest

from custom_components.zhian.home.drivers import action_for
from custom_components.zhian.safety.vocabulary import Position

from .test_bindings import actuator


@pytest.mark.parametrize(
    ("options", "target", "expected"),
    [
        ({"entity_id": "valve.gas"}, Position.CLOSED, ("valve", "close_valve")),
        ({"entity_id": "valve.gas"}, Position.OPEN, ("valve", "open_valve")),
        ({"entity_id": "cover.gas"}, Position.CLOSED, ("cover", "close_cover")),
        ({"entity_id": "cover.gas"}, Position.OPEN, ("cover", "open_cover")),
        ({}, Position.CLOSED, ("switch", "turn_off")),
        ({}, Position.OPEN, ("switch", "turn_on")),
        ({"inverted": True}, Position.CLOSED, ("switch", "turn_on")),
        ({"inverted": True}, Position.OPEN, ("switch", "turn_off")),
        (
            {"entity_id": "valve.gas", "inverted": True},
            Position.CLOSED,
            ("valve", "close_valve"),
        ),
        (
            {"entity_id": "siren.hall", "role": "siren"},
            Position.ON,
            ("siren", "turn_on"),
        ),
        (
            {"entity_id": "light.hall", "role": "siren"},
            Position.OFF,
            ("light", "turn_off"),
        ),
    ],
)
def test_an_actuator_is_moved_by_its_own_action(
    options: dict[str, Any], target: Position, expected: tuple[str, str]
) -> None:
    """Valves, covers and switches, and a switch that closes by turning on."""
    binding = actuator(**options)
    action = action_for(binding, target)
    assert (action.domain, action.service) == expected
    assert action.entity_id == binding.entity_id


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (
            {"entity_id": "select.gas", "targets": {"open": "OPEN", "closed": "SHUT"}},
            ("select", "select_option", {"option": "SHUT"}),
        ),
        (
            {"entity_id": "number.gas", "targets": {"open": 100, "closed": 0}},
            ("number", "set_value", {"value": 0}),
        ),
        # Nobody said what closes it: the action fails and is told, it is not guessed.
        ({"entity_id": "select.gas"}, ("select", "select_option", {})),
    ],
)
def test_an_option_or_a_number_is_set(
    options: dict[str, Any], expected: tuple[str, str, dict[str, Any]]
) -> None:
    action = action_for(actuator(**options), Position.CLOSED)
    assert (action.domain, action.service, action.data) == expected


@pytest.mark.parametrize("target", [Position.MOVING, Position.UNKNOWN])
def test_nothing_is_driven_to_no_place(target: Position) -> None:
    """That would be a fault of the kernel, and is said so."""
    with pytest.raises(ValueError, match="cannot drive"):
        action_for(actuator(), target)
