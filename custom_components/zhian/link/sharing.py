"""What may leave the home: one place, pure, for the station and for every receiver.

The minimum without which nobody could help is not asked for: that there is an incident
of this kind, since when, how urgent it is, how far the home is with it, whether anybody
answers, whether it is a drill, and what the home is called.
"""

from collections.abc import Mapping, Set as AbstractSet
from dataclasses import replace
from enum import StrEnum
from typing import Final

from .documents import Acknowledgement, IncidentDocument, ReadLevel, TimelineEntry
from .wire_json import JSON

NOBODY: Final = "-"
"""Stands for a name that is not told."""


class Purpose(StrEnum):
    """What a person may agree to, each by itself and for each receiver."""

    PLACE = "place"
    """Address and coordinates."""
    CONTACT = "contact"
    """Whom to call, with the number."""
    PEOPLE = "people"
    """Names of people at home: who took the alarm, who asked for help."""
    READINGS = "readings"
    """Rooms, devices and measured values."""
    TIMELINE = "timeline"
    """Every entry of the incident, sealed."""
    HIGHER = "higher"
    """The station may pass it on to the stations above it."""
    STATISTICS = "statistics"
    """The station may count it, without anybody in it."""


WHOLE_TIMELINE: Final = frozenset({Purpose.TIMELINE, Purpose.PEOPLE, Purpose.READINGS})
"""The timeline is sealed and cannot be cut: it holds names and readings, too."""

# What codes, alerts and calls are made of; the rest of an entry nobody needs for them.
_SPOKEN: Final = frozenset({"phase", "silent", "response"})


def shared(
    document: IncidentDocument,
    purposes: AbstractSet[Purpose],
    *,
    speaks: bool = False,
) -> IncidentDocument:
    """Return a document with what was agreed to and nothing else.

    `speaks` is for a receiver that is not sent entries but told what follows from them:
    it keeps them, without anything in them that it could not say.
    """
    home = document.home
    if Purpose.PLACE not in purposes:
        home = replace(home, address=None, latitude=None, longitude=None)
    if Purpose.CONTACT not in purposes:
        home = replace(home, contact=None)
    document = replace(document, home=home)
    if Purpose.PEOPLE not in purposes:
        document = replace(
            document,
            acknowledged=_unnamed(document.acknowledged),
            help=_unnamed(document.help),
            answers=tuple(replace(answer, by=NOBODY) for answer in document.answers),
        )
    if Purpose.READINGS not in purposes:
        document = replace(
            document,
            zones=(),
            level=ReadLevel(),
            steps=tuple(replace(step, actuator=None) for step in document.steps),
        )
    if speaks:
        return replace(document, entries=tuple(map(_spoken, document.entries)))
    if not purposes >= WHOLE_TIMELINE:
        return replace(document, entries=())
    return document


def _unnamed(acknowledgement: Acknowledgement | None) -> Acknowledgement | None:
    return replace(acknowledgement, by=NOBODY) if acknowledgement else None


def _spoken(entry: TimelineEntry) -> TimelineEntry:
    names = _SPOKEN | {"level"} if entry.kind == "rated" else _SPOKEN
    body: Mapping[str, JSON] = {k: v for k, v in entry.body.items() if k in names}
    return replace(entry, body=body, previous="", hash="")
