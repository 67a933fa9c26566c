"""Carbon monoxide: when a concentration is an alarm, and what it does to the blood.

A dose kills, not a number: both standards let little gas pass for long and much gas for a
moment only. Each gate is a counter that runs up while the air is at its concentration or
above, and down while it is below: air that swings around a gate is not clean.

The European gates (the default) are never later than any of the American ones, so they
serve a home with American detectors too. They cannot be kept both to the letter: at 400 ppm
EN 50291-1 wants an alarm within 3 minutes and UL 2034 none before 4. Whose detectors must
stay silent as UL 2034 says chooses that standard for them. A detector's own alarm counts at
once with either.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import exp
from typing import Final

from .vocabulary import Level, Standard

CLEAR_BELOW: Final = 30.0
"""ppm. An alarm lasts at least until the air is below the lowest gate."""

MOST_SHOWN: Final = 50.0
"""% COHb. The linear form is wrong long before; more would only look exact."""

HEAVY_WORK: Final = 0.0404
"""The activity that UL 2034 reckons with: uptake is fastest, so this errs early."""
REST: Final = 0.152


@dataclass(frozen=True, slots=True)
class Gate:
    """A concentration, and how long it may last."""

    ppm: float
    not_before: timedelta
    """The standard wants silence before."""
    by: timedelta | None
    """The standard wants an alarm by then; None if it wants none."""
    after: timedelta
    """When this kernel speaks: as early as the standard lets it."""
    level: Level = Level.ALARM


def _minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


GATES: Final[Mapping[Standard, tuple[Gate, ...]]] = {
    Standard.EN_50291: (
        # No alarm is asked for at 30 ppm, but after two hours people should know.
        Gate(30.0, _minutes(120), None, _minutes(120), Level.PRE_ALARM),
        Gate(50.0, _minutes(60), _minutes(90), _minutes(60)),
        Gate(100.0, _minutes(10), _minutes(40), _minutes(10)),
        # One minute: a single wrong number is no alarm.
        Gate(300.0, _minutes(0), _minutes(3), _minutes(1)),
    ),
    Standard.UL_2034: (
        Gate(70.0, _minutes(60), _minutes(240), _minutes(60)),
        Gate(150.0, _minutes(10), _minutes(50), _minutes(10)),
        Gate(400.0, _minutes(4), _minutes(15), _minutes(4)),
    ),
}


@dataclass(frozen=True, slots=True)
class Dose:
    """What a detector's place has been exposed to, up to a time."""

    at: datetime
    ppm: float | None
    """The air since then; None while nobody knows."""
    exposed: tuple[timedelta, ...]
    """How far the counter of each gate has run."""
    percent: float
    """% COHb of somebody who was there all the time."""


def begin(standard: Standard, at: datetime) -> Dose:
    """Return the dose of a place of which nothing is known."""
    return Dose(at, None, (timedelta(),) * len(GATES[standard]), 0.0)


def advance(dose: Dose, standard: Standard, at: datetime) -> Dose:
    """Return the dose after more time in the same air."""
    passed = at - dose.at
    if dose.ppm is None or passed <= timedelta():
        return Dose(at, dose.ppm, dose.exposed, dose.percent)
    exposed = tuple(
        min(before + passed, gate.after)
        if dose.ppm >= gate.ppm
        else max(before - passed, timedelta())
        for gate, before in zip(GATES[standard], dose.exposed, strict=True)
    )
    percent = carboxyhaemoglobin(dose.percent, dose.ppm, passed)
    return Dose(at, dose.ppm, exposed, percent)


def level(dose: Dose, standard: Standard) -> Level:
    """Return what the counters say of the air that is there now."""
    reached = {
        gate.level
        for gate, exposed in zip(GATES[standard], dose.exposed, strict=True)
        if dose.ppm is not None and dose.ppm >= gate.ppm and exposed >= gate.after
    }
    if Level.ALARM in reached:
        return Level.ALARM
    return Level.PRE_ALARM if reached else Level.NORMAL


def due(dose: Dose, standard: Standard) -> datetime | None:
    """Return when the next counter is full, if the air stays as it is."""
    left = [
        gate.after - exposed
        for gate, exposed in zip(GATES[standard], dose.exposed, strict=True)
        if dose.ppm is not None and dose.ppm >= gate.ppm and exposed < gate.after
    ]
    return dose.at + min(left) if left else None


def carboxyhaemoglobin(
    before: float, ppm: float, passed: timedelta, activity: float = HEAVY_WORK
) -> float:
    """Return the % COHb after some time in air of one concentration.

    The linear form of Coburn, Forster and Kane (Peterson and Stewart), clamped at 100.
    """
    left = exp(-passed / timedelta(minutes=2398.0 * activity))
    end = 218.0 * (0.0003 + max(ppm, 0.0) / 1316.0)
    return min(before * left + end * (1.0 - left), 100.0)


def shown(percent: float) -> float:
    """Return a % COHb as far as it means anything."""
    return min(percent, MOST_SHOWN)
