"""The home's incidents as events."""

from collections.abc import Iterator
from typing import Any

from homeassistant.core import Event, EventStateChangedData, callback
from homeassistant.helpers.event import async_track_state_change_event

import pytest

from custom_components.zhian.const import DOMAIN
from custom_components.zhian.safety.signals import StationSaid
from custom_components.zhian.safety.vocabulary import StationStatus

from .house import (
    DETECTOR,
    GAS_LEVEL,
    KITCHEN_TABLET,
    LEVEL,
    VALVE,
    HomeUnderTest,
    request_from,
)

INCIDENT = "event.home_incident"

type Heard = list[tuple[str, dict[str, Any]]]


@pytest.fixture
def heard(home: HomeUnderTest) -> Iterator[Heard]:
    """What the event entity fires."""
    events: Heard = []

    @callback
    def hear(event: Event[EventStateChangedData]) -> None:
        state = event.data["new_state"]
        if state is not None and state.attributes.get("event_type") is not None:
            events.append((state.attributes["event_type"], dict(state.attributes)))

    end = async_track_state_change_event(home.hass, INCIDENT, hear)
    yield events
    end()


def kinds(heard: Heard) -> list[str]:
    """Return the types only, and forget them."""
    found = [kind for kind, _ in heard]
    heard.clear()
    return found


async def test_everything_of_note_is_an_event(
    home: HomeUnderTest, heard: Heard
) -> None:
    """Each kind once, when it happens."""
    home.add("detector", GAS_LEVEL)
    home.state(DETECTOR, "off")
    home.state(LEVEL, "0")
    await home.start()
    anna = await home.person()
    await home.report(LEVEL, "6")
    assert kinds(heard) == ["opened"]
    await home.report(LEVEL, "12")
    assert kinds(heard) == ["alarm"]
    await home.pass_time(16)
    assert kinds(heard) == ["step_failed"]
    await home.report(VALVE, "closed")
    assert kinds(heard) == ["step_confirmed"]
    await home.report(VALVE, "open")
    assert kinds(heard) == ["reopened"]
    await home.report(VALVE, "closed")
    assert kinds(heard) == ["step_confirmed"]
    await home.do(DOMAIN, "acknowledge", anna)
    assert kinds(heard) == ["acknowledged"]
    guard = home.home.guard
    at = guard.clock.now()
    guard.handle(StationSaid(home.incident.id, StationStatus.DISPATCHED, at, unit="2"))
    await home.settle()
    assert heard[-1][1]["status"] == "dispatched"
    assert kinds(heard) == ["station"]
    await home.report(LEVEL, "0")
    await home.clear_for(90)
    assert kinds(heard) == ["clearing"]
    incident = home.incident.id
    with request_from(KITCHEN_TABLET):
        await home.do(DOMAIN, "reset", anna)
    (closed,) = heard
    assert closed[0] == "closed"
    assert closed[1]["incident"] == incident
    assert closed[1]["hazard"] == "gas"
    assert closed[1]["drill"] is False
    assert closed[1]["phase"] == "closed"


async def test_an_alarm_is_one_event_whatever_its_detectors_do(
    home: HomeUnderTest, heard: Heard
) -> None:
    """A detector that falls silent in the alarm is no new alarm."""
    home.state(DETECTOR, "off")
    await home.start()
    await home.report(DETECTOR, "on")
    await home.report(DETECTOR, "unavailable")
    await home.report(DETECTOR, "on")
    assert kinds(heard) == ["alarm"]


async def test_clearing_is_one_event_and_a_new_rise_another(
    home: HomeUnderTest, heard: Heard
) -> None:
    """Clear, silent, clear is one clearing; gas again is an alarm again."""
    home.state(DETECTOR, "off")
    await home.start()
    await home.clear_for(90)
    await home.report(DETECTOR, "on")
    await home.report(VALVE, "closed")
    await home.report(DETECTOR, "off")
    await home.report(DETECTOR, "unavailable")
    await home.report(DETECTOR, "off")
    await home.clear_for(90)
    assert kinds(heard) == ["alarm", "step_confirmed", "clearing"]
    await home.report(DETECTOR, "on")
    assert kinds(heard) == ["alarm"]


async def test_a_reload_in_an_alarm_is_no_new_alarm(
    home: HomeUnderTest, heard: Heard
) -> None:
    """The entity knows where the incident stood."""
    home.state(DETECTOR, "off")
    await home.start()
    await home.report(DETECTOR, "on")
    kinds(heard)
    await home.reload()
    kinds(heard)  # the entity's last event, restored
    await home.report(DETECTOR, "unavailable")
    assert kinds(heard) == []


async def test_a_drill_says_so_in_its_events(home: HomeUnderTest, heard: Heard) -> None:
    """An automation must be able to tell."""
    home.state(DETECTOR, "off")
    await home.start()
    await home.do("switch", "turn_on", entity_id="switch.home_drill")
    entity = home.hass.data["switch"].get_entity("switch.home_drill")
    assert entity is not None
    await entity.async_turn_on()
    await home.settle()
    assert heard[0][0] == "alarm"
    assert heard[0][1]["drill"] is True
