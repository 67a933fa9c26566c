"""An incident: separate facts, which its timeline adds up to."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from .replacing import quick
from .vocabulary import (
    ContactRole,
    Ending,
    Hazard,
    Message,
    Outcome,
    Phase,
    Position,
    Presence,
    Reason,
    StationStatus,
)

PRIORITIES: dict[Hazard, int] = {
    Hazard.INTRUSION: 2,
    Hazard.INACTIVITY: 2,
    Hazard.WATER: 3,
}
"""Dispatch priorities; every hazard that is not named has 1, the most urgent."""

SEVERITY: tuple[Hazard, ...] = (
    Hazard.GAS,
    Hazard.SMOKE,
    Hazard.CARBON_MONOXIDE,
    Hazard.SOS,
    Hazard.INTRUSION,
    Hazard.INACTIVITY,
    Hazard.WATER,
)
"""What comes first when several hazards are there: what kills soonest."""


_LIFE: Final = 4
"""The score of a threat to life."""


@quick
@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do, and how far it has come."""

    id: str
    actuator: str
    target: Position
    outcome: Outcome = Outcome.PENDING
    reason: Reason | None = None
    attempts: int = 0
    first_ordered_at: datetime | None = None
    ordered_at: datetime | None = None
    """When the running attempt left; None while none is running."""
    failed_at: datetime | None = None
    """When the last attempt failed; None while one is running or it is settled well."""
    settled_at: datetime | None = None


@quick
@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """Who has taken an incident, or wants help in it, and how they said so."""

    by: str
    via: str
    at: datetime


@quick
@dataclass(frozen=True, slots=True)
class StationSide:
    """What the station has said, last news first where it replaces older."""

    status: StationStatus = StationStatus.NONE
    at: datetime | None = None
    number: str | None = None
    by: str | None = None
    unit: str | None = None
    eta_seconds: float | None = None
    disposition: str | None = None
    reason: str | None = None


@quick
@dataclass(frozen=True, slots=True)
class Question:
    """What the station wants to know, and what a person has answered."""

    id: str
    text: str
    by: str
    answer: str | None = None
    answered_by: str | None = None
    answered_at: datetime | None = None


@quick
@dataclass(frozen=True, slots=True)
class Incident:
    """An incident, as separate facts rather than one grand state."""

    id: str
    hazard: Hazard
    opened_at: datetime
    phase: Phase
    drill: bool = False
    silent: bool = False
    """Whether nobody in the home may notice."""
    moves: bool = False
    ends_at: datetime | None = None
    seq: int = 0
    presence: Presence = Presence.YES
    alarm_since: datetime | None = None
    alarmed_at: datetime | None = None
    """When it was an alarm for the first time."""
    is_released: bool = False
    """Whether the time in which its report could be cancelled has passed."""
    detectors: tuple[str, ...] = ()
    zones: frozenset[str | None] = frozenset()
    steps: tuple[Step, ...] = ()
    gas_falls: bool | None = None
    """What the gas itself says of its valves; None if it has not said anything yet."""
    acknowledged: Acknowledgement | None = None
    station: StationSide = StationSide()
    questions: tuple[Question, ...] = ()
    """What the station has asked, in order."""
    told: frozenset[Message] = frozenset()
    """Messages that reached at least one contact's channel."""
    deliveries: frozenset[tuple[str, str | None, Message, Reason | None]] = frozenset()
    """What became of messages: contact, channel, message, and why it failed."""
    audience: frozenset[str] = frozenset()
    """Contacts who know of the incident."""
    called: frozenset[str] = frozenset()
    """Those of them who were told of the alarm that is on."""
    rung_at: datetime | None = None
    """When the newest rung was told, or everybody anew."""
    rung_role: ContactRole | None = None
    repeats: int = 0
    is_answered: bool = False
    """Whether somebody has taken the alarm that is on; a new one asks anew."""
    unanswered_at: datetime | None = None
    """Since when nobody at home answers."""
    missing: frozenset[str] = frozenset()
    safe: frozenset[str | None] = frozenset()
    """Contacts who have said that they are safe."""
    help: Acknowledgement | None = None
    """Who has asked for help."""
    asking_since: datetime | None = None
    """Since when a person is asked how they are; None while nobody is."""
    asked_at: datetime | None = None
    asks: int = 0
    asked: frozenset[str] = frozenset()
    """Contacts who were asked how they are."""
    passed_on_at: datetime | None = None
    """When no contact was left who might answer."""
    undone: frozenset[str] = frozenset()
    """Valves that were closed again after somebody had opened them."""
    struck: tuple[tuple[str, datetime], ...] = ()
    """For intrusion: the detectors that alarmed, and when they last did."""
    score: int | None = None
    """For intrusion: how sure it is, 0 to 4."""
    withheld: bool = False
    """Whether the score is too low for the station."""
    reset_by: str | None = None
    closed_at: datetime | None = None
    ending: Ending | None = None

    @property
    def is_open(self) -> bool:
        """Whether the incident still needs somebody."""
        return self.phase is not Phase.CLOSED

    @property
    def is_reportable(self) -> bool:
        """Whether the station should know: from the first alarm on.

        Of a person who does not answer it hears when the contacts do not, either, or
        when the time is up that somebody has chosen for it.
        """
        if self.hazard is Hazard.INACTIVITY:
            is_left = self.passed_on_at is not None or self.help is not None
            return self.alarm_since is not None and (is_left or self.is_released)
        if self.hazard is Hazard.INTRUSION and self.score is None and not self.drill:
            return False  # how sure it is decides whether the station hears of it
        return self.alarm_since is not None

    @property
    def priority(self) -> int:
        """Dispatch priority, 1 (most urgent) to 4."""
        if self.help is not None or self.score == _LIFE:
            return 1
        return PRIORITIES.get(self.hazard, 1)

    @property
    def severity(self) -> int:
        """Rank of the hazard; 0 is the worst."""
        return SEVERITY.index(self.hazard)

    def step(self, step_id: str) -> Step | None:
        """Return a step by its id."""
        for step in self.steps:
            if step.id == step_id:
                return step
        return None
