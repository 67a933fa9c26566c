"""A guarded home with every model: Mosquitto, Zigbee2MQTT, a real Home Assistant."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
import json
from pathlib import Path
from typing import Any, Final

from demo.broker import Broker
from demo.ha_api import HomeAssistantApi
from demo.house.mqtt import Link
from demo.node import Node, seed
from demo.processes import free_port

from .models import MODELS, VALVES, Model, Sense, senses
from .network import START_LIMIT, Network

PHONE: Final = "test/phone"
TRAVEL: Final = 0.5
"""Seconds that the valves are said to need; at the radio they need less."""

type Diagnosis = dict[str, Any]


class House:
    """All of it, and how a test looks at it."""

    def __init__(self, folder: Path) -> None:
        """Prepare; nothing is started."""
        self.broker = Broker(free_port(), folder)
        self.network = Network(folder, self.broker.port, MODELS)
        self.node = Node(
            "home",
            "Home",
            free_port(),
            folder,
            place=(30.84, 120.92),
            configuration="diagnostics:\n",
        )
        self._folder = folder
        self.messages: list[str] = []
        """What the phone has got."""
        self.proofs: dict[str, str] = {}
        """What the flow proposed as the proof of each valve, by entity."""
        self.ids: dict[str, str] = {}
        """The subentry of each entity that is bound."""
        self.entry = ""

    @property
    def api(self) -> HomeAssistantApi:
        """Home Assistant's API."""
        return self.node.api

    async def start(self) -> None:
        """Start and connect everything, and set the home up."""
        await self.broker.start()
        self._phone = Link(self.broker.port, (PHONE,), self._on_message)
        announced = {"name": "Phone", "command_topic": PHONE, "unique_id": "phone"}
        self._phone.publish(
            "homeassistant/notify/phone/config",
            json.dumps({**announced, "default_entity_id": "notify.phone"}),
            retain=True,
        )
        await self.network.start()
        await seed(self._folder, self.node)
        await self.node.start()
        await wait_until(self.network.is_up, START_LIMIT, "the radio")
        await self.api.create_entry(
            "mqtt",
            {
                "broker": "127.0.0.1",
                "port": self.broker.port,
                "protocol": self.broker.protocol,
                "other_settings": {"set_client_cert": False, "set_ca_cert": "off"},
            },
        )
        await self._wait_for_devices()
        self.entry = await self.api.create_entry(
            "zhian",
            {"next_step_id": "home"},
            {"name": "Willow Lane", "gas": "natural_gas"},
            {"contacts": ["notify.phone"]},
            {},
        )

    async def stop(self) -> None:
        """Stop what was started."""
        await asyncio.gather(
            self.node.stop(), self.network.stop(), return_exceptions=True
        )
        if hasattr(self, "_phone"):
            self._phone.close()
        await self.broker.process.stop()

    def _on_message(self, topic: str, payload: str) -> None:
        if topic == PHONE:
            self.messages.append(payload)

    async def _wait_for_devices(self) -> None:
        """Wait until every device is announced, and has spoken."""
        wanted = {sense.entity for _, sense in senses()}
        wanted |= {model.valve.entity for model in VALVES if model.valve}

        async def are_announced() -> bool:
            return wanted <= (await self.states()).keys()

        await wait_until(are_announced, START_LIMIT, f"one of {sorted(wanted)}")
        await self.open_all(VALVES)
        quiet = {sense.entity: (model, sense.quiet) for model, sense in senses()}
        await self._hear(quiet, "off", "0", "normal")

    async def _hear(
        self, said: Mapping[str, tuple[Model, tuple[str, ...]]], *states: str
    ) -> None:
        """Let devices speak until Home Assistant, which may only just listen, hears."""
        left = {entity: spoken for entity, spoken in said.items() if spoken[1]}

        async def are_heard() -> bool:
            shown = await self.states()
            for entity in tuple(left):
                if shown.get(entity) in states:
                    del left[entity]
            return not left

        for _ in range(10):
            await asyncio.gather(
                *(self.network.play(model, *words) for model, words in left.values())
            )
            with suppress(TimeoutError):
                return await wait_until(are_heard, 1, "all of them")
        raise AssertionError(f"nobody has heard {sorted(left)}")

    async def states(self) -> dict[str, str]:
        """Return the state of every entity."""
        states = await self.api.request("GET", "/api/states")
        return {state["entity_id"]: state["state"] for state in states}

    async def wait_for_state(self, entity: str, state: str) -> None:
        """Wait until Home Assistant shows this state."""

        async def is_it() -> bool:
            shown = await self.api.state(entity)
            return shown is not None and shown["state"] == state

        await wait_until(is_it, 5, f"{state} of {entity}")

    # --- bindings ----------------------------------------------------------------

    async def _bind(self, kind: str, entity: str, *steps: dict[str, object]) -> None:
        await self.api.create_subentry(self.entry, kind, *steps)
        async with self.api.websocket() as socket:
            found = await socket.call(
                "config_entries/subentries/list", entry_id=self.entry
            )
        known = set(self.ids.values())
        (new,) = (
            item["subentry_id"]
            for item in found
            if item["subentry_type"] == kind and item["subentry_id"] not in known
        )
        self.ids[entity] = new

    async def bind_sense(self, sense: Sense) -> None:
        """Add a detector through the flow; where it can tell, nobody says the hazard."""
        first: dict[str, object] = {"entity_id": sense.entity}
        if sense.hazard:
            first["hazard"] = sense.hazard
        await self._bind("detector", sense.entity, first, dict(sense.details))

    async def bind_valve(self, model: Model, **details: object) -> None:
        """Add a valve through the flow; the proof is the one that the flow proposes."""
        valve = model.valve
        assert valve
        first: dict[str, object] = {"entity_id": valve.entity, "role": valve.role}
        self.proofs[valve.entity] = await self._proposed_proof(first)
        if valve.role == "water_valve":
            # A leak and gas at once: else the one waits for the other.
            details = {"ignition_safe": True, **details}
        await self._bind(
            "actuator", valve.entity, first, {"travel_time": TRAVEL, **details}
        )

    async def _proposed_proof(self, first: dict[str, object]) -> str:
        """Go to the second step of a flow and no further."""
        path = "/api/config/config_entries/subentries/flow"
        start = {"handler": [self.entry, "actuator"]}
        flow = await self.api.request("POST", path, start)
        address = f"{path}/{flow['flow_id']}"
        form = await self.api.request("POST", address, first)
        await self.api.request("DELETE", address)
        (field,) = (f for f in form["data_schema"] if f["name"] == "witness")
        proposed: str = field["default"]
        return proposed

    async def unbind(self, entity: str) -> None:
        """Remove what was bound."""
        async with self.api.websocket() as socket:
            await socket.call(
                "config_entries/subentries/delete",
                entry_id=self.entry,
                subentry_id=self.ids.pop(entity),
            )

    # --- what the home knows -------------------------------------------------------

    async def diagnosis(self) -> Diagnosis:
        """Return what the home knows now."""
        path = f"/api/diagnostics/config_entry/{self.entry}"
        known: Diagnosis | None = None
        async with asyncio.timeout(20):
            while known is None:  # what was bound last is being loaded
                answer = await self.api.request("GET", path)
                known = answer["data"]["role"]
        return known

    async def wait_for_level(self, sense: Sense, level: str) -> None:
        """Wait until a detector is understood to say this."""

        async def is_it() -> bool:
            known = (await self.diagnosis())["detectors"]
            said = known.get(self.ids[sense.entity])
            return said is not None and said["level"] == level

        await wait_until(is_it, 5, f"{level} of {sense.entity}")

    async def incidents(self) -> list[tuple[str, str]]:
        """Return hazard and phase of what is open."""
        known = (await self.diagnosis())["incidents"]
        return [(incident["hazard"], incident["phase"]) for incident in known]

    async def steps(self) -> dict[str, tuple[str, str | None]]:
        """Return outcome and reason of the closing of each valve, by entity."""
        incidents = (await self.diagnosis())["incidents"]
        outcomes = {
            step["id"].partition(":")[2]: (step["outcome"], step["reason"])
            for incident in incidents
            for step in incident["steps"]
        }
        return {
            entity: outcomes[subentry]
            for entity, subentry in self.ids.items()
            if subentry in outcomes
        }

    async def wait_for_steps(
        self, valves: Iterable[Model], outcome: str, limit: float
    ) -> None:
        """Wait until the closing of every one of these valves has come out so."""
        wanted = {model.valve.entity for model in valves if model.valve}
        seen: dict[str, tuple[str, str | None]] = {}

        async def are_it() -> bool:
            nonlocal seen
            seen = await self.steps()
            return all(seen.get(entity, ("",))[0] == outcome for entity in wanted)

        try:
            await wait_until(are_it, limit, outcome)
        except TimeoutError as error:
            raise AssertionError(f"not all {outcome}: {seen}") from error

    async def end(self) -> None:
        """Let everything fall silent and reset, as a person on site would."""
        if not (await self.diagnosis())["incidents"]:
            return
        await asyncio.gather(
            *(self.network.play(model, "fault?mode=none") for model in VALVES)
        )
        await asyncio.gather(
            *(self.network.play(model, *sense.quiet) for model, sense in senses())
        )

        async def is_clear() -> bool:
            known = (await self.diagnosis())["detectors"]
            return all(
                known[self.ids[sense.entity]]["level"] == "normal"
                for _, sense in senses()
                if sense.entity in self.ids
            )

        async def is_over() -> bool:
            return not (await self.diagnosis())["incidents"]

        await wait_until(is_clear, 5, "the all-clear")
        await self.api.action("zhian.reset")
        await wait_until(is_over, 5, "the reset")

    # --- valves --------------------------------------------------------------------

    async def open_all(self, valves: Iterable[Model]) -> None:
        """Open valves by hand, as a person at the valve would."""
        opened = {
            model.valve.entity: (model, ("valve?open=1",))
            for model in valves
            if model.valve
        }
        await self._hear(opened, "on")

    async def are_closed(self, valves: Iterable[Model]) -> bool:
        """Whether valves really are closed, at the radio."""
        return not any([await self.network.is_open(model) for model in valves])


async def wait_until(
    is_true: Callable[[], Awaitable[bool]], limit: float, what: str
) -> None:
    """Wait until something is true; TimeoutError names what never came."""
    try:
        async with asyncio.timeout(limit):
            while not await is_true():
                await asyncio.sleep(0.05)
    except TimeoutError as error:
        raise TimeoutError(f"{what} did not come within {limit:.0f} s") from error
