"""The open lines to the homes: one socket a household, heartbeats up, news down.

A socket costs its buffers and no task, timer or queue of ours: what is to be said waits
by subject, so that a home that reads slowly gets the newest picture, not every one.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
import logging
import time
from typing import TYPE_CHECKING, Final

from homeassistant.core import callback

from aiohttp import WSMsgType, web

from ..link.frames import (
    HEARTBEAT,
    LONGEST_UP,
    CloseCode,
    FromStation,
    IncidentNews,
    read_up,
    write_down,
)
from ..link.messages import StationNotice
from ..link.orders import StationOrder
from ..link.problems import Reason
from ..link.wire_json import BadDocument
from .refused import Refused
from .registry import Household
from .view import view_of

if TYPE_CHECKING:
    from . import Station
    from .cases import Case

_LOGGER: Final = logging.getLogger(__name__)

CLOSE_SECONDS: Final = 2.0
"""How long a home may take to say good-bye, too."""
MOST_WAITING: Final = 64
"""Subjects of which the news wait; a home that reads none of them is not there."""
FRAMES_PER_MINUTE: Final = 60
"""A home sends one heartbeat, and answers a few pings."""
AT_ONCE: Final = 50
"""Lines that are looked at in one turn of the event loop."""


class Line:
    """One household's socket."""

    __slots__ = (
        "_begun",
        "_frames",
        "_heard",
        "_pinged",
        "_sending",
        "_transport",
        "_waiting",
        "socket",
    )

    def __init__(
        self, socket: web.WebSocketResponse, transport: asyncio.Transport | None = None
    ) -> None:
        """Begin with nothing to say."""
        self.socket = socket
        self._transport = transport
        self._waiting: dict[str, bytes] | None = None
        self._sending: asyncio.Task[None] | None = None
        self._heard = True
        self._pinged = False
        self._begun = 0.0
        self._frames = 0

    def say(self, subject: str, frame: bytes) -> bool:
        """Send a frame, in place of one about the same subject that still waits.

        False if the home reads so little that it must come again.
        """
        if self._waiting is None:
            self._waiting = {}
        self._waiting[subject] = frame
        if self._sending is None:
            loop = asyncio.get_running_loop()
            task = asyncio.Task(self._send(), loop=loop, eager_start=True)
            if not task.done():
                self._sending = task
        return len(self._waiting or ()) <= MOST_WAITING

    async def _send(self) -> None:
        # A line that has broken is noticed by whoever listens to it.
        with suppress(ConnectionError, RuntimeError):
            while self._waiting:
                subject = next(iter(self._waiting))
                frame = self._waiting.pop(subject)
                await self.socket.send_frame(frame, WSMsgType.TEXT)
        self._waiting = None
        self._sending = None

    def heard(self, now: float) -> bool:
        """Count a frame of the home; False if there are too many."""
        self._heard = True
        if now - self._begun >= 60.0:
            self._begun, self._frames = now, 0
        self._frames += 1
        return self._frames <= FRAMES_PER_MINUTE

    async def look(self) -> None:
        """Ping a home that was silent since the last look; give one up that still is."""
        if self._heard:
            self._heard = self._pinged = False
        elif self._pinged or self._sending is not None:
            self.cut()  # half open: there is nobody to say good-bye to
        else:
            self._pinged = True
            with suppress(ConnectionError, RuntimeError):
                await self.socket.ping()

    async def hang_up(self, code: CloseCode, reason: str = "") -> None:
        """End the line and say why."""
        try:
            async with asyncio.timeout(2 * CLOSE_SECONDS):
                await self.socket.close(code=code, message=reason.encode())
        except ConnectionError, RuntimeError, TimeoutError:
            self.cut()

    def cut(self) -> None:
        """End the line at once; whoever listens to it is woken."""
        if self._transport is not None:
            self._transport.abort()

    def end(self) -> None:
        """Stop sending to a line that has ended."""
        if self._sending is not None:
            self._sending.cancel()


class Lines:
    """All open lines of the station."""

    def __init__(
        self, station: Station, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        """Begin with none."""
        self._station = station
        self._monotonic = monotonic
        self._lines: dict[str, Line] = {}
        self._is_closed = False

    def __len__(self) -> int:
        """Return how many homes are connected."""
        return len(self._lines)

    def __contains__(self, household: str) -> bool:
        """Return whether a household is connected."""
        return household in self._lines

    async def serve(
        self, request: web.Request, household: Household
    ) -> web.StreamResponse:
        """Be a household's line until it ends; raises Refused if it cannot begin.

        The handler is cancelled when the home hangs up.
        """
        socket = web.WebSocketResponse(
            timeout=CLOSE_SECONDS,
            autoping=False,
            # A packer costs ten times the memory of all the rest.
            compress=False,
            max_msg_size=LONGEST_UP,
        )
        if not socket.can_prepare(request):
            raise Refused(Reason.UPGRADE_REQUIRED)
        await socket.prepare(request)
        line = Line(socket, request.transport)
        if self._is_closed:
            await line.hang_up(CloseCode.GOING_AWAY)
            return socket
        if (former := self._lines.get(household.id)) is not None:
            self._part(former, CloseCode.REPLACED)
        self._lines[household.id] = line
        try:
            await self._listen(line, household)
        finally:
            line.end()
            if self._lines.get(household.id) is line:
                del self._lines[household.id]
        return socket

    async def _listen(self, line: Line, household: Household) -> None:
        async for frame in line.socket:
            if frame.type is WSMsgType.ERROR:
                return
            if not line.heard(self._monotonic()):
                await line.hang_up(CloseCode.BAD_FRAME, Reason.RATE_LIMITED)
                return
            match frame.type:
                case WSMsgType.PING:
                    await line.socket.pong(frame.data)
                case WSMsgType.PONG:
                    pass
                case WSMsgType.TEXT:
                    try:
                        beat = read_up(frame.data)
                    except BadDocument as error:
                        await line.hang_up(CloseCode.BAD_FRAME, error.reason)
                        return
                    if beat is not None:
                        answer = self._station.intake.beat(household, beat)
                        line.say(HEARTBEAT, write_down(answer))
                case _:
                    await line.hang_up(CloseCode.BAD_FRAME, Reason.BAD_DOCUMENT)
                    return

    async def look(self) -> None:
        """Find the lines on which nobody is left."""
        for count, line in enumerate(tuple(self._lines.values()), 1):
            await line.look()
            if count % AT_ONCE == 0:
                await asyncio.sleep(0)  # alarms do not wait for pings

    @callback
    def tell(self, case: Case) -> None:
        """Tell the household what the station has done about its incident."""
        self._say(
            case.household, case.incident, IncidentNews(case.incident, view_of(case))
        )

    @callback
    def give(self, household: str, order: StationOrder) -> None:
        """Give a station below an order."""
        self._say(household, order.id, order)

    async def announce(self, notice: StationNotice) -> None:
        """Tell every household that is connected; the others with their heartbeat."""
        frame = write_down(notice)
        for count, line in enumerate(tuple(self._lines.values()), 1):
            if not line.say(notice.id, frame):
                self._part(line, CloseCode.TRY_LATER)
            if count % AT_ONCE == 0:
                await asyncio.sleep(0)

    def _say(self, household: str, subject: str, message: FromStation) -> None:
        if (line := self._lines.get(household)) is None:
            return  # it will ask when it comes
        if not line.say(subject, write_down(message)):
            self._part(line, CloseCode.TRY_LATER)

    @callback
    def revoke(self, household: str) -> None:
        """End the line of a household that is served no more."""
        if (line := self._lines.pop(household, None)) is not None:
            self._part(line, CloseCode.REVOKED)

    def _part(self, line: Line, code: CloseCode) -> None:
        self._station.hass.async_create_background_task(
            line.hang_up(code), "zhian line ends"
        )

    async def close(self) -> None:
        """End all lines: the station stops or starts anew."""
        self._is_closed = True
        lines, self._lines = self._lines, {}
        if lines:
            _LOGGER.debug("Ending %d lines", len(lines))
            await asyncio.gather(
                *(line.hang_up(CloseCode.GOING_AWAY) for line in lines.values())
            )
