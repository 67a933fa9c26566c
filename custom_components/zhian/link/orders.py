"""Orders: what a station wants of one below it, and who there has signed for it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Self

from .wire_json import JSON, Node, utc_text

MAX_ORDERS: Final = 20
"""Orders that are named at once; the oldest come first, the rest when they are signed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StationOrder:
    """What somebody at the station above wants to be done."""

    id: str
    text: str
    by: str
    at: datetime
    incident: str | None = None
    """The id of the incident that it is about, if it is about one."""

    @classmethod
    def read(cls, node: Node) -> Self:
        """Read it from a document."""
        return cls(
            id=node["id"].uuid(),
            text=node["text"].text(),
            by=node["by"].text(),
            at=node["at"].moment(),
            incident=node["incident"].optional(Node.uuid),
        )

    def as_json(self) -> dict[str, JSON]:
        """Return it as the contract wants it."""
        return {
            "id": self.id,
            "text": self.text,
            "by": self.by,
            "at": utc_text(self.at),
            "incident": self.incident,
        }


@dataclass(frozen=True, slots=True)
class OrderSigned:
    """Somebody at the station below has signed for an order."""

    by: str
    at: datetime

    @classmethod
    def from_json(cls, data: object) -> Self:
        """Read it; raises BadDocument."""
        node = Node(data)
        return cls(node["by"].text(), node["at"].moment())

    def as_json(self) -> dict[str, JSON]:
        """Return it as the contract wants it."""
        return {"by": self.by, "at": utc_text(self.at)}


@dataclass(frozen=True, slots=True)
class OrderAnswer:
    """Whose signature the station above has, on disk: the first one stays."""

    signed: OrderSigned

    @classmethod
    def from_json(cls, data: object) -> Self:
        """Read it; raises BadDocument."""
        node = Node(data)
        node["status"].one_of("accepted")
        signed = node["signed"]
        return cls(OrderSigned(signed["by"].text(), signed["at"].moment()))

    def as_json(self) -> dict[str, JSON]:
        """Return it as the contract wants it."""
        return {"status": "accepted", "signed": self.signed.as_json()}
