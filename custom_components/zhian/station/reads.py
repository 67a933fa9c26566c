"""Who has looked at whose data, and when: written in groups, never by every change.

A person who follows the board sees an incident change many times; that they see it is
noted once. Nothing is noted when a state changes that nobody new looks at.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from homeassistant.core import callback
from homeassistant.helpers.event import async_call_later
from homeassistant.util import dt as dt_util

from sqlalchemy import ColumnElement, Connection, insert, select

from ..store.schema import reads
from .cases import Case

if TYPE_CHECKING:
    from . import Station


WRITE_EVERY: Final = 5.0
"""Seconds; a crash may cost as much of the log."""
AGAIN_AFTER: Final = 300.0
"""Seconds after which the same look of the same person is a new one."""
FULL: Final = 500
"""Looks that are written at once, whatever the time."""
MAP: Final = "*"
"""Whoever may see the map: Home Assistant does not say who looks at a state."""


class How(StrEnum):
    """By which way somebody has looked."""

    BOARD = "board"
    LIST = "list"
    DESK = "desk"
    MAP = "map"
    HOUSEHOLDS = "households"


@dataclass(frozen=True, slots=True)
class _Look:
    by: str
    how: How
    household: str
    incident: str | None


class Reads:
    """The log of reads."""

    def __init__(self, station: Station) -> None:
        """Begin with nothing to write."""
        self._station = station
        self._waiting: dict[_Look, datetime] = {}
        self._seen: dict[_Look, datetime] = {}
        self._timer: Callable[[], None] | None = None
        self._is_over = False

    @callback
    def close(self) -> None:
        """Write the last; what is shown after the end is noted by nobody."""
        self.write()
        self._is_over = True

    @callback
    def note(self, by: str, how: How, cases: Iterable[Case]) -> None:
        """Note that somebody sees these incidents."""
        if self._is_over:
            return
        now = dt_util.utcnow()
        for case in cases:
            self._note(_Look(by[:64], how, case.household, case.incident), now)

    @callback
    def note_households(self, by: str, households: Iterable[str]) -> None:
        """Note that somebody sees these households in their list."""
        if self._is_over:
            return
        now = dt_util.utcnow()
        for household in households:
            self._note(_Look(by[:64], How.HOUSEHOLDS, household, None), now)

    def _note(self, look: _Look, now: datetime) -> None:
        before = self._seen.get(look)
        if before is not None and (now - before).total_seconds() < AGAIN_AFTER:
            return
        self._seen[look] = now
        self._waiting.setdefault(look, now)
        if len(self._waiting) >= FULL:
            self.write()
        elif self._timer is None:
            self._timer = async_call_later(
                self._station.hass, WRITE_EVERY, self._on_time
            )

    @callback
    def _on_time(self, now: datetime) -> None:
        self._timer = None
        self.write()
        self._seen = {
            look: at
            for look, at in self._seen.items()
            if (now - at).total_seconds() < AGAIN_AFTER
        }

    @callback
    def write(self) -> None:
        """Write what was noted; all of it in one statement."""
        if self._timer is not None:
            self._timer()
            self._timer = None
        if not self._waiting:
            return
        rows = [
            {
                "at": at,
                "by": look.by,
                "how": look.how.value,
                "household": look.household,
                "incident": look.incident,
            }
            for look, at in self._waiting.items()
        ]
        self._waiting = {}

        def work(connection: Connection) -> None:
            connection.execute(insert(reads), rows)

        # Kept until the disk takes it; a failure is told by the database itself.
        self._station.database.submit(work, keep=True)

    async def find(
        self,
        *,
        household: str | None = None,
        incident: str | None = None,
        since: datetime | None = None,
        limit: int = 100,
    ) -> list[dict[str, Any]]:
        """Return who has looked, the newest first."""
        self.write()
        conditions: list[ColumnElement[bool]] = []
        if household is not None:
            conditions.append(reads.c.household == household)
        if incident is not None:
            conditions.append(reads.c.incident == incident)
        if since is not None:
            conditions.append(reads.c.at >= since)
        query = (
            select(reads).where(*conditions).order_by(reads.c.id.desc()).limit(limit)
        )

        def work(connection: Connection) -> list[dict[str, Any]]:
            return [
                {
                    "at": row.at.isoformat(),
                    "by": row.by,
                    "how": row.how,
                    "household": row.household,
                    "incident": row.incident,
                }
                for row in connection.execute(query)
            ]

        return await self._station.database.submit(work)
