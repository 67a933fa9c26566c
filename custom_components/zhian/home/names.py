"""Entities that speak for a bound one: known by their registry id, not by their name."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er

from .options import ActuatorOptions, DetectorOptions

FIELDS: Final = (
    "warm_up_entity",
    "fault_entity",
    "witness_entity",
    "rain_entity",
    "child_lock_entity",
    "lock_entity",
    "obstruction_entity",
)
"""Where settings name another entity than the bound one."""


@callback
def registry_ids(hass: HomeAssistant, data: Mapping[str, Any]) -> dict[str, str]:
    """Return the registry id of each other entity that settings name, by its field."""
    registry = er.async_get(hass)
    return {
        field: entry.id
        for field in FIELDS
        if (name := data.get(field)) and (entry := registry.async_get(name))
    }


@callback
def with_registry_ids(
    hass: HomeAssistant, options: DetectorOptions | ActuatorOptions
) -> DetectorOptions | ActuatorOptions:
    """Return options that know their other entities also after a rename."""
    return replace(options, registry_ids=registry_ids(hass, options.as_data()))


@callback
def renames(
    hass: HomeAssistant, options: DetectorOptions | ActuatorOptions
) -> Iterator[tuple[str, str, str]]:
    """Yield field, name in the settings and name now of what was renamed."""
    registry = er.async_get(hass)
    for field, registry_id in options.registry_ids.items():
        before: str | None = getattr(options, field, None)
        entry = registry.async_get(registry_id)
        if before and entry is not None and entry.entity_id != before:
            yield field, before, entry.entity_id


@callback
def followed[Options: (DetectorOptions, ActuatorOptions)](
    hass: HomeAssistant, options: Options
) -> Options:
    """Return options with the names that the other entities have now."""
    now: dict[str, Any] = {field: name for field, _, name in renames(hass, options)}
    return replace(options, **now) if now else options
