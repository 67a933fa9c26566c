"""The routines of the home: who is watched, kept over restarts."""

import asyncio
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
import logging
from typing import Any, Final

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.event import async_track_time_interval
from homeassistant.helpers.storage import Store

from ..const import DOMAIN
from .activity import Activity
from .guard import Guard
from .routine_options import RoutineBinding

_LOGGER = logging.getLogger(__name__)

VERSION: Final = 1
SAVED_EVERY: Final = timedelta(minutes=10)
"""What a power cut may cost of what was learnt; the silence goes on over it."""


def storage(hass: HomeAssistant, entry_id: str) -> Store[dict[str, Any]]:
    """Return where a home keeps what it has learnt: who moves when is private."""
    return Store(
        hass,
        VERSION,
        f"{DOMAIN}.routines.{entry_id}",
        private=True,
        atomic_writes=True,
    )


class Routines:
    """All persons whose activity is watched."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry_id: str,
        bindings: Iterable[RoutineBinding],
    ) -> None:
        """Keep whom to watch."""
        self._hass = hass
        self._store = storage(hass, entry_id)
        self.bindings = tuple(bindings)
        self.activities: tuple[Activity, ...] = ()
        self._saving: set[asyncio.Task[None]] = set()

    async def load(self, guard: Guard) -> None:
        """Remember what was learnt; without it everything is learnt anew."""
        if not self.bindings:
            return
        try:
            kept = await self._store.async_load() or {}
        except HomeAssistantError, OSError, ValueError:
            _LOGGER.exception("What was learnt of routines cannot be read")
            kept = {}
        self.activities = tuple(
            Activity(self._hass, guard, binding, _mapping(kept.get(binding.id)))
            for binding in self.bindings
        )

    @callback
    def start(self) -> CALLBACK_TYPE:
        """Watch; return the end."""
        ends: list[Callable[[], None]] = []
        for activity in self.activities:
            activity.on_durable = self._save_soon
            ends.append(activity.start())
        if self.activities:
            ends.append(
                async_track_time_interval(
                    self._hass, self._on_time, SAVED_EVERY, cancel_on_shutdown=True
                )
            )

        @callback
        def stop() -> None:
            for end in ends:
                end()

        return stop

    @callback
    def expect_all(self) -> None:
        """Everything that will come has come."""
        for activity in self.activities:
            activity.expect_all()

    @callback
    def _on_time(self, _: datetime) -> None:
        self._save_soon()

    @callback
    def _save_soon(self) -> None:
        task = self._hass.async_create_task(self.save(), "zhian save routines")
        self._saving.add(task)
        task.add_done_callback(self._saving.discard)

    async def save(self) -> None:
        """Write what is known; a disk that refuses costs memory, not protection."""
        if not self.activities:
            return
        try:
            await self._store.async_save(
                {a.binding.id: a.as_data() for a in self.activities}
            )
        except HomeAssistantError, OSError, ValueError:
            _LOGGER.exception("What was learnt of routines cannot be kept")


def _mapping(value: object) -> dict[str, Any] | None:
    return value if isinstance(value, dict) else None
