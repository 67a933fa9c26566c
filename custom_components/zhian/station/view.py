"""A case as those below may see it; the desk's notes stay at the desk."""

from ..link.views import (
    StationAcknowledged,
    StationClosed,
    StationDispatched,
    StationQuestion,
    StationView,
)
from .cases import Case


def own_view_of(case: Case) -> StationView:
    """Return what this station itself has done about an incident."""
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


def view_of(case: Case) -> StationView:
    """Return how far an incident is, here or further up, as the home is told."""
    own = own_view_of(case)
    return case.above.passed_on(own) if case.above else own
