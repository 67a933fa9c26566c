"""Accidents: hazards come, are seen by some detectors, and go; alone or all at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from custom_components.zhian.safety.household import Detector
from custom_components.zhian.safety.signals import (
    Acknowledge,
    Answer,
    HelpCalled,
    Reading,
    ResetRequested,
    Signal,
)
from custom_components.zhian.safety.vocabulary import Hazard, Level, Response

if TYPE_CHECKING:
    from .world import World

_POISON = (20.0, 31.0, 55.0, 75.0, 120.0, 160.0, 310.0, 450.0)
"""ppm on all sides of the gates of both standards."""


def accident(world: World, delay: float) -> None:
    """A hazard comes, is seen by one detector or more, and goes at last."""
    roll = world.roll
    detectors = list(world.household.detectors.values())
    if not detectors:
        return
    detector = detectors[int(roll() * len(detectors))]
    t = delay
    if roll() < 0.3:
        _sense(world, detector, t, Level.PRE_ALARM)
        t += roll() * 40
    if roll() < 0.85:
        _sense(world, detector, t, Level.ALARM)
        if roll() < 0.08:  # in the very middle of it
            world.at(t + roll() * 0.2, world.crash)
    while roll() < 0.35:  # it chatters, drops out, or another one joins
        t += roll() * 15
        levels = (Level.NORMAL, Level.LOST, Level.FAULT, Level.WARMING_UP)
        _sense(world, detector, t, levels[int(roll() * 4)])
        t += roll() * 15
        other = detectors[int(roll() * len(detectors))]
        _sense(world, other, t, Level.ALARM if roll() < 0.7 else Level.PRE_ALARM)
        _sense(world, detector, t + roll() * 10, Level.ALARM)
    t += roll() * 90
    for each in detectors:
        world.at(t + roll() * 10, lambda each=each: _calm(world, each))  # type: ignore[misc]


def disaster(world: World, t: float) -> None:
    """The earth shakes: gas, fire, water and people who call, within seconds."""
    seen: set[Hazard] = set()
    for detector in world.household.detectors.values():
        if detector.hazard not in seen and world.roll() < 0.7:
            seen.add(detector.hazard)
            _sense(world, detector, t + world.roll() * 15, Level.ALARM)
    if world.roll() < 0.3:
        world.at(t + world.roll() * 15, lambda: HelpCalled("Li", world.now, None))
    t += 30 + world.roll() * 60
    for detector in world.household.detectors.values():
        world.at(t + world.roll() * 10, lambda each=detector: _calm(world, each))  # type: ignore[misc]


def chatter(world: World, t: float) -> None:
    """A detector at its limit: on and off, many times a minute."""
    detectors = list(world.household.detectors.values())
    if not detectors:
        return
    detector = detectors[int(world.roll() * len(detectors))]
    high = Level.ALARM if world.roll() < 0.7 else Level.PRE_ALARM
    for _ in range(3 + int(world.roll() * 5)):
        _sense(world, detector, t, high)
        t += world.roll() * 10
        _sense(world, detector, t, Level.NORMAL)
        t += world.roll() * 10


def _sense(
    world: World,
    detector: Detector,
    delay: float,
    level: Level,
    value: float | None = None,
) -> None:
    if detector.hazard is Hazard.GAS:
        value = world.roll() * 60

    def read() -> Signal | None:
        fate = world.roll()
        if fate < 0.02:
            return None  # lost on its way
        if fate < 0.04:  # late, and overtaken by others
            _late(world, detector, level, value)
            return None
        world.levels[detector.id] = level
        return Reading(detector.id, level, world.now, value)

    world.at(delay, read)


def _late(world: World, detector: Detector, level: Level, value: float | None) -> None:
    def read() -> Signal | None:
        world.levels[detector.id] = level
        return Reading(detector.id, level, world.now, value)

    world.at(world.roll() * 20, read)


def _calm(world: World, detector: Detector) -> Signal | None:
    if world.levels.get(detector.id, Level.NORMAL) is Level.NORMAL:
        return None
    world.levels[detector.id] = Level.NORMAL
    return Reading(detector.id, Level.NORMAL, world.now, 1.0)


def poison(world: World) -> None:
    """Bad air creeps in, for hours, in numbers; the detector itself is silent."""
    roll = world.roll
    detectors = [
        d
        for d in world.household.detectors.values()
        if d.hazard is Hazard.CARBON_MONOXIDE
    ]
    if not detectors:
        return
    world.devices.obey()
    for detector in detectors:
        t = roll() * 60
        for _ in range(1 + int(roll() * 5)):
            ppm = _POISON[int(roll() * len(_POISON))]
            if roll() < 0.8:
                _sense(world, detector, t, Level.NORMAL, ppm)
            else:
                levels = (Level.LOST, Level.FAULT, Level.NORMAL)
                _sense(world, detector, t, levels[int(roll() * 3)], None)
            t += roll() * 3_600
        if roll() < 0.3:
            _sense(world, detector, t, Level.NORMAL, 60.0)
            t += 5_500
        _sense(world, detector, t, Level.NORMAL, 1.0)
    world.at(t + 70, lambda: ResetRequested("Wang", True, world.now))
    world.drain(world.t + t + 200)


def silence(world: World) -> None:
    """Somebody does not move for too long, and perhaps answers."""
    roll = world.roll
    detectors = [
        d for d in world.household.detectors.values() if d.hazard is Hazard.INACTIVITY
    ]
    if not detectors:
        return
    for detector in detectors:
        _sense(world, detector, 0.0, Level.NORMAL)
        _sense(world, detector, 1 + roll() * 60, Level.PRE_ALARM)
        while roll() < 0.25:
            levels = (Level.NORMAL, Level.LOST, Level.PRE_ALARM)
            _sense(world, detector, 60 + roll() * 900, levels[int(roll() * 3)])
    contacts = [c.id for c in world.household.ladder.contacts]
    while contacts and roll() < 0.4:
        contact = contacts[int(roll() * len(contacts))]
        response = Response.SAFE if roll() < 0.7 else Response.HELP
        world.at(
            roll() * 900,
            lambda c=contact, r=response: _answer(world, c, r),  # type: ignore[misc]
        )
    if roll() < 0.15:
        world.at(roll() * 900, lambda: Acknowledge("Li", "app", world.now, None))
    if roll() < 0.2:
        world.at(roll() * 900, world.crash)
    world.drain(world.t + 1_200)
    world.at(1, lambda: ResetRequested("Wang", True, world.now))
    world.drain(world.t + 10)


def _answer(world: World, contact: str, response: Response) -> Signal | None:
    incident = world.runner.checker.state.open_incident(Hazard.INACTIVITY)
    if incident is None:
        return None
    return Answer(incident.id, response, contact, "app", world.now, contact)
