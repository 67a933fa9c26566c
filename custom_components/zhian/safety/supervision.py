"""Whether the detectors work: what is not seen must not pass for safe."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from .household import Detector
from .replacing import replace
from .signals import Reading
from .state import WARM_UP, Outage, Sensed, State
from .turn import Turn
from .vocabulary import Hazard, Level, Message

FAULT_GRACE: Final = timedelta(seconds=60)
"""A device's own word that it is broken waits only for a word that follows at once.

GB/T 45839 wants a fault shown within 100 s.
"""

WARM_UP_GRACE: Final = timedelta(minutes=10)
"""Household detectors warm up for one to three minutes; one that goes on is broken."""

TOGETHER: Final = timedelta(seconds=60)
MANY: Final = 3
"""So many detectors lost within a minute, or two that are more than half, have one
cause: their hub, their power, or somebody who jams the radio."""

OUTAGE_GRACE: Final = timedelta(minutes=5)
"""How long an outage lasts before it is told: a hub that restarts is back by then."""


def notice(turn: Turn, reading: Reading, before: Sensed | None) -> None:
    """Keep a detector's reading, and since when it is clear or protects nobody."""
    known = reading.detector in turn.state.known_lost
    is_back = reading.level.is_protecting
    sensed = Sensed(
        level=reading.level,
        value=reading.value,
        at=reading.at,
        clear_since=_clear_since(turn.state, reading, before),
        unprotected_since=None if is_back else _unprotected_since(reading, before),
        told=before.told if before else known,
        lost_at=_lost_at(reading, before) if reading.level is Level.LOST else None,
    )
    if sensed.told and is_back:
        if not _is_in_outage(turn.state, reading.detector):
            turn.tell(Message.PROTECTION_BACK, subject=reading.detector)
        sensed = replace(sensed, told=False)
    turn.sense(reading.detector, sensed)
    if is_back:
        _on_return(turn, reading.detector)
    elif sensed.lost_at == reading.at:
        _gather(turn)


def _warm_up(state: State, reading: Reading) -> timedelta:
    """Return how long a quiet detector proves nothing; a sign of life is one at once."""
    detector = state.household.detectors.get(reading.detector)
    is_person = detector is not None and detector.hazard is Hazard.INACTIVITY
    return timedelta() if is_person else WARM_UP


def _clear_since(
    state: State, reading: Reading, before: Sensed | None
) -> datetime | None:
    if reading.level is not Level.NORMAL or reading.is_doubtful:
        return None
    warm_up = _warm_up(state, reading)
    if before is None or before.level in (Level.LOST, Level.FAULT):
        return reading.at + warm_up
    if before.level is Level.NORMAL:
        # A clock that was turned back costs one warm-up, not an hour; and a detector
        # that was in doubt has to be quiet for as long.
        return min(before.clear_since or reading.at + warm_up, reading.at + warm_up)
    return reading.at


def _unprotected_since(reading: Reading, before: Sensed | None) -> datetime:
    began = min(reading.at, reading.silent_since or reading.at)
    since = before.unprotected_since if before else None
    return began if since is None else min(since, began)


def _lost_at(reading: Reading, before: Sensed | None) -> datetime:
    return (before.lost_at if before else None) or reading.at


# --- one detector --------------------------------------------------------------------


def _told_at(state: State, detector_id: str, sensed: Sensed) -> datetime | None:
    if sensed.unprotected_since is None or sensed.told:
        return None
    detector = state.household.detectors.get(detector_id)
    if detector is None or _is_in_outage(state, detector_id):
        return None
    if detector.hazard is Hazard.INACTIVITY:
        # Getting to know a person takes weeks and is no fault.
        is_learning = sensed.level is Level.WARMING_UP
        lost_after = timedelta(seconds=detector.lost_after)
        return None if is_learning else sensed.at + lost_after
    return sensed.unprotected_since + _grace(detector, sensed.level)


def _grace(detector: Detector, level: Level) -> timedelta:
    """Return how long a detector may protect nobody before people are told."""
    grace = timedelta(seconds=detector.lost_after)
    match level:
        case Level.FAULT:
            return min(grace, FAULT_GRACE)
        case Level.WARMING_UP:
            return min(grace, WARM_UP_GRACE)
        case _:
            return grace


# --- many at once --------------------------------------------------------------------


def _is_in_outage(state: State, detector: str) -> bool:
    return state.outage is not None and detector in state.outage.detectors


def _gather(turn: Turn) -> None:
    """See whether the detectors that were lost just now have one cause."""
    state, outage = turn.state, turn.state.outage
    # What is lost after the message, and not known from before a restart, has its own.
    is_told = outage is not None and outage.told
    lost = {
        detector: sensed.lost_at
        for detector, sensed in state.readings.items()
        if detector in state.household.detectors
        and sensed.lost_at is not None
        and abs(turn.at - sensed.lost_at) <= TOGETHER
        and (sensed.told or not is_told)
    }
    if outage is not None:
        joined = outage.detectors | lost.keys()
        turn.change("outage", replace(outage, detectors=joined))
    elif len(lost) >= MANY or (
        len(lost) > 1 and 2 * len(lost) > len(state.household.detectors)
    ):
        turn.change(
            "outage",
            Outage(
                frozenset(lost),
                min(lost.values()),
                told=all(state.readings[detector].told for detector in lost),
            ),
        )


def _on_return(turn: Turn, detector: str) -> None:
    """A detector of an outage works again."""
    outage = turn.state.outage
    if outage is None or detector not in outage.detectors:
        return
    if not outage.told:
        # Nobody knows yet. One that stays away has its own grace.
        left = outage.detectors - {detector}
        after = replace(outage, detectors=left) if len(left) > 1 else None
    else:
        after = replace(outage, returning_since=outage.returning_since or turn.at)
    turn.change("outage", after)
    if after is not None and after.told and not _lacking(turn.state, after):
        _end_outage(turn, after)


def _lacking(state: State, outage: Outage) -> tuple[str, ...]:
    """Return the detectors of an outage that protect nobody, in the home's order."""
    return tuple(
        detector
        for detector in state.household.detectors
        if detector in outage.detectors
        and (sensed := state.readings.get(detector)) is not None
        and not sensed.level.is_protecting
    )


def _tell_outage(turn: Turn, outage: Outage) -> None:
    lost = _lacking(turn.state, outage)
    turn.change("outage", replace(outage, told=True))
    turn.tell(Message.MANY_LOST, subjects=lost)
    for detector in lost:
        turn.sense(detector, replace(turn.state.readings[detector], told=True))


def _end_outage(turn: Turn, outage: Outage) -> None:
    """Tell that it is over, and which detectors have not come back with the rest."""
    turn.change("outage", None)
    turn.tell(Message.MANY_BACK, subjects=_lacking(turn.state, outage))


def _outage_due(outage: Outage) -> datetime | None:
    if not outage.told:
        return outage.since + OUTAGE_GRACE
    since = outage.returning_since
    return since + OUTAGE_GRACE if since is not None else None


# --- time ----------------------------------------------------------------------------


def supervise(turn: Turn) -> None:
    """Tell people about detectors that have not protected them for too long."""
    outage = turn.state.outage
    if outage is not None and (due := _outage_due(outage)) and turn.at >= due:
        if outage.told:
            _end_outage(turn, outage)
        else:
            _tell_outage(turn, outage)
    for detector, sensed in list(turn.state.readings.items()):
        told_at = _told_at(turn.state, detector, sensed)
        if told_at is not None and turn.at >= told_at:
            turn.tell(Message.PROTECTION_LOST, subject=detector)
            turn.sense(detector, replace(sensed, told=True))


def supervision_due(state: State, now: datetime) -> list[datetime]:
    """Return when supervision, or an incident that waits for a warm-up, needs a look."""
    dues = []
    if state.outage is not None and (outage_due := _outage_due(state.outage)):
        dues.append(outage_due)
    is_waiting = bool(state.incidents)
    for detector, sensed in state.readings.items():
        if sensed.unprotected_since is not None:
            if (due := _told_at(state, detector, sensed)) is not None:
                dues.append(due)
        elif is_waiting and (clear := sensed.clear_since) and clear > now:
            dues.append(clear)
    return dues


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
