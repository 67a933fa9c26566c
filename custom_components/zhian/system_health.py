"""What the system information page says of Zhi'an."""

from typing import Any

from homeassistant.components.system_health import SystemHealthRegistration
from homeassistant.core import HomeAssistant, callback
from homeassistant.loader import async_get_integration

from .const import CONF_ROLE, DOMAIN
from .home import Home
from .station import Station


@callback
def async_register(hass: HomeAssistant, register: SystemHealthRegistration) -> None:
    """Register the information."""
    register.async_register_info(_info)


async def _info(hass: HomeAssistant) -> dict[str, Any]:
    """Return how the roles of this Home Assistant are, without personal data."""
    integration = await async_get_integration(hass, DOMAIN)
    entries = hass.config_entries.async_loaded_entries(DOMAIN)
    info: dict[str, Any] = {
        "version": str(integration.version),
        "roles": ", ".join(sorted(entry.data[CONF_ROLE] for entry in entries)) or "-",
    }
    for entry in entries:
        role = entry.runtime_data
        if isinstance(role, Home):
            info |= _home(role)
        elif isinstance(role, Station):
            info |= _station(role)
    return info


def _home(home: Home) -> dict[str, Any]:
    incidents = home.guard.state.shown
    return {
        "home_incidents": sum(not incident.drill for incident in incidents),
        "home_outbox": sum(not t.incident.silent for t in home.guard.timelines.owed()),
        "home_link": home.link.status.value if home.link else "-",
        "home_journal": home.database is not None and home.database.healthy,
    }


def _station(station: Station) -> dict[str, Any]:
    return {
        "station_incidents": len(station.cases),
        "station_households": len(station.registry),
        "station_database": station.database.healthy,
    }
