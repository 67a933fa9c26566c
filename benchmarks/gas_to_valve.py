"""How soon the gas valve is told to close, beside what Home Assistant itself can do.

One Home Assistant, in this process, guards the same kitchen in four ways: a bare
callback that calls the service (the limit), a home of ours, an automation with a state
trigger, and the blueprint that is shipped. Each has a detector and a valve of its own.
A trial sets one detector to `on` and reads the clock in the first line of the valve's
service. The four take turns, in an order that changes, and idle rounds alternate with
rounds in which other entities change their state, so that a slow minute of the machine
meets all sides. The home keeps its journal on disk, as in life.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
import gc
from pathlib import Path
import random
import sys
import time
from typing import Final

from homeassistant.core import (
    Event,
    EventStateChangedData,
    HomeAssistant,
    ServiceCall,
    callback,
)
from homeassistant.helpers.event import async_track_state_change_event

from harness import (
    IDLE,
    LOADED,
    PATIENCE,
    ROUNDS,
    add_home,
    boot,
    figures_of,
    idle_and_loaded,
    points,
    run,
    show_budgets,
    show_figures,
    take_turns,
    verdict,
)

from custom_components.zhian.home import Home
from custom_components.zhian.safety.signals import ResetRequested

BARE, OURS, YAML, BLUEPRINT = "bare", "ours", "yaml", "blueprint"
CASES: Final = (BARE, OURS, YAML, BLUEPRINT)

P50_TO_BARE: Final = 1.5
P99_TO_BARE: Final = 2.0
P50_TO_YAML: Final = 1 / 2.5
P50_LOADED_TO_IDLE: Final = 1.25
LONGEST_TURN_MS: Final = 5.0

WARM_UP: Final = 20

CONFIGURATION: Final = """\
automation:
  - id: yaml
    alias: yaml
    triggers:
      - trigger: state
        entity_id: binary_sensor.yaml
        to: "on"
    actions:
      - action: valve.close_valve
        target:
          entity_id: valve.yaml
  - id: blueprint
    alias: blueprint
    use_blueprint:
      path: zhian/gas_leak_shutoff.yaml
      input:
        gas_sensors: binary_sensor.blueprint
        valves: valve.blueprint
"""


def detector(case: str) -> str:
    """Return the detector of a case."""
    return f"binary_sensor.{case}"


def valve(case: str) -> str:
    """Return the valve of a case."""
    return f"valve.{case}"


class Trials:
    """The four kitchens and what was measured in them."""

    def __init__(self, hass: HomeAssistant, home: Home) -> None:
        """Play the valves and put the bare callback up."""
        self._hass = hass
        self._home = home
        self._entered: asyncio.Future[int]
        self._expected = ""
        self._ends: Mapping[str, Callable[[], Awaitable[None]]] = {
            OURS: self._end_incident,
            BLUEPRINT: self._end_automation,
        }
        # In the place of the action that the valve platform has registered.
        hass.services.async_register("valve", "close_valve", self._close_valve)
        async_track_state_change_event(hass, [detector(BARE)], self._bare)

    async def _close_valve(self, call: ServiceCall) -> None:
        entered = time.perf_counter_ns()
        named = call.data["entity_id"]
        if self._expected in (named, *named) and not self._entered.done():
            self._entered.set_result(entered)

    @callback
    def _bare(self, event: Event[EventStateChangedData]) -> None:
        new = event.data["new_state"]
        if new is not None and new.state == "on":
            self._hass.async_create_task(
                self._hass.services.async_call(
                    "valve", "close_valve", {"entity_id": valve(BARE)}, blocking=True
                ),
                "bare",
                eager_start=True,
            )

    async def trial(self, case: str) -> float:
        """Raise one alarm; return the microseconds until the valve's service ran."""
        # The wait lets everything that the last trial has left run out, and meets the
        # bursts of the load at any of their moments.
        await asyncio.sleep(random.uniform(0.002, 0.006))
        self._entered = self._hass.loop.create_future()
        self._expected = valve(case)
        begin = time.perf_counter_ns()
        self._hass.states.async_set(detector(case), "on")
        async with asyncio.timeout(PATIENCE):
            entered = await self._entered
        await asyncio.sleep(0)
        self._hass.states.async_set(valve(case), "closed")
        self._hass.states.async_set(detector(case), "off")
        if end := self._ends.get(case):
            await end()
        self._hass.states.async_set(valve(case), "open")
        return (entered - begin) / 1e3

    async def _end_incident(self) -> None:
        """A person on site resets: the next alarm is an incident of its own."""
        guard = self._home.guard
        guard.handle(ResetRequested("benchmark", local=True, at=guard.clock.now()))
        if guard.state.incidents:
            sys.exit("the incident did not end")

    async def _end_automation(self) -> None:
        """Stop the run, which would watch the valve for seconds yet."""
        for service in ("turn_off", "turn_on"):
            await self._hass.services.async_call(
                "automation",
                service,
                {"entity_id": "automation.blueprint"},
                blocking=True,
            )


@dataclass
class Pauses:
    """How long the garbage collector has stopped everything."""

    longest_ms: float = 0.0
    _began: float = field(default=0.0, init=False)

    @contextmanager
    def watch(self) -> Iterator[None]:
        """Watch the collector."""
        gc.callbacks.append(self._on_collection)
        try:
            yield
        finally:
            gc.callbacks.remove(self._on_collection)

    def _on_collection(self, phase: str, _: object) -> None:
        now = time.perf_counter()
        if phase == "start":
            self._began = now
        else:
            self.longest_ms = max(self.longest_ms, (now - self._began) * 1e3)


async def alarm_turns(trials: Trials, number: int) -> dict[str, list[float]]:
    """Return the milliseconds of the longest turn of the loop in each of our alarms.

    By the clock, which also counts when others have the processor, and by the processor,
    which does not count what only waits.
    """
    clock = processor = 0.0
    run = asyncio.Handle._run  # noqa: SLF001

    def timed(handle: asyncio.Handle) -> None:
        nonlocal clock, processor
        begin, begin_processor = time.perf_counter(), time.thread_time()
        run(handle)
        processor = max(processor, time.thread_time() - begin_processor)
        clock = max(clock, time.perf_counter() - begin)

    turns: dict[str, list[float]] = {"clock": [], "processor": []}
    asyncio.Handle._run = timed  # type: ignore[method-assign]  # noqa: SLF001
    try:
        for _ in range(number):
            clock = processor = 0.0
            await trials.trial(OURS)
            await asyncio.sleep(0.02)  # entities and the journal have followed
            turns["clock"].append(clock * 1e3)
            turns["processor"].append(processor * 1e3)
    finally:
        asyncio.Handle._run = run  # type: ignore[method-assign]  # noqa: SLF001
    return turns


async def measure(folder: Path, trials: int, rate: int) -> dict[str, object]:
    """Return everything that was measured, held against the budgets."""
    hass = await boot(folder, CONFIGURATION)
    try:
        for case in CASES:
            hass.states.async_set(detector(case), "off")
            hass.states.async_set(valve(case), "open")
        home = await add_home(
            hass,
            (
                (
                    "detector",
                    {"entity_id": detector(OURS), "hazard": "gas", "name": "Kitchen"},
                ),
                (
                    "actuator",
                    {"entity_id": valve(OURS), "role": "gas_valve", "name": "Supply"},
                ),
            ),
        )
        bench = Trials(hass, home)
        await take_turns(hass, CASES, bench.trial, WARM_UP)
        pauses = Pauses()
        with pauses.watch():
            waits = await idle_and_loaded(hass, CASES, bench.trial, trials, rate)
        turns = await alarm_turns(bench, max(trials // ROUNDS, 2))
    finally:
        await hass.async_stop()
    figures = figures_of(waits)
    idle, loaded = figures[IDLE], figures[LOADED]
    turn = {by: points(values) for by, values in turns.items()}
    return {
        "benchmark": "gas_to_valve",
        "trials": trials,
        "load": rate,
        "microseconds": figures,
        "longest_turn_ms": turn,
        "longest_collection_ms": round(pauses.longest_ms, 1),
        **verdict(
            (
                ("p50 to bare", idle[OURS]["p50"] / idle[BARE]["p50"], P50_TO_BARE),
                ("p99 to bare", idle[OURS]["p99"] / idle[BARE]["p99"], P99_TO_BARE),
                ("p50 to yaml", idle[OURS]["p50"] / idle[YAML]["p50"], P50_TO_YAML),
                (
                    "p50 loaded to idle",
                    loaded[OURS]["p50"] / idle[OURS]["p50"],
                    P50_LOADED_TO_IDLE,
                ),
                (
                    "longest turn in an alarm, ms, p50",
                    turn["clock"]["p50"],
                    LONGEST_TURN_MS,
                ),
                (
                    "longest turn in an alarm, processor ms, p99",
                    turn["processor"]["p99"],
                    LONGEST_TURN_MS,
                ),
            )
        ),
    }


def show(result: Mapping[str, object]) -> None:
    """Print for people."""
    print(
        f"gas alarm to valve service, us, {result['trials']} trials each,"
        f" loaded: {result['load']} changes/s"
    )
    show_figures(result["microseconds"], BARE, 0)
    print(
        f"longest turn of the loop in an alarm, ms: {result['longest_turn_ms']};"
        f" longest garbage collection, ms: {result['longest_collection_ms']}"
    )
    show_budgets(result["budgets"])


if __name__ == "__main__":
    sys.exit(run(__doc__, measure, show, 1000))
