"""How soon an alarm is on disk, beside the bare chain of the same libraries.

One Home Assistant, in this process, with a home as people have it: two gas detectors,
valves, a window, a siren, three contacts, a station. A trial sets a detector to `on` and
reads the clock in the database's thread, when the commit that holds the incident has
returned: from then on neither `kill -9` nor a power cut takes it away.

The bare chain is the limit. It does with the same libraries what has to be done, and
nothing else: a state-change callback spells the same entries with orjson, ties each to
the one before with SHA-256, and hands them to a thread, which writes them and what the
station is to get with SQLAlchemy Core into the same tables, as durably (WAL,
synchronous=FULL). It decides nothing and moves nothing. `sqlite3` is the floor under it, for information: rows that are ready to bind,
in three statements of the driver.

All take turns, and idle rounds alternate with rounds in which other entities change
their state. When the first person is told is measured, too: that may follow the disk,
but for a moment only.
"""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
import random
import sys
import time
from typing import Final
from uuid import uuid4, uuid7

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
    PATIENCE,
    add_home,
    boot,
    figures_of,
    free_port,
    idle_and_loaded,
    points,
    run,
    show_budgets,
    show_figures,
    take_turns,
    verdict,
)
from limits import BareChain, Chain, Floor, entries_of

from custom_components.zhian.home import Home
from custom_components.zhian.safety.signals import ResetRequested
from custom_components.zhian.store.canonical import canonical, instant
from custom_components.zhian.store.database import Database
from custom_components.zhian.store.journal import Journal, Record
from custom_components.zhian.store.worker import Worker

FLOOR, BARE, OURS = "sqlite3", "bare", "ours"
CASES: Final = (FLOOR, BARE, OURS)

P50_TO_BARE: Final = 1.5
AT_MOST_MS: Final = 10.0
"""An incident older than this is never lost."""

WARM_UP: Final = 20

DETECTOR: Final = "binary_sensor.kitchen_gas"
LEVEL: Final = "sensor.kitchen_gas"
DETECTORS: Final[Mapping[str, str]] = {
    FLOOR: "binary_sensor.floor",
    BARE: "binary_sensor.bare",
    OURS: DETECTOR,
}
PEOPLE: Final = ("anna", "ben", "chen")
DEVICES: Final[Mapping[str, str]] = {
    "valve.gas": "open",
    "valve.water": "open",
    "cover.window": "closed",
    "siren.hall": "off",
}

PARTS: Final = (
    ("detector", {"entity_id": DETECTOR, "hazard": "gas", "name": "Kitchen"}),
    (
        "detector",
        {"entity_id": LEVEL, "hazard": "gas", "name": "Level", "unit": "%LEL"},
    ),
    ("actuator", {"entity_id": "valve.gas", "role": "gas_valve", "name": "Gas"}),
    ("actuator", {"entity_id": "valve.water", "role": "water_valve", "name": "Water"}),
    (
        "actuator",
        {
            "entity_id": "cover.window",
            "role": "window",
            "name": "Window",
            "ignition_safe": True,
            "open_on_gas": True,
        },
    ),
    (
        "actuator",
        {
            "entity_id": "siren.hall",
            "role": "siren",
            "name": "Siren",
            "ignition_safe": True,
        },
    ),
    *(
        ("contact", {"name": name.title(), "target": f"notify.{name}"})
        for name in PEOPLE
    ),
)


class Trials:
    """The home, the bare chain, and what was measured."""

    def __init__(self, hass: HomeAssistant, home: Home) -> None:
        """Play the devices and the phones."""
        self._hass = hass
        self._home = home
        self._loop = hass.loop
        self._on_disk: asyncio.Future[int]
        self._told: asyncio.Future[int]
        self._expected = ""
        self._written: Sequence[Record] = ()
        self.records: Sequence[Record] = ()
        """What the first commit of an incident writes."""
        self.chains: dict[str, Chain] = {}
        self.told: list[float] = []
        for service in ("close_valve", "open_valve"):
            hass.services.async_register("valve", service, self._obey)
        hass.services.async_register("cover", "open_cover", self._obey)
        hass.services.async_register("siren", "turn_on", self._obey)
        for name in PEOPLE:
            hass.services.async_register("notify", name, self._notify)
        async_track_state_change_event(hass, [DETECTORS[BARE]], self._on_bare)
        async_track_state_change_event(hass, [DETECTORS[FLOOR]], self._on_floor)

    async def _obey(self, call: ServiceCall) -> None:
        """Send nothing anywhere: the radio is no part of this."""

    async def _notify(self, call: ServiceCall) -> None:
        if not self._told.done():
            self._told.set_result(time.perf_counter_ns())

    def know(self, records: Sequence[Record]) -> None:
        """Let the other chains write what ours has written."""
        self.records = records
        self._facts = [(r.at, r.kind, dict(r.body)) for r in records]
        self._rows = [
            (
                r.seq,
                instant(r.at),
                r.kind,
                canonical(r.body).decode(),
                r.previous,
                r.hash,
            )
            for r in records
        ]

    @callback
    def _on_bare(self, event: Event[EventStateChangedData]) -> None:
        new = event.data["new_state"]
        if new is not None and new.state == "on":
            self.write_bare(entries_of(self._facts))

    def write_bare(self, rows: list[dict[str, object]]) -> None:
        """Hand the rows of an incident to the bare chain."""
        self.chains[BARE].append(rows)

    @callback
    def _on_floor(self, event: Event[EventStateChangedData]) -> None:
        new = event.data["new_state"]
        if new is not None and new.state == "on":
            incident = str(uuid7())
            self.chains[FLOOR].append([(incident, *row) for row in self._rows])

    @contextmanager
    def watch(self) -> Iterator[None]:
        """See each commit in the database's own thread, and what it writes."""
        note_written, append = Worker._note_written, Journal.append  # noqa: SLF001
        path = self._home.database.path if self._home.database else None

        def noted(worker: Worker) -> None:
            if worker._path == path:  # noqa: SLF001
                self.committed(OURS)
            note_written(worker)

        def appended(
            journal: Journal, records: Sequence[Record], receivers: Sequence[str] = ()
        ) -> asyncio.Future[None]:
            if not self._written:
                self._written = records
            return append(journal, records, receivers)

        Worker._note_written = noted  # type: ignore[method-assign]  # noqa: SLF001
        Journal.append = appended  # type: ignore[method-assign]
        try:
            yield
        finally:
            Worker._note_written = note_written  # type: ignore[method-assign]  # noqa: SLF001
            Journal.append = append  # type: ignore[method-assign]

    def committed(self, case: str) -> None:
        """Note in the database's thread that a commit has returned."""
        now = time.perf_counter_ns()
        if case == self._expected:
            self._expected = ""
            self._loop.call_soon_threadsafe(self._on_disk.set_result, now)

    async def trial(self, case: str) -> float:
        """Raise one alarm; return the milliseconds until it is on disk."""
        await asyncio.sleep(random.uniform(0.002, 0.006))
        detector = DETECTORS[case]
        self._on_disk, self._told = (self._loop.create_future() for _ in range(2))
        self._expected, self._written = case, ()
        begin = time.perf_counter_ns()
        self._hass.states.async_set(detector, "on")
        async with asyncio.timeout(PATIENCE):
            on_disk = await self._on_disk
            if case == OURS:
                self.told.append((await self._told - begin) / 1e6)
        if case == OURS:
            await self._end_incident()
            if not self.records:
                self.know(self._written)
        self._hass.states.async_set(detector, "off")
        return (on_disk - begin) / 1e6

    async def _end_incident(self) -> None:
        """Let all that follows happen, then a person on site resets."""
        await asyncio.sleep(0.02)
        guard, timelines = self._home.guard, self._home.guard.timelines
        self._hass.states.async_set(DETECTOR, "off")
        await asyncio.sleep(0)
        guard.handle(ResetRequested("benchmark", local=True, at=guard.clock.now()))
        if guard.state.incidents:
            sys.exit("the incident did not end")
        for timeline in timelines.owed():
            timelines.mark_received(timeline.incident.id, timeline.wanted, None)
        await asyncio.sleep(0.02)


async def measure(folder: Path, trials: int, rate: int) -> dict[str, object]:
    """Return everything that was measured, held against the budgets."""
    hass = await boot(folder)
    bench: Trials | None = None
    try:
        hass.states.async_set(LEVEL, "0")
        for detector in DETECTORS.values():
            hass.states.async_set(detector, "off")
        for device, state in DEVICES.items():
            hass.states.async_set(device, state)
        # Enrolled at a station that does not answer.
        station = {
            "url": f"http://127.0.0.1:{free_port()}",
            "allow_http": True,
            "household": str(uuid4()),
            "community": "Community",
            "station": "Station",
        }
        bench = Trials(hass, await add_home(hass, PARTS, station))
        for case, chain in ((FLOOR, Floor), (BARE, BareChain)):
            path = folder / f"{case}.db"
            tables = Database(path)
            await tables.open()
            await tables.close()
            bench.chains[case] = chain(path, partial(bench.committed, case))
        with bench.watch():
            await bench.trial(OURS)
            await take_turns(hass, CASES, bench.trial, WARM_UP)
            bench.told.clear()
            waits = await idle_and_loaded(hass, CASES, bench.trial, trials, rate)
    finally:
        for chain in bench.chains.values() if bench else ():
            chain.close()
        await hass.async_stop()
    figures = figures_of(waits)
    idle = figures[IDLE]
    return {
        "benchmark": "alarm_to_disk",
        "trials": trials,
        "load": rate,
        "rows": len(bench.records),
        "milliseconds": figures,
        "told_ms": points(bench.told),
        "later_than_10_ms": {
            mode: {
                case: round(sum(w > AT_MOST_MS for w in of) / len(of), 4)
                for case, of in cases.items()
            }
            for mode, cases in waits.items()
        },
        **verdict(
            (
                ("p50 to bare", idle[OURS]["p50"] / idle[BARE]["p50"], P50_TO_BARE),
                (
                    "p99, ms",
                    idle[OURS]["p99"],
                    max(AT_MOST_MS, P50_TO_BARE * idle[BARE]["p99"]),
                ),
            )
        ),
    }


def show(result: Mapping[str, object]) -> None:
    """Print for people."""
    print(
        f"alarm to disk, ms, {result['trials']} trials each, {result['rows']} rows,"
        f" loaded: {result['load']} changes/s"
    )
    show_figures(result["milliseconds"], BARE, 2)
    print(f"later than 10 ms: {result['later_than_10_ms']}")
    print(f"first person told, ms: {result['told_ms']}")
    show_budgets(result["budgets"])


if __name__ == "__main__":
    sys.exit(run(__doc__, measure, show, 300))
