"""The devices of a home as they really are: they obey, or they do not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from custom_components.zhian.safety.household import Actuator
from custom_components.zhian.safety.orders import Drive
from custom_components.zhian.safety.signals import ActuatorReport, OrderFailed, Signal
from custom_components.zhian.safety.vocabulary import Position, Reason

from .households import begin

if TYPE_CHECKING:
    from .world import World

_MOODS = ("late", "lies", "pretends", "away", "gone", "raises", "hangs", "jams")
_ABSENT = ("away", "gone")

_OTHER = {
    Position.OPEN: Position.CLOSED,
    Position.ON: Position.OFF,
    Position.OFF: Position.ON,
    Position.LOCKED: Position.UNLOCKED,
    Position.UNLOCKED: Position.LOCKED,
}


@dataclass(slots=True)
class Device:
    """An actuator as it really is."""

    actuator: Actuator
    position: Position
    mood: str = "obeys"

    @property
    def is_there(self) -> bool:
        """Whether it can be reached."""
        return self.mood not in _ABSENT


class Devices:
    """All of them, and what becomes of an order."""

    def __init__(self, world: World) -> None:
        """Begin on a quiet day."""
        self._world = world
        self._devices = {
            actuator.id: Device(actuator, begin(actuator))
            for actuator in world.household.actuators.values()
        }

    def __iter__(self) -> Iterator[Device]:
        """Yield every device."""
        return iter(self._devices.values())

    def drive(self, drive: Drive) -> None:
        """An order arrives; what comes of it is a matter of mood."""
        roll = self._world.roll
        device = self._devices[drive.actuator]
        travel = device.actuator.travel_time
        match device.mood:
            case "obeys":
                if roll() < 0.1:
                    self._reports(device, 0.02, Position.MOVING)
                self.moves(device, 0.05 + roll() * max(travel, 0.3), drive.target)
            case "late":
                self.moves(device, travel + 2 + roll() * 20, drive.target)
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

    def ask(self, actuator: str) -> None:
        """Somebody wants to know where a device is."""
        device, world = self._devices[actuator], self._world
        if device.is_there and device.mood != "hangs":
            world.at(
                0.05,
                lambda: ActuatorReport(
                    actuator, device.position, world.now, is_answer=True
                ),
            )

    def _fails(self, drive: Drive, delay: float, reason: Reason) -> None:
        incident, step, world = drive.incident, drive.step, self._world
        if incident is not None and step is not None:
            world.at(delay, lambda: OrderFailed(incident, step, reason, world.now))

    def moves(self, device: Device, delay: float, target: Position) -> None:
        """A device moves, by whomever; its report may be lost or late."""
        world = self._world

        def arrive() -> Signal | None:
            device.position = target
            fate = world.roll()
            if fate < 0.04:
                return None  # the report is lost
            if fate < 0.1:  # it comes late, and others overtake it
                self._reports(device, world.roll() * 30, target)
                return None
            return ActuatorReport(device.actuator.id, target, world.now)

        world.at(delay, arrive)

    def _reports(self, device: Device, delay: float, position: Position) -> None:
        world = self._world
        name = device.actuator.id
        world.at(delay, lambda: ActuatorReport(name, position, world.now))

    # --- moods -----------------------------------------------------------------------

    def obey(self) -> None:
        """Let all of them do what they are told."""
        for device in self:
            device.mood = "obeys"

    def change(self) -> None:
        """Let some of them have a bad day."""
        for device in self:
            self._set_mood(device)

    def _set_mood(self, device: Device) -> None:
        random = self._world.roll
        roll = random()
        if not device.is_there:
            self._return(device, random() * 60)
        if roll < 0.7:
            device.mood = "obeys"
            return
        device.mood = _MOODS[int(random() * len(_MOODS))]
        if not device.is_there:
            self._reports(device, 0.0, Position.UNKNOWN)
            if roll < 0.9:
                self._return(device, random() * 90)

    def _return(self, device: Device, delay: float) -> None:
        world = self._world

        def back() -> Signal | None:
            device.mood = "obeys"
            return ActuatorReport(device.actuator.id, device.position, world.now)

        world.at(delay, back)

    def move_behind_the_back(self) -> None:
        """Somebody moves them by hand."""
        roll = self._world.roll
        for device in self:
            if roll() < 0.5:
                other = _OTHER.get(device.position, Position.OPEN)
                self.moves(device, roll() * 200, other)
