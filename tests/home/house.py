"""A home under test: states go in, calls come out."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
import time
from types import SimpleNamespace
from typing import Any, Final

from homeassistant.config_entries import ConfigEntryState, ConfigSubentryData
from homeassistant.core import Context, HomeAssistant, ServiceCall, State, callback
from homeassistant.helpers.http import current_request

from freezegun.api import FrozenDateTimeFactory
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)

from custom_components.zhian.const import DOMAIN
from custom_components.zhian.home import Home
from custom_components.zhian.link.signatures import Key
from custom_components.zhian.safety.incident import Incident, Step
from custom_components.zhian.safety.vocabulary import Hazard

DETECTOR = "binary_sensor.kitchen_gas"
LEVEL = "sensor.kitchen_gas_level"
VALVE = "valve.gas_supply"
WINDOW = "cover.kitchen_window"
SIREN = "siren.hall"
WATER = "binary_sensor.bathroom_water"
WATER_VALVE = "switch.water_main"
PHONE = "notify.mobile_app_phone"

GAS_DETECTOR = {
    "entity_id": DETECTOR,
    "hazard": "gas",
    "name": "Kitchen gas",
    "lost_after": 10,
}
GAS_LEVEL = {
    "entity_id": LEVEL,
    "hazard": "gas",
    "name": "Kitchen gas level",
    "unit": "%LEL",
}
GAS_VALVE = {
    "entity_id": VALVE,
    "role": "gas_valve",
    "name": "Gas supply",
    "travel_time": 2,
}
SAFE_WINDOW = {
    "entity_id": WINDOW,
    "role": "window",
    "name": "Kitchen window",
    "ignition_safe": True,
    "open_on_gas": True,
    "travel_time": 3,
}
HALL_SIREN = {"entity_id": SIREN, "role": "siren", "name": "Hall siren"}
WATER_DETECTOR = {"entity_id": WATER, "hazard": "water", "name": "Bathroom"}
WATER_MAIN = {
    "entity_id": WATER_VALVE,
    "role": "water_valve",
    "name": "Water main",
    "travel_time": 2,
}
A_PHONE = {"name": "Phone", "target": PHONE}

KITCHEN_TABLET: Final = "192.168.1.20"
FAR_AWAY: Final = "203.0.113.9"


@contextmanager
def request_from(address: str | None) -> Iterator[None]:
    """Act as if Home Assistant were serving a request from an address."""
    token = current_request.set(SimpleNamespace(remote=address))  # type: ignore[arg-type]
    try:
        yield
    finally:
        current_request.reset(token)


def subentry(kind: str, data: Mapping[str, Any]) -> ConfigSubentryData:
    """Return a subentry as a flow would have made it."""
    name = data["name"]
    return ConfigSubentryData(
        data=dict(data), subentry_type=kind, title=name, unique_id=name
    )


class HomeUnderTest:
    """One home in one Home Assistant, with its devices played by the test."""

    def __init__(self, hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
        """Play devices that obey nobody yet."""
        self.hass = hass
        self.freezer = freezer
        self.subentries: list[ConfigSubentryData] = []
        self.station: dict[str, Any] | None = None
        self.panel: dict[str, Any] | None = None
        self.data: dict[str, Any] = {}
        """What else a person has chosen for the home."""
        self.entry: MockConfigEntry | None = None
        self.recorded: list[ServiceCall] = []
        self.broken: dict[str, BaseException] = {}
        self.hanging: dict[str, asyncio.Event] = {}
        """Actions that do not return before their event."""
        self.obedient: dict[str, Callable[[ServiceCall], None]] = {}
        """What a device does before its action returns."""
        self.play_devices()

    @callback
    def play_devices(self) -> None:
        """Take the place of the devices' own actions, which do the real work."""
        for domain, service in (
            ("valve", "close_valve"),
            ("valve", "open_valve"),
            ("switch", "turn_on"),
            ("switch", "turn_off"),
            ("cover", "open_cover"),
            ("cover", "close_cover"),
            ("siren", "turn_on"),
            ("siren", "turn_off"),
            ("light", "turn_on"),
            ("select", "select_option"),
            ("number", "set_value"),
            ("fan", "turn_on"),
            ("fan", "turn_off"),
            ("lock", "lock"),
            ("lock", "unlock"),
            ("notify", "mobile_app_phone"),
        ):
            self.hass.services.async_register(domain, service, self._on_call)

    async def _on_call(self, call: ServiceCall) -> None:
        self.recorded.append(call)
        entity_id = call.data.get("entity_id", f"{call.domain}.{call.service}")
        if isinstance(entity_id, list):
            entity_id = entity_id[0]
        if (obey := self.obedient.get(entity_id)) is not None:
            obey(call)
        if (event := self.hanging.get(entity_id)) is not None:
            await event.wait()
        if (error := self.broken.get(entity_id)) is not None:
            raise error

    def add(self, kind: str, *items: Mapping[str, Any]) -> None:
        """Configure detectors, actuators or contacts."""
        self.subentries.extend(subentry(kind, data) for data in items)

    @callback
    def state(self, entity_id: str, state: str, **attributes: Any) -> None:
        """Let a device report."""
        self.hass.states.async_set(entity_id, state, attributes)

    async def settle(self) -> None:
        """Let everything happen that follows, also what waits for the next turn."""
        await self.hass.async_block_till_done()
        for _ in range(3):
            await asyncio.sleep(0)
        await self.hass.async_block_till_done()

    async def report(self, entity_id: str, state: str, **attributes: Any) -> None:
        """Let a device report, a moment later, and everything that follows happen."""
        self.freezer.tick(timedelta(milliseconds=10))
        self.state(entity_id, state, **attributes)
        await self.settle()

    async def start(self) -> None:
        """Set the home up, as at the start of Home Assistant."""
        if self.entry is None:
            self.entry = MockConfigEntry(
                domain=DOMAIN,
                title="Home",
                unique_id="home",
                data={
                    "role": "home",
                    "home_id": "7d4c4d3a-5e55-4b53-9f0a-0a4a8c1c0001",
                    "name": "Home",
                    "gas": "natural_gas",
                    "lel": 4.4,
                    "address": "Building 3",
                    "private_key": Key.generate().private,
                    "station": self.station,
                    "panel": self.panel,
                    **self.data,
                },
                subentries_data=self.subentries,
            )
            self.entry.add_to_hass(self.hass)
            await self.hass.config_entries.async_setup(self.entry.entry_id)
        else:
            await self.hass.config_entries.async_reload(self.entry.entry_id)
        # The entity components that the entry loads have registered their own.
        self.play_devices()
        await self.settle()
        assert self.entry.state is ConfigEntryState.LOADED

    async def reload(self) -> None:
        """Set the home up anew: what it knows comes from the journal."""
        await self.start()

    async def pass_time(
        self, seconds: float, step: float = 0.5, *, wait: bool = True
    ) -> None:
        """Let time pass, in steps, so that every timer has its turn.

        `wait` for all that follows, which something that hangs would never let end.
        """
        while seconds > 0:
            self.freezer.tick(timedelta(seconds=min(step, seconds)))
            async_fire_time_changed(self.hass)
            await (self.settle() if wait else self.turns())
            seconds -= step

    async def turns(self, count: int = 30) -> None:
        """Let the loop turn, without waiting for what hangs."""
        for _ in range(count):
            await asyncio.sleep(0)
        if self.entry is not None and self.entry.state is ConfigEntryState.LOADED:
            # People and pages follow the disk.
            if writing := tuple(self.home.guard.timelines.writing):
                await asyncio.wait(writing)
                for _ in range(count):
                    await asyncio.sleep(0)

    async def until(self, is_true: Callable[[], object], what: str = "it") -> None:
        """Wait for something that comes over a socket, while the clock runs on."""
        for _ in range(5000):
            if is_true():
                return
            self.freezer.tick(timedelta(milliseconds=10))
            await self.hass.async_add_executor_job(time.sleep, 0.002)
        raise AssertionError(f"{what} has not come")

    async def clear_for(self, seconds: float) -> None:
        """Let time pass while nothing happens but silence."""
        await self.pass_time(seconds, step=30)

    async def stop(self) -> None:
        """Unload the home."""
        assert self.entry is not None
        assert await self.hass.config_entries.async_unload(self.entry.entry_id)

    async def remove(self) -> None:
        """Remove the home."""
        assert self.entry is not None
        assert await self.hass.config_entries.async_remove(self.entry.entry_id)

    def shown(self, entity_id: str) -> State:
        """Return what an entity of the home shows."""
        state = self.hass.states.get(entity_id)
        assert state is not None, (
            f"{entity_id} in {self.hass.states.async_entity_ids()}"
        )
        return state

    async def person(self, name: str = "Anna") -> Context:
        """Return the context of a person who asks for something."""
        user = await self.hass.auth.async_create_user(name)
        return Context(user_id=user.id)

    async def do(
        self, domain: str, service: str, context: Context | None = None, **data: Any
    ) -> None:
        """Perform an action, as a page or an automation does."""
        await self.hass.services.async_call(
            domain, service, data, blocking=True, context=context
        )
        await self.settle()

    def kinds(self) -> list[str]:
        """Return the kinds of entries in all timelines, in order."""
        timelines = self.home.guard.timelines.all().values()
        return [record.kind for t in timelines for record in t.records]

    def told(self) -> list[Mapping[str, Any]]:
        """Return what the timelines say of messages."""
        timelines = self.home.guard.timelines.all().values()
        return [r.body for t in timelines for r in t.records if r.kind == "told"]

    def step(self, name: str) -> Step:
        """Return the step of the open incident for an actuator, by its name."""
        names = {a.id: a.options.name for a in self.home.actuators}
        (step,) = (s for s in self.incident.steps if names[s.actuator] == name)
        return step

    @property
    def home(self) -> Home:
        """The running home."""
        assert self.entry is not None
        home = self.entry.runtime_data
        assert isinstance(home, Home)
        return home

    @property
    def incident(self) -> Incident:
        """The one open incident."""
        (incident,) = self.home.guard.state.incidents.values()
        return incident

    def incident_of(self, hazard: Hazard) -> Incident | None:
        """The open incident of a hazard."""
        return self.home.guard.state.open_incident(hazard)

    def calls(self, domain: str, service: str) -> list[str]:
        """Return the entities that an action was called for, in order."""
        found: list[str] = []
        for call in self.recorded:
            if (call.domain, call.service) == (domain, service):
                entity_id = call.data.get("entity_id", "")
                found.append(entity_id[0] if isinstance(entity_id, list) else entity_id)
        return found

    def messages(self) -> list[str]:
        """Return the titles that the phone got."""
        return [
            call.data["title"]
            for call in self.recorded
            if call.service == "mobile_app_phone"
        ]
