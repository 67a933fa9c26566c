"""Adding and changing a routine."""

from collections.abc import Iterator
from types import MappingProxyType
from typing import Any

from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.zhian.home.routine_options import RoutineOptions
from custom_components.zhian.safety.routine import Limits

from .flows import Dialog, add, change, home_entry, nothing_is_set_up, only, register

MOTION = "binary_sensor.hall_motion"
DOOR = "binary_sensor.front_door"


@pytest.fixture(autouse=True)
def _flows_alone(hass: HomeAssistant) -> Iterator[None]:
    register(hass, MOTION, original_device_class="motion")
    register(hass, DOOR, original_device_class="door")
    register(hass, "tts.home", "unknown")
    register(hass, "media_player.kitchen", "idle")
    register(hass, "assist_satellite.hall", "idle")
    register(hass, "calendar.mother", "off")
    register(hass, "person.mother", "home")
    with nothing_is_set_up():
        yield


@pytest.fixture
def entry(hass: HomeAssistant) -> MockConfigEntry:
    """Return a home with somebody who lives in it, and nothing else."""
    entry = home_entry(hass)
    live_there(hass, entry, "resident")
    return entry


def live_there(hass: HomeAssistant, entry: MockConfigEntry, role: str) -> None:
    hass.config_entries.async_add_subentry(
        entry,
        ConfigSubentry(
            data=MappingProxyType(
                {
                    "name": "Anna",
                    "role": role,
                    "channels": [{"kind": "notify", "target": "notify.anna"}],
                }
            ),
            subentry_type="contact",
            title="Anna",
            unique_id=None,
        ),
    )


async def who(dialog: Dialog, *sources: str, name: str = "Mother") -> None:
    """Fill in the first page."""
    await dialog.submit(
        name=name, sources=list(sources or (MOTION, DOOR)), power_limit=60
    )


async def limits(dialog: Dialog, **changes: Any) -> None:
    """Fill in the second page."""
    filled = {
        "day_from": "07:00:00",
        "day_to": "22:00:00",
        "by_day": 12,
        "in_all": 24,
        "learns": True,
    }
    filled |= changes
    await dialog.submit(**{k: v for k, v in filled.items() if v is not None})


SPEAKING = {
    "voice": "tts.home",
    "speakers": ["media_player.kitchen"],
    "satellites": ["assist_satellite.hall"],
    "ignition_safe": False,
}


async def test_routine_is_added(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    dialog = await add(hass, entry, "routine")
    await who(dialog, name=" Mother ")
    assert dialog.step == "limits"
    assert dialog.filled_in == {
        "day_from": "07:00:00",
        "day_to": "22:00:00",
        "by_day": 12,
        "in_all": 24,
        "learns": True,
    }
    await limits(dialog)
    assert dialog.step == "away"
    await dialog.submit(away_entities=["calendar.mother"], persons=["person.mother"])
    assert dialog.step == "asking"
    result = await dialog.submit(**SPEAKING)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["title"] == "Mother"
    data = only(entry, "routine")
    assert [s["entity_id"] for s in data["sources"]] == [MOTION, DOOR]
    assert all(s["registry_id"] for s in data["sources"])
    options = RoutineOptions.from_mapping(data)
    assert options.as_data() == data
    assert options.limits == Limits()
    assert options.power_limit == 60
    assert options.away_entities == ("calendar.mother",)
    assert options.persons == ("person.mother",)
    assert options.speakers == ("media_player.kitchen",)


@pytest.mark.parametrize(
    ("sources", "error"),
    [
        ([], "sources_missing"),
        ([MOTION, MOTION], "source_twice"),
        (["binary_sensor.nobody"], "entity_not_found"),
        (["binary_sensor.ours"], "own_entity"),
        (["binary_sensor.battery"], "no_sign_of_life"),
        (["sensor.temperature"], "no_sign_of_life"),
    ],
)
async def test_source_that_shows_no_life_is_told_and_nothing_is_lost(
    hass: HomeAssistant, entry: MockConfigEntry, sources: list[str], error: str
) -> None:
    register(hass, "binary_sensor.ours", platform="zhian")
    register(hass, "binary_sensor.battery", original_device_class="battery")
    register(hass, "sensor.temperature", "20", original_device_class="temperature")
    dialog = await add(hass, entry, "routine")
    await dialog.submit(name="Mother", sources=sources, power_limit=60)
    assert dialog.errors == {"sources": error}
    assert dialog.filled_in["name"] == "Mother"
    assert dialog.filled_in["sources"] == sources
    await who(dialog)
    assert dialog.step == "limits"


async def test_routine_needs_a_name(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    dialog = await add(hass, entry, "routine")
    await who(dialog, name=" ")
    assert dialog.errors == {"name": "name_missing"}


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"day_to": "07:00:00"}, {"day_to": "window_empty"}),
        ({"by_day": 15.5}, {"by_day": "longer_than_day"}),
        (
            {"by_day": 9, "day_from": "20:00:00", "day_to": "04:00:00"},
            {"by_day": "longer_than_day"},
        ),
        ({"by_day": None, "in_all": None, "learns": False}, {"learns": "no_limit"}),
    ],
)
async def test_limits_that_make_no_sense_are_refused(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    changes: dict[str, Any],
    error: dict[str, str],
) -> None:
    dialog = await add(hass, entry, "routine")
    await who(dialog)
    await limits(dialog, **changes)
    assert dialog.errors == error
    await limits(dialog, by_day=None, in_all=None)
    assert dialog.step == "away"


async def test_entity_that_is_gone_or_chosen_twice_is_told(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    dialog = await add(hass, entry, "routine")
    await who(dialog)
    await limits(dialog)
    await dialog.submit(away_entities=["calendar.nobody"])
    assert dialog.errors == {"away_entities": "entity_not_found"}
    await dialog.submit(persons=["person.mother", "person.mother"])
    assert dialog.errors == {"persons": "source_twice"}
    await dialog.submit()
    assert dialog.step == "asking"
    await dialog.submit(voice="tts.nobody", ignition_safe=False)
    assert dialog.errors == {
        "voice": "entity_not_found",
        "speakers": "speakers_missing",
    }
    await dialog.submit(speakers=["media_player.kitchen"], ignition_safe=False)
    assert dialog.errors == {"voice": "voice_missing"}
    await dialog.submit(voice="tts.home", ignition_safe=False)
    assert dialog.errors == {"speakers": "speakers_missing"}
    await dialog.submit(**SPEAKING)
    assert only(entry, "routine")["voice"] == "tts.home"


async def test_routine_that_nobody_would_hear_is_warned_of(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    dialog = await add(hass, entry, "routine")
    await who(dialog)
    await limits(dialog)
    await dialog.submit()
    await dialog.submit(ignition_safe=False)
    assert dialog.step == "unheard"
    assert entry.get_subentries_of_type("routine") == []
    await dialog.submit()
    assert only(entry, "routine")["speakers"] == []


async def test_who_could_not_be_asked_at_all_is_refused(hass: HomeAssistant) -> None:
    """No resident, nobody chosen, nothing that speaks: the question goes to nobody."""
    entry = home_entry(hass)
    live_there(hass, entry, "neighbour")
    dialog = await add(hass, entry, "routine")
    await who(dialog)
    await limits(dialog)
    await dialog.submit()
    await dialog.submit(ignition_safe=False)
    assert dialog.errors == {"asks": "nobody_asked"}
    (neighbour,) = entry.get_subentries_of_type("contact")
    await dialog.submit(asks=[neighbour.subentry_id], ignition_safe=False)
    assert dialog.step == "unheard"


async def test_who_is_asked_by_a_voice_alone_is_warned_of(hass: HomeAssistant) -> None:
    entry = home_entry(hass)
    dialog = await add(hass, entry, "routine")
    await who(dialog)
    await limits(dialog)
    await dialog.submit()
    await dialog.submit(**SPEAKING)
    assert dialog.step == "only_aloud"
    assert not entry.get_subentries_of_type("routine")
    await dialog.submit()
    assert only(entry, "routine")["speakers"] == ["media_player.kitchen"]


async def test_two_people_cannot_share_a_source(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    dialog = await add(hass, entry, "routine")
    await who(dialog, MOTION)
    await limits(dialog)
    await dialog.submit()
    await dialog.submit(**SPEAKING)
    dialog = await add(hass, entry, "routine")
    await who(dialog, DOOR, MOTION, name="Father")
    assert dialog.errors == {"sources": "already_bound"}
    await who(dialog, DOOR, name="Father")
    assert dialog.step == "limits"


async def test_routine_is_changed_and_what_was_chosen_is_shown(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    dialog = await add(hass, entry, "routine")
    await who(dialog)
    await limits(dialog, by_day=None, in_all=30)
    await dialog.submit(persons=["person.mother"])
    await dialog.submit(**SPEAKING)
    dialog = await change(hass, entry, "routine")
    assert dialog.filled_in == {
        "name": "Mother",
        "sources": [MOTION, DOOR],
        "power_limit": 60,
    }
    await who(dialog, MOTION)
    assert dialog.filled_in["in_all"] == 30
    assert "by_day" not in dialog.filled_in
    await limits(dialog, by_day=8, in_all=None)
    assert dialog.filled_in == {"away_entities": [], "persons": ["person.mother"]}
    await dialog.submit()
    result = await dialog.submit(**SPEAKING)
    assert result["reason"] == "reconfigure_successful"
    data = only(entry, "routine")
    assert (data["by_day"], data["in_all"]) == (8, None)
    assert data["persons"] == []
    assert len(data["sources"]) == 1


async def test_contacts_can_be_chosen_and_residents_come_first(
    hass: HomeAssistant,
) -> None:
    entry = home_entry(hass)
    hass.services.async_register("notify", "anna", lambda call: None)
    for name, role in (("Son", "relative"), ("Mother", "resident")):
        dialog = await add(hass, entry, "contact")
        await dialog.submit(name=name, role=role, order=1)
        await dialog.choose("notify")
        if name == "Son":
            hass.services.async_register("notify", "son", lambda call: None)
        target = "notify.son" if name == "Son" else "notify.anna"
        await dialog.submit(target=target, critical=True)
        await dialog.choose("finish")
    dialog = await add(hass, entry, "routine")
    await who(dialog)
    await limits(dialog)
    await dialog.submit()
    (asks,) = [
        field
        for marker, field in dialog.result["data_schema"].schema.items()
        if marker.schema == "asks"
    ]
    assert [option["label"] for option in asks.config["options"]] == ["Mother", "Son"]
    chosen = asks.config["options"][0]["value"]
    await dialog.submit(asks=[chosen], **SPEAKING)
    assert only(entry, "routine")["asks"] == [chosen]


async def test_station_has_no_routines(hass: HomeAssistant) -> None:
    station = MockConfigEntry(domain="zhian", data={"role": "station"})
    station.add_to_hass(hass)
    from custom_components.zhian.config_flow import ZhianConfigFlow

    types = ZhianConfigFlow.async_get_supported_subentry_types(station)
    assert "routine" not in types
