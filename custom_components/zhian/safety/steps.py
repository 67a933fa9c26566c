"""Steps of a plan: ordered, proved, tried again, or given up and told."""

from datetime import datetime, timedelta
from functools import cache
from typing import Final

from .entries import AttemptFailed, Planned, StepOrdered, StepSettled, StepsPlanned
from .household import Actuator
from .incident import Incident, Step
from .interlock import why_not_step
from .orders import Drive
from .plan import SILENCED_BY_ACKNOWLEDGEMENT
from .state import Positioned
from .turn import Turn
from .vocabulary import Message, Outcome, Phase, Position, Reason, Witness

REPORT_GRACE: Final = timedelta(seconds=2)
"""How long a device may take to report after its travel time."""

FAILED_AFTER: Final = timedelta(seconds=10)
"""From when on an attempt that did not work is the step's failure, and told."""

TOLD_BY: Final = timedelta(seconds=14)
"""When a step without success is called failed whatever its attempts are doing.

People know within 15 s of the alarm, unless the device needs longer for one journey.
"""

ECHO: Final = timedelta(seconds=0.5)
"""A report that follows its command sooner may be the command's echo."""

RUNNING: Final = frozenset({Outcome.ORDERED, Outcome.FAILED})
"""Outcomes of a step that is still being worked on; a failed one is tried on."""

_FIRST_RETRY: Final = timedelta(seconds=1)
_LAST_RETRY: Final = timedelta(seconds=30)
_RARE_RETRY: Final = timedelta(minutes=10)
_FREQUENT_ATTEMPTS: Final = 40
"""Then a device that fails for days is tried rarely; on its return it is at once."""


def run_plan(turn: Turn, incident: Incident, steps: tuple[Planned, ...]) -> Incident:
    """Order every step that is not on its way and not known to stand at its target."""
    known = {step.id: step for step in incident.steps}
    new = tuple(step for step in steps if step.id not in known)
    if new:
        incident = turn.record(StepsPlanned, incident.id, steps=new)
    for planned in steps:
        step = known.get(planned.id)
        if step is None or not (
            _is_on_its_way(turn, incident, step) or _stands(turn, step)
        ):
            # One that waits for its next attempt keeps its time: a detector that
            # chatters must not put off the failure that people are to know.
            anew = step is None or step.outcome.is_settled
            incident = order_step(turn, incident, planned.id, anew=anew)
    return incident


def complete(turn: Turn, incident: Incident, steps: tuple[Planned, ...]) -> Incident:
    """Order the steps of a plan that the incident lacks."""
    lacking = []
    for planned in steps:
        step = incident.step(planned.id)
        if step is None or step.reason is Reason.REMOVED:
            lacking.append(planned)
    return run_plan(turn, incident, tuple(lacking))


def order_step(
    turn: Turn, incident: Incident, step_id: str, *, anew: bool = False
) -> Incident:
    """Send a step's order, or settle the step if it may not or cannot be sent.

    A step that is begun anew has its whole time to succeed again.
    """
    if (incident.id, step_id) in (waiting := turn.state.interrupted):
        turn.change("interrupted", waiting - {(incident.id, step_id)})
    step = incident.step(step_id)
    assert step is not None
    actuator = turn.state.household.actuators.get(step.actuator)
    if actuator is None:
        return _settle(turn, incident, step, Outcome.SKIPPED, Reason.REMOVED)
    reason = why_not_step(turn.state, incident, actuator, step.target, turn.at)
    if reason is not None:
        return _settle(turn, incident, step, Outcome.SKIPPED, reason)
    _supersede(turn, step, actuator)
    turn.drive(Drive(actuator.id, step.target, incident=incident.id, step=step.id))
    began = anew or step.outcome in (Outcome.CONFIRMED, Outcome.SKIPPED)
    attempt = 1 if began else step.attempts + 1
    return turn.record(StepOrdered, incident.id, step=step.id, attempt=attempt)


def _supersede(turn: Turn, step: Step, actuator: Actuator) -> None:
    """End the steps that want something else of the same actuator: the last word is."""
    for incident in turn.state.incidents.values():
        for other in incident.steps:
            if other.actuator != step.actuator or other.target is step.target:
                continue
            held = why_not_step(turn.state, incident, actuator, other.target, turn.at)
            if held is Reason.FEEDS_FIRE and other.outcome is not Outcome.SKIPPED:
                _settle(turn, incident, other, Outcome.SKIPPED, held)
            elif is_running(other):
                _settle(turn, incident, other, Outcome.SKIPPED, Reason.SUPERSEDED)


def leave_open(turn: Turn, incident: Incident, step: Step) -> Incident:
    """Write down that a valve was opened again, and is left to who did it."""
    return _settle(turn, incident, step, Outcome.SKIPPED, Reason.REOPENED)


def close_anew(turn: Turn, incident: Incident) -> Incident:
    """Close what was left open: the hazard has come up anew."""
    for step in incident.steps:
        if step.reason is Reason.REOPENED:
            incident = order_step(turn, incident, step.id, anew=True)
    return incident


def resume(turn: Turn, incident: Incident) -> Incident:
    """After a restart: unfinished steps run again, finished ones do not."""
    for step in incident.steps:
        if (incident.id, step.id) in turn.state.interrupted and (
            not step.outcome.is_settled or step.outcome is Outcome.FAILED
        ):
            incident = order_step(turn, incident, step.id, anew=True)
    return incident


def free(turn: Turn) -> None:
    """Order what gas, a fire, rain or a lock had held back, now that it is over."""
    for incident in list(turn.state.incidents.values()):
        for step in incident.steps:
            actuator = turn.state.household.actuators.get(step.actuator)
            is_wanted = incident.phase is Phase.ALARM and not (
                step.target is Position.ON and incident.acknowledged
            )
            if (
                step.reason in _HELD_BACK
                and actuator is not None
                and (is_wanted or step.target is Position.OFF)
                and why_not_step(turn.state, incident, actuator, step.target, turn.at)
                is None
            ):
                order_step(turn, incident, step.id)


def block(turn: Turn, incident: Incident, step: Step) -> None:
    """Give a step up at once: something is in the way of its device."""
    incident = turn.record(
        AttemptFailed, incident.id, step=step.id, reason=Reason.OBSTRUCTED
    )
    _give_up(turn, incident, step, Reason.OBSTRUCTED)


def on_order_failed(turn: Turn, incident: Incident, step_id: str, why: Reason) -> None:
    """Note that an attempt could not even be made."""
    step = incident.step(step_id)
    if step is not None and step.ordered_at is not None and is_running(step):
        _fail_attempt(turn, incident, step, why)


def on_report(
    turn: Turn, actuator: Actuator, report: Positioned, before: Positioned | None
) -> None:
    """Settle the steps that a report proves; drive a device at once on its return."""
    was_away = before is None or before.position is Position.UNKNOWN
    for incident in turn.state.incidents.values():
        for step in incident.steps:
            if step.actuator != actuator.id:
                continue
            if (
                step.reason is Reason.REOPENED
                and report.position is step.target
                and not _is_echo(turn, actuator, report)
            ):
                _confirm(turn, incident, step)  # somebody has closed it again
            if not is_running(step):
                continue
            if _proves(report, step, actuator):
                _confirm(turn, incident, step)
            elif _waits_for(step, report, was_away=was_away) and (
                (incident.id, step.id) not in turn.state.interrupted
            ):
                order_step(turn, incident, step.id)


def _waits_for(step: Step, report: Positioned, *, was_away: bool) -> bool:
    """Whether a report is the return of a device that the order did not reach."""
    if report.position is Position.UNKNOWN:
        return False
    if step.ordered_at is None:
        return was_away or step.reason in _UNREACHABLE
    # The running order may have been lost: an action on an absent device succeeds.
    return was_away and report.position is not Position.MOVING


def on_time(turn: Turn, incident: Incident) -> None:
    """End attempts that have taken too long, begin those that are due."""
    for planned in incident.steps:
        if planned.outcome not in RUNNING and planned.reason is not Reason.REOPENED:
            continue  # only a device that is asked can say more of it
        incident = turn.state.incidents[incident.id]
        step = incident.step(planned.id)
        assert step is not None
        actuator = turn.state.household.actuators.get(step.actuator)
        due = _end_due_at(turn, step, actuator)
        if due is None or turn.at < due:
            if _may_be_asked(turn, step, actuator):
                turn.ask(step.actuator)
            continue
        attempt_due = _attempt_due_at(turn, step, actuator)
        is_attempt_over = attempt_due is not None and turn.at >= attempt_due
        if step.ordered_at is None:
            if _is_time_up(turn, step, actuator):
                _give_up(turn, incident, step, step.reason or Reason.UNCONFIRMED)
            order_step(turn, turn.state.incidents[incident.id], step.id)
        elif not is_attempt_over:
            _give_up(turn, incident, step, step.reason or Reason.UNCONFIRMED)
        elif _was_already_there(turn, step):
            _settle(turn, incident, step, Outcome.SKIPPED, Reason.ALREADY_THERE)
        else:
            _fail_attempt(turn, incident, step, Reason.UNCONFIRMED)


def end_steps(turn: Turn, incident: Incident, reason: Reason) -> Incident:
    """Settle what is still running: nobody waits for it any more."""
    for step in incident.steps:
        if not step.outcome.is_settled:
            incident = _settle(turn, incident, step, Outcome.SKIPPED, reason)
    return incident


def silence(turn: Turn, incident: Incident) -> Incident:
    """Turn off what sounds, as steps of the incident."""
    quiet: list[Planned] = []
    for step in incident.steps:
        actuator = turn.state.household.actuators.get(step.actuator)
        if actuator is None or step.target is not Position.ON:
            continue
        if actuator.role not in SILENCED_BY_ACKNOWLEDGEMENT or step.attempts == 0:
            continue
        if is_running(step):
            incident = _settle(turn, incident, step, Outcome.SKIPPED, Reason.SUPERSEDED)
        if _is_wanted_elsewhere(turn, incident, step):
            continue
        off = Position.OFF
        quiet.append(Planned(f"{off.value}:{actuator.id}", actuator.id, off))
    return run_plan(turn, incident, tuple(quiet))


def _is_wanted_elsewhere(turn: Turn, incident: Incident, step: Step) -> bool:
    """Whether an incident that nobody has taken yet sounds the same siren."""
    return any(
        other.id != incident.id
        and other.acknowledged is None
        and (same := other.step(step.id)) is not None
        and same.outcome in (Outcome.ORDERED, Outcome.CONFIRMED, Outcome.FAILED)
        for other in turn.state.incidents.values()
    )


def dues(turn: Turn) -> list[datetime]:
    """Return when the steps of the open incidents next need a look."""
    return [
        due
        for incident in turn.state.incidents.values()
        for step in incident.steps
        if (step.outcome in RUNNING or step.reason is Reason.REOPENED)
        and (due := _due_at(turn, step)) is not None
    ]


def _due_at(turn: Turn, step: Step) -> datetime | None:
    actuator = turn.state.household.actuators.get(step.actuator)
    due = _end_due_at(turn, step, actuator)
    if actuator is None or actuator.witness is not Witness.READ_BACK:
        return due
    question = _question_due_at(turn, step, actuator)
    if question is None or turn.at >= question:
        return due
    return question if due is None else min(due, question)


def _question_due_at(turn: Turn, step: Step, actuator: Actuator) -> datetime | None:
    """Return from when on the answer of a device that is asked proves something.

    Before that it may still be on its way, and what it says may be what it was told.
    """
    if step.reason is Reason.REOPENED:
        known = turn.state.positions.get(actuator.id)
        if known is None or known.is_answer or known.position is not step.target:
            return None
        return known.at + question_after(actuator)
    if step.ordered_at is None or not is_running(step):
        return None
    return step.ordered_at + question_after(actuator)


def question_after(actuator: Actuator) -> timedelta:
    """Return how long after an order a device may be asked where it is."""
    return max(timedelta(seconds=actuator.travel_time), ECHO)


def _may_be_asked(turn: Turn, step: Step, actuator: Actuator | None) -> bool:
    if actuator is None or actuator.witness is not Witness.READ_BACK:
        return False
    question = _question_due_at(turn, step, actuator)
    return question is not None and turn.at >= question


def _end_due_at(turn: Turn, step: Step, actuator: Actuator | None) -> datetime | None:
    """Return when an attempt, a pause, or the whole time of a step is over."""
    due = _attempt_due_at(turn, step, actuator)
    if due is None or step.outcome is Outcome.FAILED or step.first_ordered_at is None:
        return due
    return min(due, step.first_ordered_at + max(TOLD_BY, _journey(actuator)))


def _is_time_up(turn: Turn, step: Step, actuator: Actuator | None) -> bool:
    """Whether people have to know by now that a step has not worked."""
    began = step.first_ordered_at
    return (
        step.outcome is Outcome.ORDERED
        and began is not None
        and turn.at >= began + max(TOLD_BY, _journey(actuator))
    )


def _attempt_due_at(
    turn: Turn, step: Step, actuator: Actuator | None
) -> datetime | None:
    """Return when the running attempt is over, or the next one due."""
    since = step.ordered_at or step.failed_at
    if step.outcome not in RUNNING or since is None:
        return None
    # After a clock that was turned back nobody knows how long it was: now.
    if since > turn.at:
        return turn.at
    return since + (_journey(actuator) if step.ordered_at else _pause_after(step))


def _journey(actuator: Actuator | None) -> timedelta:
    """Return how long an attempt may take until its proof."""
    return _time_for(actuator.travel_time if actuator else 0.0)


@cache
def _time_for(travel_time: float) -> timedelta:
    return timedelta(seconds=travel_time) + REPORT_GRACE


def is_running(step: Step) -> bool:
    """Whether a step is still being worked on; a failed one is tried on."""
    return step.outcome in RUNNING


def _pause_after(step: Step) -> timedelta:
    if step.outcome is Outcome.FAILED:
        return _LAST_RETRY if step.attempts < _FREQUENT_ATTEMPTS else _RARE_RETRY
    if step.reason is Reason.UNCONFIRMED:
        return timedelta()  # the attempt itself took its time
    doublings = min(step.attempts - 1, 5)
    return min(_FIRST_RETRY * (1 << doublings), _LAST_RETRY)


def _proves(report: Positioned, step: Step, actuator: Actuator) -> bool:
    """Whether a report shows that a step's order was obeyed."""
    if report.position is not step.target or step.first_ordered_at is None:
        return False
    if report.at <= step.first_ordered_at:
        return False
    since = None if step.ordered_at is None else report.at - step.ordered_at
    match actuator.witness:
        case Witness.LATE_REPORT:
            return since is None or since >= ECHO
        case Witness.READ_BACK:
            return report.is_answer and (
                since is None or since >= question_after(actuator)
            )
        case _:
            return True


def _is_echo(turn: Turn, actuator: Actuator, report: Positioned) -> bool:
    """Whether a report may only repeat what the device was told, by whomever."""
    match actuator.witness:
        case Witness.LATE_REPORT:
            until = ECHO
        case Witness.READ_BACK if report.is_answer:
            until = question_after(actuator)
        case witness:
            return witness is Witness.READ_BACK
    driven = turn.state.driven.get(actuator.id)
    return driven is not None and timedelta() <= report.at - driven < until


def _was_already_there(turn: Turn, step: Step) -> bool:
    known = turn.state.positions.get(step.actuator)
    actuator = turn.state.household.actuators.get(step.actuator)
    return (
        known is not None
        # One that was asked and did not answer is not known to be there.
        and (actuator is None or actuator.witness is not Witness.READ_BACK)
        and known.position is step.target
        and step.first_ordered_at is not None
        and known.at <= step.first_ordered_at
        and not known.is_doubtful
        # After an error nothing is known of what the device did.
        and step.reason is None
    )


def _is_on_its_way(turn: Turn, incident: Incident, step: Step) -> bool:
    return (
        step.outcome is Outcome.ORDERED
        and step.ordered_at is not None
        and (incident.id, step.id) not in turn.state.interrupted
    )


def _stands(turn: Turn, step: Step) -> bool:
    known = turn.state.positions.get(step.actuator)
    actuator = turn.state.household.actuators.get(step.actuator)
    return (
        step.outcome in (Outcome.CONFIRMED, Outcome.SKIPPED)
        and known is not None
        and known.position is step.target
        and not known.is_doubtful
        and (actuator is None or not _is_echo(turn, actuator, known))
    )


def _confirm(turn: Turn, incident: Incident, step: Step) -> Incident:
    was_told_failed = step.outcome is Outcome.FAILED
    incident = _settle(turn, incident, step, Outcome.CONFIRMED, None)
    if was_told_failed:
        turn.tell(Message.STEP_CONFIRMED, incident.id, step.actuator)
    return incident


def _fail_attempt(
    turn: Turn, incident: Incident, step: Step, reason: Reason
) -> Incident:
    incident = turn.record(AttemptFailed, incident.id, step=step.id, reason=reason)
    began = step.first_ordered_at
    if (
        step.outcome is not Outcome.FAILED
        and began is not None
        and turn.at - began >= FAILED_AFTER
    ):
        incident = _give_up(turn, incident, step, reason)
    elif step.outcome is not Outcome.FAILED and reason is Reason.UNCONFIRMED:
        incident = order_step(turn, incident, step.id)
    return incident


def _give_up(turn: Turn, incident: Incident, step: Step, reason: Reason) -> Incident:
    """Call a step failed; it is tried on."""
    if turn.state.hindered.get(step.actuator) is Reason.OBSTRUCTED:
        reason = Reason.OBSTRUCTED
    message = failure_of(turn.state.household.actuators.get(step.actuator), reason)
    turn.tell(message, incident.id, step.actuator)
    return _settle(turn, incident, step, Outcome.FAILED, reason)


def failure_of(actuator: Actuator | None, reason: Reason | None) -> Message:
    """Return what people are told of a step that has failed."""
    if reason is Reason.OBSTRUCTED:
        return Message.OBSTRUCTED
    if actuator is not None and reason is Reason.UNCONFIRMED:
        if actuator.witness is Witness.FLOW:
            return Message.STILL_FLOWING
    return Message.STEP_FAILED


def _settle(
    turn: Turn, incident: Incident, step: Step, outcome: Outcome, reason: Reason | None
) -> Incident:
    incident = turn.record(
        StepSettled, incident.id, step=step.id, outcome=outcome, reason=reason
    )
    turn.report(incident)
    return incident


_HELD_BACK: Final = frozenset(
    {
        Reason.NOT_IGNITION_SAFE,
        Reason.FEEDS_FIRE,
        Reason.RAIN,
        Reason.CHILD_LOCK,
        Reason.WINDOW_LOCKED,
    }
)
_UNREACHABLE: Final = frozenset({Reason.UNAVAILABLE, Reason.MISSING})
