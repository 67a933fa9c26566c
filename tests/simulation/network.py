"""The line to the station: what is sent is lost, late, repeated and out of order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from custom_components.zhian.safety.entries import Assessed, Entry, Opened
from custom_components.zhian.safety.household import Household
from custom_components.zhian.safety.incident import Incident, Step
from custom_components.zhian.safety.signals import Signal, StationSaid
from custom_components.zhian.safety.timeline import fold, fold_all
from custom_components.zhian.safety.vocabulary import (
    Hazard,
    Outcome,
    Phase,
    Reason,
    StationStatus,
)

from .keeping import is_kept_back
from .violation import Violation

if TYPE_CHECKING:
    from .replaying import Arrives
    from .world import World

_COURSE = (
    StationStatus.ACKNOWLEDGED,
    StationStatus.DISPATCHED,
    StationStatus.ON_SCENE,
    StationStatus.CLOSED,
)


_WITHHELD = frozenset({Hazard.INACTIVITY, Hazard.INTRUSION, Hazard.WATER})
"""Hazards of which the station may hear later than people do, or never."""
_WITHOUT_FACTS = frozenset({"station", "told", "rung", "asked", "inquired"})


class Station:
    """The station's copies of the incidents of one home (I7)."""

    def __init__(self) -> None:
        """Begin with an empty desk."""
        self._copies: dict[str, Sequence[Entry]] = {}

    def receive(self, incident: str, timeline: Sequence[Entry]) -> None:
        """Take a document; a repeated or a late one changes nothing."""
        known = self._copies.get(incident, ())
        if len(timeline) <= len(known):
            return
        if known and timeline[len(known) - 1] != known[-1]:
            raise Violation("I7", f"{incident}: the station knows another past")
        self._copies[incident] = timeline

    def compare(
        self, timelines: Mapping[str, Sequence[Entry]], household: Household
    ) -> None:
        """Raise if the station does not know, once and in effect, what the home knows."""
        for name, timeline in timelines.items():
            known = self._copies.get(name, ())
            must = _duty(timeline, household)
            if must is not bool(known):
                raise Violation(
                    "I7", f"the station has not heard of {name}, or should not"
                )
            news = timeline[len(known) :]
            if not must or all(entry.kind in _WITHOUT_FACTS for entry in news):
                continue
            copy = fold_all(known)[name]
            home = copy
            for entry in news:
                home = fold(home, entry)
            if _facts(copy) != _facts(home):
                raise Violation("I7", f"the station knows another {name}")


def _duty(timeline: Sequence[Entry], household: Household) -> bool:
    """Return whether the station has to know of an incident; else it may not."""
    opened = timeline[0]
    if isinstance(opened, Opened) and opened.hazard in _WITHHELD:
        home = fold_all(timeline)[opened.incident]
        return home.is_reportable and not is_kept_back(home, household)
    return any(
        entry.phase is Phase.ALARM
        for entry in timeline
        if isinstance(entry, Opened | Assessed)
    )


def _facts(incident: Incident) -> tuple[object, ...]:
    """Return what the station has to know; attempts and its own words are not in it."""
    return (
        incident.hazard,
        incident.drill,
        incident.phase,
        incident.presence,
        incident.detectors,
        incident.zones,
        incident.acknowledged,
        incident.help,
        incident.safe,
        incident.unanswered_at,
        incident.undone,
        # Its own questions the station knows; what it wants is the answers.
        [(q.id, q.answer, q.answered_by) for q in incident.questions if q.answer],
        incident.reset_by,
        incident.ending,
        {s.id: _end(s) for s in incident.steps if s.outcome.is_settled},
    )


def _end(step: Step) -> tuple[Outcome, Reason | None]:
    """Return how a step ended; one that has failed is tried on, for other reasons."""
    return step.outcome, None if step.outcome is Outcome.FAILED else step.reason


class Network:
    """Carries documents to the station and its words back, badly."""

    def __init__(self, world: World) -> None:
        """Connect a home."""
        self._world = world
        self._waiting: set[str] = set()
        self._replies: dict[str, int] = {}
        self.on_disk = 0
        """How many entries must be on the disk, because something was sent since."""

    def report(self, incident: str) -> None:
        """Bring the station up to date, as soon as it can be sent."""
        if incident not in self._waiting:
            self._waiting.add(incident)
            self._world.at(self._world.roll() * 3, lambda: self._send(incident))

    def _send(self, incident: str) -> Signal | None:
        world, roll = self._world, self._world.roll
        revision = world.runner.checker.revision(incident)
        self._waiting.discard(incident)
        if not revision:
            return None
        self.on_disk = len(world.runner.checker.journal)
        if roll() < 0.1:  # lost on its way, or the answer on its way back
            self._waiting.add(incident)
            world.at(5 + roll() * 5, lambda: self._send(incident))
            if roll() < 0.5:
                return None
        late = roll() * 30 if roll() < 0.1 else 0.01 + roll() * 0.2
        world.at(late, lambda: self._arrive(incident, revision))
        return None

    def _arrive(self, incident: str, revision: int) -> Arrives:
        """The station takes the document, and goes on with the incident at times."""
        world, roll = self._world, self._world.roll
        if roll() < 0.15:
            number = "2026-000001" if roll() < 0.9 else None
            accepted = roll() < 0.95
            status = StationStatus.ACCEPTED if accepted else StationStatus.REJECTED
            self._say(incident, roll() * 2, status, number)
            if roll() < 0.4:
                step = min(self._replies.get(incident, -1) + 1, len(_COURSE) - 1)
                self._replies[incident] = step
                self._say(incident, roll() * 30, _COURSE[step], None)
        return world.arrives(incident, revision)

    def _say(
        self, incident: str, delay: float, status: StationStatus, number: str | None
    ) -> None:
        world = self._world
        if world.roll() < 0.9:
            world.at(
                delay, lambda: StationSaid(incident, status, world.now, number=number)
            )
