"""What the station is told: a timeline as an incident document."""

from collections.abc import Callable, Iterator
from operator import attrgetter

from ..link.documents import (
    Acknowledgement,
    Home,
    IncidentDocument,
    Information,
    ReadLevel,
    Step,
    TimelineEntry,
)
from ..safety.incident import Incident
from ..safety.vocabulary import Hazard
from .timelines import Timeline, read_timeline

_UNITS = {Hazard.GAS: "%LEL", Hazard.CARBON_MONOXIDE: "ppm"}


def document(
    timeline: Timeline,
    home: Home,
    name_of: Callable[[str], str],
    zone_of: Callable[[str], str],
    value: float | None,
    priority_of: Callable[[Incident], int] = attrgetter("priority"),
    since: int | None = None,
) -> IncidentDocument:
    """Return the document of what of a timeline is on disk.

    `name_of` and `zone_of` turn ids into what people call things; `value` is the level
    now; `priority_of` says how urgent it is. The entries are those after the entry
    `since`, or after what the station has. Raise ValueError if nothing is on disk.
    """
    records = timeline.records[: timeline.settled]
    incident = read_timeline(records).incident
    taken, help_ = incident.acknowledged, incident.help
    return IncidentDocument(
        id=incident.id,
        revision=records[-1].seq,
        hazard=incident.hazard,
        phase=incident.phase,
        present=incident.presence,
        drill=incident.drill,
        priority=priority_of(incident),
        opened_at=incident.opened_at,
        home=home,
        zones=tuple(zone_of(zone) for zone in sorted(filter(None, incident.zones))),
        level=ReadLevel(value, _UNITS.get(incident.hazard))
        if value is not None
        else ReadLevel(),
        steps=_steps(incident, name_of),
        acknowledged=Acknowledgement(taken.by, taken.via, taken.at) if taken else None,
        unanswered_at=incident.unanswered_at,
        help=Acknowledgement(help_.by, help_.via, help_.at) if help_ else None,
        silent=incident.silent,
        score=incident.score,
        answers=tuple(_answers(incident)),
        entries=tuple(
            TimelineEntry(
                seq=record.seq,
                at=record.at,
                kind=record.kind,
                body=record.body,
                previous=record.previous,
                hash=record.hash,
            )
            for record in records[timeline.received if since is None else since :]
        ),
    )


def _answers(incident: Incident) -> Iterator[Information]:
    for question in incident.questions:
        if question.answer and question.answered_by and question.answered_at:
            yield Information(
                question=question.id,
                text=question.answer,
                by=question.answered_by,
                at=question.answered_at,
            )


def _steps(incident: Incident, name_of: Callable[[str], str]) -> tuple[Step, ...]:
    return tuple(
        Step(
            id=step.id,
            what=step.target,
            actuator=name_of(step.actuator),
            status=step.outcome,
            reason=step.reason,
            at=step.settled_at or step.ordered_at,
        )
        for step in incident.steps
    )
