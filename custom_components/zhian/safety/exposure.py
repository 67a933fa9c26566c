"""The doses of the home's carbon monoxide detectors, and the alarms they lead to."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final

from .carbon_monoxide import CLEAR_BELOW, GATES, Dose, advance, begin, due, level
from .household import Detector
from .replacing import replace
from .signals import Reading
from .state import State
from .turn import Turn
from .vocabulary import Hazard, Level, Phase

_RISING = (Level.NORMAL, Level.PRE_ALARM, Level.ALARM)

FORGOTTEN_AFTER: Final = timedelta(hours=24)
"""Blood loses half of its carbon monoxide in about five hours of clean air."""

WORTH_KEEPING: Final = 1.0
"""% COHb. Clean air is not quite free of it, nor is anybody's blood."""


def with_dose(turn: Turn, detector: Detector, reading: Reading) -> Reading:
    """Return a reading with the level that its dose gives it, if that is higher.

    A detector's own alarm stays what it is: counters only add, they never delay.
    """
    if detector.hazard is not Hazard.CARBON_MONOXIDE:
        return reading
    before = turn.state.doses.get(detector.id)
    if before is None and reading.value is None:
        return reading
    dose = before or begin(detector.standard, turn.at)
    ppm = reading.value if reading.level.is_protecting else None
    dose = replace(advance(dose, detector.standard, turn.at), ppm=ppm)
    turn.change("doses", {**turn.state.doses, detector.id: dose})
    if ppm is None or reading.level not in _RISING:
        return reading
    counted = level(dose, detector.standard)
    if ppm >= CLEAR_BELOW and _is_in_alarm(turn.state, detector.id):
        counted = Level.ALARM
    highest = max(reading.level, counted, key=_RISING.index)
    return reading if highest is reading.level else replace(reading, level=highest)


def _is_in_alarm(state: State, detector: str) -> bool:
    """Whether a detector belongs to an alarm: then bad air is not clear air."""
    incident = state.open_incident(Hazard.CARBON_MONOXIDE)
    return (
        incident is not None
        and incident.phase is Phase.ALARM
        and detector in incident.detectors
    )


def overdue(state: State, at: datetime) -> Iterator[Reading]:
    """Yield a reading for each detector of which a counter is full by now."""
    for detector_id, dose in state.doses.items():
        detector = state.household.detectors.get(detector_id)
        sensed = state.readings.get(detector_id)
        if detector is None or sensed is None or dose.ppm is None:
            continue
        reached = due(dose, detector.standard)
        if reached is not None and at >= reached:
            yield Reading(detector_id, sensed.level, at, dose.ppm)


def exposure_due(state: State) -> list[datetime]:
    """Return when a counter will be full."""
    return [
        at
        for detector_id, dose in state.doses.items()
        if (detector := state.household.detectors.get(detector_id)) is not None
        and (at := due(dose, detector.standard)) is not None
    ]


def doses_now(state: State, at: datetime) -> dict[str, Dose]:
    """Return the doses that a restart must not forget, up to now."""
    return {
        detector_id: dose
        for detector_id, before in state.doses.items()
        if (detector := state.household.detectors.get(detector_id))
        and (dose := advance(before, detector.standard, at))
        and (any(dose.exposed) or dose.percent >= WORTH_KEEPING)
    }


def with_former_doses(state: State, former: Mapping[str, Dose], at: datetime) -> State:
    """Return a state that goes on counting where a former run was.

    In between the counters stand still, as they do while a detector is lost: nobody knows
    what the air was like. A clock that was set back makes no dose older than it is.
    """
    doses = {
        detector_id: Dose(min(dose.at, at), None, dose.exposed, dose.percent)
        for detector_id, dose in former.items()
        if (detector := state.household.detectors.get(detector_id))
        and detector.hazard is Hazard.CARBON_MONOXIDE
        and len(dose.exposed) == len(GATES[detector.standard])
        and at - dose.at <= FORGOTTEN_AFTER
    }
    return replace(state, doses={**state.doses, **doses}) if doses else state


def blood_level(state: State, at: datetime) -> float | None:
    """Return the highest % COHb in the home now; None if no detector gives numbers."""
    return max(
        (
            advance(dose, detector.standard, at).percent
            for detector_id, dose in state.doses.items()
            if (detector := state.household.detectors.get(detector_id))
        ),
        default=None,
    )
