"""What the upkeep of the home remembers over a restart.

Habits and dates, no incidents: those are in the journal. If it is lost, the home is
guarded as before, learns anew, and may say once more what it has said.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.storage import Store
from homeassistant.util import dt as dt_util

from ..const import DOMAIN
from ..safety.rhythm import Rhythm

VERSION: Final = 1
SAVE_AFTER: Final = 60.0
DRILLS_KEPT: Final = 12


@dataclass(frozen=True, slots=True)
class Movement:
    """When a valve was last exercised, and whether that was proved."""

    at: datetime
    is_proved: bool


class Memory:
    """The upkeep's memory, in Home Assistant's own storage."""

    def __init__(self, hass: HomeAssistant, entry_id: str) -> None:
        """Begin with nothing in mind."""
        self._hass = hass
        self._store: Store[dict[str, Any]] = Store(
            hass, VERSION, f"{DOMAIN}.upkeep_{entry_id}", atomic_writes=True
        )
        self.rhythms: dict[str, Rhythm] = {}
        """By entity: how often a device speaks."""
        self.silent: dict[str, datetime] = {}
        """By entity: the last word of a device that has been silent for too long."""
        self.told: set[str] = set()
        """What people know already, each as `subject lack`."""
        self.lost: frozenset[str] = frozenset()
        """Detectors that people know to be lost."""
        self.tested_at: datetime | None = None
        """The last drill, or the last alarm of a detector."""
        self.moved: dict[str, Movement] = {}
        """By actuator: its last exercise."""
        self.exercising: dict[str, datetime] = {}
        """By actuator: when the exercise began that is not over."""
        self.watched_since: dict[str, datetime] = {}
        """By actuator: since when an exercise is wanted."""
        self.drills: list[dict[str, Any]] = []
        """The results of the last drills, the newest last."""
        self._is_loaded = False

    async def load(self) -> None:
        """Remember; what cannot be understood is forgotten."""
        data = await self._store.async_load()
        if isinstance(data, dict):
            self._read(data)
        self._is_loaded = True

    def _read(self, data: Mapping[str, Any]) -> None:
        self.rhythms = {
            entity: Rhythm.from_mapping(kept)
            for entity, kept in _mapping(data.get("rhythms")).items()
            if isinstance(kept, dict)
        }
        for entity, kept in _mapping(data.get("silent")).items():
            if (at := _time(kept)) is not None:
                self.silent[entity] = at
        self.told = {str(key) for key in _list(data.get("told"))}
        self.lost = frozenset(str(key) for key in _list(data.get("lost")))
        self.tested_at = _time(data.get("tested_at"))
        for actuator, kept in _mapping(data.get("moved")).items():
            if isinstance(kept, dict) and (at := _time(kept.get("at"))) is not None:
                self.moved[actuator] = Movement(at, bool(kept.get("is_proved")))
        for actuator, kept in _mapping(data.get("exercising")).items():
            if (at := _time(kept)) is not None:
                self.exercising[actuator] = at
        for actuator, kept in _mapping(data.get("watched_since")).items():
            if (at := _time(kept)) is not None:
                self.watched_since[actuator] = at
        self.drills = [d for d in _list(data.get("drills")) if isinstance(d, dict)]

    @callback
    def keep(self, *, soon: bool = False) -> None:
        """Write what is remembered: at once, or in a while."""
        if soon:
            self._hass.async_create_task(self.save(), "zhian remember")
        else:
            self._store.async_delay_save(self._data, SAVE_AFTER)

    async def save(self) -> None:
        """Write it now, if there was a chance to remember."""
        if self._is_loaded:
            await self._store.async_save(self._data())

    async def remove(self) -> None:
        """Forget everything: the home is removed."""
        await self._store.async_remove()

    def set_told(self, told: set[str]) -> None:
        """Remember what people know."""
        if told != self.told:
            self.told = told
            self.keep()

    def set_lost(self, lost: frozenset[str]) -> None:
        """Remember which detectors people know to be lost."""
        if lost != self.lost:
            self.lost = lost
            self.keep()

    def add_drill(self, result: dict[str, Any]) -> None:
        """Remember what came of a drill."""
        self.drills = [*self.drills, result][-DRILLS_KEPT:]
        self.keep(soon=True)

    def _data(self) -> dict[str, Any]:
        return {
            "rhythms": {e: rhythm.as_data() for e, rhythm in self.rhythms.items()},
            "silent": {entity: at.isoformat() for entity, at in self.silent.items()},
            "told": sorted(self.told),
            "lost": sorted(self.lost),
            "tested_at": self.tested_at.isoformat() if self.tested_at else None,
            "moved": {
                actuator: {"at": moved.at.isoformat(), "is_proved": moved.is_proved}
                for actuator, moved in self.moved.items()
            },
            "exercising": {
                actuator: at.isoformat() for actuator, at in self.exercising.items()
            },
            "watched_since": {
                actuator: at.isoformat() for actuator, at in self.watched_since.items()
            },
            "drills": self.drills,
        }


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _time(value: object) -> datetime | None:
    return dt_util.parse_datetime(value) if isinstance(value, str) else None
