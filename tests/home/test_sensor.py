"""What the home's entities show, phase by phase."""

import json
from pathlib import Path

from homeassistant.const import EntityCategory
from homeassistant.helpers import entity_registry as er

import pytest

from custom_components.zhian.const import DOMAIN
from custom_components.zhian.safety.signals import StationSaid
from custom_components.zhian.safety.vocabulary import StationStatus

from .house import (
    DETECTOR,
    GAS_LEVEL,
    HALL_SIREN,
    KITCHEN_TABLET,
    LEVEL,
    SAFE_WINDOW,
    SIREN,
    VALVE,
    WATER,
    WATER_DETECTOR,
    WATER_MAIN,
    WATER_VALVE,
    WINDOW,
    HomeUnderTest,
    request_from,
)

PACKAGE = Path(__file__).parents[2] / "custom_components" / "zhian"
CO_LEVEL = "sensor.hall_co"


async def test_the_entities_follow_an_incident_through_its_phases(
    home: HomeUnderTest,
) -> None:
    """Idle, pre-alarm, alarm, clearing, and idle again."""
    home.subentries[:] = [s for s in home.subentries if s["title"] != "Kitchen gas"]
    home.add("detector", GAS_LEVEL)
    home.state(LEVEL, "0")
    await home.start()
    await home.clear_for(90)

    def shown() -> tuple[str, str, str]:
        return (
            home.shown("sensor.home_incident").state,
            home.shown("binary_sensor.home_gas").state,
            home.shown("sensor.home_gas_level").state,
        )

    assert shown() == ("idle", "off", "0.0")
    await home.report(LEVEL, "6")
    assert shown() == ("pre_alarm", "off", "6.0")
    await home.report(LEVEL, "42")
    assert shown() == ("alarm", "on", "42.0")
    await home.report(LEVEL, "unavailable")
    assert shown() == ("alarm", "on", "unknown")
    await home.report(LEVEL, "1")
    await home.clear_for(90)
    assert shown() == ("clearing", "off", "1.0")
    anna = await home.person()
    with request_from(KITCHEN_TABLET):
        await home.do(DOMAIN, "reset", anna)
    assert shown() == ("idle", "off", "1.0")


async def test_the_incident_sensor_says_what_the_station_does(
    home: HomeUnderTest,
) -> None:
    """So that a page can show it without the timeline."""
    home.state(DETECTOR, "off")
    await home.start()
    assert "hazard" not in home.shown("sensor.home_incident").attributes
    await home.report(DETECTOR, "on")
    guard = home.home.guard
    guard.handle(
        StationSaid(
            home.incident.id,
            StationStatus.DISPATCHED,
            guard.clock.now(),
            number="2026-000001",
            unit="Patrol 3",
            eta_seconds=20.0,
        )
    )
    await home.do(DOMAIN, "acknowledge", await home.person())
    attributes = home.shown("sensor.home_incident").attributes
    assert attributes["hazard"] == "gas"
    assert attributes["drill"] is False
    assert attributes["acknowledged_by"] == "Anna"
    assert attributes["station_status"] == "dispatched"
    assert attributes["station_number"] == "2026-000001"
    assert attributes["unit"] == "Patrol 3"
    assert attributes["eta_minutes"] == 1


async def test_the_level_is_the_highest_that_any_detector_shows(
    home: HomeUnderTest,
) -> None:
    """Of one hazard; gas in %LEL, carbon monoxide in ppm."""
    home.add(
        "detector",
        GAS_LEVEL,
        GAS_LEVEL | {"entity_id": "sensor.cellar", "name": "Cellar", "unit": "ppm"},
        {
            "entity_id": CO_LEVEL,
            "hazard": "carbon_monoxide",
            "name": "Hall",
            "unit": "ppm",
        },
    )
    home.state(DETECTOR, "off")
    home.state(LEVEL, "1")
    home.state("sensor.cellar", "880")
    home.state(CO_LEVEL, "4")
    await home.start()
    gas = home.shown("sensor.home_gas_level")
    assert float(gas.state) == pytest.approx(2.0)
    assert gas.attributes["unit_of_measurement"] == "%LEL"
    monoxide = home.shown("sensor.home_carbon_monoxide_level")
    assert (monoxide.state, monoxide.attributes["unit_of_measurement"]) == (
        "4.0",
        "ppm",
    )
    await home.report(CO_LEVEL, "310")
    assert float(home.shown("sensor.home_carbon_monoxide_level").state) == 310.0
    await home.pass_time(61, step=1)  # an alarm by its dose, not by one number
    assert home.shown("binary_sensor.home_carbon_monoxide").state == "on"
    assert home.shown("binary_sensor.home_gas").state == "off"
    assert "Hall: 310 ppm" in home.recorded[-1].data["message"]


async def test_protection_is_the_share_of_detectors_that_work(
    home: HomeUnderTest,
) -> None:
    """With the names of those that do not."""
    home.add("detector", WATER_DETECTOR)
    home.state(DETECTOR, "off")
    home.state(WATER, "unavailable")
    await home.start()
    protection = home.shown("sensor.home_protection")
    assert protection.state == "50"
    assert protection.attributes["unprotected"] == ["Bathroom"]
    assert home.shown("binary_sensor.home_water").state == "unknown"
    assert home.shown("binary_sensor.home_gas").state == "off"


async def test_without_a_station_nothing_waits_for_one(home: HomeUnderTest) -> None:
    """The outbox stays empty and the link says why."""
    home.state(DETECTOR, "off")
    await home.start()
    await home.report(DETECTOR, "on")
    assert home.shown("sensor.home_reports_waiting").state == "0"
    assert home.shown("sensor.home_station").state == "not_enrolled"


async def test_every_entity_has_a_name_in_both_languages(
    home: HomeUnderTest, entity_registry: er.EntityRegistry
) -> None:
    """Of its own, or that of its device; and the alarm sensors have no category."""
    hazards = ("gas", "carbon_monoxide", "smoke", "water")
    home.subentries.clear()
    home.add("actuator", WATER_MAIN, SAFE_WINDOW, HALL_SIREN)
    home.state(WATER_VALVE, "on")
    home.state(WINDOW, "closed")
    home.state(SIREN, "off")
    for hazard in hazards:
        entity_id = f"sensor.{hazard}"
        unit = {"gas": "%LEL", "carbon_monoxide": "ppm"}.get(hazard)
        home.add(
            "detector",
            {"entity_id": entity_id, "hazard": hazard, "name": hazard, "unit": unit},
        )
        home.state(entity_id, "0" if unit else "off")
    await home.start()
    assert home.entry is not None
    entries = er.async_entries_for_config_entry(entity_registry, home.entry.entry_id)
    assert len(entries) == 4 + 3 + 1 + 7 + 3 + 1 + 2
    for language in ("en", "zh-Hans"):
        texts = json.loads((PACKAGE / f"translations/{language}.json").read_text())
        for entry in entries:
            if entry.domain in ("valve", "cover"):
                assert entry.original_name is None  # the device's name
                continue
            key = entry.translation_key
            assert texts["entity"][entry.domain][key]["name"], (language, key)
    for entry in entries:
        if entry.domain in ("binary_sensor", "event", "valve", "cover"):
            assert entry.entity_category is None
    diagnostic = {e.translation_key for e in entries if e.entity_category}
    assert diagnostic == {"station_link", "outbox", "test"}
    test = next(e for e in entries if e.translation_key == "test")
    assert test.entity_category is EntityCategory.CONFIG


async def test_the_stand_ins_belong_to_their_subentry(
    home: HomeUnderTest, entity_registry: er.EntityRegistry
) -> None:
    """Removing the actuator removes its stand-in and its device."""
    home.state(DETECTOR, "off")
    await home.start()
    assert home.entry is not None
    stand_in = entity_registry.async_get("valve.gas_supply_2")
    assert stand_in is not None
    assert stand_in.config_subentry_id in home.entry.subentries
    home.hass.config_entries.async_remove_subentry(
        home.entry, stand_in.config_subentry_id
    )
    await home.settle()
    assert entity_registry.async_get("valve.gas_supply_2") is None
    assert home.home.actuators == ()
    await home.report(DETECTOR, "on")
    assert home.calls("valve", "close_valve") == []
    assert VALVE not in {e for a in home.home.actuators for e in a.entity_ids}
