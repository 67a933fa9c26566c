"""A gateway for text messages: what it gets, and how it knows us."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from hashlib import sha256
import hmac
import json
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError

from aiohttp import web
from aiohttp.test_utils import TestServer
import pytest

from custom_components.zhian.home import contact_options, webhook
from custom_components.zhian.home.contact_options import (
    ChannelKind,
    ChannelOptions,
    WebhookProof,
)

from .house import DETECTOR, HomeUnderTest

SECRET = "not to be guessed"


@dataclass
class Gateway:
    """What it received, and what it answers."""

    url: str = ""
    status: int = 200
    bodies: list[bytes] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    @property
    def messages(self) -> list[dict[str, Any]]:
        """The messages, read."""
        return [json.loads(body) for body in self.bodies]


@pytest.fixture
async def gateway(socket_enabled: None) -> AsyncIterator[Gateway]:
    """Run a gateway on the loopback."""
    found = Gateway()

    async def receive(request: web.Request) -> web.Response:
        found.bodies.append(await request.read())
        found.headers.append(dict(request.headers))
        headers = {"Location": "/elsewhere"} if found.status == 302 else {}
        return web.Response(status=found.status, headers=headers)

    app = web.Application()
    app.router.add_post("/send", receive)
    server = TestServer(app)
    await server.start_server()
    found.url = str(server.make_url("/send"))
    yield found
    await server.close()


def channel(url: str, proof: WebhookProof = WebhookProof.SIGNATURE) -> ChannelOptions:
    return ChannelOptions(ChannelKind.WEBHOOK, url, secret=SECRET, proof=proof)


async def test_the_signature_proves_body_and_time(
    hass: HomeAssistant, gateway: Gateway
) -> None:
    """The secret itself stays at home."""
    await webhook.post(hass, channel(gateway.url), {"text": "燃气"})
    (headers,), (body,) = gateway.headers, gateway.bodies
    assert json.loads(body) == {"text": "燃气"}
    signed = headers[webhook.TIMESTAMP].encode() + b"." + body
    digest = hmac.new(SECRET.encode(), signed, sha256).hexdigest()
    assert headers[webhook.SIGNATURE] == f"sha256={digest}"
    assert SECRET not in str(headers)


async def test_a_gateway_may_want_the_secret_in_a_header(
    hass: HomeAssistant, gateway: Gateway
) -> None:
    """As a bearer token."""
    await webhook.post(hass, channel(gateway.url, WebhookProof.BEARER), {})
    assert gateway.headers[0]["Authorization"] == f"Bearer {SECRET}"
    assert webhook.SIGNATURE not in gateway.headers[0]


@pytest.mark.parametrize("status", [302, 400, 401, 500])
async def test_only_a_gateway_that_takes_it_has_it(
    hass: HomeAssistant, gateway: Gateway, status: int
) -> None:
    """And the secret follows no redirect."""
    gateway.status = status
    with pytest.raises(HomeAssistantError, match=str(status)):
        await webhook.post(hass, channel(gateway.url), {})
    assert len(gateway.bodies) == 1


async def test_an_error_does_not_name_the_address(
    hass: HomeAssistant, gateway: Gateway
) -> None:
    """It may hold a key."""
    url = "http://127.0.0.1:9/send?key=secret"
    with pytest.raises(HomeAssistantError) as raised:
        await webhook.post(hass, channel(url), {})
    assert "secret" not in str(raised.value)


async def test_an_answer_comes_back_through_the_gateway(
    home: HomeUnderTest, gateway: Gateway
) -> None:
    """By the token of the message; it is the contact who has answered."""
    home.subentries[:] = [s for s in home.subentries if s["title"] != "Phone"]
    home.add(
        "contact",
        contact_options.ContactOptions("Anna", (channel(gateway.url),)).as_data(),
    )
    home.state(DETECTOR, "off")
    await home.start()
    await home.report(DETECTOR, "on")
    (message,) = gateway.messages
    assert message["title"] == "Gas alarm at Home"
    assert message["contact"] == "Anna"
    assert message["urgent"] is True
    assert message["incident"] == home.incident.id
    assert set(message["answers"]) == {"acknowledge", "safe", "help"}
    with pytest.raises(ServiceValidationError):
        await home.do("zhian", "answer", token="ZHIAN_ACK_guess")
    await home.do("zhian", "answer", token=message["answers"]["acknowledge"])
    taken = home.incident.acknowledged
    assert taken is not None
    assert (taken.by, taken.via) == ("Anna", "action")
    assert home.told()[0]["channel"] == "webhook"
