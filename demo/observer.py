"""Eyes on the demo: the house's diary, the home's states, the incidents."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
import json
from typing import Any, Final, Self

from .ha_api import Answer, HomeAssistantApi, HomeAssistantError, Websocket
from .house.devices import DIARY
from .house.mqtt import Link

GAS: Final = "binary_sensor.kitchen_gas_gas"
LEVEL: Final = "sensor.kitchen_gas_lel"
VALVE: Final = "switch.gas_valve"
POLL: Final = 0.2

type Incident = dict[str, Any]


class Diary:
    """What really happened in the house, told by the house itself."""

    def __init__(self, port: int) -> None:
        """Listen."""
        self.notes: list[tuple[datetime, str, str, str]] = []
        self._news = asyncio.Event()
        self._link = Link(port, (DIARY,), self._receive)

    def _receive(self, topic: str, payload: str) -> None:
        if topic == DIARY:
            note = json.loads(payload)
            at = datetime.fromtimestamp(note["at"], UTC)
            self.notes.append((at, note["what"], note["node"], note["payload"]))
            self._news.set()

    async def wait(
        self, limit: float, what: str, node: str, payload: str = ""
    ) -> datetime:
        """Return when something happened first, and wait for it."""
        async with asyncio.timeout(limit):
            while True:
                self._news.clear()
                for at, *note in self.notes:
                    if note[:2] == [what, node] and payload in note[2]:
                        return at
                await self._news.wait()

    def count(self, what: str, node: str, payload: str = "") -> int:
        """Return how often something happened."""
        return sum(
            note[:2] == [what, node] and payload in note[2] for _, *note in self.notes
        )

    def close(self) -> None:
        """Stop listening."""
        self._link.close()


class Actions:
    """The actions that the home performs, with their times on its event bus."""

    def __init__(self, events: asyncio.Queue[Answer]) -> None:
        """Keep what arrives."""
        self._events = events

    @classmethod
    async def watch(cls, socket: Websocket) -> Self:
        """Begin to listen, as long as the connection lasts."""
        events = await socket.subscribe("subscribe_events", event_type="call_service")
        return cls(events)

    def of(self, entity_id: str) -> list[tuple[datetime, str]]:
        """Return when which actions were called on an entity, and forget them."""
        found = []
        while not self._events.empty():
            event = self._events.get_nowait()
            called = event["data"]
            target = called["service_data"].get("entity_id")
            if target == entity_id or (
                isinstance(target, list) and entity_id in target
            ):
                at = datetime.fromisoformat(event["time_fired"])
                found.append((at, f"{called['domain']}.{called['service']}"))
        return found


async def wait_for_state(
    api: HomeAssistantApi,
    entity_id: str,
    is_it: Callable[[Answer], bool],
    limit: float,
) -> Answer:
    """Return the first state that is as wanted; it may be the present one."""
    async with asyncio.timeout(limit), api.websocket() as socket:
        states = await socket.subscribe(
            "subscribe_trigger", trigger={"trigger": "state", "entity_id": entity_id}
        )
        present = await api.state(entity_id)
        while present is None or not is_it(present):
            present = (await states.get())["variables"]["trigger"]["to_state"]
        return present


def changed_at(state: Answer) -> datetime:
    """Return when a state became what it is."""
    return datetime.fromisoformat(state["last_changed"])


def is_on(state: Answer) -> bool:
    """Return True for a binary state that is on."""
    return bool(state["state"] == "on")


def is_below(limit: float) -> Callable[[Answer], bool]:
    """Return a test for a number below a limit."""
    return lambda state: (value := _number(state)) is not None and value < limit


def is_from(limit: float) -> Callable[[Answer], bool]:
    """Return a test for a number that has reached a limit."""
    return lambda state: (value := _number(state)) is not None and value >= limit


def _number(state: Answer) -> float | None:
    try:
        return float(state["state"])
    except ValueError:
        return None


async def home_incidents(api: HomeAssistantApi) -> list[Incident]:
    """Return the home's incidents with their timelines."""
    async with api.websocket() as socket:
        result: Mapping[str, Any] = await socket.call("zhian/home/incidents")
    incidents: list[Incident] = result["incidents"]
    return incidents


async def station_incidents(api: HomeAssistantApi) -> list[Incident]:
    """Return the station's incidents, open and closed."""
    async with api.websocket() as socket:
        result: Mapping[str, Any] = await socket.call("zhian/station/incidents")
    incidents: list[Incident] = result["incidents"]
    return incidents


async def wait_for_incident(
    look: Callable[[], Any], is_it: Callable[[Incident], bool], limit: float, what: str
) -> Incident:
    """Return the first incident that is as wanted."""
    try:
        async with asyncio.timeout(limit):
            while True:
                try:
                    for incident in await look():
                        if is_it(incident):
                            return dict(incident)
                except HomeAssistantError, OSError:
                    pass  # its Home Assistant is down, or starting
                await asyncio.sleep(POLL)
    except TimeoutError as error:
        raise TimeoutError(f"{what}: not within {limit:.0f} s") from error
