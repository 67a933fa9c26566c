"""Defects of what moves: gas valves, sparks, steps, drills and exercises."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from custom_components.zhian.safety import (
    course,
    drill,
    exercise,
    interlock,
    patience,
    proof,
    requests,
    steps,
    supervision,
    waking,
)
from custom_components.zhian.safety.household import Actuator
from custom_components.zhian.safety.incident import Incident, Step
from custom_components.zhian.safety.orders import Drive, Exercised
from custom_components.zhian.safety.signals import DrillStarted, ExerciseRequested
from custom_components.zhian.safety.state import State
from custom_components.zhian.safety.turn import Turn
from custom_components.zhian.safety.vocabulary import (
    ActuatorRole,
    Outcome,
    Position,
    Reason,
)

from .defect import Defect, nothing

# --- I1 ----------------------------------------------------------------------------


def _opens_for_anybody(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(
        requests,
        "why_not_open",
        lambda state, request: (
            None
            if request.actuator in state.household.actuators
            else Reason.NO_SUCH_ACTUATOR
        ),
    )


def _opens_too_early(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(interlock, "CLEAR_BEFORE_OPENING", timedelta(seconds=30))


def _opens_when_clear(patch: pytest.MonkeyPatch) -> None:
    close = course.close

    def reopen(turn: Turn, incident: Incident, ending: Any) -> None:
        close(turn, incident, ending)
        for actuator in turn.state.household.actuators.values():
            if actuator.role is ActuatorRole.GAS_VALVE:
                turn.drive(Drive(actuator.id, Position.OPEN))

    patch.setattr(course, "close", reopen)


def _forgets_the_warm_up(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(supervision, "WARM_UP", timedelta())


def _opens_gas_after_an_exercise(patch: pytest.MonkeyPatch) -> None:
    end = exercise._end

    def end_open(turn: Turn, actuator: Actuator, reason: Reason | None) -> None:
        turn.drive(Drive(actuator.id, Position.OPEN))
        end(turn, actuator, reason)

    patch.setattr(exercise, "_end", end_open)


# --- I2 ----------------------------------------------------------------------------


def _has_no_interlock(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(interlock, "why_not_drive", nothing)


def _takes_no_zone_for_no_gas(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(
        interlock,
        "_reaches",
        lambda incident, actuator: actuator.zone in incident.zones,
    )


# --- I5 ----------------------------------------------------------------------------


def _never_wakes(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(waking, "next_wake", nothing)


def _believes_the_echo(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(proof, "ECHO", timedelta())


def _believes_what_stood_there(patch: pytest.MonkeyPatch) -> None:
    def believe(report: Any, step: Step, actuator: object) -> bool:
        return report.position is step.target

    patch.setattr(proof, "proves", believe)


def _gives_up_in_silence(patch: pytest.MonkeyPatch) -> None:
    def give_up(turn: Turn, incident: Incident, step: Step, reason: object) -> Incident:
        return steps._settle(turn, incident, step, Outcome.FAILED, None)

    patch.setattr(steps, "_give_up", give_up)


def _tries_without_an_end(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(patience, "FAILED_AFTER", timedelta(days=1))
    patch.setattr(patience, "TOLD_BY", timedelta(days=1))


# --- I11 ---------------------------------------------------------------------------


def _never_ends_a_drill_in_time(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(drill, "end_in_time", nothing)


def _moves_in_every_drill(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(interlock, "_moves_in_drill", lambda incident, actuator, target: True)


def _sparks_in_a_drill(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(
        interlock, "_moves_in_drill", lambda incident, actuator, target: incident.moves
    )


def _drills_gas_whatever_is_asked(patch: pytest.MonkeyPatch) -> None:
    start = drill.start

    def start_gas(turn: Turn, signal: DrillStarted, new_id: Any) -> None:
        start(turn, replace(signal, hazard=None), new_id)

    patch.setattr(drill, "start", start_gas)


# --- I12 ---------------------------------------------------------------------------


def _exercises_gas_for_anybody(patch: pytest.MonkeyPatch) -> None:
    why_not = exercise.why_not

    def never_mind(state: State, request: ExerciseRequested) -> Reason | None:
        return why_not(state, replace(request, by="Li", local=True))

    patch.setattr(exercise, "why_not", never_mind)


def _turns_the_water_on_in_a_leak(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(exercise, "_may_go_on", lambda state, actuator: True)


def _takes_any_report_for_an_exercise(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(exercise, "_proves", lambda report, exercise, actuator: True)


def _forgets_an_exercise_at_a_restart(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(exercise, "resume", nothing)


def _fails_an_exercise_in_silence(patch: pytest.MonkeyPatch) -> None:
    def end(turn: Turn, actuator: Actuator, reason: Reason | None) -> None:
        left = {k: v for k, v in turn.state.exercises.items() if k != actuator.id}
        turn.change("exercises", left)
        turn.note(Exercised(actuator.id, turn.at, reason))

    patch.setattr(exercise, "_end", end)


DEFECTS = (
    Defect(_opens_for_anybody, ("I1", "I2")),
    Defect(_opens_too_early, ("I1",), home=10),
    Defect(_opens_when_clear, ("I1",)),
    Defect(_forgets_the_warm_up, ("I1", "I4")),
    Defect(_opens_gas_after_an_exercise, ("I1", "I2"), home=20),
    Defect(_has_no_interlock, ("I2",)),
    Defect(_takes_no_zone_for_no_gas, ("I2",)),
    Defect(_never_wakes, ("I5", "I10")),
    Defect(_believes_the_echo, ("I5",)),
    Defect(_believes_what_stood_there, ("I5",)),
    Defect(_gives_up_in_silence, ("I5",)),
    Defect(_tries_without_an_end, ("I5",)),
    Defect(_never_ends_a_drill_in_time, ("I11",), home=10),
    Defect(_moves_in_every_drill, ("I11",)),
    Defect(_sparks_in_a_drill, ("I11",), home=30),
    Defect(_drills_gas_whatever_is_asked, ("I11",)),
    Defect(_exercises_gas_for_anybody, ("I12",), home=10),
    Defect(_turns_the_water_on_in_a_leak, ("I12", "I2"), home=250),
    Defect(_takes_any_report_for_an_exercise, ("I12",), home=10),
    Defect(_forgets_an_exercise_at_a_restart, ("I12",), home=90),
    Defect(_fails_an_exercise_in_silence, ("I12",), home=20),
)
