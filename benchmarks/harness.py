"""What the benchmarks share: a Home Assistant in this process, figures, verdicts."""

import argparse
import asyncio
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import contextmanager
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
from typing import Any, Final, Self
from uuid import uuid4

from homeassistant import bootstrap, runner
from homeassistant.config_entries import (
    SOURCE_USER,
    ConfigEntry,
    ConfigEntryState,
    ConfigSubentryData,
)
from homeassistant.core import HomeAssistant

from aiohttp import web

REPOSITORY: Final = Path(__file__).parent.parent
sys.path.insert(0, str(REPOSITORY))

from custom_components.zhian.home import Home  # noqa: E402
from custom_components.zhian.link.signatures import (  # noqa: E402
    Key,
    NonceStore,
    PublicKey,
    parse,
    split_target,
    verify,
)
from demo.seed import seed  # noqa: E402

IDLE, LOADED = "idle", "loaded"
ROUNDS: Final = 10
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
"""

type Part = tuple[str, Mapping[str, object]]
"""The kind of a subentry, and its data."""

type Waits = dict[str, list[float]]
"""What was measured, by case."""

type Budget = tuple[str, float, float]
"""What was measured, how much it is, and how much it may be."""


class OtherProcess:
    """Another process of the benchmark: it answers each line with one of JSON."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        """Take its pipes."""
        self._process = process

    @classmethod
    async def start(cls, program: str, *arguments: str | Path) -> Self:
        """Start a program of Python."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, program, *arguments),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=1 << 24,
        )
        return cls(process)

    async def tell(self, line: str) -> dict[str, Any]:
        """Say a line and return the answer."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(line.encode() + b"\n")
        answer = await self._process.stdout.readline()
        if not answer:
            sys.exit("the other process has failed")
        read: dict[str, Any] = json.loads(answer)
        return read

    async def stop(self) -> None:
        """End it."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        await self._process.wait()


async def checked(
    request: web.Request, key_of: Callable[[str], PublicKey], nonces: NonceStore
) -> bytes:
    """Return the body of a request that is signed, by the same check as a station's."""
    signed = parse(request.headers)
    body = await request.read()
    path, query = split_target(request.raw_path)
    verify(
        signed,
        key_of(signed.keyid),
        method=request.method,
        authority=request.host,
        path=path,
        query=query,
        body=body,
        now=time.time(),
        nonces=nonces,
    )
    return body


async def boot(folder: Path, configuration: str = "") -> HomeAssistant:
    """Start Home Assistant from a folder that is seeded, with 1,000 other entities."""
    (folder / "configuration.yaml").write_text(CONFIGURATION + configuration)
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
    for number in range(OTHERS):
        hass.states.async_set(f"sensor.other_{number}", "0")
    return hass


async def add_home(
    hass: HomeAssistant,
    parts: Sequence[Part],
    station: Mapping[str, object] | None = None,
    key: Key | None = None,
) -> Home:
    """Set a home of ours up, with the key that its station knows."""
    entry: ConfigEntry[Home] = ConfigEntry(
        data={
            "role": "home",
            "home_id": str(uuid4()),
            "name": "Home",
            "gas": "natural_gas",
            "lel": 4.4,
            "address": None,
            "private_key": (key or Key.generate()).private,
            "station": station,
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
            for kind, data in parts
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


async def take_turns(
    hass: HomeAssistant,
    cases: Sequence[str],
    trial: Callable[[str], Coroutine[None, None, float]],
    trials: int,
) -> Waits:
    """Let the cases take turns, in an order that changes."""
    waits: Waits = {case: [] for case in cases}
    for _ in range(trials):
        for case in random.sample(cases, len(cases)):
            waits[case].append(await trial(case))
    # Nobody reads them here, and they would pile up as in no home.
    await hass.services.async_call(
        "persistent_notification", "dismiss_all", blocking=True
    )
    return waits


async def idle_and_loaded(
    hass: HomeAssistant,
    cases: Sequence[str],
    trial: Callable[[str], Coroutine[None, None, float]],
    trials: int,
    rate: int,
) -> dict[str, Waits]:
    """Alternate idle rounds with rounds in which other entities change their state."""
    waits: dict[str, Waits] = {
        mode: {case: [] for case in cases} for mode in (IDLE, LOADED)
    }
    for _ in range(ROUNDS):
        for mode, measured in waits.items():
            with _load(hass, rate if mode == LOADED else 0):
                found = await take_turns(hass, cases, trial, max(trials // ROUNDS, 1))
            for case in cases:
                measured[case] += found[case]
    return waits


@contextmanager
def _load(hass: HomeAssistant, rate: int) -> Iterator[None]:
    if not rate:
        yield
        return
    load = hass.async_create_background_task(_change_others(hass, rate), "load")
    try:
        yield
    finally:
        load.cancel()


async def _change_others(hass: HomeAssistant, rate: int) -> None:
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


def points(values: Sequence[float]) -> dict[str, float]:
    """Return the usual points of a distribution."""
    cuts = statistics.quantiles(values, n=100, method="inclusive")
    return {
        "p50": round(cuts[49], 3),
        "p99": round(cuts[98], 3),
        "max": round(max(values), 3),
    }


def figures_of(waits: Mapping[str, Waits]) -> dict[str, dict[str, dict[str, float]]]:
    """Return the points of everything that was measured, by mode and case."""
    return {
        mode: {case: points(values) for case, values in cases.items()}
        for mode, cases in waits.items()
    }


def verdict(budgets: Sequence[Budget]) -> dict[str, object]:
    """Return the part of a result that holds figures against their budgets."""
    return {
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


def verdict_at_least(budgets: Sequence[Budget]) -> dict[str, object]:
    """Return the same where more is better."""
    return {
        "budgets": [
            {
                "what": what,
                "measured": round(measured, 3),
                "at_least": round(at_least, 3),
                "ok": measured >= at_least,
            }
            for what, measured, at_least in budgets
        ],
        "ok": all(measured >= at_least for _, measured, at_least in budgets),
    }


def show_figures(
    figures: Mapping[str, Mapping[str, Mapping[str, float]]], bare: str, digits: int
) -> None:
    """Print a table of the cases, each with its ratios to the bare one."""
    print(f"{'':12}{'p50':>9}{'p99':>9}{'max':>10}{'p50 x':>8}{'p99 x':>8}")
    for mode, cases in figures.items():
        print(mode)
        for case, at in cases.items():
            ratios = [at[point] / cases[bare][point] for point in ("p50", "p99")]
            print(
                f"  {case:10}{at['p50']:9.{digits}f}{at['p99']:9.{digits}f}"
                f"{at['max']:10.{digits}f}{ratios[0]:8.2f}{ratios[1]:8.2f}"
            )


def show_budgets(budgets: Sequence[Mapping[str, object]]) -> None:
    """Print what is within its budget and what is not."""
    for budget in budgets:
        said = "ok" if budget["ok"] else "OVER"
        limit = next(k for k in ("at_most", "at_least") if k in budget)
        print(
            f"  {budget['what']}: {budget['measured']}"
            f" ({limit.replace('_', ' ')} {budget[limit]}) {said}"
        )


def free_port() -> int:
    """Return a port of this machine that nobody uses."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def run(
    about: str,
    measure: Callable[[Path, int, int], Coroutine[None, None, dict[str, object]]],
    show: Callable[[dict[str, object]], None],
    trials: int,
) -> int:
    """Measure as the command line says and print it; 0 if all budgets are kept."""
    parser = argparse.ArgumentParser(description=about.splitlines()[0])
    parser.add_argument(
        "--trials", type=int, default=trials, help="of each case, idle and loaded"
    )
    parser.add_argument(
        "--load", type=int, default=2000, help="changes of other entities a second"
    )
    parser.add_argument("--folder", type=Path, help="on the disk to measure")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with TemporaryDirectory(dir=options.folder) as name:
        folder = Path(name)
        seeding = seed(folder, free_port(), "owner", uuid4().hex)
        asyncio.run(seeding, loop_factory=runner.create_event_loop)
        result = asyncio.run(
            measure(folder, options.trials, options.load),
            loop_factory=runner.create_event_loop,
        )
    if options.json:
        print(json.dumps(result))
    else:
        show(result)
    return 0 if result["ok"] else 1
