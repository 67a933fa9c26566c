"""The home's incidents as records: listed, exported, and proved unchanged."""

from collections.abc import AsyncGenerator, Collection, Mapping
import csv
from datetime import datetime
import io
from typing import Final, cast

from homeassistant.util.json import JsonObjectType, JsonValueType

from ..safety.incident import Incident, Step
from ..safety.reporting import priority_of
from ..safety.vocabulary import Hazard
from ..store.archive import Archive, Proof
from ..store.canonical import JSON, canonical, instant
from ..store.database import Database
from ..store.journal import Journal, Record
from .guard import Guard
from .timelines import Timeline, read_timeline

CSV_COLUMNS: Final = (
    "incident",
    "hazard",
    "drill",
    "seq",
    "at",
    "kind",
    "body",
    "previous",
    "hash",
)


class Records:
    """Everything that the home remembers, on disk and in memory."""

    def __init__(self, guard: Guard, database: Database | None) -> None:
        """Read a running home's books; without a disk, what is in memory."""
        self._timelines = guard.timelines
        self._household = guard.state.household
        self._names = {binding.id: binding.options.name for binding in guard.bindings()}
        self._archive = Archive(database) if database else None
        self._journal = Journal(database) if database else None

    async def find(
        self,
        *,
        incident: str | None = None,
        since: datetime | None = None,
        hazards: Collection[Hazard] = (),
    ) -> AsyncGenerator[Timeline]:
        """Yield timelines, newest first; one that cannot be read is left out.

        `since` keeps incidents that were open at some time since then. Raise
        StoreError if the disk cannot be read.
        """
        for name in [incident] if incident else await self._ids(since):
            timeline = await self._read(name)
            if timeline is None:
                continue
            if timeline.incident.silent and timeline.incident.is_open:
                continue  # a record once it is over; nobody may find it before
            if not hazards or timeline.incident.hazard in hazards:
                yield timeline

    async def _ids(self, since: datetime | None) -> list[str]:
        found = {
            timeline.incident.id
            for timeline in self._timelines.all().values()
            if since is None
            or timeline.incident.closed_at is None
            or timeline.incident.closed_at >= since
        }
        if self._archive is not None:
            found.update(await self._archive.incidents(since))
        return sorted(found, reverse=True)  # their ids begin with the time

    async def _read(self, incident: str) -> Timeline | None:
        if (timeline := self._timelines.get(incident)) is not None:
            return timeline
        if self._journal is None:
            return None
        try:
            return read_timeline(await self._journal.read(incident))
        except ValueError:
            return None  # `prove` says where it is broken

    async def prove(
        self, *, incident: str | None = None, since: datetime | None = None
    ) -> list[Proof] | None:
        """Check the timelines that lie on the disk; None without one."""
        if self._archive is None:
            return None
        proofs = []
        for name in [incident] if incident else await self._archive.incidents(since):
            timeline = self._timelines.get(name)
            head = None
            if timeline is not None and timeline.settled:
                head = timeline.records[timeline.settled - 1].hash
            proofs.append(await self._archive.prove(name, head))
        return proofs

    def shown(self, timeline: Timeline, *, with_entries: bool) -> JsonObjectType:
        """Return an incident for a person: its facts, and its story if wanted."""
        incident = timeline.incident
        side, taken = incident.station, incident.acknowledged
        entries: list[JsonValueType] = [
            {
                "seq": record.seq,
                "at": record.at.isoformat(),
                "kind": record.kind,
                "body": _plain(record.body),
            }
            for record in timeline.records
        ]
        return {
            "id": incident.id,
            "hazard": incident.hazard.value,
            "phase": incident.phase.value,
            "present": incident.presence.value,
            "drill": incident.drill,
            "priority": priority_of(self._household, incident),
            "opened_at": incident.opened_at.isoformat(),
            "alarmed_at": _spelled(incident.alarmed_at),
            "closed_at": _spelled(incident.closed_at),
            "ending": incident.ending.value if incident.ending else None,
            "acknowledged": {
                "by": taken.by,
                "via": taken.via,
                "at": taken.at.isoformat(),
            }
            if taken
            else None,
            "reset_by": incident.reset_by,
            "station": {
                "status": side.status.value,
                "number": side.number,
                "unit": side.unit,
                "disposition": side.disposition,
            },
            "detectors": [self._name(detector) for detector in incident.detectors],
            "steps": [self._step(step) for step in incident.steps],
            **({"timeline": entries} if with_entries else {}),
        }

    def _step(self, step: Step) -> JsonObjectType:
        return {
            "id": step.id,
            "actuator": self._name(step.actuator),
            "target": step.target.value,
            "outcome": step.outcome.value,
            "reason": step.reason.value if step.reason else None,
            "at": _spelled(step.settled_at or step.ordered_at),
        }

    def _name(self, binding: str) -> str:
        return self._names.get(binding, binding)

    @property
    def names(self) -> JsonObjectType:
        """Return what the ids in the timelines are called today."""
        return dict(self._names)


def sealed(timeline: Timeline) -> JsonObjectType:
    """Return a timeline with its seals, so that anybody can prove it."""
    incident = timeline.incident
    return {
        "incident": incident.id,
        "hazard": incident.hazard.value,
        "drill": incident.drill,
        "entries": [
            {
                "seq": record.seq,
                "at": record.at.isoformat(),
                "kind": record.kind,
                "body": _plain(record.body),
                "previous": record.previous,
                "hash": record.hash,
            }
            for record in timeline.records
        ],
    }


class Sheet:
    """Sealed timelines as comma-separated values.

    No cell can pass for a formula: names and notes stand inside the JSON of `body`.
    """

    def __init__(self) -> None:
        """Begin with the head of the columns."""
        self._text = io.StringIO()
        self._writer = csv.writer(self._text)
        self._writer.writerow(CSV_COLUMNS)

    def add(self, timeline: Timeline) -> None:
        """Write the entries of one incident."""
        self._writer.writerows(
            _row(timeline.incident, record) for record in timeline.records
        )

    def __str__(self) -> str:
        """Return the whole text."""
        return self._text.getvalue()


def _row(incident: Incident, record: Record) -> tuple[object, ...]:
    return (
        record.incident,
        incident.hazard.value,
        incident.drill,
        record.seq,
        instant(record.at),
        record.kind,
        canonical(record.body).decode(),
        record.previous,
        record.hash,
    )


def _plain(body: Mapping[str, JSON]) -> JsonValueType:
    return cast("JsonValueType", dict(body))


def _spelled(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
