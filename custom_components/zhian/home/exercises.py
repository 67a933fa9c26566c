"""Valves that are moved once a month: water by itself, gas with a person at home.

That a valve is about to be moved is on the disk before it moves. A restart in the middle
of it finds it there, and lets the kernel bring it to its end.
"""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.util import dt as dt_util

from ..safety.exercise import CUT, why_not
from ..safety.orders import Exercised
from ..safety.signals import ExerciseInterrupted, ExerciseRequested
from ..safety.vocabulary import ActuatorRole, Reason
from .bindings import ActuatorBinding, is_reachable
from .guard import Guard
from .memory import Memory, Movement
from .refusals import raise_if_refused, refused

MONTH: Final = timedelta(days=30)
"""How often valves are moved and detectors are tried."""

AGAIN_AFTER: Final = timedelta(days=1)
"""When what was broken off is tried again."""

WAKING_HOURS: Final = range(10, 17)
"""Local hours in which water may be off for a minute, with somebody to notice."""


class Exercises:
    """Begins the exercises of valves, and remembers what came of them."""

    def __init__(
        self,
        hass: HomeAssistant,
        guard: Guard,
        memory: Memory,
        changed: Callable[[], None],
    ) -> None:
        """Know the valves; nothing moves before `start`."""
        self._hass = hass
        self._guard = guard
        self._memory = memory
        self._changed = changed

    @callback
    def start(self) -> None:
        """Begin to count the month, and go on with what a restart has interrupted."""
        now = self._guard.clock.now()
        for actuator in self._guard.actuators.values():
            if actuator.options.exercise:
                self._memory.watched_since.setdefault(actuator.id, now)
        self._guard.on_exercised = self._on_exercised
        for name, since in tuple(self._memory.exercising.items()):
            self._guard.handle(ExerciseInterrupted(name, since, now))

    def gas_valves_due(self) -> Iterable[ActuatorBinding]:
        """Yield the gas valves to exercise: with a person, who opens them again."""
        return self._due(ActuatorRole.GAS_VALVE)

    def _due(self, role: ActuatorRole) -> Iterable[ActuatorBinding]:
        now = self._guard.clock.now()
        for actuator in self._guard.actuators.values():
            if actuator.options.role is not role or not actuator.options.exercise:
                continue
            moved = self._memory.moved.get(actuator.id)
            since = self._memory.watched_since.get(actuator.id, now)
            if now - (max(moved.at, since) if moved else since) >= MONTH:
                yield actuator

    @callback
    def run_due(self) -> None:
        """Move water valves by day; what may not be moved now is tried in a minute."""
        if dt_util.as_local(self._guard.clock.now()).hour not in WAKING_HOURS:
            return
        for actuator in self._due(ActuatorRole.WATER_VALVE):
            if (
                actuator.id not in self._memory.exercising
                and is_reachable(self._hass.states.get(actuator.entity_id))
                and why_not(self._guard.state, self._request(actuator.id)) is None
            ):
                self._hass.async_create_task(
                    self._begin(self._request(actuator.id)), "zhian exercise"
                )

    async def ask(
        self, actuator: str, by: str | None = None, *, local: bool = False
    ) -> None:
        """Exercise a valve for somebody; raise HomeAssistantError if it cannot be."""
        request = self._request(actuator, by, local=local)
        if reason := why_not(self._guard.state, request):
            raise refused(reason)
        self._guard.require(self._guard.actuators[actuator])
        await self._begin(request)

    def _request(
        self, actuator: str, by: str | None = None, *, local: bool = False
    ) -> ExerciseRequested:
        return ExerciseRequested(actuator, self._guard.clock.now(), by, local)

    async def _begin(self, request: ExerciseRequested) -> None:
        if request.actuator in self._memory.exercising:
            return
        self._memory.exercising[request.actuator] = request.at
        await self._memory.save()
        orders = self._guard.handle(
            self._request(request.actuator, request.by, local=request.local)
        )
        if request.actuator not in self._guard.state.exercises:
            # Something has come up while the disk was written.
            self._forget(request.actuator)
        raise_if_refused(orders)

    def _forget(self, actuator: str) -> None:
        self._memory.exercising.pop(actuator, None)
        self._memory.keep(soon=True)

    @callback
    def _on_exercised(self, order: Exercised) -> None:
        self._forget(order.actuator)
        if order.reason in CUT:
            # It says nothing of the valve: try again, but not at once.
            self._memory.watched_since[order.actuator] = order.at - MONTH + AGAIN_AFTER
        elif order.reason is not Reason.REMOVED:
            self.note(order.actuator, order.at, is_proved=order.reason is None)
        self._changed()

    @callback
    def note(self, actuator: str, at: datetime, *, is_proved: bool) -> None:
        """Remember that a valve has moved, or has not; an alarm moves it, too."""
        self._memory.moved[actuator] = Movement(at, is_proved)
        self._memory.keep()
