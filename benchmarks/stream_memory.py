"""What a home's open stream costs the station: memory a connection, against a bare socket.

A thousand homes connect over the loopback interface, each sends a heartbeat, and the
station tells each how far it is with its incident. The bare side is aiohttp's WebSocket
with nothing behind it: the least that a connection can cost. Each side runs in a process
of its own, the homes in this one; memory is the growth of the server's resident set.
"""

import argparse
import asyncio
import base64
import gc
import json
import os
from pathlib import Path
import resource
import sys
from types import SimpleNamespace
from typing import Any

from homeassistant.util import dt as dt_util

from aiohttp import web

sys.path.insert(0, str(Path(__file__).parent.parent))

from custom_components.zhian.link.frames import IncidentNews, read_down, write_up
from custom_components.zhian.link.messages import Heartbeat, HeartbeatAnswer
from custom_components.zhian.link.views import StationDispatched, StationView
from custom_components.zhian.station.lines import Lines

BUDGET = 20_000
INCIDENT = "019a3e1c-9f00-7000-8000-0123456789ab"
PAGE = os.sysconf("SC_PAGE_SIZE")
SERVERS = ("bare", "lines")


def resident() -> int:
    """Return the bytes of this process that are in memory."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * PAGE


class Bare:
    """A socket and nothing else."""

    def __init__(self) -> None:
        """Begin with none."""
        self.sockets: list[web.WebSocketResponse] = []

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Echo."""
        socket = web.WebSocketResponse(compress=False)
        await socket.prepare(request)
        self.sockets.append(socket)
        try:
            async for frame in socket:
                await socket.send_str(frame.data)
        finally:
            self.sockets.remove(socket)
        return socket

    async def news(self) -> None:
        """Write to every socket."""
        for socket in self.sockets:
            await socket.send_str("x" * 400)


class Ours:
    """The station's own lines, with a station that only answers."""

    def __init__(self) -> None:
        """Begin with none."""
        answer = HeartbeatAnswer(60, dt_util.utcnow())
        intake = SimpleNamespace(beat=lambda *_: answer)
        station: Any = SimpleNamespace(intake=intake)
        self.lines = Lines(station)
        self.count = 0

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Be a household's line."""
        self.count += 1
        household: Any = SimpleNamespace(id=str(self.count))
        return await self.lines.serve(request, household)

    async def news(self) -> None:
        """Tell every household how far the station is."""
        view = StationView(
            number="2026-000001",
            status="dispatched",
            revision=3,
            dispatched=StationDispatched("Patrol 3", 240, dt_util.utcnow()),
        )
        for household in tuple(self.lines._lines):  # noqa: SLF001
            self.lines._say(household, INCIDENT, IncidentNews(INCIDENT, view))  # noqa: SLF001


async def run_server(which: str) -> None:
    """Serve, and answer the questions that come on the standard input."""
    side = Bare() if which == "bare" else Ours()
    app = web.Application()
    app.router.add_get("/stream", side.serve)
    runner = web.AppRunner(app, access_log=None, handler_cancellation=True)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, backlog=2048)
    await site.start()
    port = runner.addresses[0][1]
    print(port, flush=True)
    loop = asyncio.get_running_loop()
    while order := (await loop.run_in_executor(None, sys.stdin.readline)).strip():
        if order == "news":
            await side.news()
            await asyncio.sleep(0.2)
        print(resident(), flush=True)
    os._exit(0)  # nothing here is worth a thousand good-byes


async def open_line(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Open a WebSocket with as little as that takes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=4096)
    key = base64.b64encode(os.urandom(16)).decode()
    writer.write(
        (
            "GET /stream HTTP/1.1\r\nHost: station\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\n"
            "Sec-WebSocket-Version: 13\r\n\r\n"
        ).encode()
    )
    head = await reader.readuntil(b"\r\n\r\n")
    if b" 101 " not in head:
        raise RuntimeError(head.decode())
    return reader, writer


def frame(text: bytes) -> bytes:
    """Return a client's text frame, masked with zeros."""
    return bytes((0x81, 0x80 | 126)) + len(text).to_bytes(2) + bytes(4) + text


async def read_frame(reader: asyncio.StreamReader) -> bytes:
    """Return a server's text frame."""
    _, length = await reader.readexactly(2)
    if length == 126:
        length = int.from_bytes(await reader.readexactly(2))
    return await reader.readexactly(length)


async def measure(which: str, homes: int) -> dict[str, float]:
    """Return the bytes a connection: open, after a heartbeat, after news."""
    server = await asyncio.create_subprocess_exec(
        sys.executable,
        __file__,
        "--serve",
        which,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert server.stdin is not None
    assert server.stdout is not None
    reading = server.stdout

    async def ask(order: str) -> int:
        assert server.stdin is not None
        server.stdin.write(f"{order}\n".encode())
        return int(await reading.readline())

    port = int(await reading.readline())
    # What the first connections load or allocate once is not theirs.
    for _ in range(50):
        reader, _writer = await open_line(port)
        _writer.write(frame(BEAT))
        await read_frame(reader)
        _writer.close()
    await asyncio.sleep(0.5)
    before = await ask("measure")
    lines = [await open_line(port) for _ in range(homes)]
    idle = await ask("measure")
    for reader, writer in lines:
        writer.write(frame(BEAT))
        answer = await read_frame(reader)
        if which == "lines":
            assert isinstance(read_down(answer), HeartbeatAnswer)
    beaten = await ask("measure")
    told = await ask("news")
    for reader, _ in lines:
        news = await read_frame(reader)
        if which == "lines":
            assert isinstance(read_down(news), IncidentNews)
    for _, writer in lines:
        writer.close()
    server.stdin.write(b"\n")
    await server.wait()
    return {
        "idle": (idle - before) / homes,
        "after_heartbeat": (beaten - before) / homes,
        "after_news": (told - before) / homes,
    }


BEAT = write_up(
    Heartbeat(
        at=dt_util.utcnow(), open_incidents=0, detectors_total=4, detectors_normal=4
    )
)


def main() -> int:
    """Measure both sides; fail if a connection costs more than the budget."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--homes", type=int, default=1000)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--serve", choices=SERVERS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        asyncio.run(run_server(options.serve))
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    sides = {which: asyncio.run(measure(which, options.homes)) for which in SERVERS}
    most = max(sides["lines"].values())
    result = {
        "homes": options.homes,
        "bytes_per_connection": sides,
        "budget_bytes": BUDGET,
        "ratio": most / max(sides["bare"].values()),
        "passed": most <= BUDGET,
    }
    if options.json:
        print(json.dumps(result))
    else:
        for which, figures in sides.items():
            shown = ", ".join(f"{k} {v / 1000:.1f} kB" for k, v in figures.items())
            print(f"{which}: {shown}")
        verdict = "kept" if result["passed"] else "BROKEN"
        print(f"{result['ratio']:.2f} x bare; budget {BUDGET / 1000:.0f} kB {verdict}")
    return 0 if result["passed"] else 1


if __name__ == "__main__":
    sys.exit(main())
