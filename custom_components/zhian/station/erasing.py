"""Taking incidents and households out of the station's database, in a transaction."""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, delete, insert, select, update

from ..link.agreed import Consents
from ..link.wire_json import Node
from ..safety.vocabulary import Hazard
from ..store.schema import (
    desk_log,
    households,
    orders,
    pairing_codes,
    purging,
    station_entries,
    station_incidents,
    statistics,
)
from .desk import Disposition
from .numbers import keep_numbers

DELETED: Final = "deleted"
"""What the desk's log says of a household that is gone."""
_KNOWN_HAZARDS: Final = frozenset(Hazard)
_OTHER: Final = "other"

type _Row = Row[tuple[Any, ...]]


def consents_of(kept: object) -> Consents | None:
    """Return what a household's row says that it agreed to."""
    return Consents.read(Node(kept)) if isinstance(kept, dict) else None


@contextmanager
def on_purpose(connection: Connection) -> Generator[None]:
    """Let logs that are kept whole lose rows, within this transaction."""
    connection.execute(insert(purging).values(id=1))
    yield
    connection.execute(delete(purging))


def has_case(connection: Connection, household: str, *, is_open: bool = False) -> bool:
    """Whether there is an incident of a household, or one that is worked on."""
    table = station_incidents
    query = select(table.c.id).where(table.c.household == household)
    if is_open:
        query = query.where(table.c.closed_at.is_(None))
    return connection.execute(query.limit(1)).first() is not None


def erase_incidents(
    connection: Connection, incidents: Sequence[_Row], consents: Consents | None
) -> None:
    """Delete closed incidents with all that hangs on them; count those that may be."""
    if not incidents:
        return
    ids = [row.id for row in incidents]
    keep_numbers(connection, (row.number for row in incidents))
    if consents is not None and consents.statistics:
        counted = [_counted(connection, row) for row in incidents]
        connection.execute(insert(statistics), counted)
    with on_purpose(connection):
        connection.execute(delete(desk_log).where(desk_log.c.incident.in_(ids)))
    connection.execute(
        delete(station_entries).where(station_entries.c.incident.in_(ids))
    )
    connection.execute(delete(orders).where(orders.c.incident.in_(ids)))
    connection.execute(delete(station_incidents).where(station_incidents.c.id.in_(ids)))


def erase_household(connection: Connection, household: str, at: datetime) -> bool:
    """Delete all that is known of a household; False while the desk works for it.

    What stays is its id and its key, so that it can be told; and that it was deleted.
    """
    if has_case(connection, household, is_open=True):
        return False
    row = connection.execute(
        select(households).where(households.c.id == household)
    ).one()
    table = station_incidents
    incidents = connection.execute(
        select(table).where(table.c.household == household)
    ).all()
    erase_incidents(connection, incidents, consents_of(row.consents))
    named = desk_log.c.body["household"].as_string() == household
    with on_purpose(connection):
        connection.execute(delete(desk_log).where(desk_log.c.incident.is_(None), named))
    connection.execute(delete(orders).where(orders.c.household == household))
    connection.execute(
        delete(pairing_codes).where(pairing_codes.c.household == household)
    )
    connection.execute(
        update(households)
        .where(households.c.id == household)
        .values(
            name="",
            address=None,
            latitude=None,
            longitude=None,
            contact=None,
            consents=None,
            former_key=None,
            former_key_until=None,
            enrolled_at=row.deletion_requested_at,
            last_seen=None,
            next_heartbeat_by=None,
            revoked_at=at,
        )
    )
    connection.execute(
        insert(desk_log).values(
            at=at,
            by=row.deletion_by,
            action=DELETED,
            body={"household": household, "incidents": len(incidents)},
        )
    )
    return True


def _counted(connection: Connection, row: _Row) -> dict[str, Any]:
    """Return what may stay of an incident: nothing that finds its people again."""
    firsts: dict[str, _Row] = {}
    steps = connection.execute(
        select(desk_log.c.at, desk_log.c.action, desk_log.c.body)
        .where(desk_log.c.incident == row.id)
        .order_by(desk_log.c.id)
    )
    for step in steps:
        firsts.setdefault(step.action, step)

    def minutes(action: str) -> int | None:
        if (step := firsts.get(action)) is None:
            return None
        seconds: float = (step.at - row.received_at).total_seconds()
        return max(0, round(seconds / 60))

    closed = firsts.get("close")
    disposition = closed.body.get("disposition") if closed is not None else None
    return {
        "month": f"{row.received_at:%Y-%m}",
        "hazard": row.hazard if row.hazard in _KNOWN_HAZARDS else _OTHER,
        "priority": row.priority,
        "drill": row.drill,
        "disposition": disposition if disposition in Disposition else None,
        "minutes_to_acknowledge": minutes("acknowledge"),
        "minutes_to_arrive": minutes("arrive"),
    }
