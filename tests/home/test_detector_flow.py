"""Adding and changing detectors of every kind."""

from collections.abc import Iterator
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import entity_registry as er

import pytest

from .flows import Dialog, add, change, home_entry, nothing_is_set_up, only, register

GAS = "binary_sensor.kitchen_gas"
METER = "sensor.kitchen_gas"
LIMITS = {"pre_alarm": 5.0, "alarm": 10.0, "hysteresis": 2.0}


@pytest.fixture(autouse=True)
def _flows_alone(hass: HomeAssistant) -> Iterator[None]:
    with nothing_is_set_up():
        yield


async def bind(hass: HomeAssistant, entity_id: str, **more: Any) -> Dialog:
    """Open the dialog and choose an entity."""
    dialog = await add(hass, home_entry(hass), "detector")
    await dialog.submit(entity_id=entity_id, **more)
    return dialog


async def test_a_binary_detector_needs_nothing_but_its_entity(
    hass: HomeAssistant,
) -> None:
    registered = register(
        hass, GAS, attributes={"device_class": "gas", "friendly_name": "Kitchen gas"}
    )
    entry = home_entry(hass)
    dialog = await add(hass, entry, "detector")
    await dialog.submit(entity_id=GAS)
    assert dialog.step == "binary"
    result = await dialog.submit(**dialog.filled_in)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["title"] == "Kitchen gas"
    assert only(entry, "detector") == {
        "entity_id": GAS,
        "registry_id": registered.id,
        "hazard": "gas",
        "unit": None,
        **LIMITS,
        "standard": "en_50291",
        "state_map": None,
        "warm_up_entity": None,
        "fault_entity": None,
        "registry_ids": {},
        "quorum": 1,
        "quorum_window": 60.0,
        "area": None,
        "lost_after": None,
        "installed": None,
        "life_years": None,
        "name": "Kitchen gas",
        "watch": None,
    }


async def test_an_entity_chosen_by_its_registry_id_is_found(
    hass: HomeAssistant,
) -> None:
    registered = register(hass, GAS, attributes={"device_class": "gas"})
    dialog = await bind(hass, registered.id)
    assert dialog.step == "binary"


async def test_an_entity_that_is_gone_or_disabled_is_told(
    hass: HomeAssistant, entity_registry: er.EntityRegistry
) -> None:
    register(hass, GAS)
    entity_registry.async_update_entity(GAS, disabled_by=er.RegistryEntryDisabler.USER)
    register(hass, METER, "3", {"unit_of_measurement": "%LEL"})
    dialog = await bind(hass, GAS, hazard="gas")
    assert dialog.errors == {"entity_id": "entity_not_found"}
    for entity in ("sensor.gone", "0123456789abcdef0123456789abcdef"):
        await dialog.submit(entity_id=entity, hazard="gas")
        assert dialog.errors == {"entity_id": "entity_not_found"}
        assert dialog.filled_in == {"entity_id": entity, "hazard": "gas"}
    await dialog.submit(entity_id=METER, hazard="gas")
    assert dialog.step == "numeric"


async def test_the_same_entity_is_not_bound_twice(
    hass: HomeAssistant, entity_registry: er.EntityRegistry
) -> None:
    register(hass, GAS, attributes={"device_class": "gas"})
    hass.states.async_set("binary_sensor.yaml", "off", {"device_class": "gas"})
    entry = home_entry(hass)
    for entity in (GAS, "binary_sensor.yaml"):
        dialog = await add(hass, entry, "detector")
        await dialog.submit(entity_id=entity)
        await dialog.submit(name=entity)

    # A new name in Home Assistant does not make another detector of it.
    entity_registry.async_update_entity(GAS, new_entity_id="binary_sensor.renamed")
    hass.states.async_set("binary_sensor.renamed", "off", {"device_class": "gas"})
    dialog = await add(hass, entry, "detector")
    for entity in ("binary_sensor.renamed", "binary_sensor.yaml"):
        await dialog.submit(entity_id=entity)
        assert dialog.errors == {"entity_id": "already_bound"}
    assert len(entry.subentries) == 2

    # Another entity under the old name is another detector.
    register(hass, GAS, attributes={"device_class": "gas"}, unique_id="second")
    await dialog.submit(entity_id=GAS)
    assert dialog.step == "binary"


async def test_our_own_entities_are_no_detectors(hass: HomeAssistant) -> None:
    register(hass, GAS, attributes={"device_class": "gas"}, platform="zhian")
    assert (await bind(hass, GAS)).errors == {"entity_id": "own_entity"}


@pytest.mark.parametrize(
    ("entity_id", "attributes", "error"),
    [
        ("binary_sensor.gas_battery", {"device_class": "battery"}, "never_an_alarm"),
        ("binary_sensor.gas_tamper", {"device_class": "tamper"}, "never_an_alarm"),
        ("switch.gas", {}, "not_a_detector"),
        ("sensor.gas", {"state_class": "measurement"}, "no_unit"),
        ("sensor.gas", {"unit_of_measurement": "m³"}, "no_unit"),
        ("sensor.gas", {"unit_of_measurement": "%"}, "no_unit"),
    ],
)
async def test_what_cannot_raise_a_gas_alarm_is_refused(
    hass: HomeAssistant, entity_id: str, attributes: dict[str, str], error: str
) -> None:
    hass.states.async_set(entity_id, "0.5", attributes)
    dialog = await bind(hass, entity_id, hazard="gas")
    assert dialog.errors == {"entity_id": error}
    hass.states.async_set(GAS, "off")
    await dialog.submit(entity_id=GAS, hazard="gas")
    assert dialog.step == "binary"


async def test_a_hazard_that_the_device_does_not_tell_has_to_be_chosen(
    hass: HomeAssistant,
) -> None:
    hass.states.async_set(GAS, "off", {"device_class": "problem"})
    dialog = await bind(hass, GAS)
    assert dialog.errors == {"hazard": "hazard_unknown"}
    await dialog.submit(entity_id=GAS, hazard="smoke")
    assert dialog.step == "binary"


@pytest.mark.parametrize(
    ("device_class", "hazard"),
    [
        ("gas", "gas"),
        ("carbon_monoxide", "carbon_monoxide"),
        ("smoke", "smoke"),
        ("heat", "smoke"),
        ("moisture", "water"),
    ],
)
async def test_the_hazard_comes_from_the_device(
    hass: HomeAssistant, device_class: str, hazard: str
) -> None:
    hass.states.async_set(GAS, "off", {"device_class": device_class})
    entry = home_entry(hass)
    dialog = await add(hass, entry, "detector")
    await dialog.submit(entity_id=GAS)
    await dialog.submit(name="Detector")
    assert only(entry, "detector")["hazard"] == hazard


@pytest.mark.parametrize(
    ("unit", "understood"),
    [
        ("%LEL", "%LEL"),
        ("LEL", "%LEL"),
        ("LEL %", "%LEL"),
        ("% LEL", "%LEL"),
        ("％lel", "%LEL"),
        ("ppm", "ppm"),
        ("PPM", "ppm"),
    ],
)
async def test_every_spelling_of_a_unit_is_understood(
    hass: HomeAssistant, unit: str, understood: str
) -> None:
    hass.states.async_set(METER, "0", {"unit_of_measurement": unit})
    entry = home_entry(hass, gas="propane", lel=1.7)
    dialog = await add(hass, entry, "detector")
    await dialog.submit(entity_id=METER, hazard="gas")
    assert dialog.step == "numeric"
    # 1 % of 1.7 vol % are 170 ppm.
    assert dialog.result["description_placeholders"]["ppm"] == "170"
    assert dialog.filled_in == {"name": "kitchen gas", **LIMITS}
    await dialog.submit(**dialog.filled_in)
    assert only(entry, "detector")["unit"] == understood


@pytest.mark.parametrize(
    ("limits", "errors"),
    [
        ({"pre_alarm": 2.9}, {"pre_alarm": "threshold_too_low"}),
        ({"alarm": 20.5}, {"alarm": "threshold_too_high"}),
        ({"alarm": 2.0}, {"alarm": "threshold_too_low"}),
        ({"pre_alarm": 21.0}, {"pre_alarm": "threshold_too_high"}),
        ({"pre_alarm": 10.0}, {"pre_alarm": "pre_alarm_not_below_alarm"}),
        ({"hysteresis": 5.0}, {"hysteresis": "hysteresis_range"}),
        ({"hysteresis": 0.0}, {"hysteresis": "hysteresis_range"}),
        ({"alarm": float("nan")}, {"alarm": "threshold_too_low"}),
        ({"hysteresis": float("nan")}, {"hysteresis": "hysteresis_range"}),
        (
            {"pre_alarm": 1.0, "alarm": 25.0},
            {
                "pre_alarm": "threshold_too_low",
                "alarm": "threshold_too_high",
                "hysteresis": "hysteresis_range",
            },
        ),
    ],
)
async def test_limits_stay_where_an_alarm_is_in_time(
    hass: HomeAssistant, limits: dict[str, float], errors: dict[str, str]
) -> None:
    hass.states.async_set(METER, "0", {"unit_of_measurement": "%LEL"})
    dialog = await bind(hass, METER, hazard="gas")
    await dialog.submit(name="Kitchen", **LIMITS | limits)
    assert dialog.errors == errors
    result = await dialog.submit(
        name="Kitchen", pre_alarm=3.0, alarm=20.0, hysteresis=2.9
    )
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_carbon_monoxide_has_limits_of_its_own(hass: HomeAssistant) -> None:
    hass.states.async_set(
        METER, "0", {"unit_of_measurement": "ppm", "device_class": "carbon_monoxide"}
    )
    entry = home_entry(hass)
    dialog = await add(hass, entry, "detector")
    await dialog.submit(entity_id=METER)
    assert dialog.step == "carbon_monoxide"
    await dialog.submit(name="CO", pre_alarm=20, alarm=60, hysteresis=5)
    assert dialog.errors == {"alarm": "threshold_too_high"}
    await dialog.submit(name="CO", pre_alarm=20, alarm=30, hysteresis=5)
    data = only(entry, "detector")
    assert (data["hazard"], data["unit"], data["alarm"]) == (
        "carbon_monoxide",
        "ppm",
        30.0,
    )


async def test_carbon_monoxide_is_not_measured_in_lel(hass: HomeAssistant) -> None:
    hass.states.async_set(METER, "0", {"unit_of_measurement": "%LEL"})
    dialog = await bind(hass, METER, hazard="carbon_monoxide")
    assert dialog.errors == {"entity_id": "no_unit"}


@pytest.mark.parametrize("hazard", ["smoke", "water"])
async def test_smoke_and_water_are_not_numbers(
    hass: HomeAssistant, hazard: str
) -> None:
    hass.states.async_set(METER, "0", {"unit_of_measurement": "ppm"})
    dialog = await bind(hass, METER, hazard=hazard)
    assert dialog.errors == {"entity_id": "number_not_for_hazard"}


async def test_words_are_put_on_levels_with_a_first_guess(
    hass: HomeAssistant,
) -> None:
    hass.states.async_set(
        "sensor.status",
        "normal",
        {
            "device_class": "enum",
            "options": ["normal", "alarm", "preheat", "end_of_life", "self_test"],
        },
    )
    entry = home_entry(hass)
    dialog = await add(hass, entry, "detector")
    await dialog.submit(entity_id="sensor.status", hazard="gas")
    assert dialog.step == "states"
    assert dialog.filled_in == {
        "name": "status",
        "alarm_states": ["alarm"],
        "pre_alarm_states": [],
        "normal_states": ["normal"],
        "warming_up_states": ["preheat", "self_test"],
        "fault_states": ["end_of_life"],
    }
    await dialog.submit(**dialog.filled_in)
    assert only(entry, "detector")["state_map"] == {
        "alarm": "alarm",
        "normal": "normal",
        "preheat": "warming_up",
        "self_test": "warming_up",
        "end_of_life": "fault",
    }


async def test_the_status_numbers_of_xiaomi_are_known(hass: HomeAssistant) -> None:
    hass.states.async_set("sensor.status", "0")
    entry = home_entry(hass)
    dialog = await add(hass, entry, "detector")
    await dialog.submit(entity_id="sensor.status", hazard="gas")
    await dialog.submit(**dialog.filled_in)
    assert only(entry, "detector")["state_map"] == {
        "0": "normal",
        "1": "alarm",
        "2": "fault",
        "3": "warming_up",
        "4": "fault",
    }


async def test_event_types_are_words_too(hass: HomeAssistant) -> None:
    hass.states.async_set(
        "event.gas",
        "2026-11-01T00:00:00+00:00",
        {"event_types": ["gas_leak", "gas_clear"]},
    )
    dialog = await bind(hass, "event.gas", hazard="gas")
    assert dialog.step == "states"
    assert dialog.filled_in["alarm_states"] == ["gas_leak"]


async def test_a_button_that_only_calls_for_help_has_no_normal_state(
    hass: HomeAssistant,
) -> None:
    """The event entity of an SOS button, as Zigbee2MQTT announces it."""
    hass.states.async_set("event.sos", "unknown", {"event_types": ["emergency"]})
    entry = home_entry(hass)
    dialog = await add(hass, entry, "detector")
    await dialog.submit(entity_id="event.sos", hazard="sos")
    assert dialog.filled_in["alarm_states"] == ["emergency"]
    await dialog.submit(**dialog.filled_in | {"alarm_states": []})
    assert dialog.errors == {"alarm_states": "no_alarm"}
    await dialog.submit(**dialog.filled_in | {"alarm_states": ["emergency"]})
    assert only(entry, "detector")["state_map"] == {"emergency": "alarm"}


async def test_a_gas_detector_without_alarm_is_refused(hass: HomeAssistant) -> None:
    hass.states.async_set("select.status", "ok", {"options": ["ok", "low", "high"]})
    dialog = await bind(hass, "select.status", hazard="gas")
    await dialog.submit(name="Status", normal_states=["ok"])
    assert dialog.errors == {"alarm_states": "no_alarm"}
    assert dialog.filled_in == {"name": "Status", "normal_states": ["ok"]}
    await dialog.submit(name="Status", alarm_states=["high"])
    assert dialog.errors == {"normal_states": "no_normal"}
    await dialog.submit(
        name="Status", alarm_states=["high"], normal_states=["ok", "high"]
    )
    assert dialog.errors == {"normal_states": "state_twice"}
    result = await dialog.submit(
        name="Status", alarm_states=["high"], normal_states=["ok"]
    )
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_helping_entities_have_to_exist_and_be_others(
    hass: HomeAssistant,
) -> None:
    hass.states.async_set(GAS, "off", {"device_class": "gas"})
    hass.states.async_set("binary_sensor.preheat", "off")
    entry = home_entry(hass)
    dialog = await add(hass, entry, "detector")
    await dialog.submit(entity_id=GAS)
    typed = {
        "name": " ",
        "area": "kitchen",
        "warm_up_entity": "binary_sensor.gone",
        "fault_entity": GAS,
    }
    await dialog.submit(**typed)
    assert dialog.errors == {
        "name": "name_missing",
        "warm_up_entity": "entity_not_found",
        "fault_entity": "detector_itself",
    }
    assert dialog.filled_in == typed
    await dialog.submit(
        name="Gas", area="kitchen", warm_up_entity="binary_sensor.preheat"
    )
    data = only(entry, "detector")
    assert data["warm_up_entity"] == "binary_sensor.preheat"
    assert data["fault_entity"] is None
    assert data["area"] == "kitchen"


async def test_a_detector_is_changed_in_place(hass: HomeAssistant) -> None:
    hass.states.async_set(METER, "0", {"unit_of_measurement": "%LEL"})
    entry = home_entry(hass)
    dialog = await add(hass, entry, "detector")
    await dialog.submit(entity_id=METER, hazard="gas")
    await dialog.submit(name="Kitchen", pre_alarm=4, alarm=8, hysteresis=1)
    dialog = await change(hass, entry, "detector")
    assert dialog.step == "reconfigure"
    await dialog.submit(entity_id="sensor.gone")
    assert dialog.errors == {"entity_id": "entity_not_found"}
    await dialog.submit(entity_id=METER, hazard="gas")
    assert dialog.filled_in["name"] == "Kitchen"
    assert dialog.filled_in["alarm"] == 8
    result = await dialog.submit(name="Hall", pre_alarm=4, alarm=9, hysteresis=1)
    assert result["reason"] == "reconfigure_successful"
    assert only(entry, "detector")["alarm"] == 9
    assert next(iter(entry.subentries.values())).title == "Hall"


async def test_words_of_another_entity_are_guessed_anew(hass: HomeAssistant) -> None:
    hass.states.async_set("select.one", "x", {"options": ["x", "y"]})
    hass.states.async_set("select.two", "normal", {"options": ["normal", "alarm"]})
    entry = home_entry(hass)
    dialog = await add(hass, entry, "detector")
    await dialog.submit(entity_id="select.one", hazard="gas")
    await dialog.submit(name="Gas", alarm_states=["x"], normal_states=["y"])

    dialog = await change(hass, entry, "detector")
    await dialog.submit(entity_id="select.one", hazard="gas")
    assert dialog.filled_in["alarm_states"] == ["x"]

    dialog = await change(hass, entry, "detector")
    await dialog.submit(entity_id="select.two", hazard="gas")
    assert dialog.filled_in["alarm_states"] == ["alarm"]


async def test_another_hazard_starts_with_its_own_limits(hass: HomeAssistant) -> None:
    hass.states.async_set(METER, "0", {"unit_of_measurement": "ppm"})
    entry = home_entry(hass)
    dialog = await add(hass, entry, "detector")
    await dialog.submit(entity_id=METER, hazard="gas")
    await dialog.submit(name="Gas", **LIMITS)
    dialog = await change(hass, entry, "detector")
    await dialog.submit(entity_id=METER, hazard="carbon_monoxide")
    assert "alarm" not in dialog.filled_in, "the dose is enough"
    assert dialog.filled_in["hysteresis"] == 5.0
    assert dialog.filled_in["standard"] == "en_50291"
    await dialog.submit(name="CO", hysteresis=5, standard="ul_2034")
    data = only(entry, "detector")
    assert (data["alarm"], data["standard"]) == (None, "ul_2034")


@pytest.mark.parametrize("hazard", ["smoke", "water"])
async def test_several_detectors_may_have_to_agree(
    hass: HomeAssistant, hazard: str
) -> None:
    register(hass, "binary_sensor.hall", attributes={"friendly_name": "Hall"})
    entry = home_entry(hass)
    dialog = await add(hass, entry, "detector")
    await dialog.submit(entity_id="binary_sensor.hall", hazard=hazard)
    assert dialog.filled_in["quorum"] == 1, "one is enough unless somebody chooses"
    await dialog.submit(**dialog.filled_in | {"quorum": 2, "quorum_window": 30})
    data = only(entry, "detector")
    assert (data["quorum"], data["quorum_window"]) == (2, 30.0)
    dialog = await change(hass, entry, "detector")
    await dialog.submit(entity_id="binary_sensor.hall", hazard=hazard)
    assert dialog.filled_in["quorum"] == 2


@pytest.mark.parametrize("hazard", ["gas", "carbon_monoxide", "sos"])
async def test_what_kills_is_never_asked_to_wait_for_a_second_word(
    hass: HomeAssistant, hazard: str
) -> None:
    register(hass, "binary_sensor.hall", attributes={"friendly_name": "Hall"})
    dialog = await bind(hass, "binary_sensor.hall", hazard=hazard)
    assert "quorum" not in dialog.filled_in


async def test_supervision_is_chosen_for_each_detector(hass: HomeAssistant) -> None:
    """What is left empty fits the device."""
    register(hass, GAS, attributes={"device_class": "gas"})
    entry = home_entry(hass)
    dialog = await add(hass, entry, "detector")
    await dialog.submit(entity_id=GAS)
    await dialog.submit(
        name="Kitchen", lost_after=90, installed="2026-01-02", life_years=7
    )
    data = only(entry, "detector")
    assert data["lost_after"] == 90
    assert data["installed"] == "2026-01-02"
    assert data["life_years"] == 7
    dialog = await change(hass, entry, "detector")
    await dialog.submit(entity_id=GAS)
    assert dialog.filled_in["lost_after"] == 90
    await dialog.submit(name="Kitchen")
    data = only(entry, "detector")
    assert (data["lost_after"], data["installed"], data["life_years"]) == (None,) * 3


@pytest.mark.parametrize(
    ("typed", "errors"),
    [
        ({"lost_after": 0}, {"lost_after": "lost_after_range"}),
        ({"lost_after": 1441}, {"lost_after": "lost_after_range"}),
        ({"lost_after": float("nan")}, {"lost_after": "lost_after_range"}),
        ({"life_years": 0}, {"life_years": "life_range"}),
        ({"life_years": 31}, {"life_years": "life_range"}),
        ({"installed": "2999-01-01"}, {"installed": "installed_in_future"}),
    ],
)
async def test_supervision_out_of_range_is_told_at_its_field(
    hass: HomeAssistant, typed: dict[str, Any], errors: dict[str, str]
) -> None:
    """Nothing is kept, and the same page goes on when it is right."""
    register(hass, GAS, attributes={"device_class": "gas"})
    entry = home_entry(hass)
    dialog = await add(hass, entry, "detector")
    await dialog.submit(entity_id=GAS)
    await dialog.submit(name="Kitchen", **typed)
    assert dialog.errors == errors
    assert not entry.subentries
    await dialog.submit(name="Kitchen")
    assert len(entry.subentries) == 1
