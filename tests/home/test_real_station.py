"""A home and a station, both real, with real sockets between them."""

from collections.abc import AsyncGenerator
from datetime import timedelta
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.zhian import config_flow  # noqa: F401  registers the flow
from custom_components.zhian.const import DOMAIN
from custom_components.zhian.home import key_renewal, station_link
from custom_components.zhian.home.enrolment import enrol
from custom_components.zhian.home.options import HomeOptions
from custom_components.zhian.link import stream
from custom_components.zhian.safety.vocabulary import StationStatus
from custom_components.zhian.station import Station

from .house import DETECTOR, HomeUnderTest
from .test_station_link import LINK, status


class Pair:
    """A home that is enrolled at a station."""

    def __init__(self, home: HomeUnderTest, entry: MockConfigEntry) -> None:
        """Keep both."""
        self.home = home
        self.entry = entry

    @property
    def station(self) -> Station:
        """The running station."""
        station = self.entry.runtime_data
        assert isinstance(station, Station)
        return station

    @property
    def household(self) -> str:
        """The home's name at the station."""
        assert self.home.station is not None
        return str(self.home.station["household"])

    async def connected(self) -> None:
        """Wait for the stream."""
        await self.home.until(lambda: self.household in self.station.lines, "a stream")
        await self.home.until(lambda: self.home.shown(LINK).state == "connected")

    async def restart_station(self) -> None:
        """Start the station anew."""
        hass = self.home.hass
        assert await hass.config_entries.async_reload(self.entry.entry_id)

    async def accepted(self) -> str:
        """Let gas leak; return the incident's number at the station."""
        await self.home.report(DETECTOR, "on")
        await self.home.until(
            lambda: status(self.home) is StationStatus.ACCEPTED, "accepted"
        )
        return str(self.home.incident.station.number)

    async def act(self, action: str, **data: Any) -> None:
        """Act at the desk."""
        await self.home.hass.services.async_call(DOMAIN, action, data, blocking=True)

    async def until(self, wanted: StationStatus) -> None:
        """Wait until the home knows how far the station is."""
        await self.home.until(lambda: status(self.home) is wanted, wanted)


@pytest.fixture
async def pair(
    hass: HomeAssistant,
    home: HomeUnderTest,
    socket_enabled: None,
    hass_client_no_auth: ClientSessionGenerator,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncGenerator[Pair]:
    """A home that is enrolled at a running station, and connected."""
    monkeypatch.setattr(station_link, "ASK_EVERY", 0.02)
    monkeypatch.setattr(stream, "SHORTEST_PAUSE", 0.02)
    monkeypatch.setattr(key_renewal, "TRY_EVERY", 0.02)
    entry = MockConfigEntry(
        domain=DOMAIN,
        unique_id="station",
        title="Riverside Station",
        data={
            "role": "station",
            "name": "Riverside Station",
            "community": "Riverside",
            "latitude": 30.84,
            "longitude": 120.92,
        },
    )
    assert await async_setup_component(hass, DOMAIN, {})
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    url = str((await hass_client_no_auth()).make_url("/"))
    home.state(DETECTOR, "off")
    await home.start()
    assert home.entry is not None
    code = await entry.runtime_data.pair()
    options = HomeOptions.from_mapping(home.entry.data)
    enrolled = await enrol(hass, options, url, code.text, allow_http=True)
    home.station = enrolled.as_data()
    data = {**home.entry.data, "station": home.station}
    hass.config_entries.async_update_entry(home.entry, data=data)
    await home.settle()
    pair = Pair(home, entry)
    await pair.connected()
    yield pair
    await hass.config_entries.async_unload(entry.entry_id)


async def test_an_incident_goes_up_and_its_handling_comes_down(pair: Pair) -> None:
    """From the alarm to the last word of the desk, all of it over the stream."""
    number = await pair.accepted()
    await pair.act("desk_acknowledge", incident=number)
    await pair.until(StationStatus.ACKNOWLEDGED)
    await pair.act("desk_dispatch", incident=number, unit="Patrol 3", eta_minutes=4)
    await pair.until(StationStatus.DISPATCHED)
    assert pair.home.incident.station.unit == "Patrol 3"
    await pair.act("desk_arrive", incident=number)
    await pair.until(StationStatus.ON_SCENE)
    await pair.act("desk_close", incident=number, disposition="resolved")
    await pair.until(StationStatus.CLOSED)
    assert pair.home.incident.station.disposition == "resolved"


async def test_a_question_of_the_desk_comes_back_answered(pair: Pair) -> None:
    """Who holds a key: asked at the desk, answered at home."""
    number = await pair.accepted()
    await pair.act("desk_ask", incident=number, text="Who holds a key?")
    await pair.home.until(lambda: pair.home.incident.questions, "the question")
    await pair.act("answer_station", text="Anna, flat 502")
    await pair.home.until(
        lambda: pair.station.cases.open[0].document.answers, "the answer"
    )
    (answer,) = pair.station.cases.open[0].document.answers
    assert answer.text == "Anna, flat 502"


async def test_the_line_survives_a_restart_of_the_station(pair: Pair) -> None:
    """What the desk did just before it went is known when it is back."""
    number = await pair.accepted()
    before = pair.station
    await pair.act("desk_dispatch", incident=number, unit="Patrol 3")
    await pair.restart_station()
    assert pair.station is not before
    assert len(before.lines) == 0
    await pair.connected()
    await pair.until(StationStatus.DISPATCHED)
    await pair.act("desk_arrive", incident=number)
    await pair.until(StationStatus.ON_SCENE)


async def test_the_line_survives_a_restart_of_the_home(pair: Pair) -> None:
    """The desk went on meanwhile; the home asks once and knows."""
    number = await pair.accepted()
    await pair.home.stop()
    await pair.act("desk_dispatch", incident=number, unit="Patrol 3")
    await pair.act("desk_close", incident=number, disposition="resolved")
    await pair.home.start()
    await pair.until(StationStatus.CLOSED)
    await pair.connected()
    assert len(pair.station.lines) == 1
    assert pair.home.incident.is_open


async def test_a_station_that_goes_is_lost_and_found_again(
    pair: Pair, issue_registry: ir.IssueRegistry
) -> None:
    """A repair at the home, which goes by itself."""
    hass = pair.home.hass
    assert await hass.config_entries.async_unload(pair.entry.entry_id)
    line = pair.home.home.link
    assert line is not None
    for _ in range(3):
        await line._pulse()
    assert issue_registry.async_get_issue(DOMAIN, "station_lost") is not None
    assert await hass.config_entries.async_setup(pair.entry.entry_id)
    await pair.connected()
    assert issue_registry.async_get_issue(DOMAIN, "station_lost") is None


async def test_a_home_that_goes_is_lost_within_180_s_and_found_again(
    pair: Pair,
) -> None:
    """Shown at the station, which clears by itself."""
    await pair.home.stop()
    pair.home.freezer.tick(timedelta(seconds=180))
    pair.station.registry.look_for_lost()
    assert pair.station.registry.lost == {pair.household}
    await pair.home.start()
    await pair.connected()
    assert pair.station.registry.lost == frozenset()


async def test_the_home_changes_its_key_and_stays_connected(pair: Pair) -> None:
    """The station knows it by the new one from then on."""
    assert pair.home.entry is not None
    before = pair.home.entry.data["private_key"]
    await pair.act("renew_key")
    await pair.home.until(
        lambda: pair.home.entry.data["private_key"] != before,  # type: ignore[union-attr]
        "the new key",
    )
    await pair.home.settle()
    await pair.connected()
    assert await pair.accepted()


async def test_a_revoked_home_says_so_and_is_taken_back(
    pair: Pair, issue_registry: ir.IssueRegistry
) -> None:
    """With a new code, as the same household."""
    await pair.act("revoke_household", household=pair.household)
    await pair.home.until(lambda: len(pair.station.lines) == 0, "the end")
    line = pair.home.home.link
    assert line is not None
    await line._pulse()
    assert issue_registry.async_get_issue(DOMAIN, "station_revoked") is not None
    code = await pair.station.pair(pair.household)
    assert pair.home.entry is not None
    assert pair.home.station is not None
    options = HomeOptions.from_mapping(pair.home.entry.data)
    url = pair.home.station["url"]
    again = await enrol(pair.home.hass, options, url, code.text, allow_http=True)
    assert again.household == pair.household
    await pair.connected()
    assert issue_registry.async_get_issue(DOMAIN, "station_revoked") is None


async def test_a_home_whose_clock_is_wrong_heals_it_from_the_station(
    pair: Pair,
) -> None:
    """An hour off: the first answer tells the time, and the stream opens with it."""
    line = pair.home.home.link
    assert line is not None
    client = line._client
    real = client._clock
    client._clock = lambda: real() - 3600
    await pair.restart_station()
    await line._pulse()
    assert client.clock_offset == pytest.approx(3600, abs=60)
    await pair.connected()
