"""Reports on their way to the disk.

All that wait at one moment are written together, in as many statements as one of them
would need: each statement hands the interpreter over, and waits for it while the event
loop is busy, as it is when many homes report at once.

That is for what nearly all of them are: a new incident, or a newer revision of one that
the station works on. Everything else is taken one by one, by `cases.receive`.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Final, cast

import orjson
from sqlalchemy import Connection

from ..link.documents import IncidentDocument, parse_incident
from ..store.canonical import JSON, canonical, instant
from ..store.journal import fingerprint
from ..store.worker import Job, driver_of
from .cases import Case, receive as receive_alone
from .desk import Handling, Status
from .records import next_number
from .timeline import Timeline

if TYPE_CHECKING:
    from ..store.database import Database

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


_UNTOUCHED: Final = Handling()


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

    Of an open case it says what is new: memory knows the rest.
    """


class Arrivals:
    """What has come in one turn of the event loop, handed in together at its end.

    Else the first one would wake the database's thread, which then takes the
    interpreter from the loop, and commits the few that it finds.
    """

    def __init__(
        self,
        database: Database,
        written: Callable[[Arrival], None],
        work: Callable[[Connection, Sequence[Arrival]], None],
    ) -> None:
        """Write with `work`, which is `receive` and perhaps more in one transaction.

        `written` is called in the order of the commits, before anybody is answered,
        and also for those who no longer wait.
        """
        self._work = work
        self._database = database
        self._on_written = written
        self._waiting: list[Job] = []

    def add(self, arrival: Arrival) -> asyncio.Future[None]:
        """Take a document; the future ends when it is on the disk."""
        loop = asyncio.get_running_loop()
        if not self._waiting:
            loop.call_soon(self._hand_in)
        future: asyncio.Future[None] = loop.create_future()
        self._waiting.append(
            Job(
                self._work,
                future,
                shared=True,
                item=arrival,
                written=partial(self._on_written, arrival),
            )
        )
        return future

    def _hand_in(self) -> None:
        waiting, self._waiting = self._waiting, []
        for job in waiting:
            self._database.put(job)


@dataclass(slots=True)
class _Row:
    """An incident as it stands in the transaction."""

    household: str
    number: str
    received_at: datetime
    revision: int = 0
    drill: bool = True
    is_closed: bool = False

    def fits(self, arrival: Arrival) -> bool:
        """Whether a document is simply the next one of an open incident."""
        return (
            not self.is_closed
            and self.household == arrival.household
            and self.revision < arrival.document.revision
        )


def receive(connection: Connection, arrivals: Sequence[Arrival]) -> None:
    """Write documents, in their order."""
    batch = _Batch(connection, arrivals)
    for arrival in arrivals:
        batch.take(arrival)
    batch.write()


class _Batch:
    """What is to be written of some documents."""

    def __init__(self, connection: Connection, arrivals: Sequence[Arrival]) -> None:
        """Look up what is known of them."""
        self._connection = connection
        self._rows = _find(connection, {arrival.document.id for arrival in arrivals})
        self._numbers: dict[int, int] = {}
        self._facts: dict[str, tuple[object, ...]] = {}
        self._entries: list[tuple[object, ...]] = []

    def take(self, arrival: Arrival) -> None:
        """Take a document in, and say what became of its incident."""
        document = arrival.document
        row = self._rows.get(document.id)
        if document.origins or (row is not None and not row.fits(arrival)):
            self._take_alone(arrival)
            return
        timeline = self._spell(document)
        if row is None:
            number = self._next_number(arrival.at)
            row = self._rows[document.id] = _Row(arrival.household, number, arrival.at)
            timeline = Timeline(document.id).followed_by(timeline)
        arrival.case = Case(
            number=row.number,
            household=row.household,
            received_at=row.received_at,
            document=self._note(arrival, row),
            handling=_UNTOUCHED,
            timeline=timeline,
        )

    def write(self) -> None:
        """Write what was taken in."""
        driver = driver_of(self._connection)
        if self._facts:
            rows = orjson.dumps(list(self._facts.values())).decode()
            driver.execute(_WRITE, (rows,))
        if self._entries:
            driver.execute(_WRITE_ENTRIES, (orjson.dumps(self._entries).decode(),))
        self._facts, self._entries = {}, []

    def _take_alone(self, arrival: Arrival) -> None:
        self.write()
        document = arrival.document
        arrival.case = receive_alone(
            self._connection, arrival.household, document, arrival.at
        )
        self._rows |= _find(self._connection, {document.id})
        self._numbers.clear()

    def _next_number(self, at: datetime) -> str:
        """Return the next number of the year; many in a row are read once."""
        if at.year not in self._numbers:
            number = next_number(self._connection, at)
        else:
            number = f"{at.year:04d}-{self._numbers[at.year] + 1:06d}"
        self._numbers[at.year] = int(number.partition("-")[2])
        return number

    def _note(self, arrival: Arrival, row: _Row) -> IncidentDocument:
        """Note the columns; return the document as the disk will have it.

        A drill may turn out to be real, a real incident never turns into a drill.
        """
        document = arrival.document
        drill = document.drill and row.drill
        document = replace(document, drill=drill, entries=())
        spelled = document.without_entries()
        row.revision, row.drill = document.revision, document.drill
        self._facts[document.id] = (
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
        if spelled == {**arrival.sent, "drill": drill, "entries": []}:
            return document  # nothing had to be cut
        return parse_incident(spelled)

    def _spell(self, document: IncidentDocument) -> Timeline:
        """Note the columns of each entry; return the entries, checked on the way."""
        previous = document.entries[0].previous if document.entries else ""
        is_intact = True
        for entry in document.entries:
            at = instant(entry.at)
            body = canonical(cast("Mapping[str, JSON]", entry.body))
            sealed = fingerprint(
                body,
                at=at,
                incident=document.id,
                kind=entry.kind,
                previous=previous,
                seq=entry.seq,
            )
            is_intact = is_intact and (entry.previous, entry.hash) == (previous, sealed)
            previous = entry.hash
            self._entries.append(
                (
                    document.id,
                    entry.seq,
                    at,
                    entry.kind,
                    body.decode(),
                    entry.previous,
                    entry.hash,
                )
            )
        return Timeline(document.id, document.entries, is_intact)


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
