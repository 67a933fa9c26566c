"""What comes from other stations: incidents from below, how far it is from above."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from ..link.documents import IncidentDocument, parse_incident
from ..link.origins import joined
from ..link.views import StationView
from ..store.schema import station_incidents
from .above import Above
from .arrivals import Arrival
from .cases import Case, settled
from .desk import Status
from .records import next_number, read_entries, read_handling, write_entries


def take(connection: Connection, arrival: Arrival) -> Case | None:
    """Write what a station below passes on; None if it came by another way before.

    The same revision twice, or an older one late, changes nothing but fills gaps in
    the timeline. A drill may turn out to be real, a real incident never turns into a
    drill: no later document can talk the station out of an alarm.
    """
    household, document, at = arrival.household, arrival.document, arrival.at
    table = station_incidents
    row = connection.execute(select(table).where(table.c.id == document.id)).first()
    if row is None:
        connection.execute(
            insert(table).values(
                id=document.id,
                household=household,
                number=next_number(connection, at),
                status=Status.RECEIVED.value,
                received_at=at,
                **_facts(document, at),
            )
        )
    elif row.household != household:
        return None
    elif news := _news(row, document):
        connection.execute(
            update(table).where(table.c.id == document.id).values(_facts(news, at))
        )
    fresh = write_entries(connection, document, is_new=row is None)
    row = connection.execute(select(table).where(table.c.id == document.id)).one()
    if row.closed_at is not None:  # not in memory: read it whole
        fresh = read_entries(connection, document.id)
    return settled(connection, row, fresh)


def hear(
    connection: Connection, incident: str, station: str, view: StationView
) -> Case | None:
    """Write how far the station above is; None if that is no news."""
    table = station_incidents
    query = select(table).where(table.c.id == incident)
    if (row := connection.execute(query).first()) is None:
        return None
    before = Above.from_json(row.above) if row.above else None
    above = Above.heard(before, station, view, read_handling(connection, incident))
    if above == before:
        return None
    connection.execute(
        update(table).where(table.c.id == incident).values(above=above.as_json())
    )
    row = connection.execute(query).one()
    return settled(connection, row, read_entries(connection, incident))


def _news(
    row: Row[tuple[object, ...]], document: IncidentDocument
) -> IncidentDocument | None:
    """Return what is to be kept of a document, None if all of it is known.

    A home's facts by its revision, and what each station on the way has done by that
    station's own count: whatever overtakes what, the same is known in the end.
    """
    is_newer = document.revision > row.revision
    if not is_newer and not document.origins:
        return None
    known = parse_incident(row.document)
    news = replace(document, drill=document.drill and row.drill) if is_newer else known
    news = replace(news, origins=joined(known.origins, document.origins))
    return news if is_newer or news.origins != known.origins else None


def _facts(document: IncidentDocument, at: datetime) -> dict[str, Any]:
    return {
        "revision": document.revision,
        "hazard": document.hazard[:64],  # the whole word stands in the document
        "priority": document.priority,
        "drill": document.drill,
        "document": replace(document, entries=()).as_json(),
        "updated_at": at,
    }
