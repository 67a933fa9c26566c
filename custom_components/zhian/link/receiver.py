"""What all receivers of incidents have in common, whatever they speak.

The station is one of them. Each has its own queue in the outbox, its own answer and its
own line. None needs memory of its own: what it has is a prefix of the timeline, and
what it has not heard yet is the rest.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from .documents import IncidentDocument
from .messages import Answer


@dataclass(frozen=True, slots=True)
class Report:
    """An incident as it stands, and how much of it a receiver has."""

    document: IncidentDocument
    received: int = 0
    """The revision that the receiver has acknowledged; 0 before the first."""
    number: str | None = None
    """What the receiver calls the incident, if it has given it a name."""


class Receiver(Protocol):
    """Somebody who takes incidents.

    Every method raises StationUnreachable if there was no answer, and StationRefused if
    the answer was no: the names are those of the first receiver there was.
    """

    async def deliver(self, report: Report, /) -> Answer:
        """Hand over what the receiver does not have yet.

        Return how far it has the incident now. That may be less than was to be said:
        the rest follows with the next call. Safe to repeat.
        """


class OtherReceiver(Receiver, Protocol):
    """A receiver that is not the station: it is told events, not whole timelines."""

    def has_news(self, report: Report, /) -> bool:
        """Whether a report holds anything that this receiver would be told."""

    def renewal(self, report: Report, /) -> datetime | None:
        """Return when an open incident has to be told again though nothing is new.

        None if the receiver forgets nothing by itself.
        """

    def written(self, report: Report, /) -> list[bytes]:
        """Return what `deliver` would send of a report, in its own words."""

    @property
    def heartbeat_seconds(self) -> float | None:
        """How often `beat` is due; None if there is nothing to ask."""

    async def beat(self) -> None:
        """Find out whether the line works; nobody is alarmed."""

    async def test(self) -> None:
        """Send a message that is marked as a test."""
