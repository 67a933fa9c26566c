"""Entries to JSON and back."""

import json

from freezegun.api import FrozenDateTimeFactory
import pytest

from custom_components.zhian.safety.arming import Mode
from custom_components.zhian.safety.codec import UnknownEntry, decode, encode
from custom_components.zhian.safety.entries import (
    ENTRY_TYPES,
    Detected,
    Entry,
    Opened,
    Planned,
    StationReplied,
    StepsPlanned,
)
from custom_components.zhian.safety.replacing import replace
from custom_components.zhian.safety.signals import (
    HelpCalled,
    StationAsked,
    StationInformed,
)
from custom_components.zhian.safety.vocabulary import (
    Hazard,
    Level,
    Message,
    Phase,
    Position,
    Reason,
    Response,
    StationStatus,
)

from .homes import NOON, Home, contact, detector, door, gas, siren, valve, window


def _round_trip(entry: Entry) -> Entry:
    body = json.loads(json.dumps(encode(entry), allow_nan=False))
    return decode(entry.incident, entry.seq, entry.at, entry.kind, body)


def test_every_kind_of_entry_survives_json() -> None:
    water = detector("water", Hazard.WATER)
    people = contact("Anna"), contact("Ben")
    home = Home(gas(), water, valve(), window(), siren(), door("contact"), *people)
    cancellable = replace(home.state.household, report_after={Hazard.WATER: 30})
    home.state = replace(home.state, household=cancellable)
    home.drill()
    home.alarm(value=12.5)
    home.answers("Anna", Response.SAFE)
    home.wait(60)
    home.delivered(Message.ALARM, reason=Reason.ERROR)
    home.acknowledge()
    home.station(StationStatus.ACCEPTED, number="1")
    home.send(StationAsked(home.incident.id, "q", "Who holds a key?", "Li", home.now))
    home.send(StationInformed("Anna", "Ben", home.now))
    home.fails("open:window")
    home.later(1).says("valve", Position.CLOSED)
    home.later(90).reads("gas", Level.ALARM, 30.0)
    home.later(1).says("valve", Position.OPEN)
    home.reads("gas", Level.NORMAL, 1.0)
    home.reset()
    home.send(HelpCalled("Li", home.now, "kitchen"))
    home.reads("contact", Level.NORMAL)
    home.arm(Mode.NIGHT)
    home.alarm("contact")
    home.disarm(duress=True)
    home.alarm("water")
    home.wait(30)
    quiet = Home(detector("bath", Hazard.INACTIVITY))
    quiet.reads("bath", Level.PRE_ALARM)
    quiet.wait(700)
    journal = [*home.journal, *quiet.journal]
    assert {type(e) for e in journal} == set(ENTRY_TYPES)
    for entry in journal:
        assert _round_trip(entry) == entry


def test_entries_are_read_whatever_clock_was_put_in(
    freezer: FrozenDateTimeFactory,
) -> None:
    """A frozen clock brings a class of times of its own."""
    home = Home(gas(), valve())
    home.drill()
    for entry in home.journal:
        assert _round_trip(entry) == entry


def test_kinds_are_unique() -> None:
    assert len({entry.kind for entry in ENTRY_TYPES}) == len(ENTRY_TYPES)


def test_what_is_not_there_is_not_written() -> None:
    entry = StationReplied(incident="i", seq=2, at=NOON, status=StationStatus.ACCEPTED)
    assert encode(entry) == {"status": "accepted"}


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("strange", {}),
        ("opened", {"hazard": "gas"}),
        ("opened", {"hazard": "flood", "phase": "alarm"}),
        ("opened", {"hazard": "gas", "phase": None}),
        ("planned", {"steps": "none"}),
        ("planned", {"steps": ["none"]}),
        ("unanswered", {"contacts": "Anna"}),
        ("unanswered", {"contacts": [1]}),
        ("planned", {"steps": [{"id": "x"}]}),
        ("opened", {"hazard": "gas", "phase": "alarm", "ends_at": "noon"}),
        ("step_ordered", {"step": 1, "attempt": "one"}),
    ],
)
def test_unreadable_entry_is_named(kind: str, body: dict[str, object]) -> None:
    with pytest.raises(UnknownEntry, match=kind):
        decode("i", 1, NOON, kind, body)  # type: ignore[arg-type]


def test_missing_optional_fields_take_their_defaults() -> None:
    body: dict[str, object] = {"hazard": "gas", "phase": "alarm"}
    entry = decode("i", 1, NOON, "opened", body)  # type: ignore[arg-type]
    assert entry == Opened(
        incident="i", seq=1, at=NOON, hazard=Hazard.GAS, phase=Phase.ALARM
    )


def test_whole_number_may_stand_for_a_value() -> None:
    body: dict[str, object] = {"detector": "d", "level": "alarm", "value": 12}
    entry = decode("i", 2, NOON, "detector", body)  # type: ignore[arg-type]
    assert isinstance(entry, Detected)
    assert (entry.value, entry.zone) == (12, None)


def test_planned_steps_keep_their_order() -> None:
    steps = (
        Planned("closed:a", "a", Position.CLOSED),
        Planned("open:b", "b", Position.OPEN),
    )
    entry = StepsPlanned(incident="i", seq=2, at=NOON, steps=steps)
    assert _round_trip(entry) == entry


def test_what_has_no_json_is_a_fault_of_ours() -> None:
    entry = Detected(
        incident="i",
        seq=2,
        at=NOON,
        detector="d",
        zone=None,
        level=Level.ALARM,
        value=object(),  # type: ignore[arg-type]
    )
    with pytest.raises(TypeError, match="no JSON"):
        encode(entry)
