"""The station's HTTP interface: what a home gets, whatever it sends."""

import asyncio
from datetime import timedelta
from http import HTTPStatus
import json
from typing import Any
from uuid import uuid4, uuid7
import zlib

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from sqlalchemy import func, select

from custom_components.zhian.link.client import StationClient, StationRefused
from custom_components.zhian.link.signatures import Key
from custom_components.zhian.station import Station, api
from custom_components.zhian.store.errors import Trouble, WriteFailed
from custom_components.zhian.store.schema import (
    households,
    station_entries,
    station_incidents,
)
from custom_components.zhian.store.worker import Job

from .conftest import Act, Home, Reply, all_shown, incident


async def stored(station: Station, table: Any = station_incidents) -> int:
    """Return how many rows a table has."""
    count = await station.database.submit(
        lambda connection: connection.scalar(select(func.count()).select_from(table))
    )
    return count or 0


def is_problem(reply: Reply, status: HTTPStatus, reason: str) -> bool:
    """Whether a reply is a problem document of this reason."""
    return (
        reply.status == reply.body["status"] == status
        and reply.reason == reason
        and reply.content_type == "application/problem+json"
    )


# Incidents


async def test_an_incident_is_accepted_with_a_number(
    station: Station, home: Home
) -> None:
    """The answer's body says so, not only its status."""
    reply = await home.put(incident())
    assert reply.status == HTTPStatus.OK
    year = dt_util.utcnow().year
    assert reply.body == {
        "status": "accepted",
        "number": f"{year}-000001",
        "revision": 1,
    }
    assert (await home.put(incident())).body["number"] == f"{year}-000002"


async def test_what_is_accepted_is_on_disk(station: Station, home: Home) -> None:
    """The station stores before it answers."""
    assert (await home.put(incident(3))).status == HTTPStatus.OK
    assert await stored(station) == 1
    assert await stored(station, station_entries) == 3


async def test_repeats_and_late_revisions_are_harmless(
    station: Station, home: Home
) -> None:
    """I7: each incident counts once, whatever the line does to its order."""
    newest = incident(5, phase="clearing")
    middle = incident(3, id=newest["id"])
    newest["entries"] = newest["entries"][3:]
    first = await home.put(newest)
    late = await home.put(middle)
    again = await home.put(newest)
    assert first.body == late.body == again.body
    assert first.body["revision"] == 5
    (case,) = station.cases.open
    assert case.document.phase == "clearing"
    assert [entry.seq for entry in case.timeline.entries] == [1, 2, 3, 4, 5]
    assert case.timeline.is_intact
    assert await stored(station) == 1


async def test_an_entry_that_was_changed_on_the_way_shows(
    station: Station, home: Home
) -> None:
    """The alarm is taken all the same, the timeline is marked."""
    document = incident(3)
    document["entries"][1]["body"] = {"n": "forged"}
    assert (await home.put(document)).status == HTTPStatus.OK
    assert not station.cases.open[0].timeline.is_intact


async def test_an_unknown_hazard_is_accepted_and_shown(
    hass: HomeAssistant, station: Station, home: Home
) -> None:
    """A newer home must not be refused by an older station."""
    assert (await home.put(incident(hazard="radiation"))).status == HTTPStatus.OK
    await hass.async_block_till_done()
    (state,) = hass.states.async_all("geo_location")
    assert state.attributes["hazard"] == "radiation"


async def test_a_drill_may_turn_real_but_a_real_one_never_a_drill(
    hass: HomeAssistant, station: Station, home: Home
) -> None:
    """Nobody talks the station out of an alarm."""
    real, drill = incident(), incident(drill=True)
    for document in (real, drill):
        await home.put(document)
    await home.put(incident(2, id=real["id"], drill=True))
    await home.put(incident(2, id=drill["id"], drill=False))
    assert [case.document.drill for case in station.cases.open] == [False, False]
    await all_shown(station)
    states = hass.states.async_all("geo_location")
    assert [state.attributes["drill"] for state in states] == [False, False]


async def test_an_incident_of_another_household_is_refused(
    station: Station, home: Home
) -> None:
    """It cannot be overwritten, read or found out."""
    document = incident()
    await home.put(document)
    other = Home(home.client)
    await other.enrol((await station.registry.new_code()).text)
    assert other.household != home.household
    changed = incident(2, id=document["id"], phase="closed")
    reply = await other.put(changed)
    assert is_problem(reply, HTTPStatus.FORBIDDEN, "unknown_household")
    assert station.cases.open[0].document.phase == "alarm"
    theirs, nobodys = await other.get(document["id"]), await other.get(str(uuid7()))
    assert is_problem(theirs, HTTPStatus.NOT_FOUND, "unknown_incident")
    assert theirs.body == nobodys.body


async def test_an_old_incident_is_taken_while_its_hazard_lasts(
    station: Station, home: Home
) -> None:
    """A day without a line must not hide a leak; what is long over is refused."""
    old = (dt_util.utcnow() - timedelta(hours=30)).isoformat()
    assert (await home.put(incident(opened_at=old))).status == HTTPStatus.OK
    reply = await home.put(incident(opened_at=old, phase="closed"))
    assert is_problem(reply, HTTPStatus.UNPROCESSABLE_ENTITY, "too_old")
    assert await stored(station) == 1


async def test_the_home_learns_what_the_station_does(
    station: Station, home: Home, act: Act
) -> None:
    """Acknowledged, dispatched with unit and time, arrived, closed."""
    document = incident()
    number = (await home.put(document)).body["number"]
    before = (await home.get(document["id"])).body
    assert before == {
        "number": number,
        "status": "received",
        "acknowledged": None,
        "dispatched": None,
        "arrived_at": None,
        "closed": None,
        "questions": [],
        "revision": 1,
    }
    await act("desk_acknowledge", incident=number)
    await act("desk_dispatch", incident=number, unit="Patrol 3", eta_minutes=4.5)
    await act("desk_arrive", incident=document["id"])
    await act(
        "desk_close", incident=number, disposition="handed_over", note="Gas company"
    )
    after = (await home.get(document["id"])).body
    assert after["status"] == "closed"
    assert after["acknowledged"]["by"] == "Riverside Station"
    assert after["dispatched"]["unit"] == "Patrol 3"
    assert after["dispatched"]["eta_seconds"] == 270
    assert after["arrived_at"]
    assert after["closed"]["disposition"] == "handed_over"
    assert "Gas company" not in json.dumps(after)


async def test_reports_go_on_after_the_desk_has_closed(
    station: Station, home: Home, act: Act
) -> None:
    """Closed at the station is not reset at home."""
    document = incident()
    number = (await home.put(document)).body["number"]
    await act("desk_close", incident=number, disposition="resolved")
    reply = await home.put(incident(2, id=document["id"], phase="closed"))
    assert reply.body == {"status": "accepted", "number": number, "revision": 2}
    assert station.cases.open == []
    case = await station.cases.get(document["id"])
    assert case is not None
    assert case.document.phase == "closed"
    assert len(case.timeline.entries) == 2


# What bad input gets


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\x00\xff\xfe",
        b"null",
        b"[]",
        b'"text"',
        b"{",
        b"[" * 30_000,
        b'{"id": NaN}',
        b'{"id": "\\ud800"}',
        pytest.param(
            json.dumps(incident(id=str(uuid7()))).encode(), id="another incident"
        ),
    ],
)
async def test_garbage_is_a_bad_document_and_nothing_is_stored(
    station: Station, home: Home, body: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    """Signed or not, it is read with suspicion."""
    reply = await home.send("PUT", f"/incidents/{uuid7()}", body)
    assert is_problem(reply, HTTPStatus.BAD_REQUEST, "bad_document")
    for path in ("/heartbeats", "/enrolments"):
        reply = await home.send("POST", path, body)
        assert is_problem(reply, HTTPStatus.BAD_REQUEST, "bad_document")
    assert await stored(station) == 0
    assert "Traceback" not in caplog.text


@pytest.mark.parametrize(
    "spoiled",
    [
        {"revision": 0},
        {"revision": 2**63},
        {"priority": 5},
        {"drill": "no"},
        {"opened_at": "yesterday"},
        {"home": None},
        {"entries": [{}]},
        {"hazard": "x" * 201},
        {"steps": [{}] * 41},
    ],
)
async def test_a_document_against_the_contract_is_refused(
    station: Station, home: Home, spoiled: dict[str, Any]
) -> None:
    """The problem says where, not what."""
    reply = await home.put({**incident(), **spoiled})
    assert is_problem(reply, HTTPStatus.BAD_REQUEST, "bad_document")
    assert reply.body["path"].startswith(next(iter(spoiled)))
    assert await stored(station) == 0


async def test_a_place_off_the_earth_is_refused(station: Station, home: Home) -> None:
    """Officers would be sent there."""
    place = {**incident()["home"], "latitude": 91.0, "longitude": 0.0}
    reply = await home.put(incident(home=place))
    assert is_problem(reply, HTTPStatus.UNPROCESSABLE_ENTITY, "bad_location")


async def test_an_oversized_body_is_refused_by_its_length(
    station: Station, home: Home
) -> None:
    """64 KiB, before a byte is read."""
    reply = await home.send("PUT", f"/incidents/{uuid7()}", b"x" * 65_537)
    assert is_problem(reply, HTTPStatus.CONTENT_TOO_LARGE, "too_large")


async def test_an_oversized_body_is_refused_by_what_is_read(
    station: Station, home: Home
) -> None:
    """A body in chunks names no length."""

    async def chunks() -> Any:
        for _ in range(20):
            yield b"x" * 8192

    reply = await home.send_raw("POST", "/enrolments", chunks(), {})
    assert is_problem(reply, HTTPStatus.CONTENT_TOO_LARGE, "too_large")


async def test_a_body_that_never_ends_is_refused(
    station: Station, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It holds a connection for nothing."""
    monkeypatch.setattr(api, "READ_SECONDS", 0.05)
    server = home.client.server
    reader, writer = await asyncio.open_connection(server.host, server.port)
    writer.write(
        b"POST /api/zhian/v1/enrolments HTTP/1.1\r\nHost: station\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"
    )
    async with asyncio.timeout(10):
        answer = await reader.readline()
    writer.close()
    await writer.wait_closed()
    assert b" 400 " in answer


async def test_a_packed_body_is_refused(station: Station, home: Home) -> None:
    """A small body can unpack into a large one."""
    packed = zlib.compress(b"x" * 1_000_000)
    reply = await home.send(
        "PUT", f"/incidents/{uuid7()}", packed, headers={"Content-Encoding": "deflate"}
    )
    assert is_problem(reply, HTTPStatus.BAD_REQUEST, "bad_document")


@pytest.mark.parametrize(
    "rubbish", [b"rubbish", b"\x1f\x8b" + b"x" * 60_000], ids=["short", "long"]
)
async def test_rubbish_that_claims_to_be_packed_leaves_no_traceback(
    station: Station,
    home: Home,
    caplog: pytest.LogCaptureFixture,
    rubbish: bytes,
) -> None:
    """Who sends rubbish gets an answer, and writes nothing into the log."""
    reply = await home.send(
        "PUT", f"/incidents/{uuid7()}", rubbish, headers={"Content-Encoding": "gzip"}
    )
    assert is_problem(reply, HTTPStatus.BAD_REQUEST, "bad_document")
    document = incident()
    after = await home.send("PUT", f"/incidents/{document['id']}", document)
    assert after.status == HTTPStatus.OK
    assert "Unhandled" not in caplog.text
    assert "Traceback" not in caplog.text


async def test_unsigned_stale_replayed_and_forged_requests_are_refused(
    hass: HomeAssistant, station: Station, home: Home
) -> None:
    """Each with its reason, nothing stored, nobody banned."""
    document = incident()
    path = f"/incidents/{document['id']}"
    now = int(dt_util.utcnow().timestamp())
    unsigned = await home.send_raw("PUT", path, json.dumps(document), {})
    stale = await home.send("PUT", path, document, created=now - 3600)
    forged = await home.send("PUT", path, document, key=Key.generate())
    swapped = await home.send("PUT", path, document, signed_body=b"{}")
    unknown = await home.send("PUT", path, document, keyid=str(uuid4()))
    for reply, reason in (
        (unsigned, "unsigned"),
        (stale, "stale"),
        (forged, "bad_signature"),
        (swapped, "bad_signature"),
    ):
        assert is_problem(reply, HTTPStatus.UNAUTHORIZED, reason)
    assert is_problem(unknown, HTTPStatus.FORBIDDEN, "unknown_household")
    assert stale.body["now"]
    assert await stored(station) == 0

    nonce = "n" * 24
    assert (await home.send("PUT", path, document, nonce=nonce)).status == 200
    replayed = await home.send("PUT", path, document, nonce=nonce)
    assert is_problem(replayed, HTTPStatus.UNAUTHORIZED, "replayed")
    await hass.async_block_till_done()
    assert not [n for n in hass.states.async_entity_ids() if "login" in n]
    assert (await home.put(incident())).status == HTTPStatus.OK


async def test_a_full_disk_is_not_ready_and_not_a_traceback(
    station: Station,
    home: Home,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The home keeps the report and tries again."""

    def refuse(job: Job) -> asyncio.Future[Any]:
        job.future.set_exception(WriteFailed(Trouble.FULL))
        return job.future

    with monkeypatch.context() as full:
        full.setattr(station.database, "put", refuse)
        reply = await home.put(incident())
    assert is_problem(reply, HTTPStatus.SERVICE_UNAVAILABLE, "not_ready")
    assert "Traceback" not in caplog.text
    assert (await home.put(incident())).status == HTTPStatus.OK


async def test_without_a_running_station_the_answer_is_not_ready(
    hass: HomeAssistant, prepared: MockConfigEntry, stranger: Home
) -> None:
    """Views stay for ever, the station comes and goes."""
    reply = await stranger.put(incident())
    assert is_problem(reply, HTTPStatus.SERVICE_UNAVAILABLE, "not_ready")
    assert await hass.config_entries.async_setup(prepared.entry_id)
    await hass.async_block_till_done()
    assert (await stranger.put(incident())).reason == "unknown_household"
    assert await hass.config_entries.async_unload(prepared.entry_id)
    assert prepared.state is ConfigEntryState.NOT_LOADED
    assert (await stranger.put(incident())).reason == "not_ready"


async def test_an_incident_is_kept_although_its_home_hung_up(
    hass: HomeAssistant,
    station: Station,
    home: Home,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Home Assistant cancels the handler of a client that is gone."""
    submit, go_on, entered = station.database.submit, asyncio.Event(), asyncio.Event()

    def slow(work: Any, **options: Any) -> asyncio.Future[Any]:
        async def wait() -> Any:
            entered.set()
            await go_on.wait()
            return await submit(work, **options)

        return hass.async_create_task(wait())

    document = incident()
    with monkeypatch.context() as slow_disk:
        slow_disk.setattr(station.database, "submit", slow)
        request = asyncio.create_task(home.put(document))
        await entered.wait()
        request.cancel()
        await asyncio.gather(request, return_exceptions=True)
        await home.client.session.get(home.client.make_url("/"))  # the hang-up arrives
        go_on.set()
        await hass.async_block_till_done()
    assert await stored(station) == 1
    assert [case.incident for case in station.cases.open] == [document["id"]]


# Enrolment and heartbeats


async def test_a_pairing_code_makes_a_household(
    station: Station, stranger: Home
) -> None:
    """The answer has what the home needs."""
    code = await station.registry.new_code()
    typed = code.text.replace("-", "").lower()
    reply = await stranger.enrol(typed)
    assert reply.status == HTTPStatus.CREATED
    assert reply.body == {
        "household": stranger.household,
        "community": "Riverside",
        "station": "Riverside Station",
        "heartbeat_seconds": 60,
        "public_key": station.identity.key.public,
        "addresses": list(station.reachable_at),
    }
    assert len(station.registry) == 1


async def test_a_code_works_once_but_its_answer_may_be_asked_for_again(
    station: Station, stranger: Home
) -> None:
    """The first answer may have been lost on its way."""
    code = await station.registry.new_code()
    first = await stranger.enrol(code.text)
    again = await stranger.enrol(code.text)
    assert first.body == again.body
    other = await Home(stranger.client).enrol(code.text)
    assert is_problem(other, HTTPStatus.FORBIDDEN, "bad_code")
    assert len(station.registry) == 1


async def test_a_code_is_dead_after_ten_minutes(
    station: Station, stranger: Home, freezer: FrozenDateTimeFactory
) -> None:
    """An expired code says so, because people can do something about it."""
    code = await station.registry.new_code()
    freezer.tick(timedelta(minutes=10))
    reply = await stranger.enrol(code.text)
    assert is_problem(reply, HTTPStatus.FORBIDDEN, "expired_code")
    assert await stored(station, households) == 0


async def test_wrong_codes_are_limited_and_then_allowed_again(
    station: Station, stranger: Home, freezer: FrozenDateTimeFactory
) -> None:
    """Even the right code waits, so that guessing is hopeless."""
    code = await station.registry.new_code()
    for _ in range(5):
        reply = await stranger.enrol("AAAA-AAAA")
        assert is_problem(reply, HTTPStatus.FORBIDDEN, "bad_code")
    reply = await stranger.enrol(code.text)
    assert is_problem(reply, HTTPStatus.TOO_MANY_REQUESTS, "rate_limited")
    assert reply.headers["Retry-After"] == "60"
    freezer.tick(timedelta(minutes=1))
    assert (await stranger.enrol(code.text)).status == HTTPStatus.CREATED


async def test_a_known_key_with_a_fresh_code_keeps_its_household(
    station: Station, home: Home
) -> None:
    """A family that moves within the community stays one household."""
    before = home.household
    code = await station.registry.new_code()
    await home.enrol(code.text, name="Flat 9")
    assert home.household == before
    household = station.registry.get(str(before))
    assert household is not None
    assert household.name == "Flat 9"
    assert (await home.enrol(code.text)).status == HTTPStatus.CREATED


async def test_an_enrolment_is_signed_with_the_key_it_brings(
    station: Station, stranger: Home
) -> None:
    """Nobody enrols with somebody else's key."""
    code = await station.registry.new_code()
    body = {"code": code.text, "public_key": Key.generate().public, "name": "Flat 5"}
    reply = await stranger.send("POST", "/enrolments", body)
    assert is_problem(reply, HTTPStatus.UNAUTHORIZED, "bad_signature")
    reply = await stranger.send("POST", "/enrolments", {**body, "public_key": "x"})
    assert is_problem(reply, HTTPStatus.BAD_REQUEST, "bad_document")
    assert len(station.registry) == 0


async def test_a_heartbeat_gets_the_interval_and_the_time(
    station: Station, home: Home
) -> None:
    """The station sets the pace."""
    reply = await home.heartbeat()
    assert reply.status == HTTPStatus.OK
    assert reply.body["next_seconds"] == 60
    assert dt_util.parse_datetime(reply.body["now"])


async def test_the_homes_own_client_and_the_station_understand_each_other(
    station: Station, home: Home, act: Act
) -> None:
    """Both sides of the contract, over a real connection."""
    url = str(home.client.make_url("/"))
    session = home.client.session
    client = StationClient(session, url, Key.generate(), None, allow_http=True)
    with pytest.raises(StationRefused) as refused:
        await client.enrol("AAAA-AAAA", "Flat 7")
    assert refused.value.reason == "bad_code"
    code = await station.registry.new_code()
    enrolment = await client.enrol(code.text, "Flat 7", "Lane 3")
    assert enrolment.community == "Riverside"
    assert await client.heartbeat(0, 3, 3) == 60
