"""How many incidents there were, for statistics over the years."""

from collections.abc import Callable
from datetime import datetime

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntity,
    SensorStateClass,
)
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.util import dt as dt_util

from ..safety.entries import Entry, Opened
from ..store.archive import Archive
from ..store.errors import StoreError
from .entity import HomeEntity
from .guard import Guard
from .options import HomeOptions


class Tally:
    """The real incidents of the calendar year; drills do not count."""

    def __init__(self, guard: Guard) -> None:
        """Begin with nothing; the journal is read later."""
        self._guard = guard
        self._opened: dict[str, datetime] = {}
        self._is_read = False
        self._last: datetime | None = None
        self.on_read: list[Callable[[], None]] = []

    @callback
    def start(self, hass: HomeAssistant, archive: Archive) -> CALLBACK_TYPE:
        """Count what comes, and read what was; nothing waits for it."""
        end = self._guard.subscribe_news(self._on_entry)
        task = hass.async_create_background_task(self._read(archive), "zhian tally")

        @callback
        def stop() -> None:
            end()
            task.cancel()

        return stop

    async def _read(self, archive: Archive) -> None:
        start = _start_of_year(self._guard.clock.now())
        try:
            # An incident that opens meanwhile is counted once: by its id.
            self._opened |= await archive.opened_since(start)
            last = await archive.last_opened()
        except StoreError:
            return  # the disk's repair says why there is no number
        self._last = max(filter(None, (self._last, last)), default=None)
        self._is_read = True
        for tell in tuple(self.on_read):
            tell()

    @callback
    def _on_entry(self, entry: Entry) -> None:
        if isinstance(entry, Opened) and not (entry.drill or entry.silent):
            self._opened[entry.incident] = entry.at
            self._last = entry.at

    @property
    def this_year(self) -> int | None:
        """Return how many there were; it begins anew on the first of January."""
        if not self._is_read:
            return None
        start = _start_of_year(self._guard.clock.now())
        return sum(at >= start for at in self._opened.values())

    @property
    def last(self) -> datetime | None:
        """Return when the newest one began."""
        return self._last


def _start_of_year(now: datetime) -> datetime:
    local = dt_util.as_local(now)
    return dt_util.as_utc(
        local.replace(month=1, day=1, hour=0, minute=0, second=0, microsecond=0)
    )


class TallySensor(HomeEntity, SensorEntity):
    """A sensor that reads the tally."""

    def __init__(
        self, guard: Guard, options: HomeOptions, tally: Tally, key: str
    ) -> None:
        """Follow a tally, too."""
        super().__init__(guard, options, key)
        self._tally = tally

    async def async_added_to_hass(self) -> None:
        """Follow the reading of the journal."""
        await super().async_added_to_hass()
        self._tally.on_read.append(self._on_change)
        self.async_on_remove(lambda: self._tally.on_read.remove(self._on_change))


class IncidentsThisYear(TallySensor):
    """How many incidents there were this year."""

    _attr_state_class = SensorStateClass.TOTAL_INCREASING

    def __init__(self, guard: Guard, options: HomeOptions, tally: Tally) -> None:
        """Make the sensor."""
        super().__init__(guard, options, tally, "incidents_this_year")

    @callback
    def _refresh(self) -> None:
        self._attr_native_value = self._tally.this_year


class LastIncident(TallySensor):
    """When the last incident began."""

    _attr_device_class = SensorDeviceClass.TIMESTAMP

    def __init__(self, guard: Guard, options: HomeOptions, tally: Tally) -> None:
        """Make the sensor."""
        super().__init__(guard, options, tally, "last_incident")

    @callback
    def _refresh(self) -> None:
        self._attr_native_value = self._tally.last
