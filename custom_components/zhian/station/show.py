"""What has changed is shown: after the answer, all of it together.

Boards, maps and counts are no part of taking a report. The home is answered first, and a
burst of reports is one change of the count and not a hundred.
"""

from datetime import datetime
import itertools
from typing import Final

from homeassistant.core import CALLBACK_TYPE, HassJob, HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_send
from homeassistant.helpers.event import async_call_later

from .cases import Case
from .const import SIGNAL_CASE, SIGNAL_CASES, SIGNAL_SHOWN

PAUSE: Final = 0.1
"""Seconds until the next picture at least: a burst is shown ten times a second."""
REST: Final = 9
"""Of ten parts of the event loop's time pictures take one: reports go before them."""
LONGEST_PAUSE: Final = 2.0
"""Seconds; nobody looks at an older picture than that, whatever one costs."""
AT_ONCE: Final = 20
"""Cases that are shown in one turn of the event loop, which takes 5 ms at most."""


class Show:
    """The cases that nobody has seen yet as they are."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Begin with none."""
        self._hass = hass
        self._job = HassJob(self._on_time, "zhian cases shown")
        self._unseen: dict[str, Case] = {}
        self._cancel: CALLBACK_TYPE | None = None
        self._left = 0
        """How many cases of the picture under way are still to be shown."""
        self._spent = 0.0
        self._rests_until = 0.0
        self._is_over = False

    @property
    def has_unseen(self) -> bool:
        """Return whether something is still to be shown."""
        return bool(self._unseen)

    @callback
    def later(self, case: Case) -> None:
        """Show a case as soon as those who wait are answered."""
        if self._is_over:
            return
        self._unseen[case.incident] = case
        if self._cancel is None:
            self._due(max(self._rests_until - self._hass.loop.time(), 0))

    @callback
    def now(self, case: Case) -> None:
        """Show a case at once: whoever has changed it looks at it."""
        self._unseen.pop(case.incident, None)
        self._tell([case])
        async_dispatcher_send(self._hass, SIGNAL_SHOWN)

    @callback
    def close(self) -> None:
        """Show nothing more."""
        self._is_over = True
        self._unseen.clear()
        if self._cancel is not None:
            self._cancel()
            self._cancel = None

    def _due(self, seconds: float) -> None:
        if seconds:
            self._cancel = async_call_later(self._hass, seconds, self._job)
        else:  # by no clock: one may stand still
            self._cancel = self._hass.loop.call_soon(self._on_time).cancel

    @callback
    def _on_time(self, _: datetime | None = None) -> None:
        """Show a part of the picture, one in each turn of the event loop."""
        self._cancel = None
        began = self._hass.loop.time()
        self._left = self._left or len(self._unseen)
        incidents = list(itertools.islice(self._unseen, min(self._left, AT_ONCE)))
        self._tell([self._unseen.pop(incident) for incident in incidents])
        # What was shown at once meanwhile is no longer among them.
        self._left = min(self._left - len(incidents), len(self._unseen))
        if self._left == 0:
            async_dispatcher_send(self._hass, SIGNAL_SHOWN)
        ended = self._hass.loop.time()
        self._spent += ended - began
        if self._left:
            self._due(0)
            return
        pause = min(max(self._spent * REST, PAUSE), LONGEST_PAUSE)
        self._spent = 0.0
        self._rests_until = ended + pause
        if self._unseen:
            self._due(pause)

    def _tell(self, cases: list[Case]) -> None:
        for case in cases:
            async_dispatcher_send(self._hass, SIGNAL_CASE, case)
        if cases:
            async_dispatcher_send(self._hass, SIGNAL_CASES, cases)
