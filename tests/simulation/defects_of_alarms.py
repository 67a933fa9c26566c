"""Defects of alarms: what is heard, what is told of it, and what ends it."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from custom_components.zhian.safety import (
    carbon_monoxide,
    course,
    drill,
    exposure,
    interlock,
    readings,
    requests,
    steps,
    supervision,
    waking,
)
from custom_components.zhian.safety.entries import Assessed
from custom_components.zhian.safety.incident import Incident
from custom_components.zhian.safety.orders import Drive
from custom_components.zhian.safety.plan import steps_for
from custom_components.zhian.safety.signals import Reading
from custom_components.zhian.safety.state import State
from custom_components.zhian.safety.turn import Turn
from custom_components.zhian.safety.vocabulary import (
    ActuatorRole,
    Hazard,
    Level,
    Message,
    Phase,
    Presence,
)

from .defect import Defect, nothing

# --- I0 ----------------------------------------------------------------------------


def _stops_at_the_first_error(patch: pytest.MonkeyPatch) -> None:
    def forget(turn: Turn, incident: Incident, step: str, why: object) -> None:
        del turn, incident, step, why
        raise RuntimeError("no such device")

    patch.setattr(steps, "on_order_failed", forget)


def _moves_last(patch: pytest.MonkeyPatch) -> None:
    end = Turn.end

    def late(turn: Turn) -> Any:
        state, orders = end(turn)
        return state, sorted(orders, key=lambda order: isinstance(order, Drive))

    patch.setattr(Turn, "end", late)


# --- I3 ----------------------------------------------------------------------------


def _lets_the_drill_go_on(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(drill, "end", nothing)


def _is_deaf_at_start_up(patch: pytest.MonkeyPatch) -> None:
    on_reading = readings.on_reading

    def deaf(turn: Turn, reading: Reading) -> None:
        if reading.detector in turn.state.readings:
            on_reading(turn, reading)
        else:
            supervision.notice(turn, reading, None)

    patch.setattr(readings, "on_reading", deaf)


def _closes_one_valve_only(patch: pytest.MonkeyPatch) -> None:
    for module in (readings, waking):
        patch.setattr(
            module, "steps_for", lambda home, hazard: steps_for(home, hazard)[:1]
        )


def _hears_one_hazard_at_a_time(patch: pytest.MonkeyPatch) -> None:
    def any_incident(state: State, hazard: Hazard) -> Incident | None:
        return next((i for i in state.incidents.values() if not i.drill), None)

    patch.setattr(State, "open_incident", any_incident)


# --- I4 ----------------------------------------------------------------------------


def _takes_unknown_for_clear(patch: pytest.MonkeyPatch) -> None:
    presence = State.presence

    def careless(state: State, detectors: tuple[str, ...], at: datetime) -> Presence:
        found = presence(state, detectors, at)
        return Presence.NO if found is Presence.UNKNOWN else found

    patch.setattr(State, "presence", careless)


def _resets_for_anybody(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(requests, "why_not_reset", nothing)


def _lets_a_call_fade(patch: pytest.MonkeyPatch) -> None:
    assess = course.assess

    def fade(turn: Turn, incident: Incident) -> None:
        if incident.hazard is not Hazard.SOS:
            assess(turn, incident)
        elif turn.state.presence(incident.detectors, turn.at) is Presence.NO:
            turn.record(
                Assessed, incident.id, phase=Phase.CLEARING, presence=Presence.NO
            )

    patch.setattr(course, "assess", fade)


# --- I8 ----------------------------------------------------------------------------


def _counts_too_slowly(patch: pytest.MonkeyPatch) -> None:
    advance = carbon_monoxide.advance

    def slow(dose: Any, standard: Any, at: datetime) -> Any:
        after = advance(dose, standard, at)
        half = zip(dose.exposed, after.exposed, strict=True)
        return replace(after, exposed=tuple((b - a) / 3 + a for a, b in half))

    patch.setattr(exposure, "advance", slow)


def _waits_for_a_reading(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(waking, "overdue", lambda state, at: ())
    patch.setattr(waking, "exposure_due", lambda state: ())


def _takes_a_number_for_a_dose(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(
        exposure,
        "level",
        lambda dose, standard: (
            Level.ALARM if dose.ppm and dose.ppm >= 50 else Level.NORMAL
        ),
    )


# --- I9 ----------------------------------------------------------------------------


def _airs_a_fire(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(interlock, "is_burning", lambda state: False)


def _takes_a_fan_for_harmless(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(
        interlock,
        "_lets_air_in",
        lambda actuator, target: actuator.role is ActuatorRole.WINDOW,
    )


# --- I10 ---------------------------------------------------------------------------


def _tells_every_flip(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(readings, "_is_alarm_known", lambda *_: False)


def _tells_the_all_clear_again(patch: pytest.MonkeyPatch) -> None:
    settle = course._settle

    def again(turn: Turn, incident: Incident) -> None:
        settle(turn, incident)
        if turn.state.settling.get(incident.id, turn.at) is None:
            turn.tell(Message.CLEARING, incident.id)

    patch.setattr(course, "_settle", again)


DEFECTS = (
    Defect(_stops_at_the_first_error, ("I0",)),
    Defect(_moves_last, ("I0",)),
    Defect(_lets_the_drill_go_on, ("I3", "I11")),
    Defect(_is_deaf_at_start_up, ("I3", "I15")),
    Defect(_closes_one_valve_only, ("I3",)),
    Defect(_hears_one_hazard_at_a_time, ("I3", "I15")),
    Defect(_takes_unknown_for_clear, ("I4",)),
    Defect(_resets_for_anybody, ("I4",)),
    Defect(_lets_a_call_fade, ("I4",)),
    # It wakes for a gate that its count never comes to: that may be noticed first.
    Defect(_counts_too_slowly, ("I8", "I5")),
    Defect(_waits_for_a_reading, ("I8",)),
    Defect(_takes_a_number_for_a_dose, ("I8",)),
    Defect(_airs_a_fire, ("I9",), home=10),
    Defect(_takes_a_fan_for_harmless, ("I9",), home=10),
    Defect(_tells_every_flip, ("I10",)),
    Defect(_tells_the_all_clear_again, ("I10",)),
)
