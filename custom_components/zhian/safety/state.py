"""What the kernel knows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from .arming import Panel
from .carbon_monoxide import Dose
from .entries import Entry
from .household import Household
from .incident import Incident
from .replacing import quick
from .vocabulary import Hazard, Level, Message, Phase, Position, Presence, Reason

WARM_UP: Final = timedelta(seconds=60)
"""How long a detector that has just come back proves nothing by being silent.

Household detectors do not work for about a minute after power-on, and one that was
unreachable may have lost its power.
"""

_SEES: Final = frozenset({Level.ALARM, Level.PRE_ALARM})


@quick
@dataclass(frozen=True, slots=True)
class Sensed:
    """A detector's last reading."""

    level: Level
    value: float | None
    at: datetime
    clear_since: datetime | None
    """From when on its silence counts; may lie ahead, during the warm-up."""
    unprotected_since: datetime | None
    told: bool = False
    """Whether people know that this detector does not protect them."""
    lost_at: datetime | None = None
    """When it was found to be lost."""

    def is_known_clear(self, at: datetime) -> bool:
        """Whether the detector works and sees nothing."""
        return self.clear_since is not None and at >= self.clear_since


@dataclass(frozen=True, slots=True)
class Outage:
    """Many detectors that were lost together: a hub is down, or the radio is jammed."""

    detectors: frozenset[str]
    since: datetime
    told: bool = False
    returning_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Exercise:
    """A valve that is being moved so that it stays able to move."""

    target: Position
    ordered_at: datetime
    attempts: int = 1
    reason: Reason | None = None
    """Why it has failed already; it is only brought back to where it was."""


@quick
@dataclass(frozen=True, slots=True)
class Positioned:
    """An actuator's last report."""

    position: Position
    at: datetime
    is_doubtful: bool = False
    """Whether something else was ordered since: it need not be there any more."""
    is_answer: bool = False
    """Whether the device said it because it was asked."""


@dataclass(frozen=True, slots=True)
class Baseline:
    """How much gas there was when the last valve had closed."""

    shut_at: datetime
    value: float


@dataclass(frozen=True, slots=True)
class Heard:
    """The last alarm of a detector, from when until when."""

    since: datetime
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class State:
    """Everything the kernel knows. Never changed, only replaced."""

    household: Household
    readings: Mapping[str, Sensed] = field(default_factory=dict)
    positions: Mapping[str, Positioned] = field(default_factory=dict)
    driven: Mapping[str, datetime] = field(default_factory=dict)
    """When each actuator was last told to move."""
    hindered: Mapping[str, Reason] = field(default_factory=dict)
    """What keeps an actuator from moving, such as rain or a child lock."""
    doses: Mapping[str, Dose] = field(default_factory=dict)
    """Of the carbon monoxide detectors that give numbers."""
    heard: Mapping[str, Heard] = field(default_factory=dict)
    """Alarms of the detectors that are asked to agree with each other."""
    baselines: Mapping[str, Baseline] = field(default_factory=dict)
    """What the gas of an incident is compared with."""
    incidents: Mapping[str, Incident] = field(default_factory=dict)
    """The open ones, oldest first."""
    news: tuple[Entry, ...] = ()
    """The entries that the last decision added."""
    settling: Mapping[str, datetime | None] = field(default_factory=dict)
    """When an incident's all-clear is to be told; None once it was."""
    opened: int = 0
    """How many incidents this state has opened."""
    restored: frozenset[str] = frozenset()
    """Incidents from the journal that wait for the start."""
    announced: frozenset[str] = frozenset()
    """Those of them whose alarm has been told since: the start need not tell it."""
    interrupted: frozenset[tuple[str, str]] = frozenset()
    """Incident and step of orders from before a restart, not yet sent again."""
    known_lost: frozenset[str] = frozenset()
    """Detectors that people were told of before a restart."""
    outage: Outage | None = None
    exercises: Mapping[str, Exercise] = field(default_factory=dict)
    """The valves that are being exercised, by their ids."""

    panel: Panel = field(default_factory=Panel)
    openings: Mapping[str, datetime] = field(default_factory=dict)
    """Since when detectors of intrusion see something, armed or not."""
    noted: frozenset[tuple[Message, str]] = frozenset()
    """What has been told once of a detector of intrusion, until it is over."""

    @property
    def shown(self) -> tuple[Incident, ...]:
        """The open incidents that people in the home may know of, oldest first."""
        return tuple(i for i in self.incidents.values() if not i.silent)

    @property
    def drill(self) -> Incident | None:
        """The drill that is running."""
        return next((i for i in self.incidents.values() if i.drill), None)

    def open_incident(self, hazard: Hazard) -> Incident | None:
        """Return the real, open incident of a hazard; a silent call is none."""
        for incident in self.incidents.values():
            if incident.hazard is hazard and not (incident.drill or incident.silent):
                return incident
        return None

    def gas_incidents(self) -> list[Incident]:
        """Return the real, open gas incidents."""
        return [
            incident
            for incident in self.incidents.values()
            if incident.hazard is Hazard.GAS and not incident.drill
        ]

    def presence(self, detectors: tuple[str, ...], at: datetime) -> Presence:
        """Return what these detectors, together, say of their hazard."""
        presence = None
        for detector in detectors:
            if detector not in self.household.detectors:
                continue
            sensed = self.readings.get(detector)
            if sensed is not None and sensed.level in _SEES:
                return Presence.YES
            if sensed is None or not sensed.is_known_clear(at):
                presence = Presence.UNKNOWN
            elif presence is None:
                presence = Presence.NO
        return presence or Presence.UNKNOWN

    def latest_value(self, incident: Incident) -> float | None:
        """Return the highest number that the incident's detectors show now."""
        values = [
            sensed.value
            for detector in incident.detectors
            if (sensed := self.readings.get(detector)) and sensed.value is not None
        ]
        return max(values, default=None)


def worst_incident(state: State) -> Incident | None:
    """Return the open incident that is most pressing; a drill is the least."""
    pressing = (Phase.ALARM, Phase.PRE_ALARM, Phase.CLEARING)
    return min(
        state.shown,
        key=lambda i: (i.drill, pressing.index(i.phase), i.severity, i.opened_at),
        default=None,
    )
