"""Dashboards of the demo: what a person wants to see of the house and the desk."""

from .ha_api import HomeAssistantApi

HOME_PATH = "zhian-home"
STATION_PATH = "zhian-station"

_NAMELESS = (
    "gas_valve",
    "siren_state",
    "front_door_contact",
    "water_sensor_water",
)

type Card = dict[str, object]


def _entities(title: str, *entities: str) -> Card:
    return {
        "type": "entities",
        "title": title,
        "show_header_toggle": False,
        "entities": [_row(entity_id) for entity_id in entities],
    }


def _row(entity_id: str) -> Card:
    """Return a row; what has a name of its own needs not its device's."""
    row: Card = {"entity": entity_id}
    domain, _, name = entity_id.partition(".")
    if domain == "cover":  # its buttons leave room for two words
        row["name"] = "Left window" if "left" in name else "Right window"
    elif domain not in ("valve", "script") and not name.startswith("phone"):
        row["name"] = [{"type": "device"}] if name in _NAMELESS else {"type": "entity"}
    return row


async def _own_entities(api: HomeAssistantApi) -> list[str]:
    """Return the integration's entities, the important platforms first."""
    order = ("binary_sensor", "sensor", "valve", "cover", "button", "event", "switch")
    async with api.websocket() as socket:
        registry = await socket.call("config/entity_registry/list")
    own = [
        str(entry["entity_id"])
        for entry in registry
        if entry["platform"] == "zhian" and not entry["disabled_by"]
    ]

    def rank(entity_id: str) -> tuple[int, str]:
        domain = entity_id.partition(".")[0]
        return (order.index(domain) if domain in order else len(order), entity_id)

    return sorted(own, key=rank)


async def _add(
    api: HomeAssistantApi, path: str, title: str, icon: str, cards: list[Card]
) -> None:
    async with api.websocket() as socket:
        await socket.call(
            "lovelace/dashboards/create",
            url_path=path,
            title=title,
            icon=icon,
            mode="storage",
            show_in_sidebar=True,
            require_admin=False,
        )
        await socket.call(
            "lovelace/config/save",
            url_path=path,
            config={"views": [{"title": title, "cards": cards}]},
        )


LAST_MESSAGE = "{{ states('sensor.phone_last_message') | replace('\\n', '\n\n') }}"


async def add_home(api: HomeAssistantApi) -> None:
    """Add the home's page: Zhi'an, the real devices, the hand of fate."""
    cards = [
        _entities("Zhi'an", *await _own_entities(api)),
        _entities(
            "Devices",
            "binary_sensor.kitchen_gas_gas",
            "sensor.kitchen_gas_lel",
            "switch.gas_valve",
            "sensor.gas_valve_position",
            "cover.kitchen_window_left_window",
            "cover.kitchen_window_right_window",
            "siren.siren_state",
            "binary_sensor.front_door_contact",
            "binary_sensor.water_sensor_water",
        ),
        _entities(
            "The virtual house",
            "button.controls_leak_small",
            "button.controls_leak_medium",
            "button.controls_leak_large",
            "button.controls_leak_none",
            "sensor.controls_leak",
            "switch.controls_jam_valve",
            "switch.controls_kill_detector",
            "switch.controls_power_cut",
        ),
        {"type": "markdown", "title": "Phone", "content": LAST_MESSAGE},
        _entities("Answer", "button.phone_acknowledge"),
        {
            "type": "history-graph",
            "title": "Gas",
            "hours_to_show": 0.1,
            "entities": ["sensor.kitchen_gas_lel", "sensor.gas_valve_position"],
        },
    ]
    await _add(api, HOME_PATH, "Guarded home", "mdi:home-heart", cards)


INCIDENTS = """\
| No. | What | Household | Status |
| --- | --- | --- | --- |
{% for s in states.geo_location
   | selectattr('attributes.source', 'eq', 'zhian') -%}
{% set a = s.attributes -%}
| {{ a.number }} | {{ a.hazard }} | {{ a.household }} | {{ a.status }} |
{% endfor %}"""


async def add_station(api: HomeAssistantApi) -> None:
    """Add the station's page: the map, the open incidents, the officer's buttons."""
    cards: list[Card] = [
        {
            "type": "map",
            "title": "Open incidents",
            "geo_location_sources": ["zhian"],
            "entities": ["zone.home"],
        },
        {"type": "markdown", "title": "Desk", "content": INCIDENTS},
        _entities(
            "The officer",
            "script.desk_acknowledge",
            "script.desk_dispatch",
            "script.desk_close",
        ),
        _entities("Zhi'an", *await _own_entities(api)),
    ]
    await _add(api, STATION_PATH, "Desk", "mdi:police-station", cards)
