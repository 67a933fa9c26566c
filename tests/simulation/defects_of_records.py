"""Defects of the records: what a restart goes on from, and what the station hears."""

from dataclasses import replace
from typing import Any

import pytest

from custom_components.zhian.safety import requests, station_side, steps
from custom_components.zhian.safety.entries import StepOrdered
from custom_components.zhian.safety.incident import Incident
from custom_components.zhian.safety.turn import Turn

from .defect import Defect, nothing

# --- I6 ----------------------------------------------------------------------------


def _repeats_what_is_done(patch: pytest.MonkeyPatch) -> None:
    def resume(turn: Turn, incident: Incident) -> Incident:
        for step in incident.steps:
            incident = steps.order_step(turn, incident, step.id)
        return incident

    patch.setattr(steps, "resume", resume)


def _forgets_what_is_open(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(steps, "resume", lambda turn, incident: incident)


def _changes_without_an_entry(patch: pytest.MonkeyPatch) -> None:
    acknowledge = requests.on_acknowledge

    def off_the_record(turn: Turn, signal: Any) -> None:
        acknowledge(turn, signal)
        for incident in turn.state.incidents.values():
            marked = replace(incident, reset_by=signal.by)
            incidents = {**turn.state.incidents, incident.id: marked}
            turn.state = replace(turn.state, incidents=incidents)

    patch.setattr(requests, "on_acknowledge", off_the_record)


def _forgets_the_plan(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(steps, "complete", lambda turn, incident, plan: incident)


# --- I7 ----------------------------------------------------------------------------


def _reportsnothing(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Turn, "report", nothing)


def _counts_revisions_wrong(patch: pytest.MonkeyPatch) -> None:
    record = Turn.record

    def skip(turn: Turn, entry: Any, incident: str, /, **fields: object) -> Incident:
        after = record(turn, entry, incident, **fields)
        if entry is StepOrdered:
            turn._news[-1] = replace(turn._news[-1], seq=after.seq + 1)
        return after

    patch.setattr(Turn, "record", skip)


def _hides_the_drill(patch: pytest.MonkeyPatch) -> None:
    record = Turn.record

    def hide(turn: Turn, entry: Any, incident: str, /, **fields: object) -> Incident:
        fields.pop("drill", None)
        return record(turn, entry, incident, **fields)

    patch.setattr(Turn, "record", hide)


def _tells_the_station_what_it_said(patch: pytest.MonkeyPatch) -> None:
    on_station = station_side.on_station

    def echo(turn: Turn, said: Any) -> None:
        on_station(turn, said)
        if incident := turn.state.incidents.get(said.incident):
            turn.report(incident)

    patch.setattr(station_side, "on_station", echo)


DEFECTS = (
    Defect(_repeats_what_is_done, ("I6",)),
    Defect(_forgets_what_is_open, ("I6",)),
    Defect(_changes_without_an_entry, ("I6",)),
    Defect(_forgets_the_plan, ("I6",), home=10),
    Defect(_reportsnothing, ("I7",)),
    Defect(_counts_revisions_wrong, ("I7",)),
    Defect(_hides_the_drill, ("I7",)),
    Defect(_tells_the_station_what_it_said, ("I7",)),
)
