"""Alarm control panels: the one of the home."""

from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .types import ZhianConfigEntry

PARALLEL_UPDATES = 0  # an action on a safety entity never queues behind another


async def async_setup_entry(
    hass: HomeAssistant,
    entry: ZhianConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the entities of this entry's role."""
    entry.runtime_data.add_entities(Platform.ALARM_CONTROL_PANEL, async_add_entities)
