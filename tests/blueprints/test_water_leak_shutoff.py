"""The water blueprint: the same skeleton, other words."""

from typing import Any

from homeassistant.core import CoreState
from homeassistant.exceptions import HomeAssistantError

import pytest

from .conftest import Home

PATH = "zhian/water_leak_shutoff.yaml"
DETECTOR = "binary_sensor.bathroom_leak"
VALVE = "valve.home_water"
INVERTED = "switch.water_solenoid"

INPUTS: dict[str, Any] = {
    "water_sensors": [DETECTOR],
    "valves": [VALVE],
    "inverted_switches": [INVERTED],
    "phones": ["notify.mobile_app_anna"],
    "travel_time": 10,
    "retry_minutes": 5,
}
ORDERS = [("valve.close_valve", VALVE), ("switch.turn_on", INVERTED)]


@pytest.fixture
def opened(home: Home) -> Home:
    """Return a home with the water on."""
    home.state(DETECTOR, "off", friendly_name="Bathroom leak")
    home.state(VALVE, "open", friendly_name="Main water valve")
    home.state(INVERTED, "off", friendly_name="Garden")
    return home


@pytest.mark.parametrize("before", ["off", "unknown", "unavailable"])
async def test_water_closes_everything_at_once(opened: Home, before: str) -> None:
    """Also when the detector could not be reached before."""
    opened.state(DETECTOR, before)
    await opened.guard(PATH, **INPUTS)
    await opened.report(DETECTOR, "on")
    assert opened.calls == ORDERS
    assert opened.told("notify.mobile_app_anna") == ["Water leak"]
    assert opened.last_message.split("\n")[1:] == [
        "Keep away from plugs, cables and electrical devices that stand in the water.",
        "Water reported by: Bathroom leak.",
        "Being shut off now: Main water valve, Garden.",
    ]
    await opened.wait(5)
    assert opened.told()[1:] == ["Water leak: the water is shut off"]


async def test_water_present_at_start_closes(opened: Home) -> None:
    """A detector that is wet when Home Assistant starts is a leak."""
    opened.hass.set_state(CoreState.not_running)
    opened.state(DETECTOR, "on")
    await opened.guard(PATH, **INPUTS)
    await opened.start()
    assert opened.calls == ORDERS


async def test_a_valve_that_fails_is_told_and_tried_again(opened: Home) -> None:
    """And the others close."""
    opened.fails(VALVE, HomeAssistantError("no answer"))
    await opened.guard(PATH, **INPUTS)
    await opened.report(DETECTOR, "on")
    await opened.wait(14)
    assert opened.calls == [*ORDERS, ORDERS[0]]
    assert opened.told()[-1] == "Water leak: the water is NOT shut off yet"
    assert "NOT closed: Main water valve (open)." in opened.last_message
    await opened.wait(6 * 60)
    assert opened.told()[-1] == "Water leak: the water is NOT shut off"


async def test_a_valve_that_comes_back_open_is_closed(opened: Home) -> None:
    """The hub may come back long after the trying has ended."""
    await opened.guard(PATH, **INPUTS)
    await opened.report(DETECTOR, "on")
    await opened.wait(5)
    await opened.report(VALVE, "unavailable")
    await opened.report(VALVE, "open")
    assert opened.orders(VALVE) == ["valve.close_valve"] * 2
