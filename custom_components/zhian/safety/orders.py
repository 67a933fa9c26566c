"""What the kernel wants done."""

from dataclasses import dataclass
from datetime import datetime
from typing import get_args

from .replacing import quick
from .vocabulary import Message, Position, Reason


@dataclass(frozen=True, slots=True)
class Drive:
    """Move an actuator now.

    `incident` and `step` name the plan step it belongs to; `by` the person on site who
    asked for it. A gas valve is opened for a person only.
    """

    actuator: str
    target: Position
    incident: str | None = None
    step: str | None = None
    by: str | None = None


@dataclass(frozen=True, slots=True)
class Ask:
    """Ask a device where it is; its answer comes as a report."""

    actuator: str


@dataclass(frozen=True, slots=True)
class Tell:
    """Tell people; no audience means every contact."""

    message: Message
    incident: str | None = None
    subject: str | None = None
    """The step's actuator or the detector that the message is about."""
    audience: tuple[str, ...] | None = None
    channels: int = 1
    """How many channels of each contact carry it at once, as far as there are."""
    subjects: tuple[str, ...] = ()
    """The detectors, where one message is about several."""


@dataclass(frozen=True, slots=True)
class Report:
    """Bring the station up to date on an incident."""

    incident: str


@dataclass(frozen=True, slots=True)
class Refuse:
    """A person asked for something that is not safe now."""

    reason: Reason
    subject: str | None = None


@dataclass(frozen=True, slots=True)
class Exercised:
    """A valve's exercise is over; no reason means that every movement was proved."""

    actuator: str
    at: datetime
    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class WakeAt:
    """Send a tick at this time; it replaces the wish before."""

    at: datetime


type Order = Drive | Ask | Tell | Report | Refuse | Exercised | WakeAt

for _kind in get_args(Order.__value__):
    quick(_kind)
