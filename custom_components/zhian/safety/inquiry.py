"""What the station wants to know, and what people answer.

Both are entries of the timeline: the answer reaches the station with the incident, in
the way of everything else that happens in it.
"""

from typing import Final

from .entries import Informed, Inquired
from .incident import Incident, Question
from .orders import Refuse
from .signals import StationAsked, StationInformed
from .turn import Turn
from .vocabulary import Message, Reason

MOST: Final = 20
"""Questions about one incident; more would be a conversation."""


def on_inquiry(turn: Turn, signal: StationAsked | StationInformed) -> None:
    """Go on with a question of the station, or with what people say to it."""
    match signal:
        case StationAsked():
            _on_asked(turn, signal)
        case StationInformed():
            _on_informed(turn, signal)


def _on_asked(turn: Turn, asked: StationAsked) -> None:
    """Tell people what the station wants to know, once."""
    incident = turn.state.incidents.get(asked.incident)
    if incident is None or incident.silent:
        return  # a silent call must not be given away
    known = {question.id for question in incident.questions}
    if asked.question in known or len(known) >= MOST:
        return
    turn.record(
        Inquired,
        incident.id,
        question=asked.question,
        text=asked.text,
        by=asked.by,
    )
    turn.tell(Message.QUESTION, incident.id)


def _on_informed(turn: Turn, informed: StationInformed) -> None:
    """Write down an answer and let the station have it."""
    found = _waiting(turn, informed.question)
    if found is None:
        turn.refuse(Refuse(Reason.NO_SUCH_QUESTION))
        return
    incident, question = found
    incident = turn.record(
        Informed,
        incident.id,
        question=question.id,
        text=informed.text,
        by=informed.by,
    )
    turn.report(incident)


def _waiting(turn: Turn, wanted: str | None) -> tuple[Incident, Question] | None:
    """Return the question that is meant: the named one, else the newest."""
    for incident in reversed(tuple(turn.state.shown)):
        for question in reversed(incident.questions):
            if question.answer is None and wanted in (None, question.id):
                return incident, question
    return None
