"""Actions of the desk, and the words in which they are refused."""

from datetime import timedelta
import re
from typing import Any

from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import (
    HomeAssistantError,
    ServiceValidationError,
    Unauthorized,
    UnknownUser,
)
from homeassistant.util import dt as dt_util

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser
import voluptuous as vol

from custom_components.zhian.station import Station
from custom_components.zhian.station.desk import Disposition, Status
from custom_components.zhian.store.errors import Trouble, WriteFailed

from .conftest import Act, Home, incident


async def test_the_life_of_an_incident_survives_a_restart(
    hass: HomeAssistant, station: Station, home: Home, act: Act, entry: MockConfigEntry
) -> None:
    """The desk's log is the state."""
    number = (await home.put(incident())).body["number"]
    await act("desk_acknowledge", incident=number)
    await act("desk_dispatch", incident=number, unit="Patrol 3", eta_minutes=4)
    before = station.cases.open[0]
    assert await hass.config_entries.async_reload(entry.entry_id)
    assert entry.runtime_data is not station
    (after,) = entry.runtime_data.cases.open
    assert after == before
    assert after.handling.status is Status.DISPATCHED
    await act("desk_arrive", incident=number)
    await act("desk_close", incident=number, disposition="resolved")
    assert entry.runtime_data.cases.open == []


@pytest.mark.parametrize("disposition", list(Disposition))
async def test_every_disposition_ends_an_incident(
    station: Station, home: Home, act: Act, disposition: Disposition
) -> None:
    """Not everything ends resolved."""
    document = incident()
    number = (await home.put(document)).body["number"]
    await act("desk_close", incident=number, disposition=disposition.value)
    closed = (await home.get(document["id"])).body["closed"]
    assert closed["disposition"] == disposition


@pytest.mark.parametrize(
    ("before", "refused_action"),
    [
        ([], ("desk_arrive", {}, "not_dispatched")),
        ([], ("desk_dispatch", {"unit": " "}, "unit_empty")),
        (["desk_acknowledge"], ("desk_acknowledge", {}, "already_acknowledged")),
        (["desk_close"], ("desk_close", {"disposition": "resolved"}, "already_closed")),
        (["desk_close"], ("desk_acknowledge", {}, "already_closed")),
    ],
)
async def test_what_does_not_fit_is_refused_in_words(
    station: Station,
    home: Home,
    act: Act,
    before: list[str],
    refused_action: tuple[str, dict[str, Any], str],
) -> None:
    """And the case is as it was."""
    action, data, key = refused_action
    document = incident()
    number = (await home.put(document)).body["number"]
    for earlier in before:
        extra = {"disposition": "unfounded"} if earlier == "desk_close" else {}
        await act(earlier, incident=number, **extra)
    case = await station.cases.get(document["id"])
    with pytest.raises(ServiceValidationError) as refused:
        await act(action, incident=number, **data)
    assert refused.value.translation_key == key
    assert refused.value.translation_placeholders == {"incident": number}
    assert await station.cases.get(document["id"]) == case


async def test_an_unknown_incident_is_refused(station: Station, act: Act) -> None:
    """By number or id."""
    with pytest.raises(ServiceValidationError) as refused:
        await act("desk_acknowledge", incident="2026-000001")
    assert refused.value.translation_key == "unknown_incident"


async def test_without_a_station_the_desk_says_so(
    prepared: MockConfigEntry, act: Act
) -> None:
    """The actions exist before and after the station."""
    with pytest.raises(ServiceValidationError) as refused:
        await act("desk_acknowledge", incident="2026-000001")
    assert refused.value.translation_key == "no_station"


@pytest.mark.parametrize(
    ("action", "data"),
    [
        ("desk_close", {"disposition": "whatever"}),
        ("desk_dispatch", {"unit": "x" * 101}),
        ("desk_dispatch", {"unit": "Patrol 3", "eta_minutes": -1}),
        ("desk_acknowledge", {"surplus": 1}),
    ],
)
async def test_arguments_out_of_range_are_refused(
    station: Station, act: Act, action: str, data: dict[str, Any]
) -> None:
    """Before anything is looked up."""
    with pytest.raises(vol.Invalid):
        await act(action, incident="2026-000001", **data)


async def test_people_act_with_their_own_name(
    station: Station, home: Home, act: Act, hass_admin_user: MockUser
) -> None:
    """The household sees who has taken it."""
    document = incident()
    await home.put(document)
    context = Context(user_id=hass_admin_user.id)
    await act("desk_acknowledge", incident=document["id"], context=context)
    view = (await home.get(document["id"])).body
    assert view["acknowledged"]["by"] == hass_admin_user.name


async def test_read_only_and_unknown_users_may_not_act(
    station: Station, home: Home, act: Act, hass_read_only_user: MockUser
) -> None:
    """An action asks the same question as a board's button."""
    number = (await home.put(incident())).body["number"]
    with pytest.raises(Unauthorized):
        await act(
            "desk_acknowledge",
            incident=number,
            context=Context(user_id=hass_read_only_user.id),
        )
    with pytest.raises(UnknownUser):
        await act(
            "desk_acknowledge", incident=number, context=Context(user_id="nobody")
        )
    assert station.cases.open[0].handling.count == 0


async def test_a_disk_that_refuses_is_told_to_the_desk(
    hass: HomeAssistant,
    station: Station,
    home: Home,
    act: Act,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nothing has changed, and the officer knows."""
    number = (await home.put(incident())).body["number"]
    future = hass.loop.create_future()
    future.set_exception(WriteFailed(Trouble.FULL))
    with monkeypatch.context() as full:
        full.setattr(station.database, "submit", lambda *_, **__: future)
        with pytest.raises(HomeAssistantError) as failed:
            await act("desk_acknowledge", incident=number)
    assert failed.value.translation_key == "station_store_failed"
    assert station.cases.open[0].handling.count == 0


async def test_a_pairing_code_comes_with_its_end_and_the_address(
    hass: HomeAssistant,
    station: Station,
    stranger: Home,
    act: Act,
    freezer: FrozenDateTimeFactory,
) -> None:
    """What a household has to type."""
    await hass.config.async_update(internal_url="http://192.168.1.10:8123")
    code = await act("pairing_code", returns=True)
    assert re.fullmatch(r"[2-9A-HJKMNP-TV-Z]{4}-[2-9A-HJKMNP-TV-Z]{4}", code["code"])
    end = dt_util.parse_datetime(code["expires_at"])
    assert end == dt_util.utcnow() + timedelta(minutes=10)
    assert code["url"] == "http://192.168.1.10:8123"
    assert (await stranger.enrol(code["code"])).status == 201


async def test_a_pairing_code_without_a_known_address_is_still_a_code(
    hass: HomeAssistant, station: Station, act: Act, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The address can be told in another way."""
    monkeypatch.setattr(hass.config, "api", None)
    code = await act("pairing_code", returns=True)
    assert code["url"] is None
    assert code["code"]


async def test_only_administrators_make_pairing_codes(
    station: Station, act: Act, hass_read_only_user: MockUser
) -> None:
    """A code is a key to the station."""
    with pytest.raises(Unauthorized):
        await act(
            "pairing_code",
            returns=True,
            context=Context(user_id=hass_read_only_user.id),
        )
