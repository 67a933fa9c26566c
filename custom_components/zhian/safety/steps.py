"""Steps of a plan: ordered, proved, tried again, or given up and told."""

from datetime import datetime, timedelta
from typing import Final

from .entries import AttemptFailed, Planned, StepOrdered, StepSettled, StepsPlanned
from .household import Actuator
from .incident import Incident, Step
from .interlock import why_not_step
from .orders import Drive
from .plan import SILENCED_BY_ACKNOWLEDGEMENT
from .state import Positioned
from .turn import Turn
from .vocabulary import Message, Outcome, Position, Reason, Witness

REPORT_GRACE: Final = timedelta(seconds=2)
"""How long a device may take to report after its travel time."""

FAILED_AFTER: Final = timedelta(seconds=10)
"""From when on a step that has not worked is called failed and told.

People know within 15 s of the alarm, unless the device needs longer for one journey.
"""

ECHO: Final = timedelta(seconds=0.5)
"""A report that follows its command sooner may be the command's echo."""

_FIRST_RETRY: Final = timedelta(seconds=1)
_LAST_RETRY: Final = timedelta(seconds=30)


def run_plan(turn: Turn, incident: Incident, steps: tuple[Planned, ...]) -> Incident:
    """Order every step that is not on its way and not known to stand at its target."""
    known = {step.id: step for step in incident.steps}
    new = tuple(step for step in steps if step.id not in known)
    if new:
        incident = turn.record(StepsPlanned, incident.id, steps=new)
    for planned in steps:
        step = known.get(planned.id)
        if step is None or not (_is_on_its_way(step) or _stands(turn, step)):
            incident = order_step(turn, incident, planned.id)
    return incident


def order_step(turn: Turn, incident: Incident, step_id: str) -> Incident:
    """Send a step's order, or settle the step if it may not or cannot be sent."""
    step = incident.step(step_id)
    assert step is not None
    actuator = turn.state.household.actuators.get(step.actuator)
    if actuator is None:
        return _settle(turn, incident, step, Outcome.SKIPPED, Reason.REMOVED)
    reason = why_not_step(turn.state, incident, actuator, step.target, turn.at)
    if reason is not None:
        return _settle(turn, incident, step, Outcome.SKIPPED, reason)
    turn.drive(Drive(actuator.id, step.target, incident=incident.id, step=step.id))
    return turn.record(
        StepOrdered, incident.id, step=step.id, attempt=step.attempts + 1
    )


def resume(turn: Turn, incident: Incident) -> Incident:
    """After a restart: unfinished steps run again, finished ones do not."""
    for step in incident.steps:
        if not step.outcome.is_settled or step.outcome is Outcome.FAILED:
            incident = order_step(turn, incident, step.id)
    return incident


def on_order_failed(turn: Turn, incident: Incident, step_id: str, why: Reason) -> None:
    """Note that an attempt could not even be made."""
    step = incident.step(step_id)
    if step is not None and step.ordered_at is not None and is_running(step):
        _fail_attempt(turn, incident, step, why)


def on_report(turn: Turn, actuator: Actuator, report: Positioned) -> None:
    """Settle the steps that a report proves; try an unreachable device at once."""
    for incident in turn.state.incidents.values():
        for step in incident.steps:
            if step.actuator != actuator.id or not is_running(step):
                continue
            if _proves(report, step, actuator):
                _confirm(turn, incident, step)
            elif (
                step.ordered_at is None
                and step.reason in _UNREACHABLE
                and report.position is not Position.UNKNOWN
            ):
                order_step(turn, incident, step.id)


def on_time(turn: Turn, incident: Incident) -> None:
    """End attempts that have taken too long, begin those that are due."""
    for step in incident.steps:
        due = due_at(turn, step)
        if due is None or turn.at < due:
            continue
        if step.ordered_at is None:
            incident = order_step(turn, incident, step.id)
        elif _was_already_there(turn, step):
            incident = _settle(
                turn, incident, step, Outcome.SKIPPED, Reason.ALREADY_THERE
            )
        else:
            incident = _fail_attempt(turn, incident, step, Reason.UNCONFIRMED)


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
        off = Position.OFF
        quiet.append(Planned(f"{off.value}:{actuator.id}", actuator.id, off))
    return run_plan(turn, incident, tuple(quiet))


def due_at(turn: Turn, step: Step) -> datetime | None:
    """Return when a step next needs a look, None if it needs none."""
    if not is_running(step):
        return None
    actuator = turn.state.household.actuators.get(step.actuator)
    if step.ordered_at is not None:
        travel = timedelta(seconds=actuator.travel_time if actuator else 0.0)
        return step.ordered_at + travel + REPORT_GRACE
    if step.failed_at is not None:
        return step.failed_at + _pause_after(step)
    return None


def is_running(step: Step) -> bool:
    """Whether a step is still being worked on; a failed one is tried on."""
    return step.outcome in (Outcome.ORDERED, Outcome.FAILED)


def _pause_after(step: Step) -> timedelta:
    if step.outcome is Outcome.FAILED:
        return _LAST_RETRY
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
    if actuator.witness is Witness.LATE_REPORT and step.ordered_at is not None:
        return report.at - step.ordered_at >= ECHO
    return True


def _was_already_there(turn: Turn, step: Step) -> bool:
    known = turn.state.positions.get(step.actuator)
    return (
        known is not None
        and known.position is step.target
        and step.first_ordered_at is not None
        and known.at <= step.first_ordered_at
        # After an error nothing is known of what the device did.
        and step.reason is None
    )


def _is_on_its_way(step: Step) -> bool:
    return step.outcome is Outcome.ORDERED and step.ordered_at is not None


def _stands(turn: Turn, step: Step) -> bool:
    known = turn.state.positions.get(step.actuator)
    return (
        step.outcome in (Outcome.CONFIRMED, Outcome.SKIPPED)
        and known is not None
        and known.position is step.target
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
        incident = _settle(turn, incident, step, Outcome.FAILED, reason)
        turn.tell(Message.STEP_FAILED, incident.id, step.actuator)
    elif step.outcome is not Outcome.FAILED and reason is Reason.UNCONFIRMED:
        incident = order_step(turn, incident, step.id)
    return incident


def _settle(
    turn: Turn, incident: Incident, step: Step, outcome: Outcome, reason: Reason | None
) -> Incident:
    incident = turn.record(
        StepSettled, incident.id, step=step.id, outcome=outcome, reason=reason
    )
    turn.report(incident)
    return incident


_UNREACHABLE: Final = frozenset({Reason.UNAVAILABLE, Reason.MISSING})
