"""What has changed is shown: after the answer, all of it together.

Boards, maps and counts are no part of taking a report. The home is answered first, and a
burst of reports is one change of the count and not a hundred.
"""

import asyncio
from typing import Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_send

from .cases import Case
from .const import SIGNAL_CASE, SIGNAL_CASES

FIRST: Final = 0.005
"""Seconds: those who wait for the same commit are answered first."""
PAUSE: Final = 0.1
"""Seconds until the next picture: a burst is shown ten times a second."""
AT_ONCE: Final = 20
"""Cases that are shown in one turn of the event loop, which takes 5 ms at most."""


class Show:
    """The cases that nobody has seen yet as they are."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Begin with none."""
        self._hass = hass
        self._unseen: dict[str, Case] = {}
        self._task: asyncio.Task[None] | None = None

    @callback
    def later(self, case: Case) -> None:
        """Show a case as soon as those who wait are answered."""
        self._unseen[case.incident] = case
        if self._task is None:
            self._task = self._hass.async_create_task(
                self._run(), "zhian cases shown", eager_start=False
            )

    @callback
    def now(self, case: Case) -> None:
        """Show a case at once: whoever has changed it looks at it."""
        self._unseen[case.incident] = case
        self._some(len(self._unseen))

    async def _run(self) -> None:
        try:
            await asyncio.sleep(FIRST)
            while self._unseen:
                for _ in range(0, len(self._unseen), AT_ONCE):
                    self._some(AT_ONCE)
                    await asyncio.sleep(0)
                await asyncio.sleep(PAUSE)
        finally:
            self._task = None

    def _some(self, most: int) -> None:
        cases: list[Case] = []
        while self._unseen and len(cases) < most:
            cases.append(self._unseen.pop(next(iter(self._unseen))))
        if not cases:
            return
        for case in cases:
            async_dispatcher_send(self._hass, SIGNAL_CASE, case)
        async_dispatcher_send(self._hass, SIGNAL_CASES, cases)
