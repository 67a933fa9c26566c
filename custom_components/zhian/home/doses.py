"""What carbon monoxide detectors have counted, over a restart.

A slow build-up takes up to two hours to become an alarm. A restart in the middle of it
must not begin to count anew: at most the last minute is forgotten.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
import logging
from typing import Any, Final

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.event import async_track_time_interval
from homeassistant.helpers.storage import Store

from ..safety.carbon_monoxide import Dose
from ..safety.exposure import doses_now
from .guard import Guard

_LOGGER = logging.getLogger(__name__)

VERSION: Final = 1
INTERVAL: Final = timedelta(minutes=1)


class Doses:
    """The doses of a home in a small file; clean air writes nothing."""

    def __init__(self, hass: HomeAssistant, entry_id: str) -> None:
        """Name the file; nothing is read before `load`."""
        self._hass = hass
        self._store: Store[dict[str, Any]] = Store(
            hass, VERSION, f"zhian.doses.{entry_id}", private=True, atomic_writes=True
        )
        self._guard: Guard | None = None
        self._is_kept = False

    async def load(self) -> dict[str, Dose]:
        """Return what the last run has counted; nothing if that cannot be read."""
        try:
            found = await self._store.async_load()
            doses = {
                detector: _read(plain) for detector, plain in (found or {}).items()
            }
        except Exception:  # no count is worth a home without a guard
            _LOGGER.exception("What carbon monoxide detectors had counted is lost")
            return {}
        self._is_kept = bool(doses)
        return doses

    @callback
    def start(self, guard: Guard) -> CALLBACK_TYPE:
        """Keep what is counted from now on; return the end."""
        self._guard = guard
        return async_track_time_interval(self._hass, self._on_time, INTERVAL)

    async def _on_time(self, _: datetime) -> None:
        await self.save()

    async def save(self) -> None:
        """Write what is counted now, if there is anything, or was."""
        if self._guard is None:
            return
        doses = doses_now(self._guard.state, self._guard.clock.now())
        if not doses and not self._is_kept:
            return
        await self._store.async_save({d: _plain(dose) for d, dose in doses.items()})
        self._is_kept = bool(doses)

    async def remove(self) -> None:
        """Forget everything: the home is removed."""
        await self._store.async_remove()


def _plain(dose: Dose) -> dict[str, object]:
    return {
        "at": dose.at.isoformat(),
        "exposed": [exposed.total_seconds() for exposed in dose.exposed],
        "percent": dose.percent,
    }


def _read(plain: Mapping[str, Any]) -> Dose:
    return Dose(
        datetime.fromisoformat(plain["at"]),
        None,  # what was breathed while nobody looked, nobody knows
        tuple(timedelta(seconds=float(seconds)) for seconds in plain["exposed"]),
        float(plain["percent"]),
    )
