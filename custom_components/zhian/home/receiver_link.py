"""The home's line to one receiver beside the station: reports up, and a pulse."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
import logging
from typing import Final

from homeassistant.core import CALLBACK_TYPE, callback

from ..link.client import StationError, StationRefused
from ..link.documents import IncidentDocument
from ..link.messages import Answer
from ..link.outbox import (
    Delivered,
    GivenUp,
    LinkLost,
    LinkRestored,
    News,
    Refused,
    Sender,
    Waiting,
)
from ..link.receiver import OtherReceiver, Report
from .guard import Guard
from .queues import Queue
from .station_link import LOST_AFTER, LinkStatus
from .timelines import Timeline

_LOGGER = logging.getLogger(__name__)

WHILE_LOST: Final = 10.0
"""Seconds between questions to a receiver that does not answer, at the most."""


class ReceiverLink:
    """Sends what waits in the queue of one receiver, and knows how its line is."""

    def __init__(
        self,
        receiver: OtherReceiver,
        queue: Queue,
        guard: Guard,
        build: Callable[[Timeline], IncidentDocument],
    ) -> None:
        """Connect a queue with a receiver; nothing is sent before `run`.

        `build` returns the document of a timeline with every entry of it.
        """
        self._receiver = receiver
        self._queue = queue
        self._guard = guard
        self._build = build
        self._missed = 0
        self._refusals: dict[str, str] = {}
        """Incidents that the receiver does not take, and why."""
        self._looked: dict[str, tuple[int, int]] = {}
        """Up to which revision, and from which on, an incident is known to hold news."""
        self._renewals: dict[str, datetime | None] = {}
        """When what it has of an incident is to be said again."""
        self._listeners: list[Callable[[], None]] = []
        self.status = LinkStatus.CONNECTING
        self.reason: str | None = None
        """Why it is lost or refuses."""
        self._sender = Sender(
            self,
            self._send,
            self._on_news,
            utcnow=guard.clock.now,
            who="A receiver",
        )
        queue.on_owed = self._sender.wake

    @property
    def waiting(self) -> int:
        """How many incidents it has not heard all of; silent ones are not counted."""
        timelines = self._guard.timelines.all().values()
        return sum(
            self._queue.owes(t.incident.id) and not t.incident.silent for t in timelines
        )

    @callback
    def subscribe(self, listener: Callable[[], None]) -> CALLBACK_TYPE:
        """Call a listener when the status changes. Return the end."""
        self._listeners.append(listener)

        def end() -> None:
            self._listeners.remove(listener)

        return end

    async def run(self) -> None:
        """Send and keep the pulse until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._sender.run())
            if (seconds := self._receiver.heartbeat_seconds) is not None:
                group.create_task(self._keep_pulse(seconds))

    async def test(self) -> None:
        """Send a message that is marked as a test; raise StationError."""
        try:
            await self._receiver.test()
        except StationRefused as refused:
            self._set(LinkStatus.REFUSED, refused.reason)
            raise
        self._well()

    # --- the books: what of the timelines is for this receiver ----------------------

    async def pending(self) -> Sequence[Waiting]:
        """Return what holds news for the receiver; the rest needs no message."""
        waiting = []
        for timeline in list(self._guard.timelines.all().values()):
            id_ = timeline.incident.id
            has = self._queue.progress(id_).received
            if not self._queue.owes(id_) or timeline.settled <= has:
                if timeline.incident.is_open and await self._is_renewed(timeline):
                    waiting.append(Waiting(id_, has, timeline.incident.opened_at))
                continue
            if await self._has_news(timeline, has):
                opened_at, closed_at = (
                    timeline.incident.opened_at,
                    timeline.incident.closed_at,
                )
                waiting.append(Waiting(id_, timeline.settled, opened_at, closed_at))
            else:
                await self.received(id_, timeline.settled, "")
        return waiting

    async def _has_news(self, timeline: Timeline, has: int) -> bool:
        """Whether the receiver would be told anything; each state is read once."""
        id_, state = timeline.incident.id, (timeline.settled, has)
        if self._looked.get(id_) == state:
            return True
        await asyncio.sleep(0)  # a flood must not hold up the loop
        if not self._receiver.has_news(self._report(timeline)):
            return False
        self._looked[id_] = state
        return True

    async def _is_renewed(self, timeline: Timeline) -> bool:
        """Whether what the receiver has would expire soon; looked up once for each.

        The sender looks often enough by itself: a renewal is due long before that.
        """
        id_ = timeline.incident.id
        known = self._queue.progress(id_)
        if not 0 < known.wanted <= known.received:
            return False  # not meant for it any more, or it is to be told more anyway
        if id_ not in self._renewals:
            await asyncio.sleep(0)  # a flood must not hold up the loop
            self._renewals[id_] = self._receiver.renewal(self._report(timeline))
        at = self._renewals[id_]
        return at is not None and at <= self._guard.clock.now()

    async def received(self, incident: str, revision: int, number: str) -> None:
        """Write down what the receiver has, and wait for the disk.

        Unlike the station it may take a repetition for something new.
        """
        self._queue.received(incident, revision, number)
        self._looked.pop(incident, None)
        self._renewals.pop(incident, None)
        outbox = self._guard.timelines.outbox
        if outbox is not None:
            await outbox.mark_received(
                incident, self._queue.receiver, revision, number or None
            )
        self._show()

    def _report(self, timeline: Timeline) -> Report:
        known = self._queue.progress(timeline.incident.id)
        return Report(self._build(timeline), known.received, known.number)

    async def _send(self, incident: str) -> Answer:
        timeline = self._guard.timelines.get(incident)
        if timeline is None:
            raise ValueError(f"no timeline of {incident}")
        return await self._receiver.deliver(self._report(timeline))

    @callback
    def _on_news(self, news: News) -> None:
        match news:
            case Delivered():
                self._refusals.pop(news.incident, None)
                self._well()
            case Refused():
                self._refusals[news.incident] = news.reason
                self._set(LinkStatus.REFUSED, news.reason)
            case LinkLost():
                self._set(LinkStatus.LOST, news.trouble)
            case LinkRestored() if self.status is not LinkStatus.REFUSED:
                self._well()
            case GivenUp():
                self._give_up(news.incident)

    def _give_up(self, incident: str) -> None:
        timelines, receiver = self._guard.timelines, self._queue.receiver
        wanted = self._queue.progress(incident).wanted
        self._queue.give_up(incident)
        timelines.mark_abandoned(incident, wanted, "given_up", receiver)
        self._show()

    # --- the pulse -------------------------------------------------------------------

    async def _keep_pulse(self, seconds: float) -> None:
        while True:
            try:
                await self._receiver.beat()
            except StationRefused as refused:
                self._set(LinkStatus.REFUSED, refused.reason)
            except StationError as error:
                self._missed += 1
                if self._missed >= LOST_AFTER:
                    self._set(LinkStatus.LOST, str(error))
            except Exception:
                # A fault of our own must not end the pulse of the receiver.
                if not self._missed:
                    _LOGGER.exception("The pulse of a receiver stumbled; it goes on")
                self._missed += 1
            else:
                self._missed = 0
                self._sender.restored()
                self._well()
            await asyncio.sleep(min(seconds, WHILE_LOST) if self._missed else seconds)

    def _well(self) -> None:
        """The receiver answers, and there is nothing that it does not take."""
        if self.status is LinkStatus.CONNECTING and self._is_silent:
            return  # it would show that somebody has called just now
        if self._refusals:
            self._set(LinkStatus.REFUSED, next(iter(self._refusals.values())))
        else:
            self._set(LinkStatus.CONNECTED, None)

    @property
    def _is_silent(self) -> bool:
        """Whether there is a call of which nothing may be seen at home."""
        return any(i.silent for i in self._guard.state.incidents.values())

    def _set(self, status: LinkStatus, reason: str | None) -> None:
        if (status, reason) == (self.status, self.reason):
            return
        self.status, self.reason = status, reason
        self._show()

    def _show(self) -> None:
        for listener in tuple(self._listeners):
            listener()
