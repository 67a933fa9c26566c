"""The client against a real HTTP server on loopback: only the station's word counts."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
import socket
import ssl
import time
from typing import Any

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer
import pytest
from pytest_homeassistant_custom_component.test_util.aiohttp import AiohttpClientMocker

from custom_components.zhian.link.addresses import BadAddress
from custom_components.zhian.link.client import (
    StationClient,
    StationRefused,
    StationUnreachable,
    Trouble,
)
from custom_components.zhian.link.messages import Answer, Enrolment
from custom_components.zhian.link.problems import CONTENT_TYPE, Reason, problem
from custom_components.zhian.link.signatures import (
    BadSignature,
    Key,
    NonceStore,
    PublicKey,
    Verified,
    parse,
    split_target,
    verify,
)
from custom_components.zhian.link.views import StationView
from custom_components.zhian.link.wire_json import decode

from .samples import AT, INCIDENT, document

HOUSEHOLD = "0d7c4bd2-6f0f-4ad1-a6a5-3cb4ee6a2f5a"
KEY = Key.generate()
ACCEPTED = {"status": "accepted", "number": "2026-000001", "revision": 2}

type Respond = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Station:
    """A server that checks signatures and then answers as it is told."""

    def __init__(self) -> None:
        self.respond: Respond = self.json(ACCEPTED)
        self.now: Callable[[], float] = time.time
        self.nonces = NonceStore()
        self.received: list[tuple[str, str, Any, Verified]] = []

    async def handle(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        path, query = split_target(request.raw_path)
        try:
            verified = verify(
                parse(request.headers),
                PublicKey.from_base64(KEY.public),
                method=request.method,
                authority=request.headers["Host"],
                path=path,
                query=query,
                body=body,
                now=self.now(),
                nonces=self.nonces,
            )
        except BadSignature as bad:
            now = datetime.fromtimestamp(self.now(), UTC).isoformat()
            return web.json_response(
                problem(bad.reason, now=now),
                status=bad.reason.status,
                content_type=CONTENT_TYPE,
            )
        data = decode(body) if body else None
        self.received.append((request.method, path, data, verified))
        return await self.respond(request)

    @staticmethod
    def json(data: Any, status: int = 200, **headers: str) -> Respond:
        async def respond(request: web.Request) -> web.StreamResponse:
            return web.json_response(
                data,
                status=status,
                headers={
                    name.replace("_", "-"): text for name, text in headers.items()
                },
            )

        return respond

    @staticmethod
    def text(text: str | bytes, status: int = 200, **headers: str) -> Respond:
        async def respond(request: web.Request) -> web.StreamResponse:
            body = text if isinstance(text, bytes) else text.encode()
            return web.Response(body=body, status=status, headers=headers)

        return respond


@pytest.fixture
def station() -> Station:
    """Return the station's behaviour."""
    return Station()


@pytest.fixture
async def server(station: Station, socket_enabled: None) -> AsyncIterator[TestServer]:
    """Serve the station."""
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", station.handle)
    async with TestServer(app) as server:
        yield server


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    """Return a session that several clients could share."""
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
def client(server: TestServer, session: aiohttp.ClientSession) -> StationClient:
    """Return the home's client."""
    return StationClient(
        session, str(server.make_url("/")), KEY, HOUSEHOLD, allow_http=True
    )


async def test_an_incident_is_reported(client: StationClient, station: Station) -> None:
    assert await client.put_incident(document()) == Answer("2026-000001", 2)
    [(method, path, data, verified)] = station.received
    assert (method, path) == ("PUT", f"/api/zhian/v1/incidents/{INCIDENT}")
    assert data == document().as_json()
    assert verified.keyid == HOUSEHOLD
    assert client.clock_offset == 0


async def test_every_request_has_a_nonce_of_its_own(
    client: StationClient, station: Station
) -> None:
    await client.put_incident(document())
    await client.put_incident(document())
    assert len({verified.nonce for *_, verified in station.received}) == 2


async def test_a_home_is_enrolled_and_then_is_that_household(
    server: TestServer, session: aiohttp.ClientSession, station: Station
) -> None:
    client = StationClient(
        session, str(server.make_url("")), KEY, None, allow_http=True
    )
    with pytest.raises(ValueError, match="not enrolled"):
        await client.get_incident(INCIDENT)
    station.respond = station.json(
        {
            "household": HOUSEHOLD,
            "community": "Garden",
            "station": "Station",
            "heartbeat_seconds": 60,
        },
        201,
    )
    assert await client.enrol("ABCD", "Home", "Road 1", latitude=1, longitude=2) == (
        Enrolment(
            household=HOUSEHOLD,
            community="Garden",
            station="Station",
            heartbeat_seconds=60,
        )
    )
    assert station.received[0][2] == {
        "code": "ABCD",
        "public_key": KEY.public,
        "name": "Home",
        "address": "Road 1",
        "latitude": 1,
        "longitude": 2,
        "contact": None,
        "consents": None,
    }
    assert station.received[0][3].keyid == KEY.public
    station.respond = station.json({"next_seconds": 30, "now": AT.isoformat()})
    assert await client.heartbeat(1, 3, 2) == 30
    assert station.received[1][3].keyid == HOUSEHOLD
    assert station.received[1][2]["detectors"] == {"total": 3, "normal": 2}


async def test_the_station_s_side_is_read(
    client: StationClient, station: Station
) -> None:
    station.respond = station.json(
        {"number": "2026-000001", "status": "a_newer_word", "revision": 2}
    )
    assert await client.get_incident(INCIDENT) == StationView(
        number="2026-000001", status="a_newer_word", revision=2
    )
    assert station.received[0][:3] == (
        "GET",
        f"/api/zhian/v1/incidents/{INCIDENT}",
        None,
    )


@pytest.mark.parametrize("reason", [*Reason, "word_of_a_newer_station"])
async def test_a_refusal_comes_with_its_reason(
    client: StationClient, station: Station, reason: str
) -> None:
    status = Reason(reason).status if reason in Reason else 418
    station.respond = station.json(
        {"status": status, "reason": reason, "path": "home.latitude"},
        status,
        Retry_After="7",
    )
    with pytest.raises(StationRefused) as refused:
        await client.put_incident(document())
    assert refused.value.reason == reason
    assert refused.value.path == "home.latitude"
    assert refused.value.retry_after == 7
    assert refused.value.is_passing == (reason in Reason and Reason(reason).is_passing)


@pytest.mark.parametrize(
    "data",
    [
        {"status": "rejected", "reason": "too_old"},
        {"status": "rejected", "reason": "too_old", "path": 1, "now": "x"},
    ],
)
async def test_a_200_that_says_no_is_a_no(
    client: StationClient, station: Station, data: dict[str, Any]
) -> None:
    station.respond = station.json(data)
    with pytest.raises(StationRefused, match="too_old"):
        await client.put_incident(document())


@pytest.mark.parametrize(
    ("body", "status", "trouble"),
    [
        ("Welcome to the hotel", 200, Trouble.NOT_A_STATION),
        ("", 200, Trouble.NOT_A_STATION),
        ("[]", 200, Trouble.NOT_A_STATION),
        ("{}", 200, Trouble.NOT_A_STATION),
        ('{"accepted": false}', 200, Trouble.NOT_A_STATION),
        ('{"status": "accepted"}', 200, Trouble.NOT_A_STATION),
        ('{"status": "rejected"}', 200, Trouble.NOT_A_STATION),
        ('{"status": "accepted", "number": "1"}', 200, Trouble.NOT_A_STATION),
        ('{"message": "Not Found"}', 404, Trouble.NOT_A_STATION),
        ("Not found", 404, Trouble.NOT_A_STATION),
        ("[" * 50_000, 200, Trouble.NOT_A_STATION),
        (b"\xff\xfe", 200, Trouble.NOT_A_STATION),
        (b" " * 70_000, 200, Trouble.NOT_A_STATION),
        ("Bad gateway", 502, Trouble.SERVER_ERROR),
        ('{"oops": 1}', 500, Trouble.SERVER_ERROR),
        ('{"status":"accepted","number":"1","revision":2}', 500, Trouble.SERVER_ERROR),
        ('{"status":"accepted","number":"1","revision":2}', 404, Trouble.NOT_A_STATION),
    ],
)
async def test_what_is_not_the_station_s_word_is_no_success(
    client: StationClient,
    station: Station,
    body: str | bytes,
    status: int,
    trouble: Trouble,
) -> None:
    station.respond = station.text(body, status)
    with pytest.raises(StationUnreachable) as failed:
        await client.put_incident(document())
    assert failed.value.trouble is trouble


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("30", 30), ("9" * 40, 600), ("soon", None), ("-1", None), ("٣", None)],
)
async def test_a_busy_server_may_ask_for_a_pause(
    client: StationClient, station: Station, header: str, seconds: float | None
) -> None:
    station.respond = station.text("Busy", 503, **{"Retry-After": header})
    with pytest.raises(StationUnreachable) as failed:
        await client.put_incident(document())
    assert failed.value.retry_after == seconds


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_a_redirect_is_not_followed(
    client: StationClient, station: Station, status: int
) -> None:
    """The signature would not fit, and the incident is nobody else's business."""
    station.respond = station.text("", status, Location="/elsewhere")
    with pytest.raises(StationUnreachable) as failed:
        await client.put_incident(document())
    assert failed.value.trouble is Trouble.REDIRECTED
    assert len(station.received) == 1


async def test_an_endless_answer_is_not_read_to_its_end(
    client: StationClient, station: Station
) -> None:
    written = 0

    async def respond(request: web.Request) -> web.StreamResponse:
        nonlocal written
        response = web.StreamResponse()
        await response.prepare(request)
        while written < 2**26:
            await response.write(b" " * 2**16)
            written += 2**16
        return response

    station.respond = respond
    with pytest.raises(StationUnreachable) as failed:
        await client.put_incident(document())
    assert failed.value.trouble is Trouble.NOT_A_STATION
    assert written < 2**26


async def test_an_answer_that_breaks_off_is_no_success(
    client: StationClient, station: Station
) -> None:
    async def respond(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "1000"})
        await response.prepare(request)
        await response.write(b'{"status":"accepted"')
        assert request.transport
        request.transport.abort()
        return response

    station.respond = respond
    with pytest.raises(StationUnreachable) as failed:
        await client.put_incident(document())
    assert failed.value.trouble is Trouble.CONNECT


async def test_a_station_that_does_not_answer_is_not_waited_for(
    server: TestServer, session: aiohttp.ClientSession, station: Station
) -> None:
    async def respond(request: web.Request) -> web.StreamResponse:
        await asyncio.Event().wait()
        raise AssertionError

    station.respond = respond
    client = StationClient(
        session,
        str(server.make_url("/")),
        KEY,
        HOUSEHOLD,
        allow_http=True,
        timeout=0.05,
    )
    with pytest.raises(StationUnreachable) as failed:
        await client.put_incident(document())
    assert failed.value.trouble is Trouble.TIMEOUT


@pytest.mark.usefixtures("socket_enabled")
async def test_nobody_listening_is_told_as_such(session: aiohttp.ClientSession) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    client = StationClient(
        session, f"http://127.0.0.1:{port}", KEY, HOUSEHOLD, allow_http=True
    )
    with pytest.raises(StationUnreachable) as failed:
        await client.get_incident(INCIDENT)
    assert failed.value.trouble is Trouble.CONNECT


async def test_https_to_a_server_without_is_a_fault_of_tls(
    server: TestServer, session: aiohttp.ClientSession
) -> None:
    client = StationClient(session, f"https://127.0.0.1:{server.port}", KEY, HOUSEHOLD)
    with pytest.raises(StationUnreachable) as failed:
        await client.get_incident(INCIDENT)
    assert failed.value.trouble is Trouble.TLS


async def test_a_certificate_that_nobody_vouches_for_is_a_fault_of_tls(
    aioclient_mock: AiohttpClientMocker,
) -> None:
    from aiohttp.client_reqrep import ConnectionKey

    key = ConnectionKey("station.example", 443, True, True, None, None, None)
    aioclient_mock.get(
        f"https://station.example/api/zhian/v1/incidents/{INCIDENT}",
        exc=aiohttp.ClientConnectorCertificateError(key, ssl.CertificateError("old")),
    )
    session = aioclient_mock.create_session(asyncio.get_running_loop())
    client = StationClient(session, "https://station.example", KEY, HOUSEHOLD)
    with pytest.raises(StationUnreachable) as failed:
        await client.get_incident(INCIDENT)
    assert failed.value.trouble is Trouble.TLS


@pytest.mark.parametrize("ahead", [-7200, 7200])
async def test_a_home_whose_clock_is_wrong_can_still_call_for_help(
    client: StationClient, station: Station, ahead: int
) -> None:
    station.now = lambda: time.time() + ahead
    assert await client.put_incident(document()) == Answer("2026-000001", 2)
    assert client.clock_offset == pytest.approx(ahead, abs=5)
    await client.put_incident(document())
    assert len(station.received) == 2
    # And back, when the clock is set right.
    station.now = time.time
    await client.put_incident(document())
    assert client.clock_offset == pytest.approx(0, abs=5)


async def test_a_station_that_always_says_stale_is_not_asked_for_ever(
    client: StationClient, station: Station
) -> None:
    station.respond = station.json({"reason": "stale", "now": AT.isoformat()}, 401)
    station.now = lambda: time.time() + client.clock_offset
    with pytest.raises(StationRefused, match="stale"):
        await client.put_incident(document())
    assert len(station.received) == 2


async def test_an_id_that_is_none_makes_no_address(client: StationClient) -> None:
    with pytest.raises(ValueError, match="UUID"):
        await client.get_incident("../../auth")


async def test_plain_http_is_refused_before_anything_is_sent(
    session: aiohttp.ClientSession,
) -> None:
    with pytest.raises(BadAddress):
        StationClient(session, "http://127.0.0.1:8123", KEY, HOUSEHOLD)
