"""Sending what waits on the disk: again and again, until the receiver has it.

The waiting itself is durable elsewhere; this is when and in which order. A document
holds the whole incident, so that only the newest revision is ever sent, one at a time
for each incident. The newest incident goes first: a burst after a long outage does not
bury it. Several are on their way at once: one that hangs does not hold up the others.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
import logging
from random import Random
import time
from typing import Final, Protocol

from .client import StationRefused, StationUnreachable
from .messages import Answer

_LOGGER: Final = logging.getLogger(__name__)

SHORTEST_PAUSE: Final = 5.0
LONGEST_PAUSE: Final = 60.0
REFUSED_PAUSE: Final = 600.0
"""Seconds until a document that was refused for its own fault is shown again.

Any other no may be the fault of a registry, a clock or a proxy, and be mended any
minute: it is asked again as if nobody had answered.
"""
IDLE_PAUSE: Final = 600.0
"""Seconds after which the disk is read although nobody has said that it changed."""
KEPT_AFTER_CLOSE: Final = timedelta(hours=24)
_AT_ONCE: Final = 4


@dataclass(frozen=True, slots=True)
class Waiting:
    """An incident of which the receiver does not have the newest revision."""

    incident: str
    revision: int
    opened_at: datetime
    closed_at: datetime | None = None
    """None while it is open; an open incident is never given up."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """The receiver has the incident up to a revision; this is on disk."""

    incident: str
    revision: int
    number: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The receiver has read it and said no; it is shown again all the same."""

    incident: str
    reason: str


@dataclass(frozen=True, slots=True)
class GivenUp:
    """A closed incident could not be delivered for a day; it is sent no more."""

    incident: str


@dataclass(frozen=True, slots=True)
class LinkLost:
    """The receiver does not answer."""

    trouble: str


@dataclass(frozen=True, slots=True)
class LinkRestored:
    """The receiver answers again."""


type News = Delivered | Refused | GivenUp | LinkLost | LinkRestored


class Books(Protocol):
    """What waits for one receiver, on the disk."""

    async def pending(self) -> Sequence[Waiting]:
        """Return the incidents that wait; those given up need not be among them."""

    async def received(self, incident: str, revision: int, number: str) -> None:
        """Write down what the receiver has; returns when that is on the disk."""


@dataclass(slots=True)
class _Lane:
    """How it went with one incident, in this life of the process."""

    failures: int = 0
    due: float = 0.0
    tried_at: float = 0.0
    tried_revision: int = 0
    received: int = 0
    refusal: str | None = None
    is_given_up: bool = False


class Sender:
    """Sends what waits for one receiver."""

    def __init__(
        self,
        books: Books,
        send: Callable[[str], Awaitable[Answer]],
        tell: Callable[[News], None],
        *,
        utcnow: Callable[[], datetime],
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        rng: Random | None = None,
        who: str = "The station",
    ) -> None:
        """Send with `send`, which builds an incident's newest document and puts it.

        `tell` is called with what people or sensors should know, each thing once.
        """
        self._books = books
        self._send = send
        self._tell = tell
        self._utcnow = utcnow
        self._monotonic = monotonic
        self._sleep = sleep
        self._rng = rng or Random()
        self._who = who
        self._lanes: dict[str, _Lane] = {}
        self._running: dict[str, asyncio.Task[None]] = {}
        self._woken = asyncio.Event()
        self._gate = 0.0  # until then only what was never tried is sent
        self._failures = 0  # of the receiver: how long the gate stays shut
        self._silent = 0  # unanswered documents in a row
        self._books_failures = 0
        self.is_reachable: bool | None = None
        """Whether the receiver answered last time; None before the first time."""

    @property
    def in_flight(self) -> int:
        """How many documents are on their way."""
        return len(self._running)

    def wake(self) -> None:
        """Look at once: something new is on the disk."""
        self._woken.set()

    def restored(self) -> None:
        """Try again at once what nobody answered: a heartbeat got through."""
        self._answered()
        self._woken.set()

    async def run(self) -> None:
        """Send for ever; to be cancelled at the end."""
        try:
            while True:
                self._woken.clear()
                pause = await self._look()
                await self._rest(pause)
        finally:
            for task in self._running.values():
                task.cancel()
            await asyncio.gather(*self._running.values(), return_exceptions=True)

    async def _rest(self, pause: float) -> None:
        """Wait until there is something to do, or the time is over."""
        timer = asyncio.ensure_future(self._sleep(pause))
        timer.add_done_callback(self._on_timer)
        try:
            await self._woken.wait()
        finally:
            timer.cancel()

    def _on_timer(self, timer: asyncio.Future[None]) -> None:
        if not timer.cancelled():
            self._woken.set()

    async def _look(self) -> float:
        """Start what is due; return the seconds until something else will be."""
        try:
            waiting = await self._books.pending()
        except Exception:
            self._books_failures += 1
            if self._books_failures == 1:
                _LOGGER.exception("The outbox cannot be read; trying again")
            return self._pause(self._books_failures)
        if self._books_failures:
            self._books_failures = 0
            _LOGGER.info("The outbox can be read again")

        now = self._monotonic()
        wanted = {item.incident for item in waiting}
        for gone in self._lanes.keys() - wanted - self._running.keys():
            del self._lanes[gone]
        ready = []
        for item in waiting:
            lane = self._lanes.setdefault(item.incident, _Lane(due=now))
            if item.incident not in self._running and not lane.is_given_up:
                ready.append((item, lane, self._due(item, lane)))
        soonest = IDLE_PAUSE
        for item, lane, due in sorted(ready, key=self._rank):
            if due > now:
                soonest = min(soonest, due - now)
            elif len(self._running) < _AT_ONCE:
                self._start(item, lane, now)
            # else: every place is taken, and the next one to end wakes the loop
        return soonest

    def _due(self, item: Waiting, lane: _Lane) -> float:
        if not lane.failures:
            return lane.due
        due = max(lane.due, self._gate)
        if item.revision > lane.tried_revision:
            # Something new to say: earlier than the back-off wants, but not at the
            # pace of a sensor.
            return min(due, lane.tried_at + SHORTEST_PAUSE)
        return due

    def _rank(self, entry: tuple[Waiting, _Lane, float]) -> tuple[int, float]:
        """Newest first; while nobody answers, first what was tried least.

        Otherwise a few documents that never get an answer would keep all the others
        from being the one that does.
        """
        item, lane, _ = entry
        tries = lane.failures if self._failures else 0
        return tries, -item.opened_at.timestamp()

    def _start(self, item: Waiting, lane: _Lane, now: float) -> None:
        lane.tried_at = now
        lane.tried_revision = item.revision
        task = asyncio.create_task(self._deliver(item, lane))
        self._running[item.incident] = task
        task.add_done_callback(lambda _: self._ended(item.incident))

    def _ended(self, incident: str) -> None:
        del self._running[incident]
        self._woken.set()

    async def _deliver(self, item: Waiting, lane: _Lane) -> None:
        """Send one document once, and draw the conclusions."""
        try:
            answer = await self._send(item.incident)
        except StationUnreachable as err:
            self._failed(item, lane, err.retry_after)
            self._unanswered(err.trouble, err.retry_after)
        except StationRefused as err:
            if err.is_passing:
                self._failed(item, lane, err.retry_after)
                self._unanswered(err.reason, err.retry_after)
            else:
                self._answered()
                self._refused(item, lane, err)
        except Exception:
            # A fault of our own in one document must not stop the others.
            if not lane.failures:
                _LOGGER.exception("An incident could not be sent; trying again")
            self._failed(item, lane)
        else:
            self._answered()
            await self._received(item, lane, answer)

    async def _received(self, item: Waiting, lane: _Lane, answer: Answer) -> None:
        try:
            await self._books.received(item.incident, answer.revision, answer.number)
        except Exception:
            if not lane.failures:
                _LOGGER.exception("An answer could not be written; trying again")
            self._failed(item, lane)
            return
        if answer.revision <= lane.received:
            # The receiver, or the disk, stands still: no reason to hurry.
            self._failed(item, lane)
            return
        lane.received = answer.revision
        lane.failures = 0
        lane.refusal = None
        lane.due = self._monotonic()
        self._say(Delivered(item.incident, answer.revision, answer.number))

    def _refused(self, item: Waiting, lane: _Lane, refusal: StationRefused) -> None:
        if lane.refusal != refusal.reason:
            lane.refusal = refusal.reason
            _LOGGER.warning("%s has refused an incident: %s", self._who, refusal.reason)
            self._say(Refused(item.incident, refusal.reason))
        self._failed(item, lane, refusal.retry_after)
        if refusal.is_final:
            lane.due = self._monotonic() + REFUSED_PAUSE

    def _failed(
        self, item: Waiting, lane: _Lane, retry_after: float | None = None
    ) -> None:
        lane.failures += 1
        pause = max(self._pause(lane.failures), retry_after or 0.0)
        lane.due = self._monotonic() + pause
        closed_at = item.closed_at
        if closed_at and self._utcnow() - closed_at > KEPT_AFTER_CLOSE:
            lane.is_given_up = True
            _LOGGER.warning("A closed incident could not be delivered for a day")
            self._say(GivenUp(item.incident))

    def _unanswered(self, trouble: str, retry_after: float | None) -> None:
        """Nobody answered: all that was tried waits, not only this one."""
        now = self._monotonic()
        if now >= self._gate:  # those on their way together count once
            self._failures += 1
            self._gate = now + max(self._pause(self._failures), retry_after or 0.0)
        self._silent += 1
        # One unanswered document may be that document's fault.
        if self._silent > 1 and self.is_reachable is not False:
            self.is_reachable = False
            _LOGGER.warning("%s does not answer: %s", self._who, trouble)
            self._say(LinkLost(trouble))

    def _answered(self) -> None:
        """Somebody answered: all that waits only for this goes now."""
        self._silent = 0
        if self.is_reachable is not True:
            if self.is_reachable is False:
                _LOGGER.info("%s answers again", self._who)
            self.is_reachable = True
            self._say(LinkRestored())
        if not self._failures:
            return
        self._failures = 0
        self._gate = 0.0
        now = self._monotonic()
        for lane in self._lanes.values():
            if lane.refusal is None:
                lane.due = min(lane.due, now)

    def _pause(self, failures: int) -> float:
        """Return 5 s to 60 s, doubling, shaken by a fifth.

        So that a thousand homes do not knock in step.
        """
        pause = min(SHORTEST_PAUSE * 2.0 ** min(failures - 1, 10), LONGEST_PAUSE)
        return min(pause * self._rng.uniform(0.8, 1.2), LONGEST_PAUSE)

    def _say(self, news: News) -> None:
        try:
            self._tell(news)
        except Exception:
            _LOGGER.exception("News of the outbox were not taken")
