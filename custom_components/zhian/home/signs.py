"""What counts as a sign of life in the states of Home Assistant."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from math import isfinite
from typing import Final

from homeassistant.const import (
    ATTR_DEVICE_CLASS,
    ATTR_UNIT_OF_MEASUREMENT,
    STATE_HOME,
    STATE_ON,
    STATE_UNAVAILABLE,
    STATE_UNKNOWN,
    Platform,
)
from homeassistant.core import State, split_entity_id
from homeassistant.util import dt as dt_util

RECENT: Final = timedelta(minutes=1)
"""How old a press may be when it is first heard of: a restart repeats the last one."""

_NO_STATE: Final = frozenset({STATE_UNAVAILABLE, STATE_UNKNOWN})
_MOMENTARY: Final = frozenset({Platform.EVENT, Platform.BUTTON, "input_button"})
_PLACES: Final = frozenset({Platform.DEVICE_TRACKER, "person"})

DOMAINS: Final = (
    Platform.BINARY_SENSOR,
    Platform.SENSOR,
    Platform.EVENT,
    Platform.BUTTON,
    "input_button",
    Platform.LOCK,
    Platform.DEVICE_TRACKER,
    "person",
)

_BOTH_WAYS: Final = frozenset(
    {"door", "garage_door", "lock", "opening", "window", "motion"}
)
"""Classes of which `off` is a sign, too: a door closes, a movement ends just now.

Not occupancy: a sensor that loses sight of somebody who lies still says the same.
"""

_NEVER: Final = frozenset(
    {
        "battery",
        "battery_charging",
        "carbon_monoxide",
        "cold",
        "connectivity",
        "gas",
        "heat",
        "moisture",
        "problem",
        "safety",
        "smoke",
        "tamper",
        "update",
    }
)
"""Binary sensors that change without anybody."""

_RISING: Final = frozenset({"water", "volume"})
"""Meters that only ever count up: any more of it is somebody's doing."""

_POWER: Final = "power"
_FLOW: Final = "volume_flow_rate"

MEASURED: Final = frozenset({*_RISING, _POWER, _FLOW})


def shows_life(domain: str, device_class: str | None) -> bool:
    """Whether an entity can be a sign of life at all."""
    if domain == Platform.SENSOR:
        return device_class in MEASURED
    if domain == Platform.BINARY_SENSOR:
        return device_class not in _NEVER
    return domain in DOMAINS


def is_working(state: State | None) -> bool:
    """Whether an entity would notice somebody."""
    if state is None or state.state == STATE_UNAVAILABLE:
        return False
    domain = split_entity_id(state.entity_id)[0]
    # A button that was never pressed is unknown, and works.
    return state.state != STATE_UNKNOWN or domain in _MOMENTARY


def is_sign(
    before: State | None, after: State | None, now: datetime, power_limit: float
) -> bool:
    """Whether a change of state is the doing of a person.

    To come back, or to go away, is none: that is the radio's doing.
    """
    if after is None or after.state == STATE_UNAVAILABLE:
        return False
    domain = split_entity_id(after.entity_id)[0]
    if domain in _MOMENTARY:
        return _is_pressed(before, after, now)
    if before is None or before.state in _NO_STATE or after.state in _NO_STATE:
        return False
    if before.state == after.state:
        return False
    match domain:
        case Platform.BINARY_SENSOR:
            is_both = after.attributes.get(ATTR_DEVICE_CLASS) in _BOTH_WAYS
            return is_both or after.state == STATE_ON
        case Platform.SENSOR:
            return _is_drawn(before, after, power_limit)
        case Platform.LOCK:
            return after.state in ("locked", "unlocked", "open")
        case _:
            return True


def _is_pressed(before: State | None, after: State, now: datetime) -> bool:
    if before is not None and before.state == after.state:
        return False
    pressed = dt_util.parse_datetime(after.state)
    return pressed is not None and abs(now - pressed) <= RECENT


def _is_drawn(before: State, after: State, power_limit: float) -> bool:
    was, now = _number(before), _number(after)
    if was is None or now is None:
        return False
    kind = after.attributes.get(ATTR_DEVICE_CLASS)
    if kind in _RISING:
        return now > was
    limit = 0.0 if kind == _FLOW else power_limit
    if after.attributes.get(ATTR_UNIT_OF_MEASUREMENT) == "kW":
        limit /= 1000
    return was <= limit < now


def _number(state: State) -> float | None:
    try:
        found = float(state.state)
    except ValueError:
        return None
    return found if isfinite(found) else None


def is_away(
    states: Callable[[str], State | None],
    away_entities: Iterable[str],
    persons: Iterable[str],
) -> bool:
    """Whether nobody is expected at home.

    What is not known does not say so: then the home is watched.
    """
    if any((s := states(e)) is not None and s.state == STATE_ON for e in away_entities):
        return True
    found = [states(person) for person in persons]
    return bool(found) and all(
        state is not None and state.state not in (*_NO_STATE, STATE_HOME)
        for state in found
    )
