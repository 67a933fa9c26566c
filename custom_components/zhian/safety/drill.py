"""A drill: an alarm that everybody knows is none, from its start to its result."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from . import course, steps
from .entries import Acknowledged, Closed, Detected, Entry, Opened, StepSettled, Told
from .household import Detector, Household
from .incident import SEVERITY, Incident
from .interlock import why_not_drive
from .orders import Drive, Refuse
from .plan import PLANS, steps_for
from .signals import DrillStarted
from .state import State
from .turn import Turn
from .vocabulary import Ending, Hazard, Level, Message, Outcome, Phase, Position, Reason

MAX_DRILL: Final = timedelta(hours=1)

_MOVED: Final = frozenset({Outcome.ORDERED, Outcome.CONFIRMED, Outcome.FAILED})


def start(turn: Turn, signal: DrillStarted, new_id: Callable[[Hazard], str]) -> None:
    """Open the drill and run its plan; nothing that could harm is moved."""
    state = turn.state
    if any(not incident.drill for incident in state.shown):
        turn.refuse(Refuse(Reason.INCIDENT_OPEN))
        return
    if state.drill is not None:
        return
    detector = state.household.detectors.get(signal.detector or "")
    if reason := _why_not(state, signal, detector):
        turn.refuse(Refuse(reason, signal.detector))
        return
    hazard = signal.hazard or _worst_hazard(state.household)
    if detector is not None:
        hazard = detector.hazard
    incident = turn.record(
        Opened,
        new_id(hazard),
        hazard=hazard,
        phase=Phase.ALARM,
        drill=True,
        ends_at=min(signal.until, turn.at + MAX_DRILL),
        by=signal.by,
        moves=signal.moves,
    )
    if detector is not None:
        incident = turn.record(
            Detected,
            incident.id,
            detector=detector.id,
            zone=detector.zone,
            level=Level.ALARM,
            value=None,
        )
    incident = steps.run_plan(turn, incident, steps_for(state.household, hazard))
    turn.tell(Message.ALARM, incident.id, signal.detector)
    turn.report(incident)


def _why_not(
    state: State, signal: DrillStarted, detector: Detector | None
) -> Reason | None:
    """Return why a drill may not begin, None if it may."""
    if signal.detector is not None and detector is None:
        return Reason.NO_SUCH_DETECTOR
    known = {d.hazard for d in state.household.detectors.values()}
    # A call for help needs no detector.
    if signal.hazard not in (None, Hazard.SOS) and signal.hazard not in known:
        return Reason.NO_SUCH_HAZARD
    if signal.moves and state.exercises:
        return Reason.EXERCISING
    return None


def _worst_hazard(household: Household) -> Hazard:
    """Return what a drill of the whole home is about: gas, if the home knows gas."""
    known = [detector.hazard for detector in household.detectors.values()]
    if not known or Hazard.GAS in known:
        return Hazard.GAS
    return min(known, key=lambda hazard: (hazard not in PLANS, SEVERITY.index(hazard)))


def end(turn: Turn, ending: Ending) -> Incident | None:
    """Close the drill that is running; return it as it was."""
    drill = turn.state.drill
    if drill is not None:
        # In a real alarm nobody goes back to put things right.
        left = _moved(drill) if ending is Ending.DRILL_OVER else ()
        course.close(turn, drill, ending)
        turn.tell(Message.CLOSED, drill.id, subjects=left)
    return drill


def _moved(drill: Incident) -> tuple[str, ...]:
    """Return what a person has to put back; what was turned on is turned off."""
    return tuple(
        step.actuator
        for step in drill.steps
        if step.outcome in _MOVED and step.target is not Position.ON
    )


def hush(turn: Turn, drill: Incident | None) -> None:
    """Turn off what a drill has turned on, unless an alarm wants it too."""
    for step in drill.steps if drill else ():
        actuator = turn.state.household.actuators.get(step.actuator)
        if (
            actuator is not None
            and step.target is Position.ON
            and step.attempts > 0
            and why_not_drive(turn.state, actuator) is None
            and not any(
                (same := incident.step(step.id)) is not None and same.attempts > 0
                for incident in turn.state.incidents.values()
            )
        ):
            turn.drive(Drive(actuator.id, Position.OFF))


def finish(turn: Turn) -> None:
    """End the drill that is running, because a person or its time says so."""
    hush(turn, end(turn, Ending.DRILL_OVER))


def end_in_time(turn: Turn) -> None:
    """End a drill whose time is up."""
    running = turn.state.drill
    if running is None or running.ends_at is None:
        return
    # With a clock that was turned back it would last longer than anybody wanted.
    if not running.opened_at <= turn.at < running.ends_at:
        finish(turn)


# --- what came of it -----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Reached:
    """When a contact was told; no seconds means never."""

    contact: str
    seconds: float | None
    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class Moved:
    """How a step of the plan ended, and how long it took."""

    actuator: str
    target: Position
    outcome: Outcome
    reason: Reason | None
    seconds: float


@dataclass(frozen=True, slots=True)
class DrillResult:
    """What came of a drill; all times in seconds from its start."""

    incident: str
    at: datetime
    hazard: Hazard
    by: str | None
    detector: str | None
    moves: bool
    seconds: float
    ending: Ending
    contacts: tuple[Reached, ...]
    acknowledged_by: str | None
    acknowledged_after: float | None
    steps: tuple[Moved, ...]


def result_of(entries: Iterable[Entry]) -> DrillResult | None:
    """Return the result of a drill from its timeline; None if it is not a closed one."""
    told: dict[str, Reached] = {}
    moved: dict[str, Moved] = {}
    opened: Opened | None = None
    closed: Closed | None = None
    taken: Acknowledged | None = None
    detector: str | None = None
    for entry in entries:
        since = (entry.at - opened.at).total_seconds() if opened else 0.0
        match entry:
            case Opened():
                opened = entry
            case Detected():
                detector = entry.detector
            case Told() if entry.message is Message.ALARM:
                before = told.get(entry.contact)
                if before is None or before.seconds is None:
                    reached = since if entry.reason is None else None
                    told[entry.contact] = Reached(entry.contact, reached, entry.reason)
            case Acknowledged():
                taken = taken or entry
            case StepSettled():
                target, _, actuator = entry.step.partition(":")
                moved.setdefault(
                    entry.step,
                    Moved(
                        actuator,
                        Position(target),
                        entry.outcome,
                        entry.reason,
                        since,
                    ),
                )
            case Closed():
                closed = entry
    if opened is None or closed is None or not opened.drill:
        return None
    return DrillResult(
        incident=opened.incident,
        at=opened.at,
        hazard=opened.hazard,
        by=opened.by,
        detector=detector,
        moves=opened.moves,
        seconds=(closed.at - opened.at).total_seconds(),
        ending=closed.ending,
        contacts=tuple(told.values()),
        acknowledged_by=taken.by if taken else None,
        acknowledged_after=(taken.at - opened.at).total_seconds() if taken else None,
        steps=tuple(moved.values()),
    )
