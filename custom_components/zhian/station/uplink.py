"""The line to the station above: incidents and a pulse up, news and orders down."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from enum import StrEnum
import logging
from typing import TYPE_CHECKING, Final

from homeassistant.core import CALLBACK_TYPE, callback
from homeassistant.util import dt as dt_util

from ..link.client import (
    StationClient,
    StationError,
    StationRefused,
    StationUnreachable,
    Trouble,
)
from ..link.frames import IncidentNews, Word
from ..link.messages import Answer, Heartbeat, HeartbeatAnswer, StationNotice
from ..link.orders import StationOrder
from ..link.origins import changes
from ..link.outbox import (
    Delivered,
    GivenUp,
    LinkLost,
    LinkRestored,
    News,
    Refused,
    Sender,
)
from ..link.problems import Reason
from ..link.stream import Stream
from ..link.views import StationView
from ..link.withdrawn import IncidentWithdrawn
from ..store.errors import DatabaseClosed
from .consents import may_go_up
from .paths import passed_on
from .upward import WITHDRAWN, Upward

if TYPE_CHECKING:
    from . import Station
    from .parent import ParentOptions

_LOGGER: Final = logging.getLogger(__name__)

ASK_EVERY = 2.0
"""Seconds between questions about incidents, where no stream brings the news."""
TRY_EVERY = 5.0
"""Seconds until something that has failed here is tried again."""
LOST_AFTER: Final = 3
"""Missed heartbeats after which the station above counts as lost."""


class LineStatus(StrEnum):
    """How the line to the station above is."""

    NONE = "none"
    CONNECTING = "connecting"
    CONNECTED = "connected"
    LOST = "lost"
    REFUSED = "refused"


class Uplink:
    """Everything that this station says to the one above and hears from it."""

    def __init__(
        self, station: Station, parent: ParentOptions, client: StationClient
    ) -> None:
        """Connect the station with a client; nothing is sent before `run`."""
        self._station = station
        self._client = client
        self.parent = parent
        self.upward = Upward(station.database, parent.household, self.may_go_up)
        self._pause = float(parent.heartbeat_seconds)
        self._missed = 0
        self._asking = asyncio.Event()
        self._beating = asyncio.Event()
        self._signing = asyncio.Event()
        self._listeners: list[Callable[[], None]] = []
        self.status = LineStatus.CONNECTING
        self.refusal: str | None = None
        self.looping: set[str] = set()
        """Incidents that the station above has refused as going round."""
        self._sender = Sender(
            self.upward,
            self._send,
            self._on_news,
            utcnow=dt_util.utcnow,
            who="The higher station",
        )
        self._stream = Stream(client.open_stream, self._on_word, self._on_stream)

    def may_go_up(self, household: str) -> bool:
        """Return whether a household may be passed on; one that is gone gives no leave."""
        known = self._station.registry.get(household)
        return known is not None and may_go_up(known)

    @callback
    def subscribe(self, listener: Callable[[], None]) -> CALLBACK_TYPE:
        """Call a listener when the status changes. Return the end."""
        self._listeners.append(listener)

        def end() -> None:
            self._listeners.remove(listener)

        return end

    @callback
    def wake(self) -> None:
        """Look at once: something new is on the disk."""
        self._sender.wake()

    @callback
    def wake_signatures(self) -> None:
        """Look at once: somebody has signed for an order."""
        self._signing.set()

    async def run(self) -> None:
        """Send, listen and keep the pulse until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._sender.run())
            for work in (self._pulse, self._ask, self._listen, self._sign):
                group.create_task(self._forever(work))

    async def _forever(self, work: Callable[[], Awaitable[float]]) -> None:
        """Repeat work that returns its pause; a fault of our own does not end it."""
        failures = 0
        while True:
            try:
                pause = await work()
                failures = 0
            except Exception:
                failures += 1
                if failures == 1:
                    _LOGGER.exception("The line to the higher station stumbled")
                pause = TRY_EVERY
            await asyncio.sleep(pause)

    # --- up ----------------------------------------------------------------------

    async def _send(self, incident: str) -> Answer:
        """Send a case as it stands; the answer says how much of all there is known."""
        if (withdrawn := await self.upward.withdrawn(incident)) is not None:
            return await self._withdraw(incident, withdrawn)
        station = self._station
        case = await station.cases.get(incident)
        if case is None:
            raise ValueError(f"no case of {incident}")
        since = await self.upward.entries(incident)
        document = passed_on(
            case, station.federation.id, station.name, station.community, since
        )
        answer = await self._client.put_incident(document)
        # What did not fit follows with the next document.
        entries = min(answer.revision, document.revision)
        self.upward.answered(incident, entries)
        return Answer(answer.number, entries + changes(document.origins))

    async def _withdraw(self, incident: str, withdrawn: IncidentWithdrawn) -> Answer:
        """Take back what was passed on; there may be nothing of it above."""
        try:
            await self._client.withdraw_incident(incident, withdrawn)
        except StationRefused as refused:
            if refused.reason != Reason.UNKNOWN_INCIDENT:
                raise
        except StationUnreachable as error:
            if error.trouble is not Trouble.NOT_A_STATION:
                raise
            # An older one has no such page; what else it does goes on.
            raise StationRefused(Trouble.NOT_A_STATION) from error
        self.upward.told(incident, withdrawn)
        return Answer("-", WITHDRAWN)

    @callback
    def _on_news(self, news: News) -> None:
        match news:
            case Delivered():
                self._answered()
                if news.incident in self.looping:
                    self.looping.discard(news.incident)
                    self._show()
                if not self._stream.is_open:
                    self._asking.set()
            case Refused():
                if news.reason == Reason.LOOP:
                    self.looping.add(news.incident)
                self._begin(self.upward.refused(news.incident, news.reason))
                self._show()
            case LinkLost():
                self._set(LineStatus.LOST)
            case LinkRestored() if self.status is not LineStatus.REFUSED:
                self._set(LineStatus.CONNECTED)  # who refuses has answered, too
            case LinkRestored() | GivenUp():
                pass

    async def _sign(self) -> float:
        """Tell the station above who has signed for its orders."""
        self._signing.clear()
        orders = self._station.federation.orders
        is_done = True
        for order in orders.untold(self.parent.household):
            assert order.signed is not None
            try:
                await self._client.sign_order(order.id, order.signed)
            except StationRefused as error:
                if error.reason != Reason.UNKNOWN_ORDER:
                    is_done = False
                    continue
                _LOGGER.warning("The higher station does not know its order any more")
            except StationUnreachable:
                is_done = False
                continue
            await orders.told(order.id)
        if not is_done:
            return TRY_EVERY
        await self._signing.wait()
        return 0.0

    # --- down --------------------------------------------------------------------

    async def _listen(self) -> float:
        """Keep a stream open; it ends only by a fault of our own."""
        await self._stream.run()
        return 0.0

    @callback
    def _on_stream(self, is_open: bool) -> None:
        """A stream has opened or ended: ask once what was missed meanwhile."""
        if is_open:
            self._answered()
            self._sender.restored()
            self._beating.set()
        self._asking.set()

    @callback
    def _on_word(self, word: Word) -> None:
        match word:
            case IncidentNews(incident, view):
                self._begin(self._heard(incident, view))
            case StationOrder():
                self._begin(self._ordered((word,)))
            case StationNotice():
                pass  # for the households of who says it

    def _begin(self, work: Awaitable[None]) -> None:
        async def guarded() -> None:
            try:
                await work
            except DatabaseClosed:
                pass  # it is asked for again after the start
            except Exception:
                _LOGGER.exception("News of the higher station were not taken")
                self._asking.set()
                self._beating.set()

        self._station.entry.async_create_background_task(
            self._station.hass, guarded(), "zhian news from above"
        )

    async def _heard(self, incident: str, view: StationView) -> None:
        await self._station.federation.hear(incident, self.parent.station, view)

    async def _ordered(self, orders: tuple[StationOrder, ...]) -> None:
        taken = self._station.federation.orders
        await taken.take(self.parent.household, self.parent.station, orders)
        if taken.untold(self.parent.household):
            self._signing.set()

    async def _ask(self) -> float:
        """Ask about the open incidents that are there.

        Once for each opening of the stream, which brings the rest by itself; again and
        again where there is none.
        """
        self._asking.clear()
        followed = await self.upward.followed()
        is_done = self._stream.is_open or not followed
        for incident in followed:
            try:
                view = await self._client.get_incident(incident)
            except StationError:
                is_done = False  # the sender and the pulse notice a lost station
            else:
                await self._heard(incident, view)
        if not is_done:
            return ASK_EVERY
        await self._asking.wait()
        return 0.0

    # --- the pulse ---------------------------------------------------------------

    async def _pulse(self) -> float:
        self._beating.clear()
        await self._beat_once()
        is_steady = self.status in (LineStatus.CONNECTED, LineStatus.REFUSED)
        pause = self._pause if is_steady else min(self._pause, 10.0)
        with suppress(TimeoutError):
            async with asyncio.timeout(pause):
                await self._beating.wait()
        return 0.0

    async def _beat_once(self) -> None:
        try:
            answer = await self._beat()
        except StationError as error:
            self._missed += 1
            if isinstance(error, StationRefused) and not error.is_passing:
                self.refusal = error.reason
                self._set(LineStatus.REFUSED)
            elif self._missed >= LOST_AFTER:
                self._set(LineStatus.LOST)
        else:
            self._pause = float(answer.next_seconds)
            self._answered()
            self._sender.restored()
            await self._ordered(answer.orders)

    async def _beat(self) -> HeartbeatAnswer:
        """Say how many households are heard, over the stream, else by itself."""
        registry = self._station.registry
        total = len(registry)
        beat = Heartbeat(
            at=dt_util.utcnow(),
            open_incidents=len(self._station.cases),
            detectors_total=total,
            detectors_normal=total - len(registry.lost_homes),
        )
        if self._stream.is_open:
            try:
                return await self._stream.beat(beat)
            except StationUnreachable:
                pass  # there is another way
        return await self._client.beat(beat)

    def _answered(self) -> None:
        """The station above is there and knows this one."""
        self._missed = 0
        self.refusal = None
        self._set(LineStatus.CONNECTED)

    def _set(self, status: LineStatus) -> None:
        if status is not self.status:
            self.status = status
            self._show()

    def _show(self) -> None:
        for listener in tuple(self._listeners):
            listener()
