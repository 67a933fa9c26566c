"""The short messages: what one side writes, the other reads."""

from dataclasses import replace
from typing import Any

import pytest

from custom_components.zhian.link.documents import Home
from custom_components.zhian.link.messages import (
    Answer,
    Enrolment,
    EnrolmentRequest,
    Heartbeat,
    HeartbeatAnswer,
)
from custom_components.zhian.link.views import (
    StationAcknowledged,
    StationClosed,
    StationDispatched,
    StationView,
)
from custom_components.zhian.link.wire_json import BadDocument, decode, encode

from .samples import AT, INCIDENT

REQUEST = EnrolmentRequest(
    code="ABCD-EFGH", public_key="key", home=Home(name="Home", latitude=1, longitude=2)
)
ENROLMENT = Enrolment(
    household=INCIDENT, community="Garden", station="Station", heartbeat_seconds=60
)
HEARTBEAT = Heartbeat(at=AT, open_incidents=1, detectors_total=3, detectors_normal=2)
VIEW = StationView(
    number="2026-000001",
    status="closed",
    revision=9,
    acknowledged=StationAcknowledged("Desk 1", AT),
    dispatched=StationDispatched("Patrol 3", 240, AT),
    arrived_at=AT,
    closed=StationClosed("resolved", AT),
)
MESSAGES: list[Any] = [
    REQUEST,
    ENROLMENT,
    HEARTBEAT,
    HeartbeatAnswer(60, AT),
    Answer("2026-000001", 3),
    VIEW,
    StationView(number="2026-000001", status="received", revision=1),
    replace(VIEW, dispatched=StationDispatched("Drone", None, AT)),
]


@pytest.mark.parametrize("message", MESSAGES)
def test_what_is_written_is_read_back(message: Any) -> None:
    assert type(message).from_json(decode(encode(message.as_json()))) == message


@pytest.mark.parametrize(
    ("message", "change", "path"),
    [
        (REQUEST, {"code": ""}, "code"),
        (REQUEST, {"public_key": None}, "public_key"),
        (REQUEST, {"name": None}, "name"),
        (REQUEST, {"latitude": 100}, "latitude"),
        (ENROLMENT, {"household": "../../etc"}, "household"),
        (ENROLMENT, {"heartbeat_seconds": 0}, "heartbeat_seconds"),
        (ENROLMENT, {"station": None}, "station"),
        (HEARTBEAT, {"open_incidents": -1}, "open_incidents"),
        (HEARTBEAT, {"detectors": {"total": 1, "normal": 2}}, "detectors.normal"),
        (HEARTBEAT, {"detectors": None}, "detectors"),
        (HEARTBEAT, {"at": "now"}, "at"),
        (MESSAGES[3], {"next_seconds": 86_400}, "next_seconds"),
        (MESSAGES[4], {"status": "rejected"}, "status"),
        (MESSAGES[4], {"number": None}, "number"),
        (VIEW, {"acknowledged": {"by": "x"}}, "acknowledged.at"),
        (VIEW, {"dispatched": {"unit": "x", "eta_seconds": -1}}, "dispatched"),
        (VIEW, {"closed": True}, "closed"),
    ],
)
def test_what_is_not_sound_is_refused_with_its_place(
    message: Any, change: dict[str, Any], path: str
) -> None:
    with pytest.raises(BadDocument) as bad:
        type(message).from_json(message.as_json() | change)
    assert bad.value.path.startswith(path)
