"""What else Home Assistant knows of a bound device: its battery, its cover, its voices."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from homeassistant.components.binary_sensor.const import BinarySensorDeviceClass
from homeassistant.components.sensor.const import SensorDeviceClass
from homeassistant.const import (
    ATTR_ENTITY_ID,
    STATE_ON,
    STATE_UNAVAILABLE,
    STATE_UNKNOWN,
    Platform,
)
from homeassistant.core import HomeAssistant, State, callback
from homeassistant.helpers import entity_registry as er

BATTERY_GRACE: Final = 6 * 3600.0
"""Seconds. A battery device speaks every few hours, and its hub gives it time."""

MAINS_GRACE: Final = 600.0
"""Seconds. A mains device is always reachable: ten minutes are a restart and no more."""

LOW: Final = 20.0
"""Percent. Below it a battery is to be replaced."""

WELL_AGAIN: Final = 25.0
"""Percent. A battery that is only warmer today is not a new one."""

_SILENT: Final = frozenset({STATE_UNAVAILABLE, STATE_UNKNOWN})
_SPEAKING: Final = (Platform.BINARY_SENSOR, Platform.EVENT, Platform.SENSOR)


@dataclass(frozen=True, slots=True)
class Companions:
    """The entities of the same device, by what they tell; the device's own included."""

    entity_id: str
    has_device: bool = False
    batteries: tuple[str, ...] = ()
    tampers: tuple[str, ...] = ()
    voices: tuple[str, ...] = ()
    """The entities whose reports show that the device lives."""

    @property
    def grace(self) -> float:
        """Seconds without a word after which the device is missed.

        Nobody knows how a device without a battery entity and without a registry entry
        is fed: it gets the longer time.
        """
        return MAINS_GRACE if self.has_device and not self.batteries else BATTERY_GRACE


@callback
def companions_of(hass: HomeAssistant, entity_id: str) -> Companions:
    """Look the device of an entity up."""
    registry = er.async_get(hass)
    entry = registry.async_get(entity_id)
    if entry is None or entry.device_id is None:
        return Companions(entity_id, voices=(entity_id,))
    batteries: list[str] = []
    tampers: list[str] = []
    voices = [entity_id]
    for other in er.async_entries_for_device(registry, entry.device_id):
        kind = other.device_class or other.original_device_class
        if kind in (BinarySensorDeviceClass.BATTERY, SensorDeviceClass.BATTERY):
            batteries.append(other.entity_id)
        elif kind == BinarySensorDeviceClass.TAMPER:
            tampers.append(other.entity_id)
        if other.domain in _SPEAKING and other.entity_id != entity_id:
            voices.append(other.entity_id)
    return Companions(entity_id, True, tuple(batteries), tuple(tampers), tuple(voices))


@callback
def members_of(hass: HomeAssistant, entity_id: str) -> tuple[str, ...]:
    """Return the members of a group, those of groups in it too; none for a device."""
    return tuple(dict.fromkeys(_members(hass, entity_id, {entity_id})))


def _members(hass: HomeAssistant, entity_id: str, seen: set[str]) -> Iterator[str]:
    state = hass.states.get(entity_id)
    listed = state.attributes.get(ATTR_ENTITY_ID) if state else None
    if not isinstance(listed, list | tuple):
        return
    for member in listed:
        if not isinstance(member, str) or member in seen:
            continue
        seen.add(member)
        inner = list(_members(hass, member, seen))
        yield from inner or [member]


def is_silent(state: State | None) -> bool:
    """Whether an entity says nothing now."""
    return state is None or state.state in _SILENT


def is_on(hass: HomeAssistant, entities: tuple[str, ...], *, before: bool) -> bool:
    """Return whether any of some entities is on; what says nothing changes nothing."""
    return any(
        before if state is None or is_silent(state) else state.state == STATE_ON
        for state in map(hass.states.get, entities)
    )


def is_battery_low(hass: HomeAssistant, entity_id: str, *, before: bool) -> bool:
    """Return whether a battery has to be replaced; what says nothing changes nothing."""
    state = hass.states.get(entity_id)
    if state is None or is_silent(state):
        return before
    if state.domain == Platform.BINARY_SENSOR:
        return state.state == STATE_ON
    try:
        percent = float(state.state)
    except ValueError:
        return before
    return percent < (WELL_AGAIN if before else LOW)
