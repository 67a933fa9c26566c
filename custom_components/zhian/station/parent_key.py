"""A new key for the station: kept first, then brought to the one above, then used.

The next key lies in the entry beside the present one until the station above has it. So
a crash at any moment leaves a station that is known there by one of the two.
"""

import asyncio
import logging
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import ServiceValidationError

from ..const import DOMAIN
from ..link.client import StationClient, StationError
from ..link.signatures import Key
from .parent import CONF_PARENT, CONF_PRIVATE_KEY

_LOGGER: Final = logging.getLogger(__name__)

CONF_NEXT_KEY: Final = "next_private_key"
TRY_EVERY = 60.0


@callback
def begin(hass: HomeAssistant, entry: ConfigEntry[Any]) -> None:
    """Make the next key and keep it; the station begins anew and brings it."""
    if not entry.data.get(CONF_PARENT):
        raise ServiceValidationError(
            translation_domain=DOMAIN, translation_key="no_parent"
        )
    if CONF_NEXT_KEY not in entry.data:
        data = {**entry.data, CONF_NEXT_KEY: Key.generate().private}
        hass.config_entries.async_update_entry(entry, data=data)


async def bring(
    hass: HomeAssistant, entry: ConfigEntry[Any], client: StationClient
) -> None:
    """Bring the station above the next key, if there is one, and then use it."""
    if (text := entry.data.get(CONF_NEXT_KEY)) is None:
        return
    while True:
        try:
            await client.change_key(Key.from_base64(text))
        except StationError as error:
            _LOGGER.warning("The higher station has not taken the new key: %s", error)
            await asyncio.sleep(TRY_EVERY)
        else:
            break
    _LOGGER.info("The higher station has taken this station's new key")
    data = {name: value for name, value in entry.data.items() if name != CONF_NEXT_KEY}
    hass.config_entries.async_update_entry(entry, data={**data, CONF_PRIVATE_KEY: text})
