"""Who has left is told to the stations above, and leaves no byte there either."""

from datetime import timedelta
from http import HTTPStatus
from typing import Any

from homeassistant.components import persistent_notification
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)
from sqlalchemy import select

from custom_components.zhian.const import DOMAIN
from custom_components.zhian.link.problems import Reason
from custom_components.zhian.station import Station, retention
from custom_components.zhian.station.board import show
from custom_components.zhian.station.desk import Disposition
from custom_components.zhian.station.uplink import LineStatus
from custom_components.zhian.store import schema

from .below import BELOW, Below, enrolled, passed_on
from .conftest import Act, Home, Reply, incident
from .test_privacy import NAME, bytes_of, look, report
from .test_uplink import Middle, middle, parent  # noqa: F401

OVERDUE = "deletion_overdue"


@pytest.fixture
async def below(station: Station, stranger: Home) -> Below:
    """Return a station that reports to this one."""
    return await enrolled(station, stranger.client)


def personal(revision: int = 1) -> dict[str, Any]:
    """Return what a station passes on of a household with a name that is found."""
    return passed_on(revision) | {"home": report()["home"]}


async def withdraw(
    below: Home, id_: str, reason: str = "household_left", *, erase: bool = True
) -> Reply:
    """Take an incident back."""
    body = {"reason": reason, "at": dt_util.utcnow().isoformat(), "erase": erase}
    return await below.send("PUT", f"/incidents/{id_}/withdrawal", body)


def told(hass: HomeAssistant) -> list[str]:
    """Return what is said about incidents that were taken back."""
    notes = persistent_notification._async_get_or_create_notifications(hass)
    return [n["message"] for i, n in notes.items() if i.startswith("zhian_withdrawn")]


def overdue(hass: HomeAssistant) -> ir.IssueEntry | None:
    """Return the repair, if there is one."""
    return ir.async_get(hass).async_get_issue(DOMAIN, OVERDUE)


# Above


async def test_what_nobody_took_is_over_at_once_and_leaves_no_byte(
    hass: HomeAssistant, station: Station, below: Below
) -> None:
    document = personal()
    await below.put(document)
    assert NAME.encode() in bytes_of(hass)
    (case,) = station.cases.open
    reply = await withdraw(below, document["id"])
    assert reply.status == HTTPStatus.OK
    assert reply.body["due"]
    assert station.cases.open == []
    (said,) = told(hass)
    assert case.number in said
    assert "Lakeside Station" in said
    assert "left" in said
    assert NAME not in said
    await hass.async_block_till_done(wait_background_tasks=True)
    assert NAME.encode() not in bytes_of(hass)
    again = await withdraw(below, document["id"])
    assert again.body["deleted_at"]
    assert again.body["due"] == reply.body["due"]
    late = await below.put(document)
    assert late.reason == "deleted", "what is on its way for long brings nothing back"
    assert NAME.encode() not in bytes_of(hass)


async def test_who_has_taken_it_ends_it_and_then_it_is_deleted(
    hass: HomeAssistant, station: Station, below: Below, freezer: FrozenDateTimeFactory
) -> None:
    """After its time a repair says so, until it is done."""
    document = personal()
    await below.put(document)
    await station.acknowledge(document["id"], "Officer")
    await withdraw(below, document["id"])
    (case,) = station.cases.open
    shown = show(station, case)
    assert shown["withdrawn"]["reason"] == "household_left"
    assert "stays open" in told(hass)[0]
    await look(hass, freezer, hours=23)
    assert overdue(hass) is None
    freezer.tick(timedelta(hours=1, seconds=1))
    async_fire_time_changed(hass)
    await hass.async_block_till_done()
    issue = overdue(hass)
    assert issue is not None
    assert issue.translation_placeholders is not None
    assert issue.translation_placeholders["count"] == "1"
    await station.close(document["id"], "Officer", Disposition.RESOLVED)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert overdue(hass) is None
    assert NAME.encode() not in bytes_of(hass)


async def test_a_household_that_is_served_no_more_is_over_and_kept(
    hass: HomeAssistant, station: Station, below: Below
) -> None:
    """What the station below stands for again, is open again."""
    document = personal()
    await below.put(document)
    for _ in range(2):
        reply = await withdraw(below, document["id"], "household_revoked", erase=False)
        assert reply.body == {"status": "accepted", "due": None, "deleted_at": None}
        assert station.cases.open == []
    assert len(told(hass)) == 1
    assert "served" in told(hass)[0]
    case = await station.cases.get(document["id"])
    assert case is not None
    assert show(station, case)["withdrawn"]["erase"] is False
    await below.put(document)
    assert station.cases.open == [], "the same again is no news"
    await below.put(document | {"revision": 2, "entries": []})
    (case,) = station.cases.open
    assert case.withdrawn is None
    await withdraw(below, document["id"], "a newer word", erase=False)
    assert "a newer word" in told(hass)[0]
    await withdraw(below, document["id"])
    await hass.async_block_till_done(wait_background_tasks=True)
    assert NAME.encode() not in bytes_of(hass), "who is to be deleted later, is"


async def test_what_was_over_is_deleted_without_a_word(
    hass: HomeAssistant, station: Station, below: Below
) -> None:
    document = personal()
    await below.put(document)
    await station.close(document["id"], "Officer", Disposition.RESOLVED)
    await withdraw(below, document["id"])
    await hass.async_block_till_done(wait_background_tasks=True)
    assert told(hass) == []
    assert NAME.encode() not in bytes_of(hass)


async def test_nobody_takes_back_what_is_not_theirs(
    station: Station, below: Below, home: Home
) -> None:
    """No home takes an alarm back, and no other station does."""
    document = incident()
    await home.put(document)
    assert (await withdraw(home, document["id"])).reason == "unknown_incident"
    assert (await withdraw(below, document["id"])).reason == "unknown_incident"
    assert (await withdraw(below, BELOW)).reason == "unknown_incident"
    assert len(station.cases.open) == 1
    bad = await below.send("PUT", f"/incidents/{BELOW}/withdrawal", {"erase": 1})
    assert bad.reason == "bad_document"


async def test_a_restart_in_the_middle_goes_on(
    hass: HomeAssistant,
    station: Station,
    below: Below,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The rows are gone, the file is not clean: it is not done. It is known a month."""

    async def no_sweep(_: object) -> bool:
        return False

    document = personal()
    await below.put(document)
    with monkeypatch.context() as patch:
        patch.setattr(type(station.database), "sweep", no_sweep)
        await withdraw(below, document["id"])
        await hass.async_block_till_done(wait_background_tasks=True)
        assert (await withdraw(below, document["id"])).body["deleted_at"] is None
        freezer.tick(timedelta(hours=25))
        await hass.config_entries.async_reload(entry.entry_id)
        assert overdue(hass) is not None
    await look(hass, freezer, hours=1)
    assert overdue(hass) is None
    assert NAME.encode() not in bytes_of(hass)
    freezer.tick(retention.ANSWERED_FOR + timedelta(hours=1))
    again: Station = entry.runtime_data
    await again.retention.forget()
    rows = await again.database.submit(
        lambda c: c.execute(select(schema.erasures)).all()
    )
    assert rows == []


async def test_a_household_that_is_overdue_is_a_repair_too(
    hass: HomeAssistant, station: Station, home: Home, freezer: FrozenDateTimeFactory
) -> None:
    document = incident()
    await home.put(document)
    await home.send("DELETE", "/household")
    await look(hass, freezer, hours=25)
    assert overdue(hass) is not None
    await station.close(document["id"], "Officer", Disposition.RESOLVED)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert overdue(hass) is None


async def test_a_station_that_has_stopped_shows_nothing_more(
    hass: HomeAssistant, station: Station, home: Home, entry: MockConfigEntry
) -> None:
    """Not even when what was under way ends later."""
    issue = station.deletions._issue
    await home.put(incident())
    await home.send("DELETE", "/household")
    await hass.config_entries.async_unload(entry.entry_id)
    issue.show([dt_util.utcnow() - timedelta(hours=1)])
    assert overdue(hass) is None


# In the middle


async def test_a_deletion_goes_up_over_an_outage_and_a_restart(
    middle: Middle,  # noqa: F811
    act: Act,
) -> None:
    """Each incident that was there, also when it is gone here long before."""
    documents = [await middle.reports(revision=n) for n in (1, 2)]
    middle.parent.refusal = Reason.NOT_READY
    for document in documents:
        await act("desk_close", incident=document["id"], disposition="resolved")
    reply = await middle.home.send("DELETE", "/household")
    assert reply.body["deleted_at"], "who is above keeps nobody here"
    await middle.restart()
    assert middle.parent.withdrawn == {}
    middle.parent.refusal = None
    ids = {document["id"] for document in documents}
    await middle.until(lambda: set(middle.parent.withdrawn) == ids, "both of them")
    for withdrawn in middle.parent.withdrawn.values():
        assert withdrawn["reason"] == "household_left"
        assert withdrawn["erase"] is True
    await middle.until(lambda: not middle.line._sender.in_flight, "the answers")
    assert await middle.line.upward.pending() == []


async def test_an_open_incident_of_who_leaves_is_over_above(
    middle: Middle,  # noqa: F811
) -> None:
    """At once; what is reported after that stays here."""
    document = await middle.reports(revision=1)
    await middle.home.send("DELETE", "/household")
    await middle.until(lambda: middle.parent.withdrawn, "the withdrawal")
    count = len(middle.parent.documents)
    more = document | {"revision": 2, "entries": []}
    assert (await middle.home.put(more)).status == HTTPStatus.OK
    await middle.until(lambda: not middle.line._sender.in_flight, "the answers")
    assert await middle.line.upward.pending() == []
    assert len(middle.parent.documents) == count
    assert len(middle.station.cases.open) == 1


async def test_who_is_served_no_more_has_nothing_open_above(
    middle: Middle,  # noqa: F811
    act: Act,
) -> None:
    """And what was over there stays."""
    over = await middle.reports(revision=1)
    await act("desk_close", incident=over["id"], disposition="resolved")
    document = await middle.reports(revision=1)
    assert middle.home.household is not None
    await middle.station.revoke(middle.home.household, "Officer")
    await middle.until(lambda: middle.parent.withdrawn, "the withdrawal")
    (id_,) = middle.parent.withdrawn
    assert id_ == document["id"]
    assert middle.parent.withdrawn[id_]["reason"] == "household_revoked"
    assert middle.parent.withdrawn[id_]["erase"] is False


async def test_who_comes_back_before_it_was_told_was_never_away(
    middle: Middle,  # noqa: F811
) -> None:
    await middle.reports(revision=1)
    middle.parent.refusal = Reason.NOT_READY
    assert middle.home.household is not None
    await middle.station.revoke(middle.home.household, "Officer")
    code = await middle.station.pair()
    assert (await middle.home.enrol(code.text)).status == HTTPStatus.CREATED
    assert await middle.line.upward.pending() == []


async def test_a_station_above_without_that_page_goes_on_with_the_rest(
    middle: Middle,  # noqa: F811
) -> None:
    """It is asked again; one that has nothing of it is asked no more."""
    first, second = [await middle.reports(revision=1) for _ in range(2)]
    middle.parent.withdrawal_refusals = [None, None, None]
    assert middle.home.household is not None
    await middle.station.revoke(middle.home.household, "Officer")
    ids = {first["id"], second["id"]}
    await middle.until(lambda: set(middle.parent.withdrawn) == ids, "both of them")
    assert middle.station.federation.status is LineStatus.CONNECTED


async def test_what_is_not_above_need_not_be_taken_back(
    middle: Middle,  # noqa: F811
) -> None:
    await middle.reports(revision=1)
    middle.parent.withdrawal_refusals = [Reason.UNKNOWN_INCIDENT]
    await middle.home.send("DELETE", "/household")
    await middle.until(lambda: not middle.parent.withdrawal_refusals, "the question")
    await middle.until(lambda: not middle.line._sender.in_flight, "the answer")
    assert await middle.line.upward.pending() == []
    assert middle.parent.withdrawn == {}


async def test_another_no_is_asked_again(middle: Middle) -> None:  # noqa: F811
    await middle.reports(revision=1)
    middle.parent.withdrawal_refusals = [Reason.NOT_READY]
    await middle.home.send("DELETE", "/household")
    await middle.until(lambda: middle.parent.withdrawn, "the withdrawal")


async def test_what_is_taken_back_below_goes_on_up(
    middle: Middle,  # noqa: F811
    act: Act,
) -> None:
    """And is told no more from here, whatever the desk here does."""
    below = Below(middle.home.client)
    code = await middle.station.pair(for_station=True)
    await below.enrol_station(code.text)
    document = passed_on()
    await below.put(document)
    await middle.until(lambda: middle.parent.documents, "the report")
    await act("desk_acknowledge", incident=document["id"])
    await middle.until(lambda: len(middle.parent.documents) > 1, "the news")
    await withdraw(below, document["id"], "household_revoked", erase=False)
    await middle.until(lambda: middle.parent.withdrawn, "the withdrawal")
    count = len(middle.parent.documents)
    await act("desk_close", incident=document["id"], disposition="resolved")
    await middle.until(lambda: not middle.line._sender.in_flight, "the answers")
    assert await middle.line.upward.pending() == []
    assert len(middle.parent.documents) == count
    await withdraw(below, document["id"])
    await middle.until(
        lambda: middle.parent.withdrawn[document["id"]]["erase"], "the deletion"
    )
