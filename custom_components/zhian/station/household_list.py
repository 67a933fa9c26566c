"""Whom the station serves, for its administrators: who, since when, and until when.

What helps to find a household and to keep a promise; where it lives and whom to call
stands with an incident, for those who work on one. That somebody has looked is noted.
"""

from collections import Counter
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from homeassistant.components.websocket_api import async_register_command
from homeassistant.components.websocket_api.connection import ActiveConnection
from homeassistant.components.websocket_api.decorators import (
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
from homeassistant.helpers.service import async_register_admin_service

import voluptuous as vol

from ..const import DOMAIN
from . import Station, async_get_station
from .access import async_actor
from .registry import Household

SERVICE: Final = "get_households"
ATTR_AFTER: Final = "after"
ATTR_LIMIT: Final = "limit"
PAGE: Final = 100
MOST: Final = 1000
_SCHEMA: Final[dict[Any, Any]] = {
    vol.Optional(ATTR_AFTER): str,
    vol.Optional(ATTR_LIMIT, default=PAGE): vol.All(
        vol.Coerce(int), vol.Range(1, MOST)
    ),
}


class State(StrEnum):
    """How it stands with a household."""

    SERVED = "served"
    LOST = "lost"
    LEAVING = "leaving"
    REVOKED = "revoked"
    DELETED = "deleted"


@callback
def async_register(hass: HomeAssistant) -> None:
    """Register the action and the command, once per Home Assistant."""
    async_register_admin_service(
        hass, DOMAIN, SERVICE, _get, vol.Schema(_SCHEMA), SupportsResponse.ONLY
    )
    async_register_command(hass, ws_households)


async def _get(call: ServiceCall) -> ServiceResponse:
    """Return the households, the oldest first."""
    actor = await async_actor(call.hass, call.context)
    return page(async_get_station(call.hass), actor or "", dict(call.data))


@require_admin
@websocket_command({vol.Required("type"): f"{DOMAIN}/station/households", **_SCHEMA})
@callback
def ws_households(
    hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any]
) -> None:
    """Return the households, the oldest first."""
    name = connection.user.name or ""
    connection.send_result(msg["id"], page(async_get_station(hass), name, msg))


def page(station: Station, by: str, wanted: dict[str, Any]) -> dict[str, Any]:
    """Return some households: those after the last id of the page before.

    `more` says whether another page follows.
    """
    after, limit = wanted.get(ATTR_AFTER, ""), wanted[ATTR_LIMIT]
    # Ids are ordered by time, and so by when somebody was enrolled first.
    following = [h for h in station.registry.all if h.id > after]
    shown = following[:limit]
    station.reads.note_households(by, (household.id for household in shown))
    is_open = Counter(case.household for case in station.cases.open)
    return {
        "households": [_shown(station, one, is_open[one.id]) for one in shown],
        "more": len(following) > limit,
    }


def _shown(station: Station, household: Household, is_open: int) -> dict[str, Any]:
    consents = household.consents
    seen = station.registry.last_seen(household.id) or household.last_seen
    return {
        "id": household.id,
        "kind": "home" if household.station is None else "station",
        "name": household.name,
        "state": _state(station, household).value,
        "enrolled_at": _time(household.enrolled_at),
        "last_seen": _time(seen),
        "connected": household.id in station.lines,
        "open_incidents": is_open,
        "consents": consents.as_json() if consents else None,
        "revoked_at": _time(household.revoked_at),
        "deletion_requested_at": _time(household.deletion_requested_at),
        "deletion_due": _time(household.deletion_due),
        "deleted_at": _time(household.deleted_at),
    }


def _state(station: Station, household: Household) -> State:
    if household.deleted_at is not None:
        return State.DELETED
    if household.is_leaving:
        return State.LEAVING
    if household.revoked_at is not None:
        return State.REVOKED
    is_lost = household.id in station.registry.lost
    return State.LOST if is_lost else State.SERVED


def _time(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
