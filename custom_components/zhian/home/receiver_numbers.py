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
KEY_GIVEN: Final = f"{DOMAIN}.receiver_numbers_given"
AHEAD: Final = 50
"""So many numbers are set aside at once: a restart leaves out some, and repeats none."""
KEPT: Final = 500
"""Of so many events of a receiver the number is remembered; more are never owed."""


class Numbers:
    """The sequences of the receivers, from 1 to 9999 and round again."""

    def __init__(self, hass: HomeAssistant, receivers: Iterable[str] = ()) -> None:
        """Read nothing yet; others than these receivers are forgotten."""
        # Written through to the disk before the first number of it is used.
        self._store: Store[dict[str, int]] = Store(
            hass, VERSION, KEY, private=True, atomic_writes=True
        )
        self._given_store: Store[dict[str, dict[str, int]]] = Store(
            hass, VERSION, KEY_GIVEN, private=True, atomic_writes=True
        )
        self._given: dict[str, dict[str, int]] | None = None
        """By receiver: the numbers under which events were sent, the oldest first."""
        self._receivers = frozenset(receivers)
        self._reserved: dict[str, int] | None = None
        self._last: dict[str, int] = {}
        self._lock = asyncio.Lock()

    async def next(self, receiver: str, event: str = "") -> int:
        """Return the number after the last one of a receiver.

        An event has always the same one, also after a crash: it is on the disk before
        anything is sent under it, so that a repetition is known as one.
        """
        async with self._lock:
            if not event:
                return await self._fresh(receiver)
            if self._given is None:
                found = await self._given_store.async_load() or {}
                self._given = {
                    id_: given for id_, given in found.items() if id_ in self._receivers
                }
            given = self._given.setdefault(receiver, {})
            if (known := given.get(event)) is not None:
                return known
            given[event] = number = await self._fresh(receiver)
            while len(given) > KEPT:
                del given[next(iter(given))]
            await self._given_store.async_save(self._given)
            return number

    async def _fresh(self, receiver: str) -> int:
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
        await self._given_store.async_remove()
