"""A history of a home: what happened, again and again the same, and ever shorter."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from custom_components.zhian.safety.household import Household
from custom_components.zhian.safety.orders import Order
from custom_components.zhian.safety.plan import PLANS
from custom_components.zhian.safety.signals import Signal, Tick

from .invariants import Checker, Plans, Violation

EPOCH = datetime(2026, 11, 22, tzinfo=UTC)
MOST_EVENTS = 5_000
"""More in one history is a storm: orders that lead to orders without an end."""

SETTLES = 5 * 3600.0
"""Seconds after which nothing new can come of a history: the slowest counter is full."""


class Given(NamedTuple):
    """The kernel is given a signal at a time of the world."""

    t: float
    signal: Signal


class Arrives(NamedTuple):
    """A document of an incident arrives at the station, perhaps late or once more."""

    t: float
    incident: str
    revision: int


@dataclass(frozen=True, slots=True)
class Restart:
    """The program ends, and starts again with what is on the disk.

    It ended at `ended`. `lose` is how many of the last entries are not there; `first` is
    what it hears before it goes on. The clock may have another offset to the world's
    time than before.
    """

    ended: float
    t: float
    household: Household
    lose: int
    first: tuple[Signal, ...]
    offset: float


type Event = Given | Arrives | Restart
type _Smaller = Callable[[History], Iterable[History]]


@dataclass(slots=True)
class History:
    """What happened to one home."""

    household: Household
    events: list[Event] = field(default_factory=list)
    plans: Plans = field(default_factory=lambda: PLANS)


class Runner:
    """A checked kernel in time: it is woken when it has asked for it, and not else."""

    def __init__(self, household: Household, plans: Plans = PLANS) -> None:
        """Begin at the epoch."""
        self.checker = Checker(household, plans)
        self.offset = 0.0

    def clock(self, t: float) -> datetime:
        """Return what the home's clock shows at a time of the world."""
        return EPOCH + timedelta(seconds=t + self.offset)

    @property
    def wake(self) -> float | None:
        """When the kernel wants to be woken, in the world's time."""
        if (at := self.checker.wake) is None:
            return None
        return (at - EPOCH).total_seconds() - self.offset

    def tick(self, t: float) -> list[Order]:
        """Wake the kernel."""
        return self.checker.decide(Tick(self.clock(t)), t)

    def give(self, event: Event) -> list[Order]:
        """Let an event happen."""
        match event:
            case Given():
                # A shorter history may lack the restart that had set the clock.
                said = (event.signal.at - EPOCH).total_seconds() - event.t
                if abs(said - self.offset) > 1:
                    self.offset = said
                return self.checker.decide(event.signal, event.t)
            case Arrives():
                self.checker.arrive(event.incident, event.revision)
                return []
            case Restart():
                self.offset = event.offset
                return self.checker.restart(
                    event.household, event.lose, event.first, event.t
                )

    def wait(self, since: float, until: float) -> float:
        """Let time pass with nothing but the kernel's own ticks; return `until`."""
        t = since
        for _ in range(MOST_EVENTS):
            due = self.wake
            if due is None or due > until:
                return until
            t = max(t, due)
            self.tick(t)
        raise Violation("I5", "ticks without an end")


def replay(history: History) -> Violation | None:
    """Run a history again; return the violation that it ends in."""
    runner = Runner(history.household, history.plans)
    t = 0.0
    try:
        for event in history.events:
            until = event.ended if isinstance(event, Restart) else event.t
            runner.wait(t, max(t, until))
            runner.give(event)
            t = max(t, event.t)
        runner.checker.finish()
        runner.wait(t, t + SETTLES)
        runner.checker.finish()
    except Violation as violation:
        return violation
    return None


def shrink(history: History, invariant: str) -> History:
    """Return a shortest history that breaks the same invariant.

    Shortest means that nothing more can be left out of it: no event, no word of what is
    heard at a restart, no lost entry, no detector, no actuator and no contact.
    """
    while True:
        before = _size(history)
        history = _with_fewer_events(history, invariant)
        history = _with_less(history, invariant, _smaller_homes)
        history = _with_less(history, invariant, _smaller_restarts)
        if _size(history) == before:
            return history


def _breaks(history: History, invariant: str) -> bool:
    found = replay(history)
    return found is not None and found.invariant == invariant


def _size(history: History) -> int:
    home = history.household
    parts = len(home.detectors) + len(home.actuators) + len(home.ladder.contacts)
    restarts = [e for e in history.events if isinstance(e, Restart)]
    return len(history.events) + parts + sum(len(e.first) + e.lose for e in restarts)


def _with_fewer_events(history: History, invariant: str) -> History:
    """Leave out half of it, a quarter, at last single events, as often as it helps."""
    size = max(len(history.events) // 2, 1)
    while size:
        start, is_shorter = 0, False
        while start < len(history.events):
            events = history.events[:start] + history.events[start + size :]
            fewer = History(history.household, events, history.plans)
            if _breaks(fewer, invariant):
                history, is_shorter = fewer, True
            else:
                start += size
        if not is_shorter or size > 1:
            size //= 2
    return history


def _with_less(history: History, invariant: str, smaller: _Smaller) -> History:
    """Take the first smaller history that breaks the same, while there is one."""
    while True:
        for less in smaller(history):
            if _breaks(less, invariant):
                history = less
                break
        else:
            return history


def _smaller_homes(history: History) -> Iterable[History]:
    """Yield the history in homes that lack one thing or one person."""
    home = history.household
    for name in [
        *home.detectors,
        *home.actuators,
        *(c.id for c in home.ladder.contacts),
    ]:
        events: list[Event] = []
        for event in history.events:
            match event:
                case Given() if name in _names(event.signal):
                    continue
                case Restart():
                    first = tuple(s for s in event.first if name not in _names(s))
                    lesser = without(event.household, name)
                    events.append(replace(event, household=lesser, first=first))
                case _:
                    events.append(event)
        yield History(without(home, name), events, history.plans)


def _smaller_restarts(history: History) -> Iterable[History]:
    """Yield the history with restarts that lose or hear less."""
    for n, event in enumerate(history.events):
        if not isinstance(event, Restart):
            continue
        lesser = [replace(event, lose=lose) for lose in range(event.lose)]
        lesser += [
            replace(event, first=event.first[:k] + event.first[k + 1 :])
            for k in range(len(event.first) - 1)  # the last one is the start itself
        ]
        for less in lesser:
            events = [*history.events[:n], less, *history.events[n + 1 :]]
            yield History(history.household, events, history.plans)


def _names(signal: Signal) -> tuple[str | None, ...]:
    return (getattr(signal, "detector", None), getattr(signal, "actuator", None))


def without(home: Household, name: str) -> Household:
    """Return a home that lacks one thing or one person."""

    def rest[T](parts: Mapping[str, T]) -> dict[str, T]:
        return {key: part for key, part in parts.items() if key != name}

    contacts = tuple(c for c in home.ladder.contacts if c.id != name)
    return replace(
        home,
        detectors=rest(home.detectors),
        actuators=rest(home.actuators),
        ladder=replace(home.ladder, contacts=contacts),
    )


def is_shortest(history: History, invariant: str) -> bool:
    """Whether no single event can be left out of a history."""
    events: Sequence[Event] = history.events
    return not any(
        _breaks(
            History(history.household, [*events[:n], *events[n + 1 :]], history.plans),
            invariant,
        )
        for n in range(len(events))
    )
