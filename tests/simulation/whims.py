"""What else happens to a home: rain, questions of the station, and somebody who tinkers.

With dice of their own, and in a share of the homes.
"""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING

from custom_components.zhian.safety.household import Household
from custom_components.zhian.safety.signals import (
    Hindered,
    Signal,
    StationAsked,
    StationInformed,
)
from custom_components.zhian.safety.vocabulary import ActuatorRole, Reason

from .households import pick

if TYPE_CHECKING:
    from .world import World

_IN_THE_WAY = (
    Reason.RAIN,
    Reason.RAIN,
    Reason.CHILD_LOCK,
    Reason.WINDOW_LOCKED,
    Reason.OBSTRUCTED,
)


class Whims:
    """What this home is visited by."""

    def __init__(self, world: World, seed: int) -> None:
        """Throw the dice of a home."""
        self._world = world
        self.dice = dice = Random(f"whims {seed}")
        roll = dice.random
        self._rains = roll() < 0.3
        self._asks = roll() < 0.25
        self._tinkers = roll() < 0.3
        self.hindered: dict[str, Reason] = {}
        """What keeps which window from opening."""
        self._count = 0

    def visit(self) -> None:
        """Let an episode be one with rain, or with questions, or with tinkering."""
        world, roll = self._world, self.dice.random
        if self._rains:
            for actuator in world.household.actuators.values():
                if actuator.role is ActuatorRole.WINDOW and roll() < 0.6:
                    delay = roll() * 40
                    reason = pick(self.dice, _IN_THE_WAY)
                    self._hinder(actuator.id, delay, reason)
                    if roll() < 0.8:
                        self._hinder(actuator.id, delay + roll() * 60, None)
        if self._asks:
            for _ in range(int(roll() * 4)):
                world.at(roll() * 120, self._ask)
            if roll() < 0.7:
                world.at(roll() * 200, self._inform)
        if self._tinkers and roll() < 0.5:
            world.at(roll() * 120, self._reload)

    # --- rain ------------------------------------------------------------------------

    def _hinder(self, actuator: str, delay: float, reason: Reason | None) -> None:
        world = self._world

        def hinder() -> Signal | None:
            if actuator not in world.household.actuators:
                return None
            self.hindered.pop(actuator, None)
            if reason is not None:
                self.hindered[actuator] = reason
            return Hindered(actuator, reason, world.now)

        world.at(delay, hinder)

    # --- the station -------------------------------------------------------------------

    def _ask(self) -> Signal | None:
        """The station asks about something that is open, perhaps the same once more."""
        world = self._world
        incidents = tuple(world.runner.checker.state.incidents)
        if not incidents:
            return None
        if self.dice.random() < 0.8:
            self._count += 1
        incident = pick(self.dice, incidents)
        text = "Who holds a key?"
        return StationAsked(incident, f"q{self._count}", text, "Officer", world.now)

    def _inform(self) -> Signal:
        named = f"q{self._count}" if self.dice.random() < 0.5 else None
        return StationInformed("The neighbour.", "Li", self._world.now, named)

    # --- somebody who tinkers ----------------------------------------------------------

    def _reload(self) -> None:
        """Somebody adds or removes a part: the home goes on anew, perhaps twice."""
        world, roll = self._world, self.dice.random
        world.restart_as(self._with_one_change(world.household), pause=roll() * 2)
        if roll() < 0.2:
            # The program ends at that very moment.
            world.restart_as(world.household, pause=roll(), lose=int(roll() * 4))

    def _with_one_change(self, home: Household) -> Household:
        """Return the home with one part more, or one part less."""
        whole, dice = self._world.history.household, self.dice
        kind = int(dice.random() * 4)
        if kind == 0:
            known = {c.id for c in home.ladder.contacts}
            name = pick(dice, tuple(c.id for c in whole.ladder.contacts) or ("",))
            changed = known ^ {name}
            contacts = tuple(c for c in whole.ladder.contacts if c.id in changed)
            return replace(home, ladder=replace(home.ladder, contacts=contacts))
        if kind == 1 and whole.actuators:
            changed = set(home.actuators) ^ {pick(dice, tuple(whole.actuators))}
            actuators = {n: a for n, a in whole.actuators.items() if n in changed}
            return replace(home, actuators=actuators)
        changed = set(home.detectors) ^ {pick(dice, tuple(whole.detectors))}
        detectors = {n: d for n, d in whole.detectors.items() if n in changed}
        return replace(home, detectors=detectors)
