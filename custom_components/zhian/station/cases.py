"""Cases: an incident as reported, what the desk has done about it, and its timeline.

Everything durable happens in one transaction of the store; open cases are also kept
in memory, so that a board or a map never waits for a disk.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, cast

from sqlalchemy import ColumnElement, Connection, Row, insert, or_, select, update

from ..link.documents import IncidentDocument, TimelineEntry, parse_incident
from ..store.journal import GENESIS, Record, verify
from ..store.schema import desk_log, station_entries, station_incidents
from .desk import (
    Acknowledge,
    Action,
    Arrive,
    Ask,
    Close,
    DeskRefused,
    Dispatch,
    Disposition,
    Handling,
    Refusal,
    decide,
)

if TYPE_CHECKING:
    from ..store.canonical import JSON
    from ..store.database import Database

_LONGEST_NAME: Final = 64  # of a person in the desk's log


@dataclass(frozen=True, slots=True)
class Timeline:
    """The home's own entries, as far as the station has them."""

    incident: str
    entries: tuple[TimelineEntry, ...] = ()
    is_intact: bool = True
    """No entry is missing or differs from what the home sealed."""

    def joined(self, entries: Iterable[TimelineEntry]) -> Timeline:
        """Return the timeline with more entries; what is there already stays."""
        known = {entry.seq for entry in self.entries}
        fresh = [entry for entry in entries if entry.seq not in known]
        if not fresh:
            return self
        together = tuple(sorted((*self.entries, *fresh), key=lambda entry: entry.seq))
        last = self.entries[-1] if self.entries else None
        if self.is_intact and (last is None or fresh[0].seq == last.seq + 1):
            # The usual case: only what is new has to be checked.
            after = (last.seq, last.hash) if last else (0, GENESIS)
            return Timeline(self.incident, together, self._fits(fresh, after))
        return Timeline(self.incident, together, self._fits(together, (0, GENESIS)))

    def _fits(self, entries: Iterable[TimelineEntry], after: tuple[int, str]) -> bool:
        records = (
            Record(
                self.incident,
                entry.seq,
                entry.at,
                entry.kind,
                cast("Mapping[str, JSON]", entry.body),
                entry.previous,
                entry.hash,
            )
            for entry in entries
        )
        return verify(records, after=after) is None


@dataclass(frozen=True, slots=True)
class Case:
    """One incident at the station."""

    number: str
    household: str
    received_at: datetime
    document: IncidentDocument
    """The newest revision; its entries are in the timeline."""
    handling: Handling
    timeline: Timeline

    @property
    def incident(self) -> str:
        """The incident's id, given by the home."""
        return self.document.id

    def with_news(self, other: Case) -> Case:
        """Return this case with what another picture of it knows better."""
        newer = other.document.revision > self.document.revision
        more = other.handling.count > self.handling.count
        return replace(
            self,
            document=other.document if newer else self.document,
            handling=other.handling if more else self.handling,
            timeline=self.timeline.joined(other.timeline.entries),
        )


class Cases:
    """The open cases in memory, all of them on disk."""

    def __init__(self, database: Database) -> None:
        """Start empty."""
        self._database = database
        self._open: dict[str, Case] = {}

    @property
    def open(self) -> list[Case]:
        """The open cases: most urgent first, then in the order they came."""
        return sorted(
            self._open.values(),
            key=lambda case: (case.document.drill, case.document.priority, case.number),
        )

    def is_open(self, incident: str) -> bool:
        """Return whether the station still works on an incident."""
        return incident in self._open

    async def load(self) -> None:
        """Read the open cases."""
        is_open = station_incidents.c.closed_at.is_(None)
        cases = await self._database.submit(
            lambda connection: _read_cases(connection, is_open)
        )
        self._open = {case.incident: case for case in cases}

    def absorb(self, case: Case) -> Case:
        """Take in a case as a transaction left it; return what is known of it now."""
        if known := self._open.get(case.incident):
            case = known.with_news(case)
        if case.handling.is_open:
            self._open[case.incident] = case
        else:
            self._open.pop(case.incident, None)
        return case

    async def get(self, incident: str) -> Case | None:
        """Return a case by the incident's id."""
        if case := self._open.get(incident):
            return case
        cases = await self._database.submit(
            lambda connection: _read_cases(
                connection, station_incidents.c.id == incident
            )
        )
        return cases[0] if cases else None

    async def page(
        self, *, is_open: bool | None, before: str | None, limit: int
    ) -> list[Case]:
        """Return cases, the newest number first, from below a number on."""
        conditions: list[ColumnElement[bool]] = []
        if is_open is not None:
            closed_at = station_incidents.c.closed_at
            conditions.append(
                closed_at.is_(None) if is_open else closed_at.is_not(None)
            )
        if before is not None:
            conditions.append(station_incidents.c.number < before)
        return await self._database.submit(
            lambda connection: _read_cases(connection, *conditions, limit=limit)
        )


def receive(
    connection: Connection, household: str, document: IncidentDocument, at: datetime
) -> Case | None:
    """Write an incident document; None if the incident is another household's.

    The same revision twice, or an older one late, changes nothing but fills gaps in
    the timeline. A drill may turn out to be real, a real incident never turns into a
    drill: no later document can talk the station out of an alarm.
    """
    table = station_incidents
    row = connection.execute(select(table).where(table.c.id == document.id)).first()
    if row is None:
        connection.execute(
            insert(table).values(
                id=document.id,
                household=household,
                number=next_number(connection, at),
                status=Handling().status.value,
                received_at=at,
                **_facts(document, at),
            )
        )
    elif row.household != household:
        return None
    elif document.revision > row.revision:
        document = replace(document, drill=document.drill and row.drill)
        connection.execute(
            update(table).where(table.c.id == document.id).values(_facts(document, at))
        )
    fresh = _write_entries(connection, document, is_new=row is None)
    row = connection.execute(select(table).where(table.c.id == document.id)).one()
    if row.closed_at is not None:  # not in memory: read it whole
        return _case(connection, row, _read_entries(connection, document.id))
    return _case(connection, row, fresh)


def act(connection: Connection, incident: str, request: Action) -> Case:
    """Write what a person at the desk does, if it fits; raises DeskRefused.

    The incident is named by its id or by its number.
    """
    table = station_incidents
    row = connection.execute(
        select(table).where(or_(table.c.id == incident, table.c.number == incident))
    ).first()
    if row is None:
        raise DeskRefused(Refusal.UNKNOWN_INCIDENT)
    handling = _read_handling(connection, row.id)
    actions = decide(handling, request)
    connection.execute(
        insert(desk_log),
        [
            {
                "incident": row.id,
                "at": action.at,
                "by": action.by[:_LONGEST_NAME],
                "action": _NAMES[type(action)],
                "body": _body(action),
            }
            for action in actions
        ],
    )
    handling = handling.after(actions)
    connection.execute(
        update(table)
        .where(table.c.id == row.id)
        .values(
            status=handling.status.value,
            updated_at=request.at,
            closed_at=handling.closed.at if handling.closed else None,
        )
    )
    row = connection.execute(select(table).where(table.c.id == row.id)).one()
    return _case(connection, row, _read_entries(connection, row.id))


def _facts(document: IncidentDocument, at: datetime) -> dict[str, Any]:
    return {
        "revision": document.revision,
        "hazard": document.hazard[:64],  # the whole word stands in the document
        "priority": document.priority,
        "drill": document.drill,
        "document": replace(document, entries=()).as_json(),
        "updated_at": at,
    }


def next_number(connection: Connection, at: datetime) -> str:
    """Return the next number of the year, such as 2026-000001.

    Read and used in one transaction of the only writer: no number is given twice.
    """
    year = f"{at.year:04d}"
    number = station_incidents.c.number
    last = connection.scalar(
        select(number)
        .where(number > f"{year}-", number < f"{year}.")  # "." follows "-"
        .order_by(number.desc())
        .limit(1)
    )
    count = int(last.partition("-")[2]) if last else 0
    return f"{year}-{count + 1:06d}"


def _write_entries(
    connection: Connection, document: IncidentDocument, *, is_new: bool
) -> list[TimelineEntry]:
    """Write the entries that are not there yet and return them."""
    fresh = list(document.entries)
    if fresh and not is_new:
        table = station_entries
        known = set(
            connection.scalars(
                select(table.c.seq).where(
                    table.c.incident == document.id, table.c.seq >= fresh[0].seq
                )
            )
        )
        fresh = [entry for entry in fresh if entry.seq not in known]
    if fresh:
        connection.execute(
            insert(station_entries),
            [
                {
                    "incident": document.id,
                    "seq": entry.seq,
                    "at": entry.at,
                    "kind": entry.kind,
                    "body": dict(entry.body),
                    "previous": entry.previous,
                    "hash": entry.hash,
                }
                for entry in fresh
            ],
        )
    return fresh


def _read_cases(
    connection: Connection, *conditions: ColumnElement[bool], limit: int | None = None
) -> list[Case]:
    table = station_incidents
    rows = connection.execute(
        select(table).where(*conditions).order_by(table.c.number.desc()).limit(limit)
    ).all()
    return [_case(connection, row, _read_entries(connection, row.id)) for row in rows]


def _case(
    connection: Connection,
    row: Row[tuple[object, ...]],
    entries: Iterable[TimelineEntry],
) -> Case:
    return Case(
        number=row.number,
        household=row.household,
        received_at=row.received_at,
        document=parse_incident(row.document),
        handling=_read_handling(connection, row.id),
        timeline=Timeline(row.id).joined(entries),
    )


def _read_entries(connection: Connection, incident: str) -> list[TimelineEntry]:
    table = station_entries
    rows = connection.execute(
        select(table).where(table.c.incident == incident).order_by(table.c.seq)
    )
    return [
        TimelineEntry(
            seq=row.seq,
            at=row.at,
            kind=row.kind,
            body=row.body,
            previous=row.previous,
            hash=row.hash,
        )
        for row in rows
    ]


_NAMES: Final[Mapping[type[Action], str]] = {
    Acknowledge: "acknowledge",
    Dispatch: "dispatch",
    Arrive: "arrive",
    Close: "close",
    Ask: "ask",
}


def _body(action: Action) -> dict[str, Any]:
    match action:
        case Dispatch(unit=unit, eta_seconds=eta_seconds):
            return {"unit": unit, "eta_seconds": eta_seconds}
        case Ask(question=question, text=text):
            return {"question": question, "text": text}
        case Close(disposition=disposition, note=note):
            return {"disposition": disposition.value, "note": note}
        case _:
            return {}


def _read_handling(connection: Connection, incident: str) -> Handling:
    """Fold the desk's log of one incident."""
    rows = connection.execute(
        select(desk_log)
        .where(desk_log.c.incident == incident, desk_log.c.action.in_(_NAMES.values()))
        .order_by(desk_log.c.id)
    )
    return Handling().after(_action(row) for row in rows)


def _action(row: Row[tuple[object, ...]]) -> Action:
    match row.action:
        case "acknowledge":
            return Acknowledge(row.by, row.at)
        case "dispatch":
            return Dispatch(row.by, row.at, row.body["unit"], row.body["eta_seconds"])
        case "arrive":
            return Arrive(row.by, row.at)
        case "ask":
            return Ask(row.by, row.at, row.body["question"], row.body["text"])
        case _:
            return Close(
                row.by,
                row.at,
                Disposition(row.body["disposition"]),
                row.body["note"],
            )
