"""Intents of the voice assistant; its sentences come with `sentences.py`."""

from homeassistant.core import HomeAssistant
from homeassistant.helpers import intent

from .home.intents import INTENTS


async def async_setup_intents(hass: HomeAssistant) -> None:
    """Register what may be said."""
    for handler in INTENTS:
        intent.async_register(hass, handler())
