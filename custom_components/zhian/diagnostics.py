"""What helps to find a fault, without what belongs to people."""

from typing import Any

from homeassistant.components.diagnostics import async_redact_data
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant

from .types import ZhianConfigEntry

TO_REDACT = {
    "account",
    "address",
    "by",
    "city",
    "community",
    "contact",
    "digest",
    "duress_digest",
    "host",
    "household",
    "home_id",
    "key",
    "latitude",
    "line1",
    "line2",
    "longitude",
    "name",
    "person",
    "persons",
    "phone",
    "pin",
    "private_key",
    "next_private_key",
    "public_key",
    "salt",
    "secret",
    "sender",
    "station",
    "target",
    "title",
    "token",
    "unique_id",
    "url",
    "zip",
}


async def async_get_config_entry_diagnostics(
    hass: HomeAssistant, entry: ZhianConfigEntry
) -> dict[str, Any]:
    """Return the configuration and what its role knows, redacted."""
    return {
        "data": async_redact_data(dict(entry.data), TO_REDACT),
        "subentries": [
            {
                "type": subentry.subentry_type,
                "id": subentry.subentry_id,
                "data": async_redact_data(dict(subentry.data), TO_REDACT),
            }
            for subentry in entry.subentries.values()
        ],
        # None while it is being set up anew, or could not be.
        "role": async_redact_data(entry.runtime_data.diagnostics(), TO_REDACT)
        if entry.state is ConfigEntryState.LOADED
        else None,
    }
