"""The drill."""

from homeassistant.core import Context
from homeassistant.exceptions import ServiceValidationError

import pytest

from custom_components.zhian.safety.vocabulary import Ending, Outcome, Phase, Reason

from .house import DETECTOR, SAFE_WINDOW, VALVE, WINDOW, HomeUnderTest

DRILL = "switch.home_drill"


@pytest.fixture
async def drilling(home: HomeUnderTest) -> HomeUnderTest:
    """A home in which everything is well and nothing moves by mistake."""
    home.add("actuator", SAFE_WINDOW)
    home.state(DETECTOR, "off")
    home.state(WINDOW, "closed")
    await home.start()
    await home.clear_for(90)
    home.recorded.clear()
    return home


async def flip(home: HomeUnderTest, on: bool, context: Context | None = None) -> None:
    """Turn the drill on or off, as the platform does."""
    entity = home.hass.data["switch"].get_entity(DRILL)
    assert entity is not None
    if context is not None:
        entity.async_set_context(context)
    await (entity.async_turn_on() if on else entity.async_turn_off())
    await home.settle()


async def test_a_drill_is_marked_everywhere_and_moves_nothing(
    drilling: HomeUnderTest,
) -> None:
    """From the switch to the phone; every step is skipped."""
    await flip(drilling, True, await drilling.person())
    assert drilling.shown(DRILL).state == "on"
    assert drilling.shown("sensor.home_incident").state == "drill"
    assert drilling.shown("binary_sensor.home_gas").state == "off"
    assert drilling.messages() == ["DRILL: Gas alarm at Home"]
    moved = [c for c in drilling.recorded if c.domain in ("valve", "cover")]
    assert moved == []
    steps = drilling.incident.steps
    assert len(steps) == 2
    for step in steps:
        assert (step.outcome, step.reason) == (Outcome.SKIPPED, Reason.DRILL)
    (timeline,) = drilling.home.guard.timelines.all().values()
    assert timeline.records[0].body["drill"] is True
    assert timeline.records[0].body["by"] == "Anna"


async def test_a_drill_ends_when_it_is_turned_off(drilling: HomeUnderTest) -> None:
    """And says so."""
    await flip(drilling, True)
    await flip(drilling, False)
    assert drilling.shown(DRILL).state == "off"
    assert drilling.messages()[-1] == "DRILL: Drill at Home is over"
    assert drilling.home.guard.state.incidents == {}


async def test_a_drill_ends_by_itself_after_an_hour(drilling: HomeUnderTest) -> None:
    """Nobody is left in a drill by oversight."""
    await flip(drilling, True)
    await drilling.pass_time(3540, step=60)
    assert drilling.shown(DRILL).state == "on"
    await drilling.pass_time(90, step=30)
    assert drilling.shown(DRILL).state == "off"
    assert drilling.messages()[-1] == "DRILL: Drill at Home is over"


async def test_a_real_alarm_ends_a_drill(drilling: HomeUnderTest) -> None:
    """It is acted on in the same turn, and is not mistaken for the drill."""
    await flip(drilling, True)
    drill = drilling.incident.id
    drilling.state(DETECTOR, "on")
    assert drilling.calls("valve", "close_valve") == [VALVE]
    await drilling.settle()
    assert drilling.incident.id != drill
    assert not drilling.incident.drill
    assert drilling.shown(DRILL).state == "off"
    assert "Gas alarm at Home" in drilling.messages()
    timeline = drilling.home.guard.timelines.get(drill)
    assert timeline is not None
    assert timeline.incident.ending is Ending.REAL_ALARM
    assert timeline.incident.phase is Phase.CLOSED


async def test_no_drill_in_an_incident(drilling: HomeUnderTest) -> None:
    """It would hide what is real."""
    await drilling.report(DETECTOR, "on")
    with pytest.raises(ServiceValidationError) as caught:
        await flip(drilling, True)
    assert caught.value.translation_key == "refused_incident_open"
    assert drilling.shown(DRILL).state == "off"


async def test_a_drill_survives_a_reload(drilling: HomeUnderTest) -> None:
    """It is in the journal, with its end."""
    await flip(drilling, True)
    await drilling.reload()
    assert drilling.shown(DRILL).state == "on"
    await drilling.pass_time(3660, step=60)
    assert drilling.shown(DRILL).state == "off"
