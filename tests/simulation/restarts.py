"""I6: a restart goes on where the journal ends, and repeats nothing that is done."""

from collections.abc import Iterable, Sequence

from custom_components.zhian.safety.entries import (
    Detected,
    Entry,
    Reopened,
    StepOrdered,
    StepSettled,
)
from custom_components.zhian.safety.household import Household
from custom_components.zhian.safety.incident import Incident, Step
from custom_components.zhian.safety.orders import Drive, Order, Report, Tell
from custom_components.zhian.safety.signals import ActuatorReport, Signal
from custom_components.zhian.safety.state import State
from custom_components.zhian.safety.timeline import fold
from custom_components.zhian.safety.vocabulary import (
    ActuatorRole,
    Level,
    Message,
    Outcome,
    Phase,
    Position,
    Reason,
    Witness,
)

from .keeping import is_kept_back
from .moving import FLAMES
from .violation import Violation

_HELD_BACK = frozenset({Reason.NOT_IGNITION_SAFE, Reason.FEEDS_FIRE})
_WEATHER = frozenset({Reason.RAIN, Reason.CHILD_LOCK, Reason.WINDOW_LOCKED})
"""Why a step was skipped that may be done later, once nothing stands in its way: that
nothing does is seen by I2 and I9, and what hinders a window is asked anew at a start."""


class Repeats:
    """The steps that one start orders, seen one after the other with what was before.

    A step that had ended is done once more for one of four reasons, which each belong to
    this step: it was held back, its valve was opened again, its incident has become an
    alarm anew, or nothing stands in its way that had.
    """

    def __init__(
        self,
        was: Iterable[Incident],
        heard: Sequence[Signal],
        orders: Sequence[Order],
        household: Household,
    ) -> None:
        """Begin with the incidents as the disk has them."""
        self._now = {incident.id: incident for incident in was}
        self._household = household
        self._alarming: set[str] = set()
        self._began: set[str] = set()
        self._undone: set[tuple[str, str]] = set()
        self._stood = {
            said.actuator: said.position
            for said in heard
            if isinstance(said, ActuatorReport)
        }
        self._driven = {
            (order.actuator, order.target)
            for order in orders
            if isinstance(order, Drive)
        }

    def take(self, entry: Entry) -> None:
        """Look at one entry that a start has written."""
        name = entry.incident
        was = self._now.get(name)
        if isinstance(entry, StepOrdered) and was is not None:
            step = was.step(entry.step)
            if step is not None and _is_done(step) and not self._may(was, step):
                raise Violation("I6", f"a restart repeats {step.id}")
        elif isinstance(entry, Reopened) and entry.undone:
            self._undone.add((name, entry.actuator))
        elif isinstance(entry, Detected) and entry.level is Level.ALARM:
            self._alarming.add(name)
        now = self._now[name] = fold(was, entry)
        if was is not None and was.phase is not Phase.ALARM is now.phase:
            self._began.add(name)

    def _may(self, incident: Incident, step: Step) -> bool:
        """Whether a step that is done may be done once more."""
        if (incident.id, step.actuator) in self._undone:
            return True  # its valve was opened during the lockout, for the first time
        if step.reason is Reason.REOPENED and incident.id not in self._began:
            # It was left to who opened it. Nobody knows whether what alarms after a
            # start is the alarm that they knew of: closing it is right in both cases.
            return incident.id in self._alarming
        is_alarm = incident.phase is Phase.ALARM
        if step.reason is Reason.REMOVED:
            return is_alarm  # it is there again
        if step.reason in _HELD_BACK or step.reason in _WEATHER:
            is_quiet = step.target is Position.ON and incident.acknowledged is not None
            is_wanted = incident.id in self._began or not is_quiet
            return step.target is Position.OFF or (is_alarm and is_wanted)
        # A new alarm runs its plan, but what stands where it should is left alone.
        return incident.id in self._began and not self._stands(step)

    def _stands(self, step: Step) -> bool:
        """Whether a device has said that it is where a step has brought it."""
        actuator = self._household.actuators.get(step.actuator)
        is_moved = any(
            actuator_id == step.actuator and target is not step.target
            for actuator_id, target in self._driven
        )
        return (
            actuator is not None
            # One that has to be asked proves nothing by what it says unasked.
            and actuator.witness is not Witness.READ_BACK
            and self._stood.get(step.actuator) is step.target
            and not is_moved
        )


def _is_done(step: Step) -> bool:
    return step.outcome.is_settled and step.outcome is not Outcome.FAILED


def check_restart(
    was: Sequence[Incident],
    heard: Sequence[Signal],
    news: Sequence[Entry],
    orders: Sequence[Order],
    after: State,
) -> None:
    """Look at what a start has done about the incidents that were open."""
    ordered = [(e.incident, e.step) for e in news if isinstance(e, StepOrdered)]
    settled = {(e.incident, e.step) for e in news if isinstance(e, StepSettled)}
    if len(set(ordered)) != len(ordered):
        raise Violation("I6", "a restart orders a step twice")
    repeats = Repeats(was, heard, orders, after.household)
    for entry in news:
        repeats.take(entry)
    reported = {o.incident for o in orders if isinstance(o, Report)}
    told = _told_alarms(orders)
    for incident in was:
        if incident.alarm_since is None or incident.id not in after.incidents:
            continue
        now = after.incidents[incident.id]
        is_due = now.is_reportable and not is_kept_back(now, after.household)
        if is_due and incident.id not in reported:
            raise Violation("I7", "a restart does not report an open incident")
        for step in incident.steps:
            key = (incident.id, step.id)
            if not _is_done(step) and key not in ordered and key not in settled:
                raise Violation("I6", f"a restart forgets {step.id}")
        is_known = Message.ALARM in now.told or now.silent
        if not is_known and incident.id not in told:
            raise Violation("I3", "nobody is told of an alarm after a restart")
    for incident in after.incidents.values():
        if incident.phase is Phase.ALARM and incident.hazard in FLAMES:
            if not incident.drill:
                _check_planned(incident, after)


def _told_alarms(orders: Sequence[Order]) -> set[str | None]:
    """I10: return the alarms that a start tells, each person once."""
    heard: set[tuple[str | None, str]] = set()
    told: set[str | None] = set()
    for order in orders:
        if not isinstance(order, Tell) or order.message is not Message.ALARM:
            continue
        told.add(order.incident)
        for person in order.audience or ("whoever is there",):
            if (order.incident, person) in heard:
                raise Violation("I10", "a start tells an alarm twice")
            heard.add((order.incident, person))
    return told


def _check_planned(incident: Incident, after: State) -> None:
    for actuator in after.household.actuators.values():
        if actuator.role is ActuatorRole.GAS_VALVE:
            step = incident.step(f"closed:{actuator.id}")
            if step is None or step.outcome is Outcome.PENDING:
                raise Violation("I6", f"a restart leaves {actuator.id} alone")
