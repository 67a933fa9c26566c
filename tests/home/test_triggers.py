"""The triggers of our own, as automations use them."""

from homeassistant.core import CoreState
from homeassistant.helpers import trigger as triggers

import pytest
import voluptuous as vol

from custom_components.zhian.const import DOMAIN

from .automations import listen
from .house import (
    DETECTOR,
    GAS_LEVEL,
    KITCHEN_TABLET,
    LEVEL,
    VALVE,
    WATER,
    WATER_DETECTOR,
    HomeUnderTest,
    request_from,
)


async def test_an_alarm_opens_an_incident_for_automations(home: HomeUnderTest) -> None:
    """Once, with what a message needs; gas that comes back is the same incident."""
    home.state(DETECTOR, "off")
    await home.start()
    heard = await listen(home.hass, "zhian.incident_opened")
    await home.report(DETECTOR, "on")
    (event,) = heard
    assert event.data["hazard"] == "gas"
    assert event.data["phase"] == "alarm"
    assert event.data["drill"] is False
    assert event.data["incident"] == home.incident.id
    await home.report(DETECTOR, "off")
    await home.clear_for(90)
    await home.report(DETECTOR, "on")
    assert len(heard) == 1


async def test_a_pre_alarm_waits_for_the_alarm_unless_it_is_wanted(
    home: HomeUnderTest,
) -> None:
    """Without the option the trigger fires when the level becomes an alarm."""
    home.add("detector", GAS_LEVEL)
    home.state(DETECTOR, "off")
    home.state(LEVEL, "0")
    await home.start()
    heard = await listen(home.hass, "zhian.incident_opened")
    await home.report(LEVEL, "6")
    assert not heard
    await home.report(LEVEL, "12")
    assert [event.data["phase"] for event in heard] == ["alarm"]


async def test_a_pre_alarm_opens_an_incident_if_it_is_wanted(
    home: HomeUnderTest,
) -> None:
    """And the alarm after it is not told twice."""
    home.add("detector", GAS_LEVEL)
    home.state(DETECTOR, "off")
    home.state(LEVEL, "0")
    await home.start()
    heard = await listen(home.hass, "zhian.incident_opened", {"pre_alarm": True})
    await home.report(LEVEL, "6")
    await home.report(LEVEL, "12")
    assert [event.data["phase"] for event in heard] == ["pre_alarm"]


async def test_only_the_chosen_hazards_are_heard(home: HomeUnderTest) -> None:
    """A filter for water does not hear gas."""
    home.add("detector", WATER_DETECTOR)
    home.state(DETECTOR, "off")
    home.state(WATER, "off")
    await home.start()
    heard = await listen(home.hass, "zhian.incident_opened", {"hazard": ["water"]})
    await home.report(DETECTOR, "on")
    assert not heard
    await home.report(WATER, "on")
    assert [event.data["hazard"] for event in heard] == ["water"]


async def test_gas_that_is_there_at_boot_is_heard(home: HomeUnderTest) -> None:
    """Automations attach last; what happened before and is not over is told then."""
    home.hass.set_state(CoreState.not_running)
    home.state(DETECTOR, "on")
    await home.start()
    heard = await listen(home.hass, "zhian.incident_opened")
    assert not heard
    await home.hass.async_start()
    await home.settle()
    assert [event.data["hazard"] for event in heard] == ["gas"]


async def test_an_incident_from_before_the_restart_is_not_opened_again(
    home: HomeUnderTest,
) -> None:
    """It was told when it was opened."""
    home.state(DETECTOR, "off")
    await home.start()
    await home.report(DETECTOR, "on")
    home.hass.set_state(CoreState.not_running)
    await home.reload()
    heard = await listen(home.hass, "zhian.incident_opened")
    await home.hass.async_start()
    await home.settle()
    assert home.incident.id
    assert not heard


async def test_an_automation_made_during_an_incident_does_not_hear_it(
    home: HomeUnderTest,
) -> None:
    """A trigger is about what happens, and a reload of automations is no incident."""
    home.state(DETECTOR, "off")
    await home.start()
    await home.report(DETECTOR, "on")
    assert not await listen(home.hass, "zhian.incident_opened")


async def test_triggers_live_through_a_reload_of_the_entry(
    home: HomeUnderTest,
) -> None:
    """Any change of the home's settings reloads it."""
    home.state(DETECTOR, "off")
    await home.start()
    heard = await listen(home.hass, "zhian.incident_opened")
    await home.reload()
    await home.report(DETECTOR, "on")
    assert len(heard) == 1


async def test_gas_that_comes_while_the_entry_reloads_is_heard(
    home: HomeUnderTest,
) -> None:
    """Nobody watches for that moment; the first look afterwards counts."""
    home.state(DETECTOR, "off")
    await home.start()
    heard = await listen(home.hass, "zhian.incident_opened")
    await home.stop()
    home.state(DETECTOR, "on")
    assert home.entry is not None
    await home.hass.config_entries.async_setup(home.entry.entry_id)
    await home.settle()
    assert len(heard) == 1


async def test_triggers_may_be_there_before_the_home(home: HomeUnderTest) -> None:
    """An automation in YAML loads the platform by itself."""
    heard = await listen(home.hass, "zhian.incident_opened")
    home.state(DETECTOR, "off")
    await home.start()
    await home.report(DETECTOR, "on")
    assert len(heard) == 1


async def test_a_trigger_that_is_taken_away_is_silent(home: HomeUnderTest) -> None:
    """Turning the automation off ends it."""
    home.state(DETECTOR, "off")
    await home.start()
    heard = await listen(home.hass, "zhian.incident_opened")
    entity_id = "automation.zhian_incident_opened"
    await home.do("automation", "turn_off", entity_id=entity_id)
    await home.report(DETECTOR, "on")
    assert not heard


async def test_who_has_taken_an_incident_is_said(home: HomeUnderTest) -> None:
    """By name, for a message to the others."""
    home.state(DETECTOR, "off")
    await home.start()
    heard = await listen(home.hass, "zhian.incident_acknowledged")
    await home.report(DETECTOR, "on")
    await home.do(DOMAIN, "acknowledge", await home.person("Anna"))
    assert [event.data["by"] for event in heard] == ["Anna"]


async def test_a_step_that_fails_names_its_device(home: HomeUnderTest) -> None:
    """A valve that does not close is told once, by its name."""
    home.state(DETECTOR, "off")
    await home.start()
    heard = await listen(home.hass, "zhian.step_failed", {"hazard": "gas"})
    await home.report(DETECTOR, "on")
    await home.pass_time(16)
    assert [event.data["name"] for event in heard] == ["Gas supply"]
    await home.report(VALVE, "closed")
    assert len(heard) == 1


async def test_lost_protection_names_the_detector(home: HomeUnderTest) -> None:
    """When people are told, and again only after it was back."""
    home.state(DETECTOR, "off")
    await home.start()
    await home.clear_for(90)
    heard = await listen(home.hass, "zhian.protection_lost")
    await home.report(DETECTOR, "unavailable")
    assert not heard
    await home.clear_for(660)
    assert [event.data["name"] for event in heard] == ["Kitchen gas"]
    await home.report(DETECTOR, "off")
    await home.report(DETECTOR, "unavailable")
    await home.clear_for(660)
    assert len(heard) == 2


async def _drill(home: HomeUnderTest, service: str) -> None:
    with request_from(KITCHEN_TABLET):
        await home.do("switch", service, entity_id="switch.home_drill")
        entity = home.hass.data["switch"].get_entity("switch.home_drill")
        assert entity is not None
        await getattr(entity, f"async_{service}")()
    await home.settle()


async def test_a_drill_opens_nothing_but_says_when_it_is_over(
    home: HomeUnderTest,
) -> None:
    """Automations that move things stay still; one may wait for the end."""
    home.state(DETECTOR, "off")
    await home.start()
    heard = await listen(home.hass, "zhian.drill_finished")
    await _drill(home, "turn_on")
    assert not heard
    await _drill(home, "turn_off")
    (event,) = heard
    assert event.data["ending"] == "drill_over"
    assert event.data["drill"] is True


async def test_a_real_alarm_finishes_the_drill(home: HomeUnderTest) -> None:
    """And the trigger says that it was one."""
    home.state(DETECTOR, "off")
    await home.start()
    heard = await listen(home.hass, "zhian.drill_finished")
    await _drill(home, "turn_on")
    await home.report(DETECTOR, "on")
    assert [event.data["ending"] for event in heard] == ["real_alarm"]


@pytest.mark.parametrize(("drills", "count"), [(False, 0), (True, 1)])
async def test_a_drill_opens_an_incident_only_for_who_wants_drills(
    home: HomeUnderTest, drills: bool, count: int
) -> None:
    """A drill moves nothing, unless an automation is told to take part."""
    home.state(DETECTOR, "off")
    await home.start()
    heard = await listen(home.hass, "zhian.incident_opened", {"drills": drills})
    await _drill(home, "turn_on")
    assert [event.data["drill"] for event in heard] == [True] * count


@pytest.mark.parametrize("options", [{"hazard": ["fire"]}, {"colour": "red"}])
async def test_options_that_mean_nothing_are_refused(
    home: HomeUnderTest, options: dict[str, object]
) -> None:
    """In the editor, not in the emergency."""
    await home.start()
    with pytest.raises(vol.Invalid):
        await triggers.async_validate_trigger_config(
            home.hass, [{"platform": "zhian.incident_opened", "options": options}]
        )
