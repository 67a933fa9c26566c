"""The home's line to its station: reports up, answers down, a pulse in between."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from enum import StrEnum
import logging

from homeassistant.core import CALLBACK_TYPE, callback

from ..link.client import (
    StationClient,
    StationError,
    StationRefused,
    StationUnreachable,
)
from ..link.documents import IncidentDocument
from ..link.endpoints import Endpoints
from ..link.frames import IncidentNews, Word
from ..link.messages import Answer, Heartbeat, HeartbeatAnswer, StationNotice
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
from ..link.receiver import Report
from ..link.stream import Stream
from ..link.views import StationView
from ..safety.signals import StationAsked, StationSaid
from ..safety.supervision import protection
from ..safety.vocabulary import StationStatus
from .guard import Guard
from .timelines import Timeline

_LOGGER = logging.getLogger(__name__)

ASK_EVERY = 2.0
"""Seconds between questions about an incident, where no stream brings the news."""

LOST_AFTER = 3
"""Missed heartbeats after which the station counts as lost."""


class LinkStatus(StrEnum):
    """How the line to the station is."""

    NOT_ENROLLED = "not_enrolled"
    CONNECTING = "connecting"
    CONNECTED = "connected"
    LOST = "lost"
    REFUSED = "refused"


class StationLink:
    """Everything that a home says to its station and hears from it."""

    def __init__(
        self,
        client: StationClient,
        guard: Guard,
        build: Callable[[Timeline], IncidentDocument],
        heartbeat_seconds: int,
    ) -> None:
        """Connect the guard with a client; nothing is sent before `run`."""
        self._client = client
        self._guard = guard
        self._build = build
        self._heartbeat_seconds = float(heartbeat_seconds)
        self._missed = 0
        self._listeners: list[Callable[[], None]] = []
        self._asking = asyncio.Event()
        self.status = LinkStatus.CONNECTING
        self.refusal: str | None = None
        self._sender = Sender(self, self._send, self._on_news, utcnow=guard.clock.now)
        self._stream = Stream(client.open_stream, self._on_word, self._on_stream)
        client.endpoints.on_change = self._changed
        self.on_notice: Callable[[StationNotice], None] = lambda _: None
        """Called when the station has something to say to all."""
        self.on_notices: Callable[[Iterable[StationNotice]], None] = lambda _: None
        """Called with all that it has to say now."""
        guard.timelines.on_owed = self._sender.wake

    @callback
    def subscribe(self, listener: Callable[[], None]) -> CALLBACK_TYPE:
        """Call a listener when the status changes. Return the end."""
        self._listeners.append(listener)

        def end() -> None:
            self._listeners.remove(listener)

        return end

    async def run(self) -> None:
        """Send, listen and keep the pulse until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._sender.run())
            group.create_task(self._forever(self._pulse))
            group.create_task(self._forever(self._ask))
            group.create_task(self._forever(self._listen))
            if len(self.endpoints.all) > 1:
                group.create_task(self._forever(self._go_back))

    @property
    def endpoints(self) -> Endpoints:
        """Where the station can be reached, and where it is."""
        return self._client.endpoints

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
                    _LOGGER.exception("The line to the station stumbled; it goes on")
                pause = 5.0
            await asyncio.sleep(pause)

    # --- up: what waits in the outbox ----------------------------------------------

    async def pending(self) -> Sequence[Waiting]:
        """Return what the station does not have yet."""
        return [
            Waiting(
                timeline.incident.id,
                timeline.settled,
                timeline.incident.opened_at,
                timeline.incident.closed_at,
            )
            for timeline in self._guard.timelines.owed()
        ]

    async def received(self, incident: str, revision: int, number: str) -> None:
        """Note what the station has."""
        self._guard.timelines.mark_received(incident, revision, number)
        self._guard.show()

    async def _send(self, incident: str) -> Answer:
        timeline = self._guard.timelines.get(incident)
        if timeline is None:
            raise ValueError(f"no timeline of {incident}")
        return await self._client.deliver(Report(self._build(timeline)))

    @callback
    def _on_news(self, news: News) -> None:
        match news:
            case Delivered():
                self._set(LinkStatus.CONNECTED)
                self._guard.timelines.stamp(
                    news.incident, "accepted", self._guard.clock.now()
                )
                self._say_status(news.incident, StationStatus.ACCEPTED, news.number)
                if not self._stream.is_open:
                    self._asking.set()
            case Refused():
                self._say(
                    StationSaid(
                        news.incident,
                        StationStatus.REJECTED,
                        self._guard.clock.now(),
                        reason=news.reason,
                    )
                )
            case LinkLost():
                self._set(LinkStatus.LOST)
            case LinkRestored() if self.status is not LinkStatus.REFUSED:
                self._set(LinkStatus.CONNECTED)  # who refuses has answered, too
            case GivenUp():
                timeline = self._guard.timelines.get(news.incident)
                if timeline is not None:
                    self._guard.timelines.mark_abandoned(
                        news.incident, timeline.wanted, "given_up"
                    )
                    self._guard.show()

    # --- down: what the station says -------------------------------------------------

    async def _listen(self) -> float:
        """Keep a stream open; it ends only by a fault of our own."""
        await self._stream.run()
        return 0.0

    @callback
    def _on_stream(self, is_open: bool) -> None:
        """A stream has opened or ended: ask once what was missed meanwhile."""
        if is_open:
            self._answered()
        self._asking.set()

    @callback
    def _on_word(self, word: Word) -> None:
        match word:
            case IncidentNews(incident, view):
                self._hear(incident, view)
            case StationNotice():
                self.on_notice(word)

    async def _ask(self) -> float:
        """Ask about the incidents that the station has and that are not over there.

        Once for each opening of the stream, which brings the rest by itself; again and
        again where there is none.
        """
        self._asking.clear()
        asked = [
            timeline
            for timeline in self._guard.timelines.all().values()
            if timeline.received
            and timeline.incident.is_open
            and timeline.incident.station.status is not StationStatus.CLOSED
        ]
        is_done = self._stream.is_open or not asked
        for timeline in asked:
            try:
                view = await self._client.get_incident(timeline.incident.id)
            except StationError:
                is_done = False  # the sender and the pulse notice a lost station
            else:
                self._hear(timeline.incident.id, view)
        if not is_done:
            return ASK_EVERY
        await self._asking.wait()
        return 0.0

    def _hear(self, incident: str, view: StationView) -> None:
        """Take in the station's side of an incident, stage by stage."""
        at = self._guard.clock.now()
        for question in view.questions:
            self._guard.handle(
                StationAsked(incident, question.id, question.text, question.by, at)
            )
        if view.acknowledged:
            self._advance(
                StationSaid(
                    incident,
                    StationStatus.ACKNOWLEDGED,
                    at,
                    number=view.number,
                    by=view.acknowledged.who,
                )
            )
        if view.dispatched:
            self._advance(
                StationSaid(
                    incident,
                    StationStatus.DISPATCHED,
                    at,
                    number=view.number,
                    unit=view.dispatched.unit,
                    eta_seconds=view.dispatched.eta_seconds,
                )
            )
        if view.arrived_at:
            self._advance(
                StationSaid(incident, StationStatus.ON_SCENE, at, number=view.number)
            )
        if view.closed:
            self._advance(
                StationSaid(
                    incident,
                    StationStatus.CLOSED,
                    at,
                    number=view.number,
                    disposition=view.closed.disposition,
                )
            )

    def _say_status(self, incident: str, status: StationStatus, number: str) -> None:
        self._advance(
            StationSaid(incident, status, self._guard.clock.now(), number=number)
        )

    def _advance(self, said: StationSaid) -> None:
        """Pass on what the station said, unless it has said something later already."""
        incident = self._guard.state.incidents.get(said.incident)
        if incident is None:
            return
        if _STAGES.index(said.status) >= _stage(incident.station.status):
            self._say(said)

    def _say(self, said: StationSaid) -> None:
        self._guard.handle(said)

    # --- the pulse -------------------------------------------------------------------

    async def _pulse(self) -> float:
        try:
            answer = await self._beat()
            self._heartbeat_seconds = float(answer.next_seconds)
            self.on_notices(answer.notices)
        except StationError as error:
            self._missed += 1
            if isinstance(error, StationRefused) and not error.is_passing:
                self.refusal = error.reason
                self._set(LinkStatus.REFUSED)
            elif self._missed >= LOST_AFTER:
                self._set(LinkStatus.LOST)
        else:
            self._answered()
        if self.status in (LinkStatus.CONNECTED, LinkStatus.REFUSED):
            return self._heartbeat_seconds
        return min(self._heartbeat_seconds, 10.0)

    async def _go_back(self) -> float:
        """Return to the preferred address as soon as the station answers there."""
        await self.endpoints.prepare()
        if not self.endpoints.is_preferred and await self._client.go_back(
            self._heartbeat()
        ):
            await self._stream.move()
        self._changed()
        return self.endpoints.return_pause

    def _heartbeat(self) -> Heartbeat:
        state = self._guard.state
        watched = protection(state)
        return Heartbeat(
            at=self._guard.clock.now(),
            open_incidents=len(state.incidents),
            detectors_total=len(watched.working) + len(watched.lacking),
            detectors_normal=len(watched.working),
        )

    async def _beat(self) -> HeartbeatAnswer:
        """Send a heartbeat over the stream, else by itself."""
        beat = self._heartbeat()
        if self._stream.is_open:
            try:
                return await self._stream.beat(beat)
            except StationUnreachable:
                pass  # there is another way
        return await self._client.beat(beat)

    def _answered(self) -> None:
        """The station is there and knows the home."""
        self._missed = 0
        self.refusal = None
        self._set(LinkStatus.CONNECTED)
        self._sender.restored()

    def _set(self, status: LinkStatus) -> None:
        if status is self.status:
            return
        self.status = status
        if status is LinkStatus.CONNECTED:
            self._missed = 0
        self._changed()

    def _changed(self) -> None:
        for listener in tuple(self._listeners):
            listener()


_STAGES = (
    StationStatus.NONE,
    StationStatus.REJECTED,
    StationStatus.ACCEPTED,
    StationStatus.ACKNOWLEDGED,
    StationStatus.DISPATCHED,
    StationStatus.ON_SCENE,
    StationStatus.CLOSED,
)


def _stage(status: StationStatus) -> int:
    return _STAGES.index(status)
