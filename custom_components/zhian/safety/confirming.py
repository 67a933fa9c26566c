"""Whether one detector's word is an alarm, or another one has to agree.

Only by choice, and only where a minute costs no life: never for gas, carbon monoxide, a
call for help or inactivity. Until others agree people are warned; a detector that
insists is believed, and one whose fellows are dead is believed at once.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from .household import Detector
from .signals import Reading
from .state import Heard, State
from .turn import Turn
from .vocabulary import Hazard, Level, Phase

CONFIRMABLE: Final = frozenset({Hazard.SMOKE, Hazard.WATER, Hazard.INTRUSION})

MOST: Final = 5
"""Detectors that may be asked for."""

WINDOWS: Final = (5.0, 120.0)
"""Seconds: the shortest and the longest time to agree in."""


def hear(turn: Turn, reading: Reading) -> None:
    """Keep since when a detector of such a hazard is in alarm, and until when it was."""
    household = turn.state.household
    detector = household.detectors[reading.detector]
    if detector.hazard not in CONFIRMABLE:
        return
    if not any(
        asks_others(d) for d in household.detectors.values() if _same(d, detector)
    ):
        return
    known = turn.state.heard.get(detector.id)
    is_on = known is not None and known.until is None
    if is_on is (reading.level is Level.ALARM):
        return
    if reading.level is Level.ALARM:
        heard = Heard(turn.at)
    else:
        assert known is not None
        heard = Heard(known.since, turn.at)
    turn.change("heard", {**turn.state.heard, detector.id: heard})


def is_confirmed(state: State, hazard: Hazard, at: datetime) -> bool:
    """Whether what the detectors of a hazard say is an alarm."""
    if hazard not in CONFIRMABLE:
        return True
    return any(
        _is_believed(state, detector, at)
        for detector in state.household.detectors.values()
        if detector.hazard is hazard and _is_in_alarm(state, detector)
    )


def _is_believed(state: State, detector: Detector, at: datetime) -> bool:
    if not asks_others(detector):
        return True
    due = _insists_at(state, detector)
    if due is None or at >= due or at < state.heard[detector.id].since:
        return True
    fellows = [d for d in state.household.detectors.values() if _same(d, detector)]
    working = sum(_works(state, d) for d in fellows)
    agreeing = sum(_agrees(state, d, at, detector.window) for d in fellows)
    return agreeing >= min(detector.quorum, working)


def asks_others(detector: Detector) -> bool:
    """Whether a detector's word alone is no alarm yet."""
    return detector.quorum > 1 and detector.hazard in CONFIRMABLE


def _same(one: Detector, other: Detector) -> bool:
    return one.hazard is other.hazard


def _is_in_alarm(state: State, detector: Detector) -> bool:
    sensed = state.readings.get(detector.id)
    return sensed is not None and sensed.level is Level.ALARM


def _works(state: State, detector: Detector) -> bool:
    sensed = state.readings.get(detector.id)
    return sensed is not None and sensed.level.is_protecting


def _agrees(state: State, detector: Detector, at: datetime, window: float) -> bool:
    heard = state.heard.get(detector.id)
    if heard is None:
        return False
    return heard.until is None or at - heard.until <= timedelta(seconds=window)


def _insists_at(state: State, detector: Detector) -> datetime | None:
    """Return when a detector has been in alarm for so long that it is believed."""
    heard = state.heard.get(detector.id)
    if heard is None or heard.until is not None:
        return None
    return heard.since + timedelta(seconds=detector.window)


def dues(state: State) -> list[datetime]:
    """Return when a detector that is in alarm alone will be believed."""
    return [
        due
        for detector in _waiting(state)
        if (due := _insists_at(state, detector)) is not None
    ]


def insisting(state: State, at: datetime) -> Iterator[Detector]:
    """Yield the detectors whose word alone has become an alarm by now."""
    for detector in list(_waiting(state)):
        if is_confirmed(state, detector.hazard, at):
            yield detector


def _waiting(state: State) -> Iterator[Detector]:
    """Yield the detectors in alarm whose hazard is not one yet."""
    for name, heard in state.heard.items():
        detector = state.household.detectors.get(name)
        if detector is None or heard.until is not None or not asks_others(detector):
            continue
        incident = state.open_incident(detector.hazard)
        if incident is None or incident.phase is not Phase.ALARM:
            yield detector
