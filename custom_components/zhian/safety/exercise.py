"""Moving a valve now and then, so that it moves on the day it has to.

A water valve is closed and, once that is proved, opened again. A gas valve is closed
only: no machine opens one, so a person on site begins its exercise and ends it.
"""

from datetime import datetime, timedelta
from typing import Final

from .household import Actuator
from .interlock import is_locked_out, why_not_drive
from .orders import Drive, Exercised, Refuse
from .replacing import replace
from .signals import ExerciseInterrupted, ExerciseRequested
from .state import Exercise, Positioned, State
from .steps import ECHO, REPORT_GRACE, question_after
from .turn import Turn
from .vocabulary import ActuatorRole, Message, Position, Reason, Witness

ATTEMPTS: Final = 3

RESUMED_WITHIN: Final = timedelta(minutes=10)
"""How soon after its begin an interrupted exercise is still brought to its end.

Later on somebody may have moved the valve on purpose: it is told, and left alone.
"""

CUT: Final = frozenset({Reason.INCIDENT_OPEN, Reason.INTERRUPTED})
"""What ends an exercise and says nothing of the valve."""

_VALVES: Final = frozenset({ActuatorRole.GAS_VALVE, ActuatorRole.WATER_VALVE})


def begin(turn: Turn, request: ExerciseRequested) -> None:
    """Close a valve that stands open, in a home in which nothing is wrong."""
    if reason := why_not(turn.state, request):
        turn.refuse(Refuse(reason, request.actuator))
    elif request.actuator not in turn.state.exercises:
        _order(turn, request.actuator, Exercise(Position.CLOSED, turn.at))


def why_not(state: State, request: ExerciseRequested) -> Reason | None:
    """Return why a valve may not be exercised now, None if it may."""
    actuator = state.household.actuators.get(request.actuator)
    if actuator is None or actuator.role not in _VALVES:
        return Reason.NO_SUCH_ACTUATOR
    if actuator.role is ActuatorRole.GAS_VALVE and (
        request.by is None or not request.local
    ):
        return Reason.NOT_ON_SITE
    if state.shown:
        return Reason.INCIDENT_OPEN
    known = state.positions.get(actuator.id)
    if known is None or known.position is not Position.OPEN:
        return Reason.NOT_OPEN
    return None


def resume(turn: Turn, signal: ExerciseInterrupted) -> None:
    """Bring an exercise from before a restart to its end, which is told.

    The water is turned on again; a gas valve is closed, wherever it stood.
    """
    actuator = turn.state.household.actuators.get(signal.actuator)
    if actuator is None or actuator.role not in _VALVES:
        turn.note(Exercised(signal.actuator, turn.at, Reason.REMOVED))
        return
    if actuator.id in turn.state.exercises:
        return
    is_recent = timedelta() <= turn.at - signal.since <= RESUMED_WITHIN
    if not is_recent:
        _end(turn, actuator, Reason.INTERRUPTED)
    elif actuator.role is ActuatorRole.WATER_VALVE:
        _reopen(turn, actuator, Reason.INTERRUPTED)
    elif not _may_go_on(turn.state, actuator):
        _end(turn, actuator, Reason.INCIDENT_OPEN)
    else:
        again = Exercise(Position.CLOSED, turn.at, reason=Reason.INTERRUPTED)
        _order(turn, actuator.id, again)


def on_report(turn: Turn, actuator: Actuator, report: Positioned) -> None:
    """A valve has said where it is: go on with its exercise."""
    exercise = turn.state.exercises.get(actuator.id)
    if exercise is None or not _proves(report, exercise, actuator):
        return
    if exercise.target is Position.CLOSED and actuator.role is ActuatorRole.WATER_VALVE:
        _reopen(turn, actuator, None)
    else:
        _end(turn, actuator, exercise.reason)


def on_time(turn: Turn) -> None:
    """Try again what was not proved in time, or give it up aloud."""
    for actuator_id, exercise in list(turn.state.exercises.items()):
        actuator = turn.state.household.actuators[actuator_id]
        if exercise.ordered_at <= turn.at < _due(actuator, exercise):
            asked_at = _question_at(actuator, exercise)
            if asked_at is not None and turn.at >= asked_at:
                turn.ask(actuator_id)
            continue  # a clock that was turned back does not keep the water off
        if not _may_go_on(turn.state, actuator):
            _end(turn, actuator, Reason.INCIDENT_OPEN)
        elif exercise.attempts < ATTEMPTS:
            again = replace(
                exercise, ordered_at=turn.at, attempts=exercise.attempts + 1
            )
            _order(turn, actuator_id, again)
        elif (
            exercise.target is Position.CLOSED
            and actuator.role is ActuatorRole.WATER_VALVE
        ):
            # It may stand anywhere: bring the water back, and tell.
            _reopen(turn, actuator, Reason.UNCONFIRMED)
        else:
            _end(turn, actuator, Reason.UNCONFIRMED)


def exercises_due(state: State, at: datetime) -> list[datetime]:
    """Return when an exercise needs a look."""
    dues = []
    for actuator_id, exercise in state.exercises.items():
        actuator = state.household.actuators[actuator_id]
        dues.append(_due(actuator, exercise))
        asked_at = _question_at(actuator, exercise)
        if asked_at is not None and asked_at > at:
            dues.append(asked_at)
    return dues


def _due(actuator: Actuator, exercise: Exercise) -> datetime:
    return exercise.ordered_at + timedelta(seconds=actuator.travel_time) + REPORT_GRACE


def _question_at(actuator: Actuator, exercise: Exercise) -> datetime | None:
    """Return from when on the valve's answer proves something, if it is asked."""
    if actuator.witness is not Witness.READ_BACK:
        return None
    return exercise.ordered_at + question_after(actuator)


def _proves(report: Positioned, exercise: Exercise, actuator: Actuator) -> bool:
    if report.position is not exercise.target:
        return False
    asked_at = _question_at(actuator, exercise)
    if asked_at is not None:
        return report.is_answer and report.at >= asked_at
    if actuator.witness is Witness.LATE_REPORT:
        return report.at - exercise.ordered_at >= ECHO
    return report.at > exercise.ordered_at


def _reopen(turn: Turn, actuator: Actuator, reason: Reason | None) -> None:
    """Let the water run again, unless something has happened meanwhile."""
    if not _may_go_on(turn.state, actuator):
        _end(turn, actuator, Reason.INCIDENT_OPEN)
    else:
        _order(turn, actuator.id, Exercise(Position.OPEN, turn.at, reason=reason))


def _may_go_on(state: State, actuator: Actuator) -> bool:
    return (
        not any(not incident.drill for incident in state.shown)
        and not is_locked_out(state, actuator)
        and why_not_drive(state, actuator) is None
    )


def _order(turn: Turn, actuator: str, exercise: Exercise) -> None:
    turn.drive(Drive(actuator, exercise.target))
    turn.change("exercises", {**turn.state.exercises, actuator: exercise})


def _end(turn: Turn, actuator: Actuator, reason: Reason | None) -> None:
    left = {k: v for k, v in turn.state.exercises.items() if k != actuator.id}
    turn.change("exercises", left)
    turn.note(Exercised(actuator.id, turn.at, reason))
    if reason in CUT:
        turn.tell(Message.EXERCISE_CUT, subject=actuator.id)
    elif reason is not None:
        turn.tell(Message.EXERCISE_FAILED, subject=actuator.id)
