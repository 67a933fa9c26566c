"""What the kernel is told. Every signal carries its time, an aware UTC datetime."""

from dataclasses import dataclass
from datetime import datetime
from typing import get_args

from .arming import Mode
from .replacing import quick
from .vocabulary import (
    Finding,
    Hazard,
    Level,
    Message,
    Position,
    Reason,
    Response,
    StationStatus,
)


@dataclass(frozen=True, slots=True)
class Reading:
    """A detector has spoken, or fallen silent."""

    detector: str
    level: Level
    at: datetime
    value: float | None = None
    """%LEL for gas, ppm for carbon monoxide; None where the detector gives no number."""
    silent_since: datetime | None = None
    """Since when it has said nothing, if it is lost because it fell silent."""
    is_doubtful: bool = False
    """Whether it works, yet its silence proves nothing: a member of it is dead, or its
    life is over."""


@dataclass(frozen=True, slots=True)
class ActuatorReport:
    """A device, or its witness, has said where it is."""

    actuator: str
    position: Position
    at: datetime
    is_answer: bool = False
    """Whether the device was asked, since it was last told to move."""


@dataclass(frozen=True, slots=True)
class Hindered:
    """Something keeps an actuator from moving; no reason means that nothing does."""

    actuator: str
    reason: Reason | None
    at: datetime


@dataclass(frozen=True, slots=True)
class OrderFailed:
    """The action for a step could not be carried out."""

    incident: str
    step: str
    reason: Reason
    at: datetime


@dataclass(frozen=True, slots=True)
class Acknowledge:
    """A person has taken the incident; None means every open one."""

    by: str
    via: str
    at: datetime
    incident: str | None = None
    contact: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """A person says that they are safe, or that they want help."""

    incident: str
    response: Response
    by: str
    via: str
    at: datetime
    contact: str | None = None


@dataclass(frozen=True, slots=True)
class HelpCalled:
    """A person calls for help, without a detector."""

    by: str
    at: datetime
    zone: str | None = None


@dataclass(frozen=True, slots=True)
class ResetRequested:
    """A person wants to end the latch; `local` says that they are on site."""

    by: str
    local: bool
    at: datetime
    incident: str | None = None


@dataclass(frozen=True, slots=True)
class OpenRequested:
    """A person wants a valve opened; `confirmed` says that they meant it."""

    actuator: str
    by: str
    local: bool
    confirmed: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class Delivered:
    """What became of a message on one channel; no reason means that it went out."""

    incident: str
    contact: str
    message: Message
    at: datetime
    reason: Reason | None = None
    channel: str | None = None


@dataclass(frozen=True, slots=True)
class StationSaid:
    """The station has said how far it is with an incident."""

    incident: str
    status: StationStatus
    at: datetime
    number: str | None = None
    by: str | None = None
    unit: str | None = None
    eta_seconds: float | None = None
    disposition: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class StationAsked:
    """The station wants to know something about an incident."""

    incident: str
    question: str
    text: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class StationInformed:
    """A person answers the station; without a question, the newest that waits."""

    text: str
    by: str
    at: datetime
    question: str | None = None


@dataclass(frozen=True, slots=True)
class DrillStarted:
    """A person starts a drill of at most an hour."""

    by: str
    until: datetime
    at: datetime
    detector: str | None = None
    """The one detector that is exercised; None means the whole home."""
    hazard: Hazard | None = None
    """What the drill is about; None means the detector's, or the home's worst."""
    moves: bool = False
    """Whether what cannot ignite gas is really moved; never a gas valve to open."""


@dataclass(frozen=True, slots=True)
class DrillEnded:
    """A person ends the drill."""

    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ArmRequested:
    """A person arms the home; the shell has checked the code.

    `force` bypasses whatever is open or does not work, `bypass` what is named.
    """

    mode: Mode
    by: str
    at: datetime
    bypass: frozenset[str] = frozenset()
    force: bool = False
    duress: bool = False


@dataclass(frozen=True, slots=True)
class DisarmRequested:
    """A person disarms the home; the shell has checked the code."""

    by: str
    at: datetime
    duress: bool = False


@dataclass(frozen=True, slots=True)
class Witnessed:
    """A person says what they have seen of an intrusion."""

    evidence: Finding
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ExerciseRequested:
    """A valve has not moved for a month: close it, and open it if it is for water.

    That of a gas valve is a person's who is on site (`by`, `local`): it stays closed.
    """

    actuator: str
    at: datetime
    by: str | None = None
    local: bool = False


@dataclass(frozen=True, slots=True)
class ExerciseInterrupted:
    """The program ended while a valve was being exercised, begun at `since`."""

    actuator: str
    since: datetime
    at: datetime


@dataclass(frozen=True, slots=True)
class Started:
    """The program runs (again); current readings and reports came before this."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Tick:
    """Time has passed."""

    at: datetime


type Signal = (
    Reading
    | ActuatorReport
    | Hindered
    | OrderFailed
    | Acknowledge
    | HelpCalled
    | Answer
    | ResetRequested
    | OpenRequested
    | Delivered
    | StationSaid
    | StationAsked
    | StationInformed
    | DrillStarted
    | DrillEnded
    | ArmRequested
    | DisarmRequested
    | Witnessed
    | ExerciseRequested
    | ExerciseInterrupted
    | Started
    | Tick
)

for _kind in get_args(Signal.__value__):
    quick(_kind)
