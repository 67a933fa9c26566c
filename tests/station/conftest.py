"""A running station and homes that speak to it."""

from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from http import HTTPStatus
import json
from pathlib import Path
import secrets
from typing import Any
from uuid import uuid7

from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util

from aiohttp.test_utils import TestClient
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.zhian import config_flow  # noqa: F401  registers the flow
from custom_components.zhian.const import DOMAIN
from custom_components.zhian.link.signatures import Key, sign
from custom_components.zhian.station import Station
from custom_components.zhian.station.show import LONGEST_PAUSE
from custom_components.zhian.store.journal import GENESIS, seal

API = "/api/zhian/v1"
OPENED = "2026-11-22T08:00:00+00:00"


@pytest.fixture
def entry() -> MockConfigEntry:
    """Return the entry of a station."""
    return MockConfigEntry(
        domain=DOMAIN,
        unique_id="station",
        title="Riverside Station",
        data={
            "role": "station",
            "name": "Riverside Station",
            "community": "Riverside",
            "latitude": 30.84,
            "longitude": 120.92,
            "heartbeat_seconds": 60,
        },
    )


@pytest.fixture
async def prepared(
    hass: HomeAssistant, tmp_path: Path, entry: MockConfigEntry
) -> MockConfigEntry:
    """Everything but the entry is set up."""
    hass.config.config_dir = str(tmp_path)
    assert await async_setup_component(hass, DOMAIN, {})
    entry.add_to_hass(hass)
    return entry


@pytest.fixture
async def station(
    hass: HomeAssistant, prepared: MockConfigEntry
) -> AsyncGenerator[Station]:
    """Run a station."""
    assert await hass.config_entries.async_setup(prepared.entry_id)
    await hass.async_block_till_done()
    yield prepared.runtime_data
    await hass.config_entries.async_unload(prepared.entry_id)


@dataclass
class Reply:
    """What came back."""

    status: int
    content_type: str
    body: Any
    headers: Mapping[str, str]

    @property
    def reason(self) -> str | None:
        """The coded reason of a refusal."""
        return self.body.get("reason")


@dataclass
class Home:
    """A home as the station sees it: a key and requests."""

    client: TestClient
    key: Key = field(default_factory=Key.generate)
    household: str | None = None

    async def send(
        self,
        method: str,
        path: str,
        body: bytes | object = b"",
        *,
        keyid: str | None = None,
        key: Key | None = None,
        created: int | None = None,
        nonce: str | None = None,
        headers: Mapping[str, str] | None = None,
        signed_body: bytes | None = None,
    ) -> Reply:
        """Sign and send; every part of the signature can be spoiled."""
        if not isinstance(body, bytes):
            body = json.dumps(body).encode()
        url = self.client.make_url(API + path)
        signature = sign(
            key or self.key,
            keyid=keyid or self.household or self.key.public,
            method=method,
            authority=url.host_port_subcomponent or "",
            path=url.raw_path,
            query=url.raw_query_string,
            body=body if signed_body is None else signed_body,
            content_type="application/json",
            created=int(dt_util.utcnow().timestamp()) if created is None else created,
            nonce=nonce or secrets.token_urlsafe(18),
        )
        return await self.send_raw(
            method, path, body or None, {**signature, **(headers or {})}
        )

    async def send_raw(
        self, method: str, path: str, body: object, headers: Mapping[str, str]
    ) -> Reply:
        """Send as it is."""
        async with self.client.request(
            method, API + path, data=body, headers=headers
        ) as response:
            return Reply(
                response.status,
                response.content_type,
                await response.json(content_type=None),
                response.headers,
            )

    async def enrol(self, code: str, **facts: object) -> Reply:
        """Use a pairing code."""
        reply = await self.send(
            "POST",
            "/enrolments",
            {
                "code": code,
                "public_key": self.key.public,
                "name": "Flat 5",
                "address": "Lane 3, Building 2",
                "latitude": None,
                "longitude": None,
                "contact": "+86 573 0000 0000",
                **facts,
            },
            keyid=self.key.public,
        )
        if reply.status == HTTPStatus.CREATED:
            self.household = reply.body["household"]
        return reply

    async def put(self, document: dict[str, Any]) -> Reply:
        """Report an incident."""
        return await self.send("PUT", f"/incidents/{document['id']}", document)

    async def get(self, incident: str) -> Reply:
        """Ask about an incident."""
        return await self.send("GET", f"/incidents/{incident}")

    async def heartbeat(self) -> Reply:
        """Say that it is well."""
        beat = {
            "at": dt_util.utcnow().isoformat(),
            "open_incidents": 0,
            "detectors": {"total": 3, "normal": 3},
        }
        return await self.send("POST", "/heartbeats", beat)


@pytest.fixture
async def stranger(
    hass_client_no_auth: ClientSessionGenerator, prepared: MockConfigEntry
) -> Home:
    """Return a home that is not enrolled."""
    return Home(await hass_client_no_auth())


@pytest.fixture
async def home(station: Station, stranger: Home) -> Home:
    """Return an enrolled home."""
    code = await station.registry.new_code()
    reply = await stranger.enrol(code.text)
    assert reply.status == HTTPStatus.CREATED
    return stranger


async def all_shown(station: Station) -> None:
    """Let the time pass in which what has come is not shown yet."""
    while station.has_unseen:
        async_fire_time_changed(
            station.hass, dt_util.utcnow() + timedelta(seconds=LONGEST_PAUSE)
        )
        await station.hass.async_block_till_done()


def incident(revision: int = 1, **facts: Any) -> dict[str, Any]:
    """Return an incident document, its timeline sealed from the first entry on."""
    id_ = facts.pop("id", None) or str(uuid7())
    previous = GENESIS
    timeline = []
    for seq in range(1, revision + 1):
        at = dt_util.parse_datetime(OPENED)
        assert at is not None
        record = seal(previous, id_, seq, at, "opened", {"n": seq})
        previous = record.hash
        timeline.append(
            {
                "seq": seq,
                "at": OPENED,
                "kind": record.kind,
                "body": dict(record.body),
                "previous": record.previous,
                "hash": record.hash,
            }
        )
    return {
        "id": id_,
        "revision": revision,
        "hazard": "gas",
        "phase": "alarm",
        "present": "yes",
        "drill": False,
        "priority": 1,
        "opened_at": OPENED,
        "home": {
            "name": "Flat 5",
            "address": "Lane 3, Building 2",
            "latitude": None,
            "longitude": None,
            "contact": None,
        },
        "zones": ["Kitchen"],
        "level": {"value": 23.5, "unit": "%LEL"},
        "steps": [
            {
                "id": "1",
                "what": "close",
                "actuator": "Gas valve",
                "status": "confirmed",
                "reason": None,
                "at": OPENED,
            }
        ],
        "acknowledged": None,
        "entries": timeline,
        **facts,
    }


type Act = Callable[..., Any]


@pytest.fixture
def act(hass: HomeAssistant) -> Act:
    """Call an action of the desk."""

    async def call(action: str, **data: Any) -> Any:
        returns = data.pop("returns", False)
        context = data.pop("context", None)
        return await hass.services.async_call(
            DOMAIN,
            action,
            data,
            blocking=True,
            return_response=returns,
            context=context,
        )

    return call
