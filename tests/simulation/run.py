"""Run many accidents; the same seed gives the same accidents."""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
import gc
import json
from multiprocessing import get_context
import os
import sys
from time import perf_counter

from .bare import stand_alone
from .replaying import History, shrink
from .violation import Violation
from .world import World

BATCH = 5
"""Homes that one process lives through at a time."""


@dataclass(frozen=True, slots=True)
class Broken:
    """A home in which the kernel broke an invariant."""

    seed: int
    invariant: str
    what: str
    history: History


@dataclass(slots=True)
class Result:
    """What came of a simulation."""

    incidents: int = 0
    homes: int = 0
    decisions: int = 0
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    broken: list[Broken] = field(default_factory=list)


def live(seed: int) -> tuple[int, int, Broken | None]:
    """Live through one home; return its incidents, decisions, and what broke."""
    world = World(seed)
    broken = None
    try:
        world.run()
    except Violation as violation:
        broken = Broken(seed, violation.invariant, violation.what, world.history)
    world.leave()
    return world.runner.checker.opened, world.runner.checker.decisions, broken


def _live_all(seeds: range) -> list[tuple[int, int, Broken | None]]:
    """Live through a batch.

    A home holds on to nothing when it is over, so that there is next to no garbage to
    look for; to look for it all the same costs a third of the time.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        return [live(seed) for seed in seeds]
    finally:
        if was_enabled:
            gc.enable()


def _batches(seed: int) -> Iterator[range]:
    start = seed * 1_000_000_000
    while True:
        yield range(start, start + BATCH)
        start += BATCH


def simulate(
    incidents: int, seed: int, *, jobs: int = 1, most_broken: int = 1
) -> Result:
    """Live through homes until there were so many incidents, or one has broken."""
    result = Result()
    began, spent = perf_counter(), _cpu_seconds()
    if jobs == 1:
        _collect(result, map(_live_all, _batches(seed)), incidents, most_broken)
    else:
        pool = get_context("spawn").Pool(jobs, initializer=stand_alone)
        try:
            rounds = _rounds(pool, seed, jobs)
            _collect(result, rounds, incidents, most_broken)
        finally:
            pool.terminate()
            pool.join()
    for n, broken in enumerate(result.broken):
        history = shrink(broken.history, broken.invariant)
        result.broken[n] = Broken(broken.seed, broken.invariant, broken.what, history)
    result.seconds = perf_counter() - began
    result.cpu_seconds = _cpu_seconds() - spent
    return result


def _cpu_seconds() -> float:
    """Return what this process and those it has ended have used of the processors."""
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


def _rounds(
    pool: object, seed: int, jobs: int
) -> Iterator[list[tuple[int, int, Broken | None]]]:
    """Yield batches in order, always a few ahead."""
    batches = _batches(seed)
    waiting = [pool.apply_async(_live_all, (next(batches),)) for _ in range(2 * jobs)]  # type: ignore[attr-defined]
    while True:
        yield waiting.pop(0).get()
        waiting.append(pool.apply_async(_live_all, (next(batches),)))  # type: ignore[attr-defined]


def _collect(
    result: Result,
    batches: Iterator[list[tuple[int, int, Broken | None]]],
    incidents: int,
    most_broken: int,
) -> None:
    for batch in batches:
        for opened, decisions, broken in batch:
            result.homes += 1
            result.incidents += opened
            result.decisions += decisions
            if broken is not None:
                result.broken.append(broken)
            if result.incidents >= incidents or len(result.broken) >= most_broken:
                return


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line; 0 if no invariant was broken."""
    parser = argparse.ArgumentParser(
        prog="scripts/simulate", description="Random accidents against the kernel."
    )
    parser.add_argument("--incidents", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--json", action="store_true", help="print one object")
    options = parser.parse_args(arguments)
    result = simulate(options.incidents, options.seed, jobs=options.jobs)
    violations = [
        {
            "seed": broken.seed,
            "invariant": broken.invariant,
            "what": broken.what,
            "home": str(broken.history.household),
            "history": [str(event) for event in broken.history.events],
        }
        for broken in result.broken
    ]
    if options.json:
        found = {
            "incidents": result.incidents,
            "violations": violations,
            "seconds": round(result.seconds, 3),
            "cpu_seconds": round(result.cpu_seconds, 3),
            "seed": options.seed,
            "homes": result.homes,
            "decisions": result.decisions,
        }
        json.dump(found, sys.stdout, indent=2)
        sys.stdout.write("\n")
    else:
        _print(result, options.seed)
    return 1 if violations else 0


def _print(result: Result, seed: int) -> None:
    speed = result.incidents / max(result.seconds, 1e-9)
    sys.stdout.write(
        f"{result.incidents} incidents in {result.homes} homes, "
        f"{result.decisions} decisions, {result.seconds:.1f} s "
        f"({speed:.0f} incidents a second), seed {seed}\n"
    )
    for broken in result.broken:
        sys.stdout.write(
            f"\nhome {broken.seed} broke {broken.invariant}: {broken.what}\n"
        )
        sys.stdout.write(f"{broken.history.household}\n")
        for event in broken.history.events:
            sys.stdout.write(f"  {event}\n")
    sys.stdout.write("no violation\n" if not result.broken else "\nVIOLATED\n")
