"""A simulated home: its time, what happens in it, and the ends of its program."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from heapq import heappop, heappush
from itertools import count
from random import Random

from custom_components.zhian.safety.household import Household
from custom_components.zhian.safety.orders import (
    Ask,
    Drive,
    Order,
    Report,
    Tell,
    WakeAt,
)
from custom_components.zhian.safety.signals import (
    ActuatorReport,
    ExerciseInterrupted,
    HelpCalled,
    Hindered,
    Reading,
    Signal,
    Started,
    Tick,
)
from custom_components.zhian.safety.vocabulary import Level

from . import burglary
from .accidents import accident, chatter, disaster, poison, silence
from .devices import Devices
from .households import ZONES, pick, random_household, random_plans
from .network import Network
from .people import People
from .quiet_days import drill, quiet_day
from .replaying import EPOCH, MOST_EVENTS, Arrives, Given, History, Restart, Runner
from .violation import Violation
from .whims import Whims
from .wishes import with_wishes

type Happening = Callable[[], Signal | Arrives | None]


class World:
    """One home, its people, its devices and its bad luck, all from one seed."""

    def __init__(self, seed: int) -> None:
        """Build the home."""
        self.random = Random(seed)
        self.roll = self.random.random
        household = random_household(self.random)
        household = with_wishes(household, Random(f"wishes {seed}"))
        self.history = History(household, plans=random_plans(self.random))
        self.runner = Runner(household, self.history.plans)
        self.household = household
        self.t = 0.0
        self._queue: list[tuple[float, int, Happening]] = []
        self._number = count()
        self.levels: dict[str, Level] = {}
        self.devices = Devices(self)
        self.people = People(self)
        self.network = Network(self)
        self.whims = Whims(self, seed)

    # --- time ----------------------------------------------------------------------

    def at(self, delay: float, make: Happening) -> None:
        """Let something happen later; it may be heard twice."""
        due = self.t + delay
        heappush(self._queue, (due, next(self._number), make))
        if self.roll() < 0.03:
            later = due + self.roll() * 5
            heappush(self._queue, (later, next(self._number), make))

    def arrives(self, incident: str, revision: int) -> Arrives:
        """Return that a document arrives at the station now."""
        return Arrives(self.t, incident, revision)

    @property
    def now(self) -> datetime:
        """What the home's clock shows."""
        return EPOCH + timedelta(0, self.t + self.runner.offset)

    def run(self) -> None:
        """Live through it."""
        roll = self.roll
        self._restart(lose=0, is_first=True)
        for _ in range(3 + int(roll() * 6)):
            self._episode()
            self.drain(self.t + 60 + roll() * 160)
        self.drain(self.t + 120)
        if roll() < 0.3:
            quiet_day(self)
        if roll() < 0.3:
            poison(self)
        if roll() < 0.5:
            silence(self)
        self.runner.wait(self.t, self.t + 60)
        self.runner.checker.finish()

    def leave(self) -> None:
        """Let go of everything that holds on to this home, so that it costs no memory."""
        self._queue.clear()
        del self.devices, self.people, self.network, self.whims

    def drain(self, until: float) -> None:
        """Let happen what happens until then, each thing at its time."""
        queue, runner = self._queue, self.runner
        checker, events = runner.checker, self.history.events
        wake, offset, due = checker.wake, runner.offset, runner.wake
        while True:
            t = queue[0][0] if queue else until
            if checker.wake is not wake or runner.offset != offset:
                wake, offset, due = checker.wake, runner.offset, runner.wake
            if due is not None and due <= t and due <= until:
                self.t = max(self.t, due)
                self._carry_out(checker.decide(Tick(self.now), self.t))
            elif not queue or t > until:
                self.t = max(self.t, until)
                return
            else:
                self.t = max(self.t, t)
                happens = heappop(queue)[2]()
                if happens is None:
                    continue
                if type(happens) is Arrives:
                    events.append(happens)
                    checker.arrive(happens.incident, happens.revision)
                else:
                    events.append(Given(self.t, happens))
                    self._carry_out(checker.decide(happens, self.t))
            if checker.decisions > MOST_EVENTS:
                raise Violation("I5", "orders lead to orders without an end")

    # --- what the kernel orders ------------------------------------------------------

    def _carry_out(self, orders: Sequence[Order]) -> None:
        for order in orders:
            kind = type(order)
            if kind is WakeAt:
                continue
            if kind is Drive:
                self.devices.drive(order)
                if self.roll() < 0.005:
                    # The program ends before the next order leaves; of this
                    # decision nothing, something or all is on the disk.
                    news = len(self.runner.checker.state.news)
                    self._restart(lose=int(self.roll() * (news + 2)))
                    return
            elif kind is Tell:
                self.people.hear(order)
            elif kind is Report:
                self.network.report(order.incident)
            elif kind is Ask:
                self.devices.ask(order.actuator)

    # --- what happens ----------------------------------------------------------------

    def _episode(self) -> None:
        roll = self.roll
        self.devices.change()
        if roll() < 0.1:
            drill(self)
        for _ in range(int(roll() * 4)):
            accident(self, roll() * 20)
        if roll() < 0.6:
            disaster(self, roll() * 30)
        if roll() < 0.25:
            burglary.visit(self)
        if roll() < 0.08:
            chatter(self, roll() * 20)
        if roll() < 0.1:
            zone = pick(self.random, ZONES)
            self.at(roll() * 60, lambda: HelpCalled("Li", self.now, zone))
        self.people.live()
        if roll() < 0.2:
            self.devices.move_behind_the_back()
        if roll() < 0.25:
            self.at(roll() * 60, self.crash)
        self.whims.visit()

    # --- the end of the program --------------------------------------------------------

    def crash(self) -> None:
        """The program ends, perhaps before the newest entries are on the disk."""
        roll = self.roll
        self._restart(lose=int(roll() * 6) if roll() < 0.5 else 0)

    def restart_as(self, household: Household, *, pause: float, lose: int = 0) -> None:
        """The program goes on, in a home that somebody may have changed."""
        ended, self.household = self.t, household
        self.t += pause
        self._go_on(ended, self._left(lose))

    def _left(self, lose: int) -> int:
        """Return how many entries may be lost: what was sent was on the disk before."""
        written = len(self.runner.checker.journal)
        return max(min(lose, written - self.network.on_disk), 0)

    def _restart(self, *, lose: int, is_first: bool = False) -> None:
        roll = self.roll
        lose, ended = self._left(lose), self.t
        if not is_first:
            self.t += roll() * 120
            if roll() < 0.2:  # the clock of a machine without a battery
                self.runner.offset -= roll() * 3600
            elif roll() < 0.1:
                self.runner.offset += roll() * 7200
            if roll() < 0.1:
                self.household = self._changed()
        self._go_on(ended, lose)

    def _go_on(self, ended: float, lose: int) -> None:
        """Hear what there is to hear, and start."""
        roll, at = self.roll, self.now
        first: list[Signal] = []
        for device in self.devices:
            if device.actuator.id in self.household.actuators:
                if device.is_there and roll() < 0.9:
                    first.append(
                        ActuatorReport(device.actuator.id, device.position, at)
                    )
        for detector in self.household.detectors:
            if roll() < 0.9:
                level = self.levels.get(detector, Level.NORMAL)
                first.append(Reading(detector, level, at))
        for actuator, reason in self.whims.hindered.items():
            first.append(Hindered(actuator, reason, at))
        first.append(Started(at))
        for actuator, since in self.runner.checker.exercises.under_way.items():
            first.append(ExerciseInterrupted(actuator, since, at))
        offset = self.runner.offset
        event = Restart(ended, self.t, self.household, lose, tuple(first), offset)
        self.history.events.append(event)
        self._carry_out(self.runner.give(event))

    def _changed(self) -> Household:
        """Return the home after somebody has reconfigured it."""
        detectors = dict(self.history.household.detectors)
        actuators = dict(self.history.household.actuators)
        for parts in (detectors, actuators):
            for name in list(parts):
                if self.roll() < 0.3:
                    del parts[name]
        ladder = self.household.ladder  # nobody moves in meanwhile
        if self.roll() < 0.3:
            ladder = replace(ladder, contacts=ladder.contacts[:-1])
        return replace(
            self.household, detectors=detectors, actuators=actuators, ladder=ladder
        )
