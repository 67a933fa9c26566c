"""The plans: what a person reads of them, changes in them, and may not change."""

from collections.abc import Iterator
import json
from types import MappingProxyType
from typing import Any

from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.zhian.home.configuration import configuration_of
from custom_components.zhian.home.options import ActuatorOptions
from custom_components.zhian.home.plan_choices import acts_on, with_choice
from custom_components.zhian.safety.plan import POSSIBLE, steps_for
from custom_components.zhian.safety.vocabulary import ActuatorRole, Hazard
from tests.safety.homes import household

from .flows import Dialog, add, change, home_entry, nothing_is_set_up, reconfigure
from .house import (
    DETECTOR,
    GAS_DETECTOR,
    GAS_VALVE,
    SAFE_WINDOW,
    VALVE,
    WATER,
    WATER_DETECTOR,
    WATER_MAIN,
    WATER_VALVE,
    HomeUnderTest,
)

SIREN = {"entity_id": "siren.hall", "role": "siren", "name": "Hall siren"}
FAN = {"entity_id": "fan.kitchen", "role": "fan", "name": "Kitchen fan"}
SAFE_FAN = FAN | {"ignition_safe": True}
LIGHT = {"entity_id": "light.hall", "role": "light", "name": "Hall light"}
LOCK = {"entity_id": "lock.door", "role": "lock", "name": "Door"}


@pytest.fixture
def _flows_alone(hass: HomeAssistant) -> Iterator[None]:
    for part in (SIREN, FAN, LIGHT, LOCK, GAS_VALVE, WATER_MAIN, SAFE_WINDOW):
        hass.states.async_set(str(part["entity_id"]), "off")
    hass.states.async_set("binary_sensor.gas", "off", {"device_class": "gas"})
    with nothing_is_set_up():
        yield


def put(
    hass: HomeAssistant, entry: MockConfigEntry, *parts: dict[str, Any], kind: str
) -> None:
    for data in parts:
        hass.config_entries.async_add_subentry(
            entry,
            ConfigSubentry(
                data=MappingProxyType(data),
                subentry_type=kind,
                title=data["name"],
                unique_id=data["name"],
            ),
        )


def home_with(hass: HomeAssistant, *actuators: dict[str, Any]) -> MockConfigEntry:
    entry = home_entry(hass)
    put(hass, entry, *actuators, kind="actuator")
    return entry


def id_of(entry: MockConfigEntry, name: str) -> str:
    return next(s.subentry_id for s in entry.subentries.values() if s.title == name)


def data_of(entry: MockConfigEntry, name: str) -> dict[str, Any]:
    return dict(entry.subentries[id_of(entry, name)].data)


async def plan_of(hass: HomeAssistant, entry: MockConfigEntry, hazard: str) -> Dialog:
    dialog = await reconfigure(hass, entry)
    await dialog.choose("plans")
    await dialog.submit(hazard=hazard)
    assert dialog.step == "plan"
    return dialog


# --- what is shown -------------------------------------------------------------------


@pytest.mark.usefixtures("_flows_alone")
@pytest.mark.parametrize("hazard", list(Hazard))
async def test_every_hazard_has_a_plan_that_can_be_read(
    hass: HomeAssistant, hazard: Hazard
) -> None:
    entry = home_with(hass, GAS_VALVE, WATER_MAIN, SAFE_WINDOW, SIREN, FAN, LIGHT, LOCK)
    dialog = await plan_of(hass, entry, hazard)
    said = dialog.result["description_placeholders"]["always"]
    closes = hazard in (Hazard.GAS, Hazard.CARBON_MONOXIDE, Hazard.SMOKE)
    assert ("Closes, whatever is chosen: Gas supply" in said) is closes
    assert ("People are told" in said) is (hazard is not Hazard.INACTIVITY)
    result = await dialog.submit(**dialog.filled_in)
    assert result["reason"] == "reconfigure_successful"
    assert all(not s.data.get("plans") for s in entry.subentries.values())


@pytest.mark.usefixtures("_flows_alone")
async def test_the_plan_shows_which_devices_act(hass: HomeAssistant) -> None:
    entry = home_with(hass, GAS_VALVE, SAFE_WINDOW, SIREN, FAN, LIGHT, LOCK)
    dialog = await plan_of(hass, entry, "smoke")
    assert dialog.filled_in == {
        "lock_unlocked": [id_of(entry, "Door")],
        "light_on": [id_of(entry, "Hall light")],
        "fan_off": [id_of(entry, "Kitchen fan")],
        "siren_on": [id_of(entry, "Hall siren")],
    }
    dialog = await plan_of(hass, entry, "gas")
    assert dialog.filled_in == {
        "window_open": [id_of(entry, "Kitchen window")],
        "siren_on": [id_of(entry, "Hall siren")],
        "fan_on": [],
        "lock_unlocked": [],
        "light_on": [],
    }


# --- what is changed -----------------------------------------------------------------


@pytest.mark.usefixtures("_flows_alone")
async def test_a_device_is_left_out_of_a_plan_and_added_to_another(
    hass: HomeAssistant,
) -> None:
    entry = home_with(hass, SIREN, LIGHT)
    dialog = await plan_of(hass, entry, "smoke")
    await dialog.submit(light_on=[id_of(entry, "Hall light")])
    dialog = await plan_of(hass, entry, "water")
    await dialog.submit(siren_on=[id_of(entry, "Hall siren")], priority="0")
    assert data_of(entry, "Hall siren")["plans"] == {"smoke": False, "water": True}
    assert data_of(entry, "Hall light") == LIGHT
    assert entry.data["priorities"] == {"water": 0}
    dialog = await plan_of(hass, entry, "water")
    assert dialog.filled_in["priority"] == "0"
    dialog = await plan_of(hass, entry, "smoke")
    assert dialog.filled_in["siren_on"] == []
    await dialog.submit(**dialog.filled_in | {"siren_on": [id_of(entry, "Hall siren")]})
    assert data_of(entry, "Hall siren")["plans"] == {"water": True}


@pytest.mark.usefixtures("_flows_alone")
async def test_nothing_that_could_spark_comes_into_the_plan_for_gas(
    hass: HomeAssistant,
) -> None:
    entry = home_with(hass, FAN, LIGHT)
    put(hass, entry, GAS_DETECTOR, kind="detector")
    dialog = await plan_of(hass, entry, "gas")
    typed = {
        "fan_on": [id_of(entry, "Kitchen fan")],
        "light_on": [id_of(entry, "Hall light")],
    }
    await dialog.submit(**typed)
    assert dialog.errors == {
        "fan_on": "plan_could_spark",
        "light_on": "plan_could_spark",
    }
    said = dialog.result["description_placeholders"]["devices"]
    assert said == "Kitchen fan, Hall light"
    assert dialog.filled_in == typed
    assert data_of(entry, "Kitchen fan") == FAN, "nothing is half done"


@pytest.mark.usefixtures("_flows_alone")
async def test_a_siren_beside_gas_is_refused_and_one_far_from_it_is_not(
    hass: HomeAssistant,
) -> None:
    near = SIREN | {"area": "kitchen", "sound_on_gas": False}
    far = SIREN | {
        "entity_id": "siren.far",
        "name": "Attic siren",
        "area": "attic",
        "sound_on_gas": False,
    }
    entry = home_with(hass, near, far)
    put(hass, entry, GAS_DETECTOR | {"area": "kitchen"}, kind="detector")
    both = [id_of(entry, "Hall siren"), id_of(entry, "Attic siren")]
    dialog = await plan_of(hass, entry, "gas")
    await dialog.submit(siren_on=both)
    assert dialog.errors == {"siren_on": "plan_could_spark"}
    assert dialog.result["description_placeholders"]["devices"] == "Hall siren"
    await dialog.submit(siren_on=both[1:])
    assert data_of(entry, "Attic siren")["sound_on_gas"] is True


@pytest.mark.usefixtures("_flows_alone")
async def test_a_device_in_the_plan_for_gas_stays_declared_safe(
    hass: HomeAssistant,
) -> None:
    entry = home_with(hass, SAFE_FAN)
    dialog = await plan_of(hass, entry, "gas")
    await dialog.submit(fan_on=[id_of(entry, "Kitchen fan")])
    dialog = await change(hass, entry, "actuator")
    await dialog.submit(entity_id="fan.kitchen", role="fan")
    typed = dialog.filled_in
    await dialog.submit(**typed | {"ignition_safe": False})
    assert dialog.errors == {"ignition_safe": "in_gas_plan"}
    await dialog.submit(**typed | {"name": "Fan"})
    assert data_of(entry, "Fan")["plans"] == {"gas": True}, "the plan is kept"


@pytest.mark.usefixtures("_flows_alone")
async def test_another_role_begins_without_the_choices_of_the_last(
    hass: HomeAssistant,
) -> None:
    switch = FAN | {"entity_id": "switch.it", "plans": {"carbon_monoxide": False}}
    hass.states.async_set("switch.it", "off")
    entry = home_with(hass, switch)
    dialog = await change(hass, entry, "actuator")
    await dialog.submit(entity_id="switch.it", role="light")
    await dialog.submit(**dialog.filled_in)
    assert data_of(entry, "Kitchen fan")["plans"] == {}


@pytest.mark.parametrize("role", list(ActuatorRole))
@pytest.mark.parametrize("hazard", list(Hazard))
def test_what_is_chosen_is_what_the_plan_does_and_no_other_plan_changes(
    role: ActuatorRole, hazard: Hazard
) -> None:
    """A gas valve closes whatever is chosen."""
    device = ActuatorOptions.from_mapping(
        {"entity_id": "x.y", "role": role, "name": "It", "ignition_safe": True}
    )

    def plans(options: ActuatorOptions) -> dict[Hazard, bool]:
        home = household(options.actuator("it", None))
        return {h: bool(steps_for(home, h)) for h in Hazard}

    before = plans(device)
    assert before == {h: acts_on(device, h) for h in Hazard}
    if role not in POSSIBLE.get(hazard, {}):
        return
    for acts in (not before[hazard], before[hazard]):
        device = with_choice(device, hazard, acts=acts)
        assert plans(device) == before | {hazard: acts}
        assert plans(device) == {h: acts_on(device, h) for h in Hazard}


def test_nobody_keeps_a_gas_valve_from_closing() -> None:
    valve = ActuatorOptions.from_mapping(
        {
            "entity_id": "valve.gas",
            "role": "gas_valve",
            "plans": dict.fromkeys(Hazard, False),
        }
    )
    home = household(valve.actuator("valve", None))
    for hazard in (Hazard.GAS, Hazard.CARBON_MONOXIDE, Hazard.SMOKE):
        assert [s.id for s in steps_for(home, hazard)] == ["closed:valve"]
        assert acts_on(valve, hazard)


# --- what happens then ---------------------------------------------------------------


async def test_the_home_acts_by_its_changed_plan(bare_home: HomeUnderTest) -> None:
    home = bare_home
    home.add("detector", GAS_DETECTOR, WATER_DETECTOR)
    home.add(
        "actuator",
        GAS_VALVE,
        WATER_MAIN | {"plans": {"water": False}},
        SIREN | {"plans": {"water": True}},
        SAFE_FAN | {"plans": {"gas": True}},
        LIGHT | {"plans": {"gas": True}},
    )
    for entity_id, state in (
        (DETECTOR, "off"),
        (WATER, "off"),
        (VALVE, "open"),
        (WATER_VALVE, "on"),
        ("siren.hall", "off"),
        ("fan.kitchen", "off"),
        ("light.hall", "off"),
    ):
        home.state(entity_id, state)
    await home.start()
    await home.report(WATER, "on")
    assert home.calls("siren", "turn_on") == ["siren.hall"]
    assert home.calls("switch", "turn_off") == []
    await home.report(DETECTOR, "on")
    assert home.calls("valve", "close_valve") == [VALVE]
    assert home.calls("fan", "turn_on") == ["fan.kitchen"]
    assert home.calls("light", "turn_on") == [], "I2 holds whatever stands in the entry"
    await home.stop()


# --- a gas detector beside what could spark ------------------------------------------


@pytest.mark.usefixtures("_flows_alone")
@pytest.mark.parametrize(
    ("device", "fits"),
    [
        (SIREN, False),
        (SIREN | {"area": "kitchen"}, False),
        (SIREN | {"area": "attic"}, True),
        (SIREN | {"ignition_safe": True}, True),
        (SIREN | {"sound_on_gas": False}, True),
        (LIGHT, True),
    ],
)
async def test_a_gas_detector_beside_what_could_spark_is_refused_with_the_reason(
    hass: HomeAssistant, device: dict[str, Any], fits: bool
) -> None:
    entry = home_with(hass, device)
    dialog = await add(hass, entry, "detector")
    await dialog.submit(entity_id="binary_sensor.gas")
    result = await dialog.submit(**dialog.filled_in | {"area": "kitchen"})
    if fits:
        assert result["type"] is FlowResultType.CREATE_ENTRY
        return
    assert dialog.errors == {"area": "would_spark"}
    assert result["description_placeholders"]["devices"] == "Hall siren"
    assert len(entry.subentries) == 1, "nothing is half done"


@pytest.mark.usefixtures("_flows_alone")
async def test_a_gas_detector_is_not_moved_beside_what_could_spark(
    hass: HomeAssistant,
) -> None:
    """What is wrong already is no reason to refuse another change."""
    entry = home_with(hass, SIREN | {"area": "hall"})
    gas = GAS_DETECTOR | {"entity_id": "binary_sensor.gas", "area": "kitchen"}
    put(hass, entry, gas, kind="detector")
    dialog = await change(hass, entry, "detector")
    await dialog.submit(entity_id="binary_sensor.gas", hazard="gas")
    await dialog.submit(**dialog.filled_in | {"area": "hall"})
    assert dialog.errors == {"area": "would_spark"}
    hass.config_entries.async_update_subentry(
        entry,
        entry.subentries[id_of(entry, "Kitchen gas")],
        data=gas | {"area": "hall"},
    )
    dialog = await change(hass, entry, "detector")
    await dialog.submit(entity_id="binary_sensor.gas", hazard="gas")
    await dialog.submit(**dialog.filled_in | {"name": "Hall gas"})
    assert data_of(entry, "Hall gas")["area"] == "hall"


# --- as a file -----------------------------------------------------------------------


async def take_in(hass: HomeAssistant, entry: MockConfigEntry, text: str) -> Dialog:
    dialog = await reconfigure(hass, entry)
    await dialog.choose("import_configuration")
    await dialog.submit(configuration=text)
    return dialog


def wrong_lines(dialog: Dialog) -> list[str]:
    assert dialog.errors == {"configuration": "import_wrong_lines"}
    text: str = dialog.result["description_placeholders"]["problems"]
    return text.splitlines()


@pytest.mark.usefixtures("_flows_alone")
async def test_the_plans_go_out_and_come_in_with_the_configuration(
    hass: HomeAssistant,
) -> None:
    chosen = {"water": True, "smoke": False}
    entry = home_with(hass, SIREN | {"plans": chosen}, LIGHT)
    hass.config_entries.async_update_entry(
        entry, data={**entry.data, "priorities": {"water": 0}}
    )
    file = configuration_of(entry)
    assert file["actuators"][0]["plans"] == chosen
    assert "plans" not in file["actuators"][1]
    await hass.config_entries.async_remove(entry.entry_id)
    other = home_entry(hass, priorities={"intrusion": 1})
    dialog = await take_in(hass, other, json.dumps(file))
    assert dialog.result["reason"] == "imported"
    assert data_of(other, "Hall siren")["plans"] == chosen
    assert other.data["priorities"] == {"water": 0, "intrusion": 1}


@pytest.mark.usefixtures("_flows_alone")
async def test_a_file_with_a_wrong_plan_is_told_line_by_line(
    hass: HomeAssistant,
) -> None:
    entry = home_with(hass, SIREN | {"area": "kitchen"})
    file = """zhian: 1
home:
  name: Home
  gas: natural_gas
  priorities: {gas: 3, water: 7}
detectors:
  - entity_id: binary_sensor.gas
    area: kitchen
actuators:
  - entity_id: light.hall
    role: light
    plans: {gas: true}
  - entity_id: valve.gas_supply
    role: gas_valve
    plans: {gas: false}
"""
    hass.states.async_set("binary_sensor.gas", "off", {"device_class": "gas"})
    lines = wrong_lines(await take_in(hass, entry, file))
    assert [line.partition(":")[0] for line in lines] == [
        "- Line 5",
        "- Line 5",
        "- Line 8",
        "- Line 8",
        "- Line 12",
        "- Line 15",
    ]
    assert "area with the id" in lines[2]
    assert "could ignite gas: Hall siren" in lines[3]
    assert "plan for gas switches this device" in lines[4]
    assert len(entry.subentries) == 1
