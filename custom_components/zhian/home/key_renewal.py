"""A new key for the home: kept first, then brought to the station, then used.

The next key lies in the entry beside the present one until the station has it. So a
crash at any moment leaves a home that the station knows by one of the two.
"""

import asyncio
from collections.abc import Callable
import logging
from typing import TYPE_CHECKING, Final

from homeassistant.core import HomeAssistant, ServiceCall, callback
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers.service import async_register_admin_service

import voluptuous as vol

from ..const import DOMAIN
from ..link.client import StationClient, StationError
from ..link.signatures import Key

if TYPE_CHECKING:
    from . import Home

_LOGGER: Final = logging.getLogger(__name__)

SERVICE: Final = "renew_key"
PRIVATE_KEY: Final = "private_key"
NEXT_KEY: Final = "next_private_key"
TRY_EVERY: Final = 60.0


@callback
def async_register(hass: HomeAssistant, get_home: Callable[[], Home]) -> None:
    """Register the action."""

    async def renew(_: ServiceCall) -> None:
        begin(hass, get_home())

    async_register_admin_service(hass, DOMAIN, SERVICE, renew, vol.Schema({}))


@callback
def begin(hass: HomeAssistant, home: Home) -> None:
    """Make the next key and keep it; the home begins anew and brings it.

    Not during an incident: the buttons of its messages are signed with the key.
    """
    if home.link is None:
        raise ServiceValidationError(
            translation_domain=DOMAIN, translation_key="not_enrolled"
        )
    if home.guard.state.incidents:
        raise ServiceValidationError(
            translation_domain=DOMAIN, translation_key="no_new_key_now"
        )
    if NEXT_KEY not in home.entry.data:
        data = {**home.entry.data, NEXT_KEY: Key.generate().private}
        hass.config_entries.async_update_entry(home.entry, data=data)


async def bring(hass: HomeAssistant, home: Home, client: StationClient) -> None:
    """Bring the station the next key, if there is one, and then use it."""
    if (text := home.entry.data.get(NEXT_KEY)) is None:
        return
    while True:
        try:
            await client.change_key(Key.from_base64(text))
        except StationError as error:
            _LOGGER.warning("The station has not taken the new key yet: %s", error)
            await asyncio.sleep(TRY_EVERY)
        else:
            break
    _LOGGER.info("The station has taken the home's new key")
    data = {name: value for name, value in home.entry.data.items() if name != NEXT_KEY}
    hass.config_entries.async_update_entry(home.entry, data={**data, PRIVATE_KEY: text})
