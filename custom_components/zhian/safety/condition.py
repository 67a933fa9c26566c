"""What is wrong with the home's parts, and how much protection that costs."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from .state import State
from .vocabulary import Lack, Level

LIFE_WARNING: Final = timedelta(days=60)
"""How long before the end of its life a device is to be replaced."""

DETECTOR_COST: Final[Mapping[Lack, float]] = {
    Lack.LOST: 1.0,
    Lack.FAULT: 1.0,
    Lack.LIFE_OVER: 1.0,
    Lack.WARMING_UP: 1.0,
    Lack.TAMPERED: 0.5,
    Lack.MEMBER_LOST: 0.5,
    Lack.BATTERY_LOW: 0.2,
    Lack.LIFE_ENDING: 0.1,
    Lack.NO_INSTALL_DATE: 0.0,
}
"""What a lack takes of a detector's share. The detectors share 100 points evenly, and
of several lacks of one detector the worst counts. An unknown date of installation costs
nothing: it says that the supervision is incomplete, not the protection."""

ACTUATOR_COST: Final[Mapping[Lack, float]] = {
    Lack.UNREACHABLE: 20.0,
    Lack.LIFE_OVER: 20.0,
    Lack.EXERCISE_FAILED: 20.0,
    Lack.TAMPERED: 10.0,
    Lack.BATTERY_LOW: 5.0,
    Lack.LIFE_ENDING: 2.0,
    Lack.NO_INSTALL_DATE: 0.0,
}
"""Points that a lack of an actuator takes; the worst of each actuator counts."""

_LEVELS: Final = {
    Level.LOST: Lack.LOST,
    Level.FAULT: Lack.FAULT,
    Level.WARMING_UP: Lack.WARMING_UP,
}


@dataclass(frozen=True, slots=True)
class Condition:
    """What the devices and the papers of a bound part say."""

    is_battery_low: bool = False
    is_tampered: bool = False
    dead_members: tuple[str, ...] = ()
    """Members of a group that say nothing."""
    ends_on: date | None = None
    """The end of its life; None if nobody knows when it was installed."""
    is_unreachable: bool = False
    has_failed_exercise: bool = False
    has_life: bool = True
    """Whether it wears out at all."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong with one part of the home."""

    subject: str
    lack: Lack
    points: float
    """What it would cost on its own."""


def end_of_life(installed: date, years: int) -> date:
    """Return the day from which a device must not be relied on any more."""
    try:
        return installed.replace(year=installed.year + years)
    except ValueError:  # the 29th of February
        return installed.replace(year=installed.year + years, day=28)


def examine(
    state: State, conditions: Mapping[str, Condition], today: date
) -> tuple[Finding, ...]:
    """Return everything that is wrong in the home, part by part."""
    household = state.household
    share = 100.0 / max(len(household.detectors), 1)
    detectors = (
        Finding(detector, lack, round(share * DETECTOR_COST[lack], 1))
        for detector in household.detectors
        for lack in _detector_lacks(state, detector, conditions, today)
    )
    actuators = (
        Finding(actuator, lack, ACTUATOR_COST[lack])
        for actuator in household.actuators
        for lack in _actuator_lacks(conditions.get(actuator, Condition()), today)
    )
    return (*detectors, *actuators)


def _detector_lacks(
    state: State, detector: str, conditions: Mapping[str, Condition], today: date
) -> Iterator[Lack]:
    sensed = state.readings.get(detector)
    level = sensed.level if sensed else Level.LOST
    if level in _LEVELS:
        yield _LEVELS[level]
    yield from _common_lacks(conditions.get(detector, Condition()), today)


def _actuator_lacks(condition: Condition, today: date) -> Iterator[Lack]:
    if condition.is_unreachable:
        yield Lack.UNREACHABLE
    if condition.has_failed_exercise:
        yield Lack.EXERCISE_FAILED
    yield from _common_lacks(condition, today)


def _common_lacks(condition: Condition, today: date) -> Iterator[Lack]:
    if condition.is_tampered:
        yield Lack.TAMPERED
    if condition.dead_members:
        yield Lack.MEMBER_LOST
    if condition.is_battery_low:
        yield Lack.BATTERY_LOW
    if condition.ends_on is None:
        if condition.has_life:
            yield Lack.NO_INSTALL_DATE
    elif today >= condition.ends_on:
        yield Lack.LIFE_OVER
    elif today >= condition.ends_on - LIFE_WARNING:
        yield Lack.LIFE_ENDING


def score(state: State, findings: tuple[Finding, ...]) -> int | None:
    """Return the protection of the home, 0 to 100; None without any detector."""
    if not state.household.detectors:
        return None
    worst: dict[str, float] = {}
    share = 100.0 / len(state.household.detectors)
    for finding in findings:
        if finding.subject in state.household.detectors:
            cost = share * DETECTOR_COST[finding.lack]
        else:
            cost = ACTUATOR_COST[finding.lack]
        worst[finding.subject] = max(worst.get(finding.subject, 0.0), cost)
    return max(round(100 - sum(worst.values())), 0)
