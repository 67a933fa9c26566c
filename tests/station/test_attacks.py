"""What a thief, an eavesdropper or a neighbour tries, and what the station does."""

import asyncio
from base64 import b64encode
from collections.abc import Awaitable, Callable
from datetime import timedelta
from http import HTTPStatus
from typing import Any
from uuid import uuid7

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.util import dt as dt_util

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from sqlalchemy import select

from custom_components.zhian.link.frames import CloseCode
from custom_components.zhian.link.messages import key_proof
from custom_components.zhian.link.signatures import Key
from custom_components.zhian.station import Station
from custom_components.zhian.store.schema import desk_log, nonces

from .conftest import Act, Home, Reply, incident
from .test_stream import connect, end_of

pytestmark = pytest.mark.usefixtures("socket_enabled")


async def change_key(home: Home, new: Key, **spoiled: Any) -> Reply:
    """Bring a new key."""
    proof = new.sign(key_proof(home.household or "", new.public))
    body = {"public_key": new.public, "proof": b64encode(proof).decode()}
    return await home.send(
        "PUT", "/key", {**body, **spoiled.pop("body", {})}, **spoiled
    )


@pytest.fixture
def restart(hass: HomeAssistant, station: Station) -> Callable[[], Awaitable[Station]]:
    """Return what starts the station anew."""

    async def anew() -> Station:
        assert await hass.config_entries.async_reload(station.entry.entry_id)
        await hass.async_block_till_done()
        running = station.entry.runtime_data
        assert isinstance(running, Station)
        return running

    return anew


async def test_a_stolen_code_that_was_used_is_worth_nothing(
    station: Station, home: Home
) -> None:
    """A code enrols one household, once."""
    code = await station.pair()
    assert (await home.enrol(code.text)).status == HTTPStatus.CREATED
    thief = Home(home.client)
    assert (await thief.enrol(code.text)).reason == "bad_code"
    assert len(station.registry) == 1


async def test_codes_cannot_be_guessed(station: Station, stranger: Home) -> None:
    """Five wrong ones a minute from one address; then even the right one waits."""
    code = await station.pair()
    for _ in range(5):
        assert (await stranger.enrol("AAAA-AAAA")).reason == "bad_code"
    reply = await stranger.enrol(code.text)
    assert reply.status == HTTPStatus.TOO_MANY_REQUESTS
    assert reply.headers["Retry-After"] == "60"


async def test_a_request_that_was_read_on_its_way_works_once(
    station: Station, home: Home
) -> None:
    """Whatever it was: a report, a question, a heartbeat."""
    document = incident()
    for number, (method, path, body) in enumerate(
        (
            ("PUT", f"/incidents/{document['id']}", document),
            ("GET", f"/incidents/{document['id']}", b""),
        )
    ):
        nonce = f"{number}" * 20
        assert (await home.send(method, path, body, nonce=nonce)).status == 200
        assert (await home.send(method, path, body, nonce=nonce)).reason == "replayed"


@pytest.mark.parametrize("ahead", [0, 15], ids=["right", "ahead"])
async def test_a_restart_does_not_make_a_used_request_good_again(
    station: Station, home: Home, restart: Callable[[], Awaitable[Station]], ahead: int
) -> None:
    """Also where the home's clock is ahead of the station's."""
    document = incident()
    path = f"/incidents/{document['id']}"
    created = int(dt_util.utcnow().timestamp()) + ahead
    once: Any = {"nonce": "n" * 24, "created": created}
    assert (await home.send("PUT", path, document, **once)).status == 200
    await restart()
    reply = await home.send("PUT", path, document, **once)
    assert reply.reason in {"replayed", "stale"}
    if ahead:
        assert reply.reason == "replayed"
    assert (await home.put(document)).status == HTTPStatus.OK


async def test_what_was_signed_before_the_start_is_stale(
    station: Station, home: Home, restart: Callable[[], Awaitable[Station]]
) -> None:
    """A crash may have forgotten the last second; the home signs anew with the time."""
    signed = int(dt_util.utcnow().timestamp()) - 10
    await restart()
    reply = await home.send("PUT", f"/incidents/{uuid7()}", incident(), created=signed)
    assert reply.reason == "stale"
    assert reply.body["now"]


async def test_used_nonces_are_on_the_disk_and_leave_it(
    station: Station, home: Home, freezer: FrozenDateTimeFactory
) -> None:
    """For two minutes, not for ever."""

    async def kept() -> int:
        writing = station.intake._nonces.write()
        if writing is not None:
            await writing
        query = select(nonces)
        rows = await station.database.submit(lambda c: c.execute(query).all())
        return len(rows)

    await home.heartbeat()
    await home.heartbeat()
    assert await kept() == 2
    freezer.tick(130)
    await home.heartbeat()
    assert await kept() == 1
    assert await kept() == 1


async def test_a_body_that_was_swapped_is_refused(station: Station, home: Home) -> None:
    """The signature covers its digest, and the digest the body."""
    document = incident()
    reply = await home.send(
        "PUT", f"/incidents/{document['id']}", document, signed_body=b"{}"
    )
    assert reply.reason == "bad_signature"
    assert not station.cases.open


async def test_a_signature_for_another_address_is_refused(
    station: Station, home: Home
) -> None:
    """What was signed for one incident writes no other."""
    first, second = incident(), incident()
    signed = await home.send("PUT", f"/incidents/{first['id']}", first)
    assert signed.status == HTTPStatus.OK
    reply = await home.send("PUT", f"/incidents/{second['id']}", first)
    assert reply.reason == "bad_document"


async def test_a_neighbour_neither_reads_nor_writes_an_incident(
    station: Station, home: Home
) -> None:
    """And cannot tell it from one that does not exist."""
    neighbour = Home(home.client)
    await neighbour.enrol((await station.pair()).text)
    document = incident()
    await home.put(document)
    assert (await neighbour.put(document)).reason == "unknown_household"
    assert (await neighbour.get(document["id"])).reason == "unknown_incident"


# Keys that change


async def test_a_home_changes_its_key_with_the_one_before(
    station: Station, home: Home, freezer: FrozenDateTimeFactory
) -> None:
    """Both count for an hour, then only the new one, also after a restart."""
    old, new = home.key, Key.generate()
    assert (await change_key(home, new)).status == HTTPStatus.OK
    home.key = new
    assert (await home.heartbeat()).status == HTTPStatus.OK
    home.key = old
    assert (await home.heartbeat()).status == HTTPStatus.OK
    freezer.tick(timedelta(minutes=61))
    assert (await home.heartbeat()).reason == "bad_signature"
    home.key = new
    assert (await home.heartbeat()).status == HTTPStatus.OK


async def test_both_keys_count_over_a_restart(
    station: Station, home: Home, restart: Callable[[], Awaitable[Station]]
) -> None:
    """The change was on the disk before it was answered."""
    old, new = home.key, Key.generate()
    await change_key(home, new)
    await restart()
    for home.key in (old, new):
        assert (await home.heartbeat()).status == HTTPStatus.OK


async def test_a_change_whose_answer_was_lost_may_be_repeated(
    station: Station, home: Home
) -> None:
    """With either key, to the same end."""
    old, new = home.key, Key.generate()
    first = await change_key(home, new)
    again = await change_key(home, new)
    home.key = new
    once_more = await change_key(home, new)
    assert first.body == again.body == once_more.body
    home.key = old
    assert (await home.heartbeat()).status == HTTPStatus.OK


async def test_a_former_key_makes_no_further_key(station: Station, home: Home) -> None:
    """Or a thief with an old backup would throw the home out."""
    await change_key(home, Key.generate())
    reply = await change_key(home, Key.generate())
    assert reply.reason == "bad_signature"


@pytest.mark.parametrize(
    "body",
    [
        {"proof": "!"},
        {"proof": b64encode(bytes(64)).decode()},
        {"public_key": "AAAA"},
        {"public_key": Key.generate().public},
        {"proof": None},
    ],
)
async def test_a_key_is_brought_by_who_has_its_private_half(
    station: Station, home: Home, body: dict[str, Any]
) -> None:
    """Nothing changes otherwise."""
    reply = await change_key(home, Key.generate(), body=body)
    assert reply.reason == "bad_document"
    assert (await home.heartbeat()).status == HTTPStatus.OK


async def test_another_households_key_is_not_to_be_had(
    station: Station, home: Home
) -> None:
    """A key belongs to one household."""
    neighbour = Home(home.client)
    await neighbour.enrol((await station.pair()).text)
    assert (await change_key(home, neighbour.key)).reason == "bad_document"
    assert (await neighbour.heartbeat()).status == HTTPStatus.OK


# Households that are served no more, or have lost their key


async def test_a_revoked_household_is_refused_with_that_reason(
    hass: HomeAssistant,
    station: Station,
    home: Home,
    act: Act,
    restart: Callable[[], Awaitable[Station]],
) -> None:
    """Its line ends, its incidents stay, also over a restart; staff is on record."""
    await home.put(incident())
    ending = asyncio.create_task(end_of(await connect(home)))
    await act("revoke_household", household=home.household)
    assert await ending == CloseCode.REVOKED
    reply = await home.heartbeat()
    assert (reply.status, reply.reason) == (HTTPStatus.FORBIDDEN, "revoked")
    assert station.registry.lost == frozenset()
    anew = await restart()
    assert (await home.put(incident())).reason == "revoked"
    assert len(anew.cases.open) == 1
    rows = await anew.database.submit(lambda c: c.execute(select(desk_log)).all())
    assert [(row.action, row.body["household"]) for row in rows] == [
        ("revoke", home.household)
    ]


async def test_a_new_code_brings_a_revoked_household_back(
    station: Station, home: Home
) -> None:
    """The same household, because the key is the same."""
    before = home.household
    assert before is not None
    await station.revoke(before, None)
    assert (await home.enrol((await station.pair()).text)).status == 201
    assert home.household == before
    assert (await home.heartbeat()).status == HTTPStatus.OK


async def test_the_code_that_was_used_brings_a_revoked_household_not_back(
    station: Station, stranger: Home
) -> None:
    """It answers a lost answer, not the staff's decision."""
    code = await station.pair()
    await stranger.enrol(code.text)
    assert stranger.household is not None
    await station.revoke(stranger.household, None)
    assert (await stranger.enrol(code.text)).reason == "bad_code"
    assert (await stranger.heartbeat()).reason == "revoked"


async def test_a_home_that_lost_its_key_is_the_same_household_again(
    station: Station, home: Home, act: Act
) -> None:
    """By a code of the staff for it; from then on the old key opens nothing."""
    old = home.key
    document = incident()
    await home.put(document)
    line = await connect(home)
    code = await act("pairing_code", household=home.household, returns=True)
    ending = asyncio.create_task(end_of(line))
    before, home.key = home.household, Key.generate()
    assert (await home.enrol(code["code"], name="Flat 5, anew")).status == 201
    assert home.household == before
    assert (await home.get(document["id"])).status == HTTPStatus.OK
    assert await ending == CloseCode.REVOKED
    home.key = old
    assert (await home.heartbeat()).reason == "bad_signature"
    assert (await home.enrol(code["code"])).reason == "bad_code"
    assert len(station.registry) == 1


async def test_a_code_for_a_household_is_not_for_its_neighbour(
    station: Station, home: Home
) -> None:
    """A key that belongs to a household already cannot become another's."""
    neighbour = Home(home.client)
    await neighbour.enrol((await station.pair()).text)
    code = await station.pair(home.household)
    assert (await neighbour.enrol(code.text)).reason == "bad_code"
    assert (await home.heartbeat()).status == HTTPStatus.OK


@pytest.mark.parametrize(
    ("action", "returns"), [("pairing_code", True), ("revoke_household", False)]
)
async def test_a_household_that_does_not_exist_is_told(
    station: Station, act: Act, action: str, returns: bool
) -> None:
    """And nothing is written."""
    with pytest.raises(ServiceValidationError) as caught:
        await act(action, household=str(uuid7()), returns=returns)
    assert caught.value.translation_key == "no_such_household"


async def test_a_heartbeat_that_crosses_its_revocation_is_ignored(
    station: Station, home: Home, entry: MockConfigEntry
) -> None:
    """A line may still hold a frame of a household that is gone."""
    assert home.household is not None
    await station.revoke(home.household, None)
    station.registry.heard(home.household)
    assert station.registry.last_seen(home.household) is None
