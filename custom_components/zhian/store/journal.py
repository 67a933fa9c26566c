"""The timeline of every incident: append-only, each entry sealed onto the one before."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from hashlib import sha256
from itertools import chain
from typing import Final

import orjson
from sqlalchemy import Connection, Row, Select, and_, delete, exists, select

from .canonical import JSON, canonical, instant
from .database import Database
from .errors import StoreError
from .outbox import is_owed
from .schema import journal, outbox
from .worker import Statement, driver_of

GENESIS: Final = ""
CLOSED: Final = "closed"
# Incidents that one transaction of the retention removes: others wait behind it.
PURGE_STEP: Final = 50


class JournalConflict(StoreError):
    """An entry that is already there, with another content: history does not change."""

    def __init__(self, incident: str, seq: int) -> None:
        """Name the entry."""
        super().__init__(f"{incident} entry {seq} is already there and differs")
        self.incident = incident
        self.seq = seq


type _Row = tuple[str, int, str, str, str, str, str]


@dataclass(frozen=True, slots=True)
class Record:
    """One entry of a timeline, sealed."""

    incident: str
    seq: int
    at: datetime
    kind: str
    body: Mapping[str, JSON]
    previous: str
    hash: str
    # As `seal` has spelled it for the disk: spelled once, not twice.
    _row: _Row | None = field(default=None, init=False, repr=False, compare=False)


def seal(  # in the order of what it seals
    previous: str,
    incident: str,
    seq: int,
    at: datetime,
    kind: str,
    body: Mapping[str, JSON],
) -> Record:
    """Return an entry with the hash that ties it to the one before (GENESIS: none).

    The record has its own copy of the body, spelled as disk and wire will spell it.
    """
    spelled_at, text = instant(at), canonical(body)
    digest = fingerprint(
        text,
        at=spelled_at,
        incident=incident,
        kind=kind,
        previous=previous,
        seq=seq,
    )
    record = Record(incident, seq, at, kind, orjson.loads(text), previous, digest)
    row = (incident, seq, spelled_at, kind, text.decode(), previous, digest)
    object.__setattr__(record, "_row", row)
    return record


def verify(
    records: Iterable[Record],
    *,
    after: tuple[int, str] = (0, GENESIS),
    head: str | None = None,
) -> int | None:
    """Return the index of the first entry that is not what was written, None if all are.

    `after` is the number and hash of the entry before the first, for a part of a
    timeline. An entry missing at the end shows only against a known last hash, the
    `head`; the index is then the length.
    """
    seq, previous = after
    incident = None
    index = -1
    for index, record in enumerate(records):
        incident = incident or record.incident
        seq += 1
        if (
            record.incident != incident
            or record.seq != seq
            or record.previous != previous
            or record.hash != _hash(record)
        ):
            return index
        previous = record.hash
    return None if head is None or head == previous else index + 1


def _hash(record: Record) -> str:
    return fingerprint(
        canonical(record.body),
        at=instant(record.at),
        incident=record.incident,
        kind=record.kind,
        previous=record.previous,
        seq=record.seq,
    )


def fingerprint(
    body: bytes, *, at: str, incident: str, kind: str, previous: str, seq: int
) -> str:
    """Return what seals an entry, from its canonical spelling."""
    """Return what seals an entry, from its canonical spelling."""
    # The keys in their canonical order; the body is canonical already.
    sealed = orjson.dumps(
        {
            "at": at,
            "body": orjson.Fragment(body),
            "incident": incident,
            "kind": kind,
            "previous": previous,
            "seq": seq,
        }
    )
    return sha256(sealed).hexdigest()


class Journal:
    """The entries of all incidents on disk."""

    def __init__(self, database: Database) -> None:
        """Use a database that its owner opens and closes."""
        self._database = database

    def append(
        self, records: Sequence[Record], receivers: Sequence[str] = ()
    ) -> asyncio.Future[None]:
        """Write entries, all or none; return at once. The future need not be awaited.

        The receivers (of the outbox) want them from the same moment on. Entries that
        are there already are left alone: JournalConflict if they differ. WriteFailed
        if the disk refuses: the entries are kept and written as soon as it does not.
        """
        rows = [_row(record) for record in records]
        wants: _Wants = {}
        if receivers:
            # Who wants the last entry of a timeline wants those before it.
            wanted = canonical(list(receivers)).decode()
            last = {record.incident: record.seq for record in records}
            wants = dict.fromkeys(last.items(), wanted)
        return self._database.submit_shared(
            _append, (rows, wants), keep=True, at_once=_at_once
        )

    async def read(self, incident: str) -> list[Record]:
        """Return one timeline, in order; empty for an unknown incident."""
        return await self._database.submit(
            lambda connection: _records(
                connection, select(journal).where(journal.c.incident == incident)
            )
        )

    async def read_open(self) -> dict[str, list[Record]]:
        """Return the timelines of incidents without a closing entry, oldest first."""
        other = journal.alias()
        first = journal.alias()
        is_closed = exists().where(
            other.c.incident == first.c.incident, other.c.kind == CLOSED
        )
        opened = select(first.c.incident).where(first.c.seq == 1, ~is_closed)
        query = select(journal).where(journal.c.incident.in_(opened))
        return await self._timelines(query)

    async def read_unacknowledged(self, receiver: str) -> dict[str, list[Record]]:
        """Return what a receiver wants and does not have, oldest incident first."""
        query = select(journal).join(
            outbox,
            and_(
                outbox.c.incident == journal.c.incident,
                outbox.c.receiver == receiver,
                journal.c.seq > outbox.c.received,
                journal.c.seq <= outbox.c.wanted,
                is_owed(),
            ),
        )
        return await self._timelines(query)

    async def purge(self, before: datetime, keep_at_least: int) -> int:
        """Remove incidents closed before a time; return how many.

        Never an open one, never one of the newest closed ones, as many as said, and
        none that a receiver still has to get.
        """
        other = journal.alias()
        closed = select(journal.c.incident).where(journal.c.kind == CLOSED).distinct()
        newest = closed.order_by(journal.c.incident.desc()).limit(keep_at_least)
        still_there = exists().where(
            other.c.incident == journal.c.incident,
            other.c.kind == CLOSED,
            other.c.at >= before,
        )
        owed = select(outbox.c.incident).where(is_owed())
        due = closed.where(
            ~still_there,
            journal.c.incident.not_in(newest),
            journal.c.incident.not_in(owed),
        ).limit(PURGE_STEP)

        def work(connection: Connection) -> int:
            incidents = connection.scalars(due).all()
            for table in (outbox, journal):
                connection.execute(delete(table).where(table.c.incident.in_(incidents)))
            return len(incidents)

        total = 0
        while removed := await self._database.submit(work):
            total += removed
        return total

    async def _timelines(
        self, query: Select[tuple[object, ...]]
    ) -> dict[str, list[Record]]:
        def work(connection: Connection) -> dict[str, list[Record]]:
            timelines: dict[str, list[Record]] = {}
            for record in _records(connection, query):
                timelines.setdefault(record.incident, []).append(record)
            return timelines

        return await self._database.submit(work)


type _Wants = dict[tuple[str, int], str]
"""Incident and number of an entry, and to whom it is owed, as JSON."""

type _Addition = tuple[list[_Row], _Wants]

# The one hot statement of the house. Rows go in many at a time: sqlite3 hands the
# interpreter over at every statement, and a row alone costs more in that than in SQL.
_ROWS_PER_STATEMENT: Final = (64, 8, 1)
# As many rows as the first turn of an alarm has, and some more, are one statement with
# all that is owed. For many callers at once that way is the slower one.
_AT_ONCE: Final = 16

_INSERT: Final = {
    size: " ".join(
        (
            "INSERT INTO journal (incident, seq, at, kind, body, previous, hash) VALUES",
            ", ".join(["(?, ?, ?, ?, ?, ?, ?)"] * size),
            "ON CONFLICT (incident, seq) DO NOTHING",
        )
    )
    for size in _ROWS_PER_STATEMENT
}
_OWE: Final = "INSERT INTO arrivals (incident, seq, receivers) VALUES (?, ?, ?)"


@cache
def _arrive(count: int) -> str:
    marks = ", ".join(["(?, ?, ?, ?, ?, ?, ?, ?)"] * count)
    return f"INSERT INTO arrivals VALUES {marks}"  # noqa: S608  # nothing but marks


def _at_once(additions: list[_Addition]) -> Statement | None:
    """Return the statement that writes what several callers handed in, if one does."""
    if not 0 < sum(len(rows) for rows, _ in additions) <= _AT_ONCE:
        return None
    values: list[object] = []
    for rows, wants in additions:
        for row in rows:
            values += row
            values.append(wants.get(row[:2]))
    return _arrive(len(values) // 8), values


def _row(record: Record) -> _Row:
    return record._row or (  # noqa: SLF001  # ours
        record.incident,
        record.seq,
        instant(record.at),
        record.kind,
        canonical(record.body).decode(),
        record.previous,
        record.hash,
    )


def _append(connection: Connection, additions: Sequence[_Addition]) -> None:
    """Write what several callers handed in."""
    rows = [row for added, _ in additions for row in added]
    driver = driver_of(connection)
    written = 0
    for size in _ROWS_PER_STATEMENT:
        while len(rows) - written >= size:
            part = rows[written : written + size]
            written += size
            parameters = tuple(chain.from_iterable(part))
            if driver.execute(_INSERT[size], parameters).rowcount != size:
                _compare(connection, part)
    owed = [(*entry, who) for _, wants in additions for entry, who in wants.items()]
    if owed:
        driver.executemany(_OWE, owed)


def _compare(connection: Connection, rows: Sequence[_Row]) -> None:
    """Make sure that what was there already is the same."""
    for incident, seq, *_, digest in rows:
        there = select(journal.c.hash).where(
            journal.c.incident == incident, journal.c.seq == seq
        )
        if connection.scalar(there) != digest:
            raise JournalConflict(incident, seq)


def _records(connection: Connection, query: Select[tuple[object, ...]]) -> list[Record]:
    ordered = query.order_by(journal.c.incident, journal.c.seq)
    return [_record(row) for row in connection.execute(ordered)]


def _record(row: Row[tuple[object, ...]]) -> Record:
    return Record(
        row.incident,
        row.seq,
        row.at,
        row.kind,
        orjson.loads(row.body),
        row.previous,
        row.hash,
    )
