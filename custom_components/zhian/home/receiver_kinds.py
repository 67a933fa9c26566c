"""From what a person has chosen to a receiver that can be spoken to."""

from collections.abc import Awaitable, Callable

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from ..link.dc09 import Identity
from ..link.receiver import OtherReceiver
from ..link.receivers.dc09 import Dc09Receiver
from ..link.signatures import Key
from .receiver_options import ReceiverKind, ReceiverOptions


def make(
    hass: HomeAssistant,
    options: ReceiverOptions,
    key: Key,
    next_number: Callable[[], Awaitable[int]],
) -> OtherReceiver:
    """Return the receiver; the flow has seen to it that the settings are sound."""
    settings = options.settings
    match options.kind:
        case ReceiverKind.DC09:
            secret = settings["key"]
            return Dc09Receiver(
                settings["host"],
                settings["port"],
                Identity(
                    account=settings["account"],
                    receiver=settings["receiver"],
                    line=settings["line"],
                    key=bytes.fromhex(secret) if secret else None,
                ),
                next_number,
                utcnow=dt_util.utcnow,
                heartbeat_seconds=settings["heartbeat_seconds"] or None,
            )
