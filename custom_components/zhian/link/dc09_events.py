"""Which events of SIA DC-03 a timeline amounts to.

Pure: the same timeline gives the same events, so that a receiver needs to know only how
far it has come. The sources of the codes are named in docs/receivers.md.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from .dc09 import Event
from .documents import IncidentDocument, TimelineEntry


@dataclass(frozen=True, slots=True)
class Codes:
    """How a hazard is called, its end, and the zone that it is reported for.

    The end is always an H code (or S): many receivers clear an alarm by no other.
    """

    alarm: str
    restored: str
    zone: int


CODES: Final = {
    "gas": Codes("GA", "GH", 1),
    "carbon_monoxide": Codes("GA", "GH", 2),
    "smoke": Codes("FA", "FH", 3),
    "water": Codes("WA", "WH", 4),
    "intrusion": Codes("BA", "BH", 5),
    "sos": Codes("PA", "PH", 6),
    "inactivity": Codes("NA", "NS", 7),
}
DURESS: Final = Codes("HA", "HH", 8)
"""Somebody was made to use a code: a holdup, of which nothing may be seen at home."""
HELP: Final = Codes("QA", "QH", 9)
"""Somebody at home asks for help, whatever else is the matter."""
UNKNOWN: Final = Codes("UA", "UH", 99)
"""A hazard that this version does not know."""
VERIFIED: Final = "BV"
"""A break-in that is more than one detector's word."""
TEST: Final = "RX"
"""A drill, or a test by hand: recorded, and nobody is sent.

Not TS (test start): a receiver that never gets the end would pass over real alarms.
"""
TEST_ZONE: Final = 0
_SURE: Final = 3
_EXTRA: Final = frozenset({VERIFIED, HELP.restored})


@dataclass(frozen=True, slots=True)
class Due:
    """An event, and the entry of the timeline that it comes from."""

    seq: int
    event: Event

    @property
    def is_extra(self) -> bool:
        """Whether it only adds to an alarm: who does not know the code needs no other."""
        return self.event.code in _EXTRA


def due(document: IncidentDocument, received: int) -> list[Due]:
    """Return what the receiver does not know yet, oldest first.

    `received` is the number of the last entry that it has been told about.
    """
    return [item for item in _events(document) if item.seq > received]


def _events(document: IncidentDocument) -> Iterator[Due]:
    codes = CODES.get(document.hazard, UNKNOWN)
    text = " ".join((document.hazard.replace("_", " "), *document.zones))
    is_on = is_sure = wants_help = False

    def say(entry: TimelineEntry, code: str, zone: int) -> Due:
        return Due(entry.seq, Event(code=code, zone=zone, at=entry.at, text=text))

    for entry in document.entries:
        phase = entry.body.get("phase")
        if entry.kind == "opened" and entry.body.get("silent"):
            codes = DURESS
        if document.drill:
            if phase == "alarm" and not is_on:
                is_on = True
                said = f"DRILL {codes.alarm} {text}"
                yield Due(
                    entry.seq, Event(code=TEST, zone=codes.zone, at=entry.at, text=said)
                )
            continue
        if phase == "alarm" and not is_on:
            is_on = True
            yield say(entry, codes.alarm, codes.zone)
        elif is_on and (phase == "clearing" or entry.kind == "closed"):
            is_on = False
            yield say(entry, codes.restored, codes.zone)
        match entry.kind:
            case "rated" if not is_sure and _level(entry) >= _SURE:
                is_sure = True
                if codes is CODES["intrusion"]:
                    yield say(entry, VERIFIED, codes.zone)
            case "answered" if entry.body.get("response") == "help" and not wants_help:
                wants_help = True
                yield say(entry, HELP.alarm, HELP.zone)
            case "closed" if wants_help:
                # Of two events of one entry the receiver knows both or none.
                yield say(entry, HELP.restored, HELP.zone)


def _level(entry: TimelineEntry) -> float:
    level = entry.body.get("level")
    return level if isinstance(level, int | float) else 0
