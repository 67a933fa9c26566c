"""What the logbook says, in the language of Home Assistant."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from homeassistant.core import Event, HomeAssistant

import pytest
from pytest_homeassistant_custom_component.common import async_capture_events

from custom_components.zhian.const import DOMAIN
from custom_components.zhian.home import diary
from custom_components.zhian.home.diary import text
from custom_components.zhian.home.news import EVENT_NEWS, Kind
from custom_components.zhian.logbook import async_describe_events
from custom_components.zhian.safety.vocabulary import (
    Ending,
    Hazard,
    Outcome,
    Position,
    StationStatus,
)

from .house import DETECTOR, VALVE, HomeUnderTest

LANGUAGES = ("en", "zh-Hans")

type Describe = Callable[[Any], dict[str, str]]


def describer(hass: HomeAssistant) -> Describe:
    """Return how the logbook puts an event into words."""
    found: list[Describe] = []

    def register(domain: str, event_type: str, describe: Describe) -> None:
        assert (domain, event_type) == (DOMAIN, EVENT_NEWS)
        found.append(describe)

    async_describe_events(hass, register)
    (describe,) = found
    return describe


async def test_an_alarm_reads_as_a_story(home: HomeUnderTest) -> None:
    """What happened, to what, and no names of people."""
    news: list[Event[dict[str, Any]]] = async_capture_events(home.hass, EVENT_NEWS)
    home.state(DETECTOR, "off")
    await home.start()
    await home.report(DETECTOR, "on")
    await home.report(VALVE, "closed")
    await home.do(DOMAIN, "acknowledge", await home.person("Anna"))
    describe = describer(home.hass)
    lines = [describe(event) for event in news]
    assert [line["message"] for line in lines] == [
        "Gas alarm",
        "closed",  # the page has named the valve by then
        "Somebody has taken the Gas alarm",
    ]
    assert [line["name"] for line in lines] == ["Home", "Gas supply", "Home"]
    assert lines[1]["entity_id"] == VALVE
    assert lines[0]["icon"] == "mdi:shield-alert"
    assert "Anna" not in str([event.data for event in news])
    home.hass.config.language = "zh-Hans"
    assert [describe(event)["message"] for event in news] == [
        "燃气报警",
        "已关闭",
        "有人已接手燃气报警",
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_device_is_named_once(hass: HomeAssistant, language: str) -> None:
    """The page puts the entity's name before the words."""
    hass.config.language = language
    describe = describer(hass)
    for data in _all():
        named = {**data, "home": "Home", "name": "Gas valve"}
        alone = describe(Event(EVENT_NEWS, named))
        assert alone["name"] == "Home"
        line = describe(Event(EVENT_NEWS, named | {"entity_id": VALVE}))
        assert line["name"] == "Gas valve"
        assert "Gas valve" not in line["message"]
        assert line["message"][0] not in " :："


async def test_a_drill_is_marked(home: HomeUnderTest) -> None:
    """Also in the logbook."""
    news: list[Event[dict[str, Any]]] = async_capture_events(home.hass, EVENT_NEWS)
    home.state(DETECTOR, "off")
    await home.start()
    entity = home.hass.data["switch"].get_entity("switch.home_drill")
    assert entity is not None
    await entity.async_turn_on()
    await home.settle()
    assert describer(home.hass)(news[0])["message"].startswith("DRILL: ")


def _all() -> list[dict[str, object]]:
    """Return every happening that there can be."""
    found: list[dict[str, object]] = []
    for kind in Kind:
        data: dict[str, object] = {"kind": kind.value, "hazard": "gas", "name": "It"}
        match kind:
            case Kind.STATION:
                said = [s for s in StationStatus if s is not StationStatus.NONE]
                found.extend({**data, "status": s.value} for s in said)
            case Kind.CLOSED:
                found.extend({**data, "ending": e.value} for e in Ending)
            case Kind.STEP_CONFIRMED | Kind.STEP_FAILED:
                targets = (Position.OPEN, Position.CLOSED, Position.ON, Position.OFF)
                found.extend({**data, "target": t.value} for t in targets)
            case _:
                found.append(data)
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_that_can_happen_has_words_and_an_icon(language: str) -> None:
    """A new kind without a text fails here, not in the logbook."""
    for data in _all():
        said = text(data, language)
        assert said, data
        assert "{" not in said
    assert set(diary.ICONS) == set(Kind)
    for hazard in Hazard:
        said = text({"kind": "alarm", "hazard": hazard.value}, language)
        assert said
        assert "?" not in said
    assert Outcome.CONFIRMED.value == "confirmed", "the words of steps are shared"


def test_what_a_later_version_has_written_is_shown_as_it_is(
    hass: HomeAssistant,
) -> None:
    """The recorder keeps events longer than a downgrade lasts."""
    event = SimpleNamespace(data={"kind": "eclipse", "home": "Home"})
    assert describer(hass)(event) == {"name": "Home", "message": "eclipse"}
