"""Histories that Hypothesis thinks of: no plausibility, only possibility."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from hypothesis import strategies as st

from custom_components.zhian.safety.arming import ARMED, LEAVING, Sense, Watch
from custom_components.zhian.safety.household import Actuator, Detector, Household
from custom_components.zhian.safety.orders import Drive, Order
from custom_components.zhian.safety.signals import (
    Acknowledge,
    ActuatorReport,
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
)
from custom_components.zhian.safety.vocabulary import (
    ActuatorRole,
    Hazard,
    Level,
    Message,
    Position,
    Reason,
    StationStatus,
    Witness,
)

from .burglary import MODES
from .replaying import Given, Restart, Runner, without

ZONES = st.sampled_from(("kitchen", "hall", None))
HAZARDS = st.sampled_from(Hazard)
QUORUMS = st.sampled_from((1, 1, 1, 2, 3))
CHOICES = st.frozensets(HAZARDS, max_size=2)
DELAYS = st.sampled_from((0.0, 60.0, 300.0))
WATCHES = st.builds(
    Watch,
    st.sampled_from(Sense),
    st.sampled_from((ARMED, LEAVING)),
    st.booleans(),
    st.none() | st.just(301.0),
)
GAPS = st.sampled_from(
    (0.0, 0.1, 0.6, 1.0, 3.0, 7.5, 15.0, 61.0, 301.0, 3_600.0, 5_400.0)
)
"""Pauses on both sides of each limit of the kernel."""

_PLAN_REASONS = (Reason.UNAVAILABLE, Reason.MISSING, Reason.ERROR, Reason.TIMEOUT)
_HINDRANCES = (Reason.RAIN, Reason.CHILD_LOCK, Reason.OBSTRUCTED)


@dataclass(frozen=True)
class Move:
    """One thing that happens after a pause; numbers choose among what there is."""

    gap: float
    kind: str
    which: int = 0
    args: tuple[Any, ...] = ()


@dataclass
class History:
    """A home and what happens to it."""

    household: Household
    moves: list[Move]
    orders: list[tuple[Signal | None, Order]] = field(default_factory=list)
    runner: Runner = field(init=False)
    t: float = 0.0

    def run(self) -> History:
        """Live through it; a broken invariant raises."""
        self.runner = Runner(self.household)
        for move in self.moves:
            self.t = self.runner.wait(self.t, self.t + move.gap)
            self._make(move)
        return self

    def wait(self, seconds: float) -> None:
        """Let time pass in which only the kernel acts."""
        self.t = self.runner.wait(self.t, self.t + seconds)

    def _make(self, move: Move) -> None:
        if move.kind == "restart":
            self._restart(*move.args)
            return
        signal = self._signal(move)
        if signal is not None:
            given = self.runner.give(Given(self.t, signal))
            self.orders.extend((signal, order) for order in given)

    def _restart(
        self, lose: int, back: float, levels: tuple[Level, ...], lacking: int | None
    ) -> None:
        """The program ends and starts, perhaps in a home that lacks something."""
        self.runner.offset -= back
        at = self.runner.clock(self.t)
        home = self.household
        if lacking is not None:
            people = [contact.id for contact in home.ladder.contacts]
            parts = [*home.detectors, *home.actuators, *people]
            home = without(home, parts[lacking % len(parts)])
        names = list(home.detectors)
        readings = [
            Reading(name, level, at) for name, level in zip(names, levels, strict=False)
        ]
        lose = min(lose, len(self.runner.checker.journal))
        left = self.runner.checker.exercises.under_way
        first: tuple[Signal, ...] = (
            *readings,
            Started(at),
            *(ExerciseInterrupted(name, since, at) for name, since in left.items()),
        )
        event = Restart(self.t, self.t, home, lose, first, self.runner.offset)
        self.orders.extend((None, order) for order in self.runner.give(event))

    def _signal(self, move: Move) -> Signal | None:
        at = self.runner.clock(self.t)
        state = self.runner.checker.state
        detector = _pick(list(self.household.detectors), move.which)
        actuator = _pick(list(self.household.actuators), move.which)
        incident = _pick(list(state.incidents), move.which)
        match move.kind:
            case "reads" if detector:
                level, value = move.args
                return Reading(detector, level, at, value)
            case "says" if actuator:
                return ActuatorReport(actuator, *move.args[:1], at, *move.args[1:])
            case "fails" if incident:
                ids = [step.id for step in state.incidents[incident].steps]
                step = _pick(ids, move.args[1])
                return OrderFailed(incident, step, move.args[0], at) if step else None
            case "hinders" if actuator:
                return Hindered(actuator, move.args[0], at)
            case "acknowledges":
                return Acknowledge("Li", "app", at, incident if move.args[0] else None)
            case "calls":
                return HelpCalled("Li", at, move.args[0])
            case "resets":
                named = incident if move.args[1] else None
                return ResetRequested("Li", move.args[0], at, named)
            case "opens" if actuator:
                local, confirmed = move.args
                return OpenRequested(actuator, "Li", local, confirmed, at)
            case "delivered" if incident:
                message, reason = move.args
                return Delivered(incident, "Li", message, at, reason)
            case "station" if incident:
                return StationSaid(incident, move.args[0], at, number=move.args[1])
            case "asks" if incident:
                text = "Who holds a key?"
                return StationAsked(incident, move.args[0], text, "Officer", at)
            case "informs":
                return StationInformed("The neighbour.", "Li", at, move.args[0])
            case "drill":
                seconds, is_one, hazard, moves = move.args
                until = at + timedelta(seconds=seconds)
                one = detector if is_one else None
                return DrillStarted("Li", until, at, one, hazard, moves=moves)
            case "exercises" if actuator:
                by, local = move.args
                return ExerciseRequested(actuator, at, by, local=local)
            case "arms":
                mode, force, duress = move.args
                return ArmRequested(mode, "Li", at, force=force, duress=duress)
            case "disarms":
                return DisarmRequested("Li", at, move.args[0])
            case "drill_ends":
                return DrillEnded("Li", at)
        return None

    @property
    def opened_gas_valves(self) -> list[tuple[Signal | None, Drive]]:
        """Drives that open a gas valve, with the signal that led to them."""
        return [
            (signal, order)
            for signal, order in self.orders
            if isinstance(order, Drive)
            and order.target is Position.OPEN
            and self.household.actuators[order.actuator].role is ActuatorRole.GAS_VALVE
        ]


def _pick(names: list[str], which: int) -> str | None:
    return names[which % len(names)] if names else None


@st.composite
def households(draw: st.DrawFn) -> Household:
    """Return any home with a gas detector."""
    hazards = draw(st.lists(st.sampled_from(Hazard), max_size=4))
    detectors = [
        Detector(
            f"{hazard}_{n}",
            hazard,
            draw(ZONES),
            watch=draw(WATCHES),
            quorum=draw(QUORUMS),
        )
        for n, hazard in enumerate((Hazard.GAS, *hazards))
    ]
    roles = draw(st.lists(st.sampled_from(ActuatorRole), max_size=5))
    actuators = [
        _actuator(draw, f"{role}_{n}", role, draw(CHOICES))
        for n, role in enumerate(roles)
    ]
    return Household(
        "home",
        {d.id: d for d in detectors},
        {a.id: a for a in actuators},
        report_after=draw(st.dictionaries(HAZARDS, DELAYS, max_size=2)),
        priorities=draw(st.dictionaries(HAZARDS, st.integers(0, 2), max_size=2)),
    )


def _actuator(
    draw: st.DrawFn, name: str, role: ActuatorRole, added: frozenset[Hazard]
) -> Actuator:
    return Actuator(
        name,
        role,
        draw(ZONES),
        ignition_safe=draw(st.booleans()),
        open_on_gas=draw(st.booleans()),
        travel_time=draw(st.sampled_from((0.0, 5.0, 20.0))),
        witness=draw(st.sampled_from(Witness)),
        added=added,
        left_out=draw(CHOICES) - added,
    )


def moves(*, people_open: bool = True) -> st.SearchStrategy[Move]:
    """Return anything that can happen; perhaps nobody asks to open a valve."""
    levels = st.sampled_from(Level)
    flags = st.booleans()
    kinds: dict[str, st.SearchStrategy[tuple[Any, ...]]] = {
        "reads": st.tuples(levels, st.none() | st.floats(0, 500)),
        "says": st.tuples(st.sampled_from(Position), flags),
        "fails": st.tuples(st.sampled_from(_PLAN_REASONS), st.integers(0, 9)),
        "hinders": st.tuples(st.none() | st.sampled_from(_HINDRANCES)),
        "acknowledges": st.tuples(flags),
        "calls": st.tuples(ZONES),
        "resets": st.tuples(flags, flags),
        "delivered": st.tuples(
            st.sampled_from(Message), st.none() | st.just(Reason.ERROR)
        ),
        "station": st.tuples(
            st.sampled_from(StationStatus), st.none() | st.just("2026-000001")
        ),
        "drill": st.tuples(
            st.sampled_from((-1.0, 0.0, 60.0, 86_400.0)),
            flags,
            st.none() | st.sampled_from(Hazard),
            flags,
        ),
        "exercises": st.tuples(st.sampled_from(("Li", None)), flags),
        "drill_ends": st.just(()),
        "arms": st.tuples(st.sampled_from(MODES), flags, flags),
        "disarms": st.tuples(flags),
        "restart": st.tuples(
            st.integers(0, 8),
            st.sampled_from((0.0, 0.0, 3_600.0)),
            st.lists(levels, max_size=5).map(tuple),
            st.none() | st.integers(0, 9),
        ),
        "asks": st.tuples(st.sampled_from(("q1", "q2"))),
        "informs": st.tuples(st.none() | st.sampled_from(("q1", "q2"))),
    }
    if people_open:
        kinds["opens"] = st.tuples(flags, flags)
    # Readings and reports make the stories; the rest are interruptions.
    names = [*kinds, *["reads"] * 6, *["says"] * 3]
    return st.sampled_from(names).flatmap(
        lambda kind: st.builds(
            Move, GAPS, st.just(kind), st.integers(0, 9), kinds[kind]
        )
    )


def histories(*, people_open: bool = True) -> st.SearchStrategy[History]:
    """Return any home with anything that can happen to it."""
    return st.builds(
        History,
        households(),
        st.lists(moves(people_open=people_open), min_size=1, max_size=25),
    )
