"""The incident document: what a home tells its station, and a station its own.

It always holds the whole incident as it stands, and the timeline entries that the
receiver does not have yet. What a later version adds is ignored by an earlier one.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Self

from .agreed import Consents
from .origins import Origin, changes, read_origins
from .problems import Reason
from .views import MAX_QUESTIONS
from .wire_json import (
    JSON,
    MAX_BYTES,
    BadDocument,
    Node,
    encode,
    fitting_number,
    fitting_text,
    optional_utc_text,
    utc_text,
)

MAX_ENTRIES: Final = 500
MAX_ZONES: Final = 20
MAX_STEPS: Final = 40
MOST_SURE: Final = 4
"""The highest score of an intrusion: a threat to life."""
TOO_OLD: Final = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """Where to go and whom to call: nothing more leaves the home."""

    name: str
    address: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    contact: str | None = None

    @classmethod
    def read(cls, node: Node) -> Self:
        """Read it from a document; a place is both numbers, or neither."""
        latitude, longitude = node["latitude"], node["longitude"]
        for half, other in ((latitude, longitude), (longitude, latitude)):
            if half.value is None and other.value is not None:
                raise half.bad(Reason.BAD_LOCATION)
        return cls(
            name=node.text_at("name"),
            address=node.optional_text_at("address"),
            latitude=latitude.optional(lambda at: _degrees(at, 90)),
            longitude=longitude.optional(lambda at: _degrees(at, 180)),
            contact=node.optional_text_at("contact"),
        )

    def as_json(self) -> dict[str, JSON]:
        """Return it as the contract wants it."""
        return {
            "name": _name(self.name),
            "address": _text(self.address),
            "latitude": self.latitude,
            "longitude": self.longitude,
            "contact": _text(self.contact),
        }


@dataclass(frozen=True, slots=True)
class ReadLevel:
    """The latest reading of the hazard, if the detector measures."""

    value: float | None = None
    unit: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What the home does about it, and how far that has come."""

    id: str
    what: str
    actuator: str | None
    status: str
    reason: str | None = None
    at: datetime | None = None

    @classmethod
    def read(cls, node: Node) -> Self:
        """Read it from a document."""
        return cls(
            id=node.text_at("id"),
            what=node.text_at("what"),
            actuator=node.optional_text_at("actuator"),
            status=node.text_at("status"),
            reason=node.optional_text_at("reason"),
            at=node.optional_moment_at("at"),
        )

    def as_json(self) -> dict[str, JSON]:
        """Return it as the contract wants it."""
        return {
            "id": self.id,
            "what": self.what,
            "actuator": _text(self.actuator),
            "status": self.status,
            "reason": _text(self.reason),
            "at": optional_utc_text(self.at),
        }


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """Who has taken the incident, and how."""

    by: str
    via: str
    at: datetime

    @classmethod
    def read(cls, node: Node) -> Self:
        """Read it from a document."""
        return cls(by=node["by"].text(), via=node["via"].text(), at=node["at"].moment())

    def as_json(self) -> dict[str, JSON]:
        """Return it as the contract wants it."""
        return {"by": _name(self.by), "via": self.via, "at": utc_text(self.at)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Information:
    """What somebody at home has answered to a question of the station."""

    question: str
    text: str
    by: str
    at: datetime

    @classmethod
    def read(cls, node: Node) -> Self:
        """Read it from a document."""
        return cls(
            question=node["question"].uuid(),
            text=node["text"].text(),
            by=node["by"].text(),
            at=node["at"].moment(),
        )

    def as_json(self) -> dict[str, JSON]:
        """Return it as the contract wants it."""
        return {
            "question": self.question,
            "text": _name(self.text),
            "by": _name(self.by),
            "at": utc_text(self.at),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineEntry:
    """A sealed entry of the incident's timeline, as the journal keeps it."""

    seq: int
    at: datetime
    kind: str
    body: Mapping[str, JSON]
    previous: str
    hash: str

    @classmethod
    def read(cls, node: Node) -> Self:
        """Read it from a document."""
        return cls(
            seq=node.integer_at("seq", 1),
            at=node.moment_at("at"),
            kind=node.text_at("kind"),
            body=node.tree_at("body"),
            previous=node["previous"].maybe_empty_text(),
            hash=node.text_at("hash"),
        )

    def as_json(self) -> dict[str, JSON]:
        """Return it as the contract wants it."""
        return {
            "seq": self.seq,
            "at": utc_text(self.at),
            "kind": self.kind,
            "body": self.body,
            "previous": self.previous,
            "hash": self.hash,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentDocument:
    """An incident as it stands, for those who have to come.

    `revision` is the `seq` of the newest entry that the receiver has, once it has this
    document. Hazards, phases and statuses are words: a receiver takes those that it
    does not know yet.
    """

    id: str
    revision: int
    hazard: str
    phase: str
    present: str
    drill: bool
    priority: int
    opened_at: datetime
    home: Home
    zones: tuple[str, ...] = ()
    level: ReadLevel = ReadLevel()
    steps: tuple[Step, ...] = ()
    acknowledged: Acknowledgement | None = None
    unanswered_at: datetime | None = None
    """Since when nobody at home answers the alarm; None if somebody has, or may yet."""
    help: Acknowledgement | None = None
    """Who at home has asked for help."""
    silent: bool = False
    """Whether nobody at home may notice: who comes does not ring, and nobody phones."""
    score: int | None = None
    """For intrusion: how sure it is, 0 to 4."""
    answers: tuple[Information, ...] = ()
    """What people at home have answered to the station."""
    consents: Consents | None = None
    """What the household lets its station do with it."""
    entries: tuple[TimelineEntry, ...] = ()
    origins: tuple[Origin, ...] = ()
    """The stations that it has come through, the home's own first; none from a home."""

    @property
    def progress(self) -> int:
        """How much is told: the home's entries and what the stations have done.

        Both only grow, so that a newer picture of either has more.
        """
        return self.revision + changes(self.origins)

    def as_json(self) -> dict[str, JSON]:
        """Return it as the contract wants it; too much is cut, never refused.

        If not all entries fit, the oldest go first and the revision says how far they
        reach: the rest follows with the next document.
        """
        document = self.without_entries()
        if not self.entries:
            return document
        fitting = _fitting(self.entries, MAX_BYTES - len(encode(document)))
        if fitting:
            document["entries"] = [entry.as_json() for entry in fitting]
            document["revision"] = fitting[-1].seq
        return document

    def without_entries(self) -> dict[str, JSON]:
        """Return the same, of the timeline nothing."""
        document: dict[str, JSON] = {
            "id": self.id,
            "revision": self.revision,
            "hazard": self.hazard,
            "phase": self.phase,
            "present": self.present,
            "drill": self.drill,
            "priority": self.priority,
            "opened_at": utc_text(self.opened_at),
            "home": self.home.as_json(),
            "zones": [_name(zone) for zone in self.zones[:MAX_ZONES]],
            "level": {
                "value": fitting_number(self.level.value),
                "unit": _text(self.level.unit),
            },
            "steps": [step.as_json() for step in self.steps[:MAX_STEPS]],
            "acknowledged": (
                self.acknowledged.as_json() if self.acknowledged else None
            ),
            "unanswered_at": optional_utc_text(self.unanswered_at),
            "help": self.help.as_json() if self.help else None,
            "silent": self.silent,
            "score": self.score,
            "answers": [answer.as_json() for answer in self.answers[:MAX_QUESTIONS]],
            "consents": self.consents.as_json() if self.consents else None,
            "entries": [],
        }
        if self.origins:
            document["origins"] = [origin.as_json() for origin in self.origins]
        return document


def parse_incident(data: object, incident_id: str | None = None) -> IncidentDocument:
    """Read a document that somebody has sent; raises BadDocument, and nothing else.

    `incident_id` is the one of the address, which the document's has to be.
    """
    node = Node(data)
    id_ = node["id"].uuid()
    if incident_id is not None and id_ != incident_id:
        raise node["id"].bad()
    revision = node.integer_at("revision", 1)
    level = node["level"]
    return IncidentDocument(
        id=id_,
        revision=revision,
        hazard=node.text_at("hazard"),
        phase=node.text_at("phase"),
        present=node["present"].one_of("yes", "no", "unknown"),
        drill=node["drill"].flag(),
        priority=node.integer_at("priority", 1, 4),
        opened_at=node.moment_at("opened_at"),
        home=Home.read(node["home"]),
        zones=tuple(zone.text() for zone in node["zones"].items(MAX_ZONES)),
        level=ReadLevel(
            level["value"].optional(Node.number),
            level.optional_text_at("unit"),
        ),
        steps=tuple(Step.read(step) for step in node["steps"].items(MAX_STEPS)),
        acknowledged=node["acknowledged"].optional(Acknowledgement.read),
        unanswered_at=node.optional_moment_at("unanswered_at"),
        help=node["help"].optional(Acknowledgement.read),
        silent=node["silent"].optional(Node.flag) or False,
        score=node["score"].optional(lambda score: score.integer(0, MOST_SURE)),
        answers=node["answers"].optional(_read_answers) or (),
        consents=node["consents"].optional(Consents.read),
        entries=_read_entries(node["entries"], revision),
        origins=node["origins"].optional(read_origins) or (),
    )


def is_too_old(document: IncidentDocument, now: datetime) -> bool:
    """Whether an incident began so long ago that nobody should be sent.

    For one that the receiver does not know yet: a known one may last for days.
    """
    return now - document.opened_at > TOO_OLD


def _read_answers(node: Node) -> tuple[Information, ...]:
    return tuple(map(Information.read, node.items(MAX_QUESTIONS)))


def _read_entries(node: Node, revision: int) -> tuple[TimelineEntry, ...]:
    items = node.items(MAX_ENTRIES)
    entries = tuple(TimelineEntry.read(item) for item in items)
    for item, entry, expected in zip(
        items, entries, range(revision - len(entries) + 1, revision + 1), strict=True
    ):
        if entry.seq != expected:  # a gap would never be filled
            raise item["seq"].bad()
    return entries


def _fitting(entries: Iterable[TimelineEntry], room: int) -> tuple[TimelineEntry, ...]:
    fitting: list[TimelineEntry] = []
    for entry in entries:
        size = len(encode(entry.as_json())) + 1
        if not fitting and size > room:
            # Its hash no longer fits, which is told apart from silence by the mark.
            fitting.append(replace(entry, body={"left_out_bytes": size}))
            break
        room -= size
        if room < 0 or len(fitting) == MAX_ENTRIES:
            break
        fitting.append(entry)
    return tuple(fitting)


def _degrees(node: Node, most: int) -> float:
    try:
        return node.number(-most, most)
    except BadDocument as err:
        raise node.bad(Reason.BAD_LOCATION) from err


def _text(text: str | None) -> str | None:
    return None if text is None else fitting_text(text)


def _name(text: str) -> str:
    return fitting_text(text) or "-"
