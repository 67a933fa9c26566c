"""The whole demo: broker, house, two Home Assistants, wired by their own flows."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
import contextlib
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
import shutil
import sys
import tempfile
from typing import Final

from . import dashboards
from .automations import DESK_BUTTONS, PHONE_ANSWERS
from .broker import Broker
from .house.physics import AIR_SPEED
from .node import Node, seed
from .processes import Process, claim_port

HOME_PLACE: Final = (30.8400, 120.9200)
STATION_PLACE: Final = (30.8435, 120.9262)

type Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Settings:
    """What may be chosen; a port of 0 is a free one."""

    home_port: int = 0
    station_port: int = 0
    broker_port: int = 0
    air_speed: float = AIR_SPEED
    keep: bool = False


class World:
    """Everything that runs."""

    def __init__(self, settings: Settings, folder: Path, say: Say) -> None:
        """Prepare; nothing is started."""
        self.folder = folder
        self._say = say
        self.broker = Broker(claim_port(settings.broker_port), folder)
        self.house = Process(
            "house",
            [
                *(sys.executable, "-m", "demo.house"),
                *("--port", str(self.broker.port)),
                *("--air-speed", str(settings.air_speed)),
            ],
            folder,
        )
        self.home = Node(
            "home",
            "Home",
            claim_port(settings.home_port),
            folder,
            place=HOME_PLACE,
            configuration=PHONE_ANSWERS,
        )
        self.station = Node(
            "station",
            "Station",
            claim_port(settings.station_port),
            folder,
            place=STATION_PLACE,
            configuration=DESK_BUTTONS,
        )

    async def start(self) -> None:
        """Start and wire everything."""
        self._say(f"Starting {self.broker.name} and the house")
        await self.broker.start()
        await self.house.start()
        self._say("Preparing two Home Assistants")
        await seed(self.folder, self.home, self.station)
        self._say(f"Starting Home Assistant {self.home.version}, twice")
        async with asyncio.TaskGroup() as group:
            group.create_task(self._start_home())
            group.create_task(self._start_station())
        self._say("Enrolling the home at the station")
        await self._enrol()
        await dashboards.add_home(self.home.api)
        await dashboards.add_station(self.station.api)

    async def stop(self) -> None:
        """Stop everything that was started, whatever fails on the way."""
        self._say("Stopping")
        await asyncio.gather(
            self.home.stop(),
            self.station.stop(),
            self.house.stop(),
            return_exceptions=True,
        )
        await self.broker.process.stop()

    def check(self) -> None:
        """Raise if one of the processes has ended."""
        for process in (
            self.broker.process,
            self.house,
            self.home.process,
            self.station.process,
        ):
            process.check()

    # --- the steps of a person who sets all this up ----------------------------

    async def _start_home(self) -> None:
        await self.home.start()
        await self.home.api.create_entry(
            "mqtt",
            {
                "broker": "127.0.0.1",
                "port": self.broker.port,
                "protocol": self.broker.protocol,
                "other_settings": {"set_client_cert": False, "set_ca_cert": "off"},
            },
        )
        await self._wait_for_devices()
        # No voice opens the real valve; the one that Zhi'an makes can be closed by it.
        async with self.home.api.websocket() as socket:
            await socket.call(
                "homeassistant/expose_entity",
                assistants=["conversation"],
                entity_ids=["switch.gas_valve"],
                should_expose=False,
            )

    async def _wait_for_devices(self) -> None:
        """Wait until the house's devices have spoken."""
        wanted = (
            "binary_sensor.kitchen_gas_gas",
            "sensor.kitchen_gas_lel",
            "switch.gas_valve",
            "cover.kitchen_window_left_window",
            "cover.kitchen_window_right_window",
            "siren.siren_state",
            "notify.phone",
        )

        async def have_spoken() -> bool:
            async with self.home.api.websocket() as socket:
                states = await socket.call("get_states")
            known = {
                state["entity_id"]
                for state in states
                if state["state"] not in ("unknown", "unavailable")
                or state["entity_id"] == "notify.phone"  # unknown until it is used
            }
            return known.issuperset(wanted)

        await wait_until(have_spoken, 30, "the devices of the house")

    async def _start_station(self) -> None:
        await self.station.start()
        await self.station.api.create_entry(
            "zhian",
            {"next_step_id": "station"},
            {
                "name": "Riverside police station",
                "community": "Riverside",
                "location": {
                    "latitude": STATION_PLACE[0],
                    "longitude": STATION_PLACE[1],
                },
                "heartbeat_seconds": 10,
            },
        )

    async def _enrol(self) -> None:
        code = await self.station.api.ask("zhian.pairing_code")
        entry = await self.home.api.create_entry(
            "zhian",
            {"next_step_id": "home"},
            {
                "name": "12 Willow Lane",
                "gas": "natural_gas",
                "address": "12 Willow Lane, flat 3",
            },
            {"contacts": ["notify.phone"]},
            {
                "url": self.station.url,
                "code": code["code"],
                "allow_http": True,
                "purposes": ["place", "people", "readings", "timeline"],
            },
            {},  # what would be sent was seen
        )
        for kind, *steps in SUBENTRIES:
            await self.home.api.create_subentry(entry, kind, *steps)
        await wait_until(lambda: self._is_guarded(entry), 30, "the guarded home")

    async def _is_guarded(self, entry_id: str) -> bool:
        """Return True once the entry runs with all that was added to it."""
        async with self.home.api.websocket() as socket:
            entries = await socket.call("config_entries/get", domain="zhian")
            states = await socket.call("get_states")
            registry = await socket.call("config/entity_registry/list")
        own = {item["entity_id"] for item in registry if item["platform"] == "zhian"}
        known = {
            state["entity_id"]: state["state"]
            for state in states
            if state["entity_id"] in own
            and state["state"] not in ("unknown", "unavailable")
        }
        stand_ins = [
            entity_id
            for entity_id in known
            if entity_id.partition(".")[0] in ("valve", "cover")
        ]
        is_loaded = all(
            entry["state"] == "loaded"
            for entry in entries
            if entry["entry_id"] == entry_id
        )
        wanted = sum(kind == "actuator" for kind, *_ in SUBENTRIES)
        return is_loaded and len(stand_ins) == wanted


SUBENTRIES: Final[tuple[tuple[str, dict[str, object], dict[str, object]], ...]] = (
    (
        "detector",
        {"entity_id": "binary_sensor.kitchen_gas_gas"},
        {
            "warm_up_entity": "binary_sensor.kitchen_gas_preheat",
            "fault_entity": "binary_sensor.kitchen_gas_fault",
        },
    ),
    (
        "detector",
        {"entity_id": "sensor.kitchen_gas_lel", "hazard": "gas"},
        {"warm_up_entity": "binary_sensor.kitchen_gas_preheat"},
    ),
    (
        "actuator",
        {"entity_id": "switch.gas_valve", "role": "gas_valve"},
        # The valve measures where it is, and says so when its journey has ended.
        {"travel_time": 2.0, "witness": "report"},
    ),
    (
        "actuator",
        {"entity_id": "cover.kitchen_window_left_window", "role": "window"},
        {"ignition_safe": True, "open_on_gas": True, "travel_time": 3.0},
    ),
    (
        "actuator",
        {"entity_id": "cover.kitchen_window_right_window", "role": "window"},
        {"ignition_safe": True, "open_on_gas": True, "travel_time": 3.0},
    ),
)


async def wait_until(
    is_true: Callable[[], Awaitable[bool]], limit: float, what: str
) -> None:
    """Wait until something is true; TimeoutError names what never came."""
    try:
        async with asyncio.timeout(limit):
            while not await is_true():
                await asyncio.sleep(0.1)
    except TimeoutError as error:
        raise TimeoutError(f"{what} did not come within {limit:.0f} s") from error


async def _finish(work: Coroutine[None, None, None]) -> None:
    """Do it to its end, however often a person presses Ctrl-C."""
    task = asyncio.ensure_future(work)
    while not task.done():
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.shield(task)


@asynccontextmanager
async def running_world(settings: Settings, say: Say) -> AsyncIterator[World]:
    """Start a world and stop it in the end, however that comes."""
    folder = Path(tempfile.mkdtemp(prefix="zhian-demo-"))
    try:
        world = World(settings, folder, say)
        try:
            await world.start()
            yield world
        finally:
            await _finish(world.stop())
    finally:
        if settings.keep:
            say(f"Data and logs are in {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)
