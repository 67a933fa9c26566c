"""Several addresses of one station, as real servers on loopback that come and go."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
import time
from typing import Any, Self
from unittest.mock import patch

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer
import pytest

from custom_components.zhian.link import endpoints as module
from custom_components.zhian.link.client import (
    API,
    StationClient,
    StationRefused,
    StationUnreachable,
    Trouble,
)
from custom_components.zhian.link.documents import parse_incident
from custom_components.zhian.link.endpoints import EndpointState
from custom_components.zhian.link.identity import (
    StationProof,
    check_letters,
    is_challenge,
    is_station_id,
    new_challenge,
    station_id,
)
from custom_components.zhian.link.messages import Heartbeat
from custom_components.zhian.link.outbox import Delivered, News, Sender, Waiting
from custom_components.zhian.link.problems import CONTENT_TYPE, Reason, problem
from custom_components.zhian.link.receiver import Report
from custom_components.zhian.link.signatures import (
    Key,
    NonceStore,
    PublicKey,
    parse,
    split_target,
    verify,
)

from .samples import AT, INCIDENT, document

HOUSEHOLD = "0d7c4bd2-6f0f-4ad1-a6a5-3cb4ee6a2f5a"
KEY = Key.generate()
STATION = Key.generate()
BEAT = Heartbeat(
    at=datetime(2026, 11, 22, 8, tzinfo=UTC),
    open_incidents=0,
    detectors_total=1,
    detectors_normal=1,
)


class Books:
    """What every address of one station has in common: what has arrived."""

    def __init__(self) -> None:
        self.revisions: dict[str, int] = {}
        self.new: list[tuple[str, int]] = []

    def take(self, incident: str, revision: int) -> int:
        """Keep the newest, as a station does; return it."""
        known = self.revisions.get(incident, 0)
        if revision > known:
            self.revisions[incident] = revision
            self.new.append((incident, revision))
        return max(known, revision)


class Door:
    """One address of the station."""

    def __init__(self, books: Books, key: Key = STATION) -> None:
        self.books = books
        self.key = key
        self.calls: list[str] = []
        self.nonces = NonceStore()
        self.refusal: Reason | None = None
        self.passes_streams = True
        self.claims: Callable[[str], str] = str
        self.hanging = asyncio.Event()
        self.hanging.set()
        self.url = ""

    async def open(self, port: int = 0) -> Self:
        """Answer, at the same port as before."""
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._answer)
        self._server = TestServer(app, host="127.0.0.1", port=port)
        await self._server.start_server()
        self.url = f"http://127.0.0.1:{self._server.port}"
        return self

    async def close(self) -> None:
        """Be down."""
        await self._server.close()

    async def reopen(self) -> None:
        """Be back."""
        await self.open(int(self.url.rpartition(":")[2]))

    def hang(self) -> None:
        """Take requests and say nothing."""
        self.hanging.clear()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        self.calls.append(f"{request.method} {request.path.removeprefix(API)}")
        await self.hanging.wait()
        if request.path == f"{API}/identity":
            proof = StationProof.of(
                "Riverside",
                self.key,
                self.claims(request.host),
                request.query["challenge"],
            )
            return web.json_response(proof.as_json())
        body = await request.read()
        path, query = split_target(request.raw_path)
        verify(
            parse(request.headers),
            PublicKey.from_base64(KEY.public),
            method=request.method,
            authority=request.host,
            path=path,
            query=query,
            body=body,
            now=time.time(),
            nonces=self.nonces,
        )
        if self.refusal is not None:
            said = problem(self.refusal)
            return web.json_response(
                said, status=self.refusal.status, content_type=CONTENT_TYPE
            )
        if request.path == f"{API}/stream":
            if not self.passes_streams:
                return web.Response(status=400)
            socket = web.WebSocketResponse()
            await socket.prepare(request)
            await socket.receive()
            return socket
        if request.path == f"{API}/heartbeats":
            now = datetime.now(UTC).isoformat()
            return web.json_response({"next_seconds": 60, "now": now})
        sent = await request.json()
        parse_incident(sent, sent["id"])
        revision = self.books.take(sent["id"], sent["revision"])
        return web.json_response(
            {"status": "accepted", "number": "2026-000001", "revision": revision}
        )


@asynccontextmanager
async def doors(*keys: Key) -> AsyncIterator[list[Door]]:
    """Open as many addresses as there are keys, all with the same books."""
    books = Books()
    opened = [await Door(books, key).open() for key in keys]
    try:
        yield opened
    finally:
        for door in opened:
            door.hanging.set()
            await door.close()


@pytest.fixture
async def session(socket_enabled: None) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as opened:
        yield opened


@pytest.fixture
def in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits long for an address that hangs."""
    monkeypatch.setattr(module, "HURRY", 0.5)


def client_of(
    session: aiohttp.ClientSession, *found: Door, identity: Key | None = STATION
) -> StationClient:
    """Return a client that prefers the first, where it was enrolled."""
    first, *others = found
    return StationClient(
        session,
        first.url,
        KEY,
        HOUSEHOLD,
        allow_http=True,
        others=[door.url for door in others],
        identity=identity and identity.public,
        timeout=2,
    )


def states(client: StationClient) -> list[EndpointState]:
    return [endpoint.state for endpoint in client.endpoints.all]


async def test_the_preferred_address_hears_everything(
    session: aiohttp.ClientSession,
) -> None:
    async with doors(STATION, STATION) as (lan, public):
        client = client_of(session, lan, public)
        await client.put_incident(document())
        await client.beat(BEAT)
        assert lan.calls == [f"PUT /incidents/{INCIDENT}", "POST /heartbeats"]
        assert public.calls == []
        assert client.endpoints.is_preferred


async def test_who_is_down_is_passed_over_at_once_and_not_asked_again(
    session: aiohttp.ClientSession,
) -> None:
    """What is signed names the address in use: each door checks its own."""
    changes: list[bool] = []
    async with doors(STATION, STATION) as (lan, public):
        client = client_of(session, lan, public)
        client.endpoints.on_change = lambda: changes.append(
            client.endpoints.is_preferred
        )
        await lan.close()
        answer = await client.put_incident(document())
        assert answer.revision == document().revision
        assert public.calls == ["GET /identity", f"PUT /incidents/{INCIDENT}"]
        assert states(client) == [EndpointState.SILENT, EndpointState.ANSWERS]
        await lan.reopen()
        await client.beat(BEAT)
        assert public.calls[2:] == ["POST /heartbeats"]
        assert lan.calls == []
        assert changes == [False]


async def test_who_hangs_holds_nothing_up_and_what_arrives_twice_counts_once(
    session: aiohttp.ClientSession, in_a_hurry: None
) -> None:
    async with doors(STATION, STATION) as (lan, public):
        client = client_of(session, lan, public)
        lan.hang()
        await client.put_incident(document())
        assert lan.calls == [f"PUT /incidents/{INCIDENT}"]
        lan.hanging.set()  # the request that was given up may still be served
        await client.put_incident(document())
        assert lan.books.new == [(INCIDENT, document().revision)]
        assert not client.endpoints.is_preferred


async def test_the_home_returns_when_the_preferred_address_answers_again(
    session: aiohttp.ClientSession, in_a_hurry: None
) -> None:
    async with doors(STATION, STATION) as (lan, public):
        client = client_of(session, lan, public)
        await lan.close()
        await client.put_incident(document())
        assert not await client.go_back(BEAT)
        await lan.reopen()
        lan.hang()
        assert not await client.go_back(BEAT), "it answers, but not quickly"
        lan.hanging.set()
        assert await client.go_back(BEAT)
        assert client.endpoints.is_preferred
        before = len(public.calls)
        await client.put_incident(document())
        assert len(public.calls) == before
        assert not await client.go_back(BEAT), "there is nothing better"


async def test_a_return_that_never_lasts_is_tried_more_rarely(
    session: aiohttp.ClientSession,
) -> None:
    clock = [0.0]
    async with doors(STATION, STATION) as (lan, public):
        client = client_of(session, lan, public)
        client.endpoints._monotonic = lambda: clock[0]
        pauses = []
        for _ in range(6):
            await lan.close()
            await client.beat(BEAT)
            pauses.append(client.endpoints.return_pause)
            await lan.reopen()
            assert await client.go_back(BEAT)
            clock[0] += 10
        assert pauses == [30, 60, 120, 240, 480, 480]
        clock[0] += 1000
        await lan.close()
        await client.beat(BEAT)
        assert client.endpoints.return_pause == 30
        await lan.reopen()


async def test_nobody_answers(session: aiohttp.ClientSession) -> None:
    """What went wrong at the preferred address is told."""
    async with doors(STATION, STATION) as (lan, public):
        client = client_of(session, lan, public)
        await client.endpoints.prepare()
        await public.close()
        lan.refusal = Reason.NOT_READY
        with pytest.raises(StationRefused) as refused:
            await client.put_incident(document())
        assert refused.value.reason == Reason.NOT_READY
        await lan.close()
        with pytest.raises(StationUnreachable) as caught:
            await client.put_incident(document())
        assert caught.value.trouble is Trouble.CONNECT
        with pytest.raises(StationUnreachable):
            await client.open_stream()
        await lan.reopen()
        await public.reopen()


@pytest.mark.parametrize(
    "reason", [Reason.NOT_READY, Reason.BAD_SIGNATURE, Reason.UNKNOWN_HOUSEHOLD]
)
async def test_who_may_not_be_the_station_is_not_the_last_word(
    session: aiohttp.ClientSession, reason: Reason
) -> None:
    """A proxy without its station, or another machine at an old address."""
    async with doors(STATION, STATION) as (lan, public):
        client = client_of(session, lan, public)
        lan.refusal = reason
        assert (await client.put_incident(document())).revision
        assert not client.endpoints.is_preferred
        assert not await client.go_back(BEAT)


async def test_a_refusal_of_the_station_is_a_refusal(
    session: aiohttp.ClientSession,
) -> None:
    async with doors(STATION, STATION) as (lan, public):
        client = client_of(session, lan, public)
        lan.refusal = Reason.REVOKED
        with pytest.raises(StationRefused):
            await client.put_incident(document())
        assert public.calls == []
        assert client.endpoints.is_preferred


async def test_a_stranger_hears_a_challenge_and_nothing_else(
    session: aiohttp.ClientSession, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither a document nor a signature of the home."""
    async with doors(STATION, Key.generate()) as (lan, stranger):
        client = client_of(session, lan, stranger)
        await lan.close()
        for _ in range(2):
            with pytest.raises(StationUnreachable):
                await client.put_incident(document())
            with pytest.raises(StationUnreachable):
                await client.open_stream()
        assert set(stranger.calls) == {"GET /identity"}
        assert states(client)[1] is EndpointState.ANOTHER_STATION
        assert caplog.text.count("Somebody else answers at address 2") == 1
        await lan.reopen()


async def test_a_proof_for_another_address_is_none(
    session: aiohttp.ClientSession,
) -> None:
    """Somebody in between has passed the challenge on to the real station."""
    async with doors(STATION, STATION) as (lan, between):
        between.claims = lambda _: lan.url.removeprefix("http://")
        client = client_of(session, lan, between)
        await client.endpoints.prepare()
        assert states(client)[1] is EndpointState.ANOTHER_STATION
        assert between.calls == ["GET /identity"]


async def test_what_was_typed_is_used_where_the_station_has_no_key(
    session: aiohttp.ClientSession,
) -> None:
    async with doors(STATION, STATION) as (lan, public):
        client = client_of(session, lan, public, identity=None)
        await lan.close()
        await client.beat(BEAT)
        assert public.calls == ["POST /heartbeats"]
        await lan.reopen()


async def test_the_station_proves_itself_before_an_alarm_needs_it(
    session: aiohttp.ClientSession, in_a_hurry: None
) -> None:
    async with doors(STATION, STATION, STATION) as (lan, public, third):
        client = client_of(session, lan, public, third)
        third.hang()
        await client.endpoints.prepare()
        assert public.calls == ["GET /identity"]
        await lan.close()
        await client.beat(BEAT)
        assert public.calls == ["GET /identity", "POST /heartbeats"]
        await lan.reopen()


async def test_a_stream_opens_where_it_passes(session: aiohttp.ClientSession) -> None:
    """A proxy without WebSockets keeps the rest."""
    async with doors(STATION, STATION) as (lan, public):
        client = client_of(session, lan, public)
        lan.passes_streams = False
        socket = await client.open_stream()
        assert public.calls[-1] == "GET /stream"
        assert client.endpoints.is_preferred
        await socket.close()


class Outbox:
    """Incidents that wait, with a new revision whenever one has arrived."""

    def __init__(self, incidents: list[str], wanted: int) -> None:
        self.wanted = wanted
        self.sent = dict.fromkeys(incidents, 0)
        self.done = asyncio.Event()

    async def pending(self) -> list[Waiting]:
        return [
            Waiting(incident, self.wanted, AT)
            for incident, revision in self.sent.items()
            if revision < self.wanted
        ]

    async def received(self, incident: str, revision: int, number: str) -> None:
        self.sent[incident] = max(self.sent[incident], revision)
        if min(self.sent.values()) >= self.wanted:
            self.done.set()


@pytest.mark.parametrize("fault", ["down", "hanging"])
async def test_no_incident_is_lost_or_twice_and_each_stays_in_order(
    session: aiohttp.ClientSession, fault: str, in_a_hurry: None
) -> None:
    """The preferred address goes in the middle, and comes back."""
    incidents = [f"019a3e1c-9f00-7000-8000-{n:012x}" for n in range(8)]
    wanted = 2
    is_broken = False
    told: list[News] = []
    async with doors(STATION, STATION) as (lan, public):
        client = client_of(session, lan, public)
        outbox = Outbox(incidents, wanted)

        async def send(incident: str) -> Any:
            nonlocal is_broken
            if len(lan.books.new) >= 3 and not is_broken:
                is_broken = True
                if fault == "down":
                    await lan.close()
                else:
                    lan.hang()
            whole = document()
            seq = outbox.sent[incident] + 1
            report = replace(
                whole, id=incident, revision=seq, entries=whole.entries[:seq]
            )
            return await client.deliver(Report(report))

        sender = Sender(outbox, send, told.append, utcnow=lambda: AT)
        running = asyncio.create_task(sender.run())
        try:
            async with asyncio.timeout(30):
                await outbox.done.wait()
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
        assert public.calls
        if fault == "down":
            await lan.reopen()
        lan.hanging.set()
        assert await client.go_back(BEAT)
        for incident in incidents:
            arrived = [revision for i, revision in lan.books.new if i == incident]
            assert arrived == [1, 2]
        assert {n.incident for n in told if isinstance(n, Delivered)} == set(incidents)


def test_a_station_s_name_and_letters_follow_from_its_key() -> None:
    id_ = station_id(STATION.public)
    assert is_station_id(id_)
    assert not is_station_id(id_.upper())
    assert id_ != station_id(Key.generate().public)
    assert check_letters(id_) == check_letters(id_)
    assert len(check_letters("0" * 32)) == 9
    assert check_letters("0" * 31 + "1") == "3222-2222"


def test_a_challenge_is_new_each_time() -> None:
    assert is_challenge(new_challenge())
    assert new_challenge() != new_challenge()
    assert not is_challenge("short")
    assert not is_challenge("x" * 65)


@pytest.mark.parametrize("field", ["public_key", "proof"])
def test_rubbish_proves_nothing(field: str) -> None:
    challenge = new_challenge()
    proof = StationProof.of("Riverside", STATION, "Station.example:443", challenge)
    assert proof.holds("station.example:443", challenge)
    said = proof.as_json() | {field: "?"}
    assert not StationProof.from_json(said).holds("station.example:443", challenge)


async def test_who_answers_rubbish_is_no_station(
    session: aiohttp.ClientSession,
) -> None:
    async with doors(STATION, STATION) as (lan, public):
        client = client_of(session, lan, public)
        with patch.object(StationProof, "as_json", return_value={}):
            await client.endpoints.prepare()
        assert states(client)[1] is EndpointState.SILENT
