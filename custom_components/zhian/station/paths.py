"""The way that an incident takes through stations: checked on arrival, added to on."""

from dataclasses import replace

from ..link.documents import IncidentDocument, TimelineEntry
from ..link.origins import LONGEST_PATH, Origin
from ..link.problems import Reason
from .cases import Case
from .refused import Refused
from .registry import Household
from .view import own_view_of


def checked(
    document: IncidentDocument, sender: Household, own: str
) -> IncidentDocument:
    """Return a document whose path is sound; raises Refused.

    A home has no path: what it says of one counts for nothing. A station is the last
    on the path of what it passes on.
    """
    if sender.station is None:
        return replace(document, origins=()) if document.origins else document
    path = [origin.station for origin in document.origins]
    if own in path or len(path) > LONGEST_PATH or len(set(path)) < len(path):
        raise Refused(Reason.LOOP)
    if not path or path[-1] != sender.station:
        raise Refused(Reason.BAD_DOCUMENT, path="origins")
    return document


def passed_on(
    case: Case, station: str, name: str, community: str, since: int
) -> IncidentDocument:
    """Return a case as the station above is told: as it came, and what was done here.

    `since` says how much of the home's timeline is there already.
    """
    origin = Origin(
        station=station,
        name=name,
        community=community,
        changes=case.handling.count,
        view=own_view_of(case),
    )
    return replace(
        case.document,
        origins=(*case.document.origins, origin),
        entries=_run(case.timeline.entries, since, case.document.revision),
    )


def _run(
    entries: tuple[TimelineEntry, ...], since: int, revision: int
) -> tuple[TimelineEntry, ...]:
    """Return the entries after one, without a gap, up to the revision."""
    run: list[TimelineEntry] = []
    expected = revision
    for entry in reversed(entries):
        if entry.seq != expected or entry.seq <= since:
            break
        run.append(entry)
        expected -= 1
    return tuple(reversed(run))
