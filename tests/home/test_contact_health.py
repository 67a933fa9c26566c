"""A contact whom nothing reaches is a repair, until something does."""

from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import issue_registry as ir

import pytest

from custom_components.zhian.const import DOMAIN

from .house import DETECTOR, PHONE, HomeUnderTest


def unreachable(home: HomeUnderTest) -> list[str]:
    """Return the names of the contacts that the repairs speak of."""
    return [
        str((issue.translation_placeholders or {})["name"])
        for (domain, _), issue in ir.async_get(home.hass).issues.items()
        if domain == DOMAIN and issue.translation_key == "contact_unreachable"
    ]


@pytest.fixture
async def guarded(home: HomeUnderTest) -> HomeUnderTest:
    """Return a running home without gas."""
    home.state(DETECTOR, "off")
    await home.start()
    return home


async def test_a_phone_that_is_there_is_no_repair(guarded: HomeUnderTest) -> None:
    """Nothing to do."""
    assert unreachable(guarded) == []


async def test_a_phone_that_goes_is_a_repair_that_its_return_clears(
    guarded: HomeUnderTest,
) -> None:
    """Its action comes and goes with the app's integration."""
    guarded.hass.services.async_remove("notify", "mobile_app_phone")
    await guarded.hass.async_block_till_done()
    assert unreachable(guarded) == ["Phone"]
    guarded.play_devices()
    await guarded.hass.async_block_till_done()
    assert unreachable(guarded) == []


async def test_an_entity_that_cannot_be_reached_is_a_repair(
    home: HomeUnderTest,
) -> None:
    """As long as no other channel of the person works."""
    home.add("contact", {"name": "Wall", "target": "notify.wall"})
    home.state(DETECTOR, "off")
    home.state("notify.wall", "unavailable")
    await home.start()
    assert unreachable(home) == ["Wall"]
    await home.report("notify.wall", "unknown")
    assert unreachable(home) == []


async def test_a_message_that_does_not_go_out_is_a_repair_that_the_next_clears(
    guarded: HomeUnderTest,
) -> None:
    """The test button is the way to find out."""
    guarded.broken[PHONE] = HomeAssistantError("no")
    await guarded.do("button", "press", entity_id="button.home_send_test_message")
    assert unreachable(guarded) == ["Phone"]
    del guarded.broken[PHONE]
    await guarded.do("button", "press", entity_id="button.home_send_test_message")
    assert unreachable(guarded) == []


async def test_the_repair_goes_with_the_home(guarded: HomeUnderTest) -> None:
    """A home that is no more asks for nothing; one that only pauses still does."""
    guarded.hass.services.async_remove("notify", "mobile_app_phone")
    await guarded.hass.async_block_till_done()
    await guarded.stop()
    assert unreachable(guarded) == ["Phone"]
    await guarded.remove()
    assert unreachable(guarded) == []
