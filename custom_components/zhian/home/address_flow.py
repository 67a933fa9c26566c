"""The addresses of the home's station, in the order in which they are tried."""

from typing import Final

from homeassistant.config_entries import ConfigFlow, ConfigFlowResult
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.helpers.selector import (
    BooleanSelector,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)

import voluptuous as vol
from yarl import URL

from ..const import SAVED
from ..link.addresses import AddressFault, BadAddress, station_origin
from ..link.client import StationClient
from ..link.faults import StationUnreachable, Trouble
from ..link.messages import MAX_ADDRESSES
from ..link.signatures import Key
from .enrolment import CONF_ALLOW_HTTP
from .options import HomeOptions
from .subentry_flow import Errors, Input

CONF_ADDRESSES: Final = "addresses"
CONF_STATION: Final = "station"

SCHEMA: Final = vol.Schema(
    {
        vol.Required(CONF_ADDRESSES): TextSelector(
            TextSelectorConfig(type=TextSelectorType.URL, multiple=True)
        ),
        vol.Optional(CONF_ALLOW_HTTP, default=False): BooleanSelector(),
    }
)
_FAULTS: Final = {
    AddressFault.NOT_AN_ADDRESS: CONF_ADDRESSES,
    AddressFault.HTTP_NOT_ALLOWED: CONF_ALLOW_HTTP,
    AddressFault.HTTP_TO_PUBLIC: CONF_ADDRESSES,
}


class AddressFlow(ConfigFlow):
    """The step that changes where the station is looked for."""

    async def async_step_addresses(
        self, user_input: Input | None = None
    ) -> ConfigFlowResult:
        """Ask for the addresses, the best first."""
        entry = self._get_reconfigure_entry()
        home = HomeOptions.from_mapping(entry.data)
        station = home.station
        assert station is not None
        errors: Errors = {}
        shown: Input = {
            CONF_ADDRESSES: list(station.addresses),
            CONF_ALLOW_HTTP: station.allow_http,
        }
        if user_input is not None:
            shown = user_input
            origins = _origins(user_input, errors)
            if not errors:
                await self._look_for_strangers(home, origins, errors)
            if not errors:
                # Where it was enrolled it need not prove itself again.
                proven = station.proven or station.url
                data = {
                    **entry.data[CONF_STATION],
                    "url": origins[0],
                    "others": origins[1:],
                    "proven": proven,
                    CONF_ALLOW_HTTP: user_input[CONF_ALLOW_HTTP],
                }
                return self.async_update_and_abort(
                    entry, data_updates={CONF_STATION: data}, reason=SAVED
                )
        return self.async_show_form(
            step_id="addresses",
            data_schema=self.add_suggested_values_to_schema(SCHEMA, shown),
            errors=errors,
            description_placeholders={
                "station": station.station,
                "most": str(MAX_ADDRESSES),
            },
        )

    async def _look_for_strangers(
        self, home: HomeOptions, origins: list[str], errors: Errors
    ) -> None:
        """Tell at once if somebody else answers; who is silent now may answer later."""
        station = home.station
        assert station is not None
        if station.identity is None:
            return
        client = StationClient(
            async_get_clientsession(self.hass),
            origins[0],
            Key.from_base64(home.private_key),
            station.household,
            allow_http=True,
        )
        for origin in origins:
            if origin in station.addresses:
                continue
            try:
                proof = await client.identify(URL(origin))
            except StationUnreachable as error:
                if error.trouble is Trouble.ANOTHER_STATION:
                    errors[CONF_ADDRESSES] = "another_station"
            else:
                if proof.public_key != station.identity:
                    errors[CONF_ADDRESSES] = "another_station"


def _origins(user_input: Input, errors: Errors) -> list[str]:
    """Return the addresses as they are kept, or tell what is wrong with one."""
    origins: list[str] = []
    for text in user_input[CONF_ADDRESSES]:
        if not text.strip():
            continue
        try:
            origin = station_origin(text, allow_http=user_input[CONF_ALLOW_HTTP])
        except BadAddress as error:
            errors[_FAULTS[error.fault]] = error.fault
        else:
            origins.append(str(origin))
    origins = list(dict.fromkeys(origins))
    if not errors and not origins:
        errors[CONF_ADDRESSES] = "url_missing"
    if len(origins) > MAX_ADDRESSES:
        errors[CONF_ADDRESSES] = "too_many_addresses"
    return origins
