"""The timeline of an incident: facts, in order, never changed.

The same entries are the recovery state after a crash, the audit log, what people see and
what the station receives. `timeline.fold` turns them back into an incident.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from .replacing import quick
from .vocabulary import (
    ContactRole,
    Ending,
    Finding,
    Hazard,
    Level,
    Message,
    Outcome,
    Phase,
    Position,
    Presence,
    Reason,
    Response,
    StationStatus,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One fact; `seq` counts from 1 within its incident."""

    kind: ClassVar[str]
    incident: str
    seq: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Planned:
    """A step as the plan wants it."""

    id: str
    actuator: str
    target: Position


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened(Entry):
    """An incident begins."""

    kind: ClassVar[str] = "opened"
    hazard: Hazard
    phase: Phase
    drill: bool = False
    ends_at: datetime | None = None
    """When a drill ends by itself."""
    by: str | None = None
    silent: bool = False
    """Whether nobody in the home may notice."""
    moves: bool = False
    """Whether a drill really moves what cannot ignite gas."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Detected(Entry):
    """A detector joins, or its level changes."""

    kind: ClassVar[str] = "detector"
    detector: str
    zone: str | None
    level: Level
    value: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Called(Entry):
    """A person has called for help, from a place if they said so."""

    kind: ClassVar[str] = "called"
    by: str
    zone: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rated(Entry):
    """How sure it is that somebody has broken in, 0 to 4, and why."""

    kind: ClassVar[str] = "rated"
    level: int
    evidence: Finding
    withheld: bool = False
    """Whether the station is not told at this level."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Disarmed(Entry):
    """A person with a code has disarmed the home."""

    kind: ClassVar[str] = "disarmed"
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StepsPlanned(Entry):
    """Steps are added to the incident's plan."""

    kind: ClassVar[str] = "planned"
    steps: tuple[Planned, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StepOrdered(Entry):
    """A step's order has left."""

    kind: ClassVar[str] = "step_ordered"
    step: str
    attempt: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptFailed(Entry):
    """An attempt did not work; the next one follows."""

    kind: ClassVar[str] = "attempt_failed"
    step: str
    reason: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class StepSettled(Entry):
    """A step has ended; a failed one may still be confirmed later."""

    kind: ClassVar[str] = "step_settled"
    step: str
    outcome: Outcome
    reason: Reason | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessed(Entry):
    """The phase, or what is known of the hazard, has changed."""

    kind: ClassVar[str] = "phase"
    phase: Phase
    presence: Presence


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence(Entry):
    """With its valves closed the gas clearly falls, or goes on to rise."""

    kind: ClassVar[str] = "evidence"
    falls: bool
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledged(Entry):
    """A person has taken the incident."""

    kind: ClassVar[str] = "acknowledged"
    by: str
    via: str
    contact: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered(Entry):
    """A person has said how it stands with them."""

    kind: ClassVar[str] = "answered"
    response: Response
    by: str
    via: str
    contact: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked(Entry):
    """The person whose silence is too long is asked how they are, once more."""

    kind: ClassVar[str] = "asked"
    number: int
    contacts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PassedOn(Entry):
    """No contact has answered: from now on the station is told."""

    kind: ClassVar[str] = "passed_on"


@dataclass(frozen=True, slots=True, kw_only=True)
class RungTold(Entry):
    """A rung of the ladder is being told, or everybody is told again."""

    kind: ClassVar[str] = "rung"
    rung: int
    role: ContactRole
    contacts: tuple[str, ...]
    repeat: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Unanswered(Entry):
    """Nobody at home has answered in time."""

    kind: ClassVar[str] = "unanswered"
    contacts: tuple[str, ...]
    """Of the first to be told, those who have not said that they are safe."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told(Entry):
    """A message went out on a channel to a contact, or did not."""

    kind: ClassVar[str] = "told"
    contact: str
    message: Message
    reason: Reason | None = None
    channel: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Released(Entry):
    """Nobody has cancelled in time: the station is told from now on."""

    kind: ClassVar[str] = "released"


@dataclass(frozen=True, slots=True, kw_only=True)
class StationReplied(Entry):
    """The station's side of the incident."""

    kind: ClassVar[str] = "station"
    status: StationStatus
    number: str | None = None
    by: str | None = None
    unit: str | None = None
    eta_seconds: float | None = None
    disposition: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Inquired(Entry):
    """The station wants to know something, such as who holds a key."""

    kind: ClassVar[str] = "inquired"
    question: str
    text: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Informed(Entry):
    """A person has answered a question of the station."""

    kind: ClassVar[str] = "informed"
    question: str
    text: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reopened(Entry):
    """A locked-out valve was opened behind the interlock's back."""

    kind: ClassVar[str] = "reopened"
    actuator: str
    undone: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Reset(Entry):
    """A person on site has ended the latch."""

    kind: ClassVar[str] = "reset"
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed(Entry):
    """The incident is over."""

    kind: ClassVar[str] = "closed"
    ending: Ending


ENTRY_TYPES: tuple[type[Entry], ...] = (
    Opened,
    Detected,
    Called,
    Rated,
    Disarmed,
    StepsPlanned,
    StepOrdered,
    AttemptFailed,
    StepSettled,
    Assessed,
    Evidence,
    Acknowledged,
    Answered,
    Asked,
    PassedOn,
    RungTold,
    Unanswered,
    Told,
    Released,
    StationReplied,
    Inquired,
    Informed,
    Reopened,
    Reset,
    Closed,
)

for _kind in ENTRY_TYPES:
    quick(_kind)
