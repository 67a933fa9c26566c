"""From a number to a level: limits, hysteresis, and the units of combustible gas."""

from dataclasses import dataclass
from math import inf, isnan
from typing import Final

from .vocabulary import Gas, Level

LOWEST_ALARM: Final = 3.0
"""%LEL at which a detector must still be silent (EN 50194-1)."""
HIGHEST_ALARM: Final = 20.0
"""%LEL by which a detector must have alarmed (EN 50194-1)."""

LEL_VOLUME_PERCENT: Final[dict[Gas, float]] = {
    Gas.NATURAL_GAS: 4.4,
    Gas.PROPANE: 1.7,
    Gas.BUTANE: 1.4,
    Gas.HYDROGEN: 4.0,
}
"""Lower explosive limits in vol %.

European values (EN/IEC 60079-20-1), below the American ones: they alarm sooner. Town gas
has none here, because its mixture differs from place to place.
"""

_PPM_PER_PERCENT: Final = 10_000.0


def ppm_to_lel(ppm: float, lel: float) -> float:
    """Return parts per million as percent of a lower explosive limit in vol %."""
    return ppm / (lel * _PPM_PER_PERCENT) * 100.0


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Limits of a detector that reports a number.

    For combustible gas in percent of the lower explosive limit; the defaults lie inside
    EN 50194-1 (alarm by 20, silent at 3). For carbon monoxide in ppm.
    """

    pre_alarm: float = 5.0
    alarm: float = 10.0
    hysteresis: float = 2.0

    def level(self, value: float, before: Level) -> Level:
        """Return the level of a value, given the level before it.

        What is no number does not pass for normal.
        """
        if isnan(value) or value == -inf:
            return Level.FAULT
        if value >= self.alarm - (self.hysteresis if before is Level.ALARM else 0.0):
            return Level.ALARM
        was_raised = before in (Level.PRE_ALARM, Level.ALARM)
        if value >= self.pre_alarm - (self.hysteresis if was_raised else 0.0):
            return Level.PRE_ALARM
        return Level.NORMAL
