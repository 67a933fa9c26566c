"""A home under test: states go in, calls come out."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigEntryState, ConfigSubentryData
from homeassistant.core import HomeAssistant, ServiceCall, callback
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)

from custom_components.zhian.const import DOMAIN
from custom_components.zhian.home import Home
from custom_components.zhian.link.signatures import Key
from custom_components.zhian.safety.incident import Incident
from custom_components.zhian.safety.vocabulary import Hazard

DETECTOR = "binary_sensor.kitchen_gas"
LEVEL = "sensor.kitchen_gas_level"
VALVE = "valve.gas_supply"
WINDOW = "cover.kitchen_window"
SIREN = "siren.hall"
WATER = "binary_sensor.bathroom_water"
WATER_VALVE = "switch.water_main"
PHONE = "notify.mobile_app_phone"

GAS_DETECTOR = {"entity_id": DETECTOR, "hazard": "gas", "name": "Kitchen gas"}
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
        self.entry: MockConfigEntry | None = None
        self.recorded: list[ServiceCall] = []
        self.broken: dict[str, BaseException] = {}
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
            ("notify", "mobile_app_phone"),
        ):
            self.hass.services.async_register(domain, service, self._on_call)

    async def _on_call(self, call: ServiceCall) -> None:
        self.recorded.append(call)
        entity_id = call.data.get("entity_id", f"{call.domain}.{call.service}")
        if isinstance(entity_id, list):
            entity_id = entity_id[0]
        if (error := self.broken.get(entity_id)) is not None:
            raise error

    def add(self, kind: str, *items: Mapping[str, Any]) -> None:
        """Configure detectors, actuators or contacts."""
        self.subentries.extend(subentry(kind, data) for data in items)

    @callback
    def state(self, entity_id: str, state: str, **attributes: Any) -> None:
        """Let a device report."""
        self.hass.states.async_set(entity_id, state, attributes)

    async def report(self, entity_id: str, state: str, **attributes: Any) -> None:
        """Let a device report, a moment later, and everything that follows happen."""
        self.freezer.tick(timedelta(milliseconds=10))
        self.state(entity_id, state, **attributes)
        await self.hass.async_block_till_done()

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
                },
                subentries_data=self.subentries,
            )
            self.entry.add_to_hass(self.hass)
            await self.hass.config_entries.async_setup(self.entry.entry_id)
        else:
            await self.hass.config_entries.async_reload(self.entry.entry_id)
        # The entity components that the entry loads have registered their own.
        self.play_devices()
        await self.hass.async_block_till_done()
        assert self.entry.state is ConfigEntryState.LOADED

    async def reload(self) -> None:
        """Set the home up anew: what it knows comes from the journal."""
        await self.start()

    async def pass_time(self, seconds: float, step: float = 0.5) -> None:
        """Let time pass, in steps, so that every timer has its turn."""
        while seconds > 0:
            self.freezer.tick(timedelta(seconds=min(step, seconds)))
            async_fire_time_changed(self.hass)
            await self.hass.async_block_till_done()
            seconds -= step

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
