"""Entries of former versions, brought up to this one."""

from collections.abc import Mapping
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback

from .contact_options import ChannelOptions, ContactOptions
from .names import registry_ids
from .subentry_flow import ACTUATOR, CONTACT, DETECTOR

VERSION: Final = 1
MINOR_VERSION: Final = 3
"""2: a contact has channels in order, a role and a place in it.

3: the other entities of detectors and actuators are known by their registry ids.
"""


@callback
def async_migrate(hass: HomeAssistant, entry: ConfigEntry[Any]) -> bool:
    """Bring an entry up to date; False if a newer version has written it."""
    if entry.version > VERSION:
        return False
    if entry.minor_version < 2:
        for subentry in tuple(entry.get_subentries_of_type(CONTACT)):
            if "channels" not in subentry.data:
                hass.config_entries.async_update_subentry(
                    entry, subentry, data=_with_channels(subentry.data)
                )
        hass.config_entries.async_update_entry(entry, minor_version=2)
    if entry.minor_version < 3:
        for kind in (DETECTOR, ACTUATOR):
            for subentry in tuple(entry.get_subentries_of_type(kind)):
                ids = registry_ids(hass, subentry.data)
                hass.config_entries.async_update_subentry(
                    entry, subentry, data={**subentry.data, "registry_ids": ids}
                )
        hass.config_entries.async_update_entry(entry, minor_version=3)
    return True


def _with_channels(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return a contact that had one target; everybody was told at once."""
    channel = ChannelOptions.notify(data["target"], critical=data.get("critical", True))
    return ContactOptions(data.get("name") or data["target"], (channel,)).as_data()
