"""Triggers for automations."""

from homeassistant.core import HomeAssistant
from homeassistant.helpers.trigger import Trigger

from .home.triggers import TRIGGERS


async def async_get_triggers(hass: HomeAssistant) -> dict[str, type[Trigger]]:
    """Return the triggers; each is called zhian.<key>."""
    return TRIGGERS
