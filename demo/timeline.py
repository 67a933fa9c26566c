"""From what the integration wrote down, and what was seen, to a timeline. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

type Entry = Mapping[str, Any]
"""An entry of an incident's timeline: {"seq", "at", "kind", "body"}."""

EVERY_STEP: Final = (
    "alarm",
    "valve_called",
    "valve_confirmed",
    "window_confirmed",
    "told",
    "report_on_disk",
    "accepted",
    "acknowledged",
    "dispatched",
    "gas_below_5_lel",
    "reset",
    "closed",
)
# A step is called after its target and its actuator.
VALVE: Final = "closed:"
WINDOW: Final = "open:"

VALVE_LIMIT_MS: Final = 50.0
"""From the detector's message to the valve's action (issue's promise)."""


@dataclass(frozen=True, slots=True)
class Step:
    """Something that happened, in milliseconds since the alarm."""

    ms: float
    what: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """The end of a scenario."""

    scenario: str
    ok: bool
    home_assistant: str
    steps: tuple[Step, ...]

    def as_json(self) -> dict[str, object]:
        """Return the object that the demo prints."""
        return {
            "scenario": self.scenario,
            "ok": self.ok,
            "home_assistant": self.home_assistant,
            "steps": [
                {"ms": round(step.ms, 1), "what": step.what, "detail": step.detail}
                for step in self.steps
            ],
        }


@dataclass(slots=True)
class Timeline:
    """Collects what happened; the alarm is the beginning."""

    alarm: datetime
    names: Mapping[str, str]
    """The names of actuators and contacts by their ids."""
    seen: list[tuple[datetime, str, str]] = field(default_factory=list)

    def add(self, at: datetime, what: str, detail: str = "") -> None:
        """Write down an observation."""
        self.seen.append((at, what, detail))

    def steps(self, entries: Iterable[Entry]) -> tuple[Step, ...]:
        """Return everything in its order."""
        found = [*self.seen]
        for entry in entries:
            at = datetime.fromisoformat(entry["at"])
            for what, detail in self._translate(entry["kind"], entry["body"]):
                found.append((at, what, detail))
        return tuple(
            Step((at - self.alarm).total_seconds() * 1000, what, detail)
            for at, what, detail in sorted(found, key=lambda item: item[0])
        )

    def _translate(
        self, kind: str, body: Mapping[str, Any]
    ) -> Iterable[tuple[str, str]]:
        """Return what an entry means for the timeline."""
        match kind:
            case "step_ordered" if str(body["step"]).startswith(VALVE):
                yield "valve_ordered", f"{self._name(body)}, attempt {body['attempt']}"
            case "step_settled":
                yield self._settled(body)
            case "attempt_failed":
                yield "attempt_failed", f"{self._name(body)}: {body['reason']}"
            case "told" if body.get("reason"):
                who = self._named(body["contact"])
                yield "not_told", f"{who}: {body['reason']}"
            case "told":
                yield "told", f"{self._named(body['contact'])}: {body['message']}"
            case "station":
                facts = ("number", "by", "unit", "eta_seconds", "disposition", "reason")
                detail = ", ".join(str(body[key]) for key in facts if body.get(key))
                status = str(body["status"])
                # The home's own end is called `closed`.
                yield "station_closed" if status == "closed" else status, detail
            case "acknowledged":
                yield "acknowledged_at_home", f"{body['by']} via {body['via']}"
            case "rung":
                people = ", ".join(self._named(who) for who in body["contacts"])
                yield ("repeat" if body.get("repeat") else "rung"), people
            case "unanswered":
                people = ", ".join(self._named(who) for who in body["contacts"])
                yield "unanswered", people
            case "answered":
                yield str(body["response"]), f"{body['by']} via {body['via']}"
            case "reset":
                yield "reset", str(body["by"])
            case "closed":
                yield "closed", str(body["ending"])

    def _settled(self, body: Mapping[str, Any]) -> tuple[str, str]:
        step, outcome, name = str(body["step"]), str(body["outcome"]), self._name(body)
        if outcome != "confirmed":
            return outcome, f"{name}: {body.get('reason')}"
        if step.startswith(VALVE):
            return "valve_confirmed", name
        if step.startswith(WINDOW):
            return "window_confirmed", name
        return "step_confirmed", name

    def _name(self, body: Mapping[str, Any]) -> str:
        """Return the name of the actuator that a step moves."""
        return self._named(str(body["step"]).partition(":")[2])

    def _named(self, what: str) -> str:
        return self.names.get(what, what)


def first(steps: Iterable[Step], what: str, *, detail: str = "") -> Step | None:
    """Return the first step of this name whose detail has a text."""
    return next((s for s in steps if s.what == what and detail in s.detail), None)


def what_is_missing(
    steps: tuple[Step, ...], wanted: Iterable[str], *, windows: int
) -> list[str]:
    """Return why the story is not complete; an empty list is a success."""
    missing = [what for what in wanted if first(steps, what) is None]
    confirmed = {step.detail for step in steps if step.what == "window_confirmed"}
    if "window_confirmed" in wanted and len(confirmed) < windows:
        missing.append(f"{windows} windows confirmed, not {len(confirmed)}")
    called = first(steps, "valve_called")
    if called is not None and called.ms > VALVE_LIMIT_MS:
        missing.append(f"valve called within {VALVE_LIMIT_MS:.0f} ms")
    return missing
