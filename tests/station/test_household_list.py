"""Whom the station serves: listed for administrators, page by page, and noted."""

from datetime import timedelta
from typing import Any

from homeassistant.core import HomeAssistant

from freezegun.api import FrozenDateTimeFactory
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.zhian.const import DOMAIN
from custom_components.zhian.station import Station

from .below import enrolled
from .conftest import Home, incident
from .test_privacy import consents


async def listed(hass: HomeAssistant, **which: Any) -> dict[str, Any]:
    """Return what an administrator's action gets."""
    said = await hass.services.async_call(
        DOMAIN, "get_households", which, blocking=True, return_response=True
    )
    assert said is not None
    return dict(said)


async def another(station: Station, like: Home, **facts: Any) -> Home:
    """Enrol one more."""
    home = Home(like.client)
    code = await station.registry.new_code()
    assert code is not None
    await home.enrol(code.text, **facts)
    return home


async def test_who_is_enrolled_with_what_was_agreed_and_when_they_go(
    hass: HomeAssistant, station: Station, home: Home, freezer: FrozenDateTimeFactory
) -> None:
    """One in each state; nobody's address."""
    below = await enrolled(station, home.client)
    leaving = await another(station, home, name="Flat 6", consents=consents())
    revoked = await another(station, home, name="Flat 7")
    gone = await another(station, home, name="Flat 8")
    assert revoked.household is not None
    await leaving.put(incident())
    await leaving.send("DELETE", "/household")
    await station.revoke(revoked.household, "Officer")
    await gone.send("DELETE", "/household")
    freezer.tick(timedelta(minutes=4))
    await below.heartbeat()
    station.registry.look_for_lost()
    said = await listed(hass)
    assert said["more"] is False
    found = {one["id"]: one for one in said["households"]}
    states = {
        home.household: ("lost", "home", 0),
        below.household: ("served", "station", 0),
        leaving.household: ("leaving", "home", 1),
        revoked.household: ("revoked", "home", 0),
    }
    for id_, (state, kind, is_open) in states.items():
        one = found[str(id_)]
        assert (one["state"], one["kind"], one["open_incidents"]) == (
            state,
            kind,
            is_open,
        )
        assert one["last_seen"]
    assert found[str(leaving.household)]["deletion_due"]
    assert found[str(leaving.household)]["consents"]["higher"] is True
    assert found[str(home.household)]["consents"] is None
    assert found[str(revoked.household)]["revoked_at"]
    assert "Lane 3" not in str(said)
    assert "+86" not in str(said)
    looks = await station.reads.find(household=leaving.household)
    assert ("households", None) in {(look["how"], look["incident"]) for look in looks}


async def test_a_household_that_is_deleted_is_an_id_and_a_time(
    hass: HomeAssistant, station: Station, home: Home
) -> None:
    await home.send("DELETE", "/household")
    (one,) = (await listed(hass))["households"]
    assert (one["state"], one["name"], one["last_seen"]) == ("deleted", "", None)
    assert one["deleted_at"]


async def test_it_comes_in_pages_and_only_to_administrators(
    hass: HomeAssistant,
    station: Station,
    home: Home,
    hass_ws_client: WebSocketGenerator,
    hass_read_only_access_token: str,
) -> None:
    ids = [home.household]
    ids += [(await another(station, home)).household for _ in range(2)]
    client = await hass_ws_client(hass)
    seen: list[str] = []
    page: dict[str, Any] = {"type": "zhian/station/households", "limit": 2}
    for more in (True, False):
        await client.send_json_auto_id(page)
        result = (await client.receive_json())["result"]
        seen += [one["id"] for one in result["households"]]
        assert result["more"] is more
        page["after"] = seen[-1]
    assert seen == ids
    stranger = await hass_ws_client(hass, hass_read_only_access_token)
    await stranger.send_json_auto_id({"type": "zhian/station/households"})
    refused = await stranger.receive_json()
    assert refused["error"]["code"] == "unauthorized"
    station.reads.close()
    before = await station.reads.find()
    await listed(hass)
    assert await station.reads.find() == before, "what comes after the end is not noted"
