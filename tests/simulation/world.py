"""A simulated home: what happens in it, and everything that can go wrong with it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from itertools import count
from random import Random

from custom_components.zhian.safety.household import Actuator, Detector, Household
from custom_components.zhian.safety.ladder import Contact, Ladder
from custom_components.zhian.safety.orders import Ask, Drive, Order, Report, Tell
from custom_components.zhian.safety.signals import (
    Acknowledge,
    ActuatorReport,
    Answer,
    Delivered,
    DrillEnded,
    DrillStarted,
    ExerciseInterrupted,
    ExerciseRequested,
    HelpCalled,
    OpenRequested,
    OrderFailed,
    Reading,
    ResetRequested,
    Signal,
    Started,
    StationSaid,
    Tick,
)
from custom_components.zhian.safety.vocabulary import (
    ActuatorRole,
    ContactRole,
    Hazard,
    Level,
    Message,
    Position,
    Reason,
    Response,
    Standard,
    StationStatus,
    Witness,
)

from . import burglary
from .invariants import Checker, Violation

EPOCH = datetime(2026, 11, 22, tzinfo=UTC)
MOST_EVENTS = 5_000
"""More in one history is a storm: orders that lead to orders without an end."""

SETTLES = 5 * 3600.0
"""Seconds after which nothing new can come of a history: the slowest counter is full."""

_ZONES = ("kitchen", "kitchen", "hall", None)
_POISON = (20.0, 31.0, 55.0, 75.0, 120.0, 160.0, 310.0, 450.0)
"""ppm on all sides of the gates of both standards."""
_TRAVELS = (0.0, 1.0, 5.0, 5.0, 20.0)
_COURSE = (
    StationStatus.ACKNOWLEDGED,
    StationStatus.DISPATCHED,
    StationStatus.ON_SCENE,
    StationStatus.CLOSED,
)


@dataclass(frozen=True, slots=True)
class Given:
    """The kernel is given a signal at a time of the world."""

    t: float
    signal: Signal


@dataclass(frozen=True, slots=True)
class Restart:
    """The program ends, and starts again with what is on the disk.

    It ended at `ended`. `lose` is how many of the last entries are not there; `first` is
    what it hears before it goes on. The clock may have another offset to the world's time than before.
    """

    ended: float
    t: float
    household: Household
    lose: int
    first: tuple[Signal, ...]
    offset: float


type Event = Given | Restart


@dataclass(slots=True)
class History:
    """What happened to one home."""

    household: Household
    events: list[Event] = field(default_factory=list)


class Runner:
    """A checked kernel in time: it is woken when it has asked for it, and not else."""

    def __init__(self, household: Household) -> None:
        """Begin at the epoch."""
        self.checker = Checker(household)
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
        if isinstance(event, Given):
            return self.checker.decide(event.signal, event.t)
        self.offset = event.offset
        return self.checker.restart(event.household, event.lose, event.first, event.t)

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
    runner = Runner(history.household)
    t = 0.0
    try:
        for event in history.events:
            until = event.ended if isinstance(event, Restart) else event.t
            runner.wait(t, max(t, until))
            runner.give(event)
            t = max(t, event.t)
        runner.wait(t, t + SETTLES)
    except Violation as violation:
        return violation
    return None


def shrink(history: History, invariant: str) -> History:
    """Return the shortest history found that breaks the same invariant."""
    events = history.events
    size = len(events) // 2
    while size:
        start = 0
        while start < len(events):
            fewer = events[:start] + events[start + size :]
            found = replay(History(history.household, fewer))
            if found is not None and found.invariant == invariant:
                events = fewer
            else:
                start += size
        size //= 2
    return History(history.household, events)


@dataclass(slots=True)
class Device:
    """An actuator as it really is."""

    actuator: Actuator
    position: Position
    mood: str = "obeys"


class World:
    """One home, its people, its devices and its bad luck, all from one seed."""

    def __init__(self, seed: int) -> None:
        """Build the home."""
        self.random = Random(seed)
        self.history = History(_household(self.random))
        self.runner = Runner(self.history.household)
        self.household = self.history.household
        self.t = 0.0
        self._queue: list[tuple[float, int, Callable[[], Signal | None]]] = []
        self._number = count()
        self.levels: dict[str, Level] = {}
        self._devices: dict[str, Device] = {}
        self._replies: dict[str, int] = {}
        for actuator in self.household.actuators.values():
            self._devices[actuator.id] = Device(actuator, _begin(actuator))

    # --- time ----------------------------------------------------------------------

    def at(self, delay: float, make: Callable[[], Signal | None]) -> None:
        """Let something happen later; it may be heard twice."""
        heappush(self._queue, (self.t + delay, next(self._number), make))
        if self.random.random() < 0.03:
            later = self.t + delay + self.random.random() * 5
            heappush(self._queue, (later, next(self._number), make))

    @property
    def now(self) -> datetime:
        """What the home's clock shows."""
        return self.runner.clock(self.t)

    def run(self) -> int:
        """Live through it; return how many incidents there were."""
        roll = self.random.random
        self._restart(lose=0, is_first=True)
        for _ in range(2 + int(roll() * 4)):
            self._episode()
            self._drain(self.t + 60 + roll() * 160)
        self._drain(self.t + 120)
        if roll() < 0.3:
            self._quiet_day()
        if roll() < 0.3:
            self._poison()
        if roll() < 0.5:
            self._silence()
        self.runner.wait(self.t, self.t + 60)
        return self.runner.checker.opened

    def _drain(self, until: float) -> None:
        queue = self._queue
        while True:
            due = self.runner.wake
            t = queue[0][0] if queue else until
            if due is not None and due <= min(t, until):
                self.t = max(self.t, due)
                self._carry_out(self.runner.tick(self.t))
            elif not queue or t > until:
                self.t = max(self.t, until)
                return
            else:
                self.t = max(self.t, t)
                signal = heappop(queue)[2]()
                if signal is not None:
                    self._give(Given(self.t, signal))
            if self.runner.checker.decisions > MOST_EVENTS:
                raise Violation("I5", "orders lead to orders without an end")

    def _give(self, event: Event) -> None:
        self.history.events.append(event)
        self._carry_out(self.runner.give(event))

    # --- what the kernel orders ------------------------------------------------------

    def _carry_out(self, orders: Sequence[Order]) -> None:
        for order in orders:
            match order:
                case Drive():
                    self._drive(order)
                case Ask():
                    self._ask(self._devices[order.actuator])
                case Tell() if order.incident is not None:
                    self._tell(order.incident, order.message)
                case Report():
                    self._hear_report(order.incident)
                case _:
                    pass

    def _drive(self, drive: Drive) -> None:
        roll = self.random.random
        device = self._devices[drive.actuator]
        travel = device.actuator.travel_time
        match device.mood:
            case "obeys":
                if roll() < 0.3:
                    self._reports(device, 0.02, Position.MOVING)
                self._moves(device, 0.05 + roll() * max(travel, 0.3), drive.target)
            case "late":
                self._moves(device, travel + 2 + roll() * 20, drive.target)
            case "lies":
                self._reports(device, 0.1, drive.target)
                self._reports(device, 1.0, device.position)
            case "away":
                self._fails(drive, 0.0, Reason.UNAVAILABLE)
            case "gone":
                self._fails(drive, 0.0, Reason.MISSING)
            case "raises":
                self._fails(drive, 0.01, Reason.ERROR)
            case "hangs":
                self._fails(drive, 10.0, Reason.TIMEOUT)
            case _:
                pass  # it jams, and says nothing

    def _ask(self, device: Device) -> None:
        if device.mood not in ("away", "gone", "hangs"):
            self.at(
                0.05,
                lambda: ActuatorReport(
                    device.actuator.id, device.position, self.now, is_answer=True
                ),
            )

    def _fails(self, drive: Drive, delay: float, reason: Reason) -> None:
        incident, step = drive.incident, drive.step
        if incident is not None and step is not None:
            self.at(delay, lambda: OrderFailed(incident, step, reason, self.now))

    def _moves(self, device: Device, delay: float, target: Position) -> None:
        def arrive() -> Signal | None:
            device.position = target
            return ActuatorReport(device.actuator.id, target, self.now)

        self.at(delay, arrive)

    def _reports(self, device: Device, delay: float, position: Position) -> None:
        self.at(delay, lambda: ActuatorReport(device.actuator.id, position, self.now))

    def _tell(self, incident: str, message: Message) -> None:
        roll = self.random.random()
        if roll < 0.3:
            reason = Reason.ERROR if roll < 0.1 else None
            self.at(0.2, lambda: Delivered(incident, "Li", message, self.now, reason))

    def _hear_report(self, incident: str) -> None:
        """The station answers each report, and goes on with the incident at times."""
        roll = self.random.random
        if roll() < 0.8:
            return
        number = "2026-000001" if roll() < 0.9 else None
        status = StationStatus.ACCEPTED if roll() < 0.95 else StationStatus.REJECTED
        self.at(
            roll() * 2, lambda: StationSaid(incident, status, self.now, number=number)
        )
        if roll() < 0.5:
            step = min(self._replies.get(incident, -1) + 1, len(_COURSE) - 1)
            self._replies[incident] = step
            self.at(roll() * 30, lambda: StationSaid(incident, _COURSE[step], self.now))

    # --- what happens ----------------------------------------------------------------

    def _episode(self) -> None:
        roll = self.random.random
        for device in self._devices.values():
            self._set_mood(device)
        if roll() < 0.1:
            self._drill()
        for _ in range(1 + int(roll() * 3)):
            self._accident(roll() * 20)
        if roll() < 0.5:
            burglary.visit(self)
        if roll() < 0.08:
            self._chatter(roll() * 20)
        if roll() < 0.1:
            zone = _ZONES[int(roll() * len(_ZONES))]
            self.at(roll() * 60, lambda: HelpCalled("Li", self.now, zone))
        self._people()
        if roll() < 0.3:
            self._behind_the_back()
        if roll() < 0.25:
            self.at(roll() * 60, self._crash)

    def _set_mood(self, device: Device) -> None:
        roll = self.random.random()
        if device.mood in ("away", "gone"):
            self._return(device, self.random.random() * 60)
        if roll < 0.6:
            device.mood = "obeys"
        else:
            moods = ("late", "lies", "away", "gone", "raises", "hangs", "jams")
            device.mood = moods[int(self.random.random() * len(moods))]
            if device.mood in ("away", "gone"):
                self._reports(device, 0.0, Position.UNKNOWN)
                if roll < 0.8:
                    self._return(device, self.random.random() * 90)

    def _return(self, device: Device, delay: float) -> None:
        def back() -> Signal | None:
            device.mood = "obeys"
            return ActuatorReport(device.actuator.id, device.position, self.now)

        self.at(delay, back)

    def _accident(self, delay: float) -> None:
        """A hazard comes, is seen by one detector or more, and goes at last."""
        roll = self.random.random
        detectors = list(self.household.detectors.values())
        if not detectors:
            return
        detector = detectors[int(roll() * len(detectors))]
        t = delay
        if roll() < 0.3:
            self._sense(detector, t, Level.PRE_ALARM)
            t += roll() * 40
        if roll() < 0.85:
            self._sense(detector, t, Level.ALARM)
            if roll() < 0.08:  # in the very middle of it
                self.at(t + roll() * 0.2, self._crash)
        while roll() < 0.35:  # it chatters, drops out, or another one joins
            t += roll() * 15
            levels = (Level.NORMAL, Level.LOST, Level.FAULT, Level.WARMING_UP)
            self._sense(detector, t, levels[int(roll() * 4)])
            t += roll() * 15
            other = detectors[int(roll() * len(detectors))]
            self._sense(other, t, Level.ALARM if roll() < 0.7 else Level.PRE_ALARM)
            self._sense(detector, t + roll() * 10, Level.ALARM)
        t += roll() * 90
        for each in detectors:
            self.at(t + roll() * 10, lambda each=each: self._calm(each))  # type: ignore[misc]

    def _chatter(self, t: float) -> None:
        """A detector at its limit: on and off, many times a minute."""
        detectors = list(self.household.detectors.values())
        if not detectors:
            return
        detector = detectors[int(self.random.random() * len(detectors))]
        high = Level.ALARM if self.random.random() < 0.7 else Level.PRE_ALARM
        for _ in range(3 + int(self.random.random() * 5)):
            self._sense(detector, t, high)
            t += self.random.random() * 10
            self._sense(detector, t, Level.NORMAL)
            t += self.random.random() * 10

    def _sense(
        self,
        detector: Detector,
        delay: float,
        level: Level,
        value: float | None = None,
    ) -> None:
        if detector.hazard is Hazard.GAS:
            value = self.random.random() * 60

        def read() -> Signal | None:
            self.levels[detector.id] = level
            return Reading(detector.id, level, self.now, value)

        self.at(delay, read)

    def _calm(self, detector: Detector) -> Signal | None:
        if self.levels.get(detector.id, Level.NORMAL) is Level.NORMAL:
            return None
        self.levels[detector.id] = Level.NORMAL
        return Reading(detector.id, Level.NORMAL, self.now, 1.0)

    def _poison(self) -> None:
        """Bad air creeps in, for hours, in numbers; the detector itself is silent."""
        roll = self.random.random
        detectors = [
            d
            for d in self.household.detectors.values()
            if d.hazard is Hazard.CARBON_MONOXIDE
        ]
        if not detectors:
            return
        for device in self._devices.values():
            device.mood = "obeys"
        for detector in detectors:
            t = roll() * 60
            for _ in range(1 + int(roll() * 5)):
                ppm = _POISON[int(roll() * len(_POISON))]
                if roll() < 0.8:
                    self._sense(detector, t, Level.NORMAL, ppm)
                else:
                    levels = (Level.LOST, Level.FAULT, Level.NORMAL)
                    self._sense(detector, t, levels[int(roll() * 3)], None)
                t += roll() * 3_600
            if roll() < 0.3:
                self._sense(detector, t, Level.NORMAL, 60.0)
                t += 5_500
            self._sense(detector, t, Level.NORMAL, 1.0)
        self.at(t + 70, lambda: ResetRequested("Wang", True, self.now))
        self._drain(self.t + t + 200)

    def _silence(self) -> None:
        """Somebody does not move for too long, and perhaps answers."""
        roll = self.random.random
        detectors = [
            d
            for d in self.household.detectors.values()
            if d.hazard is Hazard.INACTIVITY
        ]
        if not detectors:
            return
        for detector in detectors:
            self._sense(detector, 0.0, Level.NORMAL)
            self._sense(detector, 1 + roll() * 60, Level.PRE_ALARM)
            while roll() < 0.25:
                levels = (Level.NORMAL, Level.LOST, Level.PRE_ALARM)
                self._sense(detector, 60 + roll() * 900, levels[int(roll() * 3)])
        contacts = [c.id for c in self.household.ladder.contacts]
        while contacts and roll() < 0.4:
            contact = contacts[int(roll() * len(contacts))]
            response = Response.SAFE if roll() < 0.7 else Response.HELP
            self.at(
                roll() * 900,
                lambda c=contact, r=response: self._answer(c, r),  # type: ignore[misc]
            )
        if roll() < 0.15:
            self.at(
                roll() * 900, lambda: Acknowledge("Li", "app", self.now, self._any())
            )
        if roll() < 0.2:
            self.at(roll() * 900, self._crash)
        self._drain(self.t + 1_200)
        self.at(1, lambda: ResetRequested("Wang", True, self.now))
        self._drain(self.t + 10)

    def _answer(self, contact: str, response: Response) -> Signal | None:
        incident = self.runner.checker.state.open_incident(Hazard.INACTIVITY)
        if incident is None:
            return None
        return Answer(incident.id, response, contact, "app", self.now, contact)

    def _people(self) -> None:
        roll = self.random.random
        if roll() < 0.6:
            self.at(
                roll() * 90, lambda: Acknowledge("Li", "app", self.now, self._any())
            )
        for _ in range(int(roll() * 3)):
            local = roll() < 0.9
            self.at(
                20 + roll() * 300,
                lambda local=local: ResetRequested(  # type: ignore[misc]
                    "Li", local, self.now, self._any()
                ),
            )
        if roll() < 0.9:  # in the end somebody looks after it
            self.at(100 + roll() * 120, lambda: ResetRequested("Wang", True, self.now))
        valves = [
            a.id
            for a in self.household.actuators.values()
            if a.role in (ActuatorRole.GAS_VALVE, ActuatorRole.WATER_VALVE)
        ]
        for valve in valves:
            if roll() < 0.6:
                local, confirmed = roll() < 0.9, roll() < 0.9
                self.at(
                    roll() * 900,
                    lambda valve=valve, local=local, confirmed=confirmed: (  # type: ignore[misc]
                        OpenRequested(valve, "Li", local, confirmed, self.now)
                    ),
                )

    def _any(self) -> str | None:
        incidents = list(self.runner.checker.state.incidents)
        if incidents and self.random.random() < 0.4:
            return incidents[int(self.random.random() * len(incidents))]
        return None

    def _behind_the_back(self) -> None:
        for device in self._devices.values():
            if self.random.random() < 0.5:
                other = {
                    Position.OPEN: Position.CLOSED,
                    Position.ON: Position.OFF,
                    Position.OFF: Position.ON,
                    Position.LOCKED: Position.UNLOCKED,
                    Position.UNLOCKED: Position.LOCKED,
                }.get(device.position, Position.OPEN)
                self._moves(device, self.random.random() * 200, other)

    def _drill(self) -> None:
        roll = self.random.random
        until = timedelta(seconds=roll() * 120)
        if roll() < 0.05:
            until *= 100  # longer than a drill may be
        detectors, hazards = list(self.household.detectors), list(Hazard)
        detector = hazard = None
        if roll() < 0.4:
            detector = detectors[int(roll() * len(detectors))] if detectors else "none"
        elif roll() < 0.5:
            hazard = hazards[int(roll() * len(hazards))]
        moves = roll() < 0.5
        self.at(
            roll() * 10,
            lambda: DrillStarted(
                "Li", self.now + until, self.now, detector, hazard, moves=moves
            ),
        )
        if roll() < 0.4:
            self.at(roll() * 60, lambda: DrillEnded("Li", self.now))

    def _quiet_day(self) -> None:
        """Nothing is wrong: people drill, and valves are exercised."""
        roll = self.random.random
        self.at(0.0, lambda: ResetRequested("Wang", True, self.now))
        for device in self._devices.values():
            if roll() < 0.7:
                device.mood = "obeys"
                self._moves(device, 0.0, _begin(device.actuator))
        for device in self._devices.values():
            if roll() < 0.5:
                self._exercise(device.actuator.id, 2 + roll() * 20)
        if roll() < 0.7:
            self._drill()
        if roll() < 0.3:
            self.at(2 + roll() * 40, self._crash)
        if roll() < 0.2:
            self._accident(2 + roll() * 40)
        self._drain(self.t + 60 + roll() * 200)

    def _exercise(self, actuator: str, delay: float) -> None:
        roll = self.random.random
        by = "Li" if roll() < 0.6 else None
        local = roll() < 0.7
        self.at(delay, lambda: ExerciseRequested(actuator, self.now, by, local=local))
        if roll() < 0.1:  # in the very middle of it
            self.at(delay + roll() * 5, self._crash)

    # --- the end of the program --------------------------------------------------------

    def _crash(self) -> Signal | None:
        roll = self.random.random
        self._restart(lose=int(roll() * 6) if roll() < 0.5 else 0)
        return None

    def _restart(self, *, lose: int, is_first: bool = False) -> None:
        roll = self.random.random
        lose = min(lose, len(self.runner.checker.journal))
        ended = self.t
        if not is_first:
            self.t += roll() * 120
            if roll() < 0.2:  # the clock of a machine without a battery
                self.runner.offset -= roll() * 3600
            if roll() < 0.1:
                self.household = self._changed()
        at = self.now
        first: list[Signal] = []
        for device in self._devices.values():
            if device.actuator.id in self.household.actuators:
                if device.mood not in ("away", "gone") and roll() < 0.9:
                    first.append(
                        ActuatorReport(device.actuator.id, device.position, at)
                    )
        for detector in self.household.detectors:
            if roll() < 0.9:
                level = self.levels.get(detector, Level.NORMAL)
                first.append(Reading(detector, level, at))
        first.append(Started(at))
        for actuator, since in self.runner.checker.exercises.under_way.items():
            first.append(ExerciseInterrupted(actuator, since, at))
        offset = self.runner.offset
        self._give(Restart(ended, self.t, self.household, lose, tuple(first), offset))

    def _changed(self) -> Household:
        """Return the home after somebody has reconfigured it."""
        detectors = dict(self.history.household.detectors)
        actuators = dict(self.history.household.actuators)
        for parts in (detectors, actuators):
            for name in list(parts):
                if self.random.random() < 0.3:
                    del parts[name]
        home = self.history.household
        return Household("home", detectors, actuators, home.ladder, panel=home.panel)


_BEGIN = {
    ActuatorRole.GAS_VALVE: Position.OPEN,
    ActuatorRole.WATER_VALVE: Position.OPEN,
    ActuatorRole.WINDOW: Position.OPEN,
    ActuatorRole.LOCK: Position.LOCKED,
    ActuatorRole.HVAC: Position.ON,
}


def _begin(actuator: Actuator) -> Position:
    return _BEGIN.get(actuator.role, Position.OFF)


def _household(random: Random) -> Household:
    detectors: dict[str, Detector] = {}
    actuators: dict[str, Actuator] = {}
    for hazard, most in (
        (Hazard.GAS, 3),
        (Hazard.CARBON_MONOXIDE, 2),
        (Hazard.SMOKE, 2),
        (Hazard.WATER, 2),
        (Hazard.SOS, 2),
        (Hazard.INACTIVITY, 2),
    ):
        least = 1 if hazard is Hazard.GAS else 0
        for n in range(max(least, int(random.random() * (most + 1)) - 1 + least)):
            name = f"{hazard}_{n}"
            zone = _ZONES[int(random.random() * len(_ZONES))]
            standard = Standard.UL_2034 if random.random() < 0.3 else Standard.EN_50291
            asks = ("mother",) if random.random() < 0.5 else ()
            detectors[name] = Detector(name, hazard, zone, standard=standard, asks=asks)
    for contact in burglary.contacts(random):
        detectors[contact.id] = contact
    for actuator in _actuators(random):
        actuators[actuator.id] = actuator
    return Household("home", detectors, actuators, _ladder(random, detectors))


def _ladder(random: Random, detectors: Mapping[str, Detector]) -> Ladder:
    """Return people for homes in which somebody may be silent, but not for all."""
    if not any(d.hazard is Hazard.INACTIVITY for d in detectors.values()):
        return Ladder()
    people = (
        Contact("mother", ContactRole.RESIDENT),
        Contact("father", ContactRole.RESIDENT),
        Contact("son", ContactRole.RELATIVE),
        Contact("wu", ContactRole.NEIGHBOUR),
    )
    return Ladder(tuple(p for p in people if random.random() < 0.5))


def _actuators(random: Random) -> Iterator[Actuator]:
    witnesses = tuple(Witness)
    for role, most in (
        (ActuatorRole.GAS_VALVE, 3),
        (ActuatorRole.WATER_VALVE, 2),
        (ActuatorRole.WINDOW, 2),
        (ActuatorRole.SIREN, 2),
        (ActuatorRole.LOCK, 1),
        (ActuatorRole.LIGHT, 1),
        (ActuatorRole.FAN, 1),
        (ActuatorRole.HVAC, 1),
    ):
        for n in range(int(random.random() * (most + 1))):
            yield Actuator(
                f"{role}_{n}",
                role,
                _ZONES[int(random.random() * len(_ZONES))],
                ignition_safe=random.random() < 0.5,
                open_on_gas=random.random() < 0.7,
                travel_time=_TRAVELS[int(random.random() * len(_TRAVELS))],
                witness=witnesses[int(random.random() * len(witnesses))],
            )
