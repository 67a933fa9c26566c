"""The path of an incident: the stations that it has come through, and what they did.

The first is the home's own station. Each station adds itself at the end, so that one
that finds itself there knows that the incident goes round in a circle.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final, Self

from .views import StationView
from .wire_json import JSON, Node, fitting_text

LONGEST_PATH: Final = 8
"""Community, block, street, county, city, province leave two to spare."""
MAX_ORIGINS: Final = 16
"""What is read at all; a path longer than the longest is refused as a loop."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """One station on the path."""

    station: str
    """Its own id, which it keeps for life."""
    name: str
    community: str
    changes: int
    """How many things it has done about the incident: a newer picture has more."""
    view: StationView
    """What it has done so far."""

    @classmethod
    def read(cls, node: Node) -> Self:
        """Read it from a document."""
        return cls(
            station=node["station"].uuid(),
            name=node["name"].text(),
            community=node["community"].text(),
            changes=node["changes"].integer(0),
            view=StationView.read(node),
        )

    def as_json(self) -> dict[str, JSON]:
        """Return it as the contract wants it; its questions are the home's to answer."""
        return {
            "station": self.station,
            "name": fitting_text(self.name) or "-",
            "community": fitting_text(self.community) or "-",
            "changes": self.changes,
            **replace(self.view, questions=()).as_json(),
        }


def read_origins(node: Node) -> tuple[Origin, ...]:
    """Read a path from a document."""
    return tuple(map(Origin.read, node.items(MAX_ORIGINS)))


def changes(origins: Iterable[Origin]) -> int:
    """Return how much the stations of a path have done together."""
    return sum(origin.changes for origin in origins)


def joined(known: tuple[Origin, ...], other: tuple[Origin, ...]) -> tuple[Origin, ...]:
    """Return a path with the newer picture of each station.

    Whichever comes first: two pictures give the same.
    """
    if not known:
        return other
    fresh = {origin.station: origin for origin in other}
    return tuple(
        max(origin, fresh.get(origin.station, origin), key=lambda one: one.changes)
        for origin in known
    )
