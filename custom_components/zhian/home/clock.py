"""The home's clock."""

from datetime import datetime, timedelta
from time import monotonic

from homeassistant.util import dt as dt_util


class Clock:
    """Wall time that never jumps.

    It is set once and then runs with the machine's monotonic clock: a correction of the
    system time (usual after a power cut) must not pass for five quiet minutes.
    """

    def __init__(self) -> None:
        """Set the clock."""
        self._set_at = dt_util.utcnow()
        self._monotonic = monotonic()

    def now(self) -> datetime:
        """Return the time, aware, in UTC."""
        return self.at(monotonic())

    def at(self, moment: float) -> datetime:
        """Return the time of a moment of the monotonic clock."""
        return self._set_at + timedelta(seconds=moment - self._monotonic)
