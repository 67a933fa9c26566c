"""The blueprints that build on the home: what they hear, ask, do and say."""

from collections.abc import AsyncGenerator
from datetime import timedelta
from typing import Any

from homeassistant.components.blueprint.models import DomainBlueprints
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import async_mock_service

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


async def test_an_alarm_that_nobody_takes_is_passed_on(guarded: HomeUnderTest) -> None:
    own = await use(guarded, "nobody_answered", minutes=2)
    await now(guarded, DETECTOR, "on")
    await wait(guarded, 100)
    assert said(own) == []
    await wait(guarded, 40)
    assert said(own) == [
        (
            "Nobody has answered the alarm: The alarm (gas) has been going on for 2 minutes"
            " and nobody has taken it. Look after the people there."
        )
    ]


async def test_an_alarm_that_somebody_took_is_not(guarded: HomeUnderTest) -> None:
    own = await use(guarded, "nobody_answered", minutes=2)
    await now(guarded, DETECTOR, "on")
    await wait(guarded, 30)
    await guarded.hass.services.async_call(
        "zhian", "acknowledge", context=await guarded.person()
    )
    await wait(guarded, 150)
    assert said(own) == []


async def test_another_hazard_is_not_waited_for(guarded: HomeUnderTest) -> None:
    own = await use(guarded, "nobody_answered", minutes=1, hazards=["water"])
    await now(guarded, DETECTOR, "on")
    await wait(guarded, 90)
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
        drill_switch="switch.home_drill",
        test_button="button.home_test",
    )


async def test_the_week_begins_with_a_drill_and_ends_with_a_verdict(
    guarded: HomeUnderTest,
) -> None:
    own = await begin_the_week(guarded)
    switched = async_mock_service(guarded.hass, "switch", "turn_on")
    ended = async_mock_service(guarded.hass, "switch", "turn_off")
    pressed = async_mock_service(guarded.hass, "button", "press")
    await wait(guarded, 10)
    assert [call.data["entity_id"] for call in switched] == [["switch.home_drill"]]
    assert [call.data["entity_id"] for call in pressed] == [["button.home_test"]]
    assert not ended
    await wait(guarded, 130)
    assert [call.data["entity_id"] for call in ended] == [["switch.home_drill"]]
    assert said(own) == ["Weekly test: The test is over. Every detector works."]


async def test_a_detector_that_does_not_work_is_said_at_the_end(
    guarded: HomeUnderTest,
) -> None:
    await guarded.report(CO, "unavailable")
    own = await begin_the_week(guarded)
    for service in ("turn_on", "turn_off"):
        async_mock_service(guarded.hass, "switch", service)
    await wait(guarded, 10)
    await wait(guarded, 130)
    (text,) = said(own)
    assert text.startswith("Weekly test: Not every detector works.")


async def test_nothing_is_tested_in_an_alarm(guarded: HomeUnderTest) -> None:
    await begin_the_week(guarded)
    switched = async_mock_service(guarded.hass, "switch", "turn_on")
    await now(guarded, DETECTOR, "on")
    await wait(guarded, 10)
    assert not switched


async def test_the_other_days_are_left_alone(guarded: HomeUnderTest) -> None:
    await begin_the_week(guarded)
    guarded.freezer.tick(timedelta(days=1))
    switched = async_mock_service(guarded.hass, "switch", "turn_on")
    await wait(guarded, 10)
    assert not switched


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
