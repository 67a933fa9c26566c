"""Numbers that go on over restarts: a receiver may take an old one for a repetition."""

import asyncio
from collections.abc import Iterable
from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers.storage import Store

from ..const import DOMAIN
from ..link.receivers.dc09 import LAST, following

VERSION: Final = 1
KEY: Final = f"{DOMAIN}.receiver_numbers"
AHEAD: Final = 50
"""So many numbers are set aside at once: a restart leaves out some, and repeats none."""


class Numbers:
    """The sequences of the receivers, from 1 to 9999 and round again."""

    def __init__(self, hass: HomeAssistant, receivers: Iterable[str] = ()) -> None:
        """Read nothing yet; others than these receivers are forgotten."""
        # Written through to the disk before the first number of it is used.
        self._store: Store[dict[str, int]] = Store(
            hass, VERSION, KEY, private=True, atomic_writes=True
        )
        self._receivers = frozenset(receivers)
        self._reserved: dict[str, int] | None = None
        self._last: dict[str, int] = {}
        self._lock = asyncio.Lock()

    async def next(self, receiver: str) -> int:
        """Return the number after the last one of a receiver."""
        async with self._lock:
            if self._reserved is None:
                found = await self._store.async_load() or {}
                self._reserved = {
                    id_: last for id_, last in found.items() if id_ in self._receivers
                }
                self._last = dict(self._reserved)
            last = self._last.get(receiver, 0)
            if last == self._reserved.get(receiver, 0):
                self._reserved[receiver] = (last + AHEAD - 1) % LAST + 1
                await self._store.async_save(dict(self._reserved))
            self._last[receiver] = number = following(last)
            return number

    async def remove(self) -> None:
        """Forget all of them: the home was removed."""
        await self._store.async_remove()
