"""What leaves the home: each consent by itself, and nothing that nobody agreed to."""

from dataclasses import replace
import json

import pytest

from custom_components.zhian.link import cap, cap_thread, dc09_events, noonlight
from custom_components.zhian.link.documents import Acknowledgement, Information
from custom_components.zhian.link.sharing import Purpose, shared
from custom_components.zhian.link.wire_json import utc_text

from .samples import AT, INCIDENT, document, entry

ALL = frozenset(Purpose)
SECRETS = {
    Purpose.PLACE: ("幸福路 1 号", "30.25", "120.17"),
    Purpose.CONTACT: ("+86 100",),
    Purpose.PEOPLE: ("Anna Acknowledging", "Ben Helping", "Carl Answering"),
    Purpose.READINGS: ("厨房", "12.5", "%LEL", "switch.gas_valve"),
    Purpose.TIMELINE: ("sealed secret",),
}


def everything() -> object:
    """Return a document that holds something for each purpose."""
    return replace(
        document(),
        acknowledged=Acknowledgement("Anna Acknowledging", "button", AT),
        help=Acknowledgement("Ben Helping", "phone", AT),
        answers=(
            Information(
                question=INCIDENT, text="In flat 9", by="Carl Answering", at=AT
            ),
        ),
        entries=(entry(1, phase="alarm"), entry(2, note="sealed secret")),
    )


def said(*purposes: Purpose) -> str:
    """Return what is sent with some consents."""
    made = shared(everything(), frozenset(purposes))  # type: ignore[arg-type]
    return json.dumps(made.as_json(), ensure_ascii=False)


@pytest.mark.parametrize("purpose", SECRETS)
def test_what_nobody_agreed_to_is_nowhere_in_the_document(purpose: Purpose) -> None:
    """All other consents do not help."""
    text = said(*(ALL - {purpose}))
    assert not [secret for secret in SECRETS[purpose] if secret in text]


@pytest.mark.parametrize("purpose", [p for p in SECRETS if p is not Purpose.TIMELINE])
def test_a_consent_is_enough_for_what_it_is_about(purpose: Purpose) -> None:
    text = said(purpose)
    assert all(secret in text for secret in SECRETS[purpose])
    others = (s for p in SECRETS if p is not purpose for s in SECRETS[p])
    assert not [secret for secret in others if secret in text]


def test_the_timeline_needs_what_is_in_it() -> None:
    """It is sealed: without the names it would be no proof, and with them no secret."""
    timeline, others = Purpose.TIMELINE, (Purpose.PEOPLE, Purpose.READINGS)
    assert "sealed secret" in said(timeline, *others)
    for other in others:
        assert "sealed secret" not in said(timeline, other)


def test_the_minimum_is_enough_to_be_helped() -> None:
    """What, since when, how urgent, who it is, what the home does; and the revision."""
    made = shared(everything(), frozenset()).as_json()  # type: ignore[arg-type]
    whole = document().as_json()
    for member in ("id", "hazard", "phase", "present", "drill", "priority"):
        assert made[member] == whole[member]
    assert made["opened_at"] == utc_text(AT)
    assert made["revision"] == 2
    assert made["home"]["name"] == "3 号楼 2 单元 501"  # type: ignore[call-overload,index]
    assert made["steps"][0]["status"] == "confirmed"  # type: ignore[call-overload,index]
    assert made["acknowledged"]["by"] == "-"  # type: ignore[call-overload,index]


def test_who_is_told_events_gets_the_same_events_and_nothing_in_them() -> None:
    """Alarm centre, alert and dispatcher say the same with the least."""
    whole = everything()
    least = shared(whole, frozenset(), speaks=True)  # type: ignore[arg-type]
    assert "secret" not in json.dumps(least.as_json())
    assert all(e.hash == e.previous == "" for e in least.entries)
    found = [d.event.code for d in dc09_events.due(least, 0)]
    assert found == [d.event.code for d in dc09_events.due(whole, 0)]  # type: ignore[arg-type]
    assert "厨房" not in dc09_events.due(least, 0)[0].event.text
    party = cap.Party(sender="home", addressee="centre")
    messages = cap_thread.due(least, 0, None, least.entries[-1].at)
    assert messages
    for message in messages:
        alert = cap.encode(least, party, message).decode()
        assert "幸福路" not in alert
        assert "30.25" not in alert
    person = noonlight.Person(
        name="A", phone="1", line1="L", city="C", state="S", zip="Z"
    )
    assert "厨房" not in str(noonlight.alarm(least, person)["instructions"])


def test_a_score_is_part_of_an_event() -> None:
    rated = replace(entry(2, level="3", by="Dora"), kind="rated")
    told = replace(document(), hazard="intrusion", entries=(entry(1), rated))
    least = shared(told, frozenset(), speaks=True)
    assert dict(least.entries[1].body) == {"level": "3"}
