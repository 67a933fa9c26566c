"""Entries of former versions."""

from typing import Any

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant

from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.zhian.const import DOMAIN
from custom_components.zhian.home import migration

from .flows import HOME_ID, PRIVATE_KEY
from .house import subentry

PHONE = "notify.mobile_app_anna"


def old_entry(hass: HomeAssistant, **facts: Any) -> MockConfigEntry:
    """Add a home as version 1.1 left it."""
    entry = MockConfigEntry(
        domain=DOMAIN,
        unique_id="home",
        version=facts.get("version", 1),
        minor_version=1,
        data={
            "role": "home",
            "home_id": HOME_ID,
            "name": "Riverside 12",
            "gas": "natural_gas",
            "lel": 4.4,
            "address": None,
            "private_key": PRIVATE_KEY,
            "station": None,
        },
        subentries_data=[
            subentry("contact", {"name": "Anna", "target": PHONE, "critical": False}),
            subentry("contact", {"name": "Wall", "target": "notify.wall"}),
            subentry(
                "detector",
                {"name": "Gas", "entity_id": "binary_sensor.gas", "hazard": "gas"},
            ),
        ],
    )
    entry.add_to_hass(hass)
    return entry


async def test_one_target_becomes_the_first_channel_of_a_resident(
    hass: HomeAssistant,
) -> None:
    """Who was told at once still is; everything else stays."""
    entry = old_entry(hass)
    before = {id_: item.title for id_, item in entry.subentries.items()}
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert (entry.version, entry.minor_version) == (1, migration.MINOR_VERSION)
    anna, wall = (dict(s.data) for s in entry.get_subentries_of_type("contact"))
    assert anna == {
        "name": "Anna",
        "role": "resident",
        "order": 1,
        "channels": [{"kind": "mobile_app", "target": PHONE, "critical": False}],
    }
    assert wall["channels"] == [{"kind": "notify", "target": "notify.wall"}]
    (detector,) = entry.get_subentries_of_type("detector")
    assert detector.data["hazard"] == "gas"
    assert {id_: item.title for id_, item in entry.subentries.items()} == before
    rungs = entry.runtime_data.guard.state.household.ladder.rungs
    assert [len(rung.contacts) for rung in rungs] == [2]


async def test_a_migration_that_was_cut_off_goes_on(hass: HomeAssistant) -> None:
    """What has channels already keeps them."""
    entry = old_entry(hass)
    contact = entry.get_subentries_of_type("contact")
    first = next(iter(contact))
    done = {"name": "Anna", "role": "neighbour", "order": 2, "channels": []}
    hass.config_entries.async_update_subentry(entry, first, data=done)
    assert migration.async_migrate(hass, entry)
    assert dict(entry.subentries[first.subentry_id].data) == done
    assert entry.minor_version == migration.MINOR_VERSION


async def test_what_a_newer_version_wrote_is_left_alone(hass: HomeAssistant) -> None:
    """Rather no guard than one that misunderstands."""
    entry = old_entry(hass, version=2)
    assert not await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.MIGRATION_ERROR
    assert any("target" in s.data for s in entry.get_subentries_of_type("contact"))
