"""What leaves the home is what was agreed to, was shown before, and ends with a press."""

from dataclasses import replace
from datetime import timedelta
import json
from pathlib import Path
from typing import Any

from homeassistant.components import persistent_notification
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.zhian.const import DOMAIN
from custom_components.zhian.home import facts, preview, withdrawals
from custom_components.zhian.home.agreement import Agreement
from custom_components.zhian.link import client
from custom_components.zhian.link.receiver import Report
from custom_components.zhian.link.sharing import Purpose
from custom_components.zhian.station import deletion
from custom_components.zhian.station.consents import may_go_up

from .centres import alarm_centre
from .flows import home_entry, reconfigure
from .house import DETECTOR, KITCHEN_TABLET, HomeUnderTest, request_from
from .test_real_station import Pair, pair  # noqa: F401

HOME = "Home"
ADDRESS = "Building 3"
LEAST = {"purposes": [], "at": "2026-11-22T08:00:00+00:00"}
REAL_ALL = [p.value for p in Purpose if p is not Purpose.CONTACT]


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is tried again is tried soon."""
    monkeypatch.setattr(withdrawals, "LOOK_EVERY", timedelta(milliseconds=20))
    monkeypatch.setattr(withdrawals, "TRY_EVERY", 0.02)
    monkeypatch.setattr(withdrawals, "LONGEST_PAUSE", 0.02)
    monkeypatch.setattr(facts, "TRY_EVERY", 0.02)


async def ask(home: HomeUnderTest, service: str, **data: Any) -> dict[str, Any]:
    """Perform an action that answers."""
    said = await home.hass.services.async_call(
        DOMAIN, service, data, blocking=True, return_response=True
    )
    assert said is not None
    return dict(said)


async def agree(pair: Pair, **chosen: Any) -> None:  # noqa: F811
    """Choose what the station may be told, in the dialog."""
    entry = pair.home.entry
    assert entry is not None
    dialog = await reconfigure(pair.home.hass, entry)
    await dialog.choose("consents")
    result = await dialog.submit(**{"purposes": [], **chosen})
    assert result["reason"] == "reconfigure_successful"
    await pair.home.settle()
    await pair.connected()


def disk(hass: HomeAssistant) -> bytes:
    """Return all that lies on the station's disk."""
    folder = Path(hass.config.path("zhian"))
    return b"".join(file.read_bytes() for file in sorted(folder.glob("station.db*")))


async def test_what_is_agreed_reaches_the_station_and_is_forgotten_there(
    pair: Pair,  # noqa: F811
) -> None:
    """At once, without an alarm; and what is taken back is gone from its disk."""
    known = pair.station.registry.get(pair.household)
    assert known is not None
    assert known.address == ADDRESS
    await agree(pair, purposes=["higher", "contact"], contact="Anna 555", keep_days=30)
    await pair.home.until(
        lambda: may_go_up(pair.station.registry.get(pair.household)), "the consent"
    )
    known = pair.station.registry.get(pair.household)
    assert known is not None
    assert (known.address, known.latitude, known.contact) == (None, None, "Anna 555")
    assert known.consents is not None
    assert known.consents.keep_days == 30
    said = await ask(pair.home, "get_consents")
    (station,) = said["receivers"]
    assert station["purposes"] == ["contact", "higher"]
    assert station["given_at"]


async def test_a_report_holds_what_was_agreed_to_and_nothing_else(
    pair: Pair,  # noqa: F811
) -> None:
    await agree(pair)
    await pair.accepted()
    (case,) = pair.station.cases.open
    assert case.document.home.address is None
    assert case.document.zones == ()
    assert case.timeline.entries == ()
    assert case.timeline.is_intact
    assert case.document.steps
    assert case.document.consents is not None
    await pair.act("desk_acknowledge", incident=case.number)
    await pair.home.until(
        lambda: pair.home.incident.station.status == "acknowledged", "the answer"
    )


async def test_the_preview_is_what_a_station_gets(
    pair: Pair,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Byte for byte, but for the incident's own id, its times and its seals."""
    sent: list[bytes] = []
    real = client.written

    def note(document: Any) -> bytes:
        sent.append(real(document))
        return sent[-1]

    await agree(pair, purposes=REAL_ALL)
    said = await ask(pair.home, "preview_report")
    assert said["preview"] is True
    assert not pair.station.cases.open
    (shown,) = (json.loads(text) for text in said["messages"])
    monkeypatch.setattr(client, "written", note)
    await pair.accepted()
    got = json.loads(sent[0])
    assert got.keys() == shown.keys()
    for member in ("hazard", "phase", "home", "zones", "drill", "priority", "consents"):
        assert got[member] == shown[member], member
    assert [s["what"] for s in got["steps"]] == [s["what"] for s in shown["steps"]]
    assert [e["kind"] for e in shown["entries"]] == [
        e["kind"] for e in got["entries"][: len(shown["entries"])]
    ]
    # And made by the same function, of the same timeline, it is the same.
    home = pair.home.home
    (timeline,) = home.guard.timelines.all().values()
    timeline.received = 0
    body = client.written(home.documents.for_station(timeline))
    monkeypatch.setattr(preview, "example", lambda *_: timeline)
    assert preview.preview(home, preview.STATION) == [body]


async def test_a_preview_of_a_home_without_gas_detectors_is_a_gas_alarm(
    bare_home: HomeUnderTest, socket_enabled: None
) -> None:
    async with alarm_centre() as centre:
        bare_home.add("receiver", {**centre.options, "agreement": LEAST})
        await bare_home.start()
        said = await ask(bare_home, "preview_report", receiver="Centre")
        (frame,) = said["messages"]
        assert "GA" in frame
        assert centre.codes == []
        with pytest.raises(ServiceValidationError):
            await ask(bare_home, "preview_report", receiver="Nobody")
        await bare_home.stop()


async def test_a_receiver_is_told_what_was_agreed_for_it(
    home: HomeUnderTest, socket_enabled: None
) -> None:
    """And the preview is what it gets, but for number and time."""
    async with alarm_centre() as centre:
        home.add("receiver", {**centre.options, "agreement": LEAST})
        home.state(DETECTOR, "off")
        await home.start()
        (line,) = home.home.receivers.lines
        (shown,) = preview.preview(home.home, line.id)
        await home.report(DETECTOR, "on")
        await home.until(lambda: "GA" in centre.codes, "the alarm")
        (timeline,) = home.home.guard.timelines.all().values()
        document = home.home.documents.for_receiver(line.options, timeline)
        (sent,) = line.receiver.written(Report(document))[:1]
        assert sent[8:40] == shown[8:40]
        assert document.home.address is None
        await home.stop()


async def test_a_withdrawal_leaves_no_byte_at_the_station(
    pair: Pair,  # noqa: F811
) -> None:
    """One press, a signed request, and the confirmation that it is done."""
    hass = pair.home.hass
    number = await pair.accepted()
    await pair.act("desk_close", incident=number, disposition="resolved")
    await pair.home.do("zhian", "acknowledge")
    await pair.home.report(DETECTOR, "off")
    assert ADDRESS.encode() in disk(hass)
    await pair.home.clear_for(400)
    with request_from(KITCHEN_TABLET):
        await pair.home.do("zhian", "reset", await pair.home.person())
    await pair.home.until(lambda: not pair.home.home.guard.state.incidents, "the end")
    await pair.home.until(
        lambda: (
            not any(t.is_owed for t in pair.home.home.guard.timelines.all().values())
        ),
        "the delivery",
    )
    entry = pair.home.entry
    assert entry is not None
    dialog = await reconfigure(hass, entry)
    await dialog.choose("leave_station")
    assert (await dialog.submit())["reason"] == "withdrawn"
    await pair.home.until(lambda: entry.data["station"] is None, "the end of it")
    await pair.home.settle()
    await pair.home.until(
        lambda: (
            pair.home.home.withdrawals.all
            and pair.home.home.withdrawals.all[0].confirmed_at
        ),
        "the confirmation",
    )
    left = disk(hass)
    assert ADDRESS.encode() not in left
    assert len(pair.station.registry) == 0
    (withdrawn,) = (await ask(pair.home, "get_consents"))["withdrawn"]
    assert withdrawn["deletion_confirmed_at"]
    assert pair.home.home.withdrawals.all[0].private_key is None
    notes = persistent_notification._async_get_or_create_notifications(hass)
    assert any("deleted on" in note["message"] for note in notes.values())
    # The home is guarded as before.
    before = len(pair.home.calls("valve", "close_valve"))
    await pair.home.report(DETECTOR, "on")
    assert len(pair.home.calls("valve", "close_valve")) > before
    assert not pair.station.cases.open


async def test_an_open_alarm_is_reported_to_its_end(pair: Pair) -> None:  # noqa: F811
    """Nothing new, though; only then the station is asked to delete."""
    number = await pair.accepted()
    home = pair.home.home
    await home.leaving.begin("station", "Riverside Station")
    await home.leaving.begin("station", "Riverside Station")
    assert len(home.withdrawals.all) == 1
    await pair.home.do("zhian", "call_for_help")
    calls = [
        t for t in home.guard.timelines.all().values() if t.incident.hazard == "sos"
    ]
    assert [t.wanted for t in calls] == [0]
    await pair.home.reload()
    assert pair.home.home.guard.timelines.is_leaving
    await pair.home.do("zhian", "acknowledge")
    await pair.home.until(
        lambda: pair.station.cases.open[0].document.acknowledged, "the news"
    )
    assert len(pair.station.cases.open) == 1
    assert pair.home.entry is not None
    assert pair.home.entry.data["station"] is not None
    await pair.home.report(DETECTOR, "off")
    await pair.home.clear_for(400)
    with request_from(KITCHEN_TABLET):
        await pair.home.do("zhian", "reset", await pair.home.person())
    await pair.home.until(
        lambda: pair.home.entry.data["station"] is None,  # type: ignore[union-attr]
        "the leave",
    )
    await pair.home.settle()
    await pair.home.until(lambda: pair.station.registry.leaving, "the request")
    await pair.home.until(lambda: pair.home.home.withdrawals.all[0].due, "the due time")
    assert pair.home.home.withdrawals.all[0].confirmed_at is None
    await pair.act("desk_close", incident=number, disposition="resolved")
    await pair.home.until(
        lambda: pair.home.home.withdrawals.all[0].confirmed_at, "the confirmation"
    )
    assert timedelta(hours=24) == deletion.WITHIN


async def test_the_request_outlives_restarts_and_a_station_that_is_away(
    pair: Pair,  # noqa: F811
) -> None:
    hass = pair.home.hass
    assert await hass.config_entries.async_unload(pair.entry.entry_id)
    await pair.act("withdraw_consent", receiver="station")
    await pair.home.settle()
    await pair.home.reload()
    (known,) = pair.home.home.withdrawals.all
    assert known.is_to_be_confirmed
    assert await hass.config_entries.async_setup(pair.entry.entry_id)
    await pair.home.until(
        lambda: pair.home.home.withdrawals.all[0].confirmed_at, "the confirmation"
    )


async def test_who_enrols_again_is_not_deleted(home: HomeUnderTest) -> None:
    """And an entry that is older than the withdrawal is no new enrolment."""
    home.state(DETECTOR, "off")
    await home.start()
    entry = home.entry
    assert entry is not None
    station = {
        "url": "http://127.0.0.1:9",
        "allow_http": True,
        "household": "0198c0de-0000-7000-8000-000000000001",
        "community": "c",
        "station": "S",
    }
    await home.stop()
    home.hass.config_entries.async_update_entry(
        entry, data={**entry.data, "station": station}
    )
    noted = withdrawals.Withdrawals(home.hass, entry)
    await noted.note("station", "S", is_open=False)
    again = withdrawals.Withdrawals(home.hass, entry)
    await again.load()
    assert again.is_leaving("station")
    agreement = Agreement(frozenset(), "2099-01-01T00:00:00+00:00").as_data()
    home.hass.config_entries.async_update_entry(
        entry, data={**entry.data, "station": {**station, "agreement": agreement}}
    )
    third = withdrawals.Withdrawals(home.hass, entry)
    await noted.note("station", "S", is_open=False)
    await third.load()
    assert not any(w.is_to_be_confirmed for w in third.all)
    home.hass.config_entries.async_update_entry(
        entry, data={**entry.data, "station": None}
    )
    last = withdrawals.Withdrawals(home.hass, entry)
    await last.load()
    assert not last.is_leaving("station")
    broken = withdrawals.storage(home.hass, entry.entry_id)
    await broken.async_save([{"what": 1}])
    empty = withdrawals.Withdrawals(home.hass, entry)
    await empty.load()
    assert empty.all == []
    assert await home.hass.config_entries.async_setup(entry.entry_id)


async def test_a_receiver_is_taken_away_with_what_waits_for_it(
    home: HomeUnderTest, socket_enabled: None
) -> None:
    """What is over is dropped and written down; the receiver is gone."""
    async with alarm_centre() as centre:
        home.add("receiver", centre.options)
        home.state(DETECTOR, "off")
        await home.start()
        assert home.entry is not None
        dialog = await reconfigure(home.hass, home.entry)
        await dialog.choose("preview")
        (line,) = home.home.receivers.lines
        assert dialog.filled_in == {"receiver": line.id}
        assert (await dialog.submit(receiver=line.id))["reason"] == "nothing_sent"
        assert centre.codes == []
        dialog = await reconfigure(home.hass, home.entry)
        await dialog.choose("withdraw")
        assert (await dialog.submit(receiver=line.id))["reason"] == "withdrawn"
        await home.settle()
        assert not [*home.entry.get_subentries_of_type("receiver")]
        (withdrawn,) = (await ask(home, "get_consents"))["withdrawn"]
        assert withdrawn["receiver"] == "Centre"
        assert withdrawn["deletion_confirmed_at"] is None
        await home.stop()


async def test_without_a_receiver_there_is_nothing_to_show_or_take_back(
    hass: HomeAssistant,
) -> None:
    entry = home_entry(hass, station=None)
    hass.config_entries.async_add_subentry(entry, _subentry())
    dialog = await reconfigure(hass, entry)
    await dialog.choose("preview")
    assert dialog.result["reason"] == "not_running"
    dialog = await reconfigure(hass, entry)
    await dialog.choose("withdraw")
    assert dialog.result["reason"] == "not_running"


def _subentry() -> Any:
    from types import MappingProxyType

    from homeassistant.config_entries import ConfigSubentry

    data = {
        "name": "Hook",
        "kind": "webhook",
        "hazards": ["gas"],
        "drills": True,
        "settings": {},
    }
    return ConfigSubentry(
        data=MappingProxyType(data),
        subentry_type="receiver",
        title="Hook",
        unique_id=None,
    )


async def test_what_does_not_fit_together_is_told_where_it_was_entered(
    hass: HomeAssistant,
) -> None:
    entry: MockConfigEntry = home_entry(
        hass,
        station={
            "url": "https://station.example.org",
            "household": "h",
            "community": "c",
            "station": "S",
        },
    )
    dialog = await reconfigure(hass, entry)
    await dialog.choose("consents")
    assert dialog.filled_in["purposes"] == ["place", "readings"]
    await dialog.submit(purposes=["contact", "timeline"])
    assert dialog.errors == {
        "contact": "contact_missing",
        "purposes": "timeline_needs_names",
    }
    await dialog.submit(purposes=["contact"], contact="Anna 1", keep_days=7)
    kept = entry.data["station"]["agreement"]
    assert kept["purposes"] == ["contact"]
    dialog = await reconfigure(hass, entry)
    await dialog.choose("consents")
    assert dialog.filled_in == {
        "purposes": ["contact"],
        "contact": "Anna 1",
        "keep_days": 7,
    }


def test_unknown_words_are_no_consent() -> None:
    read = Agreement.from_mapping({"purposes": ["place", "everything"], "at": "x"})
    assert read.purposes == {Purpose.PLACE}
    assert replace(read, at="y").as_data()["purposes"] == ["place"]
