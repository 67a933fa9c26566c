"""Valves and windows of the home: the real ones behind the interlock."""

from typing import Any

from homeassistant.components.cover import (
    CoverDeviceClass,
    CoverEntity,
    CoverEntityFeature,
)
from homeassistant.components.valve import (
    ValveDeviceClass,
    ValveEntity,
    ValveEntityFeature,
)
from homeassistant.core import callback

from ..safety.interlock import why_not_drive
from ..safety.orders import Drive
from ..safety.signals import OpenRequested
from ..safety.vocabulary import ActuatorRole, Position
from .entity import ActuatorEntity
from .refusals import raise_if_refused, refused


class InterlockedValve(ActuatorEntity, ValveEntity):
    """A valve that can always be closed, and opened when that is safe.

    A gas valve is not opened from here at all: this action cannot carry a person's
    confirmation. `zhian.open_valve` can.
    """

    _attr_reports_position = False

    @property
    def device_class(self) -> ValveDeviceClass:
        """Return what flows through it."""
        if self._binding.options.role is ActuatorRole.GAS_VALVE:
            return ValveDeviceClass.GAS
        return ValveDeviceClass.WATER

    @property
    def supported_features(self) -> ValveEntityFeature:
        """Return what may be asked of it."""
        if self._binding.options.role is ActuatorRole.GAS_VALVE:
            return ValveEntityFeature.CLOSE
        return ValveEntityFeature.OPEN | ValveEntityFeature.CLOSE

    @callback
    def _refresh(self) -> None:
        known = self._guard.state.positions.get(self._binding.id)
        position = known.position if known else Position.UNKNOWN
        self._attr_is_closed = (
            None if position is Position.UNKNOWN else position is Position.CLOSED
        )
        self._attr_is_closing = position is Position.MOVING or any(
            step.actuator == self._binding.id
            and step.target is Position.CLOSED
            and step.ordered_at is not None
            and not step.outcome.is_settled
            for incident in self._guard.state.incidents.values()
            for step in incident.steps
        )

    async def async_close_valve(self) -> None:
        """Close it; this is never refused."""
        await self._guard.move(Drive(self._binding.id, Position.CLOSED))

    async def async_open_valve(self) -> None:
        """Open a water valve, unless an incident keeps it shut."""
        self._guard.require(self._binding)
        orders = self._guard.handle(
            OpenRequested(
                self._binding.id,
                by="",
                local=False,
                confirmed=False,
                at=self._guard.clock.now(),
            )
        )
        raise_if_refused(orders)


class InterlockedWindow(ActuatorEntity, CoverEntity):
    """A window that does not move while its drive could ignite gas."""

    _attr_device_class = CoverDeviceClass.WINDOW
    _attr_supported_features = CoverEntityFeature.OPEN | CoverEntityFeature.CLOSE

    @callback
    def _refresh(self) -> None:
        known = self._guard.state.positions.get(self._binding.id)
        position = known.position if known else Position.UNKNOWN
        self._attr_is_closed = (
            None
            if position in (Position.UNKNOWN, Position.MOVING)
            else position is Position.CLOSED
        )

    async def async_open_cover(self, **kwargs: Any) -> None:
        """Open it if that is safe now."""
        await self._move(Position.OPEN)

    async def async_close_cover(self, **kwargs: Any) -> None:
        """Close it if that is safe now."""
        await self._move(Position.CLOSED)

    async def _move(self, target: Position) -> None:
        actuator = self._guard.state.household.actuators[self._binding.id]
        if reason := why_not_drive(self._guard.state, actuator):
            raise refused(reason)
        await self._guard.move(Drive(self._binding.id, target))
