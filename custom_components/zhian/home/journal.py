"""The home's journal: opened at the start, or as soon as the disk lets us."""

from collections.abc import Callable
from functools import partial
import logging
from pathlib import Path
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback

from ..safety.incident import Incident
from ..store.database import Database
from ..store.errors import StoreError
from ..store.journal import Journal
from ..store.outbox import Outbox
from .health import show_disk, show_unreadable
from .reopening import reopen
from .timelines import Timelines

_LOGGER = logging.getLogger(__name__)

DATABASE: Final = ("zhian", "home.db")


class HomeJournal:
    """Holds the database of a home; without one the home is guarded all the same."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry[Any],
        at_end: Callable[[Callable[[], None]], None],
    ) -> None:
        """Take what is to be called at the end to `at_end`; nothing is opened yet."""
        self._hass = hass
        self._entry = entry
        self._at_end = at_end
        self._path = Path(hass.config.path(*DATABASE))
        self.database: Database | None = None

    async def open(
        self, make: Callable[[Journal | None, Outbox | None], Timelines]
    ) -> tuple[Timelines, list[Incident]]:
        """Open the journal and return what is in it."""
        database = Database(self._path)
        try:
            await database.open()
            timelines = make(Journal(database), Outbox(database))
            await timelines.let_go_of_former_receivers()
            incidents = await timelines.load()
        except StoreError as error:
            _LOGGER.error("Incidents cannot be kept: %s", error)
            await database.close()
            show_disk(self._hass, error)
            return make(None, None), []
        self._keep(database)
        show_unreadable(self._hass, timelines.unreadable)
        return timelines, incidents

    @callback
    def use(self, timelines: Timelines, begin: Callable[[Database], None]) -> None:
        """Begin with what reads the journal, now or when it can be opened."""
        if self.database is not None:
            begin(self.database)
        else:
            self._reopen(timelines, begin)

    def _reopen(self, timelines: Timelines, begin: Callable[[Database], None]) -> None:
        """Try to open the journal until the disk is well; nothing waits for it."""

        def keep(database: Database) -> None:
            self._keep(database)
            begin(database)

        def begin_anew() -> None:
            self._hass.config_entries.async_schedule_reload(self._entry.entry_id)

        reopening = self._entry.async_create_background_task(
            self._hass,
            reopen(self._path, timelines, keep, begin_anew),
            "zhian journal",
        )

        @callback
        def stop() -> None:
            reopening.cancel()

        self._at_end(stop)

    def _keep(self, database: Database) -> None:
        """Close this database at the end, and tell of its health until then."""
        self.database = database
        show_disk(self._hass, None)
        self._at_end(database.watch_health(partial(show_disk, self._hass)))

    async def close(self) -> None:
        """Close the database, with everything written."""
        if self.database is not None:
            await self.database.close()
