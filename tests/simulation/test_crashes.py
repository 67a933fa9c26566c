"""A crash between any two steps: at every moment, with anything lost (I6)."""

from dataclasses import replace
from itertools import islice

import pytest

from custom_components.zhian.safety.signals import (
    ActuatorReport,
    Reading,
    Signal,
    Started,
)

from .replaying import Arrives, Event, Given, History, Restart, Runner, replay
from .world import World

HOMES = range(9_000_000_000, 9_000_000_004)
MOST_CRASHES = 25
"""In one home; each is a life of its own."""


def _heard(events: list[Event]) -> dict[str, Reading | ActuatorReport]:
    """Return the last word of every device."""
    heard: dict[str, Reading | ActuatorReport] = {}
    for event in events:
        signals: tuple[Signal, ...] = ()
        if isinstance(event, Restart):
            signals, heard = event.first, {}
        elif isinstance(event, Given):
            signals = (event.signal,)
        for signal in signals:
            if isinstance(signal, Reading):
                heard[signal.detector] = signal
            elif isinstance(signal, ActuatorReport):
                heard[signal.actuator] = signal
    return heard


def _crashed(history: History, moment: int, lose: int) -> History:
    """Return a history that ends in a crash after so many events, and a start."""
    events = [e for e in history.events[:moment] if not isinstance(e, Arrives)]
    restarts = [e for e in events if isinstance(e, Restart)]
    clock = Runner(history.household)
    clock.offset = restarts[-1].offset
    t = events[-1].t
    now = clock.clock(t + 1)
    heard = [replace(said, at=now) for said in _heard(events).values()]
    heard.sort(key=lambda said: isinstance(said, Reading))  # devices first
    first = (*heard, Started(now))
    household = restarts[-1].household
    crash = Restart(t, t + 1, household, lose, first, clock.offset)
    return History(history.household, [*events, crash], history.plans)


@pytest.mark.simulation
@pytest.mark.parametrize("seed", HOMES)
def test_crash_at_any_moment_is_gone_on_from(seed: int) -> None:
    """Whatever was decided last, and however much of it is not on the disk."""
    world = World(seed)
    world.run()
    moments = range(1, len(world.history.events) + 1)
    step = max(len(moments) // MOST_CRASHES, 1)
    for moment in islice(moments, 0, None, step):
        for lose in (0, 1, 3):
            violation = replay(_crashed(world.history, moment, lose))
            assert violation is None, (moment, lose)
