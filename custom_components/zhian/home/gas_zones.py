"""Where gas may be, and which devices must not be switched there."""

from collections.abc import Iterable

from homeassistant.core import HomeAssistant

from ..safety.vocabulary import ActuatorRole, Hazard
from .bound import ACTUATOR, DETECTOR, Part
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
    # Whoever adds a device to the plan for gas says that it is safe in gas.
    return "ignition_safe" if options.plans.get(Hazard.GAS) else None


def newly_sparking(
    hass: HomeAssistant, before: Iterable[Part], after: Iterable[Part]
) -> list[str]:
    """Return the devices that would be switched in gas because of a change of the home.

    What is wrong already is no reason to refuse another change.
    """
    after = list(after)
    zones, zones_before = gas_zones(hass, after), gas_zones(hass, before)
    devices = (ActuatorOptions.from_mapping(d) for kind, d in after if kind == ACTUATOR)
    return [
        device.name
        for device in devices
        if could_spark(hass, device, zones)
        and not could_spark(hass, device, zones_before)
    ]
