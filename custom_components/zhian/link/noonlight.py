"""Noonlight's dispatch API: what is asked of it, as JSON. Only for the United States.

Pure. The documented calls are `POST /alarms`, `GET` and `POST /alarms/{id}/status` and
`POST /alarms/{id}/events`. There is none for services or instructions of an alarm that
exists.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, Self

from .cap import MEANINGS, UNKNOWN
from .documents import IncidentDocument
from .wire_json import JSON, fitting_text, utc_text

CANCELED: Final = "CANCELED"
ACTIVE: Final = "ACTIVE"


class Environment(StrEnum):
    """Where alarms go: to nobody, or to a dispatcher."""

    SANDBOX = "sandbox"
    PRODUCTION = "production"


BASES: Final = {
    Environment.SANDBOX: "https://api-sandbox.noonlight.com/dispatch/v1",
    Environment.PRODUCTION: "https://api.noonlight.com/dispatch/v1",
}


@dataclass(frozen=True, slots=True)
class Services:
    """Who is to come."""

    police: bool = False
    fire: bool = False
    medical: bool = False

    def as_json(self) -> dict[str, JSON]:
        """Return it as the API wants it."""
        return {"police": self.police, "fire": self.fire, "medical": self.medical}


# Noonlight has no service for water.
SERVICES: Final = {
    "gas": Services(fire=True),
    "carbon_monoxide": Services(fire=True, medical=True),
    "smoke": Services(fire=True),
    "intrusion": Services(police=True),
    "sos": Services(police=True, medical=True),
    "inactivity": Services(medical=True),
}

# Whoever called for help, or was forced, may be forced to say that all is well.
_NEVER_CANCELLED: Final = frozenset({"sos", "intrusion"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Whom the dispatcher calls, and where help goes."""

    name: str
    phone: str
    line1: str
    city: str
    state: str
    zip: str
    line2: str = ""
    pin: str = field(default="", repr=False)

    @classmethod
    def from_mapping(cls, data: Mapping[str, Any]) -> Self:
        """Read it from the settings."""
        return cls(
            name=data["person"],
            phone=data["phone"],
            line1=data["line1"],
            line2=data["line2"],
            city=data["city"],
            state=data["state"],
            zip=data["zip"],
            pin=data["pin"],
        )


class Call(StrEnum):
    """What is to be asked of the API."""

    CREATE = "create"
    UPDATE = "update"
    CANCEL = "cancel"


class Turn(StrEnum):
    """What has become of an incident of which there is an alarm."""

    CLEARED = "cleared"
    AGAIN = "again"
    """It was clear, and is not any more."""
    HELP = "help"
    """Somebody there asks for help."""

    @property
    def is_worse(self) -> bool:
        """Whether somebody has to come, also if the alarm was cancelled meanwhile."""
        return self is not Turn.CLEARED


def turns(document: IncidentDocument, received: int) -> Iterator[tuple[Turn, datetime]]:
    """Yield what has happened since an entry, oldest first."""
    was_clear = wants_help = False
    for entry in document.entries:
        phase = entry.body.get("phase")
        found = None
        if phase == "clearing":
            was_clear, found = True, Turn.CLEARED
        elif phase == "alarm" and was_clear:
            was_clear, found = False, Turn.AGAIN
        elif entry.body.get("response") == "help" and not wants_help:
            wants_help, found = True, Turn.HELP
        if found and entry.seq > received:
            yield found, entry.at


def due(
    document: IncidentDocument,
    number: str | None,
    environment: Environment,
    *,
    cancels: bool,
    received: int = 0,
) -> Call | None:
    """Return what is to be asked for an incident, None if nothing is.

    Nobody is sent to an incident that a person at home has closed before it was ever
    reported, and no dispatcher hears of a drill.
    """
    if document.hazard not in SERVICES:
        return None
    if document.drill and environment is Environment.PRODUCTION:
        return None
    has_alarmed = any(e.body.get("phase") == "alarm" for e in document.entries)
    is_closed = any(e.kind == "closed" for e in document.entries)
    if number is None:
        return Call.CREATE if has_alarmed and not is_closed else None
    if is_closed:
        may_cancel = cancels and document.hazard not in _NEVER_CANCELLED
        return Call.CANCEL if may_cancel else None
    has_news = is_worse(document, received) or events(document, received)
    return Call.UPDATE if has_news else None


def is_worse(document: IncidentDocument, received: int) -> bool:
    """Whether an alarm that somebody has cancelled is needed after all."""
    return any(turn.is_worse for turn, _ in turns(document, received))


def events(document: IncidentDocument, received: int) -> list[JSON]:
    """Return what the detectors say since then, as the body of `events`.

    Of what the API has words for only smoke is one of our hazards.
    """
    if document.hazard != "smoke":
        return []
    place = ", ".join(filter(None, map(fitting_text, document.zones)))
    return [
        {
            "event_type": "alarm.device.value_changed",
            "event_time": utc_text(at),
            "meta": {
                "attribute": "smoke",
                "value": "clear" if turn is Turn.CLEARED else "detected",
                "device_name": place or "Home",
                "device_model": "Smoke detector",
                "device_manufacturer": "Zhi'an",
            },
        }
        for turn, at in turns(document, received)
        if turn is not Turn.HELP
    ]


def alarm(document: IncidentDocument, person: Person) -> dict[str, JSON]:
    """Return the body that creates an alarm."""
    address: dict[str, JSON] = {
        "line1": person.line1,
        "city": person.city,
        "state": person.state,
        "zip": person.zip,
    }
    if person.line2:
        address["line2"] = person.line2
    body: dict[str, JSON] = {
        "name": person.name,
        "phone": person.phone,
        "location": {"address": address},
        "services": SERVICES[document.hazard].as_json(),
        "instructions": {"entry": _instructions(document)},
        "owner_id": document.id,
    }
    if person.pin:
        body["pin"] = person.pin
    return body


def cancellation(person: Person) -> dict[str, JSON]:
    """Return the body that cancels an alarm."""
    body: dict[str, JSON] = {"status": CANCELED}
    if person.pin:
        body["pin"] = person.pin
    return body


def _instructions(document: IncidentDocument) -> str:
    """Return what somebody who comes should know; the API has no field for a cause."""
    said = [MEANINGS.get(document.hazard, UNKNOWN).english]
    if zones := ", ".join(filter(None, map(fitting_text, document.zones))):
        said[0] += f" ({zones})"
    if document.drill:
        said.insert(0, "DRILL, nobody is in danger")
    said += [f"{s.actuator or '-'}: {s.what}, {s.status}" for s in document.steps[:5]]
    if document.help:
        said.append("Somebody there asks for help")
    return fitting_text(". ".join(said))
