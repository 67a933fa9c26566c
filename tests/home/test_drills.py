"""Drills by the actions: timed, marked, with a result that is kept and compared."""

from typing import Any

from homeassistant.core import Context
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import entity_registry as er

import pytest
import voluptuous as vol

from custom_components.zhian.const import DOMAIN
from custom_components.zhian.home.drills import compared
from custom_components.zhian.safety.vocabulary import Hazard

from .house import (
    A_PHONE,
    DETECTOR,
    FAR_AWAY,
    HALL_SIREN,
    KITCHEN_TABLET,
    SIREN,
    VALVE,
    WATER,
    WATER_DETECTOR,
    HomeUnderTest,
    request_from,
)

LAST = "sensor.home_last_drill"
ONE = "binary_sensor.one"


@pytest.fixture
async def ready(home: HomeUnderTest) -> HomeUnderTest:
    """A home with two detectors, a valve and a siren; everything is well."""
    home.add("detector", WATER_DETECTOR)
    home.add("actuator", HALL_SIREN | {"ignition_safe": True})
    home.state(DETECTOR, "off")
    home.state(WATER, "off")
    home.state(SIREN, "off")
    await home.start()
    home.recorded.clear()
    return home


async def ask(
    home: HomeUnderTest, service: str, context: Context | None = None, **data: Any
) -> Any:
    """Perform an action and return its response."""
    response = await home.hass.services.async_call(
        DOMAIN, service, data, blocking=True, context=context, return_response=True
    )
    await home.turns()
    await home.hass.async_block_till_done()
    return response


async def test_a_drill_lasts_as_long_as_asked(ready: HomeUnderTest) -> None:
    """And ends by itself, with the result kept."""
    started = await ask(ready, "start_drill", minutes=5)
    assert started["incident"] == ready.incident.id
    await ready.pass_time(290, step=10)
    assert ready.shown("switch.home_drill").state == "on"
    await ready.pass_time(20, step=10)
    assert ready.shown("switch.home_drill").state == "off"
    assert ready.shown(LAST).attributes["ending"] == "drill_over"
    assert ready.shown(LAST).attributes["seconds"] == pytest.approx(300, abs=10)


@pytest.mark.parametrize("minutes", [0, 61, "long"])
async def test_no_drill_is_longer_than_an_hour(
    ready: HomeUnderTest, minutes: object
) -> None:
    """A home must not be left in a drill."""
    with pytest.raises(vol.Invalid):
        await ask(ready, "start_drill", minutes=minutes)
    assert ready.home.guard.state.incidents == {}


async def test_a_drill_of_one_detector(ready: HomeUnderTest) -> None:
    """About its own hazard, and by its name."""
    await ask(ready, "start_drill", detector=WATER)
    assert ready.incident.hazard is Hazard.WATER
    assert ready.messages() == ["DRILL: Water alarm at Home"]
    assert "Bathroom" in ready.recorded[-1].data["message"]
    result = await ask(ready, "end_drill")
    assert (result["detector"], result["hazard"]) == ("Bathroom", "water")
    with pytest.raises(ServiceValidationError) as caught:
        await ask(ready, "start_drill", detector="binary_sensor.other")
    assert caught.value.translation_key == "refused_no_such_detector"


async def test_devices_move_only_for_a_person_at_home(ready: HomeUnderTest) -> None:
    """Somebody has to see it, and to open the gas valve again."""
    for context, address in (
        (None, KITCHEN_TABLET),
        (await ready.person(), FAR_AWAY),
        (await ready.person("Bo"), None),
    ):
        with (
            request_from(address),
            pytest.raises(ServiceValidationError) as caught,
        ):
            await ask(ready, "start_drill", context, move_actuators=True)
        assert caught.value.translation_key == "refused_not_on_site"
    assert ready.home.guard.state.incidents == {}


async def test_on_wish_devices_move_and_the_result_says_how_fast(
    ready: HomeUnderTest,
) -> None:
    """The valve is closed and stays so; the siren is silenced at the end."""
    person = await ready.person()
    with request_from(KITCHEN_TABLET):
        await ask(ready, "start_drill", person, move_actuators=True)
    assert ready.calls("valve", "close_valve") == [VALVE]
    assert ready.calls("siren", "turn_on") == [SIREN]
    assert "really moved" in ready.recorded[-1].data["message"]
    await ready.pass_time(2, step=1)
    await ready.report(VALVE, "closed")
    await ready.report(SIREN, "on")
    result = await ask(ready, "end_drill", person)
    assert ready.calls("siren", "turn_off") == [SIREN]
    assert ready.calls("valve", "open_valve") == []
    assert result["moved_actuators"] is True
    assert result["by"] == "Anna"
    steps = {step["name"]: step for step in result["steps"]}
    assert steps["Gas supply"]["outcome"] == "confirmed"
    assert steps["Gas supply"]["after"] == pytest.approx(2, abs=0.5)


async def test_the_result_says_who_was_told_and_who_answered(
    ready: HomeUnderTest,
) -> None:
    """It is the response, and it is shown."""
    await ask(ready, "start_drill")
    await ready.pass_time(8, step=1)
    await ready.do(DOMAIN, "acknowledge", await ready.person())
    await ready.pass_time(2, step=1)
    result = await ask(ready, "end_drill")
    (contact,) = result["contacts"]
    assert (contact["name"], contact["reason"]) == ("Phone", None)
    assert contact["told_after"] == pytest.approx(0, abs=0.5)
    assert result["acknowledged_by"] == "Anna"
    assert result["acknowledged_after"] == pytest.approx(8, abs=0.5)
    assert result["compared"] is None
    shown = ready.shown(LAST)
    assert shown.state.startswith(result["at"][:16])
    assert shown.attributes["acknowledged_after"] == result["acknowledged_after"]


async def test_a_drill_is_compared_with_the_last_also_after_a_restart(
    ready: HomeUnderTest,
) -> None:
    """Whether we were faster, and whether somebody is no longer reached."""
    await ask(ready, "start_drill")
    await ready.pass_time(10, step=1)
    await ready.do(DOMAIN, "acknowledge", await ready.person())
    first = await ask(ready, "end_drill")
    ready.add("contact", A_PHONE | {"name": "Tablet", "target": "notify.gone"})
    await ready.reload()
    assert ready.shown(LAST).attributes["acknowledged_by"] == "Anna"
    ready.hass.services.async_remove("notify", "mobile_app_phone")
    await ready.hass.async_block_till_done()
    await ask(ready, "start_drill")
    await ready.pass_time(4, step=1)
    await ready.do(DOMAIN, "acknowledge")
    second = await ask(ready, "end_drill")
    difference = second["compared"]
    assert difference["with"] == first["at"]
    assert difference["acknowledged_after"] == pytest.approx(-6, abs=0.5)
    assert difference["no_longer_reached"] == ["Phone"]
    assert difference["newly_reached"] == []
    assert difference["everybody_told_after"] is None
    assert len(ready.home.memory.drills) == 2


async def test_a_real_alarm_ends_the_drill_and_is_in_its_result(
    ready: HomeUnderTest,
) -> None:
    """The result says why it was cut short."""
    await ask(ready, "start_drill")
    await ready.report(DETECTOR, "on")
    assert ready.calls("valve", "close_valve") == [VALVE]
    assert ready.shown(LAST).attributes["ending"] == "real_alarm"
    with pytest.raises(ServiceValidationError) as caught:
        await ask(ready, "end_drill")
    assert caught.value.translation_key == "refused_no_such_incident"
    with pytest.raises(ServiceValidationError) as caught:
        await ask(ready, "start_drill")
    assert caught.value.translation_key == "refused_incident_open"


async def test_a_second_drill_does_not_begin(ready: HomeUnderTest) -> None:
    """The one that runs is the answer."""
    first = await ask(ready, "start_drill", minutes=5)
    second = await ask(ready, "start_drill", minutes=60)
    assert first == second


async def test_a_real_incident_is_no_drill(ready: HomeUnderTest) -> None:
    """Its end is written down in its timeline, not among the drills."""
    await ready.report(DETECTOR, "on")
    book = ready.home.drills
    assert book.write_down(ready.incident.id) is None
    assert book.write_down("nothing") is None
    assert ready.shown(LAST).state == "unknown"


async def test_a_drill_that_runs_has_no_result_yet(ready: HomeUnderTest) -> None:
    """Only its end is one."""
    started = await ask(ready, "start_drill")
    assert ready.home.drills.write_down(started["incident"]) is None


def test_who_is_reached_now_and_was_not_then() -> None:
    """Good news are told, too."""
    told = {"name": "A", "told_after": 3.0}
    silent = {"name": "A", "told_after": None}
    now = {"at": "2", "contacts": [told], "acknowledged_after": 5.0}
    before = {"at": "1", "contacts": [silent], "acknowledged_after": None}
    assert compared(now, before) == {
        "with": "1",
        "acknowledged_after": None,
        "everybody_told_after": None,
        "no_longer_reached": [],
        "newly_reached": ["A"],
    }
    assert compared(now, now | {"contacts": [told | {"told_after": 1.0}]}) == {
        "with": "2",
        "acknowledged_after": 0.0,
        "everybody_told_after": 2.0,
        "no_longer_reached": [],
        "newly_reached": [],
    }


@pytest.mark.parametrize("hazard", Hazard)
async def test_each_hazard_is_drilled_and_marked_everywhere(
    bare_home: HomeUnderTest, hazard: Hazard
) -> None:
    """Message, event, state and every entity, from its begin to its end."""
    home = bare_home
    home.add("detector", {"entity_id": ONE, "hazard": hazard.value, "name": "One"})
    home.add("contact", A_PHONE)
    home.state(ONE, "off")
    await home.start()
    started = await ask(home, "start_drill", hazard=hazard.value)
    assert home.incident.id == started["incident"]
    assert (home.incident.hazard, home.incident.drill) == (hazard, True)
    await home.do(DOMAIN, "acknowledge", await home.person())
    assert home.entry is not None
    mine = er.async_entries_for_config_entry(
        er.async_get(home.hass), home.entry.entry_id
    )
    shown = [home.shown(e.entity_id) for e in mine if not e.disabled_by]
    assert len(shown) > 8
    assert [s.entity_id for s in shown if s.attributes.get("drill") is not True] == []
    assert home.shown("sensor.home_incident").state == "drill"
    result = await ask(home, "end_drill")
    assert result["hazard"] == hazard.value
    assert home.messages()
    assert all(title.startswith("DRILL: ") for title in home.messages())
    texts = [c.data["message"] for c in home.recorded if c.domain == "notify"]
    assert all(text.startswith("This is a drill") for text in texts)
    left = [home.shown(e.entity_id) for e in mine if e.domain != "event"]
    assert [s.entity_id for s in left if s.attributes.get("drill") is True] == []


async def test_what_the_home_would_not_notice_is_refused(ready: HomeUnderTest) -> None:
    """With what to do instead."""
    with pytest.raises(ServiceValidationError) as caught:
        await ask(ready, "start_drill", hazard="smoke")
    assert caught.value.translation_key == "refused_no_such_hazard"
    with pytest.raises(vol.Invalid):
        await ask(ready, "start_drill", hazard="meteorite")
    with pytest.raises(vol.Invalid):
        await ask(ready, "start_drill", hazard="water", detector=WATER)


async def test_the_end_says_what_is_to_be_put_back(ready: HomeUnderTest) -> None:
    """A gas valve that nobody opens again is a cold meal."""
    person = await ready.person()
    with request_from(KITCHEN_TABLET):
        await ask(ready, "start_drill", person, move_actuators=True)
    await ready.report(VALVE, "closed")
    await ask(ready, "end_drill", person)
    assert ready.messages()[-1] == "DRILL: Drill at Home is over"
    assert "put them back: Gas supply" in ready.recorded[-1].data["message"]


async def test_a_reset_ends_a_drill_like_its_end(ready: HomeUnderTest) -> None:
    """Whatever was turned on is turned off, and there is a result."""
    person = await ready.person()
    with request_from(KITCHEN_TABLET):
        await ask(ready, "start_drill", person, move_actuators=True)
    await ready.report(SIREN, "on")
    await ready.do(DOMAIN, "reset", person)
    assert ready.calls("siren", "turn_off") == [SIREN]
    assert ready.shown(LAST).attributes["ending"] == "drill_over"
