"""Defects that hide behind what an invariant excuses: each excuse is no wider than right."""

from typing import Any

import pytest

from custom_components.zhian.safety import (
    asking,
    course,
    drill,
    escalation,
    proof,
    readings,
    reports,
    requests,
    station_side,
    steps,
    waking,
)
from custom_components.zhian.safety.incident import Incident
from custom_components.zhian.safety.replacing import replace
from custom_components.zhian.safety.signals import Answer
from custom_components.zhian.safety.state import State
from custom_components.zhian.safety.turn import Turn
from custom_components.zhian.safety.vocabulary import (
    Ending,
    Hazard,
    Message,
    Outcome,
    Phase,
    Presence,
    Reason,
    StationStatus,
)

from .defect import Defect

# --- I4 ----------------------------------------------------------------------------


def _ends_a_drill_at_a_word(patch: pytest.MonkeyPatch) -> None:
    acknowledge = requests.on_acknowledge

    def end(turn: Turn, signal: Any) -> None:
        acknowledge(turn, signal)
        drill.finish(turn)

    patch.setattr(requests, "on_acknowledge", end)


def _resets_whatever_is_open(patch: pytest.MonkeyPatch) -> None:
    reset = requests.on_reset
    patch.setattr(
        requests,
        "on_reset",
        lambda turn, signal: reset(turn, replace(signal, incident=None)),
    )


def _ends_a_silent_call_with_another_incident(patch: pytest.MonkeyPatch) -> None:
    on_station = station_side.on_station

    def end(turn: Turn, said: Any) -> None:
        on_station(turn, said)
        for incident in list(turn.state.incidents.values()):
            if incident.silent and said.status is StationStatus.CLOSED:
                course.close(turn, incident, Ending.STATION)

    patch.setattr(station_side, "on_station", end)


# --- I6 ----------------------------------------------------------------------------


def _order_again(turn: Turn, incident: Incident) -> None:
    for step in incident.steps:
        if step.outcome is Outcome.CONFIRMED:
            steps.order_step(turn, turn.state.incidents[incident.id], step.id)


def _repeats_what_ends_at_a_start(patch: pytest.MonkeyPatch) -> None:
    close = course.close

    def again(turn: Turn, incident: Incident, ending: Ending) -> None:
        if incident.id in turn.state.restored:
            _order_again(turn, incident)
        close(turn, turn.state.incidents[incident.id], ending)

    patch.setattr(course, "close", again)


def _takes_a_doubt_for_a_new_alarm(patch: pytest.MonkeyPatch) -> None:
    resume = steps.resume

    def again(turn: Turn, incident: Incident) -> Incident:
        if incident.phase is Phase.ALARM and incident.presence is Presence.UNKNOWN:
            _order_again(turn, incident)
        return resume(turn, turn.state.incidents[incident.id])

    patch.setattr(steps, "resume", again)


def _moves_what_stands_there_in_a_new_alarm(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(proof, "stands", lambda turn, step: False)


def _closes_again_and_again(patch: pytest.MonkeyPatch) -> None:
    reopened = reports._on_reopened

    def close(turn: Turn, actuator: str) -> None:
        reopened(turn, actuator)
        for incident in list(turn.state.incidents.values()):
            for step in incident.steps:
                if step.actuator == actuator and step.reason is Reason.REOPENED:
                    steps.order_step(turn, incident, step.id)

    patch.setattr(reports, "_on_reopened", close)


def _makes_up_for_it_when_all_is_over(patch: pytest.MonkeyPatch) -> None:
    free = steps.free

    def late(turn: Turn) -> None:
        for incident in list(turn.state.incidents.values()):
            if incident.phase is Phase.CLEARING:
                for step in incident.steps:
                    if step.reason in steps._HELD_BACK:
                        now = turn.state.incidents[incident.id]
                        steps.order_step(turn, now, step.id)
        free(turn)

    patch.setattr(steps, "free", late)


# --- I7 ----------------------------------------------------------------------------


def _tells_the_station_of_every_repeat(patch: pytest.MonkeyPatch) -> None:
    on_station = station_side.on_station

    def repeat(turn: Turn, said: Any) -> None:
        on_station(turn, said)
        incident = turn.state.incidents.get(said.incident)
        if incident is not None and incident.repeats and not incident.is_answered:
            ladder = turn.state.household.ladder
            turn.report(escalation._repeat(turn, ladder, incident))

    patch.setattr(station_side, "on_station", repeat)


def _reports_what_is_unsure_after_a_restart(patch: pytest.MonkeyPatch) -> None:
    report = Turn.report

    def tell(turn: Turn, incident: Incident) -> None:
        report(turn, incident)
        if incident.withheld and incident.id in turn.state.restored:
            turn._reports[incident.id] = None

    patch.setattr(Turn, "report", tell)


# --- I10 ---------------------------------------------------------------------------


def _tells_again_at_every_start(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(
        waking,
        "_tell_again",
        lambda turn, incident: turn.tell(Message.ALARM, incident.id),
    )


def _forgets_at_the_start_what_it_has_told(patch: pytest.MonkeyPatch) -> None:
    on_started = waking.on_started

    def forget(turn: Turn) -> None:
        turn.change("announced", frozenset())
        on_started(turn)

    patch.setattr(waking, "on_started", forget)


def _tells_gas_anew_after_a_disarm(patch: pytest.MonkeyPatch) -> None:
    is_known = readings._is_alarm_known

    def forget(turn: Turn, incident: Incident, detector: str) -> bool:
        said, began = turn.state.panel.since, incident.alarm_since
        is_disarmed = said is not None and began is not None and said > began
        is_other = incident.hazard is not Hazard.INTRUSION
        return is_known(turn, incident, detector) and not (is_disarmed and is_other)

    patch.setattr(readings, "_is_alarm_known", forget)


def _tells_anew_who_wants_help(patch: pytest.MonkeyPatch) -> None:
    is_known = readings._is_alarm_known
    patch.setattr(
        readings,
        "_is_alarm_known",
        lambda turn, incident, detector: (
            is_known(turn, incident, detector) and incident.help is None
        ),
    )


# --- I13 ---------------------------------------------------------------------------


def _believes_who_has_called_for_help(patch: pytest.MonkeyPatch) -> None:
    is_answered = asking.is_answered

    def believe(state: State, incident: Incident, answer: Answer) -> bool:
        return is_answered(state, replace(incident, help=None), answer)

    patch.setattr(asking, "is_answered", believe)


DEFECTS = (
    Defect(_ends_a_drill_at_a_word, ("I4",), home=110),
    Defect(_resets_whatever_is_open, ("I4",)),
    Defect(_ends_a_silent_call_with_another_incident, ("I4",), home=85),
    Defect(_repeats_what_ends_at_a_start, ("I6",)),
    Defect(_takes_a_doubt_for_a_new_alarm, ("I6",)),
    Defect(_moves_what_stands_there_in_a_new_alarm, ("I6",), home=65),
    Defect(_closes_again_and_again, ("I6",)),
    Defect(_makes_up_for_it_when_all_is_over, ("I6",), home=110),
    Defect(_tells_the_station_of_every_repeat, ("I7",)),
    Defect(_reports_what_is_unsure_after_a_restart, ("I7",)),
    Defect(_tells_again_at_every_start, ("I10",)),
    Defect(_forgets_at_the_start_what_it_has_told, ("I10",), home=160),
    Defect(_tells_gas_anew_after_a_disarm, ("I10",)),
    Defect(_tells_anew_who_wants_help, ("I10",), home=60),
    Defect(_believes_who_has_called_for_help, ("I13",), home=360),
)
