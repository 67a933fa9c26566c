"""Messages of the Common Alerting Protocol (OASIS CAP 1.2), as XML.

Pure, and the same for the same timeline: an incident's message for an entry has always
the same identifier and time, so that a repetition is known as one (which messages there
are: `cap_thread`). CAP's times have no
`Z` and no fraction of a second; UTC is `-00:00`.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
import re
from typing import Final
from xml.etree import ElementTree as ET
from xml.parsers import expat

from .cap_thread import LIFETIME, Due, Ref, newest, sent
from .dc09_events import CODES, DURESS
from .documents import IncidentDocument, TimelineEntry
from .wire_json import fitting_text

NAMESPACE: Final = "urn:oasis:names:tc:emergency:cap:1.2"
CONTENT_TYPE: Final = "application/cap+xml"
SENDER: Final = re.compile(r"[^\s,<&]{1,100}")
"""What CAP lets stand for who sends: no space, comma, `<` or `&`."""
RADIUS_KM: Final = 0.02

ENGLISH: Final = "en-US"
CHINESE: Final = "zh-CN"


@dataclass(frozen=True, slots=True)
class Meaning:
    """What CAP calls a hazard. Sources: docs/receivers.md."""

    categories: tuple[str, ...]
    response: str | None
    contact_id: str
    english: str
    chinese: str


MEANINGS: Final = {
    "gas": Meaning(("Safety", "Fire"), "Evacuate", "151", "Gas leak", "燃气泄漏"),
    "carbon_monoxide": Meaning(
        ("Safety", "Health"), "Evacuate", "162", "Carbon monoxide", "一氧化碳"
    ),
    "smoke": Meaning(("Fire",), "Evacuate", "111", "Smoke", "烟雾"),
    "water": Meaning(("Infra",), "Assess", "154", "Water leak", "漏水"),
    "intrusion": Meaning(("Security",), "Assess", "130", "Intrusion", "入侵"),
    "sos": Meaning(("Rescue",), None, "120", "Call for help", "求助"),
    "inactivity": Meaning(
        ("Health",), "Assess", "654", "A person shows no sign of life", "长时间无活动"
    ),
}
UNKNOWN: Final = Meaning(("Other",), "Assess", "140", "Alarm", "报警")
_DURESS_ID: Final = "121"

# A step that is still under way says nothing yet: its end is news of its own.
_SETTLED: Final = frozenset({"confirmed", "failed", "skipped"})
_SEVERITIES: Final = {1: "Extreme", 2: "Severe", 3: "Moderate"}
_URGENCIES: Final = {1: "Immediate", 2: "Immediate", 3: "Expected"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """Who sends to whom, and in which language."""

    sender: str
    addressee: str
    language: str = ENGLISH


def encode(document: IncidentDocument, party: Party, message: Due) -> bytes:
    """Return a message as it is sent."""
    entries = {entry.seq: entry for entry in document.entries}
    said = entries[message.ref.seq]
    moment = sent(said.at, message.ref)
    alert = _alert(
        identifier(document.id, message.ref),
        party,
        moment,
        "Exercise" if document.drill else "Actual",
        message.kind,
    )
    if message.follows:
        earlier = (
            f"{party.sender},{identifier(document.id, ref)},"
            f"{_time(sent(entries[ref.seq].at, ref))}"
            for ref in message.follows
        )
        _add(alert, "references", " ".join(earlier))
    _add(alert, "incidents", document.id)
    upto = [entry for entry in document.entries if entry.seq <= said.seq]
    expires = None if message.kind == "Cancel" else moment + LIFETIME
    _add_info(alert, _as_of(document, said), party, upto, expires)
    return _spelled(alert)


def _as_of(document: IncidentDocument, said: TimelineEntry) -> IncidentDocument:
    """Return what is to be said of an entry, also when more has happened since.

    Only so is a message that is repeated the same message.
    """

    def known(at: datetime | None) -> bool:
        return at is not None and at <= said.at

    taken, help_ = document.acknowledged, document.help
    return replace(
        document,
        steps=tuple(
            step
            for step in document.steps
            if step.status in _SETTLED and known(step.at)
        ),
        acknowledged=taken if taken and known(taken.at) else None,
        help=help_ if help_ and known(help_.at) else None,
        unanswered_at=document.unanswered_at if known(document.unanswered_at) else None,
        present=document.present if said.seq == newest(document) else "yes",
    )


def encode_test(party: Party, name: str, at: datetime) -> bytes:
    """Return a message that tests the line; nobody is to do anything."""
    return _spelled(_alert(name, party, at, "Test", "Alert"))


def identifier(incident: str, ref: Ref) -> str:
    """Return the name of a message: the same for the same state and beat."""
    return f"{incident}-{ref.seq}" + (f"-{ref.beat}" if ref.beat else "")


class BadAck(ValueError):
    """What came back is no CAP message that says anything about ours."""


def is_taken(body: bytes, name: str) -> bool:
    """Read an answer: an Ack that refers to a message, or an Error; raises BadAck."""
    found: dict[str, str] = {}
    path: list[str] = []

    def start(tag: str, _: dict[str, str]) -> None:
        path.append(tag.rpartition(" ")[2])

    def text(part: str) -> None:
        if len(path) == 2:
            found[path[1]] = found.get(path[1], "") + part

    def end(_: str) -> None:
        path.pop()

    def refuse(*_: object) -> None:
        raise BadAck("a document type")  # what entities are declared in

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = start
    parser.CharacterDataHandler = text
    parser.EndElementHandler = end
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(body, True)  # expat's own
    except expat.ExpatError as err:
        raise BadAck("no XML") from err
    kind = found.get("msgType", "").strip()
    named = [part.split(",") for part in found.get("references", "").split()]
    if kind not in ("Ack", "Error") or not any(name in parts for parts in named):
        raise BadAck("no answer to this message")
    return kind == "Ack"


def _alert(
    name: str, party: Party, sent: datetime, status: str, kind: str
) -> ET.Element:
    alert = ET.Element("alert", {"xmlns": NAMESPACE})
    _add(alert, "identifier", name)
    _add(alert, "sender", party.sender)
    _add(alert, "sent", _time(sent))
    _add(alert, "status", status)
    _add(alert, "msgType", kind)
    _add(alert, "source", "Zhi'an")
    _add(alert, "scope", "Private")
    _add(alert, "addresses", _quoted(party.addressee))
    return alert


def _add_info(
    alert: ET.Element,
    document: IncidentDocument,
    party: Party,
    entries: list[TimelineEntry],
    expires: datetime | None,
) -> None:
    meaning = MEANINGS.get(document.hazard, UNKNOWN)
    is_chinese = party.language == CHINESE
    event = meaning.chinese if is_chinese else meaning.english
    phase, level = "alarm", None
    is_silent = is_closed = False
    for entry in entries:
        phase = str(entry.body.get("phase") or phase)
        is_silent = is_silent or bool(entry.body.get("silent"))
        is_closed = is_closed or entry.kind == "closed"
        if entry.kind == "rated":
            level = entry.body.get("level")
    is_over = is_closed or phase == "clearing"
    info = ET.SubElement(alert, "info")
    _add(info, "language", party.language)
    for category in meaning.categories:
        _add(info, "category", category)
    _add(info, "event", event)
    if is_over:
        _add(info, "responseType", "AllClear")
    elif meaning.response:
        _add(info, "responseType", meaning.response)
    _add(
        info,
        "urgency",
        "Past" if is_over else _URGENCIES.get(document.priority, "Future"),
    )
    _add(info, "severity", _SEVERITIES.get(document.priority, "Minor"))
    _add(info, "certainty", _certainty(document, level))
    code = DURESS.alarm if is_silent else None
    if code is None and document.hazard in CODES:
        code = CODES[document.hazard].alarm
    for name, value in (
        ("SIA-DC-03", code),
        ("SIA-DC-05", _DURESS_ID if is_silent else meaning.contact_id),
    ):
        if value:
            _add_pair(info, "eventCode", name, value)
    _add(info, "onset", _time(document.opened_at))
    if expires is not None:
        _add(info, "expires", _time(expires))
    zones = ", ".join(filter(None, map(fitting_text, document.zones)))
    place = fitting_text(document.home.name) or "-"
    _add(info, "senderName", place)
    _add(info, "headline", f"{event}: {place}" + (f" ({zones})" if zones else ""))
    _add_pair(info, "parameter", "phase", "closed" if is_closed else phase)
    _add_pair(info, "parameter", "priority", str(document.priority))
    if document.acknowledged:
        _add_pair(info, "parameter", "acknowledgedAtHome", "true")
    if document.help:
        _add_pair(info, "parameter", "helpRequested", "true")
    if document.unanswered_at:
        _add_pair(info, "parameter", "nobodyAnswersAtHome", "true")
    for step in document.steps:
        done = f"{step.actuator or '-'}: {step.what}, {step.status}"
        _add_pair(info, "parameter", "step", done)
    area = ET.SubElement(info, "area")
    _add(area, "areaDesc", fitting_text(document.home.address or "") or place)
    if document.home.latitude is not None and document.home.longitude is not None:
        at = f"{document.home.latitude:.6f},{document.home.longitude:.6f}"
        _add(area, "circle", f"{at} {RADIUS_KM}")


def _certainty(document: IncidentDocument, level: object) -> str:
    if document.hazard == "intrusion" and isinstance(level, int | float) and level < 3:
        return "Likely" if level >= 2 else "Possible"
    return "Observed" if document.present != "unknown" else "Likely"


def _add(parent: ET.Element, tag: str, text: str) -> None:
    ET.SubElement(parent, tag).text = text


def _add_pair(parent: ET.Element, tag: str, name: str, value: str) -> None:
    pair = ET.SubElement(parent, tag)
    _add(pair, "valueName", name)
    _add(pair, "value", fitting_text(value) or "-")


def _quoted(text: str) -> str:
    """Return one addressee: names with a space stand in quotation marks."""
    name = fitting_text(text).replace('"', "'") or "-"
    return f'"{name}"' if " " in name else name


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S-00:00")


def _spelled(alert: ET.Element) -> bytes:
    spelled: bytes = ET.tostring(alert, encoding="utf-8", xml_declaration=True)
    return spelled
