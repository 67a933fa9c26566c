"""Which steps a hazard calls for."""

from collections.abc import Callable, Mapping
from typing import Final

from .entries import Planned
from .household import Actuator, Household
from .vocabulary import ActuatorRole, Hazard, Position

AIR: Final = frozenset({ActuatorRole.FAN, ActuatorRole.HVAC})
"""What moves air, which a fire lives on."""

type _Want = Callable[[Actuator], Position | None]


def _close_gas(actuator: Actuator) -> Position | None:
    return Position.CLOSED if actuator.role is ActuatorRole.GAS_VALVE else None


def _close_water(actuator: Actuator) -> Position | None:
    return Position.CLOSED if actuator.role is ActuatorRole.WATER_VALVE else None


def _open_window(actuator: Actuator) -> Position | None:
    # Only a window whose owner has declared its drive safe and has asked for it.
    wanted = actuator.role is ActuatorRole.WINDOW and actuator.open_on_gas
    return Position.OPEN if wanted else None


def _sound(actuator: Actuator) -> Position | None:
    return Position.ON if actuator.role is ActuatorRole.SIREN else None


def _sound_on_gas(actuator: Actuator) -> Position | None:
    return _sound(actuator) if actuator.sound_on_gas else None


def _unlock(actuator: Actuator) -> Position | None:
    return Position.UNLOCKED if actuator.role is ActuatorRole.LOCK else None


def _light_up(actuator: Actuator) -> Position | None:
    return Position.ON if actuator.role is ActuatorRole.LIGHT else None


def _ventilate(actuator: Actuator) -> Position | None:
    return Position.ON if actuator.role is ActuatorRole.FAN else None


def _stop_air(actuator: Actuator) -> Position | None:
    return Position.OFF if actuator.role in AIR else None


PLANS: Final[Mapping[Hazard, tuple[_Want, ...]]] = {
    Hazard.GAS: (_close_gas, _open_window, _sound_on_gas),
    # A flame is the usual source of carbon monoxide.
    Hazard.CARBON_MONOXIDE: (_close_gas, _open_window, _ventilate, _sound),
    Hazard.SMOKE: (_close_gas, _unlock, _light_up, _stop_air, _sound),
    Hazard.WATER: (_close_water,),
    Hazard.INTRUSION: (_sound, _light_up),
    Hazard.SOS: (_unlock,),
}
"""What each hazard wants of each actuator, most urgent first."""

POSSIBLE: Final[Mapping[Hazard, Mapping[ActuatorRole, Position]]] = {
    Hazard.GAS: {
        ActuatorRole.WINDOW: Position.OPEN,
        ActuatorRole.FAN: Position.ON,
        ActuatorRole.SIREN: Position.ON,
        ActuatorRole.LOCK: Position.UNLOCKED,
        ActuatorRole.LIGHT: Position.ON,
    },
    Hazard.CARBON_MONOXIDE: {
        ActuatorRole.WINDOW: Position.OPEN,
        ActuatorRole.FAN: Position.ON,
        ActuatorRole.SIREN: Position.ON,
        ActuatorRole.LOCK: Position.UNLOCKED,
        ActuatorRole.LIGHT: Position.ON,
    },
    Hazard.SMOKE: {
        ActuatorRole.LOCK: Position.UNLOCKED,
        ActuatorRole.LIGHT: Position.ON,
        ActuatorRole.FAN: Position.OFF,
        ActuatorRole.HVAC: Position.OFF,
        ActuatorRole.SIREN: Position.ON,
    },
    Hazard.WATER: {
        ActuatorRole.WATER_VALVE: Position.CLOSED,
        ActuatorRole.SIREN: Position.ON,
    },
    Hazard.INTRUSION: {
        ActuatorRole.SIREN: Position.ON,
        ActuatorRole.LIGHT: Position.ON,
    },
    Hazard.SOS: {
        ActuatorRole.LOCK: Position.UNLOCKED,
        ActuatorRole.LIGHT: Position.ON,
        ActuatorRole.SIREN: Position.ON,
    },
}
"""What a person may leave out of each plan or add to it.

A gas valve is not among it: nobody may keep it from closing.
"""

SILENCED_BY_ACKNOWLEDGEMENT: Final = frozenset({ActuatorRole.SIREN})


def steps_for(household: Household, hazard: Hazard) -> tuple[Planned, ...]:
    """Return the steps of a hazard's plan in this home, most urgent first."""
    actuators = household.actuators.values()
    planned = {
        actuator.id: Planned(f"{target.value}:{actuator.id}", actuator.id, target)
        for want in PLANS.get(hazard, ())
        for actuator in actuators
        if (target := want(actuator)) is not None
        and (hazard not in actuator.left_out or is_fixed(actuator))
    }
    for actuator in actuators:
        if hazard in actuator.added and actuator.id not in planned:
            if (target := possible(actuator.role, hazard)) is not None:
                step = f"{target.value}:{actuator.id}"
                planned[actuator.id] = Planned(step, actuator.id, target)
    return tuple(planned.values())


def usual(actuator: Actuator, hazard: Hazard) -> bool:
    """Whether an actuator acts on a hazard unless a person wants it otherwise."""
    return any(want(actuator) is not None for want in PLANS.get(hazard, ()))


def possible(role: ActuatorRole, hazard: Hazard) -> Position | None:
    """Return what a role could do about a hazard, None if nothing sensible."""
    return POSSIBLE.get(hazard, {}).get(role)


def is_fixed(actuator: Actuator) -> bool:
    """Whether no person may leave an actuator out: closing the gas ends a leak."""
    return actuator.role is ActuatorRole.GAS_VALVE
