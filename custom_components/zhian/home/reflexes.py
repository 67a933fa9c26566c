"""What an alarm will move, asked of the kernel before there is one."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime

from ..safety.confirming import asks_others
from ..safety.decide import decide
from ..safety.incident import Incident
from ..safety.interlock import why_hindered
from ..safety.orders import Drive
from ..safety.signals import Reading
from ..safety.state import State
from ..safety.vocabulary import Hazard, Level, Phase
from .driving import Departure

type Prepare = Callable[[Drive, State, Hazard], Departure]


class Reflexes:
    """The drives of each detector's first alarm, ready before the decision is.

    Deciding means writing a timeline, and a valve should not wait for that. As long as no
    alarm was raised, what an alarm moves hangs on the home and on the open pre-alarms
    alone, not on time, readings or positions: so the kernel can be asked in advance. It
    decides all the same when the alarm is there; the drives are the same ones.
    """

    def __init__(
        self, state: State, now: Callable[[], datetime], prepare: Prepare
    ) -> None:
        """Ask for a home in which nothing is wrong."""
        self._now = now
        self._prepare = prepare
        self._quiet = self._ask(State(state.household), state.household.detectors)
        self._incidents: Mapping[str, Incident] | None = None
        self._ready: Mapping[str, tuple[Departure, ...]] = {}
        self.adapt(state)

    def adapt(self, state: State) -> None:
        """Ask anew if incidents have changed; never on the safety path."""
        if state.incidents is self._incidents:
            return
        self._incidents = state.incidents
        if not state.incidents:
            self._ready = self._quiet
        elif all(i.phase is Phase.PRE_ALARM for i in state.incidents.values()):
            found = {d for i in state.incidents.values() for d in i.detectors}
            self._ready = self._ask(state, found & state.household.detectors.keys())
        else:
            self._ready = {}

    def to(self, detector: str, state: State) -> tuple[Departure, ...]:
        """Return what a detector's alarm moves at once, if that was asked for now."""
        if state.incidents is not self._incidents:
            return ()
        ready = self._ready.get(detector, ())
        return ready if not state.hindered else tuple(_unhindered(state, ready))

    def _ask(
        self, state: State, detectors: Iterable[str]
    ) -> dict[str, tuple[Departure, ...]]:
        found: dict[str, tuple[Departure, ...]] = {}
        for detector in detectors:
            hazard = state.household.detectors[detector].hazard
            found[detector] = tuple(
                self._prepare(order, state, hazard)
                for order in _drives(state, detector, self._now())
            )
        return found


def _unhindered(state: State, ready: Iterable[Departure]) -> Iterator[Departure]:
    """Leave out what the surroundings of a window have something against by now."""
    for departure in ready:
        actuator = state.household.actuators[departure.order.actuator]
        if why_hindered(state, actuator, departure.order.target) is None:
            yield departure


def _drives(state: State, detector: str, at: datetime) -> list[Drive]:
    if asks_others(state.household.detectors[detector]):
        return []  # whether its word is an alarm hangs on what others say then
    _, orders = decide(state, Reading(detector, Level.ALARM, at))
    return [order for order in orders if isinstance(order, Drive)]
