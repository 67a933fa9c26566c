"""The blueprints that build on the home: what they hear, ask, do and say."""

from collections.abc import AsyncGenerator
from datetime import timedelta
from typing import Any

from homeassistant.components.blueprint.models import DomainBlueprints
from homeassistant.core import HomeAssistant, State
from homeassistant.exceptions import HomeAssistantError
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import (
    async_mock_service,
    mock_restore_cache,
)

from tests.home.house import DETECTOR, GAS_DETECTOR, GAS_VALVE, VALVE, HomeUnderTest

from .conftest import load

CO = "binary_sensor.hall_co"
CO_DETECTOR = {"entity_id": CO, "hazard": "carbon_monoxide", "name": "Hall CO"}
PHONES = ["notify.mobile_app_phone"]
OWN = [{"action": "test.own", "data": {"said": "{{ title }}: {{ message }}"}}]


@pytest.fixture
async def guarded(
    hass: HomeAssistant,
    hass_tmp_config_dir: str,
    freezer: FrozenDateTimeFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncGenerator[HomeUnderTest]:
    """A home with a gas and a carbon monoxide detector, and an obedient valve."""
    hass.config.config_dir = hass_tmp_config_dir
    monkeypatch.setattr(
        DomainBlueprints, "_load_blueprint", lambda self, path: load(path)
    )
    home = HomeUnderTest(hass, freezer)
    home.add("detector", GAS_DETECTOR, CO_DETECTOR)
    home.add("actuator", GAS_VALVE)
    for entity_id in (DETECTOR, CO):
        home.state(entity_id, "off")
    home.state(VALVE, "open")
    await home.start()
    yield home
    await hass.services.async_call("automation", "turn_off", {"entity_id": "all"})
    await home.stop()


async def use(home: HomeUnderTest, name: str, **inputs: Any) -> list[Any]:
    """Make an automation of a blueprint; return what its own actions get."""
    own = async_mock_service(home.hass, "test", "own")
    assert await async_setup_component(
        home.hass,
        "automation",
        {
            "automation": {
                "use_blueprint": {
                    "path": f"zhian/{name}.yaml",
                    "input": {"own_actions": OWN, "phones": PHONES, **inputs},
                }
            }
        },
    )
    await home.settle()
    home.play_devices()
    return own


def said(own: list[Any]) -> list[str]:
    return [call.data["said"] for call in own]


# --- carbon monoxide -----------------------------------------------------------------

FRESH_AIR = {"windows": ["cover.attic"], "fans": ["fan.attic"]}


@pytest.fixture
def moved(guarded: HomeUnderTest) -> list[str]:
    """What was moved, in order."""
    return []


def play(guarded: HomeUnderTest, moved: list[str]) -> None:
    for domain, service in (("cover", "open_cover"), ("fan", "turn_on")):
        guarded.hass.services.async_register(
            domain, service, lambda call: moved.extend(call.data["entity_id"])
        )


async def test_carbon_monoxide_is_let_out(
    guarded: HomeUnderTest, moved: list[str]
) -> None:
    own = await use(guarded, "carbon_monoxide_ventilate", **FRESH_AIR)
    play(guarded, moved)
    await guarded.report(CO, "on")
    assert moved == ["cover.attic", "fan.attic"]
    assert "Carbon monoxide" in guarded.messages()
    assert said(own)[0].startswith("Carbon monoxide: Get everybody into fresh air now")


async def test_nothing_moves_for_fresh_air_while_there_is_gas(
    guarded: HomeUnderTest, moved: list[str]
) -> None:
    """People are told all the same."""
    own = await use(guarded, "carbon_monoxide_ventilate", **FRESH_AIR)
    play(guarded, moved)
    await guarded.report(DETECTOR, "on")
    await guarded.report(CO, "on")
    assert moved == []
    assert len(said(own)) == 1


async def test_gas_alone_is_no_carbon_monoxide(
    guarded: HomeUnderTest, moved: list[str]
) -> None:
    own = await use(guarded, "carbon_monoxide_ventilate", **FRESH_AIR)
    await guarded.report(DETECTOR, "on")
    assert (moved, said(own)) == ([], [])


async def test_a_window_that_fails_stops_neither_the_fan_nor_the_words(
    guarded: HomeUnderTest, moved: list[str]
) -> None:
    own = await use(guarded, "carbon_monoxide_ventilate", **FRESH_AIR)
    play(guarded, moved)

    async def stuck(call: Any) -> None:
        raise HomeAssistantError("it is stuck")

    guarded.hass.services.async_register("cover", "open_cover", stuck)
    await guarded.report(CO, "on")
    assert moved == ["fan.attic"]
    assert len(said(own)) == 1


# --- nobody answered -----------------------------------------------------------------


async def wait(guarded: HomeUnderTest, seconds: float) -> None:
    """Let time pass while an automation waits, too: it would never let all be done."""
    await guarded.pass_time(seconds, step=5, wait=False)


async def now(guarded: HomeUnderTest, entity_id: str, state: str) -> None:
    """Let a device report while an automation waits."""
    guarded.state(entity_id, state)
    await guarded.turns()


PASSED_ON = [
    (
        "Nobody has answered the alarm: The alarm (gas) has been going on for 2 min"
        " and nobody has taken it. Look after the people there."
    )
]


async def test_an_alarm_that_nobody_takes_is_passed_on(guarded: HomeUnderTest) -> None:
    """Once; the clock is looked at every minute."""
    own = await use(guarded, "nobody_answered", minutes=2)
    await now(guarded, DETECTOR, "on")
    await wait(guarded, 100)
    assert said(own) == []
    await wait(guarded, 85)
    assert said(own) == PASSED_ON
    await wait(guarded, 300)
    assert said(own) == PASSED_ON


async def switch_automations(guarded: HomeUnderTest, how: str) -> None:
    """Stop whatever an automation is waiting in, or begin anew: as a restart does."""
    await guarded.hass.services.async_call(
        "automation", how, {"entity_id": "all"}, blocking=True
    )


async def test_an_alarm_before_a_restart_is_passed_on_after_it(
    guarded: HomeUnderTest,
) -> None:
    own = await use(guarded, "nobody_answered", minutes=2)
    await now(guarded, DETECTOR, "on")
    await wait(guarded, 90)
    await switch_automations(guarded, "turn_off")
    await guarded.reload()
    await wait(guarded, 120)
    assert said(own) == []
    await switch_automations(guarded, "turn_on")
    await wait(guarded, 65)
    assert said(own) == PASSED_ON


async def test_what_was_passed_on_before_a_restart_is_not_told_again(
    guarded: HomeUnderTest,
) -> None:
    """The automation remembers when it last looked."""
    await now(guarded, DETECTOR, "on")
    await wait(guarded, 180)
    looked = dt_util.utcnow().isoformat()
    mock_restore_cache(
        guarded.hass,
        [State("automation.automation_0", "on", {"last_triggered": looked})],
    )
    own = await use(guarded, "nobody_answered", minutes=2)
    await wait(guarded, 130)
    assert said(own) == []
    assert guarded.shown("automation.automation_0").attributes["last_triggered"]


async def test_each_of_two_alarms_has_its_own_time(guarded: HomeUnderTest) -> None:
    own = await use(guarded, "nobody_answered", minutes=2)
    await now(guarded, DETECTOR, "on")
    await wait(guarded, 90)
    await now(guarded, CO, "on")
    await wait(guarded, 95)
    assert said(own) == PASSED_ON
    await wait(guarded, 90)
    assert said(own) == [*PASSED_ON, PASSED_ON[0].replace("gas", "carbon monoxide")]


async def test_an_alarm_that_somebody_took_is_not(guarded: HomeUnderTest) -> None:
    own = await use(guarded, "nobody_answered", minutes=2)
    await now(guarded, DETECTOR, "on")
    await wait(guarded, 30)
    await guarded.hass.services.async_call(
        "zhian", "acknowledge", context=await guarded.person()
    )
    await wait(guarded, 240)
    assert said(own) == []


async def test_another_hazard_is_not_waited_for(guarded: HomeUnderTest) -> None:
    own = await use(guarded, "nobody_answered", minutes=1, hazards=["water"])
    await now(guarded, DETECTOR, "on")
    await wait(guarded, 180)
    assert said(own) == []


# --- weekly test ---------------------------------------------------------------------


async def begin_the_week(guarded: HomeUnderTest) -> list[Any]:
    tomorrow = dt_util.now() + timedelta(days=1)
    at = tomorrow.replace(hour=10, minute=0, second=0, microsecond=0)
    guarded.freezer.move_to(at.astimezone(dt_util.UTC) - timedelta(seconds=5))
    return await use(
        guarded,
        "weekly_test",
        weekday=at.strftime("%a").lower(),
        minutes=2,
        test_button="button.home_test",
    )


def is_drilling(guarded: HomeUnderTest) -> bool:
    return guarded.home.guard.state.drill is not None


async def test_the_week_begins_with_a_drill_and_ends_with_a_verdict(
    guarded: HomeUnderTest,
) -> None:
    own = await begin_the_week(guarded)
    pressed = async_mock_service(guarded.hass, "button", "press")
    await wait(guarded, 10)
    assert is_drilling(guarded)
    assert [call.data["entity_id"] for call in pressed] == [["button.home_test"]]
    await wait(guarded, 130)
    assert not is_drilling(guarded)
    assert said(own) == ["Weekly test: The test is over. Every detector works."]


async def test_a_weekly_test_ends_with_a_verdict_also_after_a_restart(
    guarded: HomeUnderTest,
) -> None:
    own = await begin_the_week(guarded)
    async_mock_service(guarded.hass, "button", "press")
    await wait(guarded, 10)
    await switch_automations(guarded, "turn_off")
    await guarded.reload()
    assert is_drilling(guarded)
    await switch_automations(guarded, "turn_on")
    await wait(guarded, 130)
    assert said(own) == ["Weekly test: The test is over. Every detector works."]


async def test_the_end_of_another_drill_is_no_verdict(guarded: HomeUnderTest) -> None:
    own = await begin_the_week(guarded)
    async_mock_service(guarded.hass, "button", "press")
    await wait(guarded, 150)
    assert len(said(own)) == 1
    await guarded.do("zhian", "start_drill", minutes=1)
    await wait(guarded, 70)
    assert not is_drilling(guarded)
    assert len(said(own)) == 1


async def test_a_real_alarm_in_the_weekly_test_is_no_verdict(
    guarded: HomeUnderTest,
) -> None:
    own = await begin_the_week(guarded)
    async_mock_service(guarded.hass, "button", "press")
    await wait(guarded, 10)
    await now(guarded, DETECTOR, "on")
    await wait(guarded, 130)
    assert not is_drilling(guarded)
    assert said(own) == []


async def test_a_detector_that_does_not_work_is_said_at_the_end(
    guarded: HomeUnderTest,
) -> None:
    await guarded.report(CO, "unavailable")
    own = await begin_the_week(guarded)
    async_mock_service(guarded.hass, "button", "press")
    await wait(guarded, 10)
    await wait(guarded, 130)
    (text,) = said(own)
    assert text.startswith("Weekly test: Not every detector works.")


async def test_nothing_is_tested_in_an_alarm(guarded: HomeUnderTest) -> None:
    await begin_the_week(guarded)
    await now(guarded, DETECTOR, "on")
    await wait(guarded, 10)
    assert not is_drilling(guarded)


async def test_the_other_days_are_left_alone(guarded: HomeUnderTest) -> None:
    await begin_the_week(guarded)
    guarded.freezer.tick(timedelta(days=1))
    await wait(guarded, 10)
    assert not is_drilling(guarded)


# --- what has failed -----------------------------------------------------------------


async def test_a_detector_that_protects_nobody_is_named(guarded: HomeUnderTest) -> None:
    own = await use(guarded, "sensor_lost", hazards=["gas"])
    await guarded.report(CO, "unavailable")
    await guarded.report(DETECTOR, "unavailable")
    await guarded.pass_time(660, step=30)
    assert said(own) == [
        (
            "Kitchen gas protects nobody: It has not been heard of. Check its power and its"
            " radio.\nUntil then nobody is warned there."
        )
    ]


async def test_a_valve_that_has_not_closed_is_told_with_what_to_do(
    guarded: HomeUnderTest,
) -> None:
    own = await use(guarded, "valve_not_closed")
    await guarded.report(DETECTOR, "on")
    assert said(own) == []
    await guarded.pass_time(15, step=1)
    (text,) = said(own)
    assert text.startswith("Gas supply has not obeyed: It is NOT proved to be closed.")
    assert "Gas supply has not obeyed" in guarded.messages()


async def test_a_valve_that_closes_is_not_told(guarded: HomeUnderTest) -> None:
    own = await use(guarded, "valve_not_closed")
    await guarded.report(DETECTOR, "on")
    await guarded.report(VALVE, "closed")
    await guarded.pass_time(15, step=1)
    assert said(own) == []
