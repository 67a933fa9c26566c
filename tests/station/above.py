"""A station above that a test plays, on the loopback interface."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

from custom_components.zhian.link.documents import parse_incident
from custom_components.zhian.link.identity import StationProof
from custom_components.zhian.link.problems import Reason, problem
from custom_components.zhian.link.signatures import Key
from custom_components.zhian.link.withdrawn import WithdrawalKept

from .conftest import API, OPENED

moment = datetime.fromisoformat

HOUSEHOLD = "0b8f1c1e-3a57-4a53-8f0e-1d1a5f1c0002"


@dataclass
class PlayedParent:
    """What the station above got, and what it answers."""

    url: str = ""
    own_key: Key = field(default_factory=Key.generate)
    enrolments: list[dict[str, Any]] = field(default_factory=list)
    documents: list[dict[str, Any]] = field(default_factory=list)
    beats: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    signed: dict[str, dict[str, Any]] = field(default_factory=dict)
    withdrawn: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Why each incident was taken back."""
    withdrawal_refusals: list[Reason | None] = field(default_factory=list)
    """Why it does not take one back yet; None is a page that an older one lacks."""
    streams: list[web.WebSocketResponse] = field(default_factory=list)
    refused: int = 0
    """How many documents it has refused."""
    orders: list[dict[str, Any]] = field(default_factory=list)
    view: dict[str, Any] = field(default_factory=dict)
    """What it says of every incident, beyond having received it."""
    passes_streams: bool = False
    status: int | None = None
    """The status that it answers with instead, without a word."""
    refusal: Reason | None = None
    """Why it refuses whatever comes."""
    put_refusal: Reason | None = None
    """Why it refuses incidents."""
    key_refusals: list[Reason] = field(default_factory=list)
    sign_refusals: list[Reason] = field(default_factory=list)
    """Why it does not take them yet, one time after the other."""

    @property
    def revisions(self) -> dict[str, int]:
        """The newest revision of each incident that it has."""
        return {d["id"]: d["revision"] for d in self.documents}

    def _no(self, also: Reason | None = None) -> web.Response | None:
        if self.status is not None:
            return web.Response(status=self.status)
        if (reason := self.refusal or also) is None:
            return None
        body = problem(reason)
        return web.json_response(body, status=int(reason.status))

    async def enrol(self, request: web.Request) -> web.Response:
        """Take a station."""
        self.enrolments.append(await request.json())
        if (no := self._no()) is not None:
            return no
        return web.json_response(
            {
                "household": HOUSEHOLD,
                "community": "Jiashan",
                "station": "County",
                "heartbeat_seconds": 60,
            },
            status=HTTPStatus.CREATED,
        )

    async def identity(self, request: web.Request) -> web.Response:
        """Prove who it is."""
        challenge = request.query["challenge"]
        proof = StationProof.of("County", self.own_key, request.host, challenge)
        return web.json_response(proof.as_json())

    async def put(self, request: web.Request) -> web.Response:
        """Take an incident."""
        if (no := self._no(self.put_refusal)) is not None:
            self.refused += 1
            return no
        document = await request.json()
        parse_incident(document, request.match_info["incident"])
        self.documents.append(document)
        return web.json_response(
            {
                "status": "accepted",
                "number": "2026-000007",
                "revision": document["revision"],
            }
        )

    async def get(self, request: web.Request) -> web.Response:
        """Say how far it is."""
        if (no := self._no()) is not None:
            return no
        bare = {"number": "2026-000007", "status": "received", "revision": 1}
        return web.json_response(bare | self.view)

    async def beat(self, request: web.Request) -> web.Response:
        """Take a heartbeat."""
        if (no := self._no()) is not None:
            return no
        self.beats.append(await request.json())
        return web.json_response(self._beat())

    def _beat(self) -> dict[str, Any]:
        orders = [order for order in self.orders if order["id"] not in self.signed]
        return {"next_seconds": 60, "now": OPENED, "notices": [], "orders": orders}

    async def key(self, request: web.Request) -> web.Response:
        """Take a new key."""
        also = self.key_refusals.pop(0) if self.key_refusals else None
        if (no := self._no(also)) is not None:
            return no
        self.keys.append((await request.json())["public_key"])
        return web.json_response({"status": "accepted", "former_until": OPENED})

    async def sign(self, request: web.Request) -> web.Response:
        """Take a signature."""
        also = self.sign_refusals.pop(0) if self.sign_refusals else None
        if (no := self._no(also)) is not None:
            return no
        signed = await request.json()
        first = self.signed.setdefault(request.match_info["order"], signed)
        return web.json_response({"status": "accepted", "signed": first})

    async def withdraw(self, request: web.Request) -> web.Response:
        """Take an incident back."""
        if (no := self._no()) is not None:
            return no
        if self.withdrawal_refusals:
            reason = self.withdrawal_refusals.pop(0)
            if reason is None:
                return web.Response(status=HTTPStatus.NOT_FOUND)
            return web.json_response(problem(reason), status=int(reason.status))
        withdrawn = await request.json()
        self.withdrawn[request.match_info["incident"]] = withdrawn
        due = OPENED if withdrawn["erase"] else None
        return web.json_response(WithdrawalKept(due and moment(due)).as_json())

    async def stream(self, request: web.Request) -> web.StreamResponse:
        """Be a stream: answer heartbeats until it ends."""
        if (no := self._no()) is not None:
            return no
        if not self.passes_streams:
            return web.Response(status=HTTPStatus.BAD_REQUEST)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.streams.append(socket)
        try:
            async for _ in socket:
                await socket.send_json({"type": "heartbeat", **self._beat()})
        finally:
            self.streams.remove(socket)
        return socket

    async def say(self, incident: str, **view: Any) -> None:
        """Tell how far it is with an incident."""
        known = {"number": "2026-000007", "revision": 1, **view}
        for socket in self.streams:
            await socket.send_json({"type": "incident", "incident": incident, **known})

    async def order(self, order: dict[str, Any]) -> None:
        """Give an order, after a notice that is for others."""
        notice = {**order, "until": OPENED, "type": "notice"}
        for socket in self.streams:
            await socket.send_json(notice)
            await socket.send_json({**order, "type": "order"})


@asynccontextmanager
async def played_parent() -> AsyncGenerator[PlayedParent]:
    """Run a station above."""
    parent = PlayedParent()
    app = web.Application()
    app.router.add_post(f"{API}/enrolments", parent.enrol)
    app.router.add_get(f"{API}/identity", parent.identity)
    app.router.add_put(f"{API}/incidents/{{incident}}", parent.put)
    app.router.add_get(f"{API}/incidents/{{incident}}", parent.get)
    app.router.add_post(f"{API}/heartbeats", parent.beat)
    app.router.add_put(f"{API}/incidents/{{incident}}/withdrawal", parent.withdraw)
    app.router.add_get(f"{API}/stream", parent.stream)
    app.router.add_put(f"{API}/key", parent.key)
    app.router.add_put(f"{API}/orders/{{order}}", parent.sign)
    server = TestServer(app)
    await server.start_server(access_log=None)
    parent.url = str(server.make_url("/")).rstrip("/")
    try:
        yield parent
    finally:
        await server.close()
