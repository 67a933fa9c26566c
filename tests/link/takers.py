"""An address that a test plays, on the loopback interface."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer
from yarl import URL


@dataclass
class Taken:
    """One request that arrived."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    request: web.Request


@dataclass
class Taker:
    """What came, and what is answered next."""

    url: URL = field(default_factory=URL)
    session: aiohttp.ClientSession = None  # type: ignore[assignment]
    requests: list[Taken] = field(default_factory=list)
    answer: Callable[[Taken], Awaitable[web.StreamResponse] | web.StreamResponse] = (
        field(default=lambda _: web.Response())
    )

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Take whatever comes."""
        taken = Taken(
            request.method,
            request.path_qs,
            dict(request.headers),
            await request.read(),
            request,
        )
        self.requests.append(taken)
        answer = self.answer(taken)
        return answer if isinstance(answer, web.StreamResponse) else await answer


@asynccontextmanager
async def taker() -> AsyncGenerator[Taker]:
    """Run one."""
    found = Taker()
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", found.handle)
    async with TestServer(app) as server, aiohttp.ClientSession() as session:
        found.url = server.make_url("/in?box=1")
        found.session = session
        yield found
