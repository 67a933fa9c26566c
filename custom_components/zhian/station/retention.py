"""How long the station remembers: closed incidents, who has looked, who has left."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
import logging
from typing import TYPE_CHECKING, Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.event import async_track_time_interval
from homeassistant.helpers.start import async_at_started
from homeassistant.util import dt as dt_util

from sqlalchemy import Connection, delete, select

from ..store.errors import StoreError
from ..store.schema import erasures, households, reads, station_incidents
from .erasing import consents_of, erase_incidents, on_purpose

if TYPE_CHECKING:
    from . import Station

_LOGGER = logging.getLogger(__name__)

EVERY: Final = timedelta(days=1)
READS_KEPT: Final = timedelta(days=730)
"""Longer than what was looked at: who has looked can be asked when it is gone."""
ANSWERED_FOR: Final = timedelta(days=30)
"""How long a deleted household is told so: a home may be away for as long."""
AT_ONCE: Final = 100
"""Incidents in one transaction: a report does not wait for all of them."""


class StationRetention:
    """Forgets what is over and old, once a day, behind everything else."""

    def __init__(self, station: Station, days: int) -> None:
        """Keep closed incidents for so many days."""
        self._station = station
        self._days = days
        self._task: asyncio.Task[int] | None = None

    @callback
    def start(self) -> Callable[[], None]:
        """Look after the start, for a station that restarts every day, and daily."""

        @callback
        def begin(_: HomeAssistant | datetime) -> None:
            if self._task is None or self._task.done():
                self._task = self._station.hass.async_create_background_task(
                    self.forget(), "zhian station retention"
                )

        hass = self._station.hass
        ends = (
            async_at_started(hass, begin),
            async_track_time_interval(hass, begin, EVERY, cancel_on_shutdown=True),
        )

        @callback
        def stop() -> None:
            for end in ends:
                end()
            if self._task is not None:
                self._task.cancel()

        return stop

    async def forget(self) -> int:
        """Delete what need not be kept; the next day comes if the disk refuses."""
        now, removed = dt_util.utcnow(), 0
        try:
            for household, days in await self._station.database.submit(self._limits):
                while part := await self._forget_closed(
                    household, now - timedelta(days=days)
                ):
                    removed += part
            await self._forget_others(now)
            if removed and not self._station.cases.open:
                await self._station.database.sweep()
        except StoreError as error:
            _LOGGER.warning("Old incidents are kept for now: %s", error)
        if removed:
            _LOGGER.info("%s closed incidents were deleted by their age", removed)
        return removed

    def _limits(self, connection: Connection) -> list[tuple[str, int]]:
        """Return for how many days the incidents of each household are kept."""
        found = []
        for row in connection.execute(select(households.c.id, households.c.consents)):
            agreed = consents_of(row.consents)
            wish = agreed.keep_days if agreed else None
            found.append((row.id, min(self._days, wish or self._days)))
        return found

    async def _forget_closed(self, household: str, before: datetime) -> int:
        table = station_incidents

        def work(connection: Connection) -> int:
            old = connection.execute(
                select(table)
                .where(table.c.household == household, table.c.closed_at < before)
                .limit(AT_ONCE)
            ).all()
            consents = connection.scalar(
                select(households.c.consents).where(households.c.id == household)
            )
            erase_incidents(connection, old, consents_of(consents))
            return len(old)

        return await self._station.database.submit(work)

    async def _forget_others(self, now: datetime) -> None:
        """Forget who has looked long ago, and who has left."""
        of_one = households.c

        def work(connection: Connection) -> tuple[list[str], list[str]]:
            with on_purpose(connection):
                connection.execute(delete(reads).where(reads.c.at < now - READS_KEPT))
            connection.execute(
                delete(erasures).where(erasures.c.deleted_at < now - ANSWERED_FOR)
            )
            gone = list(
                connection.scalars(
                    select(of_one.id).where(of_one.deleted_at < now - ANSWERED_FOR)
                )
            )
            connection.execute(delete(households).where(of_one.id.in_(gone)))
            revoked = connection.scalars(
                select(of_one.id).where(
                    of_one.revoked_at < now - timedelta(days=self._days),
                    of_one.deletion_requested_at.is_(None),
                )
            )
            return gone, list(revoked)

        gone, revoked = await self._station.database.submit(work)
        for household in gone:
            self._station.registry.forget(household)
        for household in revoked:  # served no more for so long: nothing is left to do
            if (former := self._station.registry.former(household)) is not None:
                await self._station.deletions.ask(former, self._station.name)
