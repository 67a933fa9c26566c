"""A station below: what it tells the one above, and what it hears from there."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, cast

from homeassistant.components import persistent_notification
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.zhian.const import DOMAIN
from custom_components.zhian.link import stream
from custom_components.zhian.link.client import StationUnreachable, Trouble
from custom_components.zhian.link.identity import station_id
from custom_components.zhian.link.outbox import GivenUp, Refused
from custom_components.zhian.link.pairing_text import PairingText
from custom_components.zhian.link.problems import Reason
from custom_components.zhian.link.signatures import Key
from custom_components.zhian.link.views import StationView
from custom_components.zhian.station import Station, parent_key, uplink
from custom_components.zhian.station.board import show
from custom_components.zhian.station.uplink import LineStatus
from custom_components.zhian.store.errors import DatabaseClosed

from .above import HOUSEHOLD, PlayedParent, played_parent
from .below import AT, BELOW, TAKEN, Below, origin, passed_on
from .conftest import Act, Home, incident

LINE = "sensor.riverside_station_higher_station"
TO_SIGN = "sensor.riverside_station_orders_to_sign_for"
NOWHERE = "019a3e1c-9f00-7000-8000-0123456789ae"
ORDER: dict[str, Any] = {
    "id": "019a3e1c-9f00-7000-8000-0123456789af",
    "text": "Close the gate.",
    "by": "Wang",
    "at": AT,
    "incident": None,
}
ABOVE = {
    "status": "dispatched",
    "acknowledged": {"by": "Wang", "at": AT},
    "dispatched": {"unit": "Helicopter", "eta_seconds": 600, "at": AT},
}


@dataclass
class Middle:
    """A station between a home and the station above."""

    hass: HomeAssistant
    entry: MockConfigEntry
    parent: PlayedParent
    home: Home

    @property
    def station(self) -> Station:
        """The running station."""
        station = self.entry.runtime_data
        assert isinstance(station, Station)
        return station

    @property
    def line(self) -> uplink.Uplink:
        """Its line upward."""
        line = self.station.federation.uplink
        assert line is not None
        return line

    async def until(self, is_true: Callable[[], object], what: str) -> None:
        """Wait for something that comes over a socket."""
        try:
            async with asyncio.timeout(60):
                while not is_true():
                    await asyncio.sleep(0.01)
        except TimeoutError as error:
            raise AssertionError(f"{what} has not come") from error
        await self.hass.async_block_till_done()

    async def connected(self) -> None:
        """Wait until the line upward is well."""
        await self.until(
            lambda: self.station.federation.status is LineStatus.CONNECTED, "the line"
        )

    async def restart(self) -> None:
        """Start the station anew."""
        assert await self.hass.config_entries.async_reload(self.entry.entry_id)

    async def agrees(self, *, higher: bool) -> None:
        """Let the household agree to it that higher stations see its incidents."""
        at = dt_util.utcnow().isoformat()
        chosen = {"higher": higher, "statistics": False, "at": at}
        facts = {"name": "Flat 5", "consents": chosen}
        reply = await self.home.send("PUT", "/household", facts)
        assert reply.status == HTTPStatus.OK

    async def reports(self, **facts: Any) -> dict[str, Any]:
        """Let the home report; return its document once it is above."""
        document = incident(**facts)
        assert (await self.home.put(document)).status == HTTPStatus.OK
        await self.until(lambda: document["id"] in self.parent.revisions, "the report")
        return document

    async def view(self, incident: str) -> dict[str, Any]:
        """Return what the home is told."""
        view: dict[str, Any] = (await self.home.get(incident)).body
        return view

    def issue(self, key: str) -> ir.IssueEntry | None:
        """Return a repair."""
        return ir.async_get(self.hass).async_get_issue(DOMAIN, key)


async def dialog(hass: HomeAssistant, entry: MockConfigEntry, step: str) -> Any:
    """Open a step of the dialog."""
    menu = await entry.start_reconfigure_flow(hass)
    return await hass.config_entries.flow.async_configure(
        menu["flow_id"], {"next_step_id": step}
    )


async def join(hass: HomeAssistant, entry: MockConfigEntry, url: str) -> Any:
    """Enrol at the station above."""
    form = await dialog(hass, entry, "parent")
    result = await hass.config_entries.flow.async_configure(
        form["flow_id"], {"url": url, "code": "7KQ4-MZ2P", "allow_http": True}
    )
    await hass.async_block_till_done()
    return result


@pytest.fixture
async def parent(
    socket_enabled: None, monkeypatch: pytest.MonkeyPatch
) -> AsyncGenerator[PlayedParent]:
    """A station above; everything is tried again quickly."""
    monkeypatch.setattr(uplink, "ASK_EVERY", 0.02)
    monkeypatch.setattr(uplink, "TRY_EVERY", 0.02)
    monkeypatch.setattr(parent_key, "TRY_EVERY", 0.02)
    monkeypatch.setattr(stream, "SHORTEST_PAUSE", 0.02)
    monkeypatch.setattr("custom_components.zhian.link.outbox.SHORTEST_PAUSE", 0.02)
    async with played_parent() as played:
        yield played


@pytest.fixture
async def middle(
    hass: HomeAssistant,
    station: Station,
    entry: MockConfigEntry,
    home: Home,
    parent: PlayedParent,
) -> AsyncGenerator[Middle]:
    """A station that is enrolled above, with a home."""
    result = await join(hass, entry, parent.url)
    assert result["reason"] == "reconfigure_successful"
    middle = Middle(hass, entry, parent, home)
    await middle.agrees(higher=True)
    await middle.connected()
    yield middle
    await hass.config_entries.async_unload(entry.entry_id)


# Joining and leaving


async def test_it_enrols_as_a_station_with_its_place(middle: Middle) -> None:
    """The same rules as a home's enrolment, and its own id."""
    (enrolment,) = middle.parent.enrolments
    assert enrolment["kind"] == "station"
    assert enrolment["station"] == middle.station.federation.id
    assert enrolment["name"] == "Riverside Station"
    assert (enrolment["latitude"], enrolment["longitude"]) == (30.84, 120.92)
    assert middle.entry.data["parent"]["station"] == "County"
    state = middle.hass.states.get(LINE)
    assert state is not None
    assert state.state == "connected"
    beat = middle.parent.beats[-1]
    assert beat["detectors"] == {"total": 1, "normal": 1}


@pytest.mark.parametrize(
    ("answers", "reason", "errors"),
    [
        ({"code": " "}, None, {"code": "code_missing"}),
        ({"url": " "}, None, {"url": "url_missing"}),
        ({"code": "https://example.org/x"}, None, {"code": "bad_pairing_text"}),
        ({"url": "county"}, None, {"url": "not_an_address"}),
        ({"allow_http": False}, None, {"allow_http": "http_not_allowed"}),
        ({"url": "http://example.org"}, None, {"url": "http_to_public"}),
        ({"url": "http://127.0.0.1:9"}, None, {"url": "station_unreachable"}),
        ({}, Reason.BAD_CODE, {"code": "parent_bad_code"}),
        ({}, Reason.EXPIRED_CODE, {"code": "expired_code"}),
        ({}, Reason.LOOP, {"url": "parent_loop"}),
        ({}, Reason.BAD_DOCUMENT, {"url": "parent_station_refused"}),
    ],
)
async def test_what_is_wrong_is_told_at_its_field_and_can_be_mended(
    hass: HomeAssistant,
    station: Station,
    entry: MockConfigEntry,
    parent: PlayedParent,
    answers: dict[str, Any],
    reason: Reason | None,
    errors: dict[str, str],
) -> None:
    """Nothing has changed until all is right; every attempt is the same station."""
    before = dict(entry.data)
    right = {"url": parent.url, "code": "7KQ4-MZ2P", "allow_http": True}
    form = await dialog(hass, entry, "parent")
    parent.refusal = reason
    form = await hass.config_entries.flow.async_configure(
        form["flow_id"], right | answers
    )
    assert form["errors"] == errors
    assert dict(entry.data) == before
    parent.refusal = None
    result = await hass.config_entries.flow.async_configure(form["flow_id"], right)
    assert result["reason"] == "reconfigure_successful"
    assert len({enrolment["public_key"] for enrolment in parent.enrolments}) == 1
    await hass.async_block_till_done()


async def test_the_text_of_a_qr_code_says_where_and_who(
    hass: HomeAssistant, station: Station, entry: MockConfigEntry, parent: PlayedParent
) -> None:
    """The code is shown to nobody but the station that the text names."""
    stranger = PairingText.of(
        "7KQ4-MZ2P", [parent.url], station_id(Key.generate().public)
    )
    pairing = PairingText.of(
        "7KQ4-MZ2P",
        ["http://127.0.0.1:9", parent.url],
        station_id(parent.own_key.public),
    )
    form = await dialog(hass, entry, "parent")
    form = await hass.config_entries.flow.async_configure(
        form["flow_id"], {"code": stranger.text, "allow_http": True}
    )
    assert form["errors"] == {"url": "another_station"}
    assert not parent.enrolments
    result = await hass.config_entries.flow.async_configure(
        form["flow_id"], {"code": pairing.text, "allow_http": True}
    )
    assert result["reason"] == "reconfigure_successful"
    assert [enrolment["code"] for enrolment in parent.enrolments] == ["7KQ4-MZ2P"]
    assert entry.data["parent"]["url"] == parent.url
    await hass.async_block_till_done()


async def test_it_leaves_and_comes_back_as_the_same_station(middle: Middle) -> None:
    """Its key stays."""
    hass, entry = middle.hass, middle.entry
    form = await dialog(hass, entry, "leave_parent")
    assert form["type"] is FlowResultType.FORM
    assert form["description_placeholders"] == {"station": "County"}
    result = await hass.config_entries.flow.async_configure(form["flow_id"], {})
    assert result["reason"] == "reconfigure_successful"
    await hass.async_block_till_done()
    assert middle.station.federation.uplink is None
    assert "parent" not in entry.data
    assert (await middle.home.put(incident())).status == HTTPStatus.OK
    await join(hass, entry, middle.parent.url)
    await middle.connected()
    keys = {enrolment["public_key"] for enrolment in middle.parent.enrolments}
    assert len(keys) == 1
    # What was open meanwhile is told now.
    await middle.until(lambda: middle.parent.documents, "the open incident")


# Up


async def test_an_incident_goes_up_as_it_came_with_what_was_done(
    middle: Middle, act: Act
) -> None:
    """The home's own words, sealed entries and all; the path added at the end."""
    document = await middle.reports(revision=2)
    (sent,) = middle.parent.documents
    (own,) = sent.pop("origins")
    expected = dict(document)
    assert sent["entries"] == expected["entries"]
    assert {k: v for k, v in sent.items() if k in expected} == expected
    assert own["station"] == middle.station.federation.id
    assert (own["name"], own["community"]) == ("Riverside Station", "Riverside")
    assert (own["status"], own["changes"]) == ("received", 0)
    await act("desk_dispatch", incident=document["id"], unit="Patrol 3")
    await middle.until(lambda: len(middle.parent.documents) > 1, "the dispatch")
    sent = middle.parent.documents[-1]
    assert sent["entries"] == []  # they are there
    (own,) = sent["origins"]
    assert (own["status"], own["changes"]) == ("dispatched", 2)
    assert own["dispatched"]["unit"] == "Patrol 3"


async def test_what_comes_from_below_goes_on_with_a_longer_path(
    middle: Middle,
) -> None:
    """Home, community, street: the home's own station first."""
    below = Below(middle.home.client)
    code = await middle.station.pair(for_station=True)
    await below.enrol_station(code.text)
    document = passed_on(1, origin(changes=1, **TAKEN))
    assert (await below.put(document)).status == HTTPStatus.OK
    await middle.until(lambda: middle.parent.documents, "the report")
    path = middle.parent.documents[0]["origins"]
    assert [one["station"] for one in path] == [BELOW, middle.station.federation.id]
    assert path[0]["status"] == "acknowledged"


async def test_what_waits_goes_up_after_a_restart(middle: Middle) -> None:
    """It was written with the incident, not after it."""
    middle.parent.refusal = Reason.NOT_READY
    documents = [incident(n) for n in (1, 2, 3)]
    for document in documents:
        assert (await middle.home.put(document)).status == HTTPStatus.OK
    await middle.restart()
    assert middle.parent.documents == []
    middle.parent.refusal = None
    wanted = {document["id"]: document["revision"] for document in documents}
    await middle.until(lambda: middle.parent.revisions == wanted, "all of them")
    await middle.until(lambda: not middle.line._sender.in_flight, "the answers")
    await middle.restart()
    await middle.connected()
    await middle.until(lambda: len(middle.parent.beats) > 2, "a sign of life")
    assert sorted(d["id"] for d in middle.parent.documents) == sorted(wanted)


async def test_a_timeline_that_is_too_long_goes_up_in_parts(middle: Middle) -> None:
    """Each entry once, in order."""
    middle.parent.refusal = Reason.NOT_READY
    document = incident(3)
    for entry in document["entries"]:
        entry["body"] = {"text": "x" * 1900, "more": ["y" * 1900] * 12}
    entries = document["entries"]
    for part in (entries[:2], entries[2:]):
        revision = part[-1]["seq"]
        reply = await middle.home.put(
            document | {"revision": revision, "entries": part}
        )
        assert reply.body["revision"] == revision
    middle.parent.refusal = None
    await middle.until(
        lambda: middle.parent.revisions.get(document["id"]) == 3, "the last part"
    )
    seqs = [e["seq"] for sent in middle.parent.documents for e in sent["entries"]]
    assert seqs == [1, 2, 3]
    assert len(middle.parent.documents) > 1


async def test_without_consent_nothing_goes_up(middle: Middle) -> None:
    """The station serves the household all the same."""
    await middle.agrees(higher=False)
    assert (await middle.home.put(incident())).status == HTTPStatus.OK
    await middle.agrees(higher=True)
    told = await middle.reports()
    assert set(middle.parent.revisions) == {told["id"]}


async def test_a_withdrawn_consent_keeps_what_waits(middle: Middle) -> None:
    """What was not sent yet is not sent any more."""
    middle.parent.refusal = Reason.NOT_READY
    await middle.home.put(incident())
    await middle.agrees(higher=False)
    assert await middle.line.upward.pending() == []


async def test_a_loop_is_told_once_and_not_asked_again_at_once(
    middle: Middle,
) -> None:
    """The incident stays here and is served as before."""
    middle.parent.put_refusal = Reason.LOOP
    document = incident()
    await middle.home.put(document)
    await middle.until(lambda: middle.issue("parent_loop"), "the repair")
    refused = middle.parent.refused
    other = incident()
    middle.parent.put_refusal = None
    await middle.home.put(other)
    await middle.until(lambda: other["id"] in middle.parent.revisions, "the other")
    assert middle.parent.refused == refused
    assert document["id"] not in middle.parent.revisions
    assert len(middle.station.cases.open) == 2
    assert middle.issue("parent_loop") is not None
    # What is new of it is shown at once, and taken now.
    await middle.home.put(incident(2, id=document["id"]))
    await middle.until(lambda: document["id"] in middle.parent.revisions, "the first")
    await middle.until(lambda: middle.issue("parent_loop") is None, "the end")


# The line


async def test_a_station_above_that_is_gone_is_lost_and_found_again(
    middle: Middle,
) -> None:
    """A repair, which goes by itself."""
    middle.parent.status = HTTPStatus.BAD_GATEWAY
    for _ in range(uplink.LOST_AFTER):
        await middle.line._beat_once()
    assert middle.issue("parent_lost") is not None
    middle.parent.status = None
    await middle.line._beat_once()
    assert middle.issue("parent_lost") is None


@pytest.mark.parametrize(
    ("reason", "key"),
    [
        (Reason.UNKNOWN_HOUSEHOLD, "parent_refused"),
        (Reason.REVOKED, "parent_revoked"),
    ],
)
async def test_a_station_that_is_not_known_above_is_told_why(
    middle: Middle, reason: Reason, key: str
) -> None:
    """And the repair is taken back when it leaves."""
    middle.parent.refusal = reason
    await middle.line._beat_once()
    assert middle.issue(key) is not None
    form = await dialog(middle.hass, middle.entry, "leave_parent")
    await middle.hass.config_entries.flow.async_configure(form["flow_id"], {})
    await middle.hass.async_block_till_done()
    assert middle.issue(key) is None


async def test_a_fault_of_our_own_does_not_end_the_line(
    middle: Middle, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is written into the log once and tried again."""
    calls = 0

    async def stumble() -> list[str]:
        nonlocal calls
        calls += 1
        raise LookupError("on purpose")

    monkeypatch.setattr(middle.line.upward, "followed", stumble)
    middle.line._asking.set()
    await middle.until(lambda: calls > 3, "the next tries")
    assert caplog.text.count("stumbled") == 1


async def test_the_next_key_is_kept_until_the_station_above_has_it(
    middle: Middle, act: Act
) -> None:
    """Then it is the station's."""
    before = middle.entry.data["private_key"]
    middle.parent.key_refusals = [Reason.NOT_READY]
    await act("renew_station_key")
    next_key = middle.entry.data["next_private_key"]
    await middle.until(
        lambda: middle.entry.data["private_key"] == next_key, "the new key"
    )
    assert before != next_key
    assert "next_private_key" not in middle.entry.data
    assert middle.parent.keys == [Key.from_base64(next_key).public]
    await middle.connected()


async def test_without_a_station_above_there_is_no_key_to_renew(
    station: Station, act: Act
) -> None:
    """Said in words."""
    with pytest.raises(ServiceValidationError) as refused:
        await act("renew_station_key")
    assert refused.value.translation_key == "no_parent"


# Down


@pytest.mark.parametrize("passes_streams", [True, False], ids=["stream", "polling"])
async def test_what_is_done_above_reaches_the_home_and_the_desk(
    middle: Middle, passes_streams: bool
) -> None:
    """With who did it and where; a restart forgets nothing of it."""
    middle.parent.passes_streams = passes_streams
    document = await middle.reports()
    if passes_streams:
        await middle.until(lambda: middle.parent.streams, "a stream")
        await middle.parent.say(document["id"], **ABOVE)
    else:
        middle.parent.view = ABOVE
    await middle.until(
        lambda: (above := middle.station.cases.open[0].above) and above.view.dispatched,
        "the news",
    )
    await middle.restart()
    (case,) = middle.station.cases.open
    view = await middle.view(document["id"])
    assert view["status"] == "dispatched"
    assert view["acknowledged"] == {"by": "Wang", "at": AT, "station": "County"}
    assert view["dispatched"]["unit"] == "Helicopter"
    shown = show(middle.station, case)
    assert shown["status"] == "received"
    assert shown["above"]["station"] == "County"
    assert shown["above"]["status"] == "dispatched"


async def test_what_is_ended_above_is_over_where_nobody_took_it(
    middle: Middle,
) -> None:
    """And the home is told."""
    document = await middle.reports()
    middle.parent.view = ABOVE | {
        "status": "closed",
        "closed": {"disposition": "resolved", "at": AT},
    }
    await middle.until(lambda: not middle.station.cases.open, "the end")
    assert (await middle.view(document["id"]))["status"] == "closed"


async def test_a_question_from_above_is_asked_and_answered(middle: Middle) -> None:
    """The home's answer goes up with the incident."""
    document = await middle.reports()
    question = {"id": ORDER["id"], "text": "Who holds a key?", "by": "Wang", "at": AT}
    middle.parent.view = {"questions": [question]}
    await middle.until(
        lambda: (above := middle.station.cases.open[0].above) and above.view.questions,
        "the question",
    )
    assert (await middle.view(document["id"]))["questions"] == [question]
    answer = {"question": question["id"], "text": "Anna", "by": "Ben", "at": AT}
    await middle.home.put(incident(2, id=document["id"], answers=[answer]))
    await middle.until(
        lambda: middle.parent.documents[-1].get("answers") == [answer], "the answer"
    )


async def test_news_of_what_is_not_here_change_nothing(middle: Middle) -> None:
    """Nothing is made up by a message from above."""
    view = StationView(number="1", status="received", revision=1)
    await middle.station.federation.hear(NOWHERE, "County", view)
    assert middle.station.cases.open == []


# Orders


@pytest.mark.parametrize("passes_streams", [True, False], ids=["stream", "polling"])
async def test_an_order_is_in_sight_until_somebody_has_signed(
    middle: Middle, act: Act, passes_streams: bool
) -> None:
    """Once, however often it is named; over a restart; the signature goes up."""
    hass = middle.hass
    middle.parent.passes_streams = passes_streams
    middle.parent.orders = [ORDER]
    if passes_streams:
        await middle.until(lambda: middle.parent.streams, "a stream")
        await middle.parent.order(ORDER)
    for _ in range(2):
        middle.line._beating.set()
        await middle.until(lambda: middle.station.federation.orders.to_sign, "it")
    await middle.restart()
    (order,) = middle.station.federation.orders.to_sign
    assert (order.station, order.said.text) == ("County", "Close the gate.")
    state = hass.states.get(TO_SIGN)
    assert state is not None
    assert state.state == "1"
    note = f"zhian_order_{order.id}"
    shown = persistent_notification._async_get_or_create_notifications(hass)[note]
    assert shown["title"] == "Order of County"
    assert "    Close the gate." in shown["message"], "its words are no markup"
    assert "`zhian.sign_order`" in shown["message"]
    assert order.id in shown["message"], "it can be named where several wait"
    middle.parent.sign_refusals = [Reason.NOT_READY]
    signed = await act("sign_order", returns=True)
    await middle.until(lambda: middle.parent.signed, "the signature")
    assert middle.parent.signed == {ORDER["id"]: signed["signed"]}
    assert note not in persistent_notification._async_get_or_create_notifications(hass)
    await middle.until(
        lambda: not middle.station.federation.orders.untold(HOUSEHOLD), "its end"
    )
    for refused, key in (
        ({}, "no_such_order"),
        ({"order": "none"}, "no_such_order"),
        ({"order": ORDER["id"]}, "order_already_signed"),
    ):
        with pytest.raises(ServiceValidationError) as error:
            await act("sign_order", **refused)
        assert error.value.translation_key == key


async def test_a_signature_that_was_forgotten_above_is_told_again(
    middle: Middle, act: Act
) -> None:
    """Its backup may be older than the signature."""
    middle.parent.orders = [ORDER]
    middle.line._beating.set()
    await middle.until(lambda: middle.station.federation.orders.to_sign, "it")
    await act("sign_order")
    await middle.until(lambda: middle.parent.signed, "the signature")
    await middle.until(
        lambda: not middle.station.federation.orders.untold(HOUSEHOLD), "its end"
    )
    middle.parent.signed.clear()
    middle.parent.orders = [ORDER]
    middle.line._beating.set()
    await middle.until(lambda: middle.parent.signed, "the signature again")


async def test_an_order_that_nobody_above_knows_is_told_no_more(
    middle: Middle, act: Act
) -> None:
    """It is signed for here all the same."""
    middle.parent.orders = [ORDER]
    middle.line._beating.set()
    await middle.until(lambda: middle.station.federation.orders.to_sign, "it")
    middle.parent.orders = []
    middle.parent.sign_refusals = [Reason.BAD_DOCUMENT, Reason.UNKNOWN_ORDER]
    await act("sign_order")
    await middle.until(
        lambda: not middle.station.federation.orders.untold(HOUSEHOLD), "its end"
    )
    assert middle.parent.signed == {}


# What goes wrong


async def test_a_station_above_that_was_away_hears_all_that_was_done_meanwhile(
    middle: Middle, act: Act
) -> None:
    """Incidents, signatures and questions wait for it, and the line shows it."""
    middle.parent.orders = [ORDER]
    middle.line._beating.set()
    await middle.until(lambda: middle.station.federation.orders.to_sign, "it")
    told = await middle.reports()
    middle.parent.status = HTTPStatus.BAD_GATEWAY
    documents = [incident(), incident()]
    for document in documents:
        await middle.home.put(document)
    await act("sign_order")
    await middle.until(lambda: middle.line.status is LineStatus.LOST, "the loss")
    assert middle.issue("parent_lost") is not None
    middle.parent.view = ABOVE
    middle.parent.status = None
    wanted = {told["id"], *(document["id"] for document in documents)}
    await middle.until(lambda: set(middle.parent.revisions) == wanted, "all of them")
    await middle.until(lambda: middle.parent.signed, "the signature")
    await middle.connected()
    assert middle.issue("parent_lost") is None
    await middle.until(
        lambda: all(case.above for case in middle.station.cases.open), "the news"
    )


async def test_news_that_were_not_taken_are_asked_for(
    middle: Middle, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fault of our own in one message must not hide what was done above."""
    middle.parent.passes_streams = True
    await middle.until(lambda: middle.parent.streams, "a stream")
    document = await middle.reports()
    federation = middle.station.federation
    hear, stumbled = federation.hear, asyncio.Event()

    async def stumble_once(*news: Any) -> None:
        if not stumbled.is_set():
            stumbled.set()
            raise LookupError("on purpose")
        await hear(*news)

    monkeypatch.setattr(federation, "hear", stumble_once)
    middle.parent.view = ABOVE
    await middle.parent.say(document["id"], **ABOVE)
    await middle.until(lambda: middle.station.cases.open[0].above, "the news")
    assert stumbled.is_set()


async def test_a_stream_on_which_nobody_answers_is_not_the_only_way(
    middle: Middle, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sign of life goes as a request of its own."""
    middle.parent.passes_streams = True
    await middle.until(lambda: middle.parent.streams, "a stream")

    async def unanswered(_: Any) -> Any:
        raise StationUnreachable(Trouble.TIMEOUT)

    monkeypatch.setattr(middle.line._stream, "beat", unanswered)
    before = len(middle.parent.beats)
    await middle.line._beat_once()
    assert len(middle.parent.beats) == before + 1
    assert middle.line.status is LineStatus.CONNECTED


async def test_what_was_sent_of_an_incident_that_is_not_here_is_a_fault(
    middle: Middle,
) -> None:
    """It cannot be; and if it is, the others go up all the same."""
    with pytest.raises(ValueError, match="no case"):
        await middle.line._send(NOWHERE)


async def test_what_is_not_for_the_line_disturbs_it_not(
    middle: Middle, caplog: pytest.LogCaptureFixture
) -> None:
    """A refusal that is no circle, an end of patience, a word of a newer station."""
    document = await middle.reports()
    middle.line._on_news(Refused(document["id"], Reason.BAD_DOCUMENT))
    middle.line._on_news(GivenUp(document["id"]))
    middle.line._on_word(cast("Any", "a newer word"))
    assert middle.line.looping == set()
    assert middle.issue("parent_loop") is None

    async def closed() -> None:
        raise DatabaseClosed

    middle.line._begin(closed())
    await middle.hass.async_block_till_done(wait_background_tasks=False)
    assert "were not taken" not in caplog.text
    assert middle.line.status is LineStatus.CONNECTED
