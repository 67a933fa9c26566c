"""When the station is told: at once, or after a time in which people may cancel.

Only where nobody's life hangs on it: a report of gas, carbon monoxide, smoke or a call
for help cannot be put off or taken back. Of a person who does not answer the station
hears after the contacts as it is.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final

from .household import Household
from .incident import Incident
from .state import State
from .vocabulary import Hazard, StationStatus

CANCELLABLE: Final = frozenset({Hazard.WATER, Hazard.INTRUSION})

NEVER: Final = 0
"""As a priority: the station is not told."""

PRIORITIES: Final[Mapping[Hazard, tuple[int, ...]]] = {
    Hazard.WATER: (NEVER, 1, 2, 3, 4),
    Hazard.INTRUSION: (1, 2, 3),
    Hazard.INACTIVITY: (1, 2),
}
"""What a person may choose; every other hazard is reported with priority 1."""

LONGEST: Final = 300.0
"""Seconds; who needs longer to cancel needs help."""


def due_at(state: State, incident: Incident) -> datetime | None:
    """Return when the station is told of an incident that can still be cancelled.

    None if it is not kept from the station, or was cancelled in time: by taking it.
    """
    if not is_withheld(state, incident):
        return None
    assert incident.alarmed_at is not None
    due = incident.alarmed_at + _delay(state, incident)
    taken = incident.acknowledged
    if incident.is_answered and taken is not None and taken.at < due:
        return None
    return due


def is_withheld(state: State, incident: Incident) -> bool:
    """Whether the station is not told of an incident, so far or at all."""
    return (
        incident.hazard in CANCELLABLE
        and incident.hazard in state.household.report_after
        and incident.alarmed_at is not None
        and not incident.is_released
        and not incident.drill
        and incident.help is None
        and incident.station.status is StationStatus.NONE
        and _delay(state, incident) > timedelta()
    )


def is_unwanted(state: State, incident: Incident) -> bool:
    """Whether a person has chosen that the station does not hear of this.

    Of a call for help it always does.
    """
    return incident.help is None and _chosen(state.household, incident.hazard) == NEVER


def priority_of(household: Household, incident: Incident) -> int:
    """Return how urgent an incident is for the station, 1 (most urgent) to 4."""
    own = incident.priority
    return own if own == 1 else _chosen(household, incident.hazard) or own


def _chosen(household: Household, hazard: Hazard) -> int | None:
    chosen = household.priorities.get(hazard)
    if chosen is None or chosen not in PRIORITIES.get(hazard, ()):
        return None
    return chosen


def _delay(state: State, incident: Incident) -> timedelta:
    if is_unwanted(state, incident):
        return timedelta()
    seconds = state.household.report_after.get(incident.hazard, 0.0)
    return timedelta(seconds=min(seconds, LONGEST))


def dues(state: State) -> list[datetime]:
    """Return when a station is to be told of what nobody has cancelled."""
    return [
        due
        for incident in state.incidents.values()
        if (due := due_at(state, incident)) is not None
    ]


def uncancelled(state: State, at: datetime) -> Iterator[Incident]:
    """Yield the incidents whose time to be cancelled has passed."""
    for incident in list(state.incidents.values()):
        due = due_at(state, incident)
        # A clock that was turned back must not add to the time.
        if due is not None and not _began(incident) <= at < due:
            yield incident


def _began(incident: Incident) -> datetime:
    assert incident.alarmed_at is not None
    return incident.alarmed_at
