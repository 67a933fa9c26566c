"""Who is told when, until somebody answers.

The residents are told at once, then the next rung of the ladder each time the one
before has let its time pass: relatives, neighbours. Whoever takes the incident ends
it. What has been told stands in the timeline, so that a restart goes on from there.
"""

from datetime import datetime, timedelta
from typing import Final

from . import steps
from .entries import Answered, Assessed, RungTold, Unanswered
from .incident import Incident
from .ladder import Ladder, Rung
from .orders import Order, Refuse, Tell
from .plan import steps_for
from .replacing import replace
from .scoring import rate
from .signals import Answer
from .turn import Turn
from .vocabulary import Message, Phase, Reason, Response, StationStatus

AT_LEAST: Final = 2
"""Channels of each contact that carry an alarm at once (GB/T 45839-2025, 5.10.4)."""

_URGENT: Final = frozenset(
    {Message.ALARM, Message.UNANSWERED, Message.HELP, Message.DURESS}
)

_STATION_HAS_IT: Final = frozenset(
    {
        StationStatus.ACKNOWLEDGED,
        StationStatus.DISPATCHED,
        StationStatus.ON_SCENE,
        StationStatus.CLOSED,
    }
)


def climb(turn: Turn) -> list[datetime]:
    """Tell whoever is to be told by now; return when somebody else is."""
    ladder = turn.state.household.ladder
    if not ladder.contacts:
        return []
    dues = []
    restored, announced = turn.state.restored, turn.state.announced
    for incident in list(turn.state.incidents.values()):
        if not _rises(ladder, incident):
            continue
        # The ladder rests until the start, but for an alarm that has begun since.
        if incident.id in restored and incident.id not in announced:
            due = _due(ladder, incident)
        else:
            due = _climb(turn, ladder, incident)
        if due is not None:
            dues.append(due)
    return dues


def _rises(ladder: Ladder, incident: Incident) -> bool:
    """Whether an incident still waits for an answer.

    It does after the hazard has gone, too: those who did not answer may be hurt.
    One who is safe does not speak for the others.
    """
    if incident.alarm_since is None or incident.is_answered or incident.silent:
        return False
    return incident.help is not None or not incident.safe.issuperset(
        ladder.rungs[0].contacts
    )


def _climb(turn: Turn, ladder: Ladder, incident: Incident) -> datetime | None:
    known = incident.called
    if not known:
        incident = step_up(turn, incident, ladder.rungs[0])
    if incident.help and not incident.drill:
        # Nobody waits for a time-out where somebody has asked for help.
        while (rung := next_rung(ladder, incident)) is not None:
            incident = step_up(turn, incident, rung)
            turn.report(incident)
    if incident.called != known and not turn.is_telling_all(_URGENT, incident.id):
        # They were not among the people of the home when it was told.
        message = Message.HELP if incident.help else Message.ALARM
        new = ladder.in_order(incident.called - known)
        turn.tell(message, incident.id, audience=new)
    if incident.drill:
        return None  # A drill wakes no neighbour.
    due = _due(ladder, incident)
    # A clock that was turned back must not add to the time-out.
    if due is None or (incident.rung_at or turn.at) <= turn.at < due:
        return due
    missing = _missing(ladder, incident)
    if incident.unanswered_at is None and missing:
        incident = turn.record(Unanswered, incident.id, contacts=missing)
        turn.report(incident)
    if (rung := next_rung(ladder, incident)) is not None:
        new = ladder.in_order(frozenset(rung.contacts) - incident.called)
        incident = step_up(turn, incident, rung)
        turn.tell(Message.UNANSWERED, incident.id, audience=new)
        turn.report(incident)
    elif incident.station.status not in _STATION_HAS_IT:
        incident = _repeat(turn, ladder, incident)
    return _due(ladder, incident)


def step_up(turn: Turn, incident: Incident, rung: Rung) -> Incident:
    """Note that a rung is being told; what it is told is said by the caller."""
    return turn.record(
        RungTold,
        incident.id,
        rung=rung.number,
        role=rung.role,
        contacts=rung.contacts,
    )


def _repeat(turn: Turn, ladder: Ladder, incident: Incident) -> Incident:
    """Remind everybody, without the noise."""
    last = ladder.rungs[-1]
    incident = turn.record(
        RungTold,
        incident.id,
        rung=last.number,
        role=last.role,
        contacts=ladder.in_order(incident.called),
        repeat=incident.repeats + 1,
    )
    turn.tell(Message.REPEAT, incident.id)
    return incident


def next_rung(ladder: Ladder, incident: Incident) -> Rung | None:
    """Return the first rung with somebody who has not been told of this alarm.

    It goes by people, not by numbers: the ladder may have been changed meanwhile.
    """
    for rung in ladder.rungs:
        if not incident.called.issuperset(rung.contacts):
            return rung
    return None


def _missing(ladder: Ladder, incident: Incident) -> tuple[str, ...]:
    """Return those of the first to be told who have not said that they are safe."""
    return tuple(c for c in ladder.rungs[0].contacts if c not in incident.safe)


def _due(ladder: Ladder, incident: Incident) -> datetime | None:
    """Return when the time of the newest rung, or of the newest repeat, is up."""
    if incident.drill or incident.rung_at is None or incident.rung_role is None:
        return None
    if (
        incident.station.status in _STATION_HAS_IT
        and (incident.unanswered_at is not None or not _missing(ladder, incident))
        and next_rung(ladder, incident) is None
    ):
        return None  # Everybody knows and an officer has it: enough noise.
    # Who was added since has not heard of it: for them it is no repeat.
    if incident.repeats and next_rung(ladder, incident) is None:
        return incident.rung_at + ladder.pause(incident.repeats)
    return incident.rung_at + ladder.patience.get(incident.rung_role, timedelta())


def on_answer(turn: Turn, signal: Answer) -> None:
    """Somebody says how it stands with them, which is not yet to take the incident."""
    incident = turn.state.incidents.get(signal.incident)
    if incident is None:
        turn.refuse(Refuse(Reason.NO_SUCH_INCIDENT, signal.incident))
        return
    is_news = (
        incident.help is None
        if signal.response is Response.HELP
        else signal.contact not in incident.safe
    )
    incident = turn.record(
        Answered,
        incident.id,
        response=signal.response,
        by=signal.by,
        via=signal.via,
        contact=signal.contact,
    )
    if signal.response is Response.HELP and incident.phase is Phase.PRE_ALARM:
        # A call for help is no pre-alarm, whatever the detectors say.
        incident = turn.record(
            Assessed, incident.id, phase=Phase.ALARM, presence=incident.presence
        )
        plan = steps_for(turn.state.household, incident.hazard)
        incident = steps.run_plan(turn, incident, plan)
    if signal.response is Response.HELP:
        incident = rate(turn, incident)
    if is_news:
        is_help = signal.response is Response.HELP
        message = Message.HELP if is_help else Message.SAFE
        turn.tell(message, incident.id, signal.contact)
    turn.report(incident)


def tell_again(turn: Turn, incident: Incident) -> None:
    """Tell those whom the end of the program kept from being told."""
    ladder = turn.state.household.ladder
    if Message.ALARM not in incident.told or incident.is_answered:
        return  # Then all of them are told anew, or somebody has taken it.
    reached = {
        contact
        for contact, _, message, reason in incident.deliveries
        if reason is None and message in _URGENT
    }
    if missed := ladder.in_order(incident.called - reached):
        turn.tell(Message.UNANSWERED, incident.id, audience=missed)


def address(turn: Turn, orders: list[Order]) -> list[Order]:
    """Put the audience on what is told: who knows of an incident hears how it goes."""
    ladder = turn.state.household.ladder
    if not ladder.contacts:
        return orders
    return [_addressed(turn, ladder, o) if type(o) is Tell else o for o in orders]


def _addressed(turn: Turn, ladder: Ladder, order: Tell) -> Tell:
    audience = order.audience
    if audience is None:
        incident = turn.latest(order.incident)
        known = ladder.in_order(incident.audience) if incident else ()
        audience = known or ladder.rungs[0].contacts
        if incident is not None and incident.silent:
            audience = ladder.confidants
    is_urgent = order.message in _URGENT or order.message is Message.ASK
    channels = AT_LEAST if is_urgent else 1
    return replace(order, audience=audience, channels=channels)
