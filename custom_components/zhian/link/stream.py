"""The home's stream: opened again whenever it breaks, never needed.

Whatever goes over it can be polled, too. So a line where no WebSocket passes costs
nothing but a little time, and nobody waits for the stream to come back.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
import logging
from random import Random
import time
from typing import Final

import aiohttp

from .client import StationError, StationUnreachable, Trouble
from .frames import CloseCode, FromStation, IncidentNews, Word, read_down, write_up
from .messages import Heartbeat, HeartbeatAnswer, StationNotice
from .orders import StationOrder
from .wire_json import BadDocument

_LOGGER: Final = logging.getLogger(__name__)

SHORTEST_PAUSE: Final = 5.0
LONGEST_PAUSE: Final = 300.0
STEADY_SECONDS: Final = 30.0
"""A stream that has lasted so long was no failure: there are proxies that cut every
line after a minute, and the minute began before the stream was open."""
ANSWER_SECONDS: Final = 10.0

type Socket = aiohttp.ClientWebSocketResponse


class Stream:
    """Keeps one socket to the station open for as long as it can."""

    def __init__(
        self,
        connect: Callable[[], Awaitable[Socket]],
        hear: Callable[[Word], None],
        on_change: Callable[[bool], None],
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        monotonic: Callable[[], float] = time.monotonic,
        rng: Random | None = None,
    ) -> None:
        """Open with `connect`; `on_change` hears when the stream opens and ends.

        What was said while it was closed is not said again: whoever needs to know asks
        once after each opening.
        """
        self._connect = connect
        self._hear = hear
        self._on_change = on_change
        self._sleep = sleep
        self._monotonic = monotonic
        self._rng = rng or Random()
        self._socket: Socket | None = None
        self._asked: deque[asyncio.Future[HeartbeatAnswer]] = deque()
        self._is_moving = False

    @property
    def is_open(self) -> bool:
        """Whether the station's news arrive by themselves."""
        return self._socket is not None

    async def run(self) -> None:
        """Keep the stream open; to be cancelled at the end."""
        failures = 0
        while True:
            since = self._monotonic()
            try:
                socket = await self._connect()
            except StationError as error:
                _LOGGER.debug("No stream to the station: %s", error)
                failures += 1
            else:
                since = self._monotonic()
                await self._use(socket)
                lasted = self._monotonic() - since
                failures = 0 if lasted >= STEADY_SECONDS else failures + 1
                if self._is_moving:
                    self._is_moving = False
                    continue
            await self._sleep(self._pause(failures))

    async def move(self) -> None:
        """Open it anew at once: there is a better way to the station."""
        if self._socket is not None:
            self._is_moving = True
            await _hang_up(self._socket)

    async def beat(self, beat: Heartbeat) -> HeartbeatAnswer:
        """Send a heartbeat; raises StationUnreachable if no answer comes."""
        socket = self._socket
        if socket is None:
            raise StationUnreachable(Trouble.CONNECT)
        answer: asyncio.Future[HeartbeatAnswer] = (
            asyncio.get_running_loop().create_future()
        )
        self._asked.append(answer)
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                await socket.send_frame(write_up(beat), aiohttp.WSMsgType.TEXT)
                return await answer
        except TimeoutError as err:
            await _hang_up(socket)  # a line on which nobody answers is none
            raise StationUnreachable(Trouble.TIMEOUT) from err
        except (aiohttp.ClientError, OSError, RuntimeError) as err:
            raise StationUnreachable(Trouble.CONNECT) from err
        finally:
            with suppress(ValueError):
                self._asked.remove(answer)

    async def _use(self, socket: Socket) -> None:
        """Listen until the line ends, whoever ends it."""
        self._socket = socket
        self._on_change(True)
        try:
            with suppress(TimeoutError):  # not even a ping for a minute
                await self._listen(socket)
        finally:
            self._socket = None
            while self._asked:
                answer = self._asked.popleft()
                if not answer.done():
                    answer.set_exception(StationUnreachable(Trouble.CONNECT))
            self._on_change(False)
            await _hang_up(socket)

    async def _listen(self, socket: Socket) -> None:
        async for frame in socket:
            if frame.type is not aiohttp.WSMsgType.TEXT:
                return  # an error, or what no station sends
            try:
                message = read_down(frame.data)
            except BadDocument as error:
                _LOGGER.debug("The station's stream is unreadable: %s", error)
                return
            if message is not None:
                self._take(message)

    def _take(self, message: FromStation) -> None:
        match message:
            case HeartbeatAnswer():
                if self._asked and not (answer := self._asked.popleft()).done():
                    answer.set_result(message)
            case IncidentNews() | StationNotice() | StationOrder():
                try:
                    self._hear(message)
                except Exception:
                    # A fault of our own in one message must not stop the others.
                    _LOGGER.exception("News of the station were not taken")

    def _pause(self, failures: int) -> float:
        """Return 2.5 s to 300 s: the homes of a station that restarts come one by one."""
        pause = min(SHORTEST_PAUSE * 2.0 ** min(failures, 10), LONGEST_PAUSE)
        return pause * self._rng.uniform(0.5, 1.0)


async def _hang_up(socket: Socket) -> None:
    """End a line in good manners; the socket waits two seconds at the most."""
    with suppress(aiohttp.ClientError, OSError, RuntimeError):
        await socket.close(code=CloseCode.GOING_AWAY)
