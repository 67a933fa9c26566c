"""The addresses of the station in the dialog of the home."""

from collections.abc import AsyncIterator, Iterator

from homeassistant.core import HomeAssistant

import pytest

from custom_components.zhian.home.options import HomeOptions
from custom_components.zhian.link.signatures import Key

from ..link.test_endpoints import STATION as STATION_KEY, Door, doors
from .flows import STATION, Dialog, home_entry, nothing_is_set_up, reconfigure


@pytest.fixture(autouse=True)
def _flows_alone(hass: HomeAssistant) -> Iterator[None]:
    with nothing_is_set_up():
        yield


@pytest.fixture
async def found(socket_enabled: None) -> AsyncIterator[list[Door]]:
    """Open an address of the station, one of another, and one that is closed."""
    async with doors(STATION_KEY, Key.generate(), STATION_KEY) as opened:
        await opened[2].close()
        yield opened
        await opened[2].reopen()


async def open_addresses(hass: HomeAssistant, **station: object) -> Dialog:
    """Open the dialog of a home that knows its station's key."""
    known = {"identity": STATION_KEY.public, **station}
    dialog = await reconfigure(hass, home_entry(hass, station=STATION | known))
    await dialog.choose("addresses")
    return dialog


async def test_addresses_are_kept_in_the_order_that_a_person_wants(
    hass: HomeAssistant, found: list[Door]
) -> None:
    """One that is silent now is kept; where it was enrolled stays known."""
    dialog = await open_addresses(hass)
    assert dialog.filled_in == {"addresses": [STATION["url"]], "allow_http": False}
    typed = [f"{found[0].url}/lovelace", found[2].url, "", STATION["url"]]
    result = await dialog.submit(addresses=typed, allow_http=True)
    assert result["reason"] == "reconfigure_successful"
    (entry,) = hass.config_entries.async_entries("zhian")
    station = HomeOptions.from_mapping(entry.data).station
    assert station is not None
    assert station.addresses == (found[0].url, found[2].url, STATION["url"])
    assert station.proven == STATION["url"]
    assert station.allow_http is True
    assert found[0].calls == ["GET /identity"]


async def test_who_is_not_the_station_is_told_at_once(
    hass: HomeAssistant, found: list[Door]
) -> None:
    dialog = await open_addresses(hass)
    await dialog.submit(addresses=[found[1].url], allow_http=True)
    assert dialog.errors == {"addresses": "another_station"}
    found[0].claims = lambda _: "station.example.org"
    await dialog.submit(addresses=[found[0].url], allow_http=True)
    assert dialog.errors == {"addresses": "another_station"}
    assert dialog.filled_in["addresses"] == [found[0].url]


async def test_a_station_without_a_key_is_believed_where_a_person_says(
    hass: HomeAssistant, found: list[Door]
) -> None:
    dialog = await open_addresses(hass, identity=None)
    result = await dialog.submit(addresses=[found[1].url], allow_http=True)
    assert result["reason"] == "reconfigure_successful"
    assert found[1].calls == []


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        ([], {"addresses": "url_missing"}),
        (["station"], {"addresses": "not_an_address"}),
        (["http://192.168.1.9"], {"allow_http": "http_not_allowed"}),
        ([f"https://{n}.example.org" for n in range(6)], None),
    ],
)
async def test_what_cannot_be_an_address_is_told(
    hass: HomeAssistant, typed: list[str], error: dict[str, str] | None
) -> None:
    dialog = await open_addresses(hass, identity=None)
    await dialog.submit(addresses=typed, allow_http=False)
    assert dialog.errors == (error or {"addresses": "too_many_addresses"})


async def test_every_address_keeps_to_the_rules(hass: HomeAssistant) -> None:
    """Also with http allowed: not in public."""
    dialog = await open_addresses(hass)
    await dialog.submit(
        addresses=["https://a.example", "http://b.example"], allow_http=True
    )
    assert dialog.errors == {"addresses": "http_to_public"}
