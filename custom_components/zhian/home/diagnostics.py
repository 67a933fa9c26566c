"""What may be known of a home when something is wrong with it."""

from typing import TYPE_CHECKING, Any

from .station_addresses import diagnosed_addresses

if TYPE_CHECKING:
    from . import Home


def diagnostics_of(home: Home) -> dict[str, Any]:
    """Return what the guard knows now."""
    state = home.guard.state
    return {
        "disk_healthy": home.database is not None and home.database.healthy,
        "link": home.link.status if home.link else None,
        "station_addresses": diagnosed_addresses(home.link),
        "receivers": home.receivers.diagnostics(),
        "detectors": {
            d.id: {
                "hazard": d.options.hazard,
                "level": sensed.level if sensed else None,
                "value": sensed.value if sensed else None,
            }
            for d in home.detectors
            for sensed in (state.readings.get(d.id),)
        },
        "actuators": {
            a.id: {
                "role": a.options.role,
                "position": known.position if known else None,
            }
            for a in home.actuators
            for known in (state.positions.get(a.id),)
        },
        "incidents": [
            {
                "id": incident.id,
                "hazard": incident.hazard,
                "phase": incident.phase,
                "drill": incident.drill,
                "revision": incident.seq,
                "steps": [
                    {"id": s.id, "outcome": s.outcome, "reason": s.reason}
                    for s in incident.steps
                ],
            }
            for incident in state.shown
        ],
        "panel": {"mode": state.panel.mode, "open": len(state.openings)},
        "reports_waiting": sum(
            not t.incident.silent for t in home.guard.timelines.owed()
        ),
    }
