"""Defects about people: who is asked and told, and who may come in."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from custom_components.zhian.safety import asking, escalation, panel, readings, silent
from custom_components.zhian.safety.arming import Sense
from custom_components.zhian.safety.incident import Incident
from custom_components.zhian.safety.ladder import Ladder
from custom_components.zhian.safety.orders import Tell
from custom_components.zhian.safety.signals import HelpCalled
from custom_components.zhian.safety.turn import Turn
from custom_components.zhian.safety.vocabulary import Hazard, Presence

from .defect import Defect, nothing

# --- I13 ---------------------------------------------------------------------------


def _asks_once(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(asking, "dues", lambda state: ())


def _gives_one_minute_to_answer(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(asking, "FOR", timedelta(minutes=1))


def _asks_nobody(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(asking, "begin", nothing)


def _asks_for_ever(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(asking, "FOR", timedelta(days=1))


def _takes_anybody_for_well(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(
        asking,
        "is_answered",
        lambda state, incident, answer: incident.hazard is Hazard.INACTIVITY,
    )


def _takes_the_neighbour_for_the_person(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(
        asking,
        "is_over",
        lambda incident: (
            incident.hazard is Hazard.INACTIVITY and incident.presence is Presence.NO
        ),
    )


def _tells_the_station_first(patch: pytest.MonkeyPatch) -> None:
    reportable = property(lambda incident: incident.alarm_since is not None)
    patch.setattr(Incident, "is_reportable", reportable)


# --- I14 ---------------------------------------------------------------------------


def _alarms_in_a_disarmed_home(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(panel, "_counts", lambda turn, detector: True)


def _alarms_at_every_motion(patch: pytest.MonkeyPatch) -> None:
    counts = panel._counts
    patch.setattr(
        panel,
        "_counts",
        lambda turn, detector: (
            detector.watch.sense is Sense.MOTION or counts(turn, detector)
        ),
    )


# --- I15 ---------------------------------------------------------------------------


def _forgets_that_it_is_armed(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(panel, "_counts", lambda turn, detector: detector.watch.is_always)


def _waits_for_the_burglar(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(panel, "on_time", lambda turn: ())
    patch.setattr(panel, "dues", lambda state: ())


def _arms_whatever_is_open(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(panel, "in_the_way", lambda state, mode: ())


# --- I16 ---------------------------------------------------------------------------


def _calls_aloud_under_duress(patch: pytest.MonkeyPatch) -> None:
    def aloud(turn: Turn, by: str) -> None:
        readings.on_call(turn, HelpCalled(by, turn.at))

    patch.setattr(silent, "call", aloud)


def _stays_armed_under_duress(patch: pytest.MonkeyPatch) -> None:
    disarm = panel.disarm

    def refuse(turn: Turn, request: Any) -> None:
        if not request.duress:
            disarm(turn, request)

    patch.setattr(panel, "disarm", refuse)


def _calls_nobody_under_duress(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(silent, "call", nothing)


# --- I17 ---------------------------------------------------------------------------


def _waits_for_nobody(patch: pytest.MonkeyPatch) -> None:
    due = escalation._due
    patch.setattr(
        escalation,
        "_due",
        lambda ladder, incident: due(ladder, incident) and incident.rung_at,
    )


def _lets_people_sleep(patch: pytest.MonkeyPatch) -> None:
    due = escalation._due

    def late(ladder: Ladder, incident: Incident) -> datetime | None:
        at = due(ladder, incident)
        return at + timedelta(minutes=1) if at else None

    patch.setattr(escalation, "_due", late)


def _asks_on_and_on(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(escalation, "_rises", lambda _, incident: incident.is_reportable)


def _wakes_the_street_in_a_drill(patch: pytest.MonkeyPatch) -> None:
    address = escalation.address

    def everybody(turn: Turn, orders: Any) -> Any:
        people = tuple(c.id for c in turn.state.household.ladder.contacts)
        return [
            replace(o, audience=people) if isinstance(o, Tell) and people else o
            for o in address(turn, orders)
        ]

    patch.setattr(escalation, "address", everybody)


DEFECTS = (
    Defect(_asks_once, ("I13",), home=10),
    Defect(_gives_one_minute_to_answer, ("I13",)),
    Defect(_asks_nobody, ("I13",)),
    Defect(_asks_for_ever, ("I13",)),
    Defect(_takes_anybody_for_well, ("I13",)),
    Defect(_takes_the_neighbour_for_the_person, ("I13",)),
    Defect(_tells_the_station_first, ("I13",)),
    Defect(_alarms_in_a_disarmed_home, ("I14",)),
    Defect(_alarms_at_every_motion, ("I14",)),
    Defect(_forgets_that_it_is_armed, ("I15", "I3")),
    Defect(_waits_for_the_burglar, ("I15",), home=40),
    Defect(_arms_whatever_is_open, ("I15",)),
    Defect(_calls_aloud_under_duress, ("I16",)),
    Defect(_stays_armed_under_duress, ("I16",)),
    Defect(_calls_nobody_under_duress, ("I16",)),
    Defect(_waits_for_nobody, ("I17",)),
    Defect(_lets_people_sleep, ("I17",)),
    Defect(_asks_on_and_on, ("I17",)),
    Defect(_wakes_the_street_in_a_drill, ("I17",), home=10),
)
