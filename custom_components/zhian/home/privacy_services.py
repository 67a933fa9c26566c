"""Actions about what leaves the home: looked at before it does, and taken back."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.service import async_register_admin_service
from homeassistant.util.json import JsonObjectType

import voluptuous as vol

from ..const import DOMAIN
from .agreement import Agreement, agreed, in_order
from .preview import choices, find_receiver, preview

if TYPE_CHECKING:
    from . import Home

ATTR_RECEIVER: Final = "receiver"
_SCHEMA: Final = vol.Schema({vol.Optional(ATTR_RECEIVER): cv.string})


@callback
def async_register(hass: HomeAssistant, get_home: Callable[[], Home]) -> None:
    """Register the actions."""

    async def show(call: ServiceCall) -> ServiceResponse:
        """Return what a receiver would be sent for a gas alarm; nothing is sent."""
        home = get_home()
        receiver = find_receiver(home, call.data.get(ATTR_RECEIVER))
        messages = preview(home, receiver)
        return {
            "preview": True,
            "receiver": choices(home)[receiver],
            "messages": [body.decode(errors="replace") for body in messages],
        }

    async def withdraw(call: ServiceCall) -> None:
        """Take back what was agreed with a receiver."""
        home = get_home()
        receiver = find_receiver(home, call.data[ATTR_RECEIVER])
        await home.leaving.begin(receiver, choices(home)[receiver])

    async def consents(call: ServiceCall) -> ServiceResponse:
        """Return who is told what, since when, and what was taken back."""
        home = get_home()
        station = home.options.station
        receivers: list[JsonObjectType] = []
        if station is not None:
            receivers.append(_shown(station.station, station.agreement))
        receivers += [
            _shown(line.options.name, line.options.agreement)
            for line in home.receivers.lines
        ]
        return {
            "receivers": list(receivers),
            "withdrawn": [w.shown() for w in home.withdrawals.all],
        }

    register = async_register_admin_service
    only = SupportsResponse.ONLY
    register(hass, DOMAIN, "preview_report", show, _SCHEMA, only)
    register(hass, DOMAIN, "get_consents", consents, vol.Schema({}), only)
    register(
        hass,
        DOMAIN,
        "withdraw_consent",
        withdraw,
        vol.Schema({vol.Required(ATTR_RECEIVER): cv.string}),
    )


def _shown(name: str, agreement: Agreement | None) -> JsonObjectType:
    return {
        "name": name,
        "purposes": list(in_order(agreed(agreement))),
        "given_at": agreement.at if agreement else None,
    }
