"""Days on which nothing is wrong: people drill, and valves are exercised."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from custom_components.zhian.safety.signals import (
    DrillEnded,
    DrillStarted,
    ExerciseRequested,
    ResetRequested,
)
from custom_components.zhian.safety.vocabulary import Hazard

from .accidents import accident
from .households import begin

if TYPE_CHECKING:
    from .world import World


def drill(world: World) -> None:
    roll = world.roll
    until = timedelta(seconds=roll() * 120)
    if roll() < 0.05:
        until *= 100  # longer than a drill may be
    detectors, hazards = list(world.household.detectors), list(Hazard)
    detector = hazard = None
    if roll() < 0.4:
        detector = detectors[int(roll() * len(detectors))] if detectors else "none"
    elif roll() < 0.5:
        hazard = hazards[int(roll() * len(hazards))]
    moves = roll() < 0.5
    world.at(
        roll() * 10,
        lambda: DrillStarted(
            "Li", world.now + until, world.now, detector, hazard, moves=moves
        ),
    )
    if roll() < 0.4:
        world.at(roll() * 60, lambda: DrillEnded("Li", world.now))


def quiet_day(world: World) -> None:
    """Nothing is wrong: people drill, and valves are exercised."""
    roll = world.roll
    world.at(0.0, lambda: ResetRequested("Wang", True, world.now))
    for device in world.devices:
        if roll() < 0.7:
            device.mood = "obeys"
            world.devices.moves(device, 0.0, begin(device.actuator))
    for device in world.devices:
        if roll() < 0.5:
            _exercise(world, device.actuator.id, 2 + roll() * 20)
    if roll() < 0.7:
        drill(world)
    if roll() < 0.3:
        world.at(2 + roll() * 40, world.crash)
    if roll() < 0.5:
        accident(world, 2 + roll() * 20)
    world.drain(world.t + 60 + roll() * 200)


def _exercise(world: World, actuator: str, delay: float) -> None:
    roll = world.roll
    by = "Li" if roll() < 0.6 else None
    local = roll() < 0.7
    world.at(delay, lambda: ExerciseRequested(actuator, world.now, by, local=local))
    if roll() < 0.1:  # in the very middle of it
        world.at(delay + roll() * 5, world.crash)
