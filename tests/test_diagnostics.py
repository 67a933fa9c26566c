"""What helps to find a fault, without what belongs to people."""

import json
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component

from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.components.diagnostics import (
    get_diagnostics_for_config_entry,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.zhian.const import DOMAIN
from custom_components.zhian.diagnostics import async_get_config_entry_diagnostics
from custom_components.zhian.safety.signals import StationSaid
from custom_components.zhian.safety.vocabulary import StationStatus

from .home.conftest import bare_home, home  # noqa: F401  fixtures
from .home.house import A_PHONE, DETECTOR, HomeUnderTest
from .home.stations import HOUSEHOLD, PlayedStation

A_CODE = {
    "name": "Grandpa",
    "salt": "5a" * 16,
    "digest": "d1" * 32,
    "duress_digest": "d2" * 32,
}
A_ROUTINE = {
    "name": "Grandpa",
    "sources": [{"entity_id": "binary_sensor.motion", "registry_id": None}],
    "persons": ["person.mei_li"],
}


async def test_diagnostics_of_a_home_hold_nothing_personal(
    home: HomeUnderTest,  # noqa: F811
    hass_client: ClientSessionGenerator,
) -> None:
    """No names, address, key, station, notify targets, nor who answered."""
    assert await async_setup_component(home.hass, "diagnostics", {})
    home.station = PlayedStation(url="https://police.example.org").options
    home.subentries[:] = [s for s in home.subentries if s["title"] != "Phone"]
    home.add("contact", A_PHONE | {"name": "Grandma Wang"})
    home.add("code", A_CODE)
    home.add("routine", A_ROUTINE)
    home.state(DETECTOR, "off")
    await home.start()
    await home.report(DETECTOR, "on")
    guard = home.home.guard
    guard.handle(
        StationSaid(
            home.incident.id,
            StationStatus.ACKNOWLEDGED,
            guard.clock.now(),
            by="Officer Li",
        )
    )
    await home.do(DOMAIN, "acknowledge", await home.person("Anna Zhang"))
    assert home.entry is not None
    found = await get_diagnostics_for_config_entry(home.hass, hass_client, home.entry)
    text = json.dumps(found)
    for personal in (
        "Building 3",
        home.entry.data["private_key"],
        "police.example.org",
        HOUSEHOLD,
        "Riverside",
        "mobile_app_phone",
        "Grandma",
        "Anna",
        "Officer Li",
        "Kitchen",
        "Grandpa",
        "mei_li",
        A_CODE["salt"],
        A_CODE["digest"],
        A_CODE["duress_digest"],
        home.entry.data["home_id"],
    ):
        assert personal not in text, personal
    # What a fault is found with is there.
    role: Any = found["role"]
    (detector,) = role["detectors"].values()
    assert detector == {"hazard": "gas", "level": "alarm", "value": None}
    (incident,) = role["incidents"]
    assert incident["steps"][0]["outcome"] == "ordered"
    assert role["link"] is not None
    assert {s["type"] for s in found["subentries"]} == {
        "detector",
        "actuator",
        "contact",
        "code",
        "routine",
    }
    entities = {s["data"].get("entity_id") for s in found["subentries"]}
    assert DETECTOR in entities
    await home.stop()


async def test_diagnostics_of_a_station_hold_nothing_personal(
    hass: HomeAssistant,
    hass_tmp_config_dir: str,
    hass_client: ClientSessionGenerator,
) -> None:
    """Neither its name nor its place."""
    hass.config.config_dir = hass_tmp_config_dir
    assert await async_setup_component(hass, "diagnostics", {})
    entry = MockConfigEntry(
        domain=DOMAIN,
        unique_id="station",
        data={
            "role": "station",
            "name": "Riverside Station",
            "community": "Riverside",
            "latitude": 30.84,
            "longitude": 120.92,
            "heartbeat_seconds": 60,
        },
    )
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    text = json.dumps(await get_diagnostics_for_config_entry(hass, hass_client, entry))
    for personal in ("Riverside", "30.84", "120.92"):
        assert personal not in text
    assert '"heartbeat_seconds": 60' in text
    assert await hass.config_entries.async_unload(entry.entry_id)


async def test_diagnostics_of_a_home_that_does_not_run_tell_its_configuration(
    home: HomeUnderTest,  # noqa: F811
) -> None:
    """A person who asks why it does not start gets an answer, not an error."""
    home.state(DETECTOR, "off")
    await home.start()
    assert home.entry is not None
    assert await home.hass.config_entries.async_unload(home.entry.entry_id)
    told = await async_get_config_entry_diagnostics(home.hass, home.entry)
    assert told["role"] is None
    assert len(told["subentries"]) == len(home.subentries)
