"""The incident document: what is built is always taken, what is not sound never."""

from contextlib import suppress
import copy
from dataclasses import replace
from datetime import timedelta
import json
from typing import Any

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.zhian.link.documents import (
    MAX_ENTRIES,
    Acknowledgement,
    Home,
    IncidentDocument,
    ReadLevel,
    Step,
    is_too_old,
    parse_incident,
)
from custom_components.zhian.link.problems import Reason
from custom_components.zhian.link.wire_json import (
    MAX_BYTES,
    BadDocument,
    decode,
    encode,
)

from .samples import AT, INCIDENT, document, entry


def sent(document: IncidentDocument) -> IncidentDocument:
    """Return what arrives."""
    return parse_incident(decode(encode(document.as_json())))


def test_what_is_sent_arrives() -> None:
    assert sent(document()) == document()


def test_a_document_without_anything_optional_arrives() -> None:
    bare = IncidentDocument(
        id=INCIDENT,
        revision=7,
        hazard="gas",
        phase="pre_alarm",
        present="unknown",
        drill=True,
        priority=4,
        opened_at=AT,
        home=Home(name="Home"),
    )
    assert sent(bare) == bare


def test_what_an_older_home_does_not_say_is_neither_silent_nor_sure() -> None:
    data: Any = replace(document(), silent=True, score=3).as_json()
    assert (data["silent"], data["score"]) == (True, 3)
    assert parse_incident(data) == replace(document(), silent=True, score=3)
    del data["silent"], data["score"]
    assert parse_incident(data) == document()


def test_a_hazard_of_a_newer_home_is_taken() -> None:
    newer = replace(document(), hazard="radon", phase="evacuating")
    assert sent(newer).hazard == "radon"


def test_what_a_newer_home_adds_is_ignored() -> None:
    data: Any = document().as_json()
    data["pets"] = ["cat"]
    data["home"]["floor"] = 5
    data["entries"][0]["more"] = {"deep": [[[[[[[[[[]]]]]]]]]]}
    assert parse_incident(data) == document()


def test_the_document_is_the_address_s() -> None:
    data = document().as_json()
    assert parse_incident(data, INCIDENT)
    with pytest.raises(BadDocument) as bad:
        parse_incident(data, INCIDENT.replace("a", "b"))
    assert bad.value.path == "id"


DEEP: Any = 1
for _ in range(9):
    DEEP = {"a": DEEP}
BAD: list[tuple[str, Any]] = [
    ("id", None),
    ("id", "1"),
    ("id", INCIDENT.upper()),
    ("id", f"{{{INCIDENT}}}"),
    ("revision", 0),
    ("revision", True),
    ("revision", 1.0),
    ("revision", "1"),
    ("revision", 2**53),
    ("hazard", ""),
    ("hazard", None),
    ("hazard", "x" * 201),
    ("hazard", "nul\x00"),
    ("hazard", "\ud800"),
    ("phase", 1),
    ("present", "maybe"),
    ("drill", 0),
    ("priority", 0),
    ("priority", 5),
    ("opened_at", "yesterday"),
    ("opened_at", "2026-11-01T08:00:00"),
    ("opened_at", "0001-01-01T00:00:00+14:00"),
    ("opened_at", 0),
    ("home", None),
    ("home", []),
    ("home.name", ""),
    ("home.address", 1),
    ("home.contact", "x" * 201),
    ("zones", None),
    ("zones", "kitchen"),
    ("zones", ["x"] * 21),
    ("zones[0]", ""),
    ("level", None),
    ("level.value", "much"),
    ("level.value", float("nan")),
    ("level.value", float("inf")),
    ("level.value", True),
    ("level.value", 1e16),
    ("level.unit", 1),
    ("steps", {}),
    ("steps", [None] * 41),
    ("steps[0]", None),
    ("steps[0].id", None),
    ("steps[0].status", []),
    ("steps[0].at", "now"),
    ("acknowledged", "me"),
    ("acknowledged.by", ""),
    ("acknowledged.at", None),
    ("silent", 1),
    ("silent", "yes"),
    ("score", -1),
    ("score", 5),
    ("score", 2.5),
    ("score", True),
    ("entries", None),
    ("entries", [{}] * 501),
    ("entries[1]", "x"),
    ("entries[1].seq", 1),
    ("entries[1].seq", 3),
    ("entries[1].seq", -1),
    ("entries[1].at", None),
    ("entries[1].kind", ""),
    ("entries[1].body", None),
    ("entries[1].body", DEEP),
    ("entries[1].body", {"x": "y" * 2001}),
    ("entries[1].body", {"x" * 201: "y"}),
    ("entries[1].body", {"x": 2**53}),
    ("entries[1].body", {"x": float("nan")}),
    ("entries[1].body", {"x": {1, 2}}),
    ("entries[1].body", {"x": [0] * 501}),
    ("entries[1].body", {1: "x"}),
    ("entries[1].body", {"x": "\udfff"}),
    ("entries[1].previous", None),
    ("entries[1].hash", ""),
]


def put(data: Any, path: str, value: Any) -> None:
    """Change one place of a document."""
    *way, last = path.replace("[", ".").replace("]", "").split(".")
    for step in way:
        data = data[int(step) if step.isdigit() else step]
    data[int(last) if last.isdigit() else last] = value


@pytest.mark.parametrize(("path", "value"), BAD)
def test_what_is_not_sound_is_refused_with_its_place(path: str, value: Any) -> None:
    data = copy.deepcopy(document().as_json())
    put(data, path, value)
    with pytest.raises(BadDocument) as bad:
        parse_incident(data)
    assert bad.value.reason is Reason.BAD_DOCUMENT
    assert bad.value.path.startswith(path)


@pytest.mark.parametrize("data", [None, [], "x", 1, {}])
def test_what_is_no_document_at_all_is_refused(data: Any) -> None:
    with pytest.raises(BadDocument):
        parse_incident(data)


@pytest.mark.parametrize(
    ("latitude", "longitude", "at"),
    [
        (91, 0, "latitude"),
        (-90.1, 0, "latitude"),
        (0, 180.5, "longitude"),
        (0, "east", "longitude"),
        (float("nan"), 0, "latitude"),
        (None, 0, "latitude"),
        (0, None, "longitude"),
        (True, 0, "latitude"),
    ],
)
def test_a_place_that_is_not_on_earth_is_a_bad_location(
    latitude: Any, longitude: Any, at: str
) -> None:
    data: Any = document().as_json()
    data["home"] |= {"latitude": latitude, "longitude": longitude}
    with pytest.raises(BadDocument) as bad:
        parse_incident(data)
    assert bad.value.reason is Reason.BAD_LOCATION
    assert bad.value.path == f"home.{at}"


def test_an_error_holds_no_personal_data() -> None:
    data: Any = document().as_json()
    data["home"]["contact"] = {"+86 100 0000 0000": 1}
    with pytest.raises(BadDocument) as bad:
        parse_incident(data)
    assert "100" not in str(bad.value)
    assert "100" not in repr(bad.value.__cause__)


def test_too_old_is_more_than_a_day() -> None:
    assert not is_too_old(document(), AT + timedelta(hours=24))
    assert is_too_old(document(), AT + timedelta(hours=24, seconds=1))


def test_a_long_timeline_goes_in_parts_the_oldest_first() -> None:
    entries = tuple(entry(seq) for seq in range(1, 1201))
    long = replace(document(), entries=entries, revision=1200)
    arrived: list[int] = []
    while arrived[-1:] != [1200]:
        part = sent(replace(long, entries=entries[len(arrived) :]))
        assert part.revision == part.entries[-1].seq
        assert len(encode(part.as_json())) <= MAX_BYTES
        assert len(part.entries) <= MAX_ENTRIES
        arrived += [entry.seq for entry in part.entries]
    assert arrived == list(range(1, 1201))


def test_an_entry_that_fits_nowhere_does_not_hold_up_the_rest() -> None:
    huge = replace(entry(1), body={"x": "y" * 100_000})
    part = sent(replace(document(), entries=(huge, entry(2))))
    assert [found.seq for found in part.entries] == [1]
    assert part.entries[0].body["left_out_bytes"] > 100_000  # type: ignore[operator]


TEXT = st.text(max_size=300)


MANY = tuple(entry(seq) for seq in range(1, 701))


@settings(max_examples=40)
@given(
    st.builds(
        IncidentDocument,
        id=st.uuids().map(str),
        revision=st.integers(1, 10**6),
        hazard=st.just("gas"),
        phase=st.just("alarm"),
        present=st.sampled_from(["yes", "no", "unknown"]),
        drill=st.booleans(),
        priority=st.integers(1, 4),
        opened_at=st.just(AT),
        home=st.builds(
            Home, name=TEXT, address=st.none() | TEXT, contact=st.none() | TEXT
        ),
        zones=st.lists(TEXT, max_size=30).map(tuple),
        level=st.builds(ReadLevel, st.none() | st.floats(-1e9, 1e9), st.none() | TEXT)
        | st.just(ReadLevel(float("nan"))),
        steps=st.lists(
            st.builds(
                Step,
                id=st.just("close"),
                what=st.just("close"),
                actuator=st.none() | TEXT,
                status=st.just("failed"),
                reason=st.none() | TEXT,
            ),
            max_size=50,
        ).map(tuple),
        acknowledged=st.none()
        | st.builds(Acknowledgement, by=TEXT, via=st.just("phone"), at=st.just(AT)),
        entries=st.sampled_from([MANY[:0], MANY[:3], MANY]),
    )
)
def test_whatever_a_home_is_called_its_document_is_taken(
    document: IncidentDocument,
) -> None:
    """No gas leak is refused for a name that is too long."""
    sent(document)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda children: (
        st.lists(children, max_size=4)
        | st.dictionaries(st.text(max_size=8), children, max_size=4)
    ),
    max_leaves=10,
)


@given(st.sampled_from(sorted({path for path, _ in BAD})), JSON)
def test_any_json_anywhere_is_taken_or_refused(path: str, value: Any) -> None:
    data = copy.deepcopy(document().as_json())
    put(data, path, value)
    try:
        taken = parse_incident(data)
    except BadDocument:
        return
    assert sent(taken)


@given(st.binary(max_size=60) | JSON.map(lambda value: json.dumps(value).encode()))
def test_any_bytes_are_json_or_refused(body: bytes) -> None:
    with suppress(BadDocument):
        decode(body)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"[" * 60_000, Reason.BAD_DOCUMENT),
        (b"1" * 60_000, Reason.BAD_DOCUMENT),
        (b"\xff", Reason.BAD_DOCUMENT),
        (b"", Reason.BAD_DOCUMENT),
        (b" " * (MAX_BYTES + 1), Reason.TOO_LARGE),
    ],
)
def test_hostile_bytes_are_refused(body: bytes, reason: Reason) -> None:
    with pytest.raises(BadDocument) as bad:
        decode(body)
    assert bad.value.reason is reason


def test_text_that_no_database_takes_is_replaced_when_written() -> None:
    assert encode({"a": "\ud800"}) == b'{"a":"?"}'
