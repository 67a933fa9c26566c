"""What travels over a stream: one JSON object in each text frame, with its `type`.

Up go heartbeats, down go their answers, the station's side of incidents, notices
and, to a station below, orders. Whoever does not know a type ignores the frame: types may be added without a new version.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from .messages import Heartbeat, HeartbeatAnswer, StationNotice
from .orders import StationOrder
from .views import StationView
from .wire_json import JSON, Node, decode, encode

HEARTBEAT: Final = "heartbeat"
INCIDENT: Final = "incident"
NOTICE: Final = "notice"
ORDER: Final = "order"

LONGEST_UP: Final = 4 * 1024
"""Bytes of a frame from a home: a heartbeat has two hundred."""
LONGEST_DOWN: Final = 64 * 1024
PING_SECONDS: Final = 12.5
"""A station looks so often: whom it has not heard since the last time it pings, who has
not answered by the next it gives up. So a line is never silent for the 60 s after which
proxies cut it, and never half open for longer."""
SILENCE_SECONDS: Final = 60.0
"""A home that hears nothing for so long, not even a ping, hangs up."""


class CloseCode(IntEnum):
    """Why a side has ended a stream."""

    GOING_AWAY = 1001
    """It stops, or starts anew: come again."""
    BAD_FRAME = 1008
    """What came was not as the contract wants it, or too often."""
    TRY_LATER = 1013
    """More had to be said than was read: come again and learn how things stand."""
    REPLACED = 4001
    """Another stream of the same household has taken its place."""
    REVOKED = 4003
    """The household is served no more, or has another key."""


@dataclass(frozen=True, slots=True)
class IncidentNews:
    """How far the station is with an incident of the home, as a whole."""

    incident: str
    view: StationView


type Word = IncidentNews | StationNotice | StationOrder
"""What a station says by itself."""
type FromStation = HeartbeatAnswer | Word


def write_up(beat: Heartbeat) -> bytes:
    """Return a home's frame."""
    return encode({"type": HEARTBEAT, **beat.as_json()})


def read_up(frame: bytes | str) -> Heartbeat | None:
    """Read a home's frame, None for an unknown type; raises BadDocument."""
    node = _node(frame)
    if node["type"].text() != HEARTBEAT:
        return None
    return Heartbeat.from_json(node.value)


def write_down(message: FromStation) -> bytes:
    """Return a station's frame."""
    return encode(_down(message))


def _down(message: FromStation) -> Mapping[str, JSON]:
    match message:
        case HeartbeatAnswer():
            return {"type": HEARTBEAT, **message.as_json()}
        case IncidentNews(incident, view):
            return {"type": INCIDENT, "incident": incident, **view.as_json()}
        case StationNotice():
            return {"type": NOTICE, **message.as_json()}
        case StationOrder():
            return {"type": ORDER, **message.as_json()}


def read_down(frame: bytes | str) -> FromStation | None:
    """Read a station's frame, None for an unknown type; raises BadDocument."""
    node = _node(frame)
    match node["type"].text():
        case "heartbeat":
            return HeartbeatAnswer.from_json(node.value)
        case "incident":
            view = StationView.from_json(node.value)
            return IncidentNews(node["incident"].uuid(), view)
        case "notice":
            return StationNotice.read(node)
        case "order":
            return StationOrder.read(node)
        case _:
            return None


def _node(frame: bytes | str) -> Node:
    return Node(decode(frame if isinstance(frame, bytes) else frame.encode()))
