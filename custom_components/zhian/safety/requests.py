"""What people ask for, and what becomes of what they are told."""

from . import asking, course, drill, escalation, panel, readings, scoring, silent, steps
from .entries import Acknowledged, Disarmed, Reset, Told
from .incident import Incident
from .interlock import why_not_open, why_not_reset
from .orders import Drive, Refuse
from .signals import (
    Acknowledge,
    Answer,
    ArmRequested,
    Delivered,
    DisarmRequested,
    OpenRequested,
    ResetRequested,
    Witnessed,
)
from .turn import Turn
from .vocabulary import Ending, Hazard, Message, Phase, Position, Presence, Reason


def _chosen(turn: Turn, incident: str | None) -> list[Incident]:
    """Return the incident that a person means; without a name, every open one."""
    if incident is None:
        return list(turn.state.shown)
    found = turn.state.incidents.get(incident)
    return [found] if found else []


def on_acknowledge(turn: Turn, signal: Acknowledge) -> None:
    """Somebody takes an incident: it is theirs, and it is quiet."""
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


def on_answer(turn: Turn, signal: Answer) -> None:
    """Somebody says how they are; whose silence it was ends the incident by that."""
    escalation.on_answer(turn, signal)
    incident = turn.state.incidents.get(signal.incident)
    if incident is not None and asking.is_answered(turn.state, incident, signal):
        course.close(turn, incident, Ending.PERSON_WELL)


def on_reset(turn: Turn, request: ResetRequested) -> None:
    """Somebody wants the latch to end, which only a safe place lets them."""
    chosen = _chosen(turn, request.incident)
    if not chosen:
        turn.refuse(Refuse(Reason.NO_SUCH_INCIDENT, request.incident))
    for incident in chosen:
        if incident.drill:
            drill.finish(turn)
            continue
        course.assess(turn, incident)
        if incident.id not in turn.state.incidents:
            continue
        incident = turn.state.incidents[incident.id]
        if incident.phase is Phase.PRE_ALARM and incident.presence is Presence.NO:
            course.close(turn, incident, Ending.PRE_ALARM_OVER)
            turn.tell(Message.PRE_ALARM_OVER, incident.id)
            continue
        if reason := why_not_reset(turn.state, incident, request):
            turn.refuse(Refuse(reason, incident.id))
            continue
        incident = turn.record(Reset, incident.id, by=request.by)
        course.close(turn, steps.silence(turn, incident), Ending.RESET)
        turn.tell(Message.CLOSED, incident.id)


def on_open(turn: Turn, request: OpenRequested) -> None:
    """Somebody wants a valve opened: the one way in which gas flows again."""
    if reason := why_not_open(turn.state, request):
        turn.refuse(Refuse(reason, request.actuator))
    else:
        turn.drive(Drive(request.actuator, Position.OPEN, by=request.by))


def on_delivered(turn: Turn, signal: Delivered) -> None:
    """Write down whether a message has reached a person's channel."""
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


# --- the panel -----------------------------------------------------------------------


def on_arm(turn: Turn, request: ArmRequested) -> None:
    """Somebody arms the home, perhaps because they were made to."""
    panel.arm(turn, request)
    if request.duress:
        silent.call(turn, request.by)


def on_disarm(turn: Turn, request: DisarmRequested) -> None:
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
        course.close(turn, scoring.stand_down(turn, incident), Ending.DISARMED)
        turn.tell(Message.CLOSED, incident.id)
    for reading in list(panel.calmed(turn.state, turn.at)):
        readings.on_reading(turn, reading)
    if request.duress:
        silent.call(turn, request.by)
        return
    for incident in silent.over(turn):
        course.close(turn, incident, Ending.DISARMED)


def on_witnessed(turn: Turn, signal: Witnessed) -> None:
    """Somebody says what they have seen of a break-in."""
    incident = turn.state.open_incident(Hazard.INTRUSION)
    if incident is None or signal.evidence not in scoring.WITNESSED:
        turn.refuse(Refuse(Reason.NO_SUCH_INCIDENT))
        return
    turn.report(scoring.rate_as(turn, incident, signal.evidence))
