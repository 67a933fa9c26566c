"""The sentences of the voice assistant: put into the configuration like blueprints.

Home Assistant reads sentences from <config>/custom_sentences only.
"""

import logging
from pathlib import Path

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError

from .const import DOMAIN
from .shipped import async_install, async_withdraw

_LOGGER = logging.getLogger(__name__)

PACKAGED = Path(__file__).parent / "sentences"
STORAGE_KEY = f"{DOMAIN}.sentences"


async def async_install_sentences(hass: HomeAssistant) -> None:
    """Bring the packaged sentences into the configuration.

    A failure is logged and stops nothing: the home is guarded without them.
    """
    try:
        result = await async_install(hass, STORAGE_KEY, PACKAGED, _folder(hass))
        if result.added or result.updated:
            await _async_make_known(hass)
    except (OSError, HomeAssistantError) as err:
        _LOGGER.warning("The sentences could not be installed: %s", err)


async def async_withdraw_sentences(hass: HomeAssistant) -> None:
    """Take them away with the home: nobody would answer them any more."""
    try:
        if await async_withdraw(hass, STORAGE_KEY, _folder(hass)):
            await _async_make_known(hass)
    except (OSError, HomeAssistantError) as err:
        _LOGGER.warning("The sentences could not be removed: %s", err)


def _folder(hass: HomeAssistant) -> Path:
    return Path(hass.config.path("custom_sentences"))


async def _async_make_known(hass: HomeAssistant) -> None:
    """Let the voice assistant read its sentences again."""
    if hass.services.has_service("conversation", "reload"):
        await hass.services.async_call("conversation", "reload", blocking=True)
