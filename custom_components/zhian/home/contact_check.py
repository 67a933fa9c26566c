"""Whether a way to a person can work at all."""

from homeassistant.core import HomeAssistant

from .candidates import find
from .contact_flow import address_errors, target_exists
from .contact_options import ChannelKind, ChannelOptions


def channel_errors(hass: HomeAssistant, channel: ChannelOptions) -> dict[str, str]:
    """Return what is wrong with a channel, by key, as the flow of a contact names it."""
    errors: dict[str, str] = {}
    match channel.kind:
        case ChannelKind.WEBHOOK:
            for error in address_errors(channel.target).values():
                errors["target"] = error
            if not channel.secret:
                errors["secret"] = "secret_missing"
        case ChannelKind.TTS:
            if find(hass, channel.target) is None:
                errors["target"] = "entity_not_found"
            if not channel.player or find(hass, channel.player) is None:
                errors["player"] = "entity_not_found"
        case _ if not target_exists(hass, channel.target):
            errors["target"] = "target_not_found"
    return errors
