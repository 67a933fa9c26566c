"""Asking a person who has not been seen to move for too long.

They are asked every 30 s for ten minutes. A sign of life or an answer ends it. Without
either the contacts are told in their order, and when none of them answers the station.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

from . import escalation, steps
from .entries import Asked, Assessed, PassedOn, Unanswered
from .household import Detector, Household
from .incident import Incident
from .plan import steps_for
from .signals import Answer
from .state import State
from .turn import Turn
from .vocabulary import ContactRole, Hazard, Level, Message, Phase, Presence, Response

EVERY: Final = timedelta(seconds=30)
FOR: Final = timedelta(minutes=10)
"""The numbers of social alarms (Tunstall Lifeline 4000): ten minutes to answer, and a
spoken word every 30 s."""

_SILENT: Final = frozenset({Level.PRE_ALARM, Level.ALARM})
_ASKABLE: Final = frozenset({Phase.PRE_ALARM, Phase.CLEARING})


def begin(turn: Turn) -> None:
    """Ask for the first time, unless somebody is asked already or has taken it."""
    incident = turn.state.open_incident(Hazard.INACTIVITY)
    if incident is None or incident.asking_since or incident.phase not in _ASKABLE:
        return
    # An alarm of yesterday that nobody has reset must not hide the silence of today.
    if incident.phase is Phase.CLEARING or not incident.is_answered:
        _ask(turn, incident)


def on_time(turn: Turn) -> None:
    """Ask again, or raise the alarm when the time to answer is up."""
    incident = turn.state.open_incident(Hazard.INACTIVITY)
    if incident is None or incident.asking_since is None or incident.asked_at is None:
        return
    waited = turn.at - incident.asked_at
    if timedelta() <= waited < EVERY:
        return
    # After a restart the last question is old: who was not asked cannot answer.
    was_asked = timedelta() <= waited < 2 * EVERY
    if was_asked and turn.at - incident.asking_since >= FOR:
        _raise(turn, incident)
    else:
        _ask(turn, incident)


def dues(state: State) -> list[datetime]:
    """Return when somebody is to be asked again."""
    incident = state.open_incident(Hazard.INACTIVITY)
    if incident and incident.asking_since and incident.asked_at:
        if incident.id not in state.restored:
            return [incident.asked_at + EVERY]
    return []


def is_over(incident: Incident) -> bool:
    """Whether a sign of life has come before the alarm."""
    return (
        incident.hazard is Hazard.INACTIVITY
        and incident.phase is Phase.PRE_ALARM
        and incident.presence is Presence.NO
    )


def is_answered(state: State, incident: Incident, answer: Answer) -> bool:
    """Whether an answer says that everybody whose silence it was is well.

    Who has asked for help in the meantime is to be seen by somebody first.
    """
    return (
        incident.hazard is Hazard.INACTIVITY
        and answer.response is Response.SAFE
        and incident.help is None
        and speaks_for(answer.contact, incident.asked)
        and all(
            speaks_for(answer.contact, whom(state.household, detector))
            for detector in _silent(state, incident)
        )
    )


def speaks_for(contact: str | None, asked: Collection[str]) -> bool:
    """Whether an answer is that of somebody who was asked.

    Where only a voice asks, only a voice can answer, and it has no contact.
    """
    return contact in asked if asked else contact is None


def pass_on(turn: Turn) -> None:
    """Let the station know once there is no contact left who might answer."""
    incident = turn.state.open_incident(Hazard.INACTIVITY)
    if (
        incident is None
        or incident.alarm_since is None
        or incident.is_answered
        or incident.passed_on_at is not None
        or incident.id in turn.state.restored
    ):
        return
    if incident.repeats or not turn.state.household.ladder.contacts:
        turn.report(turn.record(PassedOn, incident.id))


def whom(household: Household, detector: Detector) -> tuple[str, ...]:
    """Return the contacts who are asked about a silence."""
    ladder = household.ladder
    chosen = ladder.in_order(frozenset(detector.asks))
    return chosen or tuple(
        c.id for c in ladder.contacts if c.role is ContactRole.RESIDENT
    )


def _silent(state: State, incident: Incident) -> list[Detector]:
    """Return the detectors whose silence it is; all of them where none has spoken."""
    household = state.household
    found = [
        household.detectors[d] for d in incident.detectors if d in household.detectors
    ]
    silent = [
        d for d in found if (s := state.readings.get(d.id)) and s.level in _SILENT
    ]
    return silent or found


def _ask(turn: Turn, incident: Incident) -> None:
    silent = _silent(turn.state, incident)
    household = turn.state.household
    contacts = dict.fromkeys(c for d in silent for c in whom(household, d))
    number = 1 if incident.asking_since is None else incident.asks + 1
    turn.report(
        turn.record(Asked, incident.id, number=number, contacts=tuple(contacts))
    )
    for detector in silent:
        turn.tell(
            Message.ASK,
            incident.id,
            detector.id,
            audience=whom(household, detector),
        )


def _raise(turn: Turn, incident: Incident) -> None:
    """Nobody has answered: tell the contacts, those nearest first."""
    asked = incident.called
    incident = turn.record(
        Assessed, incident.id, phase=Phase.ALARM, presence=incident.presence
    )
    plan = steps_for(turn.state.household, incident.hazard)
    incident = steps.run_plan(turn, incident, plan)
    ladder = turn.state.household.ladder
    if missing := ladder.in_order(asked):
        incident = turn.record(Unanswered, incident.id, contacts=missing)
    if ladder.contacts:
        # They have had ten minutes: the next are told without another wait.
        rung = escalation.next_rung(ladder, incident) or ladder.rungs[-1]
        incident = escalation.step_up(turn, incident, rung)
    turn.tell(Message.ALARM, incident.id, next(iter(incident.detectors), None))
    turn.report(incident)
