"""A receiver as its subentry keeps it: who it is, what it is told, and how to reach it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, Self

from ..link.noonlight import SERVICES
from ..link.sharing import Purpose
from ..safety.incident import Incident
from ..safety.vocabulary import Hazard
from .agreement import Agreement, read_agreement

RECEIVER: Final = "receiver"


class ReceiverKind(StrEnum):
    """The languages that receivers speak."""

    DC09 = "dc09"
    CAP = "cap"
    WEBHOOK = "webhook"
    NOONLIGHT = "noonlight"


# How somebody lives is nobody's business before they say so themselves.
DEFAULT_HAZARDS: Final = tuple(h for h in Hazard if h is not Hazard.INACTIVITY)

# Noonlight sends nobody for water.
HAZARDS: Final[Mapping[ReceiverKind, tuple[Hazard, ...]]] = {
    ReceiverKind.NOONLIGHT: tuple(hazard for hazard in Hazard if hazard in SERVICES)
}


# What each kind can say at all, beyond the minimum that stands on its page.
PURPOSES: Final[Mapping[ReceiverKind, tuple[Purpose, ...]]] = {
    ReceiverKind.DC09: (Purpose.READINGS,),
    ReceiverKind.CAP: (Purpose.PLACE, Purpose.READINGS),
    ReceiverKind.WEBHOOK: (
        Purpose.PLACE,
        Purpose.PEOPLE,
        Purpose.READINGS,
        Purpose.TIMELINE,
    ),
    ReceiverKind.NOONLIGHT: (Purpose.READINGS,),
}


@dataclass(frozen=True, slots=True)
class ReceiverOptions:
    """One receiver. `settings` are those of its kind, secrets among them."""

    name: str
    kind: ReceiverKind
    hazards: tuple[Hazard, ...]
    drills: bool
    settings: Mapping[str, Any] = field(repr=False)
    consented_at: str | None = None
    """When a person last agreed to what is sent."""
    agreement: Agreement | None = None

    @classmethod
    def from_mapping(cls, data: Mapping[str, Any]) -> Self:
        """Read the data of a subentry `receiver`."""
        return cls(
            name=data["name"],
            kind=ReceiverKind(data["kind"]),
            hazards=tuple(Hazard(hazard) for hazard in data["hazards"]),
            drills=data["drills"],
            settings=dict(data["settings"]),
            consented_at=data.get("consented_at"),
            agreement=read_agreement(data),
        )

    def as_data(self) -> dict[str, Any]:
        """Return the JSON of the subentry."""
        return {
            "name": self.name,
            "kind": self.kind.value,
            "hazards": [hazard.value for hazard in self.hazards],
            "drills": self.drills,
            "settings": dict(self.settings),
            "consented_at": self.consented_at,
            "agreement": self.agreement and self.agreement.as_data(),
        }

    def takes(self, incident: Incident) -> bool:
        """Whether the receiver is told of an incident."""
        return incident.hazard in self.hazards and (self.drills or not incident.drill)
