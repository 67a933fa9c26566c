"""The results of drills: kept, and compared with the one before."""

from collections.abc import Mapping
from typing import Any

from homeassistant.core import CALLBACK_TYPE, callback

from ..safety.codec import decode
from ..safety.drill import DrillResult, result_of
from ..safety.entries import Closed, Entry
from .guard import Guard
from .memory import Memory

type Shown = dict[str, Any]
"""A result as pages, automations and the storage know it: JSON."""


class DrillBook:
    """Writes down what came of each drill."""

    def __init__(
        self, guard: Guard, memory: Memory, contacts: Mapping[str, str]
    ) -> None:
        """Know the contacts by their names."""
        self._guard = guard
        self._memory = memory
        self._names = {
            **contacts,
            **{binding.id: binding.options.name for binding in guard.bindings()},
        }
        self._listeners: list[CALLBACK_TYPE] = []

    @property
    def last(self) -> Shown | None:
        """The newest result, with its comparison."""
        return self._memory.drills[-1] if self._memory.drills else None

    @callback
    def start(self) -> CALLBACK_TYPE:
        """Follow the timelines; return the end."""
        return self._guard.subscribe_news(self._on_news)

    @callback
    def subscribe(self, listener: CALLBACK_TYPE) -> CALLBACK_TYPE:
        """Call a listener after each drill. Return the end."""
        self._listeners.append(listener)

        def end() -> None:
            self._listeners.remove(listener)

        return end

    @callback
    def _on_news(self, entry: Entry) -> None:
        if isinstance(entry, Closed):
            self.write_down(entry.incident)

    @callback
    def write_down(self, incident: str) -> Shown | None:
        """Return the result of a closed drill, written down once."""
        for kept in self._memory.drills:
            if kept.get("incident") == incident:
                return kept
        timeline = self._guard.timelines.get(incident)
        if timeline is None or not timeline.incident.drill:
            return None
        result = result_of(
            decode(r.incident, r.seq, r.at, r.kind, dict(r.body))
            for r in timeline.records
        )
        if result is None:
            return None
        shown = self._shown(result)
        shown["compared"] = compared(shown, self.last)
        self._memory.add_drill(shown)
        for listener in tuple(self._listeners):
            listener()
        return shown

    def _shown(self, result: DrillResult) -> Shown:
        name = self._names.get
        return {
            "incident": result.incident,
            "at": result.at.isoformat(),
            "hazard": result.hazard.value,
            "by": result.by,
            "detector": name(result.detector, result.detector)
            if result.detector
            else None,
            "moved_actuators": result.moves,
            "seconds": round(result.seconds, 1),
            "ending": result.ending.value,
            "contacts": [
                {
                    "name": name(reached.contact, reached.contact),
                    "told_after": _rounded(reached.seconds),
                    "reason": reached.reason.value if reached.reason else None,
                }
                for reached in result.contacts
            ],
            "acknowledged_by": result.acknowledged_by,
            "acknowledged_after": _rounded(result.acknowledged_after),
            "steps": [
                {
                    "name": name(step.actuator, step.actuator),
                    "target": step.target.value,
                    "outcome": step.outcome.value,
                    "reason": step.reason.value if step.reason else None,
                    "after": _rounded(step.seconds),
                }
                for step in result.steps
            ],
        }


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 1)


def compared(now: Mapping[str, Any], before: Mapping[str, Any] | None) -> Shown | None:
    """Return what changed since the drill before; positive seconds are slower.

    None without one before.
    """
    if before is None:
        return None
    reached = {c["name"] for c in now["contacts"] if c["told_after"] is not None}
    then = {c["name"] for c in before["contacts"] if c["told_after"] is not None}
    return {
        "with": before["at"],
        "acknowledged_after": _difference(
            now["acknowledged_after"], before["acknowledged_after"]
        ),
        "everybody_told_after": _difference(_slowest(now), _slowest(before)),
        "no_longer_reached": sorted(then - reached),
        "newly_reached": sorted(reached - then),
    }


def _slowest(result: Mapping[str, Any]) -> float | None:
    told = [c["told_after"] for c in result["contacts"]]
    return max((after for after in told if after is not None), default=None)


def _difference(now: float | None, before: float | None) -> float | None:
    return None if now is None or before is None else round(now - before, 1)
