"""How far a station is with an incident, as those below it may see it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Self

from .wire_json import JSON, Node, optional_utc_text, utc_text

MAX_QUESTIONS: Final = 20


@dataclass(frozen=True, slots=True)
class StationAcknowledged:
    """Somebody at the desk has taken it."""

    by: str
    at: datetime
    station: str | None = None
    """A station further up that did it; None for the one that answers."""

    @classmethod
    def read(cls, node: Node) -> Self:
        """Read it from a document."""
        return cls(
            node["by"].text(),
            node["at"].moment(),
            node["station"].optional(Node.text),
        )

    def as_json(self) -> dict[str, JSON]:
        """Return it as the contract wants it."""
        return {"by": self.by, "at": utc_text(self.at), **_by(self.station)}

    @property
    def who(self) -> str:
        """Who it was, and where, if that was not at the station that answers."""
        return f"{self.by} ({self.station})" if self.station else self.by


@dataclass(frozen=True, slots=True)
class StationDispatched:
    """A unit is on its way."""

    unit: str
    eta_seconds: float | None
    at: datetime
    station: str | None = None
    """A station further up that sent it; None for the one that answers."""

    @classmethod
    def read(cls, node: Node) -> Self:
        """Read it from a document."""
        return cls(
            node["unit"].text(),
            node["eta_seconds"].optional(lambda eta: eta.number(0, 1e6)),
            node["at"].moment(),
            node["station"].optional(Node.text),
        )

    def as_json(self) -> dict[str, JSON]:
        """Return it as the contract wants it."""
        return {
            "unit": self.unit,
            "eta_seconds": self.eta_seconds,
            "at": utc_text(self.at),
            **_by(self.station),
        }


@dataclass(frozen=True, slots=True)
class StationClosed:
    """The station has ended it, with a result."""

    disposition: str
    at: datetime

    @classmethod
    def read(cls, node: Node) -> Self:
        """Read it from a document."""
        return cls(node["disposition"].text(), node["at"].moment())

    def as_json(self) -> dict[str, JSON]:
        """Return it as the contract wants it."""
        return {"disposition": self.disposition, "at": utc_text(self.at)}


@dataclass(frozen=True, slots=True)
class StationQuestion:
    """What the station wants to know, such as who holds a key."""

    id: str
    text: str
    by: str
    at: datetime

    @classmethod
    def read(cls, node: Node) -> Self:
        """Read it from a document."""
        return cls(
            node["id"].uuid(),
            node["text"].text(),
            node["by"].text(),
            node["at"].moment(),
        )

    def as_json(self) -> dict[str, JSON]:
        """Return it as the contract wants it."""
        return {
            "id": self.id,
            "text": self.text,
            "by": self.by,
            "at": utc_text(self.at),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class StationView:
    """The station's side of an incident."""

    number: str
    status: str
    revision: int
    acknowledged: StationAcknowledged | None = None
    dispatched: StationDispatched | None = None
    arrived_at: datetime | None = None
    closed: StationClosed | None = None
    questions: tuple[StationQuestion, ...] = ()

    @classmethod
    def from_json(cls, data: object) -> Self:
        """Read it; raises BadDocument."""
        return cls.read(Node(data))

    @classmethod
    def read(cls, node: Node) -> Self:
        """Read it from a document."""
        return cls(
            number=node["number"].text(),
            status=node["status"].text(),
            revision=node["revision"].integer(1),
            acknowledged=node["acknowledged"].optional(StationAcknowledged.read),
            dispatched=node["dispatched"].optional(StationDispatched.read),
            arrived_at=node["arrived_at"].optional(Node.moment),
            closed=node["closed"].optional(StationClosed.read),
            questions=node["questions"].optional(_read_questions) or (),
        )

    def as_json(self) -> dict[str, JSON]:
        """Return it as the contract wants it."""
        taken, sent, ended = self.acknowledged, self.dispatched, self.closed
        return {
            "number": self.number,
            "status": self.status,
            "acknowledged": taken.as_json() if taken else None,
            "dispatched": sent.as_json() if sent else None,
            "arrived_at": optional_utc_text(self.arrived_at),
            "closed": ended.as_json() if ended else None,
            "questions": [question.as_json() for question in self.questions],
            "revision": self.revision,
        }


def _read_questions(node: Node) -> tuple[StationQuestion, ...]:
    return tuple(map(StationQuestion.read, node.items(MAX_QUESTIONS)))


def _by(station: str | None) -> dict[str, JSON]:
    return {"station": station} if station else {}
