"""An exercise and the end of the program: on the disk first, to its end afterwards."""

from datetime import timedelta
from typing import Any

from homeassistant.exceptions import HomeAssistantError

import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.zhian.const import DOMAIN
from custom_components.zhian.home.words import NOBODY
from custom_components.zhian.safety.orders import Exercised
from custom_components.zhian.safety.vocabulary import Reason

from .house import (
    DETECTOR,
    GAS_VALVE,
    KITCHEN_TABLET,
    VALVE,
    WATER,
    WATER_DETECTOR,
    WATER_MAIN,
    WATER_VALVE,
    HomeUnderTest,
    request_from,
)
from .test_upkeep import jump, repairs


@pytest.fixture
async def valves(home: HomeUnderTest) -> HomeUnderTest:
    """A home whose valves are exercised, at ten in the morning."""
    await home.hass.config.async_set_time_zone("UTC")
    home.freezer.move_to("2026-11-22 10:00:00+00:00")
    home.subentries[:] = [s for s in home.subentries if s["title"] != "Gas supply"]
    home.add("detector", WATER_DETECTOR)
    home.add(
        "actuator", GAS_VALVE | {"exercise": True}, WATER_MAIN | {"exercise": True}
    )
    home.state(DETECTOR, "off")
    home.state(WATER, "off")
    home.state(WATER_VALVE, "on")
    await home.start()
    home.home.memory.tested_at = home.home.clock.now() + timedelta(days=900)
    return home


def actuator(home: HomeUnderTest, name: str) -> str:
    """Return the id of a valve."""
    return next(a.id for a in home.home.actuators if a.options.name == name)


async def exercise(home: HomeUnderTest, name: str) -> None:
    """Exercise a valve for a person at home."""
    await home.home.upkeep.exercises.ask(actuator(home, name), NOBODY, local=True)
    await home.settle()


async def test_it_is_on_the_disk_before_the_valve_moves(
    valves: HomeUnderTest, hass_storage: dict[str, Any]
) -> None:
    """A power cut in the middle of it must not leave the water off unseen."""
    home = valves
    assert home.entry is not None
    key = f"zhian.upkeep_{home.entry.entry_id}"
    written: list[Any] = []
    home.obedient[WATER_VALVE] = lambda call: written.append(
        dict(hass_storage[key]["data"]["exercising"])
    )
    await exercise(home, "Water main")
    assert [list(w) for w in written] == [[actuator(home, "Water main")]]
    await home.report(WATER_VALVE, "off")
    await home.report(WATER_VALVE, "on")
    await home.pass_time(1)
    assert hass_storage[key]["data"]["exercising"] == {}


async def test_a_restart_gives_the_water_back_and_tells(valves: HomeUnderTest) -> None:
    """And tries again tomorrow, not at once."""
    home = valves
    await exercise(home, "Water main")
    assert home.calls("switch", "turn_off") == [WATER_VALVE]
    await home.stop()
    home.state(WATER_VALVE, "off")
    await home.reload()
    assert home.calls("switch", "turn_on") == [WATER_VALVE]
    await home.report(WATER_VALVE, "on")
    assert home.messages() == ["The exercise of Water main at Home was broken off"]
    assert repairs(home) == []
    await home.reload()
    assert len(home.messages()) == 1
    home.recorded.clear()
    await jump(home, hours=23)
    assert home.calls("switch", "turn_off") == []
    await jump(home, hours=2)
    assert WATER_VALVE in home.calls("switch", "turn_off")


async def test_a_restart_closes_a_gas_valve_and_opens_none(
    valves: HomeUnderTest,
) -> None:
    """Nobody is to find it in a position that they do not expect."""
    home = valves
    await exercise(home, "Gas supply")
    assert home.calls("valve", "close_valve") == [VALVE]
    await home.reload()
    assert home.calls("valve", "close_valve") == [VALVE, VALVE]
    await home.report(VALVE, "closed")
    assert home.messages() == ["The exercise of Gas supply at Home was broken off"]
    await home.pass_time(120, step=10)
    assert home.calls("valve", "open_valve") == []


async def test_hours_later_it_is_told_and_nothing_moves(valves: HomeUnderTest) -> None:
    """Somebody may have turned the water off on purpose meanwhile."""
    home = valves
    await exercise(home, "Water main")
    await home.stop()
    home.state(WATER_VALVE, "off")
    home.recorded.clear()
    home.freezer.tick(timedelta(hours=3))
    await home.reload()
    assert [c for c in home.recorded if c.domain == "switch"] == []
    assert home.messages() == ["The exercise of Water main at Home was broken off"]


async def test_a_valve_that_was_removed_meanwhile_is_forgotten(
    valves: HomeUnderTest,
) -> None:
    """There is nothing left to bring to an end."""
    memory = valves.home.memory
    memory.exercising["gone"] = valves.home.clock.now()
    await valves.reload()
    assert valves.home.memory.exercising == {}
    assert "gone" not in valves.home.memory.moved
    assert valves.messages() == []


async def test_an_incident_breaks_it_off_and_says_nothing_against_the_valve(
    valves: HomeUnderTest,
) -> None:
    """The water stays off; the valve has not failed."""
    home = valves
    await exercise(home, "Water main")
    await home.report(WATER, "on")
    await home.report(WATER_VALVE, "off")
    assert "The exercise of Water main at Home was broken off" in home.messages()
    assert home.calls("switch", "turn_on") == []
    assert repairs(home) == []


async def test_what_is_refused_leaves_nothing_behind(valves: HomeUnderTest) -> None:
    """Not even when something comes up while the disk is written."""
    home = valves
    main = actuator(home, "Water main")
    await home.report(WATER_VALVE, "off")
    with pytest.raises(HomeAssistantError) as caught:
        await exercise(home, "Water main")
    assert caught.value.translation_key == "refused_not_open"
    await home.report(WATER_VALVE, "on")
    save = home.home.memory.save

    async def leak_meanwhile() -> None:
        await save()
        home.state(WATER, "on")
        await home.hass.async_block_till_done()

    home.home.memory.save = leak_meanwhile  # type: ignore[method-assign]
    with pytest.raises(HomeAssistantError) as caught:
        await exercise(home, "Water main")
    assert caught.value.translation_key == "refused_incident_open"
    assert main not in home.home.memory.exercising


async def test_a_second_wish_changes_nothing(valves: HomeUnderTest) -> None:
    """It is being moved already."""
    home = valves
    await exercise(home, "Water main")
    await home.report(WATER_VALVE, "on")
    await exercise(home, "Water main")
    assert home.calls("switch", "turn_off") == [WATER_VALVE]


async def test_a_person_far_away_is_told_why_not(valves: HomeUnderTest) -> None:
    """By the action, too."""
    home = valves
    person = await home.person()
    with pytest.raises(HomeAssistantError) as caught:
        await home.do(DOMAIN, "exercise_valve", person, entity_id="valve.gas_supply_2")
    assert caught.value.translation_key == "refused_not_on_site"
    with request_from(KITCHEN_TABLET):
        await home.do(DOMAIN, "exercise_valve", person, entity_id="valve.gas_supply_2")
    assert home.calls("valve", "close_valve") == [VALVE]


async def test_one_that_runs_is_not_begun_by_the_schedule(
    valves: HomeUnderTest,
) -> None:
    """It is due, and it is under way."""
    home = valves
    home.freezer.tick(timedelta(days=31))
    home.home.memory.exercising[actuator(home, "Water main")] = home.home.clock.now()
    async_fire_time_changed(home.hass)
    await home.settle()
    assert home.calls("switch", "turn_off") == []
    order = Exercised(
        actuator(home, "Water main"), home.home.clock.now(), Reason.INTERRUPTED
    )
    home.home.guard.on_exercised(order)
    assert list(home.home.upkeep.exercises.gas_valves_due())
