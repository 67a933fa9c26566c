"""The kernel's drives as Home Assistant's actions."""

from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, field, replace
import logging
from typing import Any

from homeassistant.components.cover import DOMAIN as COVER
from homeassistant.components.lock import DOMAIN as LOCK
from homeassistant.components.number import (
    ATTR_VALUE,
    DOMAIN as NUMBER,
    SERVICE_SET_VALUE,
)
from homeassistant.components.select import (
    ATTR_OPTION,
    DOMAIN as SELECT,
    SERVICE_SELECT_OPTION,
)
from homeassistant.components.siren import DOMAIN as SIREN
from homeassistant.components.valve import DOMAIN as VALVE
from homeassistant.const import (
    ATTR_ENTITY_ID,
    SERVICE_CLOSE_COVER,
    SERVICE_CLOSE_VALVE,
    SERVICE_LOCK,
    SERVICE_OPEN_COVER,
    SERVICE_OPEN_VALVE,
    SERVICE_TURN_OFF,
    SERVICE_TURN_ON,
    SERVICE_UNLOCK,
)
from homeassistant.core import HomeAssistant, split_entity_id

from ..safety.vocabulary import Position
from .bindings import ActuatorBinding
from .sirens import OTHER, sound_of
from .troubles import reason_of, unforeseen

_LOGGER = logging.getLogger(__name__)

_OPENS_AND_CLOSES = {
    VALVE: (SERVICE_OPEN_VALVE, SERVICE_CLOSE_VALVE),
    COVER: (SERVICE_OPEN_COVER, SERVICE_CLOSE_COVER),
    LOCK: (SERVICE_UNLOCK, SERVICE_LOCK),
}
_SETS = {
    SELECT: (SERVICE_SELECT_OPTION, ATTR_OPTION),
    NUMBER: (SERVICE_SET_VALUE, ATTR_VALUE),
}


@dataclass(frozen=True, slots=True)
class Action:
    """An action of Home Assistant to perform on one entity.

    `extra` is what the action may do without: the tone of a siren.
    """

    domain: str
    service: str
    entity_id: str
    data: Mapping[str, Any] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)


def action_for(
    binding: ActuatorBinding, target: Position, purpose: str = OTHER
) -> Action:
    """Return the action that moves an actuator to a target.

    `purpose` is what a siren sounds for. Raise ValueError for a target that is no place
    to go to.
    """
    domain = split_entity_id(binding.entity_id)[0]
    if target in (Position.MOVING, Position.UNKNOWN):
        raise ValueError(f"cannot drive to {target}")
    is_on = target in (Position.OPEN, Position.ON, Position.UNLOCKED)
    if domain in _OPENS_AND_CLOSES:
        opens, closes = _OPENS_AND_CLOSES[domain]
        return Action(domain, opens if is_on else closes, binding.entity_id)
    if domain in _SETS:
        service, key = _SETS[domain]
        where = (binding.options.targets or {}).get(target)
        # Without it the action fails and is told, as every other failure.
        return Action(
            domain, service, binding.entity_id, {} if where is None else {key: where}
        )
    if binding.options.inverted:
        is_on = not is_on
    service = SERVICE_TURN_ON if is_on else SERVICE_TURN_OFF
    extra = sound_of(binding.options, purpose) if domain == SIREN and is_on else {}
    return Action(domain, service, binding.entity_id, extra=extra)


def perform(hass: HomeAssistant, action: Action) -> Coroutine[None, None, object]:
    """Return the action as something to await."""
    if action.extra:
        return _perform_at_least(hass, action)
    return hass.services.async_call(
        action.domain,
        action.service,
        {ATTR_ENTITY_ID: action.entity_id, **action.data},
        blocking=True,
    )


async def _perform_at_least(hass: HomeAssistant, action: Action) -> None:
    """Perform an action; if it does not like the extras, without them."""
    plain = replace(action, extra={})
    try:
        await perform(hass, replace(plain, data={**action.data, **action.extra}))
    except (
        Exception
    ) as error:  # a siren that does not know a tone must sound all the same
        _LOGGER.warning(
            "%s does not take %s; it sounds as it does without: %s",
            action.entity_id,
            dict(action.extra),
            reason_of(error),
            exc_info=unforeseen(error),
        )
        await perform(hass, plain)
