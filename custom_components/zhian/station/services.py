"""Actions of the station: the desk's life cycle and pairing codes."""

from datetime import timedelta
from typing import Final

from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.network import NoURLAvailableError, get_url
from homeassistant.helpers.service import async_register_admin_service

import voluptuous as vol

from ..const import DOMAIN
from ..link.wire_json import LONGEST_TEXT
from . import async_get_station
from .access import async_actor
from .desk import Disposition
from .pairing_flow import pairing_text

SERVICE_ACKNOWLEDGE: Final = "desk_acknowledge"
SERVICE_DISPATCH: Final = "desk_dispatch"
SERVICE_ARRIVE: Final = "desk_arrive"
SERVICE_CLOSE: Final = "desk_close"
SERVICE_ASK: Final = "desk_ask"
SERVICE_ANNOUNCE: Final = "announce"
SERVICE_PAIRING_CODE: Final = "pairing_code"
SERVICE_REVOKE: Final = "revoke_household"

ATTR_INCIDENT: Final = "incident"
ATTR_HOUSEHOLD: Final = "household"
ATTR_TEXT: Final = "text"
ATTR_FOR_STATION: Final = "for_station"
ATTR_HOURS: Final = "hours"
ATTR_UNIT: Final = "unit"
ATTR_ETA_MINUTES: Final = "eta_minutes"
ATTR_DISPOSITION: Final = "disposition"
ATTR_NOTE: Final = "note"

MAX_ETA_MINUTES: Final = 24 * 60
MAX_UNIT: Final = 100
MAX_NOTICE_HOURS: Final = 14 * 24
MAX_NOTE: Final = 2000

_INCIDENT = {vol.Required(ATTR_INCIDENT): cv.string}
INCIDENT_SCHEMA: Final = vol.Schema(_INCIDENT)
DISPATCH_SCHEMA: Final = vol.Schema(
    {
        **_INCIDENT,
        vol.Required(ATTR_UNIT): vol.All(cv.string, vol.Length(max=MAX_UNIT)),
        vol.Optional(ATTR_ETA_MINUTES): vol.All(
            vol.Coerce(float), vol.Range(min=0, max=MAX_ETA_MINUTES)
        ),
    }
)
ASK_SCHEMA: Final = vol.Schema(
    {
        **_INCIDENT,
        vol.Required(ATTR_TEXT): vol.All(cv.string, vol.Length(max=LONGEST_TEXT)),
    }
)
ANNOUNCE_SCHEMA: Final = vol.Schema(
    {
        vol.Required(ATTR_TEXT): vol.All(cv.string, vol.Length(max=LONGEST_TEXT)),
        vol.Optional(ATTR_HOURS, default=24): vol.All(
            vol.Coerce(float), vol.Range(min=0.1, max=MAX_NOTICE_HOURS)
        ),
    }
)
CLOSE_SCHEMA: Final = vol.Schema(
    {
        **_INCIDENT,
        vol.Required(ATTR_DISPOSITION): vol.All(cv.string, vol.Coerce(Disposition)),
        vol.Optional(ATTR_NOTE): vol.All(cv.string, vol.Length(max=MAX_NOTE)),
    }
)


@callback
def async_register(hass: HomeAssistant) -> None:
    """Register the station's actions, once per Home Assistant."""
    register = hass.services.async_register
    register(DOMAIN, SERVICE_ACKNOWLEDGE, _acknowledge, INCIDENT_SCHEMA)
    register(DOMAIN, SERVICE_DISPATCH, _dispatch, DISPATCH_SCHEMA)
    register(DOMAIN, SERVICE_ARRIVE, _arrive, INCIDENT_SCHEMA)
    register(DOMAIN, SERVICE_CLOSE, _close, CLOSE_SCHEMA)
    register(DOMAIN, SERVICE_ASK, _ask, ASK_SCHEMA)
    register(DOMAIN, SERVICE_ANNOUNCE, _announce, ANNOUNCE_SCHEMA)
    async_register_admin_service(
        hass,
        DOMAIN,
        SERVICE_PAIRING_CODE,
        _pairing_code,
        vol.Schema(
            {
                vol.Optional(ATTR_HOUSEHOLD): cv.string,
                vol.Optional(ATTR_FOR_STATION, default=False): cv.boolean,
            }
        ),
        SupportsResponse.ONLY,
    )
    async_register_admin_service(
        hass,
        DOMAIN,
        SERVICE_REVOKE,
        _revoke,
        vol.Schema({vol.Required(ATTR_HOUSEHOLD): cv.string}),
    )


async def _acknowledge(call: ServiceCall) -> None:
    """Take an incident."""
    actor = await async_actor(call.hass, call.context)
    station = async_get_station(call.hass)
    await station.acknowledge(call.data[ATTR_INCIDENT], actor)


async def _dispatch(call: ServiceCall) -> None:
    """Send a unit."""
    actor = await async_actor(call.hass, call.context)
    station = async_get_station(call.hass)
    minutes = call.data.get(ATTR_ETA_MINUTES)
    eta = None if minutes is None else timedelta(minutes=minutes)
    await station.dispatch(call.data[ATTR_INCIDENT], actor, call.data[ATTR_UNIT], eta)


async def _arrive(call: ServiceCall) -> None:
    """Stamp the unit's arrival."""
    actor = await async_actor(call.hass, call.context)
    station = async_get_station(call.hass)
    await station.arrive(call.data[ATTR_INCIDENT], actor)


async def _ask(call: ServiceCall) -> None:
    """Ask the home something."""
    actor = await async_actor(call.hass, call.context)
    station = async_get_station(call.hass)
    await station.ask(call.data[ATTR_INCIDENT], actor, call.data[ATTR_TEXT])


async def _announce(call: ServiceCall) -> None:
    """Say something to all households."""
    actor = await async_actor(call.hass, call.context)
    station = async_get_station(call.hass)
    lasts = timedelta(hours=call.data[ATTR_HOURS])
    await station.announce(call.data[ATTR_TEXT], actor, lasts)


async def _close(call: ServiceCall) -> None:
    """End the station's work on an incident."""
    actor = await async_actor(call.hass, call.context)
    station = async_get_station(call.hass)
    await station.close(
        call.data[ATTR_INCIDENT],
        actor,
        call.data[ATTR_DISPOSITION],
        call.data.get(ATTR_NOTE),
    )


async def _pairing_code(call: ServiceCall) -> ServiceResponse:
    """Make a pairing code for one household, new or known."""
    actor = await async_actor(call.hass, call.context)
    station = async_get_station(call.hass)
    code = await station.pair(
        call.data.get(ATTR_HOUSEHOLD), actor, for_station=call.data[ATTR_FOR_STATION]
    )
    try:
        url = get_url(call.hass, prefer_external=True)
    except NoURLAvailableError:
        url = None
    return {
        "code": code.text,
        "expires_at": code.expires_at.isoformat(),
        "url": url,
        "qr": pairing_text(call.hass, station, code),
        "check": station.identity.check,
    }


async def _revoke(call: ServiceCall) -> None:
    """Serve a household no more."""
    actor = await async_actor(call.hass, call.context)
    await async_get_station(call.hass).revoke(call.data[ATTR_HOUSEHOLD], actor)
