"""What a person at home has agreed to tell one receiver, as the entry keeps it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Self

from ..link.agreed import Consents
from ..link.sharing import Purpose

DEFAULTS: Final = (Purpose.PLACE, Purpose.READINGS)
"""What help needs that comes: where to go, and into what. The rest is asked for."""

BEFORE: Final = frozenset(
    {Purpose.PLACE, Purpose.PEOPLE, Purpose.READINGS, Purpose.TIMELINE}
)
"""What was sent before anybody was asked: it goes on, or help would lose its way."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """A choice, and when it was made."""

    purposes: frozenset[Purpose]
    at: str
    contact: str | None = None
    """Whom to call, with the number; sent only with its consent."""
    keep_days: int | None = None
    """How long the station may keep closed incidents."""

    @classmethod
    def from_mapping(cls, data: Mapping[str, Any]) -> Self:
        """Read what an entry or subentry holds; unknown words are no consent."""
        known = {purpose.value for purpose in Purpose}
        return cls(
            purposes=frozenset(
                Purpose(word) for word in data["purposes"] if word in known
            ),
            at=data["at"],
            contact=data.get("contact"),
            keep_days=data.get("keep_days"),
        )

    def as_data(self) -> dict[str, Any]:
        """Return the JSON of the entry or subentry."""
        return {
            "purposes": in_order(self.purposes),
            "at": self.at,
            "contact": self.contact,
            "keep_days": self.keep_days,
        }

    @property
    def consents(self) -> Consents:
        """Return what the station has to honour."""
        return Consents(
            higher=Purpose.HIGHER in self.purposes,
            statistics=Purpose.STATISTICS in self.purposes,
            keep_days=self.keep_days,
            at=datetime.fromisoformat(self.at),
        )


def in_order(purposes: Iterable[Purpose]) -> list[str]:
    """Return purposes as they are listed everywhere."""
    chosen = set(purposes)
    return [purpose.value for purpose in Purpose if purpose in chosen]


def agreed(agreement: Agreement | None) -> frozenset[Purpose]:
    """Return what may be told."""
    return BEFORE if agreement is None else agreement.purposes


def read_agreement(data: Mapping[str, Any]) -> Agreement | None:
    """Return the agreement in an entry or subentry; None if nobody was asked."""
    found = data.get("agreement")
    return Agreement.from_mapping(found) if found else None
