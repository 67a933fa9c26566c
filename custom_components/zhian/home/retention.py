"""How long the home remembers: long enough for a dispute, not for ever."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
import logging
from typing import Final

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.event import async_track_time_interval
from homeassistant.helpers.start import async_at_started

from ..store.errors import StoreError
from ..store.journal import Journal

_LOGGER = logging.getLogger(__name__)

KEPT_FOR: Final = timedelta(days=365)
KEPT_AT_LEAST: Final = 999
"""Incidents that are kept however old: also a clock that is wrong cannot erase them."""
EVERY: Final = timedelta(days=1)


class Retention:
    """Forgets what is over and old, once a day, behind everything else."""

    def __init__(
        self, hass: HomeAssistant, journal: Journal, now: Callable[[], datetime]
    ) -> None:
        """Keep a journal in bounds."""
        self._hass = hass
        self._journal = journal
        self._now = now
        self._task: asyncio.Task[None] | None = None

    @callback
    def start(self) -> CALLBACK_TYPE:
        """Look after the start, for a home that restarts every day, and daily."""

        @callback
        def started(_: HomeAssistant) -> None:
            self._begin()

        @callback
        def daily(_: datetime) -> None:
            self._begin()

        ends = (
            async_at_started(self._hass, started),
            async_track_time_interval(
                self._hass, daily, EVERY, cancel_on_shutdown=True
            ),
        )

        @callback
        def stop() -> None:
            for end in ends:
                end()
            if self._task is not None:
                self._task.cancel()

        return stop

    @callback
    def _begin(self) -> None:
        if self._task is None or self._task.done():
            self._task = self._hass.async_create_background_task(
                self.forget(), "zhian retention"
            )

    async def forget(self) -> None:
        """Remove what need not be kept; the next day comes if the disk refuses."""
        try:
            removed = await self._journal.purge(self._now() - KEPT_FOR, KEPT_AT_LEAST)
        except StoreError as error:
            _LOGGER.debug("Old incidents are kept for now: %s", error)
            return
        if removed:
            _LOGGER.info("%s incidents older than a year were removed", removed)
