"""Where gas may be, and which devices must not be switched there."""

from collections.abc import Iterable

from homeassistant.core import HomeAssistant

from ..safety.vocabulary import ActuatorRole, Hazard
from .bound import DETECTOR, Part
from .options import ActuatorOptions
from .places import zone_of

type Zones = frozenset[str | None]


def gas_zones(hass: HomeAssistant, parts: Iterable[Part]) -> Zones:
    """Return the zones of the gas detectors; None is a detector of unknown place."""
    return frozenset(
        zone_of(hass, data["entity_id"], data.get("area"))
        for kind, data in parts
        if kind == DETECTOR and data["hazard"] == Hazard.GAS
    )


def is_near_gas(zone: str | None, zones: Zones) -> bool:
    """Return whether gas may be where a device is; an unknown place is every place."""
    return bool(zones) and (zone is None or None in zones or zone in zones)


def could_spark(
    hass: HomeAssistant, options: ActuatorOptions, zones: Zones
) -> str | None:
    """Return the field that asks to switch a device in gas that is not safe there."""
    if options.ignition_safe:
        return None
    if options.role is ActuatorRole.WINDOW and options.open_on_gas:
        return "open_on_gas"
    if options.role is ActuatorRole.SIREN and options.sound_on_gas:
        zone = zone_of(hass, options.entity_id, options.area)
        return "sound_on_gas" if is_near_gas(zone, zones) else None
    return None
