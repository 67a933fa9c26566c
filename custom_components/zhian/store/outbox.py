"""What each receiver wants of the journal and what it has: the outbox on disk."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, Connection, case, func, select, update
from sqlalchemy.dialects.sqlite import insert

from .database import Database
from .schema import journal, outbox

REMOVED: Final = "removed"
"""Why nothing more is tried at a receiver that somebody has taken away."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """How far one receiver is with one incident. Revisions are entry numbers."""

    incident: str
    receiver: str
    wanted: int
    received: int
    abandoned: int
    reason: str | None
    number: str | None


def is_owed() -> ColumnElement[bool]:
    """Return the condition that a receiver waits for more than it has."""
    return (outbox.c.wanted > outbox.c.received) & (
        outbox.c.wanted > outbox.c.abandoned
    )


def want(connection: Connection, incident: str, receiver: str, revision: int) -> None:
    """Note within a transaction that a receiver is to get a revision."""
    statement = insert(outbox).values(
        receiver=receiver, incident=incident, wanted=revision
    )
    new = statement.excluded
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["receiver", "incident"],
            set_={"wanted": new.wanted},
            where=new.wanted > outbox.c.wanted,
        )
    )


class Outbox:
    """The durable half of the outbox; the sending half lives in the link."""

    def __init__(self, database: Database) -> None:
        """Use a database that its owner opens and closes."""
        self._database = database

    def mark_wanted(
        self, incident: str, receivers: str | Iterable[str], revision: int
    ) -> asyncio.Future[None]:
        """Note that receivers are to get an incident up to a revision."""
        wanting = (receivers,) if isinstance(receivers, str) else tuple(receivers)

        def work(connection: Connection) -> None:
            for receiver in wanting:
                want(connection, incident, receiver, revision)

        return self._database.submit(work, keep=True)

    def mark_received(
        self, incident: str, receiver: str, revision: int, number: str | None = None
    ) -> asyncio.Future[None]:
        """Note what a receiver has, and the number it gave. Late answers are harmless."""

        def work(connection: Connection) -> None:
            connection.execute(
                update(outbox)
                .where(outbox.c.incident == incident, outbox.c.receiver == receiver)
                .values(
                    received=_larger(outbox.c.received, revision),
                    number=func.coalesce(number, outbox.c.number),
                )
            )

        return self._database.submit(work, keep=True)

    def mark_abandoned(
        self, incident: str, receiver: str, revision: int, reason: str
    ) -> asyncio.Future[None]:
        """Note that no more is tried up to a revision; a newer one is tried again."""

        def work(connection: Connection) -> None:
            connection.execute(
                update(outbox)
                .where(outbox.c.incident == incident, outbox.c.receiver == receiver)
                .values(abandoned=_larger(outbox.c.abandoned, revision), reason=reason)
            )

        return self._database.submit(work, keep=True)

    def abandon_all_but(self, receivers: Iterable[str]) -> asyncio.Future[None]:
        """Note that whoever is not named here is not a receiver any more."""
        staying = tuple(receivers)

        def work(connection: Connection) -> None:
            connection.execute(
                update(outbox)
                .where(outbox.c.receiver.not_in(staying), is_owed())
                .values(abandoned=outbox.c.wanted, reason=REMOVED)
            )

        return self._database.submit(work, keep=True)

    async def pending(self, receiver: str) -> list[tuple[str, int]]:
        """Return incidents and revisions to send, oldest incident first.

        Never more than what is on disk: a wanted revision that is not is not sent.
        """
        on_disk = (
            select(func.max(journal.c.seq))
            .where(journal.c.incident == outbox.c.incident)
            .scalar_subquery()
        )
        revision = _smaller(outbox.c.wanted, on_disk)
        query = (
            select(outbox.c.incident, revision)
            .where(
                outbox.c.receiver == receiver,
                is_owed(),
                revision > outbox.c.received,
            )
            .order_by(outbox.c.incident)
        )

        def work(connection: Connection) -> list[tuple[str, int]]:
            return [(incident, last) for incident, last in connection.execute(query)]

        return await self._database.submit(work)

    async def delivery(self, incident: str, receiver: str) -> Delivery | None:
        """Return how far a receiver is with an incident, None if it wants none."""
        query = select(outbox).where(
            outbox.c.incident == incident, outbox.c.receiver == receiver
        )

        def work(connection: Connection) -> Delivery | None:
            row = connection.execute(query).one_or_none()
            return None if row is None else Delivery(**row._mapping)  # noqa: SLF001

        return await self._database.submit(work)


# Dialects disagree about the name of the larger and the smaller of two values.
def _larger(column: ColumnElement[int], value: int) -> ColumnElement[int]:
    return case((column > value, column), else_=value)


def _smaller(
    column: ColumnElement[int], other: ColumnElement[int]
) -> ColumnElement[int]:
    return case((column < other, column), else_=other)
