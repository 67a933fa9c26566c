"""The kernel's one entrance: `decide(state, signal) -> (state, orders)`."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from math import isfinite
from typing import Final

from . import (
    asking,
    confirming,
    drill,
    escalation,
    evidence,
    exercise,
    inquiry,
    panel,
    scoring,
    silent,
    steps,
)
from .arming import Panel
from .entries import (
    Acknowledged,
    Assessed,
    Called,
    Closed,
    Detected,
    Disarmed,
    Entry,
    Opened,
    Released,
    Reopened,
    Reset,
    StationReplied,
    Told,
)
from .exposure import exposure_due, overdue, with_dose
from .hindrance import on_hindered
from .household import Household
from .incident import Incident, StationSide, fold_all
from .interlock import is_locked_out, why_not_open, why_not_reset
from .orders import Drive, Order, Refuse, WakeAt
from .plan import steps_for
from .replacing import replace
from .reporting import dues as report_dues, uncancelled
from .signals import (
    Acknowledge,
    ActuatorReport,
    Answer,
    ArmRequested,
    Delivered,
    DisarmRequested,
    DrillEnded,
    DrillStarted,
    ExerciseInterrupted,
    ExerciseRequested,
    HelpCalled,
    Hindered,
    OpenRequested,
    OrderFailed,
    Reading,
    ResetRequested,
    Signal,
    Started,
    StationAsked,
    StationInformed,
    StationSaid,
    Tick,
    Witnessed,
)
from .state import Positioned, State
from .supervision import notice, supervise, supervision_due
from .turn import Turn
from .vocabulary import (
    ActuatorRole,
    Ending,
    Hazard,
    Level,
    Message,
    Outcome,
    Phase,
    Position,
    Presence,
    Reason,
    StationStatus,
    Witness,
)

SETTLED: Final = timedelta(seconds=60)
"""How long it must be clear before people are told so.

A detector that chatters is told once: until its all-clear has been told, people know of
the alarm, and hear of it no second time.
"""

_HOLDING_BACK: Final = frozenset({Hazard.GAS, Hazard.SMOKE})
"""Hazards that keep other plans from moving things."""

_STATION_COURSE: Final = (
    StationStatus.NONE,
    StationStatus.REJECTED,
    StationStatus.ACCEPTED,
    StationStatus.ACKNOWLEDGED,
    StationStatus.DISPATCHED,
    StationStatus.ON_SCENE,
    StationStatus.CLOSED,
)
"""How a station goes on with an incident. It never goes back: an answer that says so
was late."""

_TOLD_STATION_STATUS: Final = frozenset(
    {
        StationStatus.REJECTED,
        StationStatus.ACKNOWLEDGED,
        StationStatus.DISPATCHED,
        StationStatus.ON_SCENE,
        StationStatus.CLOSED,
    }
)


def restore(household: Household, journal: Iterable[Entry]) -> State:
    """Return the state that a journal adds up to; readings and reports are to come."""
    return go_on(household, fold_all(journal).values())


def go_on(
    household: Household,
    journaled: Iterable[Incident],
    known_lost: frozenset[str] = frozenset(),
    panel: Panel | None = None,
) -> State:
    """Return the state to go on from with incidents of a former run.

    `known_lost` are the detectors that people know to be lost, `panel` is how the home
    was armed.
    """
    incidents = {i.id: i for i in journaled if i.is_open}
    return State(
        household,
        incidents=incidents,
        settling={
            i.id: None
            for i in incidents.values()
            if i.phase is Phase.CLEARING and Message.CLEARING in i.told
        },
        known_lost=known_lost,
        restored=frozenset(incidents),
        interrupted=frozenset(
            (incident.id, step.id)
            for incident in incidents.values()
            for step in incident.steps
            if not step.outcome.is_settled or step.outcome is Outcome.FAILED
        ),
        panel=panel or Panel(),
    )


def decide(state: State, signal: Signal) -> tuple[State, list[Order]]:
    """Return the state after a signal and what is to be done, drives first."""
    turn = Turn(state, signal.at)
    match signal:
        case Reading():
            _on_reading(turn, signal)
        case ActuatorReport():
            _on_report(turn, signal)
        case Hindered():
            on_hindered(turn, signal)
        case OrderFailed():
            if incident := state.incidents.get(signal.incident):
                steps.on_order_failed(turn, incident, signal.step, signal.reason)
        case HelpCalled():
            _on_call(turn, signal)
        case Acknowledge():
            _on_acknowledge(turn, signal)
        case Answer():
            _on_answer(turn, signal)
        case ResetRequested():
            _on_reset(turn, signal)
        case OpenRequested():
            _on_open(turn, signal)
        case Delivered():
            _on_delivered(turn, signal)
        case StationSaid() | StationAsked() | StationInformed():
            _on_station(turn, signal)
        case DrillStarted():
            drill.start(turn, signal, lambda h: turn.new_id(h, drill=True))
        case DrillEnded():
            _end_drill(turn)
        case ArmRequested():
            _on_arm(turn, signal)
        case DisarmRequested():
            _on_disarm(turn, signal)
        case Witnessed():
            _on_witnessed(turn, signal)
        case ExerciseRequested():
            exercise.begin(turn, signal)
        case ExerciseInterrupted():
            exercise.resume(turn, signal)
        case Started():
            _on_started(turn)
        case Tick():
            _on_time(turn)
    if turn.is_freed:
        steps.free(turn)
    if turn.state.incidents:
        evidence.watch(turn)
    escalation.climb(turn)
    asking.pass_on(turn)
    due = _next_wake(turn)
    state, orders = turn.end()
    orders = escalation.address(turn, orders)
    if due is not None:
        orders.append(WakeAt(due))
    return state, orders


# --- detectors ---------------------------------------------------------------------


def _on_reading(turn: Turn, reading: Reading) -> None:
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
                _alarm(turn, detector.hazard, incident, reading)
        case Level.PRE_ALARM if incident is None:
            ended = drill.end(turn, Ending.REAL_ALARM, _close)
            incident = _open(turn, detector.hazard, Phase.PRE_ALARM)
            _join(turn, incident, reading)
            drill.hush(turn, ended)
            if detector.hazard is not Hazard.INACTIVITY:
                is_alone = reading.level is Level.ALARM
                message = Message.UNCONFIRMED if is_alone else Message.PRE_ALARM
                turn.tell(message, incident.id, detector.id)
        case Level.PRE_ALARM if is_new:
            assert incident is not None
            _join(turn, incident, reading)
        case _:
            if incident and changed and detector.id in incident.detectors:
                _join(turn, incident, reading)
    if incident := turn.state.open_incident(detector.hazard):
        _assess(turn, incident)
    if reading.level is Level.PRE_ALARM and detector.hazard is Hazard.INACTIVITY:
        asking.begin(turn)


def _alarm(
    turn: Turn, hazard: Hazard, incident: Incident | None, reading: Reading
) -> None:
    """A detector is in alarm: an incident is open and its plan runs, now."""
    ended = drill.end(turn, Ending.REAL_ALARM, _close)
    if incident is None:
        incident = _open(turn, hazard, Phase.ALARM)
        began = True
    else:
        began = incident.phase is not Phase.ALARM
    is_known = _is_alarm_known(turn, incident, reading.detector)
    incident = _join(turn, incident, reading)
    if began and incident.phase is not Phase.ALARM:
        incident = turn.record(
            Assessed, incident.id, phase=Phase.ALARM, presence=Presence.YES
        )
    if began:
        plan = steps_for(turn.state.household, hazard)
        incident = steps.run_plan(turn, incident, plan)
        if not is_known:
            turn.tell(Message.ALARM, incident.id, reading.detector)
        if incident.id in turn.state.settling:
            _unsettle(turn, incident.id)
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


def _on_call(turn: Turn, call: HelpCalled) -> None:
    """A person calls: the same as a button, with a name instead of a detector."""
    ended = drill.end(turn, Ending.REAL_ALARM, _close)
    incident = turn.state.open_incident(Hazard.SOS)
    is_new = incident is None or incident.phase is not Phase.ALARM
    if incident is None:
        incident = _open(turn, Hazard.SOS, Phase.ALARM)
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


def _open(turn: Turn, hazard: Hazard, phase: Phase) -> Incident:
    return turn.record(Opened, turn.new_id(hazard), hazard=hazard, phase=phase)


def _join(turn: Turn, incident: Incident, reading: Reading) -> Incident:
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


def _assess(turn: Turn, incident: Incident) -> None:
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
        _close(turn, incident, Ending.PERSON_WELL)
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
            _unsettle(turn, incident.id)
        return
    if incident.id not in settling:
        due = turn.at + SETTLED
        turn.change("settling", {**settling, incident.id: due})
        return
    at = settling[incident.id]
    if at is None or turn.at < at:
        return
    if incident.phase is Phase.PRE_ALARM:
        _close(turn, incident, Ending.PRE_ALARM_OVER)
        turn.tell(Message.PRE_ALARM_OVER, incident.id)
    else:
        turn.change("settling", {**settling, incident.id: None})
        turn.tell(Message.CLEARING, incident.id)


def _unsettle(turn: Turn, incident: str) -> None:
    settling = {i: at for i, at in turn.state.settling.items() if i != incident}
    turn.change("settling", settling)


# --- actuators ---------------------------------------------------------------------


def _on_report(turn: Turn, report: ActuatorReport) -> None:
    actuator = turn.state.household.actuators.get(report.actuator)
    if actuator is None:
        return
    before = turn.state.positions.get(actuator.id)
    known = Positioned(report.position, report.at, is_answer=report.is_answer)
    turn.place(actuator.id, known)
    steps.on_report(turn, actuator, known, before)
    exercise.on_report(turn, actuator, known)
    is_valve = actuator.role in (ActuatorRole.GAS_VALVE, ActuatorRole.WATER_VALVE)
    if (
        is_valve
        and report.position is Position.OPEN
        and (before is None or before.position is not Position.OPEN)
        and is_locked_out(turn.state, actuator)
    ):
        _on_reopened(turn, actuator.id)


def _on_reopened(turn: Turn, actuator: str) -> None:
    """A valve that had closed is open again: undo it once, tell it each time."""
    for incident in turn.state.incidents.values():
        step = incident.step(f"{Position.CLOSED.value}:{actuator}")
        if step is None or incident.drill or not _stood(step.outcome, step.reason):
            continue
        undo = actuator not in incident.undone
        incident = turn.record(Reopened, incident.id, actuator=actuator, undone=undo)
        if undo:
            steps.order_step(turn, incident, step.id)
        else:
            steps.leave_open(turn, incident, step)
        is_flow = turn.state.household.actuators[actuator].witness is Witness.FLOW
        message = Message.STILL_FLOWING if is_flow else Message.REOPENED
        turn.tell(message, incident.id, actuator)
        turn.report(incident)


def _stood(outcome: Outcome, reason: Reason | None) -> bool:
    return outcome is Outcome.CONFIRMED or reason is Reason.ALREADY_THERE


def _on_open(turn: Turn, request: OpenRequested) -> None:
    if reason := why_not_open(turn.state, request):
        turn.refuse(Refuse(reason, request.actuator))
    else:
        turn.drive(Drive(request.actuator, Position.OPEN, by=request.by))


# --- people ------------------------------------------------------------------------


def _chosen(turn: Turn, incident: str | None) -> list[Incident]:
    """Return the incident that a person means; without a name, every open one."""
    if incident is None:
        return list(turn.state.shown)
    found = turn.state.incidents.get(incident)
    return [found] if found else []


def _on_acknowledge(turn: Turn, signal: Acknowledge) -> None:
    chosen = _chosen(turn, signal.incident)
    if not chosen:
        turn.refuse(Refuse(Reason.NO_SUCH_INCIDENT, signal.incident))
    for incident in chosen:
        is_first = not incident.is_answered
        incident = turn.record(
            Acknowledged,
            incident.id,
            by=signal.by,
            via=signal.via,
            contact=signal.contact,
        )
        # Not only the first time: the alarm may have come up anew.
        incident = steps.silence(turn, incident)
        if is_first:
            turn.tell(Message.ACKNOWLEDGED, incident.id)
        turn.report(incident)


def _on_answer(turn: Turn, signal: Answer) -> None:
    """Somebody says how they are; whose silence it was ends the incident by that."""
    escalation.on_answer(turn, signal)
    incident = turn.state.incidents.get(signal.incident)
    if incident is not None and asking.is_answered(turn.state, incident, signal):
        _close(turn, incident, Ending.PERSON_WELL)


def _on_reset(turn: Turn, request: ResetRequested) -> None:
    chosen = _chosen(turn, request.incident)
    if not chosen:
        turn.refuse(Refuse(Reason.NO_SUCH_INCIDENT, request.incident))
    for incident in chosen:
        if incident.drill:
            _end_drill(turn)
            continue
        _assess(turn, incident)
        if incident.id not in turn.state.incidents:
            continue
        incident = turn.state.incidents[incident.id]
        if incident.phase is Phase.PRE_ALARM and incident.presence is Presence.NO:
            _close(turn, incident, Ending.PRE_ALARM_OVER)
            turn.tell(Message.PRE_ALARM_OVER, incident.id)
            continue
        if reason := why_not_reset(turn.state, incident, request):
            turn.refuse(Refuse(reason, incident.id))
            continue
        incident = turn.record(Reset, incident.id, by=request.by)
        _close(turn, steps.silence(turn, incident), Ending.RESET)
        turn.tell(Message.CLOSED, incident.id)


# --- the panel -----------------------------------------------------------------------


def _on_arm(turn: Turn, request: ArmRequested) -> None:
    panel.arm(turn, request)
    if request.duress:
        silent.call(turn, request.by)


def _on_disarm(turn: Turn, request: DisarmRequested) -> None:
    """Somebody with a code is there: what was open because of intrusion is over."""
    panel.disarm(turn, request)
    for incident in turn.state.shown:
        if incident.hazard is not Hazard.INTRUSION or incident.drill:
            continue
        incident = turn.record(Disarmed, incident.id, by=request.by)
        incident = steps.silence(turn, incident)
        if panel.is_held(turn.state, incident.detectors):
            turn.report(incident)
            continue
        _close(turn, scoring.stand_down(turn, incident), Ending.DISARMED)
        turn.tell(Message.CLOSED, incident.id)
    for reading in list(panel.calmed(turn.state, turn.at)):
        _on_reading(turn, reading)
    if request.duress:
        silent.call(turn, request.by)
        return
    for incident in silent.over(turn):
        _close(turn, incident, Ending.DISARMED)


def _on_witnessed(turn: Turn, signal: Witnessed) -> None:
    incident = turn.state.open_incident(Hazard.INTRUSION)
    if incident is None or signal.evidence not in scoring.WITNESSED:
        turn.refuse(Refuse(Reason.NO_SUCH_INCIDENT))
        return
    turn.report(scoring.rate_as(turn, incident, signal.evidence))


def _close(turn: Turn, incident: Incident, ending: Ending) -> None:
    incident = steps.end_steps(turn, incident, Reason.INCIDENT_CLOSED)
    turn.report(turn.record(Closed, incident.id, ending=ending))
    if not incident.drill and incident.hazard in _HOLDING_BACK:
        turn.is_freed = True
    if incident.id in turn.state.settling:
        _unsettle(turn, incident.id)


def _on_delivered(turn: Turn, signal: Delivered) -> None:
    if incident := turn.state.incidents.get(signal.incident):
        known = incident.deliveries
        told = (signal.contact, signal.channel, signal.message, signal.reason)
        if signal.message is Message.ASK and told in known:
            return  # one line for twenty questions
        incident = turn.record(
            Told,
            incident.id,
            contact=signal.contact,
            message=signal.message,
            reason=signal.reason,
            channel=signal.channel,
        )
        # The same again is no news: a channel that fails on and on stays at home.
        if incident.deliveries != known:
            turn.report(incident)


def _end_drill(turn: Turn) -> None:
    drill.hush(turn, drill.end(turn, Ending.DRILL_OVER, _close))


def _end_drill_in_time(turn: Turn) -> None:
    running = turn.state.drill
    if running is None or running.ends_at is None:
        return
    # With a clock that was turned back it would last longer than anybody wanted.
    if not running.opened_at <= turn.at < running.ends_at:
        _end_drill(turn)


# --- station -----------------------------------------------------------------------


def _on_station(
    turn: Turn, signal: StationSaid | StationAsked | StationInformed
) -> None:
    match signal:
        case StationSaid():
            _on_word(turn, signal)
        case StationAsked():
            inquiry.on_asked(turn, signal)
        case StationInformed():
            inquiry.on_informed(turn, signal)


def _on_word(turn: Turn, said: StationSaid) -> None:
    incident = turn.state.incidents.get(said.incident)
    if incident is None:
        return
    before = incident.station
    if _STATION_COURSE.index(said.status) < _STATION_COURSE.index(before.status):
        said = StationSaid(
            said.incident,
            before.status,
            said.at,
            number=before.number or said.number,
            reason=before.reason,
        )
    if _is_no_news(before, said):
        return
    incident = turn.record(
        StationReplied,
        incident.id,
        status=said.status,
        number=said.number,
        by=said.by,
        unit=said.unit,
        eta_seconds=said.eta_seconds,
        disposition=said.disposition,
        reason=said.reason,
    )
    if incident.silent and said.status is StationStatus.CLOSED:
        _close(turn, incident, Ending.STATION)
        return
    # No report: the station knows what it said.
    if said.status in _TOLD_STATION_STATUS and said.status is not before.status:
        turn.tell(Message.STATION, incident.id)


def _is_no_news(before: StationSide, said: StationSaid) -> bool:
    return before.status is said.status and all(
        new is None or new == old
        for new, old in (
            (said.number, before.number),
            (said.by, before.by),
            (said.unit, before.unit),
            (said.eta_seconds, before.eta_seconds),
            (said.disposition, before.disposition),
            (said.reason, before.reason),
        )
    )


# --- time --------------------------------------------------------------------------


def _on_started(turn: Turn) -> None:
    """Go on where the journal ends."""
    _end_drill_in_time(turn)
    for incident in list(turn.state.incidents.values()):
        if incident.id not in turn.state.restored or incident.alarm_since is None:
            continue
        if incident.silent:
            silent.resume(turn, incident)
            continue
        incident = steps.resume(turn, incident)
        if incident.phase is Phase.ALARM:
            # The journal may end before the plan, or the home may have grown.
            plan = steps_for(turn.state.household, incident.hazard)
            incident = steps.complete(turn, incident, plan)
        turn.report(incident)
        _tell_again(turn, incident)
        escalation.tell_again(turn, incident)
    turn.change("restored", frozenset())
    turn.change("interrupted", frozenset())
    turn.is_freed = True  # what held a step back may have gone meanwhile
    _on_time(turn)


def _tell_again(turn: Turn, incident: Incident) -> None:
    """Tell what had not reached anybody when the program ended."""
    # An all-clear may have been the last that people heard of an alarm.
    is_withdrawn = incident.phase is Phase.ALARM and Message.CLEARING in incident.told
    if Message.ALARM not in incident.told or is_withdrawn:
        turn.tell(Message.ALARM, incident.id)
    for step in incident.steps:
        if step.outcome is Outcome.FAILED:
            actuator = turn.state.household.actuators.get(step.actuator)
            message = steps.failure_of(actuator, step.reason)
            if message not in incident.told:
                turn.tell(message, incident.id, step.actuator)


def _on_time(turn: Turn) -> None:
    _end_drill_in_time(turn)
    exercise.on_time(turn)
    for reading in list(overdue(turn.state, turn.at)):
        _on_reading(turn, reading)
    for reading in panel.on_time(turn):
        _on_reading(turn, reading)
    for detector in confirming.insisting(turn.state, turn.at):
        sensed = turn.state.readings[detector.id]
        known = turn.state.open_incident(detector.hazard)
        alone = Reading(detector.id, Level.ALARM, turn.at, sensed.value)
        _alarm(turn, detector.hazard, known, alone)
    for incident in list(turn.state.incidents.values()):
        steps.on_time(turn, incident)
    asking.on_time(turn)
    for incident in list(turn.state.incidents.values()):
        if not incident.drill:
            _assess(turn, incident)
    for incident in uncancelled(turn.state, turn.at):
        turn.report(turn.record(Released, incident.id))
    supervise(turn)


def _next_wake(turn: Turn) -> datetime | None:
    due = list(supervision_due(turn.state, turn.at))
    if turn.state.incidents:
        due += _incidents_due(turn)
    if turn.state.doses:
        due.extend(exposure_due(turn.state))
    due.extend(panel.dues(turn.state))
    due.extend(confirming.dues(turn.state))
    if turn.state.exercises:
        due.extend(exercise.exercises_due(turn.state, turn.at))
    return min(due, default=None)


def _incidents_due(turn: Turn) -> list[datetime]:
    """Return when the open incidents need a look."""
    state = turn.state
    due = [at for at in state.settling.values() if at]
    for incident in state.incidents.values():
        if incident.ends_at:
            due.append(incident.ends_at)
        due += [
            at
            for step in incident.steps
            if steps.needs_time(step) and (at := steps.due_at(turn, step))
        ]
    due.extend(escalation.dues(state))
    due.extend(report_dues(state))
    due.extend(asking.dues(state))
    return due
