"""The people of a home: they are told, they answer, they reset, they open valves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from custom_components.zhian.safety.orders import Tell
from custom_components.zhian.safety.signals import (
    Acknowledge,
    Answer,
    Delivered,
    OpenRequested,
    ResetRequested,
    Signal,
)
from custom_components.zhian.safety.vocabulary import (
    ActuatorRole,
    Message,
    Reason,
    Response,
)

from .households import pick

if TYPE_CHECKING:
    from .world import World

_ASKS = (Message.ALARM, Message.UNANSWERED, Message.REPEAT)
_MOODS = ("answers", "answers", "dawdles", "sleeps", "cannot be reached")
_VALVES = (ActuatorRole.GAS_VALVE, ActuatorRole.WATER_VALVE)


class People:
    """Everybody who may be told, and what they do."""

    def __init__(self, world: World) -> None:
        """Move in."""
        self._world = world
        contacts = world.household.ladder.contacts
        self._moods = {c.id: pick(world.random, _MOODS) for c in contacts}

    def hear(self, tell: Tell) -> None:
        """A message goes out to its audience, over as many channels as it wants."""
        incident, roll = tell.incident, self._world.roll
        if incident is None:
            return
        for contact in tell.audience or ():
            mood = self._moods.get(contact, "answers")
            for channel in range(min(tell.channels, 2)):
                if roll() < 0.12:
                    self._deliver(incident, contact, tell.message, mood, channel)
            if tell.audience and tell.message in _ASKS and roll() < 0.4:
                self._answer(incident, contact, mood)

    def _deliver(
        self, incident: str, contact: str, message: Message, mood: str, channel: int
    ) -> None:
        world = self._world
        has_failed = mood == "cannot be reached" or world.roll() < 0.2
        reason = Reason.ERROR if has_failed else None
        name = f"channel {channel}" if world.roll() < 0.9 else None
        world.at(
            0.2,
            lambda: Delivered(incident, contact, message, world.now, reason, name),
        )

    def _answer(self, incident: str, contact: str, mood: str) -> None:
        world, roll = self._world, self._world.roll
        if mood not in ("answers", "dawdles"):
            return
        delay = roll() * (50 if mood == "answers" else 400)
        kind = roll()

        def answer() -> Signal:
            if kind < 0.6:
                return Acknowledge(contact, "app", world.now, incident, contact)
            response = Response.SAFE if kind < 0.9 else Response.HELP
            return Answer(incident, response, contact, "app", world.now, contact)

        world.at(delay, answer)

    def live(self) -> None:
        """They come, look, reset, and want their gas back."""
        world, roll = self._world, self._world.roll
        if roll() < 0.4:
            world.at(
                roll() * 90,
                lambda: Acknowledge("Li", "app", world.now, self._any()),
            )
        for _ in range(int(roll() * 2)):
            local = roll() < 0.9
            world.at(
                20 + roll() * 300,
                lambda local=local: ResetRequested(  # type: ignore[misc]
                    "Li", local, world.now, self._any()
                ),
            )
        if roll() < 0.9:  # in the end somebody looks after it
            world.at(
                100 + roll() * 120, lambda: ResetRequested("Wang", True, world.now)
            )
        for actuator in world.household.actuators.values():
            if actuator.role in _VALVES and roll() < 0.4:
                local, confirmed = roll() < 0.9, roll() < 0.9
                world.at(
                    roll() * 900,
                    lambda name=actuator.id, local=local, confirmed=confirmed: (  # type: ignore[misc]
                        OpenRequested(name, "Li", local, confirmed, world.now)
                    ),
                )

    def _any(self) -> str | None:
        incidents = list(self._world.runner.checker.state.incidents)
        if incidents and self._world.roll() < 0.4:
            return pick(self._world.random, tuple(incidents))
        return None
