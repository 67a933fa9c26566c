"""Rows of the station's tables: timeline entries, the desk's log, numbers."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, insert, select

from ..link.documents import IncidentDocument, TimelineEntry
from ..store.schema import desk_log, station_entries, station_incidents
from .desk import (
    Acknowledge,
    Action,
    Arrive,
    Ask,
    Close,
    Dispatch,
    Disposition,
    Handling,
)
from .numbers import last_kept


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
    there = int(last.partition("-")[2]) if last else 0
    return f"{year}-{max(there, last_kept(connection, at.year)) + 1:06d}"


def write_entries(
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


def read_entries(connection: Connection, incident: str) -> list[TimelineEntry]:
    """Return all entries of an incident, in order."""
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


WITHDRAWN: Final = "withdrawn"
"""What the desk's log says of an incident that a station below has taken back."""
NAMES: Final[Mapping[type[Action], str]] = {
    Acknowledge: "acknowledge",
    Dispatch: "dispatch",
    Arrive: "arrive",
    Close: "close",
    Ask: "ask",
}


def body_of(action: Action) -> dict[str, Any]:
    """Return what the log keeps of an action beside who and when."""
    match action:
        case Dispatch(unit=unit, eta_seconds=eta_seconds):
            return {"unit": unit, "eta_seconds": eta_seconds}
        case Ask(question=question, text=text):
            return {"question": question, "text": text}
        case Close(disposition=disposition, note=note):
            return {"disposition": disposition.value, "note": note}
        case _:
            return {}


def read_handling(connection: Connection, incident: str) -> Handling:
    """Fold the desk's log of one incident."""
    rows = connection.execute(
        select(desk_log)
        .where(desk_log.c.incident == incident, desk_log.c.action.in_(NAMES.values()))
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
