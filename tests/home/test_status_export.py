"""How the fire and gas detectors are, as GB/T 45839-2025 asks for it."""

from datetime import UTC, datetime
import re
from typing import Any

from homeassistant.helpers import device_registry as dr
from homeassistant.util import dt as dt_util

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.zhian.const import DOMAIN
from custom_components.zhian.link.gbt45839 import Status, StatusInfo

from .flows import register
from .house import DETECTOR, GAS_DETECTOR, WATER, WATER_DETECTOR, HomeUnderTest


async def exported(home: HomeUnderTest, **data: str) -> list[dict[str, Any]]:
    """Ask for it as an administrator does."""
    found = await home.hass.services.async_call(
        DOMAIN, "export_device_status", data, blocking=True, return_response=True
    )
    assert found is not None
    return found["status_info"]  # type: ignore[return-value]


async def test_each_fire_and_gas_detector_is_one_message(
    bare_home: HomeUnderTest,
) -> None:
    """With what its device knows of battery and radio; water is another standard's."""
    home = bare_home
    gateway = MockConfigEntry()
    gateway.add_to_hass(home.hass)
    device = dr.async_get(home.hass).async_get_or_create(
        config_entry_id=gateway.entry_id,
        identifiers={("test", "1")},
        serial_number="SN-77",
    )
    common = {"config_entry": gateway, "device_id": device.id}
    register(home.hass, DETECTOR, "off", **common)
    for name, state, kind in (
        ("sensor.kitchen_battery", "87.6", "battery"),
        ("sensor.kitchen_signal", "-61", "signal_strength"),
        ("binary_sensor.kitchen_low", "off", "battery"),
        ("sensor.kitchen_spare", "nan", "battery"),
    ):
        register(home.hass, name, state, original_device_class=kind, **common)
    home.add("detector", GAS_DETECTOR, WATER_DETECTOR)
    home.state(WATER, "off")
    await home.start()
    (info,) = await exported(home, company="ABCD")
    when = info.pop("datetime")
    assert info == {
        "company": "ABCD",
        "serial": "SN-77",
        "status": 1,
        "signalStrength": -61,
        "batteryPercentage": 88,
    }
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", when)
    await home.report(DETECTOR, "on")
    (info,) = await exported(home)
    assert (info["status"], info["company"]) == (2, "")
    home.state("sensor.kitchen_battery", "unknown")
    await home.report(DETECTOR, "unavailable")
    (info,) = await exported(home)
    assert info["status"] == 3
    assert "batteryPercentage" not in info
    await home.stop()


async def test_a_detector_that_was_never_heard_is_a_fault(
    bare_home: HomeUnderTest,
) -> None:
    """It has no device either: its id here stands for its number."""
    bare_home.add("detector", GAS_DETECTOR)
    await bare_home.start()
    (info,) = await exported(bare_home)
    assert info["status"] == 3
    assert info["serial"] == bare_home.home.detectors[0].id
    assert "signalStrength" not in info
    await bare_home.stop()


@pytest.mark.parametrize(("battery", "shown"), [(-3, 0), (140, 100), (50, 50)])
def test_a_percentage_is_one(battery: int, shown: int) -> None:
    info = StatusInfo(
        company="",
        serial="1",
        status=Status.MASKED,
        at=datetime(2019, 6, 11, 7, 25, 55, tzinfo=UTC),
        battery=battery,
    ).as_json()
    assert info["batteryPercentage"] == shown
    assert info["status"] == 4
    assert info["datetime"] == "2019-06-11 07:25:55"


def test_times_are_local() -> None:
    """As the standard shows them, without a zone."""
    at = dt_util.as_local(datetime(2026, 11, 1, 8, tzinfo=UTC))
    info = StatusInfo(company="", serial="1", status=Status.NORMAL, at=at)
    assert info.as_json()["datetime"] == at.strftime("%Y-%m-%d %H:%M:%S")
