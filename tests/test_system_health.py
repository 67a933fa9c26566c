"""What the system information page says."""

from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    get_system_health_info,
)

from custom_components.zhian.const import DOMAIN

from .home.house import DETECTOR, GAS_DETECTOR, HomeUnderTest


@pytest.fixture
async def home(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> HomeUnderTest:
    """A home with a gas detector."""
    assert await async_setup_component(hass, "system_health", {})
    home = HomeUnderTest(hass, freezer)
    home.add("detector", GAS_DETECTOR)
    home.state(DETECTOR, "off")
    await home.start()
    return home


async def health(hass: HomeAssistant) -> dict[str, Any]:
    """Return the information."""
    info: dict[str, Any] = await get_system_health_info(hass, DOMAIN)
    return info


async def test_a_home_shows_how_it_is(home: HomeUnderTest) -> None:
    info = await health(home.hass)
    assert info.pop("version")
    assert info == {
        "roles": "home",
        "home_incidents": 0,
        "home_outbox": 0,
        "home_link": "-",
        "home_journal": True,
    }
    await home.report(DETECTOR, "on")
    assert (await health(home.hass))["home_incidents"] == 1
    database = home.home.database
    assert database is not None
    home.home.journal.database = None
    assert (await health(home.hass))["home_journal"] is False
    home.home.journal.database = database


async def test_a_station_beside_it_shows_how_it_is(home: HomeUnderTest) -> None:
    station = MockConfigEntry(
        domain=DOMAIN,
        unique_id="station",
        data={
            "role": "station",
            "name": "Riverside",
            "community": "Riverside",
            "latitude": 31.2,
            "longitude": 121.4,
        },
    )
    station.add_to_hass(home.hass)
    assert await home.hass.config_entries.async_setup(station.entry_id)
    info = await health(home.hass)
    assert info["roles"] == "home, station"
    assert info["station_incidents"] == 0
    assert info["station_households"] == 0
    assert info["station_database"] is True
    assert "Riverside" not in str(info)


async def test_without_a_running_role_there_is_the_version(
    home: HomeUnderTest,
) -> None:
    await home.stop()
    info = await health(home.hass)
    assert info["roles"] == "-"
    assert set(info) == {"version", "roles"}
