"""One click for a whole home: what is found, what is added, what is left out and why."""

from collections.abc import Iterator
import json
from types import MappingProxyType
from typing import Any

from homeassistant.config_entries import ConfigSubentry
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import (
    area_registry as ar,
    device_registry as dr,
    entity_registry as er,
)
from homeassistant.helpers.entity_registry import RegistryEntryDisabler

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.zhian.const import DOMAIN
from custom_components.zhian.home.bound import parts
from custom_components.zhian.home.find_flow import add_devices
from custom_components.zhian.home.options import ActuatorOptions, DetectorOptions
from custom_components.zhian.home.proposals import Found, LeftOut, look_for_devices

from .flows import (
    LANGUAGES,
    TRANSLATIONS,
    Dialog,
    config_dialog,
    home_entry,
    nothing_is_set_up,
    reconfigure,
    register,
)


@pytest.fixture(autouse=True)
def _flows_alone(hass: HomeAssistant) -> Iterator[None]:
    with nothing_is_set_up():
        yield


class Devices:
    """A household's devices, as their integrations register them."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Begin with an integration that brings devices."""
        self.hass = hass
        self.bridge = MockConfigEntry(domain="test")
        self.bridge.add_to_hass(hass)
        self.count = 0

    def device(self, name: str, area: str | None = None) -> str:
        """Make a device and return its id."""
        self.count += 1
        device = dr.async_get(self.hass).async_get_or_create(
            config_entry_id=self.bridge.entry_id,
            identifiers={("test", str(self.count))},
            name=name,
        )
        if area:
            place = ar.async_get(self.hass).async_get_or_create(area)
            dr.async_get(self.hass).async_update_device(device.id, area_id=place.id)
        return device.id

    def entity(
        self,
        entity_id: str,
        name: str,
        device: str | None = None,
        state: str = "off",
        platform: str = "test",
        **attributes: Any,
    ) -> str:
        """Make an entity of a device."""
        device_name = ""
        if device is not None:
            found = dr.async_get(self.hass).async_get(device)
            assert found
            device_name = f"{found.name} "
        registered = {
            key: attributes.pop(key)
            for key in ("entity_category", "disabled_by", "hidden_by")
            if key in attributes
        }
        register(
            self.hass,
            entity_id,
            state,
            {"friendly_name": f"{device_name}{name}", **attributes},
            original_name=name,
            original_device_class=attributes.get("device_class"),
            device_id=device,
            config_entry=self.bridge if device else None,
            platform=platform,
            **registered,
        )
        return entity_id


@pytest.fixture
def devices(hass: HomeAssistant) -> Devices:
    """An empty house."""
    return Devices(hass)


def look(hass: HomeAssistant, *entries: MockConfigEntry) -> Found:
    return look_for_devices(
        hass, [p for entry in entries for p in parts(entry.subentries.values())]
    )


def listed(found: Found) -> dict[str, str]:
    return {p.options.entity_id: p.group for p in found.proposals}


def reasons(found: Found) -> dict[str, str]:
    return {
        name: reason.value for reason, names in found.left_out.items() for name in names
    }


# --- detectors -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("entity_id", "name", "attributes", "hazard"),
    [
        ("binary_sensor.a", "Gas", {"device_class": "gas"}, "gas"),
        (
            "binary_sensor.a",
            "CO",
            {"device_class": "carbon_monoxide"},
            "carbon_monoxide",
        ),
        ("binary_sensor.a", "Smoke", {"device_class": "smoke"}, "smoke"),
        ("binary_sensor.a", "Heat alarm", {"device_class": "heat"}, "smoke"),
        ("binary_sensor.a", "Kitchen heat detector", {}, "smoke"),
        ("binary_sensor.a", "感温探测器", {}, "smoke"),
        ("binary_sensor.a", "高温报警", {"device_class": "heat"}, "smoke"),
        ("binary_sensor.a", "Leak", {"device_class": "moisture"}, "water"),
        ("binary_sensor.a", "Drain", {"device_class": "moisture"}, "water"),
        ("binary_sensor.a", "Gas alarm 1", {}, "gas"),
        ("binary_sensor.a", "Carbon monoxide alarm 2", {}, "carbon_monoxide"),
        ("binary_sensor.a", "燃气报警", {}, "gas"),
        ("binary_sensor.a", "煤气泄漏", {}, "gas"),
        ("binary_sensor.a", "天然气报警器", {"device_class": "safety"}, "gas"),
        ("binary_sensor.a", "一氧化碳报警", {}, "carbon_monoxide"),
        ("binary_sensor.a", "烟雾报警", {}, "smoke"),
        ("binary_sensor.a", "漏水报警", {}, "water"),
        ("binary_sensor.a", "Leak detected", {}, "water"),
        ("binary_sensor.a", "一键求助", {}, "sos"),
        ("event.a", "SOS button", {"event_types": ["single", "long"]}, "sos"),
        ("input_button.a", "SOS", {}, "sos"),
        ("sensor.a", "Gas value", {"unit_of_measurement": "%LEL"}, "gas"),
        ("sensor.a", "Gas value", {"unit_of_measurement": "LEL"}, "gas"),
        ("sensor.a", "Gas value", {"unit_of_measurement": "LEL %"}, "gas"),
        ("sensor.a", "Methane", {"unit_of_measurement": "ppm"}, "gas"),
        ("sensor.a", "燃气浓度", {"unit_of_measurement": "ppm"}, "gas"),
        ("sensor.a", "CO", {"unit_of_measurement": "ppm"}, "carbon_monoxide"),
        (
            "sensor.a",
            "Level",
            {"unit_of_measurement": "ppm", "device_class": "carbon_monoxide"},
            "carbon_monoxide",
        ),
        (
            "sensor.a",
            "Gas sensor state",
            {"device_class": "enum", "options": ["normal", "alarm", "preheat"]},
            "gas",
        ),
        (
            "event.a",
            "燃气报警事件",
            {"event_types": ["正常", "燃气泄漏", "传感器故障", "自检"]},
            "gas",
        ),
    ],
)
async def test_a_detector_is_known_by_its_class_its_unit_or_its_name(
    hass: HomeAssistant,
    devices: Devices,
    entity_id: str,
    name: str,
    attributes: dict[str, Any],
    hazard: str,
) -> None:
    devices.entity(entity_id, name, state="unknown", **attributes)
    assert listed(look(hass)) == {entity_id: hazard}


@pytest.mark.parametrize(
    ("entity_id", "name", "attributes"),
    [
        ("binary_sensor.a", "Battery", {"device_class": "battery"}),
        ("binary_sensor.a", "Gas fault", {}),
        ("binary_sensor.a", "Gas preheat", {}),
        ("binary_sensor.a", "Door", {"device_class": "door"}),
        ("binary_sensor.a", "Gas meter door", {"device_class": "door"}),
        ("binary_sensor.a", "Gas stove", {}),
        ("binary_sensor.a", "Printer too hot", {"device_class": "heat"}),
        ("binary_sensor.a", "Rain on the roof", {"device_class": "moisture"}),
        ("binary_sensor.a", "阳台雨水传感器", {"device_class": "moisture"}),
        ("binary_sensor.a", "Soil of the fern", {"device_class": "moisture"}),
        ("sensor.a", "Gas meter", {"unit_of_measurement": "m³", "device_class": "gas"}),
        ("sensor.a", "CO2", {"unit_of_measurement": "ppm"}),
        (
            "sensor.a",
            "CO2",
            {"unit_of_measurement": "ppm", "device_class": "carbon_dioxide"},
        ),
        ("sensor.a", "Max gas alarm", {"unit_of_measurement": "%LEL"}),
        ("sensor.a", "Temperature", {"unit_of_measurement": "°C"}),
        (
            "sensor.a",
            "Gas self test result",
            {"device_class": "enum", "options": ["ok", "alarm"]},
        ),
        ("sensor.a", "Washing", {"device_class": "enum", "options": ["ok", "alarm"]}),
        ("button.a", "Restart", {}),
        ("event.a", "Doorbell", {"event_types": ["ring"]}),
    ],
)
async def test_what_is_no_detector_is_not_even_mentioned(
    hass: HomeAssistant,
    devices: Devices,
    entity_id: str,
    name: str,
    attributes: dict[str, Any],
) -> None:
    devices.entity(entity_id, name, state="0", **attributes)
    found = look(hass)
    assert (listed(found), found.left_out) == ({}, {})


async def test_words_bring_their_map(hass: HomeAssistant, devices: Devices) -> None:
    """Zigbee2MQTT's words and Xiaomi's event types, each with what it means."""
    devices.entity(
        "sensor.gas",
        "Gas status",
        options=["normal", "alarm", "preheat", "fault", "end_of_life", "self_test"],
    )
    devices.entity(
        "event.smoke", "烟雾事件", event_types=["正常", "烟雾报警", "预热", "自检"]
    )
    maps = {
        p.options.entity_id: p.options.state_map
        for p in look(hass).proposals
        if isinstance(p.options, DetectorOptions)
    }
    assert maps == {
        "sensor.gas": {
            "normal": "normal",
            "alarm": "alarm",
            "preheat": "warming_up",
            "fault": "fault",
            "end_of_life": "fault",
            "self_test": "warming_up",
        },
        "event.smoke": {
            "正常": "normal",
            "烟雾报警": "alarm",
            "预热": "warming_up",
            "自检": "warming_up",
        },
    }


async def test_one_device_may_be_several_detectors_with_one_fault(
    hass: HomeAssistant, devices: Devices
) -> None:
    """As a combined gas and carbon monoxide alarm is."""
    device = devices.device("Kitchen alarm", "Kitchen")
    devices.entity("binary_sensor.gas", "Gas", device, device_class="gas")
    devices.entity("sensor.lel", "Gas value", device, "0", unit_of_measurement="LEL")
    devices.entity("binary_sensor.co", "CO", device, device_class="carbon_monoxide")
    devices.entity("sensor.co", "CO", device, "0", unit_of_measurement="ppm")
    devices.entity("sensor.state", "Gas state", device, options=["normal", "alarm"])
    devices.entity("binary_sensor.fault", "Fault alarm", device)
    devices.entity("binary_sensor.preheat", "Preheat", device)
    devices.entity("binary_sensor.eol", "End of life", device)
    found = look(hass)
    assert listed(found) == {
        "binary_sensor.gas": "gas",
        "sensor.lel": "gas",
        "binary_sensor.co": "carbon_monoxide",
        "sensor.co": "carbon_monoxide",
    }
    assert reasons(found) == {"Kitchen alarm Gas state": "same_alarm"}
    for proposal in found.proposals:
        options = proposal.options
        assert isinstance(options, DetectorOptions)
        assert options.warm_up_entity == "binary_sensor.preheat"
        assert options.fault_entity == "binary_sensor.fault"


@pytest.mark.parametrize(
    ("name", "attributes", "speaks"),
    [
        ("End of life", {}, True),
        ("Problem", {"device_class": "problem"}, True),
        ("Tamper", {"device_class": "tamper"}, False),
    ],
)
async def test_what_else_speaks_of_a_fault_is_taken_where_nothing_plainer_is(
    hass: HomeAssistant,
    devices: Devices,
    name: str,
    attributes: dict[str, str],
    speaks: bool,
) -> None:
    device = devices.device("Alarm")
    devices.entity("binary_sensor.gas", "Gas", device, device_class="gas")
    devices.entity("binary_sensor.more", name, device, **attributes)
    devices.entity("binary_sensor.elsewhere", "Fault", devices.device("Fridge"))
    (proposal,) = look(hass).proposals
    assert isinstance(proposal.options, DetectorOptions)
    assert proposal.options.fault_entity == ("binary_sensor.more" if speaks else None)


# --- actuators -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("entity_id", "name", "attributes", "role"),
    [
        ("valve.a", "Main", {"device_class": "gas"}, "gas_valve"),
        ("valve.a", "Main", {"device_class": "water"}, "water_valve"),
        ("valve.a", "燃气阀门", {}, "gas_valve"),
        ("switch.a", "Gas valve", {}, "gas_valve"),
        ("switch.a", "天然气机械手", {}, "gas_valve"),
        ("switch.a", "煤气阀", {}, "gas_valve"),
        ("switch.a", "Water valve", {}, "water_valve"),
        ("switch.a", "总水阀", {}, "water_valve"),
        ("switch.a", "水阀", {}, "water_valve"),
        ("select.a", "Gas valve", {"options": ["OPEN", "CLOSE"]}, "gas_valve"),
        ("cover.a", "Main", {"device_class": "window"}, "window"),
        ("cover.a", "厨房推窗器", {}, "window"),
        ("siren.a", "Siren", {"available_tones": ["fire", "steady"]}, "siren"),
        ("lock.a", "Front door", {}, "lock"),
        ("light.a", "Hall", {}, "light"),
        ("light.a", "走廊灯", {}, "light"),
        ("fan.a", "Kitchen extractor", {}, "fan"),
        ("fan.a", "新风机", {}, "fan"),
        ("climate.a", "Air", {"hvac_modes": ["off", "cool"]}, "hvac"),
        ("climate.a", "Air", {"fan_modes": ["low"]}, "hvac"),
    ],
)
async def test_an_actuator_is_known_by_its_class_or_its_name(
    hass: HomeAssistant,
    devices: Devices,
    entity_id: str,
    name: str,
    attributes: dict[str, Any],
    role: str,
) -> None:
    devices.entity(entity_id, name, **attributes)
    found = look(hass)
    assert listed(found) == {entity_id: role}
    (proposal,) = found.proposals
    assert isinstance(proposal.options, ActuatorOptions)
    assert not proposal.options.ignition_safe, "only a person can know"
    assert not proposal.options.inverted
    if entity_id.startswith("siren"):
        assert proposal.options.tones == {"smoke": "fire", "other": "steady"}
    if entity_id.startswith("select"):
        assert proposal.options.targets == {"open": "OPEN", "closed": "CLOSE"}


@pytest.mark.parametrize(
    ("entity_id", "name", "attributes", "reason"),
    [
        ("switch.a", "Gas", {}, "ambiguous_switch"),
        ("switch.a", "Gas boiler", {}, "ambiguous_switch"),
        ("switch.a", "燃气热水器", {}, "ambiguous_switch"),
        ("switch.a", "Water/gas valve", {}, "ambiguous_switch"),
        ("valve.a", "Main", {}, "ambiguous_switch"),
        ("select.a", "Water/gas valve", {"options": ["on", "off"]}, "ambiguous_switch"),
        ("switch.a", "Gas valve", {"device_class": "outlet"}, "plug"),
        ("switch.a", "Gas valve shut-off", {}, "direction_unclear"),
        ("switch.a", "切断燃气阀", {}, "direction_unclear"),
        ("select.a", "Gas valve", {"options": ["auto", "eco"]}, "states_unclear"),
        ("light.a", "Bedroom", {}, "not_the_way_out"),
        ("fan.a", "Desk", {}, "not_ventilation"),
        ("sensor.a", "Gas density", {"state_class": "measurement"}, "no_unit"),
        (
            "sensor.a",
            "Gas and CO",
            {"unit_of_measurement": "ppm"},
            "hazard_unknown",
        ),
        ("binary_sensor.a", "Gas and smoke alarm", {}, "hazard_unknown"),
        ("sensor.a", "Gas and CO", {"options": ["ok", "alarm"]}, "hazard_unknown"),
        ("event.a", "Gas", {"event_types": ["alarm", "fault"]}, "states_unclear"),
        (
            "binary_sensor.a",
            "All",
            {"device_class": "gas", "platform": "group"},
            "group",
        ),
        (
            "binary_sensor.a",
            "Gas",
            {"device_class": "gas", "entity_category": "diagnostic"},
            "hidden",
        ),
        (
            "binary_sensor.a",
            "Gas",
            {"device_class": "gas", "disabled_by": "user"},
            "disabled",
        ),
    ],
)
async def test_what_is_not_plain_is_left_out_with_its_reason(
    hass: HomeAssistant,
    devices: Devices,
    entity_id: str,
    name: str,
    attributes: dict[str, Any],
    reason: str,
) -> None:
    if "entity_category" in attributes:
        attributes |= {"entity_category": EntityCategory.DIAGNOSTIC}
    if "disabled_by" in attributes:
        attributes |= {"disabled_by": RegistryEntryDisabler.USER}
    devices.entity(entity_id, name, **attributes)
    found = look(hass)
    assert (listed(found), reasons(found)) == ({}, {name: reason})


@pytest.mark.parametrize(
    ("entity_id", "name", "attributes"),
    [
        ("switch.a", "Gas valve child lock", {}),
        ("switch.a", "Garden water valve", {}),
        ("switch.a", "Water pump", {}),
        ("switch.a", "Lamp", {}),
        ("valve.a", "Lawn", {}),
        ("valve.a", "花园灌溉", {}),
        ("cover.a", "Curtain", {"device_class": "curtain"}),
        ("cover.a", "Window blind", {}),
        ("cover.a", "Garage", {}),
        ("lock.a", "Car", {}),
        ("climate.a", "Radiator", {"hvac_modes": ["off", "heat"]}),
    ],
)
async def test_what_is_no_actuator_of_ours_is_not_even_mentioned(
    hass: HomeAssistant,
    devices: Devices,
    entity_id: str,
    name: str,
    attributes: dict[str, Any],
) -> None:
    devices.entity(entity_id, name, **attributes)
    found = look(hass)
    assert (listed(found), found.left_out) == ({}, {})


async def test_settings_of_a_device_are_no_actuators(
    hass: HomeAssistant, devices: Devices
) -> None:
    for entity_id in ("switch.a", "light.a", "select.a"):
        devices.entity(
            entity_id, "Gas valve hall", entity_category=EntityCategory.CONFIG
        )
    found = look(hass)
    assert (listed(found), found.left_out) == ({}, {})


async def test_a_group_of_old_is_known_by_its_members(
    hass: HomeAssistant, devices: Devices
) -> None:
    hass.states.async_set(
        "binary_sensor.all",
        "off",
        {"device_class": "gas", "entity_id": ["binary_sensor.b"]},
    )
    assert reasons(look(hass)) == {"all": "group"}


async def test_a_siren_is_left_out_of_gas_where_gas_may_be(
    hass: HomeAssistant, devices: Devices
) -> None:
    devices.entity(
        "binary_sensor.gas", "Gas", devices.device("A", "Kitchen"), device_class="gas"
    )
    for area in ("Kitchen", "Hall"):
        devices.entity(f"siren.{area}".lower(), "Siren", devices.device(area, area))
    sounding = {
        p.options.entity_id: p.options.sound_on_gas
        for p in look(hass).proposals
        if isinstance(p.options, ActuatorOptions)
    }
    assert sounding == {"siren.kitchen": False, "siren.hall": True}


# --- the step ------------------------------------------------------------------------


def a_household(devices: Devices) -> None:
    kitchen = devices.device("Kitchen alarm", "Kitchen")
    devices.entity("binary_sensor.gas", "Gas", kitchen, device_class="gas")
    devices.entity("switch.valve", "Gas valve", devices.device("Pipe", "Kitchen"))
    devices.entity("switch.boiler", "Gas boiler")
    for number in range(8):
        devices.entity(f"light.room{number}", f"Room {number}")


async def find_again(hass: HomeAssistant, entry: MockConfigEntry) -> Dialog:
    dialog = await reconfigure(hass, entry)
    await dialog.choose("find")
    return dialog


async def test_a_whole_home_is_added_at_once(
    hass: HomeAssistant, devices: Devices
) -> None:
    a_household(devices)
    entry = home_entry(hass)
    dialog = await find_again(hass, entry)
    assert dialog.step == "find"
    assert dialog.filled_in == {
        "gas": ["binary_sensor.gas"],
        "gas_valve": ["switch.valve"],
    }
    (marker, *_) = dialog.result["data_schema"].schema
    (option,) = dialog.result["data_schema"].schema[marker].config["options"]
    assert option["label"] == "Kitchen alarm Gas · Kitchen (binary_sensor.gas)"
    told = dialog.result["description_placeholders"]
    assert told["count"] == "2"
    assert "Gas boiler" in told["left_out"]
    assert "Room 5 … (+2)" in told["left_out"]
    result = await dialog.submit(**dialog.filled_in)
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "devices_added"
    added = {s.data["entity_id"]: s.subentry_type for s in entry.subentries.values()}
    assert added == {"binary_sensor.gas": "detector", "switch.valve": "actuator"}
    for subentry in entry.subentries.values():
        assert subentry.data["registry_id"]


async def test_a_switch_that_answers_is_believed_by_its_own_answer(
    hass: HomeAssistant, devices: Devices, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As its own dialog proposes: its state may only repeat the command."""

    async def answers(_: HomeAssistant, entity_id: str) -> bool:
        return entity_id == "switch.valve"

    monkeypatch.setattr("custom_components.zhian.home.find_flow.answers", answers)
    a_household(devices)
    entry = home_entry(hass)
    dialog = await find_again(hass, entry)
    await dialog.submit(**dialog.filled_in)
    (valve,) = (s for s in entry.subentries.values() if s.subentry_type == "actuator")
    assert valve.data["witness"] == "read_back"


async def test_what_another_dialog_has_bound_by_now_is_not_bound_again(
    hass: HomeAssistant, devices: Devices
) -> None:
    a_household(devices)
    entry = home_entry(hass)
    found = look(hass).proposals
    assert len(add_devices(hass, entry, found[:1])) == 1
    assert len(add_devices(hass, entry, found)) == len(found) - 1
    assert len(entry.subentries) == len(found)


async def test_what_is_found_is_known_also_after_a_rename(
    hass: HomeAssistant, devices: Devices
) -> None:
    """The detector by its registry id, and so the entity that tells of its fault."""
    device = devices.device("Kitchen alarm")
    devices.entity("binary_sensor.gas", "Gas", device, device_class="gas")
    devices.entity("binary_sensor.fault", "Fault", device, device_class="problem")
    entry = home_entry(hass)
    dialog = await find_again(hass, entry)
    await dialog.submit(**dialog.filled_in)
    (subentry,) = entry.subentries.values()
    fault = er.async_get(hass).async_get("binary_sensor.fault")
    assert fault is not None
    assert subentry.data["registry_ids"] == {"fault_entity": fault.id}


async def test_only_what_stays_chosen_is_added(
    hass: HomeAssistant, devices: Devices
) -> None:
    a_household(devices)
    entry = home_entry(hass)
    dialog = await find_again(hass, entry)
    await dialog.submit(gas=["binary_sensor.gas"], gas_valve=[])
    assert [s.title for s in entry.subentries.values()] == ["Kitchen alarm Gas"]
    dialog = await find_again(hass, entry)
    assert dialog.filled_in == {"gas_valve": ["switch.valve"]}
    assert (
        "Guards this home already: Kitchen alarm Gas"
        in (dialog.result["description_placeholders"]["left_out"])
    )
    result = await dialog.submit(gas_valve=[])
    assert result["reason"] == "nothing_added"


async def test_nothing_is_added_twice_by_two_dialogs(
    hass: HomeAssistant, devices: Devices
) -> None:
    a_household(devices)
    entry = home_entry(hass)
    first, second = await find_again(hass, entry), await find_again(hass, entry)
    chosen = first.filled_in
    await first.submit(**chosen)
    result = await second.submit(**chosen)
    assert result["reason"] == "nothing_added"
    assert len(entry.subentries) == 2


async def test_a_device_that_vanished_meanwhile_is_not_added(
    hass: HomeAssistant, devices: Devices
) -> None:
    devices.entity("binary_sensor.gas", "Gas", device_class="gas")
    entry = home_entry(hass)
    dialog = await find_again(hass, entry)
    er.async_get(hass).async_remove("binary_sensor.gas")
    hass.states.async_remove("binary_sensor.gas")
    result = await dialog.submit(gas=["binary_sensor.gas"])
    assert result["reason"] == "nothing_added"


async def test_where_nothing_is_found_the_reasons_are_told(
    hass: HomeAssistant, devices: Devices
) -> None:
    entry = home_entry(hass)
    dialog = await reconfigure(hass, entry)
    result = await dialog.choose("find")
    assert result["reason"] == "nothing_found"
    assert result["description_placeholders"]["left_out"] == "–"


async def test_the_reasons_are_told_in_the_homes_language(
    hass: HomeAssistant, devices: Devices
) -> None:
    hass.config.language = "zh-Hans"
    devices.entity("switch.boiler", "燃气热水器")
    dialog = await reconfigure(hass, home_entry(hass))
    result = await dialog.choose("find")
    assert result["description_placeholders"]["left_out"] == (
        "- 名称提到燃气或水，但无法确定是某个阀门。如果是，请自行添加： 燃气热水器"
    )


async def make_a_home(hass: HomeAssistant) -> Any:
    dialog = config_dialog(hass)
    await dialog.start(DOMAIN, source="user")
    await dialog.choose("home")
    await dialog.submit(name="Riverside 12", gas="natural_gas")
    await dialog.submit(contacts=[])
    return await dialog.submit(allow_http=False)


async def test_a_new_home_goes_on_with_its_devices(
    hass: HomeAssistant, devices: Devices
) -> None:
    a_household(devices)
    result = await make_a_home(hass)
    kind, flow_id = result["next_flow"]
    assert kind == "config_flow"
    flow = hass.config_entries.flow.async_get(flow_id)
    assert flow["step_id"] == "find"
    done = await hass.config_entries.flow.async_configure(
        flow_id, {"gas": ["binary_sensor.gas"], "gas_valve": ["switch.valve"]}
    )
    assert done["reason"] == "devices_added"
    assert len(result["result"].subentries) == 2


async def test_a_new_home_without_devices_is_simply_done(hass: HomeAssistant) -> None:
    assert "next_flow" not in await make_a_home(hass)


async def test_a_device_that_is_bound_by_its_old_name_is_known(
    hass: HomeAssistant, devices: Devices
) -> None:
    devices.entity("binary_sensor.gas", "Gas", device_class="gas")
    (proposal,) = look(hass).proposals
    entry = home_entry(hass)
    hass.config_entries.async_add_subentry(
        entry,
        ConfigSubentry(
            data=MappingProxyType(
                proposal.options.as_data() | {"entity_id": "binary_sensor.old"}
            ),
            subentry_type="detector",
            title="Gas",
            unique_id=None,
        ),
    )
    found = look(hass, entry)
    assert (listed(found), reasons(found)) == ({}, {"Gas": "already_bound"})


def test_every_reason_has_its_words() -> None:
    """In both languages, or a person would read a key."""
    for language in LANGUAGES:
        text = json.loads((TRANSLATIONS / f"{language}.json").read_text("utf-8"))
        assert set(text["selector"]["left_out"]["options"]) == set(LeftOut)
