"""Actions between stations: orders, signatures for them, and a new key."""

from typing import Any, Final

from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.service import async_register_admin_service

import voluptuous as vol

from ..const import DOMAIN
from ..link.wire_json import LONGEST_TEXT
from . import async_get_station, parent_key
from .access import async_actor

SERVICE_ORDER: Final = "order_station"
SERVICE_SIGN: Final = "sign_order"
SERVICE_RENEW: Final = "renew_station_key"

ATTR_TEXT: Final = "text"
ATTR_STATION: Final = "station"
ATTR_INCIDENT: Final = "incident"
ATTR_ORDER: Final = "order"

ORDER_FIELDS: Final[dict[Any, Any]] = {
    vol.Required(ATTR_TEXT): vol.All(cv.string, vol.Length(max=LONGEST_TEXT)),
    vol.Optional(ATTR_STATION): cv.string,
    vol.Optional(ATTR_INCIDENT): cv.string,
}
SIGN_FIELDS: Final[dict[Any, Any]] = {vol.Optional(ATTR_ORDER): cv.string}


@callback
def async_register(hass: HomeAssistant) -> None:
    """Register the actions, once per Home Assistant."""
    hass.services.async_register(
        DOMAIN,
        SERVICE_ORDER,
        _order,
        vol.Schema(ORDER_FIELDS),
        SupportsResponse.OPTIONAL,
    )
    hass.services.async_register(
        DOMAIN, SERVICE_SIGN, _sign, vol.Schema(SIGN_FIELDS), SupportsResponse.OPTIONAL
    )
    async_register_admin_service(hass, DOMAIN, SERVICE_RENEW, _renew, vol.Schema({}))


async def _order(call: ServiceCall) -> ServiceResponse:
    """Order something of a station below."""
    actor = await async_actor(call.hass, call.context)
    order = await async_get_station(call.hass).federation.give(
        call.data[ATTR_TEXT],
        actor,
        call.data.get(ATTR_STATION),
        call.data.get(ATTR_INCIDENT),
    )
    return order.as_json()


async def _sign(call: ServiceCall) -> ServiceResponse:
    """Sign for an order from above."""
    actor = await async_actor(call.hass, call.context)
    order = await async_get_station(call.hass).federation.sign(
        call.data.get(ATTR_ORDER), actor
    )
    return order.as_json()


async def _renew(call: ServiceCall) -> None:
    """Give this station a new key at the one above."""
    station = async_get_station(call.hass)
    parent_key.begin(call.hass, station.entry)
