"""A station that is found in the network is offered, and believed only when it proves."""

from collections.abc import AsyncIterator, Iterator
from ipaddress import ip_address
from typing import Any
from unittest.mock import patch

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers.service_info.zeroconf import ZeroconfServiceInfo

from aiohttp import web
import pytest
from yarl import URL

from custom_components.zhian.const import DOMAIN
from custom_components.zhian.home.options import HomeOptions
from custom_components.zhian.link.announcement import SERVICE_TYPE, facts
from custom_components.zhian.link.identity import station_id
from custom_components.zhian.link.pairing_text import PairingText
from custom_components.zhian.link.signatures import Key

from ..link.test_endpoints import STATION as STATION_KEY, Books, Door, doors
from .flows import STATION, Dialog, config_dialog, home_entry, nothing_is_set_up
from .test_flow import ANSWER, CHOSEN, HOME

ID = station_id(STATION_KEY.public)


class Station(Door):
    """A station that enrols."""

    asked: list[dict[str, Any]]

    @property
    def codes(self) -> list[str]:
        """The codes that it was told."""
        return [request["code"] for request in self.asked]

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        if not request.path.endswith("/enrolments"):
            return await super()._answer(request)
        self.asked.append(await request.json())
        said = ANSWER | {"public_key": self.key.public, "addresses": [self.url]}
        return web.json_response(said, status=201)


async def opened(key: Key) -> Station:
    """Open a station."""
    station = Station(Books(), key)
    station.asked = []
    await station.open()
    return station


@pytest.fixture
async def station(socket_enabled: None) -> AsyncIterator[Station]:
    """A station with the key that is announced."""
    found = await opened(STATION_KEY)
    yield found
    await found.close()


@pytest.fixture
async def impostor(socket_enabled: None) -> AsyncIterator[Station]:
    """Somebody who announces another's station."""
    found = await opened(Key.generate())
    yield found
    await found.close()


@pytest.fixture(autouse=True)
def _flows_alone(hass: HomeAssistant) -> Iterator[None]:
    with nothing_is_set_up():
        yield


def announced(url: str, id_: str = ID, **said: str) -> ZeroconfServiceInfo:
    """Return an announcement as Home Assistant hands it over."""
    where = URL(url)
    return ZeroconfServiceInfo(
        ip_address=ip_address(where.host or ""),
        ip_addresses=[ip_address(where.host or "")],
        port=where.port,
        hostname=f"zhian-{id_}.local.",
        type=SERVICE_TYPE,
        name=f"Riverside.{SERVICE_TYPE}",
        properties=facts("Riverside", id_, where, is_https=False) | said,
    )


async def discover(hass: HomeAssistant, info: ZeroconfServiceInfo) -> Dialog:
    """Let Home Assistant find it."""
    dialog = config_dialog(hass)
    dialog.result = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": "zeroconf"}, data=info
    )
    dialog._read()
    return dialog


def in_progress(hass: HomeAssistant) -> list[Any]:
    return list(hass.config_entries.flow.async_progress_by_handler(DOMAIN))


def station_of(entry: Any) -> Any:
    return HomeOptions.from_mapping(entry.data).station


async def test_without_a_home_it_leads_to_one_that_knows_the_station(
    hass: HomeAssistant, station: Station
) -> None:
    dialog = await discover(hass, announced(station.url))
    assert dialog.step == "found"
    (flow,) = in_progress(hass)
    assert flow["context"]["title_placeholders"] == {"name": "Riverside"}
    assert station.calls == [], "nothing before a person agrees"
    await dialog.submit()
    await dialog.submit(**HOME)
    await dialog.submit(contacts=[])
    assert dialog.step == "enrol"
    assert dialog.filled_in["url"] == station.url
    await dialog.submit(url=station.url, code="ABCD-2345", allow_http=False)
    assert dialog.errors == {"allow_http": "http_not_allowed"}
    again = await discover(hass, announced(station.url))
    assert again.result["reason"] == "already_in_progress"
    result = await dialog.submit(url=station.url, code="ABCD-2345", allow_http=True)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["result"].unique_id == "home"
    assert station_of(result["result"]).identity == STATION_KEY.public
    assert station.calls == ["GET /identity"], "before the code was sent"
    assert station.codes == ["ABCD-2345"]


async def test_an_offer_from_before_there_was_a_home_leads_to_joining(
    hass: HomeAssistant, station: Station
) -> None:
    """Nobody fills in a whole home to be told at the end that there is one."""
    dialog = await discover(hass, announced(station.url))
    assert dialog.step == "found"
    home_entry(hass)
    await dialog.submit()
    assert dialog.step == "join"


async def test_an_offer_from_before_the_home_had_a_station_says_so(
    hass: HomeAssistant, station: Station
) -> None:
    dialog = await discover(hass, announced(station.url))
    home_entry(hass, station=STATION)
    result = await dialog.submit()
    assert result["reason"] == "at_another_station"


async def test_a_home_without_a_station_joins_it(
    hass: HomeAssistant, station: Station
) -> None:
    entry = home_entry(hass)
    dialog = await discover(hass, announced(station.url))
    assert dialog.step == "join"
    assert dialog.filled_in == {"url": station.url, "allow_http": False} | CHOSEN
    await dialog.submit(url=station.url, allow_http=True)
    assert dialog.errors == {"code": "code_missing"}
    await dialog.submit(url=" ", code=" ", allow_http=True)
    assert dialog.errors == {"code": "code_missing", "url": "url_missing"}
    result = await dialog.submit(url=station.url, code="ABCD-2345", allow_http=True)
    assert result["reason"] == "joined_station"
    assert station_of(entry).url == station.url
    again = await discover(hass, announced(station.url))
    assert again.result["reason"] == "already_at_station"


async def test_what_a_station_that_was_found_may_be_told_is_chosen_too(
    hass: HomeAssistant, station: Station
) -> None:
    """As in every dialog where one is added; nothing goes out before it fits."""
    entry = home_entry(hass)
    dialog = await discover(hass, announced(station.url))
    ticket = {"url": station.url, "code": "ABCD-2345", "allow_http": True}
    await dialog.submit(**ticket, purposes=["contact"])
    assert dialog.errors == {"contact": "contact_missing"}
    assert station.calls == []
    result = await dialog.submit(
        **ticket, purposes=["contact"], contact="Anna 555", keep_days=30
    )
    assert result["reason"] == "joined_station"
    agreement = station_of(entry).agreement
    assert agreement.purposes == {"contact"}
    assert agreement.keep_days == 30
    (asked,) = station.asked
    assert asked["contact"] == "Anna 555"
    assert asked["consents"]["keep_days"] == 30
    assert asked.get("address") is None
    assert asked.get("latitude") is None


async def test_the_code_goes_to_nobody_who_cannot_prove_to_be_the_station(
    hass: HomeAssistant, impostor: Station
) -> None:
    """A name and letters can be copied; the key behind them cannot."""
    entry = home_entry(hass)
    dialog = await discover(hass, announced(impostor.url))
    await dialog.submit(url=impostor.url, code="ABCD-2345", allow_http=True)
    assert dialog.errors == {"url": "another_station"}
    assert impostor.codes == []
    assert impostor.calls == ["GET /identity"]
    assert station_of(entry) is None


async def test_what_was_scanned_says_where_and_who(
    hass: HomeAssistant, station: Station, impostor: Station
) -> None:
    """One field: the address beside it need not be filled, and a wrong one is passed."""
    home_entry(hass)
    dialog = await discover(hass, announced(impostor.url))
    text = PairingText.of("ABCD-2345", [impostor.url, station.url], ID).text
    result = await dialog.submit(code=text, allow_http=True)
    assert result["reason"] == "joined_station"
    assert impostor.codes == []
    assert station.codes == ["ABCD-2345"]


async def test_a_code_of_another_station_is_told(
    hass: HomeAssistant, station: Station
) -> None:
    home_entry(hass)
    dialog = await discover(hass, announced(station.url))
    other = station_id(Key.generate().public)
    text = PairingText.of("ABCD-2345", [station.url], other).text
    await dialog.submit(url=station.url, code=text, allow_http=True)
    assert dialog.errors == {"code": "code_of_another_station"}
    await dialog.submit(url=station.url, code="https://example.org", allow_http=True)
    assert dialog.errors == {"code": "bad_pairing_text"}
    await dialog.submit(code="ABCD-2345", allow_http=True)
    assert dialog.errors == {"url": "url_missing"}
    assert station.calls == []


async def test_a_home_that_was_enrolled_meanwhile_is_not_enrolled_again(
    hass: HomeAssistant, station: Station
) -> None:
    entry = home_entry(hass)
    dialog = await discover(hass, announced(station.url))
    hass.config_entries.async_update_entry(
        entry, data={**entry.data, "station": STATION}
    )
    result = await dialog.submit(url=station.url, code="ABCD-2345", allow_http=True)
    assert result["reason"] == "already_at_station"
    assert station.codes == []


async def test_a_home_of_another_station_is_left_alone(
    hass: HomeAssistant, station: Station
) -> None:
    home_entry(hass, station=STATION | {"identity": Key.generate().public})
    dialog = await discover(hass, announced(station.url))
    assert dialog.result["reason"] == "at_another_station"
    assert station.calls == []


async def test_what_is_not_for_this_version_is_not_offered(hass: HomeAssistant) -> None:
    dialog = await discover(hass, announced("http://192.168.1.9:8123", v="2"))
    assert dialog.result["reason"] == "not_for_this_version"


async def test_ignored_stays_ignored_and_two_announcements_are_one(
    hass: HomeAssistant,
) -> None:
    await discover(hass, announced("http://192.168.1.9:8123"))
    again = await discover(hass, announced("http://192.168.1.10:8123"))
    assert again.result["reason"] == "already_in_progress"
    (flow,) = in_progress(hass)
    await hass.config_entries.flow.async_init(
        DOMAIN,
        context={"source": "ignore"},
        data={"unique_id": flow["context"]["unique_id"], "title": "Riverside"},
    )
    assert in_progress(hass) == []
    again = await discover(hass, announced("http://192.168.1.9:8123"))
    assert again.result["reason"] == "already_configured"
    (ignored,) = hass.config_entries.async_entries(DOMAIN)
    assert ignored.supported_subentry_types == {}
    assert not ignored.supports_options
    await hass.config_entries.async_remove(ignored.entry_id)


# --- a station that has moved --------------------------------------------------------


async def moved(
    hass: HomeAssistant, found: Station, before: str, **known: Any
) -> tuple[str, ...]:
    """Let a home hear of its station elsewhere; return the addresses that it keeps."""
    data = {"url": before, "identity": STATION_KEY.public, "allow_http": True}
    entry = home_entry(hass, station=STATION | data | known)
    dialog = await discover(hass, announced(found.url))
    assert dialog.result["reason"] == "already_at_station"
    kept: tuple[str, ...] = station_of(entry).addresses
    return kept


async def test_a_station_that_has_moved_is_followed_once_it_has_proved_itself(
    hass: HomeAssistant, station: Station
) -> None:
    """In the place of the address that it has left; where it was enrolled stays known."""
    async with doors(STATION_KEY) as (gone,):
        await gone.close()
        public = "https://station.example.org"
        kept = await moved(hass, station, gone.url, others=[public])
        assert kept == (station.url, public)
        (entry,) = hass.config_entries.async_entries(DOMAIN)
        assert station_of(entry).proven == gone.url
        await gone.reopen()


async def test_an_impostor_is_not_followed(
    hass: HomeAssistant, impostor: Station
) -> None:
    async with doors(STATION_KEY) as (gone,):
        await gone.close()
        assert await moved(hass, impostor, gone.url) == (gone.url,)
        assert set(impostor.calls) == {"GET /identity"}
        await gone.reopen()


async def test_a_station_that_is_where_it_was_is_left_there(
    hass: HomeAssistant, station: Station
) -> None:
    async with doors(STATION_KEY) as (there,):
        assert await moved(hass, station, there.url) == (there.url,)


@pytest.mark.parametrize(
    "known",
    [
        {"allow_http": False, "url": "https://192.168.1.5:8123"},
        {"url": "https://station.example.org"},
    ],
    ids=["http was not allowed", "it has public addresses only"],
)
async def test_an_announcement_opens_no_way_that_nobody_chose(
    hass: HomeAssistant, station: Station, known: dict[str, Any]
) -> None:
    url = known.pop("url")
    assert await moved(hass, station, url, **known) == (url,)


async def test_an_address_that_is_known_is_not_asked(
    hass: HomeAssistant, station: Station
) -> None:
    assert await moved(hass, station, station.url) == (station.url,)
    assert station.calls == []


async def test_a_public_name_in_an_announcement_is_not_followed(
    hass: HomeAssistant,
) -> None:
    """Anybody in the network could send the home anywhere in the world."""
    known = {"url": "http://192.168.1.5:8123", "identity": STATION_KEY.public}
    entry = home_entry(hass, station=STATION | known | {"allow_http": True})
    elsewhere = announced("http://192.168.1.9:8123", https="1", host="far.example.org")
    with patch("aiohttp.ClientSession.request", side_effect=AssertionError):
        dialog = await discover(hass, elsewhere)
    assert dialog.result["reason"] == "already_at_station"
    assert station_of(entry).addresses == ("http://192.168.1.5:8123",)
