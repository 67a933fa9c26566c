"""Reports on their way to the disk.

All that wait at one moment are written together, in as many statements as one of them
would need: each statement hands the interpreter over, and waits for it while the event
loop is busy, as it is when many homes report at once.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, cast

import orjson
from sqlalchemy import Connection

from ..link.documents import IncidentDocument, parse_incident
from ..store.canonical import JSON, canonical, instant
from ..store.worker import driver_of
from .cases import Case, read_case
from .desk import Handling, Status
from .records import last_count, number_of
from .timeline import Timeline

# What goes in is one text of JSON, which SQLite takes apart by itself.
_FIND: Final = """
SELECT json_group_array(json_array(
    id, household, number, revision, drill, received_at, closed_at))
FROM station_incidents WHERE id IN (SELECT value FROM json_each(?))
"""
_WRITE: Final = """
INSERT INTO station_incidents (id, household, number, revision, hazard, priority, drill,
    document, status, received_at, updated_at)
SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5,
    value ->> 6, value ->> 7, value ->> 8, value ->> 9, value ->> 10
FROM json_each(?) WHERE true
ON CONFLICT (id) DO UPDATE SET revision = excluded.revision, hazard = excluded.hazard,
    priority = excluded.priority, drill = excluded.drill, document = excluded.document,
    updated_at = excluded.updated_at
"""
_WRITE_ENTRIES: Final = """
INSERT INTO station_entries (incident, seq, at, kind, body, previous, hash)
SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5,
    value ->> 6
FROM json_each(?) WHERE true
ON CONFLICT (incident, seq) DO NOTHING
"""


@dataclass(slots=True, eq=False)
class Arrival:
    """A document that a household has sent, and what became of it."""

    household: str
    document: IncidentDocument
    sent: Mapping[str, object]
    """The document as it came."""
    at: datetime
    case: Case | None = None
    """As the transaction left it; None if the incident is another household's.

    Its entries are those of the document. What the desk has done is not in it, unless
    that is over: an open case is in memory.
    """


@dataclass(slots=True)
class _Row:
    """An incident as it stands in the transaction."""

    household: str
    number: str
    received_at: datetime
    revision: int = 0
    drill: bool = True
    is_closed: bool = False
    facts: tuple[object, ...] = ()
    """The columns to be written, if something is new."""


def receive(connection: Connection, arrivals: Sequence[Arrival]) -> None:
    """Write documents, in their order.

    The same revision twice, or an older one late, changes nothing but fills gaps in
    the timeline. A drill may turn out to be real, a real incident never turns into a
    drill: no later document can talk the station out of an alarm.
    """
    rows = _find(connection, {arrival.document.id for arrival in arrivals})
    counts: dict[int, int] = {}
    entries: list[tuple[object, ...]] = []
    for arrival in arrivals:
        incident = arrival.document.id
        if (row := rows.get(incident)) is None:
            number = _next_number(connection, arrival.at.year, counts)
            row = rows[incident] = _Row(arrival.household, number, arrival.at)
        elif row.household != arrival.household:
            arrival.case = None
            continue
        arrival.case = Case(
            number=row.number,
            household=row.household,
            received_at=row.received_at,
            document=_take(arrival, row),
            handling=Handling(),
            timeline=Timeline(incident).joined(arrival.document.entries),
        )
        entries += _spelled(arrival.document)
    driver = driver_of(connection)
    if fresh := [row.facts for row in rows.values() if row.facts]:
        driver.execute(_WRITE, (orjson.dumps(fresh).decode(),))
    if entries:
        driver.execute(_WRITE_ENTRIES, (orjson.dumps(entries).decode(),))
    for arrival in arrivals:
        if arrival.case is not None and rows[arrival.document.id].is_closed:
            arrival.case = read_case(connection, arrival.document.id)


def _next_number(connection: Connection, year: int, counts: dict[int, int]) -> str:
    if year not in counts:
        counts[year] = last_count(connection, year)
    counts[year] += 1
    return number_of(year, counts[year])


def _take(arrival: Arrival, row: _Row) -> IncidentDocument:
    """Let a document change a row, if it is newer; return it as the disk will have it."""
    sent = arrival.document
    if sent.revision <= row.revision:
        return sent  # memory knows better
    document = replace(sent, drill=sent.drill and row.drill, entries=())
    spelled = document.as_json()
    row.revision, row.drill = document.revision, document.drill
    row.facts = (
        document.id,
        row.household,
        row.number,
        document.revision,
        document.hazard[:64],  # the whole word stands in the document
        document.priority,
        document.drill,
        canonical(cast("dict[str, JSON]", spelled)).decode(),
        Status.RECEIVED.value,
        instant(row.received_at),
        instant(arrival.at),
    )
    if spelled == {**arrival.sent, "drill": document.drill, "entries": []}:
        return document  # nothing had to be cut
    return parse_incident(spelled)


def _find(connection: Connection, incidents: Iterable[str]) -> dict[str, _Row]:
    """Return what is known of some incidents."""
    (found,) = (
        driver_of(connection)
        .execute(_FIND, (orjson.dumps(list(incidents)).decode(),))
        .fetchone()
    )
    return {
        id_: _Row(
            household,
            number,
            datetime.fromisoformat(received_at),
            revision,
            bool(drill),
            closed_at is not None,
        )
        for (
            id_,
            household,
            number,
            revision,
            drill,
            received_at,
            closed_at,
        ) in orjson.loads(found)
    }


def _spelled(document: IncidentDocument) -> Iterable[tuple[object, ...]]:
    """Return the columns of each entry."""
    for entry in document.entries:
        yield (
            document.id,
            entry.seq,
            instant(entry.at),
            entry.kind,
            canonical(cast("Mapping[str, JSON]", entry.body)).decode(),
            entry.previous,
            entry.hash,
        )
