"""What pages and programs may ask the home over Home Assistant's WebSocket."""

from typing import Any

from homeassistant.components import websocket_api
from homeassistant.components.websocket_api import ActiveConnection
from homeassistant.core import HomeAssistant, callback

import voluptuous as vol

from . import async_find_home
from .timelines import Timeline


@callback
def async_register_commands(hass: HomeAssistant) -> None:
    """Register the commands, once."""
    websocket_api.async_register_command(hass, ws_incidents)


@callback
@websocket_api.require_admin
@websocket_api.websocket_command({vol.Required("type"): "zhian/home/incidents"})
def ws_incidents(
    hass: HomeAssistant, connection: ActiveConnection, msg: dict[str, Any]
) -> None:
    """Return the open incidents and the last closed ones, with their timelines."""
    home = async_find_home(hass)
    everything = home.guard.timelines.all().values() if home else ()
    timelines = [t for t in everything if not t.incident.silent]
    names = {b.id: b.options.name for b in home.guard.bindings()} if home else {}
    connection.send_result(
        msg["id"],
        {"incidents": [_shown(timeline) for timeline in timelines], "names": names},
    )


def _shown(timeline: Timeline) -> dict[str, Any]:
    incident = timeline.incident
    return {
        "id": incident.id,
        "hazard": incident.hazard,
        "phase": incident.phase,
        "present": incident.presence,
        "drill": incident.drill,
        "opened_at": incident.opened_at.isoformat(),
        "station": {
            "status": incident.station.status,
            "number": incident.station.number,
            "unit": incident.station.unit,
        },
        "stamps": {what: at.isoformat() for what, at in timeline.stamps.items()},
        "entries": [
            {
                "seq": record.seq,
                "at": record.at.isoformat(),
                "kind": record.kind,
                "body": record.body,
            }
            for record in timeline.records
        ],
    }
