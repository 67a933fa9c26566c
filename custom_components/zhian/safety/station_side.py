"""What the station says of an incident."""

from typing import Final

from . import course
from .entries import StationReplied
from .incident import StationSide
from .signals import StationSaid
from .turn import Turn
from .vocabulary import Ending, Message, StationStatus

_STATION_COURSE: Final = (
    StationStatus.NONE,
    StationStatus.REJECTED,
    StationStatus.ACCEPTED,
    StationStatus.ACKNOWLEDGED,
    StationStatus.DISPATCHED,
    StationStatus.ON_SCENE,
    StationStatus.CLOSED,
)
"""How a station goes on with an incident. It never goes back: an answer that says so
was late."""

_TOLD_STATION_STATUS: Final = frozenset(
    {
        StationStatus.REJECTED,
        StationStatus.ACKNOWLEDGED,
        StationStatus.DISPATCHED,
        StationStatus.ON_SCENE,
        StationStatus.CLOSED,
    }
)


def on_station(turn: Turn, said: StationSaid) -> None:
    """Take in how far the station is, unless it is old or no news."""
    incident = turn.state.incidents.get(said.incident)
    if incident is None:
        return
    before = incident.station
    if _STATION_COURSE.index(said.status) < _STATION_COURSE.index(before.status):
        said = StationSaid(
            said.incident,
            before.status,
            said.at,
            number=before.number or said.number,
            reason=before.reason,
        )
    if _is_no_news(before, said):
        return
    incident = turn.record(
        StationReplied,
        incident.id,
        status=said.status,
        number=said.number,
        by=said.by,
        unit=said.unit,
        eta_seconds=said.eta_seconds,
        disposition=said.disposition,
        reason=said.reason,
    )
    if incident.silent and said.status is StationStatus.CLOSED:
        course.close(turn, incident, Ending.STATION)
        return
    # No report: the station knows what it said.
    if said.status in _TOLD_STATION_STATUS and said.status is not before.status:
        turn.tell(Message.STATION, incident.id)


def _is_no_news(before: StationSide, said: StationSaid) -> bool:
    return before.status is said.status and all(
        new is None or new == old
        for new, old in (
            (said.number, before.number),
            (said.by, before.by),
            (said.unit, before.unit),
            (said.eta_seconds, before.eta_seconds),
            (said.disposition, before.disposition),
            (said.reason, before.reason),
        )
    )
