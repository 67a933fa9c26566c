"""Adding what each kind of device needs to know: options, numbers, tones, safe places."""

from collections.abc import Iterator
from typing import Any

from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType

import pytest

from .flows import add, change, home_entry, nothing_is_set_up, only, register

SELECT = "select.gas_valve"
NUMBER = "number.window"
SIREN = "siren.hall"
TONES = ["fire", "co", "continuous"]


@pytest.fixture(autouse=True)
def _flows_alone(hass: HomeAssistant) -> Iterator[None]:
    hass.states.async_set(SELECT, "open", {"options": ["open", "close", "auto"]})
    hass.states.async_set(NUMBER, "0", {"min": 0, "max": 80})
    hass.states.async_set(
        SIREN, "off", {"available_tones": TONES, "supported_features": 1 | 2 | 4 | 16}
    )
    with nothing_is_set_up():
        yield


@pytest.mark.parametrize(
    ("entity_id", "role"),
    [
        ("lock.door", "lock"),
        ("switch.door", "lock"),
        ("light.hall", "light"),
        ("switch.hall", "light"),
        ("fan.bath", "fan"),
        ("switch.bath", "fan"),
        ("climate.living", "hvac"),
        ("fan.air", "hvac"),
        ("switch.heating", "hvac"),
    ],
)
async def test_a_lock_a_light_a_fan_and_an_air_conditioner_are_added(
    hass: HomeAssistant, entity_id: str, role: str
) -> None:
    hass.states.async_set(entity_id, "off", {"friendly_name": "It"})
    entry = home_entry(hass)
    dialog = await add(hass, entry, "actuator")
    await dialog.submit(entity_id=entity_id, role=role)
    assert dialog.step == "details"
    assert dialog.filled_in["ignition_safe"] is False, "opt-in"
    assert not {"open_on_gas", "sound_on_gas"} & set(dialog.filled_in)
    result = await dialog.submit(**dialog.filled_in)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    data = only(entry, "actuator")
    assert (data["entity_id"], data["role"]) == (entity_id, role)


@pytest.mark.parametrize(
    ("entity_id", "role"),
    [
        ("light.hall", "lock"),
        ("valve.gas", "lock"),
        ("lock.door", "light"),
        ("climate.living", "fan"),
        ("lock.door", "hvac"),
        ("light.hall", "gas_valve"),
        ("siren.hall", "light"),
    ],
)
async def test_what_cannot_play_a_role_is_refused(
    hass: HomeAssistant, entity_id: str, role: str
) -> None:
    hass.states.async_set(entity_id, "off")
    entry = home_entry(hass)
    dialog = await add(hass, entry, "actuator")
    await dialog.submit(entity_id=entity_id, role=role)
    assert dialog.errors == {"entity_id": "not_for_role"}
    assert not entry.subentries


async def test_the_options_of_a_valve_are_guessed_and_confirmed(
    hass: HomeAssistant,
) -> None:
    entry = home_entry(hass)
    dialog = await add(hass, entry, "actuator")
    await dialog.submit(entity_id=SELECT, role="gas_valve")
    assert dialog.step == "targets"
    assert dialog.filled_in == {"open_target": "open", "closed_target": "close"}
    await dialog.submit(**dialog.filled_in)
    assert dialog.filled_in["witness"] == "late_report"
    await dialog.submit(**dialog.filled_in)
    assert only(entry, "actuator")["targets"] == {"open": "open", "closed": "close"}

    # What was chosen stays where the entity stays.
    dialog = await change(hass, entry, "actuator")
    await dialog.submit(entity_id=SELECT, role="gas_valve")
    await dialog.submit(open_target="open", closed_target="auto")
    result = await dialog.submit(
        **{k: v for k, v in dialog.filled_in.items() if k in CHANGEABLE}
    )
    assert result["reason"] == "reconfigure_successful"
    dialog = await change(hass, entry, "actuator")
    await dialog.submit(entity_id=SELECT, role="gas_valve")
    assert dialog.filled_in == {"open_target": "open", "closed_target": "auto"}


CHANGEABLE = ("travel_time", "witness", "life_years", "name")


async def test_nothing_is_suggested_where_nothing_is_plain(hass: HomeAssistant) -> None:
    hass.states.async_set("select.mode", "a", {"options": ["a", "b"]})
    dialog = await add(hass, home_entry(hass), "actuator")
    await dialog.submit(entity_id="select.mode", role="lock")
    assert dialog.filled_in == {}
    await dialog.submit(unlocked_target="a", locked_target="a")
    assert dialog.errors == {"unlocked_target": "target_same"}
    assert dialog.filled_in == {"unlocked_target": "a", "locked_target": "a"}


@pytest.mark.parametrize(
    ("targets", "errors"),
    [
        ({"open_target": 81, "closed_target": 0}, {"open_target": "target_range"}),
        ({"open_target": 80, "closed_target": -1}, {"closed_target": "target_range"}),
        (
            {"open_target": float("nan"), "closed_target": 0},
            {"open_target": "target_range"},
        ),
        ({"open_target": 5, "closed_target": 5}, {"open_target": "target_same"}),
    ],
)
async def test_the_ends_of_a_number_lie_in_its_range(
    hass: HomeAssistant, targets: dict[str, Any], errors: dict[str, str]
) -> None:
    entry = home_entry(hass)
    dialog = await add(hass, entry, "actuator")
    await dialog.submit(entity_id=NUMBER, role="window")
    assert dialog.step == "targets"
    await dialog.submit(**targets)
    assert dialog.errors == errors
    assert not entry.subentries
    await dialog.submit(open_target=80, closed_target=0)
    await dialog.submit(**dialog.filled_in)
    assert only(entry, "actuator")["targets"] == {"open": 80, "closed": 0}


async def test_an_option_that_is_gone_is_told(hass: HomeAssistant) -> None:
    dialog = await add(hass, home_entry(hass), "actuator")
    await dialog.submit(entity_id=SELECT, role="gas_valve")
    hass.states.async_set(SELECT, "open", {"options": ["open", "shut"]})
    dialog = await add(hass, home_entry(hass), "actuator")
    await dialog.submit(entity_id=SELECT, role="gas_valve")
    assert dialog.filled_in == {"open_target": "open", "closed_target": "shut"}


async def test_a_siren_gets_its_signals(hass: HomeAssistant) -> None:
    entry = home_entry(hass)
    dialog = await add(hass, entry, "actuator")
    await dialog.submit(entity_id=SIREN, role="siren")
    assert dialog.step == "sound"
    assert dialog.filled_in == {
        "smoke_tone": "fire",
        "carbon_monoxide_tone": "co",
        "other_tone": "continuous",
    }
    await dialog.submit(**dialog.filled_in, duration=0)
    assert dialog.errors == {"duration": "duration_range"}
    await dialog.submit(smoke_tone="fire", duration=300)
    await dialog.submit(**dialog.filled_in)
    data = only(entry, "actuator")
    assert data["tones"] == {"smoke": "fire"}
    assert data["duration"] == 300
    dialog = await change(hass, entry, "actuator")
    await dialog.submit(entity_id=SIREN, role="siren")
    assert dialog.filled_in == {"smoke_tone": "fire", "duration": 300}


async def test_a_siren_is_asked_only_what_it_can(hass: HomeAssistant) -> None:
    entry = home_entry(hass)
    hass.states.async_set("siren.plain", "off", {"supported_features": 3})
    dialog = await add(hass, entry, "actuator")
    await dialog.submit(entity_id="siren.plain", role="siren")
    assert dialog.step == "details"
    hass.states.async_set(
        "siren.numbered",
        "off",
        {"available_tones": {1: "Fire", 2: "Steady"}, "supported_features": 7},
    )
    dialog = await add(hass, entry, "actuator")
    await dialog.submit(entity_id="siren.numbered", role="siren")
    assert dialog.filled_in == {"smoke_tone": "Fire", "other_tone": "Steady"}
    await dialog.submit()
    await dialog.submit(**dialog.filled_in)
    assert only(entry, "actuator")["tones"] is None


def with_gas_in(hass: HomeAssistant, area: str | None) -> Any:
    entry = home_entry(hass)
    hass.config_entries.async_add_subentry(
        entry,
        ConfigSubentry(
            data={
                "entity_id": "binary_sensor.gas",
                "hazard": "gas",
                "name": "Gas",
                "area": area,
            },
            subentry_type="detector",
            title="Gas",
            unique_id=None,
        ),
    )
    return entry


@pytest.mark.parametrize("area", ["kitchen", None])
async def test_an_ordinary_siren_in_a_room_with_gas_is_refused_with_the_reason(
    hass: HomeAssistant, area: str | None
) -> None:
    """A place that nobody knows counts as the room with the gas."""
    hass.states.async_set("siren.plain", "off")
    entry = with_gas_in(hass, "kitchen")
    dialog = await add(hass, entry, "actuator")
    await dialog.submit(entity_id="siren.plain", role="siren")
    assert dialog.filled_in["sound_on_gas"] is False
    typed = dialog.filled_in | {"sound_on_gas": True}
    if area:
        typed["area"] = area
    await dialog.submit(**typed)
    assert dialog.errors == {"sound_on_gas": "siren_could_spark"}
    assert len(entry.subentries) == 1, "nothing is half done"
    result = await dialog.submit(**typed | {"ignition_safe": True})
    assert result["type"] is FlowResultType.CREATE_ENTRY


@pytest.mark.parametrize(
    "safe", [{"sound_on_gas": False}, {"sound_on_gas": True, "area": "hall"}]
)
async def test_a_siren_elsewhere_or_left_out_is_taken(
    hass: HomeAssistant, safe: dict[str, Any]
) -> None:
    hass.states.async_set("siren.plain", "off")
    entry = with_gas_in(hass, "kitchen")
    dialog = await add(hass, entry, "actuator")
    await dialog.submit(entity_id="siren.plain", role="siren")
    await dialog.submit(**dialog.filled_in | safe)
    assert only(entry, "actuator")["sound_on_gas"] is safe["sound_on_gas"]


async def test_a_gas_detector_of_unknown_place_is_everywhere(
    hass: HomeAssistant,
) -> None:
    hass.states.async_set("siren.plain", "off")
    dialog = await add(hass, with_gas_in(hass, None), "actuator")
    await dialog.submit(entity_id="siren.plain", role="siren")
    await dialog.submit(**dialog.filled_in | {"sound_on_gas": True, "area": "attic"})
    assert dialog.errors == {"sound_on_gas": "siren_could_spark"}


async def test_an_entity_plays_one_part_only(hass: HomeAssistant) -> None:
    """As detector, actuator and witness it would run in circles."""
    for entity_id in ("binary_sensor.contact", "valve.gas", "valve.other"):
        register(hass, entity_id, "open")
    entry = with_gas_in(hass, "kitchen")
    dialog = await add(hass, entry, "actuator")
    await dialog.submit(entity_id="valve.gas", role="gas_valve")
    witnessed = dialog.filled_in | {"witness": "entity"}
    hass.states.async_set("binary_sensor.gas", "off")
    await dialog.submit(**witnessed, witness_entity="binary_sensor.gas")
    assert dialog.errors == {"witness_entity": "bound_as_detector"}
    await dialog.submit(**witnessed, witness_entity="binary_sensor.contact")
    assert dialog.result["type"] is FlowResultType.CREATE_ENTRY

    dialog = await add(hass, entry, "actuator")
    await dialog.submit(entity_id="valve.other", role="gas_valve")
    await dialog.submit(**witnessed, witness_entity="binary_sensor.contact")
    assert dialog.errors == {"witness_entity": "bound_as_witness"}
    await dialog.submit(**witnessed, witness_entity="valve.gas")
    assert dialog.errors == {"witness_entity": "bound_as_actuator"}

    dialog = await add(hass, entry, "detector")
    await dialog.submit(entity_id="binary_sensor.contact", hazard="smoke")
    assert dialog.errors == {"entity_id": "bound_as_witness"}


@pytest.mark.parametrize("first", ["detector", "actuator"])
async def test_a_select_is_not_both_detector_and_actuator(
    hass: HomeAssistant, first: str
) -> None:
    register(hass, SELECT, "open", {"options": ["open", "close"]})
    entry = home_entry(hass)
    hass.config_entries.async_add_subentry(
        entry,
        ConfigSubentry(
            data={
                "entity_id": SELECT,
                "hazard": "gas",
                "role": "gas_valve",
                "name": "It",
            },
            subentry_type=first,
            title="It",
            unique_id=None,
        ),
    )
    second = "actuator" if first == "detector" else "detector"
    dialog = await add(hass, entry, second)
    what = {"role": "gas_valve"} if second == "actuator" else {"hazard": "gas"}
    await dialog.submit(entity_id=SELECT, **what)
    assert dialog.errors == {"entity_id": f"bound_as_{first}"}
