"""The home's incidents as events, for automations and the logbook."""

from typing import Final

from homeassistant.components.event import EventEntity
from homeassistant.core import callback

from ..safety.entries import (
    Acknowledged,
    Assessed,
    Closed,
    Entry,
    Opened,
    Reopened,
    StationReplied,
    StepSettled,
)
from ..safety.vocabulary import Outcome, Phase
from .entity import HomeEntity
from .guard import Guard
from .options import HomeOptions

OPENED: Final = "opened"
ALARM: Final = "alarm"
CLEARING: Final = "clearing"
STEP_CONFIRMED: Final = "step_confirmed"
STEP_FAILED: Final = "step_failed"
REOPENED: Final = "reopened"
ACKNOWLEDGED: Final = "acknowledged"
STATION: Final = "station"
CLOSED: Final = "closed"


class IncidentEvent(HomeEntity, EventEntity):
    """Fires for everything of note that happens to an incident."""

    _attr_event_types = [  # noqa: RUF012
        OPENED,
        ALARM,
        CLEARING,
        STEP_CONFIRMED,
        STEP_FAILED,
        REOPENED,
        ACKNOWLEDGED,
        STATION,
        CLOSED,
    ]

    def __init__(self, guard: Guard, options: HomeOptions) -> None:
        """Make the one event entity of the home."""
        super().__init__(guard, options, "incident")
        self._phases: dict[str, Phase] = {}

    async def async_added_to_hass(self) -> None:
        """Follow the timelines rather than the state: no entry may be missed."""
        incidents = self._guard.state.incidents.values()
        self._phases = {incident.id: incident.phase for incident in incidents}
        self.async_on_remove(self._guard.subscribe_news(self._on_entry))

    @callback
    def _on_entry(self, entry: Entry) -> None:
        event = _event_for(entry)
        if isinstance(entry, Opened | Assessed):
            # A detector that falls silent in an alarm is no new alarm.
            if self._phases.get(entry.incident) is entry.phase:
                return
            self._phases[entry.incident] = entry.phase
        elif isinstance(entry, Closed):
            self._phases.pop(entry.incident, None)
        if event is None:
            return
        timeline = self._guard.timelines.get(entry.incident)
        attributes: dict[str, object] = {"incident": entry.incident}
        if timeline is not None:
            attributes["hazard"] = timeline.incident.hazard.value
            attributes["drill"] = timeline.incident.drill
            attributes["phase"] = timeline.incident.phase.value
        if isinstance(entry, StationReplied):
            attributes["status"] = entry.status.value
        if isinstance(entry, StepSettled):
            attributes["step"] = entry.step
        self._trigger_event(event, attributes)
        self.async_write_ha_state()


def _event_for(entry: Entry) -> str | None:
    match entry:
        case Opened():
            return ALARM if entry.phase is Phase.ALARM else OPENED
        case Assessed() if entry.phase is Phase.ALARM:
            return ALARM
        case Assessed() if entry.phase is Phase.CLEARING:
            return CLEARING
        case StepSettled() if entry.outcome is Outcome.CONFIRMED:
            return STEP_CONFIRMED
        case StepSettled() if entry.outcome is Outcome.FAILED:
            return STEP_FAILED
        case Reopened():
            return REOPENED
        case Acknowledged():
            return ACKNOWLEDGED
        case StationReplied():
            return STATION
        case Closed():
            return CLOSED
        case _:
            return None
