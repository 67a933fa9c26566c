"""A slow build-up of carbon monoxide goes on over a restart."""

from datetime import timedelta
from typing import Any

from homeassistant.helpers.storage import Store

import pytest

from custom_components.zhian.safety.vocabulary import Hazard

from .house import HomeUnderTest

CO_LEVEL = "sensor.hall_co"
CO_DETECTOR = {
    "entity_id": CO_LEVEL,
    "hazard": "carbon_monoxide",
    "name": "Hall",
    "unit": "ppm",
}


@pytest.fixture
def monoxide_home(home: HomeUnderTest) -> HomeUnderTest:
    """A home that counts."""
    home.subentries[:] = [s for s in home.subentries if s["subentry_type"] == "contact"]
    home.add("detector", CO_DETECTOR)
    home.state(CO_LEVEL, "5")
    return home


def is_alarm(home: HomeUnderTest) -> bool:
    """Return whether people know."""
    return home.incident_of(Hazard.CARBON_MONOXIDE) is not None


def kept(hass_storage: dict[str, Any]) -> dict[str, Any] | None:
    """Return what is in the file; None if there is none."""
    files = [
        file for key, file in hass_storage.items() if key.startswith("zhian.doses")
    ]
    return files[0]["data"] if files else None


async def test_a_restart_does_not_forget_what_was_counted(
    monoxide_home: HomeUnderTest, hass_storage: dict[str, Any]
) -> None:
    """60 ppm is an alarm after one hour, with a restart in the middle of it."""
    home = monoxide_home
    await home.start()
    await home.report(CO_LEVEL, "60")
    await home.pass_time(45 * 60, step=60)
    await home.stop()
    home.freezer.tick(timedelta(minutes=2))
    await home.start()
    await home.pass_time(14 * 60, step=60)
    assert not is_alarm(home)
    await home.pass_time(2 * 60, step=60)
    assert is_alarm(home)


async def test_a_crash_costs_a_minute_at_most(
    monoxide_home: HomeUnderTest, hass_storage: dict[str, Any]
) -> None:
    """Nothing is written at a `kill -9`: it was before."""
    home = monoxide_home
    await home.start()
    await home.report(CO_LEVEL, "60")
    await home.pass_time(10 * 60 + 30, step=30)
    data = kept(hass_storage)
    assert data is not None
    (dose,) = data.values()
    assert max(dose["exposed"]) == pytest.approx(600, abs=61)


async def test_clean_air_writes_nothing(
    monoxide_home: HomeUnderTest, hass_storage: dict[str, Any]
) -> None:
    """A card in a small computer lives from being left alone."""
    home = monoxide_home
    await home.start()
    await home.report(CO_LEVEL, "2")
    await home.pass_time(10 * 60, step=60)
    await home.stop()
    assert kept(hass_storage) is None


async def test_what_is_over_is_forgotten_once(
    monoxide_home: HomeUnderTest, hass_storage: dict[str, Any]
) -> None:
    """An empty file, and then no writing any more."""
    home = monoxide_home
    await home.start()
    await home.report(CO_LEVEL, "60")
    await home.pass_time(3 * 60, step=60)
    assert kept(hass_storage)
    await home.report(CO_LEVEL, "0")
    await home.pass_time(30 * 60, step=60)
    assert kept(hass_storage) == {}
    hass_storage.clear()
    await home.pass_time(5 * 60, step=60)
    assert kept(hass_storage) is None


@pytest.mark.parametrize("rubbish", [{"x": {}}, {"x": {"at": "?"}}, {"x": 1}])
async def test_a_damaged_file_costs_the_count_and_not_the_guard(
    monoxide_home: HomeUnderTest,
    hass_storage: dict[str, Any],
    caplog: pytest.LogCaptureFixture,
    rubbish: dict[str, Any],
) -> None:
    """The home starts; the log says what was lost."""
    home = monoxide_home
    await home.start()
    assert home.entry is not None
    await home.stop()
    store: Store[dict[str, Any]] = Store(
        home.hass, 1, f"zhian.doses.{home.entry.entry_id}"
    )
    await store.async_save(rubbish)
    await home.start()
    assert "is lost" in caplog.text
    assert not is_alarm(home)


async def test_a_removed_home_leaves_no_file(
    monoxide_home: HomeUnderTest, hass_storage: dict[str, Any]
) -> None:
    """What somebody has breathed is their own business."""
    home = monoxide_home
    await home.start()
    await home.report(CO_LEVEL, "60")
    await home.pass_time(3 * 60, step=60)
    assert kept(hass_storage)
    assert home.entry is not None
    await home.hass.config_entries.async_remove(home.entry.entry_id)
    home.entry = None
    assert kept(hass_storage) is None
