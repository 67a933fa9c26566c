"""The invariants I1 to I17, checked after every decision of the kernel.

The checker keeps books of its own (what detectors said, what was ordered when), so that
it does not believe the kernel what the kernel says of itself.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import datetime, timedelta
from operator import attrgetter

from orjson import dumps, loads

from custom_components.zhian.safety import decide as kernel, plan
from custom_components.zhian.safety.codec import decode, encode
from custom_components.zhian.safety.entries import (
    ENTRY_TYPES,
    Assessed,
    Closed,
    Detected,
    Entry,
    Opened,
    Reopened,
    RungTold,
    StepOrdered,
    StepSettled,
    Told,
)
from custom_components.zhian.safety.household import Actuator, Household
from custom_components.zhian.safety.incident import Incident
from custom_components.zhian.safety.orders import Drive, Order, Report, Tell, WakeAt
from custom_components.zhian.safety.replacing import replace
from custom_components.zhian.safety.signals import (
    Acknowledge,
    ActuatorReport,
    Answer,
    ArmRequested,
    DisarmRequested,
    DrillStarted,
    OpenRequested,
    Reading,
    ResetRequested,
    Signal,
    Started,
    StationSaid,
    Tick,
)
from custom_components.zhian.safety.state import State
from custom_components.zhian.safety.timeline import fold, fold_all
from custom_components.zhian.safety.vocabulary import (
    ActuatorRole,
    Ending,
    Hazard,
    Level,
    Message,
    Outcome,
    Phase,
    Position,
    Reason,
    Response,
    Standard,
    StationStatus,
    Witness,
)

from .answering import Answering
from .network import Station
from .panel_book import SEEN, PanelBook
from .questions import Questions, Unasked
from .upkeep import Drills, Exercises
from .violation import Violation

FLAMES = frozenset({Hazard.GAS, Hazard.CARBON_MONOXIDE, Hazard.SMOKE})
"""Hazards in which gas stays shut off."""
CLEAR = timedelta(seconds=300)
WARM_UP = timedelta(seconds=60)
ECHO = timedelta(seconds=0.5)
TOLD_BY = 14.0
"""Seconds by which a step has ended, unless one journey takes longer."""
GRACE = 2.0

_SILENT_KINDS = frozenset(
    {"station", "planned", "step_ordered", "attempt_failed", "told", "asked"}
)
"""Entries that the station need not hear of at once."""
_NOT_YET = frozenset({Reason.REMOVED, Reason.NOT_IGNITION_SAFE, Reason.FEEDS_FIRE})
"""Why a step was skipped that may be done later: nothing stands in its way any more."""
_BLIND = frozenset({None, Level.LOST, Level.FAULT})

MINUTE = timedelta(minutes=1)
BOUNDS: dict[Standard, dict[float, tuple[timedelta, timedelta | None]]] = {
    Standard.EN_50291: {
        30.0: (120 * MINUTE, None),
        50.0: (60 * MINUTE, 90 * MINUTE),
        100.0: (10 * MINUTE, 40 * MINUTE),
        300.0: (0 * MINUTE, 3 * MINUTE),
    },
    Standard.UL_2034: {
        70.0: (60 * MINUTE, 240 * MINUTE),
        150.0: (10 * MINUTE, 50 * MINUTE),
        400.0: (4 * MINUTE, 15 * MINUTE),
    },
}
"""From which minute a concentration may be an alarm, and by which it has to be."""

type Key = tuple[str, str]
type Plans = Mapping[Hazard, tuple[Callable[[Actuator], Position | None], ...]]

_CONTENT = {
    kind: attrgetter(
        "kind",
        *(f.name for f in fields(kind) if f.name not in ("incident", "seq", "at")),
    )
    for kind in ENTRY_TYPES
}
"""What of an entry is written: the same content is written the same way."""
_MOST_KNOWN = 50_000
_survived: set[object] = set()
"""Contents that have survived the disk, so that each is tried once."""


def _check_survival(entry: Entry) -> None:
    """I6: what is written can be read, and reads the same."""
    content = _CONTENT[type(entry)](entry)
    if content in _survived:
        return
    encoded = encode(entry)
    body = loads(dumps(encoded))
    copy = decode(entry.incident, entry.seq, entry.at, entry.kind, body)
    if copy != entry:
        raise Violation("I6", f"{entry.kind} does not survive the disk")
    if len(_survived) >= _MOST_KNOWN:
        _survived.clear()
    _survived.add(content)


class Breathed:
    """How long the air has been how bad at each detector of carbon monoxide.

    The plainest book there is: it adds up and never takes back.
    """

    def __init__(self) -> None:
        """Begin with nothing known."""
        self.since: dict[tuple[str, float], datetime] = {}
        self._before: dict[tuple[str, float], timedelta] = {}

    def take(self, reading: Reading, standard: Standard) -> None:
        """Note a reading."""
        ppm = reading.value if reading.level.is_protecting else None
        for gate in BOUNDS[standard]:
            key = (reading.detector, gate)
            if ppm is not None and ppm >= gate:
                self.since.setdefault(key, reading.at)
            elif (since := self.since.pop(key, None)) is not None:
                passed = reading.at - since
                self._before[key] = self._before.get(key, timedelta()) + passed

    def is_above(self, detector: str, ppm: float) -> bool:
        """Whether the air is that bad now."""
        return (detector, ppm) in self.since

    def total(self, detector: str, ppm: float, at: datetime) -> timedelta:
        """Return for how long altogether it has been that bad."""
        key = (detector, ppm)
        now = at - self.since[key] if key in self.since else timedelta()
        return self._before.get(key, timedelta()) + now


class Checker:
    """The kernel with somebody who looks over its shoulder.

    `t` is the world's time in seconds: unlike the home's clock it never runs back.
    """

    def __init__(self, household: Household, plans: Plans = plan.PLANS) -> None:
        """Begin with a home of which nothing is known."""
        self.state = State(household)
        self._plans = plans
        self._answering = Answering(household.ladder)
        self._station = Station()
        self._timelines: dict[str, list[Entry]] = {}
        self._reported: dict[str, int] = {}
        self.journal: list[Entry] = []
        self.wake: datetime | None = None
        self.decisions = 0
        self.opened = 0
        self._replayed: dict[str, Incident] = {}
        self._levels: dict[str, Level] = {}
        self._clear_from: dict[str, datetime] = {}
        self._running: dict[Key, float] = {}
        self._driven: dict[str, tuple[datetime, str | None]] = {}
        self._deliveries: set[tuple[str, str, str | None, Message, Reason | None]] = (
            set()
        )
        self._is_restarting = False
        self._last_told: dict[str, tuple[Message, str | None]] = {}
        self._breathed = Breathed()
        self._answered: set[str] = set()
        self._panel = PanelBook(household)
        self._entered: set[str] = set()
        self.drills = Drills(Violation)
        self.exercises = Exercises(Violation)
        self._questions = Questions()

    # --- in ----------------------------------------------------------------------

    def decide(self, signal: Signal, t: float) -> list[Order]:
        """Let the kernel decide, and check what it did."""
        before = self.state
        if self._breathed.since:
            self._check_poison(before, signal.at)
        self._note(signal)
        self._check_entry_is_over(before, signal)
        self.decisions += 1
        usual, plan.PLANS = plan.PLANS, self._plans
        try:
            after, orders = kernel.decide(before, signal)
        except Exception as error:
            raise Violation("I0", f"{signal} raised {error!r}") from error
        finally:
            plan.PLANS = usual
        self.state = after
        self.wake = orders[-1].at if orders and isinstance(orders[-1], WakeAt) else None
        self._check_order_of(orders)
        drives = [o for o in orders if isinstance(o, Drive)]
        if drives:
            self._check_drives(signal, before, after, drives)
            for drive in drives:
                self._driven[drive.actuator] = (signal.at, drive.incident)
        if after.news or before.incidents is not after.incidents:
            self._check_timeline(signal, before, after, orders, t)
        for order in orders:
            if type(order) is Report:
                self._reported[order.incident] = self.revision(order.incident)
        if self._entered:
            self._entered.clear()
            if after.open_incident(Hazard.INTRUSION) is None:
                raise Violation("I15", "nobody disarmed, and nobody is told")
        if type(signal) in (ArmRequested, DisarmRequested):
            self._check_code(signal, before, after, orders)
        if isinstance(signal, Reading) and self._levels.get(signal.detector) is (
            Level.ALARM
        ):
            self._check_alarm(signal, before, after, orders)
        if self._breathed.since:
            self._check_poison(after, signal.at)
        self._check_tells(orders)
        if isinstance(signal, Acknowledge | Answer):
            chosen = signal.incident
            self._answered.update(after.incidents if chosen is None else (chosen,))
        elif isinstance(signal, DisarmRequested):
            self._answered.update(after.incidents)
        self._answering.check(
            signal, after.news, orders, is_restarting=self._is_restarting
        )
        self.drills.check(signal, before, after, orders)
        self.exercises.check(signal, before, after, orders, t)
        try:
            self._questions.check(
                signal, after, orders, t, is_restarting=self._is_restarting
            )
        except Unasked as error:
            raise Violation("I13", str(error)) from error
        if self._running:
            self._check_ends(t)
        if isinstance(signal, Tick) and self.wake and self.wake <= signal.at:
            raise Violation("I5", "a tick asks for a tick at once")
        return orders

    def restart(
        self, household: Household, lose: int, first: Sequence[Signal], t: float
    ) -> list[Order]:
        """Throw the state away, go on from the journal, of which the end may lack."""
        if lose:
            del self.journal[-lose:]
        self._timelines = {}
        for entry in self.journal:
            self._timelines.setdefault(entry.incident, []).append(entry)
        # What was not on the disk had not been sent.
        self._reported = {
            name: reported
            for name, reported in self._reported.items()
            if reported <= self.revision(name)
        }
        closed = {e.incident for e in self.journal if type(e) is Closed}
        kept = [e for e in self.journal if e.incident not in closed]
        found = fold_all(kept).values()
        self.state = kernel.go_on(household, found, panel=self.state.panel)
        self._panel.restart(household)
        self._replayed = {}
        for entry in kept:
            before = self._replayed.get(entry.incident)
            self._replayed[entry.incident] = fold(before, entry)
        self._compare(set(self._replayed), self.state)
        self._levels.clear()
        self._clear_from.clear()
        self._running.clear()
        self._driven.clear()
        self._breathed = Breathed()
        self.exercises.restart()
        self._questions.restart(kept, t)
        self._last_told = {
            i.id: (Message.ALARM, None)
            for i in self._replayed.values()
            if Message.ALARM in i.told and Message.CLEARING not in i.told
        }
        self._answered = {
            i.id for i in self._replayed.values() if i.is_answered or i.safe
        }
        self._deliveries = {
            (i.id, *delivery)
            for i in self._replayed.values()
            for delivery in i.deliveries
        }
        self._answering = Answering(household.ladder, self._replayed.values())
        was = dict(self.state.incidents)
        known = len(self.journal)
        orders: list[Order] = []
        self._is_restarting = True
        for signal in first:
            orders.extend(self.decide(signal, t))
        self._is_restarting = False
        self._check_restart(was, self.journal[known:], orders)
        if first:
            self._answering.check_all(first[-1].at)
        for incident in self.state.incidents.values():
            for step in incident.steps:
                if not step.outcome.is_settled:
                    self._running[incident.id, step.id] = t
        return orders

    # --- the station -----------------------------------------------------------------

    def revision(self, incident: str) -> int:
        """Return the newest revision of an incident, 0 if it is not there any more."""
        return len(self._timelines.get(incident, ()))

    def arrive(self, incident: str, revision: int) -> None:
        """A document arrives at the station; I7."""
        timeline = self._timelines.get(incident)
        if timeline is not None and incident in self._reported:
            self._station.receive(incident, timeline[:revision])

    def finish(self) -> None:
        """See that the station knows what it has to, once all that is owed arrives."""
        for incident, revision in self._reported.items():
            self.arrive(incident, revision)
        self._station.compare(self._timelines)

    def _note(self, signal: Signal) -> None:
        if not isinstance(signal, Reading):
            return
        detector, level = signal.detector, signal.level
        known = self.state.household.detectors.get(detector)
        if known is not None and known.hazard is Hazard.INTRUSION:
            is_intruded = self.state.open_incident(Hazard.INTRUSION) is not None
            counts = self._panel.counts(signal, is_intruded=is_intruded)
            if level in SEEN and not counts:
                level = Level.NORMAL
        if known is not None and known.hazard is Hazard.CARBON_MONOXIDE:
            self._breathed.take(signal, known.standard)
        self._set_level(detector, level, signal.at)

    def _set_level(self, detector: str, level: Level, at: datetime) -> None:
        known = self.state.household.detectors.get(detector)
        if level is not Level.NORMAL:
            self._clear_from.pop(detector, None)
        elif known is not None and known.hazard is Hazard.INACTIVITY:
            self._clear_from.setdefault(detector, at)
        elif self._levels.get(detector) in _BLIND:
            self._clear_from[detector] = at + WARM_UP
        elif detector not in self._clear_from:
            self._clear_from[detector] = at
        self._levels[detector] = level

    def _is_clear(self, detector: str, at: datetime, since: timedelta) -> bool:
        clear = self._clear_from.get(detector)
        return clear is not None and at - clear >= since

    # --- I1 and I2: what may move ---------------------------------------------------

    def _check_drives(
        self, signal: Signal, before: State, after: State, drives: Iterable[Drive]
    ) -> None:
        household = after.household
        gas = [
            incident
            for incident in after.incidents.values()
            if incident.hazard is Hazard.GAS and not incident.drill
        ]
        for drive in drives:
            actuator = household.actuators.get(drive.actuator)
            if actuator is None:
                raise Violation("I0", f"{drive} moves what is not there")
            if drive.incident is not None:
                self._check_air(actuator, drive, after)
            if actuator.role is ActuatorRole.GAS_VALVE:
                if drive.target is not Position.CLOSED:
                    self._check_opening(signal, before, drive)
                continue
            if actuator.ignition_safe:
                continue
            for incident in gas:
                zones = {
                    household.detectors[d].zone
                    for d in incident.detectors
                    if d in household.detectors
                }
                if (
                    not incident.detectors
                    or actuator.zone is None
                    or None in zones
                    or actuator.zone in zones
                ):
                    raise Violation("I2", f"{drive} during {incident.id} in {zones}")

    def _check_air(self, actuator: Actuator, drive: Drive, after: State) -> None:
        """I9: no plan gives air to a fire."""
        airs = (ActuatorRole.FAN, ActuatorRole.HVAC, ActuatorRole.WINDOW)
        if actuator.role not in airs or drive.target is Position.OFF:
            return
        for incident in after.incidents.values():
            if incident.hazard is Hazard.SMOKE and incident.phase is Phase.ALARM:
                if not incident.drill:
                    raise Violation("I9", f"{drive} gives air to a fire")

    # --- I8: carbon monoxide ---------------------------------------------------------

    def _check_poison(self, after: State, at: datetime) -> None:
        """No later than the standards' upper bounds, in air that stays bad."""
        for (detector, ppm), since in self._breathed.since.items():
            known = after.household.detectors.get(detector)
            if known is None:
                continue
            by = BOUNDS[known.standard][ppm][1]
            if by is None or at - since <= by:
                continue
            incident = after.open_incident(Hazard.CARBON_MONOXIDE)
            if incident is None or incident.phase is not Phase.ALARM:
                raise Violation("I8", f"{detector}: {ppm} ppm for {at - since}")

    def _check_not_too_soon(self, phase: Phase, before: State, at: datetime) -> None:
        """Nor earlier than they let it, unless a detector says so itself."""
        for detector in before.household.detectors.values():
            if detector.hazard is not Hazard.CARBON_MONOXIDE:
                continue
            own = self._levels.get(detector.id)
            if own is Level.ALARM or (
                own is Level.PRE_ALARM and phase is Phase.PRE_ALARM
            ):
                return
            for ppm, (soonest, by) in BOUNDS[detector.standard].items():
                if phase is Phase.ALARM and by is None:
                    continue
                if self._breathed.total(detector.id, ppm, at) >= soonest:
                    if soonest or self._breathed.is_above(detector.id, ppm):
                        return
        raise Violation("I8", f"carbon monoxide is a {phase} too soon")

    # --- I14 to I16: the panel -------------------------------------------------------

    def _check_armed(self, at: datetime, entry: Entry) -> None:
        """I14: only an armed home, or what always counts, opens an intrusion."""
        always = any(
            d.hazard is Hazard.INTRUSION
            and d.watch.is_always
            and self._levels.get(d.id) in SEEN
            for d in self.state.household.detectors.values()
        )
        if not always and not self._panel.is_armed(at):
            raise Violation("I14", f"{entry} in a home that is not armed")

    def _check_entry_is_over(self, before: State, signal: Signal) -> None:
        """I15: who came in and did not disarm is an alarm when the time is up."""
        book, at = self._panel, signal.at
        if isinstance(signal, Tick | Started):
            book.end_exit(at)
        if book.entry is None or not book.is_entry_over(at):
            return
        if not isinstance(signal, Tick | Started):
            late = at - book.entry[1]
            is_alarm = before.open_incident(Hazard.INTRUSION) is not None
            if late > timedelta(seconds=0.01) and not (
                is_alarm or self._is_restarting or isinstance(signal, Reading)
            ):
                raise Violation("I15", f"the entry delay is over since {late}")
            return
        for detector in book.end_entry():
            raw = book.raw.get(detector)
            self._set_level(detector, Level.ALARM, at)
            if raw is not None and raw not in SEEN:
                self._set_level(detector, raw, at)
            self._entered.add(detector)

    def _check_code(
        self,
        signal: ArmRequested | DisarmRequested,
        before: State,
        after: State,
        orders: Sequence[Order],
    ) -> None:
        """I15: nothing open is armed in silence. I16: nobody sees duress."""
        if fault := self._panel.take(signal, orders):
            raise Violation("I15", fault)
        if isinstance(signal, DisarmRequested):
            for detector in self._panel.contacts():
                if self._levels.get(detector.id) in SEEN:
                    self._set_level(detector.id, Level.NORMAL, signal.at)
        if not signal.duress:
            return
        free, said = kernel.decide(before, replace(signal, duress=False))
        silent = {
            i.id
            for i in (*after.incidents.values(), *free.incidents.values())
            if i.silent
        }
        if len([i for i in after.incidents.values() if i.silent]) != 1:
            raise Violation("I16", "duress calls nobody")

        def seen(state: State, orders: Sequence[Order]) -> tuple[object, ...]:
            return (
                state.panel,
                state.readings,
                state.shown,
                [e for e in state.news if e.incident not in silent],
                [
                    o
                    for o in orders
                    if not isinstance(o, WakeAt)
                    and getattr(o, "incident", None) not in silent
                ],
            )

        if seen(after, orders) != seen(free, said):
            raise Violation("I16", f"{signal} can be seen")

    def _check_disarmed(self, signal: Signal, was: Incident, ending: Ending) -> None:
        """A code ends an intrusion; a silent call ends where nobody forces it."""
        if ending is Ending.STATION:
            is_right = (
                was.silent
                and isinstance(signal, StationSaid)
                and signal.status is StationStatus.CLOSED
            )
        elif was.silent:
            is_right = was.is_answered and signal == replace(signal, duress=False)
        else:
            is_right = was.hazard is Hazard.INTRUSION and not any(
                (known := self.state.household.detectors.get(d)) is not None
                and known.watch.is_always
                and self._levels.get(d) in SEEN
                for d in was.detectors
            )
        if not is_right or not isinstance(signal, DisarmRequested | StationSaid):
            raise Violation("I4", f"{signal} closes {was.id}: {ending}")

    # --- I10: a detector that chatters tells once ------------------------------------

    def _check_tells(self, orders: Sequence[Order]) -> None:
        for order in orders:
            if type(order) is not Tell or order.incident is None:
                continue
            if order.message is Message.ASK:  # what follows is another silence
                self._answered.add(order.incident)
            if order.message not in (Message.ALARM, Message.CLEARING):
                continue
            told = (order.message, order.subject)
            is_repeated = told == self._last_told.get(order.incident)
            if is_repeated and not self._is_restarting and not self._is_answered(order):
                raise Violation("I10", f"{told} is told twice")
            self._last_told[order.incident] = told
            if order.message is Message.ALARM:
                self._answered.discard(order.incident)

    def _is_answered(self, tell: Tell) -> bool:
        """Whether somebody had answered to the alarm before this one."""
        return tell.message is Message.ALARM and tell.incident in self._answered

    def _check_opening(self, signal: Signal, before: State, drive: Drive) -> None:
        if (
            not isinstance(signal, OpenRequested)
            or not (signal.local and signal.confirmed)
            or signal.actuator != drive.actuator
            or drive.by != signal.by
        ):
            raise Violation("I1", f"{signal} opens {drive.actuator}")
        for incident in before.incidents.values():
            if incident.hazard in FLAMES and not incident.drill:
                raise Violation("I1", f"opened during {incident.hazard}")
        for detector in before.household.detectors.values():
            if detector.hazard is Hazard.GAS and not self._is_clear(
                detector.id, signal.at, CLEAR
            ):
                raise Violation("I1", f"opened while {detector.id} is not known clear")

    # --- I3: an alarm is an incident, now -------------------------------------------

    def _check_alarm(
        self, reading: Reading, before: State, after: State, orders: Sequence[Order]
    ) -> None:
        detector = after.household.detectors.get(reading.detector)
        if detector is None:
            return
        found = [
            i
            for i in after.incidents.values()
            if i.hazard is detector.hazard and not (i.drill or i.silent)
        ]
        if len(found) != 1 and detector.hazard is Hazard.INTRUSION:
            raise Violation("I15", f"{reading} of an armed home: {len(found)}")
        if len(found) != 1:
            raise Violation("I3", f"{reading} has {len(found)} incidents")
        incident = found[0]
        if incident.phase is not Phase.ALARM or detector.id not in incident.detectors:
            raise Violation("I3", f"{reading} leaves {incident.phase}")
        if after.drill is not None:
            raise Violation("I3", "a real alarm does not end the drill")
        was = before.incidents.get(incident.id)
        if was is not None and was.phase is Phase.ALARM:
            return
        last = self._last_told.get(incident.id, (None, None))[0]
        if (
            last is not Message.ALARM
            and not self._is_restarting
            and not any(type(o) is Tell and o.message is Message.ALARM for o in orders)
        ):
            raise Violation("I3", "nobody is told of an alarm")
        if incident.hazard in FLAMES:
            self._check_shut_off(incident, after)

    def _check_shut_off(self, incident: Incident, after: State) -> None:
        for actuator in after.household.actuators.values():
            if actuator.role is not ActuatorRole.GAS_VALVE:
                continue
            step = incident.step(f"closed:{actuator.id}")
            known = after.positions.get(actuator.id)
            if step is None or step.outcome is Outcome.PENDING:
                raise Violation("I3", f"an alarm does not close {actuator.id}")
            if step.outcome in (Outcome.CONFIRMED, Outcome.SKIPPED) and (
                known is None or known.position is not Position.CLOSED
            ):
                raise Violation("I3", f"an alarm leaves {actuator.id} open")

    # --- the timeline ---------------------------------------------------------------

    def _check_timeline(
        self,
        signal: Signal,
        before: State,
        after: State,
        orders: Sequence[Order],
        t: float,
    ) -> None:
        """Check what was written, entry by entry: I4, I5, I6 and I7."""
        reported = {o.incident for o in orders if type(o) is Report}
        due: set[str] = set()
        touched: set[str] = set()
        for entry in after.news:
            touched.add(entry.incident)
            was = self._replayed.get(entry.incident)
            if entry.seq != (was.seq + 1 if was else 1):
                raise Violation("I7", f"{entry.kind} has revision {entry.seq}")
            _check_survival(entry)
            self.journal.append(entry)
            self._timelines.setdefault(entry.incident, []).append(entry)
            incident = fold(was, entry)
            self._replayed[entry.incident] = incident
            if self._is_due(entry) and incident.is_reportable:
                due.add(incident.id)
            if incident.withheld:
                due.discard(incident.id)
            self._check_entry(signal, before, was, entry, t)
            if not incident.is_open:
                del self._replayed[incident.id]
        self._compare(touched, before)
        if not due <= reported:
            raise Violation("I7", f"{signal} is not reported")
        # Something else may be due at the same moment: then that is what is reported.
        due.update(e.incident for e in after.news if e.kind == "rung")
        if isinstance(signal, StationSaid) and reported - due:
            raise Violation("I7", "the station is told what it said")
        if any(type(o) is Tell and o.message is Message.TEST for o in orders):
            raise Violation("I7", "a test message from the kernel")

    def _is_due(self, entry: Entry) -> bool:
        if isinstance(entry, Told):
            told = (
                entry.incident,
                entry.contact,
                entry.channel,
                entry.message,
                entry.reason,
            )
            is_new = told not in self._deliveries
            self._deliveries.add(told)
            return is_new
        if isinstance(entry, RungTold):
            return not entry.repeat  # that everybody is told again can wait
        return entry.kind not in _SILENT_KINDS

    def _compare(self, touched: set[str], before: State) -> None:
        """Compare what has entries, and see that nothing else has changed."""
        incidents = self.state.incidents
        for name, incident in self._replayed.items():
            now = incidents.get(name)
            if now is None or (
                now != incident
                if name in touched
                else now is not before.incidents.get(name)
            ):
                raise Violation("I6", "the journal gives another state")
        if len(incidents) != len(self._replayed):
            raise Violation("I6", "an incident without a journal")

    def _check_entry(
        self,
        signal: Signal,
        before: State,
        was: Incident | None,
        entry: Entry,
        t: float,
    ) -> None:
        match entry:
            case Opened():
                self.opened += not entry.drill
                if entry.drill is not isinstance(signal, DrillStarted):
                    raise Violation("I7", f"{signal} opens a drill={entry.drill}")
                if entry.hazard is Hazard.CARBON_MONOXIDE and not entry.drill:
                    self._check_not_too_soon(entry.phase, before, entry.at)
                if entry.hazard is Hazard.INTRUSION and not entry.drill:
                    self._check_armed(signal.at, entry)
                if entry.drill and any(
                    not (i.drill or i.silent) for i in before.incidents.values()
                ):
                    raise Violation("I3", "a drill during an incident")
            case Assessed() if was is not None:
                if was.phase is Phase.ALARM is not entry.phase:
                    self._check_clear(was, entry.at)
                if was.phase is Phase.PRE_ALARM and entry.phase is Phase.ALARM:
                    if was.hazard is Hazard.CARBON_MONOXIDE:
                        self._check_not_too_soon(entry.phase, before, entry.at)
            case Closed() if was is not None:
                self._check_closing(signal, was, entry)
            case StepOrdered():
                self._check_ordered(was, entry, t)
            case StepSettled():
                self._check_settled(signal, before, was, entry)

    def _check_clear(self, incident: Incident, at: datetime) -> None:
        """I4: only detectors that are all known to be clear end an alarm."""
        if incident.hazard is Hazard.SOS:
            raise Violation("I4", "a call for help fades away")
        household = self.state.household
        watched = [d for d in incident.detectors if d in household.detectors]
        if not watched:
            raise Violation("I4", "an alarm ends without a detector")
        for detector in watched:
            if not self._is_clear(detector, at, timedelta()):
                raise Violation("I4", f"an alarm ends while {detector} is not clear")

    def _check_closing(self, signal: Signal, was: Incident, entry: Closed) -> None:
        if any(not step.outcome.is_settled for step in was.steps):
            raise Violation("I5", "an incident closes over a running step")
        if was.drill:
            return
        if entry.ending in (Ending.DISARMED, Ending.STATION):
            self._check_disarmed(signal, was, entry.ending)
            return
        if entry.ending is Ending.PRE_ALARM_OVER and was.alarm_since is None:
            self._check_clear(was, entry.at)
            return
        if was.hazard is Hazard.INACTIVITY and entry.ending is Ending.PERSON_WELL:
            self._check_well(signal, was, entry.at)
            return
        if (
            entry.ending is not Ending.RESET
            or not isinstance(signal, ResetRequested)
            or not signal.local
        ):
            raise Violation("I4", f"{signal} closes an alarm: {entry.ending}")
        watched = [d for d in was.detectors if d in self.state.household.detectors]
        if was.hazard is Hazard.SOS:
            if any(self._levels.get(d) is Level.ALARM for d in watched):
                raise Violation("I4", "a call is reset while the button is held")
        elif watched and was.hazard is not Hazard.INACTIVITY:
            # Whoever resets that one on site has seen how the person is.
            self._check_clear(was, entry.at)

    def _check_well(self, signal: Signal, was: Incident, at: datetime) -> None:
        """I13: a movement ends the question; only the person's own word the alarm."""
        if isinstance(signal, Answer):
            if signal.response is not Response.SAFE or signal.contact not in was.asked:
                raise Violation("I13", f"{signal} ends a silence")
        elif was.phase is not Phase.PRE_ALARM:
            raise Violation("I13", "a movement ends the alarm")
        else:
            self._check_clear(was, at)

    # --- I5: every step ends ----------------------------------------------------------

    def _check_ordered(
        self, was: Incident | None, entry: StepOrdered, t: float
    ) -> None:
        key = (entry.incident, entry.step)
        step = was.step(entry.step) if was else None
        if step is None:
            raise Violation("I6", f"{entry.step} is ordered and was not planned")
        if entry.attempt != 1 or step.outcome is Outcome.FAILED:
            return
        if key in self._running and not self._is_restarting:
            raise Violation("I5", f"{entry.step} begins anew without a reason")
        self._running[key] = t

    def _check_settled(
        self, signal: Signal, before: State, was: Incident | None, entry: StepSettled
    ) -> None:
        self._running.pop((entry.incident, entry.step), None)
        step = was.step(entry.step) if was else None
        if step is None:
            raise Violation("I6", f"{entry.step} is settled and was not planned")
        if entry.outcome is not Outcome.CONFIRMED:
            if entry.reason is None or not entry.outcome.is_settled:
                raise Violation("I5", f"{entry.step} ends {entry.outcome}: no reason")
            return
        actuator = before.household.actuators[step.actuator]
        is_proof = (
            isinstance(signal, ActuatorReport)
            and signal.actuator == step.actuator
            and signal.position is step.target
        )
        if is_proof and step.reason is Reason.REOPENED:
            # Left to who opened it, and they have closed it: no order to wait for.
            is_proof = not self._is_echo(actuator, signal.at)
        elif is_proof:
            began, ordered = step.first_ordered_at, step.ordered_at
            is_proof = began is not None and signal.at > began
            if actuator.witness is Witness.LATE_REPORT and ordered is not None:
                is_proof = is_proof and signal.at - ordered >= ECHO
        if is_proof and actuator.witness is Witness.READ_BACK:
            is_proof = isinstance(signal, ActuatorReport) and signal.is_answer
        if not is_proof:
            raise Violation("I5", f"{entry.step} is confirmed by {signal}")

    def _is_echo(self, actuator: Actuator, at: datetime) -> bool:
        """Whether a report may only repeat what an open incident has just ordered."""
        driven, incident = self._driven.get(actuator.id, (None, None))
        return (
            actuator.witness is Witness.LATE_REPORT
            and driven is not None
            and incident in self._replayed
            and timedelta() <= at - driven < ECHO
        )

    def _check_ends(self, t: float) -> None:
        actuators = self.state.household.actuators
        for (incident_id, step_id), since in self._running.items():
            if t - since <= TOLD_BY:
                continue
            actuator = actuators.get(step_id.partition(":")[2])
            travel = actuator.travel_time if actuator else 0.0
            if t - since > max(TOLD_BY, travel + GRACE) + 0.01:
                raise Violation("I5", f"{step_id} of {incident_id} does not end")

    # --- I6: a restart goes on --------------------------------------------------------

    def _check_restart(
        self, was: dict[str, Incident], news: Sequence[Entry], orders: Sequence[Order]
    ) -> None:
        ordered = [(e.incident, e.step) for e in news if isinstance(e, StepOrdered)]
        settled = {(e.incident, e.step) for e in news if isinstance(e, StepSettled)}
        excused = {(e.incident, e.actuator) for e in news if isinstance(e, Reopened)}
        began = {
            e.incident
            for e in news
            if isinstance(e, Assessed) and e.phase is Phase.ALARM
        }
        # A valve that was left to who opened it is closed once with each new alarm.
        alarming = {
            e.incident
            for e in news
            if isinstance(e, Detected) and e.level is Level.ALARM
        }
        is_gas_over = any(isinstance(e, Closed) for e in news)
        if len(set(ordered)) != len(ordered):
            raise Violation("I6", "a restart orders a step twice")
        reported = {o.incident for o in orders if isinstance(o, Report)}
        for incident in was.values():
            if incident.alarm_since is None or incident.id not in self.state.incidents:
                continue
            now = self.state.incidents[incident.id]
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
        for incident in self.state.incidents.values():
            if incident.phase is Phase.ALARM and incident.hazard in FLAMES:
                if not incident.drill:
                    self._check_planned(incident)

    def _check_planned(self, incident: Incident) -> None:
        for actuator in self.state.household.actuators.values():
            if actuator.role is ActuatorRole.GAS_VALVE:
                step = incident.step(f"closed:{actuator.id}")
                if step is None or step.outcome is Outcome.PENDING:
                    raise Violation("I6", f"a restart leaves {actuator.id} alone")

    # --- I0: form ---------------------------------------------------------------------

    def _check_order_of(self, orders: Sequence[Order]) -> None:
        """Drives leave first, the wish to be woken last and once."""
        others = False
        for order in orders:
            if isinstance(order, Drive):
                if others:
                    raise Violation("I0", "a drive leaves after something else")
            else:
                others = True
        if any(isinstance(o, WakeAt) for o in orders[:-1]):
            raise Violation("I0", "two wishes to be woken")


def started(at: datetime) -> Signal:
    """Return the signal that ends a start."""
    return Started(at)
