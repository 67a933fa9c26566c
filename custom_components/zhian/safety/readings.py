"""A detector has spoken, or somebody calls: whether that is an alarm."""

from math import isfinite
from typing import Final

from . import asking, confirming, course, drill, panel, steps
from .course import SETTLED
from .entries import Assessed, Called
from .exposure import with_dose
from .incident import Incident
from .plan import steps_for
from .replacing import replace
from .signals import HelpCalled, Reading
from .supervision import notice
from .turn import Turn
from .vocabulary import Ending, Hazard, Level, Message, Phase, Presence

_ALARM: Final = frozenset({Message.ALARM})


def on_reading(turn: Turn, reading: Reading) -> None:
    """Take in what a detector says: an incident may begin, go on, or calm down."""
    detector = turn.state.household.detectors.get(reading.detector)
    if detector is None:
        return
    if reading.value is not None and not isfinite(reading.value):
        reading = replace(reading, value=None)
    reading = panel.judged(turn, detector, with_dose(turn, detector, reading))
    before = turn.state.readings.get(detector.id)
    notice(turn, reading, before)
    confirming.hear(turn, reading)
    level = reading.level
    if level is Level.ALARM and not confirming.is_confirmed(
        turn.state, detector.hazard, turn.at
    ):
        level = Level.PRE_ALARM
    changed = before is None or before.level is not reading.level
    incident = turn.state.open_incident(detector.hazard)
    is_new = incident is None or changed or detector.id not in incident.detectors
    match level:
        case Level.ALARM:
            if incident is None or incident.phase is not Phase.ALARM or is_new:
                alarm(turn, detector.hazard, incident, reading)
        case Level.PRE_ALARM if incident is None:
            ended = drill.end(turn, Ending.REAL_ALARM)
            incident = course.begin(turn, detector.hazard, Phase.PRE_ALARM)
            course.join(turn, incident, reading)
            drill.hush(turn, ended)
            if detector.hazard is not Hazard.INACTIVITY:
                is_alone = reading.level is Level.ALARM
                message = Message.UNCONFIRMED if is_alone else Message.PRE_ALARM
                turn.tell(message, incident.id, detector.id)
        case Level.PRE_ALARM if is_new:
            assert incident is not None
            course.join(turn, incident, reading)
        case _:
            if incident and changed and detector.id in incident.detectors:
                course.join(turn, incident, reading)
    if incident := turn.state.open_incident(detector.hazard):
        course.assess(turn, incident)
    if reading.level is Level.PRE_ALARM and detector.hazard is Hazard.INACTIVITY:
        asking.begin(turn)


def alarm(
    turn: Turn, hazard: Hazard, incident: Incident | None, reading: Reading
) -> None:
    """A detector is in alarm: an incident is open and its plan runs, now."""
    ended = drill.end(turn, Ending.REAL_ALARM)
    if incident is None:
        incident = course.begin(turn, hazard, Phase.ALARM)
        began = True
    else:
        began = incident.phase is not Phase.ALARM
    is_known = _is_alarm_known(turn, incident, reading.detector)
    incident = course.join(turn, incident, reading)
    if began and incident.phase is not Phase.ALARM:
        incident = turn.record(
            Assessed, incident.id, phase=Phase.ALARM, presence=Presence.YES
        )
    if began:
        plan = steps_for(turn.state.household, hazard)
        incident = steps.run_plan(turn, incident, plan)
        # At a start it may have been told in this turn, for what was before.
        if not is_known and not turn.is_telling_all(_ALARM, incident.id):
            turn.tell(Message.ALARM, incident.id, reading.detector)
        if incident.id in turn.state.settling:
            course.unsettle(turn, incident.id)
    else:
        incident = steps.close_anew(turn, incident)
    drill.hush(turn, ended)
    turn.report(incident)


def _is_alarm_known(turn: Turn, incident: Incident, detector: str) -> bool:
    """Whether the last that people heard of an incident is this detector's alarm."""
    due = turn.state.settling.get(incident.id, turn.at + SETTLED)
    return (
        incident.phase is Phase.CLEARING
        and detector in incident.detectors
        # Who has answered is asked anew, and so has to hear of it.
        and not (incident.is_answered or incident.safe)
        and due is not None
        and turn.at <= due
    )


def on_call(turn: Turn, call: HelpCalled) -> None:
    """A person calls: the same as a button, with a name instead of a detector."""
    ended = drill.end(turn, Ending.REAL_ALARM)
    incident = turn.state.open_incident(Hazard.SOS)
    is_new = incident is None or incident.phase is not Phase.ALARM
    if incident is None:
        incident = course.begin(turn, Hazard.SOS, Phase.ALARM)
    elif is_new:
        incident = turn.record(
            Assessed, incident.id, phase=Phase.ALARM, presence=Presence.YES
        )
    incident = turn.record(Called, incident.id, by=call.by, zone=call.zone)
    if is_new:
        plan = steps_for(turn.state.household, Hazard.SOS)
        incident = steps.run_plan(turn, incident, plan)
        turn.tell(Message.ALARM, incident.id)
    drill.hush(turn, ended)
    turn.report(incident)
