"""WebSocket commands of the desk: what a board reads and what its buttons do.

Everybody who is logged in may look; `access.may_act` says who may act.
"""

from datetime import timedelta
from typing import Any, Final

from homeassistant.components.websocket_api import async_register_command
from homeassistant.components.websocket_api.connection import ActiveConnection
from homeassistant.components.websocket_api.decorators import (
    async_response,
    websocket_command,
)
from homeassistant.components.websocket_api.messages import event_message
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import Unauthorized
from homeassistant.helpers.dispatcher import async_dispatcher_connect

import voluptuous as vol

from ..const import DOMAIN
from ..link.wire_json import LONGEST_TEXT
from . import Station, async_find_station, async_get_station
from .access import may_act
from .board import show
from .cases import Case
from .const import SIGNAL_CASE
from .desk import Disposition
from .reads import How
from .services import (
    ATTR_DISPOSITION,
    ATTR_INCIDENT,
    ATTR_NOTE,
    ATTR_TEXT,
    ATTR_UNIT,
    MAX_ETA_MINUTES,
    MAX_NOTE,
    MAX_UNIT,
)

TYPE: Final = f"{DOMAIN}/station"
PAGE: Final = 50
MAX_PAGE: Final = 200


@callback
def async_register_commands(hass: HomeAssistant) -> None:
    """Register the commands, once per Home Assistant."""
    for command in (
        ws_incidents,
        ws_subscribe,
        ws_acknowledge,
        ws_dispatch,
        ws_arrive,
        ws_ask,
        ws_close,
    ):
        async_register_command(hass, command)


@websocket_command(
    {
        vol.Required("type"): f"{TYPE}/incidents",
        vol.Optional("open"): bool,
        vol.Optional("before"): str,
        vol.Optional("limit", default=PAGE): vol.All(int, vol.Range(1, MAX_PAGE)),
    }
)
@async_response
async def ws_incidents(
    hass: HomeAssistant,
    connection: ActiveConnection,
    msg: dict[str, Any],
) -> None:
    """List incidents, the newest first.

    `before` is the number of the last incident of the page before; `more` says
    whether another page follows.
    """
    station = async_get_station(hass)
    cases = await station.cases.page(
        is_open=msg.get("open"), before=msg.get("before"), limit=msg["limit"] + 1
    )
    station.reads.note(connection.user.name or "", How.LIST, cases[: msg["limit"]])
    connection.send_result(
        msg["id"],
        {
            "incidents": [show(station, case) for case in cases[: msg["limit"]]],
            "more": len(cases) > msg["limit"],
        },
    )


@websocket_command({vol.Required("type"): f"{TYPE}/subscribe"})
@callback
def ws_subscribe(
    hass: HomeAssistant,
    connection: ActiveConnection,
    msg: dict[str, Any],
) -> None:
    """Send the open incidents, then every incident that changes."""
    station = async_get_station(hass)
    name, seen = (
        connection.user.name or "",
        {case.incident for case in station.cases.open},
    )
    station.reads.note(name, How.BOARD, station.cases.open)

    @callback
    def on_case(case: Case) -> None:
        if (current := async_find_station(hass)) is None:
            return
        if case.incident not in seen:
            seen.add(case.incident)
            current.reads.note(name, How.BOARD, (case,))
        event = {"incident": show(current, case)}
        connection.send_message(event_message(msg["id"], event))

    connection.subscriptions[msg["id"]] = async_dispatcher_connect(
        hass, SIGNAL_CASE, on_case
    )
    connection.send_result(msg["id"])
    event = {"incidents": [show(station, case) for case in station.cases.open]}
    connection.send_message(event_message(msg["id"], event))


def for_action(
    hass: HomeAssistant, connection: ActiveConnection
) -> tuple[Station, str | None]:
    """Return the station and the acting person's name, or raise."""
    if not may_act(connection.user):
        raise Unauthorized
    return async_get_station(hass), connection.user.name


def _shown(station: Station, case: Case, actor: str | None) -> dict[str, Any]:
    """Return a case to who has acted on it: that is a look, too."""
    station.reads.note(actor or "", How.DESK, (case,))
    return show(station, case)


@websocket_command(
    {vol.Required("type"): f"{TYPE}/acknowledge", vol.Required(ATTR_INCIDENT): str}
)
@async_response
async def ws_acknowledge(
    hass: HomeAssistant,
    connection: ActiveConnection,
    msg: dict[str, Any],
) -> None:
    """Take an incident."""
    station, actor = for_action(hass, connection)
    case = await station.acknowledge(msg[ATTR_INCIDENT], actor)
    connection.send_result(msg["id"], {"incident": _shown(station, case, actor)})


@websocket_command(
    {
        vol.Required("type"): f"{TYPE}/dispatch",
        vol.Required(ATTR_INCIDENT): str,
        vol.Required(ATTR_UNIT): vol.All(str, vol.Length(max=MAX_UNIT)),
        vol.Optional("eta_seconds"): vol.All(int, vol.Range(0, MAX_ETA_MINUTES * 60)),
    }
)
@async_response
async def ws_dispatch(
    hass: HomeAssistant,
    connection: ActiveConnection,
    msg: dict[str, Any],
) -> None:
    """Send a unit."""
    station, actor = for_action(hass, connection)
    seconds = msg.get("eta_seconds")
    eta = None if seconds is None else timedelta(seconds=seconds)
    case = await station.dispatch(msg[ATTR_INCIDENT], actor, msg[ATTR_UNIT], eta)
    connection.send_result(msg["id"], {"incident": _shown(station, case, actor)})


@websocket_command(
    {vol.Required("type"): f"{TYPE}/arrive", vol.Required(ATTR_INCIDENT): str}
)
@async_response
async def ws_arrive(
    hass: HomeAssistant,
    connection: ActiveConnection,
    msg: dict[str, Any],
) -> None:
    """Stamp the unit's arrival."""
    station, actor = for_action(hass, connection)
    case = await station.arrive(msg[ATTR_INCIDENT], actor)
    connection.send_result(msg["id"], {"incident": _shown(station, case, actor)})


@websocket_command(
    {
        vol.Required("type"): f"{TYPE}/ask",
        vol.Required(ATTR_INCIDENT): str,
        vol.Required(ATTR_TEXT): vol.All(str, vol.Length(max=LONGEST_TEXT)),
    }
)
@async_response
async def ws_ask(
    hass: HomeAssistant,
    connection: ActiveConnection,
    msg: dict[str, Any],
) -> None:
    """Ask the home something."""
    station, actor = for_action(hass, connection)
    case = await station.ask(msg[ATTR_INCIDENT], actor, msg[ATTR_TEXT])
    connection.send_result(msg["id"], {"incident": _shown(station, case, actor)})


@websocket_command(
    {
        vol.Required("type"): f"{TYPE}/close",
        vol.Required(ATTR_INCIDENT): str,
        vol.Required(ATTR_DISPOSITION): vol.Coerce(Disposition),
        vol.Optional(ATTR_NOTE): vol.All(str, vol.Length(max=MAX_NOTE)),
    }
)
@async_response
async def ws_close(
    hass: HomeAssistant,
    connection: ActiveConnection,
    msg: dict[str, Any],
) -> None:
    """End the station's work on an incident."""
    station, actor = for_action(hass, connection)
    case = await station.close(
        msg[ATTR_INCIDENT], actor, msg[ATTR_DISPOSITION], msg.get(ATTR_NOTE)
    )
    connection.send_result(msg["id"], {"incident": _shown(station, case, actor)})
