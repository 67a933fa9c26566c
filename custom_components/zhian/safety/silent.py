"""A silent call: somebody was made to use a code. Nothing in the home may show it."""

from .entries import Called, Opened
from .incident import Incident
from .scoring import rate_as
from .turn import Turn
from .vocabulary import Finding, Hazard, Message, Phase


def call(turn: Turn, by: str) -> None:
    """Call the station and the confidants, and nobody else."""
    incident = _open(turn)
    if incident is None:
        incident = turn.record(
            Opened,
            turn.new_id(Hazard.SOS),
            hazard=Hazard.SOS,
            phase=Phase.ALARM,
            silent=True,
        )
        incident = rate_as(turn, incident, Finding.DURESS)
    incident = turn.record(Called, incident.id, by=by, zone=None)
    turn.tell(Message.DURESS, incident.id)
    turn.report(incident)


def _open(turn: Turn) -> Incident | None:
    return next((i for i in turn.state.incidents.values() if i.silent), None)


def resume(turn: Turn, incident: Incident) -> None:
    """After a restart: tell those whom the end of the program kept from being told."""
    turn.report(incident)
    if Message.DURESS not in incident.told:
        turn.tell(Message.DURESS, incident.id)


def over(turn: Turn) -> tuple[Incident, ...]:
    """Return the silent calls that somebody has taken: a free person may end them."""
    return tuple(i for i in turn.state.incidents.values() if i.silent and i.is_answered)
