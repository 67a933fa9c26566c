"""The timelines of the home's incidents: in memory now, on disk in a moment."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime
import logging
from types import MappingProxyType

from ..safety.codec import decode, encode
from ..safety.entries import Closed, Entry
from ..safety.incident import Incident
from ..safety.timeline import fold
from ..store.errors import StoreError
from ..store.journal import GENESIS, Journal, Record, seal
from ..store.outbox import Outbox
from .queues import Queue

_LOGGER = logging.getLogger(__name__)

STATION = "station"
"""The outbox's name for the station that the home is enrolled at."""

NOT_CHOSEN = "not_chosen"
"""Why a receiver does not get an incident: it is not told about such hazards now."""

PATIENCE = 0.01
"""Seconds for which what is no safety lets the disk go first."""

LATE = 3
"""So many times in a row the disk has taken longer: then it is a slow one."""

SLOW_FOR = 10.0
"""Seconds for which nothing waits for a slow disk, or for one that has refused."""

KEPT = 50
"""Closed incidents that stay in memory, for the pages that show them."""


@dataclass(slots=True)
class Timeline:
    """One incident, its sealed entries, and how far they have travelled."""

    incident: Incident
    records: list[Record] = field(default_factory=list)
    wanted: int = 0
    """The revision that the station is to have."""
    received: int = 0
    """The revision that the station has."""
    settled: int = 0
    """The revision that is on disk, or that the disk has refused."""
    stamps: dict[str, datetime] = field(default_factory=dict)
    """When things happened that are not facts of the incident, such as `on_disk`."""

    @property
    def is_owed(self) -> bool:
        """Whether the station waits for more than it has."""
        return self.wanted > self.received


def read_timeline(records: Iterable[Record]) -> Timeline:
    """Return a timeline from the records of one incident, at least one.

    Raise ValueError if they do not fit together.
    """
    incident: Incident | None = None
    kept: list[Record] = []
    for record in records:
        entry = decode(
            record.incident, record.seq, record.at, record.kind, dict(record.body)
        )
        incident = fold(incident, entry)
        kept.append(record)
    if incident is None:
        raise ValueError("a timeline without entries")
    return Timeline(incident, kept, settled=len(kept))


class Timelines:
    """All timelines that somebody still needs.

    Without a journal (the disk is broken) incidents are handled, told and reported all
    the same; they are only not remembered.
    """

    def __init__(
        self,
        journal: Journal | None,
        outbox: Outbox | None,
        is_enrolled: bool,
        now: Callable[[], datetime],
        queues: tuple[Queue, ...] = (),
    ) -> None:
        """Begin empty. `queues` are those of the receivers beside the station."""
        self._journal = journal
        self._outbox = outbox
        self.is_enrolled = is_enrolled
        self.is_leaving = False
        """Whether the station is told the end of what it knows, and nothing new."""
        self._now = now
        self._queues = queues
        self._timelines: dict[str, Timeline] = {}
        self.unreadable: list[str] = []
        self._writing: set[asyncio.Future[None]] = set()
        self._quick_from = 0.0
        self._late = 0
        self._stalled: set[asyncio.Future[None]] = set()
        """What has been waited for in vain: one stall of the disk is waited for once."""
        self.on_owed: Callable[[], None] = lambda: None
        """Called when there is something new for the station."""

    async def load(self) -> list[Incident]:
        """Read what a former run left; return the open incidents, oldest first.

        An incident that cannot be understood is left out and named in `unreadable`:
        one damaged page must not cost the memory of all. Raise StoreError if the
        journal cannot be read at all.
        """
        if self._journal is None or self._outbox is None:
            return []
        found = await self._journal.read_open()
        for incident in await self._pending():
            if incident not in found:
                found[incident] = await self._journal.read(incident)
        for incident, records in found.items():
            try:
                self._timelines[incident] = read_timeline(records)
            except ValueError as error:
                _LOGGER.error("A timeline cannot be read: %s", error)
                self.unreadable.append(incident)
        for timeline in self._timelines.values():
            delivery = await self._outbox.delivery(timeline.incident.id, STATION)
            if delivery is not None:
                timeline.wanted = max(timeline.wanted, delivery.wanted)
                timeline.received = delivery.received
        for queue in self._queues:
            await self._restore(queue, self._outbox)
        return [t.incident for t in self._timelines.values() if t.incident.is_open]

    async def _restore(self, queue: Queue, outbox: Outbox) -> None:
        """Read how far a receiver is; what it may not hear any more is not sent."""
        for id_, timeline in self._timelines.items():
            delivery = await outbox.delivery(id_, queue.receiver)
            if delivery and not queue.restore(timeline.incident, delivery):
                await outbox.mark_abandoned(
                    id_, queue.receiver, delivery.wanted, NOT_CHOSEN
                )

    async def let_go_of_former_receivers(self) -> None:
        """Let nothing wait for a receiver that somebody has taken away."""
        if self._outbox is not None:
            staying = (STATION, *(queue.receiver for queue in self._queues))
            await self._outbox.abandon_all_but(staying)

    async def _pending(self) -> set[str]:
        """Return the incidents that somebody still has to get."""
        found: set[str] = set()
        if self._outbox is not None:
            for receiver in (STATION, *(queue.receiver for queue in self._queues)):
                pending = await self._outbox.pending(receiver)
                found |= {incident for incident, _ in pending}
        return found

    def adopt(self, journal: Journal, outbox: Outbox) -> asyncio.Future[list[None]]:
        """Keep everything from now on, and write what there is; return what to await."""
        self._journal, self._outbox = journal, outbox
        writing: list[asyncio.Future[None]] = []
        for timeline in self._timelines.values():
            incident = timeline.incident.id
            writing.append(journal.append(timeline.records))
            if timeline.wanted:
                writing.append(outbox.mark_wanted(incident, STATION, timeline.wanted))
            if timeline.received:
                writing.append(
                    outbox.mark_received(incident, STATION, timeline.received)
                )
            for queue in self._queues:
                writing += queue.write(outbox, incident)
        return asyncio.gather(*writing)

    async def left_behind(self) -> set[str]:
        """Return the incidents of a former run that are on disk and not known here."""
        if self._journal is None or self._outbox is None:
            return set()
        found = set(await self._journal.read_open()) | await self._pending()
        return found - self._timelines.keys()

    def append(
        self,
        news: Iterable[Entry],
        reported: set[str],
        folded: Mapping[str, Incident] = MappingProxyType({}),
    ) -> None:
        """Keep new entries; return at once, the disk follows.

        `reported` names the incidents that the station is to be told about. `folded` has
        incidents with these entries in them: what is known need not be folded again.
        """
        fresh: dict[str, list[Record]] = {}
        for entry in news:
            timeline = self._timelines.get(entry.incident)
            head = timeline.records[-1].hash if timeline else GENESIS
            incident = folded.get(entry.incident)
            if incident is None or incident.seq < entry.seq:
                incident = fold(timeline.incident if timeline else None, entry)
            record = seal(
                head, entry.incident, entry.seq, entry.at, entry.kind, encode(entry)
            )
            if timeline is None:
                timeline = self._timelines[entry.incident] = Timeline(incident)
            timeline.incident = incident
            timeline.records.append(record)
            fresh.setdefault(entry.incident, []).append(record)
            if isinstance(entry, Closed):
                self._forget_old()
        for incident_id in fresh.keys() | (reported & self._timelines.keys()):
            timeline = self._timelines[incident_id]
            receivers: list[str] = []
            if incident_id in reported:
                if self.is_enrolled and (timeline.wanted or not self.is_leaving):
                    timeline.wanted = timeline.incident.seq
                    receivers.append(STATION)
                receivers += [
                    queue.receiver
                    for queue in self._queues
                    if queue.want(timeline.incident)
                ]
            self._write(timeline, fresh.get(incident_id, []), receivers)

    def _write(
        self, timeline: Timeline, records: list[Record], receivers: list[str]
    ) -> None:
        revision, wants = timeline.incident.seq, bool(receivers)
        if self._journal is None or self._outbox is None:
            self._settled(timeline, revision, wants)
            return
        if records:
            future = self._journal.append(records, receivers)
        elif wants:
            future = self._outbox.mark_wanted(timeline.incident.id, receivers, revision)
        else:
            return
        self._writing.add(future)

        def done(future: asyncio.Future[None]) -> None:
            self._writing.discard(future)
            if not future.cancelled() and future.exception() is None:
                if timeline.incident.is_reportable:
                    timeline.stamps.setdefault("on_disk", self._now())
            else:
                self._quick_from = _monotonic() + SLOW_FOR
            # A disk that refuses is told by the database's health; the station is
            # told of the incident all the same.
            self._settled(timeline, revision, wants)

        future.add_done_callback(done)

    @property
    def outbox(self) -> Outbox | None:
        """What the receivers have, on the disk; None while there is none."""
        return self._outbox

    @property
    def writing(self) -> AbstractSet[asyncio.Future[None]]:
        """What is on its way to the disk."""
        return self._writing

    @property
    def is_worth_waiting(self) -> bool:
        """Whether something will be on disk in a moment."""
        return (
            bool(self._writing)
            and self._stalled.isdisjoint(self._writing)
            and _monotonic() >= self._quick_from
        )

    async def let_the_disk_go_first(self) -> None:
        """Wait until what was handed in is on disk, or refused, but only a moment.

        The thread of the database runs while the loop rests: the pages of one alarm
        would keep it from the disk for longer than it takes to write.
        """
        if not self.is_worth_waiting:
            return
        _, self._stalled = await asyncio.wait(self._writing, timeout=PATIENCE)
        self._late = self._late + 1 if self._stalled else 0
        if self._late >= LATE:
            self._quick_from = _monotonic() + SLOW_FOR

    def _settled(self, timeline: Timeline, revision: int, wants: bool) -> None:
        timeline.settled = max(timeline.settled, revision)
        if wants and timeline.is_owed:
            self.on_owed()
        for queue in self._queues:
            if wants and queue.owes(timeline.incident.id):
                queue.on_owed()

    def mark_received(self, incident: str, revision: int, number: str | None) -> None:
        """Note what the station has."""
        if (timeline := self._timelines.get(incident)) is not None:
            timeline.received = max(timeline.received, revision)
        if self._outbox is not None:
            future = self._outbox.mark_received(incident, STATION, revision, number)
            future.add_done_callback(_ignore_store_error)

    def mark_abandoned(
        self, incident: str, revision: int, reason: str, receiver: str = STATION
    ) -> None:
        """Note that a receiver is not tried any more up to a revision."""
        timeline = self._timelines.get(incident)
        if timeline is not None and receiver == STATION:
            timeline.wanted = min(timeline.wanted, timeline.received)
        if self._outbox is not None:
            future = self._outbox.mark_abandoned(incident, receiver, revision, reason)
            future.add_done_callback(_ignore_store_error)

    def stamp(self, incident: str, what: str, at: datetime) -> None:
        """Note when something first happened to an incident."""
        if (timeline := self._timelines.get(incident)) is not None:
            timeline.stamps.setdefault(what, at)

    def get(self, incident: str) -> Timeline | None:
        """Return one timeline."""
        return self._timelines.get(incident)

    def all(self) -> Mapping[str, Timeline]:
        """Return all timelines in memory, oldest first."""
        return self._timelines

    def owed(self) -> list[Timeline]:
        """Return what the station waits for and may be sent, oldest first."""
        return [
            timeline
            for timeline in self._timelines.values()
            if timeline.is_owed and timeline.settled > timeline.received
        ]

    def _forget_old(self) -> None:
        done = [
            timeline.incident.id
            for timeline in self._timelines.values()
            if not timeline.incident.is_open
            and not timeline.is_owed
            and not any(queue.owes(timeline.incident.id) for queue in self._queues)
        ]
        for incident in done[:-KEPT]:
            del self._timelines[incident]
            for queue in self._queues:
                queue.forget(incident)


def _monotonic() -> float:
    return asyncio.get_running_loop().time()


def _ignore_store_error(future: asyncio.Future[None]) -> None:
    """Leave it to the database's health; the next answer marks it again."""
    if not future.cancelled() and (error := future.exception()) is not None:
        if not isinstance(error, StoreError):
            raise error
