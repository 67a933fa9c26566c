"""I4: what ends an alarm. No time does, and nobody who is not on site.

I13, as far as it is about the end: whose silence it was ends it, by moving or by a word.
"""

from datetime import datetime

from custom_components.zhian.safety.entries import Closed
from custom_components.zhian.safety.household import Household
from custom_components.zhian.safety.incident import Incident
from custom_components.zhian.safety.replacing import replace
from custom_components.zhian.safety.signals import (
    Answer,
    DisarmRequested,
    ResetRequested,
    Signal,
    StationSaid,
)
from custom_components.zhian.safety.vocabulary import (
    Ending,
    Hazard,
    Level,
    Phase,
    Response,
    StationStatus,
)

from .panel_book import SEEN
from .senses import Senses
from .violation import Violation


def check_clear(
    senses: Senses, household: Household, incident: Incident, at: datetime
) -> None:
    """Only detectors that are all known to be clear end an alarm."""
    if incident.hazard is Hazard.SOS:
        raise Violation("I4", "a call for help fades away")
    watched = [d for d in incident.detectors if d in household.detectors]
    if not watched:
        raise Violation("I4", "an alarm ends without a detector")
    for detector in watched:
        if not senses.is_clear(detector, at):
            raise Violation("I4", f"an alarm ends while {detector} is not clear")


def check_closing(
    senses: Senses, household: Household, signal: Signal, was: Incident, entry: Closed
) -> None:
    """See that an incident is closed by who may, and for a reason that is true."""
    if any(not step.outcome.is_settled for step in was.steps):
        raise Violation("I5", "an incident closes over a running step")
    if was.drill:
        return
    if entry.ending in (Ending.DISARMED, Ending.STATION):
        _check_disarmed(senses, household, signal, was, entry.ending)
        return
    if entry.ending is Ending.PRE_ALARM_OVER and was.alarm_since is None:
        check_clear(senses, household, was, entry.at)
        return
    if was.hazard is Hazard.INACTIVITY and entry.ending is Ending.PERSON_WELL:
        _check_well(senses, household, signal, was, entry.at)
        return
    if (
        entry.ending is not Ending.RESET
        or not isinstance(signal, ResetRequested)
        or not signal.local
    ):
        raise Violation("I4", f"{signal} closes an alarm: {entry.ending}")
    watched = [d for d in was.detectors if d in household.detectors]
    if was.hazard is Hazard.SOS:
        if any(senses.levels.get(d) is Level.ALARM for d in watched):
            raise Violation("I4", "a call is reset while the button is held")
    elif watched and was.hazard is not Hazard.INACTIVITY:
        # Whoever resets that one on site has seen how the person is.
        check_clear(senses, household, was, entry.at)


def _check_disarmed(
    senses: Senses, household: Household, signal: Signal, was: Incident, ending: Ending
) -> None:
    """A code ends an intrusion; a silent call ends where nobody forces it."""
    if ending is Ending.STATION:
        is_right = (
            was.silent
            and isinstance(signal, StationSaid)
            and signal.status is StationStatus.CLOSED
        )
    elif was.silent:
        is_right = was.is_answered and signal == replace(signal, duress=False)
    else:
        is_right = was.hazard is Hazard.INTRUSION and not any(
            (known := household.detectors.get(d)) is not None
            and known.watch.is_always
            and senses.levels.get(d) in SEEN
            for d in was.detectors
        )
    if not is_right or not isinstance(signal, DisarmRequested | StationSaid):
        raise Violation("I4", f"{signal} closes {was.id}: {ending}")


def _check_well(
    senses: Senses, household: Household, signal: Signal, was: Incident, at: datetime
) -> None:
    """I13: a movement ends the question; only the person's own word the alarm."""
    if isinstance(signal, Answer):
        if signal.response is not Response.SAFE or signal.contact not in was.asked:
            raise Violation("I13", f"{signal} ends a silence")
    elif was.phase is not Phase.PRE_ALARM:
        raise Violation("I13", "a movement ends the alarm")
    else:
        check_clear(senses, household, was, at)
