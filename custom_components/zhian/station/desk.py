"""The desk: what the station has done about an incident, and what it may do next.

Pure. A case is the fold of its actions, and the actions are what is written down:
`decide` says which ones a person's request adds, `Handling.after` what they mean.
Every stamp is written once; a milestone that was skipped on the way is stamped with
the later one, because a unit cannot be sent by a desk that has not read the call.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Self

from ..link.views import MAX_QUESTIONS


class Status(StrEnum):
    """How far the station has come."""

    RECEIVED = "received"
    ACKNOWLEDGED = "acknowledged"
    DISPATCHED = "dispatched"
    ON_SCENE = "on_scene"
    CLOSED = "closed"


class Disposition(StrEnum):
    """How an incident ended. Never assume that everything ends resolved."""

    RESOLVED = "resolved"
    FALSE_ALARM_DEVICE = "false_alarm_device"
    FALSE_ALARM_COOKING = "false_alarm_cooking"
    FALSE_ALARM_TEST = "false_alarm_test"
    FALSE_ALARM_UNKNOWN = "false_alarm_unknown"
    UNFOUNDED = "unfounded"
    CANCELLED_BY_CALLER = "cancelled_by_caller"
    HANDED_OVER = "handed_over"
    DUPLICATE = "duplicate"
    GONE_ON_ARRIVAL = "gone_on_arrival"
    UNABLE_TO_LOCATE = "unable_to_locate"


class Refusal(StrEnum):
    """Why the desk did not do what was asked; also the key of its translation."""

    UNKNOWN_INCIDENT = "unknown_incident"
    ALREADY_ACKNOWLEDGED = "already_acknowledged"
    ALREADY_DISPATCHED = "already_dispatched"
    ALREADY_ON_SCENE = "already_on_scene"
    NOT_DISPATCHED = "not_dispatched"
    ALREADY_CLOSED = "already_closed"
    UNIT_EMPTY = "unit_empty"
    QUESTION_EMPTY = "question_empty"
    TOO_MANY_QUESTIONS = "too_many_questions"


class DeskRefused(Exception):
    """The request does not fit the case; nothing has changed."""

    def __init__(self, refusal: Refusal) -> None:
        """Keep the reason."""
        super().__init__(refusal.value)
        self.refusal = refusal


@dataclass(frozen=True, slots=True)
class Acknowledge:
    """A person at the desk has taken the incident."""

    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Dispatch:
    """A unit has been sent; its estimated time of arrival is in seconds."""

    by: str
    at: datetime
    unit: str
    eta_seconds: int | None


@dataclass(frozen=True, slots=True)
class Arrive:
    """The unit is on scene."""

    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Close:
    """The station's work is done. The home's own reset is another matter."""

    by: str
    at: datetime
    disposition: Disposition
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Ask:
    """The desk wants to know something of the home."""

    by: str
    at: datetime
    question: str
    text: str


type Action = Acknowledge | Dispatch | Arrive | Close | Ask


@dataclass(frozen=True, slots=True)
class Handling:
    """What the station has done about one incident so far."""

    acknowledged: Acknowledge | None = None
    dispatched: Dispatch | None = None
    arrived: Arrive | None = None
    closed: Close | None = None
    questions: tuple[Ask, ...] = ()
    count: int = 0
    """Number of actions folded; the next one has this plus one."""

    @property
    def status(self) -> Status:
        """The furthest milestone."""
        if self.closed:
            return Status.CLOSED
        if self.arrived:
            return Status.ON_SCENE
        if self.dispatched:
            return Status.DISPATCHED
        if self.acknowledged:
            return Status.ACKNOWLEDGED
        return Status.RECEIVED

    @property
    def is_open(self) -> bool:
        """Whether the station still works on it."""
        return self.closed is None

    def after(self, actions: Iterable[Action]) -> Self:
        """Return the handling with these actions added."""
        handling = self
        for action in actions:
            handling = replace(handling, count=handling.count + 1)
            match action:
                case Acknowledge():
                    handling = replace(handling, acknowledged=action)
                case Dispatch():
                    handling = replace(handling, dispatched=action)
                case Arrive():
                    handling = replace(handling, arrived=action)
                case Close():
                    handling = replace(handling, closed=action)
                case Ask():
                    asked = (*handling.questions, action)
                    handling = replace(handling, questions=asked)
        return handling


def decide(handling: Handling, request: Action) -> tuple[Action, ...]:
    """Return the actions that a request adds to a case.

    Raises DeskRefused if a stamp is there already or its condition is not.
    """
    if handling.closed:
        raise DeskRefused(Refusal.ALREADY_CLOSED)
    match request:
        case Acknowledge():
            if handling.acknowledged:
                raise DeskRefused(Refusal.ALREADY_ACKNOWLEDGED)
            return (request,)
        case Dispatch():
            if not request.unit.strip():
                raise DeskRefused(Refusal.UNIT_EMPTY)
            if handling.dispatched:
                raise DeskRefused(Refusal.ALREADY_DISPATCHED)
        case Arrive():
            if handling.dispatched is None:
                raise DeskRefused(Refusal.NOT_DISPATCHED)
            if handling.arrived:
                raise DeskRefused(Refusal.ALREADY_ON_SCENE)
        case Ask():
            if not request.text:
                raise DeskRefused(Refusal.QUESTION_EMPTY)
            if len(handling.questions) >= MAX_QUESTIONS:
                raise DeskRefused(Refusal.TOO_MANY_QUESTIONS)
        case Close():
            pass
    if handling.acknowledged:
        return (request,)
    return (Acknowledge(by=request.by, at=request.at), request)
