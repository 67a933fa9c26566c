"""What the stations above have done about a case: heard, kept and passed on.

Pure. Every stamp is written once, here as at the desk. When both this station and one
above have acted, those below are told of whoever was first known here, and go on being
told of that one: nobody's status falls back, and nobody's name changes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, Self

from ..link.views import MAX_QUESTIONS, StationQuestion, StationView
from .desk import Handling, Status

ACKNOWLEDGED: Final = "acknowledged"
DISPATCHED: Final = "dispatched"
ARRIVED: Final = "arrived_at"
CLOSED: Final = "closed"


@dataclass(frozen=True, slots=True)
class Above:
    """How far the stations above are with a case, as the nearest of them says."""

    station: str
    """The name of the nearest."""
    view: StationView
    first: frozenset[str] = frozenset()
    """The milestones that were reached above before they were here."""

    @classmethod
    def heard(
        cls, before: Above | None, station: str, view: StationView, handling: Handling
    ) -> Above:
        """Return what is known after a view came, while the desk here is so far."""
        known = _joined(before.view, view) if before else view
        known = replace(known, status=status_of(known).value)
        here = {
            ACKNOWLEDGED: handling.acknowledged,
            DISPATCHED: handling.dispatched,
            ARRIVED: handling.arrived,
            # Who has taken it ends it.
            CLOSED: handling.acknowledged,
        }
        first = {
            name
            for name, stamp in here.items()
            if getattr(known, name) is not None
            and (before is None or getattr(before.view, name) is None)
            and stamp is None
        }
        return cls(station, known, (before.first if before else frozenset()) | first)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Read what was kept."""
        view = StationView.from_json(data["view"])
        return cls(data["station"], view, frozenset(data["first"]))

    def as_json(self) -> dict[str, Any]:
        """Return it as it is kept."""
        return {
            "station": self.station,
            "view": self.view.as_json(),
            "first": sorted(self.first),
        }

    @property
    def count(self) -> int:
        """How much is known."""
        reached = (ACKNOWLEDGED, DISPATCHED, ARRIVED, CLOSED)
        return len(self.view.questions) + sum(
            getattr(self.view, name) is not None for name in reached
        )

    def passed_on(self, own: StationView) -> StationView:
        """Return what those below are told: the first of each, here or above."""
        view = self.view
        taken, sent = view.acknowledged, view.dispatched
        if taken and ACKNOWLEDGED in self.first:
            own = replace(
                own, acknowledged=replace(taken, station=taken.station or self.station)
            )
        if sent and DISPATCHED in self.first:
            own = replace(
                own, dispatched=replace(sent, station=sent.station or self.station)
            )
        if ARRIVED in self.first:
            own = replace(own, arrived_at=view.arrived_at)
        if CLOSED in self.first:
            own = replace(own, closed=view.closed)
        questions = _together(own.questions, view.questions)
        own = replace(own, questions=questions)
        return replace(own, status=status_of(own).value)


def richer(one: Above | None, other: Above | None) -> Above | None:
    """Return the picture that knows more."""
    if one is None or other is None:
        return one or other
    return other if other.count >= one.count else one


def status_of(view: StationView) -> Status:
    """Return the furthest milestone of a view."""
    if view.closed:
        return Status.CLOSED
    if view.arrived_at:
        return Status.ON_SCENE
    if view.dispatched:
        return Status.DISPATCHED
    return Status.ACKNOWLEDGED if view.acknowledged else Status.RECEIVED


def _joined(known: StationView, other: StationView) -> StationView:
    return replace(
        known,
        number=other.number,
        revision=max(known.revision, other.revision),
        acknowledged=known.acknowledged or other.acknowledged,
        dispatched=known.dispatched or other.dispatched,
        arrived_at=known.arrived_at or other.arrived_at,
        closed=known.closed or other.closed,
        questions=_together(known.questions, other.questions),
    )


def _together(
    some: tuple[StationQuestion, ...], others: tuple[StationQuestion, ...]
) -> tuple[StationQuestion, ...]:
    """Return the questions of both, each once; no more than a home can be asked."""
    known = {question.id: question for question in (*others, *some)}
    return tuple(sorted(known.values(), key=_asked_at)[-MAX_QUESTIONS:])


def _asked_at(question: StationQuestion) -> datetime:
    return question.at
