"""Closing the gas because somebody says so: never refused, and proved as far as it can.

Nothing here opens a valve, and nothing that listens to speech ever will.
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
import logging
from typing import Final

from homeassistant.core import callback

from ..safety.orders import Drive
from ..safety.vocabulary import ActuatorRole, Position, Witness
from .bindings import ActuatorBinding
from .guard import Guard
from .questions import LIMIT
from .troubles import reason_of, unforeseen

_LOGGER = logging.getLogger(__name__)

PATIENCE: Final = 10.0
"""Seconds that a person who has asked waits for an answer, at most."""
MARGIN: Final = 1.0
"""Seconds beyond the travel time for the report to arrive."""


class Closing(StrEnum):
    """How far a valve has come."""

    CLOSED = "closed"
    """It says so itself, when it is asked if need be, or its witness does."""
    NOT_PROVED = "not_proved"
    """It was told and has not said that it is closed."""
    NOT_REACHED = "not_reached"
    """It could not even be told."""


@dataclass(frozen=True, slots=True)
class ClosedValve:
    """One valve and what became of it."""

    name: str
    closing: Closing


def gas_valves(guard: Guard) -> list[ActuatorBinding]:
    """Return the gas valves of the home."""
    return [
        actuator
        for actuator in guard.actuators.values()
        if actuator.options.role is ActuatorRole.GAS_VALVE
    ]


async def close_gas(guard: Guard) -> tuple[ClosedValve, ...]:
    """Close every gas valve at once; one that fails does not stop another."""
    return tuple(
        await asyncio.gather(*(_close(guard, valve) for valve in gas_valves(guard)))
    )


async def _close(guard: Guard, valve: ActuatorBinding) -> ClosedValve:
    name = valve.options.name
    is_asked = valve.options.witness is Witness.READ_BACK
    was_closed = not is_asked and _is_closed(guard, valve.id)
    asked_at = guard.clock.now()
    try:
        await guard.move(Drive(valve.id, Position.CLOSED))
    except Exception as error:
        _LOGGER.warning(
            "Closing %s failed: %s",
            valve.entity_id,
            reason_of(error),
            exc_info=unforeseen(error),
        )
        return ClosedValve(name, Closing.NOT_REACHED)
    since = None if was_closed else asked_at
    margin = MARGIN + (LIMIT if is_asked else 0.0)
    patience = min(valve.options.travel_time + margin, PATIENCE)
    is_closed = await _wait_until_closed(
        guard, valve.id, since, patience, is_asked=is_asked
    )
    return ClosedValve(name, Closing.CLOSED if is_closed else Closing.NOT_PROVED)


async def _wait_until_closed(
    guard: Guard,
    valve: str,
    since: datetime | None,
    patience: float,
    *,
    is_asked: bool,
) -> bool:
    closed = asyncio.Event()

    @callback
    def look() -> None:
        if _is_closed(guard, valve, since, is_asked=is_asked):
            closed.set()

    end = guard.subscribe(look)
    look()
    try:
        async with asyncio.timeout(patience):
            await closed.wait()
    except TimeoutError:
        return False
    finally:
        end()
    return True


def _is_closed(
    guard: Guard, valve: str, since: datetime | None = None, *, is_asked: bool = False
) -> bool:
    known = guard.state.positions.get(valve)
    return (
        known is not None
        and known.position is Position.CLOSED
        and not known.is_doubtful
        and (known.is_answer or not is_asked)
        and (since is None or known.at >= since)
    )
