"""From what a person has chosen to a receiver that can be spoken to."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.util import dt as dt_util

from yarl import URL

from ..link.addresses import receiver_url
from ..link.cap import Party
from ..link.dc09 import Identity
from ..link.noonlight import Environment, Person
from ..link.posting import Success
from ..link.receiver import OtherReceiver
from ..link.receivers.cap import CapReceiver
from ..link.receivers.dc09 import Dc09Receiver
from ..link.receivers.noonlight import NoonlightReceiver
from ..link.receivers.webhook import Secret, WebhookReceiver
from ..link.signatures import Key
from .receiver_options import ReceiverKind, ReceiverOptions


def make(
    hass: HomeAssistant,
    options: ReceiverOptions,
    private_key: str,
    next_number: Callable[[str], Awaitable[int]],
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
        case ReceiverKind.CAP:
            return CapReceiver(
                async_get_clientsession(hass),
                _url(settings),
                Party(
                    sender=settings["sender"],
                    addressee=options.name,
                    language=settings["language"],
                ),
                Success(settings["success"]),
                utcnow=dt_util.utcnow,
                token=settings["token"],
            )
        case ReceiverKind.WEBHOOK:
            return WebhookReceiver(
                async_get_clientsession(hass),
                _url(settings),
                Secret(settings["secret"])
                if settings["secret"]
                else Key.from_base64(private_key),
                Success(settings["success"]),
                utcnow=dt_util.utcnow,
                heartbeat_seconds=settings["heartbeat_seconds"] or None,
            )
        case ReceiverKind.NOONLIGHT:
            return NoonlightReceiver(
                async_get_clientsession(hass),
                Environment(settings["environment"]),
                settings["token"],
                Person.from_mapping(settings),
                cancels=settings["cancels"],
            )


def _url(settings: Mapping[str, Any]) -> URL:
    return receiver_url(settings["url"], allow_http=settings["allow_http"])
