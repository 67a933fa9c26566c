"""The second evidence that a gas leak has ended: the gas itself.

A valve that says that it is closed may be the wrong valve: gas can come from a bottle,
from the pipe before it or from next door.
"""

from datetime import datetime, timedelta
from typing import Final

from .entries import Evidence
from .household import Household
from .incident import Incident
from .state import Baseline
from .turn import Turn
from .vocabulary import ActuatorRole, Message, Outcome, Phase, Position, Reason

AFTER: Final = timedelta(seconds=60)
"""What is left in the pipe comes out first, and detectors are slow."""

FALLEN: Final = 0.8
"""Of the level when the valve closed: more than a detector wavers."""
RISEN: Final = 1.2
RISEN_BY: Final = 2.0
"""%LEL, the hysteresis of a detector; at low levels the larger of the two."""


def watch(turn: Turn) -> None:
    """Compare the gas with what it was when the last valve had closed."""
    for incident in turn.state.gas_incidents():
        if incident.phase is not Phase.ALARM:
            continue
        shut_at = _shut_at(turn.state.household, incident)
        if shut_at is None or (value := turn.state.latest_value(incident)) is None:
            continue
        known = turn.state.baselines.get(incident.id)
        if known is None or known.shut_at != shut_at:
            _begin(turn, incident, Baseline(shut_at, value))
            continue
        falls = _falls(known.value, value)
        is_early = timedelta() <= turn.at - shut_at < AFTER
        if falls is None or falls is incident.gas_falls or is_early:
            continue
        incident = turn.record(Evidence, incident.id, falls=falls, value=value)
        if not falls:
            turn.tell(Message.STILL_RISING, incident.id)
        turn.report(incident)


def _begin(turn: Turn, incident: Incident, baseline: Baseline) -> None:
    open_ones = {
        name: known
        for name, known in turn.state.baselines.items()
        if name in turn.state.incidents
    }
    turn.change("baselines", {**open_ones, incident.id: baseline})


def _shut_at(household: Household, incident: Incident) -> datetime | None:
    """Return since when every gas valve of the plan is known to be closed."""
    shut = []
    for step in incident.steps:
        actuator = household.actuators.get(step.actuator)
        if actuator is None or actuator.role is not ActuatorRole.GAS_VALVE:
            continue
        is_shut = (
            step.outcome is Outcome.CONFIRMED or step.reason is Reason.ALREADY_THERE
        )
        if step.target is not Position.CLOSED or not is_shut or not step.settled_at:
            return None
        shut.append(step.settled_at)
    return max(shut, default=None)


def _falls(before: float, now: float) -> bool | None:
    """Return whether the gas has clearly fallen or risen; None if neither."""
    if now <= before * FALLEN:
        return True
    return False if now >= max(before * RISEN, before + RISEN_BY) else None
