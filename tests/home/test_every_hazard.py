"""Carbon monoxide by its dose, calls for help, and what each hazard moves."""

from datetime import datetime, timedelta

from homeassistant.util import dt as dt_util

import pytest

from custom_components.zhian.const import DOMAIN
from custom_components.zhian.safety.vocabulary import Hazard, Outcome, Phase, Presence

from .house import DETECTOR, FAR_AWAY, VALVE, HomeUnderTest, request_from

CO = "sensor.hall_co"
BUTTON = "event.bedside"
LOCK = "lock.front_door"
CO_DETECTOR = {
    "entity_id": CO,
    "hazard": "carbon_monoxide",
    "name": "Hall CO",
    "unit": "ppm",
}
BEDSIDE = {
    "entity_id": BUTTON,
    "hazard": "sos",
    "name": "Bedside",
    "state_map": {"press": "alarm"},
}
FRONT_DOOR = {"entity_id": LOCK, "role": "lock", "name": "Front door"}


def press(home: HomeUnderTest, at: datetime, kind: str = "press") -> None:
    home.state(BUTTON, at.isoformat(timespec="milliseconds"), event_type=kind)


@pytest.fixture
async def helped(home: HomeUnderTest) -> HomeUnderTest:
    """A home with a button by the bed and a lock."""
    for service in ("lock", "unlock"):
        home.hass.services.async_register("lock", service, home._on_call)
    home.add("detector", BEDSIDE)
    home.add("actuator", FRONT_DOOR)
    home.state(DETECTOR, "off")
    home.state(LOCK, "locked")
    press(home, dt_util.utcnow() - timedelta(days=2))
    await home.start()
    return home


async def test_carbon_monoxide_alarms_by_its_dose_without_another_word(
    home: HomeUnderTest,
) -> None:
    home.add("detector", CO_DETECTOR)
    home.state(DETECTOR, "off")
    home.state(CO, "0")
    await home.start()
    await home.report(CO, "120")
    assert home.home.guard.state.incidents == {}
    await home.pass_time(590, step=30)
    assert home.home.guard.state.incidents == {}
    await home.pass_time(20, step=5)
    assert home.incident.hazard is Hazard.CARBON_MONOXIDE
    assert home.calls("valve", "close_valve")[0] == VALVE
    shown = home.shown("sensor.home_carbon_monoxide_in_the_blood")
    assert 0.5 < float(shown.state) < 3
    assert shown.attributes["unit_of_measurement"] == "%"


async def test_last_press_of_a_button_is_no_call_at_the_start(
    helped: HomeUnderTest,
) -> None:
    assert helped.home.guard.state.incidents == {}
    await helped.report(BUTTON, "unavailable")
    press(helped, dt_util.utcnow() - timedelta(days=2))
    await helped.hass.async_block_till_done()
    assert helped.home.guard.state.incidents == {}


async def test_press_of_a_button_calls_for_help_until_it_is_reset(
    helped: HomeUnderTest,
) -> None:
    press(helped, dt_util.utcnow(), "release")
    await helped.hass.async_block_till_done()
    assert helped.home.guard.state.incidents == {}
    helped.freezer.tick(1)
    press(helped, dt_util.utcnow())
    await helped.hass.async_block_till_done()
    assert helped.incident.hazard is Hazard.SOS
    assert helped.calls("lock", "unlock") == [LOCK]
    await helped.report(LOCK, "unlocked")
    assert helped.step("Front door").outcome is Outcome.CONFIRMED
    await helped.pass_time(120, step=30)
    assert helped.incident.phase is Phase.ALARM
    assert helped.incident.presence is Presence.YES
    assert helped.shown("binary_sensor.home_call_for_help").state == "on"


async def test_anybody_may_call_for_help_from_anywhere(
    helped: HomeUnderTest,
) -> None:
    anna = await helped.person()
    with request_from(FAR_AWAY):
        await helped.do(DOMAIN, "call_for_help", anna, zone="bathroom")
    assert helped.incident.hazard is Hazard.SOS
    assert helped.incident.zones == {"bathroom"}
    assert helped.messages() == ["Call for help alarm at Home"]
