"""Doors, motion and codes: what happens to a home that can be armed."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import TYPE_CHECKING

from custom_components.zhian.safety.arming import ARMED, LEAVING, Mode, Sense, Watch
from custom_components.zhian.safety.household import Detector
from custom_components.zhian.safety.scoring import WITNESSED
from custom_components.zhian.safety.signals import (
    ArmRequested,
    DisarmRequested,
    Reading,
    Signal,
    Witnessed,
)
from custom_components.zhian.safety.vocabulary import Hazard, Level

if TYPE_CHECKING:
    from .world import World

MODES = tuple(sorted(ARMED))
_SENSES = (*[Sense.OPENING] * 4, *[Sense.MOTION] * 2, *Sense)


def contacts(random: Random) -> Iterator[Detector]:
    """Yield the detectors of intrusion of a home; most homes have some."""
    for n in range(int(random.random() * 5)):
        sense = _SENSES[int(random.random() * len(_SENSES))]
        modes = LEAVING if sense is Sense.MOTION else ARMED
        watch = Watch(
            sense,
            modes,
            delayed=sense is Sense.OPENING and random.random() < 0.4,
            left_open=600.0 if random.random() < 0.3 else None,
        )
        zone = ("hall", "kitchen", None)[int(random.random() * 3)]
        yield Detector(f"contact_{n}", Hazard.INTRUSION, zone, watch=watch)


def visit(world: World) -> None:
    """People come and go; now and then somebody comes who should not."""
    roll = world.random.random
    known = [
        d for d in world.household.detectors.values() if d.hazard is Hazard.INTRUSION
    ]
    if not known:
        return
    if roll() < 0.7:
        _arm(world, roll() * 20)
    for _ in range(int(roll() * 4)):
        detector = known[int(roll() * len(known))]
        t = roll() * 150
        _read(world, detector, t, Level.ALARM if roll() < 0.8 else Level.LOST)
        if roll() < 0.8:
            _read(world, detector, t + roll() * 60, Level.NORMAL)
    if roll() < 0.5:
        _disarm(world, roll() * 200)
    if roll() < 0.2:
        evidence = WITNESSED[int(roll() * len(WITNESSED))]
        world.at(roll() * 200, lambda: Witnessed(evidence, "Li", world.now))
    if roll() < 0.9:  # in the end somebody comes home
        _disarm(world, 180 + roll() * 60)


def _arm(world: World, delay: float) -> None:
    roll = world.random.random
    mode: Mode = MODES[int(roll() * len(MODES))]
    force, duress = roll() < 0.4, roll() < 0.1
    world.at(
        delay,
        lambda: ArmRequested(mode, "Li", world.now, force=force, duress=duress),
    )


def _disarm(world: World, delay: float) -> None:
    duress = world.random.random() < 0.2
    world.at(delay, lambda: DisarmRequested("Li", world.now, duress))


def _read(world: World, detector: Detector, delay: float, level: Level) -> None:
    def read() -> Signal:
        world.levels[detector.id] = level
        return Reading(detector.id, level, world.now)

    world.at(delay, read)
