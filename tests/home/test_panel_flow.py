"""Setting up intrusion: what a detector counts for, the panel, the people's codes."""

from collections.abc import Iterator
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.zhian.home.codes import holder_of
from custom_components.zhian.home.options import DetectorOptions, HomeOptions
from custom_components.zhian.home.watch_options import (
    AWAY,
    MODES,
    CodeOptions,
    PanelOptions,
    WatchOptions,
)
from custom_components.zhian.safety.arming import Mode, Sense

from .flows import (
    Dialog,
    add,
    change,
    home_entry,
    nothing_is_set_up,
    only,
    reconfigure,
    register,
)

DOOR = "binary_sensor.front_door"


@pytest.fixture(autouse=True)
def _flows_alone(hass: HomeAssistant) -> Iterator[None]:
    with nothing_is_set_up():
        yield


async def bind(
    hass: HomeAssistant, entity_id: str, device_class: str | None, **more: Any
) -> tuple[MockConfigEntry, Dialog]:
    """Open the dialog for a detector and choose an entity."""
    attributes = {"device_class": device_class} if device_class else {}
    register(hass, entity_id, attributes=attributes)
    entry = home_entry(hass)
    dialog = await add(hass, entry, "detector")
    await dialog.submit(entity_id=entity_id, **more)
    return entry, dialog


# --- detectors -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("device_class", "sense", "modes"),
    [
        ("door", "opening", [*MODES]),
        ("window", "opening", [*MODES]),
        ("garage_door", "opening", [*MODES]),
        ("motion", "motion", [*AWAY]),
    ],
)
async def test_contact_is_proposed_as_what_its_device_class_says(
    hass: HomeAssistant, device_class: str, sense: str, modes: list[str]
) -> None:
    entry, dialog = await bind(hass, DOOR, device_class)
    assert dialog.step == "binary"
    await dialog.submit(**dialog.filled_in)
    assert dialog.step == "watch"
    assert dialog.filled_in == {"sense": sense, "modes": modes, "delayed": False}
    result = await dialog.submit(**dialog.filled_in)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    watch = DetectorOptions.from_mapping(only(entry, "detector")).watch
    assert watch == WatchOptions(Sense(sense), tuple(map(Mode, modes)))


async def test_front_door_is_delayed_and_told_when_it_stands_open(
    hass: HomeAssistant,
) -> None:
    entry, dialog = await bind(hass, DOOR, "door")
    await dialog.submit(**dialog.filled_in)
    await dialog.submit(sense="opening", modes=["away"], delayed=True, left_open=15)
    kept = only(entry, "detector")["watch"]
    assert kept == {
        "sense": "opening",
        "modes": ["away"],
        "delayed": True,
        "left_open": 15.0,
    }
    options = WatchOptions.from_mapping(kept)
    assert options.watch().left_open == 900.0
    dialog = await change(hass, entry, "detector")
    await dialog.submit(entity_id=DOOR)
    await dialog.submit(**dialog.filled_in)
    assert dialog.filled_in == kept
    await dialog.submit(sense="opening", modes=["night"], delayed=False)
    assert only(entry, "detector")["watch"]["modes"] == ["night"]


@pytest.mark.parametrize(
    ("chosen", "field", "error"),
    [
        ({"sense": "opening", "modes": []}, "modes", "modes_missing"),
        (
            {"sense": "motion", "modes": ["away"], "left_open": 5},
            "left_open",
            "left_open_no_door",
        ),
    ],
)
async def test_what_makes_no_sense_is_told(
    hass: HomeAssistant, chosen: dict[str, Any], field: str, error: str
) -> None:
    _, dialog = await bind(hass, DOOR, "door")
    await dialog.submit(**dialog.filled_in)
    await dialog.submit(delayed=False, **chosen)
    assert dialog.errors == {field: error}


async def test_tamper_is_a_detector_of_intrusion_and_of_nothing_else(
    hass: HomeAssistant,
) -> None:
    _, dialog = await bind(hass, DOOR, "tamper")
    assert dialog.errors == {"entity_id": "never_an_alarm"}
    await dialog.submit(entity_id=DOOR, hazard="intrusion")
    await dialog.submit(**dialog.filled_in)
    assert dialog.filled_in["sense"] == "tamper"
    result = await dialog.submit(sense="tamper", modes=[], delayed=False)
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_word_of_a_select_can_be_an_intrusion(hass: HomeAssistant) -> None:
    register(
        hass, "sensor.lock_state", "idle", attributes={"options": ["idle", "forced"]}
    )
    entry = home_entry(hass)
    dialog = await add(hass, entry, "detector")
    await dialog.submit(entity_id="sensor.lock_state", hazard="intrusion")
    await dialog.submit(
        alarm_states=["forced"], normal_states=["idle"], name="Front lock"
    )
    assert dialog.step == "watch"


async def test_another_alarm_panel_is_a_detector_that_needs_no_more_questions(
    hass: HomeAssistant,
) -> None:
    entry, dialog = await bind(hass, "alarm_control_panel.alarmo", None)
    assert dialog.step == "binary"
    result = await dialog.submit(**dialog.filled_in)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert only(entry, "detector")["watch"]["sense"] == "panel"


async def test_another_alarm_panel_detects_no_gas(hass: HomeAssistant) -> None:
    _, dialog = await bind(hass, "alarm_control_panel.alarmo", None, hazard="gas")
    assert dialog.errors == {"entity_id": "not_a_detector"}


# --- the panel -----------------------------------------------------------------------


async def test_delays_are_chosen_for_the_home(hass: HomeAssistant) -> None:
    entry = home_entry(hass)
    dialog = await reconfigure(hass, entry)
    await dialog.choose("panel")
    assert dialog.filled_in == {
        "exit_delay": 60.0,
        "entry_delay": 30.0,
        "code_arm_required": False,
        "report_from": "2",
        "cameras": [],
    }
    result = await dialog.submit(
        exit_delay=45,
        entry_delay=20,
        code_arm_required=True,
        report_from="1",
        cameras=["camera.hall"],
    )
    assert result["reason"] == "reconfigure_successful"
    kept = HomeOptions.from_mapping(entry.data).panel
    options = PanelOptions.from_mapping(kept)
    assert options == PanelOptions(45.0, 20.0, 1, True, ("camera.hall",))
    settings = options.settings()
    assert settings.entry_delay.total_seconds() == 20
    assert settings.exit_for(Mode.NIGHT).total_seconds() == 0


# --- codes ---------------------------------------------------------------------------


async def give(dialog: Dialog, **typed: Any) -> Any:
    """Fill in the form of a code."""
    return await dialog.submit(
        **{"name": "Bo", "can_arm": True, "can_disarm": True, **typed}
    )


async def test_code_is_kept_as_a_hash_and_shown_nowhere(hass: HomeAssistant) -> None:
    entry = home_entry(hass)
    dialog = await add(hass, entry, "code")
    result = await give(dialog, code="1234", duress_code="9876")
    assert result["title"] == "Bo"
    kept = only(entry, "code")
    assert not {"1234", "9876"} & {str(value) for value in kept.values()}
    found = holder_of("9876", [CodeOptions.from_mapping(kept)])
    assert found is not None
    assert found.duress
    dialog = await change(hass, entry, "code")
    assert set(dialog.filled_in) == {"name", "can_arm", "can_disarm", "no_duress"}


async def test_empty_fields_keep_a_code_and_a_choice_removes_duress(
    hass: HomeAssistant,
) -> None:
    entry = home_entry(hass)
    await give(await add(hass, entry, "code"), code="1234", duress_code="9876")
    before = only(entry, "code")
    dialog = await change(hass, entry, "code")
    await give(dialog, name="Bo L.", can_arm=False, no_duress=False)
    after = only(entry, "code")
    assert after == {**before, "name": "Bo L.", "can_arm": False}
    await give(await change(hass, entry, "code"), code="4321", no_duress=True)
    after = only(entry, "code")
    assert after["duress_digest"] is None
    assert holder_of("4321", [CodeOptions.from_mapping(after)]) is not None
    assert holder_of("1234", [CodeOptions.from_mapping(after)]) is None


@pytest.mark.parametrize(
    ("typed", "field", "error"),
    [
        ({"code": "  "}, "code", "code_missing"),
        ({"code": "12"}, "code", "code_format"),
        ({"code": "1234", "duress_code": "abcd"}, "duress_code", "code_format"),
        ({"code": "1234", "duress_code": "1234"}, "duress_code", "duress_same"),
        ({"code": "1234", "name": " "}, "name", "name_missing"),
        (
            {"code": "1234", "can_arm": False, "can_disarm": False},
            "can_arm",
            "no_right",
        ),
        (
            {"code": "1234", "duress_code": "9876", "can_disarm": False},
            "duress_code",
            "duress_needs_disarm",
        ),
    ],
)
async def test_what_is_wrong_with_a_code_is_told(
    hass: HomeAssistant, typed: dict[str, Any], field: str, error: str
) -> None:
    dialog = await add(hass, home_entry(hass), "code")
    await give(dialog, **typed)
    assert dialog.errors == {field: error}


async def test_no_two_codes_are_the_same(hass: HomeAssistant) -> None:
    entry = home_entry(hass)
    await give(await add(hass, entry, "code"), code="1234", duress_code="9876")
    for own, forced, field in (
        ("1234", "", "code"),
        ("9876", "", "code"),
        ("5555", "1234", "duress_code"),
    ):
        dialog = await add(hass, entry, "code")
        await give(dialog, name="Li", code=own, duress_code=forced)
        assert dialog.errors == {field: "code_taken"}
    result = await give(await add(hass, entry, "code"), name="Li", code="5555")
    assert result["type"] is FlowResultType.CREATE_ENTRY
    first, second = entry.get_subentries_of_type("code")
    assert first.data["salt"] == second.data["salt"], "one slow hash for all"


async def test_own_code_may_not_become_the_duress_code(hass: HomeAssistant) -> None:
    entry = home_entry(hass)
    await give(await add(hass, entry, "code"), code="1234", duress_code="9876")
    dialog = await change(hass, entry, "code")
    await give(dialog, code="9876", no_duress=False)
    assert dialog.errors == {"code": "duress_same"}
