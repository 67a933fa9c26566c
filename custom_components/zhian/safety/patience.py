"""How long a step may take: an attempt, the pause after it, and all of them together."""

from datetime import datetime, timedelta
from functools import cache
from typing import Final

from .household import Actuator
from .incident import Step
from .proof import question_after
from .turn import Turn
from .vocabulary import Outcome, Reason, Witness

REPORT_GRACE: Final = timedelta(seconds=2)
"""How long a device may take to report after its travel time."""

FAILED_AFTER: Final = timedelta(seconds=10)
"""From when on an attempt that did not work is the step's failure, and told."""

TOLD_BY: Final = timedelta(seconds=14)
"""When a step without success is called failed whatever its attempts are doing.

People know within 15 s of the alarm, unless the device needs longer for one journey.
"""

RUNNING: Final = frozenset({Outcome.ORDERED, Outcome.FAILED})
"""Outcomes of a step that is still being worked on; a failed one is tried on."""

_FIRST_RETRY: Final = timedelta(seconds=1)
_LAST_RETRY: Final = timedelta(seconds=30)
_RARE_RETRY: Final = timedelta(minutes=10)
_FREQUENT_ATTEMPTS: Final = 40
"""Then a device that fails for days is tried rarely; on its return it is at once."""


def is_running(step: Step) -> bool:
    """Whether a step is still being worked on; a failed one is tried on."""
    return step.outcome in RUNNING


def dues(turn: Turn) -> list[datetime]:
    """Return when the steps of the open incidents next need a look."""
    actuators = turn.state.household.actuators
    return [
        due
        for incident in turn.state.incidents.values()
        for step in incident.steps
        if (step.outcome in RUNNING or step.reason is Reason.REOPENED)
        and (due := _due_at(turn, step, actuators.get(step.actuator))) is not None
    ]


def _due_at(turn: Turn, step: Step, actuator: Actuator | None) -> datetime | None:
    due = end_due_at(turn, step, actuator)
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


def may_be_asked(turn: Turn, step: Step, actuator: Actuator | None) -> bool:
    """Whether a device is one that is asked, and would know by now."""
    if actuator is None or actuator.witness is not Witness.READ_BACK:
        return False
    question = _question_due_at(turn, step, actuator)
    return question is not None and turn.at >= question


def end_due_at(turn: Turn, step: Step, actuator: Actuator | None) -> datetime | None:
    """Return when an attempt, a pause, or the whole time of a step is over."""
    due = attempt_due_at(turn, step, actuator)
    if due is None or step.outcome is Outcome.FAILED or step.first_ordered_at is None:
        return due
    told_by = step.first_ordered_at + _longest(actuator)
    return min(told_by, due)


def is_time_up(turn: Turn, step: Step, actuator: Actuator | None) -> bool:
    """Whether people have to know by now that a step has not worked."""
    began = step.first_ordered_at
    return (
        step.outcome is Outcome.ORDERED
        and began is not None
        and turn.at >= began + _longest(actuator)
    )


def attempt_due_at(
    turn: Turn, step: Step, actuator: Actuator | None
) -> datetime | None:
    """Return when the running attempt is over, or the next one due."""
    since = step.ordered_at or step.failed_at
    if step.outcome not in RUNNING or since is None:
        return None
    # After a clock that was turned back nobody knows how long it was: now.
    if since > turn.at:
        return turn.at
    if step.ordered_at is None:
        return since + _pause_after(step)
    return since + _time_for(actuator.travel_time if actuator else 0.0)


def _longest(actuator: Actuator | None) -> timedelta:
    """Return how long people may be left in the dark about a step."""
    return _most_for(actuator.travel_time if actuator else 0.0)


@cache
def _time_for(travel_time: float) -> timedelta:
    """Return how long an attempt may take until its proof."""
    return timedelta(seconds=travel_time) + REPORT_GRACE


@cache
def _most_for(travel_time: float) -> timedelta:
    return max(TOLD_BY, _time_for(travel_time))


def _pause_after(step: Step) -> timedelta:
    if step.outcome is Outcome.FAILED:
        return _LAST_RETRY if step.attempts < _FREQUENT_ATTEMPTS else _RARE_RETRY
    if step.reason is Reason.UNCONFIRMED:
        return timedelta()  # the attempt itself took its time
    doublings = min(step.attempts - 1, 5)
    return min(_FIRST_RETRY * (1 << doublings), _LAST_RETRY)
