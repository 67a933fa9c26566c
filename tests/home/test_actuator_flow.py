"""Adding and changing valves, windows and sirens."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.util import dt as dt_util

import pytest

from custom_components.zhian.home import actuator_flow

from .flows import add, change, home_entry, nothing_is_set_up, only, register

VALVE = "valve.gas"
SWITCH = "switch.gas_valve"
WINDOW = "cover.kitchen_window"
SIREN = "siren.hall"


@pytest.fixture(autouse=True)
def _flows_alone(hass: HomeAssistant) -> Iterator[None]:
    for entity_id in (VALVE, SWITCH, WINDOW, SIREN, "binary_sensor.valve_contact"):
        hass.states.async_set(entity_id, "open")
    with nothing_is_set_up():
        yield


async def test_a_gas_valve_is_added_with_what_is_usual(hass: HomeAssistant) -> None:
    registered = register(hass, SWITCH, "on", {"friendly_name": "Gas valve"})
    entry = home_entry(hass)
    dialog = await add(hass, entry, "actuator")
    await dialog.submit(entity_id=SWITCH, role="gas_valve")
    assert dialog.filled_in == {
        "inverted": False,
        "exercise": False,
        "travel_time": 5.0,
        "witness": "late_report",
        "life_years": 10,
        "name": "Gas valve",
    }
    result = await dialog.submit(**dialog.filled_in)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["title"] == "Gas valve"
    assert only(entry, "actuator") == {
        "entity_id": SWITCH,
        "registry_id": registered.id,
        "role": "gas_valve",
        "inverted": False,
        "ignition_safe": False,
        "open_on_gas": False,
        "sound_on_gas": True,
        "targets": None,
        "tones": None,
        "duration": None,
        "travel_time": 5.0,
        "witness": "late_report",
        "witness_entity": None,
        "registry_ids": {},
        "rain_entity": None,
        "child_lock_entity": None,
        "lock_entity": None,
        "obstruction_entity": None,
        "area": None,
        "name": "Gas valve",
        "installed": None,
        "life_years": 10,
        "exercise": False,
        "plans": {},
    }


@pytest.mark.parametrize(
    ("can", "does", "proposed"),
    [
        (True, True, "read_back"),
        (True, False, "late_report"),  # asleep, or without an answer
        (False, False, "late_report"),
    ],
)
async def test_a_switch_that_answers_is_believed_by_its_answer(
    hass: HomeAssistant,
    monkeypatch: pytest.MonkeyPatch,
    can: bool,
    does: bool,
    proposed: str,
) -> None:
    asked: list[str] = []

    async def answers(_: HomeAssistant, entity_id: str) -> bool:
        asked.append(entity_id)
        return does

    monkeypatch.setattr(actuator_flow, "answers", answers)
    monkeypatch.setattr(actuator_flow, "can_be_asked", lambda *_: can)
    register(hass, SWITCH, "on", {"friendly_name": "Gas valve"})
    entry = home_entry(hass)
    dialog = await add(hass, entry, "actuator")
    await dialog.submit(entity_id=SWITCH, role="gas_valve")
    assert asked == [SWITCH]
    assert dialog.filled_in["witness"] == proposed
    (witness,) = (
        field
        for key, field in dialog.result["data_schema"].schema.items()
        if key == "witness"
    )
    assert ("read_back" in witness.config["options"]) is can
    await dialog.submit(**dialog.filled_in)
    assert only(entry, "actuator")["witness"] == proposed


@pytest.mark.parametrize(
    ("entity_id", "role", "usual", "fields"),
    [
        (VALVE, "gas_valve", (5.0, "report"), set()),
        (VALVE, "water_valve", (5.0, "report"), {"ignition_safe"}),
        (SWITCH, "water_valve", (5.0, "late_report"), {"inverted", "ignition_safe"}),
        (WINDOW, "window", (30.0, "report"), {"ignition_safe", "open_on_gas"}),
        (SIREN, "siren", (1.0, "report"), {"ignition_safe"}),
    ],
)
async def test_only_what_fits_the_device_is_asked(
    hass: HomeAssistant,
    entity_id: str,
    role: str,
    usual: tuple[float, str],
    fields: set[str],
) -> None:
    dialog = await add(hass, home_entry(hass), "actuator")
    await dialog.submit(entity_id=entity_id, role=role)
    assert (dialog.filled_in["travel_time"], dialog.filled_in["witness"]) == usual
    own = {"inverted", "ignition_safe", "open_on_gas"}
    assert own & set(dialog.filled_in) == fields
    assert not any(dialog.filled_in[field] for field in fields), "opt-in"


async def test_an_entity_has_to_fit_its_role(hass: HomeAssistant) -> None:
    register(hass, "valve.proxy", "open", platform="zhian")
    entry = home_entry(hass)
    dialog = await add(hass, entry, "actuator")
    for entity_id, role, error in (
        (SIREN, "gas_valve", "not_for_role"),
        (VALVE, "window", "not_for_role"),
        ("valve.gone", "gas_valve", "entity_not_found"),
        ("valve.proxy", "gas_valve", "own_entity"),
    ):
        await dialog.submit(entity_id=entity_id, role=role)
        assert dialog.errors == {"entity_id": error}
        assert dialog.filled_in == {"entity_id": entity_id, "role": role}
    await dialog.submit(entity_id=VALVE, role="gas_valve")
    await dialog.submit(**dialog.filled_in)
    dialog = await add(hass, entry, "actuator")
    await dialog.submit(entity_id=VALVE, role="water_valve")
    assert dialog.errors == {"entity_id": "already_bound"}
    assert len(entry.subentries) == 1


async def test_a_purpose_is_chosen_and_never_guessed(hass: HomeAssistant) -> None:
    """A required choice is shown filled in: with the gas valve, the first of them."""
    entry = home_entry(hass)
    dialog = await add(hass, entry, "actuator")
    await dialog.submit(entity_id=VALVE)
    assert dialog.errors == {"role": "role_missing"}
    assert dialog.filled_in == {"entity_id": VALVE}
    await dialog.submit(entity_id="valve.gone")
    assert dialog.errors == {"entity_id": "entity_not_found", "role": "role_missing"}
    await dialog.submit(entity_id=VALVE, role="gas_valve")
    assert dialog.step == "details"


async def test_a_window_that_could_spark_is_not_opened_in_a_gas_leak(
    hass: HomeAssistant,
) -> None:
    entry = home_entry(hass)
    dialog = await add(hass, entry, "actuator")
    await dialog.submit(entity_id=WINDOW, role="window")
    typed = dialog.filled_in | {"open_on_gas": True}
    await dialog.submit(**typed)
    assert dialog.errors == {"open_on_gas": "not_ignition_safe"}
    assert dialog.filled_in == typed
    assert not entry.subentries
    await dialog.submit(**typed | {"ignition_safe": True})
    data = only(entry, "actuator")
    assert (data["open_on_gas"], data["ignition_safe"]) == (True, True)


@pytest.mark.parametrize(
    ("typed", "errors"),
    [
        ({"travel_time": 0.4}, {"travel_time": "travel_time_range"}),
        ({"travel_time": 301}, {"travel_time": "travel_time_range"}),
        ({"travel_time": float("nan")}, {"travel_time": "travel_time_range"}),
        ({"life_years": 0}, {"life_years": "life_range"}),
        ({"life_years": 31}, {"life_years": "life_range"}),
        ({"life_years": float("nan")}, {"life_years": "life_range"}),
        ({"installed": "2999-01-01"}, {"installed": "installed_in_future"}),
        ({"name": ""}, {"name": "name_missing"}),
        ({"witness": "entity"}, {"witness_entity": "witness_entity_missing"}),
        (
            {"witness": "entity", "witness_entity": "sensor.gone"},
            {"witness_entity": "entity_not_found"},
        ),
        (
            {"witness": "entity", "witness_entity": VALVE},
            {"witness_entity": "witness_itself"},
        ),
        (
            {"witness": "entity", "witness_entity": "cover.proxy"},
            {"witness_entity": "own_entity"},
        ),
        (
            {"witness": "entity", "witness_entity": SWITCH},
            {"witness_entity": "not_a_witness"},
        ),
    ],
)
async def test_what_is_out_of_range_is_told_at_its_field(
    hass: HomeAssistant, typed: dict[str, Any], errors: dict[str, str]
) -> None:
    register(hass, "cover.proxy", "open", platform="zhian")
    entry = home_entry(hass)
    dialog = await add(hass, entry, "actuator")
    await dialog.submit(entity_id=VALVE, role="gas_valve")
    usual = dialog.filled_in
    await dialog.submit(**usual | typed)
    assert dialog.errors == errors
    assert {key: dialog.filled_in[key] for key in typed} == pytest.approx(
        typed, nan_ok=True
    )
    assert not entry.subentries
    result = await dialog.submit(**usual)
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_another_entity_may_prove_the_movement(hass: HomeAssistant) -> None:
    entry = home_entry(hass)
    dialog = await add(hass, entry, "actuator")
    await dialog.submit(entity_id=VALVE, role="gas_valve")
    today = dt_util.now().date()
    await dialog.submit(
        name="Gas valve",
        travel_time=0.5,
        witness="entity",
        witness_entity="binary_sensor.valve_contact",
        installed=today.isoformat(),
        life_years=5,
        area="kitchen",
    )
    data = only(entry, "actuator")
    assert data["witness_entity"] == "binary_sensor.valve_contact"
    assert data["installed"] == today.isoformat()
    assert data["life_years"] == 5
    assert data["area"] == "kitchen"


async def test_a_witness_that_is_not_asked_is_forgotten(hass: HomeAssistant) -> None:
    entry = home_entry(hass)
    dialog = await add(hass, entry, "actuator")
    await dialog.submit(entity_id=VALVE, role="gas_valve")
    await dialog.submit(
        **dialog.filled_in | {"witness_entity": "binary_sensor.valve_contact"}
    )
    assert only(entry, "actuator")["witness_entity"] is None


async def test_an_actuator_is_changed_in_place(hass: HomeAssistant) -> None:
    entry = home_entry(hass)
    dialog = await add(hass, entry, "actuator")
    await dialog.submit(entity_id=SWITCH, role="window")
    yesterday = (dt_util.now() - timedelta(days=1)).date().isoformat()
    await dialog.submit(
        **dialog.filled_in
        | {"inverted": True, "travel_time": 42, "installed": yesterday}
    )
    dialog = await change(hass, entry, "actuator")
    assert dialog.filled_in == {"entity_id": SWITCH, "role": "window"}
    await dialog.submit(entity_id=SWITCH, role="window")
    assert dialog.filled_in["travel_time"] == 42
    assert dialog.filled_in["installed"] == yesterday

    # A new role starts with the travel time that is usual for it.
    dialog = await change(hass, entry, "actuator")
    await dialog.submit(entity_id=SWITCH, role="gas_valve")
    assert dialog.filled_in["travel_time"] == 5.0
    assert dialog.filled_in["inverted"] is True
    typed = {
        key: value
        for key, value in dialog.filled_in.items()
        if key in ("inverted", "travel_time", "witness", "life_years", "name")
    }
    result = await dialog.submit(**typed)
    assert result["reason"] == "reconfigure_successful"
    assert only(entry, "actuator")["role"] == "gas_valve"
    assert only(entry, "actuator")["installed"] is None


async def test_a_window_has_conditions_and_nothing_else_has(
    hass: HomeAssistant,
) -> None:
    for entity_id in (
        "weather.home",
        "lock.window",
        "switch.child_lock",
        "binary_sensor.blocked",
        "sensor.rain",
    ):
        hass.states.async_set(entity_id, "off")
    register(hass, "binary_sensor.ours", "off", platform="zhian")
    entry = home_entry(hass)
    dialog = await add(hass, entry, "actuator")
    await dialog.submit(entity_id=WINDOW, role="window")
    usual = dialog.filled_in
    for bad, error in (
        ({"rain_entity": "sensor.rain"}, "not_a_hindrance"),
        ({"rain_entity": "weather.gone"}, "entity_not_found"),
        ({"lock_entity": "binary_sensor.ours"}, "own_entity"),
        ({"obstruction_entity": WINDOW}, "hindrance_itself"),
    ):
        await dialog.submit(**usual | bad)
        assert dialog.errors == dict.fromkeys(bad, error)
        assert dialog.filled_in == usual | bad
    chosen = {
        "rain_entity": "weather.home",
        "child_lock_entity": "switch.child_lock",
        "lock_entity": "lock.window",
        "obstruction_entity": "binary_sensor.blocked",
    }
    await dialog.submit(**usual | chosen)
    data = only(entry, "actuator")
    assert {key: data[key] for key in chosen} == chosen
    dialog = await change(hass, entry, "actuator")
    await dialog.submit(entity_id=WINDOW, role="window")
    assert {key: dialog.filled_in[key] for key in chosen} == chosen
    dialog = await add(hass, entry, "actuator")
    await dialog.submit(entity_id=VALVE, role="gas_valve")
    assert not set(chosen) & set(dialog.filled_in)


@pytest.mark.parametrize(
    ("entity_id", "role", "is_asked"),
    [
        (VALVE, "gas_valve", True),
        (VALVE, "water_valve", True),
        (WINDOW, "window", False),
        (SIREN, "siren", False),
    ],
)
async def test_only_valves_are_exercised_and_only_on_wish(
    hass: HomeAssistant, entity_id: str, role: str, is_asked: bool
) -> None:
    entry = home_entry(hass)
    dialog = await add(hass, entry, "actuator")
    await dialog.submit(entity_id=entity_id, role=role)
    assert dialog.filled_in.get("exercise") is (False if is_asked else None)
    chosen = {"exercise": True} if is_asked else {}
    await dialog.submit(**dialog.filled_in | chosen)
    assert only(entry, "actuator")["exercise"] is is_asked
