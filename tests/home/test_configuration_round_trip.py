"""Whatever a home is set to goes out as a file and comes in as it was."""

from collections.abc import Iterator, Mapping
import copy
import json
from random import Random
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers import area_registry as ar

import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_mock_service,
)

from custom_components.zhian.home.configuration import as_yaml, configuration_of
from custom_components.zhian.home.configuration_home import HOME_KEYS
from custom_components.zhian.home.configuration_import import carry_out, prepare
from custom_components.zhian.home.configuration_reader import readers
from custom_components.zhian.home.ladder_flow import seconds_keys
from custom_components.zhian.home.options import (
    ActuatorOptions,
    DetectorOptions,
    HomeOptions,
)
from custom_components.zhian.home.panel_flow import SENSES
from custom_components.zhian.home.routine_options import RoutineOptions
from custom_components.zhian.home.watch_options import MODES, PanelOptions
from custom_components.zhian.safety.arming import Sense
from custom_components.zhian.safety.reporting import PRIORITIES

from .flows import home_entry, nothing_is_set_up, register
from .test_configuration import put

DOOR = {
    "entity_id": "binary_sensor.door",
    "hazard": "intrusion",
    "name": "Front door",
    "area": "hall",
    "quorum": 2,
    "quorum_window": 45.0,
    "fault_entity": "binary_sensor.fault",
    "warm_up_entity": "binary_sensor.warm_up",
    "lost_after": 30,
    "installed": "2024-05-01",
    "life_years": 8,
    "watch": {
        "sense": "opening",
        "modes": ["away", "vacation"],
        "delayed": True,
        "left_open": 5.0,
    },
}
LEVEL = {
    "entity_id": "sensor.lel",
    "hazard": "gas",
    "name": "Gas level",
    "unit": "%LEL",
    "pre_alarm": 4.0,
    "alarm": 9.0,
    "hysteresis": 1.5,
    "standard": "ul_2034",
}
WORDS = {
    "entity_id": "sensor.words",
    "hazard": "smoke",
    "name": "Smoke",
    "state_map": {"ok": "normal", "alarm": "alarm"},
}
WINDOW = {
    "entity_id": "select.window",
    "role": "window",
    "name": "Window",
    "inverted": False,
    "ignition_safe": True,
    "open_on_gas": True,
    "targets": {"open": "on", "closed": "off"},
    "travel_time": 12.0,
    "witness": "entity",
    "witness_entity": "binary_sensor.shut",
    "rain_entity": "binary_sensor.rain",
    "child_lock_entity": "binary_sensor.child",
    "lock_entity": "binary_sensor.locked",
    "obstruction_entity": "binary_sensor.blocked",
    "area": "hall",
    "installed": "2024-05-01",
    "life_years": 7,
    "plans": {"carbon_monoxide": False},
}
SIREN = {
    "entity_id": "siren.hall",
    "role": "siren",
    "name": "Siren",
    "sound_on_gas": False,
    "tones": {"smoke": "high"},
    "duration": 90.0,
    "exercise": False,
}
ANNA = {
    "name": "Anna",
    "role": "relative",
    "order": 2,
    "confidant": True,
    "channels": [{"kind": "notify", "target": "notify.anna", "critical": False}],
}
MOTHER = {
    "name": "Mother",
    "sources": [{"entity_id": "binary_sensor.motion", "registry_id": None}],
    "power_limit": 60.0,
    "day_from": "06:30:00",
    "day_to": "21:00:00",
    "by_day": 10.0,
    "in_all": 20.0,
    "learns": True,
    "away_entities": ["calendar.mother"],
    "persons": ["person.mother"],
    "voice": "tts.home",
    "speakers": ["media_player.kitchen"],
    "satellites": ["assist_satellite.kitchen"],
    "ignition_safe": True,
}
FACTS: dict[str, Any] = {
    "address": "Street 1",
    "ladder": {"resident": 30.0, "repeat": 90.0},
    "panel": {
        "exit_delay": 45.0,
        "entry_delay": 20.0,
        "report_from": 3,
        "code_arm_required": True,
        "cameras": ["camera.hall"],
    },
    "report_after": {"water": 60.0, "intrusion": 15.0},
    "priorities": {"water": 0, "intrusion": 2},
}


@pytest.fixture(autouse=True)
def _flows_alone(hass: HomeAssistant) -> Iterator[None]:
    async_mock_service(hass, "notify", "anna")
    register(hass, "binary_sensor.door", "off", original_device_class="door")
    register(hass, "binary_sensor.motion", original_device_class="motion")
    register(hass, "sensor.lel", "0", {"unit_of_measurement": "%LEL"})
    register(hass, "sensor.words", "ok", {"options": ["ok", "alarm"]})
    register(hass, "select.window", "on", {"options": ["on", "off"]})
    register(
        hass,
        "siren.hall",
        "off",
        {"available_tones": ["high", "low"], "supported_features": 4},
    )
    for entity_id in (
        *("binary_sensor.fault", "binary_sensor.warm_up", "binary_sensor.shut"),
        *("binary_sensor.rain", "binary_sensor.child", "binary_sensor.locked"),
        *("binary_sensor.blocked", "camera.hall", "camera.door", "tts.home"),
        *("media_player.kitchen", "assist_satellite.kitchen", "calendar.mother"),
        "person.mother",
    ):
        register(hass, entity_id, "off")
    ar.async_get(hass).async_create("Hall")
    with nothing_is_set_up():
        yield


def furnished(
    hass: HomeAssistant,
    facts: Mapping[str, Any],
    detectors: tuple[dict[str, Any], ...] = (DOOR, LEVEL, WORDS),
    actuators: tuple[dict[str, Any], ...] = (WINDOW, SIREN),
) -> MockConfigEntry:
    """Return a home that has everything there is to choose."""
    entry = home_entry(hass, **facts)
    for detector in detectors:
        put(hass, entry, "detector", DetectorOptions.from_mapping(detector).as_data())
    for actuator in actuators:
        put(hass, entry, "actuator", ActuatorOptions.from_mapping(actuator).as_data())
    put(hass, entry, "contact", ANNA)
    anna = next(iter(entry.get_subentries_of_type("contact"))).subentry_id
    mother = RoutineOptions.from_mapping(MOTHER | {"asks": [anna]})
    put(hass, entry, "routine", mother.as_data())
    put(
        hass,
        entry,
        "code",
        {"name": "Wei", "salt": "00", "digest": "00", "can_arm": True},
    )
    return entry


def chosen(entry: MockConfigEntry) -> dict[str, Any]:
    """Return all that a person chose, without what is only this home's own."""
    home = HomeOptions.from_mapping(entry.data).as_data()
    for own in ("home_id", "private_key", "station"):
        del home[own]
    contacts = {s.subentry_id: s.title for s in entry.get_subentries_of_type("contact")}
    parts: dict[str, Any] = {}
    for subentry in entry.subentries.values():
        data = json.loads(json.dumps(dict(subentry.data)))
        if subentry.subentry_type == "code":
            continue
        data.pop("registry_id", None)
        data.pop("registry_ids", None)
        for source in data.get("sources", []):
            source.pop("registry_id", None)
        if "asks" in data:
            data["asks"] = [contacts[contact] for contact in data["asks"]]
        if subentry.subentry_type == "contact":
            for channel in data["channels"]:
                channel.pop("critical", None)
        parts[subentry.title] = data
    return {"home": home, **parts}


def test_every_key_that_may_come_in_goes_out(hass: HomeAssistant) -> None:
    """What is added to a dialog and forgotten here is lost on the way."""
    file = configuration_of(furnished(hass, FACTS))
    assert set(file["home"]) == set(HOME_KEYS)
    for section, kind in (
        ("detectors", "detector"),
        ("actuators", "actuator"),
        ("routines", "routine"),
        ("codes", "code"),
    ):
        gone_out = {key for item in file[section] for key in item}
        assert gone_out == set(readers(kind)), section


def some(random: Random, mapping: Mapping[str, Any]) -> dict[str, Any]:
    """Return a part of it; a home need not have chosen everything."""
    return {key: value for key, value in mapping.items() if random.random() < 0.6}


def random_home(hass: HomeAssistant, random: Random) -> MockConfigEntry:
    facts = {
        "ladder": {key: float(random.randint(5, 1800)) for key in seconds_keys()},
        "panel": PanelOptions(
            float(random.randint(0, 300)),
            float(random.randint(0, 120)),
            random.randint(1, 3),
            random.random() < 0.5,
            tuple(random.sample(["camera.hall", "camera.door"], random.randint(0, 2))),
        ).as_data(),
        "report_after": {
            hazard: float(random.randint(1, 300)) for hazard in ("water", "intrusion")
        },
        "priorities": {
            hazard.value: random.choice(allowed)
            for hazard, allowed in PRIORITIES.items()
        },
    }
    facts["ladder"] = some(random, facts["ladder"])
    facts["report_after"] = some(random, facts["report_after"])
    sense = random.choice(SENSES)
    watch: dict[str, Any] = {
        "sense": sense,
        "modes": random.sample(MODES, random.randint(1, len(MODES))),
        "delayed": random.random() < 0.5,
    }
    if sense is Sense.OPENING:
        watch["left_open"] = float(random.randint(1, 1440))
    optional = {
        key: value
        for key, value in WINDOW.items()
        if key.endswith("_entity") and key != "witness_entity"
    }
    kept = {key: value for key, value in WINDOW.items() if key not in optional}
    return furnished(
        hass,
        {key: value or None for key, value in some(random, facts).items()},
        (DOOR | {"watch": watch}, LEVEL, WORDS),
        (kept | some(random, optional), SIREN),
    )


@pytest.mark.parametrize("seed", range(20))
async def test_any_home_comes_in_as_it_went_out(hass: HomeAssistant, seed: int) -> None:
    random = Random(seed)
    entry = random_home(hass, random)
    before = chosen(entry)
    write = random.choice([as_yaml, json.dumps])
    text = write(configuration_of(entry))
    await hass.config_entries.async_remove(entry.entry_id)
    other = home_entry(hass, name="Elsewhere", gas="propane", lel=1.7)
    plan = prepare(hass, other, text)
    assert plan.problems == []
    carry_out(hass, other, plan)
    assert chosen(other) == before
    # And once more: nothing is new any more, and nothing changes.
    again = prepare(hass, other, text)
    assert (again.problems, again.added) == ([], [])
    carry_out(hass, other, again)
    assert chosen(other) == before


def places(tree: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the way to every value of a file."""
    if path:
        yield path
    keys: Any = ()
    if isinstance(tree, dict):
        keys = tree.items()
    elif isinstance(tree, list):
        keys = enumerate(tree)
    for key, value in keys:
        yield from places(value, (*path, key))


ODD = (None, "banana", -1, True, ["banana"], {"banana": None})


def one_by_one(file: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield a small file for each part of a large one."""
    for section, content in file.items():
        if section == "home":
            yield {"zhian": 1, section: content}
        elif section != "zhian":
            for item in content:
                yield {"zhian": 1, section: [item]}


def test_no_value_of_a_file_breaks_the_import(hass: HomeAssistant) -> None:
    """Put in the place of any value, each is taken or told; nothing is raised."""
    entry = furnished(hass, FACTS)
    before = chosen(entry)
    tried = 0
    for file in one_by_one(configuration_of(entry)):
        for path in places(file):
            for odd in ODD:
                changed = copy.deepcopy(file)
                inner: Any = changed
                for key in path[:-1]:
                    inner = inner[key]
                inner[path[-1]] = odd
                plan = prepare(hass, entry, json.dumps(changed))
                for _, options in (*plan.changed, *plan.added):
                    assert options.as_data()
                tried += 1
    assert tried > 500
    assert chosen(entry) == before


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "  panel:\n    exit_delay: 500\n    entry_delay: soon",
            [(6, "import_range"), (7, "import_not_a_number")],
        ),
        ("  panel: {report_from: 4}", [(5, "import_not_one_of")]),
        ("  panel:\n    alarms: 1", [(6, "import_unknown_key")]),
        ("  panel:\n    cameras:\n      - light.a", [(7, "import_not_one_of")]),
        ("  panel: {cameras: 3}", [(5, "import_not_a_list")]),
        (
            "  panel: {cameras: [camera.gone]}",
            [(5, "config_subentries.detector.error.entity_not_found")],
        ),
        ("  report_after:\n    gas: 30", [(6, "import_unknown_key")]),
        ("  report_after:\n    water: 301", [(6, "import_range")]),
        ("  priorities:\n    gas: 2", [(6, "import_not_one_of")]),
        ("  priorities: {cat: 2}", [(5, "import_unknown_key")]),
    ],
)
def test_each_wrong_line_inside_the_home_is_told(
    hass: HomeAssistant, text: str, told: list[tuple[int, str]]
) -> None:
    entry = home_entry(hass)
    plan = prepare(hass, entry, f"zhian: 1\nhome:\n  name: A\n  gas: propane\n{text}")
    assert [(problem.line, problem.key) for problem in plan.problems] == told
