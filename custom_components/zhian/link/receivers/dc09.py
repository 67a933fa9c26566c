"""An alarm centre that speaks SIA DC-09, over TCP."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Final, Self

from ..client import StationRefused, StationUnreachable, Trouble
from ..dc09 import (
    MOST_BYTES,
    Answer as FrameAnswer,
    BadFrame,
    Event,
    Identity,
    decode,
    encode_event,
    encode_null,
)
from ..dc09_events import TEST, TEST_ZONE, Due, due
from ..messages import Answer
from ..receiver import Report

_TIMEOUT: Final = 10.0
LAST: Final = 9999

NAK: Final = "nak"
"""It did not take the frame: another key, an account that it does not know, a clock."""
DUH: Final = "duh"
"""It does not know what was said."""

# What some say, without a frame, to an account that they do not know.
_BARE_NAK: Final = b'"NAK"'

type Make = Callable[[datetime], bytes]


class Dc09Receiver:
    """One account at one receiver, over one connection at a time.

    Success is an ACK with the number of what was sent, for our account and, if there is
    a key, encrypted with it. Each frame is one write and waits for its answer: more at
    once come out as one at many receivers.
    """

    def __init__(
        self,
        host: str,
        port: int,
        identity: Identity,
        next_number: Callable[[str], Awaitable[int]],
        *,
        utcnow: Callable[[], datetime],
        heartbeat_seconds: float | None = None,
        timeout: float = _TIMEOUT,
    ) -> None:
        """Connect to nothing yet.

        `next_number` counts on over restarts. It takes the name of an event, or nothing
        for a test, and has the same number for the same event.
        """
        self._host = host
        self._port = port
        self._identity = identity
        self._next_number = next_number
        self._utcnow = utcnow
        self._timeout = timeout
        self._line = asyncio.Lock()
        self._offset = timedelta()
        """How far the receiver's clock is ahead; 0 until that was in the way."""
        self.heartbeat_seconds = heartbeat_seconds

    def has_news(self, report: Report) -> bool:
        """Whether there is an event to send."""
        return bool(due(report.document, report.received))

    def renewal(self, report: Report) -> None:
        """Say nothing twice: an alarm stands until its end is told."""

    async def deliver(self, report: Report) -> Answer:
        """Send the events that the receiver has not acknowledged, oldest first."""
        document, has = report.document, report.received
        waiting = due(document, has)
        try:
            async with self._connected() as tcp:
                for at, item in enumerate(waiting, 1):
                    await self._tell(tcp, document.id, item)
                    if at == len(waiting) or waiting[at].seq > item.seq:
                        has = item.seq
        except StationUnreachable, StationRefused:
            if has == report.received:
                raise
            # What was acknowledged is kept; the rest is tried again.
            return Answer("", has)
        return Answer("", document.revision)

    def written(self, report: Report) -> list[bytes]:
        """Return the frames before they are encrypted; number and time are set later."""
        plain, now = replace(self._identity, key=None), self._utcnow()
        return [
            encode_event(plain, item.event, 0, now + self._offset)
            for item in due(report.document, report.received)
        ]

    async def beat(self) -> None:
        """Send a null message; any message starts the receiver's clock anew."""
        async with self._connected() as tcp:
            await self._exchange(tcp, partial(encode_null, self._identity), 0)

    async def test(self) -> None:
        """Send a manual test, which every centre records and nobody drives to."""
        number = await self._next_number("")
        event = Event(code=TEST, zone=TEST_ZONE, at=self._utcnow(), text="TEST")
        async with self._connected() as tcp:
            await self._send(tcp, event, number)

    @asynccontextmanager
    async def _connected(self) -> AsyncGenerator[_Connection]:
        """Have the line for oneself; what happens on it is said in the link's words."""
        try:
            async with (
                self._line,
                _Connection(self._host, self._port, self._timeout) as tcp,
            ):
                yield tcp
        except BadFrame as err:
            raise StationUnreachable(Trouble.NOT_A_STATION) from err
        except TimeoutError as err:
            raise StationUnreachable(Trouble.TIMEOUT) from err
        except OSError as err:
            raise StationUnreachable(Trouble.CONNECT) from err

    async def _tell(self, tcp: _Connection, incident: str, item: Due) -> None:
        # What may have arrived without an answer is sent again under its number.
        name = f"{incident}-{item.seq}-{item.event.code}"
        number = await self._next_number(name)
        try:
            await self._send(tcp, item.event, number)
        except StationRefused as refused:
            # A code that it does not know must not keep the end of the alarm from it.
            if refused.reason != DUH or not item.is_extra:
                raise

    async def _send(self, tcp: _Connection, event: Event, number: int) -> None:
        await self._exchange(
            tcp,
            lambda now: encode_event(self._identity, event, number, now),
            number,
        )

    async def _exchange(self, tcp: _Connection, make: Make, number: int) -> None:
        """Send a frame and read the answer; heal our clock by the receiver's, once."""
        answer = await self._ask(tcp, make)
        if answer.id == "NAK" and answer.at is not None:
            offset = answer.at - self._utcnow()
            if abs(offset - self._offset) > timedelta(seconds=2):
                self._offset = offset
                answer = await self._ask(tcp, make)
        if answer.id in ("NAK", "DUH"):
            raise StationRefused(answer.id.lower())
        if (
            answer.id != "ACK"
            or answer.sequence != number
            or answer.encrypted is not (self._identity.key is not None)
            or _bare(answer.account or "") != _bare(self._identity.account)
        ):
            raise BadFrame("not the answer to this")

    async def _ask(self, tcp: _Connection, make: Make) -> FrameAnswer:
        frame = await tcp.ask(make(self._utcnow() + self._offset))
        if frame == _BARE_NAK:
            raise StationRefused(NAK)
        return decode(frame, self._identity)


class _Connection:
    """A connection on which one asks and the other answers."""

    def __init__(self, host: str, port: int, timeout: float) -> None:
        self._host = host
        self._port = port
        self._timeout = timeout
        self._reader: asyncio.StreamReader
        self._writer: asyncio.StreamWriter

    async def __aenter__(self) -> Self:
        async with asyncio.timeout(self._timeout):
            self._reader, self._writer = await asyncio.open_connection(
                self._host, self._port
            )
        return self

    async def __aexit__(self, *_: object) -> None:
        self._writer.close()

    async def ask(self, frame: bytes) -> bytes:
        """Write a frame at once and read up to the end of the next one."""
        async with asyncio.timeout(self._timeout):
            self._writer.write(frame)
            await self._writer.drain()
            answer = b""
            while len(answer) < MOST_BYTES:
                part = await self._reader.read(MOST_BYTES)
                if not part:
                    raise ConnectionResetError("closed in the middle")
                answer += part
                if answer.endswith(b"\r") or answer == _BARE_NAK:
                    break
        return answer


def _bare(account: str) -> str:
    """Return an account as a number is read: some fill it up with zeros."""
    return account.upper().lstrip("0")


def following(number: int) -> int:
    """Return the number after one: 1 to 9999, and 1 again."""
    return number % LAST + 1
