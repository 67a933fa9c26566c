"""A simulated home: what happens in it, and everything that can go wrong with it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from heapq import heappop, heappush
from itertools import count
from random import Random

from custom_components.zhian.safety.household import Actuator, Detector, Household
from custom_components.zhian.safety.orders import Ask, Drive, Order, Report, Tell
from custom_components.zhian.safety.signals import (
    Acknowledge,
    ActuatorReport,
    Answer,
    DrillEnded,
    DrillStarted,
    ExerciseInterrupted,
    ExerciseRequested,
    HelpCalled,
    OrderFailed,
    Reading,
    ResetRequested,
    Signal,
    Started,
)
from custom_components.zhian.safety.vocabulary import (
    Hazard,
    Level,
    Position,
    Reason,
    Response,
)

from . import burglary
from .households import ZONES, begin, pick, random_household, random_plans
from .network import Network
from .people import People
from .replaying import MOST_EVENTS, Arrives, Event, Given, History, Restart, Runner
from .violation import Violation

type Happening = Callable[[], Signal | Arrives | None]

_POISON = (20.0, 31.0, 55.0, 75.0, 120.0, 160.0, 310.0, 450.0)
"""ppm on all sides of the gates of both standards."""


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
        self.roll = self.random.random
        household = random_household(self.random)
        self.history = History(household, plans=random_plans(self.random))
        self.runner = Runner(household, self.history.plans)
        self.household = household
        self.t = 0.0
        self._queue: list[tuple[float, int, Happening]] = []
        self._number = count()
        self.levels: dict[str, Level] = {}
        self._devices: dict[str, Device] = {}
        for actuator in self.household.actuators.values():
            self._devices[actuator.id] = Device(actuator, begin(actuator))
        self.people = People(self)
        self.network = Network(self)

    # --- time ----------------------------------------------------------------------

    def at(self, delay: float, make: Happening) -> None:
        """Let something happen later; it may be heard twice."""
        heappush(self._queue, (self.t + delay, next(self._number), make))
        if self.random.random() < 0.03:
            later = self.t + delay + self.random.random() * 5
            heappush(self._queue, (later, next(self._number), make))

    def arrives(self, incident: str, revision: int) -> Arrives:
        """Return that a document arrives at the station now."""
        return Arrives(self.t, incident, revision)

    @property
    def now(self) -> datetime:
        """What the home's clock shows."""
        return self.runner.clock(self.t)

    def run(self) -> int:
        """Live through it; return how many incidents there were."""
        roll = self.random.random
        self._restart(lose=0, is_first=True)
        for _ in range(3 + int(roll() * 6)):
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
        self.runner.checker.finish()
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
                happens = heappop(queue)[2]()
                if isinstance(happens, Arrives):
                    self._give(happens)
                elif happens is not None:
                    self._give(Given(self.t, happens))
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
                    if self.roll() < 0.005:
                        # The program ends before the next order leaves; of this
                        # decision nothing, something or all is on the disk.
                        news = len(self.runner.checker.state.news)
                        self._restart(lose=int(self.roll() * (news + 2)))
                        return
                case Ask():
                    self._ask(self._devices[order.actuator])
                case Tell():
                    self.people.hear(order)
                case Report():
                    self.network.report(order.incident)
                case _:
                    pass

    def _drive(self, drive: Drive) -> None:
        roll = self.random.random
        device = self._devices[drive.actuator]
        travel = device.actuator.travel_time
        match device.mood:
            case "obeys":
                if roll() < 0.1:
                    self._reports(device, 0.02, Position.MOVING)
                self._moves(device, 0.05 + roll() * max(travel, 0.3), drive.target)
            case "late":
                self._moves(device, travel + 2 + roll() * 20, drive.target)
            case "pretends":
                self._reports(device, 0.1 + roll() * 2, drive.target)
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
            fate = self.roll()
            if fate < 0.04:
                return None  # the report is lost
            if fate < 0.1:  # it comes late, and others overtake it
                self._reports(device, self.roll() * 30, target)
                return None
            return ActuatorReport(device.actuator.id, target, self.now)

        self.at(delay, arrive)

    def _reports(self, device: Device, delay: float, position: Position) -> None:
        self.at(delay, lambda: ActuatorReport(device.actuator.id, position, self.now))

    # --- what happens ----------------------------------------------------------------

    def _episode(self) -> None:
        roll = self.random.random
        for device in self._devices.values():
            self._set_mood(device)
        if roll() < 0.1:
            self._drill()
        for _ in range(int(roll() * 4)):
            self._accident(roll() * 20)
        if roll() < 0.6:
            self._disaster(roll() * 30)
        if roll() < 0.25:
            burglary.visit(self)
        if roll() < 0.08:
            self._chatter(roll() * 20)
        if roll() < 0.1:
            zone = pick(self.random, ZONES)
            self.at(roll() * 60, lambda: HelpCalled("Li", self.now, zone))
        self.people.live()
        if roll() < 0.2:
            self._behind_the_back()
        if roll() < 0.25:
            self.at(roll() * 60, self._crash)

    def _set_mood(self, device: Device) -> None:
        roll = self.random.random()
        if device.mood in ("away", "gone"):
            self._return(device, self.random.random() * 60)
        if roll < 0.7:
            device.mood = "obeys"
        else:
            moods = (
                "late",
                "lies",
                "pretends",
                "away",
                "gone",
                "raises",
                "hangs",
                "jams",
            )
            device.mood = moods[int(self.random.random() * len(moods))]
            if device.mood in ("away", "gone"):
                self._reports(device, 0.0, Position.UNKNOWN)
                if roll < 0.9:
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

    def _disaster(self, t: float) -> None:
        """The earth shakes: gas, fire, water and people who call, within seconds."""
        seen: set[Hazard] = set()
        for detector in self.household.detectors.values():
            if detector.hazard not in seen and self.roll() < 0.7:
                seen.add(detector.hazard)
                self._sense(detector, t + self.roll() * 15, Level.ALARM)
        if self.roll() < 0.3:
            self.at(t + self.roll() * 15, lambda: HelpCalled("Li", self.now, None))
        t += 30 + self.roll() * 60
        for detector in self.household.detectors.values():
            self.at(t + self.roll() * 10, lambda each=detector: self._calm(each))  # type: ignore[misc]

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
            fate = self.roll()
            if fate < 0.02:
                return None  # lost on its way
            if fate < 0.04:  # late, and overtaken by others
                self._late(detector, level, value)
                return None
            self.levels[detector.id] = level
            return Reading(detector.id, level, self.now, value)

        self.at(delay, read)

    def _late(self, detector: Detector, level: Level, value: float | None) -> None:
        def read() -> Signal | None:
            self.levels[detector.id] = level
            return Reading(detector.id, level, self.now, value)

        self.at(self.roll() * 20, read)

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
            self.at(roll() * 900, lambda: Acknowledge("Li", "app", self.now, None))
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
                self._moves(device, 0.0, begin(device.actuator))
        for device in self._devices.values():
            if roll() < 0.5:
                self._exercise(device.actuator.id, 2 + roll() * 20)
        if roll() < 0.7:
            self._drill()
        if roll() < 0.3:
            self.at(2 + roll() * 40, self._crash)
        if roll() < 0.5:
            self._accident(2 + roll() * 20)
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
        # What was sent had been on the disk before.
        written = len(self.runner.checker.journal)
        lose = max(min(lose, written - self.network.on_disk), 0)
        ended = self.t
        if not is_first:
            self.t += roll() * 120
            if roll() < 0.2:  # the clock of a machine without a battery
                self.runner.offset -= roll() * 3600
            elif roll() < 0.1:
                self.runner.offset += roll() * 7200
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
        ladder = self.household.ladder  # nobody moves in meanwhile
        if self.random.random() < 0.3:
            ladder = replace(ladder, contacts=ladder.contacts[:-1])
        panel = self.household.panel
        return Household("home", detectors, actuators, ladder, panel=panel)
