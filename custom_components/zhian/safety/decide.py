"""The kernel's one entrance: `decide(state, signal) -> (state, orders)`."""

from collections.abc import Iterable
from datetime import datetime

from . import (
    asking,
    drill,
    escalation,
    evidence,
    exercise,
    inquiry,
    readings,
    reports,
    requests,
    station_side,
    steps,
    waking,
)
from .arming import Panel
from .entries import Entry
from .hindrance import on_hindered
from .household import Household
from .incident import Incident
from .orders import Order, WakeAt
from .signals import (
    Acknowledge,
    ActuatorReport,
    Answer,
    ArmRequested,
    Delivered,
    DisarmRequested,
    DrillEnded,
    DrillStarted,
    ExerciseInterrupted,
    ExerciseRequested,
    HelpCalled,
    Hindered,
    OpenRequested,
    OrderFailed,
    Reading,
    ResetRequested,
    Signal,
    Started,
    StationAsked,
    StationInformed,
    StationSaid,
    Tick,
    Witnessed,
)
from .state import State
from .timeline import fold_all
from .turn import Turn
from .vocabulary import Hazard, Message, Outcome, Phase


def restore(household: Household, journal: Iterable[Entry]) -> State:
    """Return the state that a journal adds up to; readings and reports are to come."""
    return go_on(household, fold_all(journal).values())


def go_on(
    household: Household,
    journaled: Iterable[Incident],
    known_lost: frozenset[str] = frozenset(),
    panel: Panel | None = None,
) -> State:
    """Return the state to go on from with incidents of a former run.

    `known_lost` are the detectors that people know to be lost, `panel` is how the home
    was armed.
    """
    incidents = {i.id: i for i in journaled if i.is_open}
    return State(
        household,
        incidents=incidents,
        settling={
            i.id: None
            for i in incidents.values()
            if i.phase is Phase.CLEARING and Message.CLEARING in i.told
        },
        known_lost=known_lost,
        restored=frozenset(incidents),
        interrupted=frozenset(
            (incident.id, step.id)
            for incident in incidents.values()
            for step in incident.steps
            if not step.outcome.is_settled or step.outcome is Outcome.FAILED
        ),
        panel=panel or Panel(),
    )


def decide(state: State, signal: Signal) -> tuple[State, list[Order]]:
    """Return the state after a signal and what is to be done, drives first."""
    turn = Turn(state, signal.at)
    match signal:
        case Reading():
            readings.on_reading(turn, signal)
        case ActuatorReport():
            reports.on_report(turn, signal)
        case Tick():
            waking.on_time(turn)
        case OrderFailed():
            reports.on_order_failed(turn, signal)
        case StationSaid():
            station_side.on_station(turn, signal)
        case StationAsked() | StationInformed():
            inquiry.on_inquiry(turn, signal)
        case Delivered():
            requests.on_delivered(turn, signal)
        case HelpCalled():
            readings.on_call(turn, signal)
        case Acknowledge():
            requests.on_acknowledge(turn, signal)
        case Answer():
            requests.on_answer(turn, signal)
        case ResetRequested():
            requests.on_reset(turn, signal)
        case OpenRequested():
            requests.on_open(turn, signal)
        case DrillStarted():
            drill.start(turn, signal, lambda h: turn.new_id(h, drill=True))
        case DrillEnded():
            drill.finish(turn)
        case ArmRequested():
            requests.on_arm(turn, signal)
        case DisarmRequested():
            requests.on_disarm(turn, signal)
        case Witnessed():
            requests.on_witnessed(turn, signal)
        case ExerciseRequested():
            exercise.begin(turn, signal)
        case ExerciseInterrupted():
            exercise.resume(turn, signal)
        case Hindered():
            on_hindered(turn, signal)
        case Started():
            waking.on_started(turn)
    due = _follow_up(turn)
    state, orders = turn.end()
    orders = escalation.address(turn, orders)
    if due is not None:
        orders.append(WakeAt(due))
    return state, orders


def _follow_up(turn: Turn) -> datetime | None:
    """Do what follows from where things stand now; return when it has to be looked at."""
    if turn.is_freed:
        steps.free(turn)
    dues: list[datetime] = []
    hazards = {incident.hazard for incident in turn.state.incidents.values()}
    if Hazard.GAS in hazards:
        evidence.watch(turn)
    if hazards:
        dues = escalation.climb(turn)
    if Hazard.INACTIVITY in hazards:
        asking.pass_on(turn)
        dues += asking.dues(turn.state)
    return waking.next_wake(turn, dues)
