"""What a timeline adds up to: an incident, entry by entry."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from .entries import (
    Acknowledged,
    Answered,
    Asked,
    Assessed,
    AttemptFailed,
    Called,
    Closed,
    Detected,
    Disarmed,
    Entry,
    Evidence,
    Informed,
    Inquired,
    Opened,
    PassedOn,
    Rated,
    Released,
    Reopened,
    Reset,
    RungTold,
    StationReplied,
    StepOrdered,
    StepSettled,
    StepsPlanned,
    Told,
    Unanswered,
)
from .incident import Acknowledgement, Incident, Question, StationSide, Step
from .replacing import draft, finished, replace
from .vocabulary import (
    ContactRole,
    Hazard,
    Level,
    Message,
    Outcome,
    Phase,
    Presence,
    Response,
)


def fold(incident: Incident | None, entry: Entry) -> Incident:
    """Return the incident after one more entry.

    Raise ValueError if the entry does not continue the incident.
    """
    if isinstance(entry, Opened):
        if incident is not None or entry.seq != 1:
            raise ValueError(f"{entry.incident}: opened twice")
        return Incident(
            id=entry.incident,
            hazard=entry.hazard,
            opened_at=entry.at,
            phase=entry.phase,
            drill=entry.drill,
            silent=entry.silent,
            moves=entry.moves,
            ends_at=entry.ends_at,
            seq=1,
            alarm_since=entry.at if entry.phase is Phase.ALARM else None,
            alarmed_at=entry.at if entry.phase is Phase.ALARM else None,
        )
    if incident is None or entry.seq != incident.seq + 1:
        raise ValueError(f"{entry.incident}: entry {entry.seq} does not follow")
    if (change := _CHANGES.get(type(entry))) is None:
        raise ValueError(f"{entry.incident}: unknown entry {entry.kind}")
    after = draft(incident)
    change(after, entry)
    after.seq = entry.seq
    return finished(after, Incident)


def fold_all(entries: Iterable[Entry]) -> dict[str, Incident]:
    """Return the incidents that a journal adds up to, the closed ones too."""
    incidents: dict[str, Incident] = {}
    for entry in entries:
        incidents[entry.incident] = fold(incidents.get(entry.incident), entry)
    return incidents


def _move(incident: Any, entry: StepOrdered | AttemptFailed | StepSettled) -> None:
    incident.steps = tuple(
        [
            _step_after(step, entry) if step.id == entry.step else step
            for step in incident.steps
        ]
    )


def _plan(incident: Any, entry: StepsPlanned) -> None:
    planned = [Step(s.id, s.actuator, s.target) for s in entry.steps]
    incident.steps = (*incident.steps, *planned)


def _call(incident: Any, entry: Called) -> None:
    if entry.zone:
        incident.zones |= {entry.zone}


def _rate(incident: Any, entry: Rated) -> None:
    is_first = incident.score is None
    incident.withheld = entry.withheld and (is_first or incident.withheld)
    incident.score = entry.level


def _weigh(incident: Any, entry: Evidence) -> None:
    incident.gas_falls = entry.falls


def _reopen(incident: Any, entry: Reopened) -> None:
    if entry.undone:
        incident.undone |= {entry.actuator}


def _reset(incident: Any, entry: Reset) -> None:
    incident.reset_by = entry.by


def _close(incident: Any, entry: Closed) -> None:
    incident.phase = Phase.CLOSED
    incident.closed_at = entry.at
    incident.ending = entry.ending


def _tell_rung(incident: Any, entry: RungTold) -> None:
    incident.audience = incident.audience.union(entry.contacts)
    incident.called = incident.called.union(entry.contacts)
    incident.rung_at = entry.at
    incident.rung_role = entry.role
    incident.repeats = entry.repeat


def _tell(incident: Any, entry: Told) -> None:
    if entry.reason is None:
        incident.told |= {entry.message}
    delivery = (entry.contact, entry.channel, entry.message, entry.reason)
    incident.deliveries |= {delivery}


def _reply(incident: Any, entry: StationReplied) -> None:
    incident.station = _station_after(incident.station, entry)


def _acknowledge(incident: Any, entry: Acknowledged) -> None:
    if incident.acknowledged is None or not incident.is_answered:
        incident.acknowledged = Acknowledgement(entry.by, entry.via, entry.at)
    incident.asking_since = None
    _take(incident)


def _disarm(incident: Any, entry: Disarmed) -> None:
    if incident.acknowledged is None:
        incident.acknowledged = Acknowledgement(entry.by, "code", entry.at)
    _take(incident)


def _miss(incident: Any, entry: Unanswered) -> None:
    incident.unanswered_at = entry.at
    incident.missing = frozenset(entry.contacts)


def _pass_on(incident: Any, entry: PassedOn) -> None:
    incident.passed_on_at = entry.at


def _release(incident: Any, _: Released) -> None:
    incident.is_released = True


def _inquire(incident: Any, entry: Inquired) -> None:
    question = Question(entry.question, entry.text, entry.by)
    incident.questions = (*incident.questions, question)


def _inform(incident: Any, entry: Informed) -> None:
    incident.questions = _after_informing(incident, entry)


def _detect(incident: Any, entry: Detected) -> None:
    """Let a detector join; of an intrusion, note when which one last alarmed."""
    if entry.detector not in incident.detectors:
        incident.detectors = (*incident.detectors, entry.detector)
    if entry.zone not in incident.zones:
        incident.zones |= {entry.zone}
    if incident.hazard is Hazard.INTRUSION and entry.level is Level.ALARM:
        others = tuple(s for s in incident.struck if s[0] != entry.detector)
        incident.struck = (*others, (entry.detector, entry.at))


def _assess(incident: Any, entry: Assessed) -> None:
    began = entry.phase is Phase.ALARM and incident.phase is not Phase.ALARM
    incident.phase = entry.phase
    incident.presence = entry.presence
    if began or entry.presence is Presence.NO:
        incident.asking_since = None
    if not began:
        return
    incident.alarm_since = entry.at
    incident.alarmed_at = incident.alarmed_at or entry.at
    asks_anew = incident.is_answered or incident.safe
    if asks_anew or Message.CLEARING in incident.told:
        # Who was told that it is over has not been told of this alarm.
        incident.told -= {Message.ALARM, Message.CLEARING}
    if asks_anew:
        _begin_anew(incident)


def _begin_anew(incident: Any) -> None:
    """An alarm comes up after somebody has answered to the one before."""
    incident.called = frozenset()
    incident.rung_at = None
    incident.rung_role = None
    incident.repeats = 0
    incident.is_answered = False
    incident.safe = frozenset()


def _take(incident: Any) -> None:
    """Somebody has taken the alarm that is on."""
    incident.is_answered = True
    incident.unanswered_at = None
    incident.missing = frozenset()


def _answer(incident: Any, entry: Answered) -> None:
    if entry.response is Response.HELP:
        wanted = Acknowledgement(entry.by, entry.via, entry.at)
        incident.help = incident.help or wanted
        incident.asking_since = None
        return
    incident.safe |= {entry.contact}
    incident.missing -= {entry.contact}
    if not incident.missing:
        incident.unanswered_at = None


def _ask(incident: Any, entry: Asked) -> None:
    """Ask once more; the first question of a row forgets who answered before it."""
    since, contacts = incident.asking_since, frozenset(entry.contacts)
    if since is None:
        _begin_anew(incident)
        incident.unanswered_at = None
        incident.missing = frozenset()
    # A clock that was turned back costs ten minutes, not an hour.
    incident.asking_since = entry.at if since is None else min(since, entry.at)
    incident.asked_at = entry.at
    incident.asks = entry.number
    incident.asked |= contacts
    incident.audience |= contacts
    incident.called |= contacts
    # They have been told, so that the next on the ladder follow them.
    incident.rung_at = entry.at
    incident.rung_role = ContactRole.RESIDENT


def _step_after(step: Step, entry: StepOrdered | AttemptFailed | StepSettled) -> Step:
    match entry:
        case StepOrdered():
            # A failed step stays failed while it is tried again: people were told.
            is_failed = step.outcome is Outcome.FAILED
            # A first attempt begins the step anew, and so does a clock that was
            # turned back: no report would ever be newer than the order.
            begins = (
                entry.attempt == 1
                or step.first_ordered_at is None
                or entry.at < step.first_ordered_at
            )
            return replace(
                step,
                outcome=Outcome.FAILED if is_failed else Outcome.ORDERED,
                reason=None if begins and not is_failed else step.reason,
                attempts=entry.attempt,
                first_ordered_at=entry.at if begins else step.first_ordered_at,
                ordered_at=entry.at,
                failed_at=None,
                settled_at=step.settled_at if is_failed else None,
            )
        case AttemptFailed():
            return replace(
                step, reason=entry.reason, ordered_at=None, failed_at=entry.at
            )
        case StepSettled():
            return replace(
                step,
                outcome=entry.outcome,
                reason=entry.reason,
                settled_at=entry.at,
            )


def _after_informing(incident: Incident, entry: Informed) -> tuple[Question, ...]:
    return tuple(
        [
            replace(
                question, answer=entry.text, answered_by=entry.by, answered_at=entry.at
            )
            if question.id == entry.question
            else question
            for question in incident.questions
        ]
    )


def _station_after(before: StationSide, entry: StationReplied) -> StationSide:
    return StationSide(
        status=entry.status,
        at=entry.at,
        number=entry.number or before.number,
        by=entry.by or before.by,
        unit=entry.unit or before.unit,
        eta_seconds=entry.eta_seconds
        if entry.eta_seconds is not None
        else before.eta_seconds,
        disposition=entry.disposition or before.disposition,
        reason=entry.reason,
    )


_CHANGES: Final[Mapping[type[Entry], Callable[[Any, Any], None]]] = {
    Acknowledged: _acknowledge,
    Answered: _answer,
    Asked: _ask,
    Assessed: _assess,
    AttemptFailed: _move,
    Called: _call,
    Closed: _close,
    Detected: _detect,
    Disarmed: _disarm,
    Evidence: _weigh,
    Informed: _inform,
    Inquired: _inquire,
    PassedOn: _pass_on,
    Rated: _rate,
    Released: _release,
    Reopened: _reopen,
    Reset: _reset,
    RungTold: _tell_rung,
    StationReplied: _reply,
    StepOrdered: _move,
    StepSettled: _move,
    StepsPlanned: _plan,
    Told: _tell,
    Unanswered: _miss,
}
"""What each entry changes in a draft of an incident; the first opens it."""
