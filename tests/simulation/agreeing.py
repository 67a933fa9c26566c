"""I3 where a detector asks for others: what is an alarm already, and what is not yet.

Written down a second time: who has been in alarm from when until when, and no more.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from custom_components.zhian.safety.household import Detector, Household
from custom_components.zhian.safety.vocabulary import Hazard, Level

MAY_ASK = frozenset({Hazard.SMOKE, Hazard.WATER, Hazard.INTRUSION})
"""Hazards for which a minute costs no life."""
WORKING = (Level.NORMAL, Level.PRE_ALARM, Level.ALARM)


def asks(detector: Detector) -> bool:
    """Whether a detector wants others to agree."""
    return detector.quorum > 1 and detector.hazard in MAY_ASK


class Agreeing:
    """Who has been in alarm, and when."""

    def __init__(self) -> None:
        """Begin with nothing heard."""
        self._levels: dict[str, Level] = {}
        self._since: dict[str, datetime] = {}
        self._until: dict[str, datetime] = {}

    def forget(self) -> None:
        """The program ends."""
        self._levels.clear()
        self._since.clear()
        self._until.clear()

    def hear(self, detector: str, level: Level, at: datetime) -> None:
        """Note what a detector says."""
        was = self._levels.get(detector)
        self._levels[detector] = level
        if level is Level.ALARM is not was:
            self._since[detector] = at
            self._until.pop(detector, None)
        elif was is Level.ALARM is not level:
            self._until[detector] = at

    def is_agreed(self, household: Household, hazard: Hazard, at: datetime) -> bool:
        """Whether somebody in alarm is believed."""
        return any(
            not asks(detector)
            or self._insists(detector, at)
            or self._has_fellows(household, detector, at)
            for detector in self._alarming(household)
            if detector.hazard is hazard
        )

    def insisting(self, household: Household, at: datetime) -> Iterator[Detector]:
        """Yield who has been in alarm for so long that it is believed alone."""
        for detector in self._alarming(household):
            if asks(detector) and self._insists(detector, at):
                yield detector

    def _alarming(self, household: Household) -> Iterator[Detector]:
        for name, level in self._levels.items():
            if level is Level.ALARM and name in household.detectors:
                yield household.detectors[name]

    def _insists(self, detector: Detector, at: datetime) -> bool:
        return at - self._since[detector.id] >= timedelta(seconds=detector.window)

    def _has_fellows(
        self, household: Household, detector: Detector, at: datetime
    ) -> bool:
        """Whether as many agree as it asks for, or all that work."""
        fellows = [
            d.id for d in household.detectors.values() if d.hazard is detector.hazard
        ]
        window = timedelta(seconds=detector.window)
        agreeing = [
            d
            for d in fellows
            if d in self._since and at - self._until.get(d, at) <= window
        ]
        working = [d for d in fellows if self._levels.get(d) in WORKING]
        return len(agreeing) >= min(detector.quorum, len(working))
