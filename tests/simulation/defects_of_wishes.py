"""Defects of what people have chosen: who agrees, what acts, what the station hears."""

from datetime import timedelta
from typing import Any

import pytest

from custom_components.zhian.safety import (
    confirming,
    evidence,
    inquiry,
    interlock,
    plan,
    turn as turn_module,
    waking,
)
from custom_components.zhian.safety.entries import Inquired
from custom_components.zhian.safety.turn import Turn
from custom_components.zhian.safety.vocabulary import Message

from .defect import Defect, nothing

# --- who has to agree ----------------------------------------------------------------


def _never_believes_one_alone(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(confirming, "insisting", lambda state, at: ())
    patch.setattr(confirming, "dues", lambda state: ())


def _asks_for_no_second(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(confirming, "is_confirmed", lambda state, hazard, at: True)


def _waits_for_the_dead(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(confirming, "_works", lambda state, detector: True)


# --- what acts -----------------------------------------------------------------------


def _moves_what_was_left_out(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(plan, "is_fixed", lambda actuator: True)


def _forgets_what_was_added(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(plan, "possible", nothing)


def _lets_the_rain_in(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(interlock, "why_hindered", nothing)


# --- what the gas itself says ----------------------------------------------------------


def _judges_the_gas_at_once(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(evidence, "AFTER", timedelta())


def _keeps_rising_gas_quiet(patch: pytest.MonkeyPatch) -> None:
    tell = Turn.tell

    def hush(turn: Turn, message: Message, *args: Any, **kwargs: Any) -> None:
        if message is not Message.STILL_RISING:
            tell(turn, message, *args, **kwargs)

    patch.setattr(Turn, "tell", hush)


# --- what the station hears ------------------------------------------------------------


def _keeps_a_leak_back_for_ever(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(waking, "uncancelled", lambda state, at: ())
    patch.setattr(waking, "report_dues", lambda state: ())


def _lets_nobody_cancel(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(turn_module, "is_withheld", lambda state, incident: False)


def _reports_what_nobody_wants_reported(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(turn_module, "is_unwanted", lambda state, incident: False)


def _gives_a_silent_call_away(patch: pytest.MonkeyPatch) -> None:
    def ask(turn: Turn, asked: Any) -> None:
        incident = turn.state.incidents.get(asked.incident)
        if incident is not None and incident.silent:
            turn.tell(Message.QUESTION, incident.id)

    patch.setattr(inquiry, "_on_asked", ask)


def _asks_people_twice(patch: pytest.MonkeyPatch) -> None:
    def ask(turn: Turn, asked: Any) -> None:
        incident = turn.state.incidents.get(asked.incident)
        if incident is not None and not incident.silent:
            turn.record(
                Inquired,
                incident.id,
                question=asked.question,
                text=asked.text,
                by=asked.by,
            )
            turn.tell(Message.QUESTION, incident.id)

    patch.setattr(inquiry, "_on_asked", ask)


DEFECTS = (
    Defect(_never_believes_one_alone, ("I3",), home=65),
    Defect(_asks_for_no_second, ("I3",), home=65),
    Defect(_waits_for_the_dead, ("I3",), home=175),
    Defect(_moves_what_was_left_out, ("I0",)),
    Defect(_forgets_what_was_added, ("I3",)),
    Defect(_lets_the_rain_in, ("I2",)),
    Defect(_judges_the_gas_at_once, ("I5",)),
    Defect(_keeps_rising_gas_quiet, ("I5",)),
    Defect(_keeps_a_leak_back_for_ever, ("I7",)),
    Defect(_lets_nobody_cancel, ("I7",)),
    Defect(_reports_what_nobody_wants_reported, ("I7",), home=65),
    Defect(_gives_a_silent_call_away, ("I16", "I7")),
    Defect(_asks_people_twice, ("I7",)),
)
