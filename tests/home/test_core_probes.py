"""What Home Assistant's own parts hide: a dead member of a group, a valve out of reach.

Both were measured on Home Assistant 2026.10.4: its group says `off` while a member is
dead, and closing a valve that is unavailable succeeds without a word.
"""

from typing import Any

from homeassistant.setup import async_setup_component

import pytest

from custom_components.zhian.safety.vocabulary import Hazard, Outcome, Reason

from .house import A_PHONE, GAS_VALVE, VALVE, WATER_MAIN, WATER_VALVE, HomeUnderTest
from .test_upkeep import PROTECTION, reasons, repairs

GROUP = "binary_sensor.all_of_them"
MEMBERS = ["binary_sensor.hall", "binary_sensor.attic"]

HAZARDS = {
    Hazard.GAS: "gas",
    Hazard.CARBON_MONOXIDE: "carbon_monoxide",
    Hazard.SMOKE: "smoke",
    Hazard.WATER: "moisture",
}
VALVES = {
    Hazard.GAS: VALVE,
    Hazard.CARBON_MONOXIDE: VALVE,
    Hazard.SMOKE: VALVE,
    Hazard.WATER: WATER_VALVE,
}


@pytest.fixture
def plain(home: HomeUnderTest) -> HomeUnderTest:
    """A home with valves and a phone, and no detector yet."""
    home.subentries.clear()
    home.add("actuator", GAS_VALVE, WATER_MAIN)
    home.add("contact", A_PHONE)
    home.state(VALVE, "open")
    home.state(WATER_VALVE, "on")
    return home


async def with_group(home: HomeUnderTest, hazard: Hazard) -> None:
    """Bind a real group of two detectors."""
    for member in MEMBERS:
        home.state(member, "off", device_class=HAZARDS[hazard])
    platform: dict[str, Any] = {
        "platform": "group",
        "name": "All of them",
        "device_class": HAZARDS[hazard],
        "entities": MEMBERS,
    }
    assert await async_setup_component(
        home.hass, "binary_sensor", {"binary_sensor": [platform]}
    )
    await home.settle()
    home.add(
        "detector",
        {
            "entity_id": GROUP,
            "hazard": hazard.value,
            "name": "All of them",
            "lost_after": 10,
        },
    )
    await home.start()


@pytest.mark.parametrize("gone", ["unavailable", "unknown"])
@pytest.mark.parametrize("hazard", HAZARDS)
async def test_a_group_hides_no_dead_member(
    plain: HomeUnderTest, hazard: Hazard, gone: str
) -> None:
    """Named, told once, a repair while it lasts; the living one still alarms."""
    home = plain
    await with_group(home, hazard)
    await home.pass_time(70, step=10)
    assert home.shown(PROTECTION).state == "100"
    await home.report(MEMBERS[1], gone, friendly_name="Attic")
    assert home.shown(GROUP).state == "off", "the group says that all is well"
    assert reasons(home) == {"member_lost": 50.0}
    (sensed,) = home.home.guard.state.readings.values()
    assert sensed.clear_since is None, "and is not believed"
    await home.pass_time(700, step=50)
    assert repairs(home) == ["member_lost"]
    assert home.messages() == ["Part of All of them does not protect Home"]
    assert "Attic" in home.recorded[-1].data["message"]
    await home.report(MEMBERS[0], "on")
    assert home.incident_of(hazard) is not None
    await home.report(MEMBERS[0], "off")
    await home.report(MEMBERS[1], "off")
    assert repairs(home) == []


async def test_a_group_that_comes_back_without_a_member_is_seen_through(
    plain: HomeUnderTest,
) -> None:
    """While all of them are gone a group does not even say who they were."""
    home = plain
    await with_group(home, Hazard.GAS)
    for member in MEMBERS:
        await home.report(member, "unavailable")
    assert home.shown(GROUP).state == "unavailable"
    await home.reload()
    assert reasons(home)["lost"] == 100.0
    await home.report(MEMBERS[0], "off")
    assert home.shown(GROUP).state == "off"
    await home.settle()
    assert reasons(home) == {"member_lost": 50.0}
    await home.report(MEMBERS[1], "off")
    assert reasons(home) == {}


@pytest.mark.parametrize("hazard", HAZARDS)
async def test_a_valve_out_of_reach_is_never_taken_for_closed(
    plain: HomeUnderTest, hazard: Hazard
) -> None:
    """It is not even called, the step fails aloud, and is tried when it is back."""
    home, valve = plain, VALVES[hazard]
    await with_group(home, hazard)
    await home.report(valve, "unavailable")
    home.recorded.clear()
    await home.report(MEMBERS[0], "on")
    close = ("switch", "turn_off") if valve == WATER_VALVE else ("valve", "close_valve")
    assert home.calls(*close) == []
    await home.pass_time(20, step=1)
    name = "Water main" if valve == WATER_VALVE else "Gas supply"
    step = home.step(name)
    assert (step.outcome, step.reason) == (Outcome.FAILED, Reason.UNAVAILABLE)
    assert any("did not" in title or name in title for title in home.messages())
    await home.report(valve, "on" if valve == WATER_VALVE else "open")
    assert home.calls(*close) == [valve]
    await home.report(valve, "off" if valve == WATER_VALVE else "closed")
    assert home.step(name).outcome is Outcome.CONFIRMED
