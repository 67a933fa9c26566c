"""A station takes back what it has passed on: the household has left, or is not served.

Whoever hears of it stops, unless somebody there has taken the incident: who has taken it
ends it. With `erase` all that is known of it has to be deleted, within a day.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, Self

from .wire_json import JSON, Node, optional_utc_text, utc_text

LONGEST_REASON: Final = 64


class WithdrawnReason(StrEnum):
    """Why; a newer station may know more words."""

    LEFT = "household_left"
    """The household is to be deleted."""
    REVOKED = "household_revoked"
    """The station below serves it no more."""


@dataclass(frozen=True, slots=True)
class IncidentWithdrawn:
    """An incident that nobody below stands for any more."""

    reason: str
    at: datetime
    erase: bool = False
    """Whether it has to be deleted."""

    @classmethod
    def from_json(cls, data: object) -> Self:
        """Read it; raises BadDocument."""
        node = Node(data)
        return cls(
            node["reason"].text(), node["at"].moment(), erase=node["erase"].flag()
        )

    def as_json(self) -> dict[str, JSON]:
        """Return it as the contract wants it."""
        return {"reason": self.reason, "at": utc_text(self.at), "erase": self.erase}


@dataclass(frozen=True, slots=True)
class WithdrawalKept:
    """The station above has it, on disk."""

    due: datetime | None = None
    """By when it is deleted, unless somebody there still works on it."""
    deleted_at: datetime | None = None

    @classmethod
    def from_json(cls, data: object) -> Self:
        """Read it; raises BadDocument."""
        node = Node(data)
        node["status"].one_of("accepted")
        return cls(
            node["due"].optional(Node.moment), node["deleted_at"].optional(Node.moment)
        )

    def as_json(self) -> dict[str, JSON]:
        """Return it as the contract wants it."""
        return {
            "status": "accepted",
            "due": optional_utc_text(self.due),
            "deleted_at": optional_utc_text(self.deleted_at),
        }
