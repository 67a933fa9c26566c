"""The home's incidents as events, for automations and the logbook."""

from homeassistant.components.event import EventEntity
from homeassistant.core import callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect

from .entity import HomeEntity
from .guard import Guard
from .news import SIGNAL, Happening, Kind
from .options import HomeOptions

_TYPES = [
    Kind.OPENED,
    Kind.ALARM,
    Kind.CLEARING,
    Kind.STEP_CONFIRMED,
    Kind.STEP_FAILED,
    Kind.REOPENED,
    Kind.ACKNOWLEDGED,
    Kind.STATION,
    Kind.CLOSED,
]
_SHOWN = ("incident", "phase", "status", "step")


class IncidentEvent(HomeEntity, EventEntity):
    """Fires for everything of note that happens to an incident."""

    _attr_event_types = [kind.value for kind in _TYPES]  # noqa: RUF012

    def __init__(self, guard: Guard, options: HomeOptions) -> None:
        """Make the one event entity of the home."""
        super().__init__(guard, options, "incident")

    async def async_added_to_hass(self) -> None:
        """Follow the news rather than the state: nothing may be missed."""
        self.async_on_remove(
            async_dispatcher_connect(self.hass, SIGNAL, self._on_happening)
        )

    @callback
    def _on_happening(self, happening: Happening) -> None:
        if happening.kind not in _TYPES:
            return
        attributes: dict[str, object] = {
            "hazard": happening.hazard.value,
            "drill": happening.drill,
        }
        attributes |= {k: v for k, v in happening.facts.items() if k in _SHOWN}
        self._trigger_event(happening.kind.value, attributes)
        self.async_write_ha_state()
