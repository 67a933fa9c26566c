"""WebSocket commands between stations: orders as a board reads, gives and signs them."""

from typing import Any

from homeassistant.components.websocket_api import async_register_command
from homeassistant.components.websocket_api.connection import ActiveConnection
from homeassistant.components.websocket_api.decorators import (
    async_response,
    websocket_command,
)
from homeassistant.components.websocket_api.messages import event_message
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect

import voluptuous as vol

from . import async_find_station, async_get_station
from .const import SIGNAL_ORDERS
from .federation_services import (
    ATTR_INCIDENT,
    ATTR_ORDER,
    ATTR_STATION,
    ATTR_TEXT,
    ORDER_FIELDS,
    SIGN_FIELDS,
)
from .websocket import TYPE, for_action


@callback
def async_register_commands(hass: HomeAssistant) -> None:
    """Register the commands, once per Home Assistant."""
    for command in (ws_stations, ws_subscribe, ws_order, ws_sign):
        async_register_command(hass, command)


@websocket_command({vol.Required("type"): f"{TYPE}/stations"})
@callback
def ws_stations(
    hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any]
) -> None:
    """Return the station above and those below."""
    station = async_get_station(hass)
    parent = station.federation.parent
    connection.send_result(
        msg["id"],
        {
            "above": parent
            and {
                "station": parent.station,
                "community": parent.community,
                "status": station.federation.status.value,
            },
            "below": [
                {
                    "id": below.id,
                    "name": below.name,
                    "lost": below.id in station.registry.lost,
                    "connected": below.id in station.lines,
                }
                for below in station.registry.stations
            ],
        },
    )


@websocket_command({vol.Required("type"): f"{TYPE}/orders"})
@callback
def ws_subscribe(
    hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any]
) -> None:
    """Send the orders, now and whenever one has changed."""
    async_get_station(hass)

    @callback
    def send() -> None:
        if (current := async_find_station(hass)) is None:
            return
        orders = [order.as_json() for order in current.federation.orders.all]
        connection.send_message(event_message(msg["id"], {"orders": orders}))

    connection.subscriptions[msg["id"]] = async_dispatcher_connect(
        hass, SIGNAL_ORDERS, send
    )
    connection.send_result(msg["id"])
    send()


@websocket_command({vol.Required("type"): f"{TYPE}/order", **ORDER_FIELDS})
@async_response
async def ws_order(
    hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any]
) -> None:
    """Order something of a station below."""
    station, actor = for_action(hass, connection)
    order = await station.federation.give(
        msg[ATTR_TEXT], actor, msg.get(ATTR_STATION), msg.get(ATTR_INCIDENT)
    )
    connection.send_result(msg["id"], {"order": order.as_json()})


@websocket_command({vol.Required("type"): f"{TYPE}/sign_order", **SIGN_FIELDS})
@async_response
async def ws_sign(
    hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any]
) -> None:
    """Sign for an order from above."""
    station, actor = for_action(hass, connection)
    order = await station.federation.sign(msg.get(ATTR_ORDER), actor)
    connection.send_result(msg["id"], {"order": order.as_json()})
