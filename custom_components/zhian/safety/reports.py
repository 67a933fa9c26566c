"""A device has said where it is, or that it will not go there."""

from . import exercise, steps
from .entries import Reopened
from .interlock import is_locked_out
from .signals import ActuatorReport, OrderFailed
from .state import Positioned
from .turn import Turn
from .vocabulary import ActuatorRole, Message, Outcome, Position, Reason, Witness


def on_report(turn: Turn, report: ActuatorReport) -> None:
    """Take in where a device is: a step may be proved, or a valve be opened again."""
    actuator = turn.state.household.actuators.get(report.actuator)
    if actuator is None:
        return
    before = turn.state.positions.get(actuator.id)
    known = Positioned(report.position, report.at, is_answer=report.is_answer)
    turn.place(actuator.id, known)
    steps.on_report(turn, actuator, known, before)
    exercise.on_report(turn, actuator, known)
    is_valve = actuator.role in (ActuatorRole.GAS_VALVE, ActuatorRole.WATER_VALVE)
    if (
        is_valve
        and report.position is Position.OPEN
        and (before is None or before.position is not Position.OPEN)
        and is_locked_out(turn.state, actuator)
    ):
        _on_reopened(turn, actuator.id)


def on_order_failed(turn: Turn, failed: OrderFailed) -> None:
    """Take in that a device has refused an order."""
    if incident := turn.state.incidents.get(failed.incident):
        steps.on_order_failed(turn, incident, failed.step, failed.reason)


def _on_reopened(turn: Turn, actuator: str) -> None:
    """A valve that had closed is open again: undo it once, tell it each time."""
    for incident in turn.state.incidents.values():
        step = incident.step(f"{Position.CLOSED.value}:{actuator}")
        if step is None or incident.drill or not _stood(step.outcome, step.reason):
            continue
        undo = actuator not in incident.undone
        incident = turn.record(Reopened, incident.id, actuator=actuator, undone=undo)
        if undo:
            steps.order_step(turn, incident, step.id)
        else:
            steps.leave_open(turn, incident, step)
        is_flow = turn.state.household.actuators[actuator].witness is Witness.FLOW
        message = Message.STILL_FLOWING if is_flow else Message.REOPENED
        turn.tell(message, incident.id, actuator)
        turn.report(incident)


def _stood(outcome: Outcome, reason: Reason | None) -> bool:
    return outcome is Outcome.CONFIRMED or reason is Reason.ALREADY_THERE
