"""One accident of every hazard: its detector, what its plan moves, and how it obeys."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from custom_components.zhian.home.words import word
from custom_components.zhian.safety.incident import Incident
from custom_components.zhian.safety.plan import PLANS
from custom_components.zhian.safety.vocabulary import Hazard

from .house import HomeUnderTest


@dataclass(frozen=True)
class Device:
    """Something that a plan moves."""

    entity_id: str
    role: str
    name: str
    action: tuple[str, str]
    at_rest: str
    obeyed: str
    own: tuple[tuple[str, Any], ...] = ()

    @property
    def data(self) -> dict[str, Any]:
        """The subentry: declared safe, so that no other hazard holds it back."""
        return {
            "entity_id": self.entity_id,
            "role": self.role,
            "name": self.name,
            "ignition_safe": True,
            "travel_time": 2,
            **dict(self.own),
        }


GAS_VALVE = Device(
    "valve.kitchen_gas_line",
    "gas_valve",
    "Gas supply",
    ("valve", "close_valve"),
    "open",
    "closed",
)
WATER_MAIN = Device(
    "switch.water_main",
    "water_valve",
    "Water main",
    ("switch", "turn_off"),
    "on",
    "off",
)
GARDEN_TAP = Device(
    "valve.garden_tap",
    "water_valve",
    "Garden tap",
    ("valve", "close_valve"),
    "open",
    "closed",
)
WINDOW = Device(
    "cover.kitchen_window",
    "window",
    "Kitchen window",
    ("cover", "open_cover"),
    "closed",
    "open",
    (("open_on_gas", True),),
)
FAN = Device("fan.hood", "fan", "Hood", ("fan", "turn_on"), "off", "on")
FRONT_DOOR = Device(
    "lock.front_door", "lock", "Front door", ("lock", "unlock"), "locked", "unlocked"
)
BACK_DOOR = Device(
    "lock.back_door", "lock", "Back door", ("lock", "unlock"), "locked", "unlocked"
)
SIREN = Device("siren.hall", "siren", "Hall siren", ("siren", "turn_on"), "off", "on")
LAMP = Device("light.hall", "light", "Hall lamp", ("light", "turn_on"), "off", "on")


@dataclass(frozen=True)
class Accident:
    """A hazard, the detector that notices it, and the devices of its plan."""

    hazard: Hazard
    detector: str
    name: str
    shown: str
    devices: tuple[Device, ...] = ()
    own: tuple[tuple[str, Any], ...] = ()

    def __str__(self) -> str:
        """Name the test after the hazard."""
        return self.hazard.value

    @property
    def data(self) -> Mapping[str, Any]:
        """The subentry of the detector."""
        return {
            "entity_id": self.detector,
            "hazard": self.hazard.value,
            "name": self.name,
            **dict(self.own),
        }

    @property
    def device(self) -> Device:
        """What the plan moves first."""
        return self.devices[0]

    @property
    def title(self) -> str:
        """The title of the message that tells the alarm."""
        said = word(f"hazard.{self.hazard}", "en")
        return word("title.alarm", "en").format(hazard=said, home="Home")

    def furnish(self, home: HomeUnderTest) -> None:
        """Put the detector and the devices in place, all of them quiet."""
        home.add("detector", self.data)
        home.state(self.detector, "off")
        self.place_devices(home)

    def place_devices(self, home: HomeUnderTest) -> None:
        """Put the devices alone in place."""
        names = {str(s["title"]) for s in home.subentries}
        for device in self.devices:
            if device.name not in names:
                home.add("actuator", device.data)
                home.state(device.entity_id, device.at_rest)

    def incident(self, home: HomeUnderTest) -> Incident:
        """Return the open incident of the hazard."""
        found = home.incident_of(self.hazard)
        assert found is not None, f"no {self.hazard} incident"
        return found


GAS = Accident(
    Hazard.GAS,
    "binary_sensor.kitchen_gas",
    "Kitchen gas",
    "binary_sensor.home_gas",
    (GAS_VALVE, WINDOW),
)
ACCIDENTS = (
    GAS,
    Accident(
        Hazard.CARBON_MONOXIDE,
        "binary_sensor.hall_co",
        "Hall CO",
        "binary_sensor.home_carbon_monoxide",
        (GAS_VALVE, FAN),
    ),
    Accident(
        Hazard.SMOKE,
        "binary_sensor.hall_smoke",
        "Hall smoke",
        "binary_sensor.home_smoke",
        (GAS_VALVE, FRONT_DOOR),
    ),
    Accident(
        Hazard.WATER,
        "binary_sensor.bathroom_water",
        "Bathroom floor",
        "binary_sensor.home_water",
        (WATER_MAIN, GARDEN_TAP),
    ),
    Accident(
        Hazard.INTRUSION,
        "binary_sensor.front_door_tamper",
        "Front door tamper",
        "binary_sensor.home_intrusion",
        (SIREN, LAMP) if Hazard.INTRUSION in PLANS else (),
        # What is tampered with counts whether the panel is armed or not.
        (("watch", {"sense": "tamper"}),),
    ),
    Accident(
        Hazard.SOS,
        "binary_sensor.bedside_button",
        "Bedside button",
        "binary_sensor.home_call_for_help",
        (FRONT_DOOR, BACK_DOOR),
    ),
    Accident(
        Hazard.INACTIVITY,
        "binary_sensor.no_movement",
        "No movement",
        "binary_sensor.home_inactivity",
    ),
)

WITH_PLAN = tuple(accident for accident in ACCIDENTS if accident.devices)
"""Those that move something; the others are told and reported."""


def furnish_all(home: HomeUnderTest, accidents: Iterable[Accident]) -> None:
    """Put the detectors and devices of several accidents in one home."""
    for accident in accidents:
        accident.furnish(home)
