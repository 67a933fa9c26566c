"""Cases: an incident as reported, what the desk has done about it, and its timeline.

Everything durable happens in one transaction of the store; open cases are also kept
in memory, so that a board or a map never waits for a disk.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import ColumnElement, Connection, Row, insert, null, or_, select, update

from ..link.documents import IncidentDocument, TimelineEntry, parse_incident
from ..link.origins import joined
from ..link.views import StationView
from ..link.withdrawn import IncidentWithdrawn
from ..store.schema import desk_log, station_incidents
from .above import Above, richer
from .desk import Action, DeskRefused, Handling, Refusal, decide
from .records import (
    NAMES,
    body_of,
    next_number,
    read_entries,
    read_handling,
    write_entries,
)
from .timeline import Timeline

if TYPE_CHECKING:
    from ..store.database import Database

_LONGEST_NAME: Final = 64  # of a person in the desk's log


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
    above: Above | None = None
    """What the stations above have done about it."""
    withdrawn: IncidentWithdrawn | None = None
    """Why the station below stands for it no more."""

    @property
    def incident(self) -> str:
        """The incident's id, given by the home."""
        return self.document.id

    @property
    def is_open(self) -> bool:
        """Whether the station still has to do with it."""
        return self.closed_at is None

    @property
    def closed_at(self) -> datetime | None:
        """When it was over here: who has taken it ends it.

        A station that has not taken it has nothing to end once all the others that
        have, below it or above, have ended it, or when the one below has taken it back.
        """
        if self.handling.acknowledged is not None:
            return self.handling.closed.at if self.handling.closed else None
        if self.withdrawn is not None:
            return self.withdrawn.at
        views = [origin.view for origin in self.document.origins]
        if self.above is not None:
            views.append(self.above.view)
        ends = [view.closed for view in views if view.acknowledged]
        times = [end.at for end in ends if end is not None]
        return max(times) if times and len(times) == len(ends) else None

    def with_news(self, other: Case) -> Case:
        """Return this case with what another picture of it knows better."""
        newer = other.document.progress > self.document.progress
        more = other.handling.count > self.handling.count
        return replace(
            self,
            document=other.document if newer else self.document,
            handling=other.handling if more else self.handling,
            timeline=self.timeline.followed_by(other.timeline),
            above=richer(self.above, other.above),
            withdrawn=other.withdrawn,
        )


class Cases:
    """The open cases in memory, all of them on disk."""

    def __init__(self, database: Database) -> None:
        """Start empty."""
        self._database = database
        self._open: dict[str, Case] = {}

    def __len__(self) -> int:
        """Return how many cases are open."""
        return len(self._open)

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
        if case.is_open:
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

    async def find(self, named: str) -> Case | None:
        """Return a case by the incident's id or by its number."""
        table = station_incidents.c
        cases = await self._database.submit(
            lambda connection: _read_cases(
                connection, or_(table.id == named, table.number == named)
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
    elif news := _news(row, document):
        # What a station below goes on reporting, it stands for again.
        facts = _facts(news, at) | ({"withdrawn": null()} if row.withdrawn else {})
        connection.execute(update(table).where(table.c.id == document.id).values(facts))
    fresh = write_entries(connection, document, is_new=row is None)
    row = connection.execute(select(table).where(table.c.id == document.id)).one()
    if row.closed_at is not None:  # not in memory: read it whole
        fresh = read_entries(connection, document.id)
    return _settled(connection, row, fresh)


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
    return _settled(connection, row, read_entries(connection, incident))


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


def read_case(connection: Connection, incident: str) -> Case:
    """Return a case as its rows stand, and note whether it is over."""
    query = select(station_incidents).where(station_incidents.c.id == incident)
    row = connection.execute(query).one()
    return _settled(connection, row, read_entries(connection, incident))


def _settled(
    connection: Connection,
    row: Row[tuple[object, ...]],
    entries: Iterable[TimelineEntry],
) -> Case:
    """Return a case, and note whether it is over."""
    case = _case(connection, row, entries)
    if case.closed_at != row.closed_at:
        table = station_incidents
        connection.execute(
            update(table).where(table.c.id == row.id).values(closed_at=case.closed_at)
        )
    return case


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
    handling = read_handling(connection, row.id)
    actions = decide(handling, request)
    connection.execute(
        insert(desk_log),
        [
            {
                "incident": row.id,
                "at": action.at,
                "by": action.by[:_LONGEST_NAME],
                "action": NAMES[type(action)],
                "body": body_of(action),
            }
            for action in actions
        ],
    )
    handling = handling.after(actions)
    connection.execute(
        update(table)
        .where(table.c.id == row.id)
        .values(status=handling.status.value, updated_at=request.at)
    )
    row = connection.execute(select(table).where(table.c.id == row.id)).one()
    return _settled(connection, row, read_entries(connection, row.id))


def _facts(document: IncidentDocument, at: datetime) -> dict[str, Any]:
    return {
        "revision": document.revision,
        "hazard": document.hazard[:64],  # the whole word stands in the document
        "priority": document.priority,
        "drill": document.drill,
        "document": replace(document, entries=()).as_json(),
        "updated_at": at,
    }


def _read_cases(
    connection: Connection, *conditions: ColumnElement[bool], limit: int | None = None
) -> list[Case]:
    table = station_incidents
    rows = connection.execute(
        select(table).where(*conditions).order_by(table.c.number.desc()).limit(limit)
    ).all()
    return [_case(connection, row, read_entries(connection, row.id)) for row in rows]


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
        handling=read_handling(connection, row.id),
        timeline=Timeline(row.id).joined(entries),
        above=Above.from_json(row.above) if row.above else None,
        withdrawn=IncidentWithdrawn.from_json(row.withdrawn) if row.withdrawn else None,
    )
