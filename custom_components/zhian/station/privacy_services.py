"""Actions for the station's administrators: delete a household, ask who has looked."""

from typing import Any, Final

from homeassistant.components.websocket_api import async_register_command
from homeassistant.components.websocket_api.connection import ActiveConnection
from homeassistant.components.websocket_api.decorators import (
    async_response,
    require_admin,
    websocket_command,
)
from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.service import async_register_admin_service
from homeassistant.util import dt as dt_util

import voluptuous as vol

from ..const import DOMAIN
from ..store.errors import StoreError
from . import async_get_station, household_list
from .access import async_actor

SERVICE_DELETE: Final = "delete_household"
SERVICE_READS: Final = "get_reads"
ATTR_HOUSEHOLD: Final = "household"
ATTR_INCIDENT: Final = "incident"
ATTR_SINCE: Final = "since"
ATTR_LIMIT: Final = "limit"
MOST: Final = 1000

_READS: Final[dict[Any, Any]] = {
    vol.Optional(ATTR_HOUSEHOLD): cv.string,
    vol.Optional(ATTR_INCIDENT): cv.string,
    vol.Optional(ATTR_SINCE): cv.datetime,
    vol.Optional(ATTR_LIMIT, default=100): vol.All(vol.Coerce(int), vol.Range(1, MOST)),
}


@callback
def async_register(hass: HomeAssistant) -> None:
    """Register the actions and the command, once per Home Assistant."""
    async_register_admin_service(
        hass,
        DOMAIN,
        SERVICE_DELETE,
        _delete,
        vol.Schema({vol.Required(ATTR_HOUSEHOLD): cv.string}),
        SupportsResponse.OPTIONAL,
    )
    async_register_admin_service(
        hass,
        DOMAIN,
        SERVICE_READS,
        _reads,
        vol.Schema(_READS),
        SupportsResponse.ONLY,
    )
    async_register_command(hass, ws_reads)
    household_list.async_register(hass)


async def _delete(call: ServiceCall) -> ServiceResponse:
    """Delete a household and all that it has reported."""
    actor = await async_actor(call.hass, call.context)
    station = async_get_station(call.hass)
    deletion = await station.delete(call.data[ATTR_HOUSEHOLD], actor)
    return {
        "requested_at": deletion.requested_at.isoformat(),
        "due": deletion.due.isoformat(),
        "deleted_at": deletion.deleted_at.isoformat() if deletion.deleted_at else None,
    }


async def _find(hass: HomeAssistant, wanted: dict[str, Any]) -> list[dict[str, Any]]:
    if (since := wanted.get(ATTR_SINCE)) is not None:
        since = dt_util.as_utc(since)
    try:
        return await async_get_station(hass).reads.find(
            household=wanted.get(ATTR_HOUSEHOLD),
            incident=wanted.get(ATTR_INCIDENT),
            since=since,
            limit=wanted[ATTR_LIMIT],
        )
    except StoreError as err:
        raise HomeAssistantError(
            translation_domain=DOMAIN, translation_key="station_store_failed"
        ) from err


async def _reads(call: ServiceCall) -> ServiceResponse:
    """Return who has looked at whose data."""
    return {"reads": await _find(call.hass, dict(call.data))}  # type: ignore[dict-item]


@require_admin
@websocket_command({vol.Required("type"): f"{DOMAIN}/station/reads", **_READS})
@async_response
async def ws_reads(
    hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any]
) -> None:
    """Return who has looked at whose data, the newest first."""
    connection.send_result(msg["id"], {"reads": await _find(hass, msg)})
