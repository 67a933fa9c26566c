"""The home's watch: events become signals, orders become actions. It decides nothing."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic

from homeassistant.core import (
    CALLBACK_TYPE,
    Event,
    EventStateChangedData,
    EventStateReportedData,
    HomeAssistant,
    callback,
)
from homeassistant.helpers.event import (
    async_track_state_change_event,
    async_track_state_report_event,
)
from homeassistant.util import dt as dt_util

from ..safety.decide import decide
from ..safety.entries import StepOrdered
from ..safety.orders import Ask, Drive, Exercised, Order, Report, Tell, WakeAt
from ..safety.proof import question_after
from ..safety.signals import ActuatorReport, Hindered, Reading, Signal, Started, Tick
from ..safety.state import State
from ..safety.vocabulary import Level, Witness
from .bindings import ActuatorBinding, Binding, DetectorBinding, is_reachable
from .clock import Clock
from .driving import Attempt, Driving
from .follow_up import FollowUp
from .questions import Questions
from .reflexes import Reflexes
from .routine_options import RoutineBinding
from .timelines import Timelines

RECENT = timedelta(minutes=1)
"""How old the press of a button may be when it is first heard of."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why a detector that says that all is well is not believed.

    It has said nothing since a time, or it is too old or too incomplete to be trusted.
    What it says of danger always is.
    """

    silent_since: datetime | None = None


class Guard:
    """Keeps the kernel's state and carries out its orders."""

    def __init__(
        self,
        hass: HomeAssistant,
        state: State,
        detectors: Iterable[DetectorBinding],
        actuators: Iterable[ActuatorBinding],
        timelines: Timelines,
        clock: Clock,
        tell: Callable[[Tell], None],
    ) -> None:
        """Begin with a state; nothing is watched before `start`."""
        self._hass = hass
        self.state = state
        self.detectors: Mapping[str, DetectorBinding] = {d.id: d for d in detectors}
        self.actuators: Mapping[str, ActuatorBinding] = {a.id: a for a in actuators}
        self.routines: Mapping[str, RoutineBinding] = {}
        self.timelines = timelines
        self.clock = clock
        self._pressed: dict[str, str] = {}
        self._by_entity: dict[str, list[Binding]] = {}
        for binding in self.bindings():
            for entity_id in binding.entity_ids:
                self._by_entity.setdefault(entity_id, []).append(binding)
        self._alarm_words = {
            (d.entity_id, word): d.id
            for d in self.detectors.values()
            for word in d.alarm_words
        }
        self._doubts: dict[str, Doubt] = {}
        self.on_exercised: Callable[[Exercised], None] = lambda _: None
        """Called when a valve's exercise is over."""
        self._questions = Questions(hass, self._on_answer)
        self._driving = Driving(
            hass, self.actuators, self._questions, clock.now, self.handle
        )
        self._reflexes = Reflexes(state, clock.now, self._driving.prepare)
        self._follow_up = FollowUp(hass, timelines, tell)
        self.subscribe = self._follow_up.subscribe
        self.subscribe_news = self._follow_up.subscribe_news
        self.show = self._follow_up.show
        self._timer: asyncio.TimerHandle | None = None
        self._untrack: list[CALLBACK_TYPE] = []
        self._waiting: deque[Signal] = deque()
        self._is_deciding = False
        self._is_stopped = False

    def bindings(self) -> Iterator[Binding]:
        """Yield everything that is bound."""
        yield from self.detectors.values()
        yield from self.actuators.values()

    def names(self) -> dict[str, str]:
        """Return what people call everything that is set up, by its id."""
        found = {binding.id: binding.options.name for binding in self.bindings()}
        return found | {r.id: r.options.name for r in self.routines.values()}

    def watcher(self, detector: str) -> DetectorBinding | RoutineBinding | None:
        """Return what stands behind a detector of the kernel."""
        return self.detectors.get(detector) or self.routines.get(detector)

    @callback
    def start(self) -> None:
        """Watch, take in what is known already, and go on where the journal ends.

        Entities that have no state yet are waited for until `expect_all`.
        """
        self._untrack.append(
            async_track_state_change_event(self._hass, self._by_entity, self._on_change)
        )
        witnesses = {a.witness_id for a in self.actuators.values()}
        self._untrack.append(
            async_track_state_report_event(self._hass, witnesses, self._on_same)
        )
        for actuator in self.actuators.values():
            witness = self._hass.states.get(actuator.witness_id)
            if witness is not None and is_reachable(witness):
                # What was said before this start proves nothing of a later order.
                self._report(actuator, min(witness.last_reported, self.clock.now()))
            self._look(actuator)
        self.handle(Started(self.clock.now()))
        for detector in self.detectors.values():
            self._read(detector, expect=False)

    @callback
    def expect_all(self) -> None:
        """From now on a detector without a state is a lost one."""
        for detector in self.detectors.values():
            if detector.id not in self.state.readings:
                self._read(detector, expect=True)

    @callback
    def stop(self) -> None:
        """Watch no more; what was decided by now is still told."""
        self._is_stopped = True
        while self._untrack:
            self._untrack.pop()()
        self._questions.close()
        if self._timer is not None:
            self._timer.cancel()
        self._follow_up.stop()

    # --- in ----------------------------------------------------------------------

    @callback
    def handle(self, signal: Signal, ahead: Sequence[Attempt] = ()) -> list[Order]:
        """Let the kernel decide, act, and only then keep the books.

        What has left ahead is not sent again. A device that reports while it is being
        told to move waits for the books: the entries of a timeline are kept in the order
        in which they were decided.
        """
        if self._is_stopped:
            return []
        if self._is_deciding:
            self._waiting.append(signal)
            return []
        self._is_deciding = True
        try:
            orders = self._decide(signal, ahead)
            while self._waiting:
                self._decide(self._waiting.popleft(), ())
        finally:
            self._is_deciding = False
        return orders

    def _decide(self, signal: Signal, ahead: Sequence[Attempt]) -> list[Order]:
        before = self.state
        self.state, orders = decide(before, signal)
        self._drive((order for order in orders if isinstance(order, Drive)), ahead)
        for order in orders:
            if isinstance(order, WakeAt):
                self._wake_at(order.at)
            elif isinstance(order, Ask):
                asked = self.actuators[order.actuator]
                self._questions.ask(asked.id, asked.entity_id)
        if self.state.incidents is not before.incidents:
            # Soon, not with the pages: those may wait for the disk.
            self._hass.loop.call_soon(self._get_ready)
        if orders or self.state is not before:
            self.show()
        if orders or self.state.news:
            self._keep_the_books(signal, orders)
        return orders

    @callback
    def _on_change(self, event: Event[EventStateChangedData]) -> None:
        entity_id, new = event.data["entity_id"], event.data["new_state"]
        alarming: str | None = None
        # The shortest way: of one word that can only be an alarm, and is the last word.
        if new is not None and self._hass.states.get(entity_id) is new:
            alarming = self._alarm_words.get((entity_id, new.state))
            if alarming is not None:
                self._alarm(alarming, None)
        for binding in self._by_entity.get(entity_id, ()):
            if isinstance(binding, DetectorBinding):
                if binding.id != alarming:
                    self._read(binding, expect=True)
            elif entity_id == binding.witness_id:
                self._report(binding, self.clock.now())
            elif entity_id != binding.entity_id:
                self._look(binding)
            elif not is_reachable(event.data["old_state"]):
                self._on_return(binding)

    @callback
    def _on_same(self, event: Event[EventStateReportedData]) -> None:
        """The same again is no news of a detector, yet a fresh word of a witness."""
        entity_id = event.data["entity_id"]
        for binding in self._by_entity.get(entity_id, ()):
            if isinstance(binding, ActuatorBinding) and entity_id == binding.witness_id:
                self._report(binding, self.clock.now())

    def _on_return(self, actuator: ActuatorBinding) -> None:
        """A device that another entity vouches for can be reached again: drive it now.

        What its witness said before is no proof, so it is not said again as one.
        """
        position = actuator.position(self._hass.states.get)
        is_proof = any(
            step.actuator == actuator.id and step.target is position
            for incident in self.state.incidents.values()
            for step in incident.steps
        )
        if not is_proof:
            self._report(actuator, self.clock.now())

    def _look(self, actuator: ActuatorBinding) -> None:
        """Tell the kernel what keeps an actuator from moving, if anything can."""
        if any(actuator.hindrance_ids):
            reason = actuator.hindrance(self._hass.states.get)
            self.handle(Hindered(actuator.id, reason, self.clock.now()))

    def _read(self, detector: DetectorBinding, *, expect: bool) -> None:
        """Hand a detector's reading to the kernel."""
        if detector.is_momentary:
            self._hear(detector, expect=expect)
            return
        before = self.state.readings.get(detector.id)
        level, value = detector.read(
            self._hass.states.get, before.level if before else Level.NORMAL
        )
        if level is Level.ALARM:
            self._alarm(detector.id, value)
        elif level is not Level.LOST or before is not None or expect:
            self.handle(self._reading(detector.id, level, value))

    def _alarm(self, detector: str, value: float | None) -> None:
        """Move what this alarm surely moves, before the kernel writes its timeline."""
        since, ahead = monotonic(), []
        if not self._is_deciding and not self._is_stopped:
            self._is_deciding = True
            try:
                ahead = self._driving.send(self._reflexes.to(detector, self.state))
            finally:
                self._is_deciding = False
        self.handle(Reading(detector, Level.ALARM, self.clock.at(since), value), ahead)

    def _reading(self, detector: str, level: Level, value: float | None) -> Reading:
        at = self.clock.now()
        doubt = self._doubts.get(detector)
        if doubt is None or level is not Level.NORMAL:
            return Reading(detector, level, at, value)
        if doubt.silent_since is None:
            return Reading(detector, level, at, value, is_doubtful=True)
        return Reading(detector, Level.LOST, at, silent_since=doubt.silent_since)

    @callback
    def doubt(self, detector: str, doubt: Doubt | None) -> None:
        """Believe a detector no longer, or again, when it says that all is well."""
        if self._doubts.get(detector) == doubt:
            return
        if doubt is None:
            del self._doubts[detector]
        else:
            self._doubts[detector] = doubt
        if detector in self.state.readings:
            self._read(self.detectors[detector], expect=False)

    def _hear(self, detector: DetectorBinding, *, expect: bool) -> None:
        """Hand a button's press to the kernel, once.

        Its state is the time of the last press, also after a restart or when its radio
        is back: only a new one is a call.
        """
        state = self._hass.states.get(detector.entity_id)
        now = self.clock.now()
        if state is None or not is_reachable(state):
            if expect or detector.id in self.state.readings:
                self.handle(Reading(detector.id, Level.LOST, now))
            return
        pressed = dt_util.parse_datetime(state.state)
        is_new = self._pressed.get(detector.id) != state.state
        self._pressed[detector.id] = state.state
        if pressed is not None and is_new and abs(now - pressed) <= RECENT:
            if detector.is_call(state):
                self._alarm(detector.id, None)
        self.handle(Reading(detector.id, Level.NORMAL, now))

    def _report(
        self, actuator: ActuatorBinding, at: datetime, *, is_answer: bool = False
    ) -> None:
        """Hand an actuator's position to the kernel, as of when it was reported."""
        position = actuator.position(self._hass.states.get)
        self.handle(ActuatorReport(actuator.id, position, at, is_answer))

    @callback
    def _on_answer(self, actuator: str) -> None:
        """A device has answered: where it stands now is its own word."""
        self._report(self.actuators[actuator], self.clock.now(), is_answer=True)

    # --- out ---------------------------------------------------------------------

    async def move(self, order: Drive) -> None:
        """Move an actuator for a person, who is told if it does not work.

        Raise HomeAssistantError.
        """
        await self._driving.move(order)
        binding = self.actuators[order.actuator]
        if binding.options.witness is Witness.READ_BACK:
            actuator = self.state.household.actuators[binding.id]
            delay = question_after(actuator).total_seconds()
            self._questions.ask_later(binding.id, binding.entity_id, delay)

    @callback
    def require(self, actuator: ActuatorBinding) -> None:
        """Raise HomeAssistantError if a device cannot be reached."""
        self._driving.require(actuator)

    def _drive(self, orders: Iterable[Drive], ahead: Sequence[Attempt]) -> None:
        """Send orders; those that have left ahead only get the name of their step."""
        left = {(a.order.actuator, a.order.target): a for a in ahead}
        missing: list[Drive] = []
        for order in orders:
            if attempt := left.get((order.actuator, order.target)):
                attempt.order = order
            else:
                missing.append(order)
        self._driving.send(self._driving.prepare(o, self.state) for o in missing)

    def _get_ready(self) -> None:
        """Ask what the next alarm will move."""
        self._reflexes.adapt(self.state)

    def _wake_at(self, at: datetime) -> None:
        if self._timer is not None:
            self._timer.cancel()
        delay = max((at - self.clock.now()).total_seconds(), 0.0)
        self._timer = self._hass.loop.call_later(delay, self._on_timer)

    def _on_timer(self) -> None:
        self._timer = None
        self.handle(Tick(self.clock.now()))

    def _keep_the_books(self, signal: Signal, orders: list[Order]) -> None:
        """Hand the timelines to the disk; people and pages follow in the next turn."""
        reported = {o.incident for o in orders if isinstance(o, Report)}
        self.timelines.append(self.state.news, reported, self.state.incidents)
        for entry in self.state.news:
            if isinstance(entry, StepOrdered):
                self.timelines.stamp(entry.incident, "signalled", signal.at)
                self.timelines.stamp(entry.incident, "ordered", self.clock.now())
        tells = (order for order in orders if isinstance(order, Tell))
        self._follow_up.add(tells, self.state.news)
        for order in orders:
            if isinstance(order, Exercised):
                self.on_exercised(order)
