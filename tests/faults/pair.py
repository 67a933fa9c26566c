"""A home and a station, two real Home Assistants, and the wire between them."""

import asyncio
from collections.abc import AsyncIterator, Iterator
import contextlib
from contextlib import asynccontextmanager, contextmanager
import os
from pathlib import Path
import sqlite3
import subprocess
from typing import Final

import aiohttp

from demo.ha_api import HomeAssistantError
from demo.node import Node, seed
from demo.processes import free_port

from .certificates import Authority
from .ledger import Books, look, stations_word
from .wire import Wire

PLACE: Final = (30.84, 120.92)
BEAT: Final = 10
"""Seconds between heartbeats: the shortest that a station may ask for."""
DELIVERY_LIMIT: Final = 240.0
"""Seconds; the outbox never pauses longer than 60."""
MOST_OWED: Final = 20
DISK: Final = "32m"

# What the integration needs, and nothing that makes a start slower.
CONFIGURATION: Final = """\
homeassistant:
  name: {name}
  latitude: {latitude}
  longitude: {longitude}
  elevation: 4
  time_zone: Asia/Shanghai
  country: CN
  language: en
  unit_system: metric
api:
config:
logger:
  default: warning
"""

BROKEN: Final = (aiohttp.ClientError, HomeAssistantError, TimeoutError, OSError)
"""What a side that is down or coming up answers with."""


class Pair:
    """Both sides, run and asked from outside."""

    def __init__(self, folder: Path) -> None:
        """Prepare; nothing is started."""
        self.folder = folder
        self.authority = Authority(folder)
        self.home = Node(
            "home",
            "Home",
            free_port(),
            folder,
            place=PLACE,
            base=CONFIGURATION,
            environ={"REQUESTS_CA_BUNDLE": str(self.authority.bundle)},
        )
        self.station = Node(
            "station", "Station", free_port(), folder, place=PLACE, base=CONFIGURATION
        )
        self.valid = self.authority.certificate(is_expired=False)
        self.expired = self.authority.certificate(is_expired=True)
        self.wire = Wire(free_port(), self.station.port, self.valid)

    @property
    def disk(self) -> Path:
        """The folder of the home's journal."""
        return self.home.config / "zhian"

    def look(self) -> Books:
        """Read both disks."""
        return look(self.disk / "home.db", self.station.config / "zhian" / "station.db")

    async def start(self) -> None:
        """Start both sides and enrol the home."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self.home.start())
            group.create_task(self.station.start())
        await self.station.api.create_entry(
            "zhian",
            {"next_step_id": "station"},
            {
                "name": "Riverside police station",
                "community": "Riverside",
                "location": {"latitude": PLACE[0], "longitude": PLACE[1]},
                "heartbeat_seconds": BEAT,
            },
        )
        code = await self.station.api.ask("zhian.pairing_code")
        self.entry = await self.home.api.create_entry(
            "zhian",
            {"next_step_id": "home"},
            {"name": "12 Willow Lane", "gas": "natural_gas"},
            {"contacts": []},
            {
                "url": f"https://127.0.0.1:{self.wire.port}",
                "code": code["code"],
                # Every entry is compared on both disks.
                "purposes": ["people", "readings", "timeline"],
            },
            {},
        )

    async def stop(self) -> None:
        """Stop both sides."""
        await asyncio.gather(self.home.stop(), self.station.stop())

    async def report(self, incidents: int = 1) -> None:
        """Let somebody at home call for help, and end it again, so many times."""
        for _ in range(incidents):
            await self.home.api.action("zhian.call_for_help")
            await self.home.api.action("zhian.acknowledge")
            await self.home.api.action("zhian.reset")

    async def report_and_be_heard(self, limit: float) -> None:
        """Call for help; end it when the home knows that the station has taken it."""
        before = {row[0] for row in self.look().station_rows}
        await self.home.api.action("zhian.call_for_help")
        async with asyncio.timeout(limit):
            while not (
                new := [r for r in self.look().station_rows if r[0] not in before]
            ):
                await asyncio.sleep(0.2)
            ((incident, number),) = new
            await self.station.api.action("zhian.desk_acknowledge", incident=number)
            while "acknowledged" not in stations_word(self.disk / "home.db", incident):
                await asyncio.sleep(0.2)
        await self.home.api.action("zhian.reset")

    async def report_for_ever(self) -> None:
        """Call for help again and again, also to a home that is being killed.

        Not faster than the station takes it, which is away half of the time.
        """
        while True:
            try:
                if (await asyncio.to_thread(self.look)).owed < MOST_OWED:
                    await self.report()
            except (*BROKEN, sqlite3.Error):
                await asyncio.sleep(0.1)
            await asyncio.sleep(0.2)

    async def until_delivered(self, limit: float = DELIVERY_LIMIT) -> None:
        """Wait until the station has all that the home wants it to have.

        Also ends when the time is over: what is missing then is lost.
        """
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(limit):
                while not (await asyncio.to_thread(self.look)).is_settled:
                    await asyncio.sleep(0.2)

    async def home_repairs(self) -> set[str]:
        """Return what people at home are asked to mend."""
        async with self.home.api.websocket() as socket:
            listed = await socket.call("repairs/list_issues")
        return {issue["translation_key"] for issue in listed["issues"]}

    @contextmanager
    def full_disk(self) -> Iterator[None]:
        """Leave no byte on the home's disk."""
        filler = self.disk / "filler"
        try:
            with filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
                while True:
                    file.write(bytes(1024))
            yield
        finally:
            filler.unlink(missing_ok=True)


@asynccontextmanager
async def running_pair(folder: Path) -> AsyncIterator[Pair]:
    """Start a pair, and stop it in the end."""
    pair = Pair(folder)
    await seed(folder, pair.home, pair.station)
    with _small_disk(pair.disk):
        try:
            async with pair.wire:
                await pair.start()
                yield pair
        finally:
            await pair.stop()


@contextmanager
def _small_disk(folder: Path) -> Iterator[None]:
    """Give a folder a small disk of its own; only root can."""
    folder.mkdir()
    if os.geteuid() != 0:
        yield
        return
    options = ["-t", "tmpfs", "-o", f"size={DISK}", "tmpfs"]
    subprocess.run(["mount", *options, str(folder)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
