"""Deleting a household: asked for by its home or by the staff, done within a day.

Three steps, each on disk before the next: it is asked for; its rows are gone; nothing
of them is left in the file. Only then it counts as done. A restart goes on with what
was not done.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
import logging
from typing import TYPE_CHECKING, Final

from homeassistant.core import callback
from homeassistant.helpers.event import async_track_time_interval
from homeassistant.util import dt as dt_util

from sqlalchemy import Connection, update

from ..link.messages import Deletion
from ..link.withdrawn import IncidentWithdrawn, WithdrawalKept, WithdrawnReason
from ..store.errors import StoreError
from ..store.schema import households
from .cases import Case
from .const import DELETED_WITHIN as WITHIN
from .deletion_issue import DeletionIssue
from .erasing import erase_household, has_case
from .registry import Household, read_household
from .withdrawing import (
    erase_withdrawn,
    finish,
    read_erasures,
    withdraw,
    withdraw_above,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from . import Station

_LOGGER = logging.getLogger(__name__)

EVERY: Final = timedelta(hours=1)
AT_LEAST_BEFORE: Final = timedelta(hours=2)
"""So long before it is due the file is written anew, whatever the desk has to do."""


class Deletions:
    """Deletes what it was asked to, as soon as nobody works on it any more."""

    def __init__(self, station: Station) -> None:
        """Do nothing yet."""
        self._station = station
        self._lock = asyncio.Lock()
        self._issue = DeletionIssue(station.hass)
        self._erasures: dict[str, datetime | None] = {}
        """Incidents that a station below wants to be deleted, and by when."""

    async def load(self) -> None:
        """Read what those below want to be deleted."""
        self._erasures = await self._station.database.submit(read_erasures)

    @callback
    def start(self) -> Callable[[], None]:
        """Go on with what a former run has not done, and look every hour."""
        self.look()
        self._tell()
        stop = async_track_time_interval(
            self._station.hass, self._on_time, EVERY, cancel_on_shutdown=True
        )

        @callback
        def end() -> None:
            stop()
            self._issue.clear()

        return end

    @callback
    def look(self) -> None:
        """Delete in the background what can be deleted now."""
        if self._dues:
            self._station.entry.async_create_background_task(
                self._station.hass, self.run(), "zhian deletion"
            )

    async def _on_time(self, _: datetime) -> None:
        await self.run()

    @property
    def _dues(self) -> list[datetime]:
        """By when what was asked for and is not done has to be done."""
        found = [self._find(household) for household in self._station.registry.leaving]
        dues = [h.deletion_due for h in found if h and h.deletion_due]
        return dues + [due for due in self._erasures.values() if due]

    @callback
    def _tell(self) -> None:
        self._issue.show(self._dues)

    def is_withdrawn(self, incident: str) -> bool:
        """Whether a station below has wanted an incident to be deleted."""
        return incident in self._erasures

    async def withdraw(
        self, below: Household, incident: str, withdrawn: IncidentWithdrawn
    ) -> tuple[Case | None, WithdrawalKept | None]:
        """Take back what a station below has passed on; delete it if it says so.

        Return the case if that is news; nothing at all if there is no such incident.
        """
        now = dt_util.utcnow()
        found: tuple[Case | None, WithdrawalKept | None] = (None, None)

        def work(connection: Connection) -> Case | None:
            nonlocal found
            found = withdraw(connection, below.id, incident, withdrawn, below.name, now)
            return found[0]

        case = await self._station.write(work)
        kept = found[1]
        if kept is not None and kept.due is not None:
            self._erasures[incident] = None if kept.deleted_at else kept.due
            self.look()
        return case, kept

    async def ask(self, household: Household, by: str) -> Deletion:
        """Note that a household is to be deleted, and delete it if that can be."""
        now = dt_util.utcnow()

        def work(connection: Connection) -> Household:
            known = read_household(connection, household.id)
            if known.deletion_requested_at is None:
                connection.execute(
                    update(households)
                    .where(households.c.id == household.id)
                    .values(
                        deletion_requested_at=now,
                        deletion_due=now + WITHIN,
                        deletion_by=by[:64],
                    )
                )
                left = IncidentWithdrawn(WithdrawnReason.LEFT, now, erase=True)
                withdraw_above(connection, household.id, left)
            return read_household(connection, household.id)

        asked = await self._station.database.submit(work)
        self._station.registry.changed(asked)
        self._station.federation.wake()
        await self.run()
        found = self._find(household.id) or asked
        assert asked.deletion_requested_at is not None
        assert asked.deletion_due is not None
        return Deletion(
            requested_at=asked.deletion_requested_at,
            due=asked.deletion_due,
            deleted_at=found.deleted_at,
        )

    def _find(self, household: str) -> Household | None:
        registry = self._station.registry
        return registry.get(household) or registry.former(household)

    async def run(self) -> None:
        """Delete all that can be deleted now; what cannot waits for the next time."""
        async with self._lock:
            try:
                await self._run()
            except StoreError as error:
                _LOGGER.warning("A household could not be deleted yet: %s", error)
        self._tell()

    async def _run(self) -> None:
        gone = [
            household
            for household in self._station.registry.leaving
            if await self._erase(household)
        ]
        database = self._station.database
        incidents: list[str] = []
        if any(self._erasures.values()):
            incidents = await database.submit(erase_withdrawn)
        if not (gone or incidents) or not self._may_sweep(gone, incidents):
            return
        if not await database.sweep():
            return
        now = dt_util.utcnow()
        for household in gone:
            await self._finish(household, now)
        if incidents:
            await database.submit(lambda c: finish(c, incidents, now))
            self._erasures |= dict.fromkeys(incidents)

    async def _erase(self, household: str) -> bool:
        """Delete the rows of a household; harmless if that was done before."""
        now = dt_util.utcnow()

        def work(connection: Connection) -> Household | None:
            known = read_household(connection, household)
            is_erased = known.revoked_at is not None and not known.name
            if is_erased and not has_case(connection, household):
                return known
            if not erase_household(connection, household, now):
                return None
            return read_household(connection, household)

        erased = await self._station.database.submit(work)
        if erased is None:
            return False  # the desk is still working for it
        self._station.registry.changed(erased)
        self._station.lines.revoke(household)
        return True

    def _may_sweep(self, gone: Sequence[str], incidents: Sequence[str]) -> bool:
        """No report waits for a file that is written anew, unless time is running out."""
        if not self._station.cases.open:
            return True
        limit = dt_util.utcnow() + AT_LEAST_BEFORE
        found = (self._find(household) for household in gone)
        dues = [h.deletion_due for h in found if h]
        dues += [self._erasures.get(incident) for incident in incidents]
        return any(due and due <= limit for due in dues)

    async def _finish(self, household: str, at: datetime) -> None:
        def work(connection: Connection) -> Household:
            connection.execute(
                update(households)
                .where(households.c.id == household)
                .values(deleted_at=at)
            )
            return read_household(connection, household)

        self._station.registry.changed(await self._station.database.submit(work))
        _LOGGER.info("A household was deleted")
