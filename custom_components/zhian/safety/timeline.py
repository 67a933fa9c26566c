"""What a timeline adds up to: an incident, entry by entry."""

from collections.abc import Iterable

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
from .replacing import replace, replaced
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
    changes = _changes(incident, entry)
    changes["seq"] = entry.seq
    return replaced(incident, changes)


def fold_all(entries: Iterable[Entry]) -> dict[str, Incident]:
    """Return the incidents that a journal adds up to, the closed ones too."""
    incidents: dict[str, Incident] = {}
    for entry in entries:
        incidents[entry.incident] = fold(incidents.get(entry.incident), entry)
    return incidents


def _changes(incident: Incident, entry: Entry) -> dict[str, object]:
    """Return the fields that an entry changes."""
    match entry:
        case StepOrdered() | AttemptFailed() | StepSettled():
            return {
                "steps": tuple(
                    [
                        _step_after(step, entry) if step.id == entry.step else step
                        for step in incident.steps
                    ]
                )
            }
        case Detected():
            struck = _struck(incident, entry)
            known = entry.detector in incident.detectors
            if known and entry.zone in incident.zones:
                return struck
            joined = () if known else (entry.detector,)
            return {
                "detectors": incident.detectors + joined,
                "zones": incident.zones | {entry.zone},
                **struck,
            }
        case Called():
            return {"zones": incident.zones | {entry.zone}} if entry.zone else {}
        case StepsPlanned():
            planned = tuple(Step(s.id, s.actuator, s.target) for s in entry.steps)
            return {"steps": incident.steps + planned}
        case Assessed():
            began = entry.phase is Phase.ALARM and incident.phase is not Phase.ALARM
            asks_anew = began and bool(incident.is_answered or incident.safe)
            return {
                "phase": entry.phase,
                "presence": entry.presence,
                "alarm_since": entry.at if began else incident.alarm_since,
                "alarmed_at": incident.alarmed_at or (entry.at if began else None),
                **(_ASKED_ANEW if asks_anew else {}),
                "asking_since": None
                if began or entry.presence is Presence.NO
                else incident.asking_since,
                # Who was told that it is over has not been told of this alarm.
                "told": incident.told - {Message.ALARM, Message.CLEARING}
                if asks_anew or (began and Message.CLEARING in incident.told)
                else incident.told,
            }
        case Rated():
            is_first = incident.score is None
            return {
                "score": entry.level,
                "withheld": entry.withheld and (is_first or incident.withheld),
            }
        case Disarmed():
            owner = Acknowledgement(entry.by, "code", entry.at)
            return {
                "acknowledged": incident.acknowledged or owner,
                "is_answered": True,
                "unanswered_at": None,
                "missing": frozenset(),
            }
        case Evidence():
            return {"gas_falls": entry.falls}
        case Acknowledged():
            taken = incident.acknowledged
            if taken is None or not incident.is_answered:
                taken = Acknowledgement(entry.by, entry.via, entry.at)
            return {
                "acknowledged": taken,
                "is_answered": True,
                "asking_since": None,
                "unanswered_at": None,
                "missing": frozenset(),
            }
        case Answered():
            return _after_answer(incident, entry)
        case RungTold():
            return {
                "audience": incident.audience.union(entry.contacts),
                "called": incident.called.union(entry.contacts),
                "rung_at": entry.at,
                "rung_role": entry.role,
                "repeats": entry.repeat,
            }
        case Asked():
            return _after_asking(incident, entry)
        case PassedOn():
            return {"passed_on_at": entry.at}
        case Unanswered():
            return {
                "unanswered_at": entry.at,
                "missing": frozenset(entry.contacts),
            }
        case Told():
            reached = {entry.message} if entry.reason is None else set()
            delivery = (entry.contact, entry.channel, entry.message, entry.reason)
            return {
                "told": incident.told | reached,
                "deliveries": incident.deliveries | {delivery},
            }
        case Released():
            return {"is_released": True}
        case StationReplied():
            return {"station": _station_after(incident.station, entry)}
        case Inquired():
            question = Question(entry.question, entry.text, entry.by)
            return {"questions": (*incident.questions, question)}
        case Informed():
            return {"questions": _after_informing(incident, entry)}
        case Reopened():
            undone = {entry.actuator} if entry.undone else set()
            return {"undone": incident.undone | undone}
        case Reset():
            return {"reset_by": entry.by}
        case Closed():
            return {
                "phase": Phase.CLOSED,
                "closed_at": entry.at,
                "ending": entry.ending,
            }
        case _:
            raise ValueError(f"{entry.incident}: unknown entry {entry.kind}")


def _struck(incident: Incident, entry: Detected) -> dict[str, object]:
    """Return when which detector of an intrusion last alarmed."""
    if incident.hazard is not Hazard.INTRUSION or entry.level is not Level.ALARM:
        return {}
    others = tuple(s for s in incident.struck if s[0] != entry.detector)
    return {"struck": (*others, (entry.detector, entry.at))}


_ASKED_ANEW: dict[str, object] = {
    "called": frozenset(),
    "rung_at": None,
    "rung_role": None,
    "repeats": 0,
    "is_answered": False,
    "safe": frozenset(),
}
"""An alarm that comes up after somebody has answered to the one before."""


def _after_answer(incident: Incident, entry: Answered) -> dict[str, object]:
    if entry.response is Response.HELP:
        wanted = Acknowledgement(entry.by, entry.via, entry.at)
        return {"help": incident.help or wanted, "asking_since": None}
    missing = incident.missing - {entry.contact}
    return {
        "safe": incident.safe | {entry.contact},
        "missing": missing,
        "unanswered_at": incident.unanswered_at if missing else None,
    }


def _after_asking(incident: Incident, entry: Asked) -> dict[str, object]:
    """Ask once more; the first question of a row forgets who answered before it."""
    since, contacts = incident.asking_since, frozenset(entry.contacts)
    changes: dict[str, object] = {
        # A clock that was turned back costs ten minutes, not an hour.
        "asking_since": entry.at if since is None else min(since, entry.at),
        "asked_at": entry.at,
        "asks": entry.number,
        "asked": incident.asked | contacts,
        "audience": incident.audience | contacts,
        "called": incident.called | contacts,
        # They have been told, so that the next on the ladder follow them.
        "rung_at": entry.at,
        "rung_role": ContactRole.RESIDENT,
    }
    if since is not None:
        return changes
    return {
        **_ASKED_ANEW,
        "unanswered_at": None,
        "missing": frozenset(),
        **changes,
        "called": contacts,
    }


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
