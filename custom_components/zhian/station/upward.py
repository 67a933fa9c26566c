"""What waits to go up: a table beside the incidents, written with them."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from homeassistant.util import dt as dt_util

from sqlalchemy import (
    ColumnElement,
    Connection,
    Table,
    case as case_,
    delete,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.sqlite import insert

from ..link.outbox import Waiting
from ..link.withdrawn import IncidentWithdrawn
from ..store.schema import desk_log, station_incidents, uplink, withdrawals
from .records import NAMES

if TYPE_CHECKING:
    from ..link.documents import IncidentDocument
    from ..store.database import Database

WITHDRAWN: Final = 2**31
"""Stands for a revision: that an incident is taken back is newer than all of them."""
REFUSED_FOR: Final = timedelta(hours=24)
"""What is refused is shown again for as long after the incident is over."""


def want(connection: Connection, receiver: str, document: IncidentDocument) -> None:
    """Note, with what has changed, that the station above is to be told of it.

    How much that is: what the document tells, and what the desk here has done.
    """
    done = (
        select(func.count())
        .where(
            desk_log.c.incident == document.id, desk_log.c.action.in_(NAMES.values())
        )
        .scalar_subquery()
    )
    statement = insert(uplink).values(
        receiver=receiver, incident=document.id, wanted=document.progress + done
    )
    new = statement.excluded
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["receiver", "incident"],
            set_={"wanted": new.wanted},
            where=new.wanted > uplink.c.wanted,
        )
    )


class Upward:
    """What one station above has of each incident, and what it is to have."""

    def __init__(
        self,
        database: Database,
        receiver: str,
        may_go_up: Callable[[str], bool],
    ) -> None:
        """`may_go_up` says of a household whether it may be passed on."""
        self._database = database
        self._receiver = receiver
        self._may_go_up = may_go_up
        self._entries: dict[str, int] = {}
        self._told: dict[str, IncidentWithdrawn] = {}

    async def pending(self) -> Sequence[Waiting]:
        """Return what is to be sent, and what is to be taken back.

        What is not refused is never given up.
        """
        incidents = station_incidents.c
        since = dt_util.utcnow() - REFUSED_FOR
        query = (
            select(
                uplink.c.incident,
                uplink.c.wanted,
                incidents.received_at,
                incidents.household,
            )
            .join(station_incidents, incidents.id == uplink.c.incident)
            .where(
                uplink.c.receiver == self._receiver,
                uplink.c.wanted > uplink.c.received,
                incidents.withdrawn.is_(None),
                or_(
                    uplink.c.refusal.is_(None),
                    incidents.closed_at.is_(None),
                    incidents.closed_at > since,
                ),
            )
        )

        back = select(withdrawals.c.incident, withdrawals.c.at).where(
            withdrawals.c.receiver == self._receiver
        )

        def work(
            connection: Connection,
        ) -> tuple[list[tuple[Waiting, str]], dict[str, Waiting]]:
            return [
                (Waiting(row.incident, row.wanted, row.received_at), row.household)
                for row in connection.execute(query)
            ], {
                row.incident: Waiting(row.incident, WITHDRAWN, row.at)
                for row in connection.execute(back)
            }

        up, taken_back = await self._database.submit(work)
        return [
            waiting
            for waiting, household in up
            if self._may_go_up(household) and waiting.incident not in taken_back
        ] + [*taken_back.values()]

    async def withdrawn(self, incident: str) -> IncidentWithdrawn | None:
        """Return why an incident is to be taken back, if it is."""
        query = select(withdrawals).where(*self._of(incident, withdrawals))
        row = await self._database.submit(
            lambda connection: connection.execute(query).first()
        )
        if row is None:
            return None
        return IncidentWithdrawn(row.reason, row.at, erase=row.erase)

    def told(self, incident: str, withdrawn: IncidentWithdrawn) -> None:
        """Keep in mind what the station above has heard, to be crossed out."""
        self._told[incident] = withdrawn

    async def entries(self, incident: str) -> int:
        """Return how much of an incident's timeline is there."""
        query = select(uplink.c.entries).where(*self._of(incident))
        return await self._database.submit(
            lambda connection: connection.scalar(query) or 0
        )

    def answered(self, incident: str, entries: int) -> None:
        """Keep in mind how much of the timeline is there, to be written with the rest."""
        self._entries[incident] = entries

    async def received(self, incident: str, revision: int, number: str) -> None:
        """Write down what the station above has."""
        if (told := self._told.pop(incident, None)) is not None:
            of_one = withdrawals.c
            crossed_out = delete(withdrawals).where(
                *self._of(incident, withdrawals),
                of_one.at == told.at,  # there may be a newer one meanwhile
                of_one.erase == told.erase,
            )
            await self._database.submit(lambda c: c.execute(crossed_out))
            return
        entries = self._entries.pop(incident, 0)
        known = uplink.c.received
        statement = (
            update(uplink)
            .where(*self._of(incident))
            .values(
                received=case_((known > revision, known), else_=revision),
                entries=entries,
                number=number,
                refusal=None,
            )
        )
        await self._database.submit(lambda connection: connection.execute(statement))

    async def refused(self, incident: str, reason: str) -> None:
        """Write down why it is not taken."""
        statement = (
            update(uplink).where(*self._of(incident)).values(refusal=reason[:200])
        )
        await self._database.submit(lambda connection: connection.execute(statement))

    async def followed(self) -> list[str]:
        """Return the open incidents that are there: those to be asked about."""
        query = (
            select(uplink.c.incident)
            .join(station_incidents, station_incidents.c.id == uplink.c.incident)
            .where(
                uplink.c.receiver == self._receiver,
                uplink.c.received > 0,
                station_incidents.c.closed_at.is_(None),
            )
            .order_by(station_incidents.c.priority, uplink.c.incident)
        )
        return await self._database.submit(
            lambda connection: list(connection.scalars(query))
        )

    def _of(
        self, incident: str, table: Table = uplink
    ) -> tuple[ColumnElement[bool], ...]:
        return table.c.receiver == self._receiver, table.c.incident == incident
