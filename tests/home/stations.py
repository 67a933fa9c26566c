"""A station that a test plays, on the loopback interface."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
import json
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

from custom_components.zhian.link.documents import parse_incident
from custom_components.zhian.link.problems import Reason, problem

API = "/api/zhian/v1"
HOUSEHOLD = "0b8f1c1e-3a57-4a53-8f0e-1d1a5f1c0002"
NOW = "2026-11-22T08:00:00+00:00"


@dataclass
class PlayedStation:
    """What the station got, and what it answers."""

    url: str = ""
    documents: list[dict[str, Any]] = field(default_factory=list)
    heartbeats: list[dict[str, Any]] = field(default_factory=list)
    refusal: Reason | None = None
    """Why it refuses whatever comes."""
    status: int | None = None
    """The status that it answers with instead, without a word."""
    view: dict[str, Any] = field(default_factory=dict)
    """What it says of every incident, beyond having received it."""
    passes_streams: bool = False
    """Whether a WebSocket gets through to it."""
    streams: list[web.WebSocketResponse] = field(default_factory=list)
    streamed: list[dict[str, Any]] = field(default_factory=list)
    """The frames that came over a stream."""
    notices: list[dict[str, Any]] = field(default_factory=list)
    """What it has to say to all."""
    keys: list[str] = field(default_factory=list)
    """The keys that were brought."""
    key_refusals: list[Reason] = field(default_factory=list)
    """Why it does not take a key yet, one time after the other."""
    asked: int = 0
    """How often it was asked about an incident."""

    @property
    def options(self) -> dict[str, Any]:
        """What the home's entry holds of it."""
        return {
            "url": self.url,
            "allow_http": True,
            "household": HOUSEHOLD,
            "community": "Riverside",
            "station": "Riverside Station",
            "heartbeat_seconds": 60,
        }

    @property
    def revisions(self) -> dict[str, int]:
        """The newest revision of each incident that it has."""
        return {d["id"]: d["revision"] for d in self.documents}

    def _no(self) -> web.Response | None:
        if self.status is not None:
            return web.Response(status=self.status)
        if self.refusal is not None:
            body = problem(self.refusal)
            return web.json_response(body, status=body["status"])  # type: ignore[arg-type]
        return None

    async def put(self, request: web.Request) -> web.Response:
        """Take an incident."""
        if (no := self._no()) is not None:
            return no
        document = await request.json()
        parse_incident(document, request.match_info["incident"])
        self.documents.append(document)
        return web.json_response(
            {
                "status": "accepted",
                "number": "2026-000001",
                "revision": document["revision"],
            }
        )

    async def get(self, request: web.Request) -> web.Response:
        """Say how far it is."""
        if (no := self._no()) is not None:
            return no
        self.asked += 1
        view = {
            "number": "2026-000001",
            "status": "received",
            "revision": self.revisions[request.match_info["incident"]],
        }
        return web.json_response(view | self.view)

    async def beat(self, request: web.Request) -> web.Response:
        """Take a heartbeat."""
        if (no := self._no()) is not None:
            return no
        self.heartbeats.append(await request.json())
        return web.json_response(self._beat())

    def _beat(self) -> dict[str, Any]:
        return {"next_seconds": 60, "now": NOW, "notices": self.notices}

    async def key(self, request: web.Request) -> web.Response:
        """Take a new key."""
        if self.key_refusals:
            body = problem(self.key_refusals.pop(0))
            return web.json_response(body, status=body["status"])  # type: ignore[arg-type]
        self.keys.append((await request.json())["public_key"])
        return web.json_response({"status": "accepted", "former_until": NOW})

    async def stream(self, request: web.Request) -> web.StreamResponse:
        """Be a stream: answer heartbeats until it ends."""
        if (no := self._no()) is not None:
            return no
        if not self.passes_streams:
            return web.Response(status=400)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.streams.append(socket)
        try:
            async for frame in socket:
                self.streamed.append(json.loads(frame.data))
                await socket.send_json({"type": "heartbeat", **self._beat()})
        finally:
            self.streams.remove(socket)
        return socket

    async def say(self, incident: str, **view: Any) -> None:
        """Tell the home how far it is with an incident."""
        known = {"number": "2026-000001", "revision": 1, **view}
        for socket in self.streams:
            await socket.send_json({"type": "incident", "incident": incident, **known})


@asynccontextmanager
async def played_station() -> AsyncGenerator[PlayedStation]:
    """Run a station."""
    station = PlayedStation()
    app = web.Application()
    app.router.add_put(f"{API}/incidents/{{incident}}", station.put)
    app.router.add_get(f"{API}/incidents/{{incident}}", station.get)
    app.router.add_post(f"{API}/heartbeats", station.beat)
    app.router.add_get(f"{API}/stream", station.stream)
    app.router.add_put(f"{API}/key", station.key)
    server = TestServer(app)
    await server.start_server(access_log=None)  # it cannot write of a frozen clock
    station.url = str(server.make_url("/")).rstrip("/")
    try:
        yield station
    finally:
        await server.close()
