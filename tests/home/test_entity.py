"""What the home shows is written when it changes, and only then."""

from homeassistant.core import Event, EventStateReportedData, callback

import pytest

from .house import DETECTOR, GAS_LEVEL, LEVEL, HomeUnderTest


async def test_a_reading_writes_only_what_shows_something_else(
    home: HomeUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A number that moves is one state of ours, not all of them."""
    home.add("detector", GAS_LEVEL)
    home.state(DETECTOR, "off")
    home.state(LEVEL, "1")
    await home.start()
    # The count of the year is read from the disk meanwhile.
    await home.hass.async_block_till_done(wait_background_tasks=True)
    changed: list[str] = []
    same: list[str] = []

    @callback
    def on_same(event: Event[EventStateReportedData]) -> None:
        same.append(event.data["entity_id"])

    home.hass.bus.async_listen("state_reported", on_same, callback(lambda _: True))
    home.hass.bus.async_listen(
        "state_changed", lambda event: changed.append(event.data["entity_id"])
    )
    await home.report(LEVEL, "2")
    assert changed == [LEVEL, "sensor.home_gas_level"]
    assert same == []


async def test_what_stands_beside_the_state_is_a_change_too(
    home: HomeUnderTest,
) -> None:
    """The phase stays, who has taken the alarm does not."""
    home.state(DETECTOR, "off")
    await home.start()
    await home.report(DETECTOR, "on")
    assert home.shown("sensor.home_incident").attributes["acknowledged_by"] is None
    person = await home.person("Anna")
    await home.do("button", "press", person, entity_id="button.home_acknowledge")
    shown = home.shown("sensor.home_incident")
    assert (shown.state, shown.attributes["acknowledged_by"]) == ("alarm", "Anna")
