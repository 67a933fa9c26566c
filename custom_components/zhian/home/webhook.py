"""A message to a gateway that sends text messages or calls."""

from collections.abc import Mapping
from hashlib import sha256
import hmac
import json
from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.util import dt as dt_util

from aiohttp import ClientError, ClientTimeout

from .contact_options import ChannelOptions, WebhookProof

TIMESTAMP: Final = "Zhian-Timestamp"
SIGNATURE: Final = "Zhian-Signature"
_TIMEOUT: Final = ClientTimeout(total=10)


async def post(
    hass: HomeAssistant, channel: ChannelOptions, message: Mapping[str, object]
) -> None:
    """Send a message; raise HomeAssistantError unless the gateway takes it.

    A redirect is not followed: the secret is for this address only.
    """
    body = json.dumps(message, ensure_ascii=False).encode()
    timestamp = str(int(dt_util.utcnow().timestamp()))
    headers = {
        "Content-Type": "application/json",
        **proof(channel, timestamp, body),
    }
    try:
        async with async_get_clientsession(hass).post(
            channel.target,
            data=body,
            headers=headers,
            timeout=_TIMEOUT,
            allow_redirects=False,
        ) as answer:
            if not 200 <= answer.status < 300:
                raise HomeAssistantError(f"The gateway answered {answer.status}")
    except ClientError as error:
        # Not the error's text: it may hold the address with its key.
        raise HomeAssistantError(type(error).__name__) from None


def proof(channel: ChannelOptions, timestamp: str, body: bytes) -> dict[str, str]:
    """Return the headers that prove who sends this.

    The signature is `sha256=` and the HMAC-SHA256, in hexadecimal, of the time stamp,
    a full stop and the body.
    """
    if channel.proof is WebhookProof.BEARER:
        return {"Authorization": f"Bearer {channel.secret}"}
    signed = timestamp.encode() + b"." + body
    digest = hmac.new(channel.secret.encode(), signed, sha256).hexdigest()
    return {TIMESTAMP: timestamp, SIGNATURE: f"sha256={digest}"}
