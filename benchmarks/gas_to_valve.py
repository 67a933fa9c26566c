"""How soon the gas valve is told to close, beside what Home Assistant itself can do.

One Home Assistant, in this process, guards the same kitchen in four ways: a bare
callback that calls the service (the limit), a home of ours, an automation with a state
trigger, and the blueprint that is shipped. Each has a detector and a valve of its own.
A trial sets one detector to `on` and reads the clock in the first line of the valve's
service. The four take turns, in an order that changes, and idle rounds alternate with
rounds in which other entities change their state, so that a slow minute of the machine
meets all sides. The home keeps its journal on disk, as in life.
"""

import argparse
import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
import gc
import itertools
import json
from pathlib import Path
import random
import shutil
import socket
import statistics
import sys
from tempfile import TemporaryDirectory
import time
from types import MappingProxyType
from typing import Final
from uuid import uuid4

from homeassistant import bootstrap, runner
from homeassistant.config_entries import (
    SOURCE_USER,
    ConfigEntry,
    ConfigEntryState,
    ConfigSubentryData,
)
from homeassistant.core import (
    Event,
    EventStateChangedData,
    HomeAssistant,
    ServiceCall,
    callback,
)
from homeassistant.helpers.event import async_track_state_change_event

REPOSITORY: Final = Path(__file__).parent.parent
sys.path.insert(0, str(REPOSITORY))

from custom_components.zhian.home import Home  # noqa: E402
from custom_components.zhian.link.signatures import Key  # noqa: E402
from custom_components.zhian.safety.signals import ResetRequested  # noqa: E402
from demo.seed import seed  # noqa: E402

BARE, OURS, YAML, BLUEPRINT = "bare", "ours", "yaml", "blueprint"
CASES: Final = (BARE, OURS, YAML, BLUEPRINT)
IDLE, LOADED = "idle", "loaded"

P50_TO_BARE: Final = 1.5
P99_TO_BARE: Final = 2.0
P50_TO_YAML: Final = 1 / 2.5
P50_LOADED_TO_IDLE: Final = 1.25
LONGEST_TURN_MS: Final = 5.0

ROUNDS: Final = 10
WARM_UP: Final = 20
OTHERS: Final = 1000
BURST_EVERY: Final = 0.01
PATIENCE: Final = 10.0

CONFIGURATION: Final = """\
homeassistant:
  time_zone: Asia/Shanghai
  country: CN
  unit_system: metric
logger:
  default: error
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


async def boot(folder: Path) -> HomeAssistant:
    """Start Home Assistant from a folder that is seeded."""
    (folder / "configuration.yaml").write_text(CONFIGURATION)
    (folder / "custom_components").symlink_to(REPOSITORY / "custom_components")
    shutil.copytree(
        REPOSITORY / "blueprints" / "automation", folder / "blueprints" / "automation"
    )
    hass = await bootstrap.async_setup_hass(
        runner.RuntimeConfig(config_dir=str(folder), skip_pip=True)
    )
    if hass is None:
        sys.exit("Home Assistant did not start")
    await hass.async_start()
    return hass


async def add_home(hass: HomeAssistant) -> Home:
    """Set our home up with one detector and one valve."""
    entry: ConfigEntry[Home] = ConfigEntry(
        data={
            "role": "home",
            "home_id": str(uuid4()),
            "name": "Home",
            "gas": "natural_gas",
            "lel": 4.4,
            "address": None,
            "private_key": Key.generate().private,
            "station": None,
        },
        discovery_keys=MappingProxyType({}),
        domain="zhian",
        minor_version=1,
        options={},
        source=SOURCE_USER,
        subentries_data=[
            _subentry(
                "detector",
                {"entity_id": detector(OURS), "hazard": "gas", "name": "Kitchen"},
            ),
            _subentry(
                "actuator",
                {"entity_id": valve(OURS), "role": "gas_valve", "name": "Supply"},
            ),
        ],
        title="Home",
        unique_id="home",
        version=1,
    )
    await hass.config_entries.async_add(entry)
    await hass.async_block_till_done()
    if entry.state is not ConfigEntryState.LOADED:
        sys.exit("the home did not start")
    return entry.runtime_data


def _subentry(kind: str, data: Mapping[str, object]) -> ConfigSubentryData:
    return ConfigSubentryData(
        data=dict(data), subentry_type=kind, title=str(data["name"]), unique_id=None
    )


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

    async def round(self, trials: int) -> dict[str, list[float]]:
        """Let the cases take turns."""
        waits: dict[str, list[float]] = {case: [] for case in CASES}
        for _ in range(trials):
            for case in random.sample(CASES, len(CASES)):
                waits[case].append(await self.trial(case))
        # Nobody reads them here, and they would pile up as in no home.
        await self._hass.services.async_call(
            "persistent_notification", "dismiss_all", blocking=True
        )
        return waits


async def change_others(hass: HomeAssistant, rate: int) -> None:
    """Let other entities change their state, so many a second in all."""
    numbers = itertools.count()
    due = time.perf_counter()
    owed = 0.0
    while True:
        owed += rate * BURST_EVERY
        while owed >= 1:
            number = next(numbers)
            hass.states.async_set(f"sensor.other_{number % OTHERS}", str(number))
            owed -= 1
        due = max(due + BURST_EVERY, time.perf_counter())
        await asyncio.sleep(due - time.perf_counter())


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


def points(values: list[float]) -> dict[str, float]:
    """Return the usual points of a distribution."""
    cuts = statistics.quantiles(values, n=100, method="inclusive")
    return {
        "p50": round(cuts[49], 3),
        "p99": round(cuts[98], 3),
        "max": round(max(values), 3),
    }


async def measure(folder: Path, trials: int, rate: int) -> dict[str, object]:
    """Return everything that was measured, held against the budgets."""
    hass = await boot(folder)
    try:
        for case in CASES:
            hass.states.async_set(detector(case), "off")
            hass.states.async_set(valve(case), "open")
        for number in range(OTHERS):
            hass.states.async_set(f"sensor.other_{number}", "0")
        bench = Trials(hass, await add_home(hass))
        await bench.round(WARM_UP)
        waits = {mode: {case: [] for case in CASES} for mode in (IDLE, LOADED)}
        pauses = Pauses()
        with pauses.watch():
            for _ in range(ROUNDS):
                for mode in (IDLE, LOADED):
                    load = (
                        hass.async_create_background_task(
                            change_others(hass, rate), "load"
                        )
                        if mode == LOADED
                        else None
                    )
                    measured = await bench.round(max(trials // ROUNDS, 1))
                    if load is not None:
                        load.cancel()
                    for case in CASES:
                        waits[mode][case] += measured[case]
        turns = await alarm_turns(bench, max(trials // ROUNDS, 2))
    finally:
        await hass.async_stop()
    figures = {
        mode: {case: points(waits[mode][case]) for case in CASES} for mode in waits
    }
    idle, loaded = figures[IDLE], figures[LOADED]
    turn = {by: points(values) for by, values in turns.items()}
    budgets = [
        ("p50 to bare", idle[OURS]["p50"] / idle[BARE]["p50"], P50_TO_BARE),
        ("p99 to bare", idle[OURS]["p99"] / idle[BARE]["p99"], P99_TO_BARE),
        ("p50 to yaml", idle[OURS]["p50"] / idle[YAML]["p50"], P50_TO_YAML),
        (
            "p50 loaded to idle",
            loaded[OURS]["p50"] / idle[OURS]["p50"],
            P50_LOADED_TO_IDLE,
        ),
        ("longest turn in an alarm, ms, p50", turn["clock"]["p50"], LONGEST_TURN_MS),
        (
            "longest turn in an alarm, processor ms, p99",
            turn["processor"]["p99"],
            LONGEST_TURN_MS,
        ),
    ]
    return {
        "benchmark": "gas_to_valve",
        "trials": trials,
        "load": rate,
        "microseconds": figures,
        "longest_turn_ms": turn,
        "longest_collection_ms": round(pauses.longest_ms, 1),
        "budgets": [
            {
                "what": what,
                "measured": round(measured, 3),
                "at_most": at_most,
                "ok": measured <= at_most,
            }
            for what, measured, at_most in budgets
        ],
        "ok": all(measured <= at_most for _, measured, at_most in budgets),
    }


def show(result: Mapping[str, object]) -> None:
    """Print for people."""
    figures = result["microseconds"]
    print(f"gas alarm to valve service, us, {result['trials']} trials each")
    print(f"{'':12}{'p50':>9}{'p99':>9}{'max':>10}{'p50 x':>8}{'p99 x':>8}")
    for mode, cases in figures.items():
        print(f"{mode}" + (f", {result['load']}/s" if mode == LOADED else ""))
        for case, at in cases.items():
            ratios = [at[point] / cases[BARE][point] for point in ("p50", "p99")]
            print(
                f"  {case:10}{at['p50']:9.0f}{at['p99']:9.0f}{at['max']:10.0f}"
                f"{ratios[0]:8.2f}{ratios[1]:8.2f}"
            )
    print(
        f"longest turn of the loop in an alarm, ms: {result['longest_turn_ms']};"
        f" longest garbage collection, ms: {result['longest_collection_ms']}"
    )
    for budget in result["budgets"]:
        verdict = "ok" if budget["ok"] else "OVER"
        print(
            f"  {budget['what']}: {budget['measured']}"
            f" (at most {budget['at_most']}) {verdict}"
        )


def free_port() -> int:
    """Return a port of this machine that nobody uses."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def main() -> int:
    """Print the figures; 0 if all are within their budgets."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--trials", type=int, default=1000, help="of each case, idle and loaded"
    )
    parser.add_argument(
        "--load", type=int, default=2000, help="changes of other entities a second"
    )
    parser.add_argument("--folder", type=Path, help="on the disk to measure")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with TemporaryDirectory(dir=options.folder) as name:
        folder = Path(name)
        for work in (
            seed(folder, free_port(), "owner", uuid4().hex),
            measure(folder, options.trials, options.load),
        ):
            result = asyncio.run(work, loop_factory=runner.create_event_loop)
    if options.json:
        print(json.dumps(result))
    else:
        show(result)
    return 0 if result["ok"] else 1


if __name__ == "__main__":
    sys.exit(main())
