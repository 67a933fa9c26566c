"""The drill, as a switch."""

from datetime import timedelta
from typing import Any, Final

from homeassistant.components.switch import SwitchEntity
from homeassistant.core import callback

from ..safety.signals import DrillEnded, DrillStarted
from .entity import HomeEntity
from .guard import Guard
from .on_site import person
from .options import HomeOptions
from .refusals import raise_if_refused
from .words import NOBODY

DRILL_TIME: Final = timedelta(minutes=60)
"""After this a drill ends by itself."""


class DrillSwitch(HomeEntity, SwitchEntity):
    """On while a drill runs. A drill moves nothing; a real alarm ends it."""

    def __init__(self, guard: Guard, options: HomeOptions) -> None:
        """Make the switch."""
        super().__init__(guard, options, "drill")

    @callback
    def _refresh(self) -> None:
        self._attr_is_on = self._guard.state.drill is not None

    async def async_turn_on(self, **kwargs: Any) -> None:
        """Start a drill."""
        now = self._guard.clock.now()
        by = await self._by()
        raise_if_refused(self._guard.handle(DrillStarted(by, now + DRILL_TIME, now)))

    async def async_turn_off(self, **kwargs: Any) -> None:
        """End the drill."""
        self._guard.handle(DrillEnded(await self._by(), self._guard.clock.now()))

    async def _by(self) -> str:
        if self._context is None:
            return NOBODY
        return await person(self.hass, self._context) or NOBODY
