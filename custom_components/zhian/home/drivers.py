"""The kernel's drives as Home Assistant's actions."""

from dataclasses import dataclass

from homeassistant.components.cover import DOMAIN as COVER
from homeassistant.components.lock import DOMAIN as LOCK
from homeassistant.components.valve import DOMAIN as VALVE
from homeassistant.const import (
    SERVICE_CLOSE_COVER,
    SERVICE_CLOSE_VALVE,
    SERVICE_LOCK,
    SERVICE_OPEN_COVER,
    SERVICE_OPEN_VALVE,
    SERVICE_TURN_OFF,
    SERVICE_TURN_ON,
    SERVICE_UNLOCK,
)
from homeassistant.core import split_entity_id

from ..safety.vocabulary import Position
from .bindings import ActuatorBinding

_OPENS_AND_CLOSES = {
    VALVE: (SERVICE_OPEN_VALVE, SERVICE_CLOSE_VALVE),
    COVER: (SERVICE_OPEN_COVER, SERVICE_CLOSE_COVER),
    LOCK: (SERVICE_UNLOCK, SERVICE_LOCK),
}


@dataclass(frozen=True, slots=True)
class Action:
    """An action of Home Assistant to perform on one entity."""

    domain: str
    service: str
    entity_id: str


def action_for(binding: ActuatorBinding, target: Position) -> Action:
    """Return the action that moves an actuator to a target.

    Raise ValueError for a target that is no place to go to.
    """
    domain = split_entity_id(binding.entity_id)[0]
    if target in (Position.MOVING, Position.UNKNOWN):
        raise ValueError(f"cannot drive to {target}")
    is_on = target in (Position.OPEN, Position.ON, Position.UNLOCKED)
    if domain in _OPENS_AND_CLOSES:
        opens, closes = _OPENS_AND_CLOSES[domain]
        return Action(domain, opens if is_on else closes, binding.entity_id)
    if binding.options.inverted:
        is_on = not is_on
    service = SERVICE_TURN_ON if is_on else SERVICE_TURN_OFF
    return Action(domain, service, binding.entity_id)
