"""Notices: what the station has to say to all its households, until it is over."""

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import uuid7

from homeassistant.util import dt as dt_util

from sqlalchemy import Connection, delete, insert, select

from ..link.messages import MAX_NOTICES, StationNotice
from ..store.schema import notices

if TYPE_CHECKING:
    from ..store.database import Database


class Notices:
    """The notices that count, in memory and on disk."""

    def __init__(self, database: Database) -> None:
        """Begin with none."""
        self._database = database
        self._notices: tuple[StationNotice, ...] = ()

    async def load(self) -> None:
        """Read what a former run has said."""
        now = dt_util.utcnow()

        def work(connection: Connection) -> tuple[StationNotice, ...]:
            connection.execute(delete(notices).where(notices.c.until <= now))
            rows = connection.execute(select(notices).order_by(notices.c.at))
            return tuple(
                StationNotice(row.id, row.text, row.by, row.at, row.until)
                for row in rows
            )

        self._notices = await self._database.submit(work)

    @property
    def present(self) -> tuple[StationNotice, ...]:
        """What is to be said now; the oldest gives way to one too many."""
        if not self._notices:
            return ()
        now = dt_util.utcnow()
        self._notices = tuple(n for n in self._notices if n.until > now)
        return self._notices[-MAX_NOTICES:]

    async def publish(self, text: str, by: str, until: datetime) -> StationNotice:
        """Write a notice down."""
        notice = StationNotice(str(uuid7()), text, by[:64], dt_util.utcnow(), until)

        def work(connection: Connection) -> None:
            connection.execute(
                insert(notices).values(
                    id=notice.id,
                    text=notice.text,
                    by=notice.by,
                    at=notice.at,
                    until=notice.until,
                )
            )

        await self._database.submit(work)
        self._notices = (*self._notices, notice)
        return notice
