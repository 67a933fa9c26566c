"""What proves that an order was obeyed: a report that only the deed can have caused."""

from datetime import timedelta
from typing import Final

from .household import Actuator
from .incident import Step
from .state import Positioned
from .turn import Turn
from .vocabulary import Outcome, Witness

ECHO: Final = timedelta(seconds=0.5)
"""A report that follows its command sooner may be the command's echo."""


def question_after(actuator: Actuator) -> timedelta:
    """Return how long after an order a device may be asked where it is."""
    return max(timedelta(seconds=actuator.travel_time), ECHO)


def proves(report: Positioned, step: Step, actuator: Actuator) -> bool:
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


def is_echo(turn: Turn, actuator: Actuator, report: Positioned) -> bool:
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


def was_already_there(turn: Turn, step: Step) -> bool:
    """Whether a device says nothing because it stood at its target all the time."""
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


def stands(turn: Turn, step: Step) -> bool:
    """Whether a device is known to be where a step that has ended wants it."""
    known = turn.state.positions.get(step.actuator)
    actuator = turn.state.household.actuators.get(step.actuator)
    return (
        step.outcome in (Outcome.CONFIRMED, Outcome.SKIPPED)
        and known is not None
        and known.position is step.target
        and not known.is_doubtful
        and (actuator is None or not is_echo(turn, actuator, known))
    )
