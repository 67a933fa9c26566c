"""Whether the people in the home are safe, as far as anybody can know."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from .household import Detector
from .incident import Incident
from .state import State
from .vocabulary import Hazard, Level


class Safety(StrEnum):
    """The answer to "are we safe?"; what is not seen must not pass for safe."""

    SAFE = "safe"
    """Every detector works and sees nothing, and no incident is open."""
    DANGER = "danger"
    """An incident is open, or a detector sees its hazard."""
    UNKNOWN = "unknown"
    """Nothing is seen, but not everything is watched."""


@dataclass(frozen=True, slots=True)
class Assurance:
    """The answer and its reasons."""

    incidents: tuple[Incident, ...]
    """The real ones that are open."""
    alarming: tuple[Detector, ...]
    """Detectors that see their hazard now."""
    blind: tuple[Detector, ...]
    """Detectors that are not known to be clear: silent, faulty or warming up."""
    watching: int
    """How many detectors there are at all."""

    @property
    def safety(self) -> Safety:
        """Return the answer."""
        if self.incidents or self.alarming:
            return Safety.DANGER
        if self.blind or not self.watching:
            return Safety.UNKNOWN
        return Safety.SAFE


def assure(state: State, at: datetime, hazards: Collection[Hazard] = ()) -> Assurance:
    """Return how safe the home is now; no hazards means all of them."""
    incidents = tuple(
        incident
        for incident in state.shown
        if not incident.drill and (not hazards or incident.hazard in hazards)
    )
    watching = 0
    alarming: list[Detector] = []
    blind: list[Detector] = []
    for detector in state.household.detectors.values():
        if hazards and detector.hazard not in hazards:
            continue
        watching += 1
        sensed = state.readings.get(detector.id)
        if sensed is not None and sensed.level in (Level.ALARM, Level.PRE_ALARM):
            alarming.append(detector)
        elif sensed is None or not sensed.is_known_clear(at):
            blind.append(detector)
    return Assurance(incidents, tuple(alarming), tuple(blind), watching)
