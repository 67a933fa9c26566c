"""How the home was armed, kept over a restart and a loss of power."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
import logging
from typing import Any, Final

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.storage import Store

from ..const import DOMAIN
from ..safety.arming import Mode, Panel
from .guard import Guard

_LOGGER = logging.getLogger(__name__)

STORAGE_KEY: Final = f"{DOMAIN}.panel"
_VERSION: Final = 1


class PanelMemory:
    """Writes the panel at each change, at once: nothing here waits to be collected."""

    def __init__(self, hass: HomeAssistant, home_id: str) -> None:
        """Use the home's own page."""
        self._hass = hass
        self._home_id = home_id
        self._store = _store(hass)
        self._guard: Guard | None = None
        self._written: Panel | None = None
        self._writing = asyncio.Lock()

    async def load(self) -> Panel | None:
        """Return how the home was armed; None if nobody knows."""
        try:
            data = await self._store.async_load()
            if data is None or data.get("home_id") != self._home_id:
                return None
            self._written = _panel(data)
        except Exception:  # the home is guarded all the same
            _LOGGER.exception("How the home was armed cannot be read: it is disarmed")
        return self._written

    @callback
    def start(self, guard: Guard) -> CALLBACK_TYPE:
        """Follow the guard; return the end."""
        self._guard = guard
        return guard.subscribe(self._on_change)

    @callback
    def _on_change(self) -> None:
        if self._guard is not None and self._guard.state.panel is not self._written:
            self._hass.async_create_task(self.save(), "zhian panel", eager_start=True)

    async def save(self) -> None:
        """Write the panel as it is now; return when it is on the disk."""
        async with self._writing:
            guard = self._guard
            if guard is None or guard.state.panel is self._written:
                return
            panel = guard.state.panel
            try:
                await self._store.async_save(_data(self._home_id, panel))
            except Exception:  # a full disk does not keep a home from being armed
                _LOGGER.exception("How the home is armed cannot be written")
            else:
                self._written = panel


async def async_forget(hass: HomeAssistant) -> None:
    """Remove the page of a home that is gone."""
    await _store(hass).async_remove()


def _store(hass: HomeAssistant) -> Store[dict[str, Any]]:
    return Store(hass, _VERSION, STORAGE_KEY, private=True, atomic_writes=True)


def _data(home_id: str, panel: Panel) -> dict[str, Any]:
    def spelled(at: datetime | None) -> str | None:
        return at.isoformat() if at else None

    return {
        "home_id": home_id,
        "mode": panel.mode.value,
        "by": panel.by,
        "since": spelled(panel.since),
        "exit_until": spelled(panel.exit_until),
        "entry_since": spelled(panel.entry_since),
        "entry_until": spelled(panel.entry_until),
        "entered": list(panel.entered),
        "bypassed": sorted(panel.bypassed),
    }


def _panel(data: Mapping[str, Any]) -> Panel:
    def read(key: str) -> datetime | None:
        return datetime.fromisoformat(data[key]) if data[key] else None

    return Panel(
        Mode(data["mode"]),
        data["by"],
        read("since"),
        read("exit_until"),
        read("entry_since"),
        read("entry_until"),
        tuple(data["entered"]),
        frozenset(data["bypassed"]),
    )
