"""What time alone brings: at a start, at every tick, and when the next one is due."""

from datetime import datetime

from . import (
    asking,
    confirming,
    course,
    drill,
    escalation,
    exercise,
    panel,
    patience,
    readings,
    scoring,
    silent,
    steps,
)
from .arming import Mode
from .entries import Released
from .exposure import exposure_due, overdue
from .incident import Incident
from .plan import steps_for
from .reporting import dues as report_dues, uncancelled
from .signals import Reading
from .supervision import supervise, supervision_due
from .turn import Turn
from .vocabulary import Level, Message, Outcome, Phase


def on_started(turn: Turn) -> None:
    """Go on where the journal ends."""
    drill.end_in_time(turn)
    for incident in list(turn.state.incidents.values()):
        if incident.id not in turn.state.restored or incident.alarm_since is None:
            continue
        if incident.silent:
            silent.resume(turn, incident)
            continue
        if incident.score is None:
            # The journal may end before it was weighed; else the station never hears.
            incident = scoring.rate(turn, incident)
        incident = steps.resume(turn, incident)
        if incident.phase is Phase.ALARM:
            # The journal may end before the plan, or the home may have grown.
            plan = steps_for(turn.state.household, incident.hazard)
            incident = steps.complete(turn, incident, plan)
        turn.report(incident)
        _tell_again(turn, incident)
        escalation.tell_again(turn, incident)
    turn.change("restored", frozenset())
    turn.change("announced", frozenset())
    turn.change("interrupted", frozenset())
    turn.is_freed = True  # what held a step back may have gone meanwhile
    on_time(turn)


def _tell_again(turn: Turn, incident: Incident) -> None:
    """Tell what had not reached anybody when the program ended."""
    # An all-clear may have been the last that people heard of an alarm.
    is_withdrawn = incident.phase is Phase.ALARM and Message.CLEARING in incident.told
    is_unheard = Message.ALARM not in incident.told or is_withdrawn
    if is_unheard and incident.id not in turn.state.announced:
        turn.tell(Message.ALARM, incident.id)
    for step in incident.steps:
        if step.outcome is Outcome.FAILED:
            actuator = turn.state.household.actuators.get(step.actuator)
            message = steps.failure_of(actuator, step.reason)
            if message not in incident.told:
                turn.tell(message, incident.id, step.actuator)


def on_time(turn: Turn) -> None:
    """Do what is due by now."""
    drill.end_in_time(turn)
    exercise.on_time(turn)
    for reading in list(overdue(turn.state, turn.at)):
        readings.on_reading(turn, reading)
    for reading in panel.on_time(turn):
        readings.on_reading(turn, reading)
    for detector in confirming.insisting(turn.state, turn.at):
        sensed = turn.state.readings[detector.id]
        known = turn.state.open_incident(detector.hazard)
        alone = Reading(detector.id, Level.ALARM, turn.at, sensed.value)
        readings.alarm(turn, detector.hazard, known, alone)
    for incident in list(turn.state.incidents.values()):
        steps.on_time(turn, incident)
    asking.on_time(turn)
    for incident in list(turn.state.incidents.values()):
        if not incident.drill:
            course.assess(turn, incident)
    for incident in uncancelled(turn.state, turn.at):
        turn.report(turn.record(Released, incident.id))
    supervise(turn)


def next_wake(turn: Turn, due: list[datetime]) -> datetime | None:
    """Return when the kernel needs a look, at the latest when one is due."""
    state = turn.state
    due += supervision_due(state, turn.at)
    if state.openings or state.panel.mode is not Mode.DISARMED:
        due += panel.dues(state)
    if state.incidents:
        due += [i.ends_at for i in state.incidents.values() if i.ends_at]
        due += patience.dues(turn)
        if state.settling:
            due += [at for at in state.settling.values() if at]
        if state.household.report_after:
            due += report_dues(state)
    if state.doses:
        due += exposure_due(state)
    if state.heard:
        due += confirming.dues(state)
    if state.exercises:
        due += exercise.exercises_due(state, turn.at)
    return min(due, default=None)
