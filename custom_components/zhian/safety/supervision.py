"""Whether the detectors work: what is not seen must not pass for safe."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from .household import Detector
from .replacing import replace
from .signals import Reading
from .state import WARM_UP, Sensed, State
from .turn import Turn
from .vocabulary import Hazard, Level, Message


def notice(turn: Turn, reading: Reading, before: Sensed | None) -> None:
    """Keep a detector's reading, and since when it is clear or protects nobody."""
    sensed = Sensed(
        level=reading.level,
        value=reading.value,
        at=reading.at,
        clear_since=_clear_since(reading, before),
        unprotected_since=_unprotected_since(reading, before),
        told=before.told if before else False,
    )
    if sensed.told and reading.level.is_protecting:
        turn.tell(Message.PROTECTION_BACK, subject=reading.detector)
        sensed = replace(sensed, told=False)
    turn.sense(reading.detector, sensed)


def _clear_since(reading: Reading, before: Sensed | None) -> datetime | None:
    if reading.level is not Level.NORMAL:
        return None
    if before is None or before.level in (Level.LOST, Level.FAULT):
        return reading.at + WARM_UP
    if before.level is Level.NORMAL and before.clear_since is not None:
        # A clock that was turned back costs one warm-up, not an hour.
        return min(before.clear_since, reading.at + WARM_UP)
    return reading.at


def _unprotected_since(reading: Reading, before: Sensed | None) -> datetime | None:
    if reading.level.is_protecting:
        return None
    since = before.unprotected_since if before else None
    return reading.at if since is None else min(since, reading.at)


def supervise(turn: Turn) -> None:
    """Tell people about detectors that have not protected them for too long."""
    for detector, sensed in list(turn.state.readings.items()):
        due = _told_at(turn.state, detector, sensed)
        if due is not None and turn.at >= due:
            turn.tell(Message.PROTECTION_LOST, subject=detector)
            turn.sense(detector, replace(sensed, told=True))


def _told_at(state: State, detector_id: str, sensed: Sensed) -> datetime | None:
    detector = state.household.detectors.get(detector_id)
    if detector is None or sensed.told or sensed.unprotected_since is None:
        return None
    lost_after = timedelta(seconds=detector.lost_after)
    if detector.hazard is Hazard.INACTIVITY:
        # Getting to know a person takes weeks and is no fault.
        is_learning = sensed.level is Level.WARMING_UP
        return None if is_learning else sensed.at + lost_after
    return sensed.unprotected_since + lost_after


def supervision_due(state: State, now: datetime) -> Iterator[datetime]:
    """Yield when supervision, or an incident that waits for a warm-up, needs a look."""
    for detector, sensed in state.readings.items():
        if (due := _told_at(state, detector, sensed)) is not None:
            yield due
        if state.incidents and sensed.clear_since and sensed.clear_since > now:
            yield sensed.clear_since


@dataclass(frozen=True, slots=True)
class Protection:
    """How much of the home is watched."""

    working: tuple[Detector, ...]
    lacking: tuple[Detector, ...]

    @property
    def score(self) -> int | None:
        """Working detectors in percent of all; None in a home without any."""
        total = len(self.working) + len(self.lacking)
        return round(100 * len(self.working) / total) if total else None


def protection(state: State) -> Protection:
    """Return which detectors protect the home now and which do not."""
    working: list[Detector] = []
    lacking: list[Detector] = []
    for detector in state.household.detectors.values():
        sensed = state.readings.get(detector.id)
        works = sensed is not None and sensed.level.is_protecting
        (working if works else lacking).append(detector)
    return Protection(tuple(working), tuple(lacking))
