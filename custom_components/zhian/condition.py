"""Conditions for automations."""

from homeassistant.core import HomeAssistant
from homeassistant.helpers.condition import Condition

from .home.conditions import CONDITIONS


async def async_get_conditions(hass: HomeAssistant) -> dict[str, type[Condition]]:
    """Return the conditions; each is called zhian.<key>."""
    return CONDITIONS
