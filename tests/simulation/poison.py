"""I8: carbon monoxide is an alarm within the bounds of the standards, on both sides."""

from datetime import datetime, timedelta

from custom_components.zhian.safety.household import Household
from custom_components.zhian.safety.signals import Reading
from custom_components.zhian.safety.state import State
from custom_components.zhian.safety.vocabulary import Hazard, Level, Phase, Standard

from .senses import Senses
from .violation import Violation

MINUTE = timedelta(minutes=1)
BOUNDS: dict[Standard, dict[float, tuple[timedelta, timedelta | None]]] = {
    Standard.EN_50291: {
        30.0: (120 * MINUTE, None),
        50.0: (60 * MINUTE, 90 * MINUTE),
        100.0: (10 * MINUTE, 40 * MINUTE),
        300.0: (0 * MINUTE, 3 * MINUTE),
    },
    Standard.UL_2034: {
        70.0: (60 * MINUTE, 240 * MINUTE),
        150.0: (10 * MINUTE, 50 * MINUTE),
        400.0: (4 * MINUTE, 15 * MINUTE),
    },
}
"""From which minute a concentration may be an alarm, and by which it has to be."""


class Breathed:
    """How long the air has been how bad at each detector of carbon monoxide.

    The plainest book there is: it adds up and never takes back.
    """

    def __init__(self) -> None:
        """Begin with nothing known."""
        self.since: dict[tuple[str, float], datetime] = {}
        self._before: dict[tuple[str, float], timedelta] = {}

    def forget(self) -> None:
        """The program ends: doses are not on the disk."""
        self.since.clear()
        self._before.clear()

    def take(self, reading: Reading, standard: Standard) -> None:
        """Note a reading."""
        ppm = reading.value if reading.level.is_protecting else None
        for gate in BOUNDS[standard]:
            key = (reading.detector, gate)
            if ppm is not None and ppm >= gate:
                self.since.setdefault(key, reading.at)
            elif (since := self.since.pop(key, None)) is not None:
                passed = reading.at - since
                self._before[key] = self._before.get(key, timedelta()) + passed

    def check(self, state: State, at: datetime) -> None:
        """No later than the standards' upper bounds, in air that stays bad."""
        for (detector, ppm), since in self.since.items():
            known = state.household.detectors.get(detector)
            if known is None:
                continue
            by = BOUNDS[known.standard][ppm][1]
            if by is None or at - since <= by:
                continue
            incident = state.open_incident(Hazard.CARBON_MONOXIDE)
            if incident is None or incident.phase is not Phase.ALARM:
                raise Violation("I8", f"{detector}: {ppm} ppm for {at - since}")

    def check_not_too_soon(
        self, senses: Senses, household: Household, phase: Phase, at: datetime
    ) -> None:
        """Nor earlier than they let it, unless a detector says so itself."""
        for detector in household.detectors.values():
            if detector.hazard is not Hazard.CARBON_MONOXIDE:
                continue
            own = senses.levels.get(detector.id)
            if own is Level.ALARM or (
                own is Level.PRE_ALARM and phase is Phase.PRE_ALARM
            ):
                return
            for ppm, (soonest, by) in BOUNDS[detector.standard].items():
                if phase is Phase.ALARM and by is None:
                    continue
                if self._total(detector.id, ppm, at) >= soonest:
                    if soonest or (detector.id, ppm) in self.since:
                        return
        raise Violation("I8", f"carbon monoxide is a {phase} too soon")

    def _total(self, detector: str, ppm: float, at: datetime) -> timedelta:
        """Return for how long altogether it has been that bad."""
        key = (detector, ppm)
        now = at - self.since[key] if key in self.since else timedelta()
        return self._before.get(key, timedelta()) + now
