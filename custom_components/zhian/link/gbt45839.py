"""The status of a detector as GB/T 45839-2025 wants it, annex D (`status_info`).

The standard names the fields and their values. A company code and a device number that
are genuine come from the fire authority: this only carries what it is given.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import Final

from .wire_json import fitting_text

_CLOCK: Final = "%Y-%m-%d %H:%M:%S"


class Status(IntEnum):
    """How a detector is."""

    NORMAL = 1
    ALARM = 2
    FAULT = 3
    MASKED = 4


STATUSES: Final = {
    "normal": Status.NORMAL,
    "pre_alarm": Status.NORMAL,
    "alarm": Status.ALARM,
}
"""Levels that are not named protect nobody: for whoever relies on it, a fault."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusInfo:
    """One detector, as it was last heard. Its time is local, as the standard shows it."""

    company: str
    serial: str
    status: Status
    at: datetime
    signal: int | None = None
    """In dBm; left out if nobody knows it."""
    battery: int | None = None
    """In percent; left out if nobody knows it."""

    def as_json(self) -> dict[str, str | int]:
        """Return it as the standard wants it."""
        info: dict[str, str | int] = {
            "company": fitting_text(self.company),
            "serial": fitting_text(self.serial),
            "status": int(self.status),
        }
        if self.signal is not None:
            info["signalStrength"] = self.signal
        if self.battery is not None:
            info["batteryPercentage"] = max(0, min(self.battery, 100))
        info["datetime"] = self.at.strftime(_CLOCK)
        return info
