"""A deletion is asked for wherever the station is, and confirmed by nobody else."""

from base64 import b64encode
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from unittest.mock import patch

from homeassistant.core import HomeAssistant

from aiohttp import web
import pytest

from custom_components.zhian.home.withdrawals import (
    STATION,
    Withdrawal,
    Withdrawals,
    storage,
)
from custom_components.zhian.link.client import API, StationClient
from custom_components.zhian.link.identity import UNKNOWN, deletion_proof
from custom_components.zhian.link.messages import Deletion
from custom_components.zhian.link.problems import CONTENT_TYPE, Reason, problem
from custom_components.zhian.link.signatures import Key
from custom_components.zhian.link.wire_json import optional_utc_text

from ..link.test_endpoints import HOUSEHOLD, KEY, STATION as STATION_KEY, Books, Door
from .flows import home_entry

DONE = datetime(2026, 11, 22, 9, tzinfo=UTC)


class Forgetting(Door):
    """An address at which a household is deleted, or said to be."""

    deleted_at: datetime | None = DONE
    signs = True
    no: Reason | None = None
    now: str | None = None

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        if request.path != f"{API}/household":
            return await super()._answer(request)
        self.calls.append(f"{request.method} /household")
        state = UNKNOWN if self.no else optional_utc_text(self.deleted_at)
        challenge = request.query["challenge"]
        signature = self.key.sign(deletion_proof(HOUSEHOLD, challenge, state))
        proof = b64encode(signature).decode() if self.signs else None
        if self.no is not None:
            more = {"proof": proof} if proof else {}
            if self.now is not None:
                more = {"now": self.now}
            said = problem(self.no, **more)
            if self.no is Reason.STALE:
                self.no = None
            return web.json_response(
                said, status=int(str(said["status"])), content_type=CONTENT_TYPE
            )
        answer = Deletion(
            requested_at=DONE, due=DONE, deleted_at=self.deleted_at, proof=proof
        )
        return web.json_response(answer.as_json())


@pytest.fixture
async def station(socket_enabled: None) -> AsyncIterator[Forgetting]:
    """The station, at the address where the home was enrolled."""
    found = Forgetting(Books())
    await found.open()
    yield found
    await found.close()


@pytest.fixture
async def impostor(socket_enabled: None) -> AsyncIterator[Forgetting]:
    """Somebody else, with another key."""
    found = Forgetting(Books(), Key.generate())
    await found.open()
    yield found
    await found.close()


async def asked(
    hass: HomeAssistant, *addresses: str, **known: Any
) -> tuple[Withdrawals, Withdrawal]:
    """Take consent back at a station and ask it once."""
    first, *others = addresses
    options = {
        "url": first,
        "others": others,
        "allow_http": True,
        "household": HOUSEHOLD,
        "community": "Riverside",
        "station": "Riverside Station",
        "identity": STATION_KEY.public,
        **known,
    }
    entry = home_entry(hass, private_key=KEY.private, station=options)
    withdrawals = Withdrawals(hass, entry)
    noted = await withdrawals.note(STATION, "Riverside Station", is_open=False)
    await withdrawals._ask(noted)
    (left,) = withdrawals.all
    return withdrawals, left


@pytest.mark.parametrize("no", [None, Reason.UNKNOWN_HOUSEHOLD])
async def test_the_station_confirms_with_its_key(
    hass: HomeAssistant, station: Forgetting, no: Reason | None
) -> None:
    """That it is done, or that it was done so long ago that nothing is known."""
    station.no = no
    withdrawals, left = await asked(hass, station.url)
    assert left.confirmed_at is not None
    assert left.private_key is None
    assert not left.is_to_be_confirmed
    await withdrawals.run()
    assert station.calls == ["DELETE /household"], "and is not asked again"


@pytest.mark.parametrize("no", [None, Reason.UNKNOWN_HOUSEHOLD])
@pytest.mark.parametrize("signs", [True, False])
async def test_an_impostor_confirms_nothing(
    hass: HomeAssistant, impostor: Forgetting, no: Reason | None, signs: bool
) -> None:
    """Whatever it says, also at the very address where the home was enrolled."""
    impostor.no, impostor.signs = no, signs
    _, left = await asked(hass, impostor.url)
    assert impostor.calls == ["DELETE /household"]
    assert left.is_to_be_confirmed
    assert left.due is None, "nor does it promise anything"


@pytest.mark.parametrize("no", [None, Reason.UNKNOWN_HOUSEHOLD, Reason.BAD_DOCUMENT])
async def test_behind_an_impostor_the_station_is_asked_where_else_it_is(
    hass: HomeAssistant, impostor: Forgetting, station: Forgetting, no: Reason | None
) -> None:
    impostor.no = no
    _, left = await asked(hass, impostor.url, station.url)
    assert left.confirmed_at is not None
    assert station.calls == ["GET /identity", "DELETE /household"]


async def test_an_impostor_elsewhere_is_asked_nothing(
    hass: HomeAssistant, impostor: Forgetting, station: Forgetting
) -> None:
    """It hears a challenge, and no household."""
    await station.close()
    _, left = await asked(hass, station.url, impostor.url)
    assert impostor.calls == ["GET /identity"]
    assert left.is_to_be_confirmed
    await station.reopen()


async def test_the_other_addresses_outlive_a_restart(
    hass: HomeAssistant, station: Forgetting
) -> None:
    """The entry knows the station no more; what was written down does."""
    await station.close()
    first = await asked(hass, "http://127.0.0.1:9", station.url)
    hass.config_entries.async_update_entry(
        first[0]._entry, data={**first[0]._entry.data, STATION: None}
    )
    await station.reopen()
    again = Withdrawals(hass, first[0]._entry)
    await again.load()
    await again.run()
    (left,) = again.all
    assert left.confirmed_at is not None
    assert left.others == (station.url,)


async def test_what_waits_for_the_desk_is_due_and_asked_again(
    hass: HomeAssistant, station: Forgetting
) -> None:
    station.deleted_at = None
    withdrawals, left = await asked(hass, station.url)
    assert left.due is not None
    assert left.is_to_be_confirmed
    station.deleted_at = DONE
    await withdrawals.run()
    assert withdrawals.all[0].confirmed_at == DONE.isoformat()


async def test_a_home_whose_clock_is_wrong_may_leave(
    hass: HomeAssistant, station: Forgetting
) -> None:
    station.no, station.now = Reason.STALE, DONE.isoformat()
    _, left = await asked(hass, station.url)
    assert left.confirmed_at is not None


async def test_a_no_without_the_time_is_one_more_no(
    hass: HomeAssistant, station: Forgetting
) -> None:
    station.no = Reason.STALE
    withdrawals, left = await asked(hass, station.url)
    assert left.is_to_be_confirmed
    await withdrawals._ask(left)
    assert withdrawals.all[0].confirmed_at is not None


@pytest.mark.parametrize(
    ("url", "is_believed"),
    [("http://127.0.0.1:9", False), ("https://station.example.org", True)],
)
async def test_a_station_without_a_key_is_believed_for_its_certificate(
    hass: HomeAssistant, url: str, is_believed: bool
) -> None:
    """Only: on a plain line anybody could have answered."""
    said = Deletion(requested_at=DONE, due=DONE, deleted_at=DONE).as_json()
    with patch.object(StationClient, "_send", return_value=(200, said)):
        _, left = await asked(hass, url, identity=None)
    assert bool(left.confirmed_at) is is_believed


async def test_what_a_former_version_wrote_is_read(hass: HomeAssistant) -> None:
    entry = home_entry(hass)
    kept = {"id": "1", "receiver": STATION, "name": "S", "at": "", "is_open": False}
    await storage(hass, entry.entry_id).async_save([kept])
    withdrawals = Withdrawals(hass, entry)
    await withdrawals.load()
    assert [w.others for w in withdrawals.all] == [()]
