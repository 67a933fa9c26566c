"""Which entities plainly act on a hazard."""

from typing import TYPE_CHECKING, Any

from homeassistant.components.climate.const import ATTR_FAN_MODES, ATTR_HVAC_MODES
from homeassistant.components.cover import CoverDeviceClass
from homeassistant.components.switch import SwitchDeviceClass
from homeassistant.components.valve import ValveDeviceClass
from homeassistant.const import Platform

from ..safety.vocabulary import ActuatorRole, Witness
from .actuator_check import tones_of
from .options import TRAVEL_TIMES, ActuatorOptions
from .sirens import TONES, guess_tone
from .targets import ends_of, guess_option
from .wording import (
    EXTRACTOR,
    GARDEN,
    GAS,
    NOT_A_DOOR,
    NOT_A_VALVE,
    NOT_A_WINDOW,
    SHUTS,
    VALVE,
    WATER,
    WAY_OUT,
    WINDOW,
    plain,
)

if TYPE_CHECKING:
    from .proposals import Described

_MOVING_AIR = frozenset({"cool", "heat_cool", "auto", "dry", "fan_only"})


def propose_actuator(it: Described) -> ActuatorOptions | str | None:
    """Return the actuator that an entity is; why it is none; None if it is not meant."""
    candidate = it.candidate
    text = f"{it.own} {it.device}"
    match candidate.domain:
        case Platform.VALVE:
            return _valve(it, text)
        case Platform.SWITCH | Platform.SELECT if not candidate.is_quiet:
            return _switched_valve(it, text)
        case Platform.COVER:
            is_window = candidate.device_class == CoverDeviceClass.WINDOW or (
                candidate.device_class is None
                and WINDOW.search(it.own)
                and not NOT_A_WINDOW.search(it.own)
            )
            return _options(it, ActuatorRole.WINDOW) if is_window else None
        case Platform.SIREN:
            return _siren(it)
        case Platform.LOCK:
            is_door = not NOT_A_DOOR.search(text)
            return _options(it, ActuatorRole.LOCK) if is_door else None
        case Platform.LIGHT if not candidate.is_quiet:
            where = f"{text} {plain(candidate.area)}"
            is_way_out = WAY_OUT.search(where)
            return _options(it, ActuatorRole.LIGHT) if is_way_out else "not_the_way_out"
        case Platform.FAN:
            is_extractor = EXTRACTOR.search(text)
            return _options(it, ActuatorRole.FAN) if is_extractor else "not_ventilation"
        case Platform.CLIMATE:
            modes = set(candidate.attributes.get(ATTR_HVAC_MODES) or ())
            moves_air = candidate.attributes.get(ATTR_FAN_MODES) or modes & _MOVING_AIR
            return _options(it, ActuatorRole.HVAC) if moves_air else None
        case _:
            return None


def _options(it: Described, role: ActuatorRole, **more: Any) -> ActuatorOptions:
    is_only_set = it.candidate.domain in (Platform.SWITCH, Platform.SELECT)
    return ActuatorOptions.from_mapping(
        {
            "entity_id": it.candidate.entity_id,
            "registry_id": it.candidate.registry_id,
            "role": role,
            "name": it.candidate.name,
            "travel_time": TRAVEL_TIMES[role],
            "witness": Witness.LATE_REPORT if is_only_set else Witness.REPORT,
            **more,
        }
    )


def _valve(it: Described, text: str) -> ActuatorOptions | str | None:
    match it.candidate.device_class:
        case ValveDeviceClass.GAS:
            return _options(it, ActuatorRole.GAS_VALVE)
        case ValveDeviceClass.WATER:
            return _options(it, ActuatorRole.WATER_VALVE)
        case _ if GARDEN.search(text):
            return None
    role = _medium(it)
    return "ambiguous_switch" if role is None else _options(it, role)


def _medium(it: Described) -> ActuatorRole | None:
    """Return what flows through a valve by its name, else its device's; None if unsure."""
    for text in (it.own, it.device):
        is_gas, is_water = GAS.search(text), WATER.search(text)
        if is_gas and is_water:
            return None
        if is_gas:
            return ActuatorRole.GAS_VALVE
        if is_water:
            return ActuatorRole.WATER_VALVE
    return None


def _switched_valve(it: Described, text: str) -> ActuatorOptions | str | None:
    """Judge a switch or a select, which may be anything: a boiler, a stove, a plug.

    A gas valve counts as safe in gas. So a switch becomes one only if its name says
    plainly that it is a valve for gas and for nothing else.
    """
    is_gas, is_water = GAS.search(text), WATER.search(text)
    if not (is_gas or is_water) or NOT_A_VALVE.search(it.own):
        return None
    if not VALVE.search(text):
        is_switch = it.candidate.domain == Platform.SWITCH
        return "ambiguous_switch" if is_gas and is_switch else None
    if GARDEN.search(text):
        return None
    if it.candidate.domain == Platform.SELECT:
        return _selected_valve(it)
    if it.candidate.device_class == SwitchDeviceClass.OUTLET:
        return "plug"
    role = _medium(it)
    if role is None:
        return "ambiguous_switch"
    return "direction_unclear" if SHUTS.search(it.own) else _options(it, role)


def _selected_valve(it: Described) -> ActuatorOptions | str:
    role = _medium(it)
    if role is None:
        return "ambiguous_switch"
    targets = {end: guess_option(end, it.candidate.words) for end in ends_of(role)}
    if None in targets.values():
        return "states_unclear"
    return _options(it, role, targets=targets)


def _siren(it: Described) -> ActuatorOptions:
    offered = tones_of(it.candidate)
    tones = {
        purpose: tone for purpose in TONES if (tone := guess_tone(purpose, offered))
    }
    return _options(it, ActuatorRole.SIREN, tones=tones or None)
