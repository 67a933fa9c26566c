"""The home forgets what is old, in the background, and never too much."""

from datetime import timedelta
from unittest.mock import patch

import pytest

from custom_components.zhian.const import DOMAIN
from custom_components.zhian.home import retention
from custom_components.zhian.store.errors import DatabaseClosed
from custom_components.zhian.store.journal import Journal

from .house import DETECTOR, KITCHEN_TABLET, HomeUnderTest, request_from


async def _incident(home: HomeUnderTest) -> str:
    """Have an incident from the alarm to its reset."""
    await home.report(DETECTOR, "on")
    incident = home.incident.id
    await home.report(DETECTOR, "off")
    await home.clear_for(90)
    with request_from(KITCHEN_TABLET):
        await home.do(DOMAIN, "reset", await home.person())
    return incident


async def _kept(home: HomeUnderTest) -> int:
    """Return how many incidents are on the disk."""
    response = await home.hass.services.async_call(
        DOMAIN, "verify_timeline", blocking=True, return_response=True
    )
    assert response is not None
    checked = response["checked"]
    assert isinstance(checked, int)
    return checked


def test_a_year_and_999_incidents_are_kept() -> None:
    """Whichever is more."""
    assert timedelta(days=365) == retention.KEPT_FOR
    assert retention.KEPT_AT_LEAST == 999


async def test_old_incidents_go_after_a_start(
    home: HomeUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More than a year, and more than the least number; the newest stay."""
    monkeypatch.setattr(retention, "KEPT_AT_LEAST", 1)
    home.state(DETECTOR, "off")
    await home.start()
    await home.clear_for(90)
    for _ in range(3):
        await _incident(home)
    await home.reload()
    assert await _kept(home) == 3, "not a year old"
    home.freezer.tick(timedelta(days=400))
    await home.reload()
    await home.hass.async_block_till_done(wait_background_tasks=True)
    assert await _kept(home) == 1


async def test_the_least_number_is_kept_however_old(home: HomeUnderTest) -> None:
    """A clock that jumps years ahead erases nothing."""
    home.state(DETECTOR, "off")
    await home.start()
    await home.clear_for(90)
    await _incident(home)
    home.freezer.tick(timedelta(days=4000))
    await home.reload()
    await home.hass.async_block_till_done(wait_background_tasks=True)
    assert await _kept(home) == 1


async def test_it_looks_every_day(home: HomeUnderTest) -> None:
    """Once after the start, then daily, and no more after the end."""
    home.state(DETECTOR, "off")
    with patch.object(Journal, "purge", return_value=0) as purge:
        await home.start()
        await home.hass.async_block_till_done(wait_background_tasks=True)
        assert purge.await_count == 1
        for day in (2, 3):
            await home.pass_time(86400, step=86400)
            await home.hass.async_block_till_done(wait_background_tasks=True)
            assert purge.await_count == day
        await home.stop()
        await home.pass_time(86400, step=86400)
        assert purge.await_count == 3


async def test_a_disk_that_refuses_stops_nothing(
    home: HomeUnderTest, caplog: pytest.LogCaptureFixture
) -> None:
    """The next day comes; the repair about the disk says what is wrong."""
    home.state(DETECTOR, "off")
    with patch.object(Journal, "purge", side_effect=DatabaseClosed("x")):
        await home.start()
        await home.hass.async_block_till_done(wait_background_tasks=True)
    assert not [r for r in caplog.records if r.levelname == "ERROR"]
    await home.report(DETECTOR, "on")
    assert home.incident
