"""What the kernel is told. Every signal carries its time, an aware UTC datetime."""

from dataclasses import dataclass
from datetime import datetime

from .vocabulary import Level, Message, Position, Reason, Response, StationStatus


@dataclass(frozen=True, slots=True)
class Reading:
    """A detector has spoken, or fallen silent."""

    detector: str
    level: Level
    at: datetime
    value: float | None = None
    """%LEL for gas, ppm for carbon monoxide; None where the detector gives no number."""


@dataclass(frozen=True, slots=True)
class ActuatorReport:
    """A device, or its witness, has said where it is."""

    actuator: str
    position: Position
    at: datetime


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
class DrillStarted:
    """A person starts a drill of at most an hour."""

    by: str
    until: datetime
    at: datetime


@dataclass(frozen=True, slots=True)
class DrillEnded:
    """A person ends the drill."""

    by: str
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
    | DrillStarted
    | DrillEnded
    | Started
    | Tick
)
