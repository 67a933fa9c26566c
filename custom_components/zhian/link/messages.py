"""The short messages between a home and its station, both ways."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Self

from .agreed import Consents
from .documents import Home
from .orders import MAX_ORDERS, StationOrder
from .wire_json import JSON, Node, optional_utc_text, utc_text

ACCEPTED: Final = "accepted"
STATION: Final = "station"
"""The kind of who enrols, if it is no home."""
MAX_NOTICES: Final = 5
MAX_ADDRESSES: Final = 5
_MAX_COUNT: Final = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolmentRequest:
    """A home asks to be guarded; signed with the key that it brings."""

    code: str
    public_key: str
    home: Home
    consents: Consents | None = None
    station: str | None = None
    """The id of a station that reports upward; None for a home."""

    @classmethod
    def from_json(cls, data: object) -> Self:
        """Read it; raises BadDocument."""
        node = Node(data)
        kind = node["kind"].optional(Node.text)
        station = node["station"].optional(Node.uuid)
        if kind == STATION and station is None:
            raise node["station"].bad()
        return cls(
            code=node["code"].text(),
            public_key=node["public_key"].text(),
            home=Home.read(node),
            consents=node["consents"].optional(Consents.read),
            station=station if kind == STATION else None,
        )

    def as_json(self) -> dict[str, JSON]:
        """Return it as the contract wants it."""
        return {
            "code": self.code,
            "public_key": self.public_key,
            **self.home.as_json(),
            "consents": self.consents.as_json() if self.consents else None,
            **({"kind": STATION, "station": self.station} if self.station else {}),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolment:
    """The station's answer: who the home is there."""

    household: str
    community: str
    station: str
    heartbeat_seconds: int
    public_key: str | None = None
    """The station's own; with it the station proves itself at other addresses."""
    addresses: tuple[str, ...] = ()
    """Where else it can be reached, the best first."""

    @classmethod
    def from_json(cls, data: object) -> Self:
        """Read it; raises BadDocument."""
        node = Node(data)
        return cls(
            household=node["household"].uuid(),
            community=node["community"].text(),
            station=node["station"].text(),
            heartbeat_seconds=node["heartbeat_seconds"].integer(5, 3600),
            public_key=node["public_key"].optional(Node.text),
            addresses=node["addresses"].optional(_read_addresses) or (),
        )

    def as_json(self) -> dict[str, JSON]:
        """Return it as the contract wants it."""
        return {
            "household": self.household,
            "community": self.community,
            "station": self.station,
            "heartbeat_seconds": self.heartbeat_seconds,
            "public_key": self.public_key,
            "addresses": list(self.addresses),
        }


def _read_addresses(node: Node) -> tuple[str, ...]:
    return tuple(map(Node.text, node.items(MAX_ADDRESSES)))


@dataclass(frozen=True, slots=True, kw_only=True)
class HouseholdFacts:
    """What a home wants its station to know of it from now on, and to honour."""

    home: Home
    consents: Consents

    @classmethod
    def from_json(cls, data: object) -> Self:
        """Read it; raises BadDocument."""
        node = Node(data)
        return cls(home=Home.read(node), consents=Consents.read(node["consents"]))

    def as_json(self) -> dict[str, JSON]:
        """Return it as the contract wants it."""
        return {**self.home.as_json(), "consents": self.consents.as_json()}


@dataclass(frozen=True, slots=True, kw_only=True)
class FactsKept:
    """The station knows it; of two choices it has kept the later."""

    consents: Consents
    addresses: tuple[str, ...] = ()
    """Where it can be reached now, the best first."""

    @classmethod
    def from_json(cls, data: object) -> Self:
        """Read it; raises BadDocument."""
        node = Node(data)
        node["status"].one_of(ACCEPTED)
        return cls(
            consents=Consents.read(node["consents"]),
            addresses=node["addresses"].optional(_read_addresses) or (),
        )

    def as_json(self) -> dict[str, JSON]:
        """Return it as the contract wants it."""
        return {
            "status": ACCEPTED,
            "consents": self.consents.as_json(),
            "addresses": list(self.addresses),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Deletion:
    """How far the station is with deleting a household."""

    requested_at: datetime
    due: datetime
    """By when it is done, unless an incident is still being worked on."""
    deleted_at: datetime | None = None
    proof: str | None = None
    """The station's signature of it, in base64, if the home has sent a challenge."""

    @classmethod
    def from_json(cls, data: object) -> Self:
        """Read it; raises BadDocument."""
        node = Node(data)
        node["status"].one_of(ACCEPTED)
        return cls(
            requested_at=node["requested_at"].moment(),
            due=node["due"].moment(),
            deleted_at=node["deleted_at"].optional(Node.moment),
            proof=node["proof"].optional(Node.text),
        )

    def as_json(self) -> dict[str, JSON]:
        """Return it as the contract wants it."""
        return {
            "status": ACCEPTED,
            "requested_at": utc_text(self.requested_at),
            "due": utc_text(self.due),
            "deleted_at": optional_utc_text(self.deleted_at),
            **({"proof": self.proof} if self.proof else {}),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyChange:
    """A home has a new key; it signs the request with the one before."""

    public_key: str
    proof: str
    """What the new key signed, in base64: whoever brings it has its private half."""

    @classmethod
    def from_json(cls, data: object) -> Self:
        """Read it; raises BadDocument."""
        node = Node(data)
        return cls(public_key=node["public_key"].text(), proof=node["proof"].text())

    def as_json(self) -> dict[str, JSON]:
        """Return it as the contract wants it."""
        return {"public_key": self.public_key, "proof": self.proof}


def key_proof(household: str, public_key: str) -> bytes:
    """Return what a new key has to sign for a household."""
    return f"zhian key {household} {public_key}".encode()


@dataclass(frozen=True, slots=True)
class KeyChanged:
    """The new key counts; the one before does until then."""

    former_until: datetime

    @classmethod
    def from_json(cls, data: object) -> Self:
        """Read it; raises BadDocument."""
        node = Node(data)
        node["status"].one_of(ACCEPTED)
        return cls(node["former_until"].moment())

    def as_json(self) -> dict[str, JSON]:
        """Return it as the contract wants it."""
        return {"status": ACCEPTED, "former_until": utc_text(self.former_until)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Heartbeat:
    """A home says that it is well, and how well it is guarded."""

    at: datetime
    open_incidents: int
    detectors_total: int
    detectors_normal: int

    @classmethod
    def from_json(cls, data: object) -> Self:
        """Read it; raises BadDocument."""
        node = Node(data)
        detectors = node["detectors"]
        total = detectors["total"].integer(0, _MAX_COUNT)
        return cls(
            at=node["at"].moment(),
            open_incidents=node["open_incidents"].integer(0, _MAX_COUNT),
            detectors_total=total,
            detectors_normal=detectors["normal"].integer(0, total),
        )

    def as_json(self) -> dict[str, JSON]:
        """Return it as the contract wants it."""
        return {
            "at": utc_text(self.at),
            "open_incidents": self.open_incidents,
            "detectors": {
                "total": self.detectors_total,
                "normal": self.detectors_normal,
            },
        }


@dataclass(frozen=True, slots=True)
class StationNotice:
    """What the station has to say to all its households, until it is over."""

    id: str
    text: str
    by: str
    at: datetime
    until: datetime

    @classmethod
    def read(cls, node: Node) -> Self:
        """Read it from a document."""
        return cls(
            node["id"].uuid(),
            node["text"].text(),
            node["by"].text(),
            node["at"].moment(),
            node["until"].moment(),
        )

    def as_json(self) -> dict[str, JSON]:
        """Return it as the contract wants it."""
        return {
            "id": self.id,
            "text": self.text,
            "by": self.by,
            "at": utc_text(self.at),
            "until": utc_text(self.until),
        }


@dataclass(frozen=True, slots=True)
class HeartbeatAnswer:
    """When the station wants to hear again, its time, and what it has to say to all."""

    next_seconds: int
    now: datetime
    notices: tuple[StationNotice, ...] = ()
    orders: tuple[StationOrder, ...] = ()
    """What a station below has not signed for yet; homes get none."""

    @classmethod
    def from_json(cls, data: object) -> Self:
        """Read it; raises BadDocument."""
        node = Node(data)
        return cls(
            node["next_seconds"].integer(5, 3600),
            node["now"].moment(),
            node["notices"].optional(_read_notices) or (),
            node["orders"].optional(_read_orders) or (),
        )

    def as_json(self) -> dict[str, JSON]:
        """Return it as the contract wants it."""
        return {
            "next_seconds": self.next_seconds,
            "now": utc_text(self.now),
            "notices": [notice.as_json() for notice in self.notices],
            **({"orders": [o.as_json() for o in self.orders]} if self.orders else {}),
        }


def _read_notices(node: Node) -> tuple[StationNotice, ...]:
    return tuple(map(StationNotice.read, node.items(MAX_NOTICES)))


def _read_orders(node: Node) -> tuple[StationOrder, ...]:
    return tuple(map(StationOrder.read, node.items(MAX_ORDERS)))


@dataclass(frozen=True, slots=True)
class Answer:
    """The station has the incident, on disk, up to a revision."""

    number: str
    revision: int

    @classmethod
    def from_json(cls, data: object) -> Self:
        """Read it; raises BadDocument."""
        node = Node(data)
        node["status"].one_of(ACCEPTED)
        return cls(node["number"].text(), node["revision"].integer(1))

    def as_json(self) -> dict[str, JSON]:
        """Return it as the contract wants it."""
        return {
            "status": ACCEPTED,
            "number": self.number,
            "revision": self.revision,
        }
