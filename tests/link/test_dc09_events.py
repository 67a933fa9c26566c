"""Which events an alarm centre hears, for which story."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import given, strategies as st
import pytest

from custom_components.zhian.link.dc09_events import CODES, due
from custom_components.zhian.link.documents import IncidentDocument, TimelineEntry
from custom_components.zhian.safety.vocabulary import Hazard

from .samples import AT, document

type Fact = tuple[str, dict[str, Any]]

OPENED: Fact = ("opened", {"phase": "alarm"})
ALARM: Fact = ("phase", {"phase": "alarm", "presence": "yes"})
CLEARING: Fact = ("phase", {"phase": "clearing", "presence": "no"})
CLOSED: Fact = ("closed", {"ending": "reset"})
HELP: Fact = ("answered", {"response": "help"})
TOLD: Fact = ("told", {"contact": "1"})


def story(*facts: Fact, hazard: str = "gas", drill: bool = False) -> IncidentDocument:
    """Return an incident with a timeline, an entry each minute."""
    entries = tuple(
        TimelineEntry(
            seq=seq,
            at=AT + timedelta(minutes=seq),
            kind=kind,
            body=body,
            previous="",
            hash=str(seq),
        )
        for seq, (kind, body) in enumerate(facts, 1)
    )
    return replace(
        document(), hazard=hazard, drill=drill, entries=entries, revision=len(entries)
    )


def said(doc: IncidentDocument, received: int = 0) -> list[tuple[int, str, int]]:
    """Return entry, code and zone of each event."""
    return [(d.seq, d.event.code, d.event.zone) for d in due(doc, received)]


@pytest.mark.parametrize("hazard", Hazard)
def test_every_hazard_has_codes_and_a_zone_of_its_own(hazard: Hazard) -> None:
    codes = CODES[hazard.value]
    assert said(story(OPENED, CLEARING, hazard=hazard)) == [
        (1, codes.alarm, codes.zone),
        (2, codes.restored, codes.zone),
    ]
    assert sum(c.zone == codes.zone for c in CODES.values()) == 1


def test_an_alarm_is_told_and_its_end_once() -> None:
    """With an H code: many receivers clear an alarm by no other."""
    doc = story(OPENED, TOLD, CLEARING, TOLD, CLOSED)
    assert said(doc) == [(1, "GA", 1), (3, "GH", 1)]
    assert said(doc, 2) == [(3, "GH", 1)]
    assert said(doc, 3) == []
    first = due(doc, 0)[0].event
    assert first.at == AT + timedelta(minutes=1)
    assert first.text == "gas 厨房"


def test_an_alarm_that_comes_back_is_a_new_one() -> None:
    doc = story(OPENED, CLEARING, ALARM, CLOSED)
    assert [code for _, code, _ in said(doc)] == ["GA", "GH", "GA", "GH"]


def test_a_pre_alarm_is_nothing_yet() -> None:
    begun = ("opened", {"phase": "pre_alarm"})
    assert said(story(begun, CLOSED)) == []
    assert said(story(begun, ALARM)) == [(2, "GA", 1)]


def test_a_drill_is_a_test_and_never_an_alarm() -> None:
    doc = story(OPENED, HELP, CLEARING, CLOSED, drill=True)
    assert said(doc) == [(1, "RX", 1)]
    assert due(doc, 0)[0].event.text == "DRILL GA gas 厨房"


def test_a_silent_call_is_a_holdup() -> None:
    doc = story(("opened", {"phase": "alarm", "silent": True}), hazard="sos")
    assert said(doc) == [(1, "HA", 8)]


def test_a_break_in_that_is_sure_is_told_as_verified() -> None:
    def rated(level: int) -> Fact:
        return ("rated", {"level": level, "evidence": "break_in"})

    doc = story(OPENED, rated(2), rated(3), rated(4), hazard="intrusion")
    assert said(doc) == [(1, "BA", 5), (3, "BV", 5)]
    assert said(story(OPENED, rated(4), hazard="sos")) == [(1, "PA", 6)]


def test_a_person_who_asks_for_help_is_an_emergency_of_its_own() -> None:
    doc = story(OPENED, HELP, HELP, ("answered", {"response": "safe"}), CLOSED)
    assert said(doc) == [(1, "GA", 1), (2, "QA", 9), (5, "GH", 1), (5, "QH", 9)]


def test_what_a_newer_version_writes_is_told_all_the_same() -> None:
    doc = story(OPENED, ("rated", {"level": "high"}), hazard="earthquake")
    assert said(doc) == [(1, "UA", 99)]


@given(
    st.lists(st.sampled_from([OPENED, ALARM, CLEARING, CLOSED, HELP, TOLD])),
    st.data(),
)
def test_told_in_two_parts_or_at_once_it_is_the_same(
    facts: list[Fact], data: st.DataObject
) -> None:
    """Wherever the line broke: nothing is lost and nothing comes twice."""
    doc = story(*facts)
    cut = data.draw(st.integers(0, len(facts)))
    before = replace(doc, entries=doc.entries[:cut], revision=cut)
    assert due(before, 0) + due(doc, cut) == due(doc, 0)
