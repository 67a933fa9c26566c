"""How soon the station has an alarm, beside the bare chain of the same libraries.

Two Home Assistants, two processes: a home as people have it (that of alarm_to_disk.py)
in this one, its station in the other, plain HTTP over the loopback interface between
them. A trial sets a detector to `on` and reads the clock twice: when the commit that
holds the incident has returned in the database's thread, and when the home has read in
the body of the station's answer that it has taken the incident. The station answers
after its own commit.

The bare chain is the limit, and shares everything with ours but the code: both
processes, both event loops, both disks, and the web server. It does with the same
libraries what has to be done, and nothing else. At home a state-change callback spells
and seals the same entries and a thread writes them (`limits.BareChain`); when they are
on disk, a document of the same content is signed with ed25519 and put with the same
aiohttp. At the station a view checks the signature with the same code and a thread
writes the incident and its entries with SQLAlchemy Core into the same tables, as durably
(WAL, synchronous=FULL); then it answers. It decides, supervises, shows and repeats
nothing.

Both take turns, in an order that changes.
"""

import argparse
import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
import json
from pathlib import Path
from queue import SimpleQueue
import random
import secrets
import sys
from threading import Thread
import time
from typing import Any, Final, override
from unittest.mock import patch
from uuid import uuid4

from homeassistant import runner
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.helpers.http import HomeAssistantView
from homeassistant.util import dt as dt_util

from aiohttp import web
from alarm_to_disk import BARE, DETECTOR, DETECTORS, DEVICES, LEVEL, OURS, PARTS, Trials
from harness import (
    PATIENCE,
    OtherProcess,
    add_home,
    boot,
    checked,
    free_port,
    points,
    run,
    show_budgets,
    show_figures,
    take_turns,
    verdict,
)
from limits import BareChain
import orjson
from sqlalchemy import create_engine, insert
from station_intake import add_station

from custom_components.zhian.home import Home
from custom_components.zhian.link.client import StationClient
from custom_components.zhian.link.documents import IncidentDocument
from custom_components.zhian.link.messages import Answer
from custom_components.zhian.link.signatures import Key, NonceStore, PublicKey, sign
from custom_components.zhian.safety.signals import ResetRequested
from custom_components.zhian.station.desk import Disposition
from custom_components.zhian.store.database import Database
from custom_components.zhian.store.schema import (
    households,
    station_entries,
    station_incidents,
)
from demo.seed import seed

CASES: Final = (BARE, OURS)
ON_DISK, ACKNOWLEDGED = "on disk", "acknowledged"
BUDGETS: Final[Mapping[str, float]] = {ON_DISK: 1.5, ACKNOWLEDGED: 2.0}
WARM_UP: Final = 20
CLEAR_EVERY: Final = 20
HOST: Final = "127.0.0.1"
HOUSEHOLD: Final = str(uuid4())
_TYPE: Final = "application/json"


# --- the station's process ------------------------------------------------------------


class BareView(HomeAssistantView):
    """Checks, commits, answers."""

    requires_auth = False
    cors_allowed = False
    url = "/bench/{incident}"
    name = "bench"

    def __init__(self, path: Path, key: str) -> None:
        """Write into the tables of a file, in a thread."""
        self._path = path
        self._key = PublicKey.from_base64(key)
        self._nonces = NonceStore()
        self._queue: SimpleQueue[tuple[dict[str, Any], Callable[[], None]] | None]
        self._queue = SimpleQueue()
        self._thread = Thread(target=self._run)
        self._thread.start()

    def close(self) -> None:
        """End the thread."""
        self._queue.put(None)
        self._thread.join()

    async def put(self, request: web.Request, incident: str) -> web.StreamResponse:
        """Take a report."""
        body = await checked(request, lambda _: self._key, self._nonces)
        document = orjson.loads(body)
        loop = asyncio.get_running_loop()
        written = loop.create_future()
        done = partial(loop.call_soon_threadsafe, written.set_result, None)
        self._queue.put((document, done))
        await written
        return self.json({"status": "accepted", "revision": document["revision"]})

    def _run(self) -> None:
        engine = create_engine(f"sqlite:///{self._path}")
        count = 0
        with engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA synchronous = FULL")
            connection.exec_driver_sql("PRAGMA wal_autocheckpoint = 0")
            now = dt_util.utcnow()
            connection.execute(
                insert(households).values(
                    id=HOUSEHOLD, name="Home", public_key="", enrolled_at=now
                )
            )
            connection.commit()
            while (item := self._queue.get()) is not None:
                document, done = item
                count += 1
                now = dt_util.utcnow()
                connection.execute(
                    insert(station_incidents).values(
                        id=document["id"],
                        household=HOUSEHOLD,
                        number=f"2026-{count:06d}",
                        revision=document["revision"],
                        hazard=document["hazard"],
                        priority=document["priority"],
                        drill=document["drill"],
                        document={**document, "entries": []},
                        status="received",
                        received_at=now,
                        updated_at=now,
                    )
                )
                connection.execute(
                    insert(station_entries),
                    [
                        {
                            **entry,
                            "at": dt_util.parse_datetime(entry["at"]),
                            "incident": document["id"],
                        }
                        for entry in document["entries"]
                    ],
                )
                connection.commit()
                done()
                if count % 100 == 0:
                    connection.exec_driver_sql("PRAGMA wal_checkpoint(PASSIVE)")
                    connection.commit()
        engine.dispose()


async def serve(folder: Path, port: int) -> None:
    """Be the station: obey the lines of the standard input until it ends."""
    hass = await boot(folder)
    view = None
    try:
        station = await add_station(hass)
        path = folder / "bare.db"
        tables = Database(path)
        await tables.open()
        await tables.close()
        code = await station.pair()
        view = BareView(path, await hass.async_add_executor_job(_line))
        hass.http.register_view(view)
        print(json.dumps({"code": code.text}), flush=True)
        while await hass.async_add_executor_job(_line):
            for case in station.cases.open:
                await station.close(case.incident, None, Disposition.RESOLVED)
            await hass.async_block_till_done()
            print("{}", flush=True)
    finally:
        if view is not None:
            view.close()
        await hass.async_stop()


def _line() -> str:
    return sys.stdin.readline().strip()


# --- the home's process ---------------------------------------------------------------


class LinkTrials(Trials):
    """Alarms that go all the way."""

    def __init__(
        self, hass: HomeAssistant, home: Home, station: OtherProcess, url: str, key: Key
    ) -> None:
        """Play devices and phones; `key` is the bare chain's."""
        super().__init__(hass, home)
        self._station = station
        self._url = url
        self._key = key
        self._session = async_get_clientsession(hass)
        self._acknowledged: asyncio.Future[int] = hass.loop.create_future()
        self._awaited = ""
        self._document: dict[str, Any] = {}
        self._incident: list[dict[str, Any]] = []
        self._count = 0
        self.on_disk: dict[str, list[float]] = {case: [] for case in CASES}

    @contextmanager
    def watch_answers(self) -> Iterator[None]:
        """See each answer of the station that the home has read."""
        put_incident = StationClient.put_incident

        async def put(client: StationClient, document: IncidentDocument) -> Answer:
            answer = await put_incident(client, document)
            self._answered(OURS)
            if not self._document:
                self._document = dict(document.as_json())
            return answer

        with patch.object(StationClient, "put_incident", put):
            yield

    def _answered(self, case: str) -> None:
        if case == self._awaited:
            self._awaited = ""
            self._acknowledged.set_result(time.perf_counter_ns())

    @override
    def committed(self, case: str) -> None:
        super().committed(case)
        if case == BARE and self._awaited == BARE:
            self._loop.call_soon_threadsafe(self._send)

    @override
    def write_bare(self, rows: list[dict[str, Any]]) -> None:
        self._incident = rows
        super().write_bare(rows)

    def _send(self) -> None:
        self._loop.create_task(self._put())

    async def _put(self) -> None:
        """Report as bare as can be."""
        incident = self._incident[-1]["incident"]
        document = {
            **self._document,
            "id": incident,
            "revision": len(self._incident),
            "entries": [
                {
                    "seq": row["seq"],
                    "at": row["at"],
                    "kind": row["kind"],
                    "body": orjson.Fragment(row["body"]),
                    "previous": row["previous"],
                    "hash": row["hash"],
                }
                for row in self._incident
            ],
        }
        body = orjson.dumps(document)
        path = f"/bench/{incident}"
        headers = sign(
            self._key,
            keyid=HOUSEHOLD,
            method="PUT",
            authority=self._url.removeprefix("http://"),
            path=path,
            query="",
            body=body,
            content_type=_TYPE,
            created=int(time.time()),
            nonce=secrets.token_urlsafe(18),
        )
        async with self._session.put(
            self._url + path, data=body, headers=headers
        ) as response:
            answer = orjson.loads(await response.read())
        if answer["status"] == "accepted":
            self._answered(BARE)

    @override
    async def trial(self, case: str) -> float:
        """Raise one alarm; return the milliseconds until the station has it."""
        self._count += 1
        if self._count % CLEAR_EVERY == 0:
            await self._station.tell("clear")
        await asyncio.sleep(random.uniform(0.002, 0.006))
        detector = DETECTORS[case]
        self._on_disk, self._told, self._acknowledged = (
            self._loop.create_future() for _ in range(3)
        )
        self._expected = self._awaited = case
        self._written = ()
        begin = time.perf_counter_ns()
        self._hass.states.async_set(detector, "on")
        async with asyncio.timeout(PATIENCE):
            on_disk = await self._on_disk
            acknowledged = await self._acknowledged
        self.on_disk[case].append((on_disk - begin) / 1e6)
        if case == OURS:
            await self._end_incident()
            if not self.records:
                self.know(self._written)
        self._hass.states.async_set(detector, "off")
        return (acknowledged - begin) / 1e6

    @override
    async def _end_incident(self) -> None:
        """Let all that follows happen, then a person on site resets."""
        guard = self._home.guard
        await asyncio.sleep(0.02)
        self._hass.states.async_set(DETECTOR, "off")
        await asyncio.sleep(0)
        guard.handle(ResetRequested("benchmark", local=True, at=guard.clock.now()))
        if guard.state.incidents:
            sys.exit("the incident did not end")
        async with asyncio.timeout(PATIENCE):
            while any(True for _ in guard.timelines.owed()):
                await asyncio.sleep(0.005)
        await asyncio.sleep(0.05)


async def measure(folder: Path, trials: int, rate: int) -> dict[str, object]:
    """Return everything that was measured, held against the budgets."""
    port = free_port()
    station = await OtherProcess.start(
        *(__file__, "--station", folder / "the_station", str(port))
    )
    url = f"http://{HOST}:{port}"
    hass = await boot(folder)
    bench: LinkTrials | None = None
    try:
        hass.states.async_set(LEVEL, "0")
        for detector in DETECTORS.values():
            hass.states.async_set(detector, "off")
        for device, state in DEVICES.items():
            hass.states.async_set(device, state)
        bare_key, key = Key.generate(), Key.generate()
        code = (await station.tell(bare_key.public))["code"]
        client = StationClient(
            async_get_clientsession(hass), url, key, None, allow_http=True
        )
        enrolment = await client.enrol(code, "Home")
        home = await add_home(
            hass,
            PARTS,
            {
                "url": url,
                "allow_http": True,
                "household": enrolment.household,
                "community": enrolment.community,
                "station": enrolment.station,
                "heartbeat_seconds": enrolment.heartbeat_seconds,
            },
            key,
        )
        bench = LinkTrials(hass, home, station, url, bare_key)
        path = folder / "bare.db"
        tables = Database(path)
        await tables.open()
        await tables.close()
        bench.chains[BARE] = BareChain(path, partial(bench.committed, BARE))
        with bench.watch(), bench.watch_answers():
            await bench.trial(OURS)
            await take_turns(hass, CASES, bench.trial, WARM_UP)
            for waits in bench.on_disk.values():
                waits.clear()
            acknowledged = await take_turns(hass, CASES, bench.trial, trials)
    finally:
        for chain in bench.chains.values() if bench else ():
            chain.close()
        await hass.async_stop()
        await station.stop()
    figures = {
        ON_DISK: {case: points(bench.on_disk[case]) for case in CASES},
        ACKNOWLEDGED: {case: points(acknowledged[case]) for case in CASES},
    }
    return {
        "benchmark": "link_chain",
        "trials": trials,
        "rows": len(bench.records),
        "milliseconds": figures,
        **verdict(
            [
                (
                    f"{what}, p50 to bare",
                    figures[what][OURS]["p50"] / figures[what][BARE]["p50"],
                    at_most,
                )
                for what, at_most in BUDGETS.items()
            ]
        ),
    }


def show(result: Mapping[str, Any]) -> None:
    """Print for people."""
    print(f"link chain, ms, {result['trials']} trials each, {result['rows']} rows")
    show_figures(result["milliseconds"], BARE, 2)
    show_budgets(result["budgets"])


def main() -> int:
    """Measure, or be the station of who measures."""
    if "--station" not in sys.argv:
        return run(__doc__, measure, show, 300)
    parser = argparse.ArgumentParser()
    parser.add_argument("--station", nargs=2)
    name, port = parser.parse_args().station
    folder = Path(name)
    folder.mkdir()
    asyncio.run(
        seed(folder, int(port), "owner", uuid4().hex),
        loop_factory=runner.create_event_loop,
    )
    asyncio.run(serve(folder, int(port)), loop_factory=runner.create_event_loop)
    return 0


if __name__ == "__main__":
    sys.exit(main())
