"""A case as boards see it: everything that a desk needs to decide, in JSON."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from ..link.messages import Heartbeat
from ..link.views import StationView
from .cases import Case
from .desk import Acknowledge, Arrive

if TYPE_CHECKING:
    from . import Station


def show(station: Station, case: Case) -> dict[str, Any]:
    """Return a case for the desk's screens. It holds personal data."""
    document = case.document
    handling = case.handling
    household = station.registry.get(case.household)
    # Of a home that a station below speaks for only the document is known.
    home = None if document.origins else household
    latitude, longitude = station.place_of(case)
    reported = document.as_json()
    return {
        "id": case.incident,
        "number": case.number,
        "revision": document.revision,
        "hazard": document.hazard,
        "phase": document.phase,
        "present": document.present,
        "priority": document.priority,
        "drill": document.drill,
        "status": handling.status.value,
        "opened_at": document.opened_at.isoformat(),
        "received_at": case.received_at.isoformat(),
        "acknowledged": _stamp(handling.acknowledged),
        "dispatched": handling.dispatched
        and {
            "unit": handling.dispatched.unit,
            "eta_seconds": handling.dispatched.eta_seconds,
            "by": handling.dispatched.by,
            "at": handling.dispatched.at.isoformat(),
        },
        "arrived": _stamp(handling.arrived),
        "closed": handling.closed
        and {
            "disposition": handling.closed.disposition.value,
            "note": handling.closed.note,
            "by": handling.closed.by,
            "at": handling.closed.at.isoformat(),
        },
        "household": {
            "id": case.household,
            "name": document.home.name,
            "address": document.home.address or (home and home.address),
            "contact": document.home.contact or (home and home.contact),
            "latitude": latitude,
            "longitude": longitude,
            "lost": case.household in station.registry.lost,
            "last_seen": _time(station.registry.last_seen(case.household)),
            "connected": case.household in station.lines,
            "deletion_due": _time(household.deletion_due if household else None),
            "detectors": _detectors(station.registry.last_beat(case.household)),
        },
        "community": community_of(station, case),
        "path": [
            {
                "station": origin.name,
                "community": origin.community,
                "number": origin.view.number,
                **_view(origin.view),
            }
            for origin in document.origins
        ],
        "above": case.above
        and {
            "station": case.above.station,
            "number": case.above.view.number,
            **_view(case.above.view),
        },
        "is_open": case.is_open,
        "withdrawn": case.withdrawn and case.withdrawn.as_json(),
        "orders": [
            order.as_json()
            for order in station.federation.orders.all
            if order.said.incident == case.incident
        ],
        "zones": reported["zones"],
        "level": reported["level"],
        "steps": reported["steps"],
        "acknowledged_at_home": reported["acknowledged"],
        "questions": _questions(case),
        "unanswered_at": reported["unanswered_at"],
        "help_wanted": reported["help"],
        "silent": document.silent,
        "score": document.score,
        "entries": [entry.as_json() for entry in case.timeline.entries],
        "timeline_intact": case.timeline.is_intact,
    }


def community_of(station: Station, case: Case) -> str:
    """Return the community where an incident is: that of the home's own station."""
    origins = case.document.origins
    return origins[0].community if origins else station.community


def _view(view: StationView) -> dict[str, Any]:
    """Return what another station has done, without the questions it has asked."""
    shown: dict[str, Any] = {**view.as_json()}
    for left_out in ("questions", "revision"):
        del shown[left_out]
    return shown


def _stamp(action: Acknowledge | Arrive | None) -> dict[str, str] | None:
    return {"by": action.by, "at": action.at.isoformat()} if action else None


def _questions(case: Case) -> list[dict[str, Any]]:
    """Return what the desk has asked, and what the home has answered so far."""
    answers = {answer.question: answer for answer in case.document.answers}
    return [
        {
            "id": asked.question,
            "text": asked.text,
            "by": asked.by,
            "at": asked.at.isoformat(),
            "answer": answer and answer.as_json(),
        }
        for asked in case.handling.questions
        for answer in (answers.get(asked.question),)
    ]


def _detectors(beat: Heartbeat | None) -> dict[str, int] | None:
    """Return how well the home is guarded, as it last said."""
    if beat is None:
        return None
    return {"total": beat.detectors_total, "normal": beat.detectors_normal}


def _time(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
