"""An everyday trouble is one line of the log; what nobody foresaw shows where it began."""

import logging

from homeassistant.exceptions import HomeAssistantError

from aiohttp import ClientConnectionError
import pytest
from pytest_homeassistant_custom_component.common import async_mock_service

from custom_components.zhian.home.troubles import reason_of, unforeseen

from .house import DETECTOR, HomeUnderTest

PHONE = "mobile_app_phone"


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (HomeAssistantError("the hub\n says no"), "the hub says no"),
        (ClientConnectionError("refused"), "refused"),
        (OSError("no route"), "no route"),
        (TimeoutError(), "TimeoutError"),
    ],
)
def test_what_a_home_meets_every_day_is_one_line(error: Exception, reason: str) -> None:
    assert unforeseen(error) is None
    assert reason_of(error) == reason


def test_a_fault_of_the_program_shows_where_it_began() -> None:
    error = KeyError("never")
    assert unforeseen(error) is error


@pytest.mark.parametrize(
    ("error", "is_traced"),
    [(HomeAssistantError("Anna is out of reach"), False), (KeyError("token"), True)],
)
async def test_a_contact_that_cannot_be_told_is_logged_without_a_name(
    home: HomeUnderTest,
    caplog: pytest.LogCaptureFixture,
    error: Exception,
    is_traced: bool,
) -> None:
    home.state(DETECTOR, "off")
    await home.start()
    async_mock_service(home.hass, "notify", PHONE, raise_exception=error)
    await home.report(DETECTOR, "on")
    lines = [
        record
        for record in caplog.records
        if record.levelno >= logging.WARNING and "told" in record.getMessage()
    ]
    assert lines
    for line in lines:
        assert "Anna" not in line.getMessage()
        assert bool(line.exc_info) is is_traced
