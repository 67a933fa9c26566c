"""Repairs of the home: entities that are gone or renamed, the disk, the line."""

from homeassistant.config_entries import ConfigEntryDisabler
from homeassistant.helpers import entity_registry as er, issue_registry as ir

import pytest

from custom_components.zhian.const import DOMAIN
from custom_components.zhian.home.health import (
    DISK,
    LINK_LOST,
    LINK_REFUSED,
    show_disk,
    show_link,
)
from custom_components.zhian.home.station_link import LinkStatus
from custom_components.zhian.safety.vocabulary import Phase
from custom_components.zhian.store.errors import Trouble, WriteFailed

from .house import DETECTOR, GAS_DETECTOR, VALVE, HomeUnderTest

NEW_NAME = "binary_sensor.kitchen_gas_detector"


def issues(registry: ir.IssueRegistry) -> list[str]:
    """Return which repairs of ours are open, by their translation."""
    return sorted(
        issue.translation_key or ""
        for (domain, _), issue in registry.issues.items()
        if domain == DOMAIN
    )


@pytest.fixture
def registered(home: HomeUnderTest, entity_registry: er.EntityRegistry) -> str:
    """Bind the detector by its id in the registry; return it."""
    entry = entity_registry.async_get_or_create(
        "binary_sensor", "test", "1", suggested_object_id="kitchen_gas"
    )
    home.subentries[:] = [s for s in home.subentries if s["title"] != "Kitchen gas"]
    home.add("detector", GAS_DETECTOR | {"registry_id": entry.id})
    return entry.id


async def test_a_missing_entity_is_a_repair_until_it_is_back(
    home: HomeUnderTest, issue_registry: ir.IssueRegistry
) -> None:
    """With the name that a person gave it."""
    await home.start()
    assert issues(issue_registry) == ["entity_missing"]
    (issue,) = issue_registry.issues.values()
    assert issue.translation_placeholders is not None
    assert issue.translation_placeholders["name"] == "Kitchen gas"
    assert issue.translation_placeholders["entity_id"] == DETECTOR
    assert not issue.is_fixable
    await home.report(DETECTOR, "off")
    assert issues(issue_registry) == []


async def test_an_entity_that_goes_is_a_repair(
    home: HomeUnderTest, issue_registry: ir.IssueRegistry
) -> None:
    """Also while the home runs; a mere change is none."""
    home.state(DETECTOR, "off")
    await home.start()
    await home.report(DETECTOR, "unavailable")
    assert issues(issue_registry) == []
    home.hass.states.async_remove(DETECTOR)
    await home.settle()
    assert issues(issue_registry) == ["entity_missing"]


async def test_a_missing_witness_is_a_repair(
    home: HomeUnderTest, issue_registry: ir.IssueRegistry
) -> None:
    """Without it nothing is ever proved."""
    home.subentries[:] = [s for s in home.subentries if s["title"] != "Gas supply"]
    home.add(
        "actuator",
        {
            "entity_id": VALVE,
            "role": "gas_valve",
            "name": "Supply",
            "witness": "entity",
            "witness_entity": "binary_sensor.contact",
        },
    )
    home.state(DETECTOR, "off")
    await home.start()
    assert issues(issue_registry) == ["entity_missing"]


async def test_a_renamed_detector_is_followed_at_once(
    home: HomeUnderTest,
    registered: str,
    entity_registry: er.EntityRegistry,
    issue_registry: ir.IssueRegistry,
) -> None:
    """It is bound by its id: no alarm is missed before anybody reads the repair."""
    home.state(DETECTOR, "off")
    await home.start()
    entity_registry.async_update_entity(DETECTOR, new_entity_id=NEW_NAME)
    home.hass.states.async_remove(DETECTOR)
    home.state(NEW_NAME, "off")
    await home.settle()
    home.play_devices()
    assert issues(issue_registry) == ["entity_renamed"]
    await home.report(NEW_NAME, "on")
    assert home.calls("valve", "close_valve") == [VALVE]
    assert home.incident.phase is Phase.ALARM


async def test_a_detector_renamed_while_away_is_followed_at_the_start(
    home: HomeUnderTest,
    registered: str,
    entity_registry: er.EntityRegistry,
    issue_registry: ir.IssueRegistry,
) -> None:
    """And back again clears the repair."""
    entity_registry.async_update_entity(DETECTOR, new_entity_id=NEW_NAME)
    home.state(NEW_NAME, "on")
    await home.start()
    assert home.incident.phase is Phase.ALARM
    assert issues(issue_registry) == ["entity_renamed"]
    (issue,) = issue_registry.issues.values()
    assert issue.is_fixable
    entity_registry.async_update_entity(NEW_NAME, new_entity_id=DETECTOR)
    home.hass.states.async_remove(NEW_NAME)
    home.state(DETECTOR, "on")
    await home.settle()
    assert issues(issue_registry) == []


async def test_another_entity_in_the_registry_is_no_matter_of_ours(
    home: HomeUnderTest, entity_registry: er.EntityRegistry
) -> None:
    """The home is not set up anew for it."""
    home.state(DETECTOR, "off")
    await home.start()
    before = home.home
    other = entity_registry.async_get_or_create("light", "test", "2")
    entity_registry.async_update_entity(other.entity_id, new_entity_id="light.new")
    await home.settle()
    assert home.home is before


async def test_repairs_go_with_the_home(
    home: HomeUnderTest, issue_registry: ir.IssueRegistry
) -> None:
    """Nobody mends what is not there any more."""
    await home.start()
    assert issues(issue_registry)
    assert home.entry is not None
    await home.hass.config_entries.async_remove(home.entry.entry_id)
    assert issues(issue_registry) == []


async def test_the_disk_is_a_repair_while_it_refuses(
    home: HomeUnderTest, issue_registry: ir.IssueRegistry
) -> None:
    """Raised once, cleared when it is well."""
    show_disk(home.hass, WriteFailed(Trouble.FULL))
    assert issues(issue_registry) == [DISK]
    show_disk(home.hass, None)
    assert issues(issue_registry) == []


async def test_the_line_is_a_repair_while_it_is_down(
    home: HomeUnderTest, issue_registry: ir.IssueRegistry
) -> None:
    """Lost and refused exclude each other; connecting changes nothing."""
    show_link(home.hass, LinkStatus.LOST, "Riverside", None)
    assert issues(issue_registry) == [LINK_LOST]
    show_link(home.hass, LinkStatus.CONNECTING, "Riverside", None)
    assert issues(issue_registry) == [LINK_LOST]
    show_link(home.hass, LinkStatus.REFUSED, "Riverside", "unknown_household")
    assert issues(issue_registry) == [LINK_REFUSED]
    (issue,) = issue_registry.issues.values()
    assert issue.translation_placeholders == {
        "station": "Riverside",
        "reason": "unknown_household",
    }
    show_link(home.hass, LinkStatus.CONNECTED, "Riverside", None)
    assert issues(issue_registry) == []


async def test_who_ignores_a_repair_is_not_asked_again_by_a_reload(
    home: HomeUnderTest, issue_registry: ir.IssueRegistry
) -> None:
    """Nor by another detector that is added; a home that is off has none."""
    await home.start()
    assert home.entry is not None
    home.hass.states.async_remove(DETECTOR)
    await home.pass_time(600, step=60)
    (issue,) = [i for i in issue_registry.issues.values() if "missing" in i.issue_id]
    ir.async_ignore_issue(home.hass, "zhian", issue.issue_id, True)
    await home.hass.config_entries.async_reload(home.entry.entry_id)
    await home.pass_time(600, step=60)
    again = issue_registry.async_get_issue("zhian", issue.issue_id)
    assert again is not None
    assert again.dismissed_version
    await home.hass.config_entries.async_set_disabled_by(
        home.entry.entry_id, ConfigEntryDisabler.USER
    )
    assert issues(issue_registry) == []


async def test_what_is_mended_while_the_home_is_off_is_no_repair_after_it(
    home: HomeUnderTest, issue_registry: ir.IssueRegistry
) -> None:
    await home.start()
    assert home.entry is not None
    home.hass.states.async_remove(DETECTOR)
    await home.pass_time(600, step=60)
    assert issues(issue_registry) == ["entity_missing"]
    await home.stop()
    home.state(DETECTOR, "off")
    await home.hass.config_entries.async_setup(home.entry.entry_id)
    await home.hass.async_block_till_done()
    assert issues(issue_registry) == []
