"""What is a sign of life, and what only looks like one."""

from datetime import UTC, datetime, timedelta
from typing import Any

from homeassistant.core import State

import pytest

from custom_components.zhian.home.signs import is_away, is_sign, is_working, shows_life

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
JUST_NOW = (NOW - timedelta(seconds=5)).isoformat()
LONG_AGO = (NOW - timedelta(hours=5)).isoformat()


def changes(entity: str, before: str | None, after: str | None, **facts: Any) -> bool:
    """Return whether a change is a sign."""
    was = None if before is None else State(entity, before, facts)
    now = None if after is None else State(entity, after, facts)
    return is_sign(was, now, NOW, 50.0)


@pytest.mark.parametrize(
    ("entity", "kind", "before", "after", "expected"),
    [
        ("binary_sensor.x", "motion", "off", "on", True),
        ("binary_sensor.x", "motion", "on", "off", True),
        ("binary_sensor.x", "occupancy", "off", "on", True),
        ("binary_sensor.x", "occupancy", "on", "off", False),
        ("binary_sensor.x", "door", "on", "off", True),
        ("binary_sensor.x", "vibration", "on", "off", False),
        ("binary_sensor.x", None, "off", "on", True),
        ("binary_sensor.x", "motion", "on", "on", False),
        ("sensor.x", "power", "3", "1800", True),
        ("sensor.x", "power", "1800", "1900", False),
        ("sensor.x", "power", "1800", "3", False),
        ("sensor.x", "power", "3", "49", False),
        ("sensor.x", "power", "3", "nan", False),
        ("sensor.x", "power", "3", "much", False),
        ("sensor.x", "volume_flow_rate", "0", "0.1", True),
        ("sensor.x", "volume_flow_rate", "0.1", "0", False),
        ("sensor.x", "water", "12.3", "12.4", True),
        ("sensor.x", "water", "12.3", "0", False),
        ("lock.x", None, "locked", "unlocked", True),
        ("lock.x", None, "locked", "jammed", False),
        ("person.x", None, "home", "not_home", True),
        ("device_tracker.x", None, "not_home", "home", True),
    ],
)
def test_change_that_a_person_makes_is_a_sign(
    entity: str, kind: str | None, before: str, after: str, expected: bool
) -> None:
    assert changes(entity, before, after, device_class=kind) is expected


def test_kilowatts_are_watts() -> None:
    facts = {"device_class": "power", "unit_of_measurement": "kW"}
    assert changes("sensor.x", "0.003", "1.8", **facts)
    assert not changes("sensor.x", "0.003", "0.049", **facts)


@pytest.mark.parametrize("gone", ["unavailable", "unknown", None])
@pytest.mark.parametrize(
    "entity", ["binary_sensor.x", "sensor.x", "person.x", "lock.x"]
)
def test_radio_that_comes_or_goes_is_no_sign(entity: str, gone: str | None) -> None:
    for there in ("on", "1800", "home", "locked"):
        assert not changes(entity, gone, there, device_class="motion")
        assert not changes(entity, there, gone, device_class="motion")


@pytest.mark.parametrize("entity", ["event.x", "button.x", "input_button.x"])
def test_press_is_a_sign_and_its_echo_after_a_restart_is_none(entity: str) -> None:
    assert changes(entity, LONG_AGO, JUST_NOW)
    assert changes(entity, "unknown", JUST_NOW)
    assert changes(entity, "unavailable", JUST_NOW)
    assert not changes(entity, "unavailable", LONG_AGO)
    assert not changes(entity, None, LONG_AGO)
    assert not changes(entity, JUST_NOW, JUST_NOW)
    assert not changes(entity, LONG_AGO, "unavailable")
    assert not changes(entity, LONG_AGO, "unknown")


def test_button_that_was_never_pressed_works() -> None:
    assert is_working(State("event.x", "unknown"))
    assert is_working(State("binary_sensor.x", "off"))
    assert not is_working(State("binary_sensor.x", "unknown"))
    assert not is_working(State("event.x", "unavailable"))
    assert not is_working(None)


@pytest.mark.parametrize(
    ("domain", "kind", "expected"),
    [
        ("binary_sensor", "motion", True),
        ("binary_sensor", None, True),
        ("binary_sensor", "battery", False),
        ("binary_sensor", "gas", False),
        ("sensor", "power", True),
        ("sensor", "water", True),
        ("sensor", "temperature", False),
        ("sensor", None, False),
        ("event", None, True),
        ("person", None, True),
        ("light", None, False),
    ],
)
def test_only_what_people_change_can_be_chosen(
    domain: str, kind: str | None, expected: bool
) -> None:
    assert shows_life(domain, kind) is expected


@pytest.mark.parametrize(
    ("states", "away"),
    [
        ({"calendar.a": "on"}, True),
        ({"calendar.a": "off", "person.a": "home", "person.b": "not_home"}, False),
        ({"person.a": "not_home", "person.b": "Work"}, True),
        ({"person.a": "not_home", "person.b": "unknown"}, False),
        ({"person.a": "not_home"}, False),
        ({"calendar.a": "unavailable"}, False),
        ({}, False),
    ],
)
def test_who_is_not_known_to_be_away_is_at_home(
    states: dict[str, str], away: bool
) -> None:
    known = {e: State(e, s) for e, s in states.items()}
    assert is_away(known.get, ["calendar.a"], ["person.a", "person.b"]) is away


def test_nobody_to_follow_is_nobody_away() -> None:
    assert not is_away({}.get, [], [])
