"""Routines and codes in a configuration file."""

from collections.abc import Iterator
import json
from types import MappingProxyType
from typing import Any

from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant

import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_mock_service,
)

from custom_components.zhian.home.codes import digest
from custom_components.zhian.home.configuration import as_yaml, configuration_of

from .flows import Dialog, home_entry, nothing_is_set_up, reconfigure, register

SALT = "00" * 16
ANNA_S_CODE = {
    "name": "Anna",
    "salt": SALT,
    "digest": digest("2468", SALT),
    "duress_digest": digest("1357", SALT),
    "can_arm": True,
    "can_disarm": True,
}
ANNA = {
    "name": "Anna",
    "role": "relative",
    "channels": [{"kind": "notify", "target": "notify.anna"}],
}
MOTHER = {
    "name": "Mother",
    "sources": [{"entity_id": "binary_sensor.motion", "registry_id": None}],
    "power_limit": 60.0,
    "day_from": "06:30:00",
    "day_to": "21:00:00",
    "by_day": 10.0,
    "in_all": None,
    "learns": True,
    "away_entities": ["calendar.mother"],
    "persons": ["person.mother"],
    "asks": [],
    "voice": "tts.home",
    "speakers": ["media_player.kitchen"],
    "satellites": [],
    "ignition_safe": False,
}


@pytest.fixture(autouse=True)
def _flows_alone(hass: HomeAssistant) -> Iterator[None]:
    async_mock_service(hass, "notify", "anna")
    register(hass, "binary_sensor.motion", original_device_class="motion")
    register(hass, "binary_sensor.battery", original_device_class="battery")
    for entity_id in (
        "tts.home",
        "media_player.kitchen",
        "calendar.mother",
        "person.mother",
    ):
        register(hass, entity_id, "idle")
    with nothing_is_set_up():
        yield


def put(
    hass: HomeAssistant, entry: MockConfigEntry, kind: str, data: dict[str, Any]
) -> str:
    subentry = ConfigSubentry(
        data=MappingProxyType(data),
        subentry_type=kind,
        title=data["name"],
        unique_id=None,
    )
    hass.config_entries.async_add_subentry(entry, subentry)
    return subentry.subentry_id


def furnished(hass: HomeAssistant) -> MockConfigEntry:
    entry = home_entry(hass)
    anna = put(hass, entry, "contact", ANNA)
    put(hass, entry, "routine", MOTHER | {"asks": [anna]})
    put(hass, entry, "code", ANNA_S_CODE)
    return entry


def only(entry: MockConfigEntry, kind: str) -> ConfigSubentry:
    (subentry,) = entry.get_subentries_of_type(kind)
    return subentry


async def take_in(hass: HomeAssistant, entry: MockConfigEntry, text: str) -> Dialog:
    dialog = await reconfigure(hass, entry)
    await dialog.choose("import_configuration")
    await dialog.submit(configuration=text)
    return dialog


def told(dialog: Dialog) -> list[str]:
    assert dialog.errors == {"configuration": "import_wrong_lines"}
    text: str = dialog.result["description_placeholders"]["problems"]
    return [line.removeprefix("- ") for line in text.splitlines()]


async def test_a_code_goes_out_as_a_name_with_rights_and_nothing_to_try(
    hass: HomeAssistant,
) -> None:
    entry = furnished(hass)
    file = configuration_of(entry)
    assert file["codes"] == [{"name": "Anna", "can_arm": True, "can_disarm": True}]
    for text in (as_yaml(file), json.dumps(file)):
        for secret in (SALT, ANNA_S_CODE["digest"], ANNA_S_CODE["duress_digest"]):
            assert str(secret) not in text
        assert "duress" not in text


@pytest.mark.parametrize("write", [as_yaml, json.dumps])
async def test_a_routine_comes_into_another_home_with_the_contact_it_asks(
    hass: HomeAssistant, write: Any
) -> None:
    entry = furnished(hass)
    file = configuration_of(entry)
    await hass.config_entries.async_remove(entry.entry_id)
    other = home_entry(hass)
    dialog = await take_in(hass, other, write(file))
    # No code is made: nobody could know it. Who has to choose one is told.
    assert dialog.result["reason"] == "imported_but_codes"
    assert dialog.result["description_placeholders"] == {
        "added": "2",
        "changed": "0",
        "codes": "Anna",
    }
    assert not other.get_subentries_of_type("code")
    routine = dict(only(other, "routine").data)
    contact = only(other, "contact").subentry_id
    source = routine.pop("sources")[0]
    assert source["entity_id"] == "binary_sensor.motion"
    usual = {k: v for k, v in MOTHER.items() if k != "sources"}
    assert routine == usual | {"asks": [contact]}


async def test_what_is_known_by_its_name_is_changed_and_a_code_stays_valid(
    hass: HomeAssistant,
) -> None:
    entry = furnished(hass)
    file = configuration_of(entry)
    file["routines"][0]["by_day"] = 8
    file["codes"][0]["can_arm"] = False
    before = only(entry, "routine").subentry_id
    dialog = await take_in(hass, entry, json.dumps(file))
    assert dialog.result["reason"] == "imported"
    assert only(entry, "routine").subentry_id == before
    assert only(entry, "routine").data["by_day"] == 8.0
    assert dict(only(entry, "code").data) == ANNA_S_CODE | {"can_arm": False}


WRONG = """zhian: 1
routines:
  - name: Mother
    sources: [binary_sensor.battery]
    day_from: soon
    speakers: [media_player.gone]
    asks: [Nobody]
    by_day: 0.5
  - name: Mother
    sources: []
  - name: Father
    sources:
  - name: Uncle
    sources: [binary_sensor.motion, binary_sensor.motion]
    power_limit: 0
    away_entities: calendar.mother
  - name: Aunt
    sources: [binary_sensor.motion]
codes:
  - name: Anna
    can_disarm: false
  - name: Anna
  - name: Ben
    can_arm: maybe
"""


async def test_each_wrong_line_of_people_is_told_and_nothing_is_changed(
    hass: HomeAssistant,
) -> None:
    entry = home_entry(hass)
    put(hass, entry, "code", ANNA_S_CODE)
    before = {s.title: dict(s.data) for s in entry.subentries.values()}
    lines = told(await take_in(hass, entry, WRONG))
    assert [line.partition(": ") for line in lines] == [
        ("Line 4", ": ", WRONG_TEXTS["no_sign_of_life"]),
        ("Line 5", ": ", "“soon” is not a time of the day. Write it as 07:30."),
        ("Line 6", ": ", WRONG_TEXTS["entity_not_found"]),
        ("Line 7", ": ", WRONG_TEXTS["no_such_contact"]),
        ("Line 8", ": ", "From 1 to 72."),
        ("Line 9", ": ", "“Mother” stands here twice."),
        ("Line 11", ": ", WRONG_TEXTS["nobody_asked"]),
        ("Line 12", ": ", "Choose at least one."),
        ("Line 13", ": ", WRONG_TEXTS["nobody_asked"]),
        ("Line 14", ": ", "One of these is chosen twice."),
        ("Line 15", ": ", "From 1 to 5000."),
        ("Line 16", ": ", WRONG_TEXTS["not_a_list"]),
        ("Line 17", ": ", WRONG_TEXTS["nobody_asked"]),
        ("Line 21", ": ", WRONG_TEXTS["duress_needs_disarm"]),
        ("Line 22", ": ", "“Anna” stands here twice."),
        ("Line 24", ": ", "“maybe” is neither true nor false."),
    ]
    assert {s.title: dict(s.data) for s in entry.subentries.values()} == before


WRONG_TEXTS = {
    "no_sign_of_life": "One of these changes without anybody doing anything, or is not a "
    "meter that can be read.",
    "entity_not_found": "Home Assistant does not know one of these entities.",
    "no_such_contact": "There is no contact with the name “Nobody”, neither here nor in "
    "the file.",
    "nobody_asked": "Nobody would be asked: no resident is among the contacts, and "
    "nothing speaks. Choose a contact, a speaker or a voice satellite.",
    "not_a_list": "A list belongs here: lines that begin with a hyphen.",
    "duress_needs_disarm": "A duress code looks like disarming. Allow disarming, or leave "
    "it empty.",
}


async def test_a_code_without_any_right_is_told(hass: HomeAssistant) -> None:
    entry = home_entry(hass)
    put(hass, entry, "code", ANNA_S_CODE | {"duress_digest": None})
    file = {"zhian": 1, "codes": [{"name": "Anna", "can_arm": False}]}
    file["codes"][0]["can_disarm"] = False  # type: ignore[index]
    (line,) = told(await take_in(hass, entry, json.dumps(file)))
    assert line.endswith("A code without any right is of no use. Choose at least one.")


async def test_one_source_does_not_speak_for_two_people_of_a_file(
    hass: HomeAssistant,
) -> None:
    entry = furnished(hass)
    file = configuration_of(entry)
    file["routines"].append(file["routines"][0] | {"name": "Father", "voice": "tts.no"})
    lines = told(await take_in(hass, entry, json.dumps(file, indent=1)))
    assert len(lines) == 2
    assert any("cannot speak for two people" in line for line in lines)
