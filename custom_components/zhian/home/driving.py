"""The kernel's drives on their way: sent at once, watched until they are over."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
import logging

from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError

from ..const import DOMAIN
from ..safety.orders import Drive
from ..safety.signals import OrderFailed
from ..safety.state import State
from ..safety.vocabulary import Hazard, Position, Reason
from .bindings import ActuatorBinding, is_reachable
from .drivers import Action, action_for, perform
from .questions import Questions
from .sirens import OTHER, sounding_for
from .troubles import reason_of, unforeseen

_LOGGER = logging.getLogger(__name__)

ACTION_TIMEOUT = 10.0
"""Seconds after which an action that does not return counts as failed."""


@dataclass(frozen=True, slots=True)
class Departure:
    """A drive and the action that it means, ready to leave."""

    order: Drive
    action: Action


@dataclass(slots=True)
class Attempt:
    """An order on its way; one that left ahead of its decision gets its step later."""

    order: Drive
    action: Action


class Driving:
    """Moves the actuators of a home."""

    def __init__(
        self,
        hass: HomeAssistant,
        actuators: Mapping[str, ActuatorBinding],
        questions: Questions,
        now: Callable[[], datetime],
        fail: Callable[[OrderFailed], object],
    ) -> None:
        """Call `fail` in a turn of its own with each order that came to nothing."""
        self._hass = hass
        self._actuators = actuators
        self._questions = questions
        self._now = now
        self._fail = fail
        self._action = cache(self._action_for)

    def prepare(
        self, order: Drive, state: State, hazard: Hazard | None = None
    ) -> Departure:
        """Return an order with its action; the hazard is that of no incident yet."""
        purpose = self._purpose(order, state, hazard)
        return Departure(order, self._action(order.actuator, order.target, purpose))

    def send(self, departures: Iterable[Departure]) -> list[Attempt]:
        """Let drives leave in this turn of the loop; only then watch them."""
        # A valve waits for each line here. What can be done later is.
        states = self._hass.states
        left: list[tuple[Departure, asyncio.Task[object] | Reason]] = []
        for departure in departures:
            action = departure.action
            state = states.get(action.entity_id)
            # An action on an unavailable entity succeeds silently: look before.
            if state is not None and state.state != STATE_UNAVAILABLE:
                call = self._hass.async_create_task(
                    perform(self._hass, action), "zhian drive", eager_start=True
                )
                left.append((departure, call))
            else:
                why = Reason.MISSING if state is None else Reason.UNAVAILABLE
                left.append((departure, why))
        return [self._follow(departure, call) for departure, call in left]

    def _follow(
        self, departure: Departure, call: asyncio.Task[object] | Reason
    ) -> Attempt:
        # No answer to a question from before can have come in between.
        self._questions.forget(departure.order.actuator)
        attempt = Attempt(departure.order, departure.action)
        if isinstance(call, Reason):
            self._failed(attempt, call)
        else:
            self._hass.async_create_task(
                self._watch(attempt, call), "zhian watch", eager_start=True
            )
        return attempt

    async def _watch(self, attempt: Attempt, call: asyncio.Task[object]) -> None:
        """Wait for an action; whatever happens to it stays with it."""
        try:
            async with asyncio.timeout(ACTION_TIMEOUT):
                await call
        except TimeoutError:
            self._failed(attempt, Reason.TIMEOUT)
        except Exception as error:  # one step never stops another
            _LOGGER.warning(
                "Moving %s failed; it is tried again: %s",
                attempt.action.entity_id,
                reason_of(error),
                exc_info=unforeseen(error),
            )
            self._failed(attempt, Reason.ERROR)

    def _failed(self, attempt: Attempt, reason: Reason) -> None:
        """Tell after the turn that is running: by then the order knows its step."""
        self._hass.loop.call_soon(self._on_failed, attempt, reason, self._now())

    def _on_failed(self, attempt: Attempt, reason: Reason, at: datetime) -> None:
        order = attempt.order
        if order.incident is not None and order.step is not None:
            self._fail(OrderFailed(order.incident, order.step, reason, at))

    async def move(self, order: Drive) -> None:
        """Move an actuator for a person, who is told if it does not work.

        Raise HomeAssistantError.
        """
        binding = self._actuators[order.actuator]
        self.require(binding)
        self._questions.forget(binding.id)
        action = self._action(order.actuator, order.target, OTHER)
        try:
            async with asyncio.timeout(ACTION_TIMEOUT):
                await perform(self._hass, action)
        except TimeoutError as error:
            raise _not_reachable(binding) from error

    @callback
    def require(self, actuator: ActuatorBinding) -> None:
        """Raise HomeAssistantError if a device cannot be reached.

        An action on it would succeed, and do nothing.
        """
        if not is_reachable(self._hass.states.get(actuator.entity_id)):
            raise _not_reachable(actuator)

    def _action_for(self, actuator: str, target: Position, purpose: str) -> Action:
        return action_for(self._actuators[actuator], target, purpose)

    def _purpose(self, order: Drive, state: State, hazard: Hazard | None) -> str:
        """Return what a siren sounds for; other devices do not care."""
        if self._actuators[order.actuator].options.tones is None:
            return OTHER
        incident = state.incidents.get(order.incident or "")
        return sounding_for(state, incident.hazard if incident else hazard)


def _not_reachable(binding: ActuatorBinding) -> HomeAssistantError:
    return HomeAssistantError(
        translation_domain=DOMAIN,
        translation_key="not_reachable",
        translation_placeholders={"name": binding.options.name},
    )
