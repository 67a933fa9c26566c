"""How many reports a station takes, beside a plain view with the same signature check.

One Home Assistant, in this process, is a station of many households, each with a key of
its own. The homes are a second process, which has signed its requests before the clock
starts and sends them over HTTP on the loopback interface: each incident in three
documents, the next one when the one before is answered. An answer comes after the
commit.

The plain view is the limit: a Home Assistant view in the same process, which reads the
same requests, checks their signatures and nonces with the same code, reads the JSON and
answers. It looks at nothing of it and writes nothing.

Both take turns, in an order that changes. Throughput is with many connections; how long
one home waits is measured with one connection, too. After each round the desk closes
what has come, and everything that followed from it is let happen. What a round costs
after its last answer is therefore counted by processor time, for information.
"""

import argparse
import asyncio
from collections.abc import Mapping, Sequence
import json
from pathlib import Path
import random
import statistics
import sys
from tempfile import TemporaryDirectory
import time
from types import MappingProxyType
from typing import Any, Final
from uuid import uuid4

from homeassistant import runner
from homeassistant.config_entries import SOURCE_USER, ConfigEntry, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers.http import HomeAssistantView

from aiohttp import web
from harness import (
    OtherProcess,
    boot,
    checked,
    free_port,
    points,
    show_budgets,
    verdict_at_least,
)
import orjson

from custom_components.zhian.link.documents import Home as HomeOnTheWire
from custom_components.zhian.link.messages import EnrolmentRequest
from custom_components.zhian.link.signatures import Key, NonceStore, PublicKey
from custom_components.zhian.station import Station
from custom_components.zhian.station.api import API
from custom_components.zhian.station.desk import Disposition
from demo.seed import seed

BARE, OURS = "view", "ours"
PATHS: Final[Mapping[str, str]] = {BARE: "/bench/", OURS: f"{API}/incidents/"}
TO_VIEW: Final = 0.6

HOUSEHOLDS: Final = 500
CONNECTIONS: Final = 64
ALONE: Final = 1
WARM_UP: Final = 100


class PlainView(HomeAssistantView):
    """The same signature check, and nothing behind it."""

    requires_auth = False
    cors_allowed = False
    url = "/bench/{incident}"
    name = "bench"

    def __init__(self, station: Station) -> None:
        """Have nonces of its own."""
        self._registry = station.registry
        self._nonces = NonceStore()

    def _key_of(self, keyid: str) -> PublicKey:
        household = self._registry.get(keyid)
        assert household is not None
        return household.key

    async def put(self, request: web.Request, incident: str) -> web.StreamResponse:
        """Check and answer."""
        body = await checked(request, self._key_of, self._nonces)
        document = orjson.loads(body)
        return self.json(
            {
                "status": "accepted",
                "number": "2026-000001",
                "revision": document["revision"],
            }
        )


class Homes(OtherProcess):
    """The other process."""

    async def order(self, **order: object) -> dict[str, Any]:
        """Give an order and return the answer."""
        return await self.tell(json.dumps(order))


async def start_homes(port: int, keys: Mapping[str, Key]) -> Homes:
    """Start the homes with the keys of the households."""
    homes = await Homes.start(str(Path(__file__).parent / "homes.py"))
    await homes.order(
        port=port, homes=[[id_, key.private] for id_, key in keys.items()]
    )
    return homes


async def add_station(hass: HomeAssistant) -> Station:
    """Set a station of ours up."""
    entry: ConfigEntry[Station] = ConfigEntry(
        data={
            "role": "station",
            "name": "Riverside police station",
            "community": "Riverside",
            "latitude": 30.84,
            "longitude": 120.92,
            "heartbeat_seconds": 60,
        },
        discovery_keys=MappingProxyType({}),
        domain="zhian",
        minor_version=1,
        options={},
        source=SOURCE_USER,
        subentries_data=[],
        title="Station",
        unique_id="station",
        version=1,
    )
    await hass.config_entries.async_add(entry)
    await hass.async_block_till_done()
    if entry.state is not ConfigEntryState.LOADED:
        sys.exit("the station did not start")
    return entry.runtime_data


async def enrol(station: Station, count: int) -> dict[str, Key]:
    """Enrol so many households; return the key of each."""
    keys = {}
    for number in range(count):
        code = await station.pair()
        key = Key.generate()
        household = await station.registry.enrol(
            EnrolmentRequest(
                code=code.text,
                public_key=key.public,
                home=HomeOnTheWire(
                    name=f"Flat {number}", latitude=30.84, longitude=120.92
                ),
            ),
            "127.0.0.1",
        )
        keys[household.id] = key
    return keys


async def clear(hass: HomeAssistant, station: Station) -> None:
    """Let all that follows happen, and the desk close what has come."""
    for case in station.cases.open:
        await station.close(case.incident, None, Disposition.RESOLVED)
    await hass.async_block_till_done()


class Rounds:
    """What was measured, by case."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.per_second: dict[str, list[float]] = {BARE: [], OURS: []}
        self.processor_ms: dict[str, list[float]] = {BARE: [], OURS: []}
        self.waits: dict[str, list[float]] = {BARE: [], OURS: []}
        self.alone: dict[str, list[float]] = {BARE: [], OURS: []}


async def measure(
    folder: Path, port: int, incidents: int, rounds: int
) -> dict[str, object]:
    """Return everything that was measured, held against the budget."""
    hass = await boot(folder)
    homes = None
    try:
        station = await add_station(hass)
        hass.http.register_view(PlainView(station))
        homes = await start_homes(port, await enrol(station, HOUSEHOLDS))
        found = Rounds()
        for case in PATHS:
            await homes.order(
                path=PATHS[case], incidents=WARM_UP, connections=CONNECTIONS
            )
            await clear(hass, station)
        for _ in range(rounds):
            for case in random.sample(list(PATHS), len(PATHS)):
                await one_round(hass, station, homes, case, incidents, found)
    finally:
        if homes is not None:
            await homes.stop()
        await hass.async_stop()
    return result_of(found, incidents, rounds)


async def one_round(
    hass: HomeAssistant,
    station: Station,
    homes: Homes,
    case: str,
    incidents: int,
    found: Rounds,
) -> None:
    """Let one side take so many incidents, with many connections and with one."""
    for connections, share in ((CONNECTIONS, 1), (ALONE, 10)):
        busy = time.process_time()
        answer = await homes.order(
            path=PATHS[case],
            incidents=max(incidents // share, 1),
            connections=connections,
        )
        waits: list[float] = answer["waits"]
        if connections == ALONE:
            found.alone[case] += waits
        else:
            await hass.async_block_till_done()
            busy = (time.process_time() - busy) * 1000
            found.processor_ms[case].append(busy / len(waits))
            found.per_second[case].append(len(waits) / answer["seconds"])
            found.waits[case] += waits
        await clear(hass, station)


def result_of(found: Rounds, incidents: int, rounds: int) -> dict[str, object]:
    """Hold what was found against the budget."""
    rates = {case: statistics.median(at) for case, at in found.per_second.items()}
    return {
        "benchmark": "station_intake",
        "households": HOUSEHOLDS,
        "connections": CONNECTIONS,
        "incidents": incidents,
        "rounds": rounds,
        "per_second": {
            case: {
                "median": round(rates[case], 1),
                "least": round(min(at), 1),
                "most": round(max(at), 1),
            }
            for case, at in found.per_second.items()
        },
        "processor_ms": {
            case: round(statistics.median(at), 3)
            for case, at in found.processor_ms.items()
        },
        "answer_ms": {case: points(at) for case, at in found.waits.items()},
        "answer_alone_ms": {case: points(at) for case, at in found.alone.items()},
        **verdict_at_least(
            (("reports a second, to the view", rates[OURS] / rates[BARE], TO_VIEW),)
        ),
    }


def show(result: Mapping[str, Any]) -> None:
    """Print for people."""
    print(
        f"station intake, {result['households']} households,"
        f" {result['connections']} connections, {result['rounds']} rounds"
    )
    print(f"{'':8}{'a second':>10}{'CPU ms':>9}{'p50 ms':>9}{'p99 ms':>9}{'alone':>9}")
    for case in PATHS:
        print(
            f"{case:8}{result['per_second'][case]['median']:10.0f}"
            f"{result['processor_ms'][case]:9.2f}"
            f"{result['answer_ms'][case]['p50']:9.2f}"
            f"{result['answer_ms'][case]['p99']:9.2f}"
            f"{result['answer_alone_ms'][case]['p50']:9.2f}"
        )
    show_budgets(result["budgets"])


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure; 0 if the budget is kept."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--incidents", type=int, default=300, help="a round")
    parser.add_argument("--rounds", type=int, default=10, help="of each side")
    parser.add_argument("--folder", type=Path, help="on the disk to measure")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    port = free_port()
    with TemporaryDirectory(dir=options.folder) as name:
        folder = Path(name)
        asyncio.run(
            seed(folder, port, "owner", uuid4().hex),
            loop_factory=runner.create_event_loop,
        )
        result = asyncio.run(
            measure(folder, port, options.incidents, options.rounds),
            loop_factory=runner.create_event_loop,
        )
    print(json.dumps(result)) if options.json else show(result)
    return 0 if result["ok"] else 1


if __name__ == "__main__":
    sys.exit(main())
