"""The course of an incident: it begins, detectors join, it calms down, and it ends."""

from datetime import timedelta
from typing import Final

from . import asking, scoring, steps
from .entries import Assessed, Closed, Detected, Opened
from .incident import Incident
from .signals import Reading
from .turn import Turn
from .vocabulary import Ending, Hazard, Level, Message, Phase, Presence, Reason

SETTLED: Final = timedelta(seconds=60)
"""How long it must be clear before people are told so.

A detector that chatters is told once: until its all-clear has been told, people know of
the alarm, and hear of it no second time.
"""

_HOLDING_BACK: Final = frozenset({Hazard.GAS, Hazard.SMOKE})
"""Hazards that keep other plans from moving things."""


def begin(turn: Turn, hazard: Hazard, phase: Phase) -> Incident:
    """Open an incident."""
    return turn.record(Opened, turn.new_id(hazard), hazard=hazard, phase=phase)


def join(turn: Turn, incident: Incident, reading: Reading) -> Incident:
    """Write down what a detector of an incident says."""
    detector = turn.state.household.detectors[reading.detector]
    incident = turn.record(
        Detected,
        incident.id,
        detector=detector.id,
        zone=detector.zone,
        level=reading.level,
        value=reading.value,
    )
    if reading.level is Level.ALARM:
        before = incident.score
        incident = scoring.rate(turn, incident)
        if before is not None and incident.score != before:
            turn.tell(Message.RISEN, incident.id, detector.id)
    turn.report(incident)
    return incident


def assess(turn: Turn, incident: Incident) -> None:
    """Bring an incident's phase in line with what its detectors say now.

    No time-out ends an alarm: only detectors that are all known to be clear do.
    """
    if incident.hazard is Hazard.SOS:
        return  # it is there until a person says that it is not
    presence = turn.state.presence(incident.detectors, turn.at)
    phase, was_asking = incident.phase, incident.asking_since is not None
    if presence is Presence.NO and phase is Phase.ALARM:
        phase = Phase.CLEARING
        turn.is_freed = turn.is_freed or incident.hazard is Hazard.SMOKE
    if phase is not incident.phase or presence is not incident.presence:
        incident = turn.record(Assessed, incident.id, phase=phase, presence=presence)
        turn.report(incident)
    if asking.is_over(incident):
        close(turn, incident, Ending.PERSON_WELL)
        turn.tell(Message.WELL, incident.id)
        return
    if was_asking and presence is Presence.NO:
        turn.tell(Message.WELL, incident.id)
    _settle(turn, incident)


def _settle(turn: Turn, incident: Incident) -> None:
    """Tell the all-clear when it has lasted; a pre-alarm is over then."""
    settling = turn.state.settling
    if incident.presence is not Presence.NO:
        if settling.get(incident.id) is not None:
            unsettle(turn, incident.id)
        return
    if incident.id not in settling:
        due = turn.at + SETTLED
        turn.change("settling", {**settling, incident.id: due})
        return
    at = settling[incident.id]
    if at is None or turn.at < at:
        return
    if incident.phase is Phase.PRE_ALARM:
        close(turn, incident, Ending.PRE_ALARM_OVER)
        turn.tell(Message.PRE_ALARM_OVER, incident.id)
    else:
        turn.change("settling", {**settling, incident.id: None})
        turn.tell(Message.CLEARING, incident.id)


def unsettle(turn: Turn, incident: str) -> None:
    """Forget that an all-clear was to be told, or was told."""
    settling = {i: at for i, at in turn.state.settling.items() if i != incident}
    turn.change("settling", settling)


def close(turn: Turn, incident: Incident, ending: Ending) -> None:
    """End an incident, and what it held back."""
    incident = steps.end_steps(turn, incident, Reason.INCIDENT_CLOSED)
    turn.report(turn.record(Closed, incident.id, ending=ending))
    if not incident.drill and incident.hazard in _HOLDING_BACK:
        turn.is_freed = True
    if incident.id in turn.state.settling:
        unsettle(turn, incident.id)
