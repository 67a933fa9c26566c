"""Sensors for statistics over the years."""

from datetime import datetime

from homeassistant.util import dt as dt_util

from custom_components.zhian.const import DOMAIN

from .house import DETECTOR, KITCHEN_TABLET, HomeUnderTest, request_from

COUNT = "sensor.home_incidents_this_year"
LAST = "sensor.home_last_incident"


async def _incident(home: HomeUnderTest) -> None:
    await home.report(DETECTOR, "on")
    await home.report(DETECTOR, "off")
    await home.clear_for(90)
    with request_from(KITCHEN_TABLET):
        await home.do(DOMAIN, "reset", await home.person())


async def _settle(home: HomeUnderTest) -> None:
    await home.settle()
    await home.hass.async_block_till_done(wait_background_tasks=True)


async def test_incidents_are_counted_over_restarts(home: HomeUnderTest) -> None:
    """From the journal, each once."""
    home.freezer.move_to("2026-11-22T12:00:00+00:00")
    home.state(DETECTOR, "off")
    await home.start()
    await _settle(home)
    assert home.shown(COUNT).state == "0"
    assert home.shown(LAST).state == "unknown"
    assert home.shown(COUNT).attributes["state_class"] == "total_increasing"
    await home.clear_for(90)
    began = home.home.guard.clock.now()
    await _incident(home)
    assert home.shown(COUNT).state == "1"
    shown = dt_util.parse_datetime(home.shown(LAST).state)
    assert isinstance(shown, datetime)
    assert 0 <= (shown - began).total_seconds() < 2
    last = home.shown(LAST).state
    await home.reload()
    await _settle(home)
    assert (home.shown(COUNT).state, home.shown(LAST).state) == ("1", last)


async def test_a_new_year_begins_at_zero(home: HomeUnderTest) -> None:
    """What total_increasing expects of a meter that starts anew."""
    home.freezer.move_to("2026-12-31T10:00:00+00:00")
    home.state(DETECTOR, "off")
    await home.start()
    await home.clear_for(90)
    await _incident(home)
    assert home.shown(COUNT).state == "1"
    home.freezer.move_to("2027-01-02T10:00:00+00:00")
    await home.reload()
    await _settle(home)
    assert home.shown(COUNT).state == "0"
    assert home.shown(LAST).state.startswith("2026-12-31")


async def test_a_drill_does_not_count(home: HomeUnderTest) -> None:
    """Neither now nor when it is read from the journal."""
    home.state(DETECTOR, "off")
    await home.start()
    entity = home.hass.data["switch"].get_entity("switch.home_drill")
    assert entity is not None
    await entity.async_turn_on()
    await _settle(home)
    assert home.shown(COUNT).state == "0"
    await home.reload()
    await _settle(home)
    assert home.shown(COUNT).state == "0"
    assert home.shown(LAST).state == "unknown"
