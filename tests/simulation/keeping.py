"""I7, as far as it is about silence: what is kept back from the station, and how long.

Written down a second time and more plainly than in the kernel.
"""

from datetime import UTC, datetime, timedelta

from custom_components.zhian.safety.entries import Released
from custom_components.zhian.safety.household import Household
from custom_components.zhian.safety.incident import Incident
from custom_components.zhian.safety.signals import Tick
from custom_components.zhian.safety.state import State
from custom_components.zhian.safety.timeline import fold
from custom_components.zhian.safety.vocabulary import Hazard, StationStatus

from .decision import Decision
from .violation import Violation

EVER = datetime.min.replace(tzinfo=UTC)
LONGEST = 300.0
"""Seconds for which a report may be put off, whatever people have chosen."""
SLACK = timedelta(seconds=0.01)

NOBODY_DIES = frozenset({Hazard.WATER, Hazard.INTRUSION})
"""Hazards whose report people may put off, and so take back."""


def is_unwanted(incident: Incident, household: Household) -> bool:
    """Whether people have chosen that the station never hears of this."""
    is_chosen = household.priorities.get(incident.hazard) == 0
    return incident.hazard is Hazard.WATER and is_chosen and incident.help is None


def is_put_off(incident: Incident, household: Household) -> bool:
    """Whether people still have the time to take a report back, or have taken it back."""
    return (
        incident.hazard in NOBODY_DIES
        and household.report_after.get(incident.hazard, 0.0) > 0
        and not incident.drill
        and incident.alarmed_at is not None
        and not incident.is_released
        and incident.help is None
        # Who has heard of it once hears how it goes on.
        and incident.station.status is StationStatus.NONE
    )


def is_unsure(incident: Incident, household: Household) -> bool:
    """Whether too little is known of an intrusion."""
    score = incident.score
    is_low = score is not None and score < household.panel.report_from
    return incident.hazard is Hazard.INTRUSION and incident.withheld and is_low


def is_kept_back(incident: Incident, household: Household) -> bool:
    """Whether the station must not hear of an incident, so far or at all."""
    return incident.hazard in NOBODY_DIES and (
        is_unsure(incident, household)
        or is_unwanted(incident, household)
        or is_put_off(incident, household)
    )


class Keeping:
    """Watches when a report that was put off is let go."""

    def __init__(self) -> None:
        """Begin with nothing that waits."""
        self._look_at: datetime | None = EVER

    def check(self, decision: Decision) -> None:
        """Not before its time, and not after it, unless somebody has taken it."""
        after, at = decision.after, decision.at
        if not after.household.report_after:
            return
        for entry in after.news:
            if isinstance(entry, Released):
                self._check_time(_until(entry, decision), decision)
        if decision.is_restarting:
            self._look_at = EVER
        elif after.news or (self._look_at is not None and at >= self._look_at):
            # What is due by now is done at once, if not in this turn.
            is_woken = decision.wake is not None and decision.wake <= at
            if decision.kind is Tick or not is_woken:
                self._check_all(after, at)

    def _check_time(self, incident: Incident, decision: Decision) -> None:
        household, at = decision.after.household, decision.at
        due, began = _due(incident, household), incident.alarmed_at
        if not is_put_off(incident, household) or began is None:
            raise Violation("I7", f"{incident.id} is let go and was not put off")
        # With a clock that was turned back nobody knows how long it was.
        if began <= at < due - SLACK or _is_cancelled(incident, due):
            raise Violation("I7", f"{incident.id} is let go at {at}, not at {due}")

    def _check_all(self, after: State, at: datetime) -> None:
        self._look_at = None
        for incident in after.incidents.values():
            if not is_put_off(incident, after.household):
                continue
            if is_unwanted(incident, after.household):
                continue
            due = _due(incident, after.household)
            if _is_cancelled(incident, due):
                continue
            if at >= due + SLACK:
                raise Violation("I7", f"{incident.id} is kept back since {due}")
            self._look_at = min(self._look_at or due + SLACK, due + SLACK)


def _until(released: Released, decision: Decision) -> Incident:
    """Return the incident as it was let go: an alarm may have come up just before."""
    incident = decision.before.incidents.get(released.incident)
    for entry in decision.after.news:
        if entry.incident == released.incident and entry.seq < released.seq:
            incident = fold(incident, entry)
    assert incident is not None
    return incident


def _due(incident: Incident, household: Household) -> datetime:
    assert incident.alarmed_at is not None
    seconds = min(household.report_after[incident.hazard], LONGEST)
    return incident.alarmed_at + timedelta(seconds=seconds)


def _is_cancelled(incident: Incident, due: datetime) -> bool:
    """Whether somebody has taken it in time, and nothing new has come up since."""
    taken = incident.acknowledged
    return incident.is_answered and taken is not None and taken.at < due
