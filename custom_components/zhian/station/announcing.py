"""The station says in its own network that it is there."""

import asyncio
import contextlib
import logging
from typing import TYPE_CHECKING, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.start import async_at_started

from yarl import URL

from ..link.announcement import SERVICE_TYPE, facts, fitting_name
from .identity import own_addresses

if TYPE_CHECKING:
    from homeassistant.components.http import ApiConfig

    from zeroconf.asyncio import AsyncServiceInfo, AsyncZeroconf

    from . import Station

_LOGGER: Final = logging.getLogger(__name__)


class Announcer:
    """Announces the station by Home Assistant's own zeroconf, where it runs."""

    def __init__(self, station: Station) -> None:
        """Say nothing yet."""
        self._station = station
        self._speaking: asyncio.Task[None] | None = None
        self._zeroconf: AsyncZeroconf | None = None
        self._info: AsyncServiceInfo | None = None
        self._end: CALLBACK_TYPE | None = None

    @callback
    def start(self, hass: HomeAssistant, entry: ConfigEntry) -> None:
        """Begin as soon as Home Assistant answers requests."""
        if "zeroconf" not in hass.config.components or hass.config.api is None:
            return
        api = hass.config.api

        @callback
        def speak(_: HomeAssistant) -> None:
            self._speaking = entry.async_create_background_task(
                hass, self._announce(hass, api), "zhian announcement"
            )

        self._end = async_at_started(hass, speak)

    async def stop(self) -> None:
        """Take back what was said."""
        if self._end is not None:
            self._end()
            self._end = None
        if (speaking := self._speaking) is not None:
            self._speaking = None
            speaking.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await speaking
        zeroconf, info = self._zeroconf, self._info
        self._zeroconf = self._info = None
        self._station.announced_at = ()
        if zeroconf is not None and info is not None:
            try:
                await (await zeroconf.async_unregister_service(info))
            except Exception:  # the station goes on, or ends, all the same
                _LOGGER.debug("The announcement was not taken back", exc_info=True)

    async def _announce(self, hass: HomeAssistant, api: ApiConfig) -> None:
        # Only here: a station without zeroconf does without the library, too.
        from homeassistant.components import network, zeroconf

        from zeroconf.asyncio import AsyncServiceInfo

        station = self._station
        name = fitting_name(station.name).replace(".", " ")
        port, is_https = api.port, api.use_ssl
        addresses = await network.async_get_announce_addresses(hass)
        scheme = "https" if is_https else "http"
        station.announced_at = tuple(
            str(URL.build(scheme=scheme, host=address, port=port))
            for address in addresses
        )
        own = URL(next(iter(own_addresses(hass)), ""))
        info = AsyncServiceInfo(
            SERVICE_TYPE,
            name=f"{name}.{SERVICE_TYPE}",
            server=f"zhian-{station.identity.id}.local.",
            parsed_addresses=list(addresses),
            port=port,
            properties=facts(station.name, station.identity.id, own, is_https=is_https),
        )
        try:
            found = await zeroconf.async_get_async_instance(hass)
            self._zeroconf, self._info = found, info
            await (await found.async_register_service(info, allow_name_change=True))
        except Exception:  # homes can be enrolled without
            _LOGGER.warning(
                "The station cannot be announced in the network", exc_info=True
            )
