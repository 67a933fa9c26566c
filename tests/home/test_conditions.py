"""The conditions of our own, as automations use them."""

from homeassistant.exceptions import ConditionError

import pytest

from custom_components.zhian.const import DOMAIN

from .automations import answers
from .house import (
    DETECTOR,
    KITCHEN_TABLET,
    WATER,
    WATER_DETECTOR,
    HomeUnderTest,
    request_from,
)

SAFE = "zhian.is_safe"
OPEN = "zhian.incident_is_open"
COMPLETE = "zhian.protection_is_complete"


async def test_a_home_is_safe_when_everything_works_and_sees_nothing(
    home: HomeUnderTest,
) -> None:
    """Not before: a detector that has just come proves nothing in its first minute."""
    home.state(DETECTOR, "off")
    await home.start()
    assert not await answers(home.hass, SAFE)
    await home.clear_for(90)
    assert await answers(home.hass, SAFE)


async def test_what_is_not_seen_does_not_pass_for_safe(home: HomeUnderTest) -> None:
    """A silent detector, or none at all."""
    home.state(DETECTOR, "off")
    await home.start()
    await home.clear_for(90)
    await home.report(DETECTOR, "unavailable")
    assert not await answers(home.hass, SAFE)
    assert not await answers(home.hass, SAFE, {"hazard": "smoke"})


async def test_an_alarm_stays_open_and_unsafe_until_its_reset(
    home: HomeUnderTest,
) -> None:
    """Also after the gas is gone."""
    home.state(DETECTOR, "off")
    await home.start()
    await home.clear_for(90)
    assert not await answers(home.hass, OPEN)
    await home.report(DETECTOR, "on")
    assert await answers(home.hass, OPEN)
    await home.report(DETECTOR, "off")
    await home.clear_for(90)
    assert await answers(home.hass, OPEN)
    assert not await answers(home.hass, SAFE)
    with request_from(KITCHEN_TABLET):
        await home.do(DOMAIN, "reset", await home.person())
    assert not await answers(home.hass, OPEN)
    assert await answers(home.hass, SAFE)


async def test_conditions_may_ask_for_some_hazards_only(home: HomeUnderTest) -> None:
    """Gas in the kitchen is no water in the bathroom."""
    home.add("detector", WATER_DETECTOR)
    home.state(DETECTOR, "off")
    home.state(WATER, "off")
    await home.start()
    await home.clear_for(90)
    await home.report(DETECTOR, "on")
    assert await answers(home.hass, OPEN, {"hazard": ["gas", "smoke"]})
    assert not await answers(home.hass, OPEN, {"hazard": "water"})
    assert await answers(home.hass, SAFE, {"hazard": "water"})
    assert not await answers(home.hass, SAFE, {"hazard": "gas"})


async def test_a_drill_is_an_incident_only_for_who_wants_drills(
    home: HomeUnderTest,
) -> None:
    """And it does not make a home unsafe."""
    home.state(DETECTOR, "off")
    await home.start()
    await home.clear_for(90)
    entity = home.hass.data["switch"].get_entity("switch.home_drill")
    assert entity is not None
    await entity.async_turn_on()
    assert not await answers(home.hass, OPEN)
    assert await answers(home.hass, OPEN, {"drills": True})
    assert await answers(home.hass, SAFE)


async def test_what_somebody_has_taken_is_no_unanswered_incident(
    home: HomeUnderTest,
) -> None:
    home.state(DETECTOR, "off")
    await home.start()
    await home.report(DETECTOR, "on")
    assert await answers(home.hass, OPEN, {"unanswered": True})
    await home.do(DOMAIN, "acknowledge", await home.person())
    assert not await answers(home.hass, OPEN, {"unanswered": True})
    assert await answers(home.hass, OPEN)


async def test_protection_is_complete_while_every_detector_works(
    home: HomeUnderTest,
) -> None:
    """An alarm is a working detector; a silent one is not."""
    home.add("detector", WATER_DETECTOR)
    home.state(DETECTOR, "on")
    home.state(WATER, "off")
    await home.start()
    assert await answers(home.hass, COMPLETE)
    await home.report(WATER, "unavailable")
    assert not await answers(home.hass, COMPLETE)
    assert await answers(home.hass, COMPLETE, {"hazard": "gas"})
    assert not await answers(home.hass, COMPLETE, {"hazard": "smoke"})


@pytest.mark.parametrize("condition", [SAFE, OPEN, COMPLETE])
async def test_without_a_home_there_is_no_answer(
    home: HomeUnderTest, condition: str
) -> None:
    """Not to be open must not come true because nobody looks."""
    await home.start()
    await home.stop()
    with pytest.raises(ConditionError, match="no home is running"):
        await answers(home.hass, condition)
    with pytest.raises(ConditionError, match="no home is running"):
        await answers_not(home, condition)


async def answers_not(home: HomeUnderTest, condition: str) -> bool:
    """Ask for the contrary."""
    from homeassistant.helpers import condition as conditions

    config = await conditions.async_validate_condition_config(
        home.hass, {"condition": "not", "conditions": [{"condition": condition}]}
    )
    checker = await conditions.async_from_config(home.hass, config)
    try:
        return bool(checker.async_check())
    finally:
        checker.async_unload()
