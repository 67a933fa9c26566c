"""Where a person's numbers may lie: explosive limits, and thresholds with their units."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import inf
from typing import Final

from ..safety.thresholds import (
    HIGHEST_ALARM,
    LEL_VOLUME_PERCENT,
    LOWEST_ALARM,
    Thresholds,
)
from ..safety.vocabulary import Gas, Hazard


class Unit(StrEnum):
    """The units of a numeric detector that can be understood."""

    PERCENT_LEL = "%LEL"
    PPM = "ppm"


@dataclass(frozen=True, slots=True)
class LelRange:
    """Where the lower explosive limit of a gas may lie, in volume percent.

    `highest` is the largest value of older tables: a larger one would show too little
    gas. `lowest` catches a value that belongs to another gas. A town gas has no
    default, because its mixture differs from town to town.
    """

    lowest: float
    highest: float
    default: float | None


LEL_RANGES: Final[Mapping[Gas, LelRange]] = {
    gas: LelRange(lowest, highest, LEL_VOLUME_PERCENT.get(gas))
    for gas, (lowest, highest) in {
        Gas.NATURAL_GAS: (3.5, 5.0),
        Gas.PROPANE: (1.5, 2.1),
        Gas.BUTANE: (1.2, 1.9),
        Gas.HYDROGEN: (3.5, 4.1),
        Gas.TOWN_GAS: (3.0, 7.0),
    }.items()
}


@dataclass(frozen=True, slots=True)
class ThresholdRange:
    """Where the thresholds of a numeric detector may lie, and where they default."""

    unit: Unit
    lowest: float
    highest: float
    default: Thresholds


# Carbon monoxide alarms by its dose. A limit that waits for nothing comes on top, for
# those who want one: at 50 or less it is never later than the dose.
THRESHOLD_RANGES: Final[Mapping[Hazard, ThresholdRange]] = {
    Hazard.GAS: ThresholdRange(
        Unit.PERCENT_LEL, LOWEST_ALARM, HIGHEST_ALARM, Thresholds()
    ),
    Hazard.CARBON_MONOXIDE: ThresholdRange(
        Unit.PPM, 10.0, 50.0, Thresholds(pre_alarm=inf, alarm=inf, hysteresis=5.0)
    ),
}


def thresholds_for(hazard: Hazard) -> Thresholds:
    """Return the limits that a detector of a hazard starts with."""
    span = THRESHOLD_RANGES.get(hazard)
    return span.default if span else Thresholds()
