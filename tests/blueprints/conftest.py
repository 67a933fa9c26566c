"""A home that is guarded by nothing but a blueprint."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar

from homeassistant.components.automation.config import AUTOMATION_BLUEPRINT_SCHEMA
from homeassistant.components.blueprint.models import Blueprint, DomainBlueprints
from homeassistant.const import EVENT_CALL_SERVICE
from homeassistant.core import Event, HomeAssistant, ServiceCall, callback
from homeassistant.setup import async_setup_component
from homeassistant.util import yaml as yaml_util

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

ROOT = Path(__file__).parents[2]
BLUEPRINTS = ROOT / "blueprints" / "automation"

type Behaviour = Callable[[str], Awaitable[None]]


def load(path: str) -> Blueprint:
    """Return a blueprint of the repository, validated as Home Assistant does."""
    return Blueprint(
        yaml_util.load_yaml_dict(str(BLUEPRINTS / path)),
        expected_domain="automation",
        path=path,
        schema=AUTOMATION_BLUEPRINT_SCHEMA,
    )


class Home:
    """Devices that do what a test says, and a record of every action called."""

    # What brings a device into which state, were it to obey.
    EFFECTS: ClassVar = {
        ("valve", "close_valve"): "closed",
        ("valve", "open_valve"): "open",
        ("switch", "turn_off"): "off",
        ("switch", "turn_on"): "on",
        ("cover", "open_cover"): "open",
    }

    def __init__(self, hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
        """Make the actions of the device domains."""
        self.hass = hass
        self.freezer = freezer
        self.calls: list[tuple[str, str]] = []
        self.messages: list[tuple[str, str, str]] = []
        self.behaviours: dict[str, Behaviour] = {}
        self.never = asyncio.Event()
        hass.bus.async_listen(EVENT_CALL_SERVICE, self._on_call)
        for domain, service in self.EFFECTS:
            hass.services.async_register(domain, service, self._obey)
        for service in ("mobile_app_anna", "send_message"):
            hass.services.async_register("notify", service, self._deliver)

    @callback
    def _on_call(self, event: Event) -> None:
        domain, service = event.data["domain"], event.data["service"]
        data = event.data["service_data"]
        if domain in {"notify", "persistent_notification"}:
            self.messages.append(
                (f"{domain}.{service}", data["title"], data["message"])
            )
            return
        entities = data.get("entity_id", [])
        for entity in [entities] if isinstance(entities, str) else entities:
            self.calls.append((f"{domain}.{service}", entity))

    async def _obey(self, call: ServiceCall) -> None:
        for entity in call.data["entity_id"]:
            if (behaviour := self.behaviours.get(entity)) is not None:
                await behaviour(entity)
            else:
                self.state(entity, self.EFFECTS[call.domain, call.service])

    async def _deliver(self, call: ServiceCall) -> None:
        for receiver in call.data.get("entity_id", [f"notify.{call.service}"]):
            if (behaviour := self.behaviours.get(receiver)) is not None:
                await behaviour(receiver)

    def fails(self, entity: str, error: Exception) -> None:
        """Make a device raise at every order."""

        async def behaviour(entity: str) -> None:
            raise error

        self.behaviours[entity] = behaviour

    def hangs(self, entity: str) -> None:
        """Make a device never answer an order."""

        async def behaviour(entity: str) -> None:
            await self.never.wait()

        self.behaviours[entity] = behaviour

    def is_stuck(self, entity: str) -> None:
        """Make a device accept orders and do nothing."""

        async def behaviour(entity: str) -> None:
            return

        self.behaviours[entity] = behaviour

    def state(self, entity: str, state: str, **attributes: Any) -> None:
        """Set a state as the device's own integration would."""
        if (known := self.hass.states.get(entity)) is not None:
            attributes = {**known.attributes, **attributes}
        self.hass.states.async_set(entity, state, attributes)

    async def guard(
        self, path: str = "zhian/gas_leak_shutoff.yaml", **inputs: Any
    ) -> None:
        """Make an automation from a blueprint."""
        assert await async_setup_component(
            self.hass,
            "automation",
            {"automation": {"use_blueprint": {"path": path, "input": inputs}}},
        )
        await self.settle()

    async def start(self) -> None:
        """Let Home Assistant arrive at the end of its start."""
        await self.hass.async_start()
        await self.settle()

    async def report(self, entity: str, state: str) -> None:
        """Set a state and let everything happen that follows from it at once."""
        self.state(entity, state)
        await self.settle()

    async def settle(self) -> None:
        """Let the event loop run dry; runs that wait for a device stay as they are."""
        for _ in range(20):
            await asyncio.sleep(0)

    async def wait(self, seconds: int) -> None:
        """Let time go by."""
        for _ in range(seconds):
            self.freezer.tick(timedelta(seconds=1))
            async_fire_time_changed(self.hass)
            await asyncio.sleep(0)
            await self.settle()

    def orders(self, entity: str) -> list[str]:
        """Return the actions that were called on a device."""
        return [action for action, called in self.calls if called == entity]

    def told(self, by: str = "persistent_notification.create") -> list[str]:
        """Return the titles of the messages that were given to a receiver."""
        return [title for receiver, title, _ in self.messages if receiver == by]

    @property
    def last_message(self) -> str:
        """Return the newest message, title first."""
        return "\n".join(self.messages[-1][1:])


@pytest.fixture
async def home(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncGenerator[Home]:
    """Return a home in which only what may be done was done, whatever the test."""
    monkeypatch.setattr(
        DomainBlueprints, "_load_blueprint", lambda self, path: load(path)
    )
    assert await async_setup_component(hass, "persistent_notification", {})
    result = Home(hass, freezer)
    yield result
    result.never.set()
    if hass.services.has_service("automation", "turn_off"):
        await hass.services.async_call("automation", "turn_off", {"entity_id": "all"})
    await hass.async_block_till_done()
    # Whatever a test did: nothing was opened, nothing but a closing switch turned on.
    assert {action for action, _ in result.calls} <= {
        "valve.close_valve",
        "switch.turn_off",
        "switch.turn_on",
        "cover.open_cover",
        "automation.turn_off",
        "test.own",
    }
    assert {to for action, to in result.calls if action == "switch.turn_on"} <= {
        "switch.gas_solenoid",
        "switch.water_solenoid",
    }
