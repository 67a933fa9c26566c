"""The devices of the house as Zigbee2MQTT would announce and report them.

Pure: from the house to MQTT messages, and from a command to the house. Each
device has one JSON state topic; its entities pick their part by a template.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
import json
from typing import Final

from .physics import WARM_UP, House, Leak, Motor

type JSON = str | int | float | bool | None | list[JSON] | dict[str, JSON]

BASE: Final = "house"
HUB_STATE: Final = f"{BASE}/hub/state"
DIARY: Final = f"{BASE}/diary"
"""What really happened in the house, for whoever checks the story."""


@dataclass(frozen=True, slots=True)
class Entity:
    """One entity of a device, with the fields of its discovery message."""

    platform: str
    key: str
    config: Mapping[str, JSON]


@dataclass(frozen=True, slots=True)
class Device:
    """A device: how it is announced, what it reports, what it understands."""

    node: str
    name: str
    model: str
    area: str
    entities: tuple[Entity, ...]
    report: Callable[[House], dict[str, JSON]]
    is_behind_hub: bool = True

    @property
    def state_topic(self) -> str:
        """Return the topic of its reports."""
        return f"{BASE}/{self.node}"

    @property
    def set_topic(self) -> str:
        """Return the topic of its commands."""
        return f"{BASE}/{self.node}/set"

    @property
    def availability_topic(self) -> str:
        """Return the topic of its own availability."""
        return f"{BASE}/{self.node}/availability"

    def discovery(self) -> dict[str, str]:
        """Return its retained discovery messages by topic."""
        return {
            f"homeassistant/{entity.platform}/{self.node}/{entity.key}/config": (
                json.dumps(self._announce(entity))
            )
            for entity in self.entities
        }

    def _announce(self, entity: Entity) -> dict[str, JSON]:
        availability: list[JSON] = [{"topic": self.availability_topic}]
        if self.is_behind_hub:
            availability.append({"topic": HUB_STATE})
        message: dict[str, JSON] = {
            "unique_id": f"virtual_house_{self.node}_{entity.key}",
            "default_entity_id": f"{entity.platform}.{self.node}_{entity.key}",
            "availability": availability,
            "availability_mode": "all",
            "device": {
                "identifiers": [f"virtual_house_{self.node}"],
                "name": self.name,
                "manufacturer": "Virtual house",
                "model": self.model,
                "suggested_area": self.area,
            },
            "origin": {"name": "Virtual house"},
        }
        if entity.platform not in ("button", "notify"):
            message["state_topic"] = self.state_topic
            message["value_template"] = f"{{{{ value_json.{entity.key} }}}}"
        if entity.platform in ("switch", "siren", "cover"):
            message["command_topic"] = self.set_topic
        return message | dict(entity.config)


def _binary(key: str, name: str | None, **config: JSON) -> Entity:
    return Entity(
        "binary_sensor",
        key,
        {"name": name, "payload_on": True, "payload_off": False, **config},
    )


def _measure(key: str, name: str, unit: str, **config: JSON) -> Entity:
    return Entity(
        "sensor",
        key,
        {
            "name": name,
            "unit_of_measurement": unit,
            "state_class": "measurement",
            **config,
        },
    )


def _on_off(is_on: bool) -> str:
    return "ON" if is_on else "OFF"


def _valve_state(valve: Motor) -> str:
    """Return what the valve's end switch says: off is closed, and nothing else is."""
    return _on_off(valve.position > 0)


def _report_valve(house: House) -> dict[str, JSON]:
    return {
        "state": _valve_state(house.valve),
        "position": round(100 * house.valve.position),
    }


def _report_window(index: int) -> Callable[[House], dict[str, JSON]]:
    def report(house: House) -> dict[str, JSON]:
        window = house.windows[index]
        if window.is_moving:
            state = "opening" if window.target > window.position else "closing"
        else:
            state = "open" if window.position > 0 else "closed"
        return {"state": state, "position": round(100 * window.position)}

    return report


def _report_detector(house: House) -> dict[str, JSON]:
    detector = house.detector
    return {
        "gas": detector.alarm,
        "lel": detector.lel,
        "preheat": detector.is_warming_up,
        "fault": detector.fault,
        "battery": detector.battery,
    }


def _window(node: str, name: str, index: int) -> Device:
    topic = f"{BASE}/{node}"
    cover = Entity(
        "cover",
        "window",
        {
            "name": None,
            "device_class": "window",
            "value_template": "{{ value_json.state }}",
            "position_topic": topic,
            "position_template": "{{ value_json.position }}",
            "set_position_topic": f"{topic}/set",
            "set_position_template": '{"position": {{ position }}}',
        },
    )
    return Device(node, name, "Chain drive", "Kitchen", (cover,), _report_window(index))


GAS_DETECTOR = Device(
    "kitchen_gas",
    "Kitchen gas detector",
    "Methane, alarm at 10 %LEL",
    "Kitchen",
    (
        _binary("gas", "Gas", device_class="gas"),
        _measure("lel", "Gas level", "%LEL", suggested_display_precision=1),
        _binary("preheat", "Preheat", entity_category="diagnostic"),
        _binary("fault", "Fault", device_class="problem", entity_category="diagnostic"),
        _measure(
            "battery",
            "Battery",
            "%",
            device_class="battery",
            entity_category="diagnostic",
        ),
    ),
    _report_detector,
)

GAS_VALVE = Device(
    "gas_valve",
    "Gas valve",
    "Motor valve, on = open",
    "Kitchen",
    (
        Entity(
            "switch",
            "state",
            {"name": None, "default_entity_id": "switch.gas_valve"},
        ),
        _measure("position", "Position", "%"),
    ),
    _report_valve,
)

WINDOWS = (
    _window("kitchen_window_left", "Kitchen window left", 0),
    _window("kitchen_window_right", "Kitchen window right", 1),
)

SIREN = Device(
    "siren",
    "Siren",
    "Indoor siren",
    "Hall",
    (
        Entity(
            "siren",
            "state",
            {
                "name": None,
                "state_value_template": "{{ value_json.state }}",
                "command_template": "{{ value }}",
                "support_duration": False,
                "support_volume_set": False,
            },
        ),
    ),
    lambda house: {"state": _on_off(house.siren)},
)

FRONT_DOOR = Device(
    "front_door",
    "Front door",
    "Contact",
    "Hall",
    (_binary("contact", None, device_class="door"),),
    lambda house: {"contact": house.door_open},
)

WATER_SENSOR = Device(
    "water_sensor",
    "Water sensor",
    "Leak sensor",
    "Kitchen",
    (_binary("water", None, device_class="moisture"),),
    lambda house: {"water": house.water},
)

DEVICES = (GAS_DETECTOR, GAS_VALVE, *WINDOWS, SIREN, FRONT_DOOR, WATER_SENSOR)
"""What hangs on the hub. The phone and the controls have their own connection."""


def _flag(key: str, name: str, icon: str) -> Entity:
    return Entity(
        "switch",
        key,
        {
            "name": name,
            "icon": icon,
            "command_topic": f"{BASE}/controls/set/{key}",
            "entity_category": "config",
        },
    )


def _press(key: str, name: str, icon: str) -> Entity:
    return Entity(
        "button",
        key,
        {"name": name, "icon": icon, "command_topic": f"{BASE}/controls/set/{key}"},
    )


def _report_controls(house: House) -> dict[str, JSON]:
    return {
        "leak": house.leak.value,
        "jam_valve": _on_off(house.valve.jammed),
        "kill_detector": _on_off(house.detector.dead),
        "detector_fault": _on_off(house.detector.fault),
        "open_door": _on_off(house.door_open),
        "spill_water": _on_off(house.water),
    }


CONTROLS = Device(
    "controls",
    "House controls",
    "The hand of fate",
    "Controls",
    (
        _press("leak_small", "Small leak", "mdi:pipe-leak"),
        _press("leak_medium", "Medium leak", "mdi:pipe-leak"),
        _press("leak_large", "Large leak", "mdi:pipe-leak"),
        _press("leak_none", "Stop leak", "mdi:pipe"),
        Entity("sensor", "leak", {"name": "Leak", "icon": "mdi:gas-cylinder"}),
        _flag("jam_valve", "Jam valve", "mdi:valve-closed"),
        _flag("kill_detector", "Kill detector", "mdi:smoke-detector-off"),
        _flag("detector_fault", "Detector fault", "mdi:smoke-detector-alert"),
        _flag("power_cut", "Power cut of the hub", "mdi:power-plug-off"),
        _flag("open_door", "Open front door", "mdi:door-open"),
        _flag("spill_water", "Spill water", "mdi:water-alert"),
    ),
    _report_controls,
    is_behind_hub=False,
)


def command_valve(house: House, payload: str) -> None:
    """Obey ON (open) or OFF (close); a jammed valve hears it and does not move."""
    house.valve.target = 1.0 if payload == "ON" else 0.0


def command_window(house: House, index: int, payload: str) -> None:
    """Obey OPEN, CLOSE, STOP or a JSON object with a position in percent."""
    window = house.windows[index]
    match payload:
        case "OPEN":
            window.target = 1.0
        case "CLOSE":
            window.target = 0.0
        case "STOP":
            window.target = window.position
        case _:
            window.target = min(1.0, max(0.0, json.loads(payload)["position"] / 100))


def command_control(house: House, key: str, payload: str) -> None:
    """Obey a button or a switch of the controls; the power is not the house's."""
    is_on = payload == "ON"
    match key:
        case "leak_none" | "leak_small" | "leak_medium" | "leak_large":
            house.leak = Leak(key.removeprefix("leak_"))
        case "jam_valve":
            house.valve.jammed = is_on
        case "kill_detector":
            house.detector.dead = is_on
            house.detector.warm_up = WARM_UP
        case "detector_fault":
            house.detector.fault = is_on
        case "open_door":
            house.door_open = is_on
        case "spill_water":
            house.water = is_on


def command(house: House, node: str, payload: str) -> None:
    """Obey a command to a device on the hub."""
    match node:
        case "gas_valve":
            command_valve(house, payload)
        case "siren":
            house.siren = payload == "ON"
        case "kitchen_window_left" | "kitchen_window_right":
            command_window(house, int(node.endswith("right")), payload)
