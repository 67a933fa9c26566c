"""Where things are: Home Assistant's areas are the kernel's zones."""

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr, entity_registry as er


@callback
def zone_of(hass: HomeAssistant, entity_id: str, chosen: str | None) -> str | None:
    """Return the area of a bound entity: chosen, its own, or its device's."""
    if chosen is not None:
        return chosen
    entry = er.async_get(hass).async_get(entity_id)
    if entry is None:
        return None
    if entry.area_id is not None or entry.device_id is None:
        return entry.area_id
    device = dr.async_get(hass).async_get(entry.device_id)
    return device.area_id if device else None
