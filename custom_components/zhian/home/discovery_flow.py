"""A station that was found in the network: offered, never simply believed."""

from functools import partial
import logging
from typing import Final

from homeassistant.config_entries import SOURCE_IGNORE, ConfigEntry, ConfigFlowResult
from homeassistant.const import CONF_URL
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.helpers.service_info.zeroconf import ZeroconfServiceInfo

from yarl import URL

from ..const import CONF_ROLE, DOMAIN, ROLE_HOME
from ..link.addresses import BadAddress, is_private
from ..link.announcement import Announcement
from ..link.client import StationClient
from ..link.faults import StationUnreachable
from ..link.identity import station_id
from ..link.signatures import Key
from .address_flow import CONF_STATION
from .agree_flow import AgreeFlow, Asked
from .enrol_schema import ENROL_SCHEMA
from .options import HomeOptions, StationOptions
from .station_flow import read_ticket
from .subentry_flow import Errors, Input

_LOGGER: Final = logging.getLogger(__name__)


class DiscoveryFlow(AgreeFlow):
    """The steps that begin with an announcement."""

    found: Announcement | None = None

    async def async_step_zeroconf(
        self, discovery_info: ZeroconfServiceInfo
    ) -> ConfigFlowResult:
        """Offer a station to a home that has none, or to somebody who has no home."""
        found = Announcement.read(
            discovery_info.properties, discovery_info.ip_addresses, discovery_info.port
        )
        if found is None:
            return self.async_abort(reason="not_for_this_version")
        await self.async_set_unique_id(f"station-{found.station}")
        self._abort_if_unique_id_configured(reload_on_update=False)
        self.found = found
        self.context["title_placeholders"] = {"name": found.name}
        entry = self._home_entry()
        if entry is None:
            return await self.async_step_found()
        return await self._for_home(entry, found)

    async def async_step_found(
        self, user_input: Input | None = None
    ) -> ConfigFlowResult:
        """Ask whether a home is to be set up with this station."""
        assert self.found is not None
        if user_input is not None:
            entry = self._home_entry()
            if entry is None:
                return await self.async_step_home()
            # It was set up while this dialog was waiting.
            return await self._for_home(entry, self.found)
        return self.async_show_form(
            step_id="found",
            description_placeholders=self._said(self.found),
            last_step=False,
        )

    async def async_step_home(
        self, user_input: Input | None = None
    ) -> ConfigFlowResult:
        """Set up a home."""
        raise NotImplementedError

    async def async_step_join(
        self, user_input: Input | None = None
    ) -> ConfigFlowResult:
        """Ask for the pairing code; the home joins the station."""
        assert self.found is not None
        errors: Errors = {}
        entry = self._home_entry()
        home = HomeOptions.from_mapping(entry.data) if entry else None
        if entry is None or home is None or home.station is not None:
            return self.async_abort(reason="already_at_station")
        if user_input is not None:
            ticket = read_ticket(user_input, errors, self.expected(user_input))
            if ticket is not None:
                self.asked = Asked(
                    home,
                    entry,
                    ticket,
                    partial(self._joined, entry),
                    partial(self._ask_code, self.found, user_input),
                )
                return await self.async_step_agree()
        return self._ask_code(
            self.found, user_input or {CONF_URL: self.found.url}, errors
        )

    def _ask_code(
        self, found: Announcement, suggested: Input, errors: Errors
    ) -> ConfigFlowResult:
        return self.async_show_form(
            step_id="join",
            data_schema=self.add_suggested_values_to_schema(ENROL_SCHEMA, suggested),
            errors=errors,
            description_placeholders=self._said(found),
            last_step=False,
        )

    async def _joined(
        self, entry: ConfigEntry, station: StationOptions
    ) -> ConfigFlowResult:
        return self.async_update_and_abort(
            entry,
            data_updates={CONF_STATION: station.as_data()},
            reason="joined_station",
        )

    async def _for_home(
        self, entry: ConfigEntry, found: Announcement
    ) -> ConfigFlowResult:
        """Offer the station to a home that is there, or say why it is not offered."""
        station = HomeOptions.from_mapping(entry.data).station
        if station is None:
            return await self.async_step_join()
        if station.identity is None or station_id(station.identity) != found.station:
            return self.async_abort(reason="at_another_station")
        await self._follow(entry, station, found.url)
        return self.async_abort(reason="already_at_station")

    def expected(self, typed: Input) -> str | None:
        """Return which station has to prove itself before it gets the code."""
        url = (typed.get(CONF_URL) or "").strip().rstrip("/")
        if self.found is None or url != self.found.url:
            return None
        return self.found.station

    def _said(self, found: Announcement) -> dict[str, str]:
        return {"station": found.name, "address": found.url, "check": found.check}

    def _home_entry(self) -> ConfigEntry | None:
        for entry in self.hass.config_entries.async_entries(DOMAIN):
            if entry.source != SOURCE_IGNORE and entry.data[CONF_ROLE] == ROLE_HOME:
                return entry
        return None

    async def _follow(
        self, entry: ConfigEntry, station: StationOptions, url: str
    ) -> None:
        """Take up the station's new address, if it proves that it has moved there.

        Only where one of its private addresses no longer answers: whoever announces
        something gets no place in the list, and nothing but a challenge.
        """
        if station.identity is None or url in station.addresses:
            return
        if not is_private(URL(url).host or ""):
            return
        home = HomeOptions.from_mapping(entry.data)
        try:
            client = StationClient(
                async_get_clientsession(self.hass),
                url,
                Key.from_base64(home.private_key),
                station.household,
                allow_http=station.allow_http,
            )
        except BadAddress:
            return  # plain http, and nobody has allowed it
        if not await _is_there(client, url, station.identity):
            _LOGGER.debug("An announced address of the station is not the station's")
            return
        for address in station.addresses:
            if not is_private(URL(address).host or ""):
                continue
            if not await _is_there(client, address, station.identity):
                first, *others = (url if a == address else a for a in station.addresses)
                moved = {
                    "url": first,
                    "others": others,
                    "proven": station.proven or station.url,
                }
                self.hass.config_entries.async_update_entry(
                    entry,
                    data={
                        **entry.data,
                        CONF_STATION: {**entry.data[CONF_STATION], **moved},
                    },
                )
                _LOGGER.info("The station has moved to another address")
                return


async def _is_there(client: StationClient, url: str, identity: str) -> bool:
    """Whether the station proves itself at an address."""
    try:
        return (await client.identify(URL(url))).public_key == identity
    except StationUnreachable:
        return False
