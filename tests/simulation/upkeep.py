"""What drills and exercises may do, written down by somebody who does not ask the kernel.

I11: a drill moves only what it was asked to and what cannot harm, is about what it was
asked to be about, ends in time, and never goes on beside a real incident. I12: a valve
that neither a plan nor a person moves is being exercised: a gas valve for a person on
site only, and never to open it; the water comes back on unless something has happened;
and every exercise ends, with a proof or with a message.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from custom_components.zhian.safety.entries import Closed, Opened
from custom_components.zhian.safety.household import Actuator
from custom_components.zhian.safety.orders import Drive, Exercised
from custom_components.zhian.safety.signals import (
    ActuatorReport,
    DrillStarted,
    ExerciseInterrupted,
    ExerciseRequested,
    Signal,
    Started,
    Tick,
)
from custom_components.zhian.safety.state import State
from custom_components.zhian.safety.vocabulary import (
    ActuatorRole,
    Message,
    Position,
    Reason,
)

from .decision import Decision
from .violation import Violation

HOUR = timedelta(hours=1)
ATTEMPTS = 3
GRACE = 2.0
_TOLD = frozenset({Message.EXERCISE_FAILED, Message.EXERCISE_CUT})

ABOUT_EXERCISES = frozenset({ExerciseRequested, ExerciseInterrupted})


@dataclass(frozen=True, slots=True)
class Drilled:
    """A drill as it was asked for."""

    began: datetime
    until: datetime
    moves: bool


class Drills:
    """I11."""

    def __init__(self) -> None:
        """Begin with no drill."""
        self.asked: dict[str, Drilled] = {}

    def check(self, decision: Decision) -> None:
        """Look at one decision."""
        signal, after = decision.signal, decision.after
        if isinstance(signal, DrillStarted):
            self._take(signal, decision.before, after)
        if not self.asked:
            return
        for drive in decision.drives:
            if drive.incident in self.asked:
                self._check_drive(drive, self.asked[drive.incident], after)
        if (drill := after.drill) is None:
            return
        if any(not incident.drill for incident in after.shown):
            raise Violation("I11", "a drill goes on beside an incident")
        asked = self.asked[drill.id]
        is_time = asked.began <= signal.at < min(asked.until, asked.began + HOUR)
        if isinstance(signal, Tick | Started) and not is_time:
            raise Violation("I11", f"a drill of {asked} goes on at {signal.at}")

    def _take(self, signal: DrillStarted, before: State, after: State) -> None:
        detector = before.household.detectors.get(signal.detector or "")
        wanted = detector.hazard if detector else signal.hazard
        for entry in after.news:
            if not isinstance(entry, Opened):
                continue
            if not entry.drill or before.shown:
                raise Violation("I11", f"{signal} begins {entry}")
            if wanted not in (None, entry.hazard):
                raise Violation("I11", f"{signal} is about {entry.hazard}")
            self.asked[entry.incident] = Drilled(signal.at, signal.until, signal.moves)

    def _check_drive(self, drive: Drive, asked: Drilled, after: State) -> None:
        actuator = after.household.actuators[drive.actuator]
        is_gas = actuator.role is ActuatorRole.GAS_VALVE
        if not asked.moves:
            raise Violation("I11", f"a drill that moves nothing: {drive}")
        if not (is_gas or actuator.ignition_safe):
            raise Violation("I11", f"a drill risks a spark: {drive}")
        if is_gas and drive.target is not Position.CLOSED:
            raise Violation("I11", f"a drill opens gas: {drive}")


@dataclass(slots=True)
class Moving:
    """A valve that is being exercised."""

    since: float
    """In the world's time."""
    began: datetime
    """By the home's clock."""
    seen: set[Position] = field(default_factory=set)


class Exercises:
    """I12."""

    def __init__(self) -> None:
        """Begin with every valve at rest."""
        self.moving: dict[str, Moving] = {}

    @property
    def under_way(self) -> dict[str, datetime]:
        """The valves that are being exercised, and since when: what is on the disk."""
        return {actuator: moving.began for actuator, moving in self.moving.items()}

    def restart(self) -> None:
        """Forget them: the program is told of those that it has left."""
        self.moving.clear()

    def check(self, decision: Decision) -> None:
        """Look at one decision."""
        after = decision.after
        if self.moving or decision.kind in ABOUT_EXERCISES:
            self._note(decision.signal, decision.before, decision.t)
        for drive in decision.drives:
            if drive.incident is None and drive.by is None:
                self._check_drive(drive, decision.before, after)
        for order in decision.exercised:
            self._check_end(decision, order)
        for actuator, moving in self.moving.items():
            travel = after.household.actuators[actuator].travel_time
            if decision.t - moving.since > 2 * ATTEMPTS * (travel + GRACE) + 0.01:
                raise Violation("I12", f"the exercise of {actuator} does not end")

    def _note(self, signal: Signal, before: State, t: float) -> None:
        if isinstance(signal, ActuatorReport):
            if (moving := self.moving.get(signal.actuator)) is not None:
                moving.seen.add(signal.position)
            return
        if not isinstance(signal, ExerciseRequested | ExerciseInterrupted):
            return
        actuator = before.household.actuators.get(signal.actuator)
        if actuator is None or not _is_valve(actuator):
            return
        if isinstance(signal, ExerciseInterrupted):
            self.moving.setdefault(actuator.id, Moving(t, signal.since))
            return
        known = before.positions.get(actuator.id)
        is_gas = actuator.role is ActuatorRole.GAS_VALVE
        if (
            not before.shown
            and known is not None
            and known.position is Position.OPEN
            and (not is_gas or (signal.by is not None and signal.local))
        ):
            self.moving.setdefault(actuator.id, Moving(t, signal.at))

    def _check_drive(self, drive: Drive, before: State, after: State) -> None:
        actuator = after.household.actuators[drive.actuator]
        if actuator.id not in self.moving:
            ended = [e.incident for e in after.news if isinstance(e, Closed)]
            drill = before.drill
            if drive.target is Position.OFF and drill and drill.id in ended:
                return  # what the drill had turned on
            raise Violation("I12", f"nobody has asked for {drive}")
        if drive.target is Position.CLOSED:
            return
        if actuator.role is ActuatorRole.GAS_VALVE:
            raise Violation("I1", f"an exercise opens {actuator.id}")
        if any(not incident.drill for incident in after.shown):
            raise Violation("I12", f"water is turned on in an incident: {drive}")

    def _check_end(self, decision: Decision, order: Exercised) -> None:
        signal = decision.signal
        if order.reason is Reason.REMOVED:
            return
        moving = self.moving.pop(order.actuator, None)
        if moving is None:
            raise Violation("I12", f"{order} ends what never began")
        if order.reason is not None:
            if not any(
                tell.subject == order.actuator and tell.message in _TOLD
                for tell in decision.tells
            ):
                raise Violation("I12", f"{order} is told to nobody")
            return
        actuator = decision.after.household.actuators[order.actuator]
        is_gas = actuator.role is ActuatorRole.GAS_VALVE
        last = Position.CLOSED if is_gas else Position.OPEN
        if (
            not isinstance(signal, ActuatorReport)
            or signal.position is not last
            or Position.CLOSED not in moving.seen
        ):
            raise Violation("I12", f"{order} is called proved by {signal}")


def _is_valve(actuator: Actuator) -> bool:
    return actuator.role in (ActuatorRole.GAS_VALVE, ActuatorRole.WATER_VALVE)
