"""The journal as a record: found by time, counted, and proved entry by entry."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, String, exists, select, type_coerce

from .database import Database
from .journal import CLOSED, GENESIS, fingerprint
from .schema import journal, outbox


@dataclass(frozen=True, slots=True)
class Proof:
    """What became of one timeline since it was written."""

    incident: str
    entries: int
    broken: int | None
    """The number of the first entry that is missing or not what was written."""

    @property
    def is_intact(self) -> bool:
        """Whether every entry is what was written."""
        return self.broken is None


class Archive:
    """Reads of the journal that nobody waits for in an emergency.

    Each is short: an incident at a time, so that an alarm never waits long behind one.
    """

    def __init__(self, database: Database) -> None:
        """Use a database that its owner opens and closes."""
        self._database = database

    async def incidents(
        self, since: datetime | None = None, limit: int | None = None
    ) -> list[str]:
        """Return the incidents that were open at some time since then, newest first."""
        query = select(journal.c.incident).where(journal.c.seq == 1)
        if since is not None:
            other = journal.alias()
            over = exists().where(
                other.c.incident == journal.c.incident,
                other.c.kind == CLOSED,
                other.c.at < since,
            )
            query = query.where(~over)
        query = query.order_by(journal.c.incident.desc()).limit(limit)

        def work(connection: Connection) -> list[str]:
            return list(connection.scalars(query))

        return await self._database.submit(work)

    async def opened_since(self, since: datetime) -> dict[str, datetime]:
        """Return when the real incidents since then were opened, drills left out."""
        query = select(journal.c.incident, journal.c.at).where(
            journal.c.seq == 1,
            journal.c.at >= since,
            ~journal.c.body.contains('"drill":true'),
            ~journal.c.body.contains('"silent":true'),
        )

        def work(connection: Connection) -> dict[str, datetime]:
            return {row.incident: row.at for row in connection.execute(query)}

        return await self._database.submit(work)

    async def last_opened(self) -> datetime | None:
        """Return when the newest real incident was opened."""
        query = (
            select(journal.c.at)
            .where(
                journal.c.seq == 1,
                ~journal.c.body.contains('"drill":true'),
                ~journal.c.body.contains('"silent":true'),
            )
            .order_by(journal.c.incident.desc())
            .limit(1)
        )
        return await self._database.submit(lambda connection: connection.scalar(query))

    async def prove(self, incident: str, head: str | None = None) -> Proof:
        """Check the hash chain of one timeline as it lies on the disk.

        What is on the disk is taken as it is: an entry that cannot even be read is a
        broken one. A timeline that ends too early shows against a known last hash,
        the `head`, or against what a receiver was to get.
        """
        rows = select(
            journal.c.seq,
            type_coerce(journal.c.at, String).label("at"),
            journal.c.kind,
            journal.c.body,
            journal.c.previous,
            journal.c.hash,
        )
        rows = rows.where(journal.c.incident == incident).order_by(journal.c.seq)
        wanted = select(outbox.c.wanted).where(outbox.c.incident == incident)

        def work(connection: Connection) -> Proof:
            previous, seq, is_head_there = GENESIS, 0, head is None
            found = connection.execute(rows).all()
            for row in found:
                seq += 1
                seal = fingerprint(
                    row.body.encode(),
                    at=row.at,
                    incident=incident,
                    kind=row.kind,
                    previous=previous,
                    seq=seq,
                )
                if (row.seq, row.previous, row.hash) != (seq, previous, seal):
                    return Proof(incident, len(found), seq)
                previous = seal
                is_head_there = is_head_there or seal == head
            expected = max(connection.scalars(wanted), default=0)
            if expected > seq or not is_head_there or not found:
                return Proof(incident, len(found), seq + 1)
            return Proof(incident, len(found), None)

        return await self._database.submit(work)
