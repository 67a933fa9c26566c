"""I4: what ends an alarm. No time does, and nobody who is not on site.

I13, as far as it is about the end: whose silence it was ends it, by moving or by a word.
"""

from datetime import datetime

from custom_components.zhian.safety.entries import Closed, Opened
from custom_components.zhian.safety.household import Household
from custom_components.zhian.safety.incident import Incident
from custom_components.zhian.safety.signals import (
    Answer,
    DisarmRequested,
    DrillEnded,
    ResetRequested,
    Signal,
    Started,
    StationSaid,
    Tick,
)
from custom_components.zhian.safety.vocabulary import (
    Ending,
    Hazard,
    Level,
    Phase,
    Response,
    StationStatus,
)

from .decision import Decision
from .panel_book import SEEN
from .senses import Senses
from .violation import Violation


def check_clear(
    senses: Senses, household: Household, incident: Incident, at: datetime
) -> None:
    """Only detectors that are all known to be clear end an alarm.

    One that a person has taken out of the home is not waited for: it will never speak
    again. Without any that is left, no silence ends anything.
    """
    if incident.hazard is Hazard.SOS:
        raise Violation("I4", "a call for help fades away")
    watched = [d for d in incident.detectors if d in household.detectors]
    if not watched:
        raise Violation("I4", "an alarm ends without a detector")
    for detector in watched:
        if not senses.is_clear(detector, at):
            raise Violation("I4", f"an alarm ends while {detector} is not clear")


def check_closing(
    senses: Senses, decision: Decision, was: Incident, entry: Closed
) -> None:
    """See that an incident is closed by who may, and for a reason that is true."""
    signal, household = decision.signal, decision.after.household
    if any(not step.outcome.is_settled for step in was.steps):
        raise Violation("I5", "an incident closes over a running step")
    if was.drill:
        _check_drill_over(decision, entry.ending)
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
        or not _means(signal, was)
    ):
        raise Violation("I4", f"{signal} closes {was.id}: {entry.ending}")
    watched = [d for d in was.detectors if d in household.detectors]
    if was.hazard is Hazard.SOS:
        if any(senses.levels.get(d) is Level.ALARM for d in watched):
            raise Violation("I4", "a call is reset while the button is held")
    elif was.hazard is Hazard.INACTIVITY:
        return  # no silence proves anything: who is on site has seen how the person is
    elif watched:
        check_clear(senses, household, was, entry.at)
    # Else a person has taken all of its detectors out of the home: without this way out
    # the alarm would be on for ever.


def _means(signal: ResetRequested, was: Incident) -> bool:
    """Whether a person means this incident; without a name, any that they can see."""
    return signal.incident == was.id or (signal.incident is None and not was.silent)


def _check_drill_over(decision: Decision, ending: Ending) -> None:
    """A drill is no alarm: time ends it, too, and so does a real one."""
    signal = decision.signal
    if ending is Ending.REAL_ALARM:
        is_right = any(
            isinstance(entry, Opened) and not entry.drill
            for entry in decision.after.news
        )
    else:
        is_right = ending is Ending.DRILL_OVER and isinstance(
            signal, DrillEnded | ResetRequested | Tick | Started
        )
    if not is_right:
        raise Violation("I4", f"{signal} closes a drill: {ending}")


def _check_disarmed(
    senses: Senses, household: Household, signal: Signal, was: Incident, ending: Ending
) -> None:
    """A code ends an intrusion; a silent call ends where nobody forces it."""
    if ending is Ending.STATION:
        # Nobody in the home can: whoever forces somebody may look on.
        is_right = (
            was.silent
            and isinstance(signal, StationSaid)
            and signal.incident == was.id
            and signal.status is StationStatus.CLOSED
        )
    elif not isinstance(signal, DisarmRequested):
        is_right = False
    elif was.silent:
        is_right = was.is_answered and not signal.duress
    else:
        is_right = was.hazard is Hazard.INTRUSION and not any(
            (known := household.detectors.get(d)) is not None
            and known.watch.is_always
            and senses.levels.get(d) in SEEN
            for d in was.detectors
        )
    if not is_right:
        raise Violation("I4", f"{signal} closes {was.id}: {ending}")


def _check_well(
    senses: Senses, household: Household, signal: Signal, was: Incident, at: datetime
) -> None:
    """I13: a movement ends the question; only the person's own word the alarm."""
    if isinstance(signal, Answer):
        is_meant = signal.incident == was.id and signal.response is Response.SAFE
        is_own = signal.contact in was.asked or not (was.asked or signal.contact)
        if not (is_meant and is_own) or was.help is not None:
            raise Violation("I13", f"{signal} ends a silence")
    elif was.phase is not Phase.PRE_ALARM:
        raise Violation("I13", "a movement ends the alarm")
    else:
        check_clear(senses, household, was, at)
