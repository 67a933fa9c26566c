"""The stream by itself: its patience, its answers, its frames."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from random import Random
from types import SimpleNamespace
from typing import Any, Self

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer
import pytest

from custom_components.zhian.link import frames
from custom_components.zhian.link.client import (
    API,
    StationClient,
    StationUnreachable,
    Trouble,
)
from custom_components.zhian.link.frames import IncidentNews, read_down, write_down
from custom_components.zhian.link.messages import (
    Heartbeat,
    HeartbeatAnswer,
    StationNotice,
)
from custom_components.zhian.link.signatures import Key
from custom_components.zhian.link.stream import LONGEST_PAUSE, Stream
from custom_components.zhian.link.views import StationView

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
BEAT = Heartbeat(at=NOW, open_incidents=0, detectors_total=1, detectors_normal=1)
NEWS = IncidentNews(
    "019a3e1c-9f00-7000-8000-0123456789ab",
    StationView(number="1", status="received", revision=1),
)
NOTICE = StationNotice(NEWS.incident, "No power at 9.", "Desk 1", NOW, NOW)
HOUSEHOLD = "0d7c4bd2-6f0f-4ad1-a6a5-3cb4ee6a2f5a"


class Line:
    """A socket whose frames a test writes."""

    def __init__(self) -> None:
        """Be open and silent."""
        self.frames: asyncio.Queue[Any] = asyncio.Queue()
        self.sent: list[bytes] = []
        self.closed: int | None = None

    def put(self, data: str, kind: Any = aiohttp.WSMsgType.TEXT) -> None:
        """Let a frame come."""
        self.frames.put_nowait(SimpleNamespace(type=kind, data=data))

    def __aiter__(self) -> Line:
        """Be read frame by frame."""
        return self

    async def __anext__(self) -> Any:
        """Wait for the next frame; None is the end."""
        if (frame := await self.frames.get()) is None:
            raise StopAsyncIteration
        if isinstance(frame, Exception):
            raise frame
        return frame

    async def send_frame(self, frame: bytes, kind: Any) -> None:
        """Take a frame."""
        if self.closed is not None:
            raise aiohttp.ClientConnectionResetError
        self.sent.append(frame)

    async def close(self, *, code: int = 1000) -> None:
        """End."""
        self.closed = code
        self.frames.put_nowait(None)


class Station:
    """Lines to come, one after the other; None is a line that does not open."""

    def __init__(self, *lines: Line | None) -> None:
        """Note what happens in `course`."""
        self.lines = list(lines)
        self.course: list[Any] = []
        self.now = 0.0
        self.done = asyncio.Event()
        self.stream = Stream(
            self.connect,  # type: ignore[arg-type]
            self.course.append,
            self.course.append,
            sleep=self.sleep,
            monotonic=lambda: self.now,
            rng=Random(1),
        )

    async def connect(self) -> Line:
        """Open the next line."""
        if not self.lines:
            self.done.set()
            await asyncio.Event().wait()
        if (line := self.lines.pop(0)) is None:
            raise StationUnreachable(Trouble.CONNECT)
        return line

    async def sleep(self, pause: float) -> None:
        """Note the pause."""
        self.course.append(round(pause, 1))

    async def __aenter__(self) -> Self:
        """Run the stream."""
        self.task = asyncio.create_task(self.stream.run())
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop it."""
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)


async def opened(stream: Stream) -> None:
    """Wait for an open stream."""
    while not stream.is_open:
        await asyncio.sleep(0)


async def test_pauses_grow_shaken_and_bounded_until_a_stream_has_lasted() -> None:
    """So that a thousand homes do not knock in step, and none is forgotten."""
    line = Line()
    station = Station(*[None] * 9, line)
    async with station:
        await opened(station.stream)
        station.now += 61
        await line.close()
        await station.done.wait()
    pauses = [step for step in station.course if not isinstance(step, bool)]
    assert len(pauses) == 10
    for failures, pause in enumerate(pauses[:9], 1):
        most = min(5 * 2**failures, LONGEST_PAUSE)
        assert most / 2 <= pause <= most
    assert 2.5 <= pauses[-1] <= 5.0
    assert station.course[-3:-1] == [True, False]


async def test_a_stream_that_is_cut_at_once_counts_as_a_failure() -> None:
    """A proxy that ends every stream after a second is not stormed."""
    short = [Line() for _ in range(4)]
    for line in short:
        line.frames.put_nowait(None)
    station = Station(*short)
    async with station:
        await station.done.wait()
    pauses = [step for step in station.course if not isinstance(step, bool)]
    assert pauses[3] > 2 * pauses[0]


async def test_answers_belong_to_heartbeats_in_their_order() -> None:
    """One that nobody asked for is ignored."""
    line = Line()
    answer = HeartbeatAnswer(30, NOW)
    station = Station(line)
    async with station:
        await opened(station.stream)
        line.put(write_down(HeartbeatAnswer(5, NOW)).decode())
        line.put(write_down(NEWS).decode())
        while NEWS not in station.course:
            await asyncio.sleep(0)
        beat = asyncio.create_task(station.stream.beat(BEAT))
        while not line.sent:
            await asyncio.sleep(0)
        line.put(write_down(answer).decode())
        assert await beat == answer
        assert frames.read_up(line.sent[0]) == BEAT


async def test_a_beat_that_is_waited_for_when_the_line_ends_has_failed() -> None:
    """It is sent another way at once."""
    line = Line()
    station = Station(line)
    async with station:
        await opened(station.stream)
        beat = asyncio.create_task(station.stream.beat(BEAT))
        while not line.sent:
            await asyncio.sleep(0)
        line.frames.put_nowait(TimeoutError())  # not even a ping for a minute
        with pytest.raises(StationUnreachable):
            await beat
        await station.done.wait()
        assert line.closed == 1001
        with pytest.raises(StationUnreachable):
            await station.stream.beat(BEAT)


async def test_a_line_that_cannot_be_written_to_is_no_way() -> None:
    line = Line()
    station = Station(line)
    async with station:
        await opened(station.stream)
        line.closed = 1006
        with pytest.raises(StationUnreachable):
            await station.stream.beat(BEAT)


async def test_a_fault_of_our_own_in_one_message_does_not_stop_the_others(
    caplog: pytest.LogCaptureFixture,
) -> None:
    line = Line()
    station = Station(line)
    heard: list[IncidentNews] = []

    def hear(news: IncidentNews) -> None:
        heard.append(news)
        if len(heard) == 1:
            raise ValueError("bug")

    station.stream._hear = hear
    async with station:
        await opened(station.stream)
        line.put(write_down(NEWS).decode())
        line.put(write_down(NEWS).decode())
        while len(heard) < 2:
            await asyncio.sleep(0)
    assert "were not taken" in caplog.text


@pytest.mark.parametrize(
    "message",
    [HeartbeatAnswer(30, NOW), HeartbeatAnswer(30, NOW, (NOTICE,)), NEWS, NOTICE],
)
def test_every_frame_comes_back_as_it_was(message: Any) -> None:
    assert read_down(write_down(message)) == message


# --- against a real server -----------------------------------------------------------


@pytest.fixture
async def client(socket_enabled: None) -> AsyncIterator[Any]:
    """Return a function that makes a client of a station that answers like this."""
    servers = []
    async with aiohttp.ClientSession() as session:

        async def make(respond: Any) -> StationClient:
            app = web.Application()
            app.router.add_get(f"{API}/stream", respond)
            server = TestServer(app)
            await server.start_server()
            servers.append(server)
            return StationClient(
                session,
                str(server.make_url("/")),
                Key.generate(),
                HOUSEHOLD,
                allow_http=True,
                timeout=1,
            )

        yield make
        for server in servers:
            await server.close()


@pytest.mark.parametrize(
    ("status", "trouble"),
    [
        (200, Trouble.NOT_A_STATION),
        (400, Trouble.NOT_A_STATION),
        (403, Trouble.NOT_A_STATION),
        (426, Trouble.NOT_A_STATION),
        (502, Trouble.SERVER_ERROR),
    ],
)
async def test_whatever_is_no_stream_is_no_way(
    client: Any, status: int, trouble: Trouble
) -> None:
    async def respond(_: web.Request) -> web.Response:
        return web.Response(status=status)

    with pytest.raises(StationUnreachable) as caught:
        await (await client(respond)).open_stream()
    assert caught.value.trouble is trouble


async def test_nobody_there_is_no_way(client: Any) -> None:
    async def hang(request: web.Request) -> web.Response:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    with pytest.raises(StationUnreachable) as caught:
        await (await client(hang)).open_stream()
    assert caught.value.trouble is Trouble.CONNECT


async def test_a_server_that_hangs_is_given_up(client: Any) -> None:
    async def hang(_: web.Request) -> web.Response:
        await asyncio.Event().wait()
        return web.Response()

    station = await client(hang)
    station._timeout = aiohttp.ClientTimeout(total=0.05)
    with pytest.raises(StationUnreachable) as caught:
        await station.open_stream()
    assert caught.value.trouble is Trouble.TIMEOUT


async def test_a_stream_is_not_followed_to_another_address(client: Any) -> None:
    """What is signed for one station is for no other."""
    seen = asyncio.Event()

    async def elsewhere(request: web.Request) -> web.StreamResponse:
        seen.set()
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.receive()
        return socket

    other = await client(elsewhere)

    async def redirect(_: web.Request) -> web.Response:
        return web.Response(
            status=302,
            headers={"Location": f"{other.endpoints.in_use.origin}{API}/stream"},
        )

    with pytest.raises(StationUnreachable) as caught:
        await (await client(redirect)).open_stream()
    assert caught.value.trouble is Trouble.REDIRECTED
    assert seen.is_set()


async def test_an_open_stream_is_unpacked_and_bounded(client: Any) -> None:
    async def respond(request: web.Request) -> web.StreamResponse:
        assert "Sec-WebSocket-Extensions" not in request.headers
        assert request.headers["Signature"]
        socket = web.WebSocketResponse(compress=False)
        await socket.prepare(request)
        await socket.send_str("x" * (frames.LONGEST_DOWN + 1))
        await socket.receive()
        return socket

    socket = await (await client(respond)).open_stream()
    assert (await socket.receive()).type is aiohttp.WSMsgType.ERROR
    await socket.close()


async def test_a_home_that_is_not_enrolled_has_no_stream(client: Any) -> None:
    async def respond(_: web.Request) -> web.Response:
        return web.Response()

    station = await client(respond)
    station._household = None
    with pytest.raises(ValueError, match="not enrolled"):
        await station.open_stream()
