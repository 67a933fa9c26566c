"""Entities that speak for a bound one, followed through every rename."""

from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er, issue_registry as ir

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.zhian.const import DOMAIN
from custom_components.zhian.home import migration
from custom_components.zhian.repairs import async_create_fix_flow
from custom_components.zhian.safety.vocabulary import Level, Outcome

from .flows import HOME_ID, PRIVATE_KEY
from .house import DETECTOR, GAS_DETECTOR, GAS_VALVE, VALVE, HomeUnderTest, subentry

FAULT = "binary_sensor.kitchen_gas_fault"
WARM_UP = "binary_sensor.kitchen_gas_preheat"
WITNESS = "binary_sensor.valve_contact"


def register(registry: er.EntityRegistry, *entity_ids: str) -> dict[str, str]:
    """Put entities into the registry; return their ids there."""
    return {
        entity_id: registry.async_get_or_create(
            "binary_sensor",
            "test",
            entity_id,
            suggested_object_id=entity_id.split(".")[1],
        ).id
        for entity_id in entity_ids
    }


@pytest.fixture
def ids(home: HomeUnderTest, entity_registry: er.EntityRegistry) -> dict[str, str]:
    """Bind a detector and a valve with all that speaks for them."""
    ids = register(entity_registry, FAULT, WARM_UP, WITNESS)
    home.subentries[:] = [s for s in home.subentries if s["subentry_type"] == "contact"]
    home.add(
        "detector",
        GAS_DETECTOR
        | {
            "fault_entity": FAULT,
            "warm_up_entity": WARM_UP,
            "registry_ids": {
                "fault_entity": ids[FAULT],
                "warm_up_entity": ids[WARM_UP],
            },
        },
    )
    home.add(
        "actuator",
        GAS_VALVE
        | {
            "witness": "entity",
            "witness_entity": WITNESS,
            "registry_ids": {"witness_entity": ids[WITNESS]},
        },
    )
    home.state(DETECTOR, "off")
    for entity_id in (FAULT, WARM_UP):
        home.state(entity_id, "off")
    home.state(WITNESS, "on")
    return ids


async def rename(home: HomeUnderTest, old: str, new: str, state: str) -> None:
    """Let a person rename an entity, as the settings page does."""
    er.async_get(home.hass).async_update_entity(old, new_entity_id=new)
    home.hass.states.async_remove(old)
    home.state(new, state)
    await home.settle()
    home.play_devices()


def renamed(home: HomeUnderTest) -> list[ir.IssueEntry]:
    """Return the open repairs of ours."""
    issues = ir.async_get(home.hass).issues.values()
    return [issue for issue in issues if issue.domain == DOMAIN]


@pytest.mark.parametrize(
    ("entity_id", "level"), [(FAULT, Level.FAULT), (WARM_UP, Level.WARMING_UP)]
)
async def test_a_renamed_helper_is_still_heard(
    home: HomeUnderTest, ids: dict[str, str], entity_id: str, level: Level
) -> None:
    """A detector whose fault nobody hears would look like one that protects."""
    await home.start()
    await rename(home, entity_id, f"{entity_id}_2", "off")
    await home.report(f"{entity_id}_2", "on")
    (sensed,) = home.home.guard.state.readings.values()
    assert sensed.level is level


async def test_a_renamed_witness_still_proves(
    home: HomeUnderTest, ids: dict[str, str]
) -> None:
    """Without it the valve would be told to people as jammed."""
    await home.start()
    await rename(home, WITNESS, "binary_sensor.contact", "on")
    await home.report(DETECTOR, "on")
    await home.report("binary_sensor.contact", "off")
    assert home.step("Gas supply").outcome is Outcome.CONFIRMED


async def test_the_new_name_is_kept_in_the_settings_by_one_press(
    home: HomeUnderTest, ids: dict[str, str]
) -> None:
    """As for the detector itself; one repair after the other."""
    await home.start()
    await rename(home, FAULT, f"{FAULT}_2", "off")
    await rename(home, WARM_UP, f"{WARM_UP}_2", "off")
    for field, old in (("fault_entity", FAULT), ("warm_up_entity", WARM_UP)):
        (issue,) = renamed(home)
        assert issue.translation_key == "entity_renamed"
        assert issue.is_fixable
        assert issue.translation_placeholders is not None
        assert issue.translation_placeholders["old_entity_id"] == old
        assert issue.translation_placeholders["entity_id"] == f"{old}_2"
        flow = await async_create_fix_flow(home.hass, issue.issue_id, issue.data)
        flow.hass = home.hass
        await flow.async_step_init()
        await flow.async_step_confirm({})  # type: ignore[attr-defined]
        await home.settle()
        assert home.entry is not None
        (kept,) = home.entry.get_subentries_of_type("detector")
        assert kept.data[field] == f"{old}_2"
        assert kept.data["entity_id"] == DETECTOR
    assert renamed(home) == []


async def test_an_entity_that_left_the_registry_keeps_its_name(
    home: HomeUnderTest, ids: dict[str, str], entity_registry: er.EntityRegistry
) -> None:
    """Its name is all that is known then."""
    entity_registry.async_remove(FAULT)
    home.state(FAULT, "on")
    await home.start()
    (detector,) = home.home.detectors
    assert detector.options.fault_entity == FAULT


async def test_a_home_of_a_former_version_learns_the_ids(
    hass: HomeAssistant, entity_registry: er.EntityRegistry
) -> None:
    """And loses nothing else; what is not registered has only its name."""
    ids = register(entity_registry, FAULT, WITNESS)
    detector: dict[str, Any] = {
        "name": "Gas",
        "entity_id": DETECTOR,
        "hazard": "gas",
        "fault_entity": FAULT,
        "warm_up_entity": WARM_UP,
    }
    valve: dict[str, Any] = {
        "name": "Supply",
        "entity_id": VALVE,
        "role": "gas_valve",
        "witness": "entity",
        "witness_entity": WITNESS,
    }
    entry = MockConfigEntry(
        domain=DOMAIN,
        unique_id="home",
        version=1,
        minor_version=2,
        data={
            "role": "home",
            "home_id": HOME_ID,
            "name": "Home",
            "gas": "natural_gas",
            "lel": 4.4,
            "address": None,
            "private_key": PRIVATE_KEY,
            "station": None,
        },
        subentries_data=[subentry("detector", detector), subentry("actuator", valve)],
    )
    entry.add_to_hass(hass)
    assert migration.async_migrate(hass, entry)
    assert entry.minor_version == migration.MINOR_VERSION
    (kept,) = entry.get_subentries_of_type("detector")
    assert dict(kept.data) == detector | {"registry_ids": {"fault_entity": ids[FAULT]}}
    (kept,) = entry.get_subentries_of_type("actuator")
    assert dict(kept.data) == valve | {"registry_ids": {"witness_entity": ids[WITNESS]}}
