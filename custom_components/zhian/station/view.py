"""A case as its household may see it; the desk's notes stay at the desk."""

from ..link.messages import (
    StationAcknowledged,
    StationClosed,
    StationDispatched,
    StationQuestion,
    StationView,
)
from .cases import Case


def view_of(case: Case) -> StationView:
    """Return the station's side of an incident."""
    handling = case.handling
    taken, sent, ended = handling.acknowledged, handling.dispatched, handling.closed
    return StationView(
        number=case.number,
        status=handling.status.value,
        revision=case.document.revision,
        acknowledged=StationAcknowledged(taken.by, taken.at) if taken else None,
        dispatched=(
            StationDispatched(sent.unit, sent.eta_seconds, sent.at) if sent else None
        ),
        arrived_at=handling.arrived.at if handling.arrived else None,
        closed=StationClosed(ended.disposition.value, ended.at) if ended else None,
        questions=tuple(
            StationQuestion(asked.question, asked.text, asked.by, asked.at)
            for asked in handling.questions
        ),
    )
