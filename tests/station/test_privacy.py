"""What the station does with what it knows: honours, forgets, deletes, and logs reads."""

from collections.abc import Callable
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any

from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import (
    HomeAssistantError,
    ServiceValidationError,
    Unauthorized,
)
from homeassistant.util import dt as dt_util

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)
from pytest_homeassistant_custom_component.typing import WebSocketGenerator
from sqlalchemy import func, select

from custom_components.zhian.const import DOMAIN
from custom_components.zhian.link.identity import UNKNOWN, deletion_proof, has_proven
from custom_components.zhian.station import (
    Station,
    async_find_station,
    deletion,
    reads,
    retention,
)
from custom_components.zhian.station.consents import may_be_counted, may_go_up
from custom_components.zhian.station.desk import Disposition
from custom_components.zhian.store import schema

from .conftest import Home, all_shown, incident

NAME = "Flat-of-the-Testers"
ADDRESS = "Nowhere-Lane-77"
PHONE = "+86-573-111-2222"
ANNA = "Anna-of-the-Testers"
AGREED = {"higher": True, "statistics": True, "keep_days": None}


def consents(**chosen: Any) -> dict[str, Any]:
    """Return what a household agrees to, now."""
    return {**AGREED, "at": dt_util.utcnow().isoformat(), **chosen}


def report(**facts: Any) -> dict[str, Any]:
    """Return an incident with everything personal in it."""
    document = incident(**facts)
    document["home"] = {
        "name": NAME,
        "address": ADDRESS,
        "latitude": 30.25,
        "longitude": 120.17,
        "contact": PHONE,
    }
    document["acknowledged"] = {
        "by": ANNA,
        "via": "button",
        "at": dt_util.utcnow().isoformat(),
    }
    return document


def bytes_of(hass: HomeAssistant) -> bytes:
    """Return all that lies on the station's disk."""
    folder = Path(hass.config.path("zhian"))
    return b"".join(file.read_bytes() for file in sorted(folder.glob("station.db*")))


@pytest.fixture
async def household(station: Station, stranger: Home) -> Home:
    """Return a household with a name that is found in a file."""
    code = await station.registry.new_code()
    assert code is not None
    reply = await stranger.enrol(
        code.text, name=NAME, address=ADDRESS, contact=PHONE, consents=consents()
    )
    assert reply.status == HTTPStatus.CREATED
    return stranger


async def closed(station: Station, home: Home, **facts: Any) -> dict[str, Any]:
    """Report an incident and end it at the desk."""
    document = report(**facts)
    assert (await home.put(document)).status == HTTPStatus.OK
    await station.acknowledge(document["id"], "Officer")
    await station.close(document["id"], "Officer", Disposition.RESOLVED, f"{ANNA} away")
    return document


async def count(station: Station, table: Any) -> int:
    query = select(func.count()).select_from(table)
    return await station.database.submit(lambda c: c.scalar(query) or 0)


async def look(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, **later: Any
) -> None:
    """Let time pass, and everything that follows happen."""
    before = async_find_station(hass)
    assert before is not None
    await all_shown(before)
    if (forgetting := before.retention._task) is not None:
        await forgetting  # or the next one would not begin
    freezer.tick(timedelta(**later))
    async_fire_time_changed(hass)
    await hass.async_block_till_done(wait_background_tasks=True)
    station = async_find_station(hass)
    assert station is not None
    if (forgetting := station.retention._task) is not None:
        await forgetting
    await station.deletions.run()


async def test_what_a_household_agrees_to_is_kept_and_honoured(
    station: Station, household: Home, entry: MockConfigEntry, hass: HomeAssistant
) -> None:
    assert household.household is not None
    known = station.registry.get(household.household)
    assert may_go_up(known)
    assert may_be_counted(known)
    facts = {"name": NAME, "consents": consents(higher=False, keep_days=30)}
    reply = await household.send("PUT", "/household", facts)
    assert reply.status == HTTPStatus.OK
    assert reply.body["consents"]["keep_days"] == 30
    await hass.config_entries.async_reload(entry.entry_id)
    again: Station = entry.runtime_data
    known = again.registry.get(household.household)
    assert known is not None
    assert not may_go_up(known)
    assert (known.address, known.contact) == (None, None)


async def test_who_was_never_asked_is_passed_on_to_nobody(
    station: Station, home: Home
) -> None:
    assert home.household is not None
    assert not may_go_up(station.registry.get(home.household))
    assert not may_be_counted(station.registry.get(home.household))
    assert not may_go_up(None)


async def test_of_two_choices_the_later_counts(
    station: Station, household: Home, freezer: FrozenDateTimeFactory
) -> None:
    """Whichever way and in whichever order they come."""
    assert household.household is not None
    before = consents(higher=True)
    freezer.tick(10)
    document = report()
    document["consents"] = consents(higher=False)
    await household.put(document)
    assert not may_go_up(station.registry.get(household.household))
    late = report()
    late["consents"] = before
    await household.put(late)
    facts = {"name": "Other", "consents": before}
    reply = await household.send("PUT", "/household", facts)
    assert reply.body["consents"]["higher"] is False
    known = station.registry.get(household.household)
    assert not may_go_up(known)
    assert known is not None
    assert known.name == NAME


@pytest.mark.parametrize("wrong", [{}, {"name": NAME}, {"consents": {"at": "today"}}])
async def test_unsound_facts_change_nothing(
    station: Station, household: Home, wrong: dict[str, Any]
) -> None:
    reply = await household.send("PUT", "/household", wrong)
    assert reply.reason == "bad_document"
    assert household.household is not None
    known = station.registry.get(household.household)
    assert known is not None
    assert known.address == ADDRESS


async def test_a_withdrawn_household_leaves_no_byte_behind(
    hass: HomeAssistant, station: Station, household: Home
) -> None:
    """Neither in the file nor in its log; its numbers are not given again."""
    for _ in range(3):
        await closed(station, household)
    assert all(text.encode() in bytes_of(hass) for text in (NAME, ADDRESS, ANNA))
    reply = await household.send("DELETE", "/household")
    assert reply.status == HTTPStatus.OK
    assert reply.body["deleted_at"] is not None
    left = bytes_of(hass)
    assert not [text for text in (NAME, ADDRESS, PHONE, ANNA) if text.encode() in left]
    assert household.household is not None
    assert station.registry.get(household.household) is None
    assert (await household.heartbeat()).reason == "deleted"
    again = await household.send("DELETE", "/household")
    assert again.body["deleted_at"] == reply.body["deleted_at"]
    assert await count(station, schema.station_incidents) == 0
    code = await station.registry.new_code()
    assert code is not None
    assert (await household.enrol(code.text)).status == HTTPStatus.CREATED
    assert (await household.put(incident())).body["number"].endswith("000004")
    assert (await household.heartbeat()).status == HTTPStatus.OK


@pytest.mark.parametrize("is_agreed", [True, False])
async def test_only_who_agreed_is_counted_and_nobody_is_in_it(
    hass: HomeAssistant, station: Station, household: Home, is_agreed: bool
) -> None:
    facts = {"name": NAME, "consents": consents(statistics=is_agreed)}
    await household.send("PUT", "/household", facts)
    await closed(station, household)
    await closed(station, household, hazard="a word of the household's own")
    await household.send("DELETE", "/household")
    rows = await station.database.submit(
        lambda c: c.execute(select(schema.statistics)).all()
    )
    assert [row.hazard for row in rows] == (["gas", "other"] if is_agreed else [])
    assert all(row.disposition == "resolved" for row in rows)
    assert all(row.minutes_to_acknowledge == 0 for row in rows)
    assert all(row.minutes_to_arrive is None for row in rows)
    assert b"household's own" not in bytes_of(hass)


async def test_an_open_incident_is_worked_on_to_its_end(
    hass: HomeAssistant, station: Station, household: Home
) -> None:
    """And the household is served until then; the board shows when it is due."""
    document = report()
    await household.put(document)
    reply = await household.send("DELETE", "/household")
    assert reply.body["deleted_at"] is None
    assert household.household is not None
    known = station.registry.get(household.household)
    assert known is not None
    assert known.deletion_due is not None
    assert reply.body["due"] == known.deletion_due.isoformat()
    assert not may_go_up(known)
    document["phase"] = "clearing"
    assert (await household.put(document)).status == HTTPStatus.OK
    await station.close(document["id"], "Officer", Disposition.RESOLVED)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert station.registry.get(household.household) is None
    again = await household.send("DELETE", "/household")
    assert again.body["deleted_at"] is not None
    assert again.body["requested_at"] == reply.body["requested_at"]
    assert NAME.encode() not in bytes_of(hass)


async def test_a_restart_in_the_middle_goes_on(
    hass: HomeAssistant,
    station: Station,
    household: Home,
    entry: MockConfigEntry,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The rows are gone, the file is not clean yet: it does not count as done."""
    await closed(station, household)

    async def no_sweep(_: object) -> bool:
        return False

    with monkeypatch.context() as patch:
        patch.setattr(type(station.database), "sweep", no_sweep)
        reply = await household.send("DELETE", "/household")
        assert reply.body["deleted_at"] is None
    await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert NAME.encode() not in bytes_of(hass)
    again: Station = entry.runtime_data
    assert household.household is not None
    former = again.registry.former(household.household)
    assert former is not None
    assert former.deleted_at is not None
    assert not again.registry.leaving


async def test_nobody_waits_for_the_file_while_the_desk_works(
    hass: HomeAssistant,
    station: Station,
    household: Home,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Of another household; but within 24 hours it is done all the same."""
    other = Home(household.client)
    code = await station.registry.new_code()
    assert code is not None
    await other.enrol(code.text)
    await other.put(incident())
    await closed(station, household)
    reply = await household.send("DELETE", "/household")
    assert reply.body["deleted_at"] is None
    assert (await household.heartbeat()).reason == "deleted"
    await look(hass, freezer, hours=20)
    assert station.registry.leaving
    await look(hass, freezer, hours=3)
    assert not station.registry.leaving
    assert NAME.encode() not in bytes_of(hass)


async def test_a_disk_that_refuses_is_tried_again(
    hass: HomeAssistant,
    station: Station,
    household: Home,
    freezer: FrozenDateTimeFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await closed(station, household)

    async def refuse(_: object) -> bool:
        raise deletion.StoreError("full")

    with monkeypatch.context() as patch:
        patch.setattr(type(station.database), "sweep", refuse)
        reply = await household.send("DELETE", "/household")
        assert reply.body["deleted_at"] is None
    await look(hass, freezer, hours=1)
    assert not station.registry.leaving


async def test_who_is_served_no_more_may_still_be_deleted(
    hass: HomeAssistant, station: Station, household: Home
) -> None:
    await closed(station, household)
    assert household.household is not None
    await station.revoke(household.household, "Officer")
    assert (await household.heartbeat()).reason == "revoked"
    assert NAME.encode() in bytes_of(hass)
    reply = await household.send("DELETE", "/household")
    assert reply.body["deleted_at"] is not None
    assert NAME.encode() not in bytes_of(hass)


async def test_what_is_said_of_a_deletion_is_signed_by_the_station(
    station: Station, household: Home, hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    """So that nobody else can say it, also when it knows the household no more."""
    assert household.household is not None
    challenge = "c" * 32
    key = station.identity.key.public

    def is_proven(said: Any, state: str | None) -> bool:
        statement = deletion_proof(household.household or "", challenge, state)
        return has_proven(key, statement, said["proof"])

    await household.put(report())
    path = f"/household?challenge={challenge}"
    reply = await household.send("DELETE", path)
    assert is_proven(reply.body, None)
    (case,) = station.cases.open
    await station.close(case.incident, "Officer", Disposition.RESOLVED)
    await station.deletions.run()
    reply = await household.send("DELETE", path)
    assert reply.body["deleted_at"]
    assert is_proven(reply.body, reply.body["deleted_at"])
    assert not is_proven(reply.body, None)
    station.registry.forget(household.household)
    reply = await household.send("DELETE", path)
    assert reply.reason == "unknown_household"
    assert is_proven(reply.body, UNKNOWN)
    for unsigned in ("", "?challenge=short"):
        reply = await household.send("DELETE", f"/household{unsigned}")
        assert reply.reason == "unknown_household"
        assert "proof" not in reply.body
    reply = await household.send("DELETE", path, keyid="nobody at all")
    assert reply.reason == "unknown_household"
    assert "proof" not in reply.body, "nothing but an id is signed"


async def test_a_stranger_deletes_nothing(station: Station, household: Home) -> None:
    stranger = Home(household.client)
    reply = await stranger.send("DELETE", "/household", keyid=household.household)
    assert reply.reason == "bad_signature"
    reply = await stranger.send("DELETE", "/household")
    assert reply.reason == "unknown_household"
    assert len(station.registry) == 1


async def test_the_staff_deletes_a_household_and_it_hears_of_it(
    hass: HomeAssistant, station: Station, household: Home, hass_admin_user: Any
) -> None:
    await closed(station, household)
    said = await hass.services.async_call(
        DOMAIN,
        "delete_household",
        {"household": household.household},
        blocking=True,
        return_response=True,
        context=Context(user_id=hass_admin_user.id),
    )
    assert said is not None
    assert said["deleted_at"] is not None
    assert (await household.heartbeat()).reason == "deleted"
    log = await station.database.submit(
        lambda c: c.execute(select(schema.desk_log)).all()
    )
    assert [(row.action, row.by) for row in log] == [("deleted", hass_admin_user.name)]
    with pytest.raises(ServiceValidationError):
        await hass.services.async_call(
            DOMAIN, "delete_household", {"household": "nobody"}, blocking=True
        )


async def test_closed_incidents_go_with_their_time_and_open_ones_never(
    hass: HomeAssistant,
    station: Station,
    household: Home,
    freezer: FrozenDateTimeFactory,
) -> None:
    await closed(station, household)
    lasting = report()
    await household.put(lasting)
    await look(hass, freezer, days=360)
    assert await count(station, schema.station_incidents) == 2
    await look(hass, freezer, days=6)
    rows = await station.database.submit(
        lambda c: c.scalars(select(schema.station_incidents.c.id)).all()
    )
    assert rows == [lasting["id"]]
    assert await count(station, schema.desk_log) == 0
    assert await count(station, schema.statistics) == 1


async def test_a_household_may_want_to_be_forgotten_earlier_not_later(
    hass: HomeAssistant,
    station: Station,
    household: Home,
    freezer: FrozenDateTimeFactory,
) -> None:
    await closed(station, household)
    facts = {"name": NAME, "consents": consents(keep_days=3000)}
    await household.send("PUT", "/household", facts)
    await look(hass, freezer, days=8)
    assert await count(station, schema.station_incidents) == 1
    facts = {"name": NAME, "consents": consents(keep_days=7)}
    await household.send("PUT", "/household", facts)
    await look(hass, freezer, days=1)
    assert await count(station, schema.station_incidents) == 0
    assert ANNA.encode() not in bytes_of(hass)


async def test_more_than_one_part_is_forgotten_in_one_go(
    hass: HomeAssistant,
    station: Station,
    household: Home,
    freezer: FrozenDateTimeFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(retention, "AT_ONCE", 2)
    for _ in range(3):
        await closed(station, household)
    await look(hass, freezer, days=366)
    assert await count(station, schema.station_incidents) == 0


async def test_who_was_served_no_more_for_a_year_is_deleted(
    hass: HomeAssistant,
    station: Station,
    household: Home,
    freezer: FrozenDateTimeFactory,
) -> None:
    """And a month later nothing at all is known of it."""
    assert household.household is not None
    await station.revoke(household.household, "Officer")
    await look(hass, freezer, days=366)
    former = station.registry.former(household.household)
    assert former is not None
    assert former.deleted_at is not None
    await look(hass, freezer, days=31)
    assert station.registry.former(household.household) is None
    assert await count(station, schema.households) == 0
    assert (await household.heartbeat()).reason == "unknown_household"


async def test_a_disk_that_refuses_keeps_what_is_old_for_now(
    station: Station, household: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: object) -> None:
        raise retention.StoreError("full")

    monkeypatch.setattr(station.retention, "_limits", refuse)
    assert await station.retention.forget() == 0


# --- who has looked ------------------------------------------------------------------


async def seen(station: Station, **wanted: Any) -> list[tuple[str, str]]:
    """Return who has looked and how, oldest first; the map sees everything."""
    rows = await station.reads.find(**wanted)
    return [(row["by"], row["how"]) for row in reversed(rows) if row["how"] != "map"]


async def test_who_looks_at_the_board_is_written_down_once(
    hass: HomeAssistant,
    station: Station,
    household: Home,
    hass_ws_client: WebSocketGenerator,
    hass_admin_user: Any,
) -> None:
    """Not again with every change, and again only by another way."""
    document = report()
    await household.put(document)
    client = await hass_ws_client()
    await client.send_json_auto_id({"type": "zhian/station/subscribe"})
    await client.receive_json()
    await client.receive_json()
    name = hass_admin_user.name
    for _ in range(3):
        document["phase"] = "clearing"
        await household.put(document)
        await client.receive_json()
    assert await seen(station) == [(name, "board")]
    fresh = report()
    await household.put(fresh)
    await client.receive_json()
    await client.send_json_auto_id({"type": "zhian/station/incidents"})
    await client.receive_json()
    assert await seen(station, incident=fresh["id"]) == [
        (name, "board"),
        (name, "list"),
    ]
    await client.send_json_auto_id(
        {"type": "zhian/station/acknowledge", "incident": fresh["id"]}
    )
    await client.receive_json()
    await client.receive_json()
    assert ("desk" in dict(map(reversed, await seen(station)))) is True  # type: ignore[arg-type]
    await client.send_json_auto_id({"type": "zhian/station/reads", "limit": 2})
    said = (await client.receive_json())["result"]["reads"]
    assert len(said) == 2
    assert {row["household"] for row in said} == {household.household}


async def test_what_stands_on_the_map_is_seen_by_whoever_may(
    hass: HomeAssistant, station: Station, household: Home
) -> None:
    """Home Assistant does not say who looks at a state: once for each incident."""
    await household.put(report())
    await hass.async_block_till_done()
    (row,) = await station.reads.find()
    assert (row["by"], row["how"]) == (reads.MAP, "map")


async def test_looks_are_written_in_groups(
    hass: HomeAssistant,
    station: Station,
    household: Home,
    freezer: FrozenDateTimeFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Every few seconds, or when there are many; a later look is a new one."""
    await household.put(report())
    await all_shown(station)
    (case,) = station.cases.open
    for name in ("Ann", "Ben"):
        station.reads.note(name, reads.How.LIST, (case,))
    assert await count(station, schema.reads) == 0
    await look(hass, freezer, seconds=6)
    assert await count(station, schema.reads) == 3
    station.reads.note("Ann", reads.How.LIST, (case,))
    await look(hass, freezer, seconds=6)
    assert await count(station, schema.reads) == 3
    await look(hass, freezer, seconds=400)
    monkeypatch.setattr(reads, "FULL", 1)
    station.reads.note("Ann", reads.How.LIST, (case,))
    assert await count(station, schema.reads) == 4


async def test_looks_outlive_a_restart_and_who_was_looked_at(
    hass: HomeAssistant,
    station: Station,
    household: Home,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """By ids only; after two years they go, too."""
    await closed(station, household)
    await hass.config_entries.async_reload(entry.entry_id)
    again: Station = entry.runtime_data
    reply = await household.send("DELETE", "/household", created=_soon())
    assert reply.status == HTTPStatus.OK
    (row,) = await again.reads.find(household=household.household)
    assert row["household"] == household.household
    long_ago = dt_util.utcnow() - timedelta(days=1)
    assert await again.reads.find(since=long_ago)
    await look(hass, freezer, days=731)
    assert await again.reads.find() == []


def _soon() -> int:
    """Return a time after the station's restart."""
    return int(dt_util.utcnow().timestamp()) + 1


async def test_only_an_administrator_reads_the_log(
    hass: HomeAssistant,
    station: Station,
    household: Home,
    hass_read_only_user: Any,
) -> None:
    await household.put(report())
    await hass.async_block_till_done()
    call: Callable[..., Any] = hass.services.async_call
    with pytest.raises(Unauthorized):
        await call(
            DOMAIN,
            "get_reads",
            {},
            blocking=True,
            return_response=True,
            context=Context(user_id=hass_read_only_user.id),
        )
    said = await call(
        DOMAIN,
        "get_reads",
        {"since": "2020-01-01 00:00:00"},
        blocking=True,
        return_response=True,
    )
    assert [row["how"] for row in said["reads"]] == ["map"]
    await station.database.close()
    with pytest.raises(HomeAssistantError, match="disk"):
        await call(DOMAIN, "get_reads", {}, blocking=True, return_response=True)
