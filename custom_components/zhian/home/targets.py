"""Selects and numbers as actuators: which option or value means which position."""

from collections.abc import Iterable, Mapping
from math import isfinite
import re
from typing import Final

from homeassistant.const import Platform

from ..safety.vocabulary import ActuatorRole, Position

TARGET_DOMAINS: Final = (Platform.SELECT, Platform.NUMBER)

TOLERANCE: Final = 0.01
"""How far a number may lie from the value that it was set to."""

_WORDS: Final[Mapping[Position, re.Pattern[str]]] = {
    position: re.compile(pattern)
    for position, pattern in {
        Position.OPEN: r"^(open(ed)?|on|打开|开启|开阀|开)$",
        Position.CLOSED: r"^(closed?|shut|off|关闭|关阀|关)$",
        Position.ON: r"^(on|start|enabled?|alarm|sound|打开|开启|开|响)$",
        Position.OFF: r"^(off|stop|disabled?|idle|silent|关闭|关|停)$",
        Position.UNLOCKED: r"^(unlock(ed)?|open|开锁|解锁)$",
        Position.LOCKED: r"^(lock(ed)?|closed?|上锁|锁定)$",
    }.items()
}


def ends_of(role: ActuatorRole) -> tuple[Position, Position]:
    """Return the two positions that an actuator of a role moves between."""
    match role:
        case ActuatorRole.GAS_VALVE | ActuatorRole.WATER_VALVE | ActuatorRole.WINDOW:
            return Position.OPEN, Position.CLOSED
        case ActuatorRole.LOCK:
            return Position.UNLOCKED, Position.LOCKED
        case _:
            return Position.ON, Position.OFF


def position_among(targets: Mapping[Position, str | float], state: str) -> Position:
    """Return the position that a state means.

    A number that is not at its closed end is not closed: half open is open.
    """
    for position, target in targets.items():
        if isinstance(target, str):
            if state == target:
                return position
        elif (value := _number(state)) is not None and abs(value - target) <= TOLERANCE:
            return position
    if _number(state) is None or any(isinstance(t, str) for t in targets.values()):
        return Position.UNKNOWN
    return next(p for p in targets if p in _AWAY)


_AWAY: Final = frozenset({Position.OPEN, Position.ON, Position.UNLOCKED})


def guess_option(position: Position, options: Iterable[str]) -> str | None:
    """Return the option that most likely means a position; None if not exactly one."""
    found = [o for o in options if _WORDS[position].search(o.strip().casefold())]
    return found[0] if len(found) == 1 else None


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if isfinite(value) else None
