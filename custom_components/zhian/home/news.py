"""What happens in the home, told to whoever listens, over every reload of the entry."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from homeassistant.const import EVENT_HOMEASSISTANT_STARTED
from homeassistant.core import CALLBACK_TYPE, CoreState, Event, HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_send
from homeassistant.util.signal_type import SignalType

from ..safety.entries import (
    Acknowledged,
    Assessed,
    Closed,
    Entry,
    Opened,
    Reopened,
    StationReplied,
    StepSettled,
)
from ..safety.incident import Incident
from ..safety.vocabulary import Hazard, Outcome, Phase
from .guard import Guard


class Kind(StrEnum):
    """What can happen; the first nine are also the types of the event entity."""

    OPENED = "opened"
    """An incident has begun with a pre-alarm."""
    ALARM = "alarm"
    """An incident has begun with an alarm, or has become one."""
    CLEARING = "clearing"
    STEP_CONFIRMED = "step_confirmed"
    STEP_FAILED = "step_failed"
    REOPENED = "reopened"
    ACKNOWLEDGED = "acknowledged"
    STATION = "station"
    CLOSED = "closed"
    PROTECTION_LOST = "protection_lost"
    PROTECTION_BACK = "protection_back"


@dataclass(frozen=True, slots=True)
class Happening:
    """One piece of news, as automations and pages get it."""

    kind: Kind
    at: datetime
    hazard: Hazard
    drill: bool = False
    before: Phase | None = None
    """The phase of the incident before this; None where it begins."""
    facts: Mapping[str, object] = field(default_factory=dict)
    """What else there is to say: plain values, for templates."""
    by: str | None = None
    """The person behind it; a name, so it goes nowhere where anybody can read it."""


SIGNAL: Final[SignalType[Happening]] = SignalType("zhian_happening")

EVENT_NEWS: Final = "zhian_news"
"""Fired for the logbook. It is kept by the recorder, so it names no person."""

_KINDS: Final[Mapping[type[Entry], Kind]] = {
    Reopened: Kind.REOPENED,
    Acknowledged: Kind.ACKNOWLEDGED,
    StationReplied: Kind.STATION,
    Closed: Kind.CLOSED,
}


class Herald:
    """Turns the guard's timelines and readings into happenings."""

    def __init__(self, hass: HomeAssistant, home: str, guard: Guard) -> None:
        """Begin with the state as it is: what was known before is no news."""
        self._hass = hass
        self._home = home
        self._guard = guard
        incidents = guard.state.shown
        self._phases = {incident.id: incident.phase for incident in incidents}
        self._unprotected: frozenset[str] = frozenset()
        self._is_early = hass.state in (CoreState.not_running, CoreState.starting)
        self._early: list[Happening] = []
        self._unlisten: CALLBACK_TYPE | None = None

    @callback
    def start(self) -> CALLBACK_TYPE:
        """Listen, before the guard starts; return the end."""
        ends = [
            self._guard.subscribe_news(self._on_entry),
            self._guard.subscribe(self._on_change),
        ]
        if self._is_early:
            self._unlisten = self._hass.bus.async_listen_once(
                EVENT_HOMEASSISTANT_STARTED, self._on_started
            )

        @callback
        def stop() -> None:
            for end in ends:
                end()
            if self._unlisten is not None:
                self._unlisten()

        return stop

    @callback
    def missed(self) -> tuple[Happening, ...]:
        """Return what happened while Home Assistant starts and is not over.

        Automations listen only when everything else is set up. Gas that is there at
        that moment must not go unnoticed by them, nor the end of what they wait for.
        """
        open_incidents = self._guard.state.incidents
        return tuple(
            h
            for h in self._early
            if h.kind is Kind.CLOSED or h.facts.get("incident") in open_incidents
        )

    @callback
    def _on_started(self, _: Event) -> None:
        self._unlisten = None
        self._is_early = False
        self._early.clear()

    @callback
    def _tell(self, happening: Happening) -> None:
        if self._is_early:
            self._early.append(happening)
        async_dispatcher_send(self._hass, SIGNAL, happening)
        self._hass.bus.async_fire(
            EVENT_NEWS,
            {
                "home": self._home,
                "kind": happening.kind.value,
                "hazard": happening.hazard.value,
                "drill": happening.drill,
                **happening.facts,
            },
        )

    @callback
    def _on_entry(self, entry: Entry) -> None:
        timeline = self._guard.timelines.get(entry.incident)
        if timeline is not None and timeline.incident.silent:
            return  # nobody in the home may notice
        kind = _kind_of(entry)
        before = self._phases.get(entry.incident)
        if isinstance(entry, Opened | Assessed):
            # A detector that falls silent in an alarm is no new alarm.
            if before is entry.phase:
                return
            self._phases[entry.incident] = entry.phase
        elif isinstance(entry, Closed):
            self._phases.pop(entry.incident, None)
        if kind is None or timeline is None:
            return
        incident = timeline.incident
        self._tell(
            Happening(
                kind,
                entry.at,
                incident.hazard,
                incident.drill,
                before,
                {
                    "incident": incident.id,
                    "phase": self._phases.get(incident.id, Phase.CLOSED).value,
                    **self._facts(entry, incident),
                },
                entry.by if isinstance(entry, Acknowledged) else None,
            )
        )

    def _facts(self, entry: Entry, incident: Incident) -> dict[str, object]:
        match entry:
            case StationReplied():
                return {"status": entry.status.value}
            case Acknowledged():
                return {"via": entry.via}
            case Closed():
                return {
                    "ending": entry.ending.value,
                    "opened_at": incident.opened_at.isoformat(),
                    "seconds": round((entry.at - incident.opened_at).total_seconds()),
                }
            case StepSettled():
                step = incident.step(entry.step)
                return {
                    "step": entry.step,
                    "reason": entry.reason.value if entry.reason else None,
                    **(self._device(step.actuator) if step else {}),
                    "target": step.target.value if step else None,
                }
            case Reopened():
                return self._device(entry.actuator)
            case _:
                return {}

    def _device(self, actuator: str) -> dict[str, object]:
        binding = self._guard.actuators.get(actuator)
        if binding is None:
            return {}
        return {"name": binding.options.name, "entity_id": binding.entity_id}

    @callback
    def _on_change(self) -> None:
        """Notice who is told to protect nobody; no timeline has that."""
        readings = self._guard.state.readings
        now = frozenset(d for d, sensed in readings.items() if sensed.told)
        before, self._unprotected = self._unprotected, now
        for kind, changed in (
            (Kind.PROTECTION_LOST, now - before),
            (Kind.PROTECTION_BACK, before - now),
        ):
            for detector_id in sorted(changed):
                detector = self._guard.watcher(detector_id)
                if detector is None:
                    continue
                sensed = readings[detector_id]
                self._tell(
                    Happening(
                        kind,
                        sensed.at,
                        detector.options.hazard,
                        facts={
                            "name": detector.options.name,
                            "entity_id": detector.entity_id,
                            "level": sensed.level.value,
                        },
                    )
                )


def _kind_of(entry: Entry) -> Kind | None:
    match entry:
        case Opened():
            return Kind.ALARM if entry.phase is Phase.ALARM else Kind.OPENED
        case Assessed() if entry.phase is Phase.ALARM:
            return Kind.ALARM
        case Assessed() if entry.phase is Phase.CLEARING:
            return Kind.CLEARING
        case StepSettled() if entry.outcome is Outcome.CONFIRMED:
            return Kind.STEP_CONFIRMED
        case StepSettled() if entry.outcome is Outcome.FAILED:
            return Kind.STEP_FAILED
        case _:
            return _KINDS.get(type(entry))
