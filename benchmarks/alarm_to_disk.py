"""How soon an alarm is on disk, beside the bare chain of the same libraries.

One Home Assistant, in this process, with a home as people have it: two gas detectors,
valves, a window, a siren, three contacts, a station. A trial sets the detector to `on`
and reads the clock in the database's thread, when the commit that holds the incident has
returned: from then on neither `kill -9` nor a power cut takes it away. The bare chain is
the limit: a state-change callback that hands the same rows, ready to bind, to a thread
which writes them with sqlite3 as durably (WAL, synchronous=FULL) and notes what the
station is to get. Both take turns, and idle rounds alternate with rounds in which other
entities change their state. When the first person is told is measured, too: that may
follow the disk, but for a moment only.
"""

import argparse
import asyncio
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
import json
from pathlib import Path
from queue import SimpleQueue
import random
import sqlite3
import sys
from tempfile import TemporaryDirectory
from threading import Thread
import time
from types import MappingProxyType
from typing import Final
from uuid import uuid4, uuid7

from homeassistant import runner
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

from gas_to_valve import OTHERS, boot, change_others, free_port, points

from custom_components.zhian.home import Home
from custom_components.zhian.link.signatures import Key
from custom_components.zhian.safety.signals import ResetRequested
from custom_components.zhian.store.canonical import instant
from custom_components.zhian.store.database import Database
from custom_components.zhian.store.journal import Journal, Record
from custom_components.zhian.store.worker import CHECKPOINT_PAGES, Worker
from demo.seed import seed

BARE, OURS = "bare", "ours"
CASES: Final = (BARE, OURS)
IDLE, LOADED = "idle", "loaded"

P50_TO_BARE: Final = 1.5
AT_MOST_MS: Final = 10.0
"""An incident older than this is never lost."""

ROUNDS: Final = 10
WARM_UP: Final = 20
PATIENCE: Final = 10.0

DETECTOR: Final = "binary_sensor.kitchen_gas"
LEVEL: Final = "sensor.kitchen_gas"
BARE_DETECTOR: Final = "binary_sensor.bare"
PEOPLE: Final = ("anna", "ben", "chen")
DEVICES: Final[Mapping[str, str]] = {
    "valve.gas": "open",
    "valve.water": "open",
    "cover.window": "closed",
    "siren.hall": "off",
}

SUBENTRIES: Final = (
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


async def add_home(hass: HomeAssistant) -> Home:
    """Set our home up, enrolled at a station that does not answer."""
    entry: ConfigEntry[Home] = ConfigEntry(
        data={
            "role": "home",
            "home_id": str(uuid4()),
            "name": "Home",
            "gas": "natural_gas",
            "lel": 4.4,
            "address": None,
            "private_key": Key.generate().private,
            "station": {
                "url": f"http://127.0.0.1:{free_port()}",
                "allow_http": True,
                "household": str(uuid4()),
                "community": "Community",
                "station": "Station",
            },
        },
        discovery_keys=MappingProxyType({}),
        domain="zhian",
        minor_version=1,
        options={},
        source=SOURCE_USER,
        subentries_data=[
            ConfigSubentryData(
                data=dict(data),
                subentry_type=kind,
                title=str(data["name"]),
                unique_id=None,
            )
            for kind, data in SUBENTRIES
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


class BareChain:
    """A thread, a queue and sqlite3, with our tables and as durable."""

    INSERT = "INSERT INTO journal VALUES (?, ?, ?, ?, ?, ?, ?)"
    WANT = (
        "INSERT INTO outbox (receiver, incident, wanted, received, abandoned)"
        " VALUES ('station', ?, ?, 0, 0) ON CONFLICT (receiver, incident)"
        " DO UPDATE SET wanted = excluded.wanted"
    )

    def __init__(self, path: Path, trials: Trials) -> None:
        """Start."""
        self._queue: SimpleQueue[list[tuple[object, ...]] | None] = SimpleQueue()
        self._trials = trials
        self._thread = Thread(target=self._run, args=(path,))
        self._thread.start()

    def append(self, rows: list[tuple[object, ...]]) -> None:
        """Hand rows in."""
        self._queue.put(rows)

    def close(self) -> None:
        """Write what was handed in and end."""
        self._queue.put(None)
        self._thread.join()

    def _run(self, path: Path) -> None:
        connection = sqlite3.connect(path, isolation_level=None)
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA wal_autocheckpoint = 0")
        commits = 0
        while (rows := self._queue.get()) is not None:
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany(self.INSERT, rows)
            connection.execute(self.WANT, (rows[-1][0], rows[-1][1]))
            connection.execute("COMMIT")
            self._trials.committed(BARE)
            commits += 1
            if commits % (CHECKPOINT_PAGES // 5) == 0:
                connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
        connection.close()


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
        self.rows: list[tuple[object, ...]] = []
        """What the first commit of an incident writes."""
        self.bare: BareChain
        self.told: list[float] = []
        for service in ("close_valve", "open_valve"):
            hass.services.async_register("valve", service, self._obey)
        hass.services.async_register("cover", "open_cover", self._obey)
        hass.services.async_register("siren", "turn_on", self._obey)
        for name in PEOPLE:
            hass.services.async_register("notify", name, self._notify)
        async_track_state_change_event(hass, [BARE_DETECTOR], self._on_bare)

    async def _obey(self, call: ServiceCall) -> None:
        """Send nothing anywhere: the radio is no part of this."""

    async def _notify(self, call: ServiceCall) -> None:
        if not self._told.done():
            self._told.set_result(time.perf_counter_ns())

    @callback
    def _on_bare(self, event: Event[EventStateChangedData]) -> None:
        new = event.data["new_state"]
        if new is not None and new.state == "on":
            incident = str(uuid7())
            self.bare.append([(incident, *row[1:]) for row in self.rows])

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
        detector = DETECTOR if case == OURS else BARE_DETECTOR
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
            if not self.rows:
                self.rows = [
                    (r.incident, r.seq, instant(r.at), r.kind, "{}", r.previous, r.hash)
                    for r in self._written
                ]
                for number, record in enumerate(self._written):
                    body = json.dumps(dict(record.body), separators=(",", ":"))
                    self.rows[number] = (
                        *self.rows[number][:4],
                        body,
                        *self.rows[number][5:],
                    )
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

    async def round(self, trials: int) -> dict[str, list[float]]:
        """Let the cases take turns."""
        waits: dict[str, list[float]] = {case: [] for case in CASES}
        for _ in range(trials):
            for case in random.sample(CASES, len(CASES)):
                waits[case].append(await self.trial(case))
        await self._hass.services.async_call(
            "persistent_notification", "dismiss_all", blocking=True
        )
        return waits


async def measure(folder: Path, trials: int, rate: int) -> dict[str, object]:
    """Return everything that was measured, held against the budgets."""
    hass = await boot(folder)
    bare: BareChain | None = None
    try:
        hass.states.async_set(DETECTOR, "off")
        hass.states.async_set(LEVEL, "0")
        hass.states.async_set(BARE_DETECTOR, "off")
        for device, state in DEVICES.items():
            hass.states.async_set(device, state)
        for number in range(OTHERS):
            hass.states.async_set(f"sensor.other_{number}", "0")
        bench = Trials(hass, await add_home(hass))
        tables = Database(folder / "bare.db")
        await tables.open()
        await tables.close()
        bare = bench.bare = BareChain(folder / "bare.db", bench)
        waits = {mode: {case: [] for case in CASES} for mode in (IDLE, LOADED)}
        with bench.watch():
            await bench.trial(OURS)
            await bench.round(WARM_UP)
            bench.told.clear()
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
    finally:
        if bare is not None:
            bare.close()
        await hass.async_stop()
    figures = {
        mode: {case: points(waits[mode][case]) for case in CASES} for mode in waits
    }
    idle = figures[IDLE]
    budgets = [
        ("p50 to bare", idle[OURS]["p50"] / idle[BARE]["p50"], P50_TO_BARE),
        (
            "p99, ms",
            idle[OURS]["p99"],
            max(AT_MOST_MS, P50_TO_BARE * idle[BARE]["p99"]),
        ),
    ]
    return {
        "benchmark": "alarm_to_disk",
        "trials": trials,
        "load": rate,
        "rows": len(bench.rows),
        "milliseconds": figures,
        "told_ms": points(bench.told),
        "later_than_10_ms": {
            mode: {
                case: round(sum(w > AT_MOST_MS for w in of) / len(of), 4)
                for case, of in cases.items()
            }
            for mode, cases in waits.items()
        },
        "budgets": [
            {
                "what": what,
                "measured": round(measured, 3),
                "at_most": round(at_most, 3),
                "ok": measured <= at_most,
            }
            for what, measured, at_most in budgets
        ],
        "ok": all(measured <= at_most for _, measured, at_most in budgets),
    }


def show(result: Mapping[str, object]) -> None:
    """Print for people."""
    print(f"alarm to disk, ms, {result['trials']} trials each, {result['rows']} rows")
    print(
        f"{'':12}{'p50':>9}{'p99':>9}{'max':>10}{'p50 x':>8}{'p99 x':>8}{'>10 ms':>9}"
    )
    for mode, cases in result["milliseconds"].items():
        print(f"{mode}" + (f", {result['load']}/s" if mode == LOADED else ""))
        for case, at in cases.items():
            ratios = [at[point] / cases[BARE][point] for point in ("p50", "p99")]
            late = result["later_than_10_ms"][mode][case]
            print(
                f"  {case:10}{at['p50']:9.2f}{at['p99']:9.2f}{at['max']:10.2f}"
                f"{ratios[0]:8.2f}{ratios[1]:8.2f}{late:9.2%}"
            )
    print(f"first person told, ms: {result['told_ms']}")
    for budget in result["budgets"]:
        verdict = "ok" if budget["ok"] else "OVER"
        print(
            f"  {budget['what']}: {budget['measured']}"
            f" (at most {budget['at_most']}) {verdict}"
        )


def main() -> int:
    """Print the figures; 0 if all are within their budgets."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--trials", type=int, default=300, help="of each case, idle and loaded"
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
