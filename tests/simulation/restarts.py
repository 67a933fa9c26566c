"""I6: a restart goes on where the journal ends, and repeats nothing that is done."""

from collections.abc import Iterable, Sequence

from custom_components.zhian.safety.entries import (
    Assessed,
    Closed,
    Detected,
    Entry,
    Reopened,
    StepOrdered,
    StepSettled,
)
from custom_components.zhian.safety.incident import Incident
from custom_components.zhian.safety.orders import Order, Report
from custom_components.zhian.safety.state import State
from custom_components.zhian.safety.vocabulary import (
    ActuatorRole,
    Level,
    Outcome,
    Phase,
    Reason,
)

from .moving import FLAMES
from .violation import Violation

_NOT_YET = frozenset({Reason.REMOVED, Reason.NOT_IGNITION_SAFE, Reason.FEEDS_FIRE})
"""Why a step was skipped that may be done later: nothing stands in its way any more."""


def check_restart(
    was: Iterable[Incident],
    news: Sequence[Entry],
    orders: Sequence[Order],
    after: State,
) -> None:
    """Look at what a start has done about the incidents that were open."""
    ordered = [(e.incident, e.step) for e in news if isinstance(e, StepOrdered)]
    settled = {(e.incident, e.step) for e in news if isinstance(e, StepSettled)}
    excused = {(e.incident, e.actuator) for e in news if isinstance(e, Reopened)}
    began = {
        e.incident for e in news if isinstance(e, Assessed) and e.phase is Phase.ALARM
    }
    # A valve that was left to who opened it is closed once with each new alarm.
    alarming = {
        e.incident for e in news if isinstance(e, Detected) and e.level is Level.ALARM
    }
    is_gas_over = any(isinstance(e, Closed) for e in news)
    if len(set(ordered)) != len(ordered):
        raise Violation("I6", "a restart orders a step twice")
    reported = {o.incident for o in orders if isinstance(o, Report)}
    for incident in was:
        if incident.alarm_since is None or incident.id not in after.incidents:
            continue
        now = after.incidents[incident.id]
        is_due = now.is_reportable and not now.withheld
        if is_due and incident.id not in reported:
            raise Violation("I7", "a restart does not report an open incident")
        for step in incident.steps:
            key = (incident.id, step.id)
            if not step.outcome.is_settled or step.outcome is Outcome.FAILED:
                if key not in ordered and key not in settled:
                    raise Violation("I6", f"a restart forgets {step.id}")
            elif (
                key in ordered
                and step.reason not in _NOT_YET
                and (incident.id, step.actuator) not in excused
                and not (step.reason is Reason.REOPENED and incident.id in alarming)
                and incident.id not in began
                and not is_gas_over
            ):
                raise Violation("I6", f"a restart repeats {step.id}")
    for incident in after.incidents.values():
        if incident.phase is Phase.ALARM and incident.hazard in FLAMES:
            if not incident.drill:
                _check_planned(incident, after)


def _check_planned(incident: Incident, after: State) -> None:
    for actuator in after.household.actuators.values():
        if actuator.role is ActuatorRole.GAS_VALVE:
            step = incident.step(f"closed:{actuator.id}")
            if step is None or step.outcome is Outcome.PENDING:
                raise Violation("I6", f"a restart leaves {actuator.id} alone")
