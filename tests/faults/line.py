"""A line to a receiver, whatever is spoken on it: it can do what lines do."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Self

from .wire import copy

PATIENCE = 11.0
"""Seconds; the home waits ten for an answer."""


@dataclass(frozen=True, slots=True)
class Call:
    """A connection that the home has made, and what it said first."""

    line: Line
    first: bytes
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Connect to the receiver."""
        return await asyncio.open_connection("127.0.0.1", self.line.target)


type LineFault = Callable[[Call], Awaitable[None]]


async def whole(call: Call) -> None:
    """Join both sides until one of them ends it."""
    await _join(call, 0)


async def late(call: Call) -> None:
    """Let the answer come when the home has given up waiting."""
    await _join(call, PATIENCE)


async def cut_request(call: Call) -> None:
    """End in the middle of what the home says."""
    _, there = await call.connect()
    there.write(call.first[: len(call.first) // 2])
    await there.drain()
    there.close()
    call.writer.transport.abort()


async def cut_answer(call: Call) -> None:
    """The receiver has it; end in the middle of its answer."""
    back, there = await call.connect()
    there.write(call.first)
    answer = await back.read(65536)
    call.writer.write(answer[: len(answer) // 2])
    await call.writer.drain()
    there.close()


async def hold(call: Call) -> None:
    """The receiver has it, and its answers never arrive."""
    back, there = await call.connect()
    there.write(call.first)
    try:
        await asyncio.gather(copy(call.reader, there), _swallow(back))
    finally:
        there.close()


async def error_500(call: Call) -> None:
    """Something in between answers in the receiver's place."""
    call.writer.write(
        b"HTTP/1.1 500 Made up\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    )
    await call.writer.drain()


class Line:
    """Listens for the home, speaks to a receiver, does what `fault` says."""

    def __init__(self, port: int, target: int) -> None:
        """Nothing listens yet."""
        self.port = port
        self.target = target
        self.met = 0
        """Calls that have met the fault of the moment."""
        self._fault: LineFault = whole
        self._calls: set[asyncio.Task[None]] = set()
        self._has_met = asyncio.Event()

    async def __aenter__(self) -> Self:
        """Listen."""
        self._server = await asyncio.start_server(
            self._serve, "127.0.0.1", self.port, limit=1 << 20
        )
        return self

    async def __aexit__(self, *error: object) -> None:
        """Listen no more."""
        self._server.close()
        self._hang_up()

    def have(self, fault: LineFault) -> None:
        """Have this fault from now on; who is connected has to call again."""
        self._fault = fault
        self.met = 0
        self._has_met.clear()
        self._hang_up()

    async def until_met(self, limit: float) -> None:
        """Wait until the home has met the fault."""
        async with asyncio.timeout(limit):
            await self._has_met.wait()

    def _hang_up(self) -> None:
        for call in self._calls:
            call.cancel()

    async def _serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._calls.add(task)
        try:
            if first := await reader.read(65536):
                self.met += 1
                self._has_met.set()
                await self._fault(Call(self, first, reader, writer))
        except OSError, asyncio.CancelledError:
            writer.transport.abort()  # a line complains to nobody
        finally:
            self._calls.discard(task)
            writer.close()


async def _join(call: Call, pause: float) -> None:
    back, there = await call.connect()
    there.write(call.first)
    ways = [
        asyncio.create_task(copy(call.reader, there)),
        asyncio.create_task(copy(back, call.writer, pause)),
    ]
    try:
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for way in ways:
            way.cancel()
        there.close()
        await asyncio.gather(*ways, return_exceptions=True)


async def _swallow(reader: asyncio.StreamReader) -> None:
    while await reader.read(65536):
        pass
