"""What keeps a window shut, or stops it half-way: rain, locks, something in its way."""

from . import steps
from .signals import Hindered
from .turn import Turn
from .vocabulary import Outcome, Position, Reason


def on_hindered(turn: Turn, signal: Hindered) -> None:
    """Take in what keeps an actuator from moving, and go on when nothing does."""
    if signal.actuator not in turn.state.household.actuators:
        return
    before = turn.state.hindered.get(signal.actuator)
    if before is signal.reason:
        return
    hindered = {a: r for a, r in turn.state.hindered.items() if a != signal.actuator}
    if signal.reason is not None:
        hindered[signal.actuator] = signal.reason
    turn.change("hindered", hindered)
    if signal.reason is Reason.OBSTRUCTED:
        _block(turn, signal.actuator)
    elif before is Reason.OBSTRUCTED:
        _try_again(turn, signal.actuator)
    turn.is_freed = True


def _block(turn: Turn, actuator: str) -> None:
    """People know at once that a window on its way is stopped."""
    for incident in list(turn.state.incidents.values()):
        for step in incident.steps:
            is_moving = step.outcome is Outcome.ORDERED and step.ordered_at is not None
            if step.actuator == actuator and step.target is Position.OPEN and is_moving:
                steps.block(turn, incident, step)


def _try_again(turn: Turn, actuator: str) -> None:
    """The way is free: nobody waits for the next attempt."""
    for incident in list(turn.state.incidents.values()):
        for step in incident.steps:
            if step.actuator == actuator and step.outcome is Outcome.FAILED:
                steps.order_step(turn, incident, step.id)
